//! The token itself: three parts, a header, a signature, registered claims.
//!
//! Every JSON object of a token is read refusing duplicate names, so that no two readers can disagree on what was
//! signed (RFC 8725 3.4, OIDC-53).

use super::issuer::Issuer;
use super::{SKEW_SECONDS, TokenError};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};
use std::str::FromStr;

/// Claims of a token, names unique.
pub(crate) type Claims = Map<String, Value>;

/// A token that was read and not verified: only its issuer may be asked, to find the keys.
pub(crate) struct Unverified<'t> {
    message: &'t str,
    signature: &'t str,
    algorithm: Algorithm,
    kid: Option<String>,
    claims: Claims,
}

impl<'t> Unverified<'t> {
    /// Reads the compact form (RFC 7515 7.1).
    pub(crate) fn read(token: &'t str) -> Result<Self, TokenError> {
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed("no dot"))?;
        let (header, payload) = message.split_once('.').ok_or(TokenError::Malformed("one dot"))?;
        if payload.contains('.') {
            return Err(TokenError::Malformed("more than three parts"));
        }
        let header = object(header, "its header")?;
        // An extension that must be understood is not; nested encryption and compression are none of ours.
        if ["crit", "enc", "zip", "b64"].iter().any(|name| header.contains_key(*name)) {
            return Err(TokenError::Malformed("its header asks for an extension"));
        }
        if header.get("typ").is_some_and(|typ| !is_access_token(typ)) {
            return Err(TokenError::Malformed("its type is not that of an access token"));
        }
        let algorithm = header.get("alg").and_then(Value::as_str).ok_or(TokenError::Algorithm)?;
        Ok(Unverified {
            message,
            signature,
            algorithm: Algorithm::from_str(algorithm).map_err(|_| TokenError::Algorithm)?,
            kid: header.get("kid").and_then(Value::as_str).map(str::to_owned),
            claims: object(payload, "its claims")?,
        })
    }

    /// `iss`, as the token says.
    pub(crate) fn issuer(&self) -> Option<&str> {
        self.claims.get("iss").and_then(Value::as_str)
    }

    /// The claims, once the issuer's signature is verified.
    pub(crate) fn verify(self, issuer: &Issuer) -> Result<Claims, TokenError> {
        if !issuer.accepts(self.algorithm) {
            return Err(TokenError::Algorithm);
        }
        let key = issuer.key(self.kid.as_deref()).ok_or(TokenError::Key)?;
        if key.family() != self.algorithm.family() {
            return Err(TokenError::Algorithm);
        }
        match jsonwebtoken::crypto::verify(self.signature, self.message.as_bytes(), key, self.algorithm) {
            Ok(true) => Ok(self.claims),
            _ => Err(TokenError::Signature),
        }
    }
}

fn is_access_token(typ: &Value) -> bool {
    typ.as_str().is_some_and(|typ| {
        let typ = typ.to_ascii_lowercase();
        matches!(typ.trim_start_matches("application/"), "jwt" | "at+jwt")
    })
}

/// Checks `aud`, `sub`, `cnf` and gives the dates between which the token is in force, tolerance included.
pub(crate) fn check_claims(claims: &Claims, issuer: &Issuer) -> Result<(i64, i64), TokenError> {
    check_audience(claims, issuer.audience())?;
    if claims.contains_key("cnf") {
        return Err(TokenError::Unproven);
    }
    let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
    if subject.is_empty() || subject.len() > 255 || subject.chars().any(char::is_control) {
        return Err(TokenError::Claim("sub"));
    }
    let expires = seconds(claims, "exp")?.ok_or(TokenError::Claim("exp"))?;
    let not_before = seconds(claims, "nbf")?.unwrap_or(i64::MIN);
    let issued = seconds(claims, "iat")?.unwrap_or(i64::MIN);
    Ok((not_before.max(issued).saturating_sub(SKEW_SECONDS), expires.saturating_add(SKEW_SECONDS)))
}

/// Ours alone, or ours among others with the party that asked for it named (OIDC Core 3.1.3.7).
fn check_audience(claims: &Claims, ours: &str) -> Result<(), TokenError> {
    let accepted = match claims.get("aud") {
        Some(Value::String(audience)) => audience == ours,
        Some(Value::Array(audiences)) => {
            audiences.iter().any(|audience| audience == ours)
                && (audiences.len() == 1 || claims.contains_key("azp"))
        }
        _ => false,
    };
    if accepted { Ok(()) } else { Err(TokenError::Audience) }
}

/// A NumericDate (RFC 7519 2), a number and nothing else.
fn seconds(claims: &Claims, name: &'static str) -> Result<Option<i64>, TokenError> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => match (value.as_i64(), value.as_f64()) {
            (Some(seconds), _) => Ok(Some(seconds)),
            (None, Some(seconds)) if seconds.abs() < 1e15 => Ok(Some(seconds as i64)),
            _ => Err(TokenError::Claim(name)),
        },
    }
}

fn object(part: &str, what: &'static str) -> Result<Claims, TokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed("not base64url"))?;
    dmp_openid::object(&bytes).ok_or(TokenError::Malformed(what))
}
