//! The issuer of test tokens: mints, for `dmp token`, the demo and the tests, a bearer token for any actor.
//!
//! Its private key lies in a file of mode 0600 of a deployment of the test realm; who reads it can speak for anybody
//! there. The server keeps the public half and reads these tokens as any other.

use crate::config::{CONFIG_FILE, Config, ConfigError, ISSUER_FILE};
use crate::identity::{Issuer, Kind, claims};
use crate::open::SystemAmbient;
use crate::who::{Who, WhoError};
use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use dmp_dossier::{Actor, Time};
use dmp_store::Ambient as _;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// `iss` of test tokens.
pub const TEST_ISSUER_URL: &str = "urn:dmp:test-issuer";
/// `aud` of test tokens.
pub const TEST_AUDIENCE: &str = "urn:dmp:test";
/// How long a test token lasts unless asked otherwise, in minutes: a working day.
pub const TOKEN_MINUTES: u32 = 12 * 60;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// Why the issuer's key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TestIssuerError {
    /// The file could not be read or written.
    #[error("key file `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system answered.
        source: std::io::Error,
    },
    /// The file is not one to take a key from.
    #[error("key file `{}`: {problem}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: &'static str,
    },
}

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum TokenOfError {
    /// The configuration of the directory.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The issuer's key.
    #[error(transparent)]
    Issuer(#[from] TestIssuerError),
    /// Nobody is meant.
    #[error(transparent)]
    Who(#[from] WhoError),
    /// The system itself acts without a token.
    #[error("the system acts without a token")]
    System,
}

/// A token of the deployment of a directory, or of the demo in it, from now. Reads nothing but the issuer's key, and the
/// configuration that may name it.
///
/// # Errors
/// No key, nobody.
pub fn token_of(directory: &Path, who: &Who, minutes: u32) -> Result<String, TokenOfError> {
    let config = directory.join(CONFIG_FILE);
    let key = if config.exists() {
        let none = || {
            ConfigError(format!("`{}`: no `identity.test_issuer`: no token can be made", config.display()))
        };
        Config::load(&config)?.identity.test_issuer.ok_or_else(none)?
    } else {
        directory.join(ISSUER_FILE)
    };
    let issuer = TestIssuer::open(&key)?;
    issuer.mint(&who.actor()?, SystemAmbient.now(), minutes).ok_or(TokenOfError::System)
}

/// Issuer of test tokens, with its private key (ES256).
pub struct TestIssuer {
    key: EcdsaKeyPair,
    kid: String,
}

impl TestIssuer {
    /// Creates the file with a fresh key.
    ///
    /// # Errors
    /// The file is there already, or cannot be written.
    pub fn create(path: &Path) -> Result<Self, TestIssuerError> {
        let io = |source| TestIssuerError::Io { path: path.to_owned(), source };
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .expect("the generator aborts the process rather than fail");
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(io)?;
        let text = format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode(pkcs8.as_ref()));
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io)?;
        Self::of_pkcs8(pkcs8.as_ref()).ok_or(TestIssuerError::Refused {
            path: path.to_owned(),
            problem: "the key just made is not one",
        })
    }

    /// Reads the file.
    ///
    /// # Errors
    /// The group or others have a right on it, or it holds no P-256 private key in PEM.
    pub fn open(path: &Path) -> Result<Self, TestIssuerError> {
        let io = |source| TestIssuerError::Io { path: path.to_owned(), source };
        let refused = |problem| TestIssuerError::Refused { path: path.to_owned(), problem };
        let file = File::open(path).map_err(io)?;
        if file.metadata().map_err(io)?.permissions().mode() & 0o077 != 0 {
            return Err(refused("others than its owner reach it; its mode must be 600"));
        }
        let mut text = String::new();
        file.take(4096).read_to_string(&mut text).map_err(io)?;
        let base64 = text
            .trim()
            .strip_prefix(BEGIN)
            .and_then(|rest| rest.strip_suffix(END))
            .ok_or_else(|| refused("it is not a private key in PEM (PKCS#8)"))?;
        let base64: String = base64.split_whitespace().collect();
        let pkcs8 = STANDARD.decode(base64).map_err(|_| refused("its base64 is not readable"))?;
        Self::of_pkcs8(&pkcs8).ok_or_else(|| refused("it is not a P-256 private key"))
    }

    fn of_pkcs8(pkcs8: &[u8]) -> Option<Self> {
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).ok()?;
        let digest = digest::digest(&digest::SHA256, key.public_key().as_ref());
        let kid = URL_SAFE_NO_PAD.encode(&digest.as_ref()[..12]);
        Some(TestIssuer { key, kid })
    }

    /// The issuer as a server knows it: public key only.
    pub fn issuer(&self) -> Issuer {
        let key = DecodingKey::from_ec_der(self.key.public_key().as_ref());
        let keys = BTreeMap::from([(Some(self.kid.clone()), key)]);
        Issuer::new(TEST_ISSUER_URL, TEST_AUDIENCE, vec![Algorithm::ES256], keys, &Kind::ALL)
    }

    /// A token for an actor, from now. `None` for the system itself, which acts without a token.
    pub fn mint(&self, actor: &Actor, now: Time, minutes: u32) -> Option<String> {
        let mut claims = claims::of_actor(actor)?;
        let seconds = now.millis().div_euclid(1000);
        for (name, value) in [
            ("iss", json!(TEST_ISSUER_URL)),
            ("aud", json!(TEST_AUDIENCE)),
            ("sub", json!("dmp-token")),
            ("iat", json!(seconds)),
            ("exp", json!(seconds + i64::from(minutes) * 60)),
        ] {
            claims.insert(name.to_owned(), value);
        }
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": self.kid });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&header), part(&claims.into()));
        let signature = self.key.sign(&SystemRandom::new(), message.as_bytes()).ok()?;
        Some(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref())))
    }
}
