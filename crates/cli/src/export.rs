//! `dmp export`: the whole of a dossier as IHE XDM media, decided and journalled as the bearer of the token.

use crate::client::{Answer, Client, Target, encoded};
use crate::xdm;
use anyhow::{Context as _, Result, bail};
use dmp_server::export::Exported;
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::process::ExitCode;
use uuid::Uuid;

/// Arguments.
#[derive(clap::Args)]
#[command(after_help = "Example, in the demo:
  dmp token --data dmp-demo --persona marie > marie.token
  dmp export --url http://127.0.0.1:8080 --token-file marie.token --ins 284073523811416 --out marie.zip

The file holds INDEX.HTM and README.TXT for people, the documents with their XDS metadata in IHE_XDM/SUBSET01, and the
journal that the bearer may read, as a page and as FHIR AuditEvents. It is readable by its owner alone, and an existing
file is not overwritten.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// INS of the patient
    #[arg(long)]
    ins: String,
    /// File to write
    #[arg(long, value_name = "FILE.zip")]
    out: PathBuf,
}

/// Writes the file.
pub async fn run(args: Args) -> Result<ExitCode> {
    let client = args.target.client()?;
    let answer = client.question("/api/export", &json!({ "ins": args.ins })).await?;
    let exported: Exported =
        serde_json::from_slice(&accepted(answer)?.body).context("the answer is not read")?;
    let journal = journal(&client, &exported.patient_id).await?;
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&args.out)
        .with_context(|| format!("`{}`", args.out.display()))?;
    let written = xdm::write(&file, &exported, &journal, Uuid::new_v4());
    if let Err(error) = written.and_then(|()| Ok(file.sync_all()?)) {
        // Half a dossier must not pass for a whole one.
        let _ = std::fs::remove_file(&args.out);
        return Err(error.context(format!("`{}`", args.out.display())));
    }
    println!(
        "exported {} documents, {} journal lines {}",
        exported.documents.len(),
        journal.len(),
        args.out.display()
    );
    Ok(ExitCode::SUCCESS)
}

fn accepted(answer: Answer) -> Result<Answer> {
    if !answer.status.is_success() {
        let refusal = answer.refusal();
        bail!("refused {} {}", refusal.code, refusal.reason);
    }
    Ok(answer)
}

/// Every line of the journal that the bearer may read, page after page, latest first.
async fn journal(client: &Client, patient_id: &str) -> Result<Vec<Value>> {
    let (value, oid) = ins_of(patient_id).context("the answer names no patient")?;
    let patient = encoded(&format!("urn:oid:{oid}|{value}"));
    let mut next = Some(format!("/fhir/AuditEvent?patient.identifier={patient}&_count=100"));
    let mut lines = Vec::new();
    while let Some(address) = next {
        let mut page = accepted(client.get(&address).await?)?.json();
        next = page["link"]
            .as_array()
            .and_then(|links| links.iter().find(|link| link["relation"] == "next"))
            .and_then(|link| link["url"].as_str().map(str::to_owned));
        if let Some(entries) = page["entry"].as_array_mut() {
            lines.extend(entries.iter_mut().map(|entry| entry["resource"].take()));
        }
    }
    Ok(lines)
}

/// Value and OID of `value^^^&oid&ISO^NH`.
fn ins_of(cx: &str) -> Option<(&str, &str)> {
    let (value, rest) = cx.split_once("^^^&")?;
    Some((value, rest.split_once('&')?.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patient_is_read_from_its_cx() {
        let read = ins_of("284073523811416^^^&1.2.250.1.213.1.4.10&ISO^NH");
        assert_eq!(read, Some(("284073523811416", "1.2.250.1.213.1.4.10")));
        assert_eq!(ins_of("284073523811416"), None);
    }
}
