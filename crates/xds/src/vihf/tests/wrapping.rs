//! Signature wrapping, the eight published shapes (SAML-10 to SAML-17).

use super::draft::{Draft, envelope, header};
use super::*;

/// The signature of a signed assertion, and the assertion without it.
fn apart(signed: &str) -> (String, String) {
    let (start, end) = (signed.find("<ds:Signature").unwrap(), signed.find("</ds:Signature>").unwrap() + 15);
    (signed[start..end].to_owned(), format!("{}{}", &signed[..start], &signed[end..]))
}

#[test]
fn a_forged_assertion_around_a_signed_one_is_refused() {
    let trust = server(VihfParameters::default(), Box::new(Everyone));
    let signed = Draft::direct().signed();
    let (signature, original) = apart(&signed);
    let object = |what: &str| {
        signature.replace("</ds:Signature>", &format!("<ds:Object>{what}</ds:Object></ds:Signature>"))
    };
    for id in ["_9f1c", "_evil"] {
        let forged =
            Draft { id: id.to_owned(), name_id: "899900000033".to_owned(), ..Draft::direct() }.unsigned();
        let with = |inside: &str| forged.replace("</saml2:Issuer>", &format!("</saml2:Issuer>{inside}"));
        let ending =
            |inside: &str| forged.replace("</saml2:Assertion>", &format!("{inside}</saml2:Assertion>"));
        let elsewhere = |inside: &str| {
            let message = envelope(&with(&signature));
            message.replace(
                "</soap:Header>",
                &format!("<o:Other xmlns:o=\"urn:o\">{inside}</o:Other></soap:Header>"),
            )
        };
        for (row, message) in [
            ("SAML-10", envelope(&format!("{forged}{signed}"))),
            ("SAML-11", envelope(&with(&object(&original)))),
            ("SAML-12", envelope(&ending(&signed))),
            ("SAML-13", envelope(&ending(&format!("<saml2:Extensions>{signed}</saml2:Extensions>")))),
            ("SAML-14", envelope(&format!("{}{original}", with(&signature)))),
            (
                "SAML-15",
                envelope(&with(&signature.replace("</ds:KeyInfo>", &format!("{original}</ds:KeyInfo>")))),
            ),
            ("SAML-16", elsewhere(&original)),
            ("SAML-17", envelope(&with(&object(&signed)))),
            ("moved to the body", envelope(&forged).replace("<soap:Body>", &format!("<soap:Body>{signed}"))),
            ("another name space", elsewhere("<Assertion xmlns=\"urn:other\"/>")),
            ("outside Security", header(&signed)),
        ] {
            let found = verify(&trust, &message);
            let expected = if row == "outside Security" {
                "wsse:SecurityTokenUnavailable"
            } else {
                "wsse:InvalidSecurity"
            };
            assert_eq!(subcode(&found), expected, "{row} {id}");
        }
    }
}
