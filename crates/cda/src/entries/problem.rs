//! Problems: diseases, findings, history (IHE PCC *Problem Entry*, CI-SIS *FR-Probleme*).

use dmp_dossier::code::Code;
use dmp_xml::Node;

use super::{is_negated, narrative_id, related_with_code, section_code};
use crate::clinical::{Concept, Period, References, effective_period};
use crate::node::Hl7;

const TEMPLATES: [&str; 2] = ["1.3.6.1.4.1.19376.1.5.3.1.4.5", "1.2.250.1.213.1.1.3.37"];

/// A disease, a finding, an event of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What.
    pub what: Concept,
    /// Kind of statement, *diagnostic*.
    pub kind: Concept,
    /// From when to when.
    pub period: Period,
    /// `statusCode` of the list it stands in: `active`, `completed`…
    pub list_status: Option<String>,
    /// *Actif*, *Résolu*, when the entry says so.
    pub status: Option<Concept>,
    /// True when the entry says that there is none.
    pub negated: bool,
    /// Section it stands in: `11450-4` active problems, `11348-0` history.
    pub section: Option<Code>,
    /// Identifier of its narrative.
    pub narrative_id: Option<String>,
}

/// An entry by itself, or one of a list of problems. The same template also describes the reactions to a
/// medicine, which are no problems of their own.
pub(super) fn is_one(node: Node<'_, '_>) -> bool {
    let stands_alone = node.parent_element().is_some_and(|parent| {
        let relation = parent.attr("typeCode").unwrap_or_default();
        let listed = relation == "SUBJ" && parent.parent_element().is_some_and(|list| list.is("act"));
        parent.is("entry") || parent.is("component") || listed
    });
    node.is("observation")
        && stands_alone
        && TEMPLATES.into_iter().any(|template| node.has_template(template))
}

pub(super) fn read<'d, 'a>(node: Node<'d, 'a>, references: &References<'d, 'a>) -> Problem {
    let mut what = references.concept(node.child("value"));
    if what.text.is_empty() {
        what.text = references.text(node.child("text"));
    }
    let list = node.ancestors().skip(1).find(|ancestor| ancestor.is("act"));
    let status = related_with_code(node, "33999-4");
    Problem {
        what,
        kind: references.concept(node.child("code")),
        period: effective_period(node),
        list_status: list.and_then(|list| list.child("statusCode")?.attr("code")).map(str::to_owned),
        status: status.and_then(|status| references.concept_if_any(status.child("value"))),
        negated: is_negated(node),
        section: section_code(node),
        narrative_id: narrative_id(node),
    }
}
