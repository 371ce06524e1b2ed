//! `/dossier/{reference}/droits/autoriser`, `…/bloquer`, `…/traitant`: who, among those the dossier knows or by a number;
//! and for an authorisation, how long.

use askama::Template;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{Response, StatusCode};
use dmp_nomenclature::Profession;
use dmp_nomenclature::profession::Kind;
use serde::Deserialize;
use std::sync::Arc;

use super::confirm::{self, DURATIONS, Deed};
use super::form::{Fields, Posted, Wrong};
use super::known::{self, Known, Standing};
use super::{Shown, own, settle};
use crate::Portal;
use crate::answer;
use crate::open::{Open, Part, SignedIn};
use crate::shell::Shell;

#[derive(Template)]
#[template(path = "rights/choisir.html")]
struct Choose {
    shell: Shell,
    action: String,
    back: String,
    csrf: String,
    heading: &'static str,
    intro: &'static str,
    candidates: Vec<Candidate>,
    professions: Vec<(&'static str, &'static str)>,
    durations: Vec<(&'static str, &'static str)>,
    /// A médecin traitant is a person.
    may_be_structure: bool,
    fields: Fields,
    errors: Vec<Wrong>,
}

struct Candidate {
    key: String,
    name: String,
    detail: String,
}

impl Choose {
    fn error(&self, field: &str) -> Option<&'static str> {
        self.errors.iter().find(|(f, _)| *f == field).map(|(_, says)| *says)
    }

    fn is(&self, field: &str, value: &str) -> bool {
        self.fields.get(field) == value
    }
}

/// Who is chosen beforehand: the person whose page led here.
#[derive(Deserialize, Default)]
pub(super) struct Wanted {
    #[serde(default)]
    qui: String,
}

type WantedQuery = Result<Parameters<Wanted>, QueryRejection>;

pub(super) async fn authorise(
    state: State<Arc<Portal>>,
    signed_in: SignedIn,
    reference: Path<String>,
    wanted: WantedQuery,
) -> Response<Body> {
    ask(state, signed_in, reference, wanted, Deed::Authorise).await
}

pub(super) async fn block(
    state: State<Arc<Portal>>,
    signed_in: SignedIn,
    reference: Path<String>,
    wanted: WantedQuery,
) -> Response<Body> {
    ask(state, signed_in, reference, wanted, Deed::Block).await
}

pub(super) async fn name(
    state: State<Arc<Portal>>,
    signed_in: SignedIn,
    reference: Path<String>,
    wanted: WantedQuery,
) -> Response<Body> {
    ask(state, signed_in, reference, wanted, Deed::NameMedecinTraitant).await
}

pub(super) async fn authorise_chosen(
    state: State<Arc<Portal>>,
    signed_in: SignedIn,
    reference: Path<String>,
    posted: Posted,
) -> Response<Body> {
    choose(state, signed_in, reference, posted, Deed::Authorise).await
}

pub(super) async fn block_chosen(
    state: State<Arc<Portal>>,
    signed_in: SignedIn,
    reference: Path<String>,
    posted: Posted,
) -> Response<Body> {
    choose(state, signed_in, reference, posted, Deed::Block).await
}

pub(super) async fn name_chosen(
    state: State<Arc<Portal>>,
    signed_in: SignedIn,
    reference: Path<String>,
    posted: Posted,
) -> Response<Body> {
    choose(state, signed_in, reference, posted, Deed::NameMedecinTraitant).await
}

async fn ask(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    wanted: WantedQuery,
    deed: Deed,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let wanted = wanted.map(|Parameters(w)| w).unwrap_or_default();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        let known = known::everybody(&open).await?;
        Ok(page(open, deed, &known, Fields::none().with("qui", &wanted.qui), Vec::new()))
    };
    settle(shown.await, &portal, viewer.as_ref())
}

async fn choose(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    posted: Posted,
    deed: Deed,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        let fields = Fields::read(posted, &open)?;
        chosen(open, deed, fields).await
    };
    settle(shown.await, &portal, viewer.as_ref())
}

async fn chosen(open: Open, deed: Deed, fields: Fields) -> Shown {
    let known = known::everybody(&open).await?;
    let person = confirm::chosen(&fields, &known);
    let mut errors = person.as_ref().err().cloned().unwrap_or_default();
    if let Ok(person) = &person
        && deed == Deed::NameMedecinTraitant
        && !person.is_doctor()
    {
        errors.push(("qui", "Un médecin traitant est un médecin."));
    }
    let duration = fields.get("duree");
    if deed == Deed::Authorise && !DURATIONS.iter().any(|(word, _, _)| *word == duration) {
        errors.push(("duree", "Choisissez une durée."));
    }
    match person {
        Ok(person) if errors.is_empty() => confirm::page(open, deed, &person, &fields),
        _ => Ok(page(open, deed, &known, fields, errors)),
    }
}

fn page(open: Open, deed: Deed, known: &[Known], fields: Fields, errors: Vec<Wrong>) -> Response<Body> {
    let fits = |k: &&Known| match (deed, k.standing(open.now)) {
        (_, Standing::MedecinTraitant { .. }) => deed == Deed::Block,
        (Deed::NameMedecinTraitant, _) => k.is_doctor(),
        (Deed::Block, standing) => !matches!(standing, Standing::Blocked { .. }),
        // Somebody authorised is there when their page led here, to change the length.
        (_, Standing::Authorised { .. }) => fields.get("qui") == k.key(),
        _ => true,
    };
    // Support staff open no dossier: to authorise one would do nothing.
    let reads = |k: &&Known| {
        let profession = k.profession.as_deref().and_then(Profession::find);
        deed == Deed::Block || profession.is_none_or(|p| p.kind != Kind::Support)
    };
    let candidate = |k: &Known| Candidate {
        key: k.key(),
        name: k.name.clone(),
        detail: crate::people::joined(&[k.role(), k.how.clone()]),
    };
    let (heading, intro) = match deed {
        Deed::Block => {
            ("Bloquer quelqu'un", "Une personne bloquée n'ouvre pas votre dossier, même en urgence.")
        }
        Deed::NameMedecinTraitant => (
            "Nommer mon médecin traitant",
            "Il voit aussi les documents masqués, et tous les accès à votre dossier.",
        ),
        _ => ("Autoriser quelqu'un", "Vous choisissez qui lit votre dossier, et jusqu'à quand."),
    };
    let mut professions: Vec<(&str, &str)> = Profession::all()
        .iter()
        .filter(|p| p.kind == Kind::HealthProfessional)
        .filter(|p| deed != Deed::NameMedecinTraitant || p.key == "10")
        .map(|p| (p.key, p.plain))
        .collect();
    professions.sort_by_key(|(_, plain)| plain.replace('É', "E"));
    let title = if errors.is_empty() { heading.to_owned() } else { format!("Erreur : {heading}") };
    let page = Choose {
        shell: open.shell(&title, Part::Rights),
        csrf: open.viewer.csrf.clone(),
        candidates: known.iter().filter(fits).filter(reads).map(candidate).collect(),
        durations: match deed {
            Deed::Authorise => DURATIONS.iter().map(|(word, says, _)| (*word, *says)).collect(),
            _ => Vec::new(),
        },
        may_be_structure: deed != Deed::NameMedecinTraitant,
        action: format!("{}/droits/{}", open.address, deed.as_str()),
        back: format!("{}/droits", open.address),
        professions,
        heading,
        intro,
        fields,
        errors,
    };
    let status = if page.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    answer::page(status, &page)
}
