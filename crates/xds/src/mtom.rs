//! What comes with a message: its parts, and the inclusions that point to them.
//!
//! - `split`: the parts of a `multipart/related` body, as slices of it;
//! - `write`: the parts of an answer, streamed.
//!
//! An inclusion names a part of its own message by `cid:` and nothing else (security.md row 6): nothing is ever fetched.
//!
//! Sources: XOP 1.0; SOAP MTOM 1.0; RFC 2392; IHE ITI TF-2 appendix V.

pub(crate) mod split;
pub(crate) mod write;

use crate::fault::Fault;
use crate::soap::XOP;
use crate::soap::envelope::Envelope;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use dmp_xml::Element;

/// The parts of a message besides its envelope; none when it came as plain SOAP.
#[derive(Debug, Default)]
pub struct Parts {
    /// In the order of the message.
    pub all: Vec<Part>,
    /// Content-ID of the envelope's own part.
    root: Option<String>,
}

/// A part.
#[derive(Debug, Clone)]
pub struct Part {
    /// Content-ID, without brackets.
    pub content_id: String,
    /// Media type in lower case, without its parameters, when given.
    pub content_type: Option<String>,
    /// The bytes, decoded from their transfer encoding.
    pub bytes: Bytes,
}

/// The bytes that an element holds, inline in base64 or by `xop:Include`.
#[derive(Debug, Clone)]
pub struct Binary {
    /// The bytes.
    pub bytes: Bytes,
    /// Place in [`Parts::all`] of the part they came in.
    pub part: Option<usize>,
}

/// Why an element gives no bytes.
#[derive(Debug)]
pub enum NoBytes {
    /// Its inclusion names no part of the message: `XDSMissingDocument` for a document.
    Absent,
    /// It is not a way to hold bytes.
    Fault(Fault),
}

impl Parts {
    /// Parts besides the envelope's own, whose Content-ID is `root` when it has one.
    pub fn new(all: Vec<Part>, root: Option<String>) -> Self {
        Parts { all, root }
    }

    /// The bytes that an element holds.
    ///
    /// # Errors
    /// An inclusion of nothing, of something else than a part of this message, mixed with text, or not base64.
    pub fn bytes_of(&self, element: Element<'_>) -> Result<Binary, NoBytes> {
        let Some(include) = element.children().next() else {
            let bytes = decoded(element.text().as_bytes());
            let bytes = bytes.ok_or_else(|| {
                NoBytes::Fault(Fault::sender(format!("base64: `{}` is not base64", element.name())))
            })?;
            return Ok(Binary { bytes: bytes.into(), part: None });
        };
        if !include.is(XOP, "Include") {
            let reason = format!("base64: an element in `{}`", element.name());
            return Err(NoBytes::Fault(Fault::sender(reason)));
        }
        let part = self.part_of(include).map_err(NoBytes::Fault)?.ok_or(NoBytes::Absent)?;
        Ok(Binary { bytes: self.all[part].bytes.clone(), part: Some(part) })
    }

    /// Checks every inclusion of a message at once, before anything of it is believed.
    ///
    /// # Errors
    /// An inclusion in a header, of something else than a part, mixed with text, or of a part that another one includes.
    pub(crate) fn check_inclusions(&self, envelope: &Envelope<'_>) -> Result<(), Fault> {
        let included = |element: &Element<'_>| element.is(XOP, "Include");
        if envelope.header.is_some_and(|header| header.descendants().any(|e| included(&e))) {
            // What is signed must be there to be read.
            let reason = "xop-in-header: une inclusion dans l'en-tête de sécurité";
            return Err(Fault::wsse("InvalidSecurity", reason));
        }
        let mut taken = vec![false; self.all.len()];
        for include in envelope.operation.descendants().filter(included) {
            let Some(part) = self.part_of(include)? else { continue };
            if std::mem::replace(&mut taken[part], true) {
                return Err(Fault::sender("part-used-twice: two inclusions of one part"));
            }
        }
        Ok(())
    }

    /// The part that an `xop:Include` names; `None` when the message has no such part.
    fn part_of(&self, include: Element<'_>) -> Result<Option<usize>, Fault> {
        let holder = include.parent();
        let alone = holder.is_some_and(|holder| holder.children().count() == 1 && !holder.has_own_text());
        if !alone || include.children().next().is_some() || include.has_own_text() {
            return Err(Fault::sender("xop-mixed-content: an inclusion stands alone in its element"));
        }
        let href = include.attribute("href").ok_or_else(|| Fault::sender("xop-href-missing"))?;
        let syntax = || Fault::sender("xop-href-syntax: not the Content-ID of a part");
        let written = match href.split_at_checked(4) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("cid:") => rest,
            _ => return Err(Fault::sender("xop-href-not-cid: only `cid:` is followed")),
        };
        let id = percent_decoded(written).filter(|id| is_content_id(id)).ok_or_else(syntax)?;
        // Some libraries write the Content-ID itself with percent signs, and refer to it as written.
        let of = |id: &str| self.all.iter().position(|part| part.content_id == id);
        if let Some(part) = of(&id).or_else(|| of(written)) {
            return Ok(Some(part));
        }
        if self.root.as_deref() == Some(id.as_str()) {
            return Err(Fault::sender("xop-root-reference: the envelope includes itself"));
        }
        // Encoded twice.
        if percent_decoded(&id).is_none_or(|again| again != id) { Err(syntax()) } else { Ok(None) }
    }
}

/// What stands between the brackets of a Content-ID.
fn is_content_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>')
}

/// RFC 3986 2.1; `None` for a `%` that starts no escape, or bytes that are not UTF-8.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).ok()
}

/// Base64 of RFC 4648 4, white space between its characters apart; nothing else is forgiven.
fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    if !text.iter().any(u8::is_ascii_whitespace) {
        return STANDARD.decode(text).ok();
    }
    let dense: Vec<u8> = text.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    STANDARD.decode(dense).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dmp_xml::{Limits, Tree};

    fn parts() -> Parts {
        let part =
            |id: &str| Part { content_id: id.into(), content_type: None, bytes: Bytes::from(id.to_owned()) };
        Parts::new(vec![part("a@x"), part("b%3A@x"), part("urn:c@x")], Some("root@x".into()))
    }

    /// The bytes an element gives, or the word of the refusal.
    fn outcome(parts: &Parts, content: &str) -> String {
        let xml = format!("<Document xmlns:xop='{XOP}'>{content}</Document>");
        let tree = Tree::parse(xml.as_bytes(), &Limits::default()).unwrap();
        match parts.bytes_of(tree.root()) {
            Ok(binary) => String::from_utf8(binary.bytes.to_vec()).unwrap(),
            Err(NoBytes::Absent) => "absent".to_owned(),
            Err(NoBytes::Fault(fault)) => fault.reason.split(':').next().unwrap().to_owned(),
        }
    }

    #[test]
    fn bytes_come_from_a_part_of_the_message_or_from_base64() {
        let of = |href: &str| format!("<xop:Include href='{href}'/>");
        let rows = [
            (of("cid:a@x"), "a@x"),
            (of("CID:a%40x"), "a@x"),
            (of("cid:b%3A@x"), "b%3A@x"),
            (of("cid:urn%3Ac@x"), "urn:c@x"),
            (format!(" {} ", of("cid:a@x")), "a@x"),
            (of("cid:absent@x"), "absent"),
            (of("cid:a%2540x"), "xop-href-syntax"),
            (of("cid:%00x"), "xop-href-syntax"),
            (of("cid:%zz"), "xop-href-syntax"),
            (of("cid:%+1"), "xop-href-syntax"),
            (of("cid:%4"), "xop-href-syntax"),
            (of("cid:"), "xop-href-syntax"),
            (of("a@x"), "xop-href-not-cid"),
            (of("http://10.0.0.1/secret"), "xop-href-not-cid"),
            (of("file:///etc/shadow"), "xop-href-not-cid"),
            (of("é"), "xop-href-not-cid"),
            (of("cid:root@x"), "xop-root-reference"),
            ("<xop:Include/>".to_owned(), "xop-href-missing"),
            (format!("text{}", of("cid:a@x")), "xop-mixed-content"),
            (format!("QUJD{}", of("cid:a@x")), "xop-mixed-content"),
            (of("cid:a@x").repeat(2), "xop-mixed-content"),
            ("<xop:Include href='cid:a@x'>x</xop:Include>".to_owned(), "xop-mixed-content"),
            ("<autre/>".to_owned(), "base64"),
            ("QUJD".to_owned(), "ABC"),
            (" QU\nJD\tRA= =".to_owned(), "ABCD"),
            (String::new(), ""),
            ("QUJDRA".to_owned(), "base64"),
            ("QUJDRA=".to_owned(), "base64"),
            ("QU-_".to_owned(), "base64"),
            ("QUJDRB==".to_owned(), "base64"),
        ];
        for (content, expected) in rows {
            assert_eq!(outcome(&parts(), &content), expected, "{content}");
        }
    }
}
