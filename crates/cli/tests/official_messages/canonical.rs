//! The canonical form of an answer, line by line, and what two of them have that differs.
//!
//! A line says one thing: that an element is there (its place by local names, its namespace), the value of an attribute, or
//! the text of an element that holds no other. Prefixes, namespace declarations, comments and white space between elements
//! say nothing. Order counts, but for the documents of a list, which are put in the order of their uniqueId.
//!
//! Everything is compared, unless a row of [`Ignored`] says otherwise and why.

use crate::samples::pair;
use dmp_xml::{Limits, Node, parse};

/// What a comparison leaves out, in both answers.
#[derive(Debug, Clone, Copy)]
pub struct Ignored {
    /// End of a path: `MessageID`, `patient/id/@extension`.
    pub at: &'static str,
    pub what: What,
    pub why: &'static str,
}

#[derive(Debug, Clone, Copy)]
pub enum What {
    /// The value of this attribute, or of this element's text: there is one in both, whichever it is.
    Value,
    /// Of this value, the component of that place, from 0 (HL7 v2 `^`).
    Component(usize),
    /// The element and what it holds, where an attribute or a text in it is this.
    Holding(&'static str),
    /// The element and what it holds.
    Element,
}

/// The lines of an XML text.
pub fn lines(xml: &[u8], ignored: &[Ignored]) -> Vec<String> {
    let limits = Limits { text_bytes_max: 64 << 20, ..Limits::default() };
    let document = parse(xml, &limits).unwrap_or_else(|error| {
        panic!("not XML: {error}: {}", String::from_utf8_lossy(&xml[..xml.len().min(400)]))
    });
    let mut lines = Vec::new();
    element(document.root_element(), "", ignored, &mut lines);
    lines
}

/// `None` when both say the same, else each line that only one of them has, `-` for the official answer's.
pub fn difference(ours: &[String], official: &[String]) -> Option<String> {
    if ours == official {
        return None;
    }
    let mut only_ours = ours.to_vec();
    let mut said = String::new();
    for line in official {
        match only_ours.iter().position(|own| own == line) {
            Some(at) => drop(only_ours.remove(at)),
            None => said += &format!("- {line}\n"),
        }
    }
    only_ours.iter().for_each(|line| said += &format!("+ {line}\n"));
    if said.is_empty() {
        let (own, line) = ours.iter().zip(official).find(|(a, b)| a != b).unwrap();
        said = format!("the same lines in another order, from\n- {line}\n+ {own}\n");
    }
    Some(said)
}

fn element(node: Node<'_, '_>, above: &str, ignored: &[Ignored], lines: &mut Vec<String>) {
    let path = format!("{above}/{}", label(node));
    let rules = || ignored.iter().filter(|rule| is_at(&path, rule.at));
    let left_out = rules().any(|rule| match rule.what {
        What::Element => true,
        What::Holding(value) => holds(node, value),
        _ => false,
    });
    if left_out {
        return;
    }
    lines.push(format!("{path} {{{}}}", node.tag_name().namespace().unwrap_or_default()));
    let mut attributes: Vec<_> =
        node.attributes().map(|a| (a.namespace().unwrap_or_default(), a.name(), a.value())).collect();
    attributes.sort_unstable();
    for (namespace, name, value) in attributes {
        let namespace = if namespace.is_empty() { String::new() } else { format!("{{{namespace}}}") };
        let path = format!("{path}/@{namespace}{name}");
        // What names the object that it is part of: that it does, whatever the name.
        let object = match name {
            "classifiedObject" | "registryObject" => node.parent_element(),
            "lid" => Some(node),
            _ => None,
        };
        let is_own = object.is_some_and(|object| object.attribute("id") == Some(value));
        let value = if is_own { "(its object)".to_owned() } else { shown(&path, value, ignored) };
        lines.push(format!("{path} = {value}"));
    }
    let mut children: Vec<_> = node.children().filter(Node::is_element).collect();
    if children.is_empty() {
        let text: String = node.children().filter(Node::is_text).filter_map(|child| child.text()).collect();
        let text = shown(&path, text.trim(), ignored);
        if !text.is_empty() {
            lines.push(format!("{path} = {text}"));
        }
        return;
    }
    if children.iter().all(|child| child.tag_name().name() == "ExtrinsicObject") {
        children.sort_by_key(|child| unique_id(*child));
    }
    for child in children {
        element(child, &path, ignored, lines);
    }
}

/// Local name of an element, with the name by which ebRIM and HL7 tell several of them apart.
fn label(node: Node<'_, '_>) -> String {
    let name = node.tag_name().name();
    let own = match name {
        "Slot" => node.attribute("name"),
        "Classification" => node.attribute("classificationScheme").map(scheme),
        "ExternalIdentifier" => node.attribute("identificationScheme").map(scheme),
        _ => None,
    };
    own.map_or_else(|| name.to_owned(), |own| format!("{name}[{own}]"))
}

/// The attribute that a scheme of ITI TF-3 4.2 stands for.
fn scheme(urn: &str) -> &str {
    const SCHEMES: &[(&str, &str)] = &[
        ("urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d", "author"),
        ("urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a", "classCode"),
        ("urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f", "confidentialityCode"),
        ("urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4", "eventCodeList"),
        ("urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d", "formatCode"),
        ("urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1", "healthcareFacilityTypeCode"),
        ("urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead", "practiceSettingCode"),
        ("urn:uuid:f0306f51-975f-434e-a61c-c59651d33983", "typeCode"),
        ("urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427", "patientId"),
        ("urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab", "uniqueId"),
    ];
    SCHEMES.iter().find(|(known, _)| *known == urn).map_or(urn, |(_, name)| name)
}

fn unique_id(entry: Node<'_, '_>) -> String {
    let mut identifiers = entry.children().filter(|child| child.tag_name().name() == "ExternalIdentifier");
    let found = identifiers.find(|i| i.attribute("identificationScheme").map(scheme) == Some("uniqueId"));
    found.and_then(|i| i.attribute("value")).unwrap_or_default().to_owned()
}

/// The path ends so, from a `/`.
fn is_at(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|before| before.ends_with('/'))
}

fn holds(node: Node<'_, '_>, value: &str) -> bool {
    node.descendants().any(|inner| {
        inner.attributes().any(|attribute| attribute.value() == value)
            || (inner.is_text() && inner.text().is_some_and(|text| text.trim() == value))
    })
}

fn shown(path: &str, value: &str, ignored: &[Ignored]) -> String {
    let mut shown = value.to_owned();
    for rule in ignored.iter().filter(|rule| is_at(path, rule.at)) {
        match rule.what {
            What::Value => return if value.is_empty() { String::new() } else { "…".to_owned() },
            What::Component(place) => {
                let mut components: Vec<&str> = shown.split('^').collect();
                // What ends a value need not be written.
                components.resize(components.len().max(place + 1), "");
                components[place] = "…";
                shown = components.join("^");
            }
            _ => {}
        }
    }
    shown
}

const SAMPLE: &str =
    "<a xmlns='urn:a' xmlns:b='urn:b'><b:c code='1' at='now'>text</b:c><d><e/></d><f>1</f><f>1</f></a>";

#[test]
fn whatever_is_taken_away_or_changed_is_seen() {
    let whole = lines(SAMPLE.as_bytes(), &[]);
    let again = "<x:a xmlns:x='urn:a'><y:c xmlns:y='urn:b' at='now' code='1'>\n text <!-- a comment --></y:c>
        <x:d><x:e/></x:d><x:f>1</x:f><x:f>1</x:f></x:a>";
    assert_eq!(difference(&lines(again.as_bytes(), &[]), &whole), None);
    for (from, to, said) in [
        ("<e/>", "", "- /a/d/e {urn:a}\n"),
        ("<e/>", "<e/><g/>", "+ /a/d/g {urn:a}\n"),
        (" code='1'", "", "- /a/c/@code = 1\n"),
        ("code='1'", "code='2'", "- /a/c/@code = 1\n+ /a/c/@code = 2\n"),
        ("text", "other", "- /a/c = text\n+ /a/c = other\n"),
        ("xmlns:b='urn:b'", "xmlns:b='urn:c'", "- /a/c {urn:b}\n+ /a/c {urn:c}\n"),
        ("<f>1</f><f>1</f>", "<f>1</f>", "- /a/f {urn:a}\n- /a/f = 1\n"),
        (
            "<d><e/></d><f>1</f>",
            "<f>1</f><d><e/></d>",
            "the same lines in another order, from\n- /a/d {urn:a}\n+ /a/f {urn:a}\n",
        ),
    ] {
        let other = SAMPLE.replacen(from, to, 1);
        assert_ne!(other, SAMPLE);
        assert_eq!(difference(&lines(other.as_bytes(), &[]), &whole).as_deref(), Some(said), "{to}");
    }
}

#[test]
fn a_row_hides_what_it_names_and_nothing_else() {
    let row = |at, what| [Ignored { at, what, why: "" }];
    for (at, what, from, to, hidden) in [
        ("c/@at", What::Value, "now", "then", true),
        ("c/@at", What::Value, " at='now'", "", false),
        ("c/@at", What::Value, "code='1'", "code='2'", false),
        ("c", What::Value, "text", "other", true),
        ("d/e", What::Element, "<e/>", "", true),
        ("e", What::Element, "<d><e/></d>", "", false),
        ("c", What::Holding("now"), "<b:c code='1' at='now'>text</b:c>", "", true),
        ("c", What::Holding("now"), "now", "then", false),
        ("@code", What::Component(1), "'1'", "'1^x'", true),
        ("@code", What::Component(1), "'1'", "'2^x'", false),
    ] {
        let rows = row(at, what);
        let other = SAMPLE.replacen(from, to, 1);
        let same = lines(other.as_bytes(), &rows) == lines(SAMPLE.as_bytes(), &rows);
        assert_eq!(same, hidden, "{at} {what:?}: `{from}` -> `{to}`");
    }
}

/// Every element, attribute and text of an official answer counts.
#[test]
fn no_part_of_an_official_answer_can_be_missing() {
    for name in ["TD1.3a_-_Consultation", "TD2.1_-_Alimentation", "TD3.2_-_Consultation_d_un_document"] {
        let Some((_, official)) = pair(name) else { return };
        let whole = lines(official.as_bytes(), &[]);
        let document = parse(official.as_bytes(), &Limits::default()).unwrap();
        let mut parts = Vec::new();
        for node in document.descendants().filter(|n| n.is_element() && *n != document.root_element()) {
            parts.push(node.range());
            parts.extend(node.attributes().map(|attribute| attribute.range()));
            parts.extend(
                node.children().filter(|n| n.text().is_some_and(|t| !t.trim().is_empty())).map(|n| n.range()),
            );
        }
        assert!(parts.len() > 10, "{name}");
        for part in parts {
            let without = [&official[..part.start], &official[part.end..]].concat();
            let lines = lines(without.as_bytes(), &[]);
            assert!(difference(&lines, &whole).is_some(), "{name}: `{}`", &official[part]);
        }
    }
}
