//! Authorisations, blocks, médecins traitants, care teams, emergency switches: who decides what for whom.
//!
//! The patient and who acts for them do everything; a professional declares or withdraws only himself, in normal
//! mode; a médecin traitant also blocks and unblocks; an employee's declaration authorises his structure.

use crate::Moment;
use crate::access::{self, Trail};
use crate::act::Act;
use crate::actor::{Actor, PsId};
use crate::change::{Change, ConsentProof, Fact, GranteeLabel, Payload};
use crate::command::{Authorise, structure};
use crate::document::Visibility;
use crate::functional::{self, Cell, Seat};
use crate::lifecycle::check_proof;
use crate::reason::{Reason, Refusal};
use crate::record::Dossier;
use crate::rights::{Authorisation, Basis, Emergency, Grantee, RightsFact};
use crate::rule::rules;
use crate::time::Time;
use uuid::Uuid;

rules! {
    /// Self-declaration.
    DRO_1 = "DRO-1", "un professionnel ne déclare et ne retire que sa propre autorisation; un employé déclare celle de sa structure",
        "SEL-MP-037 TD0.3; PDT-INF-526 note 1";
    /// Médecin traitant.
    DRO_2 = "DRO-2", "seul un médecin est médecin traitant; ils peuvent être plusieurs; cesser de l'être garde l'autorisation simple",
        "SEL-MP-037 TD0.3, EF_DMP01_07";
    /// Initial consent.
    DRO_3 = "DRO-3", "l'autorisation d'un membre de l'équipe repose sur le consentement initial du patient et finit avec lui",
        "Conseil d'État 15/10/2025; CSP R.1111-46";
    /// Outside the team.
    DRO_4 = "DRO-4", "hors de l'équipe de soins, le consentement est demandé à chaque consultation et ne vaut que pour elle",
        "arrêté du 26/10/2023; CSP R.1111-46";
    /// Blocking.
    DRO_5 = "DRO-5", "le patient bloque et débloque; le médecin traitant aussi", "SEL-MP-037 TD1.6; spec 4.2";
    /// Lifetime.
    DRO_6 = "DRO-6", "une autorisation a une fin, au plus tard au bout de sa durée de vie", "esante.gouv.fr 14/06/2010; paramètre authorisation_days";
    /// Team membership.
    DRO_7 = "DRO-7", "le consentement initial est enregistré par le patient ou par un membre de l'équipe qu'il nomme",
        "Conseil d'État 15/10/2025";
    /// Labels.
    DRO_8 = "DRO-8", "un libellé est court et sans caractère de contrôle", "security.md ligne 39";
}

/// Largest team an initial consent may name.
const TEAM_MAX: usize = 200;

/// Authorises, by the patient for anybody or by an actor for himself.
///
/// # Errors
/// For somebody else by other than the patient: [`Reason::AccessDenied`] (DRO-1). Médecin traitant and not a doctor:
/// [`Reason::AccessDenied`] (DRO-2). An end in the past: [`Reason::InvalidRequest`] (DRO-6).
pub fn authorise(
    dossier: &Dossier,
    actor: &Actor,
    command: &Authorise,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    let seat = functional::seat(dossier, actor, moment)?;
    let by_patient = matches!(seat, Seat::Patient | Seat::Representative);
    let act = match (by_patient, command.medecin_traitant) {
        (true, true) => Act::NameMedecinTraitant,
        (true, false) => Act::Authorise,
        (false, _) => Act::DeclareSelf,
    };
    let entrance = match access::enter(dossier, actor, act, moment, &mut Trail::new()) {
        // Older versions let a structure's certificate declare its structure (homologation test 0.2-100).
        Err(refusal) if refusal.reason == Reason::AccessDenied && moment.parameters.structure_declares => {
            declared_by_certificate(dossier, actor, moment).ok_or(refusal)?
        }
        other => other?,
    };
    if !by_patient && !declares_self(actor, entrance.cell, &command.who) {
        return Err(Refusal::new(Reason::AccessDenied, &DRO_1));
    }
    let is_doctor = match actor.professional() {
        Some(p) if !by_patient => p.is_doctor(),
        _ => command.profession.as_deref().is_none_or(|p| p == "10"),
    };
    if command.medecin_traitant && !(is_doctor && matches!(command.who, Grantee::Professional(_))) {
        return Err(Refusal::new(Reason::AccessDenied, &DRO_2));
    }
    if command.until.is_some_and(|until| until <= moment.at) {
        return Err(Refusal::about(Reason::InvalidRequest, &DRO_6, "fin de l'autorisation dans le passé"));
    }
    check_label(command.label.as_ref())?;
    let payload = command.label.clone().map_or(Payload::None, Payload::Label);
    Ok(facts(dossier, actor, command, seat, moment)
        .into_iter()
        .map(|fact| Change { fact: Fact::Rights(fact), at: moment.at, payload: payload.clone() })
        .collect())
}

fn declared_by_certificate(
    dossier: &Dossier,
    actor: &Actor,
    moment: &Moment<'_>,
) -> Option<access::Entrance> {
    let seat = functional::seat(dossier, actor, moment).ok()?;
    let blocked = dossier.state.rights.authorisation(actor, moment.at) == Authorisation::Interdit;
    let active = matches!(dossier.state.life, crate::change::Life::Active { .. });
    (matches!(actor, Actor::Structure(s) if !s.regulation) && active && !blocked)
        .then_some(access::Entrance { seat, cell: Cell::ForStructure })
}

fn declares_self(actor: &Actor, cell: Cell, who: &Grantee) -> bool {
    match (cell, who) {
        (Cell::ForStructure, who) => actor.structure().is_some_and(|id| structure(id) == *who),
        (_, Grantee::Professional(id)) => actor.professional().is_some_and(|p| p.id == *id),
        (_, Grantee::Structure(_)) => false,
    }
}

fn facts(
    dossier: &Dossier,
    actor: &Actor,
    command: &Authorise,
    seat: Seat,
    moment: &Moment<'_>,
) -> Vec<RightsFact> {
    let by_patient = matches!(seat, Seat::Patient | Seat::Representative);
    let rights = &dossier.state.rights;
    let grant = rights.grant(&command.who);
    let is_medecin_traitant = grant.is_some_and(|g| g.medecin_traitant.is_some());
    if command.medecin_traitant {
        return match is_medecin_traitant {
            true => Vec::new(),
            false => vec![RightsFact::MedecinTraitantDeclared { who: command.who.clone() }],
        };
    }
    let lifetime = moment.at.plus_days(moment.parameters.authorisation_days);
    if is_medecin_traitant && functional::cell(seat, Act::StopMedecinTraitant) == Cell::No && !by_patient {
        // AIR has no row to stop being médecin traitant: he stays one, and is authorised already.
        return Vec::new();
    }
    if is_medecin_traitant {
        // Permit without médecin traitant: the role ends, the plain authorisation stays (DRO-2).
        let until = command.until.map_or(lifetime, |wished| wished.min(lifetime));
        return vec![RightsFact::MedecinTraitantEnded { who: command.who.clone(), until }];
    }
    let (longest, basis) = if by_patient {
        (lifetime, Basis::Patient)
    } else {
        let person = match &command.who {
            Grantee::Professional(id) => Some(id),
            Grantee::Structure(_) => None,
        };
        match rights.team_consent(person, actor.structure()) {
            Some(consent) => (lifetime, Basis::InitialConsent(consent.id)),
            None => (moment.at.plus_minutes(moment.parameters.session_minutes), Basis::Explicit),
        }
    };
    let until = command.until.map_or(longest, |wished| wished.min(longest));
    let standing = grant.filter(|g| g.at(moment.at) == Authorisation::Valide).and_then(|g| g.authorised);
    let done = match standing {
        // The patient's word is exact: it shortens, lengthens, renews. Less than a day is a repeated request.
        Some((_, Some(end), Basis::Patient)) if by_patient => match command.until {
            Some(_) => end == until,
            None => end.plus_days(1) > until,
        },
        // A declaration never takes back what was given for longer.
        Some((_, end, _)) if !by_patient => end.is_none_or(|end| end >= until),
        _ => false,
    };
    match done {
        true => Vec::new(),
        false => vec![RightsFact::Authorised { who: command.who.clone(), until: Some(until), basis }],
    }
}

fn check_label(label: Option<&GranteeLabel>) -> Result<(), Refusal> {
    let Some(label) = label else { return Ok(()) };
    let texts = [Some(&label.name), label.profession.as_ref(), label.speciality.as_ref()];
    let clean = texts.into_iter().flatten().all(|t| t.len() <= 200 && !t.chars().any(char::is_control));
    if clean {
        Ok(())
    } else {
        Err(Refusal::about(Reason::InvalidRequest, &DRO_8, "nom de la personne autorisée"))
    }
}

/// Ends an authorisation: the patient of anybody, a professional of himself.
///
/// # Errors
/// Of somebody else by other than the patient: [`Reason::AccessDenied`] (DRO-1).
pub fn end_authorisation(
    dossier: &Dossier,
    actor: &Actor,
    who: &Grantee,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    let seat = functional::seat(dossier, actor, moment)?;
    if matches!(seat, Seat::Patient | Seat::Representative) {
        access::enter(dossier, actor, Act::Authorise, moment, &mut Trail::new())?;
    } else {
        access::enter(dossier, actor, Act::WithdrawSelf, moment, &mut Trail::new())?;
        if !declares_self(actor, Cell::Yes, who) {
            return Err(Refusal::new(Reason::AccessDenied, &DRO_1));
        }
    }
    let authorised = dossier.state.rights.grant(who).is_some_and(|g| g.authorised.is_some());
    Ok(one(authorised, RightsFact::AuthorisationEnded { who: who.clone() }, moment.at))
}

/// Blocks or unblocks: the patient, who acts for them, a médecin traitant.
///
/// # Errors
/// Anybody else: [`Reason::AccessDenied`].
pub fn block(
    dossier: &Dossier,
    actor: &Actor,
    who: &Grantee,
    label: Option<&GranteeLabel>,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    access::enter(dossier, actor, Act::Block, moment, &mut Trail::new())?;
    check_label(label)?;
    let blocked = dossier.state.rights.grant(who).is_some_and(|g| g.blocked.is_some());
    let mut changes = one(!blocked, RightsFact::Blocked { who: who.clone() }, moment.at);
    if let (Some(change), Some(label)) = (changes.first_mut(), label) {
        change.payload = Payload::Label(label.clone());
    }
    Ok(changes)
}

/// Lifts a block; gives no authorisation back.
///
/// # Errors
/// As [`block`].
pub fn unblock(
    dossier: &Dossier,
    actor: &Actor,
    who: &Grantee,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    access::enter(dossier, actor, Act::Block, moment, &mut Trail::new())?;
    let blocked = dossier.state.rights.grant(who).is_some_and(|g| g.blocked.is_some());
    Ok(one(blocked, RightsFact::Unblocked { who: who.clone() }, moment.at))
}

/// Ends a médecin traitant: the patient anybody, a professional himself. The plain authorisation stays.
///
/// # Errors
/// For somebody else by other than the patient: [`Reason::AccessDenied`] (DRO-1).
pub fn end_medecin_traitant(
    dossier: &Dossier,
    actor: &Actor,
    who: &PsId,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    let seat = functional::seat(dossier, actor, moment)?;
    if matches!(seat, Seat::Patient | Seat::Representative) {
        access::enter(dossier, actor, Act::NameMedecinTraitant, moment, &mut Trail::new())?;
    } else {
        access::enter(dossier, actor, Act::StopMedecinTraitant, moment, &mut Trail::new())?;
        if actor.professional().is_none_or(|p| p.id != *who) {
            return Err(Refusal::new(Reason::AccessDenied, &DRO_1));
        }
    }
    let who = Grantee::Professional(who.clone());
    let is_one = dossier.state.rights.grant(&who).is_some_and(|g| g.medecin_traitant.is_some());
    let until = moment.at.plus_days(moment.parameters.authorisation_days);
    Ok(one(is_one, RightsFact::MedecinTraitantEnded { who, until }, moment.at))
}

/// Records the initial consent to a care team. `id` is fresh.
///
/// # Errors
/// An empty or oversized team, or a proof without who and how: [`Reason::ConsentMissing`], [`Reason::InvalidRequest`].
/// By a professional who is not of that team: [`Reason::AccessDenied`] (DRO-7).
pub fn record_initial_consent(
    dossier: &Dossier,
    actor: &Actor,
    team: &[Grantee],
    proof: &ConsentProof,
    id: Uuid,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    let entrance = access::enter(dossier, actor, Act::InitialConsent, moment, &mut Trail::new())?;
    if team.is_empty() || team.len() > TEAM_MAX {
        return Err(Refusal::about(Reason::InvalidRequest, &DRO_7, "équipe de soins vide ou trop nombreuse"));
    }
    check_proof(proof)?;
    if proof.at > moment.at {
        return Err(Refusal::about(Reason::InvalidRequest, &DRO_7, "date du consentement dans le futur"));
    }
    if matches!(entrance.seat, Seat::Column(_)) && !team.iter().any(|member| is_member(actor, member)) {
        return Err(Refusal::new(Reason::AccessDenied, &DRO_7));
    }
    let same =
        |c: &crate::rights::InitialConsent| c.withdrawn.is_none() && c.team == team && c.since == proof.at;
    if dossier.state.rights.initial_consents.iter().any(same) {
        return Ok(Vec::new());
    }
    let fact = RightsFact::InitialConsentRecorded { id, team: team.to_vec(), since: proof.at };
    Ok(vec![Change {
        fact: Fact::Rights(fact),
        at: moment.at,
        payload: Payload::TeamProof(id, proof.clone()),
    }])
}

fn is_member(actor: &Actor, member: &Grantee) -> bool {
    match member {
        Grantee::Professional(id) => actor.professional().is_some_and(|p| p.id == *id),
        Grantee::Structure(id) => actor.structure() == Some(id),
    }
}

/// Withdraws an initial consent: the authorisations that rest on it end.
///
/// # Errors
/// By other than the patient or who acts for them: [`Reason::AccessDenied`] (DRO-3). Unknown: [`Reason::InvalidRequest`].
pub fn withdraw_initial_consent(
    dossier: &Dossier,
    actor: &Actor,
    id: Uuid,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    let entrance = access::enter(dossier, actor, Act::InitialConsent, moment, &mut Trail::new())?;
    if !matches!(entrance.seat, Seat::Patient | Seat::Representative) {
        return Err(Refusal::new(Reason::AccessDenied, &DRO_3));
    }
    let Some(consent) = dossier.state.rights.initial_consents.iter().find(|c| c.id == id) else {
        return Err(Refusal::about(Reason::InvalidRequest, &DRO_3, "consentement inconnu"));
    };
    Ok(one(consent.withdrawn.is_none(), RightsFact::InitialConsentWithdrawn { id }, moment.at))
}

/// Sets the three emergency switches.
///
/// # Errors
/// Those of [`access::enter`].
pub fn set_emergency(
    dossier: &Dossier,
    actor: &Actor,
    emergency: Emergency,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    access::enter(dossier, actor, Act::SetEmergency, moment, &mut Trail::new())?;
    let changed = dossier.state.rights.emergency != emergency;
    Ok(one(changed, RightsFact::EmergencySet(emergency), moment.at))
}

/// Sets the visibility future deposits get. Hiding from the patient is not the patient's to ask.
///
/// # Errors
/// Hidden from the patient: [`Reason::InvalidRequest`]. What is hidden from representatives, changed by one of
/// them: [`Reason::AccessDenied`].
pub fn set_default_confidentiality(
    dossier: &Dossier,
    actor: &Actor,
    visibility: Visibility,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    let entrance = access::enter(dossier, actor, Act::SetDefaultConfidentiality, moment, &mut Trail::new())?;
    if visibility.hidden_from_patient {
        return Err(Refusal::about(Reason::InvalidRequest, &access::VIS_4, "confidentialité par défaut"));
    }
    let known = dossier.state.rights.default_confidentiality;
    let about_themselves = known.hidden_from_representatives != visibility.hidden_from_representatives;
    if entrance.seat == Seat::Representative && about_themselves {
        return Err(Refusal::about(Reason::AccessDenied, &access::VIS_5, "confidentialité par défaut"));
    }
    let changed = known != visibility;
    Ok(one(changed, RightsFact::DefaultConfidentialitySet(visibility), moment.at))
}

fn one(changed: bool, fact: RightsFact, at: Time) -> Vec<Change> {
    if changed { vec![Change::bare(Fact::Rights(fact), at)] } else { Vec::new() }
}
