//! The algorithms that are taken, and no other: the list is asked before any cryptography.
//!
//! SHA-256 and longer; RSA (PKCS#1 v1.5, PSS) of 2048 bits or more; ECDSA on P-256 and P-384. SHA-1 only under the policy
//! for messages of before 2021. Never HMAC (whoever verifies could sign), never XPath or XSLT (they choose what is read).
//!
//! Sources: XML Signature 1.1, 6; ANSSI *Guide des mécanismes cryptographiques* 2.04; security.md SAML row 14.

use super::certificate::Certificate;
use super::{SignatureError, shape};
use crate::tree::Element;
use bergshamra::c14n::C14nMode;
use bergshamra::keys::loader;

/// Exclusive canonicalization; also the namespace of its parameter.
pub(super) const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// Transform: the signature itself is left out.
pub(super) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// RSA PKCS#1 v1.5 with SHA-256.
pub(super) const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
/// ECDSA with SHA-256.
pub(super) const ECDSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
/// ECDSA with SHA-384.
pub(super) const ECDSA_SHA384: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384";
/// SHA-256.
pub(super) const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// Prefixes that may be asked to be kept by exclusive canonicalization.
const PREFIXES_MAX: usize = 16;

const SIGNATURES: &[&str] = &[
    RSA_SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
    "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
    "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1",
    "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1",
    ECDSA_SHA256,
    ECDSA_SHA384,
];
const LEGACY_SIGNATURES: &[&str] = &["http://www.w3.org/2000/09/xmldsig#rsa-sha1"];
const DIGESTS: &[&str] =
    &[SHA256, "http://www.w3.org/2001/04/xmldsig-more#sha384", "http://www.w3.org/2001/04/xmlenc#sha512"];
const LEGACY_DIGESTS: &[&str] = &["http://www.w3.org/2000/09/xmldsig#sha1"];

/// How an element becomes bytes.
#[derive(Debug)]
pub(super) struct Canonicalization<'t> {
    pub(super) mode: C14nMode,
    pub(super) prefixes: Vec<&'t str>,
}

impl<'t> Canonicalization<'t> {
    /// What applies to a node-set when no transform says otherwise (XML Signature 4.4.3.2).
    pub(super) fn default_one() -> Self {
        Canonicalization { mode: C14nMode::Inclusive, prefixes: Vec::new() }
    }

    /// Of a `CanonicalizationMethod` or a `Transform`.
    pub(super) fn read(element: Element<'t>, uri: &'t str) -> Result<Self, SignatureError> {
        let mode = match uri {
            EXCLUSIVE => C14nMode::Exclusive,
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315" => C14nMode::Inclusive,
            // No comment is taken in what is signed: with or without them is the same form. Signatures of lots say `with`.
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments" => C14nMode::InclusiveWithComments,
            _ => return Err(refused("canonicalization", uri)),
        };
        let mut prefixes = Vec::new();
        for parameter in element.children() {
            if mode != C14nMode::Exclusive
                || !parameter.is(EXCLUSIVE, "InclusiveNamespaces")
                || !prefixes.is_empty()
            {
                return Err(SignatureError::Shape("unknown parameter of a canonicalization"));
            }
            shape::leaf(parameter, &["PrefixList"])?;
            if parameter.has_own_text() {
                return Err(SignatureError::Shape("text in a parameter"));
            }
            prefixes.extend(parameter.attribute("PrefixList").unwrap_or_default().split_ascii_whitespace());
            if prefixes.len() > PREFIXES_MAX {
                return Err(SignatureError::Shape("too many prefixes kept by a canonicalization"));
            }
        }
        Ok(Canonicalization { mode, prefixes })
    }

    pub(super) fn is_exclusive(&self) -> bool {
        self.mode == C14nMode::Exclusive
    }
}

/// The identifier of a signature algorithm that is taken.
pub(super) fn signature(uri: &str, legacy: bool) -> Result<&'static str, SignatureError> {
    taken("signature algorithm", uri, SIGNATURES, LEGACY_SIGNATURES, legacy)
}

/// The identifier of a digest algorithm that is taken.
pub(super) fn digest(uri: &str, legacy: bool) -> Result<&'static str, SignatureError> {
    taken("digest algorithm", uri, DIGESTS, LEGACY_DIGESTS, legacy)
}

fn taken(
    what: &'static str,
    uri: &str,
    always: &'static [&'static str],
    when_legacy: &'static [&'static str],
    legacy: bool,
) -> Result<&'static str, SignatureError> {
    let old = if legacy { when_legacy } else { &[] };
    always.iter().chain(old).find(|known| **known == uri).copied().ok_or_else(|| refused(what, uri))
}

/// The refusal of an algorithm.
pub(super) fn refused(what: &'static str, uri: &str) -> SignatureError {
    SignatureError::Algorithm { what, uri: uri.chars().filter(|c| !c.is_control()).take(120).collect() }
}

/// Whether `value` is the signature of `bytes` by the key of `certificate`; `None` when the key does not fit the
/// algorithm.
pub(super) fn verify(
    method: &'static str,
    certificate: &Certificate,
    bytes: &[u8],
    value: &[u8],
) -> Option<bool> {
    let key = loader::load_x509_cert_der(certificate.der()).ok()?;
    let ecdsa = matches!(method, ECDSA_SHA256 | ECDSA_SHA384);
    let fits = match key.algorithm_name() {
        "RSA" => !ecdsa,
        // The library also reads DER and shortened values; XML Signature 6.4.3 knows r and s of fixed length only.
        "EC-P256" => ecdsa && value.len() == 64,
        "EC-P384" => ecdsa && value.len() == 96,
        _ => false,
    };
    if !fits {
        return None;
    }
    let key = key.to_signing_key().ok()??;
    bergshamra::crypto::sign::from_uri(method).ok()?.verify(&key, bytes, value).ok()
}
