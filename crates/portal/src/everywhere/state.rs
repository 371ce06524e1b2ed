//! `/etat`: what works now, measured while the page is made; nothing is written in advance.

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use dmp_store::Shelf;
use std::sync::Arc;
use std::time::Instant;

use crate::Portal;
use crate::answer;
use crate::french;
use crate::open::SignedIn;
use crate::shell::Shell;

#[derive(Template)]
#[template(path = "everywhere/etat.html")]
struct State_ {
    shell: Shell,
    at: String,
    functions: Vec<Function>,
}

/// Something people use, and whether it answers.
struct Function {
    name: &'static str,
    answers: bool,
    detail: String,
}

/// `GET /etat`
pub(super) async fn show(State(portal): State<Arc<Portal>>, SignedIn(viewer): SignedIn) -> Response<Body> {
    let now = portal.store.now();
    let started = Instant::now();
    // One read of the database, on a record that is not there.
    let answers = portal.store.record(Shelf::Setting, "etat", "sonde").await.is_ok();
    let detail = match answers {
        true => format!("répond en {} ms", started.elapsed().as_millis()),
        false => "ne répond pas".to_owned(),
    };
    let functions = vec![
        Function { name: "Pages", answers: true, detail: "cette page vous est servie".to_owned() },
        Function { name: "Dossiers et documents", answers, detail },
    ];
    let status = if answers { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let shell = Shell::new(&portal, viewer.as_ref(), "État du service");
    answer::page(status, &State_ { shell, at: french::day_and_hour(now), functions })
}
