//! MTOM/XOP: a message and its parts as `multipart/related`, written and read.
//!
//! Sources: XOP 1.0; MTOM 1.0; RFC 2387; RFC 2046 5.1.

use crate::error::LpsError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use dmp_xml::escape_attribute;
use memchr::memmem;
use uuid::Uuid;

/// Namespace of XOP.
pub const XOP: &str = "http://www.w3.org/2004/08/xop/include";

/// Content-ID of the envelope.
const ROOT: &str = "envelope@lps";
/// Parts of an answer that are looked at.
const PARTS_MAX: usize = 256;

/// A part of a message.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Content-ID, without brackets.
    pub content_id: String,
    /// Media type.
    pub content_type: String,
    /// The bytes.
    pub bytes: Bytes,
}

impl Attachment {
    /// A part with a Content-ID of its own.
    pub fn new(content_type: &str, bytes: Bytes) -> Self {
        let content_id = format!("{}@lps", Uuid::new_v4());
        Attachment { content_id, content_type: content_type.to_owned(), bytes }
    }

    /// The element that stands for its bytes.
    pub fn include(&self) -> String {
        format!(r#"<xop:Include xmlns:xop="{XOP}" href="cid:{}"/>"#, escape_attribute(&self.content_id))
    }
}

/// Content type and body of a message with its parts.
pub fn write(action: &str, envelope: String, attachments: &[Attachment]) -> (String, Bytes) {
    let boundary = format!("MIMEBoundary_{}", Uuid::new_v4().simple());
    let content_type = format!(
        "multipart/related; type=\"application/xop+xml\"; start=\"<{ROOT}>\"; start-info=\"application/soap+xml\"; \
         action=\"{action}\"; boundary=\"{boundary}\""
    );
    let size = attachments.iter().map(|part| part.bytes.len() + 256).sum::<usize>();
    let mut body = Vec::with_capacity(envelope.len() + size + 512);
    let mut part = |content_type: &str, encoding: &str, content_id: &str, bytes: &[u8]| {
        let head = format!(
            "--{boundary}\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\
             Content-ID: <{content_id}>\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    };
    let root = "application/xop+xml; charset=UTF-8; type=\"application/soap+xml\"";
    part(root, "8bit", ROOT, envelope.as_bytes());
    for attachment in attachments {
        part(&attachment.content_type, "binary", &attachment.content_id, &attachment.bytes);
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (content_type, body.into())
}

/// The envelope of an answer, and its parts.
///
/// # Errors
/// [`LpsError::Answer`].
pub fn read(content_type: &str, body: Bytes) -> Result<(Bytes, Vec<Attachment>), LpsError> {
    let media = content_type.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("multipart/related") {
        return Ok((body, Vec::new()));
    }
    let boundary =
        parameter(content_type, "boundary").ok_or(LpsError::Answer("multipart without boundary"))?;
    let mut parts = split(&body, &boundary)?;
    let start = parameter(content_type, "start").map(|id| id.trim_matches(['<', '>']).to_owned());
    let root = match start {
        Some(id) => parts.iter().position(|part| part.content_id == id),
        None => (!parts.is_empty()).then_some(0),
    };
    let root = root.ok_or(LpsError::Answer("multipart without its root part"))?;
    let root = parts.remove(root);
    Ok((root.bytes, parts))
}

fn split(body: &Bytes, boundary: &str) -> Result<Vec<Attachment>, LpsError> {
    let cut = LpsError::Answer;
    let delimiter = format!("--{boundary}");
    let finder = memmem::Finder::new(delimiter.as_bytes());
    // A delimiter stands at the start of a line.
    let mut marks =
        finder.find_iter(body).filter(|at| *at == 0 || body[at - 1] == b'\n').collect::<Vec<_>>().into_iter();
    let mut parts = Vec::new();
    let mut from = marks.next().ok_or(cut("multipart without parts"))? + delimiter.len();
    loop {
        if body[from..].starts_with(b"--") {
            return Ok(parts);
        }
        if parts.len() == PARTS_MAX {
            return Err(cut("multipart of too many parts"));
        }
        let to = marks.next().ok_or(cut("multipart cut short"))?;
        let content = trim_line_end(&body[..to], from);
        parts.push(part(body, from, content).ok_or(cut("multipart with a part without headers"))?);
        from = to + delimiter.len();
    }
}

/// End of what starts at `from`, without the line end that belongs to the delimiter.
fn trim_line_end(bytes: &[u8], from: usize) -> usize {
    let end = bytes.strip_suffix(b"\r\n").or_else(|| bytes.strip_suffix(b"\n")).unwrap_or(bytes).len();
    end.max(from)
}

fn part(body: &Bytes, from: usize, to: usize) -> Option<Attachment> {
    let whole = &body[from..to];
    let (head, start) = match (memmem::find(whole, b"\r\n\r\n"), memmem::find(whole, b"\n\n")) {
        (Some(at), other) if other.is_none_or(|o| at < o) => (at, at + 4),
        (_, Some(at)) => (at, at + 2),
        _ => return None,
    };
    let head = String::from_utf8_lossy(&whole[..head]);
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let bytes = body.slice(from + start..to);
    let encoded = header("Content-Transfer-Encoding").is_some_and(|e| e.eq_ignore_ascii_case("base64"));
    Some(Attachment {
        content_id: header("Content-ID").unwrap_or_default().trim_matches(['<', '>']).to_owned(),
        content_type: header("Content-Type").unwrap_or_default(),
        bytes: if encoded { from_base64(&String::from_utf8_lossy(&bytes))? } else { bytes },
    })
}

/// Bytes of base64, white space ignored.
pub(crate) fn from_base64(text: &str) -> Option<Bytes> {
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(compact).ok().map(Bytes::from)
}

/// Base64 of bytes.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A parameter of a media type, unquoted.
fn parameter(content_type: &str, name: &str) -> Option<String> {
    let mut rest = content_type.split_once(';')?.1;
    loop {
        let (key, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => {
                let (value, next) = quoted.split_once('"')?;
                (value, next.split_once(';').map_or("", |(_, next)| next))
            }
            None => after.split_once(';').unwrap_or((after, "")),
        };
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(value.trim().to_owned());
        }
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let odd = Bytes::from_static(b"\r\n--MIMEBoundary_\r\n\r\nend\r\n");
        let parts = [
            Attachment::new("text/xml", Bytes::from_static(b"<a/>")),
            Attachment::new("text/xml", odd.clone()),
        ];
        let (content_type, body) = write("urn:a", "<e/>".to_owned(), &parts);
        let (root, read) = read(&content_type, body).unwrap();
        assert_eq!(&root[..], b"<e/>");
        let read: Vec<_> = read.iter().map(|p| (p.content_id.as_str(), &p.bytes[..])).collect();
        assert_eq!(
            read,
            [(parts[0].content_id.as_str(), &b"<a/>"[..]), (parts[1].content_id.as_str(), &odd[..])]
        );
    }

    #[test]
    fn answers_of_other_servers_are_read() {
        let body = "preamble\n--b\nContent-ID: <r>\n\n<e/>\n--b\ncontent-id:<c>\nContent-Transfer-Encoding: Base64\n\n\
                    YWJj\n--b--";
        for (content_type, fine) in [
            ("multipart/related; boundary=b; start=\"<r>\"", true),
            ("Multipart/Related;type=\"a;b=c\"; start=<r>; Boundary=\"b\"", true),
            ("multipart/related; boundary=b", true),
            ("multipart/related; boundary=b; start=\"<x>\"", false),
            ("multipart/related; start=\"<r>\"", false),
            ("multipart/related; boundary=z", false),
        ] {
            let read = read(content_type, Bytes::from(body));
            assert_eq!(read.is_ok(), fine, "{content_type}");
            if let Ok((root, parts)) = read {
                assert_eq!((&root[..], &parts[0].bytes[..]), (&b"<e/>"[..], &b"abc"[..]));
            }
        }
        for cut in ["--b\nContent-ID: <r>\n\n<e/>\n", "--b\n", "--b\nno headers\n--b--", "--b", ""] {
            assert!(read("multipart/related; boundary=b", Bytes::from(cut)).is_err(), "{cut}");
        }
        let (root, parts) = read("application/soap+xml", Bytes::from_static(b"<e/>")).unwrap();
        assert_eq!((&root[..], parts.len()), (&b"<e/>"[..], 0));
    }
}
