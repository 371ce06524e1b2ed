//! `/dossier/{reference}/export`: everything, to take away: IHE XDM media in a zip, with an index in PDF and the journal.

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{ActorKind, Decision, Dtm, Identity, Query, View};
use dmp_nomenclature::TypeCode;
use dmp_paper::{ExportIndex, ExportRow};
use dmp_store::{Answer, Line};
use serde_json::{Value, json};
use std::io::Cursor;
use std::sync::Arc;
use uuid::Uuid;

use crate::Portal;
use crate::answer;
use crate::export::xdm::{self, Beside};
use crate::export::{self, Exported};
use crate::failure::Failure;
use crate::french::{self, Day};
use crate::open::{Open, Part, SignedIn};
use crate::people::{self, Reader};
use crate::rights::csv;
use crate::rights::form::{Fields, Posted};
use crate::rights::{Shown, own, settle};
use crate::shell::Shell;
use crate::{timeline, visits};

#[derive(Template)]
#[template(path = "health/export.html")]
struct Page {
    shell: Shell,
    address: String,
    csrf: String,
}

/// `GET`: what will be in the file.
pub(super) async fn ask(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        open.still_open().await?;
        let page = Page {
            shell: open.shell("Emporter mon dossier", Part::Health),
            csrf: open.viewer.csrf.clone(),
            address: open.address,
        };
        Ok(answer::page(StatusCode::OK, &page))
    };
    settle(shown.await, &portal, viewer.as_ref())
}

/// `POST`: the file.
pub(super) async fn take(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    posted: Posted,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        let fields = Fields::read(posted, &open)?;
        open.step_up(&format!("{}/export", open.address), fields.repeated())?;
        file(open).await
    };
    settle(shown.await, &portal, viewer.as_ref())
}

async fn file(open: Open) -> Shown {
    let identity = match open.consult(Query::Administrative).await?.view {
        View::Administrative(view) => view.identity,
        _ => return Err(Failure::Ours),
    };
    let answer = open.consult(Query::Export).await?;
    let exported = export::exported(&open.reference.ins, open.now, &answer).ok_or(Failure::Ours)?;
    let index = index(&identity, &exported, &answer, &open);
    let reader = open.reader;
    let set = open.request;
    // A PDF and a whole dossier to compress: not on the threads that answer.
    let written =
        tokio::task::spawn_blocking(move || media(&exported, &index, &answer.lines, reader, set)).await;
    let bytes =
        written.map_err(|error| failed(&error)).and_then(|done| done.map_err(|error| failed(&*error)))?;
    let name = format!("dossier-medical-{}.zip", french::machine_day(open.now));
    Ok(answer::file(bytes, "application/zip", &name))
}

fn failed(error: &(dyn std::error::Error + 'static)) -> Failure {
    tracing::error!(error, "an export cannot be written");
    Failure::Ours
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

fn media(
    exported: &Exported,
    index: &ExportIndex,
    lines: &[Line],
    reader: Reader,
    set: Uuid,
) -> Result<Vec<u8>, Failed> {
    let journal: Vec<Value> = lines.iter().map(|line| told(line, reader)).collect();
    let beside = [
        Beside {
            name: "INDEX.PDF",
            says: "la même liste, à imprimer",
            bytes: dmp_paper::index_of_export(index)?,
        },
        Beside {
            name: "JOURNAL/ACCES.CSV",
            says: "historique des accès, à ouvrir dans un tableur",
            bytes: csv::table(lines.iter(), reader).into_bytes(),
        },
        Beside {
            name: "JOURNAL/ACCES.JSN",
            says: "le même, pour un logiciel (JSON)",
            bytes: serde_json::to_vec_pretty(&journal)?,
        },
    ];
    let mut out = Cursor::new(Vec::new());
    xdm::write(&mut out, exported, &beside, set)?;
    Ok(out.into_inner())
}

/// The list in PDF, latest first.
fn index(identity: &Identity, exported: &Exported, answer: &Answer, open: &Open) -> ExportIndex {
    let seen = match &answer.view {
        View::Export(seen, _) => seen.as_slice(),
        _ => &[],
    };
    let mut rows: Vec<_> = seen.iter().zip(&exported.documents).enumerate().collect();
    rows.sort_by_key(|(_, (seen, _))| std::cmp::Reverse(timeline::act_date(&seen.entry).start()));
    let row = |(i, (seen, document)): (usize, (&dmp_dossier::SeenDocument, &export::ExportedDocument))| {
        let metadata = &seen.entry.metadata;
        let kind = TypeCode::find(&metadata.type_code.code).map_or(&*metadata.type_code.label, |t| t.plain);
        ExportRow {
            date: Day::of(timeline::act_date(&seen.entry)).long(),
            title: dmp_cda::visible::visible(&metadata.title).into_owned(),
            kind: kind.to_owned(),
            author: metadata.authors.first().map(|a| people::author_line(a, open.reader)).unwrap_or_default(),
            file: xdm::path_of(i, document),
        }
    };
    let traits = &identity.traits;
    ExportIndex {
        patient: format!("{} {}", traits.birth_name, traits.given_names),
        born: french::birth_date(&traits.birth_date),
        at: french::day_and_hour(open.now),
        rows: rows.into_iter().map(row).collect(),
    }
}

/// A line of the journal for software.
fn told(line: &Line, reader: Reader) -> Value {
    let entry = &line.entry;
    let (who, role) = people::actor(&entry.actor, reader);
    let refused = match &entry.decision {
        Decision::Permitted => None,
        Decision::Refused { reason, .. } => Some(reason.answer().french),
    };
    // A representative is told by the tie, never by a number.
    let id = match entry.actor.kind {
        ActorKind::Patient | ActorKind::Representative => "",
        _ => &*entry.actor.id,
    };
    json!({
        "at": Dtm::from_time(entry.at).to_hl7(),
        "who": who,
        "role": role,
        "identifier": id,
        "structure": entry.actor.structure,
        "mode": format!("{:?}", entry.actor.mode),
        "act": entry.act.as_str(),
        "says": visits::said(entry.act, &entry.actor, reader),
        "refused": refused,
        "emergencyReason": line.reason,
        "documents": line.documents.iter().map(|d| d.metadata.unique_id.as_str()).collect::<Vec<_>>(),
    })
}
