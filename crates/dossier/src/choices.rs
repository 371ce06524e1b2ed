//! The patient's choices, as they were asked and answered: at the opening, at majority, and whenever one changes. Each is
//! kept with the version of the text that was read, when, and who collected it: its receipt.

use crate::Moment;
use crate::access::{self, Trail};
use crate::act::Act;
use crate::actor::{Actor, Channel};
use crate::change::{Change, ConsentProof, Fact, Life, Payload};
use crate::functional::Seat;
use crate::lifecycle::{self, LIF_2, LIF_4};
use crate::reason::{Reason, Refusal};
use crate::record::Dossier;
use crate::rule::rules;
use crate::time::comes_of_age;
use serde::{Deserialize, Serialize};

rules! {
    /// Receipts.
    CHX_1 = "CHX-1", "chaque choix est gardé avec le texte lu, la date et qui l'a recueilli", "ux.md 3.6; CSP R.1111-26";
    /// Notices.
    CHX_2 = "CHX-2", "l'accès d'urgence est toujours annoncé au patient; les autres avis se règlent par lui, ou avec lui dans le jour de l'ouverture", "ux.md 3.5; security.md 2.5 A3";
    /// Refusal.
    CHX_3 = "CHX-3", "un refus d'ouverture est gardé, et une ouverture automatique en tient compte", "CSP R.1111-28";
    /// Majority.
    CHX_4 = "CHX-4", "à la majorité, les choix faits par les représentants sont demandés de nouveau", "CSP R.1111-26; spec 2.4";
}

/// What a choice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ChoiceSubject {
    /// To have a dossier.
    Opening,
    /// The SAMU may read in an emergency.
    Samu,
    /// Any professional may in an emergency (bris de glace).
    BrisDeGlace,
    /// Masked documents may be read in an emergency.
    MaskedInEmergency,
    /// The médecin traitant is authorised.
    MedecinTraitant,
    /// Reimbursed care is shown (24 months).
    Reimbursements,
    /// How one is told that the dossier was opened.
    Notices,
}

/// An answer, and how it was collected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// About what.
    pub subject: ChoiceSubject,
    /// The answer, in the words that were shown.
    pub answer: String,
    /// Yes or no, where the question was one.
    pub accepted: Option<bool>,
    /// How: who, by what means, when, which version of the text.
    pub proof: ConsentProof,
}

/// By what the patient wants to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
pub enum NoticeChannel {
    /// Electronic mail.
    #[default]
    Mail,
    /// A text message.
    Sms,
    /// A letter.
    Letter,
    /// Not at all; emergencies are told all the same, by any channel there is.
    None,
}

/// What the patient wants to be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Notices {
    /// The first access of a professional.
    pub first_access: bool,
    /// Every access.
    pub every_access: bool,
    /// By what.
    pub by: NoticeChannel,
}

impl Default for Notices {
    fn default() -> Self {
        Notices { first_access: true, every_access: false, by: NoticeChannel::Mail }
    }
}

/// What `Query::Choices` gives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChoicesView {
    /// Every answer, oldest first.
    pub choices: Vec<Choice>,
    /// Proofs of the consents to open and reopen.
    pub proofs: Vec<ConsentProof>,
    /// What the patient wants to be told of.
    pub notices: Notices,
    /// The patient came of age since the last choices: they are to be asked again (CHX-4).
    pub due: bool,
}

/// Most answers at once.
const AT_ONCE_MAX: usize = 20;
/// Most answers that a dossier keeps.
const KEPT_MAX: usize = 1_000;
/// Longest answer, in characters.
const ANSWER_MAX: usize = 200;

/// Keeps answers; does nothing when the very same ones are kept already.
///
/// # Errors
/// Not the patient, who acts for them, or who opens a dossier with them. Too many answers, one that is empty, too long or
/// with control characters: [`Reason::InvalidRequest`] (CHX-1). No receipt: [`Reason::ConsentMissing`] (LIF-1).
pub fn record(
    dossier: &Dossier,
    actor: &Actor,
    choices: &[Choice],
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    access::enter(dossier, actor, Act::RecordChoices, moment, &mut Trail::new())?;
    let wrong = |what: &str| Err(Refusal::about(Reason::InvalidRequest, &CHX_1, what));
    let kept = &dossier.state.choices;
    if choices.len() > AT_ONCE_MAX || kept.len() + choices.len() > KEPT_MAX {
        return wrong("nombre de choix");
    }
    for Choice { answer, proof, .. } in choices {
        let length = answer.chars().count();
        if answer.trim().is_empty() || length > ANSWER_MAX || answer.chars().any(char::is_control) {
            return wrong("réponse à un choix");
        }
        lifecycle::check_proof(proof)?;
    }
    if choices.iter().all(|choice| kept.contains(choice)) {
        return Ok(Vec::new());
    }
    let payload = Payload::Choices(choices.to_vec());
    Ok(vec![Change { fact: Fact::ChoicesRecorded, at: moment.at, payload }])
}

/// Sets what the patient is told of. Nothing here stops the notice of an emergency (CHX-2).
///
/// # Errors
/// Not the patient, nor who acts for them, nor who opens a dossier with them, within a day of its opening:
/// [`Reason::AccessDenied`] (CHX-2). A professional may not keep the patient from being told of him.
pub fn set_notices(
    dossier: &Dossier,
    actor: &Actor,
    notices: Notices,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    let entrance = access::enter(dossier, actor, Act::RecordChoices, moment, &mut Trail::new())?;
    let by_patient = matches!(entrance.seat, Seat::Patient | Seat::Representative);
    let opening = dossier.state.opened_at.is_some_and(|opened| moment.at < opened.plus_days(1));
    if !by_patient && !opening {
        return Err(Refusal::new(Reason::AccessDenied, &CHX_2));
    }
    if dossier.state.notices == notices {
        return Ok(Vec::new());
    }
    Ok(vec![Change::bare(Fact::NoticesSet(notices), moment.at)])
}

/// Keeps that the person refused a dossier, or does nothing when that is kept already; nothing else of them is.
///
/// # Errors
/// Not an actor who opens dossiers through that channel: [`Reason::AccessDenied`] (LIF-2). A dossier is open:
/// [`Reason::DossierOpen`]; it was closed: [`Reason::DossierClos`] (LIF-4).
pub fn refuse_opening(
    dossier: &Dossier,
    actor: &Actor,
    channel: Channel,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    access::door(dossier, actor, Act::RefuseOpening, moment, &mut Trail::new())?;
    if !lifecycle::opens_through(actor, channel) {
        return Err(Refusal::new(Reason::AccessDenied, &LIF_2));
    }
    match dossier.state.life {
        Life::Active { .. } => Err(Refusal::new(Reason::DossierOpen, &LIF_4)),
        Life::Closed { .. } => Err(Refusal::new(Reason::DossierClos, &LIF_4)),
        Life::None if dossier.state.opening_refused.is_some() => Ok(Vec::new()),
        Life::None => Ok(vec![Change::bare(Fact::OpeningRefused { channel }, moment.at)]),
    }
}

/// What was chosen.
///
/// # Errors
/// Not the patient, nor who acts for them.
pub fn view(dossier: &Dossier, actor: &Actor, moment: &Moment<'_>) -> Result<ChoicesView, Refusal> {
    access::enter(dossier, actor, Act::ReadChoices, moment, &mut Trail::new())?;
    Ok(ChoicesView {
        choices: dossier.state.choices.clone(),
        proofs: dossier.state.proofs.clone(),
        notices: dossier.state.notices,
        due: is_due(dossier, moment),
    })
}

/// True when the patient is of age, and whatever was consented or chosen was so before.
fn is_due(dossier: &Dossier, moment: &Moment<'_>) -> bool {
    let majority = dossier
        .identity()
        .and_then(|i| comes_of_age(&i.traits.birth_date, moment.parameters.majority_age_years));
    let proofs = || dossier.state.proofs.iter().chain(dossier.state.choices.iter().map(|c| &c.proof));
    majority.is_some_and(|majority| majority <= moment.at && proofs().all(|proof| proof.at < majority))
}
