//! Rows SAML-01 to SAML-60: the VIHF of a query that is otherwise accepted.

mod claims;
mod mutations;
mod servers;
mod signers;
mod wrapping;

use crate::case::{Case, Check, World, case, fault, success, wsse};
use crate::common::Answer;
use crate::common::soap::now;
use crate::lps::assertion;
use crate::message::between;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dmp_lps::{Identity, vihf};
use servers::Server;

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const RSA: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const RSA_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

pub fn cases() -> Vec<Case> {
    let groups = [accepted(), places(), wrapping::cases(), references(), values(), algorithms(), contents()];
    groups.into_iter().flatten().chain(signers::cases()).chain(claims::cases()).collect()
}

/// A fresh assertion of that identity, signed.
fn signed_by(identity: &Identity) -> String {
    let (text, id) = assertion(identity, now());
    vihf::sign(&text, &id, identity).unwrap()
}

/// A fresh assertion of the doctor, signed after it was changed.
fn signed(w: &World, edit: impl FnOnce(String) -> String) -> String {
    let (text, id) = assertion(&w.lps.doctor, now());
    vihf::sign(&edit(text), &id, &w.lps.doctor).unwrap()
}

/// The text with another piece, once; the piece must be there.
fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "`{from}` is not in the assertion");
    text.replacen(from, to, 1)
}

/// A query under what is made of a signed assertion; `@` stands for where nobody may connect.
fn after(row: &'static str, edit: impl Fn(&str) -> String + 'static, check: Check) -> Case {
    let send = move |w: &World| {
        let edited = edit(&signed_by(&w.lps.doctor)).replace('@', &w.attacker());
        w.query_under(&edited).send(w)
    };
    case(row, send, check)
}

/// A query under a signed assertion in which one piece of text is another.
fn changed(row: &'static str, from: &'static str, to: &'static str, check: Check) -> Case {
    after(row, move |text| replaced(text, from, to), check)
}

/// A query under an assertion that was changed before it was signed.
fn before(row: &'static str, edit: impl Fn(String) -> String + 'static, check: Check) -> Case {
    case(row, move |w| w.query_under(&signed(w, &edit)).send(w), check)
}

/// The `ID` of an assertion.
fn id(text: &str) -> String {
    between(text, " ID=\"", "\" ").trim_start_matches(" ID=\"").trim_end_matches("\" ").to_owned()
}

/// What stands between two texts.
fn within(text: &str, from: &str, to: &str) -> String {
    let whole = between(text, from, to);
    whole[from.len()..whole.len() - to.len()].to_owned()
}

fn value(text: &str) -> String {
    within(text, "<ds:SignatureValue>", "</ds:SignatureValue>")
}

/// The VIHF that the rows change are accepted, whatever the key.
fn accepted() -> Vec<Case> {
    vec![
        after("SAML-26", str::to_owned, success()).variant("as it is"),
        case("SAML-34", |w| w.query_under(&signed_by(&w.lps.by_ecdsa)).send(w), success())
            .variant("ECDSA, as it is"),
    ]
}

fn places() -> Vec<Case> {
    let (none, invalid) = (|| wsse("wsse:SecurityTokenUnavailable"), || wsse("wsse:InvalidSecurity"));
    let (unsupported, failed) = (|| wsse("wsse:UnsupportedSecurityToken"), || wsse("wsse:FailedCheck"));
    let security = ("<wsse:Security ", "</wsse:Security>");
    vec![
        case("SAML-01", move |w| w.query().cut(security.0, security.1).send(w), none()),
        case(
            "SAML-02",
            move |w| {
                let query = w.query();
                let header = between(&query.text(), security.0, security.1);
                query.edit(&header, &header.repeat(2)).send(w)
            },
            invalid(),
        ),
        after("SAML-03", |_| String::new(), none()),
        after("SAML-04", |text| text.repeat(2), invalid()).variant("twice the same"),
        case(
            "SAML-04",
            |w| w.query_under(&[signed_by(&w.lps.doctor), signed_by(&w.lps.doctor)].concat()).send(w),
            invalid(),
        ),
        after(
            "SAML-05",
            |_| "<Assertion xmlns=\"urn:oasis:names:tc:SAML:1.0:assertion\"/>".to_owned(),
            unsupported(),
        ),
        after(
            "SAML-06",
            |_| "<EncryptedAssertion xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\"/>".to_owned(),
            unsupported(),
        ),
        before("SAML-07", |text| replaced(&text, "Version=\"2.0\"", "Version=\"3.0\""), unsupported()),
        case("SAML-08", |w| w.query_under(&assertion(&w.lps.doctor, now()).0).send(w), failed()),
        case("SAML-09", body_only, failed()),
    ]
}

/// A signature that is valid, of the body alone.
fn body_only(w: &World) -> Answer {
    let algorithm = |name: &str, uri: &str| format!("<ds:{name} Algorithm=\"{uri}\"/>");
    let template = [
        &format!("<ds:Signature xmlns:ds=\"{DS}\"><ds:SignedInfo>"),
        &algorithm("CanonicalizationMethod", C14N),
        &algorithm("SignatureMethod", RSA),
        "<ds:Reference URI=\"#corps\"><ds:Transforms>",
        &algorithm("Transform", C14N),
        "</ds:Transforms>",
        &algorithm("DigestMethod", SHA256),
        "<ds:DigestValue></ds:DigestValue></ds:Reference></ds:SignedInfo><ds:SignatureValue></ds:SignatureValue>",
        &format!(
            "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
            STANDARD.encode(&w.lps.doctor.signature.certificate)
        ),
        "</ds:Signature>",
    ]
    .concat();
    let unsigned = w.query_under(&format!("{}{template}", assertion(&w.lps.doctor, now()).0));
    let message = unsigned.edit("<soap:Body>", "<soap:Body Id=\"corps\">");
    let signed = dmp_xml::signature::sign_template(&message.text(), &w.lps.doctor.signature.key).unwrap();
    message.body(signed).send(w)
}

fn references() -> Vec<Case> {
    let failed = || wsse("wsse:FailedCheck");
    let uri = |row, to: &'static str| {
        after(row, move |text| replaced(text, &format!(" URI=\"#{}\"", id(text)), to), failed())
    };
    let invalid = || wsse("wsse:InvalidSecurity");
    let beside = |row, attribute: &'static str| {
        let edit = move |text: &str| {
            let own = format!(" ID=\"{}\"", id(text));
            replaced(text, &own, &format!("{own}{}", attribute.replace('§', &id(text))))
        };
        after(row, edit, invalid())
    };
    vec![
        uri("SAML-18", " URI=\"\""),
        uri("SAML-19", " URI=\"#other\""),
        uri("SAML-20", ""),
        uri("SAML-21", " URI=\"http://@/\""),
        after(
            "SAML-22",
            |text| {
                let reference = between(text, "<ds:Reference ", "</ds:Reference>");
                replaced(text, &reference, &reference.repeat(2))
            },
            failed(),
        ),
        case(
            "SAML-23",
            |w| {
                let text = signed_by(&w.lps.doctor);
                let body = format!("<soap:Body Id=\"{}\">", id(&text));
                w.query_under(&text).edit("<soap:Body>", &body).send(w)
            },
            invalid(),
        ),
        beside("SAML-24", " xml:id=\"§\""),
        beside("SAML-24", " xml:id=\"autre\"").variant("another"),
        uri("SAML-25", " URI=\"#xpointer(/)\""),
    ]
}

fn values() -> Vec<Case> {
    let failed = || wsse("wsse:FailedCheck");
    vec![
        case(
            "SAML-26",
            |w| {
                let [one, other] = [signed_by(&w.lps.doctor), signed_by(&w.lps.doctor)];
                w.query_under(&replaced(&one, &value(&one), &value(&other))).send(w)
            },
            failed(),
        ),
        after(
            "SAML-27",
            |text| {
                let digest = within(text, "<ds:DigestValue>", "</ds:DigestValue>");
                replaced(text, &digest, &STANDARD.encode([0; 32]))
            },
            failed(),
        ),
        after(
            "SAML-28",
            |text| {
                let digest = within(text, "<ds:DigestValue>", "</ds:DigestValue>");
                replaced(text, &digest, &format!("{}<!-- -->{}", &digest[..4], &digest[4..]))
            },
            wsse("wsse:InvalidSecurity"),
        ),
        after("SAML-29", |text| replaced(text, &value(text), ""), failed()),
        case(
            "SAML-34",
            |w| {
                let text = signed_by(&w.lps.by_ecdsa);
                let mut r_and_s = STANDARD.decode(value(&text)).unwrap();
                assert_eq!(r_and_s.len(), 64);
                r_and_s[..32].fill(0);
                w.query_under(&replaced(&text, &value(&text), &STANDARD.encode(r_and_s))).send(w)
            },
            failed(),
        ),
    ]
}

fn algorithms() -> Vec<Case> {
    let unsupported = || wsse("wsse:UnsupportedAlgorithm");
    let method = |row, to: &'static str| changed(row, RSA, to, unsupported());
    let digest = |row, to: &'static str| changed(row, SHA256, to, unsupported());
    let transform = |row, to: &'static str| {
        let enveloped = format!("<ds:Transform Algorithm=\"{DS}enveloped-signature\"/>");
        after(row, move |text| replaced(text, &enveloped, to), unsupported())
    };
    let prefixes = (0..10_000).map(|n| format!("p{n}")).collect::<Vec<_>>().join(" ");
    let kept = format!("<i:InclusiveNamespaces xmlns:i=\"{C14N}\" PrefixList=\"{prefixes}\"/>");
    vec![
        method("SAML-30", RSA_SHA1),
        case("SAML-30", |w| old_algorithm(w, "2020-01-01"), unsupported()).variant("listed, the day is past"),
        // Computed, and wrong: the value is of SHA-256.
        case("SAML-30", |w| old_algorithm(w, "2999-12-31"), wsse("wsse:FailedCheck")).variant("listed"),
        digest("SAML-31", "http://www.w3.org/2000/09/xmldsig#sha1").variant("SHA-1"),
        digest("SAML-31", "http://www.w3.org/2001/04/xmldsig-more#md5").variant("MD5"),
        after("SAML-32", keyed_by_certificate, unsupported()),
        method("SAML-33", "urn:inconnu"),
        transform(
            "SAML-36",
            "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"><s/></ds:Transform>",
        ),
        transform(
            "SAML-37",
            "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>\
             not(self::saml2:AttributeStatement)</ds:XPath></ds:Transform>",
        ),
        after(
            "SAML-38",
            |text| replaced(text, &format!("{C14N}\"/>"), &format!("{C14N}WithComments\"/>")),
            unsupported(),
        ),
        after(
            "SAML-39",
            move |text| {
                let method = format!("<ds:CanonicalizationMethod Algorithm=\"{C14N}\"/>");
                let holding = method.replace("/>", &format!(">{kept}</ds:CanonicalizationMethod>"));
                replaced(text, &method, &holding)
            },
            wsse("wsse:InvalidSecurity"),
        )
        .and(fault(400, "too many prefixes")),
    ]
}

/// An assertion that says to be signed with SHA-1, to a server that takes it of our software until that day.
fn old_algorithm(w: &World, until: &str) -> Answer {
    let query = w.query_under(&replaced(&signed_by(&w.lps.doctor), RSA, RSA_SHA1));
    Server::legacy(w, until).send(&query, &w.lps.doctor_tls)
}

/// The signature made anew, by the bytes of the certificate taken for a secret.
fn keyed_by_certificate(text: &str) -> String {
    use aws_lc_rs::hmac;
    let hmac_uri = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";
    let text = replaced(text, RSA, hmac_uri);
    let info = between(&text, "<ds:SignedInfo>", "</ds:SignedInfo>");
    let info = replaced(&info, "<ds:SignedInfo>", &format!("<ds:SignedInfo xmlns:ds=\"{DS}\">"));
    let canonical = canonical(&info).unwrap();
    let certificate = within(&text, "<ds:X509Certificate>", "</ds:X509Certificate>");
    let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(certificate).unwrap());
    let tag = STANDARD.encode(hmac::sign(&key, &canonical));
    replaced(&text, &value(&text), &tag)
}

/// Exclusive canonical form, without comments; `None` of what is no XML.
fn canonical(text: &str) -> Option<Vec<u8>> {
    use bergshamra::c14n::{C14nMode, canonicalize};
    canonicalize(text, C14nMode::Exclusive, None, &[] as &[&str]).ok()
}

/// Each is refused for its own reason: what it changes would break the signature anyway.
fn contents() -> Vec<Case> {
    let invalid = || wsse("wsse:InvalidSecurity");
    let says = |reason| fault(400, reason);
    vec![
        changed("SAML-40", "<saml2:Subject>", "<saml2:Subject xmlns:r=\"relative\">", invalid())
            .and(says("a relative namespace name")),
        case(
            "SAML-40",
            |w| w.query().edit("<soap:Header>", "<soap:Header xmlns:r=\"../x\">").send(w),
            invalid(),
        )
        .and(says("a relative namespace name"))
        .variant("above"),
        changed("SAML-41", "<ds:SignedInfo>", "<ds:SignedInfo xmlns:ds=\"urn:x\">", invalid()),
        changed(
            "SAML-41",
            "<ds:DigestMethod ",
            "<ds:DigestMethod xmlns:saml2=\"http://www.w3.org/2000/09/xmldsig#\" ",
            invalid(),
        )
        .and(says("a namespace declared in SignedInfo"))
        .variant("deeper"),
        changed("SAML-42", "<saml2:NameID>8999", "<saml2:NameID>8999<!---->", invalid())
            .and(says("a comment")),
        changed("SAML-43", ">urn:dmp<", "><?x y?>urn:dmp<", wsse("pi-refused")),
        changed(
            "SAML-45",
            "<ds:X509Data>",
            "<ds:RetrievalMethod URI=\"http://@/\"/><ds:X509Data>",
            invalid(),
        )
        .and(says("a signature not made as expected")),
    ]
}
