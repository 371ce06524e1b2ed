//! Deposits, searches and reads of documents over the face, on a real store.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod lots;
mod world;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dmp_dossier::{Actor, App, AppPurpose};
use lots::{Document, dr_libre, entry, lot, reference_of, superseding};
use serde_json::{Value, json};
use world::{INS_SYSTEM, MARIE, World, by_ins, desk, dr_martin, dr_roux, patient, secretary};

/// The id in the location of an entry of a transaction-response.
fn id_of(response: &Value, entry: usize) -> String {
    let location = response["entry"][entry]["response"]["location"].as_str().unwrap_or_default();
    location.rsplit_once('/').unwrap_or_default().1.to_owned()
}

async fn open_world() -> World {
    let world = World::new().await;
    world.open_marie().await;
    world
}

async fn publish(world: &World, documents: &[Document]) -> Value {
    let reply = world.post(&dr_libre(), "", &lot(documents)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

async fn authorise(world: &World, professional: &str) {
    let path = format!(
        "/Consent?patient.identifier={}&actor.identifier=urn:oid:1.2.250.1.71.4.2.1%7C{professional}",
        by_ins(MARIE)
    );
    let consent = json!({
        "resourceType": "Consent", "status": "active",
        "scope": {"coding": [{"code": "patient-privacy"}]},
        "category": [{"coding": [{"code": "autorisation"}]}],
        "patient": {"identifier": {"system": INS_SYSTEM, "value": MARIE}},
        "provision": {"type": "permit", "actor": [{
            "role": {"coding": [{"code": "PRCP"}]},
            "reference": {"identifier": {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": professional}}
        }]}
    });
    let reply = world.send(&patient(MARIE), "PUT", &path, Some(&consent)).await;
    assert!(matches!(reply.status, 200 | 201), "{}", reply.text());
}

async fn search(world: &World, actor: &Actor, parameters: &str) -> Value {
    let path = format!("/DocumentReference?patient.identifier={}{parameters}", by_ins(MARIE));
    let reply = world.get(actor, &path).await;
    assert_eq!(reply.status, 200, "{parameters}: {}", reply.text());
    reply.json()
}

fn ids(bundle: &Value) -> Vec<String> {
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    entries.iter().map(|e| e["resource"]["id"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_lot_is_found_and_given_back_byte_for_byte() {
    let world = open_world().await;
    let documents = [Document::synthese(1), Document::imaging()];
    let response = publish(&world, &documents).await;
    let locations: Vec<&str> = response["entry"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| {
            assert_eq!(e["response"]["status"], "201 Created");
            assert_eq!(e["response"]["etag"], "W/\"1\"");
            e["response"]["location"].as_str().unwrap().split('/').next().unwrap()
        })
        .collect();
    assert_eq!(locations, ["List", "DocumentReference", "Binary", "DocumentReference", "Binary"]);

    let found = search(&world, &patient(MARIE), "&status=current").await;
    assert_eq!(found["total"], 2);
    for (i, document) in documents.iter().enumerate() {
        let id = id_of(&response, 1 + 2 * i);
        let entry =
            found["entry"].as_array().unwrap().iter().find(|e| e["resource"]["id"] == id.as_str()).unwrap();
        assert_eq!(entry["fullUrl"], format!("http://127.0.0.1:8080/fhir/DocumentReference/{id}"));
        let resource = &entry["resource"];
        assert_eq!(resource["masterIdentifier"]["value"], document.urn());
        assert_eq!(resource["subject"]["identifier"]["value"], MARIE);
        let attachment = &resource["content"][0]["attachment"];
        assert_eq!(attachment["size"], document.bytes.len());
        let url = attachment["url"].as_str().unwrap().strip_prefix("http://127.0.0.1:8080/fhir").unwrap();

        let raw = world.request(&patient(MARIE), "GET", url, &[("accept", "text/xml")], "").await;
        assert_eq!((raw.status, raw.bytes == document.bytes), (200, true));
        for (name, value) in [
            ("content-type", "text/xml"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("content-disposition", &format!("attachment; filename=\"{id}.xml\"")),
        ] {
            assert_eq!(raw.headers[name], value, "{name}");
        }
        let json =
            world.request(&patient(MARIE), "GET", url, &[("accept", "application/fhir+json")], "").await;
        let binary = json.json();
        assert_eq!(
            (binary["resourceType"].as_str(), binary["id"].as_str()),
            (Some("Binary"), Some(id.as_str()))
        );
        assert_eq!(STANDARD.decode(binary["data"].as_str().unwrap()).unwrap(), document.bytes);
        let refused = world.request(&patient(MARIE), "GET", url, &[("accept", "image/png")], "").await;
        assert_eq!((refused.status, refused.issue().0.as_str()), (406, "not-supported"));

        let read = world.get(&patient(MARIE), &format!("/DocumentReference/{id}")).await;
        assert_eq!((read.status, read.headers["etag"].to_str().unwrap()), (200, "W/\"1\""));
        assert_eq!(read.headers["last-modified"], "Sat, 21 Nov 2026 10:00:02 GMT");
        assert_eq!(&read.json(), resource);
    }
}

/// What the registry tells of the fixture, against what is written in it.
#[tokio::test]
async fn the_header_is_the_authority() {
    let world = open_world().await;
    let mut lot = lot(&[Document::synthese(1)]);
    let sent = reference_of(&mut lot, 0);
    // As the examples of the guides are: another class, another format, SNOMED CT places.
    sent["category"] = json!([{"coding": [{"system": "http://x", "code": "99"}]}]);
    sent["content"][0]["format"] = json!({"code": "urn:ihe:iti:xds:2017:mimeTypeSufficient"});
    sent["context"] =
        json!({"facilityType": {"coding": [{"system": "http://snomed.info/sct", "code": "22232009"}]}});
    sent["description"] = json!("À relire");
    assert_eq!(world.post(&dr_libre(), "", &lot).await.status, 200);
    let found = search(&world, &patient(MARIE), "").await;
    let resource = &found["entry"][0]["resource"];
    for (pointer, value) in [
        ("/type/coding/0/code", "60591-5"),
        ("/category/0/coding/0/code", "11"),
        ("/content/0/attachment/title", "Document d'essai"),
        ("/content/0/attachment/creation", "2024-03-12T08:45:00Z"),
        ("/date", "2024-03-12T08:45:00.000Z"),
        ("/description", "À relire"),
        ("/context/facilityType/coding/0/code", "SA07"),
        ("/context/period/start", "2024-03-12T08:15:00Z"),
        ("/contained/1/identifier/0/value", lots::LIBRE),
        ("/contained/2/identifier/0/value", lots::CABINET_LIBRE),
        ("/authenticator/reference", "#a0"),
        ("/securityLabel/0/coding/0/code", "N"),
    ] {
        assert_eq!(resource.pointer(pointer).and_then(Value::as_str), Some(value), "{pointer}");
    }
}

#[tokio::test]
async fn a_lot_sent_twice_gets_the_same_answer() {
    let world = open_world().await;
    let documents = [Document::synthese(1), Document::synthese(2)];
    let first = publish(&world, &documents).await;
    assert_eq!(publish(&world, &documents).await, first);
    assert_eq!(search(&world, &patient(MARIE), "").await["total"], 2);
    // The same identifier with other bytes is another document.
    let other = Document::synthese(1).edit("Migraine", "Céphalée");
    let reply = world.post(&dr_libre(), "", &lot(&[other])).await;
    assert_eq!((reply.status, reply.issue().1.as_str()), (422, "XDSDuplicateUniqueIdInRegistry"));
}

#[tokio::test]
async fn a_replacement_supersedes_once() {
    let world = open_world().await;
    let first = publish(&world, &[Document::synthese(1)]).await;
    let old = id_of(&first, 1);

    let mut lot2 = lot(&[Document::synthese(2)]);
    let target = json!({"reference": format!("DocumentReference/{old}")});
    reference_of(&mut lot2, 0)["relatesTo"] = json!([{"code": "replaces", "target": target}]);
    lot2["entry"].as_array_mut().unwrap().push(superseding(&format!("DocumentReference/{old}")));
    let reply = world.post(&dr_libre(), "", &lot2).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let second = reply.json();
    assert_eq!(second["entry"][3]["response"]["status"], "200 OK");
    let new = id_of(&second, 1);

    assert_eq!(ids(&search(&world, &patient(MARIE), "&status=current").await).join(","), new);
    assert_eq!(ids(&search(&world, &patient(MARIE), "&status=superseded").await).join(","), old);
    let relates = search(&world, &patient(MARIE), &format!("&relatesto=DocumentReference/{old}")).await;
    assert_eq!(ids(&relates), [new]);
    let target = &relates["entry"][0]["resource"]["relatesTo"][0];
    assert_eq!(target["code"], "replaces");
    assert_eq!(target["target"]["reference"], format!("DocumentReference/{old}"));

    // By logical identifier, of what is no longer current.
    let mut lot3 = lot(&[Document::synthese(3)]);
    let identifier = json!({"system": "urn:ietf:rfc:3986", "value": Document::synthese(1).urn()});
    reference_of(&mut lot3, 0)["relatesTo"] =
        json!([{"code": "replaces", "target": {"identifier": identifier}}]);
    let reply = world.post(&dr_libre(), "", &lot3).await;
    assert_eq!((reply.status, reply.issue().1.as_str()), (422, "XDSReplaceFailed"));

    // A patch of a document that the lot does not replace.
    let mut lot4 = lot(&[Document::synthese(4)]);
    lot4["entry"].as_array_mut().unwrap().push(superseding(&format!("DocumentReference/{old}")));
    let reply = world.post(&dr_libre(), "", &lot4).await;
    assert_eq!((reply.status, reply.issue().0.as_str()), (422, "invariant"));
    assert_eq!(search(&world, &patient(MARIE), "").await["total"], 2);
}

/// A UUID given as logical identifier may be a uniqueId, a lid or an entryUUID.
#[tokio::test]
async fn what_is_replaced_may_be_named_by_each_of_its_identifiers() {
    for which in 0..3 {
        let world = open_world().await;
        publish(&world, &[Document::imaging()]).await;
        let found = search(&world, &patient(MARIE), "").await;
        let identifier = found["entry"][0]["resource"]["identifier"][which].clone();
        let mut second = lot(&[Document::synthese(2)]);
        reference_of(&mut second, 0)["relatesTo"] =
            json!([{"code": "replaces", "target": {"identifier": {"value": identifier["value"]}}}]);
        let reply = world.post(&dr_libre(), "", &second).await;
        assert_eq!(reply.status, 200, "{identifier}: {}", reply.text());
        assert_eq!(search(&world, &patient(MARIE), "&status=superseded").await["total"], 1);
    }
}

#[tokio::test]
async fn one_document_is_published_simply() {
    let world = open_world().await;
    let document = Document::synthese(1);
    let body = document.reference(None).to_string();
    let json = ("content-type", "application/fhir+json");
    let reply = world.request(&dr_libre(), "POST", "/DocumentReference", &[json], body.clone()).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let id = reply.json()["id"].as_str().unwrap().to_owned();
    let location = format!("http://127.0.0.1:8080/fhir/DocumentReference/{id}/_history/1");
    assert_eq!(reply.headers["location"].to_str().unwrap(), location);
    assert_eq!(reply.headers["etag"], "W/\"1\"");
    // Again, asking for less.
    let minimal = [json, ("prefer", "return=minimal")];
    let reply = world.request(&dr_libre(), "POST", "/DocumentReference", &minimal, body.clone()).await;
    assert_eq!((reply.status, reply.bytes.len()), (201, 0));
    assert_eq!(reply.headers["location"].to_str().unwrap(), location);
    // Its lot was made for it.
    let lists = world.get(&patient(MARIE), "/List?code=submissionset&status=current").await.json();
    assert_eq!(lists["total"], 1);
    assert_eq!(
        lists["entry"][0]["resource"]["entry"][0]["item"]["reference"],
        format!("DocumentReference/{id}")
    );

    for (change, status, code) in [
        (("/status", json!("superseded")), 422, "invariant"),
        (("/content/0/attachment/url", json!("http://10.0.0.1/x")), 422, "value"),
        (("/content/0/attachment/data", json!("%%%")), 400, "value"),
        (("/content/0/attachment/size", json!(3)), 422, "invariant"),
        (("/content/0/attachment/creation", json!("2020-01-01T00:00:00Z")), 422, "invalid"),
        (("/subject", json!({"reference": "Patient/fr-patient-123"})), 404, "not-found"),
    ] {
        let mut body = Document::synthese(2).reference(None);
        let (pointer, value) = change;
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[key] = value;
        let reply = world.post(&dr_libre(), "/DocumentReference", &body).await;
        assert_eq!((reply.status, reply.issue().0.as_str()), (status, code), "{pointer}: {}", reply.text());
    }
}

#[tokio::test]
async fn a_conditional_create_creates_once() {
    let world = open_world().await;
    let create = async |number: u32, condition: &str| {
        let headers = [("content-type", "application/fhir+json"), ("if-none-exist", condition)];
        let body = Document::synthese(number).reference(None).to_string();
        world.request(&dr_libre(), "POST", "/DocumentReference", &headers, body).await
    };
    authorise(&world, lots::LIBRE).await;
    let mine = format!("patient.identifier={}&identifier=urn:oid:1.2.250.1.999.7.1", by_ins(MARIE));
    assert_eq!(create(1, &mine).await.status, 201);
    assert_eq!(create(1, &mine).await.status, 200);
    assert_eq!(create(2, &format!("patient.identifier={}&type=none", by_ins(MARIE))).await.status, 201);
    let reply = create(3, &format!("patient.identifier={}&status=current", by_ins(MARIE))).await;
    assert_eq!((reply.status, reply.issue().0.as_str()), (412, "multiple-matches"));
    let reply = create(3, &format!("patient.identifier={}&pwn=1", by_ins(MARIE))).await;
    assert_eq!((reply.status, reply.issue().0.as_str()), (400, "not-supported"));
}

#[tokio::test]
async fn a_patient_deposits_a_file_and_nobody_else_does() {
    let world = open_world().await;
    let file = |content_type: &str, bytes: &[u8]| {
        json!({
            "resourceType": "DocumentReference", "status": "current",
            "type": {"coding": [{
                "system": "https://mos.esante.gouv.fr/NOS/TRE_A05-TypeDocComplementaire/FHIR/TRE-A05-TypeDocComplementaire",
                "code": "EXPPAT_1"
            }]},
            "subject": {"identifier": {"system": INS_SYSTEM, "value": MARIE}},
            "content": [{"attachment": {
                "contentType": content_type, "data": STANDARD.encode(bytes), "title": "Mes allergies",
                "creation": "2026-11-20T09:00:00+01:00"
            }}]
        })
    };
    let pdf = file("application/pdf", b"%PDF-1.4\n%%EOF");
    let reply = world.post(&patient(MARIE), "/DocumentReference", &pdf).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let resource = reply.json();
    assert_eq!(resource["content"][0]["attachment"]["contentType"], "text/xml");
    assert_eq!(resource["content"][0]["attachment"]["title"], "Mes allergies");
    assert_eq!(resource["contained"][0]["resourceType"], "Patient");
    assert_eq!(resource["contained"][0]["identifier"][0]["value"], MARIE);
    // The same file again is the same document.
    let again = world.post(&patient(MARIE), "/DocumentReference", &pdf).await;
    assert_eq!((again.status, &again.json()["id"]), (201, &resource["id"]));
    let text = file("text/plain; charset=utf-8", "Je suis allergique à l'amoxicilline.".as_bytes());
    assert_eq!(world.post(&patient(MARIE), "/DocumentReference", &text).await.status, 201);
    for (actor, body) in [
        (patient(MARIE), file("application/pdf", b"MZ\x90\0")),
        (patient(MARIE), file("text/html", b"<script/>")),
        (dr_libre(), pdf.clone()),
    ] {
        let reply = world.post(&actor, "/DocumentReference", &body).await;
        assert_eq!((reply.status, reply.issue().1.as_str()), (422, "InvalidDocumentContent"));
    }
}

#[tokio::test]
async fn a_refused_document_is_traced_and_nothing_is_stored() {
    let world = open_world().await;
    let wrong_type = |document: &Document| {
        let mut lot = lot(std::slice::from_ref(document));
        reference_of(&mut lot, 0)["type"] =
            json!({"coding": [{"system": "http://loinc.org", "code": "11488-4"}]});
        lot
    };
    let other_id = |document: &Document| {
        let mut lot = lot(std::slice::from_ref(document));
        reference_of(&mut lot, 0)["masterIdentifier"]["value"] = json!("urn:oid:1.2.3");
        lot
    };
    let good = Document::synthese(1);
    let cases = [
        (lot(&[Document { bytes: b"<html/>".to_vec(), ..good }]), "InvalidDocumentContent", 422),
        (lot(&[Document::synthese(2).edit("19840712", "19840713")]), "XDSPatientIdDoesNotMatch", 422),
        (
            lot(&[Document::synthese(2).edit("284073523811416", "118033523802725")]),
            "XDSPatientIdDoesNotMatch",
            422,
        ),
        (
            lot(&[Document::synthese(2).edit("284073523811416", "284073523811417")]),
            "XDSUnknownPatientId",
            422,
        ),
        (wrong_type(&Document::synthese(2)), "XDSRepositoryMetadataError", 422),
        (other_id(&Document::synthese(2)), "XDSRepositoryMetadataError", 422),
    ];
    for (bundle, reason, status) in &cases {
        let reply = world.post(&dr_libre(), "", bundle).await;
        assert_eq!((reply.status, reply.issue().1.as_str()), (*status, *reason), "{}", reply.text());
        assert_eq!(reply.json()["issue"][0]["expression"][0], "Bundle.entry[1].resource");
    }
    let last_of_two = lot(&[Document::synthese(8), Document::synthese(9).edit("19840712", "19840713")]);
    let reply = world.post(&dr_libre(), "", &last_of_two).await;
    assert_eq!(reply.json()["issue"][0]["expression"][0], "Bundle.entry[3].resource", "{}", reply.text());
    let stored = search(&world, &patient(MARIE), "&identifier=urn:oid:1.2.250.1.999.7.8").await;
    assert_eq!(stored["total"], 0);
    let journal = world.get(&patient(MARIE), "/AuditEvent?outcome=4").await.json();
    assert!(journal["total"].as_u64().unwrap_or_default() >= 7, "{journal}");
}

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

#[tokio::test]
async fn what_comes_back_is_what_is_preferred() {
    let world = open_world().await;
    for (number, prefer, resource, outcome) in [
        (1, "return=representation", true, false),
        (2, "return=OperationOutcome", false, true),
        (3, "return=minimal", false, false),
    ] {
        let headers = [("content-type", "application/fhir+json"), ("prefer", prefer)];
        let body = lot(&[Document::synthese(number)]).to_string();
        let reply = world.request(&dr_libre(), "POST", "/", &headers, body).await.json();
        let entry = &reply["entry"][1];
        assert_eq!(entry["resource"]["resourceType"] == "DocumentReference", resource, "{prefer}: {reply}");
        assert_eq!(entry["response"]["outcome"]["resourceType"] == "OperationOutcome", outcome, "{prefer}");
    }
}
