//! Lots: several documents, a replacement, a signature, documents hidden from the start.

use crate::office::{MARIE, Office};

const EVERY: &str = "--status approved --status deprecated --status archived --status deleted";

/// Status and confidentiality of a document as the doctor sees it.
fn state(office: &Office, uid: &str) -> Option<String> {
    let line = office.line_of("medecin", uid, EVERY)?;
    Some(line.split('\t').skip(2).take(2).collect::<Vec<_>>().join(" "))
}

#[test]
fn a_lot_is_published_whole_or_not_at_all() {
    let office = Office::shared();
    let lot: Vec<_> = (0..3).map(|_| office.synthesis()).collect();
    let files = lot.iter().map(|(file, _)| file.as_str()).collect::<Vec<_>>().join(" ");
    let expected: Vec<_> = lot.iter().map(|(file, uid)| format!("published {uid} {file}")).collect();
    assert_eq!(office.done("medecin", &format!("publish {files} --sign-lot")), expected);
    assert!(office.done("medecin", "search --type E1762").is_empty(), "the signature is no document");
    assert_eq!(office.done("medecin", &format!("publish {files} --sign-lot")), expected, "again: as before");
    for (_, uid) in &lot {
        assert_eq!(state(&office, uid).as_deref(), Some("Approved N"));
    }
    // The second document has the identifier of another, and other bytes.
    let (fine, unpublished) = office.synthesis();
    let text = std::fs::read_to_string(office.path(&lot[0].0)).unwrap();
    std::fs::write(office.path("other-bytes.xml"), text.replace("Pyélonéphrite", "Néphrite")).unwrap();
    office.check("medecin", &format!("publish {fine} other-bytes.xml"), 1, "refused XDSNonIdenticalHash ");
    assert_eq!(state(&office, &unpublished), None, "nothing of a lot that is refused is kept");
    // Twice the same document in one lot.
    let twice = format!("publish {fine} {fine}");
    office.check("medecin", &twice, 1, "refused XDSRepositoryDuplicateUniqueIdInMessage ");
    let other = std::fs::read_to_string(office.path(&fine)).unwrap().replace(MARIE, "270019935110160");
    std::fs::write(office.path("other.xml"), other).unwrap();
    office.check(
        "medecin",
        &format!("publish {fine} other.xml"),
        1,
        "dmp: the documents of one lot are of one patient",
    );
    assert_eq!(office.done("medecin", &format!("publish {fine} --inline")).len(), 1, "in base64");
    let bytes = std::fs::read(office.path(&fine)).unwrap();
    assert_eq!(office.marie("medecin", &format!("retrieve {unpublished}")).out.into_bytes(), bytes);
}

#[test]
fn a_replacement_stands_in_the_place_of_the_document() {
    let office = Office::shared();
    let [(first, old), (second, new), (third, _)] = [(); 3].map(|()| office.synthesis());
    office.done("medecin", &format!("publish {first}"));
    assert_eq!(
        office.done("medecin", &format!("publish {second} --replace {old}")),
        [format!("published {new} {second}")]
    );
    assert_eq!(state(&office, &old).as_deref(), Some("Deprecated N"));
    assert_eq!(state(&office, &new).as_deref(), Some("Approved N"));
    assert_eq!(office.line_of("medecin", &old, ""), None);
    // What was replaced, what is not there.
    for uid in [old.as_str(), "1.2.3"] {
        let words = format!("publish {third} --replace {uid}");
        office.check(
            "medecin",
            &words,
            1,
            "refused XDSDocumentUniqueIdError no such document, or one that was replaced",
        );
    }
    assert_eq!(
        office.done("medecin", &format!("--json publish {third} --sign-lot --replace {new}")).len(),
        1
    );
    assert_eq!(state(&office, &new).as_deref(), Some("Deprecated N"));
}

#[test]
fn a_document_is_hidden_from_its_deposit_on() {
    let office = Office::shared();
    let [(masked, masked_uid), (hidden, hidden_uid), (minor, minor_uid)] =
        [(); 3].map(|()| office.synthesis());
    office.done("medecin", &format!("publish {masked} --masked --sign-lot"));
    assert_eq!(state(&office, &masked_uid).as_deref(), Some("Approved N+MASQUE_PS"), "its author sees it");
    let nurse = |uid: &str| office.line_of("infirmiere", uid, "").is_some();
    assert!(!nurse(&masked_uid));
    office.done("medecin", &format!("unmask {masked_uid}"));
    assert!(nurse(&masked_uid));
    office.done("medecin", &format!("mask {masked_uid}"));
    assert!(!nurse(&masked_uid));

    office.done("medecin", &format!("publish {hidden} --hidden-from-patient"));
    assert_eq!(state(&office, &hidden_uid).as_deref(), Some("Approved N+INVISIBLE_PATIENT"));
    let patient = || {
        let path = format!(
            "/fhir/DocumentReference?patient.identifier=urn:oid:1.2.250.1.213.1.4.10%7C{MARIE}\
             &identifier=urn:ietf:rfc:3986%7Curn:oid:{hidden_uid}"
        );
        let found = office.demo.get(&path, &office.demo.persona("marie")).json();
        found["entry"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(patient(), 0, "until it is announced");
    assert_eq!(office.done("medecin", &format!("reveal {hidden_uid}")), [format!("revealed {hidden_uid}")]);
    assert_eq!(patient(), 1);

    // A secret session deposits nothing else.
    office.check(
        "medecin",
        &format!("--secret publish {minor}"),
        1,
        "refused XDSRegistryMetadataError confidentialityCode : ",
    );
    office.done("medecin", &format!("--secret publish {minor} --hidden-from-representatives"));
    assert_eq!(state(&office, &minor_uid).as_deref(), Some("Approved N+INVISIBLE_REPRESENTANTS_LEGAUX"));
}
