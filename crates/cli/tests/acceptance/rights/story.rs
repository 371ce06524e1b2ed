//! The journal as the tests tell it: a line of text for each act, so that two stories are compared.

use crate::common::Demo;
use crate::tools::resources;
use serde_json::Value;

/// A line: who, in which access mode, for what reason, did what, permitted or refused, about which documents or whom.
pub fn line(who: &str, mode: &str, reason: &str, act: &str, permitted: bool, mut about: Vec<&str>) -> String {
    about.sort_unstable();
    let outcome = if permitted { "permitted" } else { "refused" };
    format!("{who} [{mode}] [{reason}] {act} {outcome} {}", about.join(" "))
}

/// An AuditEvent as such a line.
pub fn told(event: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let agent = &event["agent"][0];
    let who = match agent["role"].as_array().and_then(|roles| roles.last()).map(|role| text(&role["text"])) {
        Some(role) if role == "Patient" => "patient".to_owned(),
        _ => text(&agent["who"]["identifier"]["value"]),
    };
    let entities = event["entity"].as_array().unwrap();
    // The patient stands first, the request last; between them, what the act was about.
    let about: Vec<String> = entities[1..entities.len() - 1]
        .iter()
        .map(|entity| text(&entity["what"]["identifier"]["value"]).trim_start_matches("urn:oid:").to_owned())
        .collect();
    let (mode, reason) =
        (text(&agent["purposeOfUse"][0]["coding"][0]["code"]), text(&agent["extension"][0]["valueString"]));
    let act = text(&event["subtype"][1]["code"]);
    let about = about.iter().map(String::as_str).collect();
    line(&who, &mode, &reason, &act, event["outcome"] == "0", about)
}

pub fn id_of(line: &Value) -> String {
    line["id"].as_str().unwrap().to_owned()
}

/// The whole journal that a patient reads, the latest first.
pub fn journal(demo: &Demo, token: &str) -> Vec<Value> {
    resources(demo, "/fhir/AuditEvent?_count=100", token)
}

/// How many requests it takes to read that many by the hundred.
pub fn pages(count: usize) -> usize {
    count.div_ceil(100).max(1)
}
