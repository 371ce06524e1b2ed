//! The signature of a lot: a XAdES document that bears, in a manifest, the digest of every document of the lot.
//!
//! The lot's own reference bears `AA==` instead of a digest, as in the published messages: the lot is named, not covered.
//! A document's digest is that of its canonical form with comments.
//!
//! Sources: published message TD2.1 (`SignatureXades`); IHE ITI *Document Digital Signature*; XAdES 1.1.1.

use crate::ebrim::{self, Classification, Entry, Package, Slot, scheme};
use crate::error::LpsError;
use crate::mtom::to_base64;
use crate::publish::{Document, identifiers};
use crate::session::Session;
use crate::update::{coded, fresh_oid, visibility_codes};
use aws_lc_rs::digest::{SHA256 as SHA256_DIGEST, digest};
use bergshamra::c14n::{C14nMode, canonicalize};
use bytes::Bytes;
use dmp_dossier::{Code, Dtm, Visibility};
use dmp_nomenclature::confidentiality;
use dmp_xml::Writer;
use dmp_xml::signature::{DSIG, sign_template};
use uuid::Uuid;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

/// Name of the signature within a message.
const SIGNATURE: &str = "Signature01";
/// *Source* (ASTM E1762): why the lot is signed.
const PURPOSE: &str = "1.2.840.10065.1.12.1.14";

const XADES: &str = "http://uri.etsi.org/01903/v1.1.1#";
const C14N_WITH_COMMENTS: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// The signature of a lot, as a document of it.
pub(crate) struct Signed {
    pub(crate) entry: Entry,
    pub(crate) bytes: Bytes,
}

/// Signs a lot.
pub(crate) fn sign(session: &Session<'_>, lot: &Package, documents: &[Document]) -> Result<Signed, LpsError> {
    let bytes = Bytes::from(signature(session, lot, documents)?);
    let patient = session.patient()?.to_cx();
    Ok(Signed { entry: entry(session, documents, &patient), bytes })
}

/// The signature document: references, then what they name.
fn signature(session: &Session<'_>, lot: &Package, documents: &[Document]) -> Result<String, LpsError> {
    let signer = &session.identity.signature;
    let id = format!("_{}", Uuid::new_v4());
    let mut w = Writer::new();
    w.open("Signature").attribute("xmlns", DSIG).attribute("Id", &id).open("SignedInfo");
    method(&mut w, "CanonicalizationMethod", C14N_WITH_COMMENTS);
    method(&mut w, "SignatureMethod", signer.key.method());
    for (kind, target) in [
        ("http://www.w3.org/2000/09/xmldsig#Manifest", "#IHEManifest"),
        ("http://uri.etsi.org/01903/v1.1.1#SignedProperties", "#S0-SignedProperties"),
    ] {
        w.open("Reference").attribute("Type", kind).attribute("URI", target);
        method(&mut w, "DigestMethod", SHA256);
        w.open("DigestValue").close().close();
    }
    w.close().open("SignatureValue").close();
    w.open("KeyInfo").open("X509Data").open("X509Certificate").text(&to_base64(&signer.certificate));
    w.close().close().close();
    manifest(&mut w, lot, documents)?;
    w.open("Object")
        .open("SignatureProperties")
        .open("SignatureProperty")
        .attribute("Id", "purposeOfSignature");
    w.attribute("Target", &format!("#{id}")).text(PURPOSE).close().close().close();
    qualifying_properties(&mut w, session, &id)?;
    sign_template(&w.finish(), &signer.key).map_err(|error| LpsError::Signature(error.to_string()))
}

fn method(w: &mut Writer, name: &'static str, algorithm: &str) {
    w.open(name).attribute("Algorithm", algorithm).close();
}

fn manifest(w: &mut Writer, lot: &Package, documents: &[Document]) -> Result<(), LpsError> {
    let lot_id = lot.identifiers.iter().find(|id| id.scheme == scheme::SET_UNIQUE_ID);
    let lot_id = lot_id.map(|id| id.value.as_str()).unwrap_or_default();
    w.open("Object").open("Manifest").attribute("Id", "IHEManifest");
    w.open("Reference").attribute("URI", &format!("urn:oid:{lot_id}"));
    method(w, "DigestMethod", SHA256);
    w.open("DigestValue").text("AA==").close().close();
    for document in documents {
        w.open("Reference").attribute("URI", &document.draft.metadata.unique_id.to_urn());
        w.open("Transforms");
        method(w, "Transform", C14N_WITH_COMMENTS);
        w.close();
        method(w, "DigestMethod", SHA256);
        let canonical = canonical(&document.bytes)?;
        w.open("DigestValue").text(&to_base64(digest(&SHA256_DIGEST, &canonical).as_ref())).close().close();
    }
    w.close().close();
    Ok(())
}

/// The canonical form of a document, its comments kept.
fn canonical(bytes: &[u8]) -> Result<Vec<u8>, LpsError> {
    let refused = || LpsError::Signature("a document has no canonical form".to_owned());
    let text = std::str::from_utf8(bytes).map_err(|_| refused())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    canonicalize(text, C14nMode::InclusiveWithComments, None, &[] as &[&str]).map_err(|_| refused())
}

/// When, and by which certificate.
fn qualifying_properties(w: &mut Writer, session: &Session<'_>, id: &str) -> Result<(), LpsError> {
    let der = &session.identity.signature.certificate;
    let unreadable = |_| LpsError::Signature("the certificate cannot be read".to_owned());
    let certificate = Certificate::from_der(der).map_err(unreadable)?.tbs_certificate;
    w.open("Object").open("QualifyingProperties").attribute("xmlns", XADES);
    w.attribute("Target", &format!("#{id}"));
    w.open("SignedProperties").attribute("Id", "S0-SignedProperties").open("SignedSignatureProperties");
    w.open("SigningTime").text(&session.now.to_instant()).close();
    w.open("SigningCertificate").open("Cert").open("CertDigest");
    method(w, "DigestMethod", SHA256);
    w.open("DigestValue").text(&to_base64(digest(&SHA256_DIGEST, der).as_ref())).close().close();
    w.open("IssuerSerial");
    w.open("X509IssuerName").attribute("xmlns", DSIG).text(&certificate.issuer.to_string()).close();
    w.open("X509SerialNumber").attribute("xmlns", DSIG);
    w.text(&decimal(certificate.serial_number.as_bytes())).close().close().close().close();
    w.open("SignaturePolicyIdentifier").open("SignaturePolicyImplied").close().close().close();
    w.open("SignedDataObjectProperties").close().close().close().close();
    Ok(())
}

/// A positive number of big-endian bytes, in decimal: serial numbers have up to twenty bytes.
fn decimal(bytes: &[u8]) -> String {
    let mut digits = vec![0u8];
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            let value = u32::from(*digit) * 256 + carry;
            *digit = (value % 10) as u8;
            carry = value / 10;
        }
        while carry > 0 {
            digits.push((carry % 10) as u8);
            carry /= 10;
        }
    }
    digits.iter().rev().map(|digit| char::from(b'0' + digit)).collect()
}

/// What is said of the signature: hidden from everybody, as nobody lists it.
fn entry(session: &Session<'_>, documents: &[Document], patient: &str) -> Entry {
    let now = Dtm::from_time(session.now).to_hl7();
    let author = ebrim::person(session.identity);
    let code = |scheme, code: &str, system: &str, label: &str| {
        Classification::coded(scheme, &Code::new(code, system, label))
    };
    let hidden = Visibility { masked: true, hidden_from_patient: true, hidden_from_representatives: false };
    let mut classifications = vec![
        ebrim::author(scheme::AUTHOR, &author),
        code(scheme::CLASS, "urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1", "URN", "Digital Signature"),
        code(scheme::TYPE, "E1762", "ASTM", "Full Document"),
        Classification::coded(scheme::CONFIDENTIALITY, &coded(&confidentiality::NORMAL)),
    ];
    classifications.extend(visibility_codes(hidden));
    classifications.push(code(scheme::FORMAT, DSIG, "URN", "Default Signature Style"));
    if let Some(first) = documents.first() {
        let metadata = &first.draft.metadata;
        classifications.push(Classification::coded(scheme::FACILITY, &metadata.facility_type));
        classifications.push(Classification::coded(scheme::PRACTICE_SETTING, &metadata.practice_setting));
    }
    classifications.push(code(scheme::EVENT, PURPOSE, "1.2.840.10065.1.12", "Source"));
    Entry {
        id: SIGNATURE.to_owned(),
        lid: None,
        status: None,
        mime_type: "text/xml".to_owned(),
        slots: vec![
            Slot::new("creationTime", [now.as_str()]),
            Slot::new("languageCode", ["art"]),
            Slot::new("legalAuthenticator", [author.person.to_xcn()]),
            Slot::new("serviceStartTime", [now.as_str()]),
            Slot::new("serviceStopTime", [now.as_str()]),
            Slot::new("sourcePatientId", [patient]),
        ],
        title: Some("Source".to_owned()),
        comments: None,
        version: None,
        classifications,
        identifiers: identifiers(patient, &fresh_oid()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_number_is_written_in_decimal() {
        for (bytes, text) in [
            (&[0u8][..], "0"),
            (&[1, 0], "256"),
            (&[0x78, 0x1c], "30748"),
            (&[255; 16], "340282366920938463463374607431768211455"),
            (&[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "340282366920938463463374607431768211456"),
        ] {
            assert_eq!(decimal(bytes), text);
        }
    }
}
