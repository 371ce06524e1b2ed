//! `dmp export` and `dmp explain`, decided and journalled as the bearer of the token.

use crate::common::{Demo, Request};
use crate::tools::{Run, dmp, resources, unique_id, verifies_running_and_stopped};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

const MARIE: &str = "284073523811416";

fn export(demo: &Demo, token: &str, out: &Path) -> Run {
    let url = format!("http://{}", demo.authority);
    let out = out.to_str().unwrap();
    dmp(["export", "--url", &url, "--token", token, "--ins", MARIE, "--out", out])
}

/// Files of a zip, by name.
fn files(zip: &PathBuf) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(zip).unwrap()).unwrap();
    let mut files = BTreeMap::new();
    for place in 0..archive.len() {
        let mut file = archive.by_index(place).unwrap();
        let (name, mut bytes) = (file.name().unwrap().into_owned(), Vec::new());
        file.read_to_end(&mut bytes).unwrap();
        assert!(files.insert(name.clone(), bytes).is_none(), "{name} twice");
    }
    files
}

/// The text between two marks.
fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    text.split(start).nth(1).unwrap_or_else(|| panic!("no {start}")).split(end).next().unwrap()
}

fn ids(lines: &[Value]) -> BTreeSet<&str> {
    lines.iter().map(|line| line["id"].as_str().unwrap()).collect()
}

#[test]
fn a_whole_dossier_is_taken_away_as_xdm_media_with_its_journal() {
    let mut demo = Demo::start();
    let marie = demo.persona("marie");
    let before = resources(&demo, "/fhir/AuditEvent?_count=100", &marie);
    let out = demo.dir.join("marie.zip");
    let run = export(&demo, &marie, &out);
    assert_eq!(run.code, Some(0), "{run:?}");

    let record = resources(&demo, "/fhir/DocumentReference?_count=100", &marie);
    let mut files = files(&out);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let metadata = text(files.remove("IHE_XDM/SUBSET01/METADATA.XML").unwrap());
    let index = text(files.remove("INDEX.HTM").unwrap());
    assert!(!files.remove("README.TXT").unwrap().is_empty());
    let journal: Vec<Value> = serde_json::from_slice(&files.remove("JOURNAL/AUDIT.JSN").unwrap()).unwrap();
    assert!(text(files.remove("JOURNAL/JOURNAL.HTM").unwrap()).contains("a lu un document"));

    // Each entry names a file, and the file holds the bytes that ITI-68 gives.
    let entries: Vec<&str> = metadata.split("<rim:ExtrinsicObject ").skip(1).collect();
    let mut exported = BTreeSet::new();
    for entry in entries {
        let name = between(entry, "<rim:Slot name=\"URI\"><rim:ValueList><rim:Value>", "<");
        let lid = between(entry, "lid=\"urn:uuid:", "\"");
        let bytes = files.remove(&format!("IHE_XDM/SUBSET01/{name}")).unwrap_or_else(|| panic!("{name}"));
        let binary = Request::get(&format!("/fhir/Binary/{lid}")).bearer(&marie).header("Accept", "*/*");
        assert!(demo.send(&binary).body == bytes, "{name}");
        assert_eq!(between(entry, "name=\"size\"><rim:ValueList><rim:Value>", "<"), bytes.len().to_string());
        assert!(index.contains(&format!("IHE_XDM/SUBSET01/{name}")), "{name} in the index");
        exported.insert(lid.to_owned());
    }
    assert_eq!(files.keys().collect::<Vec<_>>(), Vec::<&String>::new(), "every file has its entry");
    assert_eq!(exported, record.iter().map(|r| r["id"].as_str().unwrap().to_owned()).collect());
    for reference in &record {
        assert!(metadata.contains(&unique_id(reference)), "{}", unique_id(reference));
    }

    // The journal, up to the export itself.
    assert!(ids(&journal).is_superset(&ids(&before)));
    assert!(journal.iter().any(|line| line["subtype"][1]["code"] == "Export" && line["outcome"] == "0"));
    assert_eq!(ids(&journal).len(), journal.len());
    assert!(
        run.out.contains(&format!("{} documents, {} journal lines", record.len(), journal.len())),
        "{}",
        run.out
    );

    // Nothing is overwritten, and who may not take it away gets no file.
    let zip = std::fs::read(&out).unwrap();
    assert_eq!(export(&demo, &marie, &out).code, Some(1));
    assert!(std::fs::read(&out).unwrap() == zip);
    let other = demo.dir.join("other.zip");
    let refused = export(&demo, &demo.persona("dr-roux"), &other);
    assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""), "{}", refused.err);
    assert!(refused.err.contains("AccessDenied") && !other.exists(), "{}", refused.err);
    let lines = resources(&demo, "/fhir/AuditEvent?subtype=Export&outcome=4", &marie);
    assert_eq!(lines.len(), 1, "the refusal is in her journal");
    verifies_running_and_stopped(&mut demo);
}

#[test]
fn who_sees_what_and_why_is_a_table() {
    let mut demo = Demo::start();
    let marie = demo.persona("marie");
    let url = format!("http://{}", demo.authority);
    let explain = |token: &str, who: &str| {
        dmp(["explain", "--url", &url, "--token", token, "--ins", MARIE, "--as", who])
    };
    let found = |token: &str| {
        let path = format!(
            "/fhir/DocumentReference?patient.identifier=urn:oid:1.2.250.1.213.1.4.10%7C{MARIE}&_count=100"
        );
        resources(&demo, &path, token).len()
    };
    let all = found(&marie);
    // Who, whether the search is permitted, how many documents are seen, and a rule that hides one.
    let rows = [
        ("opticien-lenoir", "searches", found(&demo.persona("opticien-lenoir")), "not seen (VIS-1"),
        ("dr-martin", "searches", found(&demo.persona("dr-martin")), "not seen (VIS-1"),
        ("ide-petit", "searches", found(&demo.persona("ide-petit")), "not seen (VIS-3"),
        ("dr-travail", "searches", 0, "not seen (FCT-5"),
        ("secretaire-blanc", "does not search", 0, "not seen (FCT-1"),
        ("pilote", "does not search", 0, "not seen (FCT-6"),
    ];
    for (who, search, seen, hidden) in rows {
        let run = explain(&marie, who);
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{who}");
        let lines: Vec<&str> = run.out.lines().collect();
        assert_eq!(lines.len(), all + 2, "{who}");
        assert!(lines[0].starts_with(&format!("{who} {search} (")), "{}", lines[0]);
        assert_eq!(lines[all + 1], format!("{seen} of {all} documents seen"), "{who}");
        let table = &lines[1..=all];
        let said_seen =
            table.iter().filter(|line| line.contains(" seen (") && !line.contains(" not seen (")).count();
        assert_eq!(said_seen, seen, "{who}");
        assert!(table.iter().any(|line| line.contains(hidden)), "{who}: {hidden}: {}", run.out);
    }
    // The médecin traitant may ask; another doctor may not; nobody is nobody.
    assert_eq!(explain(&demo.persona("dr-martin"), "ide-petit").code, Some(0));
    for (token, who) in [(demo.persona("dr-roux"), "ide-petit"), (marie, "dr-nobody")] {
        let run = explain(&token, who);
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{who}: {}", run.err);
    }
    verifies_running_and_stopped(&mut demo);
}

#[test]
fn the_signature_of_a_lot_goes_with_it() {
    let mut demo = Demo::start();
    let (sandbox, letter) = (demo.dir.join("sandbox"), demo.dir.join("letter.xml"));
    let template = include_str!("../../../../../tests/lps/consultation.xml");
    let filled = [
        ("{unique_id}", "1.2.250.1.999.9.31"),
        ("{now}", "20260105093000+0100"),
        ("{ins}", MARIE),
        ("{person}", "899900900012"),
        ("{family}", "Martin"),
        ("{given}", "Paul"),
        ("{structure}", "499900900012001"),
        ("{structure_name}", "Cabinet"),
    ];
    let text = filled.iter().fold(template.to_owned(), |text, (key, value)| text.replace(key, value));
    std::fs::write(&letter, text).unwrap();
    let authority = demo.data().join("authority");
    let [authority, sandbox, letter] = [&authority, &sandbox, &letter].map(|path| path.to_str().unwrap());
    let made = dmp(["lps", "sandbox", "--authority", authority, "--out", sandbox]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let (url, doctor) = (format!("http://{}", demo.authority), format!("{sandbox}/medecin"));
    let published = dmp(["lps", "--url", &url, "--certificate", &doctor, "publish", "--sign-lot", letter]);
    assert_eq!(published.code, Some(0), "{published:?}");

    let out = demo.dir.join("marie.zip");
    let run = export(&demo, &demo.persona("marie"), &out);
    assert_eq!(run.code, Some(0), "{run:?}");
    let signature = String::from_utf8(files(&out).remove("SIGNATUR/LOT00001.XML").unwrap()).unwrap();
    assert!(signature.contains("urn:oid:1.2.250.1.999.9.31"), "the manifest names the document");
    assert!(demo.is_running());
}
