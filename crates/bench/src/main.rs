//! Load generator of `dmp`, over HTTP, in one process beside the server: over FHIR, or over the DMP interface (SOAP).
//!
//! Prints rates, latency percentiles, CPU, memory and stored bytes, and in the same run two limits of the machine: the
//! same bytes raw to SQLite in group commit, and an empty handler on the same HTTP library. Numbers are compared as
//! ratios within one run; an absolute number is only worth its machine.
#![allow(clippy::print_stdout, clippy::print_stderr)] // its output is its purpose

mod assertions;
mod client;
mod documents;
mod fhir;
mod kill;
mod limits;
mod peers;
mod report;
mod scenarios;
mod server;
mod stats;
mod xds;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use clap::{Parser, ValueEnum};
use client::Client;
use dmp_lps::Identity;
use documents::Doctor;
use server::Server;
use stats::Spent;
use std::path::PathBuf;
use std::time::Instant;

/// What to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// ITI-65 or ITI-41 (MTOM), one distinct 30 kB CDA per request, sealed, journalled, fsynced.
    Publish,
    /// ITI-67 or ITI-18 (FindDocuments), 20 hits of one dossier, traced durably.
    Search,
    /// ITI-68 or ITI-43 (MTOM), one 30 kB document, traced durably.
    Retrieve,
    /// 70 % retrieve, 20 % search, 10 % publish.
    Mixed,
}

/// Over what the scenarios are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Face {
    /// FHIR, under one bearer token.
    Fhir,
    /// The DMP interface: SOAP and MTOM, each request under a signed VIHF of its own.
    Xds,
}

const XDS: &str = "Over the DMP interface (--face xds):
  Dossiers are prepared over FHIR. VIHF are signed before the run, as many as --assertions: a client's RSA signature is
  not what is measured. The rest of a message is made during the run. A VIHF serves once; when none is left the run stops
  early, and says so. The report adds the time that the server takes to check a VIHF (its own /metrics, elapsed time) and
  the share of its CPU time that makes at most: `perf record` on the server tells the share itself.

Examples:
  cargo run --release -p dmp-bench -- --scenario publish --clients 32 --seconds 20
  cargo run --release -p dmp-bench -- --face xds --scenario search --clients 32 --seconds 20
  dmp-bench --face xds --url http://127.0.0.1:8080 --sandbox sandbox --token \"$(dmp token --data dmp-demo --persona dr-martin)\"";

/// Load generator of `dmp`.
///
/// Starts its own server on a temporary directory unless --url is given.
#[derive(Parser)]
#[command(after_help = XDS)]
pub struct Options {
    /// What to measure.
    #[arg(long, value_enum, default_value = "mixed")]
    scenario: Scenario,
    /// Over what.
    #[arg(long, value_enum, default_value = "fhir")]
    face: Face,
    /// Folder of `dmp lps sandbox`, whose `medecin` speaks; with its own server, one is made when none is given.
    #[arg(long, value_name = "DIR")]
    sandbox: Option<PathBuf>,
    /// VIHF to sign before a run over the DMP interface; 4,000 a second of it when not given.
    #[arg(long, value_name = "COUNT")]
    assertions: Option<usize>,
    /// Simulated clients, one connection each.
    #[arg(long, default_value_t = 32)]
    clients: usize,
    /// How long to measure.
    #[arg(long, default_value_t = 20.0)]
    seconds: f64,
    /// Dossiers to open.
    #[arg(long, default_value_t = 2000)]
    dossiers: usize,
    /// Documents put in each dossier before a search, retrieve or mixed run.
    #[arg(long, default_value_t = 20)]
    documents_each: usize,
    /// Bytes of a document.
    #[arg(long, default_value_t = 30_000)]
    size: usize,
    /// Seed of patients and documents.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A server already running, http://host:port; its quotas must allow the load.
    #[arg(long)]
    url: Option<String>,
    /// Token for that server: a doctor who may open, feed and read; with a sandbox, its `medecin`.
    #[arg(long, env = "DMP_TOKEN", default_value = "")]
    token: String,
    /// A peer already running, helios=URL or hapi=URL: the same work on it, in the same run.
    #[arg(long)]
    peer: Vec<String>,
    /// Kill a publishing server this many times and look for what it had acknowledged, over FHIR (`cargo xtask kill`).
    #[arg(long)]
    kills: Option<u32>,
    /// One JSON object instead of the table.
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    if let Some(kills) = options.kills {
        return kill::run(kills, &options).await;
    }
    let over_soap = options.face == Face::Xds;
    let (own, sandbox) = match &options.url {
        Some(_) => (None, options.sandbox.clone()),
        None if over_soap => {
            let (server, sandbox) = Server::start_with_interface(options.sandbox.as_deref())?;
            (Some(server), Some(sandbox))
        }
        None => (Some(Server::start()?), None),
    };
    let identity = match sandbox {
        Some(sandbox) if over_soap => {
            let folder = sandbox.join(server::DOCTOR);
            Some(Identity::read(&folder).with_context(|| format!("`{}`", folder.display()))?)
        }
        None if over_soap => {
            bail!("--face xds on a server already running needs the --sandbox that it trusts")
        }
        _ => None,
    };
    let doctor = identity.as_ref().map_or_else(Doctor::of_the_load, xds::doctor);
    let url = options.url.clone().or_else(|| own.as_ref().map(|s| s.url.clone())).unwrap_or_default();
    let token = match &own {
        Some(server) => server.token(&doctor.token_arguments())?,
        None => options.token.clone(),
    };
    let started = Instant::now();
    let mut work = scenarios::Work::new(&options, &url, &token, doctor);
    work.prepare().await?;
    eprintln!("prepared in {:.1} s", started.elapsed().as_secs_f64());
    if let Some(identity) = identity {
        // More than any run asked so far on two cores.
        let enough = || (options.seconds * 4000.0).ceil() as usize;
        work.sign(identity, options.assertions.unwrap_or_else(enough))?;
    }
    let pid = own.as_ref().map(Server::pid);
    let stored_before = own.as_ref().map_or(Ok(0), Server::stored_bytes)?;
    let vihf_before = vihf(&url).await?;
    let (before, client_before) = (pid.and_then(stats::process), stats::process(std::process::id()));
    let mut result = work.run().await?;
    let (after, client_after) = (pid.and_then(stats::process), stats::process(std::process::id()));
    let vihf_after = vihf(&url).await?;
    let stored = own.as_ref().map_or(Ok(0), Server::stored_bytes)?.saturating_sub(stored_before);
    let observed = report::Observed {
        server: before.zip(after),
        client_seconds: client_before.zip(client_after).map(|((before, _), (after, _))| after - before),
        vihf: vihf_before.zip(vihf_after).map(|(before, after)| after.since(before)),
        stored,
    };
    let limits = work.limits().await?;
    let mut report = report::report(&options, &mut result, &observed, &limits);
    for peer in &options.peer {
        let measured = peers::run(peer, &options).await?;
        report[format!("peer_{}", measured.name)] = measured.to_json();
    }
    match options.json {
        true => println!("{report}"),
        false => report::print(&report),
    }
    Ok(())
}

/// What the server spent on checking VIHF so far; none where it does not tell its figures.
async fn vihf(url: &str) -> Result<Option<Spent>> {
    let reply = Client::new(url, "")?.send("GET", "/metrics", "", "text/plain", Bytes::new()).await?;
    let text = String::from_utf8_lossy(&reply.body);
    Ok((reply.status == 200).then(|| Spent::read(&text, "dmp_vihf_seconds")))
}
