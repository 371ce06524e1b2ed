//! `/dossier/{reference}/avis`: what the patient is told of, and by what (ux.md 3.5). An emergency is always told (CHX-2).

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{Command, Contact, NoticeChannel, Notices, Query, Receipt, View};
use std::sync::Arc;

use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::open::{Open, Part, SignedIn};
use crate::rights::form::{Fields, Posted, Wrong};
use crate::rights::receipt::{self, channel_words};
use crate::rights::{own, settle};
use crate::shell::Shell;

/// Word of the form, channel.
const CHANNELS: [(&str, NoticeChannel); 4] = [
    ("mail", NoticeChannel::Mail),
    ("sms", NoticeChannel::Sms),
    ("courrier", NoticeChannel::Letter),
    ("aucun", NoticeChannel::None),
];

#[derive(Template)]
#[template(path = "health/avis.html")]
struct Page {
    shell: Shell,
    address: String,
    csrf: String,
    first: Option<bool>,
    every: Option<bool>,
    channels: Vec<Channel>,
    errors: Vec<Wrong>,
}

struct Channel {
    word: &'static str,
    words: &'static str,
    detail: String,
    current: bool,
}

impl Page {
    fn error(&self, field: &str) -> Option<&'static str> {
        self.errors.iter().find(|(f, _)| *f == field).map(|(_, says)| *says)
    }
}

/// `GET`
pub(super) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        let View::Choices(view) = open.consult(Query::Choices).await?.view else {
            return Err(Failure::Ours);
        };
        let now = view.notices;
        Ok(page(open, Some(now.first_access), Some(now.every_access), Some(now.by), Vec::new()).await)
    };
    settle(shown.await, &portal, viewer.as_ref())
}

/// `POST`
pub(super) async fn set(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    posted: Posted,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        let fields = Fields::read(posted, &open)?;
        let yes_or_no = |field: &str| match fields.get(field) {
            "oui" => Some(true),
            "non" => Some(false),
            _ => None,
        };
        let (first, every) = (yes_or_no("premier"), yes_or_no("chaque"));
        let by = CHANNELS.iter().find(|(word, _)| *word == fields.get("par")).map(|(_, by)| *by);
        let (Some(first_access), Some(every_access), Some(by)) = (first, every, by) else {
            let missing = [("premier", first.is_none()), ("chaque", every.is_none()), ("par", by.is_none())];
            let errors = missing.into_iter().filter(|(_, missing)| *missing).map(|(field, _)| match field {
                "par" => (field, "Choisissez comment être prévenu."),
                _ => (field, "Choisissez oui ou non."),
            });
            return Ok(page(open, first, every, by, errors.collect()).await);
        };
        let command = Command::SetNotices(Notices { first_access, every_access, by });
        Ok(match open.execute(command, Vec::new()).await? {
            Receipt::AlreadyDone => answer::see_other(&format!("{}/acces", open.address)),
            _ => answer::see_other(&receipt::address(&open)),
        })
    };
    settle(shown.await, &portal, viewer.as_ref())
}

async fn page(
    open: Open,
    first: Option<bool>,
    every: Option<bool>,
    by: Option<NoticeChannel>,
    errors: Vec<Wrong>,
) -> Response<Body> {
    let contact = match open.consult_part(Query::Administrative).await.map(|a| a.view) {
        Some(View::Administrative(view)) => view.contact,
        _ => Contact::default(),
    };
    let channel = |(word, channel): &(&'static str, NoticeChannel)| {
        let known = match channel {
            NoticeChannel::Mail => contact.mail.clone(),
            NoticeChannel::Sms => contact.phone.clone(),
            NoticeChannel::Letter => contact.address.clone(),
            NoticeChannel::None => Some("Sauf pour un accès d'urgence".to_owned()),
        };
        Channel {
            word,
            words: channel_words(*channel),
            detail: known.unwrap_or_else(|| "Non renseigné".to_owned()),
            current: by == Some(*channel),
        }
    };
    let title = if errors.is_empty() { "Être prévenu" } else { "Erreur : être prévenu" };
    let page = Page {
        shell: open.shell(title, Part::Journal),
        csrf: open.viewer.csrf.clone(),
        channels: CHANNELS.iter().map(channel).collect(),
        address: open.address,
        first,
        every,
        errors,
    };
    let status = if page.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    answer::page(status, &page)
}
