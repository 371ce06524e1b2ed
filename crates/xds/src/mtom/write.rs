//! The bytes of an answer that carries documents, streamed: the documents are never joined in memory.
//!
//! A client that sent a package gets a package, the envelope first; one that sent plain SOAP gets its documents in base64
//! where the inclusions stood, encoded as they leave.

use crate::call::Attachment;
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::stream;
use memchr::memmem;
use std::collections::VecDeque;
use std::convert::Infallible;
use uuid::Uuid;

/// Bytes encoded at a time; a multiple of three.
const CHUNK: usize = 48 * 1024;

/// Content-ID of the envelope.
const ROOT: &str = "root.message@dmp";

/// A piece of an answer.
enum Piece {
    /// Sent as it is.
    Raw(Bytes),
    /// Sent in base64.
    Base64(Bytes),
}

/// An answer ready to leave.
pub(crate) struct Written {
    /// `Content-Type`.
    pub content_type: String,
    /// `Content-Length`.
    pub length: usize,
    /// The bytes.
    pub body: Body,
}

/// An envelope and its parts as a package.
pub(crate) fn package(envelope: String, attachments: Vec<Attachment>, request: Uuid) -> Written {
    let boundary = format!("uuid:{request}");
    let part = |content_type: &str, content_id: &str| {
        format!(
            "--{boundary}\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: binary\r\n\
             Content-ID: <{content_id}>\r\n\r\n"
        )
    };
    let head = part("application/xop+xml; charset=UTF-8; type=\"application/soap+xml\"", ROOT);
    let mut pieces = vec![Piece::Raw((head + &envelope).into())];
    for attachment in attachments {
        let head = part(&attachment.content_type, &attachment.content_id);
        pieces.push(Piece::Raw(format!("\r\n{head}").into()));
        pieces.push(Piece::Raw(attachment.bytes));
    }
    pieces.push(Piece::Raw(format!("\r\n--{boundary}--\r\n").into()));
    let content_type = format!(
        "multipart/related; type=\"application/xop+xml\"; boundary=\"{boundary}\"; start=\"<{ROOT}>\"; \
         start-info=\"application/soap+xml\""
    );
    written(content_type, pieces)
}

/// An envelope with its parts in base64 where they are included; `None` when it includes one that is not there, or leaves
/// one out.
pub(crate) fn inline(envelope: String, attachments: Vec<Attachment>) -> Option<Written> {
    let envelope = Bytes::from(envelope);
    let mut attachments: VecDeque<Attachment> = attachments.into();
    let mut pieces = Vec::new();
    let mut at = 0;
    for (start, end) in inclusions(&envelope) {
        let tag = &envelope[start..end];
        let included =
            |a: &Attachment| memmem::find(tag, format!("\"cid:{}\"", a.content_id).as_bytes()).is_some();
        let attachment = attachments.iter().position(included).and_then(|n| attachments.remove(n))?;
        pieces.push(Piece::Raw(envelope.slice(at..start)));
        pieces.push(Piece::Base64(attachment.bytes));
        at = end;
    }
    pieces.push(Piece::Raw(envelope.slice(at..)));
    attachments.is_empty().then(|| written(SOAP_TYPE.to_owned(), pieces))
}

/// Media type of plain SOAP.
pub(crate) const SOAP_TYPE: &str = "application/soap+xml; charset=UTF-8";

/// Where the `<xop:Include …/>` of our own envelopes stand. No text can look like one: its `<` is escaped.
fn inclusions(envelope: &[u8]) -> Vec<(usize, usize)> {
    let tags = memmem::find_iter(envelope, b"<xop:Include ");
    tags.filter_map(|start| Some((start, start + memmem::find(&envelope[start..], b"/>")? + 2))).collect()
}

fn written(content_type: String, pieces: Vec<Piece>) -> Written {
    let length = pieces.iter().map(|piece| match piece {
        Piece::Raw(bytes) => bytes.len(),
        Piece::Base64(bytes) => bytes.len().div_ceil(3) * 4,
    });
    let length = length.sum();
    let chunks = Chunks(pieces.into()).map(Ok::<_, Infallible>);
    Written { content_type, length, body: Body::from_stream(stream::iter(chunks)) }
}

struct Chunks(VecDeque<Piece>);

impl Iterator for Chunks {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        loop {
            match self.0.pop_front()? {
                Piece::Raw(bytes) => return Some(bytes),
                Piece::Base64(bytes) if bytes.is_empty() => {}
                Piece::Base64(mut bytes) => {
                    let now = bytes.split_to(bytes.len().min(CHUNK));
                    self.0.push_front(Piece::Base64(bytes));
                    return Some(STANDARD.encode(now).into());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soap::XOP;
    use dmp_xml::Writer;
    use http_body_util::BodyExt;

    fn attachment(id: &str, bytes: Vec<u8>) -> Attachment {
        Attachment { content_id: id.to_owned(), content_type: "text/xml".to_owned(), bytes: bytes.into() }
    }

    /// As a transaction writes it.
    fn include(id: &str) -> String {
        let mut w = Writer::new();
        w.open("xop:Include").attribute("xmlns:xop", XOP).attribute("href", &format!("cid:{id}")).close();
        w.finish()
    }

    async fn text(written: Written) -> String {
        let bytes = written.body.collect().await.unwrap().to_bytes();
        assert_eq!(bytes.len(), written.length);
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn inclusions_become_base64_where_they_stand() {
        let envelope = format!("<a>{}</a><b>{}</b>", include("two"), include("one"));
        let long = vec![b'x'; CHUNK * 2 + 1];
        let written =
            inline(envelope, vec![attachment("one", long.clone()), attachment("two", b"ABC".into())]);
        assert_eq!(text(written.unwrap()).await, format!("<a>QUJD</a><b>{}</b>", STANDARD.encode(long)));
        let text = format!("<a>{}</a>", dmp_xml::escape_text(&include("one")));
        assert!(inline(text, Vec::new()).is_some(), "text that looks like an inclusion is text");
        assert!(inline(include("one"), Vec::new()).is_none(), "nothing to put there");
        assert!(
            inline("<a/>".to_owned(), vec![attachment("one", Vec::new())]).is_none(),
            "nowhere to put it"
        );
    }

    #[tokio::test]
    async fn what_is_packed_is_split_again() {
        let written = package("<e/>".to_owned(), vec![attachment("one", b"x\r\n".into())], Uuid::nil());
        let media = crate::soap::media::MediaType::parse(&written.content_type).unwrap();
        let message = crate::mtom::split::split(&media, &text(written).await.into()).unwrap();
        assert_eq!((&message.envelope[..], &message.parts.all[0].bytes[..]), (&b"<e/>"[..], &b"x\r\n"[..]));
    }
}
