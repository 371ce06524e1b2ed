//! The pass over the bytes that keeps [`Limits`], before any tree exists.
//!
//! It splits the input into the same tokens as the tree builder and counts; it does not judge names, references
//! or matching tags, which the tree builder refuses later. Where the two could disagree on where a token ends
//! (a quote in a name, a stray `<`), the tree builder refuses the document, so that no limit can be escaped.

use memchr::{memchr, memmem};

use crate::error::{LimitKind, Position, XmlError};
use crate::limits::Limits;

/// An element whose end tag has not been seen.
#[derive(Clone, Copy)]
struct Open {
    base64: bool,
    namespaces: u32,
}

struct Scanner<'a> {
    bytes: &'a [u8],
    limits: &'a Limits,
    at: usize,
    open: Vec<Open>,
    elements: u32,
    namespace_copies: u32,
    /// Bytes of character data since the last tag, CDATA sections included.
    text: usize,
    /// Bytes of declared base64.
    base64: usize,
}

/// Checks `text` against `limits`.
pub(crate) fn scan(text: &str, limits: &Limits) -> Result<(), XmlError> {
    let mut scanner = Scanner {
        bytes: text.as_bytes(),
        limits,
        at: 0,
        open: Vec::with_capacity(32),
        elements: 0,
        namespace_copies: 0,
        text: 0,
        base64: 0,
    };
    scanner.run()?;
    if text.len() - scanner.base64 > limits.markup_bytes_max {
        return Err(scanner.limit(LimitKind::Markup, limits.markup_bytes_max as u64));
    }
    Ok(())
}

impl Scanner<'_> {
    fn run(&mut self) -> Result<(), XmlError> {
        while let Some(distance) = memchr(b'<', &self.bytes[self.at..]) {
            self.count_text(distance)?;
            self.at += distance;
            match self.bytes.get(self.at + 1) {
                Some(b'!') => self.markup()?,
                Some(b'?') => self.instruction()?,
                Some(b'/') => self.end_tag()?,
                _ => self.start_tag()?,
            }
        }
        self.count_text(self.bytes.len() - self.at)
    }

    fn count_text(&mut self, bytes: usize) -> Result<(), XmlError> {
        self.text += bytes;
        let in_base64 = self.open.last().is_some_and(|open| open.base64);
        self.base64 += if in_base64 { bytes } else { 0 };
        let max = if in_base64 { self.limits.base64_bytes_max } else { self.limits.text_bytes_max };
        if self.text > max {
            return Err(self.limit(LimitKind::Text, max as u64));
        }
        Ok(())
    }

    /// `<!…`: a comment, a CDATA section, or a declaration, which is refused.
    fn markup(&mut self) -> Result<(), XmlError> {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(b"<!--") {
            return self.skip_past(4, b"-->", "comment without end");
        }
        if rest.starts_with(b"<![CDATA[") {
            let start = self.at;
            self.skip_past(9, b"]]>", "CDATA section without end")?;
            return self.count_text(self.at - start);
        }
        let keyword = rest.get(2..9).unwrap_or_default();
        if keyword.eq_ignore_ascii_case(b"DOCTYPE") {
            return Err(XmlError::Doctype { at: self.position() });
        }
        Err(self.malformed("unknown declaration"))
    }

    fn instruction(&mut self) -> Result<(), XmlError> {
        let start = self.at;
        self.at += 2;
        let target = self.name()?;
        // The XML declaration, at the start, is no instruction.
        if !self.limits.instructions && (start > 0 || &self.bytes[target] != b"xml") {
            self.at = start;
            return Err(XmlError::Instruction { at: self.position() });
        }
        self.skip_past(0, b"?>", "processing instruction without end")
    }

    fn skip_past(&mut self, opening: usize, end: &[u8], what: &'static str) -> Result<(), XmlError> {
        let from = self.at + opening;
        let Some(distance) = memmem::find(&self.bytes[from..], end) else {
            return Err(self.malformed(what));
        };
        self.at = from + distance + end.len();
        Ok(())
    }

    fn end_tag(&mut self) -> Result<(), XmlError> {
        let Some(distance) = memchr(b'>', &self.bytes[self.at..]) else {
            return Err(self.malformed("end tag without end"));
        };
        if self.open.pop().is_none() {
            return Err(self.malformed("end tag without start tag"));
        }
        self.at += distance + 1;
        self.text = 0;
        Ok(())
    }

    fn start_tag(&mut self) -> Result<(), XmlError> {
        let limits = self.limits;
        if self.open.len() as u64 >= u64::from(limits.depth_max) {
            return Err(self.limit(LimitKind::Depth, limits.depth_max.into()));
        }
        self.elements += 1;
        if self.elements > limits.elements_max {
            return Err(self.limit(LimitKind::Elements, limits.elements_max.into()));
        }
        self.at += 1;
        let name = self.qualified_name()?;
        let mut base64 = limits.base64_element.is_some_and(|element| {
            let name = &self.bytes[name];
            let local = memchr::memrchr(b':', name).map_or(0, |colon| colon + 1);
            &name[local..] == element.as_bytes()
        });
        let mut attributes = 0;
        let mut namespaces = 0;
        loop {
            self.spaces();
            match self.bytes.get(self.at) {
                Some(b'>') => {
                    self.at += 1;
                    let namespaces = self.count_namespaces(namespaces)?;
                    self.open.push(Open { base64, namespaces });
                    break;
                }
                Some(b'/') => {
                    if self.bytes.get(self.at + 1) != Some(&b'>') {
                        return Err(self.malformed("`/` inside a tag"));
                    }
                    self.at += 2;
                    self.count_namespaces(namespaces)?;
                    break;
                }
                Some(_) => {
                    attributes += 1;
                    if attributes > limits.attributes_max {
                        return Err(self.limit(LimitKind::Attributes, limits.attributes_max.into()));
                    }
                    let (name, value) = self.attribute()?;
                    if name.starts_with(b"xmlns:") && value.is_empty() {
                        // Namespaces in XML 1.0, 5: only the default namespace is undeclared; builders differ on it.
                        return Err(self.malformed("prefix without namespace"));
                    }
                    if name == b"xmlns" || name.starts_with(b"xmlns:") {
                        namespaces += 1;
                        if namespaces > limits.namespaces_max {
                            return Err(self.limit(LimitKind::Namespaces, limits.namespaces_max.into()));
                        }
                    } else if let Some(marker) = limits.base64 {
                        base64 |= name == marker.attribute.as_bytes() && value == marker.value.as_bytes();
                    }
                }
                None => return Err(self.malformed("tag without end")),
            }
        }
        self.text = 0;
        Ok(())
    }

    /// The declarations in force inside an element that makes `declared` of its own.
    fn count_namespaces(&mut self, declared: u32) -> Result<u32, XmlError> {
        let in_force = self.open.last().map_or(0, |open| open.namespaces) + declared;
        if declared == 0 {
            return Ok(in_force);
        }
        let limits = self.limits;
        self.namespace_copies = self.namespace_copies.saturating_add(in_force);
        let bounds = [
            (in_force, limits.namespaces_in_scope_max),
            (self.namespace_copies, limits.namespace_copies_max),
        ];
        match bounds.into_iter().find(|(count, max)| count > max) {
            Some((_, max)) => Err(self.limit(LimitKind::Namespaces, max.into())),
            None => Ok(in_force),
        }
    }

    fn attribute(&mut self) -> Result<(&[u8], &[u8]), XmlError> {
        let name = self.qualified_name()?;
        self.spaces();
        if self.bytes.get(self.at) != Some(&b'=') {
            return Err(self.malformed("attribute without value"));
        }
        self.at += 1;
        self.spaces();
        let quote = match self.bytes.get(self.at) {
            Some(quote @ (b'"' | b'\'')) => *quote,
            _ => return Err(self.malformed("attribute value without quotes")),
        };
        self.at += 1;
        let Some(length) = memchr(quote, &self.bytes[self.at..]) else {
            return Err(self.malformed("attribute value without end"));
        };
        if length > self.limits.attribute_bytes_max {
            return Err(self.limit(LimitKind::AttributeValue, self.limits.attribute_bytes_max as u64));
        }
        let value = self.at..self.at + length;
        self.at = value.end + 1;
        Ok((&self.bytes[name], &self.bytes[value]))
    }

    /// A name with one colon at most, and something on both sides of it (Namespaces in XML 1.0, 4): not every builder
    /// looks at that.
    fn qualified_name(&mut self) -> Result<std::ops::Range<usize>, XmlError> {
        let name = self.name()?;
        let parts = self.bytes[name.clone()].split(|byte| *byte == b':');
        let is_whole = parts.clone().all(|part| !part.is_empty()) && parts.count() <= 2;
        if is_whole { Ok(name) } else { Err(self.malformed("invalid name")) }
    }

    fn name(&mut self) -> Result<std::ops::Range<usize>, XmlError> {
        let start = self.at;
        let ends =
            |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'=' | b'/' | b'>' | b'<' | b'?');
        // The bound is looked for here too: a name of megabytes is not walked to its end.
        let window = &self.bytes[start..self.bytes.len().min(start + self.limits.name_bytes_max + 1)];
        let length = window.iter().position(ends).unwrap_or(window.len());
        if length > self.limits.name_bytes_max {
            return Err(self.limit(LimitKind::Name, self.limits.name_bytes_max as u64));
        }
        if length == 0 {
            return Err(self.malformed("name expected"));
        }
        self.at += length;
        Ok(start..self.at)
    }

    fn spaces(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn position(&self) -> Position {
        Position::of(self.bytes, self.at)
    }

    fn limit(&self, kind: LimitKind, max: u64) -> XmlError {
        XmlError::Limit { kind, max, at: self.position() }
    }

    fn malformed(&self, what: &'static str) -> XmlError {
        XmlError::Malformed { what, at: self.position() }
    }
}
