//! Media types: what a body says it is (`Content-Type`), what an answer may be (`Accept`).

use crate::outcome::{Outcome, echo};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};

/// What every resource is answered as.
pub const FHIR_JSON: &str = "application/fhir+json; charset=utf-8";

/// The media type of a header value without parameters, in lower case.
pub fn bare(value: &str) -> String {
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Checks that a body is of one of these media types, in UTF-8.
///
/// # Errors
/// 415 `not-supported`: another type (XML included), none, or another charset.
pub fn check_content_type(headers: &HeaderMap, accepted: &[&str]) -> Result<(), Outcome> {
    let unsupported =
        |what: String| Err(Outcome::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-supported", what));
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return unsupported(format!("one Content-Type is expected: {}", accepted.join(", ")));
    };
    let text = value.to_str().unwrap_or_default();
    if !accepted.contains(&bare(text).as_str()) {
        return unsupported(format!(
            "Content-Type `{}` is not accepted here; expected {}",
            echo(text),
            accepted.join(", ")
        ));
    }
    let charsets: Vec<&str> = text
        .split(';')
        .skip(1)
        .filter_map(|p| p.split_once('='))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .map(|(_, charset)| charset.trim().trim_matches('"'))
        .collect();
    match charsets.as_slice() {
        [] => Ok(()),
        [one] if one.eq_ignore_ascii_case("utf-8") => Ok(()),
        _ => unsupported(format!("charset of `{}` is not UTF-8", echo(text))),
    }
}

/// Media types an `Accept` header lists, with their quality in thousandths, in order. Empty when there is none.
///
/// # Errors
/// 400 `value` for a quality that is not a number from 0 to 1.
pub fn accepted(headers: &HeaderMap) -> Result<Vec<(String, u16)>, Outcome> {
    let mut list = Vec::new();
    for value in headers.get_all(ACCEPT) {
        for range in value.to_str().unwrap_or_default().split(',') {
            let name = bare(range);
            if name.is_empty() {
                continue;
            }
            let quality = range
                .split(';')
                .skip(1)
                .filter_map(|p| p.split_once('='))
                .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
                .map_or(Some(1000), |(_, q)| quality(q.trim()));
            let Some(quality) = quality else {
                return Err(Outcome::value(format!("Accept `{}` has no valid quality", echo(range))));
            };
            list.push((name, quality));
        }
    }
    Ok(list)
}

/// `0`, `1`, `0.5`… in thousandths (RFC 9110 §12.4.2).
fn quality(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
    match (whole, thousandths) {
        ("0", t) => Some(t),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

/// Checks that a resource may be answered: FHIR JSON is accepted.
///
/// # Errors
/// 406 `not-supported`; 400 for an unreadable header.
pub fn check_accepts_json(headers: &HeaderMap) -> Result<(), Outcome> {
    let list = accepted(headers)?;
    let json = |name: &str| {
        matches!(name, "application/fhir+json" | "application/json" | "text/json" | "application/*" | "*/*")
    };
    if list.is_empty() || list.iter().any(|(name, q)| *q > 0 && json(name)) {
        return Ok(());
    }
    Err(Outcome::new(StatusCode::NOT_ACCEPTABLE, "not-supported", "answers are application/fhir+json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(name: http::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn a_body_is_json_in_utf_8_or_not_taken() {
        for (value, taken) in [
            ("application/fhir+json", true),
            ("Application/FHIR+json; charset=\"UTF-8\"; fhirVersion=4.0", true),
            ("application/json;charset=utf-8", true),
            ("application/fhir+json; charset=latin1", false),
            ("application/fhir+json; charset=utf-8; charset=utf-8", false),
            ("application/fhir+xml", false),
            ("application/x-www-form-urlencoded", false),
            ("", false),
        ] {
            let result = check_content_type(
                &headers(CONTENT_TYPE, value),
                &["application/fhir+json", "application/json"],
            );
            assert_eq!(result.is_ok(), taken, "{value}");
            assert!(result.is_ok() || result.is_err_and(|o| o.status() == 415), "{value}");
        }
        assert!(check_content_type(&HeaderMap::new(), &["application/json"]).is_err());
    }

    #[test]
    fn answers_are_json_or_nothing() {
        for (value, status) in [
            ("application/fhir+json", None),
            ("application/fhir+json;q=0.9, text/html;q=0.8", None),
            ("*/*", None),
            ("application/*;q=0.1", None),
            ("text/turtle", Some(406)),
            ("application/fhir+xml", Some(406)),
            ("application/fhir+json;q=0", Some(406)),
            ("*/*;q=nan", Some(400)),
            ("*/*;q=1.5", Some(400)),
        ] {
            let result = check_accepts_json(&headers(ACCEPT, value));
            assert_eq!(result.err().map(|o| o.status().as_u16()), status, "{value}");
        }
        assert!(check_accepts_json(&HeaderMap::new()).is_ok());
    }
}
