//! Who the software speaks for: a folder with `identity.toml` and PEM files.
//!
//! | file | what |
//! |---|---|
//! | `identity.toml` | person, structure, software ([`Who`]) |
//! | `signature.pem`, `signature.key` | certificate and key that sign the VIHF (card or ORG_SIGN) |
//! | `authentication.pem`, `authentication.key` | certificate and key of the TLS connection (card or ORG_AUTH_CLI) |
//! | `ca.pem` | authority of the server's certificate |
//!
//! Sources: SEL-MP-037; PDT-INF-526 and 606 (modes of authentication).

use crate::error::LpsError;
use dmp_dossier::Mode;
use dmp_xml::signature::SigningKey;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use x509_cert::Certificate;
use x509_cert::der::{DecodePem as _, Encode as _};

/// Name of the description.
pub const IDENTITY_FILE: &str = "identity.toml";
/// Name of the signature certificate.
pub const SIGNATURE_FILE: &str = "signature.pem";
/// Name of its key.
pub const SIGNATURE_KEY_FILE: &str = "signature.key";
/// Name of the authentication certificate.
pub const AUTHENTICATION_FILE: &str = "authentication.pem";
/// Name of its key.
pub const AUTHENTICATION_KEY_FILE: &str = "authentication.key";
/// Name of the authority's certificate.
pub const AUTHORITY_FILE: &str = "ca.pem";

/// `Authentification_mode` of the VIHF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Authentification {
    /// The person, by card.
    #[serde(rename = "DIRECTE")]
    Directe,
    /// The structure, by its certificate; the person as the software knows them.
    #[serde(rename = "INDIRECTE")]
    Indirecte,
    /// The structure, by its certificate, and the person by national identifier (AIR).
    #[serde(rename = "INDIRECTE_RENFORCEE")]
    IndirecteRenforcee,
}

impl Authentification {
    /// As the VIHF writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Authentification::Directe => "DIRECTE",
            Authentification::Indirecte => "INDIRECTE",
            Authentification::IndirecteRenforcee => "INDIRECTE_RENFORCEE",
        }
    }
}

/// Who speaks, as `identity.toml` says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Who {
    /// How the person is authenticated.
    pub authentification: Authentification,
    /// `VIHF_Version`: `3.0` or `4.0`.
    #[serde(default = "vihf_version")]
    pub vihf_version: String,
    /// Sector of activity (`SA07`).
    pub sector: String,
    /// The person.
    pub person: Person,
    /// The structure.
    pub structure: Structure,
    /// The software.
    pub software: Software,
}

impl Who {
    /// The text of `identity.toml`.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("texts and tables of texts are TOML")
    }
}

fn vihf_version() -> String {
    "3.0".to_owned()
}

/// The person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// National identifier (`8` and RPPS…); of an employee, structure and internal number.
    pub id: String,
    /// How the software knows them, sent in INDIRECTE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_id: Option<String>,
    /// Family name.
    pub family: String,
    /// Given name.
    pub given: String,
    /// Profession: `10`, `60`, `G16_10` for a student, `SECRETARIAT_MEDICAL`…
    pub profession: String,
    /// Speciality of a doctor (`SM26`), section of a pharmacist (`A`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speciality: Option<String>,
}

/// The structure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Structure {
    /// National identifier (`1` and FINESS, `4` and RPPS rank…).
    pub id: String,
    /// Name.
    pub name: String,
}

/// The software.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Software {
    /// `LPS_ID`.
    pub id: String,
    /// `LPS_Nom`.
    pub name: String,
    /// `LPS_Version`.
    pub version: String,
    /// `LPS_ID_HOMOLOGATION_DMP`, number of approval.
    pub approval: String,
    /// OID of this installation: `sourceId` of its lots, root of its messages.
    pub oid: String,
}

/// A certificate and its key.
pub struct Signature {
    /// DER.
    pub certificate: Vec<u8>,
    /// Its subject, last RDN first (RFC 4514).
    pub subject: String,
    /// Its key.
    pub key: SigningKey,
}

/// What opens the TLS connection, PEM.
#[derive(Clone)]
pub struct Authentication {
    /// Certificate, then those that lead to its authority.
    pub certificates: String,
    /// Its key.
    pub key: String,
}

/// Who the software speaks for, and how.
pub struct Identity {
    /// Person, structure, software.
    pub who: Who,
    /// Access mode of the calls (`purposeofuse`).
    pub access: Mode,
    /// *Connexion secrète*: hidden from the representatives of a minor.
    pub secret: bool,
    /// What signs.
    pub signature: Signature,
    /// What opens the connection; none over plain HTTP.
    pub authentication: Option<Authentication>,
    /// Authority of the server's certificate, PEM.
    pub authority: Option<String>,
}

impl Identity {
    /// Reads a folder.
    ///
    /// # Errors
    /// A file that is absent or wrong.
    pub fn read(folder: &Path) -> Result<Identity, LpsError> {
        let [certificate, key] = [SIGNATURE_FILE, SIGNATURE_KEY_FILE].map(|name| folder.join(name));
        Identity::read_with(folder, &certificate, &key)
    }

    /// Reads a folder, but signs with that certificate and key.
    ///
    /// # Errors
    /// A file that is absent or wrong.
    pub fn read_with(folder: &Path, certificate: &Path, key: &Path) -> Result<Identity, LpsError> {
        let who = Identity::read_who(folder)?;
        let wrong =
            |path: &Path, what: &str| LpsError::Identity { path: path.to_owned(), what: what.to_owned() };
        let parsed = Certificate::from_pem(text(certificate)?)
            .map_err(|_| wrong(certificate, "not a PEM certificate"))?;
        let signature = Signature {
            certificate: parsed.to_der().map_err(|_| wrong(certificate, "not a certificate"))?,
            subject: parsed.tbs_certificate.subject.to_string(),
            key: SigningKey::from_pem(&text(key)?).map_err(|error| wrong(key, &error.to_string()))?,
        };
        let authentication = match optional(&folder.join(AUTHENTICATION_FILE))? {
            Some(certificates) => {
                Some(Authentication { certificates, key: text(&folder.join(AUTHENTICATION_KEY_FILE))? })
            }
            None => None,
        };
        let authority = optional(&folder.join(AUTHORITY_FILE))?;
        Ok(Identity { who, access: Mode::Normal, secret: false, signature, authentication, authority })
    }

    /// Reads only who a folder describes.
    ///
    /// # Errors
    /// A description that is absent or wrong.
    pub fn read_who(folder: &Path) -> Result<Who, LpsError> {
        let path = folder.join(IDENTITY_FILE);
        toml::from_str(&text(&path)?)
            .map_err(|error| LpsError::Identity { path, what: error.message().to_owned() })
    }

    /// `NameID` of the VIHF.
    pub fn name_id(&self) -> &str {
        let person = &self.who.person;
        match (self.who.authentification, &person.local_id) {
            (Authentification::Indirecte, Some(local)) => local,
            _ => &person.id,
        }
    }
}

impl fmt::Debug for Identity {
    /// Never its keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("who", &self.who)
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}

fn text(path: &Path) -> Result<String, LpsError> {
    std::fs::read_to_string(path).map_err(|source| LpsError::File { path: path.to_owned(), source })
}

fn optional(path: &Path) -> Result<Option<String>, LpsError> {
    if path.exists() { text(path).map(Some) } else { Ok(None) }
}
