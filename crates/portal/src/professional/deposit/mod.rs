//! `/dossier/{reference}/depot`: a professional, or an employee for the structure, deposits a PDF or a CDA. The patient
//! sees it now, or after the announcement, at the latest on a date (ux.md 3.7, C16).

mod form;
mod make;
mod suggest;
mod upload;

use askama::Template;
use axum::body::Body;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path, Query as Parameters, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{
    Act, Actor, AdministrativeView, Availability, Command, DocumentEntry, DocumentRef, Lid, Query, Reason,
    Receipt, Refusal, View,
};
use dmp_store::{StoreError, Target};
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

use super::{administrative, banner, day, enter, is_minor};
use crate::Portal;
use crate::answer;
use crate::banner::Banner;
use crate::failure::Failure;
use crate::french;
use crate::home::is_token;
use crate::open::{Open, Part, SignedIn};
use crate::people;
use crate::shell::Shell;
use crate::timeline;
use form::{Asked, Circumstances, Errors};
use suggest::Group;
use upload::{Upload, UploadError};

/// Longest form taken: a document of ten mebibytes and its fields.
pub(super) const UPLOAD_BYTES_MAX: usize = 11 << 20;
/// What a header and its markup take of a document.
const HEADER_BYTES: u64 = 64 << 10;

#[derive(Template)]
#[template(path = "professional/deposit.html")]
struct Deposit {
    shell: Shell,
    banner: Option<Banner>,
    address: String,
    csrf: String,
    asked: Asked,
    groups: Vec<Group>,
    /// The type that the title or the name of the file told, when none was chosen.
    told: Option<&'static str>,
    errors: Errors,
    /// Of a document that cannot be read, for whoever makes the software that wrote it.
    technical: Option<String>,
    /// Name of the document it replaces.
    replaced: Option<String>,
    is_minor: bool,
    is_secret: bool,
    is_employee: bool,
    /// Bounds of the dates, as browsers write them.
    today: String,
    soonest: String,
    latest: String,
    latest_words: String,
    file_max: String,
}

impl Deposit {
    fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|(f, _)| *f == field).map(|(_, says)| says.as_str())
    }
}

/// Who the dossier is of, and what is being replaced.
struct Around {
    patient: AdministrativeView,
    replaced: Option<Arc<DocumentEntry>>,
}

impl Around {
    async fn read(open: &Open, replaces: &str) -> Result<Around, Failure> {
        let patient = administrative(open).await?;
        let replaced = match Lid::parse(replaces) {
            Some(lid) => Some(own_or_seen(open, lid).await?),
            None => None,
        };
        Ok(Around { patient, replaced })
    }

    fn circumstances(&self, open: &Open) -> Circumstances {
        let parameters = open.portal.store.parameters();
        Circumstances {
            is_minor: is_minor(open, &self.patient),
            is_secret: open.actor.is_secret(),
            now: open.now,
            announcement_days_max: parameters.announcement_days_max,
            file_bytes_max: file_bytes_max(parameters.document_bytes_max),
            cumul: parameters.cumul,
        }
    }
}

/// A file is kept in base64, four characters for three bytes, under a header.
fn file_bytes_max(document_bytes_max: u64) -> usize {
    let bytes = document_bytes_max.saturating_sub(HEADER_BYTES) / 4 * 3;
    usize::try_from(bytes).unwrap_or(usize::MAX).min(UPLOAD_BYTES_MAX - (1 << 18))
}

/// A document of the actor's own, or one that he sees.
pub(super) async fn own_or_seen(open: &Open, lid: Lid) -> Result<Arc<DocumentEntry>, Failure> {
    match open.consult(Query::FindReference(DocumentRef::Lid(lid))).await?.view {
        View::Documents(mut found) => found.pop().map(|seen| seen.entry).ok_or(Failure::Ours),
        _ => Err(Failure::Ours),
    }
}

fn page(open: &Open, around: &Around, asked: Asked, file_name: &str, errors: Errors) -> Deposit {
    let parameters = open.portal.store.parameters();
    let circumstances = around.circumstances(open);
    let today = day::today(open.now);
    let latest = day::plus_days(today, parameters.announcement_days_max);
    let words = format!("{} {file_name}", asked.title);
    let told = (suggest::chosen(&asked.kind).is_none()).then(|| suggest::told_by(&words)).flatten();
    let title = if errors.is_empty() { "Déposer un document" } else { "Erreur : déposer un document" };
    Deposit {
        shell: open.shell(title, Part::Deposit),
        banner: banner(open, &around.patient),
        address: open.address.clone(),
        csrf: open.viewer.csrf.clone(),
        groups: suggest::groups(&open.actor, &words),
        told: told.map(|t| t.label),
        technical: None,
        replaced: around.replaced.as_deref().map(|old| timeline::name(old).plain),
        is_minor: circumstances.is_minor,
        is_secret: circumstances.is_secret,
        is_employee: matches!(open.actor, Actor::Employee(_)),
        today: today.to_string(),
        soonest: day::plus_days(today, 1).to_string(),
        latest: latest.to_string(),
        latest_words: french::day(day::start(latest)),
        file_max: french::size(circumstances.file_bytes_max),
        asked,
        errors,
    }
}

/// What the address asks for.
#[derive(Deserialize, Default)]
pub(super) struct Wanted {
    #[serde(default)]
    remplace: String,
}

/// `GET`: the form, with what is known already.
pub(super) async fn ask(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    wanted: Result<Parameters<Wanted>, axum::extract::rejection::QueryRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let wanted = wanted.map(|Parameters(w)| w).unwrap_or_default();
    let found = async {
        let open = enter(&portal, signed_in, &reference)?;
        let around = Around::read(&open, &wanted.remplace).await?;
        let days = open.portal.store.parameters().announcement_days;
        let today = day::today(open.now);
        let mut asked = Asked {
            day: today.to_string(),
            visible: "maintenant".to_owned(),
            until: day::plus_days(today, days).to_string(),
            ticket: Uuid::new_v4().to_string(),
            ..Asked::default()
        };
        if let Some(old) = &around.replaced {
            let metadata = &old.metadata;
            asked.kind.clone_from(&metadata.type_code.code);
            asked.title.clone_from(&metadata.title);
            asked.day = french::Day::of(timeline::act_date(old)).machine();
            asked.masked = old.visibility.masked;
            asked.replaces = old.lid.to_string();
        }
        Ok::<_, Failure>(page(&open, &around, asked, "", Errors::new()))
    };
    match found.await {
        Ok(page) => answer::page(StatusCode::OK, &page),
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

/// `POST`: deposits, or says what is wrong by each field.
pub(super) async fn send(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    parts: Result<Multipart, MultipartRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let sent = async {
        let open = enter(&portal, signed_in, &reference)?;
        let Ok(parts) = parts else { return Err(Failure::Form) };
        deposit(&open, Upload::read(parts).await).await
    };
    match sent.await {
        Ok(response) => response,
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

async fn deposit(open: &Open, upload: Result<Upload, UploadError>) -> Result<Response<Body>, Failure> {
    let mut upload = match upload {
        Ok(upload) => upload,
        Err(UploadError::Unreadable) => return Err(Failure::Form),
        Err(UploadError::TooLarge) => {
            // Its fields were not read: the form is given back as new.
            let around = Around::read(open, "").await?;
            let size = french::size(around.circumstances(open).file_bytes_max);
            let says = format!("Ce fichier est trop grand : {size} au plus.");
            let asked = Asked { ticket: Uuid::new_v4().to_string(), ..Asked::default() };
            let page = page(open, &around, asked, "", vec![("fichier", says)]);
            return Ok(answer::page(StatusCode::PAYLOAD_TOO_LARGE, &page));
        }
    };
    if !is_token(upload.field("csrf"), &open.viewer) {
        return Err(Failure::Form);
    }
    let asked = Asked::of(&upload);
    let around = Around::read(open, &asked.replaces).await?;
    let file = upload.file.take();
    let name = file.as_ref().map_or(String::new(), |(name, _)| name.chars().take(200).collect());
    let again = |errors| page(open, &around, asked.clone(), &name, errors);
    let valid = match form::check(&asked, file, around.circumstances(open)) {
        Ok(valid) => valid,
        Err(errors) => return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &again(errors))),
    };
    let refusal = match make::lot(open, &around.patient, &valid, around.replaced.as_deref()) {
        Ok((lot, content)) => match open.execute(Command::Publish(Box::new(lot)), vec![content]).await {
            Ok(Receipt::Published { documents, .. }) => {
                let lid = documents.first().ok_or(Failure::Ours)?.lid;
                return Ok(answer::see_other(&format!("{}/depot/{lid}", open.address)));
            }
            Ok(_) => return Err(Failure::Ours),
            Err(Failure::Refused { refusal, .. }) if field_of(refusal.reason).is_some() => refusal,
            Err(failure) => return Err(failure),
        },
        Err(refusal) => {
            journal(open, &refusal).await;
            refusal
        }
    };
    let (field, says) = field_of(refusal.reason).unwrap_or(("fichier", refusal.reason.answer().french));
    let says = format!("Ce document n'a pas été déposé. {says}");
    let page = Deposit { technical: refusal.context, ..again(vec![(field, says)]) };
    Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// A document refused at the gate is traced like one refused by the rules.
async fn journal(open: &Open, refusal: &Refusal) {
    let target = Target::Patient(open.reference.ins.clone());
    let noted = open.portal.store.refuse(&open.actor, target, Act::Feed, refusal, Uuid::new_v4()).await;
    if let Err(StoreError::Failed { place, .. }) = noted {
        tracing::error!(place, "a refused deposit is not journalled");
    }
}

/// The field that a refusal is about, and what is said there; `None` for one that ends the page.
fn field_of(reason: Reason) -> Option<(&'static str, &'static str)> {
    match reason {
        Reason::PatientMismatch => Some(("fichier", "Il nomme un autre patient que celui du dossier.")),
        Reason::InvalidIns => Some(("fichier", "Le numéro du patient y est absent ou incorrect.")),
        Reason::NonIdenticalHash | Reason::DuplicateUniqueId => {
            Some(("fichier", "Il est déjà déposé : ouvrez le dossier pour le voir."))
        }
        Reason::AuthorInstitution => Some(("fichier", "Aucun de ses auteurs n'est de votre structure.")),
        Reason::TooLarge => Some(("fichier", "Il est trop grand.")),
        Reason::InvalidContent => Some(("fichier", "Son contenu n'est pas celui d'un document lisible.")),
        Reason::RepositoryMetadata => Some(("fichier", "Ses dates ou sa version ne conviennent pas.")),
        Reason::RegistryMetadata => Some(("fichier", "Une de ses informations n'est pas permise.")),
        Reason::DeprecatedDocument | Reason::ReplaceFailed => {
            Some(("fichier", "Le document à remplacer n'est plus en vigueur."))
        }
        Reason::NotAuthor => Some(("fichier", "Seul l'auteur d'un document le remplace.")),
        _ => None,
    }
}

#[derive(Template)]
#[template(path = "professional/deposited.html")]
struct Deposited {
    shell: Shell,
    banner: Option<Banner>,
    address: String,
    lid: String,
    name: timeline::Name,
    icon: &'static str,
    act_day: String,
    authors: String,
    badges: Vec<timeline::Badge>,
    is_employee: bool,
    is_gone: bool,
}

/// `GET /dossier/{reference}/depot/{lid}`: what was deposited, as the registry keeps it.
pub(super) async fn done(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path((reference, lid)): Path<(String, String)>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let found = async {
        let open = enter(&portal, signed_in, &reference)?;
        let lid = Lid::parse(&lid).ok_or(Failure::UnknownAddress)?;
        let entry = own_or_seen(&open, lid).await?;
        let patient = administrative(&open).await?;
        let authors: Vec<String> =
            entry.metadata.authors.iter().map(|a| people::author_line(a, open.reader)).collect();
        Ok::<_, Failure>(Deposited {
            shell: open.shell("Document déposé", Part::Deposit),
            banner: banner(&open, &patient),
            name: timeline::name(&entry),
            icon: timeline::icon(&entry),
            act_day: french::Day::of(timeline::act_date(&entry)).long(),
            authors: authors.join(", "),
            badges: timeline::badges(&entry, open.reader, open.now),
            is_employee: matches!(open.actor, Actor::Employee(_)),
            is_gone: entry.status == Availability::Deleted,
            lid: entry.lid.to_string(),
            address: open.address,
        })
    };
    match found.await {
        Ok(page) => answer::page(StatusCode::OK, &page),
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}
