//! Resources that are sent: the transaction of ITI-65 (PDSm *comprehensive*), the parameters of `$open`.

use super::plan::Ready;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dmp_cda::Patient;
use dmp_dossier::document::Author;
use dmp_dossier::{AuthorId, BaseConfidentiality, Code, DocumentUid, PsId, Sex, StructureId};
use dmp_nomenclature::{confidentiality, oid};
use serde_json::{Value, json};
use uuid::Uuid;

const URI: &str = "urn:ietf:rfc:3986";
/// OID of `dmp publish` as a source of lots: a UUID of ours (ITU-T X.667).
const SOURCE_ID: &str = "urn:oid:2.25.273508921385027094126433178230962871463";

/// The transaction that deposits one file: List, DocumentReference, Binary.
pub fn transaction(one: &Ready, replaces: Option<&DocumentUid>) -> Value {
    let urn = || format!("urn:uuid:{}", Uuid::new_v4());
    let (list, reference, binary) = (urn(), urn(), urn());
    let metadata = &one.draft.metadata;
    let mut document = document_reference(one, &binary);
    if let Some(parent) = replaces {
        document["relatesTo"] = json!([{
            "code": "replaces",
            "target": { "identifier": { "system": URI, "value": parent.to_urn() } },
        }]);
    }
    let entry = |url: &str, kind: &str, resource: Value| json!({ "fullUrl": url, "resource": resource, "request": { "method": "POST", "url": kind } });
    json!({
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            entry(&list, "List", submission_set(one, &reference)),
            entry(&reference, "DocumentReference", document),
            entry(&binary, "Binary", json!({
                "resourceType": "Binary",
                "contentType": metadata.mime_type,
                "data": STANDARD.encode(&one.bytes),
            })),
        ],
    })
}

/// The lot. It carries no identifier: the server makes one of its documents, so that the same file sent twice is the
/// same lot.
fn submission_set(one: &Ready, reference: &str) -> Value {
    let submission = &one.draft.submission;
    json!({
        "resourceType": "List",
        "contained": author("a0", &submission.author),
        "extension": [
            {
                "url": "https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-designationType",
                "valueCodeableConcept": concept(&submission.content_type),
            },
            {
                "url": "https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-sourceId",
                "valueIdentifier": { "system": URI, "value": SOURCE_ID },
            },
        ],
        "status": "current",
        "mode": "working",
        "title": submission.title,
        "code": { "coding": [{
            "system": "https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes", "code": "submissionset",
        }]},
        "subject": subject(&one.draft.patient),
        "date": crate::token::now().to_instant(),
        "source": { "reference": "#a0" },
        "entry": [{ "item": { "reference": reference } }],
    })
}

fn document_reference(one: &Ready, binary: &str) -> Value {
    let m = &one.draft.metadata;
    let contained: Vec<Value> =
        m.authors.iter().enumerate().flat_map(|(i, who)| author(&format!("a{i}"), who)).collect();
    let references: Vec<Value> =
        (0..m.authors.len()).map(|i| json!({ "reference": format!("#a{i}") })).collect();
    let label = match m.confidentiality {
        BaseConfidentiality::Normal => &confidentiality::NORMAL,
        BaseConfidentiality::Restricted => &confidentiality::RESTRICTED,
        BaseConfidentiality::VeryRestricted => &confidentiality::VERY_RESTRICTED,
    };
    let mut context = json!({
        "facilityType": concept(&m.facility_type),
        "practiceSetting": concept(&m.practice_setting),
        "sourcePatientInfo": subject(&one.draft.patient),
    });
    if !m.event_codes.is_empty() {
        context["event"] = m.event_codes.iter().map(concept).collect();
    }
    for (key, time) in [("start", m.service_start), ("end", m.service_stop)] {
        if let Some(time) = time {
            context["period"][key] = json!(time.to_fhir());
        }
    }
    json!({
        "resourceType": "DocumentReference",
        "contained": contained,
        "masterIdentifier": { "system": URI, "value": m.unique_id.to_urn() },
        "status": "current",
        "type": concept(&m.type_code),
        "category": [concept(&m.class_code)],
        "subject": subject(&one.draft.patient),
        "date": m.creation_time.start().to_instant(),
        "author": references,
        "securityLabel": [{ "coding": [{
            "system": label.system.fhir, "code": label.code, "display": label.label,
        }]}],
        "content": [{
            "attachment": {
                "contentType": m.mime_type,
                "language": m.language,
                "url": binary,
                "size": m.size_bytes,
                "hash": STANDARD.encode(m.hash),
                "title": m.title,
                "creation": m.creation_time.to_fhir(),
            },
            "format": coding(&m.format_code),
        }],
        "context": context,
    })
}

/// An author as contained resources, `id` being the one to refer to.
fn author(id: &str, author: &Author) -> Vec<Value> {
    let person = |kind: &str, id: &str| {
        let mut person =
            json!({ "resourceType": kind, "id": id, "identifier": [identifier(&author.person.id)] });
        let mut name = json!({});
        if !author.person.family.is_empty() {
            name["family"] = json!(author.person.family);
        }
        if !author.person.given.is_empty() {
            name["given"] = json!([author.person.given]);
        }
        if name != json!({}) {
            person["name"] = json!([name]);
        }
        person
    };
    if let AuthorId::Patient(_) = author.person.id {
        return vec![person("Patient", id)];
    }
    let (of_person, of_structure) = (format!("{id}p"), format!("{id}o"));
    let mut role = json!({
        "resourceType": "PractitionerRole", "id": id,
        "practitioner": { "reference": format!("#{of_person}") },
    });
    if let Some(code) = &author.role {
        role["code"] = json!([concept(code)]);
    }
    if let Some(code) = &author.specialty {
        role["specialty"] = json!([concept(code)]);
    }
    let mut contained = vec![person("Practitioner", &of_person)];
    if let Some(institution) = &author.institution {
        role["organization"] = json!({ "reference": format!("#{of_structure}") });
        let mut organization = json!({ "resourceType": "Organization", "id": of_structure });
        if !institution.name.is_empty() {
            organization["name"] = json!(institution.name);
        }
        let id = institution.id.as_ref().map(|id| (StructureId::OID, id.as_str()));
        if let Some((system, value)) = id.or(institution.other_id.as_deref().map(|id| ("", id))) {
            organization["identifier"] = json!([pair(system, value)]);
        }
        contained.push(organization);
    }
    contained.push(role);
    contained
}

fn identifier(id: &AuthorId) -> Value {
    match id {
        AuthorId::Professional(id) => pair(PsId::OID, id.as_str()),
        AuthorId::Patient(ins) => pair(ins.oid().as_str(), ins.value()),
        AuthorId::Other { id, authority } => pair(authority, id),
    }
}

fn pair(oid: &str, value: &str) -> Value {
    match oid {
        "" => json!({ "value": value }),
        oid => json!({ "system": format!("urn:oid:{oid}"), "value": value }),
    }
}

fn subject(patient: &Patient) -> Value {
    json!({ "identifier": pair(&patient.ins.root, patient.ins.extension.as_deref().unwrap_or_default()) })
}

fn concept(code: &Code) -> Value {
    json!({ "coding": [coding(code)] })
}

fn coding(code: &Code) -> Value {
    let known = oid::by_oid(&code.system).map(|system| system.fhir.to_owned());
    let mut coding = json!({ "code": code.code });
    if !code.system.is_empty() {
        coding["system"] = json!(known.unwrap_or_else(|| format!("urn:oid:{}", code.system)));
    }
    if !code.label.is_empty() {
        coding["display"] = json!(code.label);
    }
    coding
}

/// Parameters of `$open` for a patient of the test realm, with the traits of a header. The consent is the operator's
/// word, and says so.
pub fn opening(patient: &Patient) -> Value {
    let mut resource = json!({
        "resourceType": "Patient",
        "identifier": [pair(&patient.ins.root, patient.ins.extension.as_deref().unwrap_or_default())],
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
