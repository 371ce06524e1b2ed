//! `GET …/document/{lid}/erreur`: a document is corrected by who wrote it; this page says whom to ask, and how.

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use std::sync::Arc;

use super::document;
use crate::Portal;
use crate::answer;
use crate::french::Day;
use crate::open::{Open, Part, SignedIn};
use crate::people;
use crate::shell::Shell;
use crate::timeline;

#[derive(Template)]
#[template(path = "patient/mistake.html")]
struct Mistake {
    shell: Shell,
    address: String,
    name: String,
    day: String,
    authors: Vec<String>,
}

/// `GET`
pub(crate) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path((reference, lid)): Path<(String, String)>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let page = async {
        let open = Open::new(&portal, signed_in, &reference)?;
        let seen = document::seen(&open, &lid).await?;
        let authors = &seen.entry.metadata.authors;
        Ok(Mistake {
            shell: open.shell("Signaler une erreur", Part::Document),
            address: format!("{}/document/{}", open.address, seen.entry.lid),
            name: timeline::name(&seen.entry).plain,
            day: Day::of(timeline::act_date(&seen.entry)).long(),
            authors: authors.iter().map(|a| people::author_line(a, open.reader)).collect(),
        })
    };
    match page.await {
        Ok(page) => answer::page(StatusCode::OK, &page),
        Err(failure) => crate::failure::Failure::page(failure, &portal, viewer.as_ref()),
    }
}
