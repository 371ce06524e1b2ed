//! Medicines taken, prescribed, dispensed (IHE PCC *Medications*, IHE PHARM, CI-SIS *FR-Traitement*,
//! *FR-Traitement-prescrit*, *FR-Traitement-dispense*).

use dmp_dossier::code::Code;
use dmp_xml::Node;

use super::{is_negated, narrative_id, section_code};
use crate::clinical::{Concept, Period, Quantity, References, Value, effective_period, quantity};
use crate::node::Hl7;

const TEMPLATES: [&str; 3] =
    ["1.3.6.1.4.1.19376.1.5.3.1.4.7", "1.2.250.1.213.1.1.3.42", "1.2.250.1.213.1.1.3.83"];
const SUPPLY_TEMPLATES: [&str; 2] = ["1.3.6.1.4.1.19376.1.5.3.1.4.7.3", "1.2.250.1.213.1.1.3.204"];

/// Where the medicine stands between the prescriber and the patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Said to be taken.
    Taken,
    /// Prescribed.
    Prescribed,
    /// Handed out.
    Dispensed,
}

/// A medicine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Treatment {
    /// Taken, prescribed or dispensed.
    pub stage: Stage,
    /// The product, with its codes (CIS, CIP, ATC).
    pub product: Concept,
    /// From when to when.
    pub period: Period,
    /// Dose of one intake, `1 à 2 tablet`.
    pub dose: Option<Value>,
    /// Every how long, `8 h`; the narrative tells what a period cannot.
    pub every: Option<Quantity>,
    /// How it is taken, in the words of the narrative; may be empty.
    pub words: String,
    /// The way it is taken.
    pub route: Option<Concept>,
    /// What for.
    pub reasons: Vec<Concept>,
    /// Quantity handed out.
    pub quantity: Option<Quantity>,
    /// How many times it may be renewed.
    pub renewals: Option<u32>,
    /// True when the entry says that it is not taken.
    pub negated: bool,
    /// Section it stands in.
    pub section: Option<Code>,
    /// Identifier of its narrative.
    pub narrative_id: Option<String>,
}

/// An entry of its own: parts of a progressive dose and medicines cited by another entry are not counted.
pub(super) fn is_one(node: Node<'_, '_>) -> bool {
    let stands_alone =
        node.parent_element().is_some_and(|parent| parent.is("entry") || parent.is("component"));
    let has_one_of = |templates: &[&str]| templates.iter().any(|template| node.has_template(template));
    stands_alone
        && ((node.is("substanceAdministration") && has_one_of(&TEMPLATES))
            || (node.is("supply") && has_one_of(&SUPPLY_TEMPLATES)))
}

/// `None` when no product is named, by code or in words.
pub(super) fn read<'d, 'a>(node: Node<'d, 'a>, references: &References<'d, 'a>) -> Option<Treatment> {
    let holder = if node.is("supply") { "product" } else { "consumable" };
    let material = node.path(&[holder, "manufacturedProduct", "manufacturedMaterial"]);
    let mut product = references.concept(material.and_then(|material| material.child("code")));
    if product.text.is_empty() {
        product.text =
            material.and_then(|material| material.child("name")).map(Hl7::plain).unwrap_or_default();
    }
    if product.text.is_empty() {
        product.text = references.text(node.child("text"));
    }
    if product.is_empty() {
        return None;
    }
    let stage = match node.attr("moodCode") {
        _ if node.is("supply") => Stage::Dispensed,
        Some("INT" | "RQO" | "PRP") => Stage::Prescribed,
        _ => Stage::Taken,
    };
    let reasons = node
        .each("entryRelationship")
        .filter(|relation| relation.attr("typeCode") == Some("RSON"))
        .filter_map(|relation| {
            let cited = relation.child("act").or_else(|| relation.child("observation"))?;
            references.concept_if_any(cited.child("code"))
        });
    Some(Treatment {
        stage,
        product,
        period: effective_period(node),
        dose: node.child("doseQuantity").and_then(dose),
        every: node.each("effectiveTime").find_map(|time| quantity(time.child("period")?)),
        words: references.text(node.child("text")),
        route: references.concept_if_any(node.child("routeCode")),
        reasons: reasons.collect(),
        quantity: node.child("quantity").and_then(quantity),
        renewals: node.child("repeatNumber").and_then(|number| number.attr("value")?.parse().ok()),
        negated: is_negated(node),
        section: section_code(node),
        narrative_id: narrative_id(node),
    })
}

fn dose(node: Node<'_, '_>) -> Option<Value> {
    if let Some(single) = quantity(node) {
        return Some(Value::Quantity(single));
    }
    let (low, high) = (node.child("low").and_then(quantity), node.child("high").and_then(quantity));
    (low.is_some() || high.is_some()).then_some(Value::Range { low, high })
}
