//! Life of a dossier: opening, closing, reopening, identity and representatives.

use crate::Moment;
use crate::access::{self, Trail};
use crate::act::Act;
use crate::actor::{Actor, Channel};
use crate::change::{Change, ClosureReason, ConsentProof, Fact, Life, Payload, emergency_fact};
use crate::choices::CHX_3;
use crate::command::Open;
use crate::functional::{self, Cell, Seat};
use crate::identity::{Contact, Identity, Ins, Representative, Traits, is_minor};
use crate::reason::{Reason, Refusal};
use crate::record::Dossier;
use crate::rights::Emergency;
use crate::rule::rules;
use crate::time::Time;

rules! {
    /// Consent.
    LIF_1 = "LIF-1", "un dossier s'ouvre, et se rouvre, avec le consentement exprès du patient : qui l'a recueilli, quand, par quel moyen",
        "CSP L.1111-14, R.1111-30; SEL-MP-037 CONSENTEMENT_OUVERTURE_DMP";
    /// Who opens.
    LIF_2 = "LIF-2", "chaque voie d'ouverture a ses acteurs; sous la loi de 2022 aucun n'ouvre", "spec 2.2; paramètre creation";
    /// Traits.
    LIF_3 = "LIF-3", "l'ouverture donne les cinq traits stricts de l'identité", "Référentiel INS; spec 1.1";
    /// Reopening.
    LIF_4 = "LIF-4", "un dossier fermé se rouvre, il ne s'ouvre pas une seconde fois", "SEL-MP-037 TD1.2";
    /// Closing text.
    LIF_5 = "LIF-5", "une fermeture donne son motif; celle d'un décès en donne la date", "SEL-MP-037 TD1.4";
    /// Traits and legal ties are not the patient's to change.
    LIF_6 = "LIF-6", "les traits d'identité et les représentants ne se changent pas par le patient ni par ses représentants, les coordonnées oui",
        "RNIV; spec 1.1, 2.4";
    /// One INS, one dossier.
    LIF_7 = "LIF-7", "l'ancien matricule reste dans l'historique et retrouve le dossier", "SEL-MP-037 EX_3.1-1055";
}

/// Longest name, place or free text kept, in bytes.
pub(crate) const TEXT_MAX: usize = 1_000;

/// Opens, or does nothing when the dossier is already open.
///
/// # Errors
/// A patient or representative of another: [`Reason::UnknownPatient`] (FCT-3). The channel is not this actor's:
/// [`Reason::AccessDenied`] (LIF-2). No consent: [`Reason::ConsentMissing`]
/// (LIF-1). Closed: [`Reason::DossierClos`] (LIF-4). Refused by the person, and asked by an application:
/// [`Reason::OpeningRefused`] (CHX-3). Traits missing: [`Reason::InvalidRequest`] (LIF-3).
pub fn open(
    dossier: &Dossier,
    actor: &Actor,
    open: &Open,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    // Somebody else's dossier is unknown to them, whether it is there or not: a refusal must not tell which.
    if let Actor::Patient { ins: own } | Actor::Representative { of: own, .. } = actor
        && *own != open.ins
    {
        return Err(Refusal::new(Reason::UnknownPatient, &functional::FCT_3));
    }
    if !may_open(dossier, actor, open, moment)? {
        return Err(Refusal::new(Reason::AccessDenied, &LIF_2));
    }
    match dossier.state.life {
        Life::Active { .. } => return Ok(Vec::new()),
        Life::Closed { .. } => return Err(Refusal::new(Reason::DossierClos, &LIF_4)),
        // An application opens without the person; anybody else stands before them.
        Life::None if matches!(actor, Actor::App(_)) && dossier.state.opening_refused.is_some() => {
            return Err(Refusal::new(Reason::OpeningRefused, &CHX_3));
        }
        Life::None => {}
    }
    let proof = open.consent.clone().ok_or(Refusal::new(Reason::ConsentMissing, &LIF_1))?;
    check_proof(&proof)?;
    check_traits(&open.traits)?;
    check_contact(&open.contact)?;
    let identity = Identity {
        ins: open.ins.clone(),
        ins_history: Vec::new(),
        traits: open.traits.clone(),
        contact: open.contact.clone(),
        deceased: None,
    };
    let mut changes = vec![Change {
        fact: Fact::Opened { channel: open.channel },
        at: moment.at,
        payload: Payload::Opening(Box::new(identity), proof),
    }];
    if open.emergency != Emergency::default() {
        changes.push(Change::bare(emergency_fact(open.emergency), moment.at));
    }
    for (representative, index) in open.representatives.iter().zip(0u32..) {
        check_representative(representative)?;
        changes.push(Change {
            fact: Fact::RepresentativeAdded { index },
            at: moment.at,
            payload: Payload::Representative(Box::new(Representative {
                since: moment.at,
                until: None,
                ..representative.clone()
            })),
        });
    }
    Ok(changes)
}

fn may_open(dossier: &Dossier, actor: &Actor, open: &Open, moment: &Moment<'_>) -> Result<bool, Refusal> {
    let creation = &moment.parameters.creation;
    if creation.opt_out || !creation.channels.contains(&open.channel) {
        return Ok(false);
    }
    let seat = functional::seat(dossier, actor, moment)?;
    if functional::cell(seat, Act::Open) == Cell::No {
        return Ok(false);
    }
    Ok(match actor {
        Actor::Patient { ins } => *ins == open.ins && open.channel == Channel::Web,
        Actor::Representative { of, person } => {
            *of == open.ins && open.channel == Channel::Web && will_represent(open, person, moment)
        }
        Actor::App(_) => matches!(seat, Seat::Loader),
        _ => opens_through(actor, open.channel),
    })
}

/// True for who opens a dossier with the patient in front of them, through that channel.
pub(crate) fn opens_through(actor: &Actor, channel: Channel) -> bool {
    match actor {
        Actor::Professional(p) => match channel {
            Channel::Pharmacie => p.profession == "21",
            Channel::Infirmier => p.profession == "60",
            Channel::Ps | Channel::Etablissement => true,
            Channel::Web | Channel::Cpam | Channel::MedicoSocial => false,
        },
        Actor::Employee(_) => {
            matches!(
                channel,
                Channel::Ps | Channel::Etablissement | Channel::MedicoSocial | Channel::Pharmacie
            )
        }
        Actor::ReceptionAgent(agent) => agent.channel == channel,
        _ => false,
    }
}

/// True when the dossier, once open, has that person as a representative in force: a parent does not open the
/// dossier of an adult.
fn will_represent(open: &Open, person: &str, moment: &Moment<'_>) -> bool {
    let minor = is_minor(&open.traits, moment.parameters.majority_age_years, moment.at);
    open.representatives.iter().any(|r| r.represents(person, minor, moment.at))
}

/// Closes, or does nothing when the dossier is already closed.
///
/// # Errors
/// Death without its date, or a date without death: [`Reason::InvalidRequest`] (LIF-5).
pub fn close(
    dossier: &Dossier,
    actor: &Actor,
    reason: ClosureReason,
    text: Option<&str>,
    deceased: Option<Time>,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    access::enter(dossier, actor, Act::Close, moment, &mut Trail::new())?;
    if matches!(dossier.state.life, Life::Closed { .. }) {
        return Ok(Vec::new());
    }
    if deceased.is_some() != (reason == ClosureReason::Death) {
        return Err(Refusal::about(Reason::InvalidRequest, &LIF_5, "date de décès"));
    }
    let mut changes = Vec::new();
    if let (Some(date), Some(identity)) = (deceased, dossier.identity()) {
        changes.push(identity_change(Identity { deceased: Some(date), ..identity.clone() }, moment.at));
    }
    let payload = match text {
        Some(text) => Payload::ClosureText(bounded(text, "texte de fermeture")?.to_owned()),
        None => Payload::None,
    };
    changes.push(Change { fact: Fact::Closed { reason }, at: moment.at, payload });
    Ok(changes)
}

/// Reopens.
///
/// # Errors
/// No consent: [`Reason::ConsentMissing`] (LIF-1).
pub fn reactivate(
    dossier: &Dossier,
    actor: &Actor,
    consent: Option<&ConsentProof>,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    access::enter(dossier, actor, Act::Reactivate, moment, &mut Trail::new())?;
    if matches!(dossier.state.life, Life::Active { .. }) {
        return Ok(Vec::new());
    }
    let proof = consent.ok_or(Refusal::new(Reason::ConsentMissing, &LIF_1))?;
    check_proof(proof)?;
    let mut changes =
        vec![Change { fact: Fact::Reactivated, at: moment.at, payload: Payload::Proof(proof.clone()) }];
    // Who consents is alive: a date of death was an error.
    if let Some(identity) = dossier.identity().filter(|i| i.deceased.is_some()) {
        changes.push(identity_change(Identity { deceased: None, ..identity.clone() }, moment.at));
    }
    Ok(changes)
}

/// Asks for a copy, or for destruction.
///
/// # Errors
/// Those of [`access::enter`].
pub fn request(
    dossier: &Dossier,
    actor: &Actor,
    act: Act,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    access::enter(dossier, actor, act, moment, &mut Trail::new())?;
    let fact = if act == Act::RequestCopy { Fact::CopyRequested } else { Fact::DestructionRequested };
    Ok(vec![Change::bare(fact, moment.at)])
}

/// New traits and contact.
///
/// # Errors
/// A patient or representative changing traits: [`Reason::AccessDenied`] (LIF-6).
pub fn update_identity(
    dossier: &Dossier,
    actor: &Actor,
    traits: &Traits,
    contact: &Contact,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    let entrance = access::enter(dossier, actor, Act::UpdateIdentity, moment, &mut Trail::new())?;
    check_traits(traits)?;
    check_contact(contact)?;
    let Some(identity) = dossier.identity() else {
        return Err(Refusal::new(Reason::UnknownPatient, &access::ACC_6));
    };
    let themselves = matches!(entrance.seat, Seat::Patient | Seat::Representative);
    if themselves && identity.traits != *traits {
        return Err(Refusal::new(Reason::AccessDenied, &LIF_6));
    }
    if identity.traits == *traits && identity.contact == *contact {
        return Ok(Vec::new());
    }
    let new = Identity { traits: traits.clone(), contact: contact.clone(), ..identity.clone() };
    Ok(vec![identity_change(new, moment.at)])
}

fn identity_change(identity: Identity, at: Time) -> Change {
    Change { fact: Fact::IdentityUpdated, at, payload: Payload::Identity(Box::new(identity)) }
}

/// A new INS; the former one stays in the history.
///
/// # Errors
/// A patient or representative asking it: [`Reason::AccessDenied`] (LIF-6).
pub fn change_ins(
    dossier: &Dossier,
    actor: &Actor,
    ins: &Ins,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    let entrance = access::enter(dossier, actor, Act::UpdateIdentity, moment, &mut Trail::new())?;
    if matches!(entrance.seat, Seat::Patient | Seat::Representative) {
        return Err(Refusal::new(Reason::AccessDenied, &LIF_6));
    }
    let Some(identity) = dossier.identity() else {
        return Err(Refusal::new(Reason::UnknownPatient, &access::ACC_6));
    };
    if identity.ins == *ins {
        return Ok(Vec::new());
    }
    let mut new = identity.clone();
    new.ins_history.push((identity.ins.clone(), moment.at));
    new.ins = ins.clone();
    Ok(vec![Change { fact: Fact::InsChanged, at: moment.at, payload: Payload::Identity(Box::new(new)) }])
}

/// Adds a representative.
///
/// # Errors
/// Asked by the patient or a representative: [`Reason::AccessDenied`] (LIF-6): a legal tie is not declared by who
/// gains from it.
pub fn add_representative(
    dossier: &Dossier,
    actor: &Actor,
    representative: &Representative,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    let entrance = access::enter(dossier, actor, Act::UpdateIdentity, moment, &mut Trail::new())?;
    if matches!(entrance.seat, Seat::Patient | Seat::Representative) {
        return Err(Refusal::new(Reason::AccessDenied, &LIF_6));
    }
    check_representative(representative)?;
    let index = u32::try_from(dossier.state.representatives.len()).unwrap_or(u32::MAX);
    let representative = Representative { since: moment.at, until: None, ..representative.clone() };
    Ok(vec![Change {
        fact: Fact::RepresentativeAdded { index },
        at: moment.at,
        payload: Payload::Representative(Box::new(representative)),
    }])
}

/// Ends the role of a representative.
///
/// # Errors
/// No such representative: [`Reason::InvalidRequest`]. Asked by the patient, or by a representative for another
/// one: [`Reason::AccessDenied`] (LIF-6).
pub fn end_representative(
    dossier: &Dossier,
    actor: &Actor,
    index: usize,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    let entrance = access::enter(dossier, actor, Act::UpdateIdentity, moment, &mut Trail::new())?;
    let representative = dossier.state.representatives.get(index);
    let permitted = match (entrance.seat, actor) {
        (Seat::Representative, Actor::Representative { person, .. }) => {
            representative.is_some_and(|r| r.person.as_ref() == Some(person))
        }
        (Seat::Patient, _) => false,
        _ => true,
    };
    if !permitted {
        return Err(Refusal::new(Reason::AccessDenied, &LIF_6));
    }
    match representative {
        None => Err(Refusal::about(Reason::InvalidRequest, &functional::FCT_4, "représentant inconnu")),
        Some(r) if r.until.is_some() => Ok(Vec::new()),
        Some(_) => {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            Ok(vec![Change::bare(Fact::RepresentativeEnded { index }, moment.at)])
        }
    }
}

fn bounded<'a>(text: &'a str, what: &str) -> Result<&'a str, Refusal> {
    let clean = text.len() <= TEXT_MAX && !text.chars().any(|c| c.is_control() && c != '\n');
    if clean { Ok(text) } else { Err(Refusal::about(Reason::InvalidRequest, &LIF_3, what)) }
}

pub(crate) fn check_proof(proof: &ConsentProof) -> Result<(), Refusal> {
    for (text, what) in
        [(&proof.collected_by, "consentement recueilli par"), (&proof.means, "moyen du consentement")]
    {
        if bounded(text, what)?.trim().is_empty() {
            return Err(Refusal::about(Reason::ConsentMissing, &LIF_1, what));
        }
    }
    if let Some(information) = &proof.information {
        bounded(information, "information donnée au patient")?;
    }
    Ok(())
}

fn check_traits(traits: &Traits) -> Result<(), Refusal> {
    for (text, what) in
        [(&traits.birth_name, "nom de naissance"), (&traits.given_names, "prénoms de naissance")]
    {
        if bounded(text, what)?.trim().is_empty() {
            return Err(Refusal::about(Reason::InvalidRequest, &LIF_3, what));
        }
    }
    let date_ok = traits.birth_date.len() == 8 && traits.birth_date.bytes().all(|b| b.is_ascii_digit());
    if !date_ok {
        return Err(Refusal::about(Reason::InvalidRequest, &LIF_3, "date de naissance"));
    }
    let place = &traits.birth_place;
    let place_ok = place.is_empty() || (place.len() == 5 && place.bytes().all(|b| b.is_ascii_alphanumeric()));
    if !place_ok {
        return Err(Refusal::about(Reason::InvalidRequest, &LIF_3, "lieu de naissance"));
    }
    for text in [&traits.used_name, &traits.used_given].into_iter().flatten() {
        bounded(text, "nom utilisé")?;
    }
    Ok(())
}

fn check_contact(contact: &Contact) -> Result<(), Refusal> {
    for text in [&contact.phone, &contact.mail, &contact.address].into_iter().flatten() {
        bounded(text, "coordonnées")?;
    }
    Ok(())
}

fn check_representative(representative: &Representative) -> Result<(), Refusal> {
    if bounded(&representative.name, "nom du représentant")?.trim().is_empty() {
        return Err(Refusal::about(Reason::InvalidRequest, &LIF_3, "nom du représentant"));
    }
    bounded(&representative.given, "prénom du représentant")?;
    if let Some(person) = &representative.person {
        bounded(person, "identifiant du représentant")?;
    }
    check_contact(&representative.contact)
}
