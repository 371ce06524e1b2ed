//! Files inside a document: the content of a `nonXMLBody`, copies and annexes in `observationMedia`.
//!
//! Bytes are decoded and told apart by their first bytes (the magic must be at offset 0, so that no file is two
//! things at once); no PDF, image or RTF parser runs here. What is offered is for download or a sandboxed viewer.

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use dmp_xml::Node;

use crate::document::Cda;
use crate::node::Hl7;
use crate::refusal::CdaRefusal;

/// Real documents pad base64 loosely; what it decodes to is checked anyway.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Section of a copy of the whole document as PDF (CI-SIS *FR-Document-PDF-copie*).
const PDF_COPY_SECTION: &str = "1.2.250.1.213.1.1.2.243";

/// Kinds of files a document may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MediaType {
    /// PDF.
    Pdf,
    /// JPEG image.
    Jpeg,
    /// PNG image.
    Png,
    /// GIF image.
    Gif,
    /// TIFF image.
    Tiff,
    /// Rich text.
    Rtf,
    /// Plain text.
    Text,
}

impl MediaType {
    /// The MIME type.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Tiff => "image/tiff",
            Self::Rtf => "text/rtf",
            Self::Text => "text/plain",
        }
    }

    /// Name shown to people.
    pub fn french(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Jpeg | Self::Png | Self::Gif | Self::Tiff => "image",
            Self::Rtf => "texte RTF",
            Self::Text => "texte",
        }
    }

    /// The types a `nonXMLBody` may declare (CI-SIS *Structuration minimale*, level 1).
    fn of_body(declared: &str) -> Option<Self> {
        match declared {
            "application/pdf" => Some(Self::Pdf),
            "image/jpeg" => Some(Self::Jpeg),
            "image/tiff" => Some(Self::Tiff),
            "text/rtf" => Some(Self::Rtf),
            "text/plain" => Some(Self::Text),
            _ => None,
        }
    }

    /// Images that browsers show by themselves.
    pub(crate) fn is_web_image(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Gif)
    }

    /// Type by the first bytes; `None` for anything unknown, text included.
    pub(crate) fn of_magic(bytes: &[u8]) -> Option<Self> {
        let starts = |magic: &[u8]| bytes.starts_with(magic);
        match () {
            () if starts(b"%PDF-") => Some(Self::Pdf),
            () if starts(b"\xff\xd8\xff") => Some(Self::Jpeg),
            () if starts(b"\x89PNG\r\n\x1a\n") => Some(Self::Png),
            () if starts(b"GIF87a") || starts(b"GIF89a") => Some(Self::Gif),
            () if starts(b"II*\0") || starts(b"MM\0*") => Some(Self::Tiff),
            () if starts(b"{\\rtf") => Some(Self::Rtf),
            () => None,
        }
    }
}

/// A file offered with a document.
#[derive(Debug, Clone)]
pub struct EmbeddedFile {
    /// From 1, in the order of the document; narrative names it *Fichier joint n° …*.
    pub number: usize,
    /// Type by its bytes.
    pub media_type: MediaType,
    /// Title of the section that holds it, when it has one.
    pub title: Option<String>,
    /// True for a copy of the whole document, to be offered first.
    pub is_copy: bool,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl EmbeddedFile {
    /// True for a PDF that names a script or an action: offered for download only, never shown inline, and the
    /// reader is told. Looks at the bytes only; compressed objects are not opened.
    pub fn may_act(&self) -> bool {
        const NAMES: [&[u8]; 5] = [b"/JavaScript", b"/JS", b"/Launch", b"/OpenAction", b"/SubmitForm"];
        self.media_type == MediaType::Pdf
            && NAMES.iter().any(|name| memchr::memmem::find(&self.bytes, name).is_some())
    }
}

impl Cda<'_> {
    /// The files of the document, copies of the whole first. Images that narrative shows are not among them; a
    /// file whose bytes are not of an accepted type is left out.
    pub fn files(&self) -> Vec<EmbeddedFile> {
        if let Some(text) = self.unstructured_text() {
            let Ok((media_type, bytes)) = body_content(text) else {
                return Vec::new();
            };
            let file =
                EmbeddedFile { number: 1, media_type, title: None, is_copy: false, bytes: bytes.into() };
            return vec![file];
        }
        let mut files: Vec<_> = attachments(self)
            .into_iter()
            .enumerate()
            .filter_map(|(index, media)| {
                let section = media.ancestors().find(|node| node.is("section"));
                Some(EmbeddedFile {
                    number: index + 1,
                    media_type: attachment_type(media)?,
                    title: section
                        .and_then(|node| node.child("title"))
                        .map(Hl7::plain)
                        .filter(|t| !t.is_empty()),
                    is_copy: section.is_some_and(|node| node.has_template(PDF_COPY_SECTION)),
                    bytes: decode(media.child("value")?)?,
                })
            })
            .collect();
        files.sort_by_key(|file| !file.is_copy);
        files
    }
}

/// `observationMedia` that are offered as files, in the order of the document.
pub(crate) fn attachments<'d, 'a>(cda: &'d Cda<'a>) -> Vec<Node<'d, 'a>> {
    let Some(body) = cda.structured_body() else {
        return Vec::new();
    };
    body.descendants()
        .filter(|node| node.is("observationMedia"))
        .filter(|media| attachment_type(*media).is_some_and(|media_type| !media_type.is_web_image()))
        .collect()
}

/// Type of the content of an `observationMedia`, by its first bytes.
pub(crate) fn attachment_type(media: Node<'_, '_>) -> Option<MediaType> {
    let value = media.child("value")?;
    if value.child("reference").is_some() || !is_base64(value) {
        return None;
    }
    let start: Vec<u8> = encoded(value).bytes().filter(|b| !b.is_ascii_whitespace()).take(64).collect();
    let start = &start[..start.len() - start.len() % 4];
    MediaType::of_magic(&BASE64.decode(start).ok()?)
}

/// Type and bytes of a `nonXMLBody`, refused when it is not what it declares.
pub(crate) fn body_content<'d>(text: Node<'d, '_>) -> Result<(MediaType, Cow<'d, [u8]>), CdaRefusal> {
    if text.child("reference").is_some() {
        return Err(CdaRefusal::BodyReference);
    }
    let declared = text.attr("mediaType").unwrap_or("text/plain");
    let media_type = MediaType::of_body(declared)
        .ok_or_else(|| CdaRefusal::BodyMediaType { media_type: CdaRefusal::cut(declared) })?;
    let bytes = if is_base64(text) {
        Cow::Owned(decode(text).ok_or(CdaRefusal::BodyContent)?)
    } else if media_type == MediaType::Text {
        match encoded(text) {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        }
    } else {
        return Err(CdaRefusal::BodyContent);
    };
    if bytes.trim_ascii().is_empty() {
        return Err(CdaRefusal::BodyContent);
    }
    let is_what_it_declares = match media_type {
        MediaType::Text => MediaType::of_magic(&bytes).is_none() && !bytes.contains(&0),
        _ => MediaType::of_magic(&bytes) == Some(media_type),
    };
    if !is_what_it_declares {
        return Err(CdaRefusal::BodyMagic { media_type: media_type.as_str() });
    }
    Ok((media_type, bytes))
}

/// Decoded base64 of an element; `None` when it is not base64 or is empty.
pub(crate) fn decode(element: Node<'_, '_>) -> Option<Vec<u8>> {
    let mut compact = encoded(element).into_owned().into_bytes();
    compact.retain(|byte| !byte.is_ascii_whitespace());
    BASE64.decode(compact).ok().filter(|bytes| !bytes.is_empty())
}

/// Base64 in canonical form, for a `data:` address that we write.
pub(crate) fn encode(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

fn is_base64(element: Node<'_, '_>) -> bool {
    element.attr("representation") == Some("B64")
}

/// Character data of an element; comments may split it.
fn encoded<'d>(element: Node<'d, '_>) -> Cow<'d, str> {
    let mut texts = element.children().filter_map(|child| child.text().filter(|_| child.is_text()));
    match (texts.next(), texts.next()) {
        (None, _) => Cow::Borrowed(""),
        (Some(only), None) => Cow::Borrowed(only),
        (Some(first), Some(second)) => Cow::Owned([first, second].into_iter().chain(texts).collect()),
    }
}
