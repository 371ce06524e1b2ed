//! What a sender says beside a document, one row per case.

use super::*;
use crate::json;

fn resource(elements: &str) -> String {
    format!(r#"{{"resourceType":"DocumentReference"{elements}}}"#)
}

#[test]
fn labels_say_whom_a_document_is_hidden_from() {
    let label = |code: &str| format!(r#"{{"coding":[{{"system":"http://x","code":"{code}"}}]}}"#);
    for (codes, flags) in [
        (vec![], Some((false, false, false))),
        (vec!["N"], Some((false, false, false))),
        (vec!["R", "MASQUE_PS"], Some((true, false, false))),
        (vec!["N", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"], Some((false, true, true))),
        (vec!["N", "U"], None),
    ] {
        let labels: Vec<String> = codes.iter().map(|c| label(c)).collect();
        let text = resource(&format!(r#","securityLabel":[{}]"#, labels.join(",")));
        let json = json::read(text.as_bytes(), 1000).unwrap();
        let read =
            visibility(&json).map(|v| (v.masked, v.hidden_from_patient, v.hidden_from_representatives));
        assert_eq!(read.as_ref().ok(), flags.as_ref(), "{codes:?}");
        assert!(read.is_ok() || read.is_err_and(|r| r.reason == Reason::RegistryMetadata));
    }
}

#[test]
fn an_announcement_ends_at_an_instant_or_with_a_day() {
    for (value, end) in [
        (r#""valueDateTime":"2026-11-25T10:00:00+01:00""#, Some("2026-11-25T09:00:00.000Z")),
        (r#""valueDate":"2026-11-25""#, Some("2026-11-26T00:00:00.000Z")),
        (r#""valueString":"demain""#, None),
    ] {
        let text = resource(&format!(r#","extension":[{{"url":"{DATE_ANNONCE}",{value}}}]"#));
        let json = json::read(text.as_bytes(), 1000).unwrap();
        let read = release_at(&json).ok().flatten().map(Time::to_instant);
        assert_eq!(read.as_deref(), end, "{value}");
    }
    assert_eq!(release_at(&json::read(b"{}", 10).unwrap()).unwrap(), None);
}

#[test]
fn only_a_replacement_relates_to_another_document() {
    const UUID: &str = "c2ad5d22-4ed9-44d6-ad9b-4292ba64131f";
    let target = |code: &str, target: &str| format!(r#"{{"code":"{code}","target":{target}}}"#);
    let literal = format!(r#"{{"reference":"DocumentReference/{UUID}"}}"#);
    let logical = r#"{"identifier":{"system":"urn:ietf:rfc:3986","value":"urn:oid:1.2.3"}}"#.to_owned();
    let ambiguous = format!(r#"{{"identifier":{{"value":"urn:uuid:{UUID}"}}}}"#);
    for (relations, found) in [
        (vec![], Ok(0)),
        (vec![target("replaces", &literal)], Ok(1)),
        (vec![target("replaces", &logical)], Ok(1)),
        (vec![target("replaces", &ambiguous)], Ok(3)),
        (
            vec![target("replaces", r#"{"reference":"DocumentReference/doc-old"}"#)],
            Err(Reason::ReplaceFailed),
        ),
        (vec![target("replaces", r#"{"display":"x"}"#)], Err(Reason::ReplaceFailed)),
        (vec![target("appends", &literal)], Err(Reason::RegistryMetadata)),
        (vec![target("replaces", &literal), target("replaces", &logical)], Err(Reason::RegistryMetadata)),
    ] {
        let text = resource(&format!(r#","relatesTo":[{}]"#, relations.join(",")));
        let json = json::read(text.as_bytes(), 1000).unwrap();
        let read = replaces(&json, "http://x/fhir").map(|r| r.len()).map_err(|r| r.reason);
        assert_eq!(read, found, "{relations:?}");
    }
}

#[test]
fn bytes_are_decoded_and_compared() {
    let bytes = |data: &str, max| bytes_of(&Embedded { data, content_type: None }, max);
    assert_eq!(&bytes("aGVs\nbG8=", 10).unwrap()[..], b"hello");
    assert!(matches!(bytes("aGVsbG8", 10), Err(Fault::Request(o)) if o.issues()[0].code == "value"));
    assert!(matches!(bytes("é", 10), Err(Fault::Request(_))));
    assert!(matches!(bytes("aGVsbG8=", 4), Err(Fault::Refused(r)) if r.reason == Reason::TooLarge));
    assert!(matches!(bytes("", 4), Err(Fault::Refused(r)) if r.reason == Reason::InvalidContent));
    for (attachment, faulty) in [
        ("\"size\":5", None),
        ("\"size\":6", Some(422)),
        ("\"hash\":\"qvTGHdzF6KLavt4PO0gs2a6pQ00=\"", None),
        ("\"hash\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAA=\"", Some(422)),
        ("\"hash\":\"%%\"", Some(400)),
    ] {
        let text = resource(&format!(r#","content":[{{"attachment":{{{attachment}}}}}]"#));
        let json = json::read(text.as_bytes(), 1000).unwrap();
        let outcome = check_bytes(&json, 5, sha1(b"hello").as_ref()).err();
        assert_eq!(outcome.as_ref().map(|o| o.status().as_u16()), faulty, "{attachment}");
        if let Some(outcome) = outcome.filter(|o| o.status() == 422) {
            assert_eq!(outcome.issues()[0].code, "invariant");
            assert_eq!(outcome.issues()[0].text, Some("XDSRepositoryMetadataError"));
        }
    }
}

#[test]
fn what_is_not_said_to_be_another_file_is_read_as_a_cda() {
    for (content_type, cda) in [
        (None, true),
        (Some("text/xml"), true),
        (Some("application/xml; charset=utf-8"), true),
        (Some("application/xslt+xml"), true),
        (Some("application/pdf"), false),
        (Some("image/jpeg"), false),
        (Some("text/plain"), false),
        (Some("application/fhir+json"), false),
    ] {
        assert_eq!(is_cda(content_type), cda, "{content_type:?}");
    }
}

#[test]
fn everything_that_contradicts_the_header_is_named() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/cda/biologie.xml");
    let cda = std::fs::read(path).unwrap();
    let realm = RealmPolicy { realm: dmp_dossier::Realm::Test, accept_production_oid: false };
    let own = open(&cda, &Intake { now: Time::from_millis(1_795_255_200_000), realm }).unwrap().own;
    let text = resource(
        r#","masterIdentifier":{"value":"urn:oid:1.2.3"},
        "type":{"coding":[{"system":"http://loinc.org","code":"11490-0"}]},
        "content":[{"attachment":{"creation":"2024-01-05T16:05:27+01:00"}}]"#,
    );
    let json = json::read(text.as_bytes(), 1000).unwrap();
    let refusal = check_coherence(&json, &own).unwrap_err();
    assert_eq!(refusal.reason, Reason::RepositoryMetadata);
    let said = refusal.context.unwrap();
    for attribute in ["uniqueId `1.2.3`", "typeCode `11490-0^", "creationTime `20240105150527`"] {
        assert!(said.contains(attribute), "{said}");
    }
    assert!(check_coherence(&json::read(b"{}", 10).unwrap(), &own).is_ok());
}
