//! Writing JSON straight into a string: answers are built once, in order, without a tree.

use std::fmt::Write as _;

/// A JSON text under construction. Commas are put where they are needed; the caller closes what it opens.
#[derive(Debug, Default)]
pub struct JsonWriter {
    out: String,
}

impl JsonWriter {
    /// An empty text with room for `bytes`.
    pub fn with_capacity(bytes: usize) -> Self {
        JsonWriter { out: String::with_capacity(bytes) }
    }

    /// The text.
    pub fn finish(self) -> String {
        self.out
    }

    /// Length so far, in bytes.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// True when nothing was written.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// A value or a key follows: after anything but an opening or a key, a comma.
    fn separate(&mut self) {
        if !matches!(self.out.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.out.push(',');
        }
    }

    /// `{`
    pub fn begin_object(&mut self) -> &mut Self {
        self.separate();
        self.out.push('{');
        self
    }

    /// `}`
    pub fn end_object(&mut self) -> &mut Self {
        self.out.push('}');
        self
    }

    /// `[`
    pub fn begin_array(&mut self) -> &mut Self {
        self.separate();
        self.out.push('[');
        self
    }

    /// `]`
    pub fn end_array(&mut self) -> &mut Self {
        self.out.push(']');
        self
    }

    /// `"key":`, the value is written next. Keys are ours: letters that need no escape.
    pub fn key(&mut self, key: &str) -> &mut Self {
        self.separate();
        self.out.push('"');
        self.out.push_str(key);
        self.out.push_str("\":");
        self
    }

    /// A string value.
    pub fn string(&mut self, value: &str) -> &mut Self {
        self.separate();
        self.out.push('"');
        escape(&mut self.out, value);
        self.out.push('"');
        self
    }

    /// A string value made of pieces, none of which needs an intermediate string.
    pub fn pieces(&mut self, pieces: &[&str]) -> &mut Self {
        self.separate();
        self.out.push('"');
        for piece in pieces {
            escape(&mut self.out, piece);
        }
        self.out.push('"');
        self
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, value: bool) -> &mut Self {
        self.separate();
        self.out.push_str(if value { "true" } else { "false" });
        self
    }

    /// An integer.
    pub fn number(&mut self, value: u64) -> &mut Self {
        self.separate();
        write!(self.out, "{value}").expect("writing to a string never fails");
        self
    }

    /// A value that is JSON already.
    pub fn raw(&mut self, json: &str) -> &mut Self {
        self.separate();
        self.out.push_str(json);
        self
    }

    /// Key and string value.
    pub fn field(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key).string(value)
    }

    /// Key and string value, nothing when empty: FHIR has no empty strings.
    pub fn field_if(&mut self, key: &str, value: &str) -> &mut Self {
        if value.is_empty() {
            return self;
        }
        self.field(key, value)
    }

    /// Bytes in base64, written in place.
    pub fn base64(&mut self, bytes: &[u8]) -> &mut Self {
        use base64::Engine;
        self.separate();
        self.out.push('"');
        base64::engine::general_purpose::STANDARD.encode_string(bytes, &mut self.out);
        self.out.push('"');
        self
    }
}

/// JSON escapes (RFC 8259 §7).
fn escape(out: &mut String, value: &str) {
    let mut clean = 0;
    for (i, byte) in value.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&value[clean..i]);
        clean = i + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            other => write!(out, "\\u{other:04x}").expect("writing to a string never fails"),
        }
    }
    out.push_str(&value[clean..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_escapes_are_put_where_json_wants_them() {
        let mut w = JsonWriter::default();
        w.begin_object();
        w.field("a", "é\"\\\n\u{1}").field_if("none", "");
        w.key("list").begin_array().string("x").number(2).boolean(true).end_array();
        w.key("empty").begin_array().end_array();
        w.key("o").begin_object().end_object().key("u").pieces(&["urn:", "b\"c"]);
        w.key("b").base64(b"hello");
        w.end_object();
        let text = w.finish();
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            read,
            serde_json::json!({
                "a": "é\"\\\n\u{1}", "list": ["x", 2, true], "empty": [], "o": {}, "u": "urn:b\"c", "b": "aGVsbG8="
            })
        );
    }
}
