//! A demo in a directory: seeded when the directory is empty, served as it is when a demo has seeded it.

use crate::config::{AUTHORITY, CONFIG_FILE, Config, init_keys};
use crate::demo::authority::Authority;
use crate::demo::{DemoPeople, SeedOptions, StoryClock, Summary, seed};
use crate::http::ServerHandle;
use crate::logging;
use crate::open::{Deployment, SystemAmbient};
use anyhow::{Context as _, Result, bail};
use dmp_dossier::Time;
use dmp_store::Ambient as _;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a directory was seeded with; written last, so that half a population is not taken for a whole one.
const SEEDED_FILE: &str = "demo.json";

/// What is asked of a demo.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// Address, loopback.
    pub listen: SocketAddr,
    /// Directory.
    pub data: PathBuf,
    /// Dossiers of the population, when it is to be made.
    pub dossiers: usize,
    /// Same seed, same population.
    pub seed: u64,
    /// Read a production INS OID as a test one.
    pub accept_production_oid: bool,
}

/// A demo that answers.
pub struct DemoServer {
    /// The server.
    pub handle: ServerHandle,
    /// What was seeded; `None` when the population was there.
    pub seeded: Option<Summary>,
}

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

/// Seeds if need be, and starts answering. `progress` is told dossiers done and dossiers to do.
///
/// # Errors
/// A directory that is something else, options that a demo refuses, a store that fails.
pub async fn start(options: &DemoOptions, progress: &mut dyn FnMut(usize, usize)) -> Result<DemoServer> {
    let config = Config::demo(&options.data, options.listen, options.accept_production_oid)?;
    logging::start(&config.log)?;
    let found = seeded(&options.data)?;
    if found.is_none() {
        init_keys(&options.data)?;
    }
    Authority::open_or_create(&options.data.join(AUTHORITY))?;
    let deployment = Deployment::open(config)?;
    let clock = StoryClock::around(Arc::new(SystemAmbient));
    let store = deployment.store(Arc::new(clock.clone())).await?;
    let (with, summary) = match found {
        Some(with) => (with, None),
        None => {
            let (dossiers, at) = (options.dossiers, SystemAmbient.now().millis());
            let with = Seeded { dossiers, seed: options.seed, at };
            let summary = seed(&store, &clock, &with.options(), progress).await?;
            let file = options.data.join(SEEDED_FILE);
            std::fs::write(&file, serde_json::to_string(&with)?)
                .with_context(|| format!("`{}`", file.display()))?;
            (with, Some(summary))
        }
    };
    let people = Arc::new(DemoPeople::of(with.options()));
    let handle = deployment.serve(store, Some(people)).await?;
    Ok(DemoServer { handle, seeded: summary })
}

/// What the directory was seeded with; `None` when it is empty.
fn seeded(data: &Path) -> Result<Option<Seeded>> {
    let file = data.join(SEEDED_FILE);
    if file.exists() {
        let text = std::fs::read_to_string(&file).with_context(|| format!("`{}`", file.display()))?;
        let seeded = serde_json::from_str(&text).with_context(|| format!("`{}`", file.display()))?;
        return Ok(Some(seeded));
    }
    let shown = data.display();
    if data.join(CONFIG_FILE).exists() {
        bail!("`{shown}` is a deployment, not a demo: dmp serve --config {shown}/{CONFIG_FILE}");
    }
    let empty = !data.exists() || std::fs::read_dir(data)?.next().is_none();
    if !empty {
        bail!("`{shown}` is not empty and no demo was seeded in it to the end: name another directory");
    }
    Ok(None)
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
}
