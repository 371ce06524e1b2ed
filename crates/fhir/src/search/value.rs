//! Values of search parameters: alternatives, tokens, dates (R4 3.1.1.4).

use super::Param;
use crate::date;
use crate::outcome::{Outcome, echo};
use dmp_dossier::{Comparison, DateTest, TokenTest};
use dmp_nomenclature::oid;

/// A token as sent: `system|code`, `|code`, `system|` or `code`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// System; `Some("")` for `|code`, which asks for none.
    pub system: Option<String>,
    /// Code; empty for `system|`.
    pub code: String,
}

/// The alternatives of a value, cut at commas that are not escaped, still escaped otherwise.
fn or_values(value: &str) -> impl Iterator<Item = &str> {
    split(value, b',').into_iter().filter(|v| !v.is_empty())
}

/// The alternatives of a value as tokens.
pub(crate) fn tokens(value: &str) -> Vec<Token> {
    or_values(value)
        .map(|text| match split(text, b'|').as_slice() {
            [system, code @ ..] if !code.is_empty() => {
                Token { system: Some(unescape(system)), code: unescape(&code.join("|")) }
            }
            _ => Token { system: None, code: unescape(text) },
        })
        .collect()
}

impl Token {
    /// The criterion of the record: a FHIR system becomes its OID.
    pub(crate) fn to_test(&self) -> TokenTest {
        TokenTest { system: self.system.as_deref().map(system_oid), code: self.code.trim().to_owned() }
    }
}

/// The OID of a coding system given by URL, alias or `urn:oid:`; what is unknown stays as it is and matches nothing.
fn system_oid(system: &str) -> String {
    let known = oid::by_fhir(system).or_else(|| oid::by_oid(system));
    known.map_or_else(|| system.strip_prefix("urn:oid:").unwrap_or(system).to_owned(), |s| s.oid.to_owned())
}

/// A date parameter: prefix and value. Alternatives are not taken: two bounds are two parameters.
///
/// # Errors
/// 400 `value` for anything that is no date.
pub(crate) fn date_tests(param: &Param) -> Result<DateTest, Outcome> {
    const PREFIXES: [(&str, Comparison); 8] = [
        ("eq", Comparison::Equal),
        ("ne", Comparison::NotEqual),
        ("gt", Comparison::Greater),
        ("lt", Comparison::Less),
        ("ge", Comparison::GreaterOrEqual),
        ("le", Comparison::LessOrEqual),
        ("sa", Comparison::StartsAfter),
        ("eb", Comparison::EndsBefore),
    ];
    let text = param.value.trim();
    let (comparison, rest) = PREFIXES
        .into_iter()
        .find_map(|(prefix, comparison)| Some((comparison, text.strip_prefix(prefix)?)))
        .unwrap_or((Comparison::Equal, text));
    // In a query string `+` is a space: `…+01:00` comes as `… 01:00`.
    let value = date::search_value(&rest.replace(' ', "+"));
    let value = value.ok_or_else(|| {
        Outcome::value(format!("`{}` of `{}` is no date with a known prefix", echo(text), echo(&param.sent)))
    })?;
    Ok(DateTest { comparison, value })
}

/// Cuts at a byte that is not escaped by a backslash.
fn split(text: &str, at: u8) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (i, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b if b == at => {
                parts.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => out.extend(characters.next()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_cut_at_what_is_not_escaped() {
        let token = |system: Option<&str>, code: &str| Token {
            system: system.map(str::to_owned),
            code: code.to_owned(),
        };
        for (value, read) in [
            ("a", vec![token(None, "a")]),
            ("a,b", vec![token(None, "a"), token(None, "b")]),
            ("s|a,|b,s|", vec![token(Some("s"), "a"), token(Some(""), "b"), token(Some("s"), "")]),
            ("a\\,b", vec![token(None, "a,b")]),
            ("s\\|t|a\\|b", vec![token(Some("s|t"), "a|b")]),
            ("ZZZ|' OR 1=1--", vec![token(Some("ZZZ"), "' OR 1=1--")]),
            (",,", vec![]),
            ("\\", vec![token(None, "")]),
        ] {
            assert_eq!(tokens(value), read, "{value}");
        }
    }

    #[test]
    fn a_system_is_told_by_its_oid() {
        for (system, oid) in [
            ("http://loinc.org", "2.16.840.1.113883.6.1"),
            ("urn:oid:2.16.840.1.113883.6.1", "2.16.840.1.113883.6.1"),
            ("2.16.840.1.113883.6.1", "2.16.840.1.113883.6.1"),
            ("urn:oid:1.2.3", "1.2.3"),
            ("http://unknown", "http://unknown"),
        ] {
            let token = Token { system: Some(system.to_owned()), code: "x".to_owned() };
            assert_eq!(token.to_test().system.as_deref(), Some(oid), "{system}");
        }
    }

    #[test]
    fn dates_have_prefixes() {
        let param = |value: &str| Param {
            name: "date".into(),
            modifier: None,
            sent: "date".into(),
            value: value.into(),
        };
        for (value, read) in [
            ("2024", Some((Comparison::Equal, "2024"))),
            ("ge2024-01", Some((Comparison::GreaterOrEqual, "202401"))),
            ("lt2024-01-02T10:00:00+01:00", Some((Comparison::Less, "20240102090000"))),
            ("lt2024-01-02T10:00:00 01:00", Some((Comparison::Less, "20240102090000"))),
            ("abc", None),
            ("ap2024", None),
            ("", None),
            ("2024,2025", None),
        ] {
            let test = date_tests(&param(value));
            let got = test.as_ref().ok().map(|t| (t.comparison, t.value.to_hl7()));
            assert_eq!(got, read.map(|(c, v)| (c, v.to_owned())), "{value}");
        }
    }
}
