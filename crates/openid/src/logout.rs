//! Back-channel logout (OpenID Connect Back-Channel Logout 1.0): the provider tells that somebody left (OIDC-60).

use crate::fault::Fault;
use crate::provider::Provider;
use crate::token::{Shaped, subject};
use openidconnect::Nonce;
use serde_json::Value;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Whose sessions end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// `iss`.
    pub issuer: String,
    /// `sub`.
    pub subject: String,
}

impl Provider {
    /// Verifies a logout token.
    ///
    /// # Errors
    /// A token that is not one: with a nonce, without its event, without subject, or not to be believed.
    pub async fn ended(&self, token: &str, now: i64) -> Result<Ended, Fault> {
        let known = self.known(now).await?;
        let shaped = Shaped::read(token, &self.settings.algorithms)?;
        shaped.check_identity(&self.settings.client_id, now)?;
        let events = shaped.claims.get("events").and_then(Value::as_object);
        if shaped.claims.contains_key("nonce") || !events.is_some_and(|events| events.contains_key(EVENT)) {
            return Err(Fault::Token("not a logout token"));
        }
        let known = self.with_key(known, shaped.kid.as_deref(), now).await?;
        self.verify(&known, token, |_: Option<&Nonce>| Ok(()), now)?;
        let subject = subject(&shaped.claims)?.to_owned();
        Ok(Ended { issuer: self.settings.issuer.clone(), subject })
    }
}
