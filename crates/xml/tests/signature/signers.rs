//! Keys and certificates: which ones sign, which authorities are believed.

use super::*;
use dmp_xml::signature::{CertificateError, sign_enveloped};
use rcgen::{
    CertificateRevocationListParams, ExtendedKeyUsagePurpose, KeyIdMethod, RevokedCertParams, SerialNumber,
};

#[test]
fn rsa_and_ecdsa_sign_and_are_verified() {
    let ca = authority("demo");
    let anchors = anchors(&ca);
    for algorithm in [&rcgen::PKCS_RSA_SHA256, &rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ECDSA_P384_SHA384]
    {
        let holder = holder(&ca, KeyPair::generate_for(algorithm).unwrap(), |_| ());
        let inside = sign_enveloped(&message(&assertion("_1", "A")), "_1", &holder.key, &holder.der).unwrap();
        assert_eq!(verify(&inside, &anchors), Ok("A".to_owned()));
        let alone = sign_enveloped(&assertion("_1", "A"), "_1", &holder.key, &holder.der).unwrap();
        assert_eq!(
            verify(&message(&alone), &anchors),
            Ok("A".to_owned()),
            "exclusive form does not depend on where it is"
        );
    }
    let bom = format!("\u{feff}{}", assertion("_1", "A"));
    let holder = holder(&ca, KeyPair::generate().unwrap(), |_| ());
    assert_eq!(
        verify(&sign_enveloped(&bom, "_1", &holder.key, &holder.der).unwrap(), &anchors),
        Ok("A".to_owned())
    );
}

/// A verdict that is kept is one of this certificate, of this minute, of these authorities and revocations.
#[test]
fn what_was_found_good_is_asked_again() {
    use dmp_xml::signature::Certificate;
    let ca = authority("demo");
    let mut anchors = anchors(&ca);
    let serial = SerialNumber::from(78u64);
    let holder = holder(&ca, KeyPair::generate().unwrap(), |p| p.serial_number = Some(serial.clone()));
    let certificate = Certificate::from_der(&holder.der).unwrap();
    // 2026-01-01 and 2027-01-01.
    let (from, to) = (1_767_225_600, 1_798_761_600);
    for (at, expected) in [
        (from - 1, Err(CertificateError::NotYetValid)),
        (from, Ok(())),
        (from + 1, Ok(())),
        (from - 1, Err(CertificateError::NotYetValid)),
        (to, Ok(())),
        (to + 1, Err(CertificateError::Expired)),
    ] {
        assert_eq!(anchors.check(&certificate, &[], at), expected, "{at}");
    }
    let revoked = CertificateRevocationListParams {
        this_update: date_time_ymd(2026, 1, 1),
        next_update: date_time_ymd(2026, 2, 1),
        crl_number: SerialNumber::from(1u64),
        issuing_distribution_point: None,
        revoked_certs: vec![RevokedCertParams {
            serial_number: serial,
            revocation_time: date_time_ymd(2026, 1, 1),
            reason_code: None,
            invalidity_date: None,
        }],
        key_identifier_method: KeyIdMethod::Sha256,
    };
    assert_eq!(anchors.check(&certificate, &[], to), Ok(()));
    anchors.revoke(revoked.signed_by(&ca).unwrap().pem().unwrap().as_bytes()).unwrap();
    assert_eq!(anchors.check(&certificate, &[], to), Err(CertificateError::Revoked));
}

#[test]
fn the_certificate_is_from_a_known_authority_valid_now_and_made_to_sign() {
    let (ca, other) = (authority("demo"), authority("demo"));
    let mut anchors = anchors(&ca);
    let serial = SerialNumber::from(77u64);
    let revoked = CertificateRevocationListParams {
        this_update: date_time_ymd(2026, 1, 1),
        next_update: date_time_ymd(2026, 2, 1),
        crl_number: SerialNumber::from(1u64),
        issuing_distribution_point: None,
        revoked_certs: vec![RevokedCertParams {
            serial_number: serial.clone(),
            revocation_time: date_time_ymd(2026, 1, 1),
            reason_code: None,
            invalidity_date: None,
        }],
        key_identifier_method: KeyIdMethod::Sha256,
    };
    assert_eq!(anchors.revoke(revoked.signed_by(&ca).unwrap().pem().unwrap().as_bytes()), Ok(1));
    type Change = Box<dyn Fn(&mut CertificateParams)>;
    let usages = |key: Vec<KeyUsagePurpose>, extended: Vec<ExtendedKeyUsagePurpose>| -> Change {
        Box::new(move |p| {
            p.key_usages.clone_from(&key);
            p.extended_key_usages.clone_from(&extended);
        })
    };
    use ExtendedKeyUsagePurpose::{ClientAuth, EmailProtection, ServerAuth};
    use KeyUsagePurpose::{ContentCommitment, DigitalSignature, KeyEncipherment};
    let cases: Vec<(&str, &Authority, Change, &str)> = vec![
        ("as cards are", &ca, usages(vec![DigitalSignature, ContentCommitment], vec![EmailProtection]), "ok"),
        ("nonRepudiation alone", &ca, usages(vec![ContentCommitment], vec![ClientAuth]), "ok"),
        ("digitalSignature alone", &ca, usages(vec![DigitalSignature], vec![]), "ok"),
        ("no usage", &ca, usages(vec![], vec![]), "ok"),
        ("authentication", &ca, usages(vec![DigitalSignature], vec![ClientAuth]), "NotASignatureCertificate"),
        ("a server's", &ca, usages(vec![DigitalSignature], vec![ServerAuth]), "NotASignatureCertificate"),
        ("authentication, no usage", &ca, usages(vec![], vec![ClientAuth]), "NotASignatureCertificate"),
        ("encipherment", &ca, usages(vec![KeyEncipherment], vec![]), "NotASignatureCertificate"),
        ("expired", &ca, Box::new(|p| p.not_after = date_time_ymd(2026, 11, 20)), "Expired"),
        ("to come", &ca, Box::new(|p| p.not_before = date_time_ymd(2026, 11, 23)), "NotYetValid"),
        ("revoked", &ca, Box::new(move |p| p.serial_number = Some(serial.clone())), "Revoked"),
        ("other authority of that name", &other, Box::new(|_| ()), "UnknownAuthority"),
    ];
    for (name, by, change, expected) in cases {
        let holder = holder(by, KeyPair::generate().unwrap(), change);
        let signed = sign_enveloped(&assertion("_1", "A"), "_1", &holder.key, &holder.der).unwrap();
        let found = verify(&signed, &anchors).map_or_else(|refusal| kind(&refusal), |_| "ok".to_owned());
        assert_eq!(found, expected, "{name}");
        assert!(verify(&signed, &Anchors::new()).is_err(), "{name}: nobody is trusted");
    }
    let holder = holder(&other, KeyPair::generate().unwrap(), |_| ());
    anchors.pin(&holder.der).unwrap();
    let signed = sign_enveloped(&assertion("_1", "A"), "_1", &holder.key, &holder.der).unwrap();
    assert!(verify(&signed, &anchors).is_ok(), "pinned");
    let late = verify_with(&signed, &anchors, NOW + 400 * 86_400, false);
    assert_eq!(late, Err(SignatureError::Certificate(CertificateError::Expired)), "pinned, not for ever");
}

#[test]
fn an_intermediate_authority_is_known_or_comes_with_the_message() {
    use base64::Engine;
    let root = authority("root");
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "between");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let between = CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), &root).unwrap();
    let holder = holder(&between, KeyPair::generate().unwrap(), |_| ());
    let signed = sign_enveloped(&assertion("_1", "A"), "_1", &holder.key, &holder.der).unwrap();
    let unknown = Err(SignatureError::Certificate(CertificateError::UnknownAuthority));
    let mut anchors = anchors(&root);
    assert_eq!(verify(&signed, &anchors), unknown);
    let with = |count: usize, der: &[u8]| {
        let der = base64::engine::general_purpose::STANDARD.encode(der);
        let more = format!("<ds:X509Certificate>{der}</ds:X509Certificate>").repeat(count);
        signed.replace("</ds:X509Data>", &format!("{more}</ds:X509Data>"))
    };
    assert_eq!(verify(&with(1, between.der()), &anchors), Ok("A".to_owned()));
    assert_eq!(verify(&with(3, b"junk"), &anchors), unknown);
    assert_eq!(
        verify(&with(4, between.der()), &anchors),
        Err(SignatureError::Shape("too many certificates"))
    );
    assert_eq!(
        verify(&with(1, between.der()), &Anchors::new()),
        unknown,
        "what comes with it is never an anchor"
    );
    assert_eq!(anchors.know(between.pem().as_bytes()), Ok(1));
    assert_eq!(verify(&signed, &anchors), Ok("A".to_owned()));
}

#[test]
fn what_is_no_certificate_nor_list_is_refused() {
    let mut anchors = Anchors::new();
    for bytes in [b"".as_slice(), b"junk", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
    {
        assert_eq!(anchors.trust(bytes), Err(CertificateError::Unreadable));
        assert_eq!(anchors.know(bytes), Err(CertificateError::Unreadable));
        assert_eq!(anchors.pin(bytes), Err(CertificateError::Unreadable));
        assert_eq!(anchors.revoke(bytes), Err(CertificateError::Unreadable));
    }
    assert!(anchors.is_empty());
    let key = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().serialize_pem();
    for pem in ["", "junk", key.as_str()] {
        assert!(SigningKey::from_pem(pem).is_err(), "{pem}");
    }
}

#[test]
#[ignore = "a measure"]
fn cost_of_a_verification() {
    let ca = authority("demo");
    let anchors = anchors(&ca);
    for (name, algorithm) in
        [("RSA-2048", &rcgen::PKCS_RSA_SHA256), ("P-256", &rcgen::PKCS_ECDSA_P256_SHA256)]
    {
        let ours = holder(&ca, KeyPair::generate_for(algorithm).unwrap(), |_| ());
        let signed = sign_enveloped(&message(&assertion("_1", "A")), "_1", &ours.key, &ours.der).unwrap();
        let start = std::time::Instant::now();
        for _ in 0..200 {
            verify(&signed, &anchors).unwrap();
        }
        println!("{name}: {} µs for reading and verifying", start.elapsed().as_micros() / 200);
    }
}
