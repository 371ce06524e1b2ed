//! Signatures of messages: "see what is signed".
//!
//! Two shapes are taken: a signature enveloped in the element it covers (the VIHF), and a document that is a signature
//! (the XAdES signature of a lot). Nothing is looked up by identifier to be verified: the very element that is read is put
//! in canonical form, digested and compared, on the very tree it is read from. So a signature that is valid for another
//! element says nothing about this one (signature wrapping).
//!
//! In this order: shape, algorithms, certificate of the signer ([`Anchors`]), then only cryptography.
//! Canonical form, digest and signature value are the library's.
//!
//! Sources: XML Signature 1.1; Exclusive XML Canonicalization 1.0; security.md 3.8.

mod algorithm;
mod anchors;
mod certificate;
mod manifest;
mod name;
mod shape;
mod sign;

pub use anchors::{Anchors, CertificateError};
pub use certificate::Certificate;
pub use manifest::{ManifestReference, manifest};
pub use name::{DistinguishedName, NameError};
pub use sign::{SignError, SigningKey, sign_enveloped, sign_template};

use crate::tree::{Element, Tree};
use algorithm::Canonicalization;
use bergshamra::c14n::canonicalize_doc;
use bergshamra::xml::nodeset::NodeSet;
use shape::{Parts, Reference};

/// Namespace of XML Signature.
pub const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";

/// What is asked of a signature.
#[derive(Debug, Clone, Copy)]
pub struct SignaturePolicy<'p> {
    /// Authorities whose certificates are taken.
    pub anchors: &'p Anchors,
    /// When the certificate must be valid, in seconds since 1970.
    pub at_seconds: u64,
    /// RSA-SHA1 and SHA-1 are taken too: messages of before 2021.
    pub legacy: bool,
}

/// Why a signature is not taken. No variant carries the content of the message but algorithm names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no signature where one is expected.
    #[error("not signed")]
    NotSigned,
    /// Not the shape that is taken: too many signatures, comments, unknown children, identifiers used twice…
    #[error("{0}")]
    Shape(&'static str),
    /// The reference is not to the element, or there are several.
    #[error("{0}")]
    Reference(&'static str),
    /// An algorithm that is not taken.
    #[error("{what} `{uri}` is not taken")]
    Algorithm {
        /// What it was to do.
        what: &'static str,
        /// Its identifier, cut at 120 characters.
        uri: String,
    },
    /// `KeyInfo` holds no certificate.
    #[error("no certificate of the signer")]
    NoCertificate,
    /// The certificate of the signer is not taken.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The certificate of the signer was given for authentication.
    #[error("the certificate of the signer is not one for signatures")]
    NotASignatureCertificate,
    /// Digest or signature value does not match.
    #[error("the signature does not match what it covers")]
    Mismatch,
}

/// An element that is signed.
#[derive(Debug)]
pub struct Signed<'t> {
    /// What was verified, and is to be read.
    pub element: Element<'t>,
    /// Certificate of the signer, from a trusted authority.
    pub certificate: Certificate,
    /// Identifier of the signature algorithm.
    pub algorithm: &'static str,
}

/// A document that is a signature.
#[derive(Debug)]
pub struct SignedObject<'t> {
    /// What its references cover, in their order.
    pub covered: Vec<Element<'t>>,
    /// Certificate of the signer, from a trusted authority.
    pub certificate: Certificate,
    /// Identifier of the signature algorithm.
    pub algorithm: &'static str,
}

/// Verifies the signature that `element` envelops: the only one of the whole message, child of `element`, with one
/// reference to its `ID`, through the transforms *enveloped* then exclusive canonicalization.
///
/// # Errors
/// Every [`SignatureError`].
pub fn verify_enveloped<'t>(
    element: Element<'t>,
    policy: &SignaturePolicy<'_>,
) -> Result<Signed<'t>, SignatureError> {
    let tree = element.tree;
    let signature = match element.only(DSIG, "Signature") {
        Ok(signature) => signature,
        Err(0) => return Err(SignatureError::NotSigned),
        Err(_) => return Err(SignatureError::Shape("two signatures")),
    };
    if tree.root().descendants().filter(|found| found.is(DSIG, "Signature")).count() > 1 {
        return Err(SignatureError::Shape("another signature in the message"));
    }
    shape::check_content(element)?;
    let id = shape::identifier(element)?;
    let parts = Parts::read(signature, policy.legacy)?;
    if parts.has_objects {
        return Err(SignatureError::Shape("ds:Object in the signature"));
    }
    let [reference] = parts.references.as_slice() else {
        return Err(SignatureError::Reference("one reference is expected"));
    };
    if reference.target() != Some(id) {
        return Err(SignatureError::Reference(
            "the reference is not to the element that holds the signature",
        ));
    }
    if !reference.enveloped
        || !reference.canonicalization.is_exclusive()
        || !parts.canonicalization.is_exclusive()
    {
        return Err(SignatureError::Reference(
            "enveloped signature and exclusive canonicalization are expected",
        ));
    }
    let certificate = signer(&parts, policy)?;
    check_reference(reference, element, signature)?;
    check_value(&parts, &certificate)?;
    Ok(Signed { element, certificate, algorithm: parts.method })
}

/// Verifies a document whose outermost element is a signature, over elements of its own `ds:Object`s, each named by its
/// `Id`.
///
/// # Errors
/// Every [`SignatureError`].
pub fn verify_document<'t>(
    tree: &'t Tree<'t>,
    policy: &SignaturePolicy<'_>,
) -> Result<SignedObject<'t>, SignatureError> {
    let signature = tree.root();
    if !signature.is(DSIG, "Signature") {
        return Err(SignatureError::NotSigned);
    }
    if signature.descendants().any(|found| found.is(DSIG, "Signature")) {
        return Err(SignatureError::Shape("a signature in the signature"));
    }
    shape::check_content(signature)?;
    let parts = Parts::read(signature, policy.legacy)?;
    if parts.references.is_empty() {
        return Err(SignatureError::Reference("no reference"));
    }
    let mut covered = Vec::with_capacity(parts.references.len());
    for reference in &parts.references {
        let target =
            reference.target().ok_or(SignatureError::Reference("a reference out of the document"))?;
        let element = shape::object_named(signature, target)?;
        if reference.enveloped || covered.contains(&element) {
            return Err(SignatureError::Reference("not a reference to an object of the signature"));
        }
        covered.push(element);
    }
    let certificate = signer(&parts, policy)?;
    for (reference, element) in parts.references.iter().zip(&covered) {
        check_reference(reference, *element, signature)?;
    }
    check_value(&parts, &certificate)?;
    Ok(SignedObject { covered, certificate, algorithm: parts.method })
}

/// The certificate of the signer: a hint of the message that is taken from a trusted authority only.
fn signer(parts: &Parts<'_>, policy: &SignaturePolicy<'_>) -> Result<Certificate, SignatureError> {
    let (own, others) = parts.certificates.split_first().ok_or(SignatureError::NoCertificate)?;
    let certificate = Certificate::from_der(own)?;
    policy.anchors.check(&certificate, others, policy.at_seconds)?;
    if certificate.is_for_signature() {
        Ok(certificate)
    } else {
        Err(SignatureError::NotASignatureCertificate)
    }
}

fn check_reference(
    reference: &Reference<'_>,
    element: Element<'_>,
    signature: Element<'_>,
) -> Result<(), SignatureError> {
    let document = &element.tree.document;
    let mut nodes = NodeSet::tree_without_comments(element.id, document);
    if reference.enveloped {
        nodes.remove_id(signature.id);
        for id in document.descendants(signature.id) {
            nodes.remove_id(id);
        }
    }
    let bytes = canonical(&reference.canonicalization, element, &nodes)?;
    let digest = bergshamra::crypto::digest::digest(reference.digest_method, &bytes);
    if digest.is_ok_and(|digest| digest == reference.digest) { Ok(()) } else { Err(SignatureError::Mismatch) }
}

fn check_value(parts: &Parts<'_>, certificate: &Certificate) -> Result<(), SignatureError> {
    let nodes = NodeSet::tree_without_comments(parts.signed_info.id, &parts.signed_info.tree.document);
    let bytes = canonical(&parts.canonicalization, parts.signed_info, &nodes)?;
    match algorithm::verify(parts.method, certificate, &bytes, &parts.value) {
        Some(true) => Ok(()),
        _ => Err(SignatureError::Mismatch),
    }
}

/// The canonical form of `nodes`, which are part of `element`. An empty one is no form of an element: it would be the same
/// for every message ("Fragile Lock").
fn canonical(
    method: &Canonicalization<'_>,
    element: Element<'_>,
    nodes: &NodeSet,
) -> Result<Vec<u8>, SignatureError> {
    let document = &element.tree.document;
    match canonicalize_doc(document, method.mode, Some(nodes), &method.prefixes) {
        Ok(bytes) if bytes.first() == Some(&b'<') => Ok(bytes),
        _ => Err(SignatureError::Shape("no canonical form")),
    }
}
