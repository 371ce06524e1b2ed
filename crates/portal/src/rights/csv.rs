//! `/dossier/{reference}/acces/telecharger`: the journal as a table for a spreadsheet (semicolons, UTF-8 with its mark, as
//! French spreadsheets read it). A cell that a spreadsheet would take for a formula is kept as text.

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::Response;
use dmp_dossier::{Decision, JournalFilter, ModeKind, Query};
use dmp_store::Line;
use std::fmt::Write as _;
use std::sync::Arc;

use super::{own, settle};
use crate::Portal;
use crate::answer;
use crate::french;
use crate::journal::{self, Wanted};
use crate::open::SignedIn;
use crate::people::{self, Reader};
use crate::visits::{self, Kind};

const COLUMNS: [&str; 9] = [
    "Date",
    "Heure",
    "Qui",
    "Profession et lieu",
    "Mode",
    "Action",
    "Résultat",
    "Motif d'urgence",
    "Documents",
];

/// `GET`: the lines that the page shows, with the same filters.
pub(super) async fn download(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    wanted: Result<Parameters<Wanted>, QueryRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let wanted = wanted.map(|Parameters(w)| w).unwrap_or_default();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        let from = journal::since(&wanted, open.now);
        let answer = open.consult(Query::Journal(JournalFilter { from, ..JournalFilter::default() })).await?;
        let kind = Kind::parse(wanted.vue.as_deref());
        let text = table(answer.lines.iter().filter(|l| kind.keeps(l)), open.reader);
        let name = format!("acces-{}.csv", french::machine_day(open.now));
        Ok(answer::file(text, "text/csv; charset=utf-8", &name))
    };
    settle(shown.await, &portal, viewer.as_ref())
}

/// The table of these lines.
pub(crate) fn table<'l>(lines: impl Iterator<Item = &'l Line>, reader: Reader) -> String {
    let mut text = String::from("\u{feff}");
    row(&mut text, COLUMNS.iter().copied());
    for line in lines {
        let entry = &line.entry;
        let (who, role) = people::actor(&entry.actor, reader);
        let mode = match entry.actor.mode {
            ModeKind::Normal => "normal",
            ModeKind::BrisDeGlace => "urgence",
            ModeKind::Centre15 => "Samu",
        };
        let result = match &entry.decision {
            Decision::Permitted => "fait".to_owned(),
            Decision::Refused { reason, .. } => format!("refusé : {}", reason.answer().french),
        };
        let cells = [
            french::machine_day(entry.at),
            french::hour(entry.at),
            who,
            role,
            mode.to_owned(),
            visits::said(entry.act, &entry.actor, reader),
            result,
            line.reason.clone().unwrap_or_default(),
            visits::documents_of(line),
        ];
        row(&mut text, cells.iter().map(String::as_str));
    }
    text
}

fn row<'c>(text: &mut String, cells: impl Iterator<Item = &'c str>) {
    let mut first = true;
    for cell in cells {
        if !std::mem::take(&mut first) {
            text.push(';');
        }
        let _ = write!(text, "\"{}\"", harmless(cell).replace('"', "\"\""));
    }
    text.push_str("\r\n");
}

/// A cell that no spreadsheet runs: what would begin a formula gets an apostrophe before it, lines are made one.
fn harmless(cell: &str) -> String {
    let line: String = cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let begins = line.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '|', '%']);
    if begins { format!("'{line}") } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_leaves_its_column() {
        for (cell, kept) in [
            ("patiente inconsciente", "patiente inconsciente"),
            ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
            ("+33 1", "'+33 1"),
            ("-1+1", "'-1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("  =1", "'  =1"),
            ("\t=1", "' =1"),
            ("a\r\nb", "a  b"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell), kept, "{cell:?}");
        }
        let mut text = String::new();
        row(&mut text, ["a;b", "dit \"non\""].into_iter());
        assert_eq!(text, "\"a;b\";\"dit \"\"non\"\"\"\r\n");
    }
}
