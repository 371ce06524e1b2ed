//! Authorisations, blocks, médecins traitants and care teams over HTTP.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod world;

use dmp_dossier::{Actor, Mode};
use serde_json::{Value, json};
use world::*;

const PS: &str = "urn:oid:1.2.250.1.71.4.2.1";
const STRUCTURE: &str = "urn:oid:1.2.250.1.71.4.2.2";

fn about(system: &str, id: &str) -> String {
    format!("/Consent?patient.identifier={}&actor.identifier={system}%7C{id}", by_ins(MARIE))
}

fn consent(kind: &str, role: &str, system: &str, id: &str) -> Value {
    json!({
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "https://interop.esante.gouv.fr/ig/fhir/dmp/CodeSystem/dmp-categorie-consentement",
                                  "code": "autorisation"}]}],
        "patient": {"identifier": {"system": INS_SYSTEM, "value": MARIE}},
        "policyRule": {"coding": [{"code": "OPTIN"}]},
        "provision": {
            "type": kind,
            "actor": [{
                "role": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationFunction", "code": role}]},
                "reference": {"identifier": {"system": system, "value": id}, "display": "Camille D'Essai"}
            }]
        }
    })
}

fn permit(id: &str) -> Value {
    consent("permit", "IRCP", PS, id)
}

/// Sees what TD0.2 tells the actor: authorisation, and whether médecin traitant.
async fn status(world: &World, actor: &Actor) -> (String, bool) {
    let found = world.get(actor, &format!("/Patient?identifier={}", by_ins(MARIE))).await.json();
    let resource = &found["entry"][0]["resource"];
    let code = extension(resource, "dmp-autorisation").unwrap()["valueCode"].as_str().unwrap().to_owned();
    (code, extension(resource, "dmp-medecin-traitant").unwrap()["valueBoolean"] == true)
}

async fn put(world: &World, actor: &Actor, system: &str, id: &str, body: &Value) -> Reply {
    world.send(actor, "PUT", &about(system, id), Some(body)).await
}

async fn end(world: &World, actor: &Actor, system: &str, id: &str) -> u16 {
    world.send(actor, "DELETE", &about(system, id), None).await.status
}

#[tokio::test]
async fn the_patient_authorises_names_blocks_and_ends() {
    let world = World::new().await;
    world.open_marie().await;
    let (marie, martin) = (patient(MARIE), dr_martin());
    let state = async || status(&world, &martin).await;
    let plain = |code: &str| (code.to_owned(), false);
    assert_eq!(state().await, plain("NON_EXISTE"));

    let put_ok = async |body: &Value| {
        let reply = put(&world, &marie, PS, MARTIN, body).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    };
    let written = put_ok(&permit(MARTIN)).await;
    assert_eq!(written["status"], "active");
    assert_eq!(written["provision"]["type"], "permit");
    assert_eq!(written["provision"]["period"]["end"], "2027-11-21T10:00:03.000Z", "a year at most");
    assert_eq!(state().await, plain("VALIDE"));

    let named = put_ok(&consent("permit", "PCP", PS, MARTIN)).await;
    assert_eq!(named["provision"]["actor"][0]["role"]["coding"][0]["code"], "PCP");
    assert_eq!(named["provision"]["period"].get("end"), None, "while médecin traitant");
    assert_eq!(state().await, ("VALIDE".to_owned(), true));

    let plainly = put_ok(&permit(MARTIN)).await;
    assert_eq!(plainly["provision"]["actor"][0]["role"]["coding"][0]["code"], "IRCP");
    assert_eq!(state().await, plain("VALIDE"), "the role ends, access stays");

    let denied = put_ok(&consent("deny", "IRCP", PS, MARTIN)).await;
    assert_eq!((&denied["status"], &denied["provision"]["type"]), (&json!("active"), &json!("deny")));
    assert_eq!(state().await, plain("INTERDIT"));

    assert_eq!(end(&world, &marie, PS, MARTIN).await, 204);
    assert_eq!(state().await, plain("NON_EXISTE"), "the block is lifted, nothing is given back");

    put_ok(&consent("deny", "IRCP", PS, MARTIN)).await;
    put_ok(&permit(MARTIN)).await;
    assert_eq!(state().await, plain("VALIDE"), "a permit lifts the block");

    for _ in 0..2 {
        assert_eq!(end(&world, &marie, PS, MARTIN).await, 204);
    }
    assert_eq!(state().await, plain("NON_EXISTE"));
    let listed = world.get(&marie, &about(PS, MARTIN)).await.json();
    assert_eq!(
        (&listed["total"], &listed["entry"][0]["resource"]["status"]),
        (&json!(1), &json!("inactive"))
    );
}

#[tokio::test]
async fn an_authorisation_ends_on_the_day_that_was_asked_and_then_is_expired() {
    let world = World::new().await;
    world.open_marie().await;
    for (end, until) in [
        ("2026-11-21", "2026-11-22T00:00:00.000Z"),
        ("2026-11-21T11:00:00+01:00", ""),
        ("2026-11-21T12:30:00+01:00", "2026-11-21T11:30:00.000Z"),
        ("2030", "2027-11-21T10:00:05.000Z"),
    ] {
        let mut body = permit(MARTIN);
        body["provision"]["period"] = json!({"end": end});
        let reply = put(&world, &patient(MARIE), PS, MARTIN, &body).await;
        match until {
            "" => assert_eq!((reply.status, reply.issue().0.as_str()), (422, "invalid"), "{end} is over"),
            until => assert_eq!(reply.json()["provision"]["period"]["end"], until, "{end}"),
        }
    }
    world.wait_minutes(366 * 24 * 60);
    assert_eq!(status(&world, &dr_martin()).await.0, "EXPIRE");
    let listed = world.get(&patient(MARIE), &about(PS, MARTIN)).await.json();
    let resource = &listed["entry"][0]["resource"];
    assert_eq!((&resource["status"], &resource["provision"]["type"]), (&json!("inactive"), &json!("permit")));
}

#[tokio::test]
async fn a_professional_declares_and_withdraws_only_himself() {
    let world = World::new().await;
    world.open_marie().await;
    let (martin, roux) = (dr_martin(), dr_roux());
    let other = put(&world, &martin, PS, ROUX, &permit(ROUX)).await;
    assert_eq!(other.status, 403, "{}", other.text());
    let own = put(&world, &martin, PS, MARTIN, &consent("permit", "PCP", PS, MARTIN)).await;
    assert_eq!(own.status, 200, "{}", own.text());
    let actor = &own.json()["provision"]["actor"][0];
    assert_eq!(actor["reference"]["display"], "Camille MARTIN", "his own name, not the one sent");
    assert_eq!(actor["extension"][0]["valueCoding"]["code"], "10");
    let dentist = put(&world, &roux, PS, ROUX, &consent("permit", "PCP", PS, ROUX)).await;
    assert_eq!(dentist.status, 403, "a dentist is no médecin traitant");
    let session = put(&world, &roux, PS, ROUX, &permit(ROUX)).await.json();
    assert_eq!(
        session["provision"]["period"]["end"], "2026-11-21T18:00:05.000Z",
        "outside a team: a session"
    );

    for mode in [Mode::Centre15, Mode::BrisDeGlace { reason: "arrêt cardiaque".into() }] {
        let reply = put(&world, &dr_roux_in(mode), PS, ROUX, &permit(ROUX)).await;
        assert_eq!(reply.status, 403);
    }
    // Martin is médecin traitant: he blocks and unblocks others; Roux may not, nor undo it himself.
    assert_eq!(put(&world, &roux, PS, MARTIN, &consent("deny", "IRCP", PS, MARTIN)).await.status, 403);
    assert_eq!(put(&world, &martin, PS, ROUX, &consent("deny", "IRCP", PS, ROUX)).await.status, 200);
    assert_eq!(status(&world, &roux).await.0, "INTERDIT");
    assert_eq!(put(&world, &roux, PS, ROUX, &permit(ROUX)).await.status, 403);
    assert_eq!(end(&world, &roux, PS, ROUX).await, 403);
    assert_eq!(end(&world, &martin, PS, ROUX).await, 204);
    assert_eq!(status(&world, &roux).await.0, "NON_EXISTE");

    assert_eq!(end(&world, &roux, PS, MARTIN).await, 403);
    assert_eq!(end(&world, &martin, PS, MARTIN).await, 204);
    assert_eq!(status(&world, &martin).await, ("NON_EXISTE".to_owned(), false));
}

#[tokio::test]
async fn an_employee_declares_his_structure() {
    let world = World::new().await;
    world.open_marie().await;
    let id = "499900000017001/SEC01";
    for (system, id) in [(PS, id), (STRUCTURE, CABINET)] {
        let reply = put(&world, &secretary(), system, id, &consent("permit", "IRCP", system, id)).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let named = reply.json()["provision"]["actor"][0]["reference"].clone();
        assert_eq!(named["identifier"], json!({"system": STRUCTURE, "value": CABINET}));
        assert_eq!(named["display"], "Cabinet des Essais");
    }
    assert_eq!(status(&world, &dr_martin()).await.0, "VALIDE", "through his structure");
    assert_eq!(status(&world, &dr_roux()).await.0, "NON_EXISTE");
    assert_eq!(world.get(&secretary(), &about(STRUCTURE, CABINET)).await.status, 403);
}

#[tokio::test]
async fn the_initial_consent_to_a_team_carries_its_members() {
    let world = World::new().await;
    world.open_marie().await;
    let member = |system: &str, id: &str| json!({"role": {"coding": [{"code": "IRCP"}]}, "reference": {"identifier": {"system": system, "value": id}}});
    let body = json!({
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"code": "patient-privacy"}]},
        "category": [{"coding": [{"code": "equipe-de-soins"}]}],
        "patient": {"identifier": {"system": INS_SYSTEM, "value": MARIE}},
        "dateTime": "2026-11-20T09:00:00+01:00",
        "performer": [{"display": "Camille MARTIN"}],
        "policyRule": {"text": "oral, au cabinet"},
        "provision": {"type": "permit", "actor": [member(PS, ROUX), member(STRUCTURE, CABINET)]}
    });
    let mut unproven = body.clone();
    unproven.as_object_mut().unwrap().remove("performer");
    let reply = world.post(&dr_martin(), "/Consent", &unproven).await;
    assert_eq!((reply.status, reply.issue().0.as_str()), (422, "business-rule"));
    let mut single = body.clone();
    single["category"][0]["coding"][0]["code"] = json!("autorisation");
    assert_eq!(world.post(&dr_martin(), "/Consent", &single).await.status, 400);

    let reply = world.post(&dr_martin(), "/Consent", &body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let recorded = reply.json();
    let id = recorded["id"].as_str().unwrap();
    assert!(reply.headers["location"].to_str().unwrap().ends_with(&format!("/Consent/{id}")));
    assert_eq!(recorded["performer"], json!([{"display": "Camille MARTIN"}]));
    assert_eq!(extension(&recorded, "dmp-moyen-consentement").unwrap()["valueString"], "oral, au cabinet");
    assert_eq!(recorded["provision"]["actor"].as_array().map(Vec::len), Some(2));

    let declared = put(&world, &dr_roux(), PS, ROUX, &permit(ROUX)).await.json();
    assert_eq!(
        declared["provision"]["period"]["end"], "2027-11-21T10:00:05.000Z",
        "a member has the whole lifetime"
    );
    let listed = world.get(&patient(MARIE), &about(PS, ROUX)).await.json();
    assert_eq!(listed["total"], 2, "his authorisation, and the team he is in");
    assert_eq!(listed["entry"][1]["resource"], recorded);

    let path = format!("/Consent/{id}");
    let by_doctor = format!("{path}?patient.identifier={}", by_ins(MARIE));
    assert_eq!(world.send(&dr_martin(), "DELETE", &by_doctor, None).await.status, 403);
    assert_eq!(world.send(&dr_martin(), "DELETE", &path, None).await.status, 403, "the patient is not named");
    assert_eq!(world.send(&patient(MARIE), "DELETE", "/Consent/0", None).await.status, 404);
    assert_eq!(world.send(&patient(MARIE), "DELETE", &path, None).await.status, 204);
    assert_eq!(status(&world, &dr_roux()).await.0, "NON_EXISTE", "it ends with the consent");
    let listed = world.get(&patient(MARIE), "/Consent").await.json();
    let statuses: Vec<_> =
        listed["entry"].as_array().unwrap().iter().map(|e| e["resource"]["status"].clone()).collect();
    assert_eq!(statuses, ["inactive", "inactive"]);
}

#[tokio::test]
async fn a_conditional_request_says_exactly_which_consent() {
    let world = World::new().await;
    world.open_marie().await;
    let marie = patient(MARIE);
    let two = format!("{},{PS}%7C{ROUX}", about(PS, MARTIN));
    let patient_only = format!("/Consent?patient.identifier={}", by_ins(MARIE));
    let misspelt = format!("{patient_only}&actor.id={PS}%7C{MARTIN}");
    let modifier = format!("/Consent?patient:identifier={}&actor:identifier={PS}%7C{MARTIN}", by_ins(MARIE));
    let nobody = about(PS, "42");
    for (path, expected) in [
        ("/Consent", (412, "too-costly")),
        (patient_only.as_str(), (412, "too-costly")),
        (two.as_str(), (412, "multiple-matches")),
        (misspelt.as_str(), (400, "invalid")),
        (nobody.as_str(), (400, "value")),
    ] {
        for (method, body) in [("DELETE", None), ("PUT", Some(permit(MARTIN)))] {
            let reply = world.send(&marie, method, path, body.as_ref()).await;
            assert_eq!((reply.status, reply.issue().0.as_str()), expected, "{method} {path}");
        }
    }
    assert_eq!(world.send(&marie, "PUT", &modifier, Some(&permit(MARTIN))).await.status, 200);
    let by_doctor = format!("/Consent?actor.identifier={PS}%7C{MARTIN}");
    let reply = world.send(&dr_martin(), "PUT", &by_doctor, Some(&permit(MARTIN))).await;
    assert_eq!((reply.status, reply.issue().0.as_str()), (403, "business-rule"));
    assert_eq!(world.get(&marie, &nobody).await.json()["total"], 0);
}

#[tokio::test]
async fn a_resource_that_disagrees_or_says_too_little_is_refused() {
    let world = World::new().await;
    world.open_marie().await;
    let edit = |change: &dyn Fn(&mut Value)| {
        let mut body = permit(MARTIN);
        change(&mut body);
        body
    };
    for (what, body, expected) in [
        ("another actor", permit(ROUX), (400, "invalid")),
        ("another patient", edit(&|b| b["patient"]["identifier"]["value"] = json!(LEO)), (400, "invalid")),
        ("inactive", edit(&|b| b["status"] = json!("inactive")), (400, "invalid")),
        (
            "no type",
            edit(&|b| drop(b["provision"].as_object_mut().unwrap().remove("type"))),
            (400, "required"),
        ),
        ("no provision", edit(&|b| drop(b.as_object_mut().unwrap().remove("provision"))), (400, "required")),
        ("later", edit(&|b| b["provision"]["period"] = json!({"start": "2027-01-01"})), (400, "invalid")),
        ("no date", edit(&|b| b["provision"]["period"] = json!({"end": "2026-02-30"})), (400, "value")),
        ("a Patient", marie(), (400, "invalid")),
        ("an unknown element", edit(&|b| b["pwn"] = json!(1)), (400, "structure")),
    ] {
        let reply = put(&world, &patient(MARIE), PS, MARTIN, &body).await;
        assert_eq!((reply.status, reply.issue().0.as_str()), expected, "{what}: {}", reply.text());
    }
    assert_eq!(status(&world, &dr_martin()).await.0, "NON_EXISTE");
}
