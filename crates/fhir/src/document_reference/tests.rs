//! The mapping on one document that has everything.

use super::*;
use crate::{json, shape};
use dmp_dossier::{
    Author, AuthorId, Code, DocumentUid, Dtm, EntryUuid, InsOid, Institution, Lid, PsId, StructureId,
};
use uuid::Uuid;

fn ins() -> Ins {
    Ins::parse("284073523811416", InsOid::Test).unwrap()
}

fn document() -> DocumentEntry {
    let doctor = Person {
        id: AuthorId::Professional(PsId::parse("899900063480").unwrap()),
        family: "MARTIN".into(),
        given: "Anne".into(),
    };
    let code = |code: &str, system: &str| Code::new(code, system, "libellé");
    DocumentEntry {
        entry_uuid: EntryUuid(Uuid::from_u128(1)),
        lid: Lid(Uuid::from_u128(2)),
        version: 3,
        status: Availability::Archived,
        visibility: Visibility {
            masked: true,
            hidden_from_patient: true,
            hidden_from_representatives: false,
        },
        release_at: Some(Time::from_millis(1_795_000_000_000)),
        registered_at: Time::from_millis(1_794_000_000_000),
        content: 1,
        replaces: Some(EntryUuid(Uuid::from_u128(7))),
        metadata: DocumentMetadata {
            unique_id: DocumentUid::parse("1.2.250.1.999.1").unwrap(),
            mime_type: "text/xml".into(),
            hash: [7; 20],
            size_bytes: 1234,
            language: "fr-FR".into(),
            authors: vec![Author {
                person: doctor.clone(),
                institution: Some(Institution {
                    id: StructureId::parse("499900063480001"),
                    other_id: None,
                    name: "Cabinet".into(),
                }),
                role: None,
                specialty: Some(code("G15_10/SM26", "1.2.250.1.213.1.1.4.5")),
            }],
            legal_authenticator: Some(doctor),
            service_start: Dtm::parse("20261120"),
            service_stop: None,
            creation_time: Dtm::parse("20261121190000").unwrap(),
            title: "CR d'imagerie \"thorax\"".into(),
            comments: Some("à relire".into()),
            class_code: code("10", "1.2.250.1.213.1.1.4.1"),
            type_code: code("18748-4", "2.16.840.1.113883.6.1"),
            format_code: code("urn:ihe:iti:xds-sd:pdf:2008", "1.3.6.1.4.1.19376.1.2.3"),
            facility_type: code("SA07", "1.2.250.1.71.4.2.4"),
            practice_setting: code("AMBULATOIRE", "1.2.250.1.213.1.1.4.9"),
            event_codes: vec![code("ZBQK002", "1.2.250.1.213.2.5")],
            confidentiality: BaseConfidentiality::Normal,
            source_patient_id: "IPP1^^^&1.2.250.1.999.2&ISO^PI".into(),
            source_patient_info: vec![
                "PID-5|DURAND^Marie^^^^^L".into(),
                "PID-7|19840700".into(),
                "PID-8|F".into(),
            ],
            reference_ids: vec![ReferenceId {
                value: "1.2.840.1".into(),
                authority: String::new(),
                kind: "urn:ihe:iti:xds:2016:studyInstanceUID".into(),
            }],
            declared_parent: None,
            set_id: None,
            version_number: None,
        },
    }
}

#[test]
fn every_attribute_has_its_place() {
    let entry = document();
    let old = DocumentEntry { lid: Lid(Uuid::from_u128(9)), ..document() };
    let mut w = JsonWriter::default();
    write(&mut w, "http://x/fhir", &Told { entry: &entry, replaces: Some(&old), patient: Some(&ins()) });
    let text = w.finish();
    let read = json::read(text.as_bytes(), 10_000).unwrap();
    shape::check(&read, Some("DocumentReference")).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    for (pointer, expected) in [
        ("/id", "00000000-0000-0000-0000-000000000002"),
        ("/meta/versionId", "3"),
        ("/meta/lastUpdated", "2026-11-06T21:20:00.000Z"),
        ("/masterIdentifier/value", "urn:oid:1.2.250.1.999.1"),
        ("/identifier/0/value", "urn:uuid:00000000-0000-0000-0000-000000000001"),
        ("/identifier/1/value", "urn:oid:1.2.250.1.999.1"),
        ("/identifier/2/value", "urn:uuid:00000000-0000-0000-0000-000000000002"),
        ("/status", "current"),
        ("/extension/1/url", DATE_ANNONCE),
        ("/extension/1/valueDateTime", "2026-11-18T11:06:40.000Z"),
        ("/type/coding/0/system", "http://loinc.org"),
        ("/type/coding/0/code", "18748-4"),
        ("/category/0/coding/0/code", "10"),
        ("/subject/identifier/value", "284073523811416"),
        ("/date", "2026-11-21T19:00:00.000Z"),
        ("/author/0/reference", "#a0"),
        ("/authenticator/reference", "#a0"),
        ("/contained/0/specialty/0/coding/0/code", "G15_10/SM26"),
        ("/contained/1/identifier/0/value", "899900063480"),
        ("/contained/2/identifier/0/value", "499900063480001"),
        ("/contained/3/name/0/family", "DURAND"),
        ("/contained/3/identifier/0/system", "urn:oid:1.2.250.1.999.2"),
        ("/relatesTo/0/target/reference", "DocumentReference/00000000-0000-0000-0000-000000000009"),
        ("/description", "à relire"),
        ("/securityLabel/0/coding/0/code", "N"),
        ("/securityLabel/1/coding/0/code", "MASQUE_PS"),
        ("/securityLabel/2/coding/0/code", "INVISIBLE_PATIENT"),
        ("/content/0/attachment/url", "http://x/fhir/Binary/00000000-0000-0000-0000-000000000002"),
        ("/content/0/attachment/hash", "BwcHBwcHBwcHBwcHBwcHBwcHBwc="),
        ("/content/0/attachment/title", "CR d'imagerie \"thorax\""),
        ("/content/0/attachment/creation", "2026-11-21T19:00:00Z"),
        ("/content/0/format/code", "urn:ihe:iti:xds-sd:pdf:2008"),
        ("/context/event/0/coding/0/code", "ZBQK002"),
        ("/context/period/start", "2026-11-20"),
        ("/context/facilityType/coding/0/code", "SA07"),
        ("/context/practiceSetting/coding/0/code", "AMBULATOIRE"),
        ("/context/related/0/identifier/value", "1.2.840.1"),
    ] {
        assert_eq!(value.pointer(pointer).and_then(|v| v.as_str()), Some(expected), "{pointer}");
    }
    assert_eq!(value.pointer("/extension/0/valueBoolean"), Some(&serde_json::Value::Bool(true)));
    assert_eq!(value.pointer("/content/0/attachment/size"), Some(&serde_json::json!(1234)));
    // 1984-07-00 is no date of the calendar.
    assert_eq!(value.pointer("/contained/3/birthDate"), None);
}

#[test]
fn what_may_not_be_known_is_not_told() {
    let entry = document();
    let mut w = JsonWriter::default();
    write(&mut w, "http://x/fhir", &Told { entry: &entry, replaces: None, patient: None });
    let text = w.finish();
    assert!(!text.contains("relatesTo") && !text.contains("000000000007"), "{text}");

    let mut w = JsonWriter::default();
    write_reference_only(&mut w, &Told { entry: &entry, replaces: None, patient: None });
    let text = w.finish();
    shape::check(&json::read(text.as_bytes(), 10_000).unwrap(), Some("DocumentReference")).unwrap();
    for medical in ["thorax", "18748-4", "MARTIN", "DURAND", "MASQUE_PS", "ZBQK002", "SA07"] {
        assert!(!text.contains(medical), "{medical}");
    }
}

#[test]
fn an_authenticator_who_is_no_author_is_told_apart() {
    let mut entry = document();
    for (id, expected) in [
        (
            AuthorId::Professional(PsId::parse("899900063481").unwrap()),
            "\"authenticator\":{\"reference\":\"#l\"}",
        ),
        (
            AuthorId::Patient(ins()),
            "\"authenticator\":{\"identifier\":{\"system\":\"urn:oid:1.2.250.1.213.1.4.10\"",
        ),
        (
            AuthorId::Other { id: String::new(), authority: String::new() },
            "\"authenticator\":{\"display\":\"P A\"}",
        ),
    ] {
        entry.metadata.legal_authenticator = Some(Person { id, family: "A".into(), given: "P".into() });
        let mut w = JsonWriter::default();
        write(&mut w, "http://x/fhir", &Told { entry: &entry, replaces: None, patient: None });
        let text = w.finish();
        shape::check(&json::read(text.as_bytes(), 10_000).unwrap(), None).unwrap();
        assert!(text.contains(expected), "{expected} in {text}");
    }
}
