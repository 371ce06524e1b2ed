//! Invented patients, documents made from the project's fixtures, and ITI-65 bundles of them.

use super::Demo;
use super::http::{Answer, Request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// FHIR system of the test INS.
pub const INS: &str = "urn:oid:1.2.250.1.213.1.4.10";
/// FHIR system of the identifiers of professionals.
pub const PS: &str = "urn:oid:1.2.250.1.71.4.2.1";
/// FHIR system of the codes that hide a document.
pub const A07: &str =
    "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument";
/// Author of the fixtures.
pub const AUTHOR: &str = "899900063480";

/// A patient of the test realm, whom the demo does not know.
#[derive(Debug, Clone, Copy)]
pub struct Patient {
    pub ins: &'static str,
    pub family: &'static str,
    pub given: &'static str,
}

/// The patient of nearly every test.
pub const ALICE: Patient = Patient { ins: "270019935110160", family: "ESSAI", given: "ALICE" };
/// Another one.
pub const BRUNE: Patient = Patient { ins: "270019935110259", family: "ESSAI", given: "BRUNE" };
/// One whose dossier gets closed.
pub const CLAIRE: Patient = Patient { ins: "270019935110358", family: "ESSAI", given: "CLAIRE" };
/// One who has no dossier.
pub const NOBODY: Patient = Patient { ins: "270019935110457", family: "ESSAI", given: "PERSONNE" };

/// All are women born on that day, so that one fixture serves all.
pub const BIRTH: &str = "1970-01-15";

impl Patient {
    /// `system|value`, escaped for a URL.
    pub fn identifier(&self) -> String {
        format!("{INS}%7C{}", self.ins)
    }

    /// Her token.
    pub fn token(&self, demo: &Demo) -> String {
        demo.token(&["--patient", self.ins])
    }

    /// Opens her dossier with the loader's token.
    pub fn open(&self, demo: &Demo, loader: &str) {
        let answer =
            demo.send(&Request::post("/fhir/Patient/$open", self.opening().to_string()).bearer(loader));
        assert_eq!(answer.status, 201, "$open: {}", answer.brief());
    }

    /// Parameters of `$open`.
    pub fn opening(&self) -> Value {
        json!({"resourceType": "Parameters", "parameter": [
            {"name": "patient", "resource": {
                "resourceType": "Patient",
                "identifier": [{"system": INS, "value": self.ins}],
                "name": [{"use": "official", "family": self.family, "given": [self.given]}],
                "gender": "female",
                "birthDate": BIRTH,
            }},
            {"name": "consent", "valueBoolean": true},
            {"name": "consent-collected-by", "valueString": "accueil"},
            {"name": "consent-means", "valueString": "oral"},
            {"name": "channel", "valueCode": "cpam"},
        ]})
    }

    /// Says who may come in: `permit` or `deny` about a professional, by her own act.
    pub fn decide(&self, demo: &Demo, token: &str, professional: &str, decision: &str) {
        let path = format!(
            "/fhir/Consent?patient.identifier={}&actor.identifier={PS}%7C{professional}",
            self.identifier()
        );
        let request = Request::new("PUT", &path).fhir(self.consent(professional, decision).to_string());
        let answer = demo.send(&request.bearer(token));
        assert!(matches!(answer.status, 200 | 201), "Consent {decision}: {}", answer.brief());
    }

    /// Her initial consent to a care team of one.
    pub fn team_consent(&self, professional: &str) -> Value {
        let mut consent = self.consent(professional, "permit");
        consent["category"] = json!([{"coding": [{"code": "equipe-de-soins"}]}]);
        consent["performer"] = json!([{"display": "accueil"}]);
        consent["policyRule"] = json!({"text": "oral"});
        consent
    }

    pub fn consent(&self, professional: &str, decision: &str) -> Value {
        json!({
            "resourceType": "Consent",
            "status": "active",
            "scope": {"coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy",
            }]},
            "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
            "patient": {"identifier": {"system": INS, "value": self.ins}},
            "provision": {"type": decision, "actor": [{
                "role": {"coding": [{
                    "system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "PRCP",
                }]},
                "reference": {"identifier": {"system": PS, "value": professional}},
            }]},
        })
    }
}

/// A CDA file and what the registry is told of it.
#[derive(Debug, Clone)]
pub struct Document {
    pub unique_id: String,
    pub type_code: &'static str,
    pub class_code: &'static str,
    pub media_type: &'static str,
    pub patient: Patient,
    pub bytes: Vec<u8>,
}

/// A fixture of the project.
fn fixture(name: &str) -> String {
    let path = format!("{}/../../fixtures/cda/{name}.xml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

impl Document {
    /// A medical synthesis (level 3), all its identifiers derived from `number`.
    pub fn synthese(patient: Patient, number: u32) -> Self {
        let id = r#"<id root="1.2.250.1.999.1.1"/>"#;
        Self::of(patient, number, "synthese", id, ("60591-5", "11", "text/xml")).edit(
            r#"<setId root="1.2.250.1.999.1"/>"#,
            &format!(r#"<setId root="1.2.250.1.999.8.{number}"/>"#),
        )
    }

    /// An imaging report whose body is a PDF (level 1).
    pub fn pdf(patient: Patient, number: u32) -> Self {
        let id = r#"<id root="C2AD5D22-4ED9-44D6-AD9B-4292BA64131E"/>"#;
        Self::of(patient, number, "imagerie-pdf", id, ("18748-4", "31", "text/xml"))
    }

    /// A document inside a hostile style sheet.
    pub fn auto_presentable(patient: Patient, number: u32) -> Self {
        let id = r#"<id root="1.2.250.1.999.1.8"/>"#;
        Self::of(patient, number, "auto-presentable", id, ("11488-4", "10", "application/xslt+xml"))
    }

    fn of(
        patient: Patient,
        number: u32,
        name: &str,
        id: &str,
        (type_code, class_code, media_type): (&'static str, &'static str, &'static str),
    ) -> Self {
        let unique_id = format!("1.2.250.1.999.7.{number}");
        let bytes = fixture(name).into_bytes();
        let document = Document { unique_id, type_code, class_code, media_type, patient, bytes };
        let own_id = format!(r#"<id root="{}"/>"#, document.unique_id);
        document
            .edit(id, &own_id)
            .edit("284073523811416", patient.ins)
            .edit("19840712", &BIRTH.replace('-', ""))
    }

    /// The same with another piece of text; the piece must be there.
    pub fn edit(mut self, from: &str, to: &str) -> Self {
        let text = String::from_utf8(self.bytes).unwrap();
        assert!(text.contains(from), "`{from}` is not in the document");
        self.bytes = text.replace(from, to).into_bytes();
        self
    }

    /// The synthesis with that as the content of a narrative block.
    pub fn narrative(self, inside: &str) -> Self {
        self.edit(r#"<list><item ID="pb-3">Pyélonéphrite, avril 2018</item></list>"#, inside)
    }

    /// The imaging report with that as the `text` of its body.
    pub fn body(self, text: &str) -> Self {
        let document = String::from_utf8(self.bytes).unwrap();
        let (start, end) = (document.find("<text mediaType").unwrap(), document.find("</text>").unwrap());
        let bytes = [&document[..start], text, &document[end + "</text>".len()..]].concat().into_bytes();
        Document { bytes, ..self }
    }

    /// The imaging report with those bytes as its body.
    pub fn binary_body(self, media_type: &str, bytes: &[u8]) -> Self {
        let data = STANDARD.encode(bytes);
        self.body(&format!(r#"<text mediaType="{media_type}" representation="B64">{data}</text>"#))
    }

    pub fn bytes(self, bytes: impl Into<Vec<u8>>) -> Self {
        Document { bytes: bytes.into(), ..self }
    }
}

/// A lot as one transaction (ITI-65): a SubmissionSet, then each document and its bytes.
#[derive(Debug, Clone)]
pub struct Lot(pub Value);

/// Entries of a lot: the SubmissionSet, then two by document.
pub const SET: usize = 0;
pub const REFERENCE: usize = 1;
pub const BINARY: usize = 2;

impl Lot {
    pub fn of(documents: &[Document]) -> Self {
        let first = &documents[0];
        let urn = |n: usize| format!("urn:uuid:00000000-0000-4000-8000-{n:012}");
        let references = (0..documents.len()).map(|i| 1 + 2 * i);
        let mut entries = vec![entry(&urn(0), set(first, references.map(urn).collect()), "List")];
        for (i, document) in documents.iter().enumerate() {
            let binary = json!({
                "resourceType": "Binary",
                "contentType": document.media_type,
                "data": STANDARD.encode(&document.bytes),
            });
            let reference = document_reference(document, &urn(2 + 2 * i));
            entries.push(entry(&urn(1 + 2 * i), reference, "DocumentReference"));
            entries.push(entry(&urn(2 + 2 * i), binary, "Binary"));
        }
        Lot(json!({"resourceType": "Bundle", "type": "transaction", "entry": entries}))
    }

    /// The same with another value at a path below the resource of an entry, `/status`; `null` takes it away.
    pub fn set(mut self, entry: usize, path: &str, value: Value) -> Self {
        let (parent, key) = path.rsplit_once('/').unwrap();
        let resource = &mut self.0["entry"][entry]["resource"];
        let parent = if parent.is_empty() { resource } else { resource.pointer_mut(parent).unwrap() };
        match (parent, value) {
            (Value::Object(members), Value::Null) => drop(members.remove(key)),
            (Value::Object(members), value) => drop(members.insert(key.to_owned(), value)),
            (Value::Array(items), value) => items[key.parse::<usize>().unwrap()] = value,
            (other, _) => panic!("{path}: nothing can be set in {other}"),
        }
        self
    }

    pub fn to_request(&self) -> Request {
        Request::post("/fhir", self.0.to_string())
    }

    pub fn send(&self, demo: &Demo, token: &str) -> Answer {
        demo.send(&self.to_request().bearer(token))
    }
}

fn entry(full_url: &str, resource: Value, method_url: &str) -> Value {
    json!({"fullUrl": full_url, "resource": resource, "request": {"method": "POST", "url": method_url}})
}

fn set(document: &Document, references: Vec<String>) -> Value {
    let items: Vec<Value> = references.iter().map(|r| json!({"item": {"reference": r}})).collect();
    json!({
        "resourceType": "List",
        "contained": [{
            "resourceType": "Practitioner", "id": "a", "identifier": [{"system": PS, "value": AUTHOR}],
        }],
        "extension": [
            {
                "url": "https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-sourceId",
                "valueIdentifier": {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.250.1.999.9"},
            },
            {
                "url": "https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-designationType",
                "valueCodeableConcept": {"coding": [{"system": "urn:oid:1.2.250.1.213.2.2", "code": "07"}]},
            },
        ],
        "identifier": [{
            "use": "usual", "system": "urn:ietf:rfc:3986", "value": format!("urn:oid:{}.1", document.unique_id),
        }],
        "status": "current",
        "mode": "working",
        "code": {"coding": [{
            "system": "https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes", "code": "submissionset",
        }]},
        "subject": {"identifier": {"system": INS, "value": document.patient.ins}},
        "date": "2026-06-12T10:00:00+02:00",
        "source": {"reference": "#a"},
        "entry": items,
    })
}

/// DocumentReference of a document whose bytes stand at `url`.
pub fn document_reference(document: &Document, url: &str) -> Value {
    let type_system = "http://loinc.org";
    let class_system = "https://mos.esante.gouv.fr/NOS/TRE_A03-ClasseDocument/FHIR/TRE-A03-ClasseDocument";
    json!({
        "resourceType": "DocumentReference",
        "contained": [{
            "resourceType": "Practitioner", "id": "a", "identifier": [{"system": PS, "value": AUTHOR}],
        }],
        "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": format!("urn:oid:{}", document.unique_id)},
        "status": "current",
        "type": {"coding": [{"system": type_system, "code": document.type_code}]},
        "category": [{"coding": [{"system": class_system, "code": document.class_code}]}],
        "subject": {"identifier": {"system": INS, "value": document.patient.ins}},
        "author": [{"reference": "#a"}],
        "securityLabel": [{"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "N",
        }]}],
        "content": [{"attachment": {
            "contentType": document.media_type,
            "language": "fr-FR",
            "url": url,
            "size": document.bytes.len(),
            "title": "Compte rendu",
        }}],
    })
}

/// The same for ITI-105: the bytes inside.
pub fn simplified(document: &Document) -> Value {
    let mut reference = document_reference(document, "");
    let attachment = reference.pointer_mut("/content/0/attachment").unwrap().as_object_mut().unwrap();
    attachment.remove("url");
    attachment.insert("data".to_owned(), json!(STANDARD.encode(&document.bytes)));
    reference
}
