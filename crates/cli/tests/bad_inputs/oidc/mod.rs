//! OIDC-01 to OIDC-60: signing in by a provider that answers what a row wants, and bearer tokens.

mod provider;
mod relying;

pub use relying::Relying;

use crate::case::{Case, Check, World, case, never_says, says, status};
use crate::common::lot::{ALICE, BIRTH};
use crate::common::{Answer, Browser, Request};
use provider::{Plan, Signer, doctor, now, token_answer};
use relying::{alice, escaped};
use serde_json::{Value, json};
use std::time::Duration;

const JSON: &str = "application/json";

/// A page of that status and name, which opens no session.
fn refused(expected: u16, code: &'static str) -> Check {
    Box::new(move |_, answer| {
        let named = answer.text().contains(&format!("data-error=\"{code}\""));
        let session =
            answer.headers.iter().any(|(name, value)| name == "set-cookie" && value.contains("dmp_session"));
        if answer.status == expected && named && !session {
            return Ok(());
        }
        Err(format!("{expected} {code} without session expected, got {}", answer.brief()))
    })
}

/// A sign-in by Pro Santé Connect whose provider is spoilt so.
fn spoilt(row: &'static str, plan: impl Fn() -> Plan + 'static, expected: u16, code: &'static str) -> Case {
    case(row, move |w| w.relying().sign_in("psc", plan()).0, refused(expected, code))
}

fn header(row: &'static str, header: fn(&mut Value), signer: Signer) -> Case {
    spoilt(row, move || Plan { header, signer, ..Plan::new() }, 401, "login-token")
}

fn claims(row: &'static str, claims: fn(&mut Value), code: &'static str) -> Case {
    spoilt(row, move || Plan { claims, ..Plan::new() }, 401, code)
}

type Spoilt = fn(String) -> (u16, &'static str, Vec<u8>);

fn token(row: &'static str, token: Spoilt, expected: u16, code: &'static str) -> Case {
    spoilt(row, move || Plan { token: Some(token), ..Plan::new() }, expected, code)
}

/// UserInfo spoilt so.
fn person(row: &'static str, edit: fn(&mut Value), code: &'static str) -> Case {
    let plan = move || {
        let mut user_info = doctor();
        edit(&mut user_info);
        Plan { user_info, ..Plan::new() }
    };
    spoilt(row, plan, 403, code)
}

/// A callback made from one that is as it should be.
fn callback(row: &'static str, edit: fn(String) -> String, expected: u16, code: &'static str) -> Case {
    let send = move |w: &World| {
        let relying = w.relying();
        let mut away = relying.leave(relying.browser(), "psc", "");
        relying.plan(&away, "psc", Plan::new());
        let address = edit(relying.callback(&away));
        away.browser.get(&address)
    };
    case(row, send, refused(expected, code))
}

/// Somebody signed in with that `next`: where they are sent.
fn next(variant: &'static str, row: &'static str, next: &'static str) -> Case {
    let send = move |w: &World| {
        let relying = w.relying();
        let mut away = relying.leave(relying.browser(), "psc", &format!("?next={next}"));
        relying.plan(&away, "psc", Plan::new());
        let address = relying.callback(&away);
        away.browser.get(&address)
    };
    let home: Check = Box::new(|_, answer| match answer.header("location") {
        Some("/") => Ok(()),
        other => Err(format!("home expected, got {other:?}")),
    });
    case(row, send, status(303)).variant(variant).and(home).and(never_says("attacker"))
}

/// First sign-in of an account of FranceConnect, which says that it is Alice.
fn claims_alice(w: &World, subject: &str, birth_date: &str) -> (Answer, Browser) {
    let plan = Plan { user_info: alice(subject, birth_date), ..Plan::new() };
    let (answer, mut browser) = w.relying().sign_in("fc", plan);
    let page = answer.text();
    let Some(ticket) = page.split("name=\"jeton\" value=\"").nth(1).and_then(|rest| rest.split('"').next())
    else {
        return (answer, browser);
    };
    let answer = browser.post("/connexion/numero", &format!("jeton={ticket}&numero={}", ALICE.ins));
    (answer, browser)
}

/// A logout token of these claims, posted as the provider does; then whether the session is still there.
fn told_to_leave(w: &World, more: Value) -> Answer {
    let relying = w.relying();
    let (answer, mut browser) = relying.sign_in("psc", Plan::new());
    assert_eq!(answer.status, 303, "{}", answer.brief());
    let now = now();
    let mut claims = json!({
        "iss": relying.hostile.issuer, "aud": "psc", "sub": "user-1", "iat": now, "exp": now + 60, "jti": "j",
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let form = format!("logout_token={}", relying.hostile.signed(&claims));
    let request =
        Request::new("POST", "/connexion/sortie/psc").body("application/x-www-form-urlencoded", form);
    let answer = relying.server.send(&request);
    let left = browser.get("/").status == 401;
    assert_eq!(left, answer.status == 200, "the session is kept when the token is refused");
    answer
}

pub fn cases() -> Vec<Case> {
    [callbacks(), answers(), tokens(), people(), bearers()].into_iter().flatten().collect()
}

fn callbacks() -> Vec<Case> {
    vec![
        case(
            "OIDC-02",
            |w| {
                let relying = w.relying();
                let away = relying.leave(relying.browser(), "psc", "");
                let mut other = relying.leave(relying.browser(), "psc", "");
                other.browser.get(&relying.callback(&away))
            },
            refused(400, "login-state"),
        ),
        case(
            "OIDC-03",
            |w| {
                let relying = w.relying();
                let mut away = relying.leave(relying.browser(), "psc", "");
                relying.plan(&away, "psc", Plan::new());
                let address = relying.callback(&away);
                let first = away.browser.get(&address);
                assert_eq!(first.status, 303, "{}", first.brief());
                away.browser.get(&address)
            },
            refused(400, "login-state"),
        ),
        callback("OIDC-01", |_| "/connexion/retour?code=c".to_owned(), 400, "login-state"),
        callback("OIDC-05", |to| to + "&state=x", 400, "login-request"),
        callback("OIDC-06", |to| to + "&error=access_denied", 400, "login-request"),
        callback("OIDC-07", |to| to.replace("code=c", "error=access_denied"), 200, "login-cancelled")
            .and(says("Vous avez annulé")),
        callback(
            "OIDC-08",
            |to| {
                to.replace("code=c", "error=server_error&error_description=%3Cscript%3Ealert(1)%3C/script%3E")
            },
            502,
            "login-provider",
        )
        .and(never_says("alert(1)")),
        callback("OIDC-09", |to| to.replace("code=c", "x=c"), 400, "login-request"),
        case(
            "OIDC-10",
            |w| {
                w.relying()
                    .browser()
                    .get(&format!("/connexion/retour?state=s&code={}", "a".repeat(100 << 10)))
            },
            status(414),
        ),
        callback(
            "OIDC-12",
            |to| to.split("&iss").next().unwrap().to_owned() + "&iss=https%3A%2F%2Fother",
            400,
            "login-issuer",
        ),
        callback("OIDC-13", |to| to.split("&iss").next().unwrap().to_owned(), 400, "login-issuer"),
        case(
            "OIDC-14",
            |w| {
                let form = "application/x-www-form-urlencoded";
                let request = Request::new("POST", "/connexion/retour").body(form, "state=s&code=c");
                w.relying().server.send(&request.header("Origin", &w.relying().hostile.issuer))
            },
            status(405),
        ),
        case(
            "OIDC-15",
            |w| w.relying().browser().get("/connexion/depart/psc?redirect_uri=https://attacker.example/"),
            status(303),
        )
        .and(never_says("attacker"))
        .and(Box::new(|w, answer| {
            let own = format!(
                "redirect_uri={}",
                escaped(&format!("http://{}/connexion/retour", w.relying().server.authority))
            );
            match answer.header("location").is_some_and(|to| to.contains(&own)) {
                true => Ok(()),
                false => Err(format!("{own} expected in {}", answer.brief())),
            }
        })),
        next("", "OIDC-16", "https%3A%2F%2Fattacker.example%2F"),
        next("two slashes", "OIDC-17", "%2F%2Fattacker.example"),
        next("backslash", "OIDC-17", "%2F%5Cattacker.example"),
        next("tab", "OIDC-17", "%2F%2509%2Fattacker.example"),
    ]
}

fn answers() -> Vec<Case> {
    let refused_code: Spoilt = |_| (400, JSON, br#"{"error":"invalid_grant"}"#.to_vec());
    vec![
        token("OIDC-11", refused_code, 400, "login-code"),
        token("OIDC-55", refused_code, 400, "login-code"),
        token(
            "OIDC-18",
            |_| (200, JSON, br#"{"access_token":"a","token_type":"Bearer"}"#.to_vec()),
            502,
            "login-provider",
        ),
        token("OIDC-19", |_| (200, "text/html", b"<html></html>".to_vec()), 502, "login-provider"),
        token(
            "OIDC-20",
            |token| {
                (200, JSON, [token_answer(&token).to_string().into_bytes(), vec![b' '; 10 << 20]].concat())
            },
            502,
            "login-provider",
        ),
        spoilt(
            "OIDC-21",
            || Plan { token_delay: Duration::from_secs(7), ..Plan::new() },
            504,
            "login-provider",
        )
        .patience(Duration::from_secs(14)),
        token("OIDC-22", |_| (302, JSON, Vec::new()), 502, "login-provider"),
        spoilt(
            "OIDC-46",
            || Plan { user_info_signer: Some(Signer::Other), ..Plan::new() },
            401,
            "login-token",
        ),
        case(
            "OIDC-46",
            |w| w.relying().sign_in("psc", Plan { user_info_signer: Some(Signer::Current), ..Plan::new() }).0,
            status(303),
        )
        .variant("its own key"),
        spoilt(
            "OIDC-45",
            || Plan { claims: |claims| claims["sub"] = "user-2".into(), ..Plan::new() },
            401,
            "login-identity",
        ),
    ]
}

fn tokens() -> Vec<Case> {
    vec![
        header("OIDC-23", |header| header["alg"] = "none".into(), Signer::Nobody),
        header("OIDC-24", |header| header["alg"] = "HS256".into(), Signer::PublicKeyAsSecret),
        header("OIDC-25", |header| header["alg"] = "RS384".into(), Signer::Current),
        spoilt("OIDC-26", || Plan { finish: |token| token + ".e30.e30", ..Plan::new() }, 401, "login-token")
            .variant("four"),
        spoilt(
            "OIDC-26",
            || Plan { finish: |token| token.replacen('.', "", 1), ..Plan::new() },
            401,
            "login-token",
        )
        .variant("one"),
        spoilt("OIDC-27", || Plan { finish: |token| token + "==", ..Plan::new() }, 401, "login-token")
            .variant("padding"),
        spoilt("OIDC-27", || Plan { finish: |token| token + "+/", ..Plan::new() }, 401, "login-token")
            .variant("alphabet"),
        spoilt(
            "OIDC-54",
            || Plan { finish: |token| token + ".e30.e30.e30", ..Plan::new() },
            401,
            "login-token",
        ),
        header("OIDC-28", |header| header["kid"] = "../../etc/passwd".into(), Signer::Current),
        case(
            "OIDC-29",
            |w| {
                let relying = w.relying();
                let asked = || *relying.hostile.key_requests.lock().unwrap();
                let before = asked();
                let plan = || Plan { header: |header| header["kid"] = "unknown".into(), ..Plan::new() };
                relying.sign_in("psc", plan());
                let answer = relying.sign_in("psc", plan()).0;
                assert!(asked() <= before + 1, "asked {} times", asked() - before);
                answer
            },
            refused(401, "login-token"),
        ),
        header(
            "OIDC-30",
            |header| {
                header["jku"] = "http://attacker.example/jwks".into();
                header["x5u"] = "http://attacker.example/x5u".into();
                header["kid"] = "theirs".into();
            },
            Signer::Other,
        ),
        header(
            "OIDC-31",
            |header| header["jwk"] = json!({ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" }),
            Signer::Other,
        ),
        header("OIDC-32", |header| header["crit"] = json!(["exp"]), Signer::Current),
        header("OIDC-33", |header| header["kid"] = "withdrawn".into(), Signer::Other),
        header("OIDC-34", |_| {}, Signer::Zeros),
        claims("OIDC-35", |claims| claims["aud"] = "other".into(), "login-audience"),
        claims("OIDC-36", |claims| claims["aud"] = json!(["psc", "other"]), "login-audience"),
        claims(
            "OIDC-37",
            |claims| claims["iss"] = format!("{}/", claims["iss"].as_str().unwrap()).into(),
            "login-issuer",
        ),
        claims("OIDC-38", |claims| claims["exp"] = (now() - 61).into(), "login-expired"),
        claims("OIDC-39", |claims| claims["iat"] = (now() + 600).into(), "login-clock").and(says("Il est ")),
        claims("OIDC-40", |claims| claims["exp"] = "9999999999".into(), "login-token"),
        claims("OIDC-41", |claims| claims["nonce"] = "other".into(), "login-nonce").variant("different"),
        claims("OIDC-41", |claims| drop(claims.as_object_mut().unwrap().remove("nonce")), "login-nonce")
            .variant("missing"),
        spoilt(
            "OIDC-42",
            || Plan { claims: |claims| claims["acr"] = "eidas1".into(), ..Plan::new() },
            403,
            "login-level",
        ),
        case(
            "OIDC-43",
            |w| {
                let relying = w.relying();
                let (answer, browser) = relying.sign_in("psc", Plan::new());
                assert_eq!(answer.status, 303, "{}", answer.brief());
                let mut away = relying.leave(browser, "psc", "?preuve=1");
                assert!(
                    away.address.contains("prompt=login") && away.address.contains("max_age=0"),
                    "{}",
                    away.address
                );
                let old = |claims: &mut Value| claims["auth_time"] = (now() - 600).into();
                relying.plan(&away, "psc", Plan { claims: old, ..Plan::new() });
                let address = relying.callback(&away);
                away.browser.get(&address)
            },
            refused(403, "login-again"),
        ),
        claims("OIDC-44", |claims| claims["sub"] = "".into(), "login-token").variant("empty"),
        claims("OIDC-44", |claims| claims["sub"] = "a".repeat(10 << 10).into(), "login-token")
            .variant("10 KiB"),
        claims("OIDC-44", |claims| claims["sub"] = "a\u{0}".into(), "login-token").variant("NUL"),
        spoilt(
            "OIDC-53",
            || Plan {
                raw_claims: Some(|claims| claims.to_string().replacen('{', "{\"sub\":\"user-2\",", 1)),
                ..Plan::new()
            },
            401,
            "login-token",
        ),
    ]
}

fn people() -> Vec<Case> {
    vec![
        person(
            "OIDC-47",
            |info| drop(info.as_object_mut().unwrap().remove("SubjectNameID")),
            "login-identity",
        ),
        person("OIDC-48", |info| info["SubjectNameID"] = "899900900016".into(), "login-identity"),
        person(
            "OIDC-49",
            |info| {
                info["SubjectRefPro"]["exercices"][0]["activities"][0]["numeroFinessSite"] =
                    "229990026".into()
            },
            "account-inactive",
        ),
        person(
            "OIDC-50",
            |info| {
                info["SubjectRefPro"]["exercices"][0]["activities"][0]["codeSecteurDactivite"] = "SA99".into()
            },
            "account-role",
        ),
        case(
            "OIDC-51",
            |w| claims_alice(w, "another birth", "1970-01-16").0,
            refused(403, "identity-differs"),
        ),
        case(
            "OIDC-51",
            |w| {
                for _ in 0..3 {
                    let (differs, _) = claims_alice(w, "searching", "1970-01-16");
                    assert_eq!(differs.status, 403, "{}", differs.brief());
                }
                claims_alice(w, "searching", BIRTH).0
            },
            refused(403, "identity-differs"),
        )
        .variant("numbers are not tried one after the other"),
        case(
            "OIDC-52",
            |w| {
                let (first, _) = claims_alice(w, "first account", BIRTH);
                assert_eq!(first.status, 303, "linked: {}", first.brief());
                let (again, _) = claims_alice(w, "first account", BIRTH);
                assert_eq!(again.status, 303, "not asked again: {}", again.brief());
                let (second, _) = claims_alice(w, "second account", BIRTH);
                assert_eq!(second.status, 403, "{}", second.brief());
                claims_alice(w, "first account", BIRTH).0
            },
            refused(403, "identity-differs"),
        ),
    ]
}

/// The challenge of a bearer token that is refused.
fn challenge(expected: u16, error: &'static str) -> Check {
    Box::new(move |_, answer| {
        let says = format!("error=\"{error}\"");
        let named = answer.header("www-authenticate").is_some_and(|challenge| challenge.contains(&says));
        if answer.status == expected && named {
            Ok(())
        } else {
            Err(format!("{expected} {says} expected, got {}", answer.brief()))
        }
    })
}

fn bearers() -> Vec<Case> {
    let path = || format!("/fhir/DocumentReference?patient.identifier={}", ALICE.identifier());
    vec![
        case("OIDC-56", move |w| w.relying().bearer(&path(), json!({})), status(200)).variant("in force"),
        case(
            "OIDC-56",
            move |w| w.relying().bearer(&path(), json!({ "exp": now() - 61 })),
            challenge(401, "invalid_token"),
        ),
        case(
            "OIDC-57",
            move |w| w.relying().bearer(&path(), json!({ "dmp_actor": { "kind": "pilot" } })),
            challenge(403, "insufficient_scope"),
        ),
        case("OIDC-58", |w| w.demo.send(&Request::get("/fhir/metadata?access_token=tr3s0r")), status(400))
            .and(never_says("tr3s0r"))
            .and(Box::new(|w, _| match w.demo.log().contains("tr3s0r") {
                false => Ok(()),
                true => Err("the token is in the log".to_owned()),
            })),
        case(
            "OIDC-59",
            move |w| w.relying().bearer(&path(), json!({ "cnf": { "jkt": "x" } })),
            challenge(401, "invalid_token"),
        ),
        case("OIDC-60", |w| told_to_leave(w, json!({ "nonce": "n" })), status(400)).variant("nonce"),
        case("OIDC-60", |w| told_to_leave(w, json!({ "events": {} })), status(400)).variant("no event"),
        case("OIDC-60", |w| told_to_leave(w, json!({})), status(200)).variant("as it should be"),
    ]
}
