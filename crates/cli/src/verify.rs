//! `dmp verify`

use crate::output;
use anyhow::Result;
use dmp_server::open::verify;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments.
#[derive(clap::Args)]
#[command(after_help = "Example:
  dmp verify --data dmp-demo

Reads only, beside a running server: the journal of each dossier is numbered without gap and chained to its head, folding
it gives the stored rights and statuses, and every sealed row has the digest that the journal names. One line for each
thing found; exit code 1 when there is any.")]
pub struct Args {
    /// Directory of the deployment, or of the demo
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

/// Verifies.
pub async fn run(args: Args) -> Result<ExitCode> {
    let verified = tokio::task::spawn_blocking(move || {
        let bar = output::bar(0, "verifying");
        let report = verify(&args.data, &mut |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        });
        bar.finish_and_clear();
        report
    });
    let report = verified.await??;
    for finding in &report.findings {
        println!("{finding}");
    }
    let kept = report.findings.len() as u64;
    if report.findings_total > kept {
        println!("and {} more", report.findings_total - kept);
    }
    let verdict = if report.is_clean() { "verified" } else { "found wrong" };
    println!(
        "{verdict} {} dossiers, {} journal entries, {} contents",
        report.dossiers, report.journal_entries, report.contents
    );
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
