//! What a journal entry says. Every permitted act, every read and every refusal becomes one.
//!
//! An entry carries no title and no free text: documents are named by row, a bris de glace's reason by the
//! sealed note that holds it.

use crate::act::Act;
use crate::actor::{Actor, Auth, Mode, PersonName};
use crate::change::{Fact, RowRef};
use crate::reason::Reason;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Kind of actor, as kept in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ActorKind {
    /// The holder.
    Patient,
    /// Who acts for them.
    Representative,
    /// A professional.
    Professional,
    /// An employee.
    Employee,
    /// A structure's certificate.
    Structure,
    /// A reception agent.
    ReceptionAgent,
    /// Assurance maladie.
    Insurer,
    /// The pilot team.
    Pilot,
    /// An application.
    App,
    /// A référent.
    Referent,
}

/// Access mode, as kept in the journal: the reason of a bris de glace is in a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ModeKind {
    /// `normal`
    Normal,
    /// `bris_de_glace`
    BrisDeGlace,
    /// `centre_15`
    Centre15,
}

impl From<&Mode> for ModeKind {
    fn from(mode: &Mode) -> Self {
        match mode {
            Mode::Normal => ModeKind::Normal,
            Mode::BrisDeGlace { .. } => ModeKind::BrisDeGlace,
            Mode::Centre15 => ModeKind::Centre15,
        }
    }
}

/// Who acted (security.md J4: person, structure, role, purpose, software).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActorTrace {
    /// Kind.
    pub kind: ActorKind,
    /// National identifier, person of a representative, or name of an application; empty for the patient.
    pub id: String,
    /// Name shown to people.
    pub name: Option<PersonName>,
    /// Profession code.
    pub profession: Option<String>,
    /// Speciality code.
    pub speciality: Option<String>,
    /// Structure.
    pub structure: Option<String>,
    /// Name of the structure.
    pub structure_name: Option<String>,
    /// How authenticated.
    pub auth: Option<Auth>,
    /// Mode.
    pub mode: ModeKind,
    /// *Connexion secrète*.
    pub secret: bool,
    /// Software.
    pub software: Option<String>,
}

impl ActorTrace {
    /// What the journal keeps of an actor.
    pub fn of(actor: &Actor) -> Self {
        let mut trace = ActorTrace {
            kind: ActorKind::Patient,
            id: String::new(),
            name: None,
            profession: None,
            speciality: None,
            structure: None,
            structure_name: None,
            auth: None,
            mode: ModeKind::from(actor.mode()),
            secret: actor.is_secret(),
            software: None,
        };
        match actor {
            Actor::Patient { .. } => {}
            Actor::Representative { person, .. } => {
                trace.kind = ActorKind::Representative;
                trace.id = person.clone();
            }
            Actor::Professional(p) => {
                trace.kind = ActorKind::Professional;
                trace.id = p.id.as_str().to_owned();
                trace.name = Some(p.name.clone());
                trace.profession = Some(p.profession.clone());
                trace.speciality = p.speciality.clone();
                trace.structure = p.structure.as_ref().map(|s| s.as_str().to_owned());
                trace.structure_name = p.structure_name.clone();
                trace.auth = Some(p.auth);
                trace.software = p.software.clone();
            }
            Actor::Employee(e) => {
                trace.kind = ActorKind::Employee;
                trace.id = e.id.as_str().to_owned();
                trace.name = Some(e.name.clone());
                trace.structure = Some(e.structure.as_str().to_owned());
                trace.structure_name = e.structure_name.clone();
                trace.auth =
                    Some(if e.reinforced_indirect { Auth::ReinforcedIndirect } else { Auth::Direct });
            }
            Actor::Structure(s) => {
                trace.kind = ActorKind::Structure;
                trace.id = s.id.as_str().to_owned();
                trace.structure = Some(s.id.as_str().to_owned());
                trace.structure_name = s.name.clone();
                trace.auth = Some(Auth::Indirect);
            }
            Actor::ReceptionAgent(agent) => {
                trace.kind = ActorKind::ReceptionAgent;
                trace.id = agent.id.clone();
                trace.structure_name = Some(agent.organisation.clone());
            }
            Actor::Insurer => trace.kind = ActorKind::Insurer,
            Actor::Pilot => trace.kind = ActorKind::Pilot,
            Actor::App(app) => {
                trace.kind = ActorKind::App;
                trace.id = app.name.clone();
            }
            Actor::Referent(r) => {
                trace.kind = ActorKind::Referent;
                trace.id = r.id.clone();
                trace.name = Some(r.name.clone());
                trace.structure = Some(r.structure.as_str().to_owned());
                trace.structure_name = r.structure_name.clone();
            }
        }
        trace
    }
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decision {
    /// Permitted.
    Permitted,
    /// Refused, by a rule.
    Refused {
        /// Why.
        reason: Reason,
        /// Identifier of the rule.
        rule: String,
    },
}

/// Kind of a journal entry: changes raise the version, traces do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum EntryKind {
    /// Something changed.
    Change = 1,
    /// A read, a repeated request, or a refusal.
    Trace = 2,
}

/// A journal entry, before it is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// When.
    pub at: Time,
    /// Who.
    pub actor: ActorTrace,
    /// What was asked.
    pub act: Act,
    /// What was decided.
    pub decision: Decision,
    /// Dossier version it was decided on.
    pub version: u64,
    /// What changed.
    pub facts: Vec<Fact>,
    /// SHA-256 of each sealed row written, new value.
    pub digests: Vec<(RowRef, [u8; 32])>,
    /// SHA-256 of each sealed content and search text written: row of the document, table tag, digest.
    pub contents: Vec<(u32, u8, [u8; 32])>,
    /// Documents read or shown, by row.
    pub documents: Vec<u32>,
    /// Sealed note that holds the reason of a bris de glace, and its digest.
    pub note: Option<(Uuid, [u8; 32])>,
    /// Correlation id of the request.
    pub request: Uuid,
}

impl JournalEntry {
    /// Changes raise the version, traces do not.
    pub fn kind(&self) -> EntryKind {
        if self.facts.is_empty() { EntryKind::Trace } else { EntryKind::Change }
    }
}
