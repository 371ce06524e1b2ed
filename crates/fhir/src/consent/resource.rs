//! Consent as a resource: the record's grants and care teams written, and both read.
//!
//! Two profiles, told apart by category. One consent per (patient, actor): `permit` is an authorisation, `deny` a
//! block, neither when it has ended, which keeps the resource (`inactive`). The role `PCP` is a *médecin traitant*.
//! One per initial consent to a care team, which has an id.

use crate::coding::write_coding;
use crate::date;
use crate::definitions::{
    CATEGORIES, CATEGORY_ACTEUR, CATEGORY_EQUIPE, CONSENT_ACTEUR, CONSENT_EQUIPE, INFORMATION, MOYEN,
    PROFESSION,
};
use crate::json::Json;
use crate::outcome::{Outcome, echo};
use crate::parts::{system_of, write_concept, write_named};
use crate::patient;
use crate::write::JsonWriter;
use dmp_dossier::{
    Authorisation, ConsentProof, Dtm, Grant, Grantee, GranteeLabel, InitialConsent, Ins, Precision, PsId,
    StructureId, Time,
};
use dmp_nomenclature::{Profession, oid};
use http::StatusCode;

const SCOPE: &str = "http://terminology.hl7.org/CodeSystem/consentscope";
const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const PARTICIPATION_TYPE: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
const PARTICIPATION_FUNCTION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationFunction";

/// What is common to both, up to the provision.
fn begin(w: &mut JsonWriter, ins: &Ins, id: &str, category: (&str, &str), profile: &str, active: bool) {
    w.begin_object().field("resourceType", "Consent").field_if("id", id);
    w.key("meta").begin_object().key("profile").begin_array().string(profile).end_array().end_object();
    w.field("status", if active { "active" } else { "inactive" });
    w.key("scope");
    write_concept(w, SCOPE, "patient-privacy", "");
    w.key("category").begin_array();
    write_concept(w, CATEGORIES, category.0, category.1);
    w.end_array().key("patient");
    patient::write_reference(w, ins);
}

/// `policyRule`, which R4 wants when there is no policy (ppc-1).
fn write_policy_rule(w: &mut JsonWriter, code: &str) {
    w.key("policyRule");
    write_concept(w, ACT_CODE, code, "");
}

fn write_period(w: &mut JsonWriter, start: Time, end: Option<Time>) {
    w.key("period").begin_object().field("start", &start.to_instant());
    if let Some(end) = end {
        w.field("end", &end.to_instant());
    }
    w.end_object();
}

/// Writes what the patient permits or forbids to one actor.
pub(crate) fn write_grant(
    w: &mut JsonWriter,
    ins: &Ins,
    grant: &Grant,
    label: Option<&GranteeLabel>,
    now: Time,
) {
    let state = grant.at(now);
    let holds = matches!(state, Authorisation::Valide | Authorisation::Interdit);
    begin(w, ins, "", CATEGORY_ACTEUR, CONSENT_ACTEUR, holds);
    w.field("dateTime", &grant.last_act.to_instant());
    write_policy_rule(w, if state == Authorisation::Interdit { "OPTOUT" } else { "OPTIN" });
    w.key("provision").begin_object();
    if let Some(since) = grant.blocked {
        w.field("type", "deny");
        write_period(w, since, None);
    } else if let Some((from, until, _)) = grant.authorised {
        w.field("type", "permit");
        write_period(w, from, until);
    }
    w.key("actor").begin_array();
    write_actor(w, &grant.who, label, grant.medecin_traitant.is_some());
    w.end_array().end_object().end_object();
}

fn write_actor(w: &mut JsonWriter, who: &Grantee, label: Option<&GranteeLabel>, medecin_traitant: bool) {
    w.begin_object();
    let profession = label.and_then(|l| l.profession.as_deref()).and_then(Profession::find);
    if let Some(profession) = profession {
        w.key("extension").begin_array().begin_object().field("url", PROFESSION).key("valueCoding");
        write_coding(w, profession.system.fhir, profession.code(), profession.label);
        w.end_object().end_array();
    }
    w.key("role");
    match medecin_traitant {
        true => write_concept(w, PARTICIPATION_FUNCTION, "PCP", "primary care physician"),
        false => write_concept(w, PARTICIPATION_TYPE, "IRCP", "information recipient"),
    }
    w.key("reference");
    write_named(w, system_of(who), who.id(), label.map_or("", |l| &l.name));
    w.end_object();
}

/// Writes the initial consent to a care team.
pub(crate) fn write_team(
    w: &mut JsonWriter,
    ins: &Ins,
    consent: &InitialConsent,
    proof: Option<&ConsentProof>,
) {
    let id = consent.id.to_string();
    begin(w, ins, &id, CATEGORY_EQUIPE, CONSENT_EQUIPE, consent.withdrawn.is_none());
    w.field("dateTime", &consent.since.to_instant());
    if let Some(proof) = proof {
        w.key("extension").begin_array();
        w.begin_object().field("url", MOYEN).field("valueString", &proof.means).end_object();
        if let Some(information) = &proof.information {
            w.begin_object().field("url", INFORMATION).field("valueString", information).end_object();
        }
        w.end_array().key("performer").begin_array();
        write_named(w, "", "", &proof.collected_by);
        w.end_array();
    }
    write_policy_rule(w, "OPTIN");
    w.key("provision").begin_object().field("type", "permit");
    write_period(w, consent.since, consent.withdrawn);
    w.key("actor").begin_array();
    for member in &consent.team {
        write_actor(w, member, None, false);
    }
    w.end_array().end_object().end_object();
}

/// What a Consent about one actor asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Authorise, until then, and be *médecin traitant* or not.
    Permit { until: Option<Time>, medecin_traitant: bool },
    /// Block.
    Deny,
}

/// A Consent about one actor, as sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ActorConsent {
    pub(crate) wish: Wish,
    /// The actor its provision names, which the address must name too.
    pub(crate) who: Grantee,
    /// Name shown to people.
    pub(crate) display: Option<String>,
    /// Profession code, when the sender knows it.
    pub(crate) profession: Option<String>,
}

/// A Consent to a care team, as sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TeamConsent {
    pub(crate) team: Vec<Grantee>,
    pub(crate) proof: ConsentProof,
}

/// INS of the patient that the resource names, as `(value, system)`.
pub(crate) fn patient_of<'j>(consent: &'j Json<'_>) -> Option<(&'j str, &'j str)> {
    let identifier = consent.get("patient")?.get("identifier")?;
    Some((identifier.text("value")?, identifier.text("system")?))
}

/// The person or structure of an identifier.
///
/// # Errors
/// 400 `value`: another system, or a number that is not one of that system.
pub(crate) fn grantee(system: &str, value: &str) -> Result<Grantee, Outcome> {
    let known = match system.strip_prefix("urn:oid:").unwrap_or(system) {
        PsId::OID => PsId::parse(value).map(Grantee::Professional),
        StructureId::OID => StructureId::parse(value).map(Grantee::Structure),
        _ => None,
    };
    known.ok_or_else(|| {
        Outcome::value(format!(
            "`{}|{}` is no identifier of a professional or a structure",
            echo(system),
            echo(value)
        ))
    })
}

fn check_active(consent: &Json<'_>, verb: &str) -> Result<(), Outcome> {
    match consent.text("status") {
        Some("active") => Ok(()),
        other => Err(Outcome::invalid(format!(
            "a consent is {verb} `active`, not `{}`; DELETE ends it",
            echo(other.unwrap_or_default())
        ))
        .at("Consent.status")),
    }
}

/// Reads a Consent about one actor: the one of its provision, or when it names none, `named`, the one of the address.
///
/// # Errors
/// 400 `invalid` (status, several actors), `required` (type), `value` (an identifier or a date).
pub(crate) fn actor_consent(consent: &Json<'_>, named: &Grantee, now: Time) -> Result<ActorConsent, Outcome> {
    check_active(consent, "put")?;
    let required =
        |what: &str, place: &str| Outcome::new(StatusCode::BAD_REQUEST, "required", what).at(place);
    let provision =
        consent.get("provision").ok_or_else(|| required("a provision is expected", "Consent.provision"))?;
    let actor = match provision.items("actor") {
        [] => None,
        [actor] => Some(actor),
        _ => return Err(required("one actor is expected", "Consent.provision.actor")),
    };
    let reference = actor.and_then(|a| a.get("reference"));
    let who = match reference.and_then(|r| r.get("identifier")) {
        Some(identifier) => {
            let part = |key: &str| identifier.text(key).unwrap_or_default();
            grantee(part("system"), part("value"))
                .map_err(|o| o.at("Consent.provision.actor.reference.identifier"))?
        }
        None => named.clone(),
    };
    let wish = match provision.text("type") {
        Some("deny") => Wish::Deny,
        Some("permit") => Wish::Permit {
            until: until(provision, now)?,
            medecin_traitant: actor.is_some_and(is_medecin_traitant),
        },
        _ => return Err(required("permit or deny is expected", "Consent.provision.type")),
    };
    Ok(ActorConsent {
        wish,
        who,
        display: reference.and_then(|r| r.text("display")).map(str::to_owned),
        profession: actor.and_then(profession),
    })
}

fn is_medecin_traitant(actor: &Json<'_>) -> bool {
    let systems = [PARTICIPATION_FUNCTION, PARTICIPATION_TYPE];
    let is_pcp =
        |c: &Json<'_>| c.text("code") == Some("PCP") && c.text("system").is_none_or(|s| systems.contains(&s));
    actor.get("role").is_some_and(|role| role.items("coding").iter().any(is_pcp))
}

fn profession(actor: &Json<'_>) -> Option<String> {
    let extension = actor.items("extension").iter().find(|e| e.text("url") == Some(PROFESSION))?;
    let coding = extension.get("valueCoding")?;
    let code = coding.text("code")?;
    let known = coding
        .text("system")
        .and_then(oid::by_fhir)
        .and_then(|system| Profession::in_system(system.oid, code));
    Some(known.map_or(code, |p| p.key).to_owned())
}

/// The end of the permission: the end of that day when only a day is given. A permission holds from now on; one that
/// would begin later is not kept for later.
fn until(provision: &Json<'_>, now: Time) -> Result<Option<Time>, Outcome> {
    let Some(period) = provision.get("period") else {
        return Ok(None);
    };
    let read = |key: &str| -> Result<Option<Dtm>, Outcome> {
        let Some(text) = period.text(key) else { return Ok(None) };
        match date::date_time(text) {
            Some(dtm) => Ok(Some(dtm)),
            None => {
                Err(Outcome::value(format!("`{}` is no date", echo(text))).at("Consent.provision.period"))
            }
        }
    };
    // Ten minutes for clocks that do not agree.
    if read("start")?.is_some_and(|start| start.start() > now.plus_minutes(10)) {
        return Err(
            Outcome::invalid("a permission begins when it is given").at("Consent.provision.period.start")
        );
    }
    let last = |end: Dtm| match end.precision() {
        Precision::Second => end.start(),
        _ => end.end(),
    };
    Ok(read("end")?.map(last))
}

/// Reads a Consent to a care team.
///
/// # Errors
/// 400 `invalid`: another status or category, or `deny`; `value`: an identifier or a date.
pub(crate) fn team_consent(consent: &Json<'_>, now: Time) -> Result<TeamConsent, Outcome> {
    check_active(consent, "recorded")?;
    let is_team = |c: &Json<'_>| {
        c.text("code") == Some(CATEGORY_EQUIPE.0) && c.text("system").is_none_or(|s| s == CATEGORIES)
    };
    let mut codings = consent.items("category").iter().flat_map(|c| c.items("coding"));
    if !codings.any(is_team) {
        return Err(Outcome::invalid(
            "only the initial consent to a care team is created; PUT the consent about one actor",
        )
        .at("Consent.category"));
    }
    let provision = consent.get("provision");
    if provision.and_then(|p| p.text("type")).is_some_and(|t| t != "permit") {
        return Err(Outcome::invalid("a care team is permitted; PUT a deny about one actor")
            .at("Consent.provision.type"));
    }
    let mut team = Vec::new();
    for (actor, index) in provision.map_or(&[][..], |p| p.items("actor")).iter().zip(0..) {
        let identifier = actor.get("reference").and_then(|r| r.get("identifier"));
        let part = |key: &str| identifier.and_then(|i| i.text(key)).unwrap_or_default();
        let member = grantee(part("system"), part("value"))
            .map_err(|o| o.at(&format!("Consent.provision.actor[{index}].reference.identifier")))?;
        if !team.contains(&member) {
            team.push(member);
        }
    }
    let at = match consent.text("dateTime") {
        None => now,
        Some(text) => date::date_time(text)
            .map(Dtm::start)
            .ok_or_else(|| Outcome::value(format!("`{}` is no date", echo(text))).at("Consent.dateTime"))?,
    };
    let extension = |url: &str| {
        let found = consent.items("extension").iter().find(|e| e.text("url") == Some(url));
        found.and_then(|e| e.text("valueString")).map(str::to_owned)
    };
    let rule = || consent.get("policyRule").and_then(|r| r.text("text")).map(str::to_owned);
    let performer = consent.items("performer").first();
    Ok(TeamConsent {
        team,
        proof: ConsentProof {
            collected_by: performer.and_then(|p| p.text("display")).unwrap_or_default().to_owned(),
            means: extension(MOYEN).or_else(rule).unwrap_or_default(),
            at,
            information: extension(INFORMATION),
        },
    })
}
