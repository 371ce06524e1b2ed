//! Messages to be made wrong: their text, and the parts of those that come as packages.

use crate::case::World;
use crate::common::{Answer, Request};
use dmp_lps::ebrim::scheme;

/// A message, to be changed and sent.
#[derive(Debug, Clone)]
pub struct Sent {
    pub path: String,
    pub content_type: String,
    pub body: Vec<u8>,
}

impl Sent {
    /// The same with another piece of text, once; the piece must be there.
    pub fn edit(mut self, from: &str, to: &str) -> Self {
        assert_ne!(from, to, "an edit that changes nothing");
        let at = position(&self.body, from.as_bytes());
        let at = at.unwrap_or_else(|| panic!("`{from}` is not in the message"));
        self.body.splice(at..at + from.len(), to.bytes());
        self
    }

    /// The same without what stands from the first of these texts to the next of the second, both included.
    pub fn cut(self, from: &str, to: &str) -> Self {
        let piece = between(&self.text(), from, to);
        self.edit(&piece, "")
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// Another body.
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Sent { body: body.into(), ..self }
    }

    /// Another media type.
    pub fn typed(self, content_type: &str) -> Self {
        Sent { content_type: content_type.to_owned(), ..self }
    }

    pub fn request(&self) -> Request {
        Request::new("POST", &self.path).body(&self.content_type, self.body.clone())
    }

    pub fn send(&self, w: &World) -> Answer {
        w.demo.send(&self.request())
    }
}

fn position(bytes: &[u8], piece: &[u8]) -> Option<usize> {
    bytes.windows(piece.len()).position(|window| window == piece)
}

/// From the first of these texts to the next of the second, both included.
pub fn between(text: &str, from: &str, to: &str) -> String {
    let start = text.find(from).unwrap_or_else(|| panic!("`{from}` is not in the message"));
    let end = text[start..].find(to).unwrap_or_else(|| panic!("`{to}` is not in the message"));
    text[start..start + end + to.len()].to_owned()
}

/// A package (MTOM), part by part: what is written between their boundaries.
#[derive(Debug, Clone)]
pub struct Package {
    pub path: String,
    pub content_type: String,
    pub parts: Vec<Part>,
}

/// Headers and bytes of a part; the root comes first, then the documents.
#[derive(Debug, Clone)]
pub struct Part {
    pub head: String,
    pub body: Vec<u8>,
}

/// The boundary of every [`Package`].
pub const BOUNDARY: &str = "limite";

impl Package {
    /// The parts of a package that the library made.
    pub fn of(sent: &Sent) -> Self {
        let boundary = sent.content_type.split("boundary=\"").nth(1).unwrap().trim_end_matches('"');
        let delimiter = format!("--{boundary}");
        let mut parts = Vec::new();
        let mut rest = &sent.body[delimiter.len() + 2..];
        while let Some(end) = position(rest, format!("\r\n{delimiter}").as_bytes()) {
            let head = position(rest, b"\r\n\r\n").unwrap();
            let text = String::from_utf8(rest[..head].to_vec()).unwrap();
            parts.push(Part { head: text, body: rest[head + 4..end].to_vec() });
            rest = rest.get(end + 2 + delimiter.len() + 2..).unwrap_or_default();
        }
        let content_type = sent.content_type.replace(boundary, BOUNDARY);
        Package { path: sent.path.clone(), content_type, parts }
    }

    /// The envelope changed.
    pub fn envelope(mut self, edit: impl FnOnce(Sent) -> Sent) -> Self {
        let body = std::mem::take(&mut self.parts[0].body);
        let whole = Sent { path: String::new(), content_type: String::new(), body };
        self.parts[0].body = edit(whole).body;
        self
    }

    /// A part changed; 0 is the envelope's.
    pub fn part(mut self, number: usize, edit: impl FnOnce(&mut Part)) -> Self {
        edit(&mut self.parts[number]);
        self
    }

    /// One more part.
    pub fn and(mut self, head: &str, body: &[u8]) -> Self {
        self.parts.push(Part { head: head.to_owned(), body: body.to_vec() });
        self
    }

    /// Content-ID of a part.
    pub fn content_id(&self, number: usize) -> String {
        self.parts[number].head.split("Content-ID: <").nth(1).unwrap().trim_end_matches('>').to_owned()
    }

    pub fn sent(&self) -> Sent {
        let mut body = Vec::new();
        for part in &self.parts {
            body.extend(format!("--{BOUNDARY}\r\n{}\r\n\r\n", part.head).bytes());
            body.extend(&part.body);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").bytes());
        Sent { path: self.path.clone(), content_type: self.content_type.clone(), body }
    }

    pub fn send(&self, w: &World) -> Answer {
        self.sent().send(w)
    }
}

/// The value of an attribute coded by that scheme, whole, as it is written.
pub fn classification(text: &str, scheme: &str) -> String {
    between(text, &format!("<Classification classificationScheme=\"{scheme}\""), "</Classification>")
}

/// The uniqueId of the SubmissionSet of a lot.
pub fn set_unique_id(lot: &Sent) -> String {
    let text = lot.text();
    let identifier = between(&text, &format!("identificationScheme=\"{}\"", scheme::SET_UNIQUE_ID), "\">");
    identifier.split("value=\"").nth(1).unwrap().trim_end_matches("\">").to_owned()
}
