//! The messages of the load: ITI-65 bundles, `$open`, Consent, and the checks of the answers.

use crate::documents::{self, Doctor, Patient};
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::json;

/// A document to publish, and what to check of it afterwards.
pub struct Deposit {
    /// The ITI-65 bundle.
    pub bundle: Bytes,
    /// The document itself.
    pub document: Bytes,
}

/// System of the test INS.
pub const INS: &str = "urn:oid:1.2.250.1.213.1.4.10";

/// Document number `n` of a run, for a patient.
pub fn deposit(patient: &Patient, doctor: &Doctor, run: u64, n: u64, size: usize) -> Deposit {
    let uid = documents::unique_id(run, n);
    let document = documents::numbered(patient, doctor, run, n, size);
    let sha1 = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, document.as_bytes());
    let (hash, length) = (STANDARD.encode(sha1.as_ref()), document.len());
    let (ins, author, structure) = (&patient.ins, &doctor.id, &doctor.structure);
    let mut bundle = format!(
        r##"{{"resourceType":"Bundle","type":"transaction","entry":[{{"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000001","resource":{{"resourceType":"List","contained":[{{"resourceType":"Practitioner","id":"a","identifier":[{{"system":"urn:oid:1.2.250.1.71.4.2.1","value":"{author}"}}]}}],"extension":[{{"url":"https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-sourceId","valueIdentifier":{{"system":"urn:ietf:rfc:3986","value":"urn:oid:1.2.250.1.999.1.1"}}}},{{"url":"https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-designationType","valueCodeableConcept":{{"coding":[{{"system":"urn:oid:1.2.250.1.213.2.2","code":"07"}}]}}}}],"identifier":[{{"use":"usual","system":"urn:ietf:rfc:3986","value":"urn:oid:2.25.{run}.{n}.2"}}],"status":"current","mode":"working","code":{{"coding":[{{"system":"https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes","code":"submissionset"}}]}},"subject":{{"identifier":{{"system":"{INS}","value":"{ins}"}}}},"date":"2026-06-12T10:00:00+02:00","source":{{"reference":"#a"}},"entry":[{{"item":{{"reference":"urn:uuid:00000000-0000-4000-8000-000000000002"}}}}]}},"request":{{"method":"POST","url":"List"}}}},{{"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000002","resource":{{"resourceType":"DocumentReference","contained":[{{"resourceType":"PractitionerRole","id":"a","practitioner":{{"identifier":{{"system":"urn:oid:1.2.250.1.71.4.2.1","value":"{author}"}}}},"organization":{{"identifier":{{"system":"urn:oid:1.2.250.1.71.4.2.2","value":"{structure}"}}}}}}],"masterIdentifier":{{"system":"urn:ietf:rfc:3986","value":"urn:oid:{uid}"}},"status":"current","type":{{"coding":[{{"system":"http://loinc.org","code":"11490-0"}}]}},"category":[{{"coding":[{{"system":"https://mos.esante.gouv.fr/NOS/TRE_A03-ClasseDocument/FHIR/TRE-A03-ClasseDocument","code":"10"}}]}}],"subject":{{"identifier":{{"system":"{INS}","value":"{ins}"}}}},"author":[{{"reference":"#a"}}],"securityLabel":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"N"}}]}}],"content":[{{"attachment":{{"contentType":"text/xml","language":"fr-FR","url":"urn:uuid:00000000-0000-4000-8000-000000000003","size":{length},"hash":"{hash}","title":"Lettre de liaison à la sortie"}}}}]}},"request":{{"method":"POST","url":"DocumentReference"}}}},{{"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000003","resource":{{"resourceType":"Binary","contentType":"text/xml","data":""##
    );
    STANDARD.encode_string(document.as_bytes(), &mut bundle);
    bundle.push_str(r#""},"request":{"method":"POST","url":"Binary"}}]}"#);
    Deposit { bundle: Bytes::from(bundle), document: Bytes::from(document) }
}

/// `$open` for a patient.
pub fn open(patient: &Patient) -> Bytes {
    let birth = format!("{}-{}-{}", &patient.birth[..4], &patient.birth[4..6], &patient.birth[6..8]);
    let body = json!({"resourceType": "Parameters", "parameter": [
        {"name": "patient", "resource": {
            "resourceType": "Patient",
            "identifier": [{"system": INS, "value": patient.ins}],
            "name": [{"use": "official", "family": patient.name, "given": [patient.given]}],
            "gender": if patient.male { "male" } else { "female" },
            "birthDate": birth,
        }},
        {"name": "consent", "valueBoolean": true},
        {"name": "consent-collected-by", "valueString": "essai de charge"},
        {"name": "consent-means", "valueString": "oral"},
        {"name": "channel", "valueCode": "ps"},
    ]});
    Bytes::from(body.to_string())
}

/// The doctor of the load declares himself authorised.
pub fn consent(patient: &Patient, doctor: &Doctor) -> (String, Bytes) {
    let actor = json!({"system": "urn:oid:1.2.250.1.71.4.2.1", "value": doctor.id});
    let body = json!({
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": {"identifier": {"system": INS, "value": patient.ins}},
        "provision": {"type": "permit", "actor": [{
            "role": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "PRCP"}]},
            "reference": {"identifier": actor},
        }]},
    });
    let path = format!(
        "/fhir/Consent?patient.identifier={INS}%7C{}&actor.identifier=urn:oid:1.2.250.1.71.4.2.1%7C{}",
        patient.ins, doctor.id
    );
    (path, Bytes::from(body.to_string()))
}

/// ITI-67: 20 current documents of a patient.
pub fn search(patient: &Patient) -> String {
    format!("/fhir/DocumentReference?patient.identifier={INS}%7C{}&status=current&_count=20", patient.ins)
}

/// Number of DocumentReference in a search answer, counted on the text: cheap enough to check every sample.
pub fn hits(body: &[u8]) -> usize {
    let needle = b"\"resourceType\":\"DocumentReference\"";
    body.windows(needle.len()).filter(|w| *w == needle).count()
}

/// The Binary URLs of a search answer with the uniqueId of their document.
pub fn binaries(body: &[u8]) -> Vec<(String, String)> {
    let Ok(bundle) = serde_json::from_slice::<serde_json::Value>(body) else {
        return Vec::new();
    };
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    entries
        .iter()
        .filter_map(|e| {
            let resource = &e["resource"];
            let uid = resource["masterIdentifier"]["value"].as_str()?.strip_prefix("urn:oid:")?.to_owned();
            let url = resource["content"][0]["attachment"]["url"].as_str()?;
            let path = url.find("/fhir/").map_or(url, |at| &url[at..]);
            Some((path.to_owned(), uid))
        })
        .collect()
}
