//! PATCH of documents over the face, on a real store: TD3.3a to TD3.3d.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod lots;
mod world;

use dmp_dossier::Actor;
use lots::{Document, authorise, dr_libre, lot};
use serde_json::{Value, json};
use world::{MARIE, Reply, World, by_ins, dr_martin, patient, secretary};

const JSON_PATCH: (&str, &str) = ("content-type", "application/json-patch+json");

struct Deposited {
    world: World,
    /// lid.
    id: String,
}

/// Marie's record with one document of Dr Libre, whom she authorised.
async fn deposited() -> Deposited {
    let world = World::new().await;
    world.open_marie().await;
    let reply = world.post(&dr_libre(), "", &lot(&[Document::synthese(1)])).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let location = reply.json()["entry"][1]["response"]["location"].as_str().unwrap().to_owned();
    for professional in [lots::LIBRE, world::MARTIN] {
        authorise(&world, professional).await;
    }
    Deposited { world, id: location.rsplit_once('/').unwrap().1.to_owned() }
}

impl Deposited {
    async fn patch(&self, actor: &Actor, target: &str, body: impl ToString) -> Reply {
        let path = format!("/DocumentReference{target}");
        self.world.request(actor, "PATCH", &path, &[JSON_PATCH], body.to_string()).await
    }

    async fn mask(&self, actor: &Actor) -> Reply {
        self.patch(actor, &format!("/{}", self.id), label("MASQUE_PS")).await
    }

    async fn read(&self, actor: &Actor) -> Reply {
        self.world.get(actor, &format!("/DocumentReference/{}", self.id)).await
    }
}

/// TD3.3a and b, as the guide writes them.
fn label(code: &str) -> Value {
    json!([{"op": "replace", "path": "/securityLabel/0", "value": {"coding": [{
        "system": "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument",
        "code": code
    }]}}])
}

/// TD3.3d, as the guide writes it.
fn archived(value: bool) -> Value {
    let path = "/extension[url:'https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-ext-is-archived']/valueBoolean";
    json!([{"op": "replace", "path": path, "value": value}])
}

fn status(value: &str) -> Value {
    json!([{"op": "replace", "path": "/status", "value": value}])
}

fn labels(resource: &Value) -> Vec<String> {
    let labels = resource["securityLabel"].as_array().cloned().unwrap_or_default();
    labels.iter().map(|l| l["coding"][0]["code"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_masked_document_leaves_and_comes_back() {
    let d = deposited().await;
    let reply = d.mask(&patient(MARIE)).await;
    assert_eq!((reply.status, labels(&reply.json())), (200, vec!["N".to_owned(), "MASQUE_PS".to_owned()]));
    assert_eq!(reply.headers["etag"], "W/\"2\"");
    assert_eq!(reply.json()["meta"]["versionId"], "2");
    assert_eq!(d.read(&dr_martin()).await.status, 404);
    assert_eq!(d.read(&dr_libre()).await.status, 200, "its author still sees it");
    // Masking again changes nothing.
    assert_eq!(d.mask(&patient(MARIE)).await.headers["etag"], "W/\"2\"");
    let reply = d.patch(&patient(MARIE), &format!("/{}", d.id), label("N")).await;
    assert_eq!((reply.status, labels(&reply.json())), (200, vec!["N".to_owned()]));
    assert_eq!(d.read(&dr_martin()).await.status, 200);
}

#[tokio::test]
async fn each_identifier_leads_to_the_document() {
    let d = deposited().await;
    let resource = d.read(&patient(MARIE)).await.json();
    for (i, identifier) in resource["identifier"].as_array().unwrap().iter().enumerate() {
        let value = identifier["value"].as_str().unwrap();
        for (path, patch) in [
            (format!("?identifier=urn:ietf:rfc:3986%7C{value}"), archived(true)),
            (format!("?patient.identifier={}&identifier={value}", by_ins(MARIE)), archived(false)),
        ] {
            let reply = d.patch(&dr_libre(), &path, &patch).await;
            assert_eq!(reply.status, 200, "{i} {path}: {}", reply.text());
            assert_eq!(reply.json()["extension"][0]["valueBoolean"], patch[0]["value"]);
        }
    }
    for (path, status, code) in [
        ("?identifier=urn:oid:1.2.3".to_owned(), 404, "not-found"),
        ("?identifier=http://my-lab-system%7C123".to_owned(), 404, "not-found"),
        (String::new(), 412, "too-costly"),
        ("?identifier=urn:oid:1.2.3,urn:oid:1.2.4".to_owned(), 412, "multiple-matches"),
        (
            format!("?patient.identifier={}&identifier=urn:oid:1.2.250.1.999.7.1", by_ins(world::LEO)),
            404,
            "not-found",
        ),
    ] {
        let reply = d.patch(&dr_libre(), &path, archived(true)).await;
        assert_eq!((reply.status, reply.issue().0.as_str()), (status, code), "{path}: {}", reply.text());
    }
}

#[tokio::test]
async fn an_archived_document_is_current_and_says_so() {
    let d = deposited().await;
    let target = format!("/{}", d.id);
    assert_eq!(d.patch(&dr_libre(), &target, archived(true)).await.status, 200);
    let found = |parameters: &'static str| {
        let path = format!("/DocumentReference?{parameters}");
        let world = &d.world;
        async move { world.get(&patient(MARIE), &path).await.json()["total"].clone() }
    };
    assert_eq!(found("status=current").await, 1);
    assert_eq!(found("status=current&isArchived=true").await, 1);
    assert_eq!(found("status=current&isArchived=false").await, 0);
}

#[tokio::test]
async fn a_deleted_document_is_in_error_and_gone_from_searches() {
    let d = deposited().await;
    let target = format!("/{}", d.id);
    let reply = d.patch(&dr_martin(), &target, status("entered-in-error")).await;
    assert_eq!((reply.status, reply.issue().0.as_str()), (403, "forbidden"), "{}", reply.text());
    let reply = d.patch(&dr_libre(), &target, status("entered-in-error")).await;
    assert_eq!(
        (reply.status, &reply.json()["status"]),
        (200, &json!("entered-in-error")),
        "{}",
        reply.text()
    );
    let all = d.world.get(&patient(MARIE), "/DocumentReference").await.json();
    assert_eq!(all["total"], 0);
    let deleted = d.world.get(&patient(MARIE), "/DocumentReference?status=entered-in-error").await.json();
    assert_eq!(deleted["total"], 1);
}

#[tokio::test]
async fn an_employee_deletes_a_document_of_the_structure_without_reading_it() {
    let d = deposited().await;
    let employee = match secretary() {
        Actor::Employee(e) => Actor::Employee(dmp_dossier::Employee {
            structure: dmp_dossier::StructureId::parse(lots::CABINET_LIBRE).unwrap(),
            ..e
        }),
        other => other,
    };
    let path = "?identifier=urn:ietf:rfc:3986%7Curn:oid:1.2.250.1.999.7.1";
    let reply = d.patch(&employee, path, status("entered-in-error")).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let resource = reply.json();
    assert_eq!(resource["status"], "entered-in-error");
    assert!(
        resource["type"].is_null() && resource["content"][0]["attachment"]["title"].is_null(),
        "{resource}"
    );
}

#[tokio::test]
async fn a_change_starts_from_the_version_it_knows() {
    let d = deposited().await;
    let path = format!("/DocumentReference/{}", d.id);
    let with = async |tag: &str, body: Value| {
        let headers = [JSON_PATCH, ("if-match", tag)];
        d.world.request(&dr_libre(), "PATCH", &path, &headers, body.to_string()).await
    };
    assert_eq!(with("W/\"1\"", label("MASQUE_PS")).await.status, 200);
    for body in [label("N"), archived(true), status("entered-in-error"), json!([])] {
        let reply = with("W/\"1\"", body.clone()).await;
        assert_eq!((reply.status, reply.issue().0.as_str()), (412, "conflict"), "{body}: {}", reply.text());
    }
    let reply = with("W/\"x\"", label("N")).await;
    assert_eq!((reply.status, reply.issue().0.as_str()), (400, "value"));
    // An entryUUID names a version too.
    let entry = d.read(&dr_libre()).await.json()["identifier"][0]["value"].as_str().unwrap().to_owned();
    assert_eq!(with("W/\"2\"", label("N")).await.status, 200);
    let reply = d.patch(&dr_libre(), &format!("?identifier={entry}"), archived(true)).await;
    assert_eq!((reply.status, reply.issue().0.as_str()), (412, "conflict"), "{}", reply.text());
}

#[tokio::test]
async fn several_changes_are_one_patch() {
    let d = deposited().await;
    let body = json!([
        {"op": "replace", "path": "/status", "value": "current "},
        {"op": "replace", "path": "/securityLabel", "value": [
            {"coding": [{"code": "N"}]}, {"coding": [{"code": "MASQUE_PS"}]}
        ]},
        {"op": "replace", "path": "/extension/0/valueBoolean", "value": "true"}
    ]);
    let reply = d.patch(&dr_libre(), &format!("/{}", d.id), &body).await;
    let resource = reply.json();
    assert_eq!((reply.status, labels(&resource)), (200, vec!["N".to_owned(), "MASQUE_PS".to_owned()]));
    assert_eq!(resource["extension"][0]["valueBoolean"], true);
    // In FHIRPath, and back.
    let parameters = json!({"resourceType": "Parameters", "parameter": [{"name": "operation", "part": [
        {"name": "type", "valueCode": "delete"},
        {"name": "path", "valueString": "DocumentReference.securityLabel.where(coding.code='MASQUE_PS')"}
    ]}]});
    let path = format!("/DocumentReference/{}", d.id);
    let reply = d.world.send(&dr_libre(), "PATCH", &path, Some(&parameters)).await;
    assert_eq!((reply.status, labels(&reply.json())), (200, vec!["N".to_owned()]), "{}", reply.text());
}

#[tokio::test]
async fn what_may_not_change_is_refused() {
    let d = deposited().await;
    let target = format!("/{}", d.id);
    for (actor, body, status_code, code) in [
        (dr_libre(), json!([{"op": "replace", "path": "/type", "value": {}}]), 405, "not-supported"),
        (dr_libre(), status("superseded"), 422, "invalid"),
        (dr_libre(), status("preliminary"), 422, "value"),
        (dr_libre(), label("INVISIBLE_PATIENT"), 422, "invalid"),
        (dr_libre(), json!({"resourceType": "Patient", "pwn": 1}), 400, "invalid"),
        (patient(MARIE), archived(true), 403, "forbidden"),
    ] {
        let reply = d.patch(&actor, &target, &body).await;
        assert_eq!((reply.status, reply.issue().0.as_str()), (status_code, code), "{body}: {}", reply.text());
    }
    let xml = [("content-type", "application/xml-patch+xml")];
    let reply =
        d.world.request(&dr_libre(), "PATCH", &format!("/DocumentReference{target}"), &xml, "<x/>").await;
    assert_eq!((reply.status, reply.issue().0.as_str()), (415, "not-supported"));
    assert_eq!(d.read(&dr_libre()).await.headers["etag"], "W/\"1\"");
    // `current` is what it is.
    assert_eq!(d.patch(&dr_libre(), &target, status("current")).await.status, 200);
}
