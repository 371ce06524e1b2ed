//! `[[identity.providers]]`: by whom people sign in to the pages.

use crate::identity::Kind;
use serde::Deserialize;
use std::path::PathBuf;

/// What a provider's claims are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderKind {
    /// Pro Santé Connect: a professional, their exercises and structures.
    ProSanteConnect,
    /// FranceConnect: the identity traits of a patient.
    FranceConnect,
    /// Any other: `dmp_actor`, for the kinds of actors listed.
    Other,
}

/// A provider of OpenID Connect.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// Its name in our addresses.
    pub key: String,
    /// Its name on the pages.
    pub label: String,
    /// What its claims are.
    pub kind: ProviderKind,
    /// `iss`, exactly.
    pub issuer: String,
    /// Who we are to it.
    pub client_id: String,
    /// File of the secret that proves it.
    pub client_secret: Option<PathBuf>,
    /// The secret goes in the body of the token request.
    #[serde(default)]
    pub client_secret_in_body: bool,
    /// Scopes asked beside `openid`; those of its kind when none is listed.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Levels of authentication asked and required, such as `eidas1`.
    #[serde(default)]
    pub acr: Vec<String>,
    /// Algorithms it signs with.
    #[serde(default = "usual_algorithms")]
    pub algorithms: Vec<String>,
    /// Whom it may speak for, when it is of no other kind.
    #[serde(default)]
    pub actors: Vec<Kind>,
}

fn usual_algorithms() -> Vec<String> {
    ["ES256", "RS256"].map(str::to_owned).to_vec()
}

impl ProviderConfig {
    /// Scopes asked beside `openid`.
    pub fn scopes(&self) -> Vec<String> {
        let usual: &[&str] = match self.kind {
            _ if !self.scopes.is_empty() => return self.scopes.clone(),
            ProviderKind::ProSanteConnect => &["scope_all"],
            ProviderKind::FranceConnect => &[
                "given_name",
                "family_name",
                "birthdate",
                "gender",
                "birthplace",
                "birthcountry",
                "preferred_username",
            ],
            ProviderKind::Other => &["profile"],
        };
        usual.iter().map(|scope| (*scope).to_owned()).collect()
    }

    /// What does not go together, in one line.
    pub(super) fn fault(&self) -> Option<String> {
        let name = &self.key;
        let is_word = |text: &str| {
            !text.is_empty()
                && text.len() <= 32
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let other = self.kind == ProviderKind::Other;
        let says = match () {
            () if !is_word(name) => "`key` is lowercase letters, digits and hyphens, at most 32".to_owned(),
            () if self.label.trim().is_empty() => "`label` is empty".to_owned(),
            () if self.algorithms.is_empty() => "`algorithms` is empty".to_owned(),
            () if other == self.actors.is_empty() => {
                "`actors` are listed for kind `other`, and for no other kind".to_owned()
            }
            () if self.actors.iter().any(|kind| matches!(kind, Kind::Loader | Kind::Structure)) => {
                "`actors`: nobody signs in as a loader or a structure".to_owned()
            }
            () => return None,
        };
        Some(format!("`identity.providers`: `{}`: {says}", name.chars().take(40).collect::<String>()))
    }
}
