//! Resources that are sent: the transaction of ITI-65, the parameters of `$open`.
//!
//! They say what the header of the document says. What follows from a header by tables (classCode, formatCode) or
//! needs a choice among several acts is left to the server, which reads the header itself.

use super::plan::Ready;
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dmp_cda::header::RelatedDocument;
use dmp_cda::{Identifier, Participant, Patient, Sex};
use serde_json::{Value, json};
use uuid::Uuid;

const URI: &str = "urn:ietf:rfc:3986";
/// OID of `dmp publish` as a source of lots: a UUID of ours (ITU-T X.667).
const SOURCE_ID: &str = "urn:oid:2.25.273508921385027094126433178230962871463";

/// `urn:oid:…` or `urn:uuid:…` of a document's identifier.
pub fn urn(id: &Identifier) -> String {
    let joined = id.joined();
    let kind = if Uuid::try_parse(&joined).is_ok() { "uuid" } else { "oid" };
    format!("urn:{kind}:{joined}")
}

/// The identifier of the document that this one declares to replace.
pub fn declared_parent(related: &[RelatedDocument]) -> Option<&Identifier> {
    related.iter().find(|related| related.kind == "RPLC")?.id.as_ref()
}

/// The transaction that deposits one file: List, DocumentReference, Binary.
pub fn transaction(one: &Ready, replaces: Option<&Identifier>) -> Value {
    let fresh = || format!("urn:uuid:{}", Uuid::new_v4());
    let (list, reference, binary) = (fresh(), fresh(), fresh());
    let mut document = document_reference(one, &binary);
    if let Some(parent) = replaces {
        document["relatesTo"] = json!([{
            "code": "replaces",
            "target": { "identifier": { "system": URI, "value": urn(parent) } },
        }]);
    }
    let entry = |url: &str, kind: &str, resource: Value| json!({ "fullUrl": url, "resource": resource, "request": { "method": "POST", "url": kind } });
    let bytes = json!({
        "resourceType": "Binary",
        "contentType": one.mime_type,
        "data": STANDARD.encode(&one.bytes),
    });
    json!({
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            entry(&list, "List", submission_set(one, &reference)),
            entry(&reference, "DocumentReference", document),
            entry(&binary, "Binary", bytes),
        ],
    })
}

/// The lot. It carries no identifier: the server makes one of its documents, so that the same file sent twice is the
/// same lot.
fn submission_set(one: &Ready, reference: &str) -> Value {
    json!({
        "resourceType": "List",
        "extension": [{
            "url": "https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-sourceId",
            "valueIdentifier": { "system": URI, "value": SOURCE_ID },
        }],
        "status": "current",
        "mode": "working",
        "code": { "coding": [{
            "system": "https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes", "code": "submissionset",
        }]},
        "subject": subject(&one.header.patient),
        "date": jiff::Timestamp::now().to_string(),
        "entry": [{ "item": { "reference": reference } }],
    })
}

fn document_reference(one: &Ready, binary: &str) -> Value {
    let header = &one.header;
    let contained: Vec<Value> =
        header.authors.iter().enumerate().flat_map(|(i, who)| author(&format!("a{i}"), who)).collect();
    let authors: Vec<Value> =
        (0..header.authors.len()).map(|i| json!({ "reference": format!("#a{i}") })).collect();
    let sha1 = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &one.bytes);
    let mut attachment = json!({
        "contentType": one.mime_type,
        "language": header.language,
        "url": binary,
        "size": one.bytes.len(),
        "hash": STANDARD.encode(sha1),
        "creation": header.effective_time.to_fhir(),
    });
    if let Some(title) = &header.title {
        attachment["title"] = json!(title);
    }
    json!({
        "resourceType": "DocumentReference",
        "contained": contained,
        "masterIdentifier": { "system": URI, "value": urn(&header.id) },
        "status": "current",
        "type": { "coding": [coding(&header.code.code, &header.code.system, &header.code.label)] },
        "subject": subject(&header.patient),
        "date": header.effective_time.start().to_instant(),
        "author": authors,
        "securityLabel": [{
            "coding": [coding(&header.confidentiality.code, &header.confidentiality.system, "")],
        }],
        "content": [{ "attachment": attachment }],
    })
}

/// An author as contained resources, `id` being the one to refer to.
fn author(id: &str, author: &Participant) -> Vec<Value> {
    let (of_person, of_structure) = (format!("{id}p"), format!("{id}o"));
    let mut person = json!({ "resourceType": "Practitioner", "id": of_person });
    person["identifier"] = author.ids.iter().map(identifier).collect();
    if !author.name.family.is_empty() {
        person["name"] = json!([{ "family": author.name.family }]);
    }
    if !author.name.given.is_empty() {
        person["name"][0]["given"] = json!([author.name.given]);
    }
    let mut role = json!({
        "resourceType": "PractitionerRole",
        "id": id,
        "practitioner": { "reference": format!("#{of_person}") },
    });
    for (key, code) in [("code", &author.function), ("specialty", &author.code)] {
        if let Some(code) = code {
            role[key] = json!([{ "coding": [coding(&code.code, &code.system, &code.label)] }]);
        }
    }
    let mut contained = vec![person];
    if let Some(structure) = &author.organization {
        role["organization"] = json!({ "reference": format!("#{of_structure}") });
        let mut organization = json!({ "resourceType": "Organization", "id": of_structure });
        if !structure.ids.is_empty() {
            organization["identifier"] = structure.ids.iter().map(identifier).collect();
        }
        if !structure.name.is_empty() {
            organization["name"] = json!(structure.name);
        }
        contained.push(organization);
    }
    contained.push(role);
    contained
}

fn identifier(id: &Identifier) -> Value {
    match &id.extension {
        Some(extension) => json!({ "system": format!("urn:oid:{}", id.root), "value": extension }),
        None => json!({ "system": URI, "value": urn(id) }),
    }
}

fn coding(code: &str, system: &str, label: &str) -> Value {
    let mut coding = json!({ "code": code });
    if !system.is_empty() {
        coding["system"] = json!(format!("urn:oid:{system}"));
    }
    if !label.is_empty() {
        coding["display"] = json!(label);
    }
    coding
}

fn subject(patient: &Patient) -> Value {
    json!({ "identifier": identifier(&patient.ins) })
}

/// Parameters of `$open` for a patient of the test realm, with the traits of a header. The consent is the operator's
/// word, and says so.
pub fn opening(patient: &Patient) -> Value {
    let mut resource = json!({
        "resourceType": "Patient",
        "identifier": [identifier(&patient.ins)],
        "name": [{
            "use": "official",
            "family": patient.birth_family,
            "given": patient.given_names.split_whitespace().collect::<Vec<_>>(),
        }],
        "gender": match patient.sex {
            Some(Sex::Male) => "male",
            Some(Sex::Female) => "female",
            Some(Sex::Undetermined) | None => "unknown",
        },
    });
    if let Some(date) = &patient.birth_date {
        // As the INS has it: a lunar date is no FHIR date.
        resource["_birthDate"] = json!({ "extension": [{
            "url": "https://interop.esante.gouv.fr/ig/fhir/dmp/StructureDefinition/dmp-date-naissance",
            "valueString": format!("{date:0<8}"),
        }]});
    }
    if let Some(place) = &patient.birth_place {
        resource["extension"] = json!([{
            "url": "https://interop.esante.gouv.fr/ig/fhir/dmp/StructureDefinition/dmp-lieu-naissance",
            "valueCode": place,
        }]);
    }
    json!({
        "resourceType": "Parameters",
        "parameter": [
            { "name": "patient", "resource": resource },
            { "name": "consent", "valueBoolean": true },
            { "name": "consent-collected-by", "valueString": "dmp publish --open-missing" },
            { "name": "consent-means", "valueString": "patient fictif d'un domaine de test" },
            { "name": "channel", "valueCode": "ps" },
        ],
    })
}
