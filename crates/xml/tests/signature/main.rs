//! Signatures: what is taken, what is refused and why, and that other implementations agree.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a test that is skipped says so

mod agreement;
mod documents;
mod refusals;
mod signers;

use dmp_xml::signature::{Anchors, SignatureError, SignaturePolicy, SigningKey, verify_enveloped};
use dmp_xml::{Limits, Tree};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};

const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// 2026-11-21T12:00:00Z
const NOW: u64 = 1_795_262_400;

struct Holder {
    key: SigningKey,
    key_pem: String,
    der: Vec<u8>,
    pem: String,
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn holder(by: &Authority, key: KeyPair, change: impl Fn(&mut CertificateParams)) -> Holder {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "899900000017");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    change(&mut params);
    let certificate = params.signed_by(&key, by).unwrap();
    let key_pem = key.serialize_pem();
    let signing = SigningKey::from_pem(&key_pem).unwrap();
    Holder { key: signing, key_pem, der: certificate.der().to_vec(), pem: certificate.pem() }
}

fn anchors(by: &Authority) -> Anchors {
    let mut anchors = Anchors::new();
    assert_eq!(anchors.trust(by.pem().as_bytes()), Ok(1));
    anchors
}

fn assertion(id: &str, who: &str) -> String {
    format!(
        "<s:Assertion xmlns:s=\"{SAML}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ID=\"{id}\" \
         Version=\"2.0\"><s:Issuer>CN=é</s:Issuer><s:Subject><s:NameID>{who}</s:NameID></s:Subject>\
         <s:A x='1' a=\"&lt;&#10;\"> &amp; <Role xmlns=\"urn:hl7-org:v3\" code=\"10\"/></s:A></s:Assertion>"
    )
}

fn message(assertion: &str) -> String {
    format!(
        "<soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\"><soap:Header>{assertion}</soap:Header>\
         <soap:Body><x id=\"Document01\"/><y id=\"Document01\"/></soap:Body></soap:Envelope>"
    )
}

fn verify_with(
    text: &str,
    anchors: &Anchors,
    at_seconds: u64,
    legacy: bool,
) -> Result<String, SignatureError> {
    let tree = Tree::parse(text.as_bytes(), &Limits::default()).expect("well-formed");
    let root = tree.root();
    let mut all = std::iter::once(root).chain(root.descendants());
    let element = all.find(|e| e.is(SAML, "Assertion")).expect("an assertion");
    let policy = SignaturePolicy { anchors, at_seconds, legacy };
    let signed = verify_enveloped(element, &policy)?;
    assert_eq!(signed.element, element);
    Ok(signed.element.descendants().find(|e| e.name() == "NameID").expect("a NameID").text().into_owned())
}

fn verify(text: &str, anchors: &Anchors) -> Result<String, SignatureError> {
    verify_with(text, anchors, NOW, false)
}

/// The variant of a refusal.
fn kind(refusal: &SignatureError) -> String {
    match refusal {
        SignatureError::Certificate(why) => format!("{why:?}"),
        other => format!("{other:?}").split(['(', ' ', '{']).next().unwrap_or_default().to_owned(),
    }
}

fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let start = text.find(from).unwrap() + from.len();
    &text[start..start + text[start..].find(to).unwrap()]
}
