//! `/demo`: the persona picker, mounted where the server gives a [`Demo`].
//!
//! Choosing posts `persona` to `/demo/persona`, which the server answers: it sends through the sign-in of everybody, with
//! the demonstration's own provider, whose page is here too.

use askama::Template;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query as Parameters, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::Ins;
use serde::Deserialize;
use std::sync::Arc;

use crate::Portal;
use crate::answer;
use crate::open::SignedIn;
use crate::shell::{Audience, Shell};
use crate::sign_in::Door;
use crate::viewer::Viewer;

/// What the demonstration tells the pages.
pub trait Demo: Send + Sync {
    /// The people one may be, in the order of the cards.
    fn personas(&self) -> Vec<Persona>;

    /// Dossiers proposed to a professional, so that nobody has to type an INS; empty for the others.
    fn patients(&self, viewer: &Viewer) -> Vec<ListedPatient>;
}

/// Somebody one may be.
#[derive(Debug, Clone)]
pub struct Persona {
    /// The value posted, `dr-martin`.
    pub key: String,
    /// `Dr Paul Martin`.
    pub name: String,
    /// `Médecin généraliste, cabinet du Port`.
    pub who: String,
    /// What they can do, a sentence or two in plain French.
    pub can: String,
    /// Where the card stands.
    pub group: Group,
}

/// Groups of cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Patients and who acts for them.
    Patients,
    /// Health professionals.
    Professionals,
    /// Reception desks, secretaries, the pilot team.
    Staff,
}

/// A dossier of the demonstration.
#[derive(Debug, Clone)]
pub struct ListedPatient {
    /// Whose.
    pub ins: Ins,
    /// `DURAND Marie`.
    pub name: String,
    /// `YYYYMMDD`.
    pub birth_date: String,
    /// Why it is worth opening, `vous êtes son médecin traitant`; may be empty.
    pub note: String,
}

/// Cards under one heading.
struct Cards {
    heading: &'static str,
    id: &'static str,
    personas: Vec<(String, Persona)>,
}

#[derive(Template)]
#[template(path = "demo.html")]
struct Picker {
    shell: Shell,
    groups: Vec<Cards>,
    csrf: String,
    next: String,
}

/// Where to go once somebody is chosen: sent back as it came, the sign-in looks at it.
#[derive(Deserialize, Default)]
pub(crate) struct Wanted {
    #[serde(default)]
    next: String,
}

/// `GET /demo`
pub(crate) async fn show(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    wanted: Result<Parameters<Wanted>, QueryRejection>,
) -> Response<Body> {
    let personas = portal.demo.as_ref().map(|demo| demo.personas()).unwrap_or_default();
    let group = |heading, id, group| Cards {
        heading,
        id,
        personas: personas
            .iter()
            .filter(|p| p.group == group)
            .map(|p| (initials(&p.name), p.clone()))
            .collect(),
    };
    let groups = vec![
        group("Patients", "patients", Group::Patients),
        group("Professionnels de santé", "professionnels", Group::Professionals),
        group("Autour du soin", "autour", Group::Staff),
    ];
    let mut shell = Shell::new(&portal, viewer.as_ref(), "Démonstration");
    shell.audience = Audience::Nobody;
    let csrf = viewer.map(|v| v.csrf).unwrap_or_default();
    let next = wanted.map(|Parameters(wanted)| wanted.next).unwrap_or_default();
    answer::page(StatusCode::OK, &Picker { shell, groups, csrf, next })
}

#[derive(Template)]
#[template(path = "sign_in/identite.html")]
struct Provider {
    shell: Shell,
    doors: Vec<Door>,
    cancel: String,
}

/// The page of the demonstration's provider: a link for each person one may be, and one to give up.
pub fn provider(portal: &Portal, doors: Vec<Door>, cancel: String) -> Response<Body> {
    let mut shell = Shell::new(portal, None, "Fournisseur d'identité de démonstration");
    shell.audience = Audience::Nobody;
    answer::page(StatusCode::OK, &Provider { shell, doors, cancel })
}

/// `PM` for Dr Paul Martin.
fn initials(name: &str) -> String {
    let words = name
        .split([' ', '-', '\''])
        .filter(|w| !matches!(*w, "Dr" | "Pr" | "M." | "Mme" | "" | "de" | "du" | "la" | "le"));
    words
        .filter_map(|w| w.chars().next())
        .filter(|c| c.is_alphabetic())
        .flat_map(char::to_uppercase)
        .take(2)
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn initials_are_those_of_the_name() {
        for (name, letters) in
            [("Dr Paul Martin", "PM"), ("Marie Durand", "MD"), ("Léo", "L"), ("élodie", "É"), ("", "")]
        {
            assert_eq!(super::initials(name), letters, "{name}");
        }
    }
}
