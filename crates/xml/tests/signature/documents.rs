//! Documents that are a signature, and the published samples.

use super::*;
use dmp_xml::signature::{CertificateError, DSIG, sign_template, verify_document};
use std::path::{Path, PathBuf};

/// The XAdES shape of a lot, reduced: two references without transform, canonical form with comments.
fn lot(method: &str, certificate: &[u8]) -> String {
    use base64::Engine;
    let certificate = base64::engine::general_purpose::STANDARD.encode(certificate);
    let reference = |id: &str| {
        format!(
            "<Reference URI=\"#{id}\"><DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><DigestValue></DigestValue></Reference>"
        )
    };
    format!(
        "<Signature xmlns=\"{DSIG}\" Id=\"s\"><SignedInfo><CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments\"/>\
         <SignatureMethod Algorithm=\"{method}\"/>{}{}</SignedInfo><SignatureValue></SignatureValue>\
         <KeyInfo><X509Data><X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo>\
         <Object><Manifest Id=\"IHEManifest\"><Reference URI=\"urn:oid:1.2\"><DigestMethod Algorithm=\"{DSIG}sha1\"/><DigestValue>AA==</DigestValue></Reference></Manifest></Object>\
         <Object><Q xmlns=\"http://uri.etsi.org/01903/v1.1.1#\"><P Id=\"S0-SignedProperties\">x</P></Q></Object><Object><other/></Object></Signature>",
        reference("IHEManifest"),
        reference("S0-SignedProperties")
    )
}

#[test]
fn a_document_that_is_a_signature_covers_its_objects() {
    let ca = authority("demo");
    let anchors = anchors(&ca);
    let ours = holder(&ca, KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap(), |_| ());
    let template = lot(ours.key.method(), &ours.der);
    let signed = sign_template(&template, &ours.key).unwrap();
    let verify = |text: &str| {
        let tree = Tree::parse(text.as_bytes(), &Limits::default()).expect("well-formed");
        let policy = SignaturePolicy { anchors: &anchors, at_seconds: NOW, legacy: false };
        verify_document(&tree, &policy)
            .map(|o| o.covered.iter().map(|e| e.name().to_owned()).collect::<Vec<_>>().join(" "))
            .map_err(|refusal| kind(&refusal))
    };
    assert_eq!(verify(&signed), Ok("Manifest P".to_owned()));
    for (from, to, expected) in [
        ("AA==", "AAA=", "Mismatch"),
        (">x<", ">y<", "Mismatch"),
        ("<other/>", "<Manifest Id=\"IHEManifest\"/>", "Shape"),
        ("<other/>", "<Signature/>", "Shape"),
        ("Id=\"s\"", "Id=\"IHEManifest\"", "Shape"),
        ("#S0-SignedProperties", "#s", "Shape"),
        ("#S0-SignedProperties", "#IHEManifest", "Reference"),
        ("URI=\"#S0-SignedProperties\"", "URI=\"\"", "Reference"),
        ("<other/>", "<!-- -->", "Shape"),
        ("<other/>", "<rest/>", "ok"),
    ] {
        let changed = signed.replacen(from, to, 1);
        assert_ne!(changed, signed, "{from}");
        assert_eq!(verify(&changed).map_or_else(|e| e, |_| "ok".to_owned()), expected, "{from} -> {to}");
    }
    let twice = signed.replacen(
        "</SignedInfo>",
        &format!("<Reference{}</Reference></SignedInfo>", between(&signed, "<Reference", "</Reference>")),
        1,
    );
    assert_eq!(verify(&twice), Err("Reference".to_owned()));
}

fn shared() -> Option<PathBuf> {
    let found = std::env::var_os("DMP_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    if found.join("data").is_dir() {
        return Some(found);
    }
    println!("skipped: the published samples are not here (DMP_SHARED)");
    None
}

/// The certificate that a published sample carries, pinned: its authority's own is not published with it.
fn pinned(text: &str) -> Anchors {
    use base64::Engine;
    let start = text.find("X509Certificate>").unwrap() + 16;
    let certificate: String = text[start..].split('<').next().unwrap().split_whitespace().collect();
    let mut anchors = Anchors::new();
    anchors.pin(&base64::engine::general_purpose::STANDARD.decode(certificate).unwrap()).unwrap();
    anchors
}

#[test]
fn published_samples_are_read_and_told_valid_or_not() {
    let Some(shared) = shared() else { return };
    let text = std::fs::read_to_string(shared.join("data/dmp-kit/vihf/VIHF_INDIRECTE_signe.xml")).unwrap();
    let anchors = pinned(&text);
    // 2019-06-26
    let then = 1_561_500_000;
    let nobody = verify_with(&text, &Anchors::new(), then, true);
    assert_eq!(
        nobody,
        Err(SignatureError::Certificate(CertificateError::UnknownAuthority)),
        "a real certificate is read"
    );
    // It was edited after it was signed: its digest is another one for every implementation.
    assert_eq!(verify_with(&text, &anchors, then, true), Err(SignatureError::Mismatch));
    assert_eq!(verify_with(&text, &anchors, then, false).map_err(|e| kind(&e)), Err("Algorithm".to_owned()));
    assert_eq!(verify_with(&text, &anchors, NOW, true).map_err(|e| kind(&e)), Err("Expired".to_owned()));

    let text =
        std::fs::read_to_string(shared.join("data/dmp-kit/messages/TD2.1-SignatureXades.xml")).unwrap();
    let anchors = pinned(&text);
    let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
    let policy = SignaturePolicy { anchors: &anchors, at_seconds: then, legacy: true };
    let found = verify_document(&tree, &policy).unwrap();
    let names: Vec<_> = found.covered.iter().map(|element| element.name()).collect();
    assert_eq!(names, ["Manifest", "SignedProperties"]);
    let modern = SignaturePolicy { legacy: false, ..policy };
    assert_eq!(
        verify_document(&tree, &modern).map(|_| ()).map_err(|e| kind(&e)),
        Err("Algorithm".to_owned())
    );
    assert!(found.certificate.subject().common_names().eq(["899900063480"]), "one RDN of three attributes");
    assert_eq!(
        found.certificate.extension("1.2.250.1.71.1.2.7"),
        Some("10"),
        "profession of the card's holder"
    );
}
