//! JSON whose objects have no name twice, so that no two readers can disagree on what was signed (RFC 8725 3.4, OIDC-53).

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// Claims, names unique.
pub type Claims = Map<String, Value>;

/// An object; `None` when the bytes are something else, or say a name twice.
pub fn object(bytes: &[u8]) -> Option<Claims> {
    match serde_json::from_slice(bytes) {
        Ok(Unique(Value::Object(object))) => Some(object),
        _ => None,
    }
}

struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Unique;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Unique, A::Error> {
        let mut object = Map::new();
        while let Some((name, Unique(value))) = access.next_entry::<String, Unique>()? {
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a name is there twice"));
            }
        }
        Ok(Unique(Value::Object(object)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Unique, A::Error> {
        let mut array = Vec::new();
        while let Some(Unique(value)) = access.next_element()? {
            array.push(value);
        }
        Ok(Unique(Value::Array(array)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Unique, E> {
        Ok(Unique(text.into()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Unique, E> {
        Ok(Unique(Value::Null))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_is_there_once() {
        for (text, read) in [
            (r#"{"a":1,"b":[{"c":null}]}"#, true),
            (r#"{"a":1,"a":1}"#, false),
            (r#"{"b":[{"c":1,"c":2}]}"#, false),
            ("[]", false),
            ("", false),
        ] {
            assert_eq!(super::object(text.as_bytes()).is_some(), read, "{text}");
        }
    }
}
