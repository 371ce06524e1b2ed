//! Where the VIHF stands, how and by whom it is signed: one row of bad-inputs, one message, one subcode.

use super::draft::{CABINET, DOCTOR, Draft, EMPLOYEE, HOSPITAL, envelope, header};
use super::*;

/// A message whose text was changed after it was signed.
fn changed(from: &str, to: &str) -> String {
    let message = Draft::direct().message();
    assert!(message.contains(from), "{from}");
    message.replacen(from, to, 1)
}

fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let start = text.find(from).unwrap() + from.len();
    &text[start..start + text[start..].find(to).unwrap()]
}

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

#[test]
fn where_it_stands_and_what_it_is() {
    let security = |inside: &str| {
        envelope("§").split_once('§').map(|(before, after)| format!("{before}{inside}{after}")).unwrap()
    };
    let signed = Draft::direct().signed();
    let whole = security(&signed);
    let element =
        format!("<wsse:Security{}</wsse:Security>", between(&whole, "<wsse:Security", "</wsse:Security>"));
    check(&[
        ("SAML-01", header(""), "wsse:SecurityTokenUnavailable"),
        (
            "SAML-01 no header",
            header("").replace("<soap:Header></soap:Header>", ""),
            "wsse:SecurityTokenUnavailable",
        ),
        ("SAML-02", header(&element.repeat(2)), "wsse:InvalidSecurity"),
        ("SAML-03", security(""), "wsse:SecurityTokenUnavailable"),
        ("SAML-04", security(&signed.repeat(2)), "wsse:InvalidSecurity"),
        (
            "SAML-05",
            security("<Assertion xmlns=\"urn:oasis:names:tc:SAML:1.0:assertion\"/>"),
            "wsse:UnsupportedSecurityToken",
        ),
        (
            "SAML-06",
            security("<EncryptedAssertion xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\"/>"),
            "wsse:UnsupportedSecurityToken",
        ),
        ("SAML-07", changed("Version=\"2.0\"", "Version=\"3.0\""), "wsse:UnsupportedSecurityToken"),
        ("SAML-08", envelope(&Draft::direct().unsigned()), "wsse:FailedCheck"),
        (
            "SAML-09",
            envelope(&format!("{}<Signature xmlns=\"{DS}\"/>", Draft::direct().unsigned())),
            "wsse:FailedCheck",
        ),
    ]);
}

#[test]
fn how_it_is_signed() {
    let reference = format!(
        "<ds:Reference{}</ds:Reference>",
        between(&Draft::direct().signed(), "<ds:Reference", "</ds:Reference>")
    );
    let signed = Draft::direct().message();
    let value = between(&signed, "<ds:SignatureValue>", "</ds:SignatureValue>").to_owned();
    let other = Draft { id: "_9f1d".to_owned(), ..Draft::direct() }.message();
    let others = between(&other, "<ds:SignatureValue>", "</ds:SignatureValue>").to_owned();
    let digest = between(&signed, "<ds:DigestValue>", "</ds:DigestValue>").to_owned();
    // r of zeros, s as it was.
    let zero = format!("{}{}", "A".repeat(43), &value[43..]);
    let replaced = |from: &str, to: &str| signed.replacen(from, to, 1);
    let ecdsa = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
    let method = |uri: &str| replaced(ecdsa, uri);
    let transform = format!("<ds:Transform Algorithm=\"{DS}enveloped-signature\"/>");
    let prefixes = (0..10_000).map(|n| format!("p{n}")).collect::<Vec<_>>().join(" ");
    let many = format!("<ds:SignatureMethod Algorithm=\"{ecdsa}\"/>");
    let kept = format!("<i:InclusiveNamespaces xmlns:i=\"{C14N}\" PrefixList=\"{prefixes}\"/>");
    check(&[
        ("SAML-18", changed("URI=\"#_9f1c\"", "URI=\"\""), "wsse:FailedCheck"),
        ("SAML-19", changed("URI=\"#_9f1c\"", "URI=\"#other\""), "wsse:FailedCheck"),
        ("SAML-20", changed(" URI=\"#_9f1c\"", ""), "wsse:FailedCheck"),
        ("SAML-21", changed("URI=\"#_9f1c\"", "URI=\"http://127.0.0.1:9/\""), "wsse:FailedCheck"),
        ("SAML-22", changed(&reference, &reference.repeat(2)), "wsse:FailedCheck"),
        ("SAML-23", changed("<x id=\"Document01\"/>", "<x id=\"_9f1c\"/>"), "wsse:InvalidSecurity"),
        ("SAML-24", changed("ID=\"_9f1c\"", "ID=\"_9f1c\" xml:id=\"_9f1c\""), "wsse:InvalidSecurity"),
        ("SAML-24 apart", changed("ID=\"_9f1c\"", "ID=\"_9f1c\" xml:id=\"_a\""), "wsse:InvalidSecurity"),
        ("SAML-25", changed("URI=\"#_9f1c\"", "URI=\"#xpointer(/)\""), "wsse:FailedCheck"),
        ("SAML-26", replaced(&value, &others), "wsse:FailedCheck"),
        ("SAML-27", replaced(&digest, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), "wsse:FailedCheck"),
        ("SAML-28", replaced("<ds:DigestValue>", "<ds:DigestValue><!-- -->"), "wsse:InvalidSecurity"),
        ("SAML-29", replaced(&value, ""), "wsse:FailedCheck"),
        ("SAML-30", method(&format!("{DS}rsa-sha1")), "wsse:UnsupportedAlgorithm"),
        (
            "SAML-31",
            replaced("http://www.w3.org/2001/04/xmlenc#sha256", &format!("{DS}sha1")),
            "wsse:UnsupportedAlgorithm",
        ),
        (
            "SAML-31 md5",
            replaced("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmldsig-more#md5"),
            "wsse:UnsupportedAlgorithm",
        ),
        (
            "SAML-32",
            method("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"),
            "wsse:UnsupportedAlgorithm",
        ),
        ("SAML-33", method("urn:unknown"), "wsse:UnsupportedAlgorithm"),
        ("SAML-34", replaced(&value, &zero), "wsse:FailedCheck"),
        (
            "SAML-36",
            replaced(
                &transform,
                "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"><s/></ds:Transform>",
            ),
            "wsse:UnsupportedAlgorithm",
        ),
        (
            "SAML-37",
            replaced(
                &transform,
                "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>not(self::x)</ds:XPath></ds:Transform>",
            ),
            "wsse:UnsupportedAlgorithm",
        ),
        (
            "SAML-38",
            replaced(&format!("{C14N}\"/>"), &format!("{C14N}WithComments\"/>")),
            "wsse:UnsupportedAlgorithm",
        ),
        (
            "SAML-39",
            replaced(
                &format!("<ds:CanonicalizationMethod Algorithm=\"{C14N}\"/>{many}"),
                &format!(
                    "<ds:CanonicalizationMethod Algorithm=\"{C14N}\">{kept}</ds:CanonicalizationMethod>{many}"
                ),
            ),
            "wsse:InvalidSecurity",
        ),
        (
            "SAML-40",
            replaced("<saml2:Subject>", "<saml2:Subject xmlns:r=\"relative\">"),
            "wsse:InvalidSecurity",
        ),
        (
            "SAML-40 above",
            replaced("<soap:Header>", "<soap:Header xmlns:r=\"../x\">"),
            "wsse:InvalidSecurity",
        ),
        (
            "SAML-41",
            replaced("<ds:SignedInfo>", "<ds:SignedInfo xmlns:ds=\"urn:x\">"),
            "wsse:InvalidSecurity",
        ),
        (
            "SAML-41 deeper",
            replaced("<ds:DigestMethod", &format!("<ds:DigestMethod xmlns:saml2=\"{DS}\"")),
            "wsse:InvalidSecurity",
        ),
        ("SAML-42", replaced("<saml2:NameID>8999", "<saml2:NameID>8999<!---->"), "wsse:InvalidSecurity"),
        ("SAML-43", replaced(">urn:dmp<", "><?x?>urn:dmp<"), "wsse:InvalidSecurity"),
        ("CDATA", replaced(">urn:dmp<", "><![CDATA[urn:dmp]]><"), "wsse:InvalidSecurity"),
        (
            "SAML-45",
            replaced("<ds:X509Data>", "<ds:RetrievalMethod URI=\"http://127.0.0.1:9/\"/><ds:X509Data>"),
            "wsse:InvalidSecurity",
        ),
        (
            "MTOM-26",
            replaced(
                ">urn:dmp<",
                "><i:Include xmlns:i=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:x\"/><",
            ),
            "wsse:InvalidSecurity",
        ),
        (
            "MTOM-27",
            replaced(&value, "<i:Include xmlns:i=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:x\"/>"),
            "wsse:InvalidSecurity",
        ),
        (
            "no KeyInfo",
            replaced(
                &format!("<ds:KeyInfo>{}</ds:KeyInfo>", between(&signed, "<ds:KeyInfo>", "</ds:KeyInfo>")),
                "",
            ),
            "wsse:FailedCheck",
        ),
        ("changed", replaced("SM26", "SM27"), "wsse:FailedCheck"),
        ("whole", signed.clone(), "ok"),
        ("RSA", Draft::direct().by(&pki().rsa).message(), "ok"),
    ]);
}

#[test]
fn by_whom_it_is_signed() {
    let refused = "wsse:FailedAuthentication";
    let Pki { card_auth, expired, revoked, other, structure, .. } = pki();
    let swapped = Draft::direct().by(&pki().card).message();
    let stolen = dmp_xml::signature::sign_enveloped(
        &Draft::direct().unsigned(),
        "_9f1c",
        &pki().structure.key,
        &pki().card.der,
    );
    let issuer = |issuer: &str| Draft { issuer: issuer.to_owned(), ..Draft::direct() }.message();
    check(&[
        ("SAML-35", Draft::direct().by(card_auth).message(), "dmp:DMPInvalidCertificate"),
        ("SAML-44", Draft::direct().by(other).message(), "wsse:FailedCheck"),
        ("SAML-44 genuine certificate, other key", envelope(&stolen.unwrap()), "wsse:FailedCheck"),
        ("SAML-46", Draft::direct().by(expired).message(), "wsse:InvalidSecurityToken"),
        ("SAML-47", Draft::direct().by(revoked).message(), "wsse:InvalidSecurityToken"),
        (
            "SAML-49 a structure signs for a person",
            Draft::direct().by(structure).message(),
            "wsse:FailedAuthentication",
        ),
        (
            "SAML-49 a person signs for a structure",
            Draft::indirect().by(&pki().card).message(),
            "wsse:FailedAuthentication",
        ),
        (
            "SAML-49 a structure that calls itself a doctor",
            Draft::direct().by(&pki().structure_as_doctor).message(),
            refused,
        ),
        (
            "SAML-49 a structure that calls itself the employee of another",
            Draft { name_id: EMPLOYEE.to_owned(), ..Draft::direct().text("Identifiant_Structure", HOSPITAL) }
                .by(&pki().structure_as_employee)
                .message(),
            refused,
        ),
        (
            "SAML-49 an employee signs for the structure",
            Draft::indirect().by(&pki().employee).message(),
            refused,
        ),
        ("SAML-49 an employee signs for a doctor", Draft::air().by(&pki().employee).message(), refused),
        (
            "SAML-49 other person",
            Draft { name_id: "899900000025".to_owned(), ..Draft::direct() }.message(),
            "wsse:FailedAuthentication",
        ),
        (
            "SAML-49 other structure",
            Draft::indirect().text("Identifiant_Structure", CABINET).message(),
            "wsse:FailedAuthentication",
        ),
        ("SAML-49 issuer", issuer("CN=899900000025,C=FR"), "wsse:FailedAuthentication"),
        ("issuer unreadable", issuer("somebody"), "wsse:FailedAuthentication"),
        (
            "issuer in the other order",
            issuer(&format!("C=FR, OU=Médecin, OID.2.5.4.4=DURAND, GN=max, CN={DOCTOR}")),
            "ok",
        ),
        (
            "issuer in hexadecimal, accents lost",
            issuer(&format!("CN={DOCTOR},2.5.4.42=#0c034d4158,2.5.4.4=#1306445552414e44,OU=M?decin,C=FR")),
            "ok",
        ),
        (
            "issuer with one attribute less",
            issuer(&format!("CN={DOCTOR},OU=Médecin,C=FR")),
            "wsse:FailedAuthentication",
        ),
        ("as it is", swapped, "ok"),
    ]);

    let tls = |draft: Draft, der: &[u8]| {
        let trust = server(VihfParameters::default(), Box::new(Everyone));
        subcode(&verify_at(&trust, &draft.message(), Some(der), now()))
    };
    assert_eq!(tls(Draft::direct(), &card_auth.der), "ok");
    assert_eq!(tls(Draft::indirect(), &pki().structure_tls.der), "ok");
    assert_eq!(tls(Draft::air(), &pki().structure_tls.der), "ok");
    assert_eq!(tls(Draft::direct(), &pki().student.der), refused, "SAML-49 TLS of another person");
    assert_eq!(tls(Draft::direct(), &pki().structure_tls.der), refused, "SAML-49 TLS of another structure");
    assert_eq!(tls(Draft::indirect(), &card_auth.der), refused, "SAML-49 TLS of a person");
    assert_eq!(tls(Draft::indirect(), &pki().employee.der), refused, "SAML-49 TLS of an employee");
    assert_eq!(tls(Draft::indirect(), b"junk"), refused);
}
