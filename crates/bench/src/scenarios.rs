//! The work: preparing dossiers, running the clients, checking samples of the answers.

use crate::client::Client;
use crate::documents::{self, Doctor, Patient, Random};
use crate::stats::Latencies;
use crate::xds::{self, Ask, Software};
use crate::{Options, Scenario, fhir, limits};
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use dmp_lps::Identity;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// One answer in so many is checked for content.
const SAMPLE: u64 = 64;

/// Everything a client task needs.
pub struct Work {
    scenario: Scenario,
    clients: usize,
    seconds: f64,
    documents_each: usize,
    size: usize,
    /// Distinguishes the identifiers of this run.
    run: u64,
    url: String,
    token: String,
    doctor: Doctor,
    patients: Arc<Vec<Patient>>,
    /// Number of the next document to publish; those of the preparation are the first of all, patient by patient.
    next: Arc<AtomicU64>,
    /// Over the DMP interface, who speaks.
    software: Option<Arc<Software>>,
}

/// What a run gave.
#[derive(Default)]
pub struct Measured {
    pub latencies: Latencies,
    pub seconds: f64,
    pub published: u64,
    pub checked: u64,
    /// VIHF signed before the run, and whether it stopped for want of another.
    pub signed: usize,
    pub ran_out: bool,
}

/// The two limits of this machine, in the same run.
pub struct Limits {
    pub raw_sqlite: f64,
    pub empty_handler: f64,
    pub zstd_ratio: f64,
}

impl Work {
    /// The load of that doctor, known by token, over FHIR.
    pub fn new(options: &Options, url: &str, token: &str, doctor: Doctor) -> Self {
        let dossiers = options.dossiers.max(1);
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Work {
            scenario: options.scenario,
            clients: options.clients.max(1),
            seconds: options.seconds,
            documents_each: options.documents_each,
            size: options.size,
            run: u64::try_from(now.as_micros()).unwrap_or(1),
            url: url.to_owned(),
            token: token.to_owned(),
            doctor,
            patients: Arc::new((0..dossiers).map(|i| documents::patient(options.seed, i)).collect()),
            next: Arc::new(AtomicU64::new((dossiers * options.documents_each) as u64)),
            software: None,
        }
    }

    /// Signs what the run will say over the DMP interface instead.
    pub fn sign(&mut self, identity: Identity, count: usize) -> Result<()> {
        let software = Software::new(identity, &self.url, &self.patients, count)?;
        self.software = Some(Arc::new(software));
        Ok(())
    }

    /// Opens the dossiers, declares the doctor, and deposits documents where the scenario reads.
    pub async fn prepare(&self) -> Result<()> {
        let reads = self.scenario != Scenario::Publish;
        let next = Arc::new(AtomicU64::new(0));
        let tasks: Vec<_> = (0..self.clients)
            .map(|_| {
                let (url, token, next) = (self.url.clone(), self.token.clone(), Arc::clone(&next));
                let (patients, doctor) = (Arc::clone(&self.patients), self.doctor.clone());
                let (run, size, each) = (self.run, self.size, self.documents_each);
                tokio::spawn(async move {
                    let mut client = Client::new(&url, &token)?;
                    loop {
                        let i = usize::try_from(next.fetch_add(1, Ordering::Relaxed))?;
                        let Some(patient) = patients.get(i) else {
                            return Ok::<(), anyhow::Error>(());
                        };
                        client.fhir("POST", "/fhir/Patient/$open", fhir::open(patient), &[200, 201]).await?;
                        if !reads {
                            continue;
                        }
                        let (path, body) = fhir::consent(patient, &doctor);
                        client.fhir("PUT", &path, body, &[200, 201]).await?;
                        for n in i * each..(i + 1) * each {
                            let deposit = fhir::deposit(patient, &doctor, run, n as u64, size);
                            client.fhir("POST", "/fhir", deposit.bundle, &[200]).await?;
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await??;
        }
        Ok(())
    }

    /// Runs the clients for the time asked.
    pub async fn run(&self) -> Result<Measured> {
        let start = Instant::now();
        let end = start + Duration::from_secs_f64(self.seconds);
        let tasks: Vec<_> = (0..self.clients)
            .map(|number| {
                // Over the DMP interface, the VIHF says who asks.
                let token = if self.software.is_some() { "" } else { &self.token };
                let client = Client::new(&self.url, token);
                let task = Task {
                    scenario: self.scenario,
                    run: self.run,
                    size: self.size,
                    documents_each: self.documents_each,
                    doctor: self.doctor.clone(),
                    patients: Arc::clone(&self.patients),
                    next: Arc::clone(&self.next),
                    software: self.software.clone(),
                    random: Random::new(self.run ^ (number as u64) << 32),
                    known: Vec::new(),
                    measured: Measured::default(),
                };
                tokio::spawn(async move { task.until(client?, end).await })
            })
            .collect();
        let mut total = Measured {
            signed: self.software.as_ref().map_or(0, |software| software.assertions.count()),
            ..Measured::default()
        };
        for task in tasks {
            let one = task.await??;
            total.latencies.merge(one.latencies);
            total.published += one.published;
            total.checked += one.checked;
            total.ran_out |= one.ran_out;
        }
        total.seconds = start.elapsed().as_secs_f64();
        Ok(total)
    }

    /// Measures the limits with the bytes of this run.
    pub async fn limits(&self) -> Result<Limits> {
        let samples: Vec<fhir::Deposit> = (0..256)
            .map(|i| {
                let patient = &self.patients[i % self.patients.len()];
                fhir::deposit(patient, &self.doctor, self.run, u64::MAX / 2 + i as u64, self.size)
            })
            .collect();
        let raw: usize = samples.iter().map(|d| d.document.len()).sum();
        let packed: usize =
            samples.iter().map(|d| zstd::encode_all(&d.document[..], 3).map_or(0, |z| z.len())).sum();
        let documents: Vec<Bytes> = samples.iter().map(|d| d.document.clone()).collect();
        let raw_sqlite = {
            let dir = std::env::temp_dir();
            tokio::task::spawn_blocking(move || limits::raw_sqlite(&dir, &documents, 4.0)).await??
        };
        let (body, answer) = match self.scenario {
            Scenario::Publish | Scenario::Mixed => (samples[0].bundle.clone(), Bytes::from_static(b"{}")),
            Scenario::Search | Scenario::Retrieve => (Bytes::from_static(b"x"), samples[0].document.clone()),
        };
        let body = match &self.software {
            None => body,
            Some(software) => {
                let ask = match self.scenario {
                    Scenario::Publish | Scenario::Mixed => Ask::Publish(samples[0].document.clone()),
                    Scenario::Search => Ask::Search,
                    Scenario::Retrieve => Ask::Retrieve("2.25.1"),
                };
                software.request(&software.spare()?, ask)?.body
            }
        };
        let empty_handler = limits::empty_handler(self.clients, body, answer, 4.0).await?;
        Ok(Limits { raw_sqlite, empty_handler, zstd_ratio: raw as f64 / packed.max(1) as f64 })
    }
}

struct Task {
    scenario: Scenario,
    run: u64,
    size: usize,
    documents_each: usize,
    doctor: Doctor,
    patients: Arc<Vec<Patient>>,
    next: Arc<AtomicU64>,
    software: Option<Arc<Software>>,
    random: Random,
    /// Binary paths met so far, with the uniqueId of their document.
    known: Vec<(String, String)>,
    measured: Measured,
}

impl Task {
    async fn until(mut self, mut client: Client, end: Instant) -> Result<Measured> {
        if matches!(self.scenario, Scenario::Retrieve | Scenario::Mixed) {
            if self.documents_each == 0 {
                bail!("there is nothing to retrieve: --documents-each is 0");
            }
            // Over the DMP interface, a document is asked by its uniqueId, which its number makes.
            for _ in 0..if self.software.is_none() { 8 } else { 0 } {
                self.learn(&mut client).await?;
            }
        }
        while Instant::now() < end {
            let scenario = match (self.scenario, self.random.below(10)) {
                (Scenario::Mixed, 0..=6) => Scenario::Retrieve,
                (Scenario::Mixed, 7..=8) => Scenario::Search,
                (Scenario::Mixed, _) => Scenario::Publish,
                (one, _) => one,
            };
            match (self.software.clone(), scenario) {
                (Some(software), scenario) => {
                    if !self.call(&software, scenario, &mut client).await? {
                        self.measured.ran_out = true;
                        break;
                    }
                }
                (None, Scenario::Publish) => self.publish(&mut client).await?,
                (None, Scenario::Search) => self.search(&mut client).await?,
                (None, _) => self.retrieve(&mut client).await?,
            }
        }
        Ok(self.measured)
    }

    fn patient(&mut self) -> Patient {
        let i = self.random.below(self.patients.len());
        self.patients[i].clone()
    }

    fn sampled(&mut self) -> bool {
        self.random.next().is_multiple_of(SAMPLE)
    }

    async fn learn(&mut self, client: &mut Client) -> Result<()> {
        let path = fhir::search(&self.patient());
        let reply = client.fhir("GET", &path, Bytes::new(), &[200]).await?;
        self.known.extend(fhir::binaries(&reply.body));
        if self.known.is_empty() {
            bail!("the search of the preparation found no document");
        }
        Ok(())
    }

    /// A call over the DMP interface; `false` when no VIHF is left for it.
    async fn call(&mut self, software: &Software, scenario: Scenario, client: &mut Client) -> Result<bool> {
        let Some(signed) = software.assertions.take() else { return Ok(false) };
        let sampled = self.sampled();
        let n = match scenario {
            Scenario::Publish => self.next.fetch_add(1, Ordering::Relaxed),
            _ => {
                (signed.patient * self.documents_each + self.random.below(self.documents_each.max(1))) as u64
            }
        };
        let document =
            || documents::numbered(&self.patients[signed.patient], &self.doctor, self.run, n, self.size);
        let unique_id = documents::unique_id(self.run, n);
        let ask = match scenario {
            Scenario::Publish => Ask::Publish(Bytes::from(document())),
            Scenario::Search => Ask::Search,
            _ => Ask::Retrieve(&unique_id),
        };
        let request = software.request(signed, ask)?;
        let start = Instant::now();
        let reply = client.send("POST", &request.path, &request.content_type, "*/*", request.body).await?;
        let latency = start.elapsed();
        xds::check(&reply)?;
        if sampled {
            match scenario {
                Scenario::Publish => xds::check_published(&reply)?,
                Scenario::Search => xds::check_found(&reply, self.documents_each)?,
                _ => xds::check_retrieved(&reply, &unique_id, &document())?,
            }
            self.measured.checked += 1;
        }
        self.measured.latencies.record(latency);
        self.measured.published += u64::from(scenario == Scenario::Publish);
        Ok(true)
    }

    async fn publish(&mut self, client: &mut Client) -> Result<()> {
        let patient = self.patient();
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let deposit = fhir::deposit(&patient, &self.doctor, self.run, n, self.size);
        let start = Instant::now();
        let reply = client.fhir("POST", "/fhir", deposit.bundle, &[200]).await?;
        self.measured.latencies.record(start.elapsed());
        self.measured.published += 1;
        if self.sampled() {
            let answer: Value = serde_json::from_slice(&reply.body)?;
            let created = answer["entry"].as_array().is_some_and(|e| {
                e.len() == 3
                    && e.iter()
                        .all(|e| e["response"]["status"].as_str().is_some_and(|s| s.starts_with("201")))
            });
            if !created {
                bail!("a publish answered 200 without three created entries");
            }
            self.measured.checked += 1;
        }
        Ok(())
    }

    async fn search(&mut self, client: &mut Client) -> Result<()> {
        let path = fhir::search(&self.patient());
        let start = Instant::now();
        let reply = client.fhir("GET", &path, Bytes::new(), &[200]).await?;
        self.measured.latencies.record(start.elapsed());
        if self.sampled() {
            let found = fhir::hits(&reply.body);
            let hits = self.documents_each.min(20);
            if found < hits {
                bail!("a search found {found} documents where {hits} were deposited");
            }
            self.measured.checked += 1;
        }
        Ok(())
    }

    async fn retrieve(&mut self, client: &mut Client) -> Result<()> {
        if self.random.below(200) == 0 && self.known.len() < 20_000 {
            self.learn(client).await?;
        }
        let (path, uid) = self.known[self.random.below(self.known.len())].clone();
        let start = Instant::now();
        let reply = client.send("GET", &path, "", "text/xml", Bytes::new()).await?;
        self.measured.latencies.record(start.elapsed());
        if reply.status != 200 {
            bail!("GET {path} answered {}", reply.status);
        }
        if self.sampled() {
            let text = std::str::from_utf8(&reply.body).context("a retrieved document is not UTF-8")?;
            if !text.contains(&uid) || !text.ends_with("</ClinicalDocument>\n") {
                bail!("GET {path} gave another document than {uid}");
            }
            self.measured.checked += 1;
        }
        Ok(())
    }
}
