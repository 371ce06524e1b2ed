//! `dmp`: one binary that demonstrates, serves, feeds, checks and explains a shared medical record.

// The command line's purpose is to print: answers on standard output, everything else on standard error.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod client;
mod demo;
mod explain;
mod export;
mod init;
mod lps;
mod output;
mod publish;
mod serve;
mod token;
mod verify;

use clap::{Parser, Subcommand};
use dmp_server::config::{ConfigError, EXIT_CONFIG};
use dmp_server::open::{OpenError, one_line};
use dmp_server::tokens::TokenOfError;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit codes, shown by `--help`.
const EXIT_CODES: &str = "Exit codes:
  0   done
  1   refused, or failed; standard error says why
  2   the command line is wrong
  78  the configuration is wrong; one line says what";

const EXAMPLES: &str = "Try it:
  dmp demo                                  a whole pilot population on http://127.0.0.1:8080
  dmp token --data dmp-demo --persona marie > marie.token
  dmp publish --url http://127.0.0.1:8080 --token-file loader.token --open-missing *.xml
  dmp explain --url http://127.0.0.1:8080 --token-file marie.token --ins 284073523811416 --as dr-roux";

/// An open dossier médical partagé: the shared medical record of a whole country.
#[derive(Parser)]
#[command(name = "dmp", version, after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start a demonstration with an invented population
    Demo(demo::Args),
    /// Serve a deployment
    Serve(serve::Args),
    /// Write a commented configuration and fresh keys into a directory
    Init(init::Args),
    /// Print a bearer token of the test realm
    Token(Box<token::Args>),
    /// Publish CDA documents
    Publish(publish::Args),
    /// Check every dossier of a deployment against its journal
    Verify(verify::Args),
    /// Take a whole dossier away, with its journal, as IHE XDM media
    Export(export::Args),
    /// Show what somebody sees of a dossier, and the rules behind it
    Explain(explain::Args),
    /// Speak the DMP interface, as a professional's software does
    Lps(Box<lps::Args>),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("dmp: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Demo(args) => demo::run(args).await,
            Command::Serve(args) => serve::run(args).await,
            Command::Init(args) => init::run(&args),
            Command::Token(args) => token::run(*args),
            Command::Publish(args) => publish::run(args).await,
            Command::Verify(args) => verify::run(args).await,
            Command::Export(args) => export::run(args).await,
            Command::Explain(args) => explain::run(args).await,
            Command::Lps(args) => lps::run(*args).await,
        }
    });
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("dmp: {}", one_line(error.as_ref()));
            let configuration = error.is::<ConfigError>()
                || matches!(error.downcast_ref(), Some(OpenError::Config(_)))
                || matches!(error.downcast_ref(), Some(TokenOfError::Config(_)));
            if configuration { ExitCode::from(EXIT_CONFIG) } else { ExitCode::FAILURE }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }
}
