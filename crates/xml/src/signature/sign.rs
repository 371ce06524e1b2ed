//! Signing, for the clients of the DMP and for tests: the server signs no message.
//!
//! Sources: XML Signature 1.1; SAML 2.0 core 5.4 (the signature follows `Issuer`).

use super::algorithm::{ECDSA_SHA256, ECDSA_SHA384, ENVELOPED, EXCLUSIVE, RSA_SHA256, SHA256};
use super::{Canonicalization, DSIG, canonical};
use crate::tree::{Element, Tree};
use crate::{Limits, XmlError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bergshamra::c14n::C14nMode;
use bergshamra::keys::loader;
use bergshamra::xml::nodeset::NodeSet;
use bergshamra::{DsigContext, Key, KeysManager};

const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The message cannot be read.
    #[error("the message cannot be read")]
    Xml(#[from] XmlError),
    /// Not a private key in PKCS#8 PEM, RSA or on P-256 or P-384.
    #[error("a key that does not sign here")]
    Key,
    /// No single element of that identifier with an `Issuer`, or it is signed.
    #[error("no assertion of that identifier to sign")]
    Nothing,
    /// The library refused.
    #[error("the signature could not be made")]
    Failed,
}

/// A private key that signs.
pub struct SigningKey {
    key: Key,
    method: &'static str,
}

impl SigningKey {
    /// Reads PKCS#8 PEM: RSA signs with SHA-256, P-256 with SHA-256, P-384 with SHA-384.
    ///
    /// # Errors
    /// [`SignError::Key`].
    pub fn from_pem(pem: &str) -> Result<Self, SignError> {
        let key = loader::load_pem_auto(pem.as_bytes(), None).map_err(|_| SignError::Key)?;
        let method = match key.algorithm_name() {
            _ if !key.has_private_key() => return Err(SignError::Key),
            "RSA" => RSA_SHA256,
            "EC-P256" => ECDSA_SHA256,
            "EC-P384" => ECDSA_SHA384,
            _ => return Err(SignError::Key),
        };
        Ok(SigningKey { key, method })
    }

    /// Identifier of the algorithm it signs with.
    pub fn method(&self) -> &'static str {
        self.method
    }

    fn sign(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let key = self.key.to_signing_key().ok()??;
        bergshamra::crypto::sign::from_uri(self.method).ok()?.sign(&key, bytes).ok()
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// Signs the assertion of identifier `id` in `xml` (alone, or in its message), after its `Issuer`.
///
/// # Errors
/// Every [`SignError`].
pub fn sign_enveloped(
    xml: &str,
    id: &str,
    key: &SigningKey,
    certificate: &[u8],
) -> Result<String, SignError> {
    let (digest, at) = {
        let tree = Tree::parse(xml.as_bytes(), &Limits::default())?;
        let assertion = assertion(&tree, id)?;
        if assertion.child(DSIG, "Signature").is_some() {
            return Err(SignError::Nothing);
        }
        let issuer = assertion.only(SAML, "Issuer").map_err(|_| SignError::Nothing)?;
        let at = tree.document.node_range(issuer.id).ok_or(SignError::Failed)?.end;
        let digest = bergshamra::crypto::digest::digest(SHA256, &exclusive(assertion)?);
        (STANDARD.encode(digest.map_err(|_| SignError::Failed)?), at + byte_order_mark(xml))
    };
    let method = key.method;
    let certificate = STANDARD.encode(certificate);
    let before_value = format!(
        "<ds:Signature xmlns:ds=\"{DSIG}\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"/>\
         <ds:SignatureMethod Algorithm=\"{method}\"/><ds:Reference URI=\"#{id}\"><ds:Transforms>\
         <ds:Transform Algorithm=\"{ENVELOPED}\"/><ds:Transform Algorithm=\"{EXCLUSIVE}\"/></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"{SHA256}\"/><ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>\
         </ds:SignedInfo><ds:SignatureValue>"
    );
    let after_value = format!(
        "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate>\
         </ds:X509Data></ds:KeyInfo></ds:Signature>"
    );
    let mut signed = format!("{}{before_value}{after_value}{}", &xml[..at], &xml[at..]);
    let value = {
        let tree = Tree::parse(signed.as_bytes(), &Limits::default())?;
        let signature = assertion(&tree, id)?.child(DSIG, "Signature").ok_or(SignError::Failed)?;
        let signed_info = signature.child(DSIG, "SignedInfo").ok_or(SignError::Failed)?;
        STANDARD.encode(key.sign(&exclusive(signed_info)?).ok_or(SignError::Failed)?)
    };
    signed.insert_str(at + before_value.len(), &value);
    Ok(signed)
}

/// Fills the empty digests and signature value of the only `ds:Signature` of `template`, whose method must be the key's
/// ([`SigningKey::method`]).
///
/// # Errors
/// Every [`SignError`] but [`SignError::Nothing`].
pub fn sign_template(template: &str, key: &SigningKey) -> Result<String, SignError> {
    Tree::parse(template.as_bytes(), &Limits::default())?;
    let mut keys = KeysManager::new();
    keys.add_key(key.key.clone());
    bergshamra::sign(&DsigContext::new(keys), template).map_err(|_| SignError::Failed)
}

fn assertion<'t>(tree: &'t Tree<'t>, id: &str) -> Result<Element<'t>, SignError> {
    let root = tree.root();
    let named = |element: &Element<'t>| element.is(SAML, "Assertion") && element.attribute("ID") == Some(id);
    let mut found = std::iter::once(root).chain(root.descendants()).filter(named);
    match (found.next(), found.next()) {
        (Some(assertion), None) => Ok(assertion),
        _ => Err(SignError::Nothing),
    }
}

fn exclusive(element: Element<'_>) -> Result<Vec<u8>, SignError> {
    let method = Canonicalization { mode: C14nMode::Exclusive, prefixes: Vec::new() };
    let nodes = NodeSet::tree_without_comments(element.id, &element.tree.document);
    canonical(&method, element, &nodes).map_err(|_| SignError::Failed)
}

/// The tree counts from after it.
fn byte_order_mark(xml: &str) -> usize {
    if xml.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}
