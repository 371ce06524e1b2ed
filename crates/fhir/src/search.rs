//! Search parameters: reading a query string or a form strictly, and what all searches share.
//!
//! A parameter nobody knows is ignored and left out of the self link, or refused when the client asked for strict
//! handling (R4 3.1.1.3). Limits bound what one search may cost.

mod page;
mod patient;
mod value;

pub(crate) use page::{Page, Pager, is_paging};
pub(crate) use patient::{ins, names_patient, patient};
pub(crate) use value::{Token, date_tests, tokens};

use crate::outcome::{Outcome, echo};
use http::{HeaderMap, StatusCode};

/// Most parameters.
const PARAMETERS_MAX: usize = 200;
/// Most values in all parameters together.
const VALUES_MAX: usize = 500;
/// Longest chain, `author.practitioner.family`.
const CHAIN_MAX: usize = 3;
/// Parameters that change the form of an answer: read elsewhere or of no effect here, never unknown.
const COMMON: &[&str] = &["_format", "_pretty"];

/// One parameter of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Name with its chain, types left out: `author.family` for `author:Practitioner.family`.
    pub name: String,
    /// Modifier (`:identifier`), when it has one that is no type.
    pub modifier: Option<String>,
    /// As sent, with its type and modifier: the self link repeats it.
    pub sent: String,
    /// Value, percent-decoded; commas and bars are still escaped.
    pub value: String,
}

/// The parameters of a search, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params {
    /// The parameters, those of no effect left out.
    pub list: Vec<Param>,
    /// The client asked that unknown parameters be errors (`Prefer: handling=strict`).
    pub strict: bool,
}

impl Params {
    /// Reads a query string or the body of a form.
    ///
    /// # Errors
    /// 400 `value` for a text that is no percent-encoded UTF-8, `too-costly` beyond the limits, 406 for a format
    /// that is not JSON.
    pub fn read(query: &str, headers: &HeaderMap) -> Result<Self, Outcome> {
        let mut params = Params { list: Vec::new(), strict: is_strict(headers) };
        params.add(query)?;
        Ok(params)
    }

    /// Adds those of another query string: a search by POST may carry both.
    ///
    /// # Errors
    /// As [`Params::read`].
    pub fn add(&mut self, query: &str) -> Result<(), Outcome> {
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            if self.list.len() == PARAMETERS_MAX {
                return Err(too_costly(format!("more than {PARAMETERS_MAX} parameters")));
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (sent, value) = (decode(name)?, decode(value)?);
            if COMMON.contains(&sent.as_str()) {
                check_format(&sent, &value)?;
            } else if !value.is_empty() {
                self.list.push(param(sent, value)?);
            }
        }
        let values: usize = self.list.iter().map(|p| p.value.matches(',').count() + 1).sum();
        if values > VALUES_MAX {
            return Err(too_costly(format!("more than {VALUES_MAX} values")));
        }
        Ok(())
    }

    /// A parameter that may be given once.
    ///
    /// # Errors
    /// 400 `invalid` when it is given several times.
    pub fn single(&self, name: &str) -> Result<Option<&str>, Outcome> {
        let mut found = self.list.iter().filter(|p| p.name == name);
        match (found.next(), found.next()) {
            (first, None) => Ok(first.map(|p| p.value.as_str())),
            _ => Err(Outcome::invalid(format!("parameter `{name}` is given twice"))),
        }
    }

    /// Refuses or forgets the parameters that `knows` does not know.
    ///
    /// # Errors
    /// 400 `not-supported` under strict handling.
    pub fn keep(&mut self, knows: impl Fn(&Param) -> bool) -> Result<(), Outcome> {
        let unknown = self.list.iter().find(|p| !knows(p));
        if let (true, Some(unknown)) = (self.strict, unknown) {
            return Err(Outcome::new(
                StatusCode::BAD_REQUEST,
                "not-supported",
                format!("unknown search parameter `{}`", echo(&unknown.sent)),
            ));
        }
        self.list.retain(knows);
        Ok(())
    }
}

/// Splits a name into its chain and its modifier; a modifier that starts with a capital is a type of the chain.
fn param(sent: String, value: String) -> Result<Param, Outcome> {
    if matches!(sent.split(':').next(), Some("_include" | "_revinclude")) && value.contains('*')
        || sent.contains(":iterate")
    {
        return Err(too_costly(format!("`{}` is not followed", echo(&sent))));
    }
    let mut name = String::with_capacity(sent.len());
    let mut modifier = None;
    let mut links = 0;
    for (i, link) in sent.split('.').enumerate() {
        links += 1;
        let (head, tail) = link.split_once(':').map_or((link, None), |(h, t)| (h, Some(t)));
        if i > 0 {
            name.push('.');
        }
        name.push_str(head.trim());
        modifier =
            tail.filter(|t| !t.starts_with(|c: char| c.is_ascii_uppercase())).map(|t| t.trim().to_owned());
    }
    if links > CHAIN_MAX {
        return Err(too_costly(format!("a chain of more than {CHAIN_MAX} parameters")));
    }
    Ok(Param { name, modifier, sent, value })
}

fn too_costly(what: String) -> Outcome {
    Outcome::new(StatusCode::BAD_REQUEST, "too-costly", what)
}

fn is_strict(headers: &HeaderMap) -> bool {
    prefers(headers, "handling").as_deref() == Some("strict")
}

/// The value of a preference (`Prefer: return=minimal, handling=strict`; RFC 7240).
pub(crate) fn prefers(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all("prefer")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split([',', ';']))
        .filter_map(|p| p.split_once('='))
        .find(|(n, _)| n.trim().eq_ignore_ascii_case(name))
        .map(|(_, v)| v.trim().trim_matches('"').to_owned())
}

fn check_format(name: &str, value: &str) -> Result<(), Outcome> {
    let json = ["json", "application/json", "application/fhir+json", "application/fhir json", "text/json"];
    if name != "_format" || json.contains(&value.split(';').next().unwrap_or_default().trim()) {
        return Ok(());
    }
    Err(Outcome::new(StatusCode::NOT_ACCEPTABLE, "not-supported", "answers are application/fhir+json"))
}

/// Percent-decoding of a form (`+` is a space), strict: `%` needs two digits, the result is UTF-8 without NUL.
fn decode(text: &str) -> Result<String, Outcome> {
    let wrong = || Outcome::value(format!("`{}` is not percent-encoded UTF-8", echo(text)));
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digit = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
                let (high, low) =
                    (digit(rest.next()).ok_or_else(wrong)?, digit(rest.next()).ok_or_else(wrong)?);
                bytes.push(u8::try_from(high * 16 + low).map_err(|_| wrong())?);
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).ok().filter(|t| !t.contains('\0')).ok_or_else(wrong)
}

/// Percent-encodes a part of a link.
pub(crate) fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:|,/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn read(query: &str) -> Result<Params, Outcome> {
        Params::read(query, &HeaderMap::new())
    }

    #[test]
    fn names_lose_their_types_and_give_their_modifier() {
        for (sent, name, modifier) in [
            ("status", "status", None),
            ("patient.identifier", "patient.identifier", None),
            ("patient:identifier", "patient", Some("identifier")),
            ("subject:Patient.identifier", "subject.identifier", None),
            ("author:PractitionerRole.practitioner.family", "author.practitioner.family", None),
            ("source:Patient.given:exact", "source.given", Some("exact")),
        ] {
            let params = read(&format!("{sent}=x")).unwrap();
            let p = &params.list[0];
            assert_eq!((p.name.as_str(), p.modifier.as_deref()), (name, modifier), "{sent}");
            assert_eq!(p.sent, sent);
        }
    }

    #[test]
    fn encoding_is_strict_and_empty_values_are_nothing() {
        let params = read("a=%C3%A9+b&b=&&c").unwrap();
        assert_eq!(params.list.len(), 1);
        assert_eq!(params.list[0].value, "é b");
        for bad in ["a=%", "a=%f", "a=%zz", "a=%ff", "%00=a", "a=%00"] {
            let outcome = read(bad).unwrap_err();
            assert_eq!((outcome.status().as_u16(), outcome.issues()[0].code), (400, "value"), "{bad}");
        }
    }

    #[test]
    fn what_costs_too_much_is_refused() {
        for query in [
            "_include:iterate=*".to_owned(),
            "_include=*".to_owned(),
            "a.b.c.d.e.f=1".to_owned(),
            format!("type={}", vec!["x"; 10_000].join(",")),
            vec!["a=1"; 1001].join("&"),
        ] {
            let outcome = read(&query).unwrap_err();
            assert_eq!((outcome.status().as_u16(), outcome.issues()[0].code), (400, "too-costly"));
        }
    }

    #[test]
    fn strict_handling_refuses_what_is_unknown_and_lenient_handling_forgets_it() {
        let strict = HeaderMap::from_iter([(
            http::HeaderName::from_static("prefer"),
            HeaderValue::from_static("return=minimal, handling=strict"),
        )]);
        let mut params = Params::read("status=current&pwn=1", &strict).unwrap();
        let outcome = params.keep(|p| p.name == "status").unwrap_err();
        assert_eq!((outcome.status().as_u16(), outcome.issues()[0].code), (400, "not-supported"));
        let mut params = read("status=current&pwn=1").unwrap();
        params.keep(|p| p.name == "status").unwrap();
        assert_eq!(params.list.len(), 1);
    }

    #[test]
    fn only_json_is_a_format() {
        assert!(read("_format=json&_pretty=true").unwrap().list.is_empty());
        assert!(read("_format=application/fhir+json").unwrap().list.is_empty());
        assert_eq!(read("_format=xml").unwrap_err().status(), 406);
    }

    #[test]
    fn a_link_can_be_read_back() {
        let mut link = String::from("a=");
        encode(&mut link, "é ' &=+%|x");
        assert_eq!(read(&link).unwrap().list[0].value, "é ' &=+%|x");
    }
}
