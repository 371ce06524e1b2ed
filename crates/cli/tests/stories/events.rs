//! `GET AuditEvent` (ITI-81), every page of it, in the words of the table.

use crate::common::Demo;
use crate::table::Row;
use serde_json::Value;

const BRIS_DE_GLACE: &str = "bris_de_glace";
const CENTRE_15: &str = "centre_15";

/// A line, and whether it is of a *connexion secrète*.
#[derive(Debug, Clone)]
pub struct Event {
    pub row: Row,
    pub secret: bool,
}

/// The lines of a dossier that the bearer reads, the latest first.
pub fn events(demo: &Demo, ins: &str, token: &str) -> Vec<Event> {
    let mut found = Vec::new();
    let mut next =
        Some(format!("/fhir/AuditEvent?patient.identifier=urn:oid:1.2.250.1.213.1.4.10%7C{ins}&_count=200"));
    while let Some(path) = next {
        let page = demo.get(&path, token);
        assert_eq!(page.status, 200, "{path}: {}", page.brief());
        let page = page.json();
        let entries = page["entry"].as_array().cloned().unwrap_or_default();
        found.extend(entries.iter().map(|entry| event(&entry["resource"])));
        let links = page["link"].as_array().cloned().unwrap_or_default();
        let link = links.iter().find(|link| link["relation"] == "next");
        let url = link.map(|link| link["url"].as_str().unwrap().to_owned());
        next = url.map(|url| url[url.find("/fhir/").unwrap()..].to_owned());
    }
    found
}

fn event(event: &Value) -> Event {
    let agents = event["agent"].as_array().unwrap();
    let user = &agents[0];
    let kind = user["role"].as_array().unwrap().iter().find_map(|role| role["text"].as_str()).unwrap();
    let display = user["who"]["display"].as_str().unwrap_or_default();
    let provider = agents.iter().find(|agent| coding(&agent["type"]) == "PROV");
    let at: jiff::Timestamp = event["recorded"].as_str().unwrap().parse().unwrap();
    let at = at.in_tz("Europe/Paris").unwrap();
    let act = &event["subtype"][1];
    let entities = event["entity"].as_array().unwrap();
    let documents = entities.iter().filter(|e| e["what"]["type"] == "DocumentReference").count();
    let row = Row {
        when: format!("{} {} h {:02}", at.date(), at.hour(), at.minute()),
        who: match kind {
            "Patient" => "PATIENT".to_owned(),
            "Représentant légal" => "REPRÉSENTANT".to_owned(),
            "Agent d'accueil" => "AGENT D'ACCUEIL".to_owned(),
            "Application" => format!("APPLICATION « {} »", display.to_uppercase()),
            _ => display.to_uppercase(),
        },
        place: match (provider, kind) {
            (Some(provider), _) => provider["who"]["display"].as_str().unwrap_or_default().to_owned(),
            (None, "Agent d'accueil") => display.to_owned(),
            (None, _) => String::new(),
        },
        mode: match coding(&user["purposeOfUse"][0]) {
            "" => "normal",
            BRIS_DE_GLACE => "urgence",
            CENTRE_15 => "Samu",
            other => panic!("{other}"),
        }
        .to_owned(),
        act: act["display"].as_str().unwrap().to_owned(),
        outcome: match event["outcome"].as_str().unwrap() {
            "0" => "fait".to_owned(),
            _ => format!("refusé : {}", event["outcomeDesc"].as_str().unwrap()),
        },
        reason: user["extension"][0]["valueString"].as_str().unwrap_or_default().to_owned(),
        documents: if act["code"] == "Search" { 0 } else { documents },
    };
    let labels = event["meta"]["security"].as_array().cloned().unwrap_or_default();
    Event { row, secret: labels.iter().any(|label| label["code"] == "INVISIBLE_REPRESENTANTS_LEGAUX") }
}

fn coding(concept: &Value) -> &str {
    concept["coding"][0]["code"].as_str().unwrap_or_default()
}
