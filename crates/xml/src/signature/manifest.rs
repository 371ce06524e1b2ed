//! The manifest of a signature: what it says of documents that come beside it.
//!
//! A signature covers its manifest, and says nothing itself of the documents that the manifest names: whether their digests
//! match is asked here, one document at a time. A document is digested as its bytes are, or in canonical form.
//!
//! Source: XML Signature 1.1, 5.1; ITI TF-2 3.57.4 (DSG), signature of a lot.

use super::algorithm::{self, Canonicalization};
use super::{DSIG, SignatureError, shape};
use crate::limits::Limits;
use crate::tree::{Element, Tree};
use bergshamra::c14n::{C14nMode, canonicalize_doc};

/// References of one manifest.
const REFERENCES_MAX: usize = 256;
/// Characters of a reference.
const URI_MAX: usize = 256;

/// What a manifest says of a document.
#[derive(Debug, Clone)]
pub struct ManifestReference {
    uri: String,
    canonicalization: Option<C14nMode>,
    method: Result<&'static str, SignatureError>,
    digest: Vec<u8>,
}

/// The references of a `ds:Manifest`, in their order.
///
/// # Errors
/// Not a manifest, or one with unknown parts.
pub fn manifest(element: Element<'_>, legacy: bool) -> Result<Vec<ManifestReference>, SignatureError> {
    if !element.is(DSIG, "Manifest") {
        return Err(SignatureError::Shape("a manifest is expected"));
    }
    let references: Vec<_> = element.children().take(REFERENCES_MAX + 1).collect();
    if references.len() > REFERENCES_MAX {
        return Err(SignatureError::Shape("too many references"));
    }
    references.into_iter().map(|element| reference(element, legacy)).collect()
}

fn reference(element: Element<'_>, legacy: bool) -> Result<ManifestReference, SignatureError> {
    let wrong = SignatureError::Shape("a reference of the manifest not made as expected");
    let uri = element.attribute("URI").map(str::trim).filter(|uri| uri.len() <= URI_MAX);
    let (true, Some(uri)) = (element.is(DSIG, "Reference"), uri) else { return Err(wrong) };
    let mut children = element.children().peekable();
    let mut canonicalization = None;
    if let Some(transforms) = children.next_if(|child| child.is(DSIG, "Transforms")) {
        let mut transforms = transforms.children();
        let transform = transforms.next().filter(|found| found.is(DSIG, "Transform"));
        let (Some(transform), None) = (transform, transforms.next()) else { return Err(wrong) };
        let algorithm = transform.attribute("Algorithm").unwrap_or_default();
        canonicalization = Some(Canonicalization::read(transform, algorithm)?.mode);
    }
    let (Some(method), Some(value), None) = (children.next(), children.next(), children.next()) else {
        return Err(wrong);
    };
    if !method.is(DSIG, "DigestMethod") || !value.is(DSIG, "DigestValue") {
        return Err(wrong);
    }
    let method = algorithm::digest(method.attribute("Algorithm").unwrap_or_default(), legacy);
    let digest = shape::base64(value).ok_or(wrong)?;
    Ok(ManifestReference { uri: uri.to_owned(), canonicalization, method, digest })
}

impl ManifestReference {
    /// What it names.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// True when the digest is one zero byte (`AA==`), written where there is nothing to digest: the lot itself.
    pub fn is_placeholder(&self) -> bool {
        self.digest == [0]
    }

    /// Compares the digest with that of a document.
    ///
    /// # Errors
    /// An algorithm that is not taken, a document that has no canonical form within `limits`, another digest.
    pub fn check(&self, bytes: &[u8], limits: &Limits) -> Result<(), SignatureError> {
        let method = self.method.clone()?;
        let digest = match self.canonicalization {
            None => bergshamra::crypto::digest::digest(method, bytes),
            Some(mode) => {
                let wrong = |_| SignatureError::Shape("no canonical form");
                let tree = Tree::parse(bytes, limits).map_err(wrong)?;
                let none: [&str; 0] = [];
                let canonical = canonicalize_doc(&tree.document, mode, None, &none);
                bergshamra::crypto::digest::digest(
                    method,
                    &canonical.map_err(|_| SignatureError::Shape("no canonical form"))?,
                )
            }
        };
        if digest.is_ok_and(|digest| digest == self.digest) { Ok(()) } else { Err(SignatureError::Mismatch) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
    const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
    const WITH_COMMENTS: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments";

    fn line(transform: Option<&str>, method: &str, digest: &str) -> String {
        let transforms =
            transform.map(|uri| format!("<Transforms><Transform Algorithm='{uri}'/></Transforms>"));
        format!(
            "<Manifest xmlns='{DSIG}'><Reference URI='urn:oid:1.2.3'>{}<DigestMethod Algorithm='{method}'/>\
             <DigestValue>{digest}</DigestValue></Reference></Manifest>",
            transforms.unwrap_or_default()
        )
    }

    fn read(text: &str, legacy: bool) -> Result<Vec<ManifestReference>, SignatureError> {
        let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
        manifest(tree.root(), legacy)
    }

    /// Digests by `xmllint --c14n` and `openssl dgst`.
    #[test]
    fn a_document_is_digested_as_it_is_or_in_canonical_form() {
        let document =
            b"<?xml version='1.0'?>\n<?style x?><a b = '1'  c='&lt;'><!-- r --><d/></a>\n".as_slice();
        for (transform, method, digest, legacy, result) in [
            (None, SHA256, "EQPC+LDXBFLWEshSLNIQp6Ig9a38hxE9ioGz5CYD6kw=", false, Ok(())),
            (Some(WITH_COMMENTS), SHA256, "Xem36cqMVZQ9IDssZhrEyfedh0K3NrhAiVT5x2W5wt8=", false, Ok(())),
            (Some(WITH_COMMENTS), SHA1, "AA==", false, Err("digest algorithm")),
            (Some(WITH_COMMENTS), SHA1, "AA==", true, Err("does not match")),
        ] {
            let references = read(&line(transform, method, digest), legacy).unwrap();
            assert_eq!((references.len(), references[0].uri()), (1, "urn:oid:1.2.3"));
            assert_eq!(references[0].is_placeholder(), digest == "AA==");
            let checked = references[0].check(document, &Limits::default()).map_err(|e| e.to_string());
            match (checked, result) {
                (Ok(()), Ok(())) => {}
                (Err(said), Err(part)) if said.contains(part) => {}
                (checked, _) => panic!("{transform:?} {method}: {checked:?}"),
            }
        }
        let references = read(&line(Some(WITH_COMMENTS), SHA256, "AA=="), false).unwrap();
        assert!(references[0].check(b"no XML", &Limits::default()).is_err());
    }

    #[test]
    fn what_is_no_manifest_is_refused() {
        let fine = line(Some(WITH_COMMENTS), SHA256, "AA==");
        assert!(read(&fine, false).is_ok());
        for (from, to) in [
            ("Manifest", "Manifeste"),
            ("URI=", "Uri="),
            ("<DigestValue>AA==</DigestValue>", ""),
            ("AA==", "%"),
            (WITH_COMMENTS, "http://www.w3.org/TR/1999/REC-xslt-19991116"),
            ("<Transform A", "<Transform Algorithm='x'/><Transform A"),
            ("</Reference>", "<x/></Reference>"),
        ] {
            assert!(read(&fine.replace(from, to), false).is_err(), "{from} -> {to}");
        }
    }
}
