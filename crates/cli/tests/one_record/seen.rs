//! A document as each face tells it, in the same words: what must be equal is compared as one value.

use crate::common::soap::{Sandbox, Software};
use crate::common::{Demo, Request};
use crate::tools::{own_path, resources};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dmp_lps::authorise::{self, Action};
use dmp_lps::ebrim::{Entry, scheme};
use dmp_lps::search::{self, query};
use dmp_lps::{Availability, Ins, Session};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What both faces say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub unique_id: String,
    pub entry_uuid: String,
    pub lid: String,
    pub version: String,
    pub status: Availability,
    /// SHA-1, hexadecimal.
    pub hash: String,
    pub size: String,
    pub mime_type: String,
    pub title: String,
    pub language: String,
    /// Creation, beginning and end of the act: digits, in UTC.
    pub times: [String; 3],
    /// Class, type, format, kind of place, practice setting.
    pub codes: [String; 5],
    pub events: Vec<String>,
    pub confidentiality: Vec<String>,
    pub authors: Vec<String>,
}

impl Seen {
    /// An ExtrinsicObject of ITI-18.
    pub fn by_xds(entry: &Entry) -> Self {
        let slot = |name: &str| entry.slot(name).unwrap_or_default().to_owned();
        // FHIR has no time without its seconds.
        let time = |name: &str| match entry.slot(name).unwrap_or_default() {
            minutes if minutes.len() == 12 => format!("{minutes}00"),
            other => other.to_owned(),
        };
        let codes = |scheme: &'static str| entry.codes(scheme).map(|code| code.code).collect::<Vec<_>>();
        let one = |scheme: &'static str| {
            let codes = codes(scheme);
            assert_eq!(codes.len(), 1, "{scheme}");
            codes[0].clone()
        };
        let persons = entry.classifications.iter().filter(|c| c.scheme == scheme::AUTHOR).map(|author| {
            let slot = author.slots.iter().find(|slot| slot.name == "authorPerson");
            slot.map(|slot| slot.values[0].split('^').next().unwrap().to_owned()).unwrap_or_default()
        });
        Seen {
            unique_id: entry.unique_id().to_owned(),
            entry_uuid: entry.id.clone(),
            lid: entry.lid.clone().unwrap(),
            version: entry.version.clone().unwrap(),
            status: Availability::parse(entry.status.as_deref().unwrap()).unwrap(),
            hash: slot("hash"),
            size: slot("size"),
            mime_type: entry.mime_type.clone(),
            title: entry.title.clone().unwrap(),
            language: slot("languageCode"),
            times: ["creationTime", "serviceStartTime", "serviceStopTime"].map(time),
            codes: [scheme::CLASS, scheme::TYPE, scheme::FORMAT, scheme::FACILITY, scheme::PRACTICE_SETTING]
                .map(one),
            events: codes(scheme::EVENT),
            confidentiality: codes(scheme::CONFIDENTIALITY),
            authors: persons.collect(),
        }
    }

    /// A DocumentReference of ITI-67.
    pub fn by_fhir(reference: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let code = |concept: &Value| text(&concept["coding"][0]["code"]);
        let codes = |list: &Value| list.as_array().into_iter().flatten().map(code).collect::<Vec<_>>();
        let digits = |value: &Value| {
            let time = text(value);
            let whole = time.split('.').next().unwrap_or_default();
            whole.chars().filter(char::is_ascii_digit).collect::<String>()
        };
        let attachment = &reference["content"][0]["attachment"];
        let hash = STANDARD.decode(text(&attachment["hash"])).unwrap();
        let context = &reference["context"];
        let lid = identifier(reference, "secondary");
        assert_eq!(lid, format!("urn:uuid:{}", text(&reference["id"])), "the id is the UUID of the lid");
        assert_eq!(reference["masterIdentifier"]["value"], identifier(reference, "usual"));
        Seen {
            unique_id: crate::tools::unique_id(reference),
            entry_uuid: identifier(reference, "official"),
            lid,
            version: text(&reference["meta"]["versionId"]),
            status: match (reference["status"].as_str().unwrap(), archived(reference)) {
                ("current", false) => Availability::Approved,
                ("current", true) => Availability::Archived,
                ("superseded", false) => Availability::Deprecated,
                ("entered-in-error", false) => Availability::Deleted,
                other => panic!("{other:?}"),
            },
            hash: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            size: attachment["size"].to_string(),
            mime_type: text(&attachment["contentType"]),
            title: text(&attachment["title"]),
            language: text(&attachment["language"]),
            times: [&attachment["creation"], &context["period"]["start"], &context["period"]["end"]]
                .map(digits),
            codes: [
                code(&reference["category"][0]),
                code(&reference["type"]),
                text(&reference["content"][0]["format"]["code"]),
                code(&context["facilityType"]),
                code(&context["practiceSetting"]),
            ],
            events: codes(&context["event"]),
            confidentiality: codes(&reference["securityLabel"]),
            authors: authors(reference),
        }
    }
}

/// An identifier of a resource, by its use.
fn identifier(resource: &Value, usage: &str) -> String {
    let all = resource["identifier"].as_array().unwrap();
    let found = all.iter().find(|identifier| identifier["use"] == usage).unwrap();
    found["value"].as_str().unwrap().to_owned()
}

fn archived(reference: &Value) -> bool {
    let mut extensions = reference["extension"].as_array().into_iter().flatten();
    let found =
        extensions.find(|e| e["url"].as_str().is_some_and(|url| url.ends_with("/pdsm-ext-is-archived")));
    found.unwrap()["valueBoolean"].as_bool().unwrap()
}

/// Identifiers of the authors.
fn authors(reference: &Value) -> Vec<String> {
    let contained = |id: &Value| {
        let id = id.as_str().unwrap().trim_start_matches('#');
        reference["contained"].as_array().unwrap().iter().find(|r| r["id"] == id).unwrap()
    };
    let id = |author: &Value| {
        let author = contained(&author["reference"]);
        let person = match author["resourceType"].as_str() {
            Some("PractitionerRole") => contained(&author["practitioner"]["reference"]),
            _ => author,
        };
        person["identifier"][0]["value"].as_str().unwrap_or_default().to_owned()
    };
    reference["author"].as_array().unwrap().iter().map(id).collect()
}

/// A doctor whom patients authorise, as each face knows her.
pub struct Reader {
    pub soap: Software,
    pub token: String,
}

impl Reader {
    /// The doctor of the demo and of its sandbox.
    pub fn new(demo: &Demo, sandbox: &Sandbox) -> Self {
        Reader { soap: sandbox.software("medecin"), token: demo.persona("dr-martin") }
    }

    /// TD0.3, by herself.
    pub fn authorised_by(&self, patient: &Ins) {
        let message = |session: &Session<'_>| authorise::message(session, Action::Add, false);
        self.soap.ask(Some(patient), message, authorise::read).unwrap();
    }

    /// ITI-18: the current version of each document, by uniqueId.
    pub fn by_xds(&self, patient: &Ins) -> BTreeMap<String, Seen> {
        let mut found: BTreeMap<String, Seen> = BTreeMap::new();
        for seen in self.soap.entries(patient).unwrap().iter().map(Seen::by_xds) {
            let number = |seen: &Seen| seen.version.parse::<u32>().unwrap();
            let known = found.get(&seen.unique_id).map(number);
            if known.is_none_or(|known| known < number(&seen)) {
                found.insert(seen.unique_id.clone(), seen);
            }
        }
        found
    }

    /// ITI-67: every document, by uniqueId.
    pub fn by_fhir(&self, demo: &Demo, patient: &Ins) -> BTreeMap<String, Seen> {
        let path = format!(
            "/fhir/DocumentReference?patient.identifier=urn:oid:{}%7C{}&status=current,superseded,entered-in-error&_count=100",
            patient.oid().as_str(),
            patient.value()
        );
        let found = resources(demo, &path, &self.token);
        found.iter().map(Seen::by_fhir).map(|seen| (seen.unique_id.clone(), seen)).collect()
    }

    /// ITI-68: the bytes of a document, by the address that its DocumentReference gives.
    pub fn bytes_by_fhir(&self, demo: &Demo, seen: &Seen) -> Vec<u8> {
        let id = seen.lid.trim_start_matches("urn:uuid:");
        let reference = demo.get(&format!("/fhir/DocumentReference/{id}"), &self.token).json();
        let address = reference["content"][0]["attachment"]["url"].as_str().unwrap();
        let request = Request::get(&own_path(demo, address)).bearer(&self.token);
        let answer = demo.send(&request.header("Accept", &seen.mime_type));
        assert_eq!(answer.status, 200, "{}", answer.brief());
        answer.body
    }

    /// entryUUIDs of the lots: by FindSubmissionSets, and by ITI-66.
    fn lots(&self, demo: &Demo, patient: &Ins) -> [BTreeSet<String>; 2] {
        use Availability::{Approved, Archived, Deleted, Deprecated};
        let slots = [
            ("$XDSSubmissionSetPatientId", format!("'{}'", patient.to_cx())),
            // A lot has the status of its documents.
            (
                "$XDSSubmissionSetStatus",
                search::listed([Approved, Archived, Deleted, Deprecated].map(Availability::as_urn)),
            ),
        ];
        let message = search::stored_query(query::FIND_SUBMISSION_SETS, &slots, search::Return::Objects);
        let by_xds = self.soap.ask(Some(patient), |_| Ok(message), search::read).unwrap().packages;
        let (oid, value) = (patient.oid().as_str(), patient.value());
        let path = format!("/fhir/List?patient.identifier=urn:oid:{oid}%7C{value}&_count=100");
        let by_fhir =
            resources(demo, &path, &self.token).into_iter().map(|list| identifier(&list, "official"));
        [by_xds.into_iter().collect(), by_fhir.collect()]
    }

    /// Both faces tell the same documents, in the same words, and the same lots.
    pub fn agree(&self, demo: &Demo, patient: &Ins) -> BTreeMap<String, Seen> {
        let [by_xds, by_fhir] = self.lots(demo, patient);
        assert_eq!(by_xds, by_fhir);
        let (xds, fhir) = (self.by_xds(patient), self.by_fhir(demo, patient));
        assert_eq!(xds.keys().collect::<Vec<_>>(), fhir.keys().collect::<Vec<_>>());
        for (unique_id, seen) in &xds {
            assert_eq!(*seen, fhir[unique_id], "{unique_id}");
        }
        xds
    }
}
