//! `dmp explain`: what somebody sees of a dossier, and why, as a table.

use crate::client::Target;
use anyhow::{Result, bail};
use dmp_server::explain::{Document, Explained, Verdict};
use serde_json::json;
use std::fmt::Write as _;
use std::process::ExitCode;

/// Arguments.
#[derive(clap::Args)]
#[command(after_help = "Example, in the demo:
  dmp token --data dmp-demo --persona marie > marie.token
  dmp explain --url http://127.0.0.1:8080 --token-file marie.token --ins 284073523811416 --as opticien-lenoir

The patient asks, a representative or a médecin traitant: who asks sees only documents they may know of. Each line
names the rule that decides.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// INS of the patient
    #[arg(long)]
    ins: String,
    /// Somebody of the demo
    #[arg(long = "as", value_name = "PERSONA")]
    persona: String,
}

/// Prints the table.
pub async fn run(args: Args) -> Result<ExitCode> {
    let client = args.target.client()?;
    let question = json!({ "ins": args.ins, "as": args.persona });
    let answer = client.question("/api/explain", &question).await?;
    if !answer.status.is_success() {
        let refusal = answer.refusal();
        bail!("refused {} {}", refusal.code, refusal.reason);
    }
    let explained: Explained = serde_json::from_slice(&answer.body)?;
    print!("{}", table(&args.persona, &explained));
    Ok(ExitCode::SUCCESS)
}

fn table(who: &str, explained: &Explained) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{who} {}", said("searches", "does not search", &explained.search));
    let width =
        |part: fn(&Document) -> &str| explained.documents.iter().map(|d| part(d).chars().count()).max();
    let (title, label) = (width(|d| &d.title).unwrap_or(0).min(40), width(|d| &d.label).unwrap_or(0).min(40));
    for document in &explained.documents {
        let _ = writeln!(
            text,
            "{} {:label$} {:title$} {}",
            document.created.get(..10).unwrap_or(&document.created),
            cut(&document.label),
            cut(&document.title),
            said("seen", "not seen", &document.verdict),
        );
    }
    let seen = explained.documents.iter().filter(|d| d.verdict.permitted).count();
    let _ = writeln!(text, "{seen} of {} documents seen", explained.documents.len());
    text
}

fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

/// The verdict, the rule that decides, and what it says.
fn said(yes: &str, no: &str, verdict: &Verdict) -> String {
    let word = if verdict.permitted { yes } else { no };
    match verdict.rules.last() {
        Some(rule) => format!("{word} ({}: {})", rule.id, rule.says),
        None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dmp_server::explain::RuleSaid;

    #[test]
    fn the_table_says_the_deciding_rule_of_each_document() {
        let verdict = |permitted, id: &str| Verdict {
            permitted,
            rules: ["ACC-5", id]
                .map(|id| RuleSaid { id: id.into(), says: format!("dit {id}"), source: String::new() })
                .to_vec(),
        };
        let document = |title: &str, verdict| Document {
            unique_id: "1.2.3".into(),
            title: title.into(),
            kind: "11502-2".into(),
            label: "Biologie".into(),
            created: "2026-11-21T19:00:00Z".into(),
            verdict,
        };
        let explained = Explained {
            search: verdict(true, "ACC-5"),
            documents: vec![
                document("Glycémie", verdict(true, "VIS-1")),
                document("Sérologie", verdict(false, "VIS-3")),
            ],
        };
        assert_eq!(
            table("dr-roux", &explained),
            "dr-roux searches (ACC-5: dit ACC-5)\n\
             2026-11-21 Biologie Glycémie  seen (VIS-1: dit VIS-1)\n\
             2026-11-21 Biologie Sérologie not seen (VIS-3: dit VIS-3)\n\
             1 of 2 documents seen\n"
        );
    }
}
