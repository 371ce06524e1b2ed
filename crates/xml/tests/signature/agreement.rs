//! Other implementations: they sign and we take it, we sign and they take it, and of changed messages we take none that
//! xmlsec1 refuses. Skipped where they are not installed; `DMP_PYTHON` names a Python that has signxml.

use super::*;
use dmp_xml::signature::{DSIG, sign_enveloped};
use std::process::Command;

/// `None` when the tool is not installed.
fn xmlsec1(arguments: &[&str]) -> Option<std::process::Output> {
    Command::new("xmlsec1").args(arguments).output().ok()
}

#[test]
fn xmlsec1_and_we_agree() {
    if xmlsec1(&["--version"]).is_none() {
        println!("skipped: xmlsec1 is not installed");
        return;
    }
    let ca = authority("demo");
    let anchors = anchors(&ca);
    let ours = holder(&ca, KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap(), |_| ());
    let folder = std::env::temp_dir().join(format!("dmp-xmlsec1-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let ca_pem = file("ca.pem", &ca.pem());
    let key = format!("{},{}", file("key.pem", &ours.key_pem), file("cert.pem", &ours.pem));
    let theirs = |text: &str| {
        let path = file("m.xml", text);
        let id = format!("--id-attr:ID {SAML}:Assertion");
        let mut arguments =
            vec!["--verify", "--trusted-pem", &ca_pem, "--verification-time", "2026-11-21 12:00:00"];
        arguments.extend(id.split(' '));
        arguments.push(&path);
        xmlsec1(&arguments).unwrap().status.success()
    };
    // We sign.
    let signed = sign_enveloped(&message(&assertion("_1", "A")), "_1", &ours.key, &ours.der).unwrap();
    assert!(theirs(&signed), "xmlsec1 takes our signature");
    // It signs, with prefixes kept as the sample of 2024 does.
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let template = assertion("_1", "A").replace("</s:Issuer>", &format!(
        "</s:Issuer><ds:Signature xmlns:ds=\"{DSIG}\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{exclusive}\"/>\
         <ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha512\"/><ds:Reference URI=\"#_1\"><ds:Transforms>\
         <ds:Transform Algorithm=\"{DSIG}enveloped-signature\"/><ds:Transform Algorithm=\"{exclusive}\">\
         <ec:InclusiveNamespaces xmlns:ec=\"{exclusive}\" PrefixList=\"ds s #default xsi\"/></ds:Transform></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha512\"/><ds:DigestValue/></ds:Reference></ds:SignedInfo>\
         <ds:SignatureValue/><ds:KeyInfo><ds:X509Data><ds:X509Certificate/></ds:X509Data></ds:KeyInfo></ds:Signature>"));
    let path = file("t.xml", &template);
    let id = format!("{SAML}:Assertion");
    let out = xmlsec1(&["--sign", "--privkey-pem", &key, "--id-attr:ID", &id, &path]).unwrap();
    let by_xmlsec1 = String::from_utf8(out.stdout).unwrap();
    assert_eq!(verify(&by_xmlsec1, &anchors), Ok("A".to_owned()), "we take its signature");
    // We may refuse more, never take more.
    let mut refused_by_both = 0;
    for original in [&signed, &by_xmlsec1] {
        for step in 0..40 {
            let at = original.len() * step / 40 + step % 7;
            let mut bytes = original.clone().into_bytes();
            bytes[at] ^= 1 << (step % 6);
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            if Tree::parse(changed.as_bytes(), &Limits::default()).is_err() || !changed.contains(SAML) {
                continue;
            }
            let tree = Tree::parse(changed.as_bytes(), &Limits::default()).unwrap();
            let root = tree.root();
            if !std::iter::once(root).chain(root.descendants()).any(|e| e.is(SAML, "Assertion")) {
                continue;
            }
            let (we, they) = (verify(&changed, &anchors).is_ok(), theirs(&changed));
            assert!(!we || they, "we took what xmlsec1 refuses (byte {at})");
            refused_by_both += usize::from(!we && !they);
        }
    }
    assert!(refused_by_both > 10);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn python_signxml_and_we_agree() {
    let python = std::env::var("DMP_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    if !Command::new(&python).args(["-c", "import signxml"]).output().is_ok_and(|out| out.status.success()) {
        println!("skipped: python has no signxml");
        return;
    }
    let ca = authority("demo");
    let anchors = anchors(&ca);
    let script = r#"
import sys
from lxml import etree
from signxml import XMLSigner, XMLVerifier, methods
mode, key, cert, ca, path = sys.argv[1:]
C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
el = etree.parse(path).getroot()
if mode == "verify":
    v = XMLVerifier().verify(el, ca_pem_file=ca, id_attribute="ID")
    assert v.signed_xml.get("ID") == "_1"
else:
    el.insert(1, etree.Element("{http://www.w3.org/2000/09/xmldsig#}Signature", Id="placeholder"))
    s = XMLSigner(method=methods.enveloped, signature_algorithm=mode, digest_algorithm="sha256", c14n_algorithm=C14N)
    out = s.sign(el, key=open(key, "rb").read(), cert=open(cert).read(), reference_uri="_1")
    sys.stdout.write(etree.tostring(out).decode())
"#;
    let folder = std::env::temp_dir().join(format!("dmp-signxml-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    for (algorithm, word) in [
        (&rcgen::PKCS_RSA_SHA256, "rsa-sha256"),
        (&rcgen::PKCS_RSA_SHA256, "sha256-rsa-MGF1"),
        (&rcgen::PKCS_ECDSA_P256_SHA256, "ecdsa-sha256"),
    ] {
        let ours = holder(&ca, KeyPair::generate_for(algorithm).unwrap(), |_| ());
        let (key, cert, ca_pem) = (file("k", &ours.key_pem), file("c", &ours.pem), file("ca", &ca.pem()));
        let run = |mode: &str, text: &str| {
            let path = file("m.xml", text);
            Command::new(&python).args(["-c", script, mode, &key, &cert, &ca_pem, &path]).output().unwrap()
        };
        let out = run(word, &assertion("_1", "A"));
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let theirs = String::from_utf8(out.stdout).unwrap();
        assert_eq!(verify(&theirs, &anchors), Ok("A".to_owned()), "{word}: we take its signature");
        let signed = sign_enveloped(&assertion("_1", "A"), "_1", &ours.key, &ours.der).unwrap();
        let out = run("verify", &signed);
        assert!(out.status.success(), "{word}: {}", String::from_utf8_lossy(&out.stderr));
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
