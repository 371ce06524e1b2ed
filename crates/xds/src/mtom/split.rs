//! The parts of a `multipart/related` body.
//!
//! Every part is a slice of the one body, byte for byte: a file that ends with a line break keeps it. Stricter than MIME
//! asks, because a boundary that two readers see differently is a document that two readers see differently: no preamble,
//! no epilogue, no folded header, no bare line feed.
//!
//! Sources: RFC 2046 5.1, RFC 2387, XOP 1.0 4.1; bad-inputs.tsv MTOM-01 to MTOM-18, 38, 41.

use crate::fault::Fault;
use crate::mtom::{Part, Parts, decoded, is_content_id};
use crate::soap::media::{MediaType, is_token};
use bytes::Bytes;
use memchr::{memchr, memmem};

/// RFC 2046 5.1.1.
const BOUNDARY_BYTES_MAX: usize = 70;
/// Parts of a message, the envelope's included.
const PARTS_MAX: usize = 100;
/// Headers of a part.
const HEADERS_MAX: usize = 16;
/// Bytes of a line of a part's header.
const HEADER_BYTES_MAX: usize = 2048;

/// A message in parts.
#[derive(Debug)]
pub(crate) struct Message {
    /// The bytes of the envelope.
    pub envelope: Bytes,
    /// The others.
    pub parts: Parts,
}

/// What the headers of a part say.
#[derive(Default)]
struct Headers {
    content_id: Option<String>,
    content_type: Option<String>,
    transfer_encoding: Option<String>,
}

/// Splits the body of a message of this media type, which is `multipart/related`.
///
/// # Errors
/// 415 for a package of something else than SOAP 1.2; a package that is not written as it must be.
pub(crate) fn split(media: &MediaType, body: &Bytes) -> Result<Message, Fault> {
    check_package(media)?;
    let boundary = boundary(media)?;
    let mut parts = raw_parts(boundary, body)?;
    let mut seen = std::collections::HashSet::new();
    if !parts.iter().filter_map(|(headers, _)| headers.content_id.as_deref()).all(|id| seen.insert(id)) {
        return Err(Fault::sender("duplicate-content-id: two parts of one name"));
    }
    let root = root_of(media, &parts)?;
    let (headers, envelope) = parts.remove(root);
    check_root(&headers)?;
    let all = parts.into_iter().map(part).collect::<Result<_, _>>()?;
    let envelope = transferred(&headers, envelope)?;
    Ok(Message { envelope, parts: Parts::new(all, headers.content_id) })
}

fn check_package(media: &MediaType) -> Result<(), Fault> {
    let names = |parameter: &str, expected: &str| {
        let essence = media.parameter(parameter).and_then(MediaType::parse).map(|m| m.essence);
        essence.is_some_and(|essence| essence == expected)
    };
    if !names("type", "application/xop+xml") {
        return Err(Fault::media_type("media-type: the `type` of the package is not application/xop+xml"));
    }
    if media.parameter("start-info").is_some() && !names("start-info", "application/soap+xml") {
        return Err(Fault::media_type(
            "media-type: the `start-info` of the package is not application/soap+xml",
        ));
    }
    Ok(())
}

fn boundary(media: &MediaType) -> Result<&str, Fault> {
    let boundary = media.parameter("boundary").ok_or_else(|| Fault::sender("boundary-missing"))?;
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&b);
    let fine = (1..=BOUNDARY_BYTES_MAX).contains(&boundary.len())
        && boundary.bytes().all(allowed)
        && !boundary.ends_with(' ');
    if fine { Ok(boundary) } else { Err(Fault::sender("boundary-invalid: 1 to 70 characters of RFC 2046")) }
}

/// The parts as they are written: headers, and the slice of the body.
fn raw_parts(boundary: &str, body: &Bytes) -> Result<Vec<(Headers, Bytes)>, Fault> {
    let truncated = || Fault::sender("truncated: the closing boundary is missing or is not the end");
    let delimiter = format!("\r\n--{boundary}");
    let (delimiter, first) = (delimiter.as_bytes(), &delimiter.as_bytes()[2..]);
    // A line break before the first boundary is written by several libraries.
    let mut at = match body.strip_prefix(b"\r\n").unwrap_or(body) {
        start if start.starts_with(first) => body.len() - start.len() + first.len(),
        _ => return Err(Fault::sender("no-root-part: the message does not start with its boundary")),
    };
    let finder = memmem::Finder::new(delimiter);
    let mut parts = Vec::new();
    loop {
        if let Some(epilogue) = body[at..].strip_prefix(b"--") {
            // Anything more would be a document cut by its own bytes.
            return if epilogue.trim_ascii().is_empty() { Ok(parts) } else { Err(truncated()) };
        }
        let padding = body[at..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        at += padding;
        match &body[at..] {
            [b'\r', b'\n', ..] => {}
            // A message that was kept as text, or written by hand.
            [b'\n', ..] => return Err(bare_line_feed()),
            _ => return Err(truncated()),
        }
        at += 2;
        if parts.len() == PARTS_MAX {
            return Err(Fault::sender(format!("too-many-parts ({PARTS_MAX})")));
        }
        let (headers, length) = headers(&body[at..])?;
        at += length;
        // The empty line before the bytes may be the one that the next boundary starts with.
        let end = at - 2 + finder.find(&body[at - 2..]).ok_or_else(truncated)?;
        parts.push((headers, body.slice(at..end.max(at))));
        at = end + delimiter.len();
    }
}

fn bare_line_feed() -> Fault {
    Fault::sender("header-syntax: a bare line feed")
}

/// The headers of a part and their length, the empty line after them included.
fn headers(bytes: &[u8]) -> Result<(Headers, usize), Fault> {
    let syntax = |what: &str| Fault::sender(format!("header-syntax: {what}"));
    let mut headers = Headers::default();
    let mut at = 0;
    for count in 0.. {
        let window = &bytes[at..bytes.len().min(at + HEADER_BYTES_MAX + 2)];
        let line = match memchr(b'\n', window) {
            Some(end) => &window[..end],
            None if window.len() < HEADER_BYTES_MAX + 2 => {
                return Err(Fault::sender("truncated: the message ends in the header of a part"));
            }
            None => {
                return Err(Fault::sender(format!(
                    "header-too-long: a line of more than {HEADER_BYTES_MAX} bytes"
                )));
            }
        };
        at += line.len() + 1;
        let line = line.strip_suffix(b"\r").ok_or_else(bare_line_feed)?;
        if line.is_empty() {
            return Ok((headers, at));
        }
        if count == HEADERS_MAX {
            return Err(Fault::sender(format!("too-many-headers ({HEADERS_MAX})")));
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            return Err(syntax("a folded line"));
        }
        let line = std::str::from_utf8(line).map_err(|_| syntax("not UTF-8"))?;
        let (name, value) = line.split_once(':').ok_or_else(|| syntax("a line without name"))?;
        if !is_token(name) || value.chars().any(|c| c.is_control() && c != '\t') {
            return Err(syntax("a control character, or a name that is none"));
        }
        let value = value.trim_ascii();
        let (kept, value) = match name.to_ascii_lowercase().as_str() {
            "content-id" => (&mut headers.content_id, unbracketed(value)?),
            "content-type" => (&mut headers.content_type, value),
            "content-transfer-encoding" => (&mut headers.transfer_encoding, value),
            _ => continue,
        };
        if kept.replace(value.to_owned()).is_some() {
            return Err(syntax("a header given twice"));
        }
    }
    Err(syntax("no end"))
}

fn unbracketed(id: &str) -> Result<&str, Fault> {
    let inside = id.strip_prefix('<').and_then(|id| id.strip_suffix('>'));
    inside.filter(|id| is_content_id(id)).ok_or_else(|| {
        Fault::sender("content-id-syntax: a Content-ID is a name without spaces between `<` and `>`")
    })
}

/// Which part is the envelope: the one that `start` names, or the first.
fn root_of(media: &MediaType, parts: &[(Headers, Bytes)]) -> Result<usize, Fault> {
    let missing =
        || Fault::sender("no-root-part: no part of application/xop+xml where the envelope should be");
    let root = match media.parameter("start") {
        None => 0,
        Some(start) => {
            let id = start.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or(start);
            let named = |(headers, _): &(Headers, Bytes)| headers.content_id.as_deref() == Some(id);
            parts.iter().position(named).ok_or_else(missing)?
        }
    };
    let (headers, _) = parts.get(root).ok_or_else(missing)?;
    match media_type(headers) {
        Some(media) if media.essence == "application/xop+xml" => Ok(root),
        Some(media) if is_multipart(&media.essence) => Err(nested()),
        _ => Err(missing()),
    }
}

fn check_root(headers: &Headers) -> Result<(), Fault> {
    let media = media_type(headers);
    let kind = media.as_ref().and_then(|media| media.parameter("type"));
    if kind.is_some_and(|kind| MediaType::parse(kind).is_none_or(|m| m.essence != "application/soap+xml")) {
        return Err(Fault::media_type("media-type: the envelope is not application/soap+xml"));
    }
    if media.is_some_and(|media| !media.is_utf8()) {
        return Err(Fault::sender("encoding-not-supported: only UTF-8 is read"));
    }
    Ok(())
}

fn part((headers, bytes): (Headers, Bytes)) -> Result<Part, Fault> {
    let essence = match (&headers.content_type, media_type(&headers)) {
        (_, Some(media)) => Some(media.essence),
        (Some(written), None) => {
            Some(written.split(';').next().unwrap_or_default().trim_ascii().to_ascii_lowercase())
        }
        (None, None) => None,
    };
    if essence.as_deref().is_some_and(is_multipart) {
        return Err(nested());
    }
    let bytes = transferred(&headers, bytes)?;
    let content_id = headers.content_id.ok_or_else(|| {
        Fault::sender("content-id-syntax: a part without Content-ID, which nothing can include")
    })?;
    Ok(Part { content_id, content_type: essence, bytes })
}

/// The bytes of a part out of their transfer encoding.
fn transferred(headers: &Headers, bytes: Bytes) -> Result<Bytes, Fault> {
    let encoding = headers.transfer_encoding.as_deref().unwrap_or("binary");
    match encoding.to_ascii_lowercase().as_str() {
        "binary" | "8bit" | "7bit" => Ok(bytes),
        "base64" => decoded(&bytes)
            .map(Bytes::from)
            .ok_or_else(|| Fault::sender("transfer-encoding: a part that is not base64")),
        _ => Err(Fault::sender("transfer-encoding: binary, 8bit, 7bit or base64")),
    }
}

fn media_type(headers: &Headers) -> Option<MediaType> {
    headers.content_type.as_deref().and_then(MediaType::parse)
}

fn is_multipart(essence: &str) -> bool {
    essence.starts_with("multipart/")
}

fn nested() -> Fault {
    Fault::sender("nested-multipart: a package inside a package")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEDIA: &str = "multipart/related; boundary=b; type=\"application/xop+xml\"";
    const ROOT: &str = "--b\r\nContent-Type: application/xop+xml\r\nContent-ID: <r>\r\n\r\n<e/>";

    fn outcome(body: &str) -> Result<Vec<(String, String)>, String> {
        let media = MediaType::parse(MEDIA).unwrap();
        let message = split(&media, &Bytes::from(body.to_owned())).map_err(|fault| fault.reason)?;
        assert_eq!(message.envelope, "<e/>");
        let text = |part: &Part| String::from_utf8(part.bytes.to_vec()).unwrap();
        Ok(message.parts.all.iter().map(|part| (part.content_id.clone(), text(part))).collect())
    }

    #[test]
    fn the_bytes_of_a_part_are_exact() {
        let rows = [
            ("x", "x"),
            ("", ""),
            ("x\r\n", "x\r\n"),
            ("\r\n", "\r\n"),
            ("\r\n\r\nx", "\r\n\r\nx"),
            ("x\r\n-b", "x\r\n-b"),
            ("x--b", "x--b"),
            ("x\n--b\n", "x\n--b\n"),
        ];
        for (bytes, expected) in rows {
            let body = format!("{ROOT}\r\n--b\r\nContent-ID: <p>\r\n\r\n{bytes}\r\n--b--\r\n");
            assert_eq!(outcome(&body), Ok(vec![("p".to_owned(), expected.to_owned())]), "{bytes:?}");
        }
        // The line break of the empty line serves the boundary too: the part is empty.
        let body = format!("\r\n{ROOT}\r\n--b \t\r\nContent-ID: <p>\r\n\r\n--b--");
        assert_eq!(outcome(&body), Ok(vec![("p".to_owned(), String::new())]));
        let body = format!(
            "{ROOT}\r\n--b\r\nContent-ID: <p>\r\nContent-Transfer-Encoding: BASE64\r\n\r\nQU\r\nJD\r\n\r\n--b--"
        );
        assert_eq!(outcome(&body), Ok(vec![("p".to_owned(), "ABC".to_owned())]));
    }

    #[test]
    fn whatever_does_not_hold_the_boundary_comes_back_exact() {
        const PIECES: [&str; 7] = ["\r\n", "\n", "\r", "--", "-", "b", "x"];
        // A linear congruential generator is enough to mix seven pieces.
        let mut state: u64 = 1;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut exact = 0;
        for _ in 0..20_000 {
            let bytes: String = (0..next(12)).map(|_| PIECES[next(7) as usize]).collect();
            let body = format!("{ROOT}\r\n--b\r\nContent-ID: <p>\r\n\r\n{bytes}\r\n--b--");
            let outcome = outcome(&body);
            // The empty line before the bytes counts: bytes that start with the boundary hold it too.
            if format!("\r\n{bytes}").contains("\r\n--b") {
                assert!(outcome.is_err(), "{bytes:?}");
            } else {
                assert_eq!(outcome, Ok(vec![("p".to_owned(), bytes)]));
                exact += 1;
            }
        }
        assert!(exact > 10_000, "{exact}");
    }

    #[test]
    fn a_boundary_inside_a_document_never_cuts_it_silently() {
        for inside in
            ["x\r\n--b", "x\r\n--bcd", "x\r\n--b--", "x\r\n--b--\r\ny", "x\r\n--b\r\ny", "x\r\n--b\r\n"]
        {
            let body = format!("{ROOT}\r\n--b\r\nContent-ID: <p>\r\n\r\n{inside}{}\r\n--b--", "z".repeat(5));
            assert!(outcome(&body).is_err(), "{inside:?}");
        }
    }

    #[test]
    fn a_message_kept_as_text_is_told_what_is_wrong_with_it() {
        let body = format!("{ROOT}\r\n--b--").replace("\r\n", "\n");
        assert_eq!(outcome(&body), Err("header-syntax: a bare line feed".to_owned()));
    }

    #[test]
    fn every_cut_of_a_message_is_refused() {
        let body = format!("{ROOT}\r\n--b\r\nContent-ID: <p>\r\n\r\nx\r\n--b--");
        assert!(outcome(&body).is_ok());
        for end in 0..body.len() {
            assert!(outcome(&body[..end]).is_err(), "{end}");
        }
    }
}
