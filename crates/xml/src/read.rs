//! From bytes to a read-only tree: encoding, then limits, then well-formedness.

use roxmltree::{Document, ParsingOptions};

use crate::error::{Position, XmlError};
use crate::limits::Limits;
use crate::scan;

/// Checks encoding and limits and gives the text, without its byte order mark.
///
/// Well-formedness is only known after [`parse`].
///
/// # Errors
/// Every [`XmlError`]; of [`XmlError::Malformed`] only what stops the counting.
pub fn check<'a>(bytes: &'a [u8], limits: &Limits) -> Result<&'a str, XmlError> {
    if let Some(encoding) = wide_encoding(bytes) {
        return Err(XmlError::Encoding { encoding });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        XmlError::NotUtf8 { at: Position::of(bytes, offset), offset }
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_ascii().is_empty() {
        return Err(XmlError::Empty);
    }
    if let Some(declared) = declared_encoding(text).filter(|name| !name.eq_ignore_ascii_case("UTF-8")) {
        return Err(XmlError::DeclaredEncoding { declared: declared.chars().take(40).collect() });
    }
    scan::scan(text, limits)?;
    Ok(text)
}

/// Reads a document within `limits` into a tree that borrows from `bytes`.
///
/// # Errors
/// Every [`XmlError`].
pub fn parse<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Document<'a>, XmlError> {
    let text = check(bytes, limits)?;
    let options = ParsingOptions { allow_dtd: false, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| malformed(&error))
}

/// UTF-16 and UTF-32 by their byte order mark or by the shape of a first `<` (XML 1.0, appendix F).
fn wide_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] | [b'<', 0, 0, 0, ..] | [0, 0, 0, b'<', ..] => {
            Some("UTF-32")
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'<', 0, ..] | [0, b'<', ..] => Some("UTF-16"),
        _ => None,
    }
}

/// The `encoding` of the XML declaration.
fn declared_encoding(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("<?xml").filter(|rest| rest.starts_with([' ', '\t', '\r', '\n']))?;
    let declaration = &rest[..rest.find("?>")?];
    let after = declaration[declaration.find("encoding")? + "encoding".len()..].trim_start();
    let value = after.strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split(quote).next()
}

/// The tree builder's own errors quote the document; ours only name the rule.
fn malformed(error: &roxmltree::Error) -> XmlError {
    use roxmltree::Error as E;
    let pos = error.pos();
    let at = Position { line: pos.row, column: pos.col };
    let what = match error {
        E::DtdDetected => return XmlError::Doctype { at },
        E::InvalidXmlPrefixUri(_)
        | E::UnexpectedXmlUri(_)
        | E::UnexpectedXmlnsUri(_)
        | E::InvalidElementNamePrefix(_) => "reserved namespace",
        E::DuplicatedNamespace(..) => "namespace declared twice",
        E::UnknownNamespace(..) => "prefix without namespace",
        E::UnexpectedCloseTag(..) | E::UnexpectedEntityCloseTag(_) => "end tag of another element",
        E::UnknownEntityReference(..) => "unknown entity",
        E::MalformedEntityReference(_) | E::EntityReferenceLoop(_) => "malformed reference",
        E::InvalidAttributeValue(_) => "`<` in an attribute value",
        E::DuplicatedAttribute(..) => "attribute given twice",
        E::NoRootNode => "no element",
        E::UnclosedRootNode => "element without end tag",
        E::UnexpectedDeclaration(_) => "XML declaration elsewhere than at the start",
        E::InvalidName(_) => "invalid name",
        E::NonXmlChar(..) => "character that XML does not allow",
        E::InvalidComment(_) => "`--` in a comment",
        E::InvalidCharacterData(_) => "`]]>` in text",
        E::UnexpectedEndOfStream => "unexpected end",
        _ => "unexpected character",
    };
    XmlError::Malformed { what, at }
}
