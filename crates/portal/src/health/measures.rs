//! `/dossier/{reference}/sante/mesures`: a small graph of each measure, and the table that says the same.

use askama::Template;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{Response, StatusCode};
use dmp_cda::write::MeasureDraft;
use std::fmt::Write as _;
use std::sync::Arc;

use super::items::{self, MEASURES};
use super::own::{self, Profile};
use crate::Portal;
use crate::answer;
use crate::french;
use crate::open::{Part, SignedIn};
use crate::patient::After;
use crate::rights::{own as own_dossier, settle};
use crate::shell::Shell;

/// Size of a graph, in its own units.
const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 96.0;
const MARGIN: f64 = 8.0;

#[derive(Template)]
#[template(path = "health/mesures.html")]
struct Page {
    shell: Shell,
    address: String,
    csrf: String,
    version: String,
    done: Option<&'static str>,
    series: Vec<Series>,
}

/// The measures of one kind, latest first.
struct Series {
    id: &'static str,
    label: &'static str,
    unit: &'static str,
    rows: Vec<Row>,
    graph: Option<Graph>,
}

struct Row {
    index: usize,
    day: String,
    value: String,
}

/// A line from the first measure to the last.
struct Graph {
    path: String,
    dots: Vec<(String, String)>,
    says: String,
}

/// `GET`
pub(super) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    after: Result<Parameters<After>, QueryRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own_dossier(&portal, signed_in, &reference)?;
        let seen = own::seen(&open).await?;
        let held = own::held(&open, &seen, &[own::PROFILE]).await?.pop();
        let measures = held.as_ref().map(|h| Profile::of(&h.entries).measures).unwrap_or_default();
        let page = Page {
            shell: open.shell("Mes mesures", Part::Health),
            address: open.address.clone(),
            csrf: open.viewer.csrf.clone(),
            version: items::version(held.as_ref().and_then(|h| h.entry.as_deref())),
            done: items::sentence(after.ok().and_then(|Parameters(after)| after.fait).as_deref()),
            series: series(&measures),
        };
        Ok(answer::page(StatusCode::OK, &page))
    };
    settle(shown.await, &portal, viewer.as_ref())
}

fn series(measures: &[MeasureDraft]) -> Vec<Series> {
    let of = |(id, code, label, _, unit, ..): &(
        &'static str,
        &'static str,
        &'static str,
        _,
        &'static str,
        _,
        _,
    )| {
        let own: Vec<(usize, &MeasureDraft)> =
            measures.iter().enumerate().filter(|(_, m)| m.what.code == *code).collect();
        let rows = own.iter().rev().map(|(index, m)| Row {
            index: *index,
            day: french::day(m.at),
            value: m.value.value.replace('.', ","),
        });
        Series { id, label, unit, rows: rows.collect(), graph: graph(label, unit, &own) }
    };
    MEASURES.iter().map(of).filter(|series| !series.rows.is_empty()).collect()
}

/// A line of two points at least.
fn graph(label: &str, unit: &str, own: &[(usize, &MeasureDraft)]) -> Option<Graph> {
    let points: Vec<(f64, f64)> = own
        .iter()
        .filter_map(|(_, m)| Some((m.at.millis() as f64, m.value.value.parse::<f64>().ok()?)))
        .collect();
    let (first, last) = (points.first()?, points.last()?);
    if points.len() < 2 || last.0 <= first.0 {
        return None;
    }
    let low = points.iter().map(|p| p.1).fold(f64::INFINITY, f64::min);
    let high = points.iter().map(|p| p.1).fold(f64::NEG_INFINITY, f64::max);
    let span = if high > low { high - low } else { 1.0 };
    let x = |at: f64| MARGIN + (at - first.0) / (last.0 - first.0) * (WIDTH - 2.0 * MARGIN);
    let y = |value: f64| HEIGHT - MARGIN - (value - low) / span * (HEIGHT - 2.0 * MARGIN);
    let mut path = String::new();
    let mut dots = Vec::new();
    for (index, (at, value)) in points.iter().enumerate() {
        let _ = write!(path, "{}{:.1} {:.1}", if index == 0 { "M" } else { "L" }, x(*at), y(*value));
        dots.push((format!("{:.1}", x(*at)), format!("{:.1}", y(*value))));
    }
    let number = |value: f64| format!("{value}").replace('.', ",");
    let says = format!(
        "{label} : {} mesures, de {} à {} {unit}, la dernière {} {unit}",
        points.len(),
        number(low),
        number(high),
        number(last.1)
    );
    Some(Graph { path, dots, says })
}
