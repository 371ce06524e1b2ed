//! The rows of bad-inputs about one lot, and more of their kind.

use super::message::{DOCTOR, INS, association};
use super::*;
use crate::ebrim::scheme::{self, FOLDER, HAS_MEMBER, RPLC, SIGNS};
use crate::world::LEO;

const REPOSITORY: &str = "XDSRepositoryMetadataError";

/// Row, message, code, what its contexts name.
pub(super) type Row = (&'static str, String, &'static str, Vec<&'static str>);

/// Every row.
pub(super) fn rows() -> Vec<Row> {
    let mut rows = of_metadata();
    rows.extend(of_documents());
    rows
}

/// A lot of one document, with each piece replaced, which must be there.
fn edited(edits: &[(&str, &str)]) -> String {
    let mut text = Letter::of(&[&fixture(BIOLOGY)]).write();
    for (from, to) in edits {
        assert!(text.contains(from), "no `{from}`");
        text = text.replace(from, to);
    }
    text
}

/// The classification of a scheme, as written.
fn classification(text: &str, scheme: &str) -> String {
    let start = text.find(&format!("<Classification classificationScheme=\"{scheme}\"")).unwrap();
    let end = start + text[start..].find("</Classification>").unwrap() + "</Classification>".len();
    text[start..end].to_owned()
}

fn slot_of(text: &str, name: &str) -> String {
    let start = text.find(&format!("<Slot name=\"{name}\">")).unwrap();
    let end = start + text[start..].find("</Slot>").unwrap() + "</Slot>".len();
    text[start..end].to_owned()
}

fn without(pieces: &[&dyn Fn(&str) -> String]) -> String {
    let text = edited(&[]);
    pieces.iter().fold(text, |text, piece| text.replace(&piece(&text), ""))
}

fn with_slot(name: &str, value: &str) -> String {
    let slot = format!(
        "<Slot name=\"{name}\"><ValueList><Value>{value}</Value></ValueList></Slot><Slot name=\"languageCode\">"
    );
    edited(&[("<Slot name=\"languageCode\">", &slot)])
}

fn value(name: &str, value: &str) -> String {
    let text = edited(&[]);
    let slot = slot_of(&text, name);
    let start = slot.find("<Value>").unwrap() + "<Value>".len();
    let end = slot.find("</Value>").unwrap();
    text.replace(&slot, &format!("{}{value}{}", &slot[..start], &slot[end..]))
}

/// A lot of one document, whose SubmissionSet has each piece replaced.
fn set(edits: &[(&str, &str)]) -> String {
    lot(&|letter| {
        for (from, to) in edits {
            assert!(letter.set.contains(from), "no `{from}`");
            letter.set = letter.set.replace(from, to);
        }
    })
}

/// A lot of one document, changed.
fn lot(change: &dyn Fn(&mut Letter)) -> String {
    let mut letter = Letter::of(&[&fixture(BIOLOGY)]);
    change(&mut letter);
    letter.write()
}

/// A lot of one document, with other bytes.
fn with_bytes(mime_type: &str, bytes: &[u8]) -> String {
    lot(&|letter| {
        letter.entries[0] = letter.entries[0].replace("\"text/xml\"", &format!("\"{mime_type}\""));
        letter.documents[0] = document("Document01", bytes);
    })
}

/// Rows about what is said of the lot and of its document.
fn of_metadata() -> Vec<Row> {
    let package = "<RegistryPackage id=\"Set\">";
    let whole = edited(&[]);
    let written = {
        let start = whole.find(package).unwrap();
        let end = whole.find("</RegistryPackage>").unwrap() + "</RegistryPackage>".len();
        whole[start..end].to_owned()
    };
    let twice =
        written.clone() + &written.replace("\"Set\"", "\"Set2\"").replace(".7898.1.1\"", ".7898.1.2\"");
    let folder = "<RegistryPackage id=\"F\"><Classification classificationNode=\"".to_owned()
        + FOLDER
        + "\"/></RegistryPackage>";
    let two = |second: &str| {
        let mut letter = Letter::of(&[&fixture(BIOLOGY), &fixture(SYNTHESIS)]);
        letter.entries[1] =
            letter.entries[1].replace("value=\"1.2.250.1.999.1.1\"", &format!("value=\"{second}\""));
        letter
    };
    let type_of = |text: &str| classification(text, scheme::TYPE);
    let leo = INS.replace("284073523811416", LEO);
    vec![
        ("SOAP-44", whole.replace(&written, ""), REPOSITORY, vec!["SubmissionSet: missing"]),
        ("SOAP-45", whole.replace(&written, &twice), REPOSITORY, vec!["SubmissionSet: at most 1 is taken"]),
        (
            "folder",
            whole.replace(&written, &(written.clone() + &folder)),
            REPOSITORY,
            vec!["Folder of `F`: folders are not used"],
        ),
        (
            "no list",
            edited(&[("RegistryObjectList", "RegistryObjects")]),
            REPOSITORY,
            vec!["RegistryObjectList: missing"],
        ),
        (
            "SOAP-46",
            without(&[&|t| classification(t, scheme::CLASS)]),
            REPOSITORY,
            vec!["classCode of `Document01`: missing"],
        ),
        ("SOAP-46", without(&[&type_of]), REPOSITORY, vec!["typeCode of `Document01`: missing"]),
        (
            "SOAP-46",
            without(&[&|t| classification(t, scheme::CONFIDENTIALITY)]),
            REPOSITORY,
            vec!["confidentialityCode of `Document01`: missing"],
        ),
        (
            "all named",
            without(&[&type_of, &|t| slot_of(t, "creationTime"), &|t| slot_of(t, "legalAuthenticator")]),
            REPOSITORY,
            vec![
                "legalAuthenticator of `Document01`: missing",
                "typeCode of `Document01`: missing",
                "creationTime of `Document01`: missing",
            ],
        ),
        (
            "no title",
            edited(&[(
                "<Name><LocalizedString charset=\"UTF8\" xml:lang=\"FR\" value=\"Titre de Document01\"/></Name>",
                "",
            )]),
            REPOSITORY,
            vec!["title of `Document01`: missing"],
        ),
        (
            "SOAP-47",
            edited(&[("\"11502-2\"", "\"11502-9\"")]),
            REPOSITORY,
            vec![
                "typeCode `11502-9^2.16.840.1.113883.6.1` is not in JDV_J66-TypeCode-DMP",
                "typeCode `11502-9^2.16.840.1.113883.6.1` is not `11502-2^2.16.840.1.113883.6.1` as in code",
            ],
        ),
        (
            "retired",
            edited(&[("\"11502-2\"", "\"27899-4\"")]),
            REPOSITORY,
            vec!["`27899-4^2.16.840.1.113883.6.1` was retired from JDV_J66-TypeCode-DMP", "is not `11502-2^"],
        ),
        (
            "SOAP-48",
            value("creationTime", "20261331"),
            REPOSITORY,
            vec!["creationTime of `Document01`: `20261331` is not a UTC time"],
        ),
        (
            "another time",
            value("creationTime", "20240104160527"),
            REPOSITORY,
            vec!["creationTime `20240104160527` is not `20240104150527` as in effectiveTime"],
        ),
        (
            "SOAP-49",
            value("sourcePatientId", &leo.replace('&', "&amp;")),
            "XDSPatientIdDoesNotMatch",
            vec!["sourcePatientId is the INS of another patient"],
        ),
        (
            "no INS",
            edited(&[("284073523811416^^^", "abc")]),
            REPOSITORY,
            vec!["patientId of `Set`: ", "patientId of `Document01`: "],
        ),
        (
            "SOAP-50",
            edited(&[("284073523811416^^^", "284073523811417^^^")]),
            "XDSUnknownPatientId",
            vec!["Aucun dossier pour ce patient.", "Aucun dossier pour ce patient."],
        ),
        (
            "two patients",
            set(&[("284073523811416^^^", &format!("{LEO}^^^"))]),
            "XDSPatientIdDoesNotMatch",
            vec!["the objects of a lot name one patient"],
        ),
        (
            "birth date",
            edited(&[("PID-7|19840712", "PID-7|19840713")]),
            "XDSPatientIdDoesNotMatch",
            vec!["sourcePatientInfo PID-7 is not as in"],
        ),
        (
            "sex",
            edited(&[("PID-8|F", "PID-8|M")]),
            "XDSPatientIdDoesNotMatch",
            vec!["sourcePatientInfo PID-8 is not as in"],
        ),
        (
            "SOAP-52",
            two("1.2.250.1.999.1^BIO-2024-1").write(),
            "XDSRepositoryDuplicateUniqueIdInMessage",
            vec!["uniqueId=1.2.250.1.999.1^BIO-2024-1"],
        ),
        (
            "set and document",
            lot(&|l| l.set = l.set.replace("1.2.250.1.999.1.1.7898.1.1", "1.2.250.1.999.1^BIO-2024-1")),
            "XDSRepositoryDuplicateUniqueIdInMessage",
            vec!["uniqueId="],
        ),
        (
            "SOAP-55",
            with_slot("hash", "0000000000000000000000000000000000000000"),
            REPOSITORY,
            vec!["hash of `Document01`: `0000000000000000000000000000000000000000`: not the SHA-1"],
        ),
        ("no hash", with_slot("hash", "xyz"), REPOSITORY, vec!["hash of `Document01`: `xyz` is not a SHA-1"]),
        (
            "SOAP-56",
            with_slot("size", "12"),
            REPOSITORY,
            vec!["size of `Document01`: `12`: the document has"],
        ),
        (
            "no size",
            with_slot("size", "-1"),
            REPOSITORY,
            vec!["size of `Document01`: `-1` is not a number of bytes"],
        ),
        (
            "SOAP-57",
            lot(&|l| {
                l.associations.push(association(
                    RPLC,
                    "Document01",
                    "urn:uuid:11111111-1111-4111-8111-111111111111",
                ))
            }),
            "XDSReplaceFailed",
            vec!["document à remplacer"],
        ),
        (
            "RPLC of what",
            lot(&|l| l.associations.push(association(RPLC, "Document01", "x"))),
            REPOSITORY,
            vec!["RPLC: `x`: targetObject is the entryUUID"],
        ),
        (
            "RPLC twice",
            lot(&|l| {
                for _ in 0..2 {
                    l.associations.push(association(RPLC, "Document01", "1.2.3"));
                }
            }),
            REPOSITORY,
            vec!["a document replaces one other"],
        ),
        (
            "RPLC by the set",
            lot(&|l| l.associations.push(association(RPLC, "Set", "1.2.3"))),
            REPOSITORY,
            vec!["from a document of the lot"],
        ),
        (
            "APND",
            lot(&|l| {
                l.associations.push(association(
                    "urn:ihe:iti:2007:AssociationType:APND",
                    "Document01",
                    "1.2.3",
                ))
            }),
            REPOSITORY,
            vec!["AssociationType:APND`: not taken in the DMP"],
        ),
        (
            "signs",
            lot(&|l| l.associations.push(association(SIGNS, "Document01", "Set"))),
            REPOSITORY,
            vec!["from the signature of the lot"],
        ),
        (
            "reference",
            edited(&[("<Value>Original</Value>", "<Value>Reference</Value>")]),
            REPOSITORY,
            vec!["SubmissionSetStatus: `Reference`", "HasMember of `Document01`"],
        ),
        (
            "no member",
            lot(&|l| l.associations.clear()),
            REPOSITORY,
            vec!["HasMember of `Document01`: no association"],
        ),
        (
            "member of nothing",
            lot(&|l| l.associations.push(association(HAS_MEMBER, "Set", "Document09"))),
            REPOSITORY,
            vec!["HasMember: `Document09`"],
        ),
        (
            "another author",
            edited(&[("<Value>899900063480^LIBRE", "<Value>899900063498^LIBRE")]),
            REPOSITORY,
            vec!["authorPerson `899900063498` is not `899900063480`", "legalAuthenticator `899900063498`"],
        ),
        (
            "no identifier",
            edited(&[(&format!("<Value>{}", DOCTOR.replace('&', "&amp;")), "<Value>^Smitty^Gerald^^^")]),
            REPOSITORY,
            vec![
                "authorPerson of `Set`: it has an identifier",
                "authorPerson of `Document01`",
                "legalAuthenticator of `Document01`",
            ],
        ),
        (
            "facility",
            edited(&[("\"SA25\"", "\"SA01\"")]),
            REPOSITORY,
            vec!["healthcareFacilityTypeCode `SA01^"],
        ),
        (
            "setting",
            edited(&[("\"AMBULATOIRE\"", "\"LUNAIRE\"")]),
            REPOSITORY,
            vec![
                "practiceSettingCode `LUNAIRE^1.2.250.1.213.1.1.4.9` is not in JDV_J62",
                "is not `AMBULATOIRE^",
            ],
        ),
        (
            "confidentiality",
            edited(&[("nodeRepresentation=\"N\"", "nodeRepresentation=\"X\"")]),
            REPOSITORY,
            vec![
                "confidentialityCode of `Document01`: `X^2.16.840.1.113883.5.25` is not in JDV_J58",
                "comes first",
            ],
        ),
        (
            "on demand",
            edited(&[(scheme::STABLE_DOCUMENT, scheme::ON_DEMAND_DOCUMENT)]),
            REPOSITORY,
            vec!["objectType of `Document01`"],
        ),
        (
            "submissionTime",
            set(&[("20261121095900", "hier")]),
            REPOSITORY,
            vec!["submissionTime of `Set`: `hier`"],
        ),
        (
            "contentTypeCode",
            set(&[("\"04\"", "\"0404\"")]),
            REPOSITORY,
            vec!["contentTypeCode of `Set`: `0404^1.2.250.1.213.2.2` is not in JDV_J59"],
        ),
        (
            "sourceId",
            set(&[("\"1.2.250.1.999.1.1.7898\"", "\"LPS\"")]),
            REPOSITORY,
            vec!["sourceId of `Set`: `LPS` is not an OID"],
        ),
        ("set author", set(&[("a7058bb9", "a7058bb8")]), REPOSITORY, vec!["author of `Set`: missing"]),
    ]
}

/// Rows about the documents of the message.
fn of_documents() -> Vec<Row> {
    vec![
        (
            "MTOM-21",
            lot(&|l| {
                l.documents[0] = "<x:Document id=\"Document01\"><i:Include xmlns:i=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:absent\"/></x:Document>".into()
            }),
            "XDSMissingDocument",
            vec!["the Document includes no part"],
        ),
        (
            "MTOM-31",
            lot(&|l| l.documents.push(document("Document02", b"<a/>"))),
            "XDSMissingDocumentMetadata",
            vec!["no ExtrinsicObject has the id"],
        ),
        ("MTOM-32", lot(&|l| l.documents.clear()), "XDSMissingDocument", vec!["no Document has the id"]),
        ("MTOM-37", with_bytes("text/xml", b""), REPOSITORY, vec!["empty document"]),
        (
            "MTOM-42",
            with_bytes("message/rfc822", b"From: x"),
            REPOSITORY,
            vec!["mimeType of `Document01`: `message/rfc822`: not accepted"],
        ),
        ("MTOM-43", with_bytes("text/html", b"<html/>"), REPOSITORY, vec!["`text/html`: not accepted"]),
        (
            "MTOM-44",
            with_bytes("application/pdf", b"<html/>"),
            REPOSITORY,
            vec!["`application/pdf`: not accepted"],
        ),
        (
            "MTOM-45",
            with_bytes("text/xml", b"PK\x03\x04abc"),
            REPOSITORY,
            vec!["`text/xml`: the bytes are not XML"],
        ),
        (
            "MTOM-46",
            with_bytes("image/jpeg", b"\xff\xd8\xff"),
            REPOSITORY,
            vec!["`image/jpeg`: not accepted"],
        ),
        ("MTOM-47", with_bytes("image/tiff", b"II*\0"), REPOSITORY, vec!["`image/tiff`: not accepted"]),
        (
            "MTOM-48",
            edited(&[("urn:ihe:lab:xd-lab:2008", "urn:ihe:iti:xds-sd:pdf:2008")]),
            REPOSITORY,
            vec!["formatCode `urn:ihe:iti:xds-sd:pdf:2008"],
        ),
        (
            "MTOM-49",
            with_bytes("application/pdf", b"%PDF-1.4 /Encrypt"),
            REPOSITORY,
            vec!["`application/pdf`: not accepted"],
        ),
        (
            "CDA-01",
            with_bytes("text/xml", b"<html/>"),
            "InvalidDocumentContent",
            vec!["root is neither ClinicalDocument"],
        ),
        ("CDA-03", with_bytes("text/xml", b"<!DOCTYPE a><a/>"), "InvalidDocumentContent", vec!["DOCTYPE"]),
        ("CDA-60", with_bytes("text/xml", b"\xff\xfe<\0a\0/\0>\0"), "InvalidDocumentContent", vec!["UTF-16"]),
    ]
}
