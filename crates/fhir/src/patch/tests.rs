//! One row per way of writing a patch.

use super::*;
use crate::json;

const VISIBLE: Visibility = Visibility::VISIBLE;
const MASKED: Visibility = Visibility { masked: true, ..VISIBLE };
const UNANNOUNCED: Visibility = Visibility { hidden_from_patient: true, ..VISIBLE };
const FROM_REPRESENTATIVES: Visibility = Visibility { hidden_from_representatives: true, ..VISIBLE };

fn changes(text: &str) -> Result<Changes, (u16, &'static str)> {
    let json = json::read(text.as_bytes(), 10_000).expect(text);
    read(&json).map_err(|o| (o.status().as_u16(), o.issues()[0].code))
}

fn concept(code: &str) -> String {
    format!(r#"{{"coding":[{{"system":"http://x","code":"{code}"}}]}}"#)
}

/// `PDSm st_maj.md`, as it is written there.
#[test]
fn the_example_of_pdsm_is_taken() {
    let read = changes(
        r#"[{"op":"replace" ,"path":"/status" ,"value":"current "},
            {"op":"replace" , "path":"/securityLabel" , "value":"restricted"},
            {"op":"replace",
             "path":"/extension[url:”https://interop.esante.gouv.fr/ig/fhir/pdsm/SearchParameter/PDSm-isArchived”]/valueBoolean",
             "value":"true"}]"#,
    )
    .unwrap();
    assert_eq!((read.status, read.archived), (Some(Status::Current), Some(true)));
    for from in [VISIBLE, MASKED, FROM_REPRESENTATIVES] {
        assert_eq!(read.visibility(from), from);
    }
}

/// `PDSM4DMP transaction_td3.3a–d`, as they are written there.
#[test]
fn the_examples_of_pdsm4dmp_are_taken() {
    let at_0 = |code: &str| {
        changes(&format!(r#"[{{"op":"replace","path":"/securityLabel/0","value":{}}}]"#, concept(code)))
            .unwrap()
    };
    for (code, from, to) in [
        ("MASQUE_PS", VISIBLE, MASKED),
        ("MASQUE_PS", FROM_REPRESENTATIVES, Visibility { masked: true, ..FROM_REPRESENTATIVES }),
        ("N", MASKED, VISIBLE),
        ("INVISIBLE_PATIENT", VISIBLE, UNANNOUNCED),
        ("N", UNANNOUNCED, VISIBLE),
    ] {
        assert_eq!(at_0(code).visibility(from), to, "{code} from {from:?}");
    }
    let deleted = changes(r#"[{"op":"replace","path":"/status","value":"entered-in-error"}]"#).unwrap();
    assert_eq!(deleted.status, Some(Status::EnteredInError));
    for value in [true, false] {
        let text = format!(
            r#"[{{"op":"replace","path":"/extension[url:'https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-ext-is-archived']/valueBoolean","value":{value}}}]"#
        );
        assert_eq!(changes(&text).unwrap().archived, Some(value));
    }
}

#[test]
fn labels_change_as_the_table_says() {
    let both = Visibility { masked: true, ..FROM_REPRESENTATIVES };
    for (operation, from, to) in [
        (
            format!(
                r#""op":"replace","path":"/securityLabel","value":[{},{}]"#,
                concept("N"),
                concept("MASQUE_PS")
            ),
            FROM_REPRESENTATIVES,
            MASKED,
        ),
        (format!(r#""op":"replace","path":"/securityLabel","value":[{}]"#, concept("N")), both, VISIBLE),
        (r#""op":"replace","path":"/securityLabel","value":["R","MASQUE_PS"]"#.into(), VISIBLE, MASKED),
        (r#""op":"replace","path":"/securityLabel/0","value":"V"#.to_owned() + "\"", both, both),
        (
            format!(r#""op":"add","path":"/securityLabel/-","value":{}"#, concept("MASQUE_PS")),
            FROM_REPRESENTATIVES,
            both,
        ),
        (
            format!(r#""op":"add","path":"/securityLabel/1","value":{}"#, concept("MASQUE_PS")),
            VISIBLE,
            MASKED,
        ),
        (
            format!(r#""op":"replace","path":"/securityLabel/1","value":{}"#, concept("N")),
            both,
            FROM_REPRESENTATIVES,
        ),
        (
            format!(r#""op":"replace","path":"/securityLabel/9","value":{}"#, concept("MASQUE_PS")),
            VISIBLE,
            MASKED,
        ),
        (
            r#""op":"replace","path":"/securityLabel/0/coding/0/code","value":"MASQUE_PS""#.into(),
            VISIBLE,
            MASKED,
        ),
        (r#""op":"remove","path":"/securityLabel/1""#.into(), both, FROM_REPRESENTATIVES),
        (r#""op":"remove","path":"/securityLabel/0""#.into(), both, both),
        (r#""op":"remove","path":"/securityLabel""#.into(), both, VISIBLE),
    ] {
        let read = changes(&format!("[{{{operation}}}]")).unwrap();
        assert_eq!(read.visibility(from), to, "{operation} from {from:?}");
    }
}

#[test]
fn archiving_is_found_by_url_or_place() {
    let url = IS_ARCHIVED;
    for (operation, archived) in [
        (r#""op":"replace","path":"/extension/0/valueBoolean","value":true"#.to_owned(), true),
        (format!(r#""op":"add","path":"/extension/-","value":{{"url":"{url}","valueBoolean":true}}"#), true),
        (
            format!(r#""op":"replace","path":"/extension","value":[{{"url":"{url}","valueBoolean":false}}]"#),
            false,
        ),
        (format!(r#""op":"replace","path":"/extension[url=\"{url}\"]/valueBoolean","value":"false""#), false),
        (format!(r#""op":"replace","path":"/extension[url:‘{url}’]/valueBoolean","value":" true ""#), true),
    ] {
        assert_eq!(changes(&format!("[{{{operation}}}]")).unwrap().archived, Some(archived), "{operation}");
    }
}

#[test]
fn fhirpath_patch_says_the_same() {
    let patch = |op: &str, path: &str, name: &str, value: &str| {
        let part = |name: &str, value: &str| format!(r#"{{"name":"{name}",{value}}}"#);
        let mut parts = vec![
            part("type", &format!(r#""valueCode":"{op}""#)),
            part("path", &format!(r#""valueString":"{path}""#)),
        ];
        if !name.is_empty() {
            parts.push(part("name", &format!(r#""valueString":"{name}""#)));
        }
        if !value.is_empty() {
            parts.push(part("value", value));
        }
        changes(&format!(
            r#"{{"resourceType":"Parameters","parameter":[{{"name":"operation","part":[{}]}}]}}"#,
            parts.join(",")
        ))
    };
    let superseded = patch("replace", "DocumentReference.status", "", r#""valueCode":"superseded""#).unwrap();
    assert_eq!(superseded.status, Some(Status::Superseded));
    let masque = format!(r#""valueCodeableConcept":{}"#, concept("MASQUE_PS"));
    for (op, path, name, value, from, to) in [
        ("add", "DocumentReference", "securityLabel", masque.as_str(), VISIBLE, MASKED),
        ("replace", "DocumentReference.securityLabel[0]", "", &masque, VISIBLE, MASKED),
        ("replace", "DocumentReference.securityLabel", "", &masque, FROM_REPRESENTATIVES, MASKED),
        ("delete", "DocumentReference.securityLabel[1]", "", "", MASKED, VISIBLE),
        ("delete", "DocumentReference.securityLabel.where(coding.code='MASQUE_PS')", "", "", MASKED, VISIBLE),
        (
            "delete",
            "DocumentReference.securityLabel.where(coding.exists(code = 'MASQUE_PS'))",
            "",
            "",
            MASKED,
            VISIBLE,
        ),
    ] {
        let read = patch(op, path, name, value).unwrap();
        assert_eq!(read.visibility(from), to, "{op} {path}");
    }
    let by_url = format!("DocumentReference.extension.where(url='{IS_ARCHIVED}').value");
    assert_eq!(patch("replace", &by_url, "", r#""valueBoolean":true"#).unwrap().archived, Some(true));
    assert_eq!(
        patch("replace", "DocumentReference.title", "", r#""valueString":"x""#),
        Err((405, "not-supported"))
    );
    assert_eq!(patch("replace", "Patient.active", "", r#""valueBoolean":true"#), Err((405, "not-supported")));
    assert_eq!(patch("delete", "DocumentReference.status", "", ""), Err((405, "not-supported")));
    assert_eq!(patch("replace", "DocumentReference.status", "", ""), Err((400, "structure")));
}

#[test]
fn anything_else_is_not_allowed_or_not_read() {
    for (text, status, code) in [
        (r#"[{"op":"replace","path":"/type","value":"x"}]"#, 405, "not-supported"),
        (r#"[{"op":"replace","path":"/content/0/attachment/title","value":"x"}]"#, 405, "not-supported"),
        (r#"[{"op":"replace","path":"/securityLabelx","value":"N"}]"#, 405, "not-supported"),
        (r#"[{"op":"replace","path":"/securityLabel/x","value":"N"}]"#, 405, "not-supported"),
        (r#"[{"op":"replace","path":"/securityLabel/0/text","value":"N"}]"#, 405, "not-supported"),
        (
            r#"[{"op":"replace","path":"/extension[url:'http://x']/valueBoolean","value":true}]"#,
            405,
            "not-supported",
        ),
        (
            r#"[{"op":"add","path":"/extension/-","value":{"url":"http://x","valueBoolean":true}}]"#,
            405,
            "not-supported",
        ),
        (r#"[{"op":"remove","path":"/status"}]"#, 405, "not-supported"),
        (r#"[{"op":"test","path":"/status","value":"current"}]"#, 405, "not-supported"),
        (r#"[{"op":"move","path":"/status","from":"/type"}]"#, 405, "not-supported"),
        (r#"[{"op":"replace","path":"/status","value":"preliminary"}]"#, 422, "value"),
        (r#"[{"op":"replace","path":"/status","value":7}]"#, 422, "value"),
        (r#"[{"op":"replace","path":"/securityLabel/0","value":"U"}]"#, 422, "value"),
        (r#"[{"op":"replace","path":"/securityLabel","value":[{}]}]"#, 422, "value"),
        (r#"[{"op":"replace","path":"/extension/0/valueBoolean","value":"oui"}]"#, 422, "value"),
        (r#"[{"op":"replace","path":"/status"}]"#, 400, "structure"),
        (r#"[{"path":"/status"}]"#, 400, "structure"),
        (r#"{"resourceType":"DocumentReference"}"#, 400, "structure"),
        (r#""x""#, 400, "structure"),
    ] {
        assert_eq!(changes(text), Err((status, code)), "{text}");
    }
    assert_eq!(changes("[]"), Ok(Changes::default()));
}
