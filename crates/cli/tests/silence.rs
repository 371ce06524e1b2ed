//! Silence: who may not know of a document gets the bytes that he would get if it did not exist (design 3).
//!
//! One row per reader who may not see one document; each asks for it in every way there is, then asks the same of a
//! document that exists nowhere. What he sent himself is the only thing that may differ. The DMP interface is asked in
//! `silence/soap.rs`.
#![allow(clippy::unwrap_used)] // a failure here is the test's failure

mod common;
#[path = "silence/soap.rs"]
mod soap;

use common::lot::{A07, ALICE, AUTHOR, Lot, REFERENCE};
use common::{Answer, Demo, Document, Request};
use serde_json::{Value, json};

const ABSENT_ID: &str = "00000000-0000-4000-8000-0000000000ff";
const ABSENT_LOT: &str = "00000000-0000-4000-8000-0000000000fe";
const ABSENT_UID: &str = "1.2.250.1.999.7.999999";
/// A document of Alice, as its author knows it.
struct Deposited {
    id: String,
    unique_id: String,
    /// `/fhir/Binary/…`
    binary: String,
    /// Id of the List of the lot it came in.
    lot: String,
}

struct World {
    demo: Demo,
    author: String,
    alice: String,
}

impl World {
    fn new() -> Self {
        let demo = Demo::start();
        let alice = ALICE.token(&demo);
        ALICE.open(&demo, &demo.token(&["--loader"]));
        ALICE.decide(&demo, &alice, AUTHOR, "permit");
        let author = demo.doctor(AUTHOR);
        World { demo, author, alice }
    }

    /// Publishes a document of Alice with one more confidentiality code.
    fn deposit(&self, number: u32, visibility: &str) -> Deposited {
        let document = Document::synthese(ALICE, number);
        let mut lot = Lot::of(std::slice::from_ref(&document));
        if !visibility.is_empty() {
            let normal = lot.0["entry"][REFERENCE]["resource"]["securityLabel"][0].clone();
            let label = json!({"coding": [{"system": A07, "code": visibility}]});
            lot = lot.set(REFERENCE, "/securityLabel", json!([normal, label]));
        }
        let answer = lot.send(&self.demo, &self.author);
        assert_eq!(answer.status, 200, "{visibility}: {}", answer.brief());
        let found = self.search(&self.author, &document.unique_id);
        let entry = &found.json()["entry"][0]["resource"];
        let url = entry["content"][0]["attachment"]["url"].as_str().unwrap();
        Deposited {
            id: entry["id"].as_str().unwrap().to_owned(),
            unique_id: document.unique_id,
            binary: url[url.find("/fhir/").unwrap()..].to_owned(),
            lot: answer.location_of("List"),
        }
    }

    fn search(&self, token: &str, unique_id: &str) -> Answer {
        self.demo.get(&by_identifier(unique_id), token)
    }

    /// A doctor of that number about whom Alice decided; nobody else uses the number, so that no quota is shared.
    fn doctor(&self, number: u32, decision: Option<&str>) -> String {
        let id = format!("8999000{number:05}");
        if let Some(decision) = decision {
            ALICE.decide(&self.demo, &self.alice, &id, decision);
        }
        self.demo.doctor(&id)
    }
}

fn by_identifier(unique_id: &str) -> String {
    format!(
        "/fhir/DocumentReference?patient.identifier={}&identifier=urn:ietf:rfc:3986%7Curn:oid:{unique_id}",
        ALICE.identifier()
    )
}

/// Every way to ask for one document.
fn ways(document: &Deposited) -> Vec<(&'static str, Request)> {
    let Deposited { id, unique_id, binary, lot } = document;
    let reference = format!("/fhir/DocumentReference/{id}");
    let mask = json!([{"op": "add", "path": "/securityLabel/-", "value": {"coding": [{"system": A07, "code": "MASQUE_PS"}]}}]);
    let delete = json!([{"op": "replace", "path": "/status", "value": "entered-in-error"}]);
    let patch = |path: &str, operations: &Value| {
        Request::new("PATCH", path).body("application/json-patch+json", operations.to_string())
    };
    // Never stored, so that one number serves all.
    let replacement = Lot::of(&[Document::synthese(ALICE, 5000)]).set(
        REFERENCE,
        "/relatesTo",
        json!([{"code": "replaces", "target": {"reference": format!("DocumentReference/{id}")}}]),
    );
    vec![
        ("read", Request::get(&reference)),
        ("read again", Request::get(&reference)),
        ("replace", replacement.to_request()),
        ("version", Request::get(&format!("{reference}/_history/1"))),
        ("history", Request::get(&format!("{reference}/_history"))),
        ("bytes", Request::get(binary).header("Accept", "text/xml")),
        ("Binary", Request::get(binary).header("Accept", "application/fhir+json")),
        ("lot", Request::get(&format!("/fhir/List/{lot}"))),
        ("search", Request::get(&by_identifier(unique_id))),
        ("mask", patch(&reference, &mask)),
        ("delete", patch(&reference, &delete)),
        ("delete by identifier", patch(&by_identifier(unique_id), &delete)),
        ("DELETE", Request::new("DELETE", &reference)),
    ]
}

/// What came back, what the sender himself named taken out.
fn told(answer: &Answer, names: &[&str]) -> (u16, Vec<(String, String)>, String) {
    let (status, headers, text) = answer.without_time();
    let without = |text: String| names.iter().fold(text, |text, name| text.replace(name, "…"));
    // Its own name may be longer than the one of the document: a length then says nothing more.
    let headers = headers.into_iter().filter(|(name, _)| name != "content-length");
    (status, headers.map(|(name, value)| (name, without(value))).collect(), without(text))
}

#[test]
fn absent_masked_blocked_and_hidden_are_the_same_bytes() {
    let w = World::new();
    let (plain, masked, hidden) =
        (w.deposit(1, ""), w.deposit(2, "MASQUE_PS"), w.deposit(3, "INVISIBLE_PATIENT"));
    let optician = {
        let id = "899900000901";
        ALICE.decide(&w.demo, &w.alice, id, "permit");
        w.demo.token(&["--professional", id, "--profession", "28", "--auth", "direct"])
    };
    // Row, reader, document that he may not know of.
    let rows = [
        ("masked, to an authorised doctor", w.doctor(11, Some("permit")), &masked),
        ("of a type that the profession does not read", optician, &plain),
        ("any document, to a doctor whom nobody authorised", w.doctor(12, None), &plain),
        ("a masked one, to a doctor whom nobody authorised", w.doctor(13, None), &masked),
        ("any document, to a blocked doctor", w.doctor(14, Some("deny")), &plain),
        ("a masked one, to a blocked doctor", w.doctor(15, Some("deny")), &masked),
        ("not announced yet, to the patient", w.alice.clone(), &hidden),
    ];
    let mut wrong = Vec::new();
    for (row, reader, document) in rows {
        let binary = document.binary.replace(&document.id, ABSENT_ID);
        assert_ne!(binary, document.binary, "the address of the bytes carries the document's id");
        let absent = Deposited {
            id: ABSENT_ID.to_owned(),
            unique_id: ABSENT_UID.to_owned(),
            binary,
            lot: ABSENT_LOT.to_owned(),
        };
        for ((way, about_it), (_, about_nothing)) in ways(document).into_iter().zip(ways(&absent)) {
            let there = w.demo.send(&about_it.bearer(&reader));
            let nowhere = w.demo.send(&about_nothing.bearer(&reader));
            let (a, b) = (
                told(&there, &[&document.id, &document.unique_id, &document.lot]),
                told(&nowhere, &[ABSENT_ID, ABSENT_UID, ABSENT_LOT]),
            );
            if a != b {
                wrong.push(format!("{row}: {way}: {} / {}", there.brief(), nowhere.brief()));
            }
            let tells = there.json()["entry"].as_array().is_some_and(|entries| !entries.is_empty());
            if there.status < 400 && (way != "search" || tells) {
                wrong.push(format!("{row}: {way}: answered {}", there.brief()));
            }
        }
    }
    // The control: the author sees all three, so that the rows above compare with something.
    for (name, document) in [("plain", &plain), ("masked", &masked), ("hidden", &hidden)] {
        let (_, read) = ways(document).swap_remove(0);
        let seen = w.demo.send(&read.bearer(&w.author));
        if seen.status != 200 {
            wrong.push(format!("{name}: its author gets {}", seen.brief()));
        }
    }
    assert!(wrong.is_empty(), "{} answers tell a document:\n{}", wrong.len(), wrong.join("\n"));
}
