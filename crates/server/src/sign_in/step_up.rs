//! "Confirmez que c'est vous": a sensitive form waits in its session while the person proves who they are.

use super::trouble::Trouble;
use super::{SignIn, local};
use crate::http::{Face, Fault};
use crate::sessions::{Cookie, OpenedBy, Parked};
use axum::Extension;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse as _, Redirect, Response};
use dmp_portal::Viewer;
use dmp_portal::sign_in::{Door, Notice};
use http::StatusCode;
use http::header::HeaderMap;
use std::sync::Arc;

/// What the fields of the form that waits are called in ours.
const FIELD: &str = "champ.";

fn session(sign_in: &SignIn, headers: &HeaderMap) -> Option<String> {
    match sign_in.sessions.cookie_of(headers) {
        Cookie::One(id) => Some(id),
        _ => None,
    }
}

/// `POST /connexion/confirmer`
pub(super) async fn park(
    State(sign_in): State<Arc<SignIn>>,
    Extension(viewer): Extension<Option<Viewer>>,
    headers: HeaderMap,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response {
    let (Some(viewer), Some(id)) = (viewer, session(&sign_in, &headers)) else {
        return Redirect::to(super::DOORS).into_response();
    };
    let Ok(Form(form)) = form else { return Fault::CSRF.for_face(Face::Pages) };
    let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    if field("csrf").is_none_or(|token| token != viewer.csrf) {
        return Fault::CSRF.for_face(Face::Pages);
    }
    let Some(action) = field("action").filter(|action| local(action)) else {
        return Fault::SYNTAX.for_face(Face::Pages);
    };
    let fields = form
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(FIELD)?.to_owned(), value.clone())))
        .filter(|(name, _)| name != "csrf")
        .collect();
    if !sign_in.sessions.park(&id, Parked { action, fields }) {
        return Fault::TOO_LONG.for_face(Face::Pages);
    }
    Redirect::to("/connexion/preuve").into_response()
}

/// `GET /connexion/preuve`: to the account's page, or to the provider. The page goes there by itself: a form may not be
/// redirected to another site.
pub(super) async fn ask(
    State(sign_in): State<Arc<SignIn>>,
    Extension(viewer): Extension<Option<Viewer>>,
    headers: HeaderMap,
) -> Response {
    let by = session(&sign_in, &headers).and_then(|id| sign_in.sessions.opened_by(&id));
    let way = match by {
        None => return Redirect::to(super::DOORS).into_response(),
        Some(OpenedBy::Account) => return Redirect::to("/compte/confirmer").into_response(),
        Some(OpenedBy::Provider { key, .. }) => sign_in.way(&key),
    };
    let Some((_, way)) = way else { return sign_in.page(Trouble::Unknown, viewer.as_ref(), None) };
    let address = format!("/connexion/depart/{}?preuve=1", way.key);
    let notice = Notice {
        status: 200,
        code: "",
        heading: "Confirmez que c'est vous",
        what: format!("{} va vous demander de vous identifier de nouveau.", way.label),
        then: "Votre demande continue ensuite.",
        doors: vec![
            Door::new(address.clone(), format!("Continuer avec {}", way.label), ""),
            Door::new("/", "Renoncer", ""),
        ],
        goes_to: Some(address),
    };
    dmp_portal::sign_in::notice(&sign_in.portal, viewer.as_ref(), &notice)
}

/// `GET /connexion/suite`: a button sends the form that waited.
pub(super) async fn resume(
    State(sign_in): State<Arc<SignIn>>,
    Extension(viewer): Extension<Option<Viewer>>,
    headers: HeaderMap,
) -> Response {
    let (Some(viewer), Some(id)) = (viewer, session(&sign_in, &headers)) else {
        return Redirect::to(super::DOORS).into_response();
    };
    match sign_in.sessions.unpark(&id) {
        Some(Parked { action, fields }) => {
            dmp_portal::sign_in::resume(&sign_in.portal, &viewer, &action, fields)
        }
        None => Redirect::to("/").into_response(),
    }
}

/// `GET /connexion/prolonger`: the session was read, so it begins its idle time again.
pub(super) async fn stay(Extension(viewer): Extension<Option<Viewer>>) -> Response {
    match viewer {
        Some(_) => StatusCode::NO_CONTENT.into_response(),
        None => Fault::SESSION.for_face(Face::Pages),
    }
}
