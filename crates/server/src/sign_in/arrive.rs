//! `GET /connexion/retour`: who is back, and what they left for.

use super::trouble::Trouble;
use super::{Left, Purpose, SignIn};
use crate::sessions::{Cookie, OpenedBy, key};
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use dmp_openid::{Fault, Person, Return};
use dmp_portal::Viewer;
use http::header::HeaderMap;
use std::sync::Arc;

/// The callback of every provider.
pub(super) async fn back(
    State(sign_in): State<Arc<SignIn>>,
    RawQuery(query): RawQuery,
    Extension(viewer): Extension<Option<Viewer>>,
    headers: HeaderMap,
) -> Response {
    let returned = match Return::read(query.as_deref().unwrap_or_default()) {
        Ok(returned) => returned,
        Err(fault) => return sign_in.page(fault.into(), viewer.as_ref(), None),
    };
    let left = match taken(&sign_in, &returned, &headers) {
        Ok(left) => left,
        Err(fault) => return sign_in.page(fault.into(), viewer.as_ref(), None),
    };
    let way = &sign_in.ways[left.way];
    let arrived = way.provider.arrive(&left.pending, &returned, sign_in.now_seconds()).await;
    let done = match (arrived, &left.purpose) {
        (Err(fault), _) => Err(fault.into()),
        (Ok(person), Purpose::Enter { next }) => {
            sign_in.enter(way, person, next, left.browser, &headers).await
        }
        (Ok(person), Purpose::Prove { session }) => prove(&sign_in, &person, session, &headers),
    };
    done.unwrap_or_else(|trouble| sign_in.page(trouble, viewer.as_ref(), Some(&way.key)))
}

/// The departure of that state, by this browser, once (OIDC-02, OIDC-03).
fn taken(sign_in: &SignIn, returned: &Return, headers: &HeaderMap) -> Result<Left, Fault> {
    let state = key(&returned.state);
    let browser = sign_in.browser(headers).map(|secret| key(&secret)).ok_or(Fault::State)?;
    let of_this_browser = |left: &Left| left.browser == browser;
    sign_in.departures.get(&state).filter(of_this_browser).ok_or(Fault::State)?;
    sign_in.departures.remove(&state).ok_or(Fault::State)
}

/// The person of the session, and nobody else, has proved who they are.
fn prove(
    sign_in: &SignIn,
    person: &Person,
    session: &[u8; 32],
    headers: &HeaderMap,
) -> Result<Response, Trouble> {
    let Cookie::One(id) = sign_in.sessions.cookie_of(headers) else { return Err(Fault::State.into()) };
    if key(&id) != *session {
        return Err(Fault::State.into());
    }
    match sign_in.sessions.opened_by(&id) {
        Some(OpenedBy::Provider { issuer, subject, .. })
            if issuer == person.issuer && subject == person.subject => {}
        _ => return Err(Fault::Subject.into()),
    }
    if sign_in.sessions.proved(&id, sign_in.store.now()) {
        Ok(Redirect::to("/connexion/suite").into_response())
    } else {
        Err(Fault::State.into())
    }
}
