//! Signing out: here, at the provider, or told by the provider.

use super::{LEFT, SignIn};
use crate::http::{Face, Fault};
use crate::sessions::{Cookie, OpenedBy, fresh, key};
use axum::Extension;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use dmp_portal::Viewer;
use dmp_portal::sign_in::{Door, Notice};
use http::StatusCode;
use http::header::{HeaderMap, SET_COOKIE};
use serde::Deserialize;
use std::sync::Arc;

/// The form that leaves.
#[derive(Deserialize)]
pub(super) struct SignOut {
    csrf: String,
}

/// `POST /deconnexion`
pub(super) async fn sign_out(
    State(sign_in): State<Arc<SignIn>>,
    Extension(viewer): Extension<Option<Viewer>>,
    headers: HeaderMap,
    form: Result<Form<SignOut>, FormRejection>,
) -> Response {
    let form = match form {
        Ok(Form(form)) => form,
        Err(rejection) if rejection.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            return Fault::MEDIA_TYPE.for_face(Face::Pages);
        }
        Err(_) => return Fault::CSRF.for_face(Face::Pages),
    };
    if viewer.is_none_or(|viewer| viewer.csrf != form.csrf) {
        return Fault::CSRF.for_face(Face::Pages);
    }
    let mut goes_to = LEFT.to_owned();
    if let Cookie::One(id) = sign_in.sessions.cookie_of(&headers) {
        let by = sign_in.sessions.opened_by(&id);
        sign_in.sessions.close(&id);
        if let Some(OpenedBy::Provider { key: name, id_token, .. }) = by
            && let Some((_, way)) = sign_in.way(&name)
        {
            let back = format!("{}{LEFT}", sign_in.public_url);
            if let Some(address) = way.provider.leave(&id_token, &back, sign_in.now_seconds()).await {
                let ticket = fresh();
                sign_in.leaving.insert(key(&ticket), address);
                goes_to = format!("{LEFT}?vers={ticket}");
            }
        }
    }
    ([(SET_COOKIE, sign_in.sessions.cleared())], Redirect::to(&goes_to)).into_response()
}

/// `GET /connexion/fin`: signed out here; with a ticket, on the way to sign out of the provider too.
pub(super) async fn left(
    State(sign_in): State<Arc<SignIn>>,
    RawQuery(query): RawQuery,
    Extension(viewer): Extension<Option<Viewer>>,
) -> Response {
    let ticket = super::depart::parameter(query.as_deref(), "vers");
    let address = ticket.and_then(|ticket| sign_in.leaving.remove(&key(&ticket)));
    let again = Door::new(super::DOORS, "Se connecter", "");
    let notice = match address {
        Some(address) => Notice {
            status: 200,
            code: "",
            heading: "Vous êtes déconnecté d'ici",
            what: "Vous allez être déconnecté aussi du service d'identité.".to_owned(),
            then: "Si rien ne se passe, continuez avec le bouton.",
            doors: vec![Door::new(address.clone(), "Continuer", ""), again],
            goes_to: Some(address),
        },
        None => Notice {
            status: 200,
            code: "",
            heading: "Vous êtes déconnecté",
            what: "Plus personne n'est connecté sur cet appareil.".to_owned(),
            then: "Vous pouvez fermer cette page.",
            doors: vec![again],
            goes_to: None,
        },
    };
    dmp_portal::sign_in::notice(&sign_in.portal, viewer.as_ref(), &notice)
}

/// What a provider posts.
#[derive(Deserialize)]
pub(super) struct Told {
    logout_token: String,
}

/// `POST /connexion/sortie/{provider}`: back-channel logout; 400 and no session ended for a token that is none (OIDC-60).
pub(super) async fn told_by_provider(
    State(sign_in): State<Arc<SignIn>>,
    Path(name): Path<String>,
    form: Result<Form<Told>, FormRejection>,
) -> Response {
    let Some((_, way)) = sign_in.way(&name) else { return Fault::NOT_FOUND.for_face(Face::Pages) };
    let Ok(Form(told)) = form else { return Fault::SYNTAX.for_face(Face::Pages) };
    match way.provider.ended(&told.logout_token, sign_in.now_seconds()).await {
        Ok(ended) => {
            sign_in.sessions.end_all(&ended.issuer, &ended.subject);
            StatusCode::OK.into_response()
        }
        Err(fault) => {
            tracing::info!(%fault, "a logout token is refused");
            Fault::SYNTAX.for_face(Face::Pages)
        }
    }
}
