//! `dmp lps`: a professional's software on the command line, over the DMP interface.
//!
//! Everything said to the server is made by [`dmp_lps`], which an editor may copy; here are only the arguments, the
//! connection and the printing.

mod arguments;
mod commands;
mod http;
mod print;
mod sandbox;
mod trace;

use anyhow::{Context as _, Result};
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use dmp_lps::identity::IDENTITY_FILE;
use dmp_lps::{Authentification, Identity, Ins, InsOid, LpsError, Mode};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const EXAMPLES: &str = "Examples, beside a demo (dmp demo --data dmp-demo):
  dmp lps sandbox --out sandbox --authority dmp-demo/authority
  export DMP_URL=http://127.0.0.1:8080
  dmp lps --certificate sandbox/medecin --ins 284073523811416 exists
  dmp lps --certificate sandbox/medecin --ins 284073523811416 search --type 11502-2
  dmp lps --certificate sandbox/medecin --ins 284073523811416 retrieve 1.2.250.1.999.2017.2017.0.205 --out document.xml
  dmp lps --certificate sandbox/medecin publish letter.xml report.xml     one lot; the INS of the documents
  dmp lps --certificate sandbox/medecin --ins 284073523811416 mask 1.2.250.1.999.2017.2017.0.205
  dmp lps --certificate sandbox/dentiste --ins 284073523811416 --mode bris_de_glace --reason \"inconscient\" search
  dmp lps --certificate sandbox/cabinet --person sandbox/infirmiere --auth INDIRECTE_RENFORCEE --ins 284073523811416 exists
  dmp lps --certificate sandbox/medecin patients --since 20260101

A refusal is printed as `refused CODE reason`.
Exit codes: 0 accepted, 1 refused or failed, 2 the command line is wrong.";

/// Arguments.
#[derive(ClapArgs)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    caller: Caller,
    #[command(subcommand)]
    command: Command,
}

/// Who calls which server, for whom.
#[derive(ClapArgs)]
struct Caller {
    /// Address of the server: https://dmp.example.org, or http:// on the loopback address
    #[arg(long, env = "DMP_URL", global = true)]
    url: Option<String>,
    /// Folder of an identity (`dmp lps sandbox` makes some), or the signature certificate of one (PEM)
    #[arg(long, env = "DMP_CERTIFICATE", value_name = "FOLDER|FILE", global = true)]
    certificate: Option<PathBuf>,
    /// Key of the signature certificate, when that is a file (PEM)
    #[arg(long, value_name = "FILE", global = true, requires = "certificate")]
    key: Option<PathBuf>,
    /// Folder of the person who acts, when the certificate is a structure's
    #[arg(long, value_name = "FOLDER", global = true)]
    person: Option<PathBuf>,
    /// Authority of the server's certificate (PEM); ca.pem of the identity's folder when not given
    #[arg(long, value_name = "FILE", global = true)]
    ca: Option<PathBuf>,
    /// Patient: 15 characters
    #[arg(long, value_name = "INS", global = true)]
    ins: Option<String>,
    /// Who assigned the INS: test unless told otherwise
    #[arg(long, value_name = "OID", default_value = "1.2.250.1.213.1.4.10", global = true)]
    ins_oid: String,
    /// Access mode
    #[arg(long, value_enum, default_value = "normal", global = true)]
    mode: AccessArg,
    /// Reason of the bris de glace
    #[arg(long, value_name = "TEXT", global = true)]
    reason: Option<String>,
    /// How the person is authenticated; that of identity.toml when not given
    #[arg(long, value_enum, global = true)]
    auth: Option<AuthArg>,
    /// Connexion secrète: hidden from the representatives of a minor
    #[arg(long, global = true)]
    secret: bool,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    /// Folder where each request and each answer is kept, and what `curl --config` needs to send it again
    #[arg(long, value_name = "DIR", global = true)]
    trace: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum AccessArg {
    /// Ordinary access
    Normal,
    /// Declared emergency, with a reason
    #[value(name = "bris_de_glace")]
    BrisDeGlace,
    /// Medical regulation
    #[value(name = "centre_15")]
    Centre15,
}

#[derive(Clone, Copy, ValueEnum)]
enum AuthArg {
    /// The person, by card
    #[value(name = "DIRECTE")]
    Directe,
    /// The structure, by its certificate
    #[value(name = "INDIRECTE")]
    Indirecte,
    /// The structure by its certificate, and the person by national identifier
    #[value(name = "INDIRECTE_RENFORCEE")]
    IndirecteRenforcee,
}

#[derive(Subcommand)]
enum Command {
    /// Does the patient have a DMP, and may I read it? (TD0.2)
    Exists,
    /// Add or remove my own authorisation (TD0.3)
    Authorise(arguments::Authorise),
    /// List the DMPs that I may read (TD0.4)
    Patients(arguments::Patients),
    /// Find patients by name and birth date, in mode centre_15 (TD0.5)
    Candidates(arguments::Candidates),
    /// Read the administrative data (TD1.3a)
    Administrative,
    /// List who is authorised, who is blocked (TD1.6)
    Authorisations(arguments::Authorisations),
    /// Publish CDA documents in one lot (TD2.1)
    Publish(arguments::Publish),
    /// List documents (TD3.1)
    Search(arguments::Search),
    /// Read a document (TD3.2)
    Retrieve(arguments::Retrieve),
    /// Mask a document to professionals (TD3.3a)
    Mask(arguments::Uid),
    /// Unmask it (TD3.3a)
    Unmask(arguments::Uid),
    /// Show a hidden document to the patient (TD3.3b)
    Reveal(arguments::Uid),
    /// Delete a document (TD3.3c)
    Delete(arguments::Uid),
    /// Archive a document (TD3.3d)
    Archive(arguments::Uid),
    /// Make an archived document current again (TD3.3d)
    Unarchive(arguments::Uid),
    /// Make cards, structures and wrong certificates to test with
    Sandbox(sandbox::Args),
}

/// What is wrong with the command line itself.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

/// Runs a command.
pub async fn run(args: Args) -> Result<ExitCode> {
    match answer(args).await {
        Err(error) if is_usage(&error) => {
            eprintln!("error: {error}\n\nFor more information, try '--help'.");
            Ok(ExitCode::from(2))
        }
        done => done,
    }
}

fn is_usage(error: &anyhow::Error) -> bool {
    error.is::<Usage>() || matches!(error.downcast_ref(), Some(LpsError::Missing(_)))
}

async fn answer(args: Args) -> Result<ExitCode> {
    let Args { caller, command } = args;
    if let Command::Sandbox(args) = &command {
        return sandbox::run(args);
    }
    let patient = caller.patient()?;
    let url = caller.url.as_deref().ok_or_else(|| Usage("--url (or DMP_URL) is needed".to_owned()))?;
    let identity = caller.identity()?;
    let authority = match &caller.ca {
        Some(file) => Some(std::fs::read_to_string(file).with_context(|| format!("`{}`", file.display()))?),
        None => identity.authority.clone(),
    };
    let mut server = http::Server::new(url, identity.authentication.as_ref(), authority.as_deref())?;
    server.trace = caller.trace.clone().map(trace::Trace::new).transpose()?;
    commands::Call { server, identity, patient, json: caller.json }.run(command).await
}

impl Caller {
    /// Who speaks: the folder of the certificate, changed by what the command line says.
    fn identity(&self) -> Result<Identity> {
        let usage = |what: &str| Usage(what.to_owned());
        let given = self.certificate.as_deref();
        let given = given.ok_or_else(|| usage("--certificate (or DMP_CERTIFICATE) is needed"))?;
        let mut identity = if given.is_dir() {
            if self.key.is_some() {
                return Err(usage("--key goes with a certificate file, not with a folder").into());
            }
            Identity::read(given)?
        } else {
            let key = self.key.as_deref();
            let key = key.ok_or_else(|| usage("--certificate is a folder, or a file with its --key"))?;
            Identity::read_with(given.parent().unwrap_or(Path::new(".")), given, key)
                .with_context(|| format!("`{IDENTITY_FILE}` is read beside the certificate"))?
        };
        if let Some(folder) = &self.person {
            let who = Identity::read_who(folder)?;
            identity.who.person = who.person;
        }
        if let Some(auth) = self.auth {
            identity.who.authentification = match auth {
                AuthArg::Directe => Authentification::Directe,
                AuthArg::Indirecte => Authentification::Indirecte,
                AuthArg::IndirecteRenforcee => Authentification::IndirecteRenforcee,
            };
        }
        if self.reason.is_some() && !matches!(self.mode, AccessArg::BrisDeGlace) {
            return Err(usage("--reason goes with --mode bris_de_glace").into());
        }
        identity.access = match self.mode {
            AccessArg::Normal => Mode::Normal,
            AccessArg::BrisDeGlace => Mode::BrisDeGlace { reason: self.reason.clone().unwrap_or_default() },
            AccessArg::Centre15 => Mode::Centre15,
        };
        identity.secret = self.secret;
        Ok(identity)
    }

    fn patient(&self) -> Result<Option<Ins>, Usage> {
        let Some(value) = &self.ins else { return Ok(None) };
        let oid = InsOid::parse(&self.ins_oid);
        let oid = oid.ok_or_else(|| Usage(format!("--ins-oid: `{}` assigns no INS", self.ins_oid)))?;
        Ins::parse(value, oid).map(Some).map_err(|error| Usage(format!("--ins: {}", error.says())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    #[tokio::test]
    async fn a_wrong_command_line_is_told_from_a_failure() {
        let ins = "--ins 284073523811416";
        for (words, usage) in [
            (format!("{ins} exists"), true),
            (format!("--url http://127.0.0.1:1 {ins} exists"), true),
            (format!("--url http://127.0.0.1:1 --certificate absent.pem {ins} exists"), true),
            ("--url http://127.0.0.1:1 --certificate /tmp --ins 284073523811417 exists".to_owned(), true),
            (format!("--url http://127.0.0.1:1 --certificate /tmp --ins-oid 1.2.3 {ins} exists"), true),
            (format!("--url http://127.0.0.1:1 --certificate /tmp --key k {ins} exists"), true),
            (format!("--url http://127.0.0.1:1 --certificate /nowhere/c.pem --key k {ins} exists"), false),
        ] {
            let line = Line::try_parse_from(std::iter::once("lps").chain(words.split_whitespace())).unwrap();
            let error = answer(line.args).await.unwrap_err();
            assert_eq!(is_usage(&error), usage, "{words}: {error:#}");
        }
    }
}
