//! Every endpoint refuses who has no business there, and says nothing in doing so (style.md, habit 5).
//!
//! `endpoints.txt` lists every endpoint and who it answers to; a test compares it with the routes in the sources. Each
//! one that needs somebody is then asked by nobody, with a broken, an expired and a forged token, by a member of the
//! pilot team (figures only), and by another patient, who gets the answer that a dossier that does not exist gives. The
//! services of the DMP interface have one address for several operations: each of these is asked in `soap.rs`.
#![allow(clippy::unwrap_used)] // a failure here is the test's failure

#[path = "../common/mod.rs"]
mod common;
mod requests;
mod routes;
mod soap;

use common::{Answer, Demo, Request};
use requests::{Pages, Target};
use routes::{Endpoint, Needs, listed, mounted};
use std::collections::BTreeSet;

#[test]
fn the_list_of_endpoints_is_that_of_the_routes() {
    let listed: BTreeSet<String> = listed().into_iter().map(|endpoint| endpoint.name).collect();
    let mounted = mounted();
    assert_eq!(
        mounted.difference(&listed).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "not in endpoints.txt"
    );
    assert_eq!(listed.difference(&mounted).collect::<Vec<_>>(), Vec::<&String>::new(), "mounted nowhere");
}

#[test]
fn what_needs_nobody_says_why() {
    for endpoint in listed() {
        assert_eq!(endpoint.needs == Needs::Nobody, !endpoint.why.is_empty(), "{}", endpoint.name);
    }
}

/// Faults found, by endpoint.
struct Faults(Vec<String>);

impl Faults {
    /// Checks a refusal: its status, and that it says nothing of the record.
    fn refused(&mut self, name: &str, asker: &str, answer: &Answer, statuses: &[u16], secrets: &[String]) {
        if !statuses.contains(&answer.status) {
            self.0.push(format!("{name}: {asker}: {statuses:?} expected, got {}", answer.brief()));
        }
        let headers = answer.headers.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join("\n");
        let all = format!("{headers}\n{}", answer.text());
        for secret in secrets.iter().filter(|secret| all.contains(secret.as_str())) {
            self.0.push(format!("{name}: {asker}: says `{secret}`"));
        }
    }

    fn same(&mut self, name: &str, asker: &str, there: &(u16, String), nowhere: &(u16, String)) {
        if there != nowhere {
            self.0.push(format!("{name}: {asker}: differs from absent: {there:?} / {nowhere:?}"));
        }
    }
}

#[test]
fn every_endpoint_refuses_and_says_nothing() {
    let demo = Demo::start();
    let (target, other) = Target::of_alice(&demo);
    let pages = Pages::of_marie(&demo);
    let mut faults = Faults(Vec::new());
    for endpoint in listed() {
        match endpoint.needs {
            Needs::Token => by_token(&demo, &endpoint, &target, &other, &mut faults),
            Needs::Session => by_session(&demo, &endpoint, &pages, &mut faults),
            Needs::Nobody => by_nobody(&demo, &endpoint, &mut faults),
            Needs::Vihf => {}
        }
    }
    controls(&demo, &target, &pages, &mut faults);
    let log = demo.log();
    assert!(!log.contains("panicked"), "{log}");
    assert!(faults.0.is_empty(), "{} faults:\n{}", faults.0.len(), faults.0.join("\n"));
}

/// Pages that only somebody who filled in a form before finds: the tests of the pages ask them.
const AFTER_A_FORM: &[&str] = &[
    "GET /dossier/{reference}/acces/signaler",
    "GET /dossier/{reference}/document/{lid}/supprimer",
    "GET /dossier/{reference}/droits/confirmer",
    "GET /dossier/{reference}/droits/equipe/retrait",
    "GET /dossier/{reference}/droits/personne",
    "GET /dossier/{reference}/recu/{number}",
    "GET /guichet/ouvrir/{draft}",
    "GET /guichet/ouvrir/{draft}/accuse",
    "GET /guichet/ouvrir/{draft}/fait",
    "GET /referent/{case}",
];

/// The same requests by those who may: what was refused above was refused for who asked, not for how.
fn controls(demo: &Demo, target: &Target, pages: &Pages, faults: &mut Faults) {
    for Endpoint { name, needs, .. } in listed() {
        let answers: Vec<Answer> = match needs {
            Needs::Token => {
                let tokens = [&target.tokens.alice, &target.tokens.doctor, &target.tokens.loader];
                tokens.map(|token| demo.send(&requests::with_token(&name, target).bearer(token))).into()
            }
            // A form needs the token of a page; that it works is tested with the pages.
            Needs::Session if name.starts_with("GET ") && !AFTER_A_FORM.contains(&name.as_str()) => {
                let asked = |(cookie, dossier): &(String, String)| {
                    let request = requests::with_session(&name, dossier, &pages.document, demo);
                    demo.send(&request.header("Cookie", cookie))
                };
                pages.cast.iter().map(asked).collect()
            }
            _ => continue,
        };
        if answers.iter().all(|answer| answer.status >= 400) {
            let said: Vec<String> = answers.iter().map(Answer::brief).collect();
            faults.0.push(format!("{name}: control: refused to everybody: {said:?}"));
        }
    }
}

fn by_token(demo: &Demo, endpoint: &Endpoint, target: &Target, other: &str, faults: &mut Faults) {
    let name = &endpoint.name;
    let request = requests::with_token(name, target);
    let secrets = target.secrets();
    let good = &target.tokens.alice;
    let forged = {
        let (head, signature) = good.rsplit_once('.').unwrap();
        format!("{head}.{}", signature.chars().rev().collect::<String>())
    };
    let attempts = [
        ("nobody", request.clone()),
        ("a word for a token", request.clone().bearer("garbage")),
        ("another scheme", request.clone().header("Authorization", "Basic bWFyaWU6bWFyaWU=")),
        ("a forged signature", request.clone().bearer(&forged)),
        ("no signature", request.clone().bearer(&requests::unsigned(good))),
        ("an expired token", request.clone().bearer(&target.tokens.expired)),
    ];
    for (asker, request) in attempts {
        let answer = demo.send(&request);
        faults.refused(name, asker, &answer, &[401], &secrets);
        if answer.header("www-authenticate").is_none() {
            faults.0.push(format!("{name}: {asker}: no WWW-Authenticate"));
        }
    }
    let pilot = demo.send(&request.clone().bearer(&target.tokens.pilot));
    faults.refused(name, "pilot", &pilot, &[403, 404], &secrets);
    // The same request about a dossier and a document that do not exist, by the same other patient.
    let absent = target.absent();
    let there = demo.send(&request.bearer(other));
    let nowhere = demo.send(&requests::with_token(name, &absent).bearer(other));
    faults.refused(name, "another patient", &there, &[200, 403, 404, 405, 422], &secrets);
    faults.same(name, "another patient", &target.told(&there), &absent.told(&nowhere));
    if there.status == 200 && there.json()["entry"].as_array().is_some_and(|entries| !entries.is_empty()) {
        faults.0.push(format!("{name}: another patient: found something: {}", there.brief()));
    }
}

fn by_session(demo: &Demo, endpoint: &Endpoint, pages: &Pages, faults: &mut Faults) {
    let name = &endpoint.name;
    let request = requests::with_session(name, &pages.dossier, &pages.document, demo);
    let secrets = pages.secrets();
    let nobody = demo.send(&request);
    faults.refused(name, "nobody", &nobody, &[303, 401, 403], &secrets);
    let unknown = demo.send(&request.clone().header("Cookie", "dmp_session=garbage"));
    faults.refused(name, "a word for a session", &unknown, &[401], &secrets);
    let bearer = demo.send(&request.clone().bearer(&pages.token));
    faults.refused(name, "a token instead of a session", &bearer, &[303, 401, 403], &secrets);
    if !name.contains("{reference}") {
        let pilot = demo.send(&request.clone().header("Cookie", &pages.pilot));
        faults.refused(name, "pilot", &pilot, &[200, 204, 303, 401, 403, 404, 422], &secrets);
        return;
    }
    let nowhere = requests::with_session(name, "AAAAAAAAAAAA", requests::ABSENT, demo);
    for (asker, cookie) in [("pilot", &pages.pilot), ("another person", &pages.other)] {
        let there = demo.send(&request.clone().header("Cookie", cookie));
        let absent = demo.send(&nowhere.clone().header("Cookie", cookie));
        faults.refused(name, asker, &there, &[403, 404], &secrets);
        faults.same(name, asker, &pages.told(&there), &pages.told(&absent));
    }
}

/// What needs nobody gives nobody's data: no INS, no name of the demo's population.
fn by_nobody(demo: &Demo, endpoint: &Endpoint, faults: &mut Faults) {
    let (method, path) = endpoint.name.split_once(' ').unwrap();
    if path == "/demo/personas.json" || path == "/demo/persona" || path.starts_with("/demo/openid/") {
        return; // The demo tells who one may be; `demo.rs` tests that it is a demo.
    }
    let named = ["{id}", "{file}", "{*rest}", "{key}", "{task}", "{page}", "{waiting}"];
    let path = named.iter().fold(path.to_owned(), |path, name| path.replace(name, "x"));
    let path = path.replace("{service}", "DocumentRegistry_Service?wsdl");
    let answer = demo.send(&Request::new(method, &path));
    let text = answer.text();
    for secret in ["284073523811416", "118033523802725"] {
        if text.contains(secret) {
            faults.0.push(format!("{}: nobody reads `{secret}`", endpoint.name));
        }
    }
    if answer.status == 401 || answer.status == 0 {
        faults.0.push(format!("{}: listed as open: {}", endpoint.name, answer.brief()));
    }
}
