//! `POST /api/export`: the whole of a dossier, decided as one act ([`Query::Export`]) and journalled as such.
//!
//! In: `{"ins": …, "oid": …}`. Out: [`Exported`]. `dmp export` makes IHE XDM media of it.

use crate::http::{Face, Fault, login, problem};
use crate::routes::{Asked, Own, failed, refused};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use dmp_dossier::{Actor, Query};
use dmp_fhir::RequestId;
pub use dmp_portal::export::{Exported, exported, xdm};
use dmp_store::{StoreError, Target};
use http::StatusCode;
use std::sync::Arc;

pub(crate) async fn export(
    State(own): State<Arc<Own>>,
    Extension(RequestId(request)): Extension<RequestId>,
    asker: Option<Extension<Actor>>,
    asked: Result<Json<Asked>, axum::extract::rejection::JsonRejection>,
) -> Response {
    let Some(Extension(asker)) = asker else {
        return login();
    };
    let ins = match asked {
        Err(error) => return problem(error.status(), "bad-request", "La question n'est pas lisible."),
        Ok(Json(asked)) => match asked.ins(own.store.parameters().realm) {
            Ok(ins) => ins,
            Err(error) => return problem(StatusCode::UNPROCESSABLE_ENTITY, "InvalidIns", error.says()),
        },
    };
    match own.store.consult(&asker, Target::Patient(ins.clone()), Query::Export, request).await {
        Ok(answer) => match exported(&ins, own.store.now(), &answer) {
            Some(exported) => Json(exported).into_response(),
            None => Fault::PANIC.for_face(Face::Api),
        },
        Err(StoreError::Refused { refusal, retry_after_seconds }) => refused(&refusal, retry_after_seconds),
        Err(error) => failed(request, &error),
    }
}
