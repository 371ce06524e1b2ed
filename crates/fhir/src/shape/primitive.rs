//! Primitive types and their formats (R4 2.24.0.1).

use crate::date;
use crate::json::Json;
use dmp_dossier::code::is_oid;

/// A primitive type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Primitive {
    Base64,
    Boolean,
    Code,
    Date,
    DateTime,
    Decimal,
    Id,
    Instant,
    Integer,
    Natural,
    Oid,
    Positive,
    String,
    Time,
    Uri,
    Uuid,
}

/// What is wrong with a primitive value, in words.
pub(super) enum Fault {
    /// Not of the JSON type of this primitive.
    Type(&'static str),
    /// Of the right type, in a wrong format.
    Value(&'static str),
}

impl Primitive {
    pub(super) fn check(self, value: &Json<'_>) -> Result<(), Fault> {
        match (self, value) {
            (Primitive::Boolean, Json::Bool(_)) => Ok(()),
            (Primitive::Boolean, _) => Err(Fault::Type("true or false is expected")),
            (Primitive::Integer, Json::Number(text)) => number::<i32>(text, "a 32-bit integer is expected"),
            (Primitive::Natural, Json::Number(text)) => {
                number::<u32>(text, "an integer of at least 0 is expected")
            }
            (Primitive::Positive, Json::Number(text)) => {
                number::<std::num::NonZeroU32>(text, "an integer of at least 1 is expected")
            }
            (Primitive::Decimal, Json::Number(_)) => Ok(()),
            (Primitive::Integer | Primitive::Natural | Primitive::Positive | Primitive::Decimal, _) => {
                Err(Fault::Type("a number is expected"))
            }
            (_, Json::String(text)) => self.check_text(text),
            _ => Err(Fault::Type("a string is expected")),
        }
    }

    fn check_text(self, text: &str) -> Result<(), Fault> {
        let (fits, expected) = match self {
            // Its alphabet is checked by whoever decodes it: a document's bytes are read once.
            Primitive::Base64 => (!text.is_empty(), "base64 may not be empty"),
            Primitive::Code => (is_code(text), "a code without outer or double spaces is expected"),
            Primitive::Date => (date::date(text).is_some(), "a date is expected, such as 2026-11-21"),
            Primitive::DateTime => (
                date::date_time(text).is_some(),
                "a date, or a time with its zone, is expected, such as 2026-11-21T19:00:00+01:00",
            ),
            Primitive::Instant => {
                (date::instant(text).is_some(), "an instant is expected, such as 2026-11-21T19:00:00Z")
            }
            Primitive::Id => (is_id(text), "an id of 1 to 64 letters, digits, `-` or `.` is expected"),
            Primitive::Oid => {
                (text.strip_prefix("urn:oid:").is_some_and(is_oid), "urn:oid: and a dotted OID are expected")
            }
            Primitive::Uuid => (
                text.strip_prefix("urn:uuid:")
                    .is_some_and(|t| t.len() == 36 && uuid::Uuid::try_parse(t).is_ok()),
                "urn:uuid: and a UUID are expected",
            ),
            Primitive::Time => (is_time(text), "a time is expected, such as 19:00:00"),
            Primitive::Uri => (
                !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control()),
                "a URI without spaces is expected",
            ),
            _ => (
                !text.trim().is_empty()
                    && !text.contains(|c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r')),
                "a string that is not blank and holds no control character is expected",
            ),
        };
        if fits { Ok(()) } else { Err(Fault::Value(expected)) }
    }
}

/// True for an id: the last part of a resource's address.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
}

fn number<T: std::str::FromStr>(text: &str, expected: &'static str) -> Result<(), Fault> {
    text.parse::<T>().map(|_| ()).map_err(|_| Fault::Value(expected))
}

fn is_code(text: &str) -> bool {
    let outer = |c: char| c.is_whitespace() || c.is_control();
    !text.is_empty()
        && !text.starts_with(outer)
        && !text.ends_with(outer)
        && !text.contains(|c: char| (c.is_whitespace() && c != ' ') || c.is_control())
        && !text.contains("  ")
}

fn is_time(text: &str) -> bool {
    date::date_time(&format!("2000-01-01T{text}Z")).is_some() && !text.contains(['Z', '+', '-'])
}
