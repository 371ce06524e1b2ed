//! Watching over use: first visits, the review that each bris de glace opens, what the patient reports as not normal, and
//! the answer of the établissement's *référent*.
//!
//! Decides from the dossier and the actor alone. A read can change the dossier in two ways, decided here and committed
//! with its trace ([`changes_of_read`]): the first visit of a professional, and the review of a bris de glace.

use crate::access::{self, Trail};
use crate::act::Act;
use crate::actor::{Actor, Mode, Referent};
use crate::change::{Change, Fact, Payload};
use crate::functional::Seat;
use crate::journal::{ActorKind, ActorTrace, JournalEntry};
use crate::query::Query;
use crate::reason::{Reason, Refusal};
use crate::record::{Dossier, Row};
use crate::rule::rules;
use crate::time::Time;
use crate::{Moment, act_of_query, rows_of_query};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

rules! {
    /// Review.
    VEI_1 = "VEI-1", "chaque bris de glace ouvre un examen, à répondre en 72 heures par le référent de l'établissement",
        "security.md 2.5 A3, ligne 32";
    /// Report.
    VEI_2 = "VEI-2", "le patient signale un accès qui ne lui paraît pas normal; le référent lui répond une fois, en cinq jours ouvrés",
        "ux.md C14";
    /// Référent.
    VEI_3 = "VEI-3", "le référent voit les accès d'urgence et signalés des gens de sa structure, jamais un document; un représentant ne voit pas ceux d'une session secrète",
        "security.md 2.5 A13";
    /// First visit.
    VEI_4 = "VEI-4", "le premier accès d'un professionnel, hors session secrète, est connu du patient", "security.md 1.7";
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

/// How many fresh identifiers [`changes_of_read`] may take.
pub const IDS_OF_READ: usize = 1;

/// How long the référent has to review a bris de glace.
pub const REVIEW_HOURS: u32 = 72;
/// How long the référent has to answer a report.
pub const REPORT_WORKING_DAYS: u32 = 5;
/// How long one bris de glace lasts: what it reads meanwhile is one review.
pub const BRIS_DE_GLACE_MINUTES: u32 = 60;

/// Longest report, in characters.
const REPORT_MAX: usize = 1_000;
/// Shortest and longest answer, in characters.
const ANSWER: std::ops::RangeInclusive<usize> = 10..=2_000;
/// Most reports of a dossier that wait for their answer.
const WAITING_MAX: usize = 50;

/// What a permitted read changes by itself; empty most of the time. Asked for the state of a dossier (TD0.2), nothing
/// was read.
pub fn changes_of_read(dossier: &Dossier, actor: &Actor, query: &Query, moment: &Moment<'_>) -> Vec<Change> {
    let Some(professional) = actor.professional() else {
        return Vec::new();
    };
    if act_of_query(query) == Act::Status {
        return Vec::new();
    }
    let mut changes = Vec::new();
    let known = dossier.state.visitors.iter().any(|(who, _)| *who == professional.id);
    if !known && !professional.secret && is_known_to_all(dossier, query, moment) {
        changes.push(Change::bare(Fact::Visited { who: professional.id.clone() }, moment.at));
    }
    if let Mode::BrisDeGlace { reason } = &professional.mode {
        let who = ActorTrace::of(actor);
        let is_open = |case: &Case| {
            case.kind == CaseKind::BrisDeGlace
                && (&case.who.id, &case.who.structure, case.who.secret)
                    == (&who.id, &who.structure, who.secret)
                && moment.at < case.opened.plus_minutes(BRIS_DE_GLACE_MINUTES)
        };
        if !dossier.state.cases.iter().any(is_open) {
            let id = moment.ids.first().copied().expect("IDS_OF_READ counts what a read takes");
            changes.push(opened(Case {
                id,
                kind: CaseKind::BrisDeGlace,
                who,
                occurred: moment.at,
                reason: Some(reason.clone()),
                report: None,
                opened: moment.at,
                due: moment.at.plus_minutes(60 * REVIEW_HOURS),
                answer: None,
            }));
        }
    }
    changes
}

/// True unless the read names documents of which the patient, or a representative, may know none: the line of such a read
/// is not theirs to see, and no notice may stand in its place. The next read is then the first visit.
fn is_known_to_all(dossier: &Dossier, query: &Query, moment: &Moment<'_>) -> bool {
    let rows = rows_of_query(dossier, query);
    let shown = |row: &u32| match dossier.rows.get(*row as usize) {
        Some(Row::Document(entry)) => {
            !entry.is_hidden_from_patient(moment.at) && !entry.visibility.hidden_from_representatives
        }
        _ => false,
    };
    !matches!(query, Query::Retrieve(_) | Query::FindReference(_)) || rows.iter().any(shown)
}

fn opened(case: Case) -> Change {
    Change {
        fact: Fact::CaseOpened { id: case.id, kind: case.kind },
        at: case.opened,
        payload: Payload::Case(Box::new(case)),
    }
}

/// Opens a case, or does nothing when the same access was reported already.
///
/// # Errors
/// Not the patient, nor who acts for them. A report of the patient's own access, of one to come, or of a secret session
/// by a representative; a text too long or with control characters; too many that wait: [`Reason::InvalidRequest`] (VEI-2).
pub fn report(
    dossier: &Dossier,
    actor: &Actor,
    command: &ReportAccess,
    id: Uuid,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    let entrance = access::enter(dossier, actor, Act::ReportAccess, moment, &mut Trail::new())?;
    let wrong = |what: &str| Err(Refusal::about(Reason::InvalidRequest, &VEI_2, what));
    let ReportAccess { who, occurred, .. } = command;
    let may_know = entrance.seat == Seat::Patient || !who.secret;
    if who.kind == ActorKind::Patient || *occurred > moment.at || !may_know {
        return wrong("accès signalé");
    }
    let text = clean(&command.text);
    if text.chars().count() > REPORT_MAX || has_controls(&text) {
        return wrong("texte du signalement");
    }
    let reports = || dossier.state.cases.iter().filter(|case| case.kind == CaseKind::Reported);
    let is_same = |case: &Case| {
        (&case.who.id, case.who.kind, case.who.secret, case.occurred)
            == (&who.id, who.kind, who.secret, *occurred)
    };
    if reports().any(is_same) {
        return Ok(Vec::new());
    }
    if reports().filter(|case| case.answer.is_none()).count() >= WAITING_MAX {
        return wrong("trop de signalements attendent une réponse");
    }
    Ok(vec![opened(Case {
        id,
        kind: CaseKind::Reported,
        who: who.clone(),
        occurred: *occurred,
        reason: None,
        report: (!text.is_empty()).then_some(text),
        opened: moment.at,
        due: moment.at.plus_working_days(REPORT_WORKING_DAYS),
        answer: None,
    })])
}

/// Answers a case, or does nothing when the same person gave that answer already.
///
/// # Errors
/// Not a référent: [`Reason::AccessDenied`]. No such case, or one of another structure, which reads the same; a text too
/// short, too long or with control characters: [`Reason::InvalidRequest`]. Answered: [`Reason::CaseAnswered`] (VEI-2).
pub fn answer(
    dossier: &Dossier,
    actor: &Actor,
    command: &AnswerCase,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    access::enter(dossier, actor, Act::ReviewAccess, moment, &mut Trail::new())?;
    let Actor::Referent(referent) = actor else {
        return Err(Refusal::new(Reason::AccessDenied, &VEI_3));
    };
    let wrong = |what: &str| Refusal::about(Reason::InvalidRequest, &VEI_3, what);
    let case = dossier.state.cases.iter().find(|case| case.id == command.id && concerns(case, referent));
    let case = case.ok_or_else(|| wrong("accès inconnu"))?;
    let text = clean(&command.text);
    if !ANSWER.contains(&text.chars().count()) || has_controls(&text) {
        return Err(wrong("réponse de 10 à 2 000 caractères"));
    }
    let by = ActorTrace::of(actor);
    if let Some(given) = &case.answer {
        return match given.by == by && given.outcome == command.outcome && given.text == text {
            true => Ok(Vec::new()),
            false => Err(Refusal::new(Reason::CaseAnswered, &VEI_2)),
        };
    }
    let answer = CaseAnswer { by, at: moment.at, outcome: command.outcome, text };
    Ok(vec![Change {
        fact: Fact::CaseAnswered { id: case.id, outcome: command.outcome },
        at: moment.at,
        payload: Payload::CaseAnswer(case.id, Box::new(answer)),
    }])
}

/// The cases of a dossier that an actor may know: all of the patient's, those of a référent's structure. Secret sessions
/// are left out for representatives.
///
/// # Errors
/// Nobody else has any.
pub fn cases(dossier: &Dossier, actor: &Actor, moment: &Moment<'_>) -> Result<Vec<Case>, Refusal> {
    let entrance = access::enter(dossier, actor, Act::ReviewAccess, moment, &mut Trail::new())?;
    let may_know = |case: &&Case| match (entrance.seat, actor) {
        (Seat::Patient, _) => true,
        (Seat::Representative, _) => !case.who.secret,
        (Seat::Referent, Actor::Referent(referent)) => concerns(case, referent),
        _ => false,
    };
    Ok(dossier.state.cases.iter().filter(may_know).cloned().collect())
}

/// True when a case is of a référent's structure.
pub fn concerns(case: &Case, referent: &Referent) -> bool {
    case.who.structure.as_deref() == Some(referent.structure.as_str())
}

/// True for the fact of a bris de glace whose review opens.
pub(crate) fn opens_review(fact: &Fact) -> bool {
    matches!(fact, Fact::CaseOpened { kind: CaseKind::BrisDeGlace, .. })
}

/// True when a line of the journal is not a representative's to read, for it may tell of a case that is not: what the
/// patient reported, or what a référent looked at or answered.
pub(crate) fn tells_of_secret_case(dossier: &Dossier, entry: &JournalEntry) -> bool {
    let cases = || dossier.state.cases.iter();
    let named = |case: &Case| {
        entry.facts.iter().any(|fact| match fact {
            Fact::CaseOpened { id, .. } | Fact::CaseAnswered { id, .. } => *id == case.id,
            _ => false,
        })
    };
    if cases().any(named) {
        return cases().any(|case| named(case) && case.who.secret);
    }
    match (entry.act, entry.actor.kind) {
        // Said again, or refused: about which access is not written.
        (Act::ReportAccess, ActorKind::Patient) => true,
        // A look is explained by a case that may be known.
        (Act::ReviewAccess, ActorKind::Referent) => !cases().any(|case| {
            !case.who.secret && case.opened <= entry.at && case.who.structure == entry.actor.structure
        }),
        _ => false,
    }
}

/// A text as it is kept: lines end the same way, nothing around.
fn clean(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

fn has_controls(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && c != '\n')
}
