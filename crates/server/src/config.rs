//! Configuration: a TOML file, then `DMP_…` variables of the environment, then checks.
//!
//! Decides whether a server may start with it. Every fault is one line that names the key; the process then ends with
//! exit code 78 (`EX_CONFIG`). No value is repeated that could be a secret: none of the keys holds one, only paths.

mod accounts;
mod keys;
mod providers;
mod template;
mod tls;
mod xds;

#[cfg(test)]
mod tests;

pub use accounts::{Accounts, MailSettings, SmsSettings};
pub use providers::{ProviderConfig, ProviderKind};
pub use template::{CONFIG_FILE, ISSUER_FILE, InitError, KEYS_FILE, init, init_keys};
pub use tls::Tls;
pub use xds::{LegacySoftware, LotSignature, Xds};

use crate::demo::authority::{CERTIFICATE_FILE, CRL_FILE};
use crate::identity::IssuerConfig;
use dmp_dossier::{Channel, CreationProfile, Parameters, Realm, RealmPolicy};
use dmp_store::{Limits, Quotas};
use keys::{KEYS, Key, SECTIONS, Shape};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Exit code of a process whose configuration is wrong (`EX_CONFIG` of sysexits.h).
pub const EXIT_CONFIG: u8 = 78;

/// Directory of the demo's certification authority, in that of the demo.
pub const AUTHORITY: &str = "authority";

/// A configuration that cannot be used, in one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

/// What the operator decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// How the server answers.
    pub http: Http,
    /// The DMP interface.
    pub xds: Xds,
    /// Where data and keys are.
    pub storage: Storage,
    /// Parameters of the rules.
    pub parameters: Parameters,
    /// File of the matrix, instead of the built-in one.
    pub matrix: Option<PathBuf>,
    /// Quotas.
    pub quotas: Quotas,
    /// Whose tokens are taken.
    pub identity: Identity,
    /// Accounts of people.
    pub accounts: Accounts,
    /// What is logged.
    pub log: Log,
}

/// How the server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// Address and port.
    pub listen: SocketAddr,
    /// Address by which clients reach the server, without a final `/`.
    pub public_url: Option<String>,
    /// Other names that may stand in `Host`.
    pub hosts: Vec<String>,
    /// A proxy in front terminates TLS.
    pub tls_terminated_by_proxy: bool,
    /// TLS that ends in this process.
    pub tls: Tls,
    /// Most connections at once.
    pub connections_max: usize,
    /// Most connections at once from one address.
    pub connections_per_address_max: usize,
}

/// Where data and keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storage {
    /// Directory of the database.
    pub data: PathBuf,
    /// File of the keys.
    pub keys: PathBuf,
    /// Real patients' keys may be in a file.
    pub accept_file_custody: bool,
}

/// Whose tokens are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Private key of the test issuer.
    pub test_issuer: Option<PathBuf>,
    /// Other issuers; their paths are absolute or relative to the working directory.
    pub issuers: Vec<IssuerConfig>,
    /// By whom people sign in; paths as those of issuers.
    pub providers: Vec<ProviderConfig>,
}

/// What is logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// How.
    pub format: LogFormat,
    /// From which level.
    pub level: String,
}

/// How lines of the log are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Config {
    /// Reads a file and the environment.
    ///
    /// # Errors
    /// The first fault, in one line.
    pub fn load(file: &Path) -> Result<Config, ConfigError> {
        let wrong = |problem: String| ConfigError(format!("configuration `{}`: {problem}", file.display()));
        let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
        let base = file.parent().unwrap_or(Path::new(""));
        Config::read(&text, std::env::vars(), base).map_err(|ConfigError(problem)| wrong(problem))
    }

    /// Reads a text and the variables of an environment; `base` is the directory of relative paths.
    ///
    /// # Errors
    /// The first fault, in one line.
    pub fn read(
        text: &str,
        environment: impl IntoIterator<Item = (String, String)>,
        base: &Path,
    ) -> Result<Config, ConfigError> {
        let mut file: Table = text.parse().map_err(|error: toml::de::Error| {
            let line =
                error.span().map_or(0, |span| text[..span.start.min(text.len())].lines().count().max(1));
            ConfigError(format!("line {line}: {}", one_line(error.message())))
        })?;
        refuse_unknown_keys(&file)?;
        overlay(&mut file, environment)?;
        let keys = Keys(&file);
        let mut config = Config {
            http: Http {
                listen: keys.one("http", "listen")?,
                public_url: keys.maybe("http", "public_url")?,
                hosts: keys.one("http", "hosts")?,
                tls_terminated_by_proxy: keys.one("http", "tls_terminated_by_proxy")?,
                tls: Tls::read(&keys, base)?,
                connections_max: keys.one("http", "connections_max")?,
                connections_per_address_max: keys.one("http", "connections_per_address_max")?,
            },
            xds: Xds::read(&keys, base)?,
            storage: Storage {
                data: keys.one("storage", "data")?,
                keys: keys.one("storage", "keys")?,
                accept_file_custody: keys.one("storage", "accept_file_custody")?,
            },
            parameters: keys.parameters()?,
            matrix: keys.maybe("rules", "matrix")?,
            quotas: keys.quotas()?,
            identity: Identity {
                test_issuer: keys.maybe("identity", "test_issuer")?,
                issuers: keys.one("identity", "issuers")?,
                providers: keys.one("identity", "providers")?,
            },
            accounts: Accounts::read(&keys, base)?,
            log: Log { format: keys.one("log", "format")?, level: keys.one("log", "level")? },
        };
        config.matrix = config.matrix.map(|path: PathBuf| base.join(path));
        config.storage.data = base.join(&config.storage.data);
        config.storage.keys = base.join(&config.storage.keys);
        config.identity.test_issuer = config.identity.test_issuer.map(|path| base.join(path));
        for issuer in &mut config.identity.issuers {
            issuer.keys = base.join(&issuer.keys);
        }
        for provider in &mut config.identity.providers {
            provider.client_secret = provider.client_secret.take().map(|path| base.join(path));
        }
        config.check()?;
        Ok(config)
    }

    /// A configuration of the demo: every default, data and keys in one directory, loopback.
    ///
    /// # Errors
    /// The defaults do not go with these values.
    pub fn demo(data: &Path, listen: SocketAddr, accept_production_oid: bool) -> Result<Config, ConfigError> {
        // An official sample carries any author: the demo takes them all (issue: author-structure rule).
        let text = format!(
            "[http]\nlisten = \"{listen}\"\n[identity]\ntest_issuer = \"{ISSUER_FILE}\"\n\
             [xds]\nenabled = true\nplain_http_on_loopback = true\nanchors = \"{AUTHORITY}/{CERTIFICATE_FILE}\"\n\
             crls = [\"{AUTHORITY}/{CRL_FILE}\"]\n[rules]\n\
             author_structure = false\naccept_production_oid = {accept_production_oid}\n\
             [log]\nlevel = \"warn\"\n"
        );
        let of_the_log = std::env::vars().filter(|(name, _)| name.starts_with("DMP_LOG_"));
        let mut config = Config::read(&text, of_the_log, data)?;
        // A demo is one machine that plays every actor at once: quotas of one person would only stand in its way.
        config.quotas = Quotas::unlimited();
        Ok(config)
    }

    /// The realm.
    pub fn realm(&self) -> RealmPolicy {
        self.parameters.realm
    }

    fn check(&self) -> Result<(), ConfigError> {
        let test = self.parameters.realm.realm == Realm::Test;
        let p = &self.parameters;
        let loopback = self.http.listen.ip().is_loopback();
        let url = self.http.public_url.as_deref().unwrap_or("http://localhost");
        let faults = [
            (
                !loopback && !self.http.tls_terminated_by_proxy && self.http.tls.certificate.is_none(),
                "`http.listen` is beyond loopback: set `http.tls_certificate`, or put a proxy that terminates TLS in \
                 front and set `http.tls_terminated_by_proxy`",
            ),
            (
                !url.starts_with("http://") && !url.starts_with("https://"),
                "`http.public_url` must start with http:// or https://",
            ),
            (url.ends_with('/'), "`http.public_url` must not end with /"),
            (self.http.connections_max == 0, "`http.connections_max` must be at least 1"),
            (
                p.realm.accept_production_oid && !(test && loopback),
                "`rules.accept_production_oid` is for the test realm on a loopback address",
            ),
            (
                !test && self.identity.test_issuer.is_some(),
                "`identity.test_issuer` is for the test realm: its key can speak for anybody",
            ),
            (
                !test && !self.storage.accept_file_custody,
                "the production realm with keys in a file needs `storage.accept_file_custody`",
            ),
            (p.authorisation_days == 0, "`rules.authorisation_days` must be at least 1"),
            (p.announcement_days_max > 14, "`rules.announcement_days_max` must be at most 14"),
            (
                p.announcement_days > p.announcement_days_max,
                "`rules.announcement_days` must not exceed `rules.announcement_days_max`",
            ),
            (p.document_bytes_max == 0, "`rules.document_bytes_max` must be at least 1"),
            (
                p.document_bytes_max > p.lot_bytes_max,
                "`rules.document_bytes_max` must not exceed `rules.lot_bytes_max`",
            ),
            (p.lot_bytes_max > 1 << 30, "`rules.lot_bytes_max` must be at most 1073741824"),
            (p.lot_documents_max == 0, "`rules.lot_documents_max` must be at least 1"),
        ];
        let of_sections = self.http.tls.faults().into_iter().chain(self.xds.faults(self));
        if let Some((_, fault)) = faults.into_iter().chain(of_sections).find(|(wrong, _)| *wrong) {
            return Err(ConfigError(fault.to_owned()));
        }
        let providers = &self.identity.providers;
        for (place, provider) in providers.iter().enumerate() {
            if let Some(fault) = provider.fault() {
                return Err(ConfigError(fault));
            }
            if providers[..place].iter().any(|other| other.key == provider.key) {
                return Err(ConfigError(format!("`identity.providers`: `{}` is there twice", provider.key)));
            }
        }
        Ok(())
    }
}

fn refuse_unknown_keys(file: &Table) -> Result<(), ConfigError> {
    for (section, value) in file {
        if !SECTIONS.iter().any(|(name, _)| name == section) {
            return Err(ConfigError(format!("unknown section `{section}`")));
        }
        let table = value.as_table().ok_or_else(|| ConfigError(format!("`{section}` must be a section")))?;
        for name in table.keys() {
            if !KEYS.iter().any(|key| key.section == section && key.name == name) {
                return Err(ConfigError(format!("unknown key `{section}.{name}`")));
            }
        }
    }
    Ok(())
}

/// Puts the environment over the file, and defaults under it; checks shapes.
fn overlay(
    file: &mut Table,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    let variables: Vec<_> = environment.into_iter().filter(|(name, _)| name.starts_with("DMP_")).collect();
    for (name, _) in &variables {
        let of_a_section = SECTIONS
            .iter()
            .any(|(section, _)| name.starts_with(&format!("DMP_{}_", section.to_ascii_uppercase())));
        if of_a_section && !KEYS.iter().any(|key| key.variable() == *name) {
            return Err(ConfigError(format!("unknown variable `{name}`")));
        }
    }
    for key in KEYS {
        let section = file.entry(key.section).or_insert_with(|| Value::Table(Table::new()));
        let Some(section) = section.as_table_mut() else { continue };
        let variable = key.variable();
        if let Some((_, text)) = variables.iter().find(|(name, _)| *name == variable) {
            let value = value_of_variable(key.shape, text)
                .ok_or_else(|| ConfigError(format!("`{variable}` must be {}", must_be(key.shape))))?;
            section.insert(key.name.to_owned(), value);
        }
        match section.get(key.name) {
            None => {
                if let Some(default) = key.default {
                    section.insert(key.name.to_owned(), default_value(default));
                }
            }
            Some(value) if !fits(key.shape, value) => {
                return Err(ConfigError(format!("`{}` must be {}", dotted(key), must_be(key.shape))));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn dotted(key: &Key) -> String {
    format!("{}.{}", key.section, key.name)
}

fn must_be(shape: Shape) -> &'static str {
    match shape {
        Shape::Text => "a text",
        Shape::Number => "a whole number from 0",
        Shape::Limit => "a whole number from 0, or \"none\"",
        Shape::Switch => "true or false",
        Shape::Texts => "a list of texts",
        Shape::Tables => "a list of tables",
    }
}

fn fits(shape: Shape, value: &Value) -> bool {
    match (shape, value) {
        (Shape::Text, Value::String(_)) | (Shape::Switch, Value::Boolean(_)) => true,
        (Shape::Number | Shape::Limit, Value::Integer(number)) => *number >= 0,
        (Shape::Limit, Value::String(word)) => word == "none",
        (Shape::Texts, Value::Array(items)) => items.iter().all(Value::is_str),
        (Shape::Tables, Value::Array(items)) => items.iter().all(Value::is_table),
        _ => false,
    }
}

fn value_of_variable(shape: Shape, text: &str) -> Option<Value> {
    match shape {
        Shape::Text => Some(Value::String(text.to_owned())),
        Shape::Number => text.parse::<u32>().ok().map(|number| Value::Integer(number.into())),
        Shape::Limit if text == "none" => Some(Value::String(text.to_owned())),
        Shape::Limit => value_of_variable(Shape::Number, text),
        Shape::Switch => text.parse().ok().map(Value::Boolean),
        Shape::Texts => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Some(Value::Array(items.map(|item| Value::String(item.to_owned())).collect()))
        }
        Shape::Tables => format!("value = {text}").parse::<Table>().ok()?.remove("value"),
    }
}

fn default_value(default: &str) -> Value {
    let table = format!("value = {default}").parse::<Table>();
    table.ok().and_then(|mut table| table.remove("value")).expect("defaults are TOML (tested)")
}

/// The values of a file whose shapes were checked.
struct Keys<'f>(&'f Table);

impl Keys<'_> {
    fn one<T: DeserializeOwned>(&self, section: &str, name: &str) -> Result<T, ConfigError> {
        let missing = || ConfigError(format!("`{section}.{name}` is missing"));
        self.maybe(section, name)?.ok_or_else(missing)
    }

    fn maybe<T: DeserializeOwned>(&self, section: &str, name: &str) -> Result<Option<T>, ConfigError> {
        let value = self.0.get(section).and_then(|section| section.get(name));
        value.cloned().map(Value::try_into).transpose().map_err(|error: toml::de::Error| {
            ConfigError(format!("`{section}.{name}`: {}", one_line(error.message())))
        })
    }

    fn path(&self, section: &str, name: &str, base: &Path) -> Result<Option<PathBuf>, ConfigError> {
        Ok(self.maybe(section, name)?.map(|path: PathBuf| base.join(path)))
    }

    fn paths(&self, section: &str, name: &str, base: &Path) -> Result<Vec<PathBuf>, ConfigError> {
        let paths: Vec<PathBuf> = self.one(section, name)?;
        Ok(paths.into_iter().map(|path| base.join(path)).collect())
    }

    fn parameters(&self) -> Result<Parameters, ConfigError> {
        let channel = |word: &String| {
            let unknown = || ConfigError(format!("`rules.channels`: unknown channel `{word}`"));
            Channel::parse(word).ok_or_else(unknown)
        };
        let channels: Vec<String> = self.one("rules", "channels")?;
        Ok(Parameters {
            realm: RealmPolicy {
                realm: match self.one("rules", "realm")? {
                    RealmWord::Test => Realm::Test,
                    RealmWord::Production => Realm::Production,
                },
                accept_production_oid: self.one("rules", "accept_production_oid")?,
            },
            authorisation_days: self.one("rules", "authorisation_days")?,
            session_minutes: self.one("rules", "session_minutes")?,
            announcement_days: self.one("rules", "announcement_days")?,
            announcement_days_max: self.one("rules", "announcement_days_max")?,
            majority_age_years: self.one("rules", "majority_age_years")?,
            cumul: self.one("rules", "cumul")?,
            hide_visible: self.one("rules", "hide_visible")?,
            creation: CreationProfile {
                opt_out: self.one("rules", "opt_out")?,
                channels: channels.iter().map(channel).collect::<Result<_, _>>()?,
            },
            author_structure: self.one("rules", "author_structure")?,
            historic: self.one("rules", "historic")?,
            social_sector: self.one("rules", "social_sector")?,
            blocked_may_feed: self.one("rules", "blocked_may_feed")?,
            structure_declares: self.one("rules", "structure_declares")?,
            document_bytes_max: self.one("rules", "document_bytes_max")?,
            lot_documents_max: self.one("rules", "lot_documents_max")?,
            lot_bytes_max: self.one("rules", "lot_bytes_max")?,
            own_traces_days: self.one("rules", "own_traces_days")?,
            own_traces_max: self.one("rules", "own_traces_max")?,
        })
    }

    fn quotas(&self) -> Result<Quotas, ConfigError> {
        let named = |name: &str| {
            // The other shape of a limit is `"none"`; a kind of actor has not every key.
            match self.0.get("quotas").and_then(|quotas| quotas.get(name)) {
                None | Some(Value::String(_)) => Ok(None),
                Some(_) => self.maybe("quotas", name),
            }
        };
        let limit = |who: &str, what: &str| named(&format!("{who}_{what}"));
        let limits = |who: &str| {
            Ok(Limits {
                patients_per_hour: limit(who, "patients_per_hour")?,
                patients_per_day: limit(who, "patients_per_day")?,
                bris_de_glace_per_day: limit(who, "bris_de_glace_per_day")?,
                first_accesses_per_day: limit(who, "first_accesses_per_day")?,
                failed_look_ups_per_hour: limit(who, "failed_look_ups_per_hour")?,
            })
        };
        Ok(Quotas {
            professional: limits("professional")?,
            structure: limits("structure")?,
            pharmacy: limits("pharmacy")?,
            regulation: limits("regulation")?,
            patient: limits("patient")?,
            searches_by_traits_per_hour: named("searches_by_traits_per_hour")?,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum RealmWord {
    Test,
    Production,
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
