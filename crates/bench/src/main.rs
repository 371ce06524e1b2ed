//! Load generator of `dmp`, over HTTP, in one process beside the server.
//!
//! Prints rates, latency percentiles, CPU, memory and stored bytes, and in the same run two limits of the machine: the
//! same bytes raw to SQLite in group commit, and an empty handler on the same HTTP library. Numbers are compared as
//! ratios within one run; an absolute number is only worth its machine.
#![allow(clippy::print_stdout, clippy::print_stderr)] // its output is its purpose

mod client;
mod documents;
mod fhir;
mod kill;
mod limits;
mod peers;
mod scenarios;
mod server;
mod stats;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use std::time::Instant;

/// What to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// ITI-65, one distinct 30 kB CDA per request, sealed, journalled, fsynced.
    Publish,
    /// ITI-67, 20 hits of one dossier, traced durably.
    Search,
    /// ITI-68, one 30 kB document, traced durably.
    Retrieve,
    /// 70 % retrieve, 20 % search, 10 % publish.
    Mixed,
}

/// Load generator of `dmp`.
///
/// Starts its own server on a temporary directory unless --url is given. Example:
///   cargo run --release -p dmp-bench -- --scenario publish --clients 32 --seconds 20
#[derive(Parser)]
pub struct Options {
    /// What to measure.
    #[arg(long, value_enum, default_value = "mixed")]
    scenario: Scenario,
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
    /// Token for that server: a doctor who may open, feed and read.
    #[arg(long, env = "DMP_TOKEN", default_value = "")]
    token: String,
    /// A peer already running, helios=URL or hapi=URL: the same work on it, in the same run.
    #[arg(long)]
    peer: Vec<String>,
    /// Kill a publishing server this many times and look for what it had acknowledged (`cargo xtask kill`).
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
    let own = match &options.url {
        Some(_) => None,
        None => Some(server::Server::start()?),
    };
    let url = options.url.clone().or_else(|| own.as_ref().map(|s| s.url.clone())).unwrap_or_default();
    let token = match &own {
        Some(server) => server.token(&[
            "--professional",
            documents::AUTHOR,
            "--profession",
            "10",
            "--speciality",
            "SM04",
            "--structure",
            documents::STRUCTURE,
            "--sector",
            "SA01",
            "--auth",
            "psc",
        ])?,
        None => options.token.clone(),
    };
    let started = Instant::now();
    let work = scenarios::Work::new(&options, &url, &token);
    work.prepare().await?;
    eprintln!("prepared in {:.1} s", started.elapsed().as_secs_f64());
    let pid = own.as_ref().map(server::Server::pid);
    let stored_before = own.as_ref().map_or(Ok(0), server::Server::stored_bytes)?;
    let before = pid.and_then(stats::process);
    let mut result = work.run().await?;
    let after = pid.and_then(stats::process);
    let stored = own.as_ref().map_or(Ok(0), server::Server::stored_bytes)?.saturating_sub(stored_before);
    let limits = work.limits().await?;
    let mut report = scenarios::report(&options, &mut result, before.zip(after), stored, &limits);
    for peer in &options.peer {
        let measured = peers::run(peer, &options).await?;
        report[format!("peer_{}", measured.name)] = measured.to_json();
    }
    match options.json {
        true => println!("{report}"),
        false => scenarios::print(&report),
    }
    Ok(())
}
