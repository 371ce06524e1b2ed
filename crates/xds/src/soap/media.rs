//! Media types with parameters (RFC 9110 8.3.1; RFC 2045 5.1 is the same for what is used here).

/// A media type, its parameters in their order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MediaType {
    /// `type/subtype`, in lower case.
    pub essence: String,
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads one; `None` when it is not written as it must be, or says the same thing twice.
    pub fn parse(text: &str) -> Option<MediaType> {
        let (essence, mut rest) = text.split_at(text.find(';').unwrap_or(text.len()));
        let essence = essence.trim_ascii().to_ascii_lowercase();
        let (kind, subtype) = essence.split_once('/')?;
        if !is_token(kind) || !is_token(subtype) {
            return None;
        }
        let mut parameters: Vec<(String, String)> = Vec::new();
        loop {
            rest = rest.trim_ascii_start();
            let Some(after) = rest.strip_prefix(';') else { break };
            rest = after.trim_ascii_start();
            // A semicolon with nothing behind it is written by several libraries.
            if rest.is_empty() || rest.starts_with(';') {
                continue;
            }
            let (name, after) = rest.split_once('=')?;
            let name = name.trim_ascii_end().to_ascii_lowercase();
            let (value, after) = value(after.trim_ascii_start())?;
            if !is_token(&name) || parameters.iter().any(|(known, _)| *known == name) {
                return None;
            }
            parameters.push((name, value));
            rest = after;
        }
        rest.is_empty().then_some(MediaType { essence, parameters })
    }

    /// A parameter, by its name in lower case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// True when no other character encoding than UTF-8 is announced.
    pub fn is_utf8(&self) -> bool {
        self.parameter("charset").is_none_or(|charset| charset.eq_ignore_ascii_case("utf-8"))
    }
}

/// A token or a quoted string, and what follows it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ' ', '\t']).unwrap_or(text.len());
        let (token, rest) = text.split_at(end);
        // Boundaries and types are often written without the quotes that `/`, `:`, `=` would ask for.
        let fine =
            !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
        return fine.then(|| (token.to_owned(), rest));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            character if character.is_control() => return None,
            character => value.push(character),
        }
    }
    None
}

/// RFC 9110 5.6.2.
pub(crate) fn is_token(text: &str) -> bool {
    let fine = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_read_or_refused() {
        let read = |text| {
            MediaType::parse(text).map(|m| {
                let parameters: Vec<String> = m.parameters.iter().map(|(k, v)| format!("{k}={v}")).collect();
                format!("{} {}", m.essence, parameters.join(" "))
            })
        };
        let rows = [
            ("application/soap+xml", Some("application/soap+xml ")),
            ("Application/SOAP+xml ; Charset=\"utf-8\";", Some("application/soap+xml charset=utf-8")),
            ("a/b; x=\"q\\\"; y=2\";z=1", Some("a/b x=q\"; y=2 z=1")),
            ("a/b; boundary=MIME_urn:uuid:1", Some("a/b boundary=MIME_urn:uuid:1")),
            ("", None),
            ("a", None),
            ("a/b c", None),
            ("a/b; x", None),
            ("a/b; x=", None),
            ("a/b; x=\"open", None),
            ("a/b; x=1; X=2", None),
            ("a/b; x=\"1\"2", None),
        ];
        for (text, expected) in rows {
            assert_eq!(read(text).as_deref(), expected, "{text}");
        }
    }
}
