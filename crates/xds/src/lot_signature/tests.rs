//! Signatures of lots as software writes them: taken, and each way they are not.
#![allow(clippy::unwrap_used)]

use super::*;
use dmp_xml::signature::{Anchors, SigningKey, sign_template};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, DnValue, IsCa, KeyPair, KeyUsagePurpose,
};
use std::sync::OnceLock;

const SET: &str = "1.2.250.1.999.1.1.7898.1.1";
const DOCUMENT: &str = "1.2.250.1.999.7";
const BYTES: &[u8] = b"<a b='1'><!-- kept --><c/></a>";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
const WITH_COMMENTS: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments";
/// 2026-11-21T12:00:00Z
const NOW: u64 = 1_795_262_400;

pub(crate) struct Holder {
    pub(crate) key: SigningKey,
    der: Vec<u8>,
}

pub(crate) struct Pki {
    ca: String,
    anchors: Anchors,
    pub(crate) card: Holder,
    stranger: Holder,
}

fn holder(by: Option<&CertifiedIssuer<'static, KeyPair>>, name: &str) -> Holder {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, DnValue::from(name));
    params.key_usages = vec![KeyUsagePurpose::ContentCommitment];
    let certificate = match by {
        Some(by) => params.signed_by(&key, by).unwrap(),
        None => params.self_signed(&key).unwrap(),
    };
    Holder { key: SigningKey::from_pem(&key.serialize_pem()).unwrap(), der: certificate.der().to_vec() }
}

impl Pki {
    /// The authority alone, for a server.
    pub(crate) fn authority(&self) -> Anchors {
        let mut anchors = Anchors::new();
        anchors.trust(self.ca.as_bytes()).unwrap();
        anchors
    }
}

pub(crate) fn pki() -> &'static Pki {
    static PKI: OnceLock<Pki> = OnceLock::new();
    PKI.get_or_init(|| {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "AC des Essais");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let mut anchors = Anchors::new();
        anchors.trust(ca.pem().as_bytes()).unwrap();
        let (card, stranger) = (holder(Some(&ca), "899900063480"), holder(None, "899900063480"));
        Pki { ca: ca.pem(), anchors, card, stranger }
    })
}

/// A signature of a lot of one document, before it is signed.
fn template(by: &Holder) -> String {
    let canonical = digest::digest(&digest::SHA256, b"<a b=\"1\"><!-- kept --><c></c></a>");
    let transforms = format!("<Transforms><Transform Algorithm='{WITH_COMMENTS}'/></Transforms>");
    template_of(by, SET, DOCUMENT, canonical.as_ref(), &transforms)
}

/// The same, of that document.
pub(crate) fn template_of(by: &Holder, set: &str, document: &str, hash: &[u8], transforms: &str) -> String {
    let digest = |bytes: &[u8]| STANDARD.encode(digest::digest(&digest::SHA256, bytes));
    let certificate = STANDARD.encode(&by.der);
    let own = digest(&by.der);
    let hash = STANDARD.encode(hash);
    let method = by.key.method();
    format!(
        "<Signature xmlns='{DSIG}' Id='lot'><SignedInfo><CanonicalizationMethod Algorithm='{WITH_COMMENTS}'/>\
         <SignatureMethod Algorithm='{method}'/>\
         <Reference Type='{DSIG}Manifest' URI='#IHEManifest'><DigestMethod Algorithm='{SHA256}'/><DigestValue/></Reference>\
         <Reference Type='http://uri.etsi.org/01903/v1.1.1#SignedProperties' URI='#S0-SignedProperties'>\
         <DigestMethod Algorithm='{SHA256}'/><DigestValue/></Reference></SignedInfo><SignatureValue/>\
         <KeyInfo><X509Data><X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo>\
         <Object><Manifest Id='IHEManifest'>\
         <Reference URI='urn:oid:{set}'><DigestMethod Algorithm='{SHA1}'/><DigestValue>AA==</DigestValue></Reference>\
         <Reference URI='urn:oid:{document}'>{transforms}\
         <DigestMethod Algorithm='{SHA256}'/><DigestValue>{hash}</DigestValue></Reference></Manifest></Object>\
         <Object><SignatureProperties xmlns=''><SignatureProperty Id='purposeOfSignature' Target='#lot'>\
         1.2.840.10065.1.12.1.14</SignatureProperty></SignatureProperties></Object>\
         <Object><QualifyingProperties xmlns='http://uri.etsi.org/01903/v1.1.1#' Target='#lot'>\
         <SignedProperties Id='S0-SignedProperties'><SignedSignatureProperties>\
         <SigningTime>2026-11-21T10:00:00Z</SigningTime><SigningCertificate><Cert><CertDigest>\
         <DigestMethod Algorithm='{SHA256}'/><DigestValue>{own}</DigestValue></CertDigest></Cert></SigningCertificate>\
         </SignedSignatureProperties></SignedProperties></QualifyingProperties></Object></Signature>"
    )
}

fn read(signed: &str, is_sender: bool) -> LotSignature {
    let policy = SignaturePolicy { anchors: &pki().anchors, at_seconds: NOW, legacy: false };
    let set = DocumentUid::parse(SET).unwrap();
    verified(signed.as_bytes(), &set, &policy, |_| is_sender)
}

#[test]
fn a_signed_lot_is_taken_with_its_documents() {
    let signed = sign_template(&template(&pki().card), &pki().card.key).unwrap();
    let signature = read(&signed, true);
    assert_eq!(signature.wrong, Vec::<String>::new());
    let (set, id) = (DocumentUid::parse(SET).unwrap(), DocumentUid::parse(DOCUMENT).unwrap());
    let reference = signature.manifest.of(&[&id]).unwrap();
    assert_eq!(reference.check(BYTES, &Limits::default()), Ok(()));
    assert!(reference.check(b"<a b='1'><c/></a>", &Limits::default()).is_err());
    assert_eq!(signature.manifest.others(&[&set, &id]).count(), 0);
    assert_eq!(signature.manifest.others(&[&set]).collect::<Vec<_>>(), [format!("urn:oid:{DOCUMENT}")]);
    assert!(signature.manifest.of(&[&DocumentUid::parse("1.2.3").unwrap()]).is_none());
}

#[test]
fn each_thing_wrong_with_a_signature_is_named() {
    let pki = pki();
    let fine = template(&pki.card);
    let signed = |template: &str| sign_template(template, &pki.card.key).unwrap();
    let edited = |from: &str, to: &str| {
        assert!(fine.contains(from), "{from}");
        fine.replace(from, to)
    };
    let good = signed(&fine);
    let stranger = sign_template(&template(&pki.stranger), &pki.stranger.key).unwrap();
    let other = STANDARD.encode(digest::digest(&digest::SHA256, b"another"));
    let own = STANDARD.encode(digest::digest(&digest::SHA256, &pki.card.der));
    let set = format!("<Reference URI='urn:oid:{SET}'>");
    let properties = "<Reference Type='http://uri.etsi.org/01903/v1.1.1#SignedProperties' URI='#S0-SignedProperties'>\
                      <DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/><DigestValue/></Reference>";
    for (what, signature, is_sender, said) in [
        ("no XML", "PK".to_owned(), true, vec!["not well-formed"]),
        ("no signature", "<a/>".to_owned(), true, vec!["not signed", "one signed ds:Manifest is expected"]),
        ("another sender", good.clone(), false, vec!["neither the person nor the structure of the VIHF"]),
        ("another authority", stranger, true, vec!["authority"]),
        (
            "changed after",
            good.replace(DOCUMENT, "1.2.250.1.999.1.9"),
            true,
            vec!["does not match what it covers"],
        ),
        (
            "another lot",
            signed(&edited(&set, "<Reference URI='urn:oid:1.2.3'>")),
            true,
            vec!["does not name the lot `urn:oid:1.2.250"],
        ),
        ("the lot digested", signed(&edited("AA==", "AAAA")), true, vec!["is not `AA==`"]),
        (
            "another certificate",
            signed(&edited(&own, &other)),
            true,
            vec!["SigningCertificate is not the certificate of the signer"],
        ),
        (
            "unknown digest",
            signed(&edited(
                &format!("<CertDigest><DigestMethod Algorithm='{SHA256}'/>"),
                "<CertDigest><DigestMethod Algorithm='urn:md5'/>",
            )),
            true,
            vec!["`urn:md5` is not taken"],
        ),
        (
            "no certificate named",
            signed(&edited("SigningCertificate>", "Other>")),
            true,
            vec!["xades:SigningCertificate is missing"],
        ),
        (
            "properties not signed",
            signed(&edited(properties, "")),
            true,
            vec!["xades:SignedProperties must be signed"],
        ),
        (
            "no manifest",
            signed(
                &edited("<Manifest Id='IHEManifest'>", "<List Id='IHEManifest'>")
                    .replace("</Manifest>", "</List>"),
            ),
            true,
            vec!["one signed ds:Manifest is expected"],
        ),
    ] {
        let found = read(&signature, is_sender).wrong;
        assert_eq!(found.len(), said.len(), "{what}: {found:?}");
        for (found, said) in found.iter().zip(said) {
            assert!(found.contains(said), "{what}: {found}");
        }
    }
}
