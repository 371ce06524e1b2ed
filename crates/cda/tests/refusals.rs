//! What a deposit refuses, and what it takes although a strict reading would not: the CDA rows of the catalogue
//! of bad inputs that concern the document alone, by their identifier.
#![allow(clippy::unwrap_used)] // a failure here is the test's failure

mod common;

use common::{copied, deposit, edited, fixture};
use dmp_cda::{Cda, RenderOptions, Sent, contradictions};
use dmp_dossier::reason::Reason;
use dmp_dossier::time::Dtm;
use dmp_dossier::{AuthorId, Code, Institution, StructureId};

const CONFIDENTIALITY: &str =
    r#"<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25" displayName="Normal"/>"#;
const AUTHOR_ID: &str = r#"<id root="1.2.250.1.71.4.2.1" extension="899900063480"/>
      <code"#;
const TEXT_BODY: &str = r#"<text mediaType="text/plain">Je souhaite que ma sœur soit prévenue.
Pas d'acharnement &lt;thérapeutique&gt;.</text>"#;
const NARRATIVE: &str = "<list><item ID=\"pb-3\">Pyélonéphrite, avril 2018</item></list>";

fn narrative(inside: &str) -> String {
    edited("synthese", NARRATIVE, inside)
}

fn body(text: &str) -> String {
    edited("expression-patient", TEXT_BODY, text)
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn binary(media_type: &str, bytes: &[u8]) -> String {
    body(&format!(r#"<text mediaType="{media_type}" representation="B64">{}</text>"#, base64(bytes)))
}

fn record_target() -> String {
    let text = fixture("synthese");
    let (start, end) = (text.find("  <recordTarget>").unwrap(), text.find("</recordTarget>\n").unwrap());
    text[start..end + "</recordTarget>\n".len()].to_owned()
}

fn nested_sections(depth: usize) -> String {
    let open = "<component><section><text>x</text>".repeat(depth);
    let close = "</section></component>".repeat(depth);
    let text = fixture("remboursements");
    text.replace("<structuredBody>\n", &format!("<structuredBody>{open}{close}\n"))
}

use Reason::{InvalidContent, RepositoryMetadata};

/// row, document, refusal as said to the sender, reason
fn rows() -> Vec<(&'static str, String, &'static str, Reason)> {
    let html = "http://www.w3.org/1999/xhtml";
    let synthese = fixture("synthese");
    vec![
        ("CDA-01", "<html/>".into(), "root is neither ClinicalDocument nor", InvalidContent),
        ("CDA-01", "<ClinicalDoc xmlns='urn:hl7-org:v3'/>".into(), "root is neither ClinicalDocument nor", InvalidContent),
        (
            "CDA-01 no document in the style sheet",
            "<xsl:stylesheet xmlns:xsl='http://www.w3.org/1999/XSL/Transform'/>".into(),
            "root is neither",
            InvalidContent,
        ),
        (
            "CDA-01 two documents in the style sheet",
            "<xsl:stylesheet xmlns:xsl='http://www.w3.org/1999/XSL/Transform'><ClinicalDocument xmlns='urn:hl7-org:v3'/>\
             <ClinicalDocument xmlns='urn:hl7-org:v3'/></xsl:stylesheet>"
                .into(),
            "root is neither",
            InvalidContent,
        ),
        (
            "CDA-02",
            synthese.replace(r#"xmlns="urn:hl7-org:v3""#, r#"xmlns="urn:hl7-org:v2""#),
            "ClinicalDocument is not in the namespace urn:hl7-org:v3",
            InvalidContent,
        ),
        (
            "CDA-03",
            edited("synthese", "<ClinicalDocument", "<!DOCTYPE x SYSTEM 'http://attacker/x.dtd'><ClinicalDocument"),
            "a DOCTYPE is refused",
            InvalidContent,
        ),
        (
            "CDA-04",
            edited(
                "synthese",
                "<ClinicalDocument",
                "<!DOCTYPE x [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><ClinicalDocument",
            )
            .replace("Migraine", "&x;"),
            "a DOCTYPE is refused",
            InvalidContent,
        ),
        ("CDA-04 entity without DTD", synthese.replace("Migraine", "&x;"), "not well-formed: unknown entity", InvalidContent),
        ("CDA-07", synthese.replace(&record_target(), ""), "0 recordTarget, exactly one", InvalidContent),
        ("CDA-08", synthese.replace(&record_target(), &record_target().repeat(2)), "2 recordTarget", InvalidContent),
        (
            "CDA-08 two INS in one recordTarget",
            edited(
                "synthese",
                r#"<id root="1.2.250.1.999.1.1.7898.2" extension="0456789999"/>"#,
                r#"<id root="1.2.250.1.213.1.4.10" extension="118033523802725"/>"#,
            ),
            "2 INS in recordTarget",
            InvalidContent,
        ),
        (
            "no INS",
            edited("synthese", r#"<id root="1.2.250.1.213.1.4.10" extension="284073523811416"/>"#, ""),
            "0 INS in recordTarget",
            InvalidContent,
        ),
        (
            "CDA-14",
            edited("synthese", r#"<effectiveTime value="20240312094500+0100"/>"#, r#"<effectiveTime value="30260312"/>"#),
            "effectiveTime is before 1900 or in the future",
            RepositoryMetadata,
        ),
        (
            "CDA-15",
            edited("synthese", r#"<effectiveTime value="20240312094500+0100"/>"#, r#"<effectiveTime value="18000101"/>"#),
            "effectiveTime is before 1900 or in the future",
            RepositoryMetadata,
        ),
        (
            "not a time",
            edited("synthese", r#"<effectiveTime value="20240312094500+0100"/>"#, r#"<effectiveTime value="hier"/>"#),
            "effectiveTime is not a time",
            RepositoryMetadata,
        ),
        (
            "act without a readable date",
            edited("synthese", r#"<low value="20240312091500+0100"/><high"#, r#"<low value="bientôt"/><high"#),
            "documentationOf/serviceEvent/effectiveTime is not a time",
            RepositoryMetadata,
        ),
        ("CDA-17", edited("synthese", CONFIDENTIALITY, ""), "confidentialityCode is missing", InvalidContent),
        (
            "CDA-17 null",
            edited("synthese", CONFIDENTIALITY, r#"<confidentialityCode nullFlavor="UNK"/>"#),
            "confidentialityCode is missing or null",
            InvalidContent,
        ),
        (
            "confidentiality of another system",
            edited("synthese", r#"code="N" codeSystem="2.16.840.1.113883.5.25""#, r#"code="N" codeSystem="1.2.3""#),
            "confidentialityCode `N` is not in",
            InvalidContent,
        ),
        (
            "CDA-18",
            edited("synthese", r#"<languageCode code="fr-FR"/>"#, r#"<languageCode code="&lt;script>"/>"#),
            "languageCode `<script>` is not a language tag",
            InvalidContent,
        ),
        ("CDA-21", edited("synthese", AUTHOR_ID, r#"<id nullFlavor="UNK"/><code"#), "author without identifier", InvalidContent),
        (
            "CDA-21 no author",
            edited("synthese", "<author>", "<!--").replace("</author>", "-->"),
            "author is missing",
            InvalidContent,
        ),
        (
            "type outside the value set",
            edited("synthese", r#"<code code="60591-5""#, r#"<code code="00000-0""#),
            "code `00000-0` of `2.16.840.1.113883.6.1` is not a typeCode of the DMP",
            RepositoryMetadata,
        ),
        (
            "type of another system",
            edited("synthese", r#"<code code="60591-5" codeSystem="2.16.840.1.113883.6.1""#, r#"<code code="60591-5" codeSystem="1.2.3""#),
            "code `60591-5` of `1.2.3` is not a typeCode of the DMP",
            RepositoryMetadata,
        ),
        (
            "unknown template",
            edited("synthese", r#"<templateId root="1.2.250.1.213.1.1.1.13"/>"#, r#"<templateId root="1.2.3"/>"#),
            "no templateId of this structured document is known",
            RepositoryMetadata,
        ),
        (
            "identifier that is none",
            edited("synthese", r#"<id root="1.2.250.1.999.1.1"/>"#, r#"<id root="moi"/>"#),
            "ClinicalDocument/id is neither an OID nor a UUID",
            InvalidContent,
        ),
        ("CDA-33", narrative("<script>alert(1)</script>"), "active element in narrative", InvalidContent),
        ("CDA-33 in XHTML", narrative(&format!("<p xmlns='{html}'>x</p>")), "active element in narrative", InvalidContent),
        ("CDA-34", narrative("<paragraph><iframe src='http://a/'/></paragraph>"), "active element", InvalidContent),
        ("CDA-34", narrative("<OBJECT data='x'/>"), "active element in narrative", InvalidContent),
        ("CDA-34", narrative("<embed/>"), "active element in narrative", InvalidContent),
        ("CDA-34", narrative("<form action='http://a/'/>"), "active element in narrative", InvalidContent),
        (
            "CDA-35",
            narrative("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
            "active element in narrative",
            InvalidContent,
        ),
        (
            "CDA-35",
            narrative("<set attributeName='href' to='javascript:alert(1)'/>"),
            "active element in narrative",
            InvalidContent,
        ),
        (
            "CDA-36",
            narrative("<math xmlns='http://www.w3.org/1998/Math/MathML'><annotation-xml encoding='text/html'/></math>"),
            "active element in narrative",
            InvalidContent,
        ),
        (
            "CDA-39",
            body(r#"<text mediaType="application/pdf"><reference value="javascript:alert(1)"/></text>"#),
            "nonXMLBody holds a reference",
            InvalidContent,
        ),
        (
            "CDA-40",
            body(r#"<text mediaType="application/pdf"><reference value="http://10.0.0.1"/></text>"#),
            "nonXMLBody holds a reference",
            InvalidContent,
        ),
        (
            "CDA-41",
            body(r#"<text mediaType="text/plain">x<reference value="file:///etc/passwd"/></text>"#),
            "nonXMLBody holds a reference",
            InvalidContent,
        ),
        (
            "CDA-42",
            binary("text/html", b"<script>alert(1)</script>"),
            "nonXMLBody of type `text/html` is not accepted",
            InvalidContent,
        ),
        ("CDA-43", binary("application/pdf", b"MZ\x90\0"), "content of nonXMLBody is not application/pdf", InvalidContent),
        ("CDA-43", binary("application/pdf", b"\x7fELF\x02"), "content of nonXMLBody is not application/pdf", InvalidContent),
        ("CDA-43 PDF said to be text", binary("text/plain", b"%PDF-1.4"), "is not text/plain", InvalidContent),
        ("CDA-43 program said to be text", binary("text/plain", b"MZ\x90\0"), "is not text/plain", InvalidContent),
        ("CDA-43 PNG said to be JPEG", binary("image/jpeg", b"\x89PNG\r\n\x1a\n"), "is not image/jpeg", InvalidContent),
        (
            "CDA-49",
            binary("application/pdf", &[vec![b' '; 1020], b"%PDF-1.4".to_vec()].concat()),
            "content of nonXMLBody is not application/pdf",
            InvalidContent,
        ),
        (
            "not base64",
            body(r#"<text mediaType="application/pdf" representation="B64">JVB*</text>"#),
            "content of nonXMLBody is not readable",
            InvalidContent,
        ),
        ("empty body", body(r#"<text mediaType="text/plain"> </text>"#), "content of nonXMLBody is not readable", InvalidContent),
        (
            "no body",
            edited("expression-patient", "nonXMLBody>", "otherBody>"),
            "no body",
            InvalidContent,
        ),
        ("CDA-50", nested_sections(5000), "more than 64 nested elements", InvalidContent),
        (
            "CDA-60",
            "\u{feff}".to_owned() + "<a/>", // replaced below by its UTF-16 bytes
            "encoded in UTF-16, only UTF-8 is read: convert it",
            InvalidContent,
        ),
    ]
}

#[test]
fn what_is_refused_is_refused_by_name() {
    for (row, document, says, reason) in rows() {
        let bytes = match row {
            "CDA-60" => fixture("synthese").encode_utf16().flat_map(u16::to_le_bytes).collect(),
            _ => document.into_bytes(),
        };
        let refusal = match deposit(&bytes) {
            Ok(_) => panic!("{row}: accepted"),
            Err(refusal) => refusal,
        };
        let message = refusal.to_string();
        assert!(message.starts_with(says) || message.contains(says), "{row}: {message}");
        assert_eq!(refusal.reason(), reason, "{row}");
        assert!(!message.contains("EXEMPLE") && !message.contains("284073523811416"), "{row}: {message}");
    }
}

/// Rows that are answered by others, or that ask for the document to be taken. Two more are not here at all: the
/// structure of the depositor (CDA-22) and the size of a request (CDA-44) are no part of a document.
#[test]
fn what_real_documents_do_is_taken() {
    let accepted: [(&str, String); 13] = [
        // The fixture carries such an instruction.
        ("CDA-05 style sheet elsewhere", fixture("synthese")),
        ("CDA-06 self-presenting", fixture("auto-presentable")),
        ("CDA-09 another patient", edited("synthese", "284073523811416", "118033523802725")),
        ("CDA-10 other birth date", edited("synthese", "19840712", "19840713")),
        (
            "CDA-11 other sex",
            edited(
                "synthese",
                r#"<administrativeGenderCode code="F""#,
                r#"<administrativeGenderCode code="M""#,
            ),
        ),
        (
            "CDA-12 INS key or realm is not judged here",
            edited("synthese", "284073523811416", "284073523811400"),
        ),
        (
            "CDA-19 version is compared where the other version is known",
            edited("synthese", r#"<versionNumber value="1"/>"#, r#"<versionNumber value="0"/>"#),
        ),
        ("CDA-20 relatedDocument is kept as declared", fixture("biologie")),
        // Official sample CSE-CS8 is dated two years before the birth it certifies.
        (
            "CDA-23 signed before birth",
            edited("synthese", r#"<time value="20240312094500+0100"/>"#, r#"<time value="19700101"/>"#),
        ),
        (
            "CDA-59 extension in the header",
            edited(
                "synthese",
                "<birthTime",
                "<sdtc:deceasedInd xmlns:sdtc='urn:hl7-org:sdtc' value='false'/><birthTime",
            ),
        ),
        ("no setId", edited("synthese", r#"<setId root="1.2.250.1.999.1"/>"#, "")),
        (
            "unreadable time of signature",
            edited("synthese", r#"<time value="20240312094500+0100"/>"#, r#"<time value="?"/>"#),
        ),
        (
            "author without code or structure",
            edited(
                "vaccination",
                "<representedOrganization>\n        <id root",
                "<asOrganization xmlns='urn:x'>\n        <id root",
            )
            .replace(
                "</representedOrganization>\n    </assignedAuthor>",
                "</asOrganization>\n    </assignedAuthor>",
            )
            .replace(
                "</representedOrganization>\n    </assignedEntity>",
                "</asOrganization>\n    </assignedEntity>",
            ),
        ),
    ];
    for (row, document) in accepted {
        if let Err(refusal) = deposit(document.as_bytes()) {
            panic!("{row}: {refusal}");
        }
    }
}

#[test]
fn a_style_sheet_is_never_shown_nor_run() {
    let text = fixture("auto-presentable");
    let cda = Cda::parse(text.as_bytes()).unwrap();
    assert_eq!(cda.mime_type(), "application/xslt+xml");
    let html = cda.html(&RenderOptions::default()).html;
    assert_eq!(html, "<pre>Examen normal.</pre>");
    assert_eq!(cda.text(), "Consultation Examen normal.");
}

#[test]
fn metadata_may_not_contradict_the_header() {
    let text = fixture("biologie");
    let own = deposit(text.as_bytes()).unwrap();
    let same = copied(&own.metadata);
    assert_eq!(contradictions(&same, &own), []);
    assert_eq!(contradictions(&Sent::default(), &own), []);
    assert_eq!(same.outside(false), []);
    let other = copied(&deposit(fixture("synthese").as_bytes()).unwrap().metadata);
    let elsewhere = |system: &str| Some(Code::new("x", system, ""));
    let rows = [
        ("CDA-13", "uniqueId", Sent { unique_id: other.unique_id.clone(), ..same.clone() }),
        ("CDA-16", "typeCode", Sent { type_code: other.type_code.clone(), ..same.clone() }),
        ("class", "classCode", Sent { class_code: elsewhere("1.2.3"), ..same.clone() }),
        ("MTOM-48", "formatCode", Sent { format_code: other.format_code.clone(), ..same.clone() }),
        (
            "facility",
            "healthcareFacilityTypeCode",
            Sent { facility_type: elsewhere("1.2.3"), ..same.clone() },
        ),
        ("setting", "practiceSettingCode", Sent { practice_setting: elsewhere("1.2.3"), ..same.clone() }),
        ("mime type", "mimeType", Sent { mime_type: Some("application/pdf".to_owned()), ..same.clone() }),
        ("hash", "hash", Sent { hash: other.hash, ..same.clone() }),
        ("size", "size", Sent { size_bytes: Some(1), ..same.clone() }),
        ("language", "languageCode", Sent { language: Some("en-US".to_owned()), ..same.clone() }),
        ("creation", "creationTime", Sent { creation_time: other.creation_time, ..same.clone() }),
        ("start", "serviceStartTime", Sent { service_start: Dtm::parse("2001"), ..same.clone() }),
        (
            "birth",
            "sourcePatientInfo PID-7",
            Sent { birth_date: Some("19010101".to_owned()), ..same.clone() },
        ),
    ];
    for (id, attribute, sent) in rows {
        let found = contradictions(&sent, &own);
        assert_eq!(found.iter().map(|c| c.attribute).collect::<Vec<_>>(), [attribute], "{id}");
        let patient = attribute.starts_with("sourcePatientInfo");
        assert_eq!(found[0].values.is_none(), patient, "{id}: no trait of the patient is repeated");
        assert_eq!(
            found[0].reason(),
            if patient { Reason::PatientMismatch } else { RepositoryMetadata },
            "{id}"
        );
    }
    // All of them at once are all named.
    let everything = contradictions(&Sent { language: None, authors: Vec::new(), ..other }, &own);
    assert!(everything.len() > 5, "{everything:?}");
}

#[test]
fn an_author_of_the_metadata_is_one_of_the_header() {
    let own = deposit(fixture("biologie").as_bytes()).unwrap();
    let author = own.metadata.authors[0].clone();
    let mut stranger = author.clone();
    stranger.person.id = AuthorId::Other { id: "1234".into(), authority: String::new() };
    let mut renamed = author.clone();
    renamed.person.family = "AUTREMENT".into();
    let mut elsewhere = author.clone();
    elsewhere.institution =
        Some(Institution { id: StructureId::parse("1750100125"), other_id: None, name: String::new() });
    for (author, attributes) in [
        (author, vec![]),
        (renamed, vec![]),
        (stranger, vec!["authorPerson"]),
        (elsewhere, vec!["authorInstitution"]),
    ] {
        let sent = Sent { authors: vec![author], ..Sent::default() };
        let found: Vec<_> = contradictions(&sent, &own).iter().map(|c| c.attribute).collect();
        assert_eq!(found, attributes);
    }
    // A patient as author is not named in the answer.
    let mut patient = own.metadata.authors[0].clone();
    patient.person.id =
        AuthorId::Other { id: "284073523811416".into(), authority: "1.2.250.1.213.1.4.8".into() };
    let legal_authenticator = Some(patient.person.clone());
    let found =
        contradictions(&Sent { authors: vec![patient], legal_authenticator, ..Sent::default() }, &own);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|c| !c.to_string().contains("284073523811416")), "{found:?}");
}
