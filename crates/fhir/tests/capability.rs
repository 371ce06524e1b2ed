//! The CapabilityStatement, and what it promises.

mod world;

use serde_json::Value;
use world::*;

async fn statement(world: &World) -> Value {
    let reply = world.send_as(None, "GET", "/metadata", None, String::new()).await;
    assert_eq!(reply.status, 200, "public: {}", reply.text());
    reply.json()
}

#[tokio::test]
async fn every_interaction_it_lists_has_a_route() {
    let world = World::new().await;
    let statement = statement(&world).await;
    for resource in statement["rest"][0]["resource"].as_array().unwrap() {
        let kind = resource["type"].as_str().unwrap();
        for interaction in resource["interaction"].as_array().unwrap() {
            let (method, path) = match interaction["code"].as_str().unwrap() {
                "read" if ["StructureDefinition", "OperationDefinition", "CodeSystem"].contains(&kind) => {
                    continue;
                }
                "read" => ("GET", format!("/{kind}/0")),
                "create" => ("POST", format!("/{kind}")),
                "update" => ("PUT", format!("/{kind}")),
                "delete" => ("DELETE", format!("/{kind}")),
                "patch" => ("PATCH", format!("/{kind}")),
                "search-type" => ("GET", format!("/{kind}")),
                other => panic!("{other}"),
            };
            let reply = world.send_as(None, method, &path, None, String::new()).await;
            assert_eq!(reply.status, 401, "{method} {path}: {}", reply.text());
        }
    }
}

#[tokio::test]
async fn every_operation_and_profile_of_ours_is_served() {
    let world = World::new().await;
    let statement = statement(&world).await;
    let resources = statement["rest"][0]["resource"].as_array().unwrap();
    let mut served = 0;
    for resource in resources {
        let definitions = resource["operation"].as_array().into_iter().flatten().map(|o| &o["definition"]);
        let ours = "https://interop.esante.gouv.fr/ig/fhir/dmp/";
        let profiles = resource["supportedProfile"].as_array().into_iter().flatten();
        for url in definitions.chain(profiles).filter_map(Value::as_str) {
            let path = url.strip_prefix("http://127.0.0.1:8080/fhir").or_else(|| url.strip_prefix(ours));
            let Some(path) = path else { continue };
            let path = format!("/{}", path.trim_start_matches('/'));
            let reply = world.send_as(None, "GET", &path, None, String::new()).await;
            assert_eq!((reply.status, reply.json()["url"].as_str()), (200, Some(url)), "{path}");
            served += 1;
        }
    }
    assert_eq!(served, 6, "four operations, two profiles");
    for path in [
        "/CodeSystem/dmp-acte",
        "/StructureDefinition/dmp-fermeture",
        "/CodeSystem/dmp-categorie-consentement",
    ] {
        assert_eq!(world.send_as(None, "GET", path, None, String::new()).await.status, 200, "{path}");
    }
    for path in ["/StructureDefinition/x", "/OperationDefinition/open", "/CodeSystem/x"] {
        assert_eq!(world.send_as(None, "GET", path, None, String::new()).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn every_search_parameter_it_lists_is_known() {
    let world = World::new().await;
    world.open_marie().await;
    let statement = statement(&world).await;
    for resource in statement["rest"][0]["resource"].as_array().unwrap() {
        let kind = resource["type"].as_str().unwrap();
        let Some(known) = resource["searchParam"].as_array() else { continue };
        let pwn = serde_json::json!({"name": "pwn", "type": "string"});
        for parameter in known.iter().chain([&pwn]) {
            let name = parameter["name"].as_str().unwrap();
            let value = if parameter["type"] == "date" { "ge2026" } else { "x" };
            let path = format!("/{kind}?{name}={value}");
            let reply = world.get_strictly(&patient(MARIE), &path).await;
            let unknown = reply.status == 400 && reply.issue().0 == "not-supported";
            assert_eq!(unknown, name == "pwn", "{path}: {}", reply.text());
        }
    }
}
