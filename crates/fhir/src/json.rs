//! Strict JSON reading, without copies: one pass over the bytes of a body into a borrowed tree.
//!
//! Stricter than most readers, because two systems that read the same bytes differently are an attack: a repeated
//! key, a lone surrogate, a NUL, a number no machine holds are refused, each by its name and its offset. Limits
//! bound depth, strings and the number of values, so that memory stays in proportion to what was sent.
//! Syntax: RFC 8259; no byte order mark, UTF-8 only.

use crate::outcome::Outcome;
use http::StatusCode;
use std::borrow::Cow;
use std::collections::HashSet;

/// Deepest nesting.
pub const DEPTH_MAX: usize = 64;
/// Longest number, in characters.
const NUMBER_CHARS_MAX: usize = 64;
/// Most values in a body: a lot of ten documents has some thousands.
const VALUES_MAX: usize = 400_000;
/// Objects larger than this look for repeated keys in a set.
const FEW_KEYS: usize = 16;

/// A JSON value borrowed from the bytes it was read from.
#[derive(Debug, Clone, PartialEq)]
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number, as written.
    Number(&'a str),
    /// A string; borrowed unless it had escapes.
    String(Cow<'a, str>),
    /// `[…]`
    Array(Vec<Json<'a>>),
    /// `{…}`, in the order written, without repeated keys.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// The member of an object with that key.
    pub fn get(&self, key: &str) -> Option<&Json<'a>> {
        match self {
            Json::Object(members) => members.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// A member that is a string.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// A member that is a boolean.
    pub fn boolean(&self, key: &str) -> Option<bool> {
        match self.get(key)? {
            Json::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The items of a member that is an array; empty when it is absent or anything else.
    pub fn items(&self, key: &str) -> &[Json<'a>] {
        self.get(key).map_or(&[], Json::as_array)
    }

    /// A string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The items of an array; empty for anything else.
    pub fn as_array(&self) -> &[Json<'a>] {
        match self {
            Json::Array(items) => items,
            _ => &[],
        }
    }

    /// The members of an object; empty for anything else.
    pub fn members(&self) -> &[(Cow<'a, str>, Json<'a>)] {
        match self {
            Json::Object(members) => members,
            _ => &[],
        }
    }
}

/// Reads a body. `string_max` bounds each string, in bytes.
///
/// # Errors
/// 400 `structure` (not JSON, repeated key), `value` (surrogate, NUL, number out of range), `too-long` (digits),
/// `too-costly` (depth, number of values); 413 `too-long` (string).
pub fn read(bytes: &[u8], string_max: usize) -> Result<Json<'_>, Outcome> {
    if bytes.trim_ascii().is_empty() {
        return Err(Outcome::structure("empty body"));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|e| Outcome::structure(format!("body is not UTF-8 at byte {}", e.valid_up_to())))?;
    let mut reader = Reader { text, at: 0, values: 0, string_max };
    reader.space();
    let value = reader.value(0)?;
    reader.space();
    if reader.at < bytes.len() {
        return Err(reader.syntax("nothing after the value"));
    }
    Ok(value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    values: usize,
    string_max: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn syntax(&self, expected: &str) -> Outcome {
        let found = match self.text[self.at..].chars().next() {
            Some(c) if !c.is_control() => format!("`{c}`"),
            Some(_) => "a control character".to_owned(),
            None => "the end".to_owned(),
        };
        Outcome::structure(format!("not JSON at byte {}: {expected} expected, found {found}", self.at))
    }

    fn bad_value(&self, what: &str) -> Outcome {
        Outcome::value(format!("{what} at byte {}", self.at))
    }

    fn value(&mut self, depth: usize) -> Result<Json<'a>, Outcome> {
        self.values += 1;
        if depth > DEPTH_MAX || self.values > VALUES_MAX {
            let what = if depth > DEPTH_MAX {
                format!("JSON nested deeper than {DEPTH_MAX}")
            } else {
                format!("more than {VALUES_MAX} JSON values")
            };
            return Err(Outcome::new(StatusCode::BAD_REQUEST, "too-costly", what));
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok(Json::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.literal(),
        }
    }

    fn literal(&mut self) -> Result<Json<'a>, Outcome> {
        let rest = &self.text[self.at..];
        for (word, value) in [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))]
        {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.syntax("a value"))
    }

    fn array(&mut self, depth: usize) -> Result<Json<'a>, Outcome> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Json::Array(items));
        }
        loop {
            self.space();
            items.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Json::Array(items));
                }
                _ => return Err(self.syntax("`,` or `]`")),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json<'a>, Outcome> {
        self.at += 1;
        let mut members: Vec<(Cow<'a, str>, Json<'a>)> = Vec::new();
        let mut many: Option<HashSet<Cow<'a, str>>> = None;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.syntax("a key"));
            }
            let start = self.at;
            let key = self.string()?;
            let repeated = match &mut many {
                Some(set) => !set.insert(key.clone()),
                None => members.iter().any(|(k, _)| *k == key),
            };
            if repeated {
                return Err(Outcome::structure(format!(
                    "key `{}` repeated at byte {start}",
                    crate::outcome::echo(&key)
                )));
            }
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.syntax("`:`"));
            }
            self.at += 1;
            self.space();
            let value = self.value(depth + 1)?;
            members.push((key, value));
            if members.len() == FEW_KEYS {
                many = Some(members.iter().map(|(k, _)| k.clone()).collect());
            }
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Json::Object(members));
                }
                _ => return Err(self.syntax("`,` or `}`")),
            }
        }
    }

    fn number(&mut self) -> Result<Json<'a>, Outcome> {
        let start = self.at;
        let digits = |r: &mut Self| {
            let from = r.at;
            while matches!(r.peek(), Some(b'0'..=b'9')) {
                r.at += 1;
            }
            r.at - from
        };
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let leading_zero = self.peek() == Some(b'0');
        let whole = digits(self);
        if whole == 0 || (leading_zero && whole > 1) {
            return Err(self.syntax("a number without leading zero"));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if digits(self) == 0 {
                return Err(self.syntax("a digit"));
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if digits(self) == 0 {
                return Err(self.syntax("a digit"));
            }
        }
        let text = &self.text[start..self.at];
        if text.len() > NUMBER_CHARS_MAX {
            return Err(Outcome::new(
                StatusCode::BAD_REQUEST,
                "too-long",
                format!("number of more than {NUMBER_CHARS_MAX} characters at byte {start}"),
            ));
        }
        // What overflows or vanishes in double precision is not the number that was sent.
        let value: f64 = text.parse().map_err(|_| self.bad_value("number out of range"))?;
        let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
        let vanished = value == 0.0 && mantissa.bytes().any(|b| matches!(b, b'1'..=b'9'));
        if !value.is_finite() || vanished {
            self.at = start;
            return Err(self.bad_value("number out of range"));
        }
        Ok(Json::Number(text))
    }

    /// A string, from its opening quote. Without escapes it is the bytes of the body.
    fn string(&mut self) -> Result<Cow<'a, str>, Outcome> {
        self.at += 1;
        let (start, bytes) = (self.at, self.text.as_bytes());
        let mut owned: Option<String> = None;
        let mut clean = self.at;
        loop {
            let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[self.at..]) else {
                self.at = bytes.len();
                return Err(self.syntax("`\"`"));
            };
            let end = self.at + found;
            // A fold over all bytes is one the compiler makes wide; a search that may stop is not.
            if bytes[self.at..end].iter().fold(false, |any, b| any | (*b < 0x20)) {
                self.at += bytes[self.at..end].iter().position(|b| *b < 0x20).unwrap_or_default();
                return Err(self.syntax("an escape"));
            }
            if end - start > self.string_max {
                return Err(Outcome::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "too-long",
                    format!("string of more than {} bytes at byte {start}", self.string_max),
                ));
            }
            self.at = end;
            let part = &self.text[clean..end];
            if bytes[end] == b'"' {
                self.at += 1;
                return Ok(match owned {
                    None => Cow::Borrowed(part),
                    Some(mut text) => {
                        text.push_str(part);
                        Cow::Owned(text)
                    }
                });
            }
            let text = owned.get_or_insert_default();
            text.push_str(part);
            let character = self.escape()?;
            text.push(character);
            clean = self.at;
        }
    }

    /// One escape, from its backslash.
    fn escape(&mut self) -> Result<char, Outcome> {
        self.at += 1;
        let letter = self.peek();
        self.at += 1;
        Ok(match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => {
                self.at -= 1;
                return Err(self.syntax("an escape"));
            }
        })
    }

    fn unicode(&mut self) -> Result<char, Outcome> {
        let first = self.hex()?;
        let code = match first {
            0 => return Err(self.bad_value("NUL")),
            0xD800..=0xDBFF => {
                if !self.text[self.at..].starts_with("\\u") {
                    return Err(self.bad_value("lone surrogate"));
                }
                self.at += 2;
                let second = self.hex()?;
                if !(0xDC00..=0xDFFF).contains(&second) {
                    return Err(self.bad_value("lone surrogate"));
                }
                0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
            }
            other => other,
        };
        char::from_u32(code).ok_or_else(|| self.bad_value("lone surrogate"))
    }

    fn hex(&mut self) -> Result<u32, Outcome> {
        let digits = self.text.get(self.at..self.at + 4).filter(|t| t.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|t| u32::from_str_radix(t, 16).ok());
        let code = code.ok_or_else(|| self.syntax("four hexadecimal digits"))?;
        self.at += 4;
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> (u16, &'static str, String) {
        let outcome = read(text.as_bytes(), 1000).expect_err(text);
        let issue = &outcome.issues()[0];
        (outcome.status().as_u16(), issue.code, issue.diagnostics.clone())
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        let text = r#" {"a":[1,-0.5e+3,true,null,"é\n\u00e9\ud83d\ude00\/"],"b":{},"c":[]} "#;
        let json = read(text.as_bytes(), 1000).unwrap();
        assert_eq!(json.items("a")[0], Json::Number("1"));
        assert_eq!(json.items("a")[1], Json::Number("-0.5e+3"));
        assert_eq!(json.items("a")[4].as_str(), Some("é\né😀/"));
        assert_eq!(json.get("b"), Some(&Json::Object(vec![])));
        assert_eq!(json.items("b"), &[]);
        assert_eq!(json.text("z"), None);
    }

    #[test]
    fn a_string_without_escapes_is_not_copied() {
        let body = br#"{"data":"aGVsbG8="}"#;
        let json = read(body, 1000).unwrap();
        let Some(Json::String(Cow::Borrowed(text))) = json.get("data") else { panic!("copied") };
        assert!(body.as_ptr_range().contains(&text.as_ptr()));
    }

    #[test]
    fn anything_else_is_refused_by_name_and_place() {
        for (text, status, code, says) in [
            ("", 400, "structure", "empty"),
            ("  \n", 400, "structure", "empty"),
            ("{\"a\":1", 400, "structure", "byte 6"),
            ("{\"a\":\"x", 400, "structure", "byte 7"),
            ("{\"a\":1,}", 400, "structure", "byte 7"),
            ("[1,]", 400, "structure", "byte 3"),
            ("{/*c*/}", 400, "structure", "byte 1"),
            ("{\"id\":1,\"id\":2}", 400, "structure", "`id` repeated at byte 8"),
            ("{\"a\":1} x", 400, "structure", "nothing after"),
            ("{'a':1}", 400, "structure", "a key"),
            ("nul", 400, "structure", "a value"),
            ("01", 400, "structure", "leading zero"),
            ("1.", 400, "structure", "a digit"),
            ("+1", 400, "structure", "a value"),
            ("NaN", 400, "structure", "a value"),
            ("\u{feff}{}", 400, "structure", "a value"),
            ("\"a\tb\"", 400, "structure", "control character"),
            ("\"\\x\"", 400, "structure", "an escape"),
            ("\"\\u12", 400, "structure", "hexadecimal"),
            ("1e999999", 400, "value", "out of range"),
            ("-1e400", 400, "value", "out of range"),
            ("1e-999999", 400, "value", "out of range"),
            ("\"\\ud800\"", 400, "value", "surrogate"),
            ("\"\\ud800\\u0041\"", 400, "value", "surrogate"),
            ("\"\\udc00\"", 400, "value", "surrogate"),
            ("\"\\u0000\"", 400, "value", "NUL"),
        ] {
            let (s, c, d) = refused(text);
            assert_eq!((s, c), (status, code), "{text}: {d}");
            assert!(d.contains(says), "{text}: {d}");
        }
        assert_eq!(read(b"\xff", 10).unwrap_err().issues()[0].code, "structure");
    }

    #[test]
    fn limits_are_named() {
        assert_eq!(refused(&"[".repeat(10_000)).1, "too-costly");
        assert!(read(format!("{}{}", "[".repeat(64), "]".repeat(64)).as_bytes(), 10).is_ok());
        assert_eq!(refused(&format!("0.{}", "1".repeat(500))).1, "too-long");
        let (status, code, _) = refused(&format!("\"{}\"", "x".repeat(1001)));
        assert_eq!((status, code), (413, "too-long"));
        let many = format!("[{}0]", "0,".repeat(VALUES_MAX));
        assert_eq!(refused(&many).1, "too-costly");
        let keys: Vec<String> = (0..100).map(|i| format!("\"k{}\":0", i % 99)).collect();
        assert_eq!(refused(&format!("{{{}}}", keys.join(","))).1, "structure");
    }
}
