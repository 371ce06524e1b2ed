//! Vital signs and other measures of every day (IHE PCC *Vital Signs Observation*).

use dmp_dossier::code::Code;
use dmp_dossier::time::Dtm;
use dmp_xml::Node;

use crate::clinical::{Concept, Quantity, References, Value, effective_period};
use crate::node::Hl7;

const TEMPLATES: [&str; 2] = ["1.3.6.1.4.1.19376.1.5.3.1.4.13.2", "1.2.250.1.213.1.1.3.50"];

/// One measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// What was measured, with its codes (LOINC).
    pub what: Concept,
    /// What was found; absent when it is no quantity.
    pub value: Option<Quantity>,
    /// When.
    pub date: Option<Dtm>,
}

impl Measure {
    /// Its first code.
    pub fn code(&self) -> Option<&Code> {
        self.what.codes.first()
    }
}

pub(super) fn is_one(node: Node<'_, '_>) -> bool {
    node.is("observation") && TEMPLATES.into_iter().any(|template| node.has_template(template))
}

pub(super) fn read<'d, 'a>(node: Node<'d, 'a>, references: &References<'d, 'a>) -> Measure {
    let value = node.child("value").and_then(|value| references.value(value));
    Measure {
        what: references.concept(node.child("code")),
        value: match value {
            Some(Value::Quantity(quantity)) => Some(quantity),
            _ => None,
        },
        date: effective_period(node).start,
    }
}
