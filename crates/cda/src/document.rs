//! A CDA document in memory: its bytes read within limits, and its `ClinicalDocument`.

use dmp_xml::{Document, Limits, Node, NodeId};

use crate::header::{self, Header};
use crate::node::{HL7, Hl7};
use crate::refusal::CdaRefusal;

const XSL: &str = "http://www.w3.org/1999/XSL/Transform";

/// `mimeType` of a CDA in the DMP, whatever it wraps.
pub const MIME_CDA: &str = "text/xml";
/// `mimeType` of a self-presenting CDA: a style sheet that carries the document it presents.
pub const MIME_SELF_PRESENTING: &str = "application/xslt+xml";

/// A document that could be read. Reading is not accepting: deposit goes through [`Cda::document_entry`].
pub struct Cda<'a> {
    document: Document<'a>,
    root: NodeId,
    pub(crate) bytes: &'a [u8],
    mime_type: &'static str,
}

impl<'a> Cda<'a> {
    /// Reads the bytes of a document within [`Limits::hl7v3`].
    ///
    /// `xml-stylesheet` instructions are kept in the bytes and never followed. Of a self-presenting document
    /// (root `xsl:stylesheet`) only the inner `ClinicalDocument` is read; nothing of the style sheet is run.
    ///
    /// # Errors
    /// [`CdaRefusal::Xml`], [`CdaRefusal::Root`], [`CdaRefusal::Namespace`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, CdaRefusal> {
        let document = dmp_xml::parse(bytes, &Limits::hl7v3())?;
        let (root, mime_type) = clinical_document(&document)?;
        Ok(Self { document, root, bytes, mime_type })
    }

    /// The header, typed.
    ///
    /// # Errors
    /// The [`CdaRefusal`] of the first mandatory element that is missing or unreadable.
    pub fn header(&self) -> Result<Header, CdaRefusal> {
        header::read(self.root())
    }

    /// [`MIME_CDA`] or [`MIME_SELF_PRESENTING`].
    pub fn mime_type(&self) -> &'static str {
        self.mime_type
    }

    /// `ClinicalDocument`.
    pub(crate) fn root(&self) -> Node<'_, 'a> {
        self.document.get_node(self.root).expect("found in this document when it was read")
    }

    /// `structuredBody`, of a level 3 (or 2) document.
    pub(crate) fn structured_body(&self) -> Option<Node<'_, 'a>> {
        self.root().path(&["component", "structuredBody"])
    }

    /// `nonXMLBody/text`, of a level 1 document.
    pub(crate) fn unstructured_text(&self) -> Option<Node<'_, 'a>> {
        self.root().path(&["component", "nonXMLBody", "text"])
    }
}

fn clinical_document(document: &Document<'_>) -> Result<(NodeId, &'static str), CdaRefusal> {
    let root = document.root_element();
    if root.is("ClinicalDocument") {
        return Ok((root.id(), MIME_CDA));
    }
    let tag = root.tag_name();
    match (tag.namespace(), tag.name()) {
        (_, "ClinicalDocument") => Err(CdaRefusal::Namespace),
        (Some(XSL), "stylesheet" | "transform") => {
            let mut inner = root.descendants().filter(|node| node.has_tag_name((HL7, "ClinicalDocument")));
            match (inner.next(), inner.next()) {
                (Some(only), None) => Ok((only.id(), MIME_SELF_PRESENTING)),
                _ => Err(CdaRefusal::Root),
            }
        }
        _ => Err(CdaRefusal::Root),
    }
}
