//! The published examples of PDSm and PDSM4DMP: every one has a shape we know, and their deposits are taken as they
//! are written once they hold a real document of a patient of ours.
//!
//! Runs where the guides are at hand (`DMP_SHARED`, else `../shared` beside the workspace); says so otherwise.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod lots;
mod world;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lots::{dr_libre, fixture};
use serde_json::Value;
use std::path::PathBuf;
use world::{INS_SYSTEM, MARIE, World, patient};

fn guides() -> Option<PathBuf> {
    let root = std::env::var_os("DMP_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let folder = root.join("data/pdsm-fhir");
    folder.is_dir().then_some(folder)
}

#[test]
fn every_example_has_a_shape_we_know() {
    let Some(guides) = guides() else {
        println!("skipped: the guides are not here");
        return;
    };
    let mut checked = 0;
    for folder in ["pdsm/json", "pdsm4dmp-eeds/json", "pdsm4dmp-eeds/examples"] {
        for file in std::fs::read_dir(guides.join(folder)).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let ours = ["DocumentReference-", "List-", "Bundle-", "Binary-", "Patient-", "Organization-"];
            if !ours.iter().any(|kind| name.starts_with(kind)) {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let json = dmp_fhir::json::read(&bytes, 1 << 20).unwrap_or_else(|o| panic!("{name}: {o:?}"));
            if let Err(outcome) = dmp_fhir::shape::check(&json, None) {
                panic!("{name}: {}", outcome.to_json());
            }
            checked += 1;
        }
    }
    assert!(checked >= 15, "{checked} examples");
}

/// A consultation note of Marie, made when the examples say theirs was.
fn document() -> Vec<u8> {
    let text = fixture("auto-presentable");
    let (before, rest) = text.split_once("<effectiveTime value=\"").unwrap();
    let (_, after) = rest.split_once('"').unwrap();
    format!("{before}<effectiveTime value=\"20260612100000+0200\"{after}").into_bytes()
}

/// Puts a patient and a document of ours into an example.
fn ours(text: &str, unique_id: &str) -> Value {
    let hash_of_theirs = "\"A/hMRrv6Y15BjSM8kMLidrz+mHc=\"";
    let mut text = text
        .replace("urn:oid:1.2.250.1.213.1.4.8|123456789012345", &format!("{INS_SYSTEM}|{MARIE}"))
        .replace("\"urn:oid:1.2.250.1.213.1.4.8\"", &format!("\"{INS_SYSTEM}\""))
        .replace("\"123456789012345\"", &format!("\"{MARIE}\""))
        .replace("899700218896", lots::LIBRE)
        .replace(&format!("\"hash\": {hash_of_theirs},"), "")
        .replace("\"size\": 80,", "");
    for theirs in ["1.2.250.1.213.1.4.8.99999.1\"", "1.2.250.1.213.1.4.8.99999.2\""] {
        text = text.replace(theirs, &format!("{unique_id}\""));
    }
    let data = "PD94bWwgdmVyc2lvbj0iMS4wIiBlbmNvZGluZz0iVVRGLTgiPz48Q2xpbmljYWxEb2N1bWVudCB4bWxucz0idXJuOmhsNy1vcmc6djMiLz4=";
    assert!(text.contains(data));
    serde_json::from_str(&text.replace(data, &STANDARD.encode(document()))).unwrap()
}

#[tokio::test]
async fn the_deposits_of_pdsm4dmp_are_taken_as_written() {
    let Some(guides) = guides() else {
        println!("skipped: the guides are not here");
        return;
    };
    for (example, path, status) in [
        ("Bundle-example-td2-iti65-lot-soumission", "", 200),
        ("DocumentReference-example-td2-iti105-publication-simplifiee", "/DocumentReference", 201),
    ] {
        let text =
            std::fs::read_to_string(guides.join(format!("pdsm4dmp-eeds/json/{example}.json"))).unwrap();
        let world = World::new().await;
        world.open_marie().await;
        // As it is: a patient that does not exist.
        let theirs: Value = serde_json::from_str(&text).unwrap();
        let reply = world.post(&dr_libre(), path, &theirs).await;
        assert_eq!((reply.status, reply.issue().1.as_str()), (422, "XDSUnknownPatientId"), "{example}");
        let reply = world.post(&dr_libre(), path, &ours(&text, "1.2.250.1.999.1.8")).await;
        assert_eq!(reply.status, status, "{example}: {}", reply.text());
        let found =
            world.get(&patient(MARIE), "/DocumentReference?type=http://loinc.org%7C11488-4").await.json();
        assert_eq!(found["total"], 1, "{example}");
        let resource = &found["entry"][0]["resource"];
        assert_eq!(resource["content"][0]["attachment"]["title"], "Compte rendu de consultation");
        assert_eq!(resource["content"][0]["attachment"]["contentType"], "application/xslt+xml");
    }
}
