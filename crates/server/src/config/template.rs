//! `dmp init`: a directory with a commented configuration and fresh keys.

use super::keys::{KEYS, SECTIONS};
use crate::tokens::{TestIssuer, TestIssuerError};
use dmp_keys::{CustodyError, FileCustody};
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Name of the configuration in its directory.
pub const CONFIG_FILE: &str = "dmp.toml";
/// Name of the file of key-encryption and index keys.
pub const KEYS_FILE: &str = "keys";
/// Name of the file of the test issuer's private key.
pub const ISSUER_FILE: &str = "issuer.pem";

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// A file is there already.
    #[error("`{}` is there already; nothing is overwritten", .0.display())]
    Exists(PathBuf),
    /// The system refused.
    #[error("`{}`", path.display())]
    Io {
        /// What was to be written.
        path: PathBuf,
        /// What the system answered.
        source: std::io::Error,
    },
    /// The key file could not be written.
    #[error(transparent)]
    Keys(#[from] CustodyError),
    /// The issuer's key could not be written.
    #[error(transparent)]
    Issuer(#[from] TestIssuerError),
}

/// Writes `dmp.toml`, the keys and the test issuer's key into a directory, made when absent.
///
/// # Errors
/// [`InitError::Exists`] when any of the three is there: keys are not replaced, dossiers may depend on them.
pub fn init(directory: &Path) -> Result<(), InitError> {
    write(directory, true)
}

/// The same without a configuration, for the demo, which has its own.
///
/// # Errors
/// As [`init`].
pub fn init_keys(directory: &Path) -> Result<(), InitError> {
    write(directory, false)
}

fn write(directory: &Path, with_config: bool) -> Result<(), InitError> {
    let io = |path: &Path, source| InitError::Io { path: path.to_owned(), source };
    fs::create_dir_all(directory).map_err(|source| io(directory, source))?;
    for name in [CONFIG_FILE, KEYS_FILE, ISSUER_FILE] {
        let path = directory.join(name);
        if path.exists() {
            return Err(InitError::Exists(path));
        }
    }
    FileCustody::create(&directory.join(KEYS_FILE))?;
    TestIssuer::create(&directory.join(ISSUER_FILE))?;
    if with_config {
        let path = directory.join(CONFIG_FILE);
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .and_then(|mut file| file.write_all(commented().as_bytes()))
            .map_err(|source| io(&path, source))?;
    }
    Ok(())
}

/// The configuration with every key, its variable and its default; what `dmp init` sets is not commented out.
pub(super) fn commented() -> String {
    let mut text = String::from(
        "# Configuration of dmp. Every key is also an environment variable, which wins over this file.\n\
         # A key that is commented out has the value shown, or none.\n",
    );
    for (section, says) in SECTIONS {
        let _ = writeln!(text, "\n# {says}\n[{section}]");
        for key in KEYS.iter().filter(|key| key.section == section) {
            let _ = writeln!(text, "\n# {}", key.says);
            let _ = writeln!(text, "# {}", key.variable());
            let _ = match (key.name, key.default) {
                ("test_issuer", _) => writeln!(text, "test_issuer = \"{ISSUER_FILE}\""),
                ("listen" | "data" | "keys" | "realm", Some(default)) => {
                    writeln!(text, "{} = {default}", key.name)
                }
                (name, Some(default)) => writeln!(text, "# {name} = {default}"),
                (name, None) => writeln!(text, "# {name} ="),
            };
            if key.name == "issuers" {
                text.push_str(ISSUER_EXAMPLE);
            }
            if key.name == "providers" {
                text.push_str(PROVIDER_EXAMPLE);
            }
        }
    }
    text
}

/// What an issuer looks like, under its key.
const ISSUER_EXAMPLE: &str = "\
#   [[identity.issuers]]
#   url = \"https://auth.example.org/realms/professionals\"
#   audience = \"dmp\"
#   algorithms = [\"RS256\"]
#   keys = \"professionals.jwks.json\"
#   actors = [\"professional\"]
";

/// What a provider looks like, under its key.
const PROVIDER_EXAMPLE: &str = "\
#   [[identity.providers]]
#   key = \"psc\"
#   label = \"Pro Santé Connect\"
#   kind = \"pro-sante-connect\"
#   issuer = \"https://auth.esw.esante.gouv.fr/auth/realms/esante-wallet\"
#   client_id = \"dmp\"
#   client_secret = \"psc.secret\"
#   acr = [\"eidas1\"]
#   algorithms = [\"RS256\"]
";
