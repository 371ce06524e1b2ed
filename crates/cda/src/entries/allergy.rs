//! Allergies and intolerances (IHE PCC *Allergies and Intolerances*, CI-SIS *FR-Allergie-ou-hypersensibilite*).

use dmp_dossier::code::Code;
use dmp_dossier::time::Dtm;
use dmp_xml::Node;

use super::{is_negated, narrative_id, related, related_with_code, section_code};
use crate::clinical::{Concept, References, effective_period};
use crate::node::Hl7;

const TEMPLATES: [&str; 2] = ["1.3.6.1.4.1.19376.1.5.3.1.4.6", "1.2.250.1.213.1.1.3.41"];

/// An allergy or an intolerance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allergy {
    /// What it is to; empty when only the kind is known.
    pub agent: Concept,
    /// Kind, *allergie médicamenteuse*.
    pub kind: Concept,
    /// Clinical description of the allergy itself.
    pub description: Option<Concept>,
    /// What happens.
    pub reactions: Vec<Reaction>,
    /// *Actif*, *Inactif*.
    pub status: Option<Concept>,
    /// How dangerous.
    pub criticality: Option<Concept>,
    /// How sure.
    pub certainty: Option<Concept>,
    /// Since when.
    pub onset: Option<Dtm>,
    /// True when the entry says that there is none.
    pub negated: bool,
    /// Section it stands in.
    pub section: Option<Code>,
    /// Identifier of its narrative.
    pub narrative_id: Option<String>,
}

/// A reaction that was observed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// What.
    pub what: Concept,
    /// How severe.
    pub severity: Option<Concept>,
    /// True when the entry says that it did not happen.
    pub negated: bool,
}

pub(super) fn is_one(node: Node<'_, '_>) -> bool {
    node.is("observation") && TEMPLATES.into_iter().any(|template| node.has_template(template))
}

pub(super) fn read<'d, 'a>(node: Node<'d, 'a>, references: &References<'d, 'a>) -> Allergy {
    let value_of = |code: &str| references.concept_if_any(related_with_code(node, code)?.child("value"));
    Allergy {
        agent: agent(node, references),
        kind: references.concept(node.child("code")),
        description: references.concept_if_any(node.child("value")),
        reactions: reactions(node, references),
        status: value_of("33999-4"),
        criticality: value_of("82606-5"),
        certainty: value_of("66455-7"),
        onset: effective_period(node).start,
        negated: is_negated(node),
        section: section_code(node),
        narrative_id: narrative_id(node),
    }
}

fn agent<'d, 'a>(node: Node<'d, 'a>, references: &References<'d, 'a>) -> Concept {
    let entity = node
        .each("participant")
        .filter(|participant| participant.attr("typeCode") == Some("CSM"))
        .find_map(|participant| participant.path(&["participantRole", "playingEntity"]));
    let Some(entity) = entity else {
        return Concept::default();
    };
    let mut agent = references.concept(entity.child("code"));
    if agent.text.is_empty() {
        agent.text = entity.child("name").map(Hl7::plain).unwrap_or_default();
    }
    agent
}

/// Manifestations of an allergy, or reactions to a vaccine.
pub(super) fn reactions<'d, 'a>(node: Node<'d, 'a>, references: &References<'d, 'a>) -> Vec<Reaction> {
    ["MFST", "CAUS"]
        .into_iter()
        .flat_map(|kind| related(node, kind))
        .filter_map(|reaction| {
            let mut what = references.concept(reaction.child("value"));
            if what.text.is_empty() {
                what.text = references.text(reaction.child("text"));
            }
            let severity = related_with_code(reaction, "SEV");
            Some(Reaction {
                what,
                severity: severity.and_then(|severity| references.concept_if_any(severity.child("value"))),
                negated: is_negated(reaction),
            })
            .filter(|reaction| !reaction.what.is_empty())
        })
        .collect()
}
