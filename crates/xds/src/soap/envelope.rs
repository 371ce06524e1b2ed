//! Bytes to an envelope: its header and the one element of its body.
//!
//! The reason of a refusal starts with a word that a table of bad inputs can name (`doctype-refused`, `too-deep`…): they
//! are for who writes the software, in English, and never quote the message.

use crate::fault::Fault;
use crate::soap::{SOAP, SOAP_1_1};
use dmp_xml::{Base64Marker, Element, LimitKind, Limits, Tree, XmlError};
use memchr::memmem;

/// Bytes of an envelope besides documents in base64; published ones have 20 kB.
const MARKUP_BYTES_MAX: usize = 2 << 20;
/// Elements of an envelope; published ones have 300.
const ELEMENTS_MAX: u32 = 50_000;

/// An envelope whose shape was checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Envelope<'t> {
    /// `soap:Envelope`.
    pub root: Element<'t>,
    /// `soap:Header`, when there is one.
    pub header: Option<Element<'t>>,
    /// The only child of `soap:Body`.
    pub operation: Element<'t>,
}

/// Reads the bytes of an envelope; none of its text may be longer than `base64_bytes_max`, and ordinary text far less.
///
/// # Errors
/// Not XML, not in UTF-8, beyond the limits, with a DOCTYPE or a processing instruction.
pub(crate) fn read(bytes: &[u8], base64_bytes_max: usize) -> Result<Tree<'_>, Fault> {
    let trimmed = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if trimmed.is_empty() {
        return Err(Fault::sender("empty request"));
    }
    // U+FEFF is a byte order mark, which has one place.
    if memmem::find(&bytes[1..], b"\xef\xbb\xbf").is_some() {
        return Err(Fault::sender("forbidden-character: a byte order mark after the start"));
    }
    // UTF-16 and UTF-32 have their own word below.
    if !trimmed.starts_with(b"<") && !matches!(bytes, [0 | 0xfe | 0xff, ..]) {
        return Err(Fault::sender("not-xml: a message starts with `<`, line 1 column 1"));
    }
    let limits = Limits {
        base64: Some(Base64Marker { attribute: "representation", value: "B64" }),
        base64_element: Some("Document"),
        base64_bytes_max,
        markup_bytes_max: MARKUP_BYTES_MAX,
        elements_max: ELEMENTS_MAX,
        instructions: false,
        ..Limits::default()
    };
    Tree::parse(bytes, &limits).map_err(|error| unread(&error, bytes, &limits))
}

impl<'t> Envelope<'t> {
    /// Checks the shape of an envelope. `legacy` takes the namespace of SOAP 1.1, as the published TD2.1 request has it
    /// inside a message of SOAP 1.2.
    ///
    /// # Errors
    /// Another version, no body, several, or not one element in it.
    pub fn of(tree: &'t Tree<'t>, legacy: bool) -> Result<Self, Fault> {
        let root = tree.root();
        if root.name() != "Envelope" {
            return Err(Fault::sender("not-soap: the root is not an Envelope"));
        }
        let namespace = match root.namespace() {
            Some(SOAP) => SOAP,
            Some(SOAP_1_1) if legacy => SOAP_1_1,
            Some(_) => return Err(Fault::version_mismatch()),
            None => return Err(Fault::sender("not-soap: the root is not an Envelope")),
        };
        let mut children = root.children().peekable();
        let header = children.next_if(|child| child.is(namespace, "Header"));
        let body = match children.next() {
            Some(body) if body.is(namespace, "Body") => body,
            Some(other) if other.is(namespace, "Header") => {
                return Err(Fault::sender("header-repeated: several Header elements"));
            }
            _ => return Err(Fault::sender("body-missing: no Body after the Header")),
        };
        match children.next() {
            None => {}
            Some(next) if next.is(namespace, "Body") => {
                return Err(Fault::sender("body-repeated: several Body elements"));
            }
            Some(_) => return Err(Fault::sender("not-soap: an element after the Body")),
        }
        let mut operations = body.children();
        match (operations.next(), operations.next()) {
            (Some(operation), None) if !body.has_own_text() => Ok(Envelope { root, header, operation }),
            (None, _) => Err(Fault::sender("one-operation-only: the Body is empty")),
            _ => Err(Fault::sender("one-operation-only: more than one element in the Body")),
        }
    }

    /// Namespace of its version of SOAP.
    pub fn namespace(&self) -> &'t str {
        self.root.namespace().unwrap_or(SOAP)
    }
}

/// The word for what made a message unreadable.
fn unread(error: &XmlError, bytes: &[u8], limits: &Limits) -> Fault {
    let reason = match error {
        XmlError::Empty => "empty request".to_owned(),
        XmlError::Encoding { .. } | XmlError::DeclaredEncoding { .. } => {
            format!("encoding-not-supported: {error}")
        }
        XmlError::NotUtf8 { .. } => format!("encoding: {error}"),
        XmlError::Doctype { .. } => format!("doctype-refused: {error}"),
        XmlError::Instruction { .. } => format!("pi-refused: {error}"),
        XmlError::Limit { kind, max, at } => {
            let word = match kind {
                LimitKind::Depth => "too-deep",
                LimitKind::Attributes => "too-many-attributes",
                LimitKind::Namespaces => "too-many-namespaces",
                LimitKind::Name => "name-too-long",
                LimitKind::AttributeValue => "attribute-too-long",
                LimitKind::Text => "text-too-long",
                LimitKind::Markup => "too-much-markup",
                LimitKind::Elements => "too-many-elements",
            };
            format!("{word} ({max}), {at}")
        }
        XmlError::Malformed { .. } if has_forbidden_character(bytes) => {
            "forbidden-character: a character that XML does not allow".to_owned()
        }
        XmlError::Malformed { .. } => match dmp_xml::parse(bytes, limits) {
            // The parser of messages does not say where; for who has to mend the message, the other one does.
            Err(XmlError::Malformed { what, at }) => format!("not-well-formed: {what}, {at}"),
            _ => "not-well-formed".to_owned(),
        },
    };
    Fault::sender(reason)
}

/// True when the message holds a character that XML 1.0 2.2 excludes, written as such or by reference.
fn has_forbidden_character(bytes: &[u8]) -> bool {
    let forbidden = |code: u32| match code {
        0x9 | 0xa | 0xd => false,
        0xfffe | 0xffff => true,
        code => code < 0x20 || char::from_u32(code).is_none(),
    };
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    text.chars().any(|character| forbidden(character as u32))
        || memmem::find_iter(bytes, b"&#").any(|at| {
            // The longest reference to a character is `&#x10FFFF;`; zeros before it are nobody's habit.
            let after = &bytes[at + 2..bytes.len().min(at + 12)];
            let reference = after.split(|b| *b == b';').next().unwrap_or_default();
            let reference = std::str::from_utf8(reference).unwrap_or_default();
            let code = match reference.strip_prefix('x') {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => reference.parse(),
            };
            code.is_ok_and(forbidden)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_markup_alone_is_refused_before_it_becomes_a_tree() {
        for (xml, expected) in [
            (format!("<a>{}</a>", "<b/>".repeat(50_000)), "too-many-elements (50000)"),
            (
                format!("<a>{}</a>", "<b c='d'>texte</b>".repeat(49_000).replace("d", &"d".repeat(40))),
                "too-much-markup",
            ),
            (format!("<a><!--{}--></a>", " ".repeat(3 << 20)), "too-much-markup"),
        ] {
            let refused = read(xml.as_bytes(), 45 << 20).err().map(|fault| fault.reason);
            assert!(refused.as_ref().is_some_and(|reason| reason.starts_with(expected)), "{refused:?}");
        }
    }

    #[test]
    fn looking_for_a_forbidden_character_takes_linear_time() {
        let message = format!("<a>{}</a>", "&#".repeat(500_000));
        let started = std::time::Instant::now();
        let refused = read(message.as_bytes(), 45 << 20).err().map(|fault| fault.reason);
        assert!(refused.is_some_and(|reason| reason.starts_with("not-well-formed")));
        assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
    }

    #[test]
    fn a_document_may_be_longer_than_other_text() {
        let long = "QUJD".repeat(300_000);
        for (xml, expected) in [
            (format!("<x:Document xmlns:x='urn:x'>{long}</x:Document>"), None),
            (format!("<text representation='B64'>{long}</text>"), None),
            (format!("<Value>{long}</Value>"), Some("text-too-long (1048576), line 1 column 8")),
            (format!("<DocumentX>{long}</DocumentX>"), Some("text-too-long (1048576), line 1 column 12")),
        ] {
            let refused = read(xml.as_bytes(), 2_000_000).err().map(|fault| fault.reason);
            assert_eq!(refused.as_deref(), expected);
        }
    }
}
