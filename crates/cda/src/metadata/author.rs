//! Authors and signers as XCN and XON: who they are by national identifier, by INS, or by whatever was given.

use dmp_dossier::actor::{PsId, StructureId};
use dmp_dossier::document::{Author, AuthorId, Institution, Person};

use super::Intake;
use crate::node::Identifier;
use crate::participant::{Organization, Participant};

pub(super) fn author(author: &Participant, intake: &Intake) -> Author {
    Author {
        person: person(author, intake),
        institution: author.organization.as_ref().and_then(institution),
        role: author.function.clone(),
        specialty: author.code.clone(),
    }
}

pub(super) fn person(participant: &Participant, intake: &Intake) -> Person {
    Person {
        id: author_id(participant, intake),
        family: participant.name.family.clone(),
        given: participant.name.given.clone(),
    }
}

/// National identifier of a person, INS of the patient, or whatever was given.
fn author_id(participant: &Participant, intake: &Intake) -> AuthorId {
    let professional = |id: &Identifier| {
        let national =
            (id.root == PsId::OID && !participant.is_system).then_some(id.extension.as_deref()?)?;
        PsId::parse(national).map(AuthorId::Professional)
    };
    let patient = |id: &Identifier| {
        let ins = intake.realm.read(id.extension.as_deref()?, &id.root).ok()?;
        Some(AuthorId::Patient(ins))
    };
    let ids = &participant.ids;
    ids.iter().find_map(professional).or_else(|| ids.iter().find_map(patient)).unwrap_or_else(|| {
        let (id, authority) = match ids.first() {
            Some(Identifier { root, extension: Some(extension) }) => (extension.clone(), root.clone()),
            Some(Identifier { root, extension: None }) => (root.clone(), String::new()),
            None => (String::new(), String::new()),
        };
        AuthorId::Other { id, authority }
    })
}

/// `None` when neither a name nor an identifier is given.
fn institution(organization: &Organization) -> Option<Institution> {
    let national = |id: &Identifier| {
        let national = id.extension.as_deref().filter(|_| id.root == StructureId::OID)?;
        StructureId::parse(national)
    };
    let id = organization.ids.iter().find_map(national);
    let other_id = match id {
        Some(_) => None,
        None => organization.ids.first().map(|id| id.value().to_owned()),
    };
    let is_known = id.is_some() || other_id.is_some() || !organization.name.is_empty();
    is_known.then(|| Institution { id, other_id, name: organization.name.clone() })
}
