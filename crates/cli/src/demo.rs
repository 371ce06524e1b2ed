//! `dmp demo`: an invented population with months of history, served from one directory.

use crate::output;
use crate::serve::until_told_to_stop;
use anyhow::Result;
use dmp_server::config::AUTHORITY;
use dmp_server::demo::personas;
use dmp_server::demo_server::{DemoOptions, start};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  dmp demo                                       then open http://127.0.0.1:8080
  dmp demo --listen 127.0.0.1:0 --data /tmp/d    a free port, told by the `ready` line
  dmp token --data dmp-demo --persona dr-martin  a token of one of the people, for the FHIR interface

Seeds an empty directory, and serves one that a demo has seeded as it is. Prints `ready http://…` on standard output
once it answers. Patients are invented; there is no quota. GET /demo/personas.json lists who one may be. The DMP
interface (SOAP) answers on the same port, in plain HTTP, to who signs with a certificate of the authority that is made
in `authority/`.")]
pub struct Args {
    /// Address and port, loopback; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Directory
    #[arg(long, value_name = "DIR", default_value = "./dmp-demo")]
    data: PathBuf,
    /// Dossiers of the population
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    dossiers: u32,
    /// Same seed, same population
    #[arg(long, default_value_t = 2017)]
    seed: u64,
    /// Read a production INS OID, as official samples carry, as a test one (loopback only)
    #[arg(long)]
    accept_production_oid: bool,
}

/// Seeds if need be, and serves until told to stop.
pub async fn run(args: Args) -> Result<ExitCode> {
    let authority = args.data.join(AUTHORITY);
    let options = DemoOptions {
        listen: args.listen,
        data: args.data,
        dossiers: usize::try_from(args.dossiers)?,
        seed: args.seed,
        accept_production_oid: args.accept_production_oid,
    };
    let bar = output::bar(u64::from(args.dossiers), "seeding");
    let demo = start(&options, &mut |done, _| bar.set_position(done as u64)).await?;
    bar.finish_and_clear();
    if let Some(summary) = demo.seeded {
        eprintln!("{} dossiers, {} documents", summary.dossiers, summary.documents);
    }
    for persona in personas() {
        eprintln!("  {:16} {}, {}", persona.key, persona.name, persona.label);
    }
    if let Some(services) = &demo.handle.services {
        eprintln!("  services of the DMP interface (SOAP): {services}/");
        eprintln!(
            "  certificates to sign with: dmp lps sandbox --out sandbox --authority {}",
            authority.display()
        );
    }
    until_told_to_stop(demo.handle).await
}
