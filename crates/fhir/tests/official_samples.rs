//! The official sample documents, deposited and given back: what is said of each is what its own header says.
//!
//! Runs where the samples are at hand (`DMP_SHARED`, else `../shared` beside the workspace); says so otherwise.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod lots;
mod world;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dmp_cda::{Cda, Intake};
use dmp_dossier::{Actor, App, AppPurpose, Ins, Parameters, Sex, Time};
use serde_json::{Value, json};
use std::path::PathBuf;
use world::{INS_SYSTEM, World};

/// What the gate refuses, and why.
const REFUSED: [(&str, &str); 6] = [
    ("t241-DOC_NON_STRUCTURE_CDA-R1", "production OID"),
    ("t30-CSE-CS8_2025.01", "key of the INS"),
    ("t30-CSE-MDE_2023.01", "production OID"),
    ("t30-OBP-SNE_2024.01", "production OID"),
    ("t30-SDM-MR_2024.01_nouveau-ne", "key of the INS"),
    ("t30-eDISP-MED_2024.01", "production OID"),
];

fn samples() -> Option<PathBuf> {
    let root = std::env::var_os("DMP_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let folder = root.join("data/cda-samples");
    folder.is_dir().then_some(folder)
}

fn loader() -> Actor {
    Actor::App(App { name: "chargeur".into(), purpose: AppPurpose::Loader })
}

struct Sample {
    name: String,
    bytes: Vec<u8>,
    draft: dmp_cda::DocumentDraft,
}

fn read_all(folder: &PathBuf, parameters: &Parameters) -> Vec<Sample> {
    let mut samples: Vec<Sample> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "xml"))
        .map(|path| {
            let bytes = std::fs::read(&path).unwrap();
            let intake = Intake { now: Time::from_millis(1_795_255_200_000), realm: parameters.realm };
            let draft = Cda::parse(&bytes).unwrap().document_entry(&intake);
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let draft = draft.unwrap_or_else(|e| panic!("{name}: {e}"));
            Sample { name, bytes, draft }
        })
        .collect();
    // Parents before their replacements.
    samples.sort_by_key(|s| (s.draft.metadata.creation_time.start(), s.name.clone()));
    samples
}

async fn open(world: &World, sample: &Sample) -> u16 {
    let patient = &sample.draft.patient;
    let birth = patient.birth_date.clone().unwrap_or_default();
    let resource = json!({
        "resourceType": "Patient",
        "identifier": [{"system": format!("urn:oid:{}", patient.ins.root), "value": patient.ins.value()}],
        "name": [{"use": "official", "family": patient.birth_family, "given": [patient.birth_given]}],
        "gender": match patient.sex {
            Some(Sex::Female) => "female",
            Some(Sex::Male) => "male",
            _ => "unknown",
        },
        "birthDate": format!("{}-{}-{}", &birth[..4], &birth[4..6], &birth[6..8])
    });
    world.post(&loader(), "/Patient/$open", &world::opening(resource)).await.status
}

fn reference(sample: &Sample, replaces: Option<String>) -> Value {
    let patient = &sample.draft.patient;
    let mut reference = json!({
        "resourceType": "DocumentReference", "status": "current",
        "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": sample.draft.metadata.unique_id.to_urn()},
        "subject": {"identifier": {"system": format!("urn:oid:{}", patient.ins.root), "value": patient.ins.value()}},
        "content": [{"attachment": {
            "contentType": sample.draft.metadata.mime_type,
            "data": STANDARD.encode(&sample.bytes),
            "hash": STANDARD.encode(sample.draft.metadata.hash),
            "size": sample.bytes.len()
        }}]
    });
    if let Some(urn) = replaces {
        let target = json!({"identifier": {"system": "urn:ietf:rfc:3986", "value": urn}});
        reference["relatesTo"] = json!([{"code": "replaces", "target": target}]);
    }
    reference
}

#[tokio::test]
async fn each_sample_is_told_as_its_header_says_and_given_back_byte_for_byte() {
    let Some(folder) = samples() else {
        println!("skipped: the official samples are not here");
        return;
    };
    let parameters = Parameters { author_structure: false, ..Parameters::default() };
    let world = World::with(parameters.clone()).await;
    let samples = read_all(&folder, &parameters);
    assert_eq!(samples.len(), 33);
    let mut published = 0;
    for sample in &samples {
        let name = sample.name.as_str();
        let refused = REFUSED.iter().find(|(refused, _)| *refused == name);
        let opened = open(&world, sample).await;
        assert_eq!(opened == 422, refused.is_some(), "{name}: opening {opened}");
        let parent = sample.draft.metadata.declared_parent.as_ref().map(|p| p.to_urn());
        let known = match &parent {
            Some(urn) => is_current(&world, sample, urn).await,
            None => false,
        };
        let body = reference(sample, parent.filter(|_| known));
        let reply = world.post(&loader(), "/DocumentReference", &body).await;
        if let Some((_, why)) = refused {
            assert_eq!(
                (reply.status, reply.issue().1.as_str()),
                (422, "XDSUnknownPatientId"),
                "{name}: {why}"
            );
            continue;
        }
        assert_eq!(reply.status, 201, "{name}: {}", reply.text());
        published += 1;
        check(&world, sample).await;
    }
    assert_eq!(published, 27);
    let radio = samples.iter().find(|s| s.name == "hl7v2-CR_Radio_CDAN1_v1").unwrap();
    assert_eq!(found(&world, radio).await["status"], "superseded");
    let radio = samples.iter().find(|s| s.name == "hl7v2-CR_Radio_CDAN1_v2").unwrap();
    assert_eq!(found(&world, radio).await["status"], "current");
}

/// True when the document is found current in the patient's record, by the loader's search for references.
async fn is_current(world: &World, sample: &Sample, urn: &str) -> bool {
    let ins = sample.draft.patient.ins.value();
    let path =
        format!("/DocumentReference?patient.identifier={INS_SYSTEM}%7C{ins}&identifier={urn}&status=current");
    let reply = world.get(&loader(), &path).await;
    reply.status == 200 && reply.json()["total"] == 1
}

fn holder(sample: &Sample) -> Actor {
    let ins = Ins::parse(sample.draft.patient.ins.value(), dmp_dossier::InsOid::Test).unwrap();
    Actor::Patient { ins }
}

async fn found(world: &World, sample: &Sample) -> Value {
    let path = format!("/DocumentReference?identifier={}", sample.draft.metadata.unique_id.to_urn());
    let found = world.get(&holder(sample), &path).await.json();
    assert_eq!(found["total"], 1, "{}: {found}", sample.name);
    found["entry"][0]["resource"].clone()
}

async fn check(world: &World, sample: &Sample) {
    let resource = found(world, sample).await;
    let own = &sample.draft.metadata;
    let text =
        |pointer: &str| resource.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    for (pointer, value) in [
        ("/type/coding/0/code", own.type_code.code.clone()),
        ("/category/0/coding/0/code", own.class_code.code.clone()),
        ("/content/0/attachment/title", own.title.clone()),
        ("/content/0/attachment/creation", own.creation_time.to_fhir()),
        ("/content/0/attachment/hash", STANDARD.encode(own.hash)),
        ("/content/0/format/code", own.format_code.code.clone()),
        ("/context/facilityType/coding/0/code", own.facility_type.code.clone()),
        ("/context/practiceSetting/coding/0/code", own.practice_setting.code.clone()),
    ] {
        assert_eq!(text(pointer), value, "{} {pointer}", sample.name);
    }
    let start = own.service_start.map(|d| d.to_fhir()).unwrap_or_default();
    assert_eq!(text("/context/period/start"), start, "{}", sample.name);
    assert_eq!(resource["author"].as_array().map(Vec::len), Some(own.authors.len()), "{}", sample.name);
    let url = text("/content/0/attachment/url");
    let path = url.strip_prefix("http://127.0.0.1:8080/fhir").unwrap();
    let raw = world.get(&holder(sample), path).await;
    assert!(raw.status == 200 && raw.bytes == sample.bytes, "{}: not the bytes sent", sample.name);
}
