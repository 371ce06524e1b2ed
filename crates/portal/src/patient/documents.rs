//! `/dossier/{reference}/documents`: the patient's documents by date of the act, kinds as filters, one search.

use askama::Template;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{ActorTrace, Query, View};
use serde::Deserialize;
use std::sync::Arc;

use super::done;
use super::groups;
use super::home::{recent_lines, whose};
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::open::{Open, Part, SignedIn};
use crate::shell::Shell;
use crate::timeline::{self, Order, Timeline};
use crate::visits;

/// Orders: word of the address and label.
const ORDERS: [(&str, &str, Order); 3] = [
    ("", "Les plus récents", Order::Latest),
    ("ancien", "Les plus anciens", Order::Oldest),
    ("recu", "Les derniers reçus", Order::Received),
];

#[derive(Template)]
#[template(path = "patient/documents.html")]
struct Documents {
    shell: Shell,
    address: String,
    csrf: String,
    done: Option<&'static str>,
    /// Whose they are, when not the reader's own.
    of: Option<String>,
    timeline: Timeline,
    kind: Option<&'static str>,
    order: &'static str,
    order_words: &'static str,
}

impl Documents {
    fn orders(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        ORDERS.iter().map(|(word, label, _)| (*word, *label, *word == self.order))
    }

    /// The address of this list with another kind or order.
    fn link(&self, kind: &str, order: &str) -> String {
        let parts: Vec<String> = [("genre", kind), ("tri", order)]
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        match parts.is_empty() {
            true => format!("{}/documents", self.address),
            false => format!("{}/documents?{}", self.address, parts.join("&")),
        }
    }
}

/// What the address asks for.
#[derive(Deserialize, Default)]
pub(crate) struct Wanted {
    genre: Option<String>,
    tri: Option<String>,
    fait: Option<String>,
}

/// `GET`
pub(crate) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    wanted: Result<Parameters<Wanted>, QueryRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let wanted = wanted.map(|Parameters(w)| w).unwrap_or_default();
    let page = match Open::new(&portal, signed_in, &reference) {
        // The list of a professional is on the page of the synthesis.
        Ok(open) if !open.is_own() => return answer::see_other(&format!("{}#documents", open.address)),
        Ok(open) => build(open, &wanted).await,
        Err(failure) => Err(failure),
    };
    match page {
        Ok(page) => answer::page(StatusCode::OK, &page),
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

async fn build(open: Open, wanted: &Wanted) -> Result<Documents, Failure> {
    let found = open.consult(Query::FindDocuments(Box::default())).await?;
    let View::Documents(seen) = found.view else { return Err(Failure::Ours) };
    let lines = recent_lines(&open).await;
    let since = visits::last_visit(&lines, &ActorTrace::of(&open.actor), open.now);
    let asked = wanted.tri.as_deref().unwrap_or("");
    let (order, order_words, by) = ORDERS.iter().find(|(word, ..)| *word == asked).unwrap_or(&ORDERS[0]);
    let timeline = timeline::of_patient(
        &seen,
        groups::parse(wanted.genre.as_deref()),
        *by,
        since,
        open.reader,
        open.now,
    );
    let kind = timeline.chips.iter().find(|chip| chip.current).map(|chip| chip.class);
    Ok(Documents {
        shell: open.shell("Mes documents", Part::Document),
        csrf: open.viewer.csrf.clone(),
        done: done::sentence(wanted.fait.as_deref()),
        of: whose(&open),
        address: open.address,
        timeline,
        kind,
        order,
        order_words,
    })
}
