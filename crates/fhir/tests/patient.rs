//! TD0.2 over HTTP: `GET Patient?identifier=`.

mod world;

use serde_json::json;
use world::*;

#[tokio::test]
async fn a_record_is_one_entry_and_no_record_is_none() {
    let world = World::new().await;
    let path = format!("/Patient?identifier={}", by_ins(MARIE));
    let before = world.get(&dr_martin(), &path).await;
    assert_eq!((before.status, &before.json()["total"]), (200, &json!(0)), "{}", before.text());
    assert_eq!(before.json().get("entry"), None);

    world.open_marie().await;
    for actor in [patient(MARIE), dr_martin(), secretary(), desk()] {
        let reply = world.get(&actor, &path).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let entry = &reply.json()["entry"];
        assert_eq!(entry.as_array().map(Vec::len), Some(1), "{actor:?}");
        let found = &entry[0]["resource"];
        assert_eq!(found["identifier"], json!([{"use": "official", "system": INS_SYSTEM, "value": MARIE}]));
        assert_eq!(found["active"], true);
        assert_eq!(
            found["name"],
            json!([{"use": "usual", "family": "MARTIN", "given": ["MARIE"]},
                   {"use": "official", "family": "DURAND", "given": ["MARIE", "JEANNE"]}])
        );
        assert_eq!((&found["gender"], &found["birthDate"]), (&json!("female"), &json!("1984-07-12")));
        assert_eq!(extension(found, "dmp-medecin-traitant").unwrap()["valueBoolean"], false);
        assert!(extension(found, "dmp-fermeture").is_none());
        assert_eq!(found.get("id"), None);
        assert_eq!(found.get("telecom"), None);
    }
    let form = Some("application/x-www-form-urlencoded");
    let body = format!("identifier={}", by_ins(MARIE));
    let reply = world.send_as(Some(&dr_martin()), "POST", "/Patient/_search", form, body).await;
    assert_eq!((reply.status, &reply.json()["total"]), (200, &json!(1)));
}

#[tokio::test]
async fn what_is_no_ins_of_this_deployment_finds_nobody() {
    let world = World::new().await;
    world.open_marie().await;
    for value in [
        "ZZZ%7C%27%20OR%201=1--",
        &format!("urn:oid:1.2.250.1.213.1.4.8%7C{MARIE}"),
        &by_ins("284073523811417"),
        &by_ins(LEO),
        "urn:oid:1.2.250.1.213.1.4.10%7C",
    ] {
        let reply = world.get(&dr_martin(), &format!("/Patient?identifier={value}")).await;
        assert_eq!((reply.status, &reply.json()["total"]), (200, &json!(0)), "{value}: {}", reply.text());
    }
    let other = world.get(&patient(LEO), &format!("/Patient?identifier={}", by_ins(MARIE))).await;
    assert_eq!(
        (other.status, &other.json()["total"]),
        (200, &json!(0)),
        "another patient's record is unknown"
    );
}

#[tokio::test]
async fn a_search_is_about_one_patient() {
    let world = World::new().await;
    world.open_marie().await;
    let two = format!("/Patient?identifier={},{}", by_ins(MARIE), by_ins(LEO));
    let twice = format!("/Patient?identifier={}&identifier={}", by_ins(MARIE), by_ins(LEO));
    for path in ["/Patient", &two, &twice] {
        let reply = world.get(&dr_martin(), path).await;
        assert_eq!((reply.status, reply.issue().0.as_str()), (403, "business-rule"), "{path}");
    }
    let own = world.get(&patient(MARIE), "/Patient").await;
    assert_eq!((own.status, &own.json()["total"]), (200, &json!(1)));
}

#[tokio::test]
async fn nobody_is_found_without_an_actor_nor_read_by_id() {
    let world = World::new().await;
    world.open_marie().await;
    let path = format!("/Patient?identifier={}", by_ins(MARIE));
    assert_eq!(world.send_as(None, "GET", &path, None, String::new()).await.status, 401);
    let by_ins = world.get(&patient(MARIE), &format!("/Patient/{MARIE}")).await;
    let absent = world.get(&dr_martin(), "/Patient/0191f7f2-0000-7000-8000-000000000000").await;
    assert_eq!((by_ins.status, by_ins.issue().0.as_str()), (404, "not-found"));
    assert_eq!(by_ins.bytes, absent.bytes);
}

#[tokio::test]
async fn the_authorisation_of_the_caller_is_told() {
    let world = World::new().await;
    world.open_marie().await;
    let path = format!("/Patient?identifier={}", by_ins(MARIE));
    let told = async |actor| {
        let found = world.get(&actor, &path).await.json()["entry"][0]["resource"].clone();
        extension(&found, "dmp-autorisation").map(|e| e["valueCode"].as_str().unwrap().to_owned())
    };
    assert_eq!(told(dr_martin()).await.as_deref(), Some("NON_EXISTE"));
    assert_eq!(told(patient(MARIE)).await, None);
    assert_eq!(told(desk()).await, None);
}

#[tokio::test]
async fn a_lunar_birth_date_is_cut_to_what_is_a_date_and_told_whole() {
    let world = World::new().await;
    let lunar = "https://interop.esante.gouv.fr/ig/fhir/dmp/StructureDefinition/dmp-date-naissance";
    for (value, text, date) in [(MARIE, "19840700", "1984-07"), (LEO, "20183512", "2018")] {
        let mut sent = if value == MARIE { marie() } else { leo() };
        sent.as_object_mut().unwrap().remove("birthDate");
        sent["_birthDate"] = json!({"extension": [{"url": lunar, "valueString": text}]});
        let reply = world.post(&desk(), "/Patient/$open", &opening(sent)).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        let found = world.get(&desk(), &format!("/Patient?identifier={}", by_ins(value))).await.json();
        let resource = &found["entry"][0]["resource"];
        assert_eq!(resource["birthDate"], date);
        assert_eq!(resource["_birthDate"]["extension"][0]["valueString"], text);
    }
}
