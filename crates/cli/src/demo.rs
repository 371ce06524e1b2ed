//! `dmp demo`: an invented population with months of history, served from one directory.

use crate::output;
use crate::serve::until_told_to_stop;
use crate::token::now;
use anyhow::{Context as _, Result, anyhow, bail};
use dmp_dossier::{Actor, Time};
use dmp_server::config::{CONFIG_FILE, Config, init_keys};
use dmp_server::demo::{DemoPeople, SeedOptions, StoryClock, personas, seed};
use dmp_server::logging;
use dmp_server::open::{Deployment, SystemAmbient};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// What a seeded directory was seeded with; written last, so that half a population is not taken for a whole one.
const SEEDED_FILE: &str = "demo.json";

/// Arguments.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  dmp demo                                       then open http://127.0.0.1:8080
  dmp demo --listen 127.0.0.1:0 --data /tmp/d    a free port, told by the `ready` line
  dmp token --data dmp-demo --persona dr-martin  a token of one of the people, for the FHIR interface

Seeds an empty directory, and serves one that a demo has seeded as it is. Prints `ready http://…` on standard output
once it answers. Patients are invented; there is no quota. GET /demo/personas.json lists who one may be.")]
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

/// What a directory was seeded with.
#[derive(Serialize, Deserialize)]
struct Seeded {
    dossiers: usize,
    seed: u64,
    /// When, in milliseconds since 1970: histories end in the week before.
    at: i64,
}

impl Seeded {
    fn options(&self) -> SeedOptions {
        SeedOptions { dossiers: self.dossiers, seed: self.seed, now: Time::from_millis(self.at) }
    }
}

/// Seeds if need be, and serves until told to stop.
pub async fn run(args: Args) -> Result<ExitCode> {
    let config = Config::demo(&args.data, args.listen, args.accept_production_oid)?;
    logging::start(&config.log)?;
    let seeded = seeded(&args.data)?;
    if seeded.is_none() {
        init_keys(&args.data)?;
    }
    let deployment = Deployment::open(config)?;
    let clock = StoryClock::around(Arc::new(SystemAmbient));
    let store = deployment.store(Arc::new(clock.clone())).await?;
    let seeded = match seeded {
        Some(seeded) => seeded,
        None => {
            let dossiers = usize::try_from(args.dossiers)?;
            let fresh = Seeded { dossiers, seed: args.seed, at: now().millis() };
            let bar = output::bar(u64::from(args.dossiers), "seeding");
            let mut progress = |done: usize, _: usize| bar.set_position(done as u64);
            let summary = seed(&store, &clock, &fresh.options(), &mut progress).await?;
            bar.finish_and_clear();
            let file = args.data.join(SEEDED_FILE);
            std::fs::write(&file, serde_json::to_string(&fresh)?)
                .with_context(|| format!("`{}`", file.display()))?;
            eprintln!("{} dossiers, {} documents", summary.dossiers, summary.documents);
            fresh
        }
    };
    let people = Arc::new(DemoPeople::of(seeded.options()));
    let handle = deployment.serve(store, Some(people)).await?;
    for persona in personas() {
        eprintln!("  {:16} {}, {}", persona.key, persona.name, persona.label);
    }
    until_told_to_stop(handle).await
}

/// What the directory was seeded with; `None` when it is empty.
fn seeded(data: &Path) -> Result<Option<Seeded>> {
    let file = data.join(SEEDED_FILE);
    if file.exists() {
        let text = std::fs::read_to_string(&file).with_context(|| format!("`{}`", file.display()))?;
        let seeded = serde_json::from_str(&text).with_context(|| format!("`{}`", file.display()))?;
        return Ok(Some(seeded));
    }
    let data_shown = data.display();
    if data.join(CONFIG_FILE).exists() {
        bail!("`{data_shown}` is a deployment, not a demo: dmp serve --config {data_shown}/{CONFIG_FILE}");
    }
    let empty = !data.exists() || std::fs::read_dir(data)?.next().is_none();
    if !empty {
        bail!("`{data_shown}` is not empty and no demo was seeded in it to the end: name another directory");
    }
    Ok(None)
}

/// The actor of a persona.
pub fn persona(name: &str) -> Result<Actor> {
    let people = personas();
    let found = people.iter().find(|persona| persona.key == name);
    found.map(dmp_server::demo::Persona::actor).ok_or_else(|| {
        let names: Vec<_> = people.iter().map(|persona| persona.key).collect();
        anyhow!("`{name}` is nobody of the demo: {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_empty_seeded_or_refused() {
        let data = std::env::temp_dir().join(format!("dmp-demo-{}", uuid::Uuid::new_v4()));
        assert!(seeded(&data).unwrap().is_none(), "absent");
        std::fs::create_dir_all(&data).unwrap();
        assert!(seeded(&data).unwrap().is_none(), "empty");
        std::fs::write(data.join("keys"), "").unwrap();
        assert!(seeded(&data).is_err(), "a demo that was not seeded to the end");
        std::fs::write(data.join(SEEDED_FILE), r#"{"dossiers":5,"seed":1,"at":0}"#).unwrap();
        assert_eq!(seeded(&data).unwrap().unwrap().dossiers, 5);
        std::fs::write(data.join(SEEDED_FILE), "{").unwrap();
        assert!(seeded(&data).is_err());
        std::fs::remove_dir_all(data).unwrap();
    }

    #[test]
    fn each_persona_has_an_actor() {
        assert!(matches!(persona("marie"), Ok(Actor::Patient { .. })));
        assert!(matches!(persona("dr-martin"), Ok(Actor::Professional(_))));
        let error = persona("dr-nobody").unwrap_err().to_string();
        assert!(error.contains("opticien-lenoir"), "{error}");
    }
}
