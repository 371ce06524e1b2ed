//! Deposits of documents over the face, on a real store: ITI-65, ITI-105, and what comes back of them.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod lots;
mod world;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lots::{
    Document, authorise, dr_libre, id_of, ids, lot, open_world, publish, reference_of, search, superseding,
};
use serde_json::{Value, json};
use world::{INS_SYSTEM, MARIE, by_ins, patient};

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
    assert_eq!((reply.status, reply.issue().1.as_str()), (422, "XDSNonIdenticalHash"));
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
    assert_eq!((reply.status, reply.issue().1.as_str()), (422, "XDSRegistryDeprecatedDocumentError"));

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
    let mut withdrawn = lot(&[Document::synthese(8)]);
    reference_of(&mut withdrawn, 0)["status"] = json!("superseded");
    let reply = world.post(&dr_libre(), "", &withdrawn).await;
    assert_eq!((reply.status, reply.issue().0.as_str()), (422, "invariant"));
    let expression = reply.json()["issue"][0]["expression"][0].clone();
    assert_eq!(expression, "Bundle.entry[1].resource.status");
    let journal = world.get(&patient(MARIE), "/AuditEvent?outcome=4").await.json();
    assert!(journal["total"].as_u64().unwrap_or_default() >= 7, "{journal}");
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
