//! Each command: its lines, the same as JSON, its exit code.

use crate::office::{BIOLOGY, MARIE, NOBODY, Office};
use serde_json::{Value, json};

/// Columns of a line.
fn columns(line: &str) -> Vec<&str> {
    line.split('\t').collect()
}

#[test]
fn each_command_says_what_it_did_in_lines_and_in_json() {
    let office = Office::shared();
    let json = |words: &str| {
        let said = office.marie("medecin", &format!("--json {words}"));
        assert_eq!((said.code, said.err.as_str(), said.out.lines().count()), (0, "", 1), "{words}: {said:?}");
        said.json()
    };
    let plain = |words: &str| office.done("medecin", words);
    let one = |words: &str| plain(words).join("\n");

    assert_eq!(one("exists"), "active VALIDE medecin_traitant=true");
    let existence = json("exists");
    assert_eq!(
        (&existence["status"], &existence["authorisation"], &existence["medecin_traitant"]),
        (&json!("active"), &json!("VALIDE"), &json!(true))
    );
    assert_eq!(existence["patient"]["ids"][0], json!({"value": MARIE, "oid": "1.2.250.1.213.1.4.10"}));
    let nothing = office.lps("medecin", &format!("--ins {NOBODY} exists"));
    assert_eq!(
        (nothing.code, nothing.out.as_str()),
        (0, "inexistant - medecin_traitant=false\n"),
        "an answer"
    );

    // Who may read, and the lists of it.
    let listed = |lines: Vec<String>, id: &str| lines.into_iter().find(|line| line.starts_with(id));
    assert_eq!(office.done("dentiste", "authorise --remove"), ["done Autorisation supprimée"]);
    let said = office.marie("dentiste", "search");
    assert!(said.code == 1 && said.out.starts_with("refused DMPAutorisationInexistante "), "{said:?}");
    assert!(listed(plain("authorisations"), "899900900020\tACTIVE").is_none());
    assert_eq!(office.done("dentiste", "authorise"), ["done Autorisation ajoutée"]);
    let dentist = listed(plain("authorisations"), "899900900020").unwrap();
    assert_eq!(columns(&dentist), ["899900900020", "ACTIVE", "-", "Roux Claire"]);
    assert!(json("authorise")["done"].as_str().is_some_and(|context| !context.is_empty()));
    let rows = json("authorisations --list INTERDITE");
    let rows = rows.as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["mode"] == "INTERDITE"), "{rows:?}");

    let marie = listed(plain("patients"), MARIE).unwrap();
    assert_eq!(columns(&marie)[1..4], ["DURAND", "MARIE", "19840712"]);
    let everybody = json("patients --by last-document --since 20200101");
    let row = everybody.as_array().unwrap().iter().find(|row| row["ids"][0]["value"] == MARIE).unwrap();
    assert_eq!((&row["first_name"], &row["medecin_traitant"]), (&json!("MARIE"), &json!(true)));
    assert_eq!(plain("patients --since 20990101"), [""; 0]);

    let administrative = one("administrative");
    assert_eq!(columns(&administrative)[..5], [MARIE, "LE GALL", "MARIE", "19840712", "F"]);
    assert_eq!(json("administrative")[0]["birth_date"], "19840712");

    let found = plain("search --type 11502-2 --from 20251201 --to 20251231");
    assert_eq!(found.len(), 1, "{found:?}");
    let date = "20251226094000";
    let title = "Compte rendu d'examens biologiques";
    assert_eq!(columns(&found[0]), [BIOLOGY, "11502-2", "Approved", "N", date, title]);
    let found = json("search --type 11502-2 --from 20251201 --to 20251231");
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    let size = found[0]["size"].as_str().unwrap();
    assert_eq!((&found[0]["uniqueId"], &found[0]["confidentiality"]), (&json!(BIOLOGY), &json!(["N"])));

    // The bytes: in a file, on standard output, in JSON.
    let retrieve = format!("retrieve {BIOLOGY}");
    assert_eq!(one(&format!("{retrieve} --out document.xml")), format!("retrieved {BIOLOGY} {size} bytes"));
    let bytes = std::fs::read(office.path("document.xml")).unwrap();
    assert_eq!(bytes.len().to_string(), size);
    assert_eq!(office.marie("medecin", &retrieve).out.into_bytes(), bytes);
    let retrieved = json(&retrieve);
    use base64::Engine as _;
    let content = base64::engine::general_purpose::STANDARD.decode(retrieved["content"].as_str().unwrap());
    assert_eq!(content.unwrap(), bytes);
    let told = json(&format!("{retrieve} --out again.xml"));
    assert_eq!(told, json!({"uniqueId": BIOLOGY, "mimeType": "text/xml", "size": bytes.len()}));
    assert_eq!(std::fs::read(office.path("again.xml")).unwrap(), bytes);

    // A document's life.
    let (file, uid) = office.synthesis();
    let published = office.lps("medecin", &format!("publish {file}"));
    assert_eq!(
        (published.code, published.out),
        (0, format!("published {uid} {file}\n")),
        "{}",
        published.err
    );
    let (file, other) = office.synthesis();
    assert_eq!(json(&format!("publish {file}")), json!({"published": [other]}));
    let state =
        |uid: &str| office.line_of("medecin", uid, "--status approved --status archived --status deleted");
    let is = |uid: &str, words: &str| {
        let line = state(uid).unwrap();
        assert_eq!(columns(&line)[2..4].join(" "), words, "{line}");
    };
    for (command, word, after) in [
        ("mask", "masked", "Approved N+MASQUE_PS"),
        ("unmask", "unmasked", "Approved N"),
        ("archive", "archived", "Archived N"),
        ("unarchive", "unarchived", "Approved N"),
        ("delete", "deleted", "Deleted N"),
    ] {
        assert_eq!(one(&format!("{command} {uid}")), format!("{word} {uid}"));
        is(&uid, after);
        assert_eq!(json(&format!("{command} {other}")), json!({word: other}));
        is(&other, after);
    }
    assert_eq!(office.line_of("medecin", &uid, ""), None, "nobody lists what is deleted without asking");
}

#[test]
fn a_refusal_has_its_code_and_a_wrong_command_line_another_exit() {
    let office = Office::shared();
    let marie = format!("--ins {MARIE}");
    let (file, uid) = office.synthesis();
    let other = office.synthesis().0;
    std::fs::write(office.path("not.xml"), "<a/>").unwrap();
    office.done("medecin", &format!("publish {file}"));
    office.done("medecin", &format!("delete {uid}"));
    for (words, code, starts) in [
        // Refused: a line that starts with the token.
        (format!("--ins {NOBODY} search"), 1, "refused XDSUnknownPatientId "),
        (
            format!("{marie} --ins-oid 1.2.250.1.213.1.4.8 search"),
            1,
            "refused InvalidSecurityToken `resource-id` : ",
        ),
        (format!("{marie} retrieve 1.2.3"), 1, "refused XDSDocumentUniqueIdError uniqueId=1.2.3"),
        (format!("{marie} mask 1.2.3"), 1, "refused XDSDocumentUniqueIdError "),
        (format!("{marie} unarchive {BIOLOGY}"), 1, "refused XDSMetadataUpdateOperationError "),
        (format!("{marie} archive {uid}"), 1, "refused XDSMetadataUpdateOperationError "),
        (format!("--ins {NOBODY} publish {file}"), 1, "refused XDSUnknownPatientId "),
        ("candidates --family LE --birth 1984".to_owned(), 1, "refused DMPAccessDeniedByRightsService "),
        // Failed: no answer of a server, no document.
        (format!("{marie} --url http://127.0.0.1:1 exists"), 1, "dmp: `http://127.0.0.1:1` does not answer"),
        ("publish absent.xml".to_owned(), 1, "dmp: `absent.xml`: No such file"),
        ("publish not.xml".to_owned(), 1, "dmp: `not.xml`: "),
        // A wrong command line.
        ("exists".to_owned(), 2, "error: this transaction needs the INS of a patient"),
        ("--ins 284073523811417 exists".to_owned(), 2, "error: --ins: "),
        (format!("{marie} --ins-oid 1.2.3 exists"), 2, "error: --ins-oid: `1.2.3` assigns no INS"),
        (format!("{marie} search --from demain"), 2, "error: invalid value 'demain'"),
        (format!("{marie} --url ftp://localhost exists"), 2, "error: `ftp://localhost` is neither"),
        (
            format!("{marie} --url http://localhost/services exists"),
            2,
            "error: `http://localhost/services`: ",
        ),
        (format!("{marie} --mode urgence exists"), 2, "error: invalid value 'urgence'"),
        (format!("{marie} --reason x exists"), 2, "error: --reason goes with --mode bris_de_glace"),
        (format!("{marie} --mode centre_15 --reason x exists"), 2, "error: --reason goes with"),
        (format!("publish {file} {other} --replace 1.2.3"), 2, "error: --replace goes with one file"),
        (format!("{marie} --key k.pem exists"), 2, "error: --key goes with a certificate file"),
        (format!("{marie} open"), 2, "error: unrecognized subcommand"),
        (String::new(), 2, "error: 'dmp lps' requires a subcommand"),
    ] {
        office.check("medecin", &words, code, starts);
    }
    let nobody = office.dmp(&["lps", "--ins", MARIE, "exists"]);
    assert_eq!((nobody.code, nobody.out.as_str()), (2, ""));
    assert!(nobody.err.starts_with("error: --certificate (or DMP_CERTIFICATE) is needed"), "{nobody:?}");
    office.check("nobody", &format!("{marie} exists"), 2, "error: --certificate is a folder, or a file");

    let refused = office.marie("medecin", "--json retrieve 1.2.3");
    assert_eq!((refused.code, refused.err.as_str()), (1, ""));
    let told = refused.json();
    assert_eq!(told["refused"]["code"], "XDSDocumentUniqueIdError");
    assert_eq!(told["refused"]["errors"][0]["location"], "DocumentRequest[1]");
    let fault = office.marie("secretaire", "--json search").json();
    assert_eq!(fault["refused"]["code"], "DMPAccessDeniedByRightsService");
    assert_eq!(fault["refused"]["errors"], Value::Array(Vec::new()));
}
