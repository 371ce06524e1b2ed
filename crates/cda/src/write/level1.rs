//! Level 1: a file, or a text, under a CDA header (IHE XDS-SD; CI-SIS *Structuration minimale*, non-XML body).

use super::WriteCda;
use super::header::{self, HeaderDraft};
use crate::file::{self, MediaType};

/// What is wrapped. The bytes are not looked at: reading refuses those that are not what they are said to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileBody {
    /// PDF.
    Pdf(Vec<u8>),
    /// JPEG image.
    Jpeg(Vec<u8>),
    /// Plain text.
    Text(String),
}

/// A file, or a text, under a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level1 {
    /// The header; any type.
    pub header: HeaderDraft,
    /// The file.
    pub body: FileBody,
}

/// IHE XDS-SD, root and edition.
const TEMPLATES: [(&str, &str); 1] = [("1.3.6.1.4.1.19376.1.2.20", "")];

impl WriteCda for Level1 {
    fn header(&self) -> &HeaderDraft {
        &self.header
    }

    fn to_xml(&self) -> String {
        let (media_type, bytes) = match &self.body {
            FileBody::Pdf(bytes) => (MediaType::Pdf, bytes.as_slice()),
            FileBody::Jpeg(bytes) => (MediaType::Jpeg, bytes.as_slice()),
            FileBody::Text(text) => (MediaType::Text, text.as_bytes()),
        };
        let mut w = header::begin(&self.header, &TEMPLATES);
        w.open("component").open("nonXMLBody").open("text");
        // Text too is encoded: CI-SIS asks for base64 whatever the type.
        w.attribute("mediaType", media_type.as_str()).attribute("representation", "B64");
        w.text(&file::encode(bytes));
        w.finish()
    }
}
