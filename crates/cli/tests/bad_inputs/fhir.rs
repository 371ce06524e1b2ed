//! Rows FHIR-01 to FHIR-60: bodies, resources, references, searches, transactions.

use crate::case::{Case, Check, World, case, outcome, says, status};
use crate::common::lot::{ALICE, BINARY, BRUNE, CLAIRE, REFERENCE, SET, document_reference, simplified};
use crate::common::{Answer, Document, Lot, Request};
use serde_json::{Value, json};

const ABSENT: &str = "00000000-0000-4000-8000-0000000000ff";

/// A lot whose DocumentReference has another value at that path.
fn reference_with(path: &'static str, value: Value) -> impl Fn(&World) -> Answer {
    move |w| w.send_lot(&w.lot().set(REFERENCE, path, value.clone()))
}

/// A lot as text, edited.
fn text_with(edit: impl Fn(String) -> String) -> impl Fn(&World) -> Answer {
    move |w| w.post(edit(w.lot().0.to_string()))
}

/// A lot with a member more at its top, in the words of the sender.
fn member(text: &'static str) -> impl Fn(&World) -> Answer {
    text_with(move |lot| lot.replacen('{', &format!("{{{text},"), 1))
}

/// Same bytes as the same request about what exists nowhere.
fn as_absent(path: impl Fn(&str) -> String + 'static, method: &'static str) -> Check {
    Box::new(move |w, answer| {
        let absent = w.send(Request::new(method, &path(ABSENT)));
        match answer.without_time() == absent.without_time() {
            true => Ok(()),
            false => Err(format!("differs from absent: {} / {}", answer.brief(), absent.brief())),
        }
    })
}

fn self_link_says(text: &'static str) -> Check {
    Box::new(move |_, answer| {
        let json = answer.json();
        let links = json["link"].as_array().cloned().unwrap_or_default();
        let own = links.iter().find(|link| link["relation"] == "self").map(|link| link["url"].to_string());
        match own {
            Some(url) if url.contains(text) => Ok(()),
            other => Err(format!("self link with `{text}` expected, got {other:?}")),
        }
    })
}

fn is_empty_bundle() -> Check {
    Box::new(|_, answer| {
        let json = answer.json();
        let entries = json["entry"].as_array().map_or(0, Vec::len);
        match answer.status == 200 && json["resourceType"] == "Bundle" && entries == 0 {
            true => Ok(()),
            false => Err(format!("200 and an empty Bundle expected, got {}", answer.brief())),
        }
    })
}

fn binary_of(w: &World, token: &str, reference: &Value) -> Answer {
    let url = reference["content"][0]["attachment"]["url"].as_str().unwrap_or_default().to_owned();
    let path = url.find("/fhir/").map_or("/fhir/?", |at| &url[at..]).to_owned();
    w.demo.get(&path, token)
}

/// The first document of a patient, as the doctor sees it.
fn first_document(w: &World, patient: &str) -> Value {
    let found = w.get(&format!("/fhir/DocumentReference?patient.identifier={patient}&_count=1"));
    found.json()["entry"][0]["resource"].clone()
}

fn id_of(resource: &Value) -> String {
    resource["id"].as_str().unwrap_or_default().to_owned()
}

pub fn cases() -> Vec<Case> {
    [bodies(), resources(), references(), reads(), searches(), transactions()].into_iter().flatten().collect()
}

fn bodies() -> Vec<Case> {
    let digits = || format!("\"n\":0.{}", "1".repeat(500));
    vec![
        case("FHIR-01", |w| w.post(""), outcome(400, "structure")),
        case("FHIR-02", text_with(|lot| lot[..lot.len() / 2].to_owned()), outcome(400, "structure"))
            .and(says("byte")),
        case(
            "FHIR-03",
            text_with(|lot| lot.replacen("\"current\"", "\"current\",", 1)),
            outcome(400, "structure"),
        )
        .variant("trailing comma"),
        case("FHIR-03", text_with(|lot| lot.replacen('{', "{/* lot */", 1)), outcome(400, "structure"))
            .variant("comment"),
        case("FHIR-04", member("\"type\":\"batch\""), outcome(400, "structure")),
        case("FHIR-05", |w| w.post("[".repeat(10_000)), outcome(400, "too-costly")),
        case("FHIR-06", member("\"n\":1e999999"), outcome(400, "value")),
        case(
            "FHIR-07",
            text_with(move |lot| lot.replacen('{', &format!("{{{},", digits()), 1)),
            outcome(400, "too-long"),
        ),
        case(
            "FHIR-08",
            |w| w.send_lot(&w.lot().set(REFERENCE, "/description", json!("x".repeat(20 << 20)))),
            outcome(413, "too-long"),
        ),
        case("FHIR-09", member(r#""s":"\ud800""#), outcome(400, "value")),
        case("FHIR-10", member(r#""s":"\u0000""#), outcome(400, "value")),
        case(
            "FHIR-11",
            |w| w.send(xml("<!DOCTYPE x><Bundle xmlns=\"http://hl7.org/fhir\"/>")),
            outcome(415, "not-supported"),
        ),
        case("FHIR-12", |w| w.send(xml("<Bundle xmlns=\"urn:x\"/>")), outcome(415, "not-supported")),
        case(
            "FHIR-13",
            |w| w.send(Request::new("POST", "/fhir").body("application/x-www-form-urlencoded", "a=b")),
            outcome(415, "not-supported"),
        ),
        case(
            "FHIR-14",
            |w| w.send(Request::get("/fhir/metadata").header("Accept", "text/turtle")),
            outcome(406, "not-supported"),
        ),
    ]
}

fn xml(body: &str) -> Request {
    Request::new("POST", "/fhir").body("application/fhir+xml", body)
}

fn resources() -> Vec<Case> {
    let div = |inside: &str| {
        let div = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inside}</div>");
        reference_with("/text", json!({"status": "generated", "div": div}))
    };
    let attachment = "/content/0/attachment";
    let extension = json!([{"url": "http://example.org/x", "valueBoolean": true}]);
    vec![
        case("FHIR-15", reference_with("/resourceType", Value::Null), outcome(400, "structure")),
        case(
            "FHIR-16",
            |w| {
                let patient = json!({"resourceType": "Patient", "active": true});
                w.send(Request::post("/fhir/DocumentReference", patient.to_string()))
            },
            outcome(400, "invalid"),
        ),
        case("FHIR-17", |w| w.send(Request::post("/fhir/Patientt", "{}")), outcome(404, "not-supported")),
        case("FHIR-18", reference_with("/pwn", json!(1)), outcome(400, "structure")),
        case("FHIR-19", reference_with("/modifierExtension", extension), outcome(422, "extension")),
        case("FHIR-20", reference_with("/type", json!([])), outcome(400, "structure")),
        case("FHIR-21", reference_with("/type", json!({})), outcome(400, "structure"))
            .variant("empty object"),
        case("FHIR-21", reference_with("/category", json!([])), outcome(400, "structure"))
            .variant("empty array"),
        case("FHIR-22", reference_with("/category", json!([null])), outcome(400, "structure")),
        case(
            "FHIR-23",
            reference_with("/content/0/attachment/creation", json!("2026-02-30")),
            outcome(400, "value"),
        ),
        case(
            "FHIR-24",
            reference_with("/content/0/attachment/creation", json!("2026-06-12T10:00:00")),
            outcome(400, "value"),
        ),
        case("FHIR-25", reference_with("/date", json!("99999-01-01T00:00:00Z")), outcome(400, "value")),
        case("FHIR-26", reference_with("/status", json!(" current")), outcome(400, "value")),
        case(
            "FHIR-27",
            reference_with("/content/0/attachment/url", json!("javascript:alert(1)")),
            outcome(422, "value"),
        ),
        case(
            "FHIR-28",
            reference_with("/content/0/attachment/url", json!("http://169.254.169.254/")),
            outcome(422, "value"),
        ),
        case(
            "FHIR-28",
            |w| {
                let elsewhere = json!(format!("http://{}/", w.attacker()));
                w.send_lot(&w.lot().set(REFERENCE, "/content/0/attachment/url", elsewhere))
            },
            outcome(422, "value"),
        )
        .variant("where somebody listens"),
        case(
            "FHIR-29",
            reference_with("/content/0/attachment/hash", json!("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")),
            outcome(422, "invariant"),
        ),
        case("FHIR-30", div("<script>alert(1)</script>"), outcome(422, "invariant")).variant("script"),
        case("FHIR-30", div("<p onclick='alert(1)'>x</p>"), outcome(422, "invariant")).variant("onclick"),
        case("FHIR-30", div("<p style='background:url(http://a/)'>x</p>"), outcome(422, "invariant"))
            .variant("style"),
        case(
            "FHIR-31",
            |w| {
                let mut reference = simplified(&w.synthese());
                reference["id"] = json!("mine");
                w.send(Request::post("/fhir/DocumentReference", reference.to_string()))
            },
            status(201),
        )
        .and(Box::new(move |_, answer| match answer.header("location") {
            Some(location) if location.contains("/DocumentReference/") && !location.contains("mine") => {
                Ok(())
            }
            other => Err(format!("location of our own expected, got {other:?}: {attachment}")),
        }))
        .stores_one(),
    ]
}

fn references() -> Vec<Case> {
    let put = |id: &'static str| {
        move |w: &World| {
            let reference = document_reference(&w.synthese(), "urn:x");
            w.send(Request::new("PUT", &format!("/fhir/DocumentReference/{id}")).fhir(reference.to_string()))
        }
    };
    let patch = r#"[{"op":"replace","path":"/status","value":"entered-in-error"}]"#;
    vec![
        case("FHIR-32", put("a..b"), outcome(405, "not-supported")).variant("dots"),
        case(
            "FHIR-32",
            put("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
            outcome(405, "not-supported"),
        )
        .variant("65 characters"),
        case("FHIR-33", put(ABSENT), outcome(405, "not-supported")),
        case(
            "FHIR-34",
            |w| {
                let hidden = id_of(&first_document(w, &BRUNE.identifier()));
                w.demo.send(
                    &Request::new("PUT", &format!("/fhir/DocumentReference/{hidden}"))
                        .fhir("{}")
                        .bearer(&w.stranger),
                )
            },
            outcome(405, "not-supported"),
        ),
        case(
            "FHIR-35",
            move |w| {
                let id = id_of(&first_document(w, &ALICE.identifier()));
                let request = Request::new("PATCH", &format!("/fhir/DocumentReference/{id}"));
                w.send(request.body("application/json-patch+json", patch).header("If-Match", "W/\"999\""))
            },
            outcome(412, "conflict"),
        ),
        case(
            "FHIR-37",
            |w| {
                let criteria = format!("patient.identifier={}", ALICE.identifier());
                let body = simplified(&w.synthese()).to_string();
                w.send(Request::post("/fhir/DocumentReference", body).header("If-None-Exist", &criteria))
            },
            outcome(412, "multiple-matches"),
        ),
        case("FHIR-38", |w| w.send(Request::new("DELETE", "/fhir/Consent")), outcome(412, "too-costly")),
        case(
            "FHIR-39",
            |w| {
                let id = id_of(&first_document(w, &BRUNE.identifier()));
                w.demo.send(
                    &Request::new("DELETE", &format!("/fhir/DocumentReference/{id}")).bearer(&w.stranger),
                )
            },
            outcome(405, "not-supported"),
        )
        .and(as_absent(|id| format!("/fhir/DocumentReference/{id}"), "DELETE")),
    ]
}

fn reads() -> Vec<Case> {
    vec![
        case(
            "FHIR-40",
            |w| {
                let found = w.demo.get(&format!("/fhir/Patient?identifier={}", BRUNE.identifier()), &w.brune);
                let id = id_of(&found.json()["entry"][0]["resource"]);
                w.demo.get(&format!("/fhir/Patient/{id}"), &w.alice)
            },
            outcome(404, "not-found"),
        )
        .and(Box::new(|w, answer| {
            let absent = w.demo.get(&format!("/fhir/Patient/{ABSENT}"), &w.alice);
            match answer.without_time() == absent.without_time() {
                true => Ok(()),
                false => Err(format!("differs from absent: {} / {}", answer.brief(), absent.brief())),
            }
        })),
        case(
            "FHIR-41",
            |w| binary_of(w, &w.stranger, &first_document(w, &ALICE.identifier())),
            outcome(404, "not-found"),
        ),
        case(
            "FHIR-42",
            |w| {
                let id = id_of(&first_document(w, &ALICE.identifier()));
                w.demo.get(&format!("/fhir/DocumentReference/{id}/_history/1"), &w.stranger)
            },
            outcome(404, "not-found"),
        ),
        case(
            "FHIR-43",
            |w| {
                let id = id_of(&first_document(w, &CLAIRE.identifier()));
                let close = json!({"resourceType": "Parameters", "parameter": [
                    {"name": "patient-identifier", "valueIdentifier": {"system": crate::common::lot::INS, "value": CLAIRE.ins}},
                    {"name": "reason", "valueCode": "FERMETURE_DEMANDE_PATIENT"},
                ]});
                let claire = CLAIRE.token(&w.demo);
                let closed =
                    w.demo.send(&Request::post("/fhir/Patient/$close", close.to_string()).bearer(&claire));
                assert_eq!(closed.status, 200, "$close: {}", closed.brief());
                w.get(&format!("/fhir/DocumentReference/{id}/_history"))
            },
            outcome(404, "not-found"),
        ),
    ]
}

fn searches() -> Vec<Case> {
    let patient = ALICE.identifier();
    let (both, list) = (patient.clone(), patient.clone());
    let values = |n: usize| (0..n).map(|i| format!("http://loinc.org%7C{i}")).collect::<Vec<_>>().join(",");
    vec![
        case(
            "FHIR-45",
            move |w| {
                let path = format!("/fhir/DocumentReference?patient.identifier={patient}&pwn=1");
                w.send(Request::get(&path).header("Prefer", "handling=strict"))
            },
            outcome(400, "not-supported"),
        ),
        case("FHIR-46", |w| w.search("&date=abc"), outcome(400, "value")),
        case("FHIR-47", |w| w.search("&_count=1000000"), status(200)).and(self_link_says("_count=100")),
        case("FHIR-48", |w| w.search("&_count=-1"), outcome(400, "value")),
        case(
            "FHIR-49",
            move |w| {
                let form = format!("patient.identifier={}&type={}", ALICE.identifier(), values(10_000));
                let request = Request::new("POST", "/fhir/DocumentReference/_search");
                w.send(request.body("application/x-www-form-urlencoded", form))
            },
            outcome(400, "too-costly"),
        ),
        case("FHIR-50", |w| w.search("&_include:iterate=*"), outcome(400, "too-costly")),
        case(
            "FHIR-51",
            |w| w.search("&patient.organization.partOf.partOf.partOf.partOf.name=x"),
            outcome(400, "too-costly"),
        ),
        case("FHIR-52", |w| w.search("&identifier=ZZZ%7C'%20OR%201=1--"), is_empty_bundle())
            .variant("document"),
        case("FHIR-52", |w| w.get("/fhir/Patient?identifier=ZZZ%7C'%20OR%201=1--"), is_empty_bundle())
            .variant("patient"),
        case("FHIR-54", |w| w.get("/fhir/DocumentReference?status=current"), outcome(403, "business-rule")),
        case(
            "FHIR-55",
            move |w| {
                let other = BRUNE.identifier();
                w.get(&format!(
                    "/fhir/DocumentReference?patient.identifier={both}&patient.identifier={other}"
                ))
            },
            outcome(403, "business-rule"),
        )
        .variant("parameter twice"),
        case(
            "FHIR-55",
            move |w| {
                w.get(&format!("/fhir/DocumentReference?patient.identifier={list},{}", BRUNE.identifier()))
            },
            outcome(403, "business-rule"),
        )
        .variant("list"),
        case(
            "FHIR-56",
            |w| {
                let json = w.search("&_count=1").json();
                let links = json["link"].as_array().cloned().unwrap_or_default();
                let next = links.iter().find(|link| link["relation"] == "next").expect("a second page");
                let url = next["url"].as_str().unwrap();
                let path = &url[url.find("/fhir").unwrap()..];
                let flipped = if path.ends_with('A') { 'B' } else { 'A' };
                w.get(&format!("{}{flipped}", &path[..path.len() - 1]))
            },
            outcome(400, "invalid"),
        ),
    ]
}

fn transactions() -> Vec<Case> {
    vec![
        case(
            "FHIR-57",
            |w| {
                let entry = json!({"request": {"method": "POST", "url": "List"}});
                w.post(
                    json!({"resourceType": "Bundle", "type": "transaction", "entry": vec![entry; 10_001]})
                        .to_string(),
                )
            },
            outcome(413, "too-costly"),
        ),
        case(
            "FHIR-58",
            |w| w.send_lot(&Lot::of(&[w.synthese(), Document::synthese(BRUNE, w.number())])),
            outcome(422, "business-rule"),
        ),
        case(
            "FHIR-59",
            |w| {
                let mut lot = w.lot();
                lot.0["entry"][BINARY]["fullUrl"] = lot.0["entry"][SET]["fullUrl"].clone();
                w.send_lot(&lot)
            },
            outcome(400, "invariant"),
        )
        .variant("duplicate fullUrl"),
        case(
            "FHIR-59",
            reference_with("/content/0/attachment/url", json!(format!("urn:uuid:{ABSENT}"))),
            outcome(400, "invariant"),
        )
        .variant("unresolved urn:uuid"),
        case(
            "FHIR-60",
            |w| {
                let last = w.synthese().edit("<recordTarget>", "<recordTarget/><recordTarget>");
                w.send_lot(&Lot::of(&[w.synthese(), last]))
            },
            status(422),
        )
        .and(says("Bundle.entry[")),
    ]
}
