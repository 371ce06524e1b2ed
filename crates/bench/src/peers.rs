//! The same work on a peer already running: a FHIR server that keeps Patient, DocumentReference and Binary.
//!
//! Publish is a transaction of one Binary and one DocumentReference, search the 20 current documents of a patient,
//! retrieve the Binary. A peer checks no right, seals nothing and keeps no journal: the comparison favours it.

use crate::client::Client;
use crate::documents::{self, Doctor, Patient, Random};
use crate::stats::Latencies;
use crate::{Options, Scenario, fhir};
use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What a peer gave.
pub struct Peer {
    pub name: String,
    rate: f64,
    percentiles: [f64; 4],
}

impl Peer {
    pub fn to_json(&self) -> Value {
        let [p50, p95, p99, max] = self.percentiles;
        json!({"requests_per_second": self.rate, "p50_ms": p50, "p95_ms": p95, "p99_ms": p99, "max_ms": max})
    }
}

/// `name=URL` of a running peer; both known peers speak plain FHIR R4 and share one adapter.
pub async fn run(peer: &str, options: &Options) -> Result<Peer> {
    let (name, url) = peer.split_once('=').context("--peer takes helios=URL or hapi=URL")?;
    if !matches!(name, "helios" | "hapi") {
        bail!("unknown peer `{name}`: helios or hapi");
    }
    let patients: Arc<Vec<Patient>> =
        Arc::new((0..options.dossiers.clamp(1, 500)).map(|i| documents::patient(options.seed, i)).collect());
    let mut client = Client::new(url, "")?;
    for (i, p) in patients.iter().enumerate() {
        let body = json!({"resourceType": "Patient", "id": format!("p{i}"), "name": [{"family": p.name}]})
            .to_string();
        client.fhir("PUT", &format!("/Patient/p{i}"), Bytes::from(body), &[200, 201]).await?;
    }
    let reads = options.scenario != Scenario::Publish;
    let numbers = Arc::new(AtomicU64::new(0));
    if reads {
        for i in 0..patients.len() {
            for _ in 0..options.documents_each {
                let bundle =
                    transaction(&patients[i], i, numbers.fetch_add(1, Ordering::Relaxed), options.size);
                client.fhir("POST", "", bundle, &[200]).await?;
            }
        }
    }
    let start = Instant::now();
    let end = start + Duration::from_secs_f64(options.seconds);
    let tasks: Vec<_> = (0..options.clients)
        .map(|number| {
            let (url, patients, numbers) = (url.to_owned(), Arc::clone(&patients), Arc::clone(&numbers));
            let (scenario, size) = (options.scenario, options.size);
            tokio::spawn(async move {
                let mut client = Client::new(&url, "")?;
                let mut random = Random::new(number as u64);
                let mut latencies = Latencies::default();
                let mut binaries: Vec<String> = Vec::new();
                while Instant::now() < end {
                    let i = random.below(patients.len());
                    let search = format!("/DocumentReference?patient=Patient/p{i}&status=current&_count=20");
                    match scenario {
                        Scenario::Publish => {
                            let body =
                                transaction(&patients[i], i, numbers.fetch_add(1, Ordering::Relaxed), size);
                            let at = Instant::now();
                            client.fhir("POST", "", body, &[200]).await?;
                            latencies.record(at.elapsed());
                        }
                        Scenario::Search | Scenario::Mixed => {
                            let at = Instant::now();
                            client.fhir("GET", &search, Bytes::new(), &[200]).await?;
                            latencies.record(at.elapsed());
                        }
                        Scenario::Retrieve => {
                            if binaries.len() < 64 {
                                let found = client.fhir("GET", &search, Bytes::new(), &[200]).await?;
                                let urls = fhir::binaries(&found.body).into_iter().map(|(path, _)| path);
                                binaries.extend(urls.filter(|u| u.contains("Binary/")));
                                if binaries.is_empty() {
                                    bail!("the peer's DocumentReference leads to no Binary");
                                }
                                continue;
                            }
                            let path = &binaries[random.below(binaries.len())];
                            let path =
                                path.find("Binary/").map_or(path.clone(), |k| format!("/{}", &path[k..]));
                            let at = Instant::now();
                            client.fhir("GET", &path, Bytes::new(), &[200]).await?;
                            latencies.record(at.elapsed());
                        }
                    }
                }
                Ok::<Latencies, anyhow::Error>(latencies)
            })
        })
        .collect();
    let mut total = Latencies::default();
    for task in tasks {
        total.merge(task.await??);
    }
    let rate = total.count() as f64 / start.elapsed().as_secs_f64();
    Ok(Peer { name: name.to_owned(), rate, percentiles: total.percentiles() })
}

fn transaction(patient: &Patient, i: usize, n: u64, size: usize) -> Bytes {
    let uid = format!("2.25.9{n}");
    let document = documents::document(patient, &Doctor::of_the_load(), &uid, &mut Random::new(n), size);
    let binary = "urn:uuid:00000000-0000-4000-8000-000000000003";
    Bytes::from(
        json!({"resourceType": "Bundle", "type": "transaction", "entry": [
            {"fullUrl": binary,
             "resource": {"resourceType": "Binary", "contentType": "text/xml", "data": STANDARD.encode(document)},
             "request": {"method": "POST", "url": "Binary"}},
            {"fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000002",
             "resource": {
                "resourceType": "DocumentReference", "status": "current",
                "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": format!("urn:oid:{uid}")},
                "type": {"coding": [{"system": "http://loinc.org", "code": "11490-0"}]},
                "subject": {"reference": format!("Patient/p{i}")},
                "content": [{"attachment": {"contentType": "text/xml", "url": binary}}]},
             "request": {"method": "POST", "url": "DocumentReference"}},
        ]})
        .to_string(),
    )
}
