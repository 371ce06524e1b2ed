//! `/dossier/{reference}/droits/voir-comme`: the dossier as somebody else sees it, cut to what the reader may know
//! (design 3); and of what the reader knows, what that person does not see, with the rule that says so.

use askama::Template;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{
    Actor, Auth, Card, Explanation, Mode, PersonName, Professional, Query, Rule, SeenDocument, Verdict, View,
};
use serde::Deserialize;
use std::collections::HashSet;
use std::sync::Arc;

use super::known::{self, Known, Standing};
use super::{Shown, own, settle};
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french::{self, Day};
use crate::open::{Open, Part, SignedIn};
use crate::people::Reader;
use crate::shell::Shell;
use crate::timeline::{self, Timeline};

/// Professions one may be in a structure: word of the address, words.
const PROFESSIONS: [(&str, &str); 3] =
    [("10", "Un médecin"), ("60", "Un infirmier"), ("21", "Un pharmacien")];

#[derive(Template)]
#[template(path = "rights/voir-comme.html")]
struct Page {
    shell: Shell,
    address: String,
    /// `le Dr Paul Martin, médecin généraliste`.
    who: String,
    /// For a structure: professions to choose.
    professions: Vec<(String, &'static str, bool)>,
    /// Why nothing can be shown, or nothing is seen.
    silence: Option<String>,
    seen: Timeline,
    hidden: Vec<Hidden>,
    count_seen: String,
    count_hidden: String,
}

/// A document that is not seen, and why.
struct Hidden {
    lid: String,
    icon: &'static str,
    name: String,
    day: String,
    why: &'static str,
}

#[derive(Template)]
#[template(path = "rights/voir-comme-qui.html")]
struct Choice {
    shell: Shell,
    address: String,
    people: Vec<(String, String, String)>,
}

/// As whom.
#[derive(Deserialize, Default)]
pub(super) struct Wanted {
    #[serde(default)]
    qui: String,
    profession: Option<String>,
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
    let shown = async { build(own(&portal, signed_in, &reference)?, &wanted).await };
    settle(shown.await, &portal, viewer.as_ref())
}

/// As whom the dossier is seen.
struct Other {
    who: String,
    actor: Option<Actor>,
    professions: Vec<(String, &'static str, bool)>,
}

async fn build(open: Open, wanted: &Wanted) -> Shown {
    if wanted.qui.is_empty() {
        let people = known::of_rights(&known::rights(&open).await?);
        let may_read = people.into_iter().filter(|k| k.may_read(open.now));
        let page = Choice {
            shell: open.shell("Voir comme", Part::Rights),
            people: may_read.map(|k| (k.key(), k.name.clone(), k.role())).collect(),
            address: open.address,
        };
        return Ok(answer::page(StatusCode::OK, &page));
    }
    let other = other(&open, wanted).await?;
    let Some(actor) = other.actor else {
        let silence = match wanted.qui.as_str() {
            "traitant" => "Vous n'avez pas nommé de médecin traitant. Personne ne voit votre dossier ainsi.",
            _ => {
                "Votre dossier ne connaît pas sa profession. Nous ne pouvons pas dire ce qui lui est ouvert."
            }
        };
        return Ok(page(open, other.who, other.professions, Some(silence.to_owned()), &[], None));
    };
    let query = |q: fn(Box<Actor>) -> Query| q(Box::new(actor.clone()));
    let (seen, explained) =
        tokio::join!(open.consult(query(Query::VoirComme)), open.consult(query(Query::Explain)));
    let (View::Documents(seen), View::Explanation(explained)) = (seen?.view, explained?.view) else {
        return Err(Failure::Ours);
    };
    let silence = (!explained.search.permitted)
        .then(|| why(&explained.search).to_owned())
        .or_else(|| seen.is_empty().then(|| "Aucun document ne lui est visible.".to_owned()));
    Ok(page(open, other.who, other.professions, silence, &seen, Some(*explained)))
}

fn page(
    open: Open,
    who: String,
    professions: Vec<(String, &'static str, bool)>,
    silence: Option<String>,
    seen: &[SeenDocument],
    explained: Option<Explanation>,
) -> Response<Body> {
    let lids: HashSet<_> = seen.iter().map(|s| s.entry.lid).collect();
    let mut hidden: Vec<(SeenDocument, Verdict)> = explained
        // Where the whole dossier is closed to that person, one sentence says it for every document.
        .filter(|e| e.search.permitted)
        .map(|e| {
            e.documents.into_iter().filter(|(document, _)| !lids.contains(&document.entry.lid)).collect()
        })
        .unwrap_or_default();
    hidden.sort_by_key(|(document, _)| std::cmp::Reverse(timeline::act_date(&document.entry).start()));
    let hidden: Vec<Hidden> = hidden
        .iter()
        .map(|(document, verdict)| Hidden {
            lid: document.entry.lid.to_string(),
            icon: timeline::icon(&document.entry),
            name: timeline::name(&document.entry).plain,
            day: Day::of(timeline::act_date(&document.entry)).long(),
            why: why(verdict),
        })
        .collect();
    let timeline = timeline::build(seen, None, None, Reader::Other, open.now);
    let page = Page {
        shell: open.shell(&format!("Vous voyez votre dossier comme {who}"), Part::Rights),
        count_seen: french::count(timeline.total, "document visible", "documents visibles"),
        seen: timeline,
        count_hidden: french::count(hidden.len(), "document non visible", "documents non visibles"),
        address: open.address,
        who,
        professions,
        silence,
        hidden,
    };
    answer::page(StatusCode::OK, &page)
}

async fn other(open: &Open, wanted: &Wanted) -> Result<Other, Failure> {
    let somebody =
        |who: &str, actor: Option<Actor>| Other { who: who.to_owned(), actor, professions: Vec::new() };
    match wanted.qui.as_str() {
        "urgences" => {
            let mode = Mode::BrisDeGlace { reason: "Voir comme".to_owned() };
            return Ok(somebody("un médecin des urgences", generic("10", mode)));
        }
        "samu" => return Ok(somebody("un médecin du Samu", generic("10", Mode::Centre15))),
        "traitant" | "pharmacie" => {
            let people = known::of_rights(&known::rights(open).await?);
            let is_wanted = |k: &&Known| match wanted.qui.as_str() {
                "traitant" => matches!(k.standing(open.now), Standing::MedecinTraitant { .. }),
                _ => k.profession.as_deref() == Some("21") && k.may_read(open.now),
            };
            return Ok(match (people.iter().find(is_wanted), wanted.qui.as_str()) {
                (Some(k), _) => somebody(&said(k), k.actor(None)),
                (None, "traitant") => somebody("votre médecin traitant", None),
                // Nobody authorised: a pharmacist who is not sees what anybody does.
                (None, _) => {
                    somebody("une pharmacie que vous n'avez pas autorisée", generic("21", Mode::Normal))
                }
            });
        }
        _ => {}
    }
    let known = known::find(open, &wanted.qui).await?;
    if known.is_person() {
        return Ok(Other { who: said(&known), actor: known.actor(None), professions: Vec::new() });
    }
    let chosen = wanted.profession.as_deref().unwrap_or("10");
    let &(profession, words) =
        PROFESSIONS.iter().find(|(code, _)| *code == chosen).ok_or(Failure::UnknownAddress)?;
    let address =
        |code: &str| format!("{}/droits/voir-comme?qui={}&profession={code}", open.address, wanted.qui);
    Ok(Other {
        who: format!("{} de {}", words.to_lowercase(), known.name),
        actor: known.actor(Some(profession)),
        professions: PROFESSIONS
            .iter()
            .map(|(code, says)| (address(code), *says, *code == profession))
            .collect(),
    })
}

/// `le Dr Paul Martin, médecin généraliste`.
fn said(known: &Known) -> String {
    let article = if known.name.starts_with("Dr ") { "le " } else { "" };
    let role = known.role();
    let role = role.split(" · ").next().unwrap_or_default().to_lowercase();
    format!("{article}{}, {role}", known.name)
}

/// A doctor or a pharmacist who is nobody.
fn generic(profession: &str, mode: Mode) -> Option<Actor> {
    Some(Actor::Professional(Box::new(Professional {
        id: known::nobody()?,
        name: PersonName::default(),
        profession: profession.to_owned(),
        speciality: None,
        structure: None,
        structure_name: None,
        sector: None,
        auth: Auth::Oidc,
        card: Card::Cps,
        mode,
        secret: false,
        software: None,
    })))
}

/// The deciding rule, in the patient's words.
fn why(verdict: &Verdict) -> &'static str {
    verdict.rules.last().map_or("", |rule: &&Rule| match rule.id {
        "ACC-2" => "Vous avez bloqué cet accès. Rien n'est visible.",
        "ACC-3" => "Vous vous êtes opposé à cet accès d'urgence. Rien n'est visible.",
        "ACC-5" => "Vous n'avez pas autorisé cet accès, ou l'autorisation est finie. Rien n'est visible.",
        "VIS-1" => "Les règles nationales ferment ce document à sa profession.",
        "VIS-3" => "Vous avez masqué ce document.",
        id if id.starts_with("FCT") => "Les règles nationales ne lui ouvrent aucun dossier.",
        _ => rule.says,
    })
}
