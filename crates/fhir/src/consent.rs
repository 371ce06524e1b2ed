//! Consent: who may reach the record, and the care teams the patient agreed to.
//!
//! `GET`, conditional `PUT` and `DELETE` on `Consent?patient.identifier=…&actor.identifier=…` for one actor; `POST`
//! and `DELETE Consent/{id}` for the initial consent to a care team. The face only translates: who may do what, for
//! whom, and until when, is the record's (DRO-1 to DRO-8).

mod resource;

use crate::Fhir;
use crate::json::{self, Json};
use crate::outcome::{Outcome, echo};
use crate::parts::{answer, answer_at};
use crate::request::{Caller, FhirBody};
use crate::search::{self, Params, is_paging, names_patient, tokens};
use crate::searchset::{SearchParams, searchset, unexpected};
use crate::shape;
use crate::write::JsonWriter;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use dmp_dossier::{
    Actor, Authorise, Command, ConsentProof, Grant, Grantee, GranteeLabel, InitialConsent, Ins, PersonName,
    Query, Receipt, RightsView, View,
};
use dmp_store::Target;
use http::{HeaderMap, StatusCode};
use resource::{
    ActorConsent, Wish, actor_consent, grantee, patient_of, team_consent, write_grant, write_team,
};
use std::sync::Arc;
use uuid::Uuid;

const ACTOR: [&str; 2] = ["actor.identifier", "actor"];

pub(crate) fn routes() -> Router<Arc<Fhir>> {
    Router::new()
        .route("/Consent", get(find).post(record_team).put(put).delete(end))
        .route("/Consent/_search", post(find))
        .route("/Consent/{id}", delete(withdraw_team))
}

/// A consent of the list: about one actor, or to a team.
enum Hit {
    Actor(Grant, Option<GranteeLabel>),
    Team(InitialConsent, Option<ConsentProof>),
}

async fn find(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    SearchParams(mut params): SearchParams,
) -> Result<Response, Outcome> {
    params.keep(|p| is_criterion(&p.name) || is_paging(p))?;
    let paging = fhir.pager.read(&params)?;
    let ins = search::patient(&params, &caller.actor, &fhir.store.parameters().realm)?;
    // An identifier that nobody can have matches nothing; it is no error of a search.
    let wanted = actors(&params).map(|list| list.into_iter().filter_map(Result::ok).collect::<Vec<_>>());
    let rights = rights(&fhir, &caller, &ins).await?;
    let takes = |who: &Grantee| wanted.as_ref().is_none_or(|wanted| wanted.contains(who));
    let proof_of = |id: Uuid| rights.team_proofs.iter().find(|(of, _)| *of == id).map(|(_, p)| p.clone());
    let grants = rights.grants.iter().filter(|(g, _)| takes(&g.who)).cloned();
    let teams = rights.initial_consents.iter().filter(|c| c.team.iter().any(takes));
    let hits: Vec<Hit> = grants
        .map(|(grant, label)| Hit::Actor(grant, label))
        .chain(teams.map(|c| Hit::Team(c.clone(), proof_of(c.id))))
        .collect();
    let now = fhir.store.now();
    let page = fhir.pager.page(&format!("{}/Consent", fhir.base), &params, &paging, &hits);
    Ok(searchset(&page, |w, hit| match hit {
        Hit::Actor(grant, label) => write_grant(w, &ins, grant, label.as_ref(), now),
        Hit::Team(consent, proof) => write_team(w, &ins, consent, proof.as_ref()),
    }))
}

fn is_criterion(name: &str) -> bool {
    names_patient(name) || ACTOR.contains(&name)
}

/// The actors that the parameters name; `None` when they name none.
fn actors(params: &Params) -> Option<Vec<Result<Grantee, Outcome>>> {
    let named: Vec<_> = params.list.iter().filter(|p| ACTOR.contains(&p.name.as_str())).collect();
    let read = || named.iter().flat_map(|p| tokens(&p.value));
    (!named.is_empty())
        .then(|| read().map(|t| grantee(t.system.as_deref().unwrap_or_default(), &t.code)).collect())
}

async fn rights(fhir: &Fhir, caller: &Caller, ins: &Ins) -> Result<RightsView, Outcome> {
    let target = Target::Patient(ins.clone());
    match fhir.store.consult(&caller.actor, target, Query::Rights, caller.request).await?.view {
        View::Rights(view) => Ok(*view),
        _ => Err(unexpected()),
    }
}

/// The patient and the actor of a conditional request.
///
/// # Errors
/// 412 when the address does not say which consent: one patient, one actor.
fn criteria(fhir: &Fhir, caller: &Caller, query: Option<String>) -> Result<(Ins, Grantee), Outcome> {
    let params = Params::read(query.as_deref().unwrap_or_default(), &HeaderMap::new())?;
    if let Some(unknown) = params.list.iter().find(|p| !is_criterion(&p.name)) {
        // Ignoring a criterion would change which consent is meant.
        return Err(Outcome::invalid(format!("unknown criterion `{}`", echo(&unknown.sent))));
    }
    let Some(mut named) = actors(&params) else {
        return Err(Outcome::new(
            StatusCode::PRECONDITION_FAILED,
            "too-costly",
            "a conditional request names one actor: patient.identifier=…&actor.identifier=system|ID",
        ));
    };
    let ins = search::patient(&params, &caller.actor, &fhir.store.parameters().realm)?;
    match (named.pop(), named.is_empty()) {
        (Some(who), true) => Ok((ins, who?)),
        _ => Err(Outcome::new(
            StatusCode::PRECONDITION_FAILED,
            "multiple-matches",
            "a conditional request names one actor",
        )),
    }
}

/// An employee who names himself speaks for his structure (TD0.3, PDT-INF-526 note 1).
fn for_structure(actor: &Actor, who: Grantee) -> Grantee {
    match actor {
        Actor::Employee(e) if who == Grantee::Professional(e.id.clone()) => {
            Grantee::Structure(e.structure.clone())
        }
        _ => who,
    }
}

/// `PUT`: permit authorises (and unblocks), deny blocks.
async fn put(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    RawQuery(query): RawQuery,
    FhirBody(body): FhirBody,
) -> Result<Response, Outcome> {
    let json = read(&fhir, &body)?;
    let (ins, who) = criteria(&fhir, &caller, query)?;
    check_patient(&fhir, &json, &ins)?;
    let consent = actor_consent(&json, &who, fhir.store.now())?;
    if consent.who != who {
        return Err(Outcome::invalid("the resource and the address name two actors")
            .at("Consent.provision.actor.reference.identifier"));
    }
    let who = for_structure(&caller.actor, who);
    let label = label(&caller.actor, &who, &consent);
    let command = match consent.wish {
        Wish::Deny => Command::Block { who, label: label.clone() },
        Wish::Permit { until, medecin_traitant } => Command::Authorise(Box::new(Authorise {
            who,
            label: label.clone(),
            until,
            medecin_traitant,
            profession: consent.profession,
        })),
    };
    let target = Target::Patient(ins.clone());
    match fhir.store.execute(&caller.actor, target, command, Vec::new(), caller.request).await? {
        Receipt::Grant(grant) => {
            let mut w = JsonWriter::with_capacity(1024);
            write_grant(&mut w, &ins, &grant, label.as_ref(), fhir.store.now());
            Ok(answer(StatusCode::OK, w.finish()))
        }
        _ => Err(unexpected()),
    }
}

/// What people will read of the actor: what the sender says, or what is known of the sender.
fn label(actor: &Actor, who: &Grantee, consent: &ActorConsent) -> Option<GranteeLabel> {
    let full = |name: &PersonName| format!("{} {}", name.given, name.family).trim().to_owned();
    let label = |name: String, profession: Option<&String>, speciality: Option<&String>| GranteeLabel {
        who: who.clone(),
        name,
        profession: profession.cloned(),
        speciality: speciality.cloned(),
    };
    match (actor, who) {
        (Actor::Professional(p), Grantee::Professional(id)) if *id == p.id => {
            Some(label(full(&p.name), Some(&p.profession), p.speciality.as_ref()))
        }
        (Actor::Employee(e), Grantee::Structure(id)) if *id == e.structure => {
            Some(label(e.structure_name.clone()?, None, None))
        }
        _ => consent.display.clone().map(|name| label(name, consent.profession.as_ref(), None)),
    }
}

/// `DELETE`: ends an authorisation, or lifts a block. Nothing is erased.
async fn end(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Outcome> {
    let (ins, who) = criteria(&fhir, &caller, query)?;
    let who = for_structure(&caller.actor, who);
    let command = match &caller.actor {
        Actor::Patient { .. } | Actor::Representative { .. } => {
            let rights = rights(&fhir, &caller, &ins).await?;
            match rights.grants.iter().any(|(g, _)| g.who == who && g.blocked.is_some()) {
                true => Command::Unblock { who },
                false => Command::EndAuthorisation { who },
            }
        }
        // Of somebody else, a médecin traitant has nothing to end but a block.
        Actor::Professional(p) if who != Grantee::Professional(p.id.clone()) => Command::Unblock { who },
        _ => Command::EndAuthorisation { who },
    };
    fhir.store.execute(&caller.actor, Target::Patient(ins), command, Vec::new(), caller.request).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST`: the initial consent to a care team.
async fn record_team(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    FhirBody(body): FhirBody,
) -> Result<Response, Outcome> {
    let json = read(&fhir, &body)?;
    let Some((value, system)) = patient_of(&json) else {
        return Err(Outcome::new(StatusCode::BAD_REQUEST, "required", "the patient is expected, by INS")
            .at("Consent.patient.identifier"));
    };
    let ins = search::ins(Some(system), value, &fhir.store.parameters().realm)?;
    let consent = team_consent(&json, fhir.store.now())?;
    let command = Command::RecordInitialConsent { team: consent.team.clone(), proof: consent.proof.clone() };
    let target = Target::Patient(ins.clone());
    match fhir.store.execute(&caller.actor, target, command, Vec::new(), caller.request).await? {
        Receipt::InitialConsent(id) => {
            let location = format!("{}/Consent/{id}", fhir.base);
            let recorded =
                InitialConsent { id, team: consent.team, since: consent.proof.at, withdrawn: None };
            let mut w = JsonWriter::with_capacity(1024);
            write_team(&mut w, &ins, &recorded, Some(&consent.proof));
            Ok(answer_at(StatusCode::CREATED, w.finish(), &location))
        }
        _ => Err(unexpected()),
    }
}

/// `DELETE Consent/{id}`: withdraws the consent to a care team; the authorisations that rest on it end. The id finds
/// no record: unless the caller is the patient or acts for them, the address names the patient.
async fn withdraw_team(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Outcome> {
    let id = Uuid::try_parse(&id).map_err(|_| Outcome::not_found())?;
    let params = Params::read(query.as_deref().unwrap_or_default(), &HeaderMap::new())?;
    let ins = search::patient(&params, &caller.actor, &fhir.store.parameters().realm)?;
    fhir.store
        .execute(
            &caller.actor,
            Target::Patient(ins),
            Command::WithdrawInitialConsent { id },
            Vec::new(),
            caller.request,
        )
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn read<'a>(fhir: &Fhir, body: &'a [u8]) -> Result<Json<'a>, Outcome> {
    let json = json::read(body, fhir.string_bytes_max())?;
    shape::check(&json, Some("Consent"))?;
    Ok(json)
}

/// The patient of the resource, when it names one, is that of the address.
fn check_patient(fhir: &Fhir, json: &Json<'_>, ins: &Ins) -> Result<(), Outcome> {
    let Some((value, system)) = patient_of(json) else { return Ok(()) };
    match search::ins(Some(system), value, &fhir.store.parameters().realm)? == *ins {
        true => Ok(()),
        false => {
            Err(Outcome::invalid("the resource and the address name two patients").at("Consent.patient"))
        }
    }
}
