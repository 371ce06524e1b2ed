//! From which files keys are taken, and from which they are not.

use super::*;
use crate::tokens::{TEST_AUDIENCE, TEST_ISSUER_URL};

#[test]
fn keys_are_taken_from_files_that_hold_keys() {
    let directory = tempdir();
    let provider = Provider::new();
    let x = URL_SAFE_NO_PAD.encode(provider.key.public_key().as_ref());
    let jwk = |kid: &str| json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "use": "sig", "x": x});
    let encryption = json!({"kty": "OKP", "crv": "Ed25519", "kid": "enc", "use": "enc", "x": x});
    let secret = json!({"kty": "oct", "kid": "s", "k": "c2VjcmV0"});
    let rows = [
        ("one key", json!({"keys": [jwk("a")]}).to_string(), vec!["EdDSA"], true),
        (
            "an encryption key beside",
            json!({"keys": [jwk("a"), encryption]}).to_string(),
            vec!["EdDSA"],
            true,
        ),
        ("a key twice", json!({"keys": [jwk("a"), jwk("a")]}).to_string(), vec!["EdDSA"], false),
        ("a shared secret", json!({"keys": [secret]}).to_string(), vec!["EdDSA"], false),
        ("another kind", json!({"keys": [jwk("a")]}).to_string(), vec!["RS256"], false),
        ("no key", json!({"keys": []}).to_string(), vec!["EdDSA"], false),
        ("HS256", json!({"keys": [jwk("a")]}).to_string(), vec!["HS256"], false),
        ("none", json!({"keys": [jwk("a")]}).to_string(), vec!["none"], false),
        ("no algorithm", json!({"keys": [jwk("a")]}).to_string(), vec![], false),
        ("not a key", "hello".to_owned(), vec!["EdDSA"], false),
    ];
    for (row, text, algorithms, fine) in rows {
        std::fs::write(directory.join("keys"), text).unwrap();
        let config = IssuerConfig {
            url: OURS.into(),
            audience: "dmp".into(),
            algorithms: algorithms.into_iter().map(str::to_owned).collect(),
            keys: "keys".into(),
            key_id: None,
            actors: vec![Kind::Professional],
        };
        assert_eq!(Issuer::load(&config, &directory).is_ok(), fine, "{row}");
    }
    std::fs::remove_dir_all(directory).unwrap();
}

/// A public key in PEM, of each kind, verifies what its private half signs; a private one is not taken.
#[test]
fn a_key_may_be_a_pem_file() {
    use aws_lc_rs::encoding::AsDer as _;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
    let directory = tempdir();
    let pem = |label: &str, der: &[u8]| {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
    };
    let provider = Provider::new();
    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let message = |algorithm: &str, kid: &str| {
        let header = json!({"alg": algorithm, "kid": kid}).to_string();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(good().to_string()))
    };
    let signed =
        |message: String, signature: &[u8]| format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature));
    let es256 = |kid: &str| {
        let message = message("ES256", kid);
        let signature = ec.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        signed(message, signature.as_ref())
    };
    let rs256 = |kid: &str| {
        let message = message("RS256", kid);
        let mut signature = vec![0; provider.rsa.public_modulus_len()];
        let padding = &signature::RSA_PKCS1_SHA256;
        provider.rsa.sign(padding, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        signed(message, &signature)
    };
    let eddsa = |kid: &str| {
        let message = message("EdDSA", kid);
        signed(message.clone(), provider.key.sign(message.as_bytes()).as_ref())
    };
    let ec_public = ec.public_key().as_der().unwrap();
    let rsa_public = provider.rsa.public_key().as_der().unwrap();
    let ed_public = provider.key.public_key().as_der().unwrap();
    let rows: Vec<(&str, &[u8], String, String)> = vec![
        ("ES256", ec_public.as_ref(), es256("one"), es256("two")),
        ("RS256", rsa_public.as_ref(), rs256("one"), rs256("two")),
        ("EdDSA", ed_public.as_ref(), eddsa("one"), eddsa("two")),
    ];
    let config = |algorithm: &str| IssuerConfig {
        url: OURS.into(),
        audience: "dmp".into(),
        algorithms: vec![algorithm.to_owned()],
        keys: "key.pem".into(),
        key_id: Some("one".into()),
        actors: vec![Kind::Professional],
    };
    for (algorithm, der, token, of_another_kid) in rows {
        std::fs::write(directory.join("key.pem"), pem("PUBLIC KEY", der)).unwrap();
        let issuer =
            Issuer::load(&config(algorithm), &directory).unwrap_or_else(|e| panic!("{algorithm}: {e}"));
        let identities = Identities::new(vec![issuer], test_realm());
        assert!(identities.actor(&token, now()).is_ok(), "{algorithm}");
        assert_eq!(identities.actor(&of_another_kid, now()).unwrap_err(), TokenError::Key, "{algorithm}");
    }
    std::fs::write(directory.join("key.pem"), pem("PRIVATE KEY", ec.to_pkcs8v1().unwrap().as_ref())).unwrap();
    assert!(Issuer::load(&config("ES256"), &directory).is_err(), "a private key has no place there");
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn the_test_issuer_key_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempdir();
    let path = directory.join("issuer.pem");
    TestIssuer::create(&path).unwrap();
    assert!(TestIssuer::create(&path).is_err(), "a key is never overwritten");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(TestIssuer::open(&path).is_err());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(TestIssuer::open(&path).is_ok());
    std::fs::write(&path, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").unwrap();
    assert!(TestIssuer::open(&path).is_err());
    assert_eq!((TEST_ISSUER_URL, TEST_AUDIENCE), ("urn:dmp:test-issuer", "urn:dmp:test"));
    std::fs::remove_dir_all(directory).unwrap();
}
