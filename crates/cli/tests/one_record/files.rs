//! Every document at hand, published by one face and found by the other: the official samples that a test deployment takes
//! (the production OID read as a test one), and the fixtures of the project.

use crate::common::soap::{DENIED, Sandbox, ins, now};
use crate::common::{Demo, Request, shared};
use crate::seen::Reader;
use crate::tools::dmp;
use aws_lc_rs::digest;
use dmp_lps::publish::Document;
use dmp_lps::{Ins, LpsError};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Refused by their header, whatever the face: the key of the INS is wrong.
const WRONG_KEY: [&str; 4] =
    ["t30-CSE-CS8_2025.01", "t30-SDM-MR_2024.01_nouveau-ne", "t30-CSE-MDE_2023.01", "t30-OBP-SNE_2024.01"];
/// No professional deposits these (PUB-3): what the Assurance maladie pays, what the patient says.
const NOT_BY_A_PROFESSIONAL: [&str; 3] = ["t30-CNAM-HR_2021.01", "remboursements", "expression-patient"];
/// uniqueIds of two samples: the first is replaced by the second.
const REPLACED: (&str, &str) =
    ("1.2.250.1.71.4.2.2.120456789.71024000081", "1.2.250.1.71.4.2.2.120456789.71024000082");

/// A file.
struct Sample {
    name: String,
    path: PathBuf,
    document: Document,
}

impl Sample {
    fn unique_id(&self) -> &str {
        self.document.draft.metadata.unique_id.as_str()
    }

    fn patient(&self) -> Ins {
        ins(self.document.draft.patient.ins.value())
    }
}

/// Files of both folders, those first that others replace.
#[allow(clippy::print_stdout)] // a test that tests less says so
fn samples() -> Vec<Sample> {
    let mut folders = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/cda"))];
    match shared() {
        Some(shared) => folders.push(shared.join("data/cda-samples")),
        None => println!("SKIPPED: no shared folder (DMP_SHARED): the official samples are not tested"),
    }
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let xml =
        files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "xml"));
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let document = match Document::read(std::fs::read(&path).unwrap().into(), now()) {
            Ok(document) => document,
            Err(LpsError::Document(refusal)) => panic!("{name}: {refusal}"),
            Err(error) => panic!("{name}: {error}"),
        };
        Sample { name, path, document }
    };
    let mut samples: Vec<Sample> =
        xml.map(read).filter(|sample| !WRONG_KEY.contains(&sample.name.as_str())).collect();
    samples.sort_by_key(|sample| (sample.unique_id() == REPLACED.1, sample.name.clone()));
    samples
}

/// Opens the dossiers of those whom the samples are about, with what the headers say of them.
fn open(demo: &Demo, samples: &[Sample]) -> BTreeSet<Ins> {
    let loader = demo.token(&["--loader"]);
    let mut open = BTreeSet::new();
    for sample in samples {
        let patient = &sample.document.draft.patient;
        // The demo's own patient has a dossier.
        if !open.insert(sample.patient()) || patient.ins.value() == "284073523811416" {
            continue;
        }
        let birth = patient.birth_date.as_deref().unwrap();
        let parameters = json!({"resourceType": "Parameters", "parameter": [
            {"name": "patient", "resource": {
                "resourceType": "Patient",
                "identifier": [{"system": "urn:oid:1.2.250.1.213.1.4.10", "value": patient.ins.value()}],
                "name": [{"use": "official", "family": patient.birth_family, "given": [patient.birth_given]}],
                "gender": "female",
                "birthDate": format!("{}-{}-{}", &birth[..4], &birth[4..6], &birth[6..8]),
            }},
            {"name": "consent", "valueBoolean": true},
            {"name": "consent-collected-by", "valueString": "accueil"},
            {"name": "consent-means", "valueString": "oral"},
            {"name": "channel", "valueCode": "cpam"},
        ]});
        let answer = demo.send(&Request::post("/fhir/Patient/$open", parameters.to_string()).bearer(&loader));
        assert_eq!(answer.status, 201, "{}: {}", sample.name, answer.brief());
    }
    open
}

/// What was published is found on both faces, and given back to the byte; what was replaced is superseded.
fn found_on_both(demo: &Demo, reader: &Reader, patients: &BTreeSet<Ins>, published: &[&Sample]) {
    let mut found = BTreeMap::new();
    for patient in patients {
        found.extend(reader.agree(demo, patient));
    }
    for sample in published {
        let seen = &found[sample.unique_id()];
        let bytes = &sample.document.bytes;
        let sha1 = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
        let sha1: String = sha1.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((&seen.hash, &seen.size), (&sha1, &bytes.len().to_string()), "{}", sample.name);
        assert!(reader.bytes_by_fhir(demo, seen) == *bytes, "{}: ITI-68", sample.name);
        let retrieved = reader.soap.retrieve(&sample.patient(), &seen.unique_id);
        assert!(retrieved.unwrap() == *bytes, "{}: ITI-43", sample.name);
        let status = if seen.unique_id == REPLACED.0 { "superseded" } else { "current" };
        let id = seen.lid.trim_start_matches("urn:uuid:");
        let reference = demo.get(&format!("/fhir/DocumentReference/{id}"), &reader.token).json();
        assert_eq!(reference["status"], status, "{}", sample.name);
    }
}

fn start() -> Demo {
    Demo::start_with(&["--dossiers", "2", "--seed", "1", "--accept-production-oid"])
}

#[test]
fn what_iti_41_publishes_iti_67_finds() {
    let (demo, samples) = (start(), samples());
    let sandbox = Sandbox::of(&demo);
    let patients = open(&demo, &samples);
    let reader = Reader::new(&demo, &sandbox);
    patients.iter().for_each(|patient| reader.authorised_by(patient));
    let mut depositor = sandbox.software("medecin");
    let mut published = Vec::new();
    for sample in &samples {
        let metadata = &sample.document.draft.metadata;
        let mut document = sample.document.clone();
        if let Some(parent) = &metadata.declared_parent {
            let parent = reader.soap.entry(&sample.patient(), parent.as_str()).unwrap();
            document.replaces = parent.map(|entry| entry.id);
        }
        // In the name of the structure of its author.
        let institution = metadata.authors.first().and_then(|author| author.institution.as_ref());
        if let Some(id) = institution.and_then(|institution| institution.id.as_ref()) {
            depositor.identity.who.structure.id = id.as_str().to_owned();
        }
        let outcome = depositor.publish(&sample.patient(), &[document]);
        match (outcome, NOT_BY_A_PROFESSIONAL.contains(&sample.name.as_str())) {
            (Ok(()), false) => published.push(sample),
            (Err(refusal), true) => assert!(refusal.starts_with(DENIED), "{}: {refusal}", sample.name),
            (outcome, _) => panic!("{}: {outcome:?}", sample.name),
        }
    }
    // The fixtures alone, or 29 official samples with them.
    assert!(matches!((samples.len(), published.len()), (8, 6) | (37, 34)), "{}", samples.len());
    found_on_both(&demo, &reader, &patients, &published);
    demo.verify().unwrap();
}

#[test]
fn what_iti_65_publishes_iti_18_finds() {
    let (demo, samples) = (start(), samples());
    let token = demo.dir.join("loader.token");
    std::fs::write(&token, demo.token(&["--loader"])).unwrap();
    let mut arguments: Vec<String> = ["publish", "--open-missing", "--url"].map(str::to_owned).into();
    arguments.extend([
        format!("http://{}", demo.authority),
        "--token-file".into(),
        token.display().to_string(),
    ]);
    arguments.extend(samples.iter().map(|sample| sample.path.display().to_string()));
    let run = dmp(arguments);
    assert_eq!(run.code, Some(0), "{} {}", run.out, run.err);
    let reader = Reader::new(&demo, &Sandbox::of(&demo));
    let patients: BTreeSet<Ins> = samples.iter().map(Sample::patient).collect();
    patients.iter().for_each(|patient| reader.authorised_by(patient));
    found_on_both(&demo, &reader, &patients, &samples.iter().collect::<Vec<_>>());
}
