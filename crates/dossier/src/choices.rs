//! The patient's choices, as they were asked and answered: at the opening, at majority, and whenever one changes. Each is
//! kept with the version of the text that was read, when, and who collected it: its receipt.

use crate::Moment;
use crate::actor::{Actor, Channel};
use crate::change::{Change, ConsentProof};
use crate::reason::Refusal;
use crate::record::Dossier;
use crate::rule::rules;
use crate::time::Time;
use serde::{Deserialize, Serialize};

rules! {
    /// Receipts.
    CHX_1 = "CHX-1", "chaque choix est gardé avec le texte lu, la date et qui l'a recueilli", "ux.md 3.6; CSP R.1111-26";
    /// Notices.
    CHX_2 = "CHX-2", "l'accès d'urgence est toujours annoncé au patient; les autres avis se règlent", "ux.md 3.5; security.md 2.5 A3";
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

/// Keeps answers.
///
/// # Errors
/// Not the patient, who acts for them, or who opens a dossier with them.
pub fn record(
    _dossier: &Dossier,
    _actor: &Actor,
    _choices: &[Choice],
    _moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    Ok(Vec::new())
}

/// Sets what the patient is told of.
///
/// # Errors
/// As [`record`].
pub fn set_notices(
    _dossier: &Dossier,
    _actor: &Actor,
    _notices: Notices,
    _moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    Ok(Vec::new())
}

/// Keeps that the person refused a dossier; nothing else of them is kept.
///
/// # Errors
/// A dossier is open; not an actor who opens dossiers through that channel.
pub fn refuse_opening(
    _dossier: &Dossier,
    _actor: &Actor,
    _channel: Channel,
    _moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    Ok(Vec::new())
}

/// What was chosen.
///
/// # Errors
/// Not the patient, nor who acts for them.
pub fn view(dossier: &Dossier, _actor: &Actor, _moment: &Moment<'_>) -> Result<ChoicesView, Refusal> {
    Ok(ChoicesView {
        choices: dossier.state.choices.clone(),
        proofs: dossier.state.proofs.clone(),
        notices: dossier.state.notices,
        due: false,
    })
}

/// Time of a refusal of opening, with its channel.
pub type OpeningRefused = (Time, Channel);
