//! The work: preparing dossiers, running the clients, checking samples of the answers, and the report.

use crate::client::Client;
use crate::documents::{self, Patient, Random};
use crate::stats::Latencies;
use crate::{Options, Scenario, fhir, limits};
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use serde_json::{Value, json};
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
    patients: Arc<Vec<Patient>>,
    next: Arc<AtomicU64>,
}

/// What a run gave.
pub struct Measured {
    pub latencies: Latencies,
    pub seconds: f64,
    pub published: u64,
    pub checked: u64,
}

/// The two limits of this machine, in the same run.
pub struct Limits {
    pub raw_sqlite: f64,
    pub empty_handler: f64,
    pub zstd_ratio: f64,
}

impl Work {
    pub fn new(options: &Options, url: &str, token: &str) -> Self {
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
            patients: Arc::new(
                (0..options.dossiers.max(1)).map(|i| documents::patient(options.seed, i)).collect(),
            ),
            next: Arc::new(AtomicU64::new(0)),
        }
    }

    /// Opens the dossiers, declares the doctor, and deposits documents where the scenario reads.
    pub async fn prepare(&self) -> Result<()> {
        let reads = self.scenario != Scenario::Publish;
        let next = Arc::new(AtomicU64::new(0));
        let tasks: Vec<_> = (0..self.clients)
            .map(|_| {
                let (url, token, next) = (self.url.clone(), self.token.clone(), Arc::clone(&next));
                let (patients, numbers) = (Arc::clone(&self.patients), Arc::clone(&self.next));
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
                        let (path, body) = fhir::consent(patient);
                        client.fhir("PUT", &path, body, &[200, 201]).await?;
                        for _ in 0..each {
                            let n = numbers.fetch_add(1, Ordering::Relaxed);
                            client
                                .fhir("POST", "/fhir", fhir::deposit(patient, run, n, size).bundle, &[200])
                                .await?;
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
                let client = Client::new(&self.url, &self.token);
                let task = Task {
                    scenario: self.scenario,
                    run: self.run,
                    size: self.size,
                    hits: self.documents_each.min(20),
                    patients: Arc::clone(&self.patients),
                    next: Arc::clone(&self.next),
                    random: Random::new(self.run ^ (number as u64) << 32),
                    known: Vec::new(),
                    measured: Measured {
                        latencies: Latencies::default(),
                        seconds: 0.0,
                        published: 0,
                        checked: 0,
                    },
                };
                tokio::spawn(async move { task.until(client?, end).await })
            })
            .collect();
        let mut total = Measured { latencies: Latencies::default(), seconds: 0.0, published: 0, checked: 0 };
        for task in tasks {
            let one = task.await??;
            total.latencies.merge(one.latencies);
            total.published += one.published;
            total.checked += one.checked;
        }
        total.seconds = start.elapsed().as_secs_f64();
        Ok(total)
    }

    /// Measures the limits with the bytes of this run.
    pub async fn limits(&self) -> Result<Limits> {
        let samples: Vec<fhir::Deposit> = (0..256)
            .map(|i| {
                fhir::deposit(
                    &self.patients[i % self.patients.len()],
                    self.run,
                    u64::MAX / 2 + i as u64,
                    self.size,
                )
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
        let empty_handler = limits::empty_handler(self.clients, body, answer, 4.0).await?;
        Ok(Limits { raw_sqlite, empty_handler, zstd_ratio: raw as f64 / packed.max(1) as f64 })
    }
}

struct Task {
    scenario: Scenario,
    run: u64,
    size: usize,
    hits: usize,
    patients: Arc<Vec<Patient>>,
    next: Arc<AtomicU64>,
    random: Random,
    /// Binary paths met so far, with the uniqueId of their document.
    known: Vec<(String, String)>,
    measured: Measured,
}

impl Task {
    async fn until(mut self, mut client: Client, end: Instant) -> Result<Measured> {
        if matches!(self.scenario, Scenario::Retrieve | Scenario::Mixed) {
            for _ in 0..8 {
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
            match scenario {
                Scenario::Publish => self.publish(&mut client).await?,
                Scenario::Search => self.search(&mut client).await?,
                _ => self.retrieve(&mut client).await?,
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

    async fn publish(&mut self, client: &mut Client) -> Result<()> {
        let patient = self.patient();
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let deposit = fhir::deposit(&patient, self.run, n, self.size);
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
            if found < self.hits {
                bail!("a search found {found} documents where {} were deposited", self.hits);
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

/// The report as one JSON object.
pub fn report(
    options: &Options,
    result: &mut Measured,
    process: Option<((f64, u64), (f64, u64))>,
    stored: u64,
    limits: &Limits,
) -> Value {
    let count = result.latencies.count();
    let rate = count as f64 / result.seconds;
    let [p50, p95, p99, max] = result.latencies.percentiles();
    let limit = if options.scenario == Scenario::Publish { limits.raw_sqlite } else { limits.empty_handler };
    let mut report = json!({
        "scenario": format!("{:?}", options.scenario).to_lowercase(),
        "clients": options.clients,
        "seconds": result.seconds,
        "requests": count,
        "requests_per_second": rate,
        "p50_ms": p50, "p95_ms": p95, "p99_ms": p99, "max_ms": max,
        "answers_checked": result.checked,
        "document_bytes": options.size,
        "zstd_ratio": limits.zstd_ratio,
        "raw_sqlite_documents_per_second": limits.raw_sqlite,
        "empty_handler_requests_per_second": limits.empty_handler,
        "share_of_limit": rate / limit.max(1.0),
        // By the server's design, not measured: it keeps verified tokens by hash (server/src/identity).
        "token_signatures": match options.url {
            None => "one token for the run; dmp keeps a verified one until it ends (by design, not measured)",
            Some(_) => "one token for the run; whether that server keeps a verified one is not known",
        },
    });
    if let Some(((cpu0, _), (cpu1, rss))) = process {
        report["server_cpu_ms_per_request"] = json!((cpu1 - cpu0) * 1000.0 / count.max(1) as f64);
        report["server_cpu_cores"] = json!((cpu1 - cpu0) / result.seconds);
        report["server_rss_bytes"] = json!(rss);
    }
    if result.published > 0 && stored > 0 {
        report["stored_bytes_per_document"] = json!(stored / result.published);
    }
    report
}

/// The report for people.
pub fn print(report: &Value) {
    let number = |key: &str| report[key].as_f64().unwrap_or(0.0);
    println!("scenario {}, {} clients, {:.1} s", report["scenario"], report["clients"], number("seconds"));
    println!(
        "  {:>10.0} requests/s  ({} requests, {} answers checked)",
        number("requests_per_second"),
        report["requests"],
        report["answers_checked"]
    );
    println!(
        "  p50 {:.2} ms   p95 {:.2} ms   p99 {:.2} ms   max {:.1} ms",
        number("p50_ms"),
        number("p95_ms"),
        number("p99_ms"),
        number("max_ms")
    );
    if report.get("server_cpu_cores").is_some() {
        println!(
            "  server: {:.2} cores, {:.3} ms CPU a request, {:.0} MiB resident",
            number("server_cpu_cores"),
            number("server_cpu_ms_per_request"),
            number("server_rss_bytes") / 1048576.0
        );
    }
    if report.get("stored_bytes_per_document").is_some() {
        println!(
            "  stored: {:.0} bytes a document of {} (all files)",
            number("stored_bytes_per_document"),
            report["document_bytes"]
        );
    }
    println!(
        "  documents compress {:.1}:1 with zstd 3; token signatures: {}",
        number("zstd_ratio"),
        report["token_signatures"].as_str().unwrap_or("")
    );
    println!(
        "  limits, same run: raw SQLite {:.0} documents/s, empty handler {:.0} requests/s; share {:.2}",
        number("raw_sqlite_documents_per_second"),
        number("empty_handler_requests_per_second"),
        number("share_of_limit")
    );
    for (key, peer) in report.as_object().into_iter().flatten().filter(|(k, _)| k.starts_with("peer_")) {
        println!("  {key}: {peer}");
    }
}
