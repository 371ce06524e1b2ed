//! Why a document was not read: what was wrong and where, never a piece of its content.

use std::fmt;

/// A place in the document, both counted from 1; columns are characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} column {}", self.line, self.column)
    }
}

impl Position {
    /// The place of byte `offset`, which may fall inside a character or after the end.
    pub(crate) fn of(bytes: &[u8], offset: usize) -> Self {
        let before = &bytes[..offset.min(bytes.len())];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        let is_char_start = |byte: &&u8| **byte & 0b1100_0000 != 0b1000_0000;
        let column = 1 + before[line_start..].iter().filter(is_char_start).count();
        let clamp = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        Self { line: clamp(line), column: clamp(column) }
    }
}

/// Which bound of [`crate::Limits`] was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKind {
    /// Nested elements.
    Depth,
    /// Attributes of one element.
    Attributes,
    /// Namespace declarations.
    Namespaces,
    /// Length of a name.
    Name,
    /// Length of an attribute value.
    AttributeValue,
    /// Length of character data.
    Text,
    /// Length of the document, declared base64 apart.
    Markup,
    /// Elements of the document.
    Elements,
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Depth => "nested elements",
            Self::Attributes => "attributes on one element",
            Self::Namespaces => "namespace declarations",
            Self::Name => "bytes in a name",
            Self::AttributeValue => "bytes in an attribute value",
            Self::Text => "bytes of text in one element",
            Self::Markup => "bytes besides base64",
            Self::Elements => "elements",
        })
    }
}

/// Why a document was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// No byte at all, or nothing but white space.
    #[error("empty document")]
    Empty,
    /// The bytes are UTF-16 or UTF-32.
    #[error(
        "encoded in {encoding}, only UTF-8 is read: convert it, for example with `iconv -t UTF-8`, and declare encoding=\"UTF-8\""
    )]
    Encoding {
        /// Name of the encoding recognised from the first bytes.
        encoding: &'static str,
    },
    /// The XML declaration names another encoding than UTF-8, whatever the bytes are.
    #[error(
        "declared encoding is `{declared}`, only UTF-8 is read: convert the document and declare encoding=\"UTF-8\""
    )]
    DeclaredEncoding {
        /// The declared name, cut to 40 characters.
        declared: String,
    },
    /// A sequence of bytes that is not UTF-8.
    #[error("not UTF-8 at {at} (byte {offset})")]
    NotUtf8 {
        /// Where the first bad byte is.
        at: Position,
        /// Its offset, from 0.
        offset: usize,
    },
    /// A document type declaration: refused whatever it holds.
    #[error("a DOCTYPE is refused, {at}")]
    Doctype {
        /// Where it starts.
        at: Position,
    },
    /// A processing instruction where [`crate::Limits::instructions`] takes none.
    #[error("a processing instruction is refused, {at}")]
    Instruction {
        /// Where it starts.
        at: Position,
    },
    /// A bound of [`crate::Limits`] is passed.
    #[error("more than {max} {kind}, {at}")]
    Limit {
        /// Which bound.
        kind: LimitKind,
        /// Its value.
        max: u64,
        /// Where it was passed.
        at: Position,
    },
    /// Not well-formed, or not correct in its namespaces.
    #[error("not well-formed: {what}, {at}")]
    Malformed {
        /// What rule is broken.
        what: &'static str,
        /// Where.
        at: Position,
    },
}
