//! Tokens that must be refused, rows OIDC-23 to OIDC-59 of the bad-input list that concern a bearer token, and the
//! actors that genuine ones give.
//!
//! Rows left out: OIDC-01 to 22, 41 to 43, 45 and 55 (the sign-in at a provider, not built yet), 46 (no UserInfo call),
//! 48 and 49 (official test identifiers have no valid check digit; no directory is consulted), 50 (the record's rules),
//! 51 and 52 (accounts), 60 (no back-channel).

mod keys;

use super::claims::{self, DmpActor};
use super::*;
use crate::tokens::TestIssuer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, Ed25519KeyPair, KeyPair as _, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use dmp_dossier::{
    App, AppPurpose, Auth, Card, Channel, Employee, Ins, InsOid, Mode, PersonName, Professional, PsId, Realm,
    ReceptionAgent, StructureActor, StructureId,
};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const NOW: i64 = 1_795_000_000;
const OURS: &str = "https://provider.example";

fn now() -> Time {
    Time::from_millis(NOW * 1000)
}

fn test_realm() -> RealmPolicy {
    RealmPolicy { realm: Realm::Test, accept_production_oid: false }
}

/// A provider with an Ed25519 key `one` in use, and an RSA key known to the test alone.
struct Provider {
    key: Ed25519KeyPair,
    rsa: RsaKeyPair,
}

impl Provider {
    fn new() -> Self {
        Provider {
            key: Ed25519KeyPair::generate().unwrap(),
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
        }
    }

    fn identities(&self, actors: &[Kind]) -> Identities {
        let keys = BTreeMap::from([
            (Some("one".to_owned()), DecodingKey::from_ed_der(self.key.public_key().as_ref())),
            (Some("rsa".to_owned()), DecodingKey::from_rsa_der(self.rsa.public_key().as_ref())),
        ]);
        let algorithms = vec![Algorithm::EdDSA, Algorithm::RS256];
        Identities::new(vec![Issuer::new(OURS, "dmp", algorithms, keys, actors)], test_realm())
    }

    fn sign(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.key.sign(message.as_bytes()).as_ref());
        format!("{message}.{signature}")
    }

    fn token(&self, changes: &Value) -> String {
        self.sign(r#"{"alg":"EdDSA","kid":"one"}"#, &with(changes).to_string())
    }
}

fn good() -> Value {
    json!({
        "iss": OURS, "aud": "dmp", "sub": "f:1:899900063480", "exp": NOW + 300, "iat": NOW,
        "SubjectNameID": "899900063480", "family_name": "LIBRE", "given_name": "MAX",
        "SubjectRefPro": { "exercices": [{
            "codeProfession": "10", "codeCategorieProfessionnelle": "C", "codeSavoirFaire": "SM26",
            "activities": [{ "codeSecteurDactivite": "SA07", "raisonSocialeSite": "CABINET DR LIBRE" }],
        }]},
        "SubjectOrganizationID": "499900063480001",
    })
}

/// The good claims with some changed; `null` takes one away.
fn with(changes: &Value) -> Value {
    let mut claims = good();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

#[test]
fn a_token_is_refused_for_each_thing_wrong_with_its_form() {
    let provider = Provider::new();
    let identities = provider.identities(&[Kind::Professional]);
    let claims = good().to_string();
    let header = |header: Value| provider.sign(&header.to_string(), &claims);
    let fine = header(json!({"alg": "EdDSA", "kid": "one"}));
    assert!(identities.actor(&fine, now()).is_ok());
    let (message, genuine) = fine.rsplit_once('.').unwrap();
    let (head, payload) = message.split_once('.').unwrap();
    // An HMAC keyed with the public key, as if the issuer signed with a shared secret.
    let hs256 = {
        let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","kid":"one"}"#);
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, provider.key.public_key().as_ref());
        let mac = aws_lc_rs::hmac::sign(&key, format!("{head}.{payload}").as_bytes());
        format!("{head}.{payload}.{}", URL_SAFE_NO_PAD.encode(mac.as_ref()))
    };
    let rs384 = {
        let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS384","kid":"rsa"}"#);
        let message = format!("{head}.{payload}");
        let mut mac = vec![0; provider.rsa.public_modulus_len()];
        let padding = &signature::RSA_PKCS1_SHA384;
        provider.rsa.sign(padding, &SystemRandom::new(), message.as_bytes(), &mut mac).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac))
    };
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    let other = Provider::new();
    let twice = claims.replacen('{', r#"{"SubjectNameID":"801234567890","#, 1);
    let key = json!({"alg": "EdDSA", "jwk": {
        "kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(other.key.public_key().as_ref()),
    }});
    use TokenError::{Algorithm as Alg, Key, Malformed, Signature};
    type Row<'r> = (&'r str, String, fn(&TokenError) -> bool);
    let rows: Vec<Row<'_>> = vec![
        ("OIDC-23 none, no signature", format!("{none}.{payload}."), |e| *e == Alg),
        ("OIDC-23 none, a signature", format!("{none}.{payload}.{genuine}"), |e| *e == Alg),
        ("OIDC-24 HS256 by the public key", hs256, |e| *e == Alg),
        ("OIDC-25 RS384", rs384, |e| *e == Alg),
        ("OIDC-26 two parts", message.to_owned(), |e| matches!(e, Malformed(_))),
        ("OIDC-26 four parts", format!("{fine}.x"), |e| matches!(e, Malformed(_))),
        ("OIDC-27 padding", format!("{head}.{}.{genuine}", STANDARD.encode(&claims)), |e| {
            matches!(e, Malformed(_))
        }),
        ("OIDC-27 padded signature", format!("{fine}=="), |e| *e == Signature),
        ("OIDC-28 kid a path", header(json!({"alg": "EdDSA", "kid": "../../etc/passwd"})), |e| *e == Key),
        ("OIDC-29 kid unknown", header(json!({"alg": "EdDSA", "kid": "two"})), |e| *e == Key),
        ("kid absent, several keys", header(json!({"alg": "EdDSA"})), |e| *e == Key),
        ("kid of a key of another kind", header(json!({"alg": "EdDSA", "kid": "rsa"})), |e| *e == Alg),
        ("OIDC-30 jku", header(json!({"alg": "EdDSA", "kid": "two", "jku": "http://attacker/"})), |e| {
            *e == Key
        }),
        ("OIDC-30 x5u", header(json!({"alg": "EdDSA", "kid": "two", "x5u": "http://attacker/"})), |e| {
            *e == Key
        }),
        ("OIDC-31 jwk", other.sign(&key.to_string(), &claims), |e| *e == Key),
        ("OIDC-32 crit", header(json!({"alg": "EdDSA", "kid": "one", "crit": ["exp"]})), |e| {
            matches!(e, Malformed(_))
        }),
        ("OIDC-33 another key", other.sign(r#"{"alg":"EdDSA","kid":"one"}"#, &claims), |e| *e == Signature),
        ("OIDC-34 zeros", format!("{message}.{}", URL_SAFE_NO_PAD.encode([0; 64])), |e| *e == Signature),
        ("OIDC-53 a claim twice", provider.sign(r#"{"alg":"EdDSA","kid":"one"}"#, &twice), |e| {
            matches!(e, Malformed(_))
        }),
        ("OIDC-54 nested JWE", header(json!({"alg": "EdDSA", "kid": "one", "enc": "A256GCM"})), |e| {
            matches!(e, Malformed(_))
        }),
        ("a logout token", header(json!({"alg": "EdDSA", "kid": "one", "typ": "logout+jwt"})), |e| {
            matches!(e, Malformed(_))
        }),
        (
            "another payload",
            format!("{head}.{}.{genuine}", URL_SAFE_NO_PAD.encode(with(&json!({"sub": "x"})).to_string())),
            |e| *e == Signature,
        ),
        ("too long", format!("{fine}{}", "A".repeat(TOKEN_BYTES_MAX)), |e| matches!(e, Malformed(_))),
        ("empty", String::new(), |e| matches!(e, Malformed(_))),
        ("dots", "..".to_owned(), |e| matches!(e, Malformed(_))),
    ];
    for (row, token, expected) in rows {
        let refused = identities.actor(&token, now()).expect_err(row);
        assert!(expected(&refused), "{row}: {refused:?}");
        assert_eq!(refused.http_status(), 401, "{row}");
    }
}

#[test]
fn a_token_is_refused_for_each_claim_that_is_wrong() {
    use TokenError::{Audience, Claim, Expired, Insufficient, Issuer, NotYet, Unproven};
    let provider = Provider::new();
    let identities = provider.identities(&[Kind::Professional]);
    let rows: Vec<(&str, Value, Option<TokenError>)> = vec![
        ("as it is", json!({}), None),
        ("OIDC-35 aud of another", json!({"aud": "other"}), Some(Audience)),
        ("aud missing", json!({"aud": null}), Some(Audience)),
        ("aud a number", json!({"aud": 1}), Some(Audience)),
        ("aud an array of ours", json!({"aud": ["dmp"]}), None),
        ("OIDC-36 aud array, no azp", json!({"aud": ["dmp", "other"]}), Some(Audience)),
        ("aud array with azp", json!({"aud": ["dmp", "other"], "azp": "lps"}), None),
        ("OIDC-37 iss with a slash", json!({"iss": "https://provider.example/"}), Some(Issuer)),
        ("iss missing", json!({"iss": null}), Some(Issuer)),
        ("OIDC-38 expired by 61 s", json!({"exp": NOW - 61}), Some(Expired)),
        ("expired by 60 s", json!({"exp": NOW - 60}), None),
        ("OIDC-56 expired yesterday", json!({"exp": NOW - 86_400}), Some(Expired)),
        ("exp missing", json!({"exp": null}), Some(Claim("exp"))),
        ("OIDC-40 exp a text", json!({"exp": "9999999999"}), Some(Claim("exp"))),
        ("OIDC-39 iat 10 min ahead", json!({"iat": NOW + 600}), Some(NotYet)),
        ("iat 60 s ahead", json!({"iat": NOW + 60}), None),
        ("nbf 61 s ahead", json!({"nbf": NOW + 61}), Some(NotYet)),
        ("OIDC-44 sub empty", json!({"sub": ""}), Some(Claim("sub"))),
        ("OIDC-44 sub of 10 KiB", json!({"sub": "x".repeat(10_240)}), Some(Claim("sub"))),
        ("OIDC-44 sub with NUL", json!({"sub": "a\0b"}), Some(Claim("sub"))),
        ("OIDC-47 no identifier", json!({"SubjectNameID": null}), Some(Claim("SubjectNameID"))),
        ("identifier of nobody", json!({"SubjectNameID": "12"}), Some(Claim("SubjectNameID"))),
        ("no exercise", json!({"SubjectRefPro": null}), Some(Claim("SubjectRefPro.exercices"))),
        ("OIDC-59 bound token", json!({"cnf": {"jkt": "x"}}), Some(Unproven)),
        (
            "OIDC-57 a patient by an issuer of professionals",
            json!({"dmp_actor": {"kind": "patient", "ins": "284073523811416", "oid": "1.2.250.1.213.1.4.10"}}),
            Some(Insufficient("its issuer does not speak for such an actor")),
        ),
        (
            "OIDC-57 an authentication it cannot assert",
            json!({"dmp_actor": {"kind": "professional", "auth": "direct"}}),
            Some(Insufficient("its issuer does not speak for such an actor")),
        ),
        ("a kind of nobody", json!({"dmp_actor": {"kind": "minister"}}), Some(Claim("dmp_actor"))),
        (
            "centre_15 without regulation",
            json!({"purpose_of_use": "centre_15", "Acces_Regulation_Medicale": "FAUX"}),
            Some(Insufficient("`centre_15` needs Acces_Regulation_Medicale = VRAI")),
        ),
        (
            "a purpose of nobody",
            json!({"purpose_of_use": [{"system": "urn:oid:1.2.3", "code": "curiosite"}]}),
            Some(Insufficient("its purpose_of_use is none of the DMP's")),
        ),
        (
            "two purposes",
            json!({"purpose_of_use": ["normal", "bris_de_glace"]}),
            Some(Insufficient("it has several purpose_of_use")),
        ),
    ];
    for (row, changes, expected) in rows {
        let result = identities.actor(&provider.token(&changes), now());
        assert_eq!(result.as_ref().err(), expected.as_ref(), "{row}");
        if let Some(refused) = expected {
            let status = if matches!(refused, Insufficient(_)) { 403 } else { 401 };
            assert_eq!(refused.http_status(), status, "{row}");
        }
    }
}

#[test]
fn a_verified_token_ends_on_its_date() {
    let provider = Provider::new();
    let identities = provider.identities(&[Kind::Professional]);
    let token = provider.token(&json!({}));
    let after = |seconds: i64| Time::from_millis((NOW + seconds) * 1000);
    assert!(identities.actor(&token, after(0)).is_ok());
    assert!(identities.actor(&token, after(360)).is_ok());
    assert_eq!(identities.actor(&token, after(361)).unwrap_err(), TokenError::Expired);
    assert_eq!(identities.actor(&token, after(-61)).unwrap_err(), TokenError::NotYet);
}

fn professional(identities: &Identities, token: &str) -> Professional {
    match Actor::clone(&identities.actor(token, now()).unwrap()) {
        Actor::Professional(professional) => *professional,
        other => panic!("{other:?}"),
    }
}

#[test]
fn pro_sante_connect_names_a_professional() {
    let provider = Provider::new();
    let identities = provider.identities(&[Kind::Professional]);
    let plain = professional(&identities, &provider.token(&json!({})));
    assert_eq!(
        plain,
        Professional {
            id: PsId::parse("899900063480").unwrap(),
            name: PersonName { family: "LIBRE".into(), given: "MAX".into() },
            profession: "10".into(),
            speciality: Some("SM26".into()),
            structure: StructureId::parse("499900063480001"),
            structure_name: Some("CABINET DR LIBRE".into()),
            sector: Some("SA07".into()),
            auth: Auth::Oidc,
            card: Card::Cps,
            mode: Mode::Normal,
            secret: false,
            software: None,
        }
    );
    let student = json!({"SubjectRefPro": {"exercices": [
        {"codeProfession": "10", "codeCategorieProfessionnelle": "E", "activities": []}
    ]}});
    let by_role = json!({"SubjectRefPro": null, "SubjectRole": ["60^1.2.250.1.71.1.2.7"]});
    let by_other_id = json!({"SubjectNameID": null, "otherIds": [
        {"origine": "ADELI", "identifiant": "x"}, {"origine": "RPPS", "identifiant": "801234567890"}
    ]});
    let finess = json!({"SubjectOrganizationID": "R21889", "SubjectRefPro": {"exercices": [
        {"codeProfession": "21", "activities": [
            {"identifiantTechniqueDeLaStructure": "R1", "numeroFinessSite": "750000001"},
            {"identifiantTechniqueDeLaStructure": "R21889", "numeroFinessSite": "750100125",
             "codeSectionPharmacien": "A", "codeSecteurDactivite": "SA33"},
        ]}
    ]}});
    type Row = (Value, fn(&Professional) -> bool);
    let rows: Vec<Row> = vec![
        (student, |p| p.profession == "G16_10" && p.card == Card::Cpf),
        (by_role, |p| p.profession == "60" && p.speciality.is_none() && p.card == Card::Cps),
        (by_other_id, |p| p.id.as_str() == "801234567890"),
        (finess, |p| {
            p.structure.as_ref().map(StructureId::as_str) == Some("1750100125")
                && p.speciality.as_deref() == Some("A")
                && p.sector.as_deref() == Some("SA33")
        }),
        (json!({"Secteur_Activite": "SA13^1.2.250.1.71.4.2.4"}), |p| p.sector.as_deref() == Some("SA13")),
        (json!({"purpose_of_use": {"code": "TREAT"}}), |p| p.mode == Mode::Normal),
        (
            json!({"extensions": {"ihe_iua": {"purpose_of_use": [{"code": "bris_de_glace"}]}},
                   "Mode_Acces_Raison": "inconscient"}),
            |p| p.mode == Mode::BrisDeGlace { reason: "inconscient".into() },
        ),
        (json!({"purpose_of_use": "BTG", "reason": "chute"}), |p| {
            p.mode == Mode::BrisDeGlace { reason: "chute".into() }
        }),
        (json!({"purpose_of_use": "bris_de_glace"}), |p| {
            p.mode == Mode::BrisDeGlace { reason: String::new() }
        }),
        (
            json!({"purpose_of_use": "urn:oid:1.2.250.1.213.1.1.4.248|centre_15", "Acces_Regulation_Medicale": "VRAI"}),
            |p| p.mode == Mode::Centre15,
        ),
        (json!({"Confidentiality_code": "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"}), |p| {
            p.secret
        }),
        (json!({"azp": "lps-essai"}), |p| p.software.as_deref() == Some("lps-essai")),
    ];
    for (changes, expected) in rows {
        let read = professional(&identities, &provider.token(&changes));
        assert!(expected(&read), "{changes}: {read:?}");
    }
}

#[test]
fn of_several_exercises_the_token_must_name_one() {
    let provider = Provider::new();
    let identities = provider.identities(&[Kind::Professional]);
    let two = |role: Value, organisation: &str| {
        provider.token(&json!({
            "SubjectRole": role, "SubjectOrganizationID": organisation,
            "SubjectRefPro": {"exercices": [
                {"codeProfession": "10", "codeSavoirFaire": "SM26", "activities": [{"numeroFinessSite": "750100125"}]},
                {"codeProfession": "10", "codeSavoirFaire": "SM54", "activities": [{"numeroFinessSite": "690000001"}]},
                {"codeProfession": "40", "activities": [{"numeroFinessSite": "690000002"}]},
            ]},
        }))
    };
    for (role, organisation, speciality) in [
        (json!(["10^x"]), "1690000001", Ok(Some("SM54"))),
        (json!(["40^x"]), "R1", Ok(None)),
        (json!([]), "1750100125", Ok(Some("SM26"))),
        (json!(["10^x"]), "R1", Err(403)),
        (json!([]), "R1", Err(403)),
    ] {
        let result = identities.actor(&two(role.clone(), organisation), now());
        let read = result.map_err(TokenError::http_status).map(|actor| match &*actor {
            Actor::Professional(p) => p.speciality.clone(),
            other => panic!("{other:?}"),
        });
        assert_eq!(read, speciality.map(|s| s.map(str::to_owned)), "{role} {organisation}");
    }
}

fn everybody() -> Vec<Actor> {
    let ins = || Ins::parse("284073523811416", InsOid::Test).unwrap();
    let name = || PersonName { family: "Petit".into(), given: "Anne".into() };
    let structure = || StructureId::parse("10B0127189").unwrap();
    let doctor = Professional {
        id: PsId::parse("899900063480").unwrap(),
        name: name(),
        profession: "10".into(),
        speciality: Some("SM26".into()),
        structure: Some(structure()),
        structure_name: Some("Cabinet du Port".into()),
        sector: Some("SA07".into()),
        auth: Auth::Direct,
        card: Card::Cps,
        mode: Mode::Normal,
        secret: true,
        software: Some("essai".into()),
    };
    let bare = Professional {
        speciality: None,
        structure: None,
        structure_name: None,
        sector: None,
        secret: false,
        software: None,
        ..doctor.clone()
    };
    let professional = |p: Professional| Actor::Professional(Box::new(p));
    vec![
        Actor::Patient { ins: ins() },
        Actor::Representative { of: ins(), person: "urn:person:1".into() },
        professional(doctor.clone()),
        professional(Professional { auth: Auth::Indirect, ..bare.clone() }),
        professional(Professional { auth: Auth::ReinforcedIndirect, ..doctor.clone() }),
        professional(Professional { auth: Auth::Oidc, ..bare.clone() }),
        professional(Professional {
            profession: "21".into(),
            speciality: Some("A".into()),
            ..doctor.clone()
        }),
        professional(Professional { profession: "G16_10".into(), card: Card::Cpf, ..bare.clone() }),
        professional(Professional { mode: Mode::BrisDeGlace { reason: "chute".into() }, ..doctor.clone() }),
        professional(Professional { mode: Mode::BrisDeGlace { reason: String::new() }, ..bare.clone() }),
        professional(Professional { mode: Mode::Centre15, ..bare }),
        Actor::Employee(Employee {
            id: PsId::parse("30B0037750/CPET0001").unwrap(),
            name: name(),
            structure: structure(),
            structure_name: None,
            reinforced_indirect: true,
        }),
        Actor::Structure(StructureActor {
            id: structure(),
            name: Some("CH du Port".into()),
            regulation: true,
        }),
        Actor::ReceptionAgent(ReceptionAgent {
            id: "agent-1".into(),
            organisation: "CPAM de Bayonne".into(),
            channel: Channel::Cpam,
        }),
        Actor::Insurer,
        Actor::Pilot,
        Actor::App(App { name: "essai".into(), purpose: AppPurpose::Loader }),
    ]
}

#[test]
fn a_token_minted_for_an_actor_gives_that_actor() {
    let directory = tempdir();
    let issuer = TestIssuer::create(&directory.join("issuer.pem")).unwrap();
    let again = TestIssuer::open(&directory.join("issuer.pem")).unwrap();
    let identities = Identities::new(vec![again.issuer()], test_realm());
    for actor in everybody() {
        let token = issuer.mint(&actor, now(), 5).unwrap();
        assert_eq!(*identities.actor(&token, now()).unwrap(), actor);
    }
    let system = Actor::App(App { name: "dmp".into(), purpose: AppPurpose::System });
    assert_eq!(issuer.mint(&system, now(), 5), None);
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn a_production_realm_takes_no_loader_and_no_test_patient() {
    let directory = tempdir();
    let keys = TestIssuer::create(&directory.join("issuer.pem")).unwrap();
    let production = RealmPolicy { realm: Realm::Production, accept_production_oid: false };
    let identities = Identities::new(vec![keys.issuer()], production);
    for actor in everybody() {
        let token = keys.mint(&actor, now(), 5).unwrap();
        let of_the_realm =
            !matches!(actor, Actor::Patient { .. } | Actor::Representative { .. } | Actor::App(_));
        assert_eq!(identities.actor(&token, now()).is_ok(), of_the_realm, "{actor:?}");
    }
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn own_claims_are_read_strictly() {
    for (text, fine) in [
        (r#"{"kind":"pilot"}"#, true),
        (r#"{"kind":"structure","id":"10B0127189"}"#, true),
        (r#"{"kind":"structure","id":"10B0127189","regulatoin":true}"#, false),
        (r#"{"kind":"patient","ins":"1"}"#, false),
        (r#"{"ins":"1","oid":"1"}"#, false),
    ] {
        assert_eq!(serde_json::from_str::<DmpActor>(text).is_ok(), fine, "{text}");
    }
    let described: Map<String, Value> = serde_json::from_value(good()).unwrap();
    assert!(matches!(claims::described(&described, test_realm()), Ok(Actor::Professional(_))));
}

fn tempdir() -> std::path::PathBuf {
    let path = std::env::temp_dir().join(format!("dmp-identity-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir_all(&path).unwrap();
    path
}
