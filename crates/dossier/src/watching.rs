//! Watching over use: first visits, the review that each bris de glace opens, what the patient reports as not normal, and
//! the answer of the établissement's *référent*.
//!
//! Decides from the dossier and the actor alone. A read can change the dossier in two ways, decided here and committed
//! with its trace ([`changes_of_read`]): the first visit of a professional, and the review of a bris de glace.

use crate::Moment;
use crate::actor::{Actor, Referent};
use crate::change::Change;
use crate::journal::ActorTrace;
use crate::query::Query;
use crate::reason::Refusal;
use crate::record::Dossier;
use crate::rule::rules;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

rules! {
    /// Review.
    VEI_1 = "VEI-1", "chaque bris de glace ouvre un examen, à répondre en 72 heures par le référent de l'établissement",
        "security.md 2.5 A3, ligne 32";
    /// Report.
    VEI_2 = "VEI-2", "le patient signale un accès qui ne lui paraît pas normal; le référent lui répond en cinq jours ouvrés",
        "ux.md C14";
    /// Référent.
    VEI_3 = "VEI-3", "le référent voit les accès d'urgence et signalés des gens de sa structure, jamais un document",
        "security.md 2.5 A13";
    /// First visit.
    VEI_4 = "VEI-4", "le premier accès d'un professionnel est connu du patient", "security.md 1.7";
}

/// What opened a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CaseKind {
    /// A bris de glace.
    BrisDeGlace,
    /// The patient said "ce n'est pas normal".
    Reported,
}

/// What the référent concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CaseOutcome {
    /// The access was justified.
    Justified,
    /// It was not: followed up by the établissement.
    NotJustified,
}

/// The answer of a référent, shown to the patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseAnswer {
    /// Who answered.
    pub by: ActorTrace,
    /// When.
    pub at: Time,
    /// What was concluded.
    pub outcome: CaseOutcome,
    /// What the patient reads, a few sentences.
    pub text: String,
}

/// An access that is looked at: a bris de glace, or one that the patient reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its identity.
    pub id: Uuid,
    /// What opened it.
    pub kind: CaseKind,
    /// Whose access.
    pub who: ActorTrace,
    /// When that access was.
    pub occurred: Time,
    /// The reason typed at a bris de glace.
    pub reason: Option<String>,
    /// What the patient wrote.
    pub report: Option<String>,
    /// When it was opened.
    pub opened: Time,
    /// When the answer is due.
    pub due: Time,
    /// The answer.
    pub answer: Option<CaseAnswer>,
}

/// The patient's report of an access ("ce n'est pas normal"). The face read the line from the journal just before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportAccess {
    /// Whose access.
    pub who: ActorTrace,
    /// When.
    pub occurred: Time,
    /// The patient's words; may be empty.
    pub text: String,
}

/// The référent's answer to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerCase {
    /// Which.
    pub id: Uuid,
    /// What was concluded.
    pub outcome: CaseOutcome,
    /// What the patient reads.
    pub text: String,
}

/// What a permitted read changes by itself; empty most of the time.
pub fn changes_of_read(
    _dossier: &Dossier,
    _actor: &Actor,
    _query: &Query,
    _moment: &Moment<'_>,
) -> Vec<Change> {
    Vec::new()
}

/// How many fresh identifiers [`changes_of_read`] may take.
pub const IDS_OF_READ: usize = 1;

/// Opens a case.
///
/// # Errors
/// Not the patient, nor who acts for them.
pub fn report(
    _dossier: &Dossier,
    _actor: &Actor,
    _command: &ReportAccess,
    _id: Uuid,
    _moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    Ok(Vec::new())
}

/// Answers a case.
///
/// # Errors
/// Not a référent, or not of the structure of that access.
pub fn answer(
    _dossier: &Dossier,
    _actor: &Actor,
    _command: &AnswerCase,
    _moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    Ok(Vec::new())
}

/// The cases of a dossier that an actor may know: all of the patient's, those of a référent's structure. Secret sessions
/// are left out for representatives.
///
/// # Errors
/// Nobody else has any.
pub fn cases(dossier: &Dossier, _actor: &Actor, _moment: &Moment<'_>) -> Result<Vec<Case>, Refusal> {
    Ok(dossier.state.cases.clone())
}

/// True when a case is of a référent's structure.
pub fn concerns(case: &Case, referent: &Referent) -> bool {
    case.who.structure.as_deref() == Some(referent.structure.as_str())
}
