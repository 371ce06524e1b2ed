//! "Confirmez que c'est vous": a sensitive form waits while the person proves who they are.
//!
//! The page posts to `/connexion/confirmer` the address of the form (`action`) and its fields (`champ.NAME`); the server
//! keeps them in the session, asks for the proof, then shows a page that posts them where they were going.

use askama::Template;
use axum::body::Body;
use axum::http::{Response, StatusCode};

use crate::Portal;
use crate::answer;
use crate::shell::Shell;
use crate::viewer::Viewer;

#[derive(Template)]
#[template(path = "sign_in/confirmer.html")]
struct StepUp {
    shell: Shell,
    csrf: String,
    action: String,
    form: Vec<(String, String)>,
}

/// The page that asks.
pub(crate) fn page(
    portal: &Portal,
    viewer: Option<&Viewer>,
    action: &str,
    form: &[(String, String)],
) -> Response<Body> {
    let page = StepUp {
        shell: Shell::new(portal, viewer, "Confirmez que c'est vous"),
        csrf: viewer.map(|v| v.csrf.clone()).unwrap_or_default(),
        action: action.to_owned(),
        form: form.to_vec(),
    };
    answer::page(StatusCode::FORBIDDEN, &page)
}
