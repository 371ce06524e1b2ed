//! `/dossier/{reference}/acces`: who opened the dossier, grouped by day and visit (ux.md 3.5).

use askama::Template;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{JournalFilter, JournalScope, Query, Time, View};
use serde::Deserialize;
use std::sync::Arc;

use crate::Portal;
use crate::answer;
use crate::banner::Banner;
use crate::failure::Failure;
use crate::french;
use crate::open::{Open, Part, SignedIn};
use crate::rights::report;
use crate::shell::Shell;
use crate::visits::{self, DayOfVisits, Kind, Own};

/// What is shown unless more is asked.
const SHOWN_DAYS: i64 = 365;
/// Most visits of a page.
const VISITS_SHOWN: usize = 100;
/// Most lines that a page reads, the latest.
const LINES_READ: usize = 3000;

#[derive(Template)]
#[template(path = "journal.html")]
struct Journal {
    shell: Shell,
    banner: Option<Banner>,
    /// A professional who is not *médecin traitant* reads his own lines.
    own_lines_only: bool,
    dossier: String,
    address: String,
    chips: Vec<Chip>,
    current: &'static str,
    days: Vec<DayOfVisits>,
    shown: String,
    total: usize,
    /// Some visits of the period are not shown.
    is_partial: bool,
    is_filtered: bool,
    /// Since when, unless all is shown.
    since: Option<String>,
    cut: bool,
    is_own: bool,
    /// The words of the address, for the table to download.
    asked: String,
}

struct Chip {
    label: &'static str,
    value: &'static str,
    count: usize,
    current: bool,
}

/// What the address asks for.
#[derive(Deserialize, Default)]
pub(crate) struct Wanted {
    pub(crate) vue: Option<String>,
    tout: Option<String>,
}

/// Since when lines are shown: twelve months, unless all is asked.
pub(crate) fn since(wanted: &Wanted, now: Time) -> Option<Time> {
    wanted.tout.is_none().then(|| Time::from_millis(now.millis() - SHOWN_DAYS * 86_400_000))
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
        Ok(open) => build(open, &wanted).await,
        Err(failure) => Err(failure),
    };
    match page {
        Ok(page) => answer::page(StatusCode::OK, &page),
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

async fn build(open: Open, wanted: &Wanted) -> Result<Journal, Failure> {
    let from = since(wanted, open.now);
    let filter = JournalFilter { from, limit: Some(LINES_READ), ..JournalFilter::default() };
    let answer = open.consult(Query::Journal(filter)).await?;
    let cases = if open.is_own() { report::cases(&open).await } else { Vec::new() };
    let banner = match open.is_own() {
        true => None,
        false => match open.consult_part(Query::Administrative).await.map(|a| a.view) {
            Some(View::Administrative(view)) => Some(Banner::of(&view, None, &open.actor, open.now)),
            _ => None,
        },
    };
    let kind = Kind::parse(wanted.vue.as_deref());
    let kept = |k: Kind| visits::split(answer.lines.iter().filter(move |l| k.keeps(l)));
    let chips: Vec<Chip> = Kind::ALL
        .into_iter()
        .map(|k| Chip {
            label: k.label(open.reader),
            value: k.as_str(),
            count: kept(k).len(),
            current: k == kind,
        })
        .collect();
    let mut shown = kept(kind);
    let cut = shown.len() > VISITS_SHOWN || answer.lines.len() >= LINES_READ;
    shown.truncate(VISITS_SHOWN);
    let own = Own { address: &open.address, cases: &cases };
    let days = visits::by_day(&shown, open.reader, open.is_own().then_some(&own));
    let total = chips.first().map_or(0, |c| c.count);
    let own_lines_only = matches!(&answer.view, View::Journal(JournalScope { own: Some(_), .. }));
    let title = match (open.is_own(), own_lines_only) {
        (true, _) => "Qui a ouvert mon dossier",
        (_, true) => "Vos accès à ce dossier",
        _ => "Journal des accès",
    };
    Ok(Journal {
        shell: open.shell(title, Part::Journal),
        address: format!("{}/acces", open.address),
        total,
        shown: french::count(shown.len(), "visite", "visites"),
        is_partial: shown.len() < total,
        is_filtered: kind != Kind::All,
        current: kind.as_str(),
        since: from.map(french::day),
        cut,
        is_own: open.is_own(),
        asked: asked(kind, from.is_none()),
        dossier: open.address,
        own_lines_only,
        banner,
        chips,
        days,
    })
}

fn asked(kind: Kind, all: bool) -> String {
    let words = [("vue", kind.as_str()), ("tout", if all { "1" } else { "" })];
    let words: Vec<String> =
        words.iter().filter(|(_, v)| !v.is_empty()).map(|(name, v)| format!("{name}={v}")).collect();
    if words.is_empty() { String::new() } else { format!("?{}", words.join("&")) }
}
