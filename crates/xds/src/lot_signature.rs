//! The signature of a lot: a detached XAdES that comes with it as one more document (typeCode E1762), kept and listed by
//! nobody.
//!
//! Its manifest names the lot (`urn:oid:` + SubmissionSet.uniqueId, digest `AA==` since there is nothing to digest) and each
//! document, with the digest of its bytes or of its canonical form. The signer is of an authority that is trusted, is the
//! person or the structure of the VIHF, and is the one that `SigningCertificate` names. SHA-1 is taken of legacy software
//! only. What is wrong is named, all of it; where the signature itself does not hold, its manifest is read all the same, to
//! name what contradicts the lot, and nothing is taken.
//!
//! Sources: ITI TF-3 5.8.2 (DSG) and CI-SIS *Partage de documents de santé*, signature of lots; ETSI TS 101 903 1.1.1 to
//! 1.4.1; sample message TD2.1.

use crate::call::Call;
use crate::ebrim::read::cut;
use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dmp_dossier::DocumentUid;
use dmp_xml::signature::{Certificate, DSIG, ManifestReference, SignaturePolicy, manifest, verify_document};
use dmp_xml::{Element, Limits, Tree};

/// Namespaces of XAdES start so; its version follows.
const XADES: &str = "http://uri.etsi.org/01903/v1.";

/// What the signature of a lot says.
#[derive(Debug, Default)]
pub(crate) struct LotSignature {
    /// The documents that it names, where they could be read.
    pub manifest: Manifest,
    /// What is wrong with it; it holds when nothing is.
    pub wrong: Vec<String>,
}

/// References of the manifest of a lot.
#[derive(Debug, Clone, Default)]
pub(crate) struct Manifest(Vec<ManifestReference>);

/// Reads and verifies the signature of the lot `set`.
pub(crate) fn read(call: &Call<'_>, bytes: &[u8], set: &DocumentUid) -> LotSignature {
    let xds = call.xds;
    let now = xds.store.now();
    let anchors = xds.trust.anchors();
    let legacy = xds.settings.legacy || xds.trust.legacy(&call.vihf.software, now);
    let at_seconds = u64::try_from(now.millis() / 1000).unwrap_or(0);
    let policy = SignaturePolicy { anchors: &anchors, at_seconds, legacy };
    verified(bytes, set, &policy, |certificate| xds.trust.is_of(certificate, call.vihf))
}

fn verified(
    bytes: &[u8],
    set: &DocumentUid,
    policy: &SignaturePolicy<'_>,
    is_sender: impl Fn(&Certificate) -> bool,
) -> LotSignature {
    let mut signature = LotSignature::default();
    let tree = match Tree::parse(bytes, &Limits::default()) {
        Ok(tree) => tree,
        Err(error) => {
            signature.wrong.push(error.to_string());
            return signature;
        }
    };
    let found = match verify_document(&tree, policy) {
        Ok(signed) => {
            if !is_sender(&signed.certificate) {
                signature
                    .wrong
                    .push("the signer is neither the person nor the structure of the VIHF".to_owned());
            }
            signature.wrong.extend(check_properties(&signed.covered, &signed.certificate).err());
            only(signed.covered.into_iter())
        }
        Err(error) => {
            signature.wrong.push(error.to_string());
            only(tree.root().descendants())
        }
    };
    let Some(found) = found else {
        signature.wrong.push("one signed ds:Manifest is expected".to_owned());
        return signature;
    };
    match manifest(found, policy.legacy) {
        Ok(references) => signature.manifest = Manifest(references),
        Err(error) => signature.wrong.push(error.to_string()),
    }
    signature.wrong.extend(signature.manifest.check_lot(set).err());
    signature
}

/// The only manifest among elements.
fn only<'t>(elements: impl Iterator<Item = Element<'t>>) -> Option<Element<'t>> {
    let mut found = elements.filter(|element| element.is(DSIG, "Manifest"));
    found.next().filter(|_| found.next().is_none())
}

/// The signed properties name the certificate of the signer by its digest, first of the list.
fn check_properties(covered: &[Element<'_>], signer: &Certificate) -> Result<(), String> {
    let xades = |element: &Element<'_>, name: &str| {
        element.name() == name && element.namespace().is_some_and(|namespace| namespace.starts_with(XADES))
    };
    let properties = covered.iter().find(|element| xades(element, "SignedProperties"));
    let properties = properties.ok_or("xades:SignedProperties must be signed")?;
    let mut inside = properties.descendants().filter(|e| e.name().starts_with("SigningCertificate"));
    let certificates = inside.next().ok_or("xades:SigningCertificate is missing")?;
    let own =
        certificates.descendants().find(|e| xades(e, "CertDigest")).ok_or("xades:CertDigest is missing")?;
    let part = |name: &str| own.children().find(|child| child.name() == name);
    let algorithm =
        match part("DigestMethod").and_then(|method| method.attribute("Algorithm")).unwrap_or_default() {
            // It chooses between certificates, of which the chain was checked: SHA-1 takes nothing from that.
            "http://www.w3.org/2000/09/xmldsig#sha1" => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            "http://www.w3.org/2001/04/xmlenc#sha256" => &digest::SHA256,
            "http://www.w3.org/2001/04/xmldsig-more#sha384" => &digest::SHA384,
            "http://www.w3.org/2001/04/xmlenc#sha512" => &digest::SHA512,
            other => return Err(format!("digest algorithm `{}` is not taken", cut(other))),
        };
    let value: String =
        part("DigestValue").map(|v| v.text().split_ascii_whitespace().collect()).unwrap_or_default();
    let named = STANDARD.decode(value).ok();
    if named.as_deref() == Some(digest::digest(algorithm, signer.der()).as_ref()) {
        Ok(())
    } else {
        Err("xades:SigningCertificate is not the certificate of the signer".to_owned())
    }
}

impl Manifest {
    /// The lot is named, and by nothing that would have to be digested.
    fn check_lot(&self, set: &DocumentUid) -> Result<(), String> {
        let urn = set.to_urn();
        match self.0.iter().find(|reference| reference.uri() == urn) {
            None => Err(format!("the manifest does not name the lot `{urn}`")),
            Some(reference) if reference.is_placeholder() => Ok(()),
            Some(_) => Err(format!("the digest of the lot `{urn}` is not `AA==`")),
        }
    }

    /// What is named of a document; the first of its identifiers that is.
    pub(crate) fn of<'m>(&'m self, ids: &[&DocumentUid]) -> Option<&'m ManifestReference> {
        ids.iter().find_map(|id| {
            let urn = id.to_urn();
            self.0.iter().find(|reference| reference.uri() == urn)
        })
    }

    /// What is named and is neither the lot nor one of its documents.
    pub(crate) fn others<'m>(&'m self, ids: &[&DocumentUid]) -> impl Iterator<Item = &'m str> {
        let known: Vec<_> = ids.iter().map(|id| id.to_urn()).collect();
        self.0.iter().map(ManifestReference::uri).filter(move |uri| !known.iter().any(|urn| urn == uri))
    }
}

#[cfg(test)]
pub(crate) mod tests;
