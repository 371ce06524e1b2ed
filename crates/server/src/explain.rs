//! `POST /api/explain`: what somebody sees of a dossier, and the rules behind it, decided as the bearer of the token.
//!
//! In: `{"ins": …, "oid": …, "as": "dr-roux"}` in the demo, or `{"ins": …, "claims": {…}}` with the claims that a token
//! of that somebody would carry ([`crate::identity`]). Out: a verdict on searching, and one for each document that the
//! asker may know of.

use crate::http::{Face, Fault, login, problem};
use crate::identity::claims;
use crate::routes::{Asked, Own, failed, refused};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use dmp_dossier::{Actor, Query, SeenDocument, View};
use dmp_fhir::RequestId;
use dmp_store::{StoreError, Target};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The question.
#[derive(Deserialize)]
pub(crate) struct Question {
    #[serde(flatten)]
    patient: Asked,
    #[serde(rename = "as")]
    persona: Option<String>,
    claims: Option<Map<String, Value>>,
}

/// The answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Explained {
    /// On searching the dossier at all.
    pub search: Verdict,
    /// On each document that the asker may know of.
    pub documents: Vec<Document>,
}

/// A document, and whether the other sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Document {
    /// uniqueId.
    #[serde(rename = "uniqueId")]
    pub unique_id: String,
    /// Title.
    pub title: String,
    /// typeCode.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its label.
    pub label: String,
    /// creationTime, as FHIR writes it.
    pub created: String,
    /// Seen or not, and why.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// Permitted or not, and the rules behind it, the deciding one last.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Verdict {
    /// Permitted.
    pub permitted: bool,
    /// The rules.
    pub rules: Vec<RuleSaid>,
}

/// A rule.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RuleSaid {
    /// Identifier.
    pub id: String,
    /// What it says.
    pub says: String,
    /// Where it comes from.
    pub source: String,
}

pub(crate) async fn explain(
    State(own): State<Arc<Own>>,
    Extension(RequestId(request)): Extension<RequestId>,
    asker: Option<Extension<Actor>>,
    question: Result<Json<Question>, axum::extract::rejection::JsonRejection>,
) -> Response {
    let Some(Extension(asker)) = asker else {
        return login();
    };
    let Json(question) = match question {
        Ok(question) => question,
        Err(error) => return problem(error.status(), "bad-request", "La question n'est pas lisible."),
    };
    let realm = own.store.parameters().realm;
    let ins = match question.patient.ins(realm) {
        Ok(ins) => ins,
        Err(error) => return problem(StatusCode::UNPROCESSABLE_ENTITY, "InvalidIns", error.says()),
    };
    let other = match (&question.persona, &question.claims) {
        (Some(key), None) => own.people.as_ref().and_then(|people| people.actor(key)),
        (None, Some(described)) => claims::described(described, realm).ok(),
        _ => None,
    };
    let Some(other) = other else {
        return problem(
            StatusCode::UNPROCESSABLE_ENTITY,
            "unknown-person",
            "Cette personne n'est pas décrite.",
        );
    };
    let query = Query::Explain(Box::new(other));
    match own.store.consult(&asker, Target::Patient(ins), query, request).await {
        Ok(answer) => match answer.view {
            View::Explanation(explanation) => Json(Explained {
                search: verdict(&explanation.search),
                documents: explanation.documents.iter().map(document).collect(),
            })
            .into_response(),
            _ => Fault::PANIC.for_face(Face::Api),
        },
        Err(StoreError::Refused { refusal, retry_after_seconds }) => refused(&refusal, retry_after_seconds),
        Err(error) => failed(request, &error),
    }
}

fn document((seen, on_it): &(SeenDocument, dmp_dossier::Verdict)) -> Document {
    let metadata = &seen.entry.metadata;
    Document {
        unique_id: metadata.unique_id.as_str().to_owned(),
        title: metadata.title.clone(),
        kind: metadata.type_code.code.clone(),
        label: metadata.type_code.label.clone(),
        created: metadata.creation_time.to_fhir(),
        verdict: verdict(on_it),
    }
}

fn verdict(verdict: &dmp_dossier::Verdict) -> Verdict {
    let said = |rule: &&dmp_dossier::Rule| RuleSaid {
        id: rule.id.to_owned(),
        says: rule.says.to_owned(),
        source: rule.source.to_owned(),
    };
    Verdict { permitted: verdict.permitted, rules: verdict.rules.iter().map(said).collect() }
}
