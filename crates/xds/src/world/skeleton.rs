//! The skeleton of an answer: its elements in order, with the attributes and codes that do not depend on the moment.

use dmp_xml::{Element, Limits, Tree};
use std::path::PathBuf;

const INS_C: &str = "1.2.250.1.213.1.4.2";

/// An official message, where the official kit is at hand.
pub(crate) fn official(name: &str) -> Option<String> {
    sample(&format!("data/dmp-kit/messages/{name}"))
}

/// A published sample, where it is at hand.
pub(crate) fn sample(name: &str) -> Option<String> {
    let shared = std::env::var_os("DMP_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    match std::fs::read_to_string(shared.join(name)) {
        Ok(text) => Some(text),
        Err(_) => {
            println!("skipped: {name} is not at hand (DMP_SHARED)");
            None
        }
    }
}

/// What an envelope holds, or the element itself.
pub(crate) fn body(root: Element<'_>) -> Element<'_> {
    const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";
    root.child(SOAP, "Body").and_then(|body| body.children().next()).unwrap_or(root)
}

/// Compares an answer with the official one. `apart`: ends of paths left out of both, each with its reason where it is
/// given. Two differences are everybody's: identifiers of the INS-C, which only patients of before 2019 have, and the
/// values of the moment (identifiers, times, names).
pub(crate) fn compare(ours: &str, official: &str, apart: &[&str]) {
    let lines = |text: &str| {
        let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
        let mut lines = Vec::new();
        walk(body(tree.root()), "", &mut lines);
        lines.retain(|(path, _)| !apart.iter().any(|end| path.ends_with(end)));
        lines.into_iter().map(|(path, rest)| format!("{path} {rest}")).collect::<Vec<_>>()
    };
    let (ours, official) = (lines(ours), lines(official));
    assert!(official.len() > 3, "nothing to compare");
    assert_eq!(ours.join("\n"), official.join("\n"));
}

fn walk(element: Element<'_>, above: &str, lines: &mut Vec<(String, String)>) {
    let is_legacy = match element.name() {
        "id" => element.attribute("root") == Some(INS_C),
        "patientIdentifier" => element.children().any(|child| child.trimmed() == INS_C),
        _ => false,
    };
    if is_legacy {
        return;
    }
    let path =
        if above.is_empty() { element.name().to_owned() } else { format!("{above}/{}", element.name()) };
    let mut attributes: Vec<String> = NAMES
        .iter()
        .filter_map(|name| {
            element.attribute(name).map(|value| format!("{name}={}", shown(element, name, value)))
        })
        .collect();
    attributes
        .extend(element.attribute_ns(crate::elements::XSI, "type").map(|value| format!("xsi:type={value}")));
    let text = match (element.children().next(), SAID.contains(&element.name())) {
        (None, true) => element.trimmed().into_owned(),
        (None, false) if !element.trimmed().is_empty() => "…".to_owned(),
        _ => String::new(),
    };
    let namespace = element.namespace().unwrap_or_default();
    lines.push((path.clone(), format!("{{{namespace}}} {} {text}", attributes.join(" "))));
    for child in element.children() {
        walk(child, &path, lines);
    }
}

/// Attributes of HL7 v3.
const NAMES: &[&str] = &[
    "ITSVersion",
    "classCode",
    "code",
    "codeSystem",
    "contextConductionInd",
    "determinerCode",
    "displayName",
    "extension",
    "moodCode",
    "qualifier",
    "root",
    "typeCode",
    "use",
    "value",
];

/// Elements whose text is a code.
const SAID: &[&str] = &["status", "nationalIdType", "MT", "message", "prefix"];

fn shown<'v>(element: Element<'_>, name: &str, value: &'v str) -> &'v str {
    let fixed = match name {
        "extension" => element.name() == "interactionId",
        "root" => value.starts_with("1.2.250.") || value.starts_with("2.16."),
        "value" => element.attribute_ns(crate::elements::XSI, "type") == Some("BL"),
        _ => true,
    };
    if fixed { value } else { "…" }
}
