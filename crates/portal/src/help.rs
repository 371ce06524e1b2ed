//! `/aide`: what the pages are, what to do in an emergency, and the accessibility statement; the same place for all.

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use std::sync::Arc;

use crate::Portal;
use crate::answer;
use crate::open::SignedIn;
use crate::shell::Shell;

#[derive(Template)]
#[template(path = "help.html")]
struct Help {
    shell: Shell,
}

pub(crate) async fn show(State(portal): State<Arc<Portal>>, SignedIn(viewer): SignedIn) -> Response<Body> {
    answer::page(StatusCode::OK, &Help { shell: Shell::new(&portal, viewer.as_ref(), "Aide") })
}
