//! Operations on a record as a whole: `$open`, `$close`, `$reactivate`, `$set-oppositions` (TD1.1, TD1.4, TD1.2).
//!
//! All on the type Patient: there is no `Patient/{id}`, the patient is named by INS. Parameters are those of
//! [`crate::definitions::OPERATIONS`], each given once at most; one that is not listed is an error, for an ignored
//! opposition would be worse than a refused request.

use crate::Fhir;
use crate::date;
use crate::definitions::Operation;
use crate::json::{self, Json};
use crate::outcome::{Outcome, echo};
use crate::parts::{answer, answer_at};
use crate::patient::{self, new_patient};
use crate::request::{Caller, FhirBody};
use crate::search::{self, Params};
use crate::searchset::unexpected;
use crate::shape;
use crate::write::JsonWriter;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use axum::routing::post;
use dmp_dossier::{
    Authorisation, Channel, ClosureReason, Command, ConsentProof, Emergency, Identity, Ins, Open, Reason,
    Receipt, StatusView, Time,
};
use dmp_nomenclature as nomenclature;
use dmp_store::Target;
use http::{HeaderMap, StatusCode};
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Fhir>> {
    Router::new()
        .route("/Patient/$open", post(open))
        .route("/Patient/$set-oppositions", post(set_oppositions))
        .route("/Patient/$close", post(close))
        .route("/Patient/$reactivate", post(reactivate))
}

/// The parameters of a call.
struct Inputs<'j, 'a>(Vec<(&'j str, &'j Json<'a>)>);

impl<'j, 'a> Inputs<'j, 'a> {
    /// Reads a Parameters resource.
    ///
    /// # Errors
    /// Those of its shape; 400 `invalid` for a parameter that the operation does not take, or given twice.
    fn read(json: &'j Json<'a>, operation: &str) -> Result<Self, Outcome> {
        shape::check(json, Some("Parameters"))?;
        let operation = Operation::find(operation).ok_or_else(Outcome::not_found)?;
        let mut given: Vec<(&str, &Json<'_>)> = Vec::new();
        for parameter in json.items("parameter") {
            let name = parameter.text("name").unwrap_or_default();
            let wrong = if !operation.takes(name) {
                "is not one of this operation"
            } else if given.iter().any(|(known, _)| *known == name) {
                "is given twice"
            } else {
                given.push((name, parameter));
                continue;
            };
            return Err(Outcome::invalid(format!("parameter `{}` {wrong}", echo(name))));
        }
        Ok(Inputs(given))
    }

    fn get(&self, name: &str) -> Option<&'j Json<'a>> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, parameter)| *parameter)
    }

    /// A parameter whose value is read by `read`; of another type, it is an error.
    fn value<T>(
        &self,
        name: &str,
        kind: &str,
        read: impl Fn(&'j Json<'a>) -> Option<T>,
    ) -> Result<Option<T>, Outcome> {
        let wrong = || Outcome::value(format!("parameter `{name}` is no {kind}")).at("Parameters.parameter");
        self.get(name).map(|p| read(p).ok_or_else(wrong)).transpose()
    }

    fn boolean(&self, name: &str) -> Result<Option<bool>, Outcome> {
        self.value(name, "boolean", |p| p.boolean("valueBoolean"))
    }

    fn text(&self, name: &str) -> Result<Option<&'j str>, Outcome> {
        self.value(name, "string", |p| p.text("valueString").or_else(|| p.text("valueMarkdown")))
    }

    fn code(&self, name: &str) -> Result<Option<&'j str>, Outcome> {
        self.value(name, "code", |p| {
            let coding =
                || p.get("valueCoding").or_else(|| p.get("valueCodeableConcept")?.items("coding").first());
            p.text("valueCode").or_else(|| p.text("valueString")).or_else(|| coding()?.text("code"))
        })
    }

    fn time(&self, name: &str) -> Result<Option<Time>, Outcome> {
        self.value(name, "date", |p| {
            let text = ["valueDateTime", "valueDate", "valueInstant"].into_iter().find_map(|key| p.text(key));
            Some(date::date_time(text?)?.start())
        })
    }

    /// How the consent was collected; `None` when the patient does not consent.
    fn consent(&self, now: Time) -> Result<Option<ConsentProof>, Outcome> {
        let proof = ConsentProof {
            collected_by: self.text("consent-collected-by")?.unwrap_or_default().to_owned(),
            means: self.text("consent-means")?.unwrap_or_default().to_owned(),
            at: self.time("consent-date")?.unwrap_or(now),
            information: self.text("consent-information")?.map(str::to_owned),
        };
        Ok((self.boolean("consent")? == Some(true)).then_some(proof))
    }

    /// The three switches, those not given as they were.
    fn emergency(&self, was: Emergency) -> Result<Emergency, Outcome> {
        let given = |name: &str, was: bool| Ok::<_, Outcome>(self.boolean(name)?.unwrap_or(was));
        Ok(Emergency {
            bris_de_glace_opposed: given("opposition-bris-de-glace", was.bris_de_glace_opposed)?,
            samu_opposed: given("opposition-acces-urgence", was.samu_opposed)?,
            masked_readable: given("masques-en-urgence", was.masked_readable)?,
        })
    }

    /// The INS of the record that an operation is about: in the parameters, or in the address.
    ///
    /// # Errors
    /// 400 `required` without one, 403 `business-rule` with two, 422 for a number that is no INS.
    fn patient(&self, fhir: &Fhir, query: Option<String>) -> Result<Ins, Outcome> {
        let realm = &fhir.store.parameters().realm;
        let params = Params::read(query.as_deref().unwrap_or_default(), &HeaderMap::new())?;
        let mut named: Vec<Ins> = Vec::new();
        let mut add = |system: Option<&str>, value: &str| {
            let ins = search::ins(system, value, realm)?;
            if !named.contains(&ins) {
                named.push(ins);
            }
            Ok::<_, Outcome>(())
        };
        let own = self.value("patient-identifier", "Identifier", |p| p.get("valueIdentifier"))?;
        let referenced =
            self.value("patient", "Reference by identifier", |p| p.get("valueReference")?.get("identifier"))?;
        for identifier in [own, referenced].into_iter().flatten() {
            add(identifier.text("system"), identifier.text("value").unwrap_or_default())?;
        }
        for param in params.list.iter().filter(|p| p.name == "identifier") {
            for token in search::tokens(&param.value) {
                add(token.system.as_deref(), &token.code)?;
            }
        }
        match <[Ins; 1]>::try_from(named) {
            Ok([ins]) => Ok(ins),
            Err(none) if none.is_empty() => Err(required("patient-identifier")),
            Err(_) => {
                let what = "an operation is about one patient";
                Err(Outcome::new(StatusCode::FORBIDDEN, "business-rule", what))
            }
        }
    }
}

fn required(name: &str) -> Outcome {
    let what = format!("parameter `{name}` is expected");
    Outcome::new(StatusCode::BAD_REQUEST, "required", what).at("Parameters.parameter")
}

async fn open(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    FhirBody(body): FhirBody,
) -> Result<Response, Outcome> {
    let json = json::read(&body, fhir.string_bytes_max())?;
    let inputs = Inputs::read(&json, "open")?;
    let open = opening(&inputs, &fhir)?;
    let ins = open.ins.clone();
    let opened = StatusView {
        identity: Identity {
            ins: ins.clone(),
            ins_history: Vec::new(),
            traits: open.traits.clone(),
            contact: open.contact.clone(),
            deceased: None,
        },
        active: true,
        closed: None,
        authorisation: Authorisation::NonExiste,
        medecin_traitant: false,
        emergency: open.emergency,
        web_access: false,
    };
    let command = Command::Open(Box::new(open));
    let target = Target::Patient(ins.clone());
    let receipt = fhir.store.execute(&caller.actor, target, command, Vec::new(), caller.request).await?;
    if receipt == Receipt::AlreadyDone {
        // What was sent says nothing of the record that was there: it is read, and the reading traced.
        let view = patient::status(&fhir, &caller, ins).await?.ok_or_else(unexpected)?;
        return Ok(patient_response(&fhir, StatusCode::OK, &view, &caller));
    }
    Ok(patient_response(&fhir, StatusCode::CREATED, &opened, &caller))
}

fn opening(inputs: &Inputs<'_, '_>, fhir: &Fhir) -> Result<Open, Outcome> {
    let resource =
        inputs.value("patient", "Patient", |p| p.get("resource"))?.ok_or_else(|| required("patient"))?;
    if resource.text("resourceType") != Some("Patient") {
        return Err(Outcome::invalid("parameter `patient` is no Patient").at("Parameters.parameter"));
    }
    let new = new_patient(resource)?;
    let code = inputs.code("channel")?.ok_or_else(|| required("channel"))?;
    let channel = Channel::parse(code).ok_or_else(|| {
        Outcome::value(format!("`{}` is no channel", echo(code))).at("Parameters.parameter")
    })?;
    let (value, system) = &new.ins;
    Ok(Open {
        ins: search::ins(Some(system), value, &fhir.store.parameters().realm)?,
        traits: new.traits,
        contact: new.contact,
        representatives: new.representatives,
        consent: inputs.consent(fhir.store.now())?,
        channel,
        emergency: inputs.emergency(Emergency::default())?,
    })
}

fn patient_response(fhir: &Fhir, status: StatusCode, view: &StatusView, caller: &Caller) -> Response {
    let mut w = JsonWriter::with_capacity(1024);
    patient::write(&mut w, view, &caller.actor);
    let ins = &view.identity.ins;
    let location =
        format!("{}/Patient?identifier=urn:oid:{}%7C{}", fhir.base, ins.oid().as_str(), ins.value());
    answer_at(status, w.finish(), &location)
}

async fn set_oppositions(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    RawQuery(query): RawQuery,
    FhirBody(body): FhirBody,
) -> Result<Response, Outcome> {
    let json = json::read(&body, fhir.string_bytes_max())?;
    let inputs = Inputs::read(&json, "set-oppositions")?;
    let ins = inputs.patient(&fhir, query)?;
    let switches = ["opposition-bris-de-glace", "opposition-acces-urgence", "masques-en-urgence"];
    let was = match switches.iter().filter(|name| inputs.get(name).is_some()).count() {
        0 => return Err(required("opposition-bris-de-glace")),
        3 => Emergency::default(),
        _ => {
            let status = patient::status(&fhir, &caller, ins.clone()).await?;
            status.ok_or_else(|| Outcome::from(Reason::UnknownPatient))?.emergency
        }
    };
    let emergency = inputs.emergency(was)?;
    let command = Command::SetEmergency(emergency);
    fhir.store.execute(&caller.actor, Target::Patient(ins), command, Vec::new(), caller.request).await?;
    let mut w = JsonWriter::with_capacity(256);
    w.begin_object().field("resourceType", "Parameters").key("parameter").begin_array();
    let values = [emergency.bris_de_glace_opposed, emergency.samu_opposed, emergency.masked_readable];
    for (name, value) in switches.into_iter().zip(values) {
        w.begin_object().field("name", name).key("valueBoolean").boolean(value).end_object();
    }
    w.end_array().end_object();
    Ok(answer(StatusCode::OK, w.finish()))
}

async fn close(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    RawQuery(query): RawQuery,
    FhirBody(body): FhirBody,
) -> Result<Response, Outcome> {
    let json = json::read(&body, fhir.string_bytes_max())?;
    let inputs = Inputs::read(&json, "close")?;
    let ins = inputs.patient(&fhir, query)?;
    let code = inputs.code("reason")?.ok_or_else(|| required("reason"))?;
    let reason = closure_reason(code).ok_or_else(|| {
        Outcome::value(format!("`{}` is no reason of closure", echo(code))).at("Parameters.parameter")
    })?;
    let command = Command::Close {
        reason,
        text: inputs.text("text")?.map(str::to_owned),
        deceased: inputs.time("deceased")?,
    };
    fhir.store.execute(&caller.actor, Target::Patient(ins), command, Vec::new(), caller.request).await?;
    Ok(done("Le DMP est fermé."))
}

/// By the DMP's code, or by that of PDSM4DMP.
fn closure_reason(code: &str) -> Option<ClosureReason> {
    ClosureReason::parse(nomenclature::ClosureReason::find(code)?.code)
}

async fn reactivate(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    RawQuery(query): RawQuery,
    FhirBody(body): FhirBody,
) -> Result<Response, Outcome> {
    let json = json::read(&body, fhir.string_bytes_max())?;
    let inputs = Inputs::read(&json, "reactivate")?;
    let ins = inputs.patient(&fhir, query)?;
    let command = Command::Reactivate { consent: inputs.consent(fhir.store.now())? };
    fhir.store.execute(&caller.actor, Target::Patient(ins), command, Vec::new(), caller.request).await?;
    Ok(done("Le DMP est ouvert."))
}

/// 200 with what was done.
fn done(sentence: &str) -> Response {
    let mut w = JsonWriter::with_capacity(256);
    w.begin_object().field("resourceType", "OperationOutcome").key("issue").begin_array();
    w.begin_object().field("severity", "information").field("code", "informational");
    w.field("diagnostics", sentence).end_object().end_array().end_object();
    answer(StatusCode::OK, w.finish())
}
