//! Searches and reads of documents and lots over the face, on a real store.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod lots;
mod world;

use dmp_dossier::{Actor, App, AppPurpose};
use lots::{Document, authorise, dr_libre, entry, id_of, ids, open_world, publish, search};
use serde_json::{Value, json};
use world::{MARIE, by_ins, desk, dr_martin, dr_roux, patient, secretary};

#[tokio::test]
async fn who_may_not_search_finds_the_reference_of_his_own_document() {
    let world = open_world().await;
    publish(&world, &[Document::synthese(1)]).await;
    let by_id = format!(
        "/DocumentReference?patient.identifier={}&identifier=urn:oid:1.2.250.1.999.7.1",
        by_ins(MARIE)
    );
    let all = format!("/DocumentReference?patient.identifier={}&status=current", by_ins(MARIE));
    let employee = match secretary() {
        Actor::Employee(e) => Actor::Employee(dmp_dossier::Employee {
            structure: dmp_dossier::StructureId::parse(lots::CABINET_LIBRE).unwrap(),
            ..e
        }),
        other => other,
    };
    let loader = Actor::App(App { name: "chargeur".into(), purpose: AppPurpose::Loader });
    // The author has no authorisation either: he may find his document, and not search.
    for (actor, name) in [(&employee, "employee"), (&loader, "loader"), (&dr_libre(), "author")] {
        let found = world.get(actor, &by_id).await.json();
        assert_eq!(found["total"], 1, "{name}: {found}");
        let resource = &found["entry"][0]["resource"];
        assert_eq!(resource["meta"]["tag"][0]["code"], "SUBSETTED", "{name}");
        assert_eq!(resource["status"], "current");
        assert!(resource["type"].is_null() && resource["author"].is_null(), "{name}: {resource}");
        let refused = world.get(actor, &all).await;
        assert_eq!(refused.status, 403, "{name}: {}", refused.text());
    }
    // Another's document does not exist for him.
    let found = world.get(&dr_roux(), &by_id).await;
    assert_eq!((found.status, found.json()["total"].as_u64()), (200, Some(0)));
    // With an authorisation the answer is whole.
    authorise(&world, lots::LIBRE).await;
    let found = world.get(&dr_libre(), &by_id).await.json();
    assert_eq!(found["entry"][0]["resource"]["type"]["coding"][0]["code"], "60591-5");
}

#[tokio::test]
async fn criteria_find_what_they_say() {
    let world = open_world().await;
    publish(&world, &[Document::synthese(1), Document::imaging()]).await;
    let loinc = "http://loinc.org%7C";
    let found = search(&world, &patient(MARIE), "").await;
    let resource = &found["entry"][0]["resource"];
    let official = resource["identifier"][0]["value"].as_str().unwrap();
    let id = resource["id"].as_str().unwrap();
    for (parameters, total) in [
        (format!("&type={loinc}60591-5"), 1),
        (format!("&type={loinc}60591-5,{loinc}18748-4"), 2),
        ("&type=urn:oid:1.2.3%7C60591-5".to_owned(), 0),
        ("&category=11".to_owned(), 1),
        ("&facility=SA07&setting=AMBULATOIRE".to_owned(), 1),
        ("&security-label=N".to_owned(), 2),
        ("&security-label=MASQUE_PS".to_owned(), 0),
        ("&format=urn:ihe:iti:xds-sd:pdf:2008".to_owned(), 1),
        ("&date=2024-03".to_owned(), 1),
        ("&creation=ge2024-01-01&creation=lt2024-02-01".to_owned(), 1),
        ("&period=2024-03-12".to_owned(), 1),
        ("&author.family=libre".to_owned(), 2),
        ("&author:PractitionerRole.practitioner.identifier=899900063480".to_owned(), 2),
        ("&author.given=anne".to_owned(), 0),
        ("&isArchived=false".to_owned(), 2),
        ("&isArchived=true".to_owned(), 0),
        ("&related=105234751".to_owned(), 1),
        (format!("&_id={id}"), 1),
        (format!("&identifier=urn:ietf:rfc:3986%7C{official}"), 1),
        ("&identifier=C2AD5D22-4ED9-44D6-AD9B-4292BA64131E".to_owned(), 1),
        ("&identifier=ZZZ%7C'%20OR%201=1--".to_owned(), 0),
        ("&status=entered-in-error".to_owned(), 0),
        ("&_lastUpdated=gt2026-12-01".to_owned(), 0),
        ("&unknown=1".to_owned(), 2),
    ] {
        let found = search(&world, &patient(MARIE), &parameters).await;
        assert_eq!(found["total"], total, "{parameters}");
        let own = found["link"][0]["url"].as_str().unwrap();
        assert!(!own.contains("unknown"), "{own}");
    }
    let oldest = search(&world, &patient(MARIE), "&_sort=date").await;
    assert_eq!(oldest["entry"][0]["resource"]["type"]["coding"][0]["code"], "18748-4");
    // By POST, the criteria are in the body.
    let form = format!("patient.identifier={}&type=60591-5", by_ins(MARIE));
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let reply = world.request(&patient(MARIE), "POST", "/DocumentReference/_search", &headers, form).await;
    assert_eq!(reply.json()["total"], 1, "{}", reply.text());
}

#[tokio::test]
async fn pages_lead_to_every_document_once() {
    let world = open_world().await;
    let documents: Vec<Document> = (1..=5).map(Document::synthese).collect();
    publish(&world, &documents).await;
    let mut path = format!("/DocumentReference?patient.identifier={}&status=current&_count=2", by_ins(MARIE));
    let mut seen = Vec::new();
    loop {
        let page = world.get(&patient(MARIE), &path).await.json();
        assert_eq!(page["total"], 5);
        seen.extend(ids(&page));
        let links = page["link"].as_array().unwrap();
        let Some(next) = links.iter().find(|l| l["relation"] == "next") else { break };
        path = next["url"].as_str().unwrap().strip_prefix("http://127.0.0.1:8080/fhir").unwrap().to_owned();
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
    let changed = format!("{}x", &path[..path.len() - 1]);
    let reply = world.get(&patient(MARIE), &changed).await;
    assert_eq!((reply.status, reply.issue().0.as_str()), (400, "invalid"));
    let only_total = search(&world, &patient(MARIE), "&_count=0").await;
    assert_eq!((&only_total["total"], &only_total["entry"]), (&json!(5), &Value::Null));
}

#[tokio::test]
async fn lots_are_found_with_the_documents_one_may_see() {
    let world = open_world().await;
    let response = publish(&world, &[Document::synthese(1), Document::synthese(2)]).await;
    let (set, first) = (id_of(&response, 0), id_of(&response, 1));
    let code = "code=https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes%7Csubmissionset&status=current";
    let lists = world.get(&patient(MARIE), &format!("/List?{code}")).await.json();
    assert_eq!((&lists["total"], &lists["entry"][0]["resource"]["id"]), (&json!(1), &json!(set)));
    let list = &lists["entry"][0]["resource"];
    assert_eq!(list["entry"].as_array().map(Vec::len), Some(2));
    assert_eq!(list["date"], "2026-06-12T08:00:00Z");
    for (parameters, total) in [
        (format!("_id={set}"), 1),
        (format!("identifier=urn:ietf:rfc:3986%7C{}", list["identifier"][0]["value"].as_str().unwrap()), 1),
        (format!("identifier=urn:ietf:rfc:3986%7C{}", list["identifier"][1]["value"].as_str().unwrap()), 1),
        ("identifier=urn:oid:1.2.3".to_owned(), 0),
        ("date=2026-06".to_owned(), 1),
        ("date=lt2026".to_owned(), 0),
        ("code=folder".to_owned(), 0),
        ("status=retired".to_owned(), 0),
        ("source.practitioner.family=libre".to_owned(), 1),
        ("designationType=07".to_owned(), 1),
        ("isArchived=true".to_owned(), 0),
    ] {
        let found = world.get(&patient(MARIE), &format!("/List?{parameters}")).await.json();
        assert_eq!(found["total"], total, "{parameters}: {found}");
    }
    let read = world.get(&patient(MARIE), &format!("/List/{set}")).await;
    assert_eq!((read.status, &read.json()), (200, list));
    let unnamed = world.get(&dr_libre(), &format!("/List/{set}")).await;
    assert_eq!((unnamed.status, unnamed.issue().0.as_str()), (403, "business-rule"));
    // A masked member is absent for who may not see it, and a lot of masked members with them.
    authorise(&world, world::MARTIN).await;
    let patch = r#"[{"op":"add","path":"/securityLabel/-","value":{"coding":[{"code":"MASQUE_PS"}]}}]"#;
    let json_patch = [("content-type", "application/json-patch+json")];
    let masked = world
        .request(&patient(MARIE), "PATCH", &format!("/DocumentReference/{first}"), &json_patch, patch)
        .await;
    assert_eq!(masked.status, 200, "{}", masked.text());
    let read = world.get(&dr_martin(), &format!("/List/{set}?patient.identifier={}", by_ins(MARIE))).await;
    assert_eq!(read.json()["entry"].as_array().map(Vec::len), Some(1));
    let path = format!("/List?patient.identifier={}&{code}", by_ins(MARIE));
    let lists = world.get(&dr_martin(), &path).await.json();
    assert_eq!(lists["entry"][0]["resource"]["entry"].as_array().map(Vec::len), Some(1), "{lists}");
}

#[tokio::test]
async fn absent_masked_and_unauthorised_are_one_answer() {
    let world = open_world().await;
    let response = publish(&world, &[Document::synthese(1)]).await;
    let id = id_of(&response, 1);
    let absent = "00000000-0000-4000-8000-0000000000ff";
    for kind in ["DocumentReference", "Binary"] {
        let unknown = world.get(&dr_roux(), &format!("/{kind}/{absent}")).await;
        let hidden = world.get(&dr_roux(), &format!("/{kind}/{id}")).await;
        assert_eq!((unknown.status, hidden.status), (404, 404), "{kind}");
        assert_eq!(unknown.bytes, hidden.bytes, "{kind}");
    }
    let bad = world.get(&dr_roux(), "/DocumentReference/a_b").await;
    assert_eq!((bad.status, bad.issue().0.as_str()), (400, "value"));
}

#[tokio::test]
async fn who_asks_and_what_for_come_first() {
    let world = open_world().await;
    let nobody = world.send_as(None, "GET", "/DocumentReference", None, String::new()).await;
    assert_eq!((nobody.status, nobody.issue().0.as_str()), (401, "login"));
    assert_eq!(nobody.headers["www-authenticate"], "Bearer");
    for (actor, path, status, code) in [
        (dr_roux(), "/DocumentReference?status=current".to_owned(), 403, "business-rule"),
        (dr_roux(), format!("/DocumentReference?patient.identifier={}", by_ins(MARIE)), 403, "forbidden"),
        (desk(), format!("/DocumentReference?patient.identifier={}", by_ins(MARIE)), 403, "forbidden"),
        (
            dr_roux(),
            format!("/DocumentReference?patient.identifier={}", by_ins(world::LEO)),
            404,
            "not-found",
        ),
        (dr_roux(), "/DocumentReference?patient.identifier=284073523811417".to_owned(), 422, "invalid"),
        (dr_roux(), "/Patientt".to_owned(), 404, "not-supported"),
        (dr_roux(), "/Observation".to_owned(), 404, "not-supported"),
        (dr_roux(), "/DocumentReference/x/_history/1".to_owned(), 404, "not-found"),
    ] {
        let reply = world.get(&actor, &path).await;
        assert_eq!((reply.status, reply.issue().0.as_str()), (status, code), "{path}");
        assert!(reply.headers.contains_key("x-request-id"), "{path}");
    }
    let xml =
        world.request(&dr_libre(), "POST", "", &[("content-type", "application/fhir+xml")], "<x/>").await;
    assert_eq!((xml.status, xml.issue().0.as_str()), (415, "not-supported"));
    let deleted = world.send(&dr_libre(), "DELETE", "/DocumentReference/x", None).await;
    assert_eq!((deleted.status, deleted.issue().0.as_str()), (405, "not-supported"));
    let batch =
        json!({"resourceType": "Bundle", "type": "batch", "entry": [entry("urn:uuid:x", "List", json!({}))]});
    let reply = world.post(&dr_libre(), "/", &batch).await;
    assert_eq!(reply.status, 400, "{}", reply.text());
}
