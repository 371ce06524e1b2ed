//! Transactions that hold together, and those that do not.

use super::*;
use crate::json;

const BASE: &str = "http://x/fhir";
const OLD: &str = "c2ad5d22-4ed9-44d6-ad9b-4292ba64131f";

fn entry(url: &str, resource: &str, request: &str) -> String {
    format!(r#"{{"fullUrl":"{url}","resource":{resource},"request":{request}}}"#)
}

fn post(url: &str, kind: &str, elements: &str) -> String {
    let resource = format!(r#"{{"resourceType":"{kind}"{elements}}}"#);
    entry(url, &resource, &format!(r#"{{"method":"POST","url":"{kind}"}}"#))
}

fn list() -> String {
    post("urn:uuid:l", "List", r#","entry":[{"item":{"reference":"urn:uuid:d"}}]"#)
}

fn document() -> String {
    post("urn:uuid:d", "DocumentReference", r#","content":[{"attachment":{"url":"urn:uuid:b"}}]"#)
}

fn binary() -> String {
    post("urn:uuid:b", "Binary", r#","contentType":"text/xml","data":"AA==""#)
}

fn patch(url: &str, status: &str) -> String {
    let operation = format!(
        r#"{{"resourceType":"Parameters","parameter":[{{"name":"operation","part":[
            {{"name":"type","valueCode":"replace"}},{{"name":"path","valueString":"DocumentReference.status"}},
            {{"name":"value","valueCode":"{status}"}}]}}]}}"#
    );
    entry("urn:uuid:p", &operation, &format!(r#"{{"method":"PATCH","url":"{url}"}}"#))
}

fn roles(entries: &[String]) -> Result<Vec<Role>, (u16, &'static str, String)> {
    let text = format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{}]}}"#, entries.join(","));
    let bundle = json::read(text.as_bytes(), 10_000).expect(&text);
    Parts::read(&bundle, BASE).map(|p| p.roles).map_err(|o| {
        let issue = &o.issues()[0];
        (o.status().as_u16(), issue.code, issue.expression.clone().unwrap_or_default())
    })
}

#[test]
fn a_lot_is_taken_apart_in_any_order() {
    assert_eq!(
        roles(&[list(), document(), binary()]),
        Ok(vec![Role::List, Role::Document(0), Role::Binary(0)])
    );
    assert_eq!(
        roles(&[binary(), document(), list()]),
        Ok(vec![Role::Binary(0), Role::Document(0), Role::List])
    );
    let inside = document().replace("\"url\":\"urn:uuid:b\"", "\"data\":\"AA==\"");
    assert_eq!(roles(&[list(), inside]), Ok(vec![Role::List, Role::Document(0)]));
    let relative = document().replace("urn:uuid:b", "Binary/1");
    let absolute = binary().replace("urn:uuid:b", "http://y/Binary/1");
    assert!(roles(&[list(), relative, absolute]).is_ok());
    let old = DocumentRef::Lid(Lid(uuid::Uuid::try_parse(OLD).unwrap()));
    for url in [format!("DocumentReference/{OLD}"), format!("{BASE}/DocumentReference/{OLD}")] {
        let found = roles(&[list(), document(), patch(&url, "superseded"), binary()]).unwrap();
        assert_eq!(found[2], Role::Patch(vec![old.clone()]), "{url}");
    }
    let conditional = "DocumentReference?identifier=urn:ietf:rfc:3986%7Curn:oid:1.2.3";
    let found = roles(&[list(), document(), patch(conditional, "superseded"), binary()]).unwrap();
    assert!(matches!(&found[2], Role::Patch(references) if references.len() == 1));
}

#[test]
fn what_does_not_hold_together_is_refused_at_its_place() {
    let folder = r#","code":{"coding":[{"system":"http://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes","code":"folder"}]}"#;
    for (name, entries, status, code, place) in [
        ("no list", vec![document(), binary()], 422, "required", "Bundle"),
        ("no document", vec![post("urn:uuid:l", "List", "")], 422, "required", "Bundle"),
        (
            "two lists",
            vec![list(), list().replace("urn:uuid:l", "urn:uuid:m")],
            422,
            "invariant",
            "Bundle.entry[1]",
        ),
        ("folder", vec![post("urn:uuid:f", "List", folder)], 422, "not-supported", "Bundle.entry[0]"),
        ("twice", vec![list(), document(), binary(), binary()], 400, "invariant", "Bundle.entry[3].fullUrl"),
        (
            "alone",
            vec![list(), document(), binary(), binary().replace("uuid:b", "uuid:c")],
            400,
            "invariant",
            "Bundle.entry[3]",
        ),
        (
            "shared",
            vec![list(), document(), document().replace("uuid:d", "uuid:e"), binary()],
            400,
            "invariant",
            "Bundle.entry[3]",
        ),
        ("unresolved item", vec![list(), binary()], 422, "required", "Bundle"),
        (
            "unresolved item",
            vec![list().replace("uuid:d", "uuid:z"), document(), binary()],
            400,
            "invariant",
            "Bundle.entry[0].resource.entry[0].item",
        ),
        (
            "unresolved url",
            vec![list(), document()],
            400,
            "invariant",
            "Bundle.entry[1].resource.content[0].attachment.url",
        ),
        (
            "script",
            vec![list(), document().replace("urn:uuid:b", "javascript:alert(1)"), binary()],
            422,
            "value",
            "Bundle.entry[1].resource.content[0].attachment.url",
        ),
        (
            "elsewhere",
            vec![list(), document().replace("urn:uuid:b", "http://169.254.169.254/"), binary()],
            422,
            "value",
            "Bundle.entry[1].resource.content[0].attachment.url",
        ),
        (
            "no bytes",
            vec![list(), document().replace("\"url\":\"urn:uuid:b\"", "\"title\":\"x\""), binary()],
            422,
            "required",
            "Bundle.entry[1].resource.content[0].attachment",
        ),
        (
            "put",
            vec![list(), document().replace("POST", "PUT"), binary()],
            422,
            "not-supported",
            "Bundle.entry[1]",
        ),
        ("no request", vec![list(), "{\"fullUrl\":\"u\"}".to_owned()], 400, "structure", "Bundle.entry[1]"),
        (
            "other patch",
            vec![
                list(),
                document(),
                patch(&format!("DocumentReference/{OLD}"), "entered-in-error"),
                binary(),
            ],
            422,
            "not-supported",
            "Bundle.entry[2]",
        ),
        (
            "patch of nothing",
            vec![list(), document(), patch("DocumentReference/doc-x", "superseded"), binary()],
            404,
            "not-found",
            "Bundle.entry[2]",
        ),
        ("other resource", vec![post("urn:uuid:x", "Patient", "")], 422, "not-supported", "Bundle.entry[0]"),
    ] {
        assert_eq!(roles(&entries), Err((status, code, place.to_owned())), "{name}");
    }
}

#[test]
fn another_bundle_and_a_huge_one_are_refused() {
    let bundle = json::read(br#"{"resourceType":"Bundle","type":"batch"}"#, 100).unwrap();
    assert_eq!(Parts::read(&bundle, BASE).err().map(|o| o.status().as_u16()), Some(400));
    let text = format!(r#"{{"entry":[{}]}}"#, vec!["{}"; 10_001].join(","));
    let outcome = check_size(&json::read(text.as_bytes(), 10).unwrap()).unwrap_err();
    assert_eq!((outcome.status().as_u16(), outcome.issues()[0].code), (413, "too-costly"));
}
