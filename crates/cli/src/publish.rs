//! `dmp publish`: sends CDA files by ITI-65, with the metadata of their own headers.
//!
//! Parents go before their replacements: a file waits for the file that its header replaces. What the header declares is
//! sent as `replaces` only when that document is found current in the same dossier, since a declared parent may have
//! lived elsewhere. Each file is its own lot: one refused stops no other.

mod bundle;
mod plan;

use crate::client::{Client, Refusal, Target, encoded};
use crate::output;
use anyhow::{Result, bail};
use dmp_cda::{Cda, Identifier, Patient};
use futures_util::stream::{self, StreamExt as _};
use plan::Ready;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Files sent at once.
const CONCURRENCY: usize = 4;

/// Arguments.
#[derive(clap::Args)]
#[command(after_help = "Example, in the demo:
  dmp token --data dmp-demo --loader > loader.token
  dmp publish --url http://127.0.0.1:8080 --token-file loader.token --open-missing documents/*.xml

One line a file, on standard output:
  published <uniqueId> <file>
  refused <code> <reason> <file>
Exit code 1 when any was refused. Publishing a file again gives the first answer again.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// Open a dossier of the test realm for each unknown patient, with the traits of the header
    #[arg(long)]
    open_missing: bool,
    /// CDA files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// What became of a file.
type Outcome = Result<String, Refusal>;

/// Publishes, and says what became of each file.
pub async fn run(args: Args) -> Result<ExitCode> {
    let client = args.target.client()?;
    let bar = output::bar(args.files.len() as u64, "publishing");
    let mut refused = 0;
    let mut say = |file: &Path, outcome: &Outcome| {
        bar.inc(1);
        bar.suspend(|| match outcome {
            Ok(uid) => println!("published {uid} {}", file.display()),
            Err(refusal) => {
                refused += 1;
                println!("refused {} {} {}", refusal.code, refusal.reason, file.display());
            }
        });
    };
    let mut ready = Vec::new();
    for file in &args.files {
        match read(file) {
            Ok(one) => ready.push(one),
            Err(refusal) => say(file, &Err(refusal)),
        }
    }
    let waves = plan::waves(ready);
    let unopened = if args.open_missing { open_missing(&client, &waves).await? } else { BTreeMap::new() };
    for wave in &waves {
        let publish = |one| publish(&client, &unopened, one);
        let mut outcomes = stream::iter(wave).map(publish).buffered(CONCURRENCY);
        while let Some((one, outcome)) = outcomes.next().await {
            say(&one.file, &outcome?);
        }
    }
    bar.finish_and_clear();
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Reads the header of a file: what is no CDA at all is refused here, in the server's words.
fn read(file: &Path) -> Result<Ready, Refusal> {
    let unreadable =
        |error: std::io::Error| Refusal { code: "unreadable".to_owned(), reason: error.to_string() };
    let bytes = std::fs::read(file).map_err(unreadable)?;
    let read = Cda::parse(&bytes).and_then(|cda| Ok((cda.header()?, cda.mime_type())));
    let (header, mime_type) = read.map_err(|refusal| Refusal {
        code: refusal.reason().answer().xds.to_owned(),
        reason: refusal.to_string(),
    })?;
    Ok(Ready { file: file.to_owned(), bytes: bytes.into(), mime_type, header })
}

/// Asks for each patient, and opens the dossiers that are not there. What is refused is kept by patient.
async fn open_missing(client: &Client, waves: &[Vec<Ready>]) -> Result<BTreeMap<String, Refusal>> {
    let patients: BTreeMap<_, _> =
        waves.iter().flatten().map(|one| (one.patient_key(), &one.header.patient)).collect();
    let mut refused = BTreeMap::new();
    for (key, patient) in patients {
        if let Err(refusal) = open(client, &key, patient).await? {
            refused.insert(key, refusal);
        }
    }
    Ok(refused)
}

async fn open(client: &Client, key: &str, patient: &Patient) -> Result<Result<(), Refusal>> {
    let found = client.get(&format!("/fhir/Patient?identifier={}", encoded(key))).await?;
    if !found.status.is_success() {
        return Ok(Err(found.refusal()));
    }
    if found.json()["entry"].as_array().is_some_and(|entries| !entries.is_empty()) {
        return Ok(Ok(()));
    }
    let opened = client.post("/fhir/Patient/$open", &bundle::opening(patient)).await?;
    Ok(if opened.status.is_success() { Ok(()) } else { Err(opened.refusal()) })
}

/// The file, and what became of it: what its patient's dossier was refused for, or the answer to its lot.
async fn publish<'r>(
    client: &Client,
    unopened: &BTreeMap<String, Refusal>,
    one: &'r Ready,
) -> (&'r Ready, Result<Outcome>) {
    match unopened.get(&one.patient_key()) {
        Some(refusal) => (one, Ok(Err(refusal.clone()))),
        None => (one, send(client, one).await),
    }
}

async fn send(client: &Client, one: &Ready) -> Result<Outcome> {
    let parent = match one.parent() {
        Some(parent) if is_current(client, one, parent).await? => Some(parent),
        _ => None,
    };
    let answer = client.post("/fhir", &bundle::transaction(one, parent)).await?;
    if answer.status.as_u16() == 401 {
        let refusal = answer.refusal();
        bail!("refused {} {}", refusal.code, refusal.reason);
    }
    Ok(if answer.status.is_success() { Ok(one.header.id.joined()) } else { Err(answer.refusal()) })
}

/// True when that document is current in the dossier of this one.
async fn is_current(client: &Client, one: &Ready, parent: &Identifier) -> Result<bool> {
    let search = format!(
        "/fhir/DocumentReference?patient.identifier={}&identifier={}&status=current",
        encoded(&one.patient_key()),
        encoded(&format!("urn:ietf:rfc:3986|{}", bundle::urn(parent))),
    );
    let found = client.get(&search).await?;
    Ok(found.status.is_success()
        && found.json()["entry"].as_array().is_some_and(|entries| !entries.is_empty()))
}
