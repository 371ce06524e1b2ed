//! The VIHF: signed so that the reader of the server takes it, and saying what the identity says.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Doctor, now, who};
use dmp_lps::{Authentification, Mode, exists, vihf};
use dmp_xml::signature::{SignaturePolicy, verify_enveloped};
use dmp_xml::{Element, Limits, Tree};

const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";

/// What an attribute says: its text, or the codes of its elements.
fn attribute(assertion: Element<'_>, name: &str) -> Option<String> {
    let statement = assertion.child(SAML, "AttributeStatement").unwrap();
    let found = statement.named(SAML, "Attribute").find(|a| a.attribute("Name") == Some(name))?;
    let values = found.named(SAML, "AttributeValue").map(|value| match value.children().next() {
        Some(code) => format!(
            "{} {}",
            code.attribute("code").unwrap_or_default(),
            code.attribute("codeSystem").unwrap_or_default()
        ),
        None => value.text().into_owned(),
    });
    Some(values.collect::<Vec<_>>().join(", "))
}

#[test]
fn the_signature_holds_in_the_message_that_bears_it() {
    let doctor = Doctor::new();
    let session = doctor.session();
    let request = session.request(exists::message(&session).unwrap()).unwrap();
    let policy =
        SignaturePolicy { anchors: &doctor.anchors, at_seconds: now().millis() as u64 / 1000, legacy: false };
    let check = |text: &str| {
        let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
        let header = tree.root().child(SOAP, "Header").unwrap();
        let assertion = header.child(WSSE, "Security").unwrap().child(SAML, "Assertion").unwrap();
        verify_enveloped(assertion, &policy).map(|_| ())
    };
    let text = String::from_utf8(request.body.to_vec()).unwrap();
    check(&text).unwrap();
    assert!(check(&text.replace(">DIRECTE<", ">INDIRECTE<")).is_err());
}

#[test]
fn what_the_identity_says_is_in_the_assertion() {
    let name_id = |assertion: Element<'_>| {
        assertion.child(SAML, "Subject").unwrap().child(SAML, "NameID").unwrap().text().into_owned()
    };
    let purpose = "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse";
    let role = "urn:oasis:names:tc:xacml:2.0:subject:role";
    let resource = "urn:oasis:names:tc:xacml:2.0:resource:resource-id";
    let confidentiality = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code";
    let access = "1.2.250.1.213.1.1.4.248";
    let always = [
        ("Identifiant_Structure", Some("499900063480001")),
        ("Secteur_Activite", Some("SA07^1.2.250.1.71.4.2.4")),
        ("urn:oasis:names:tc:xspa:1.0:subject:subject-id", Some("LIBRE MAX")),
        (role, Some("10 1.2.250.1.71.1.2.7, SM26 1.2.250.1.71.4.2.5")),
        ("VIHF_Version", Some("3.0")),
        (resource, Some("207058575627097^^^&1.2.250.1.213.1.4.10&ISO^NH")),
        ("Ressource_URN", Some("urn:dmp")),
        ("LPS_ID", Some("01.01.01.01")),
        ("LPS_Nom", Some("LPS & Cie")),
        ("LPS_Version", Some("1")),
        ("LPS_ID_HOMOLOGATION_DMP", Some("NumAutorisation")),
    ];
    let bris = Mode::BrisDeGlace { reason: "a < b".to_owned() };
    for (auth, mode, secret, subject, expected_purpose, reason) in [
        (Authentification::Directe, Mode::Normal, false, "899900063480", "normal", None),
        (Authentification::Indirecte, Mode::Normal, false, "libre", "normal", None),
        (Authentification::IndirecteRenforcee, Mode::Normal, true, "899900063480", "normal", None),
        (Authentification::Directe, bris, false, "899900063480", "bris_de_glace", Some("a < b")),
        (Authentification::Directe, Mode::Centre15, false, "899900063480", "centre_15", None),
    ] {
        let mut doctor = Doctor::new();
        doctor.identity.who.authentification = auth;
        doctor.identity.access = mode;
        doctor.identity.secret = secret;
        let text = vihf::assertion(&doctor.identity, Some(&doctor.ins), now(), "_1");
        let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
        let assertion = tree.root();
        assert_eq!(assertion.attribute("IssueInstant"), Some("2026-11-21T19:00:00.000Z"));
        assert_eq!(name_id(assertion), subject, "{auth:?}");
        let hidden = "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13";
        let own = [
            ("Authentification_mode", Some(auth.as_str())),
            (purpose, Some(&*format!("{expected_purpose} {access}"))),
            ("Mode_Acces_Raison", reason),
            (confidentiality, secret.then_some(hidden)),
        ];
        for (name, expected) in always.iter().chain(&own) {
            assert_eq!(attribute(assertion, name).as_deref(), *expected, "{auth:?} {name}");
        }
    }
    let doctor = Doctor::new();
    let text = vihf::assertion(&doctor.identity, None, now(), "_1");
    let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(attribute(tree.root(), resource), None, "no patient, no resource-id");
}

#[test]
fn two_calls_never_bear_the_same_assertion() {
    let doctor = Doctor::new();
    let session = doctor.session();
    assert_ne!(vihf::signed(&session).unwrap(), vihf::signed(&session).unwrap());
}

#[test]
fn a_description_is_read_as_it_was_written_and_nothing_unknown_is_skipped() {
    let folder = std::env::temp_dir().join(format!("dmp-lps-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(dmp_lps::identity::IDENTITY_FILE);
    std::fs::write(&file, who().to_toml()).unwrap();
    assert_eq!(dmp_lps::Identity::read_who(&folder).unwrap(), who());
    std::fs::write(&file, format!("rpps = 1\n{}", who().to_toml())).unwrap();
    assert!(dmp_lps::Identity::read_who(&folder).is_err());
    std::fs::remove_dir_all(folder).unwrap();
}
