//! `GET /connexion/depart/{provider}`: to the provider, with what to remember until the person is back.

use super::trouble::Trouble;
use super::{Left, Purpose, SignIn, local};
use crate::sessions::{Cookie, OpenedBy, key};
use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use dmp_openid::Proof;
use dmp_portal::Viewer;
use http::header::{HOST, HeaderMap, SET_COOKIE};
use std::sync::Arc;

/// Sends to the provider. `next`: where to go once signed in; `qui`: whom the provider proposes; `preuve`: prove again who
/// the session's person is.
pub(super) async fn leave(
    State(sign_in): State<Arc<SignIn>>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    Extension(viewer): Extension<Option<Viewer>>,
    headers: HeaderMap,
) -> Response {
    let query = query.as_deref();
    let Some((place, way)) = sign_in.way(&name) else {
        return sign_in.page(Trouble::Unknown, viewer.as_ref(), None);
    };
    // Cookies are of one name: whoever came by another one starts where the provider sends back.
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let own = crate::services::authority(&sign_in.public_url);
    if host.is_some_and(|host| host != own) && query.is_none_or(|query| !query.contains("ici=1")) {
        let query = query.map(|query| format!("{query}&")).unwrap_or_default();
        let address = format!("{}/connexion/depart/{}?{query}ici=1", sign_in.public_url, way.key);
        return Redirect::to(&address).into_response();
    }
    let session = match sign_in.sessions.cookie_of(&headers) {
        Cookie::One(id) if viewer.is_some() => Some(id),
        _ => None,
    };
    let (purpose, proof) = match parameter(query, "preuve") {
        None => {
            let next = parameter(query, "next").filter(|next| local(next)).unwrap_or_else(|| "/".to_owned());
            (Purpose::Enter { next }, Proof::Any)
        }
        Some(_) => {
            let by = session.as_ref().and_then(|id| sign_in.sessions.opened_by(id));
            match (session, by) {
                (Some(id), Some(OpenedBy::Provider { key: by, .. })) if by == way.key => {
                    (Purpose::Prove { session: key(&id) }, Proof::Fresh)
                }
                _ => return Redirect::to(super::DOORS).into_response(),
            }
        }
    };
    let hint = parameter(query, "qui").filter(|hint| hint.len() <= 100);
    let departure = match way.provider.depart(proof, hint.as_deref(), sign_in.now_seconds()).await {
        Ok(departure) => departure,
        Err(fault) => return sign_in.page(fault.into(), viewer.as_ref(), Some(&way.key)),
    };
    let (browser, cookie) = sign_in.browser_or_new(&headers);
    let state = key(&departure.pending.state);
    sign_in.departures.insert(state, Left { way: place, pending: departure.pending, browser, purpose });
    let mut response = Redirect::to(&departure.url).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// A parameter of a query that may not be there.
pub(super) fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    dmp_openid::parameter(query?, name)
}
