//! ITI-81: the journal over HTTP.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod world;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dmp_dossier::{Actor, Mode, Parameters};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use world::*;

async fn lines(world: &World, query: &str) -> Vec<Value> {
    let path = format!("/AuditEvent?patient.identifier={}{query}", by_ins(MARIE));
    let reply = world.get(&patient(MARIE), &path).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let mut lines = resources(&reply);
    // The reading itself is the latest line, where the search takes it; the tests are about the others.
    lines.retain(|line| act(line) != "ReadJournal");
    lines
}

fn resources(reply: &Reply) -> Vec<Value> {
    let json = reply.json();
    let entries = json["entry"].as_array().cloned().unwrap_or_default();
    entries.iter().map(|e| e["resource"].clone()).collect()
}

/// The act a line is.
fn act(line: &Value) -> &str {
    line["subtype"][1]["code"].as_str().unwrap()
}

async fn search(world: &World, actor: &Actor) -> u16 {
    world.get(actor, &format!("/Consent?patient.identifier={}", by_ins(MARIE))).await.status
}

#[tokio::test]
async fn every_act_and_every_refusal_is_a_line() {
    let world = World::new().await;
    world.open_marie().await;
    world.get(&dr_martin(), &format!("/Patient?identifier={}", by_ins(MARIE))).await;
    assert_eq!(search(&world, &dr_roux()).await, 403);
    let lines = lines(&world, "").await;
    let told: Vec<_> = lines
        .iter()
        .map(|l| (act(l), l["action"].as_str().unwrap(), l["outcome"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [("ReadRights", "E", "4"), ("Status", "E", "0"), ("Open", "C", "0")],
        "the latest first"
    );

    let refused = &lines[0];
    assert_eq!(refused["outcomeDesc"], "Vous n'êtes pas autorisé à consulter ce dossier.");
    assert_eq!(refused["type"]["code"], "rest");
    assert_eq!(refused["recorded"], "2026-11-21T10:00:03.000Z");
    let user = &refused["agent"][0];
    assert_eq!(user["requestor"], true);
    assert_eq!(
        user["who"],
        json!({"identifier": {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": ROUX}, "display": "Camille ROUX"})
    );
    assert_eq!(user["role"][0]["coding"][0]["code"], "40");
    assert_eq!(user.get("purposeOfUse"), None);
    let doctor = &lines[1];
    let skill = &doctor["agent"][0]["role"][1]["coding"][0]["code"];
    assert_eq!(skill, "SM54");
    assert_eq!(doctor["agent"][1]["who"]["identifier"]["value"], CABINET);
    assert_eq!(doctor["agent"][2]["who"]["display"], "Logiciel d'essai");
    for line in &lines {
        let entity = line["entity"].as_array().unwrap();
        let patients: Vec<_> = entity.iter().filter(|e| e["role"]["display"] == "Patient").collect();
        assert_eq!(patients.len(), 1);
        assert_eq!(patients[0]["what"]["identifier"]["value"], MARIE);
        assert_eq!(line.to_string().matches("\"seq\"").count(), 0);
    }
    let ids: BTreeSet<_> = lines.iter().map(|l| l["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn an_emergency_says_its_purpose_and_its_reason() {
    let world = World::new().await;
    world.open_marie().await;
    let opposed = json!([{"name": "opposition-acces-urgence", "valueBoolean": true},
                         {"name": "opposition-bris-de-glace", "valueBoolean": true},
                         {"name": "masques-en-urgence", "valueBoolean": false}]);
    let body = json!({"resourceType": "Parameters", "parameter": opposed});
    let path = format!("/Patient/$set-oppositions?identifier={}", by_ins(MARIE));
    assert_eq!(world.post(&patient(MARIE), &path, &body).await.status, 200);
    let administrative = format!("/Patient?identifier={}", by_ins(MARIE));
    for mode in [Mode::BrisDeGlace { reason: "arrêt cardiaque".into() }, Mode::Centre15] {
        world.get(&dr_roux_in(mode), &administrative).await;
    }
    let lines = lines(&world, "").await;
    assert_eq!(act(&lines[2]), "SetEmergency");
    assert_eq!(lines[0]["agent"][0]["purposeOfUse"][0]["coding"][0]["code"], "centre_15");
    let bris = &lines[1]["agent"][0];
    assert_eq!(bris["purposeOfUse"][0]["coding"][0]["code"], "bris_de_glace");
    assert_eq!(extension(bris, "dmp-motif-bris-de-glace").unwrap()["valueString"], "arrêt cardiaque");
}

#[tokio::test]
async fn who_is_authorised_or_blocked_is_named() {
    let world = World::new().await;
    world.open_marie().await;
    let body = json!({
        "resourceType": "Consent", "status": "active", "scope": {"coding": [{"code": "patient-privacy"}]},
        "category": [{"coding": [{"code": "autorisation"}]}],
        "provision": {"type": "deny", "actor": [{"role": {"coding": [{"code": "IRCP"}]},
            "reference": {"identifier": {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": ROUX}}}]}
    });
    let path = format!(
        "/Consent?patient.identifier={}&actor.identifier=urn:oid:1.2.250.1.71.4.2.1%7C{ROUX}",
        by_ins(MARIE)
    );
    assert_eq!(world.send(&patient(MARIE), "PUT", &path, Some(&body)).await.status, 200);
    let lines = lines(&world, "").await;
    assert_eq!((act(&lines[0]), &lines[0]["action"]), ("Block", &json!("U")));
    assert_eq!(lines[0]["entity"][1]["what"]["identifier"]["value"], ROUX);
    assert_eq!(lines[0]["agent"][0]["who"]["identifier"]["value"], MARIE);
}

#[tokio::test]
async fn the_journal_is_searched_by_date_agent_type_and_outcome() {
    let world = World::new().await;
    world.open_marie().await;
    world.wait_minutes(24 * 60);
    world.get(&dr_martin(), &format!("/Patient?identifier={}", by_ins(MARIE))).await;
    search(&world, &dr_roux()).await;
    search(&world, &patient(MARIE)).await;
    let act_system = "https://interop.esante.gouv.fr/ig/fhir/dmp/CodeSystem/dmp-acte";
    let rest = "http://terminology.hl7.org/CodeSystem/audit-event-type%7Crest";
    for (query, acts) in [
        ("&date=2026-11-21", vec!["Open"]),
        ("&date=ge2026-11-22&outcome=4", vec!["ReadRights"]),
        ("&date=gt2026-11-21&date=lt2026-11-22", vec![]),
        ("&date=le2026-11-21", vec!["Open"]),
        (&format!("&agent.identifier=urn:oid:1.2.250.1.71.4.2.1%7C{MARTIN}"), vec!["Status"]),
        (&format!("&agent.identifier=urn:oid:1.2.250.1.71.4.2.2%7C{CABINET}"), vec!["Status"]),
        (&format!("&agent:identifier={INS_SYSTEM}%7C{MARIE}&subtype=ReadRights"), vec!["ReadRights"]),
        (&format!("&type={rest}&action=C"), vec!["Open"]),
        (&format!("&type={act_system}%7COpen,Status"), vec!["Status", "Open"]),
        ("&subtype=create", vec!["Open"]),
        ("&type=pwn", vec![]),
        ("&type=http://example.org%7Crest", vec![]),
    ] {
        let lines = lines(&world, query).await;
        assert_eq!(lines.iter().map(act).collect::<Vec<_>>(), acts, "{query}");
    }
    for (query, expected) in
        [("&date=abc", "value"), ("&date=ne2026", "value"), ("&_count=-1", "value"), ("&_from=x", "value")]
    {
        let path = format!("/AuditEvent?patient.identifier={}{query}", by_ins(MARIE));
        let reply = world.get(&patient(MARIE), &path).await;
        assert_eq!((reply.status, reply.issue().0.as_str()), (400, expected), "{query}");
    }
}

#[tokio::test]
async fn pages_do_not_overlap_though_reading_adds_lines() {
    let world = World::new().await;
    world.open_marie().await;
    for _ in 0..7 {
        search(&world, &dr_roux()).await;
    }
    let mut path = format!("/AuditEvent?patient.identifier={}&_count=3", by_ins(MARIE));
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let reply = world.get(&patient(MARIE), &path).await;
        seen.extend(resources(&reply).iter().map(|l| l["id"].as_str().unwrap().to_owned()));
        pages += 1;
        let json = reply.json();
        let next = json["link"].as_array().unwrap().iter().find(|l| l["relation"] == "next").cloned();
        match next {
            Some(next) => {
                path = next["url"]
                    .as_str()
                    .unwrap()
                    .strip_prefix("http://127.0.0.1:8080/fhir")
                    .unwrap()
                    .to_owned()
            }
            None => break,
        }
    }
    assert_eq!((pages, seen.len()), (3, 9), "the opening, seven refusals, and the first reading");
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 9);
    let changed = path.replace("_cursor=", "_cursor=A");
    assert_eq!(world.get(&patient(MARIE), &changed).await.status, 400);
}

#[tokio::test]
async fn a_professional_reads_his_own_traces_and_nobody_reads_without_a_patient() {
    let world = World::new().await;
    world.open_marie().await;
    let path = format!("/AuditEvent?patient.identifier={}", by_ins(MARIE));
    for (actor, status) in [(dr_roux(), 403), (secretary(), 403), (desk(), 403), (patient(LEO), 404)] {
        assert_eq!(world.get(&actor, &path).await.status, status, "{actor:?}");
    }
    let body = json!({
        "resourceType": "Consent", "status": "active", "scope": {"coding": [{"code": "patient-privacy"}]},
        "category": [{"coding": [{"code": "autorisation"}]}],
        "provision": {"type": "permit", "actor": [{"role": {"coding": [{"code": "IRCP"}]},
            "reference": {"identifier": {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": ROUX}}}]}
    });
    let own = format!(
        "/Consent?patient.identifier={}&actor.identifier=urn:oid:1.2.250.1.71.4.2.1%7C{ROUX}",
        by_ins(MARIE)
    );
    assert_eq!(world.send(&dr_roux(), "PUT", &own, Some(&body)).await.status, 200);
    let lines = resources(&world.get(&dr_roux(), &path).await);
    assert_eq!(
        lines.iter().map(act).collect::<Vec<_>>(),
        ["ReadJournal", "DeclareSelf", "ReadJournal"],
        "his own: this reading, and the refused one too"
    );
    let nobody = world.get(&dr_roux(), "/AuditEvent").await;
    assert_eq!((nobody.status, nobody.issue().0.as_str()), (403, "business-rule"));
    assert_eq!(
        world.get(&patient(MARIE), "/AuditEvent/0191f7f2-0000-7000-8000-000000000000").await.status,
        404
    );
}

fn consent_to_martin() -> Value {
    json!({
        "resourceType": "Consent", "status": "active", "scope": {"coding": [{"code": "patient-privacy"}]},
        "category": [{"coding": [{"code": "autorisation"}]}],
        "provision": {"type": "permit", "actor": [{"role": {"coding": [{"code": "PCP"}]},
            "reference": {"identifier": {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": MARTIN}}}]}
    })
}

#[tokio::test]
async fn a_line_about_a_document_is_absent_until_its_reader_may_see_it() {
    let world = World::with(Parameters { author_structure: false, ..Parameters::default() }).await;
    world.open_marie().await;
    let (marie, martin) = (patient(MARIE), dr_martin());
    let own = format!(
        "/Consent?patient.identifier={}&actor.identifier=urn:oid:1.2.250.1.71.4.2.1%7C{MARTIN}",
        by_ins(MARIE)
    );
    assert_eq!(world.send(&martin, "PUT", &own, Some(&consent_to_martin())).await.status, 200);

    let label = |code: &str| {
        json!({"coding": [{"system": if code == "N" {
        "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
    } else {
        "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument"
    }, "code": code}]})
    };
    let cda = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/cda/synthese.xml")).unwrap();
    let document = json!({
        "resourceType": "DocumentReference", "status": "current",
        "subject": {"identifier": {"system": INS_SYSTEM, "value": MARIE}},
        "securityLabel": [label("N"), label("INVISIBLE_PATIENT")],
        "content": [{"attachment": {"contentType": "text/xml", "data": STANDARD.encode(&cda)}}]
    });
    let published = world.post(&martin, "/DocumentReference", &document).await;
    assert_eq!(published.status, 201, "{}", published.text());
    let id = published.json()["id"].as_str().unwrap().to_owned();
    let unique = published.json()["masterIdentifier"]["value"].as_str().unwrap().to_owned();
    let title = published.json()["content"][0]["attachment"]["title"].as_str().unwrap().to_owned();

    let path = format!("/AuditEvent?patient.identifier={}", by_ins(MARIE));
    let feed = async |actor| {
        let lines = resources(&world.get(&actor, &path).await);
        lines.into_iter().find(|line| act(line) == "Feed")
    };
    let document_of = |line: &Value| {
        let entities = line["entity"].as_array().unwrap().clone();
        entities.into_iter().find(|e| e["role"]["display"] == "Report")
    };
    let seen = document_of(&feed(martin.clone()).await.unwrap()).unwrap();
    assert_eq!(seen["what"]["identifier"]["value"], unique.as_str());
    assert_eq!(seen["name"], title.as_str());
    assert_eq!(feed(marie.clone()).await, None, "the patient learns nothing of it");
    let lines = world.get(&marie, &path).await.text();
    assert!(!lines.contains(&unique) && !lines.contains(&title), "{lines}");

    let patch = json!([{"op": "replace", "path": "/securityLabel", "value": [label("N")]}]).to_string();
    let json_patch = Some("application/json-patch+json");
    let path = format!("/DocumentReference/{id}");
    let shown = world.send_as(Some(&martin), "PATCH", &path, json_patch, patch).await;
    assert_eq!(shown.status, 200, "{}", shown.text());
    let seen = document_of(&feed(marie).await.unwrap()).unwrap();
    assert_eq!(seen["name"], title.as_str(), "once announced, the line is there");
}

#[tokio::test]
async fn a_secret_session_is_told_to_the_child_and_not_to_the_parent() {
    let world = World::new().await;
    assert_eq!(world.post(&desk(), "/Patient/$open", &opening(leo())).await.status, 201);
    let Actor::Professional(mut doctor) = dr_martin() else { unreachable!() };
    let path = format!("/Patient?identifier={}", by_ins(LEO));
    world.get(&Actor::Professional(doctor.clone()), &path).await;
    doctor.secret = true;
    world.get(&Actor::Professional(doctor), &path).await;
    let mother = Actor::Representative { of: ins(LEO), person: MARIE.into() };
    let stranger = Actor::Representative { of: ins(LEO), person: "somebody".into() };
    for (actor, status, sessions) in [(patient(LEO), 200, 2), (mother, 200, 1), (stranger, 404, 0)] {
        let reply = world.get(&actor, "/AuditEvent?subtype=Status").await;
        assert_eq!(reply.status, status, "{actor:?}: {}", reply.text());
        if status == 200 {
            let lines = resources(&reply);
            let secret =
                lines.iter().filter(|l| l["meta"]["security"][0]["code"] == "INVISIBLE_REPRESENTANTS_LEGAUX");
            assert_eq!((lines.len(), secret.count()), (sessions, sessions - 1), "{actor:?}");
        }
    }
}
