//! One row per fault.

use super::*;
use crate::json;

fn check_text(text: &str) -> Result<String, (u16, &'static str, String)> {
    let json = json::read(text.as_bytes(), 1 << 20).expect(text);
    check(&json, None).map(str::to_owned).map_err(|outcome| {
        let issue = &outcome.issues()[0];
        (outcome.status().as_u16(), issue.code, issue.expression.clone().unwrap_or_default())
    })
}

fn document(more: &str) -> String {
    format!(
        r#"{{"resourceType":"DocumentReference","status":"current","content":[{{"attachment":{{"title":"x"}}}}]{more}}}"#
    )
}

#[test]
fn a_resource_we_know_passes() {
    for text in [
        document(""),
        document(r#","id":"a-1","meta":{"versionId":"1","lastUpdated":"2026-11-21T19:00:00.000Z"}"#),
        document(r#","extension":[{"url":"http://x","valueBoolean":true}],"date":"2026-11-21T19:00:00Z""#),
        document(r#","_description":{"extension":[{"url":"http://x","valueCode":"unknown"}]}"#),
        document(r#","contained":[{"resourceType":"Patient","name":[{"given":["A",null],"_given":[null,{"id":"g"}]}]}]"#),
        document(r#","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"}"#),
        r#"{"resourceType":"Patient","birthDate":"1984-07","deceasedBoolean":false,"multipleBirthInteger":2}"#.to_owned(),
        r#"{"resourceType":"Parameters","parameter":[{"name":"p","part":[{"name":"q","valueString":"x"}]}]}"#.to_owned(),
        r#"{"resourceType":"Binary","contentType":"text/xml","data":"AA=="}"#.to_owned(),
    ] {
        assert!(check_text(&text).is_ok(), "{text}: {:?}", check_text(&text));
    }
}

#[test]
fn a_fault_is_told_with_its_place() {
    for (text, status, code, place) in [
        (r#"{"id":"x"}"#.to_owned(), 400, "structure", ""),
        (r#"{"resourceType":"Patientt"}"#.to_owned(), 400, "structure", "resourceType"),
        (document(r#","pwn":1"#), 400, "structure", "DocumentReference.pwn"),
        (
            document(r#","modifierExtension":[{"url":"http://x"}]"#),
            422,
            "extension",
            "DocumentReference.modifierExtension",
        ),
        (document(r#","subject":[{"reference":"a"}]"#), 400, "structure", "DocumentReference.subject"),
        (document(r#","subject":"a""#), 400, "structure", "DocumentReference.subject"),
        (document(r#","author":{"reference":"a"}"#), 400, "structure", "DocumentReference.author"),
        (document(r#","subject":{}"#), 400, "structure", "DocumentReference.subject"),
        (document(r#","author":[]"#), 400, "structure", "DocumentReference.author"),
        (document(r#","author":[null]"#), 400, "structure", "DocumentReference.author[0]"),
        (document(r#","description":null"#), 400, "structure", "DocumentReference.description"),
        (document(r#","description":"""#), 400, "value", "DocumentReference.description"),
        (document(r#","description":"a\u0007b""#), 400, "value", "DocumentReference.description"),
        (document(r#","description":7"#), 400, "structure", "DocumentReference.description"),
        (document(r#","date":"2026-11-21""#), 400, "value", "DocumentReference.date"),
        (document(r#","date":"99999-11-21T00:00:00Z""#), 400, "value", "DocumentReference.date"),
        (
            document(r#","context":{"period":{"start":"2026-02-30"}}"#),
            400,
            "value",
            "DocumentReference.context.period.start",
        ),
        (
            document(r#","context":{"period":{"start":"2026-02-03T10:00:00"}}"#),
            400,
            "value",
            "DocumentReference.context.period.start",
        ),
        (document(r#","docStatus":" final""#), 400, "value", "DocumentReference.docStatus"),
        (document(r#","docStatus":"a  b""#), 400, "value", "DocumentReference.docStatus"),
        (document(r#","id":"../x""#), 400, "value", "DocumentReference.id"),
        (document(r#","id":"""#), 400, "value", "DocumentReference.id"),
        (
            document(r#","type":{"coding":[{"system":"http://a b"}]}"#),
            400,
            "value",
            "DocumentReference.type.coding[0].system",
        ),
        (
            document(r#","extension":[{"valueBoolean":true}]"#),
            400,
            "structure",
            "DocumentReference.extension[0]",
        ),
        (
            document(r#","extension":[{"url":"u","valueBoolean":true,"valueCode":"x"}]"#),
            400,
            "structure",
            "DocumentReference.extension[0]",
        ),
        (
            document(r#","contained":[{"resourceType":"Basic"}]"#),
            400,
            "structure",
            "DocumentReference.contained[0]",
        ),
        (document(r#","contained":[{"id":"a"}]"#), 400, "structure", "DocumentReference.contained[0]"),
        (
            document(r#","text":{"status":"generated","div":"<div><script/></div>"}"#),
            422,
            "invariant",
            "DocumentReference.text.div",
        ),
        (
            r#"{"resourceType":"DocumentReference","status":"current"}"#.to_owned(),
            400,
            "structure",
            "DocumentReference",
        ),
        (r#"{"resourceType":"Patient","active":"true"}"#.to_owned(), 400, "structure", "Patient.active"),
        (
            r#"{"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2020"}"#.to_owned(),
            400,
            "structure",
            "Patient",
        ),
        (
            r#"{"resourceType":"Patient","name":[{"given":["A",null]}]}"#.to_owned(),
            400,
            "structure",
            "Patient.name[0].given[1]",
        ),
        (r#"{"resourceType":"Patient","_active":true}"#.to_owned(), 400, "structure", "Patient._active"),
    ] {
        assert_eq!(check_text(&text), Err((status, code, place.to_owned())), "{text}");
    }
}

#[test]
fn the_expected_type_is_checked_first() {
    let json = json::read(br#"{"resourceType":"Patient","pwn":1}"#, 100).unwrap();
    let outcome = check(&json, Some("Bundle")).unwrap_err();
    assert_eq!((outcome.status().as_u16(), outcome.issues()[0].code), (400, "invalid"));
}

#[test]
fn several_faults_are_told_at_once_and_not_too_many() {
    let elements: String = (0..30).map(|i| format!(r#","x{i}":1"#)).collect();
    let text = document(&elements);
    let json = json::read(text.as_bytes(), 100).unwrap();
    assert_eq!(check(&json, None).unwrap_err().issues().len(), ISSUES_MAX);
}
