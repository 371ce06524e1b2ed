//! `cargo xtask`: what a developer repeats.
#![allow(clippy::print_stdout, clippy::print_stderr)] // its output is its purpose

use anyhow::{Result, bail};
use std::process::Command;

const HELP: &str = "\
cargo xtask COMMAND

  matrix                                 rewrite crates/dossier/tests/matrix.txt from the rules, to review its diff
  rules                                  list every rule of the record with its text and source
  kill --backend sqlite --kills 1000     kill a publishing server, find every acknowledged document again
";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["matrix"] => cargo(
            &["test", "--quiet", "--package", "dmp-dossier", "--test", "matrix"],
            &[("UPDATE_MATRIX", "1")],
        ),
        ["rules"] => {
            for rule in dmp_dossier::all_rules() {
                println!("{:<8} {}\n         source: {}", rule.id, rule.says, rule.source);
            }
            Ok(())
        }
        ["kill", "--backend", "sqlite", "--kills", kills] => {
            cargo(&["build", "--release", "--package", "dmp-cli", "--package", "dmp-bench"], &[])?;
            cargo(&["run", "--release", "--package", "dmp-bench", "--", "--kills", kills], &[])
        }
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        other => bail!("unknown command `{}`\n\n{HELP}", other.join(" ")),
    }
}

fn cargo(arguments: &[&str], environment: &[(&str, &str)]) -> Result<()> {
    let status = Command::new(env!("CARGO")).args(arguments).envs(environment.iter().copied()).status()?;
    if !status.success() {
        bail!("cargo {} failed", arguments.join(" "));
    }
    Ok(())
}
