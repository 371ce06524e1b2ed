//! The callback: what a browser brings back from the provider, read strictly (OIDC-01, 05, 06, 09, 10).

use crate::fault::Fault;
use openidconnect::url::form_urlencoded;

/// Longest value of a parameter, in bytes.
const VALUE_BYTES_MAX: usize = 4096;

/// A callback whose shape is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    /// `state`.
    pub state: String,
    /// What the provider says.
    pub outcome: Outcome,
    /// `iss` (RFC 9207).
    pub iss: Option<String>,
}

/// What the provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A code to exchange.
    Code(String),
    /// An error, by its code; its description is never read.
    Error(String),
}

impl Return {
    /// Reads a query.
    ///
    /// # Errors
    /// [`Fault::Request`] for a parameter given twice or too long, for a code and an error together or neither;
    /// [`Fault::State`] without `state`.
    pub fn read(query: &str) -> Result<Return, Fault> {
        let [mut state, mut code, mut error, mut iss] = [const { None::<String> }; 4];
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "state" => &mut state,
                "code" => &mut code,
                "error" => &mut error,
                "iss" => &mut iss,
                _ => continue,
            };
            let usable = value.len() <= VALUE_BYTES_MAX && !value.chars().any(char::is_control);
            if !usable || place.replace(value.into_owned()).is_some() {
                return Err(Fault::Request);
            }
        }
        let state = state.filter(|state| !state.is_empty()).ok_or(Fault::State)?;
        let outcome = match (code.filter(|code| !code.is_empty()), error) {
            (Some(code), None) => Outcome::Code(code),
            (None, Some(error)) => Outcome::Error(error),
            _ => return Err(Fault::Request),
        };
        Ok(Return { state, outcome, iss })
    }
}

/// Pairs, as a query carries them.
pub fn encoded(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A parameter of a query, given once.
pub fn parameter(query: &str, name: &str) -> Option<String> {
    let mut found = form_urlencoded::parse(query.as_bytes()).filter(|(known, _)| known == name);
    found.next().filter(|_| found.next().is_none()).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shape_is_read_or_named() {
        let long = format!("state=s&code={}", "a".repeat(VALUE_BYTES_MAX + 1));
        for (query, expected) in [
            ("state=s&code=c", Ok("c")),
            ("state=s&code=c&session_state=x&iss=i", Ok("c")),
            ("state=s&error=access_denied&error_description=%3Cscript%3E", Ok("access_denied")),
            ("code=c", Err(Fault::State)),
            ("state=&code=c", Err(Fault::State)),
            ("state=s&state=t&code=c", Err(Fault::Request)),
            ("state=s&code=c&error=access_denied", Err(Fault::Request)),
            ("state=s", Err(Fault::Request)),
            ("state=s&code=", Err(Fault::Request)),
            ("state=s&code=c&iss=a&iss=b", Err(Fault::Request)),
            ("state=s&code=a%00b", Err(Fault::Request)),
            (&long, Err(Fault::Request)),
        ] {
            let read = Return::read(query).map(|returned| match returned.outcome {
                Outcome::Code(text) | Outcome::Error(text) => text,
            });
            assert_eq!(read.as_deref().map_err(|fault| *fault), expected, "{query:.60}");
        }
    }
}
