//! `/dossier/{reference}/droits/personne`: one person's rights, on what they rest, and what may be changed.

use askama::Template;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{Basis, Fact, Grantee, JournalFilter, Query, RightsFact, Time};
use dmp_store::Line;
use serde::Deserialize;
use std::sync::Arc;

use super::categories::{self, Cell};
use super::confirm::Deed;
use super::known::{self, Known, Standing};
use super::{Shown, own, settle};
use crate::Portal;
use crate::answer;
use crate::french;
use crate::open::{Open, Part, SignedIn};
use crate::people::{self, Reader};
use crate::shell::Shell;

/// Where the declaration is looked for.
const DECLARED_DAYS: i64 = 365;
const DECLARED_LINES: usize = 2000;

#[derive(Template)]
#[template(path = "rights/personne.html")]
struct Person {
    shell: Shell,
    address: String,
    key: String,
    name: String,
    role: String,
    is_medecin_traitant: bool,
    may_read: bool,
    facts: Vec<(&'static str, String)>,
    cells: Vec<Cell>,
    deeds: Vec<(String, &'static str, &'static str)>,
    /// The professional noted the consent: the patient may say that it is not so.
    is_declared: bool,
    is_occupational: bool,
}

/// Which person.
#[derive(Deserialize, Default)]
pub(super) struct Wanted {
    #[serde(default)]
    qui: String,
}

/// `GET`
pub(super) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    wanted: Result<Parameters<Wanted>, QueryRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let wanted = wanted.map(|Parameters(w)| w).unwrap_or_default();
    let shown = async { build(own(&portal, signed_in, &reference)?, &wanted.qui).await };
    settle(shown.await, &portal, viewer.as_ref())
}

async fn build(open: Open, wanted: &str) -> Shown {
    let known = known::find(&open, wanted).await?;
    let from = Time::from_millis(open.now.millis() - DECLARED_DAYS * 86_400_000);
    let filter = JournalFilter { from: Some(from), limit: Some(DECLARED_LINES), ..JournalFilter::default() };
    let lines = open.consult_part(Query::Journal(filter)).await.map(|a| a.lines).unwrap_or_default();
    let standing = known.standing(open.now);
    let cells = match (&known.profession, known.is_person()) {
        (Some(profession), true) if !known.is_occupational() => {
            let social_sector = open.portal.store.parameters().social_sector;
            categories::cells(open.portal.store.matrix(), profession, social_sector)
        }
        _ => Vec::new(),
    };
    let page = Person {
        shell: open.shell(&known.name, Part::Rights),
        facts: facts(&known, standing, declared_by(&lines, &known.who, open.reader)),
        is_medecin_traitant: matches!(standing, Standing::MedecinTraitant { .. }),
        is_declared: matches!(
            standing,
            Standing::Authorised { basis: Basis::Explicit | Basis::InitialConsent(_), .. }
        ),
        may_read: known.may_read(open.now),
        is_occupational: known.is_occupational(),
        deeds: deeds(&known, standing, &open.address),
        key: known.key(),
        role: known.role(),
        address: open.address,
        name: known.name,
        cells,
    };
    Ok(answer::page(StatusCode::OK, &page))
}

/// Who said the last word about somebody's rights.
fn declared_by(lines: &[Line], who: &Grantee, reader: Reader) -> Option<String> {
    let line = lines.iter().find(|line| {
        line.entry.facts.iter().any(|fact| match fact {
            Fact::Rights(
                RightsFact::Authorised { who: w, .. }
                | RightsFact::MedecinTraitantDeclared { who: w }
                | RightsFact::MedecinTraitantEnded { who: w, .. }
                | RightsFact::Blocked { who: w },
            ) => w == who,
            _ => false,
        })
    })?;
    let (name, role) = people::actor(&line.entry.actor, reader);
    Some(people::joined(&[name, role]))
}

fn facts(known: &Known, standing: Standing, by: Option<String>) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    match standing {
        Standing::MedecinTraitant { since } => {
            facts.push(("Médecin traitant depuis", french::day_and_hour(since)));
            facts.push(("Jusqu'à quand", "Sans date de fin".to_owned()));
        }
        Standing::Authorised { since, until, basis } => {
            facts.push(("Autorisation depuis", french::day_and_hour(since)));
            facts.extend(until.map(|until| ("Jusqu'à quand", french::day_and_hour(until))));
            let on = match basis {
                Basis::Patient => "Vous avez donné cette autorisation",
                Basis::InitialConsent(_) => "Votre accord à son équipe de soins",
                Basis::Explicit => "L'accord que vous lui avez donné en consultation",
                Basis::MedecinTraitant => "C'est votre médecin traitant",
            };
            facts.push(("Pourquoi", on.to_owned()));
        }
        Standing::Over { at } => facts.push(("Autorisation finie le", french::day_and_hour(at))),
        Standing::Blocked { since } => facts.push(("Blocage depuis", french::day_and_hour(since))),
        Standing::Nothing => facts.push(("Autorisation", "Aucune".to_owned())),
    }
    if standing != Standing::Nothing {
        facts.extend(by.map(|by| ("Noté par", by)));
    }
    if !known.how.is_empty() {
        facts.push(("Pourquoi dans cette liste", upper_first(&known.how)));
    }
    let number = if known.is_person() { "Numéro professionnel" } else { "Numéro d'établissement" };
    facts.push((number, known.who.id().get(1..).unwrap_or_default().to_owned()));
    facts
}

fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// Address, icon and words of what may be changed.
fn deeds(known: &Known, standing: Standing, address: &str) -> Vec<(String, &'static str, &'static str)> {
    let key = known.key();
    let confirm = |deed: Deed| format!("{address}/droits/confirmer?acte={}&qui={key}", deed.as_str());
    let authorise = format!("{address}/droits/autoriser?qui={key}");
    let block = (confirm(Deed::Block), "ban", "Bloquer");
    let name = known
        .is_doctor()
        .then(|| (confirm(Deed::NameMedecinTraitant), "star", "En faire mon médecin traitant"));
    let mut deeds = Vec::new();
    match standing {
        Standing::MedecinTraitant { .. } => {
            deeds.push((confirm(Deed::EndMedecinTraitant), "swap", "Ce n'est plus mon médecin traitant"));
            deeds.push((confirm(Deed::End), "lock", "Arrêter l'autorisation"));
            deeds.push(block);
        }
        Standing::Authorised { .. } => {
            deeds.push((confirm(Deed::End), "lock", "Arrêter l'autorisation"));
            deeds.push((authorise, "clock", "Changer la durée"));
            deeds.extend(name);
            deeds.push(block);
        }
        Standing::Over { .. } | Standing::Nothing => {
            deeds.push((authorise, "check", "Autoriser"));
            deeds.extend(name);
            deeds.push(block);
        }
        Standing::Blocked { .. } => deeds.push((confirm(Deed::Unblock), "check", "Débloquer")),
    }
    deeds
}
