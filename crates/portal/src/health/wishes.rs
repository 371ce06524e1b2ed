//! `/dossier/{reference}/volontes`: *directives anticipées* (CSP L.1111-11), *personne de confiance* (L.1111-6), persons to
//! call. Each is a document of the patient; a new version replaces the former, which stays readable.

use askama::Template;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{Response, StatusCode};
use dmp_cda::entries::{NamedPerson, PersonRole};
use std::sync::Arc;

use super::edit::written;
use super::items;
use super::own::{self, DIRECTIVES, Held, PERSONS, Written};
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french;
use crate::open::{Open, Part, SignedIn};
use crate::patient::After;
use crate::rights::form::{Fields, Posted, Wrong, one_line};
use crate::rights::{own as own_dossier, settle};
use crate::shell::Shell;

/// Most persons.
const PERSONS_MAX: usize = 5;
/// Longest directives, in characters.
const DIRECTIVES_CHARS: usize = 10_000;
/// After this long, the page proposes to read them again.
const READ_AGAIN_MS: i64 = 365 * 86_400_000;

#[derive(Template)]
#[template(path = "health/volontes.html")]
struct Page {
    shell: Shell,
    address: String,
    csrf: String,
    done: Option<&'static str>,
    directives: Option<Directives>,
    persons: Vec<NamedPerson>,
    persons_version: String,
    is_full: bool,
    fields: Fields,
    errors: Vec<Wrong>,
}

struct Directives {
    text: String,
    day: String,
    lid: String,
    is_old: bool,
    /// A file, not a text that the page can change.
    is_file: bool,
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
    after: Result<Parameters<After>, QueryRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own_dossier(&portal, signed_in, &reference)?;
        let word = after.ok().and_then(|Parameters(after)| after.fait);
        let held = read(&open).await?;
        Ok(page(&open, &held, word.as_deref(), Fields::none(), Vec::new()))
    };
    settle(shown.await, &portal, viewer.as_ref())
}

/// Directives, then persons.
async fn read(open: &Open) -> Result<Vec<Held>, Failure> {
    let seen = own::seen(open).await?;
    own::held(open, &seen, &[DIRECTIVES, PERSONS]).await
}

/// `POST`: directives written, a person named, or one taken away.
pub(super) async fn set(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    posted: Posted,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own_dossier(&portal, signed_in, &reference)?;
        let fields = Fields::read(posted, &open)?;
        let held = read(&open).await?;
        let [directives, persons] = &held[..] else { return Err(Failure::Ours) };
        let back = format!("{}/volontes", open.address);
        match fields.get("geste") {
            "directives" => {
                let text = fields.get("directives").replace("\r\n", "\n").trim().to_owned();
                let odd = text.chars().any(|c| c.is_control() && c != '\n');
                if text.is_empty() || odd || text.chars().count() > DIRECTIVES_CHARS {
                    let says = "Écrivez vos directives, en 10 000 caractères au plus.";
                    return Ok(page(&open, &held, None, fields, vec![("directives", says)]));
                }
                written(&open, Written::Directives(text), directives.entry.as_deref(), &back, "ecrit").await
            }
            "personne" => {
                let mut list = named(persons);
                match person(&fields, list.len()) {
                    Ok(new) => list.push(new),
                    Err(errors) => return Ok(page(&open, &held, None, fields, errors)),
                }
                written(&open, Written::Persons(list), persons.entry.as_deref(), &back, "ecrit").await
            }
            "retirer" => {
                let mut list = named(persons);
                let index = fields.get("numero").parse().unwrap_or(usize::MAX);
                let same = fields.get("version") == items::version(persons.entry.as_deref());
                if !same || index >= list.len() {
                    return Ok(answer::see_other(&format!("{back}?fait=ailleurs")));
                }
                list.remove(index);
                written(&open, Written::Persons(list), persons.entry.as_deref(), &back, "retire").await
            }
            _ => Err(Failure::Form),
        }
    };
    settle(shown.await, &portal, viewer.as_ref())
}

fn named(held: &Held) -> Vec<(PersonRole, String, String, String)> {
    let one = |p: &NamedPerson| (p.role, p.name.clone(), p.tie.clone(), p.phone.clone());
    held.entries.persons.iter().map(one).collect()
}

fn person(fields: &Fields, known: usize) -> Result<(PersonRole, String, String, String), Vec<Wrong>> {
    let role = match fields.get("role") {
        "confiance" => Some(PersonRole::Trusted),
        "prevenir" => Some(PersonRole::ToCall),
        _ => None,
    };
    let name = one_line(fields.get("nom"), 100).filter(|name| !name.is_empty());
    let tie = one_line(fields.get("lien"), 60);
    let phone = fields.get("telephone").trim().to_owned();
    let digits = phone.bytes().filter(u8::is_ascii_digit).count();
    let dialled = phone.len() <= 24 && phone.bytes().all(|b| b.is_ascii_digit() || b" +.-()".contains(&b));
    let mut errors = Vec::new();
    if role.is_none() {
        errors.push(("role", "Choisissez ce que fera cette personne."));
    }
    if name.is_none() {
        errors.push(("nom", "Écrivez son nom, en 100 caractères au plus."));
    }
    if tie.is_none() {
        errors.push(("lien", "Écrivez 60 caractères au plus."));
    }
    if !dialled || !(8..=15).contains(&digits) {
        errors.push(("telephone", "Écrivez un numéro de téléphone, par exemple 06 00 00 00 00."));
    }
    if known >= PERSONS_MAX {
        errors.push(("nom", "Cinq personnes sont déjà indiquées : retirez-en une d'abord."));
    }
    match (role, name, tie, errors.is_empty()) {
        (Some(role), Some(name), Some(tie), true) => Ok((role, name, tie, phone)),
        _ => Err(errors),
    }
}

fn page(
    open: &Open,
    held: &[Held],
    word: Option<&str>,
    fields: Fields,
    errors: Vec<Wrong>,
) -> Response<Body> {
    let wrong = !errors.is_empty();
    let directives = held.first().and_then(|held| {
        let entry = held.entry.as_deref()?;
        let text = entry.metadata.format_code.code.ends_with("xds-sd:text:2008");
        Some(Directives {
            // The text of a document begins with its title.
            text: match held.text.strip_prefix(entry.metadata.title.as_str()) {
                _ if !text => String::new(),
                Some(rest) => rest.trim_start().to_owned(),
                None => held.text.clone(),
            },
            day: french::day(entry.registered_at),
            lid: entry.lid.to_string(),
            is_old: open.now.millis() - entry.registered_at.millis() > READ_AGAIN_MS,
            is_file: !text,
        })
    });
    let persons = held.get(1);
    let title = if wrong { "Erreur : mes volontés" } else { "Mes volontés" };
    let list = persons.map(|held| held.entries.persons.clone()).unwrap_or_default();
    let page = Page {
        shell: open.shell(title, Part::Health),
        address: open.address.clone(),
        csrf: open.viewer.csrf.clone(),
        done: items::sentence(word),
        directives,
        is_full: list.len() >= PERSONS_MAX,
        persons: list,
        persons_version: items::version(persons.and_then(|held| held.entry.as_deref())),
        fields,
        errors,
    };
    answer::page(if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}
