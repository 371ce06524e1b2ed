//! Patient (TD0.2): whether the patient has a DMP, whether it is open, what the caller may do with it.
//!
//! There is no read by id: an id would name the record or the patient in every address that is logged, so
//! `Patient.id` is absent and every `Patient/{id}` is not found, in the same bytes. The patient is named by INS.
//! Software must not show these traits to anybody (RG_0320).
//!
//! Sources: PDSM4DMP `transaction_td02`; fr-core for the names.

mod reading;

pub(crate) use reading::new_patient;

use crate::Fhir;
use crate::definitions::{AUTORISATION, DATE_NAISSANCE, FERMETURE, MEDECIN_TRAITANT};
use crate::outcome::Outcome;
use crate::request::Caller;
use crate::search::{self, Params, is_paging, tokens};
use crate::searchset::{SearchParams, searchset, unexpected};
use crate::write::JsonWriter;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use dmp_dossier::{
    Actor, ClosureReason, Dtm, Identity, Ins, Query, RealmPolicy, Reason, Sex, StatusView, Time, Traits, View,
};
use dmp_nomenclature as nomenclature;
use dmp_store::{StoreError, Target};
use http::StatusCode;
use jiff::tz::TimeZone;
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Fhir>> {
    Router::new().route("/Patient", get(find)).route("/Patient/_search", post(find))
}

/// `GET Patient?identifier=system|INS`: no entry, or one.
async fn find(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    SearchParams(mut params): SearchParams,
) -> Result<Response, Outcome> {
    params.keep(|p| p.name == "identifier" || is_paging(p))?;
    let paging = fhir.pager.read(&params)?;
    let ins = asked(&params, &caller.actor, &fhir.store.parameters().realm)?;
    let found = match ins {
        Some(ins) => status(&fhir, &caller, ins).await?,
        None => None,
    };
    let all: Vec<StatusView> = found.into_iter().collect();
    let page = fhir.pager.page(&format!("{}/Patient", fhir.base), &params, &paging, &all);
    Ok(searchset(&page, |w, view| write(w, view, &caller.actor)))
}

/// The INS asked for; `None` for what is no INS here, which no patient has.
fn asked(params: &Params, actor: &Actor, realm: &RealmPolicy) -> Result<Option<Ins>, Outcome> {
    let mut asked: Vec<_> =
        params.list.iter().filter(|p| p.name == "identifier").flat_map(|p| tokens(&p.value)).collect();
    asked.dedup();
    let business_rule = |what| Outcome::new(StatusCode::FORBIDDEN, "business-rule", what);
    match (asked.as_slice(), actor) {
        ([one], _) => Ok(search::ins(one.system.as_deref(), &one.code, realm).ok()),
        ([], Actor::Patient { ins } | Actor::Representative { of: ins, .. }) => Ok(Some(ins.clone())),
        ([], _) => Err(business_rule("the patient is required: identifier=system|INS")),
        _ => Err(business_rule("a search is about one patient")),
    }
}

/// What TD0.2 tells; `None` when there is no record, as far as the caller is concerned.
pub(crate) async fn status(fhir: &Fhir, caller: &Caller, ins: Ins) -> Result<Option<StatusView>, Outcome> {
    match fhir.store.consult(&caller.actor, Target::Patient(ins), Query::Status, caller.request).await {
        Ok(answer) => match answer.view {
            View::Status(view) => Ok(Some(*view)),
            _ => Err(unexpected()),
        },
        Err(StoreError::Refused { refusal, .. }) if refusal.reason == Reason::UnknownPatient => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Writes the resource: the identity, whether the record is open, what the caller may do.
pub(crate) fn write(w: &mut JsonWriter, view: &StatusView, actor: &Actor) {
    let Identity { ins, ins_history, traits, .. } = &view.identity;
    w.begin_object().field("resourceType", "Patient");
    w.key("extension").begin_array();
    if let Some((at, reason, text)) = &view.closed {
        write_closure(w, *at, *reason, text.as_deref());
    }
    w.begin_object().field("url", MEDECIN_TRAITANT);
    w.key("valueBoolean").boolean(view.medecin_traitant).end_object();
    // Only professionals and structures are authorised; a patient or an insurer has no such state.
    if matches!(actor, Actor::Professional(_) | Actor::Employee(_) | Actor::Structure(_)) {
        w.begin_object().field("url", AUTORISATION);
        w.field("valueCode", view.authorisation.as_str()).end_object();
    }
    w.end_array();
    w.key("identifier").begin_array();
    write_ins(w, ins, "official");
    for (former, _) in ins_history {
        write_ins(w, former, "old");
    }
    w.end_array();
    w.key("active").boolean(view.active);
    write_names(w, traits);
    w.field("gender", gender(traits.sex));
    write_birth_date(w, &traits.birth_date);
    w.end_object();
}

fn write_closure(w: &mut JsonWriter, at: Time, reason: ClosureReason, text: Option<&str>) {
    w.begin_object().key("extension").begin_array();
    w.begin_object().field("url", "dateFermeture").field("valueDate", &paris_date(at)).end_object();
    if let Some(reason) = nomenclature::ClosureReason::find(reason.as_str()) {
        w.begin_object().field("url", "motifFermeture").key("valueCodeableConcept").begin_object();
        w.key("coding").begin_array().begin_object();
        w.field("system", reason.system.fhir).field("code", reason.fhir_code).field("display", reason.label);
        w.end_object().end_array().end_object().end_object();
    }
    if let Some(text) = text.filter(|t| !t.is_empty()) {
        w.begin_object().field("url", "raisonFermeture").field("valueString", text).end_object();
    }
    w.end_array().field("url", FERMETURE).end_object();
}

/// The civil date in France: a record closed just after midnight was not closed the day before.
fn paris_date(at: Time) -> String {
    let instant = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    let paris = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
    instant.to_zoned(paris).date().to_string()
}

fn write_ins(w: &mut JsonWriter, ins: &Ins, usage: &str) {
    w.begin_object().field("use", usage);
    w.key("system").pieces(&["urn:oid:", ins.oid().as_str()]);
    w.field("value", ins.value()).end_object();
}

/// A patient named by INS, as `Reference` and as `what` of the journal.
pub(crate) fn write_reference(w: &mut JsonWriter, ins: &Ins) {
    w.begin_object().field("type", "Patient").key("identifier");
    write_ins(w, ins, "official");
    w.end_object();
}

fn write_names(w: &mut JsonWriter, traits: &Traits) {
    w.key("name").begin_array();
    if traits.used_name.is_some() || traits.used_given.is_some() {
        let family = traits.used_name.as_deref().unwrap_or(&traits.birth_name);
        let given = traits.used_given.as_deref().unwrap_or(traits.first_given());
        w.begin_object().field("use", "usual").field("family", family);
        w.key("given").begin_array().string(given).end_array().end_object();
    }
    w.begin_object().field("use", "official").field("family", &traits.birth_name);
    w.key("given").begin_array();
    for given in traits.given_names.split_whitespace() {
        w.string(given);
    }
    w.end_array().end_object().end_array();
}

fn gender(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "female",
        Sex::Male => "male",
        Sex::Undetermined => "unknown",
    }
}

/// As much as is a date of the calendar, and the text of the INS when something is left out (lunar dates).
fn write_birth_date(w: &mut JsonWriter, text: &str) {
    let date = [8, 6, 4].into_iter().find_map(|length| text.get(..length).and_then(Dtm::parse));
    if let Some(date) = date.filter(|d| d.start().civil().year() > 0) {
        w.field("birthDate", &date.to_fhir());
        if date.to_hl7() == text {
            return;
        }
    }
    w.key("_birthDate").begin_object().key("extension").begin_array().begin_object();
    w.field("url", DATE_NAISSANCE).field("valueString", text);
    w.end_object().end_array().end_object();
}
