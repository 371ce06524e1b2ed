//! Pages of signing in, which the server answers: choosing a way in, where one works today, one's own number, confirming,
//! what went wrong. They decide nothing: the server says what is on them.

pub(crate) mod step_up;

use askama::Template;
use axum::body::Body;
use axum::http::header::{HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};

use crate::Portal;
use crate::answer;
use crate::shell::{Audience, Shell};
use crate::viewer::Viewer;

/// A way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// Where it leads.
    pub href: String,
    /// `Se connecter avec FranceConnect`.
    pub label: String,
    /// One sentence more; may be empty.
    pub hint: String,
}

impl Door {
    /// A way in.
    pub fn new(href: impl Into<String>, label: impl Into<String>, hint: impl Into<String>) -> Self {
        Door { href: href.into(), label: label.into(), hint: hint.into() }
    }
}

/// The ways in, by who comes.
#[derive(Debug, Clone, Default)]
pub struct Doors {
    /// « Je suis patient ».
    pub patients: Vec<Door>,
    /// « Je suis professionnel de santé ».
    pub professionals: Vec<Door>,
    /// « Accueil, référent ».
    pub staff: Vec<Door>,
}

#[derive(Template)]
#[template(path = "sign_in/portes.html")]
struct DoorsPage {
    shell: Shell,
    groups: Vec<(&'static str, &'static str, &'static str, Vec<Door>)>,
}

/// `/connexion`.
pub fn doors(portal: &Portal, viewer: Option<&Viewer>, doors: Doors) -> Response<Body> {
    let groups = vec![
        ("patient", "person", "Je suis patient", doors.patients),
        ("professionnel", "pulse", "Je suis professionnel de santé", doors.professionals),
        ("accueil", "desk", "Accueil, référent", doors.staff),
    ];
    let groups = groups.into_iter().filter(|(.., doors)| !doors.is_empty()).collect();
    answer::page(StatusCode::OK, &DoorsPage { shell: shell(portal, viewer, "Se connecter"), groups })
}

/// Something to say about a sign-in, and what can be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// HTTP status.
    pub status: u16,
    /// Its name in the catalogue of bad inputs, for machines; empty when nothing went wrong.
    pub code: &'static str,
    /// Title.
    pub heading: &'static str,
    /// What happened.
    pub what: String,
    /// What to do.
    pub then: &'static str,
    /// Where to go on, the main way first.
    pub doors: Vec<Door>,
    /// The browser goes there by itself; the first way of `doors` leads there too.
    pub goes_to: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in/avis.html")]
struct NoticePage<'n> {
    shell: Shell,
    notice: &'n Notice,
}

/// A page that says it.
pub fn notice(portal: &Portal, viewer: Option<&Viewer>, notice: &Notice) -> Response<Body> {
    let status = StatusCode::from_u16(notice.status).unwrap_or(StatusCode::FORBIDDEN);
    let mut response =
        answer::page(status, &NoticePage { shell: shell(portal, viewer, notice.heading), notice });
    // A form may not be redirected to another site (`form-action`): the page goes on by itself instead.
    if let Some(address) = &notice.goes_to
        && let Ok(value) = HeaderValue::from_str(&format!("0; url={address}"))
    {
        response.headers_mut().insert(HeaderName::from_static("refresh"), value);
    }
    response
}

/// Somewhere a professional works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workplace {
    /// `Cabinet médical du Port`.
    pub name: String,
    /// `Médecin · secteur libéral`; may be empty.
    pub detail: String,
}

#[derive(Template)]
#[template(path = "sign_in/ou.html")]
struct WorkplacesPage {
    shell: Shell,
    name: String,
    ticket: String,
    places: Vec<Workplace>,
    wrong: bool,
}

/// « Où exercez-vous aujourd'hui ? », posted with `jeton` and `lieu`; nothing is chosen beforehand.
pub fn workplaces(
    portal: &Portal,
    name: &str,
    ticket: &str,
    places: Vec<Workplace>,
    wrong: bool,
) -> Response<Body> {
    let title =
        if wrong { "Erreur : où exercez-vous aujourd'hui ?" } else { "Où exercez-vous aujourd'hui ?" };
    let page = WorkplacesPage {
        shell: shell(portal, None, title),
        name: name.to_owned(),
        ticket: ticket.to_owned(),
        places,
        wrong,
    };
    answer::page(if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}

#[derive(Template)]
#[template(path = "sign_in/numero.html")]
struct NumberPage {
    shell: Shell,
    name: String,
    ticket: String,
    typed: String,
    error: Option<&'static str>,
}

/// « Votre numéro de santé », posted once with `jeton` and `numero`.
pub fn number(
    portal: &Portal,
    name: &str,
    ticket: &str,
    typed: &str,
    error: Option<&'static str>,
) -> Response<Body> {
    let title = if error.is_some() { "Erreur : votre numéro de santé" } else { "Votre numéro de santé" };
    let mut shell = shell(portal, None, title);
    shell.audience = Audience::Patient;
    let page = NumberPage {
        shell,
        name: name.to_owned(),
        ticket: ticket.to_owned(),
        typed: typed.chars().take(40).collect(),
        error,
    };
    answer::page(if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}

#[derive(Template)]
#[template(path = "sign_in/suite.html")]
struct ResumePage {
    shell: Shell,
    csrf: String,
    action: String,
    fields: Vec<(String, String)>,
}

/// « C'est bien vous » : one button sends the form that waited where it was going.
pub fn resume(
    portal: &Portal,
    viewer: &Viewer,
    action: &str,
    fields: Vec<(String, String)>,
) -> Response<Body> {
    let page = ResumePage {
        shell: Shell::new(portal, Some(viewer), "Votre identité est confirmée"),
        csrf: viewer.csrf.clone(),
        action: action.to_owned(),
        fields,
    };
    answer::page(StatusCode::OK, &page)
}

fn shell(portal: &Portal, viewer: Option<&Viewer>, title: &str) -> Shell {
    let mut shell = Shell::new(portal, viewer, title);
    if viewer.is_none() {
        shell.audience = Audience::Nobody;
    }
    shell
}
