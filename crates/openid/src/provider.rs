//! A provider: where to send a person, and whom it sends back.

use crate::SKEW_SECONDS;
use crate::fault::Fault;
use crate::fetch::{Fetch, Recorded, is_safe, media_type};
use crate::json::{Claims, object};
use crate::returned::{Outcome, Return};
use crate::token::{Shaped, seconds, subject};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient,
    CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim, CoreGrantType, CoreIdToken, CoreJsonWebKey,
    CoreJsonWebKeyUse, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::url::Url;
use openidconnect::{
    AccessToken, AdditionalProviderMetadata, AuthType, AuthenticationContextClass, AuthorizationCode,
    ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, DiscoveryError, EmptyAdditionalClaims,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpResponse, IdTokenVerifier, IssuerUrl, JsonWebKey as _,
    JsonWebKeySet, LoginHint, Nonce, NonceVerifier, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, ProviderMetadata, RedirectUrl, RequestTokenError, Scope, TokenResponse as _,
    UserInfoClaims, UserInfoError,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::pin::Pin;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

/// How long discovery and keys serve before they are asked again, in seconds.
const KNOWN_SECONDS: i64 = 600;
/// Keys are asked for an unknown `kid` at most this often, in seconds (OIDC-29).
const REFRESH_SECONDS: i64 = 60;
/// How long a person may stay at their provider, in seconds (OIDC-04).
const DEPARTURE_SECONDS: i64 = 600;

/// What a deployment says of a provider.
#[derive(Clone)]
pub struct Settings {
    /// `iss`, exactly.
    pub issuer: String,
    /// Who we are to it.
    pub client_id: String,
    /// What proves it.
    pub client_secret: Option<String>,
    /// The secret goes in the body of the token request (`client_secret_post`), not in `Authorization`.
    pub secret_in_body: bool,
    /// Scopes asked, `openid` apart.
    pub scopes: Vec<String>,
    /// Levels of authentication asked, the lowest first; empty: any.
    pub acr: Vec<String>,
    /// Algorithms it may sign with: ES256, ES384, RS256, PS256, EdDSA.
    pub algorithms: Vec<String>,
    /// Where it sends back, exactly.
    pub redirect_uri: String,
}

/// Why a provider of the configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// An address that is not https (plain http is for loopback).
    #[error("`{0}` must be an https address, or http on loopback")]
    Address(String),
    /// An algorithm that is not taken.
    #[error("algorithm `{0}` is not one of ES256, ES384, RS256, PS256, EdDSA")]
    Algorithm(String),
    /// The HTTP client cannot be made.
    #[error("no HTTP client: {0}")]
    Client(String),
}

/// How a person is asked to prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A sign-in the provider remembers will do.
    Any,
    /// Now, whatever the provider remembers: `prompt=login`, `max_age=0`.
    Fresh,
}

/// Somebody about to leave for the provider.
#[derive(Debug, Clone)]
pub struct Departure {
    /// Where to.
    pub url: String,
    /// What to remember until they are back.
    pub pending: Pending,
}

/// What is remembered of a person who left.
#[derive(Debug, Clone)]
pub struct Pending {
    /// `state`.
    pub state: String,
    nonce: String,
    verifier: String,
    started: i64,
    proof: Proof,
}

/// A person that the provider vouches for.
#[derive(Debug, Clone)]
pub struct Person {
    /// `iss`.
    pub issuer: String,
    /// `sub`: who they are to that provider.
    pub subject: String,
    /// Claims of the identity token, then of userinfo, all verified.
    pub claims: Claims,
    /// The identity token, for `id_token_hint`.
    pub id_token: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
struct More {
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    end_session_endpoint: Option<String>,
}

impl AdditionalProviderMetadata for More {}

type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What discovery said, and when.
pub(crate) struct Known {
    metadata: Metadata,
    at: i64,
    keys_at: i64,
}

/// Somebody on their way back.
pub type Arriving<'a> = Pin<Box<dyn Future<Output = Result<Person, Fault>> + Send + 'a>>;

/// A provider of the configuration.
pub struct Provider {
    pub(crate) settings: Settings,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    algorithms: Vec<CoreJwsSigningAlgorithm>,
    fetch: Fetch,
    known: tokio::sync::Mutex<Option<Arc<Known>>>,
}

impl Provider {
    /// A provider, of which nothing is asked yet.
    ///
    /// # Errors
    /// An address or an algorithm that is not taken.
    pub fn new(settings: Settings) -> Result<Provider, SettingsError> {
        let address = |text: &str| SettingsError::Address(text.chars().take(200).collect());
        let url =
            Url::parse(&settings.issuer).ok().filter(is_safe).ok_or_else(|| address(&settings.issuer))?;
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|_| address(&settings.issuer))?;
        let redirect =
            RedirectUrl::new(settings.redirect_uri.clone()).map_err(|_| address(&settings.redirect_uri))?;
        let algorithms = settings.algorithms.iter().map(|name| algorithm(name)).collect::<Result<_, _>>()?;
        let fetch = Fetch::new(&url).map_err(SettingsError::Client)?;
        Ok(Provider { settings, issuer, redirect, algorithms, fetch, known: Default::default() })
    }

    /// Where to send a person, at that time (seconds since 1970).
    ///
    /// # Errors
    /// The provider cannot be asked.
    pub async fn depart(&self, proof: Proof, hint: Option<&str>, now: i64) -> Result<Departure, Fault> {
        let known = self.known(now).await?;
        let client = self.client(&known);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .set_pkce_challenge(challenge)
            .add_scopes(self.settings.scopes.iter().cloned().map(Scope::new));
        for level in &self.settings.acr {
            request = request.add_auth_context_value(AuthenticationContextClass::new(level.clone()));
        }
        if let Some(hint) = hint {
            request = request.set_login_hint(LoginHint::new(hint.to_owned()));
        }
        if proof == Proof::Fresh {
            request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
        }
        let (url, state, nonce) = request.url();
        let pending = Pending {
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
            started: now,
            proof,
        };
        Ok(Departure { url: url.into(), pending })
    }

    /// Who is back, by a callback whose `state` is that of `pending`.
    ///
    /// # Errors
    /// The first [`Fault`].
    pub fn arrive<'a>(&'a self, pending: &'a Pending, returned: &'a Return, now: i64) -> Arriving<'a> {
        Box::pin(self.arrived(pending, returned, now))
    }

    async fn arrived(&self, pending: &Pending, returned: &Return, now: i64) -> Result<Person, Fault> {
        if returned.state != pending.state {
            return Err(Fault::State);
        }
        if now > pending.started.saturating_add(DEPARTURE_SECONDS) {
            return Err(Fault::Late);
        }
        let known = self.known(now).await?;
        match &returned.iss {
            Some(iss) if iss != self.issuer.as_str() => return Err(Fault::CallbackIssuer),
            None if known.metadata.additional_metadata().authorization_response_iss_parameter_supported => {
                return Err(Fault::CallbackIssuer);
            }
            _ => {}
        }
        let code = match &returned.outcome {
            Outcome::Code(code) => code.clone(),
            Outcome::Error(error) if error == "access_denied" => return Err(Fault::Cancelled),
            Outcome::Error(error) if matches!(&error[..], "login_required" | "interaction_required") => {
                return Err(Fault::Again);
            }
            Outcome::Error(_) => return Err(Fault::Provider("an error")),
        };
        let (token, access) = self.exchange(&known, code, pending).await?;
        let shaped = Shaped::read(&token, &self.settings.algorithms)?;
        shaped.check_identity(&self.settings.client_id, now)?;
        let known = self.with_key(known, shaped.kid.as_deref(), now).await?;
        let nonce = Nonce::new(pending.nonce.clone());
        self.verify(&known, &token, &nonce, now)?;
        self.check_level(&shaped.claims)?;
        if pending.proof == Proof::Fresh {
            let proved = seconds(&shaped.claims, "auth_time").map_err(|_| Fault::Again)?;
            if proved < pending.started.saturating_sub(SKEW_SECONDS) {
                return Err(Fault::Again);
            }
        }
        let subject = subject(&shaped.claims)?.to_owned();
        let mut claims = shaped.claims;
        if known.metadata.userinfo_endpoint().is_some() {
            let more = self.user_info(known, access, &subject, now).await?;
            claims.extend(more);
        }
        Ok(Person { issuer: self.settings.issuer.clone(), subject, claims, id_token: token })
    }

    /// Where the person signs out of the provider too, to be sent back there; `None` when it has no such place.
    pub async fn leave(&self, id_token: &str, back: &str, now: i64) -> Option<String> {
        let known = self.known(now).await.ok()?;
        let place = known.metadata.additional_metadata().end_session_endpoint.as_deref()?;
        let mut url = Url::parse(place).ok().filter(is_safe)?;
        url.query_pairs_mut()
            .append_pair("id_token_hint", id_token)
            .append_pair("post_logout_redirect_uri", back)
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("state", CsrfToken::new_random().secret());
        Some(url.into())
    }

    /// Exchanges a code for an identity token and an access token.
    async fn exchange(
        &self,
        known: &Known,
        code: String,
        pending: &Pending,
    ) -> Result<(String, AccessToken), Fault> {
        let client = self.client(known);
        // The identity token is looked at as it came: the crate would only say that it cannot read it.
        let algorithms = self.settings.algorithms.clone();
        let fetch = Recorded::new(&self.fetch, move |response| {
            if response.status().is_success() {
                Shaped::read(&identity_token(response)?, &algorithms)?.check_types()?;
            }
            Ok(())
        });
        let exchange = client.exchange_code(AuthorizationCode::new(code));
        let exchange = exchange.map_err(|_| Fault::Provider("no token endpoint"))?;
        let tokens = exchange
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier.clone()))
            .request_async(&fetch)
            .await
            .map_err(|error| match error {
                RequestTokenError::Request(fault) => fault,
                RequestTokenError::ServerResponse(said)
                    if *said.error() == CoreErrorResponseType::InvalidGrant =>
                {
                    Fault::Code
                }
                RequestTokenError::ServerResponse(_) => Fault::Provider("an error of its token endpoint"),
                _ => Fault::Provider("an answer of its token endpoint"),
            })?;
        if tokens.id_token().is_none() {
            return Err(Fault::Provider("no identity token"));
        }
        let token = identity_token(&fetch.take().ok_or(Fault::Provider("no identity token"))?)?;
        Ok((token, tokens.access_token().clone()))
    }

    /// Signature, issuer, audience, end, nonce: the crate's.
    pub(crate) fn verify<N: NonceVerifier>(
        &self,
        known: &Known,
        token: &str,
        nonce: N,
        now: i64,
    ) -> Result<(), Fault> {
        let token = CoreIdToken::from_str(token).map_err(|_| Fault::Token("not an identity token"))?;
        let moment: DateTime<Utc> =
            DateTime::from_timestamp(now.saturating_sub(SKEW_SECONDS), 0).ok_or(Fault::Clock)?;
        let verifier = self.verifier(known).set_time_fn(move || moment);
        token.claims(&verifier, nonce).map(|_| ()).map_err(|error| of_claims(&error))
    }

    fn verifier(&self, known: &Known) -> IdTokenVerifier<'static, CoreJsonWebKey> {
        IdTokenVerifier::new_public_client(
            ClientId::new(self.settings.client_id.clone()),
            self.issuer.clone(),
            known.metadata.jwks().clone(),
        )
        .set_allowed_algs(self.algorithms.clone())
        .allow_all_jose_types()
        // Others may be named beside us when `azp` says that we asked: `token.rs` looks at it.
        .set_other_audience_verifier_fn(|_| true)
    }

    /// The level of authentication is one that was asked, or above (`eidas1` < `eidas2` < `eidas3`).
    fn check_level(&self, claims: &Claims) -> Result<(), Fault> {
        if self.settings.acr.is_empty() {
            return Ok(());
        }
        let reached = claims.get("acr").and_then(Value::as_str).unwrap_or_default();
        let rank = |level: &str| level.strip_prefix("eidas").and_then(|rank| rank.parse::<u8>().ok());
        let fits = self.settings.acr.iter().any(|asked| {
            asked == reached
                || rank(reached).zip(rank(asked)).is_some_and(|(reached, asked)| reached >= asked)
        });
        if fits { Ok(()) } else { Err(Fault::Level) }
    }

    /// Claims of userinfo, whose subject is that of the identity token (OIDC-45), signed or not (OIDC-46).
    async fn user_info(
        &self,
        known: Arc<Known>,
        access: AccessToken,
        expected: &str,
        now: i64,
    ) -> Result<Claims, Fault> {
        let fetch = Recorded::new(&self.fetch, |_| Ok(()));
        let client = self.client(&known);
        let asked = client.user_info(access, None).map_err(|_| Fault::Provider("no userinfo endpoint"))?;
        let answered: Result<UserInfoClaims<EmptyAdditionalClaims, CoreGenderClaim>, _> =
            asked.request_async(&fetch).await;
        let response = match (fetch.take(), &answered) {
            (Some(response), _) if response.status().is_success() => response,
            (None, Err(UserInfoError::Request(fault))) => return Err(*fault),
            _ => return Err(Fault::Provider("an error of its userinfo endpoint")),
        };
        let claims = if media_type(&response).is_some_and(|media| media.ends_with("/jwt")) {
            // The crate verifies a signed userinfo by RS256 alone: here it is verified as the provider signs.
            let text =
                std::str::from_utf8(response.body()).map_err(|_| Fault::Token("not base64url"))?.trim();
            let shaped = Shaped::read(text, &self.settings.algorithms)?;
            let known = self.with_key(known, shaped.kid.as_deref(), now).await?;
            self.verify_signature(&known, text, &shaped)?;
            let is = |name: &str, value: &str| match shaped.claims.get(name) {
                Some(Value::Array(several)) => several.iter().any(|one| one == value),
                Some(one) => one == value,
                None => false,
            };
            match (is("iss", self.issuer.as_str()), is("aud", &self.settings.client_id)) {
                (false, _) => return Err(Fault::Issuer),
                (_, false) => return Err(Fault::Audience),
                _ => shaped.claims,
            }
        } else {
            answered.map_err(|_| Fault::Provider("a userinfo that cannot be read"))?;
            object(response.body()).ok_or(Fault::Provider("a userinfo that is no JSON object"))?
        };
        if subject(&claims)? == expected { Ok(claims) } else { Err(Fault::Subject) }
    }

    /// The signature of a token by the key it names, or by the only one that can have made it.
    fn verify_signature(&self, known: &Known, token: &str, shaped: &Shaped) -> Result<(), Fault> {
        let (message, signature) = token.rsplit_once('.').ok_or(Fault::Token("not three parts"))?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Fault::Token("not base64url"))?;
        let algorithm = algorithm(&shaped.algorithm).map_err(|_| Fault::Token("its algorithm"))?;
        let named = |key: &&CoreJsonWebKey| {
            let signs = key.key_use() != Some(&CoreJsonWebKeyUse::Encryption);
            signs && shaped.kid.as_deref().is_none_or(|kid| key.key_id().is_some_and(|id| id.as_str() == kid))
        };
        let mut keys = known.metadata.jwks().keys().iter().filter(named);
        if keys.any(|key| key.verify_signature(&algorithm, message.as_bytes(), &signature).is_ok()) {
            return Ok(());
        }
        Err(Fault::Token("its signature"))
    }

    fn client(&self, known: &Known) -> Client {
        let secret = self.settings.client_secret.clone().map(ClientSecret::new);
        let client = CoreClient::from_provider_metadata(
            known.metadata.clone(),
            ClientId::new(self.settings.client_id.clone()),
            secret,
        );
        let way = if self.settings.secret_in_body { AuthType::RequestBody } else { AuthType::BasicAuth };
        client.set_auth_type(way).set_redirect_uri(self.redirect.clone())
    }

    /// What discovery says, asked once in ten minutes.
    pub(crate) async fn known(&self, now: i64) -> Result<Arc<Known>, Fault> {
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref().filter(|known| (0..KNOWN_SECONDS).contains(&(now - known.at))) {
            return Ok(Arc::clone(known));
        }
        let metadata = Metadata::discover_async(self.issuer.clone(), &self.fetch).await;
        let metadata = metadata.map_err(|error| of_discovery(&error))?;
        let more = metadata.additional_metadata().end_session_endpoint.as_deref();
        let addresses = [
            Some(metadata.authorization_endpoint().url()),
            metadata.token_endpoint().map(|endpoint| endpoint.url()),
            metadata.userinfo_endpoint().map(|endpoint| endpoint.url()),
        ];
        let safe = addresses.into_iter().flatten().all(is_safe)
            && more.is_none_or(|place| Url::parse(place).is_ok_and(|url| is_safe(&url)));
        if !safe {
            return Err(Fault::Provider("an address that is neither https nor on loopback"));
        }
        let fresh = Arc::new(Known { metadata, at: now, keys_at: now });
        *known = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    /// The same with keys that may have that `kid`: asked again when it is unknown, at most once a minute.
    pub(crate) async fn with_key(
        &self,
        known: Arc<Known>,
        kid: Option<&str>,
        now: i64,
    ) -> Result<Arc<Known>, Fault> {
        let Some(kid) = kid else { return Ok(known) };
        let has = |known: &Known| {
            known.metadata.jwks().keys().iter().any(|key| key.key_id().is_some_and(|id| id.as_str() == kid))
        };
        if has(&known) {
            return Ok(known);
        }
        let mut current = self.known.lock().await;
        let known = current.clone().unwrap_or(known);
        if has(&known) {
            return Ok(known);
        }
        if (0..REFRESH_SECONDS).contains(&(now - known.keys_at)) {
            return Err(Fault::Token("its key is not one of the provider's"));
        }
        let keys = JsonWebKeySet::fetch_async(known.metadata.jwks_uri(), &self.fetch).await;
        let keys = keys.map_err(|error| of_discovery(&error))?;
        let metadata = known.metadata.clone().set_jwks(keys);
        let fresh = Arc::new(Known { metadata, at: known.at, keys_at: now });
        *current = Some(Arc::clone(&fresh));
        if has(&fresh) { Ok(fresh) } else { Err(Fault::Token("its key is not one of the provider's")) }
    }
}

/// The identity token of a token answer, as it came.
fn identity_token(response: &HttpResponse) -> Result<String, Fault> {
    let answer = object(response.body()).ok_or(Fault::Provider("an answer that is no JSON object"))?;
    let token = answer.get("id_token").and_then(Value::as_str);
    token.map(str::to_owned).ok_or(Fault::Provider("no identity token"))
}

fn algorithm(name: &str) -> Result<CoreJwsSigningAlgorithm, SettingsError> {
    Ok(match name {
        "ES256" => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        "ES384" => CoreJwsSigningAlgorithm::EcdsaP384Sha384,
        "RS256" => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        "PS256" => CoreJwsSigningAlgorithm::RsaSsaPssSha256,
        "EdDSA" => CoreJwsSigningAlgorithm::EdDsa,
        _ => return Err(SettingsError::Algorithm(name.chars().take(20).collect())),
    })
}

fn of_claims(error: &ClaimsVerificationError) -> Fault {
    match error {
        ClaimsVerificationError::Expired(_) => Fault::Expired,
        ClaimsVerificationError::InvalidAudience(_) => Fault::Audience,
        ClaimsVerificationError::InvalidIssuer(_) => Fault::Issuer,
        ClaimsVerificationError::InvalidNonce(_) => Fault::Nonce,
        ClaimsVerificationError::InvalidSubject(_) => Fault::Subject,
        _ => Fault::Token("its signature"),
    }
}

fn of_discovery(error: &DiscoveryError<Fault>) -> Fault {
    match error {
        DiscoveryError::Request(fault) => *fault,
        _ => Fault::Provider("its discovery document"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(issuer: &str, algorithm: &str) -> Result<Provider, SettingsError> {
        Provider::new(Settings {
            issuer: issuer.to_owned(),
            client_id: "dmp".to_owned(),
            client_secret: None,
            secret_in_body: false,
            scopes: Vec::new(),
            acr: vec!["eidas2".to_owned()],
            algorithms: vec![algorithm.to_owned()],
            redirect_uri: "https://dmp.example/connexion/retour".to_owned(),
        })
    }

    #[test]
    fn what_is_not_safe_is_no_provider() {
        assert!(provider("https://p.example", "ES256").is_ok());
        let address = provider("http://p.example", "ES256").err();
        assert_eq!(address, Some(SettingsError::Address("http://p.example".to_owned())));
        for algorithm in ["none", "HS256"] {
            let wrong = provider("https://p.example", algorithm).err();
            assert_eq!(wrong, Some(SettingsError::Algorithm(algorithm.to_owned())));
        }
    }

    #[tokio::test]
    async fn a_departure_serves_ten_minutes_and_its_own_state() {
        let provider = provider("https://p.invalid", "ES256").unwrap();
        let pending = Pending {
            state: "s".to_owned(),
            nonce: "n".to_owned(),
            verifier: "v".to_owned(),
            started: 1_000,
            proof: Proof::Any,
        };
        let returned = |state: &str| Return {
            state: state.to_owned(),
            outcome: Outcome::Code("c".to_owned()),
            iss: None,
        };
        // OIDC-04: refused before anything is asked of the provider.
        for (state, now, expected) in [("s", 1_601, Fault::Late), ("t", 1_001, Fault::State)] {
            let arrived = provider.arrive(&pending, &returned(state), now).await;
            assert_eq!(arrived.map(|_| ()), Err(expected));
        }
    }

    #[test]
    fn a_level_is_reached_or_passed() {
        let provider = provider("https://p.example", "ES256").unwrap();
        for (reached, fits) in
            [("eidas2", true), ("eidas3", true), ("eidas1", false), ("", false), ("high", false)]
        {
            let claims = serde_json::json!({ "acr": reached });
            let level = provider.check_level(claims.as_object().unwrap());
            assert_eq!(level.is_ok(), fits, "{reached}");
        }
    }
}
