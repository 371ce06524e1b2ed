//! `POST /api/explain`: what somebody sees of a dossier, and the rules behind it, decided as the bearer of the token.
//!
//! In: `{"ins": …, "oid": …, "as": "dr-roux"}` in the demo, or `{"ins": …, "claims": {…}}` with the claims that a token
//! of that somebody would carry ([`crate::identity`]). Out: a verdict on searching, and one for each document that the
//! asker may know of.

use crate::http::{Face, Fault, problem};
use crate::identity::claims;
use crate::routes::Own;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use dmp_dossier::{Actor, InsOid, Query, Realm, Refusal, SeenDocument, Verdict, View};
use dmp_fhir::RequestId;
use dmp_store::{StoreError, Target};
use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The question.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    ins: String,
    oid: Option<String>,
    #[serde(rename = "as")]
    persona: Option<String>,
    claims: Option<Map<String, Value>>,
}

pub(crate) async fn explain(
    State(own): State<Arc<Own>>,
    Extension(RequestId(request)): Extension<RequestId>,
    asker: Option<Extension<Actor>>,
    question: Result<Json<Question>, axum::extract::rejection::JsonRejection>,
) -> Response {
    let Some(Extension(asker)) = asker else {
        return problem(StatusCode::UNAUTHORIZED, "login", "Une authentification est nécessaire.");
    };
    let Json(question) = match question {
        Ok(question) => question,
        Err(error) => return problem(error.status(), "bad-request", "La question n'est pas lisible."),
    };
    let realm = own.store.parameters().realm;
    let oid = question.oid.as_deref().unwrap_or(match realm.realm {
        Realm::Test => InsOid::Test.as_str(),
        Realm::Production => InsOid::Nir.as_str(),
    });
    let ins = match realm.read(&question.ins, oid) {
        Ok(ins) => ins,
        Err(error) => return problem(StatusCode::UNPROCESSABLE_ENTITY, "InvalidIns", error.says()),
    };
    let other = match (&question.persona, &question.claims) {
        (Some(key), None) => own.people.as_ref().and_then(|people| people.actor(key)),
        (None, Some(described)) => claims::described(described, realm).ok(),
        _ => None,
    };
    let Some(other) = other else {
        return problem(StatusCode::UNPROCESSABLE_ENTITY, "unknown-person", "Cette personne n'est pas décrite.");
    };
    let query = Query::Explain(Box::new(other));
    match own.store.consult(&asker, Target::Patient(ins), query, request).await {
        Ok(answer) => match answer.view {
            View::Explanation(explanation) => Json(json!({
                "search": verdict(&explanation.search),
                "documents": explanation.documents.iter().map(document).collect::<Vec<_>>(),
            }))
            .into_response(),
            _ => Fault::PANIC.for_face(Face::Api),
        },
        Err(StoreError::Refused { refusal, retry_after_seconds }) => refused(&refusal, retry_after_seconds),
        Err(error) => {
            tracing::error!(request = %request, error = crate::open::one_line(&error), "an explanation failed");
            Fault::PANIC.for_face(Face::Api)
        }
    }
}

fn document((seen, verdict_on_it): &(SeenDocument, Verdict)) -> Value {
    let metadata = &seen.entry.metadata;
    let Value::Object(mut line) = verdict(verdict_on_it) else { return Value::Null };
    line.insert("uniqueId".into(), json!(metadata.unique_id.as_str()));
    line.insert("title".into(), json!(metadata.title));
    line.insert("type".into(), json!(metadata.type_code.code));
    line.insert("label".into(), json!(metadata.type_code.label));
    line.insert("created".into(), json!(metadata.creation_time.to_fhir()));
    Value::Object(line)
}

fn verdict(verdict: &Verdict) -> Value {
    let rules: Vec<_> = verdict
        .rules
        .iter()
        .map(|rule| json!({ "id": rule.id, "says": rule.says, "source": rule.source }))
        .collect();
    json!({ "permitted": verdict.permitted, "rules": rules })
}

fn refused(refusal: &Refusal, retry_after_seconds: Option<u32>) -> Response {
    let answer = refusal.reason.answer();
    let status = StatusCode::from_u16(answer.http).unwrap_or(StatusCode::FORBIDDEN);
    let mut response = problem(status, refusal.reason.as_str(), answer.french);
    if let Some(seconds) = retry_after_seconds {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
