//! Passkeys (WebAuthn level 3): discoverable, the user verified by the device, so that one gesture is two factors.

use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;
use webauthn_rs::prelude::{
    CredentialID, DiscoverableAuthentication, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url, Webauthn, WebauthnBuilder, WebauthnError,
};

/// How long a ceremony may last.
const CEREMONY: Duration = Duration::from_secs(300);

/// A credential as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Key(webauthn_rs::prelude::Passkey);

impl Key {
    pub(crate) fn credential(&self) -> &CredentialID {
        self.0.cred_id()
    }
}

/// Ceremonies of one relying party.
pub(crate) struct Ceremonies {
    webauthn: Webauthn,
    domain: String,
}

impl Ceremonies {
    /// Of the site at an address. On a loopback address the domain is `localhost`: an address is no relying party.
    pub(crate) fn new(public_url: &str, domain: Option<&str>) -> Result<Self, String> {
        let wrong = |error: WebauthnError| format!("passkeys: {error}");
        let mut origin: Url =
            public_url.parse().map_err(|_| "the public address cannot be read".to_owned())?;
        if origin.domain().is_none() {
            origin.set_host(Some("localhost")).map_err(|_| "the public address has no host".to_owned())?;
        }
        let domain = domain.or(origin.domain()).unwrap_or("localhost").to_owned();
        let webauthn = WebauthnBuilder::new(&domain, &origin)
            .map_err(wrong)?
            .rp_name("Dossier médical partagé")
            .timeout(CEREMONY)
            .build()
            .map_err(wrong)?;
        Ok(Ceremonies { webauthn, domain })
    }

    /// The domain that passkeys belong to.
    pub(crate) fn domain(&self) -> &str {
        &self.domain
    }

    /// Starts to make a passkey: options for the browser, and what to keep until it answers.
    pub(crate) fn register(
        &self,
        handle: Uuid,
        login: &str,
        name: &str,
        known: Vec<CredentialID>,
    ) -> Result<(String, PasskeyRegistration), WebauthnError> {
        let (challenge, state) =
            self.webauthn.start_passkey_registration(handle, login, name, Some(known))?;
        let mut options = serde_json::to_value(challenge).map_err(|_| WebauthnError::Configuration)?;
        // The browser is to keep who the key is of, so that nobody types a login.
        let selection = &mut options["publicKey"]["authenticatorSelection"];
        selection["residentKey"] = "required".into();
        selection["requireResidentKey"] = true.into();
        Ok((options.to_string(), state))
    }

    /// Ends it.
    pub(crate) fn registered(&self, answer: &str, state: &PasskeyRegistration) -> Option<Key> {
        let answer: RegisterPublicKeyCredential = serde_json::from_str(answer).ok()?;
        self.webauthn.finish_passkey_registration(&answer, state).ok().map(Key)
    }

    /// Starts a sign-in.
    pub(crate) fn challenge(&self) -> Result<(String, DiscoverableAuthentication), WebauthnError> {
        let (mut challenge, state) = self.webauthn.start_discoverable_authentication()?;
        // Asked by a button: the browser may show its own window.
        challenge.mediation = None;
        let options = serde_json::to_string(&challenge).map_err(|_| WebauthnError::Configuration)?;
        Ok((options, state))
    }

    /// Whose passkey answers, and which.
    pub(crate) fn whose(&self, answer: &str) -> Option<Answer> {
        let answer: PublicKeyCredential = serde_json::from_str(answer).ok()?;
        let (handle, credential) = self.webauthn.identify_discoverable_authentication(&answer).ok()?;
        let credential = CredentialID::from(credential.to_vec());
        Some(Answer { handle, credential, answer })
    }

    /// Verifies the answer with the key of that credential, whose counter moves.
    pub(crate) fn verified(&self, answer: &Answer, state: DiscoverableAuthentication, key: &mut Key) -> bool {
        let done = self.webauthn.finish_discoverable_authentication_v2(&answer.answer, state, &key.0);
        match done {
            Ok(result) if result.user_verified() => {
                key.0.update_credential(&result);
                true
            }
            _ => false,
        }
    }
}

/// What a browser answered to a challenge.
pub(crate) struct Answer {
    pub(crate) handle: Uuid,
    pub(crate) credential: CredentialID,
    answer: PublicKeyCredential,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_on_loopback_is_localhost() {
        for (url, domain, is) in [
            ("https://dmp.example.org", None, Some("dmp.example.org")),
            ("https://www.dmp.example.org", Some("dmp.example.org"), Some("dmp.example.org")),
            ("http://127.0.0.1:4000", None, Some("localhost")),
            ("http://[::1]:4000", None, Some("localhost")),
            ("https://dmp.example.org", Some("other.example.org"), None),
            ("nothing", None, None),
        ] {
            let made = Ceremonies::new(url, domain).ok();
            assert_eq!(made.as_ref().map(|made| made.domain()), is, "{url}");
        }
    }

    #[test]
    fn the_user_is_verified_and_the_key_is_discoverable() {
        let ceremonies = Ceremonies::new("https://dmp.example.org", None).unwrap();
        let (options, _) = ceremonies.register(Uuid::new_v4(), "K7M2", "Marie", Vec::new()).unwrap();
        assert!(options.contains(r#""residentKey":"required""#), "{options}");
        assert!(options.contains(r#""userVerification":"required""#), "{options}");
        let (options, _) = ceremonies.challenge().unwrap();
        assert!(
            options.contains(r#""userVerification":"required""#) && !options.contains("mediation"),
            "{options}"
        );
        for answer in ["", "{}", "null", r#"{"id":"x"}"#] {
            assert!(ceremonies.whose(answer).is_none(), "{answer}");
        }
    }
}
