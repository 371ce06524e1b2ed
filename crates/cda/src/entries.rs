//! Structured entries read into plain types: allergies, problems, treatments, laboratory results, vaccinations,
//! measures, persons.
//!
//! Entries are recognised by their templates, those of IHE (PCC, PALM, PHARM) which the CI-SIS ones specialise,
//! so that documents of other countries are read too. What an entry leaves out stays out; a negation is kept.

mod allergy;
mod measure;
mod person;
mod problem;
mod result;
mod treatment;
mod vaccination;

use dmp_dossier::code::Code;
use dmp_xml::Node;

pub use allergy::{Allergy, Reaction};
pub use measure::Measure;
pub(crate) use person::PERSON_TEMPLATE;
pub use person::{NamedPerson, PersonRole};
pub use problem::Problem;
pub use result::LabResult;
pub use treatment::{Stage, Treatment};
pub use vaccination::Vaccination;

use crate::clinical::References;
use crate::document::Cda;
use crate::node::Hl7;

/// Everything read from a document, each list in the order of the document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entries {
    /// Allergies and intolerances.
    pub allergies: Vec<Allergy>,
    /// Diseases, findings, history.
    pub problems: Vec<Problem>,
    /// Medicines taken, prescribed or dispensed.
    pub treatments: Vec<Treatment>,
    /// Laboratory results.
    pub results: Vec<LabResult>,
    /// Vaccinations.
    pub vaccinations: Vec<Vaccination>,
    /// Measures of every day.
    pub measures: Vec<Measure>,
    /// Persons to call, or to be heard.
    pub persons: Vec<NamedPerson>,
}

impl Cda<'_> {
    /// The structured entries; all lists are empty for a level 1 document.
    pub fn entries(&self) -> Entries {
        let mut entries = Entries::default();
        let Some(body) = self.structured_body() else {
            return entries;
        };
        let references = References::of(body);
        for node in body.descendants().filter(Node::is_element) {
            if allergy::is_one(node) {
                entries.allergies.push(allergy::read(node, &references));
            } else if problem::is_one(node) {
                entries.problems.push(problem::read(node, &references));
            } else if vaccination::is_one(node) {
                entries.vaccinations.push(vaccination::read(node, &references));
            } else if treatment::is_one(node) {
                entries.treatments.extend(treatment::read(node, &references));
            } else if result::is_one(node) {
                entries.results.push(result::read(node, &references));
            } else if measure::is_one(node) {
                entries.measures.push(measure::read(node, &references));
            } else if person::is_one(node) {
                entries.persons.extend(person::read(node, &references));
            }
        }
        entries
    }
}

/// Code of the nearest section.
fn section_code(node: Node<'_, '_>) -> Option<Code> {
    node.ancestors().find(|ancestor| ancestor.is("section"))?.child("code")?.coded()
}

fn is_negated(node: Node<'_, '_>) -> bool {
    node.attr("negationInd") == Some("true")
}

/// Identifier of the narrative that shows the entry, without `#`.
fn narrative_id(node: Node<'_, '_>) -> Option<String> {
    let value = node.path(&["text", "reference"])?.attr("value")?;
    Some(value.strip_prefix('#').unwrap_or(value)).filter(|id| !id.is_empty()).map(str::to_owned)
}

/// Observations tied to an entry by a relation of that type, or of any when it is empty.
fn related<'d, 'a>(node: Node<'d, 'a>, type_code: &'static str) -> impl Iterator<Item = Node<'d, 'a>> {
    node.each("entryRelationship")
        .filter(move |relation| type_code.is_empty() || relation.attr("typeCode") == Some(type_code))
        .filter_map(|relation| relation.child("observation"))
}

/// The related observation of a given code, such as LOINC 33999-4 *Status*.
fn related_with_code<'d, 'a>(node: Node<'d, 'a>, code: &str) -> Option<Node<'d, 'a>> {
    related(node, "").find(|observation| observation.child("code").and_then(|c| c.attr("code")) == Some(code))
}
