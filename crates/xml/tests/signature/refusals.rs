//! Every deviation is refused for its reason, no wrapping passes, and nothing that counts can be changed.

use super::*;
use dmp_xml::signature::sign_enveloped;

#[test]
fn each_deviation_is_refused_for_its_reason() {
    let ca = authority("demo");
    let anchors = anchors(&ca);
    let ours = holder(&ca, KeyPair::generate().unwrap(), |_| ());
    let signed = sign_enveloped(&assertion("_1", "A"), "_1", &ours.key, &ours.der).unwrap();
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let prefixes = (0..17).map(|n| format!("p{n}")).collect::<Vec<_>>().join(" ");
    let many = format!(
        "<ds:CanonicalizationMethod Algorithm=\"{exclusive}\"><e:InclusiveNamespaces xmlns:e=\"{exclusive}\" PrefixList=\"{prefixes}\"/></ds:CanonicalizationMethod>"
    );
    let value = signed.split("<ds:SignatureValue>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let reference =
        format!("<ds:Reference{}</ds:Reference>", between(&signed, "<ds:Reference", "</ds:Reference>"));
    #[rustfmt::skip]
    let cases: &[(&str, &str, &str)] = &[
        (">A<", ">B<", "Mismatch"),
        ("code=\"10\"", "code=\"21\"", "Mismatch"),
        (&value, "", "Mismatch"),
        (&value, "AAAA", "Mismatch"),
        (&value, "é", "Mismatch"),
        ("<ds:SignatureValue>", "<ds:SignatureValue><x:Include xmlns:x=\"http://www.w3.org/2004/08/xop/include\"/>", "Shape"),
        ("<ds:DigestValue>", "<ds:DigestValue><!-- -->", "Shape"),
        (">A<", "><![CDATA[A]]><", "Shape"),
        (">A<", "><?x?>A<", "Shape"),
        ("URI=\"#_1\"", "", "Reference"),
        ("URI=\"#_1\"", "URI=\"\"", "Reference"),
        ("URI=\"#_1\"", "URI=\"#_2\"", "Reference"),
        ("URI=\"#_1\"", "URI=\"#xpointer(/)\"", "Reference"),
        ("URI=\"#_1\"", "URI=\"#xpointer(id('_1'))\"", "Reference"),
        ("URI=\"#_1\"", "URI=\"http://127.0.0.1/\"", "Reference"),
        ("URI=\"#_1\"", "xmlns:u=\"http://www.w3.org/2000/09/xmldsig#\" u:URI=\"#_1\"", "Shape"),
        (&reference, "", "Reference"),
        (&reference, &reference.repeat(2), "Reference"),
        (&reference, &reference.repeat(9), "Shape"),
        ("more#ecdsa-sha256", "more#hmac-sha256", "Algorithm"),
        ("more#ecdsa-sha256", "more#rsa-sha256", "Mismatch"),
        ("xmldsig-more#ecdsa-sha256", "none", "Algorithm"),
        ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "Algorithm"),
        ("xmlenc#sha256", "xmldsig-more#md5", "Algorithm"),
        ("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1", "Algorithm"),
        ("<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>", "", "Reference"),
        ("<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>", "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"><a/></ds:Transform>", "Algorithm"),
        ("<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>", "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>1</ds:XPath></ds:Transform>", "Algorithm"),
        ("<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>", "", "Reference"),
        ("xml-exc-c14n#\"/><ds:SignatureMethod", "xml-exc-c14n#WithComments\"/><ds:SignatureMethod", "Algorithm"),
        ("http://www.w3.org/2001/10/xml-exc-c14n#\"/><ds:SignatureMethod", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/><ds:SignatureMethod", "Reference"),
        ("<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>", &many, "Shape"),
        ("<ds:SignedInfo>", "<ds:SignedInfo xmlns:s=\"http://www.w3.org/2000/09/xmldsig#\">", "Shape"),
        ("<ds:SignedInfo>", "<ds:SignedInfo xmlns:evil=\"urn:x\">", "Shape"),
        ("<ds:SignedInfo>", "<ds:SignedInfo xmlns:ds=\"urn:x\">", "Shape"),
        ("<ds:SignedInfo>", "<ds:SignedInfo>x", "Shape"),
        ("<ds:Signature ", "<ds:Signature xmlns:rel=\"relative\" ", "Shape"),
        ("<s:Assertion ", "<s:Assertion xmlns:rel=\"//x/y\" ", "Shape"),
        ("<s:Assertion ", "<s:Assertion xmlns:odd=\"urn:a{b\" ", "Shape"),
        ("<s:Assertion ", "<s:Assertion xmlns:odd=\"urn:a%2\" ", "Shape"),
        ("<s:Assertion ", "<s:Assertion xmlns:odd=\"urn:a[\" ", "Shape"),
        ("<s:Assertion ", "<s:Assertion xmlns:odd=\"urn:a#b#\" ", "Shape"),
        ("<s:Assertion ", "<s:Assertion xml:id=\"_1\" ", "Shape"),
        ("<s:Assertion ", "<s:Assertion Id=\"_2\" ", "Shape"),
        ("<s:Subject>", "<s:Subject ID=\"_1\">", "Shape"),
        ("<s:Subject>", "<s:Subject xml:id=\" _1 \">", "Shape"),
        ("ID=\"_1\"", "ID=\"_1&#10;\"", "Shape"),
        ("ID=\"_1\"", "", "Shape"),
        ("</ds:KeyInfo>", "</ds:KeyInfo><ds:Object/>", "Shape"),
        ("</ds:KeyInfo>", "</ds:KeyInfo><x/>", "Shape"),
        ("<ds:X509Data>", "<ds:RetrievalMethod URI=\"http://127.0.0.1/\"/><ds:X509Data>", "Shape"),
        ("<ds:X509Data>", "<ds:KeyValue/><ds:X509Data>", "Shape"),
        ("</ds:X509Data>", "</ds:X509Data><ds:KeyName>x</ds:KeyName>", "Shape"),
        ("<ds:X509Certificate>", "<ds:X509Certificate>*", "Shape"),
        ("<ds:X509Certificate>", "<ds:X509Certificate>AAAA</ds:X509Certificate><ds:X509Certificate>", "Unreadable"),
        ("</ds:Signature>", "</ds:Signature><ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>", "Shape"),
        ("</s:Subject>", "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/></s:Subject>", "Shape"),
    ];
    assert!(verify(&signed, &anchors).is_ok());
    for (from, to, expected) in cases {
        assert!(signed.contains(from), "{from}");
        let changed = signed.replacen(from, to, 1);
        let found = verify(&changed, &anchors).map_or_else(|refusal| kind(&refusal), |_| "ok".to_owned());
        assert_eq!(&found, expected, "{from} -> {to}");
    }
    let key_info = format!("<ds:KeyInfo>{}</ds:KeyInfo>", between(&signed, "<ds:KeyInfo>", "</ds:KeyInfo>"));
    assert_eq!(verify(&signed.replace(&key_info, ""), &anchors), Err(SignatureError::NoCertificate));
    let bare = signed.replace(
        &format!("<ds:Signature{}</ds:Signature>", between(&signed, "<ds:Signature", "</ds:Signature>")),
        "",
    );
    assert_eq!(verify(&bare, &anchors), Err(SignatureError::NotSigned));
    let other = holder(&ca, KeyPair::generate().unwrap(), |_| ());
    let swapped = sign_enveloped(&assertion("_1", "A"), "_1", &ours.key, &other.der).unwrap();
    assert_eq!(verify(&swapped, &anchors), Err(SignatureError::Mismatch), "somebody else's certificate");
}

#[test]
fn no_wrapping_makes_a_forged_assertion_pass() {
    let ca = authority("demo");
    let anchors = anchors(&ca);
    let ours = holder(&ca, KeyPair::generate().unwrap(), |_| ());
    let signed = sign_enveloped(&assertion("_1", "A"), "_1", &ours.key, &ours.der).unwrap();
    let signature =
        format!("<ds:Signature{}</ds:Signature>", between(&signed, "<ds:Signature", "</ds:Signature>"));
    let original = signed.replace(&signature, "");
    let object = |what: &str| {
        signature.replace("</ds:Signature>", &format!("<ds:Object>{what}</ds:Object></ds:Signature>"))
    };
    for id in ["_1", "_2"] {
        let forged = assertion(id, "FORGED");
        let with = |inside: &str| forged.replace("</s:Issuer>", &format!("</s:Issuer>{inside}"));
        let within_key = signature.replace("</ds:KeyInfo>", &format!("{original}</ds:KeyInfo>"));
        for (shape, text) in [
            ("1", format!("{forged}{signed}")),
            ("2", with(&object(&original))),
            ("3", with(&signed)),
            ("4", with(&format!("<s:Extensions>{signed}</s:Extensions>"))),
            ("5", format!("{}{original}", with(&signature))),
            ("6", with(&within_key)),
            ("7", format!("{}<x>{original}</x>", with(&signature))),
            ("8", with(&object(&signed))),
            ("signature with the original in it, elsewhere", format!("{forged}<x>{}</x>", object(&original))),
        ] {
            // The first assertion in document order is the forged one: it is what a careless reader takes.
            let refused = verify(&message(&text), &anchors).unwrap_err();
            let kinds = ["NotSigned", "Shape", "Reference"];
            assert!(kinds.contains(&kind(&refused).as_str()), "XSW{shape} {id}: {refused:?}");
        }
    }
}

#[test]
fn harmless_differences_of_writing_are_taken() {
    let ca = authority("demo");
    let anchors = anchors(&ca);
    let ours = holder(&ca, KeyPair::generate().unwrap(), |_| ());
    let signed = sign_enveloped(&assertion("_1", "A"), "_1", &ours.key, &ours.der).unwrap();
    for (from, to) in [
        (">A<", ">&#65;<"),
        ("x='1'", "x=\"1\""),
        ("<s:A x='1' a=", "<s:A  x='1'   a="),
        ("<ds:SignatureValue>", "<ds:SignatureValue>\n\t "),
        // Hints of which certificate it is, as .NET and Java write them.
        (
            "</ds:X509Certificate>",
            "</ds:X509Certificate><ds:X509SubjectName>CN=x</ds:X509SubjectName><ds:X509IssuerSerial>\
             <ds:X509IssuerName>CN=y</ds:X509IssuerName><ds:X509SerialNumber>1</ds:X509SerialNumber>\
             </ds:X509IssuerSerial><ds:X509SKI>AAAA</ds:X509SKI>",
        ),
        ("</ds:X509Certificate>", "\r\n</ds:X509Certificate>"),
        ("<ds:Signature ", "<ds:Signature xmlns:unused=\"urn:x%2f#\" "),
    ] {
        assert!(signed.contains(from), "{from}");
        assert_eq!(verify(&signed.replacen(from, to, 1), &anchors), Ok("A".to_owned()), "{from} -> {to}");
    }
}

/// The canonical form of the assertion, its signature left out: what was signed.
fn form(text: &str) -> String {
    use bergshamra::c14n::{C14nMode, canonicalize};
    let bytes = canonicalize::<&str>(text, C14nMode::Exclusive, None, &[]).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let signature = between(&text, "<ds:Signature ", "</ds:Signature>");
    between(&text, "<s:Assertion", "</s:Assertion>").replace(signature, "")
}

#[test]
fn no_change_of_one_byte_changes_what_is_read() {
    let ca = authority("demo");
    let anchors = anchors(&ca);
    let ours = holder(&ca, KeyPair::generate().unwrap(), |_| ());
    let signed =
        sign_enveloped(&message(&assertion("_1", "899700000017")), "_1", &ours.key, &ours.der).unwrap();
    let certificate =
        signed.find("<ds:X509Certificate>").unwrap()..signed.find("</ds:X509Certificate>").unwrap();
    let original = form(&signed);
    let (mut taken, mut refused) = (0, 0);
    for at in 0..signed.len() {
        // The bytes of the certificate are covered by its authority's signature: some of them are enough here.
        if certificate.contains(&at) && at % 41 != 0 {
            continue;
        }
        for flip in [0x01u8, 0x20] {
            let mut bytes = signed.clone().into_bytes();
            bytes[at] ^= flip;
            let Ok(tree) = Tree::parse(&bytes, &Limits::default()) else { continue };
            let Some(element) = tree.root().descendants().find(|e| e.is(SAML, "Assertion")) else { continue };
            let policy = SignaturePolicy { anchors: &anchors, at_seconds: NOW, legacy: false };
            if verify_enveloped(element, &policy).is_ok() {
                taken += 1;
                assert_eq!(form(std::str::from_utf8(&bytes).unwrap()), original, "byte {at}");
            } else {
                refused += 1;
            }
        }
    }
    assert!(taken > 0 && refused > 500, "the envelope is not covered, the assertion is: {taken} {refused}");
}
