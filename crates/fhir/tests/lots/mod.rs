//! Documents made from the project's fixtures, and the lots that bring them.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use crate::world::{INS_SYSTEM, MARIE, World, by_ins, patient};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dmp_dossier::{Actor, Auth, Card, Mode, PersonName, Professional, PsId, StructureId};
use serde_json::{Value, json};

/// Author of the fixtures.
pub const LIBRE: &str = "899900063480";
/// His structure.
pub const CABINET_LIBRE: &str = "499900063480001";

/// The author of the fixtures, in his practice.
pub fn dr_libre() -> Actor {
    Actor::Professional(Box::new(Professional {
        id: PsId::parse(LIBRE).unwrap(),
        name: PersonName { family: "LIBRE".into(), given: "Luc".into() },
        profession: "10".into(),
        speciality: Some("SM26".into()),
        structure: StructureId::parse(CABINET_LIBRE),
        structure_name: Some("Cabinet du Dr Libre".into()),
        sector: Some("SA07".into()),
        auth: Auth::Direct,
        card: Card::Cps,
        mode: Mode::Normal,
        secret: false,
        software: None,
    }))
}

/// A fixture, as text.
pub fn fixture(name: &str) -> String {
    let path = format!("{}/../../fixtures/cda/{name}.xml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A CDA and its uniqueId.
#[derive(Debug, Clone)]
pub struct Document {
    pub uid: String,
    pub bytes: Vec<u8>,
}

impl Document {
    /// The synthesis, under identifiers of its own.
    pub fn synthese(number: u32) -> Self {
        let uid = format!("1.2.250.1.999.7.{number}");
        let text = fixture("synthese")
            .replace(r#"<id root="1.2.250.1.999.1.1"/>"#, &format!(r#"<id root="{uid}"/>"#))
            .replace(
                r#"<setId root="1.2.250.1.999.1"/>"#,
                &format!(r#"<setId root="1.2.250.1.999.8.{number}"/>"#),
            );
        Document { uid, bytes: text.into_bytes() }
    }

    /// The imaging report, wrapped PDF, under its UUID.
    pub fn imaging() -> Self {
        Document {
            uid: "C2AD5D22-4ED9-44D6-AD9B-4292BA64131E".into(),
            bytes: fixture("imagerie-pdf").into_bytes(),
        }
    }

    /// The same with another piece of text.
    pub fn edit(self, from: &str, to: &str) -> Self {
        let text = String::from_utf8(self.bytes).unwrap();
        assert!(text.contains(from), "`{from}` is not in the document");
        Document { bytes: text.replace(from, to).into_bytes(), ..self }
    }

    /// `urn:oid:` or `urn:uuid:`.
    pub fn urn(&self) -> String {
        format!("urn:{}:{}", if self.uid.contains('.') { "oid" } else { "uuid" }, self.uid)
    }

    /// Its DocumentReference, the bytes at `url` or inside.
    pub fn reference(&self, url: Option<&str>) -> Value {
        let mut attachment = json!({"contentType": "text/xml", "title": "Document d'essai"});
        match url {
            Some(url) => attachment["url"] = json!(url),
            None => attachment["data"] = json!(STANDARD.encode(&self.bytes)),
        }
        json!({
            "resourceType": "DocumentReference",
            "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": self.urn()},
            "status": "current",
            "subject": {"identifier": {"system": INS_SYSTEM, "value": MARIE}},
            "content": [{"attachment": attachment}]
        })
    }
}

/// A lot of these documents.
pub fn lot(documents: &[Document]) -> Value {
    let mut entries = vec![entry("urn:uuid:l", "List", list(documents.len()))];
    for (i, document) in documents.iter().enumerate() {
        let (d, b) = (format!("urn:uuid:d{i}"), format!("urn:uuid:b{i}"));
        entries.push(entry(&d, "DocumentReference", document.reference(Some(&b))));
        let binary = json!({
            "resourceType": "Binary", "contentType": "text/xml", "data": STANDARD.encode(&document.bytes)
        });
        entries.push(entry(&b, "Binary", binary));
    }
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})
}

fn list(documents: usize) -> Value {
    let items: Vec<Value> =
        (0..documents).map(|i| json!({"item": {"reference": format!("urn:uuid:d{i}")}})).collect();
    json!({
        "resourceType": "List",
        "status": "current",
        "mode": "working",
        "code": {"coding": [{
            "system": "https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes", "code": "submissionset"
        }]},
        "subject": {"identifier": {"system": INS_SYSTEM, "value": MARIE}},
        "date": "2026-06-12T10:00:00+02:00",
        "entry": items
    })
}

/// An entry of a transaction.
pub fn entry(full_url: &str, kind: &str, resource: Value) -> Value {
    json!({"fullUrl": full_url, "resource": resource, "request": {"method": "POST", "url": kind}})
}

/// The DocumentReference of the n-th document of a lot.
pub fn reference_of(lot: &mut Value, n: usize) -> &mut Value {
    &mut lot["entry"][1 + 2 * n]["resource"]
}

/// The entry of a transaction that marks a document superseded (UpdateDocumentRefs).
pub fn superseding(url: &str) -> Value {
    json!({
        "fullUrl": "urn:uuid:p",
        "resource": {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": [
            {"name": "type", "valueCode": "replace"},
            {"name": "path", "valueString": "DocumentReference.status"},
            {"name": "value", "valueCode": "superseded"}
        ]}]},
        "request": {"method": "PATCH", "url": url}
    })
}

/// Lets a professional in, by Marie herself.
pub async fn authorise(world: &World, professional: &str) {
    let path = format!(
        "/Consent?patient.identifier={}&actor.identifier=urn:oid:1.2.250.1.71.4.2.1%7C{professional}",
        by_ins(MARIE)
    );
    let consent = json!({
        "resourceType": "Consent", "status": "active",
        "scope": {"coding": [{"code": "patient-privacy"}]},
        "category": [{"coding": [{"code": "autorisation"}]}],
        "patient": {"identifier": {"system": INS_SYSTEM, "value": MARIE}},
        "provision": {"type": "permit", "actor": [{
            "role": {"coding": [{"code": "PRCP"}]},
            "reference": {"identifier": {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": professional}}
        }]}
    });
    let reply = world.send(&patient(MARIE), "PUT", &path, Some(&consent)).await;
    assert!(matches!(reply.status, 200 | 201), "{}", reply.text());
}

/// The id in the location of an entry of a transaction-response.
pub fn id_of(response: &Value, entry: usize) -> String {
    let location = response["entry"][entry]["response"]["location"].as_str().unwrap_or_default();
    location.rsplit_once('/').unwrap_or_default().1.to_owned()
}

/// Marie's record, just opened.
pub async fn open_world() -> World {
    let world = World::new().await;
    world.open_marie().await;
    world
}

/// Publishes a lot; its transaction-response.
pub async fn publish(world: &World, documents: &[Document]) -> Value {
    let reply = world.post(&dr_libre(), "", &lot(documents)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

/// A search in Marie's record.
pub async fn search(world: &World, actor: &Actor, parameters: &str) -> Value {
    let path = format!("/DocumentReference?patient.identifier={}{parameters}", by_ins(MARIE));
    let reply = world.get(actor, &path).await;
    assert_eq!(reply.status, 200, "{parameters}: {}", reply.text());
    reply.json()
}

/// The ids of the hits of a search.
pub fn ids(bundle: &Value) -> Vec<String> {
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    entries.iter().map(|e| e["resource"]["id"].as_str().unwrap_or_default().to_owned()).collect()
}
