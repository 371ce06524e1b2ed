//! The shape of a token, before its signature is verified by `openidconnect`: what that crate would let pass.

use crate::SKEW_SECONDS;
use crate::fault::Fault;
use crate::json::{Claims, object};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// Longest token, in bytes.
const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// Longest `sub` (OIDC Core 2).
const SUBJECT_BYTES_MAX: usize = 255;

/// A token of the right shape. Nothing of it is believed yet.
pub(crate) struct Shaped {
    /// One of the provider's.
    pub(crate) algorithm: String,
    pub(crate) kid: Option<String>,
    pub(crate) claims: Claims,
}

impl Shaped {
    /// Three parts of base64url without padding, a header without extensions and of an algorithm of the provider's.
    /// `jku`, `x5u`, `x5c` and `jwk` are not looked at: keys come from discovery.
    pub(crate) fn read(token: &str, algorithms: &[String]) -> Result<Shaped, Fault> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Fault::Token("longer than 16 KiB"));
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [header, payload, signature] = parts[..] else { return Err(Fault::Token("not three parts")) };
        let bytes = |part| URL_SAFE_NO_PAD.decode(part).map_err(|_| Fault::Token("not base64url"));
        bytes(signature)?;
        let header = object(&bytes(header)?).ok_or(Fault::Token("its header"))?;
        let claims = object(&bytes(payload)?).ok_or(Fault::Token("its claims"))?;
        if ["crit", "enc", "zip", "b64"].iter().any(|name| header.contains_key(*name)) {
            return Err(Fault::Token("its header asks for an extension"));
        }
        let algorithm = header.get("alg").and_then(Value::as_str).unwrap_or_default();
        if !algorithms.iter().any(|known| known == algorithm) {
            return Err(Fault::Token("its algorithm is not one of the provider's"));
        }
        let algorithm = algorithm.to_owned();
        let kid = match header.get("kid") {
            None => None,
            Some(Value::String(kid)) if kid.len() <= 255 => Some(kid.clone()),
            Some(_) => return Err(Fault::Token("its key identifier")),
        };
        Ok(Shaped { algorithm, kid, claims })
    }

    /// The claims that an identity token needs, of their types (OIDC-40, 44).
    pub(crate) fn check_types(&self) -> Result<(), Fault> {
        subject(&self.claims)?;
        seconds(&self.claims, "exp")?;
        seconds(&self.claims, "iat").map(|_| ())
    }

    /// The same, whom it is for (OIDC-35, 36), and that it is not of the future (OIDC-39).
    pub(crate) fn check_identity(&self, client: &str, now: i64) -> Result<(), Fault> {
        self.check_types()?;
        let issued = seconds(&self.claims, "iat")?;
        let several = matches!(self.claims.get("aud"), Some(Value::Array(audiences)) if audiences.len() > 1);
        match self.claims.get("azp") {
            None if several => return Err(Fault::Audience),
            Some(party) if party != client => return Err(Fault::Audience),
            _ => {}
        }
        if issued > now.saturating_add(SKEW_SECONDS) { Err(Fault::Clock) } else { Ok(()) }
    }
}

/// `sub`, usable.
pub(crate) fn subject(claims: &Claims) -> Result<&str, Fault> {
    let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
    let usable =
        !subject.is_empty() && subject.len() <= SUBJECT_BYTES_MAX && !subject.chars().any(char::is_control);
    if usable { Ok(subject) } else { Err(Fault::Token("its subject")) }
}

/// A NumericDate, a number and nothing else (RFC 7519 2).
pub(crate) fn seconds(claims: &Claims, name: &str) -> Result<i64, Fault> {
    match claims.get(name).map(|value| (value.as_i64(), value.as_f64())) {
        Some((Some(seconds), _)) => Ok(seconds),
        Some((None, Some(seconds))) if seconds.abs() < 1e15 => Ok(seconds as i64),
        _ => Err(Fault::Token("one of its dates")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn token(header: &str, claims: &str) -> String {
        format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn shapes_that_are_refused_by_name() {
        let es256 = r#"{"alg":"ES256","kid":"k"}"#;
        let good = token(es256, r#"{"sub":"a"}"#);
        let algorithms = ["ES256".to_owned()];
        assert!(Shaped::read(&good, &algorithms).is_ok());
        for (row, token) in [
            ("OIDC-23", token(r#"{"alg":"none"}"#, "{}")),
            ("OIDC-25", token(r#"{"alg":"RS384"}"#, "{}")),
            ("OIDC-26", good.replace('.', "")),
            ("OIDC-26", format!("{good}.a")),
            ("OIDC-27", good.replace("c2ln", "c2lnMQ==")),
            ("OIDC-27", good.replace("c2ln", "c2+/")),
            ("OIDC-32", token(r#"{"alg":"ES256","crit":["x"]}"#, "{}")),
            ("OIDC-53", token(es256, r#"{"sub":"a","sub":"b"}"#)),
            ("OIDC-54", format!("{good}.a.b")),
            ("a kid that is no text", token(r#"{"alg":"ES256","kid":1}"#, "{}")),
            ("too long", "a".repeat(TOKEN_BYTES_MAX + 1)),
        ] {
            assert!(matches!(Shaped::read(&token, &algorithms), Err(Fault::Token(_))), "{row}");
        }
    }

    #[test]
    fn claims_that_are_refused_by_name() {
        let good = json!({ "sub": "a", "exp": 2_000, "iat": 1_000, "aud": "us" });
        for (row, name, value, expected) in [
            ("as it should be", "x", json!(1), Ok(())),
            ("OIDC-36", "aud", json!(["us", "them"]), Err(Fault::Audience)),
            ("OIDC-36", "azp", json!("them"), Err(Fault::Audience)),
            ("OIDC-39", "iat", json!(1_661), Err(Fault::Clock)),
            ("OIDC-40", "exp", json!("9999999999"), Err(Fault::Token("one of its dates"))),
            ("OIDC-44", "sub", json!(""), Err(Fault::Token("its subject"))),
            ("OIDC-44", "sub", json!("a".repeat(10_240)), Err(Fault::Token("its subject"))),
            ("OIDC-44", "sub", json!("a\u{0}"), Err(Fault::Token("its subject"))),
        ] {
            let mut claims = good.clone();
            claims[name] = value;
            let shaped = Shaped {
                algorithm: "ES256".to_owned(),
                kid: None,
                claims: claims.as_object().unwrap().clone(),
            };
            assert_eq!(shaped.check_identity("us", 1_600), expected, "{row}");
        }
    }
}
