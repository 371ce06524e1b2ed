//! An issuer of tokens: its name, its keys, its algorithms, and whom it may speak for.
//!
//! Keys come from a file named by the configuration, PEM or JWKS, read once at start.

use jsonwebtoken::jwk::{AlgorithmParameters, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A kind of actor that an issuer may speak for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A professional by Pro Santé Connect's claims, read in the *direct* columns.
    Professional,
    /// A professional whose authentication and card the token itself asserts (`dmp_actor.auth`).
    AssertedProfessional,
    /// A patient.
    Patient,
    /// A person who acts for a patient.
    Representative,
    /// An employee of a structure.
    Employee,
    /// A structure.
    Structure,
    /// A reception agent.
    Agent,
    /// Assurance maladie.
    Insurer,
    /// The pilot team.
    Pilot,
    /// The référent of a structure.
    Referent,
    /// The loader of a test deployment.
    Loader,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 11] = [
        Kind::Professional,
        Kind::AssertedProfessional,
        Kind::Patient,
        Kind::Representative,
        Kind::Employee,
        Kind::Structure,
        Kind::Agent,
        Kind::Insurer,
        Kind::Pilot,
        Kind::Referent,
        Kind::Loader,
    ];
}

/// An issuer in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerConfig {
    /// `iss`, exactly.
    pub url: String,
    /// `aud` that its tokens for us carry.
    pub audience: String,
    /// Algorithms it signs with: ES256, RS256, EdDSA.
    pub algorithms: Vec<String>,
    /// File of its public keys: a JWKS, or one key in PEM.
    pub keys: PathBuf,
    /// `kid` of the key of a PEM file.
    pub key_id: Option<String>,
    /// Whom it may speak for.
    pub actors: Vec<Kind>,
}

/// Why an issuer of the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// Not one of the three algorithms.
    #[error("algorithm `{0}` is not one of ES256, RS256, EdDSA")]
    Algorithm(String),
    /// No algorithm at all.
    #[error("`algorithms` is empty")]
    NoAlgorithm,
    /// The file cannot be read.
    #[error("key file `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system answered.
        source: std::io::Error,
    },
    /// The file holds no key that we can use.
    #[error("key file `{}`: {problem}", path.display())]
    Keys {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: &'static str,
    },
}

/// An issuer, its keys read.
pub struct Issuer {
    url: String,
    audience: String,
    algorithms: Vec<Algorithm>,
    keys: BTreeMap<Option<String>, DecodingKey>,
    actors: Vec<Kind>,
}

impl Issuer {
    /// Reads the keys of an issuer of the configuration; `base` is the directory of relative paths.
    ///
    /// # Errors
    /// An algorithm that we never take, a file that is no key, a key that no algorithm of the issuer uses.
    pub fn load(config: &IssuerConfig, base: &Path) -> Result<Self, IssuerError> {
        let algorithms =
            config.algorithms.iter().map(|name| algorithm(name)).collect::<Result<Vec<_>, _>>()?;
        if algorithms.is_empty() {
            return Err(IssuerError::NoAlgorithm);
        }
        let path = base.join(&config.keys);
        let bytes = std::fs::read(&path).map_err(|source| IssuerError::Io { path: path.clone(), source })?;
        let keys = if bytes.trim_ascii_start().starts_with(b"{") {
            jwks(&bytes)
        } else {
            pem(&bytes, &algorithms).map(|key| BTreeMap::from([(config.key_id.clone(), key)]))
        };
        let keys = keys.and_then(|keys| {
            let used = |key: &DecodingKey| algorithms.iter().any(|a| a.family() == key.family());
            match () {
                () if keys.is_empty() => Err("it holds no key"),
                () if !keys.values().all(used) => {
                    Err("a key is of a kind that no algorithm of the issuer uses")
                }
                () => Ok(keys),
            }
        });
        let keys = keys.map_err(|problem| IssuerError::Keys { path, problem })?;
        Ok(Issuer::new(&config.url, &config.audience, algorithms, keys, &config.actors))
    }

    /// An issuer whose keys are at hand.
    pub(crate) fn new(
        url: &str,
        audience: &str,
        algorithms: Vec<Algorithm>,
        keys: BTreeMap<Option<String>, DecodingKey>,
        actors: &[Kind],
    ) -> Self {
        Issuer {
            url: url.to_owned(),
            audience: audience.to_owned(),
            algorithms,
            keys,
            actors: actors.to_vec(),
        }
    }

    /// `iss` of its tokens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// `aud` of its tokens for us.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// True for an algorithm it signs with.
    pub(crate) fn accepts(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    /// True for a kind of actor it may speak for.
    pub(crate) fn speaks_for(&self, kind: Kind) -> bool {
        self.actors.contains(&kind)
    }

    /// The key of that `kid`. A token without `kid` is of the only key.
    pub(crate) fn key(&self, kid: Option<&str>) -> Option<&DecodingKey> {
        match kid {
            Some(kid) => self.keys.get(&Some(kid.to_owned())),
            None if self.keys.len() == 1 => self.keys.values().next(),
            None => None,
        }
    }
}

fn algorithm(name: &str) -> Result<Algorithm, IssuerError> {
    match name {
        "ES256" | "RS256" | "EdDSA" => Algorithm::from_str(name).ok(),
        _ => None,
    }
    .ok_or_else(|| IssuerError::Algorithm(name.chars().take(20).collect()))
}

fn jwks(bytes: &[u8]) -> Result<BTreeMap<Option<String>, DecodingKey>, &'static str> {
    let set: JwkSet = serde_json::from_slice(bytes).map_err(|_| "it is not a JWKS")?;
    let mut keys = BTreeMap::new();
    for jwk in &set.keys {
        // Providers publish their encryption keys in the same set.
        if matches!(jwk.common.public_key_use, Some(PublicKeyUse::Encryption)) {
            continue;
        }
        if matches!(jwk.algorithm, AlgorithmParameters::OctetKey(_)) {
            return Err("it holds a symmetric key");
        }
        let key = DecodingKey::from_jwk(jwk).map_err(|_| "a key of it cannot be read")?;
        if keys.insert(jwk.common.key_id.clone(), key).is_some() {
            return Err("two of its keys have the same kid");
        }
    }
    Ok(keys)
}

fn pem(bytes: &[u8], algorithms: &[Algorithm]) -> Result<DecodingKey, &'static str> {
    let read = |family| match family {
        AlgorithmFamily::Ec => DecodingKey::from_ec_pem(bytes).ok(),
        AlgorithmFamily::Rsa => DecodingKey::from_rsa_pem(bytes).ok(),
        AlgorithmFamily::Ed => DecodingKey::from_ed_pem(bytes).ok(),
        AlgorithmFamily::Hmac => None,
    };
    algorithms
        .iter()
        .find_map(|algorithm| read(algorithm.family()))
        .ok_or("it is neither a JWKS nor a public key in PEM of the issuer's algorithms")
}
