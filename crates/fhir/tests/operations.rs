//! Opening, closing, reopening and oppositions over HTTP.

mod world;

use serde_json::{Value, json};
use world::*;

async fn active(world: &World) -> (bool, Option<Value>) {
    let found = world.get(&desk(), &format!("/Patient?identifier={}", by_ins(MARIE))).await.json();
    let resource = &found["entry"][0]["resource"];
    (resource["active"] == true, extension(resource, "dmp-fermeture").cloned())
}

#[tokio::test]
async fn a_record_opens_once_and_answers_itself_again() {
    let world = World::new().await;
    let first = world.post(&desk(), "/Patient/$open", &opening(marie())).await;
    assert_eq!(first.status, 201, "{}", first.text());
    let location = first.headers["location"].to_str().unwrap().to_owned();
    let path = location.strip_prefix("http://127.0.0.1:8080/fhir").unwrap();
    let found = world.get(&desk(), path).await.json();
    assert_eq!(found["entry"][0]["resource"], first.json());

    let mut other = marie();
    other["name"][0]["family"] = json!("AUTRE");
    let again = world.post(&desk(), "/Patient/$open", &opening(other)).await;
    assert_eq!(again.status, 200);
    assert_eq!(again.json(), first.json(), "the record that was there");
}

#[tokio::test]
async fn an_opening_wants_consent_and_the_right_channel() {
    let world = World::new().await;
    let change = |name: &str, change: &dyn Fn(&mut Value)| {
        let mut body = opening(marie());
        let all = body["parameter"].as_array_mut().unwrap();
        change(all.iter_mut().find(|p| p["name"] == name).unwrap());
        body
    };
    let without = |name: &str| {
        let mut body = opening(marie());
        body["parameter"].as_array_mut().unwrap().retain(|p| p["name"] != name);
        body
    };
    for (what, body, expected) in [
        ("refused", change("consent", &|p| p["valueBoolean"] = json!(false)), (422, "business-rule")),
        ("absent", without("consent"), (422, "business-rule")),
        ("by nobody", without("consent-collected-by"), (422, "business-rule")),
        ("no means", without("consent-means"), (422, "business-rule")),
        ("web by an agent", change("channel", &|p| p["valueCode"] = json!("web")), (403, "forbidden")),
        ("no channel", without("channel"), (400, "required")),
        ("unknown channel", change("channel", &|p| p["valueCode"] = json!("pigeon")), (400, "value")),
        (
            "text for boolean",
            change("consent", &|p| *p = json!({"name": "consent", "valueString": "oui"})),
            (400, "value"),
        ),
        ("no patient", without("patient"), (400, "required")),
        (
            "no name",
            change("patient", &|p| p["resource"]["name"] = json!([{"use": "official", "given": ["M"]}])),
            (422, "invalid"),
        ),
        (
            "no INS",
            change("patient", &|p| p["resource"]["identifier"][0]["system"] = json!("urn:oid:1.2.3")),
            (400, "required"),
        ),
        ("unknown parameter", change("channel", &|p| p["name"] = json!("canal")), (400, "invalid")),
        ("given twice", change("channel", &|p| p["name"] = json!("consent")), (400, "invalid")),
    ] {
        let reply = world.post(&desk(), "/Patient/$open", &body).await;
        assert_eq!((reply.status, reply.issue().0.as_str()), expected, "{what}: {}", reply.text());
        let found = world.get(&desk(), &format!("/Patient?identifier={}", by_ins(MARIE))).await;
        assert_eq!(found.json()["total"], 0, "{what}");
    }
    for (channel, actor, status) in [
        ("ps", dr_martin(), 201),
        ("web", patient(MARIE), 200),
        ("pharmacie", dr_martin(), 403),
        ("web", patient(LEO), 404),
    ] {
        let body = change("channel", &|p| p["valueCode"] = json!(channel));
        let reply = world.post(&actor, "/Patient/$open", &body).await;
        assert_eq!(reply.status, status, "{channel}: {}", reply.text());
    }
}

#[tokio::test]
async fn a_wrong_key_is_an_unknown_patient_and_is_named() {
    let world = World::new().await;
    for (system, value, says) in [
        (INS_SYSTEM, "284073523811417", "clé"),
        ("urn:oid:1.2.250.1.213.1.4.8", MARIE, "production"),
        (INS_SYSTEM, "28407352381141", "15 caractères"),
    ] {
        let mut sent = marie();
        sent["identifier"] = json!([{"system": system, "value": value}]);
        let reply = world.post(&desk(), "/Patient/$open", &opening(sent)).await;
        assert_eq!((reply.status, reply.issue().1.as_str()), (422, "XDSUnknownPatientId"), "{value}");
        let diagnostics = reply.json()["issue"][0]["diagnostics"].as_str().unwrap().to_owned();
        assert!(diagnostics.contains(says), "{diagnostics}");
        assert!(!diagnostics.contains(value), "{diagnostics}");
    }
}

#[tokio::test]
async fn a_record_closes_and_reopens() {
    let world = World::new().await;
    world.open_marie().await;
    let close = |reason: &str| {
        parameters(&[
            ("patient-identifier", "valueIdentifier", json!({"system": INS_SYSTEM, "value": MARIE})),
            ("reason", "valueCode", json!(reason)),
            ("text", "valueString", json!("Je ne veux plus de DMP")),
        ])
    };
    let unknown = world.post(&patient(MARIE), "/Patient/$close", &close("ENNUI")).await;
    assert_eq!((unknown.status, unknown.issue().0.as_str()), (400, "value"));
    let death = world.post(&patient(MARIE), "/Patient/$close", &close("FERMETURE_DECES")).await;
    assert_eq!(death.status, 422, "a death has a date");
    let stranger = world.post(&dr_roux(), "/Patient/$close", &close("patient-demande")).await;
    assert_eq!(stranger.status, 403);
    assert!(active(&world).await.0);

    for _ in 0..2 {
        let closed =
            world.post(&patient(MARIE), "/Patient/$close", &close("FERMETURE_DEMANDE_PATIENT")).await;
        assert_eq!(closed.status, 200, "{}", closed.text());
    }
    let (is_active, closure) = active(&world).await;
    let closure = closure.unwrap();
    assert!(!is_active);
    assert_eq!(extension(&closure, "dateFermeture").unwrap()["valueDate"], "2026-11-21");
    let reason = &extension(&closure, "motifFermeture").unwrap()["valueCodeableConcept"]["coding"][0];
    assert_eq!(reason["code"], "patient-demande");
    assert_eq!(reason["system"], "https://interop.esante.gouv.fr/ig/fhir/dmp/CodeSystem/dmp-motif-fermeture");
    assert_eq!(extension(&closure, "raisonFermeture").unwrap()["valueString"], "Je ne veux plus de DMP");

    let opened = world.post(&desk(), "/Patient/$open", &opening(marie())).await;
    assert_eq!(opened.status, 403, "a closed record is not opened a second time");
    let path = format!("/Patient/$reactivate?identifier={}", by_ins(MARIE));
    let consent = |value: bool| {
        parameters(&[
            ("consent", "valueBoolean", json!(value)),
            ("consent-collected-by", "valueString", json!("Agent d'accueil")),
            ("consent-means", "valueString", json!("écrit")),
            ("consent-date", "valueDate", json!("2026-11-20")),
        ])
    };
    let refused = world.post(&desk(), &path, &consent(false)).await;
    assert_eq!((refused.status, refused.issue().0.as_str()), (422, "business-rule"));
    let reopened = world.post(&desk(), &path, &consent(true)).await;
    assert_eq!(reopened.status, 200, "{}", reopened.text());
    assert_eq!(active(&world).await, (true, None));
}

#[tokio::test]
async fn the_date_of_a_closure_is_that_of_france() {
    let world = World::new().await;
    world.open_marie().await;
    // 23:30 in UTC on 21 November is already the 22nd in Paris.
    world.wait_minutes(13 * 60 + 30);
    let body = parameters(&[("reason", "valueString", json!("patient-demande"))]);
    let path = format!("/Patient/$close?identifier={}", by_ins(MARIE));
    assert_eq!(world.post(&patient(MARIE), &path, &body).await.status, 200);
    let closure = active(&world).await.1.unwrap();
    assert_eq!(extension(&closure, "dateFermeture").unwrap()["valueDate"], "2026-11-22");
}

#[tokio::test]
async fn a_death_closes_with_its_date() {
    let world = World::new().await;
    world.open_marie().await;
    let body = parameters(&[
        ("patient", "valueReference", json!({"identifier": {"system": INS_SYSTEM, "value": MARIE}})),
        ("reason", "valueCoding", json!({"code": "deces"})),
        ("deceased", "valueDate", json!("2026-11-19")),
    ]);
    let reply = world.post(&desk(), "/Patient/$close", &body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let closure = active(&world).await.1.unwrap();
    let reason = &extension(&closure, "motifFermeture").unwrap()["valueCodeableConcept"]["coding"][0];
    assert_eq!(reason["code"], "deces");
}

#[tokio::test]
async fn an_opposition_that_is_not_given_stays() {
    let world = World::new().await;
    world.open_marie().await;
    let path = format!("/Patient/$set-oppositions?identifier={}", by_ins(MARIE));
    let set = async |values: &[(&str, bool)]| {
        let values: Vec<_> =
            values.iter().map(|(name, value)| (*name, "valueBoolean", json!(value))).collect();
        let reply = world.post(&patient(MARIE), &path, &parameters(&values)).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let json = reply.json();
        let all = json["parameter"].as_array().unwrap().clone();
        all.iter().map(|p| p["valueBoolean"] == true).collect::<Vec<_>>()
    };
    assert_eq!(set(&[("opposition-acces-urgence", true)]).await, [false, true, false]);
    assert_eq!(set(&[("opposition-bris-de-glace", true)]).await, [true, true, false]);
    let all = [
        ("masques-en-urgence", true),
        ("opposition-bris-de-glace", false),
        ("opposition-acces-urgence", false),
    ];
    assert_eq!(set(&all).await, [false, false, true]);

    let nothing = world.post(&patient(MARIE), &path, &parameters(&[])).await;
    assert_eq!(nothing.status, 400);
    let stranger = parameters(&[("masques-en-urgence", "valueBoolean", json!(false))]);
    assert_eq!(world.post(&dr_roux(), &path, &stranger).await.status, 403);
}

#[tokio::test]
async fn an_operation_is_about_one_patient() {
    let world = World::new().await;
    world.open_marie().await;
    let body = parameters(&[
        ("patient-identifier", "valueIdentifier", json!({"system": INS_SYSTEM, "value": LEO})),
        ("masques-en-urgence", "valueBoolean", json!(true)),
    ]);
    for (path, expected) in [
        (format!("/Patient/$set-oppositions?identifier={}", by_ins(MARIE)), (403, "business-rule")),
        ("/Patient/$set-oppositions".to_owned(), (404, "not-found")),
    ] {
        let reply = world.post(&patient(MARIE), &path, &body).await;
        assert_eq!((reply.status, reply.issue().0.as_str()), expected, "{path}");
    }
    let nobody = parameters(&[("masques-en-urgence", "valueBoolean", json!(true))]);
    let reply = world.post(&patient(MARIE), "/Patient/$set-oppositions", &nobody).await;
    assert_eq!((reply.status, reply.issue().0.as_str()), (400, "required"));
}
