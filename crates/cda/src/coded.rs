//! A section that has entries and no narrative, as a list of lines.

use dmp_xml::Node;

use crate::clinical::{self, References};
use crate::html::HtmlWriter;
use crate::node::Hl7;

const STATEMENTS: [&str; 6] =
    ["observation", "act", "procedure", "substanceAdministration", "supply", "encounter"];

/// Writes one item for each statement of the section's entries that has words; nothing when there is none.
pub(crate) fn lines(section: Node<'_, '_>, html: &mut HtmlWriter) {
    if section.child("entry").is_none() {
        return;
    }
    let references = References::of(section);
    let statements = section
        .each("entry")
        .flat_map(|entry| entry.descendants())
        .filter(|node| STATEMENTS.into_iter().any(|name| node.is(name)));
    let lines: Vec<_> = statements.filter_map(|statement| line(&references, statement)).collect();
    if lines.is_empty() {
        return;
    }
    html.open("ul", &[]);
    for line in lines {
        html.element("li", &[], &line);
    }
    html.close();
}

/// `Poids de naissance : 3,2 kg (25/04/2023)`.
fn line<'d, 'a>(references: &References<'d, 'a>, statement: Node<'d, 'a>) -> Option<String> {
    let product = statement
        .descendants()
        .find(|node| node.is("manufacturedMaterial"))
        .map(|material| references.concept(material.child("code")).text);
    let mut line = product
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| references.concept(statement.child("code")).text);
    let values: Vec<_> = statement
        .each("value")
        .filter_map(|value| Some(references.value(value)?.to_string()))
        .filter(|value| !value.is_empty())
        .collect();
    if line.is_empty() {
        line = references.text(statement.child("text"));
    }
    if line.is_empty() && values.is_empty() {
        return None;
    }
    if statement.attr("negationInd") == Some("true") {
        line.insert_str(0, "Non : ");
    }
    if !values.is_empty() {
        line = format!("{line} : {}", values.join(", "));
    }
    let period = clinical::french_period(&clinical::effective_period(statement));
    if !period.is_empty() {
        line = format!("{line} ({period})");
    }
    Some(line)
}
