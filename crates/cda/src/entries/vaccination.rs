//! Vaccinations (IHE PCC *Immunizations*, CI-SIS *FR-Vaccination*).

use dmp_dossier::code::Code;
use dmp_dossier::time::Dtm;
use dmp_xml::Node;

use super::allergy::{Reaction, reactions};
use super::{is_negated, narrative_id, related_with_code, section_code};
use crate::clinical::{Concept, References, effective_period};
use crate::node::Hl7;

const TEMPLATES: [&str; 2] = ["1.3.6.1.4.1.19376.1.5.3.1.4.12", "1.2.250.1.213.1.1.3.45"];

/// An injection, or one that was not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vaccination {
    /// The vaccine, with its codes (CIS, CIP, ATC).
    pub vaccine: Concept,
    /// When.
    pub date: Option<Dtm>,
    /// Lot number.
    pub lot: Option<String>,
    /// Rank in its series.
    pub rank: Option<u32>,
    /// How it was given.
    pub route: Option<Concept>,
    /// Where on the body.
    pub site: Option<Concept>,
    /// What followed.
    pub reactions: Vec<Reaction>,
    /// Comment in words.
    pub comment: Option<String>,
    /// True when it was not given.
    pub negated: bool,
    /// Section it stands in.
    pub section: Option<Code>,
    /// Identifier of its narrative.
    pub narrative_id: Option<String>,
}

pub(super) fn is_one(node: Node<'_, '_>) -> bool {
    node.is("substanceAdministration") && TEMPLATES.into_iter().any(|template| node.has_template(template))
}

pub(super) fn read<'d, 'a>(node: Node<'d, 'a>, references: &References<'d, 'a>) -> Vaccination {
    let material = node.path(&["consumable", "manufacturedProduct", "manufacturedMaterial"]);
    let part =
        |name| material.and_then(|material| material.child(name)).map(Hl7::plain).filter(|t| !t.is_empty());
    let mut vaccine = references.concept(material.and_then(|material| material.child("code")));
    if vaccine.text.is_empty() {
        vaccine.text = part("name").unwrap_or_else(|| references.text(node.child("text")));
    }
    let rank = related_with_code(node, "30973-2").and_then(|rank| rank.child("value")?.attr("value"));
    let comment = node
        .each("entryRelationship")
        .filter_map(|relation| relation.child("act"))
        .find(|act| act.child("code").and_then(|code| code.attr("code")) == Some("48767-8"));
    Vaccination {
        vaccine,
        date: effective_period(node).start,
        lot: part("lotNumberText"),
        rank: rank.and_then(|rank| rank.parse().ok()),
        route: references.concept_if_any(node.child("routeCode")),
        site: references.concept_if_any(node.child("approachSiteCode")),
        reactions: reactions(node, references),
        comment: comment.map(|act| references.text(act.child("text"))).filter(|text| !text.is_empty()),
        negated: is_negated(node),
        section: section_code(node),
        narrative_id: narrative_id(node),
    }
}
