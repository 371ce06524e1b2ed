//! Laboratory results (IHE PALM *Laboratory Observation*, CI-SIS
//! *FR-Resultat-examens-de-biologie-element-clinique-pertinent*).

use dmp_dossier::code::Code;
use dmp_dossier::time::Dtm;
use dmp_xml::Node;

use super::{narrative_id, section_code};
use crate::clinical::{Concept, References, Value, effective_period};
use crate::node::Hl7;

const TEMPLATES: [&str; 2] = ["1.3.6.1.4.1.19376.1.3.1.6", "1.2.250.1.213.1.1.3.80"];
const LOINC: &str = "2.16.840.1.113883.6.1";

/// One measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabResult {
    /// What was measured, with its codes.
    pub what: Concept,
    /// What was found; absent when the entry gives none.
    pub value: Option<Value>,
    /// Values held for normal.
    pub reference_ranges: Vec<Value>,
    /// *Normal*, *Haut*…
    pub interpretation: Option<Concept>,
    /// When it was measured or sampled.
    pub date: Option<Dtm>,
    /// Section it stands in.
    pub section: Option<Code>,
    /// Identifier of its narrative.
    pub narrative_id: Option<String>,
}

impl LabResult {
    /// LOINC code; a local examination has none.
    pub fn loinc(&self) -> Option<&str> {
        self.what.codes.iter().find(|code| code.system == LOINC).map(|code| code.code.as_str())
    }
}

pub(super) fn is_one(node: Node<'_, '_>) -> bool {
    node.is("observation") && TEMPLATES.into_iter().any(|template| node.has_template(template))
}

pub(super) fn read<'d, 'a>(node: Node<'d, 'a>, references: &References<'d, 'a>) -> LabResult {
    let ranges =
        node.each("referenceRange").filter_map(|range| range.child("observationRange")).filter_map(|range| {
            let value = range.child("value").and_then(|value| references.value(value));
            value.or_else(|| {
                Some(references.text(range.child("text"))).filter(|t| !t.is_empty()).map(Value::Text)
            })
        });
    LabResult {
        what: references.concept(node.child("code")),
        value: node.child("value").and_then(|value| references.value(value)),
        reference_ranges: ranges.collect(),
        interpretation: references.concept_if_any(node.child("interpretationCode")),
        date: effective_period(node).start,
        section: section_code(node),
        narrative_id: narrative_id(node),
    }
}
