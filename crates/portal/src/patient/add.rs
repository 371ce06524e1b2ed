//! `/dossier/{reference}/ajouter`: the patient adds a document by photograph or PDF.

use askama::Template;
use axum::body::Body;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path, State};
use axum::http::{Response, StatusCode};
use dmp_cda::write::FileBody;
use dmp_dossier::{Dtm, Precision, Query, Receipt, Time, View};
use dmp_nomenclature::TypeCode;
use std::sync::Arc;

use super::deposit::{self, Added};
use super::home::whose;
use super::photo;
use super::upload::{self, FILE_BYTES_MAX, Upload};
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french;
use crate::home::is_token;
use crate::open::{Open, Part, SignedIn};
use crate::shell::Shell;

/// Kinds that the patient may add, in everyday words.
const KINDS: [(&str, &str); 9] = [
    ("DOCPAT05", "Résultats d'analyses"),
    ("DOCPAT02", "Ordonnance ou traitement"),
    ("DOCPAT03", "Compte rendu d'un soignant"),
    ("DOCPAT04", "Radio, scanner, IRM"),
    ("DOCPAT06", "Vaccin, dépistage, prévention"),
    ("DOCPAT07", "Certificat"),
    ("DOCPAT09", "Papier administratif"),
    ("DOCPAT01", "Résumé de santé"),
    ("EXPPAT_2", "Autre document, ou note à moi"),
];
/// Longest title, in characters.
const TITLE_CHARS_MAX: usize = 120;

#[derive(Template)]
#[template(path = "patient/add.html")]
struct Add {
    shell: Shell,
    address: String,
    csrf: String,
    /// Whose dossier, when not the reader's own.
    of: Option<String>,
    form: String,
    today: String,
    kind: String,
    title: String,
    day: String,
    who: String,
    errors: Vec<(&'static str, &'static str)>,
}

impl Add {
    fn kinds(&self) -> &'static [(&'static str, &'static str)] {
        &KINDS
    }

    fn error(&self, field: &str) -> Option<&'static str> {
        self.errors.iter().find(|(f, _)| *f == field).map(|(_, says)| *says)
    }

    fn file_bytes_max(&self) -> usize {
        FILE_BYTES_MAX
    }
}

/// `GET`
pub(crate) async fn ask(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        open.still_open().await?;
        Ok::<_, Failure>(page(&open, &Upload::default(), Vec::new()))
    };
    shown.await.unwrap_or_else(|failure| failure.page(&portal, viewer.as_ref()))
}

/// Only the patient and who acts for them add documents here.
fn own(portal: &Arc<Portal>, signed_in: SignedIn, reference: &str) -> Result<Open, Failure> {
    let open = Open::new(portal, signed_in, reference)?;
    if open.is_own() { Ok(open) } else { Err(Failure::UnknownAddress) }
}

fn page(open: &Open, typed: &Upload, errors: Vec<(&'static str, &'static str)>) -> Response<Body> {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let title = if errors.is_empty() { "Ajouter un document" } else { "Erreur : ajouter un document" };
    let kept = |name: &str| typed.text(name).chars().take(TITLE_CHARS_MAX).collect::<String>();
    let form = match typed.text("envoi") {
        "" => open.now.millis().to_string(),
        sent => sent.chars().take(20).collect(),
    };
    let page = Add {
        shell: open.shell(title, Part::Document),
        address: open.address.clone(),
        csrf: open.viewer.csrf.clone(),
        of: whose(open),
        form,
        today: french::machine_day(open.now),
        kind: kept("genre"),
        title: kept("titre"),
        day: kept("jour"),
        who: kept("qui"),
        errors,
    };
    answer::page(status, &page)
}

/// `POST`: makes the document and deposits it; the page of the document follows.
pub(crate) async fn add(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let done = async {
        let open = own(&portal, signed_in, &reference)?;
        let form = form.map_err(|_| Failure::Form)?;
        let upload = upload::read(form).await.ok_or(Failure::Form)?;
        if !is_token(upload.text("csrf"), &open.viewer) {
            return Err(Failure::Form);
        }
        let added = match checked(&upload, open.now) {
            Ok(added) => added,
            Err(errors) => return Ok(page(&open, &upload, errors)),
        };
        Ok(answer::see_other(&publish(&open, added).await?))
    };
    match done.await {
        Ok(response) => response,
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

/// What was typed and sent, or what is wrong, field by field in the order of the page.
fn checked(upload: &Upload, now: Time) -> Result<Added, Vec<(&'static str, &'static str)>> {
    let mut errors = Vec::new();
    let file = body(upload).map_err(|says| errors.push(("fichier", says))).ok();
    let kind = KINDS.iter().find(|(code, _)| *code == upload.text("genre"));
    let type_code = kind.and_then(|(code, _)| TypeCode::find(code));
    if type_code.is_none() {
        errors.push(("genre", "Choisissez le genre de document."));
    }
    let day = day(upload.text("jour"), now).map_err(|says| errors.push(("jour", says))).ok();
    let title = upload.text("titre").split_whitespace().collect::<Vec<_>>().join(" ");
    if title.chars().count() > TITLE_CHARS_MAX {
        errors.push(("titre", "Le nom a 120 caractères au plus."));
    } else if title.chars().any(char::is_control) {
        errors.push(("titre", "Le nom contient un caractère qui ne peut pas être gardé."));
    }
    let masked = match upload.text("qui") {
        "autorises" => Some(false),
        "masque" => Some(true),
        _ => {
            errors.push(("qui", "Choisissez qui pourra voir ce document."));
            None
        }
    };
    match (file, type_code, day, masked) {
        (Some(file), Some(type_code), Some(day), Some(masked)) if errors.is_empty() => {
            let title = match (title.is_empty(), kind) {
                (true, Some((_, words))) => (*words).to_owned(),
                _ => title,
            };
            let form = upload.text("envoi").chars().take(20).collect();
            Ok(Added { file, type_code, title, day, masked, form })
        }
        _ => Err(errors),
    }
}

/// The file by its first bytes, whatever its name: a photograph without what the camera added, or a PDF.
fn body(upload: &Upload) -> Result<FileBody, &'static str> {
    let bytes = &upload.file;
    if upload.too_large {
        return Err("Ce fichier dépasse 7 Mo. Prenez une photo plus petite, ou moins de pages.");
    }
    if bytes.is_empty() {
        return Err("Prenez une photo, ou choisissez un fichier.");
    }
    if bytes.starts_with(b"%PDF-") {
        return Ok(FileBody::Pdf(bytes.clone()));
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        let damaged = "Cette photo est abîmée ou incomplète. Prenez-la de nouveau.";
        return photo::bare(bytes).map(FileBody::Jpeg).ok_or(damaged);
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Err("Une image PNG ne peut pas être gardée. Enregistrez-la en JPEG ou en PDF.");
    }
    Err("Ce fichier n'est ni une photo JPEG, ni un PDF.")
}

/// The day of the act, at noon: the same day whatever the time zone.
fn day(typed: &str, now: Time) -> Result<Time, &'static str> {
    let text: String = typed.trim().split('-').collect();
    let is_day = typed.trim().len() == 10 && text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    let read = Dtm::parse(&text).filter(|d| is_day && d.precision() == Precision::Day);
    let Some(day) = read else {
        return Err(if typed.trim().is_empty() {
            "Donnez la date du document."
        } else {
            "La date s'écrit année-mois-jour, par exemple 2026-03-12."
        });
    };
    match () {
        () if day.start() > now => Err("La date du document est dans le futur."),
        () if text.as_str() < "19000101" => Err("La date du document est trop ancienne."),
        () => Ok(day.start().plus_minutes(12 * 60).min(now)),
    }
}

async fn publish(open: &Open, added: Added) -> Result<String, Failure> {
    let View::Administrative(view) = open.consult(Query::Administrative).await?.view else {
        return Err(Failure::Ours);
    };
    let (now, realm) = (open.now, open.portal.store.parameters().realm);
    // Some megabytes to encode, parse and hash: apart, so that others need not wait.
    let made = tokio::task::spawn_blocking(move || deposit::lot(&view.identity, added, now, realm)).await;
    let (command, content) = made.ok().flatten().ok_or(Failure::Ours)?;
    match open.execute(command, vec![content]).await? {
        Receipt::Published { documents, .. } => {
            let lid = documents.first().ok_or(Failure::Ours)?.lid;
            Ok(format!("{}/document/{lid}?fait=ajoute", open.address))
        }
        _ => Err(Failure::Ours),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_day_is_a_day_of_the_past() {
        let now = samples::now();
        for (typed, read) in [
            ("2026-03-12", Ok("20260312")),
            (" 2026-03-12 ", Ok("20260312")),
            ("2026-11-21", Ok("20261121")),
            ("2026-11-22", Err("La date du document est dans le futur.")),
            ("1899-12-31", Err("La date du document est trop ancienne.")),
            ("", Err("Donnez la date du document.")),
            ("12/03/2026", Err("La date s'écrit année-mois-jour, par exemple 2026-03-12.")),
            ("2026-02-30", Err("La date s'écrit année-mois-jour, par exemple 2026-03-12.")),
            ("20260312", Err("La date s'écrit année-mois-jour, par exemple 2026-03-12.")),
        ] {
            let told = day(typed, now).map(|t| Dtm::from_time(t).to_hl7()[..8].to_owned());
            assert_eq!(told, read.map(str::to_owned), "{typed}");
        }
    }

    #[test]
    fn every_kind_is_a_type_that_a_patient_may_deposit() {
        for (code, _) in KINDS {
            let known = TypeCode::find(code).unwrap();
            assert!(
                known.is_current() && (code.starts_with("DOCPAT") || code.starts_with("EXPPAT_")),
                "{code}"
            );
        }
    }
}
