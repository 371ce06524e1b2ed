//! `dmp export`: the whole of a dossier as IHE XDM media, decided and journalled as the bearer of the token.

use crate::client::{Answer, Client, Target, encoded};
use anyhow::{Context as _, Result, bail};
use dmp_server::export::Exported;
use dmp_server::export::xdm::{self, Beside, escaped};
use serde_json::{Value, json};
use std::fmt::Write as _;
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
    let beside = [
        Beside {
            name: "JOURNAL/JOURNAL.HTM",
            says: "historique des accès, à ouvrir dans un navigateur",
            bytes: journal_page(&journal).into_bytes(),
        },
        Beside {
            name: "JOURNAL/AUDIT.JSN",
            says: "le même, en ressources FHIR AuditEvent (JSON)",
            bytes: serde_json::to_string_pretty(&journal)?.into_bytes(),
        },
    ];
    let written = xdm::write(&file, &exported, &beside, Uuid::new_v4());
    if let Err(error) = written.and_then(|()| file.sync_all()) {
        // Half a dossier must not pass for a whole one.
        let _ = std::fs::remove_file(&args.out);
        return Err(error).with_context(|| format!("`{}`", args.out.display()));
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

fn journal_page(journal: &[Value]) -> String {
    let mut rows = String::from("<table><tr><th>Date</th><th>Qui</th><th>Action</th><th>Issue</th></tr>\n");
    for event in journal {
        let text =
            |pointer: &str| escaped(event.pointer(pointer).and_then(Value::as_str).unwrap_or_default());
        // Who has no name here (the patient, an application) is told by what they are.
        let named = text("/agent/0/who/display");
        let roles = event.pointer("/agent/0/role").and_then(Value::as_array);
        let role = roles.and_then(|roles| roles.iter().find_map(|role| role["text"].as_str()));
        let who = if named.is_empty() { escaped(role.unwrap_or_default()) } else { named };
        let _ = writeln!(
            rows,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            text("/recorded"),
            who,
            text("/subtype/1/display"),
            text("/outcomeDesc"),
        );
    }
    rows.push_str("</table>\n");
    xdm::page("Historique des accès", &rows)
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
