//! `/dossier/{reference}`: what a professional reads first: who the patient is, what is new, what waits for an
//! announcement, the synthesis on one page, then the documents.
//!
//! The search is asked first: where it is refused, nothing else is asked. The rest is read at once.

use askama::Template;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{Actor, ActorTrace, Availability, JournalFilter, Query, SeenDocument, Time, View};
use dmp_nomenclature::{facility, speciality};
use dmp_store::Line;
use serde::Deserialize;
use std::sync::Arc;

use crate::Portal;
use crate::answer;
use crate::banner::Banner;
use crate::failure::Failure;
use crate::french;
use crate::listing::{self, Documents};
use crate::open::{Open, Part, SignedIn};
use crate::people;
use crate::professional::{self, Pending};
use crate::shell::Shell;
use crate::synthesis::{self, Block, Fact, Results, Source, Synthesis};
use crate::timeline;
use crate::visits;

/// How far back the page looks for the last visit.
const RECENT_DAYS: i64 = 365;
/// *Directives anticipées*.
const DIRECTIVES: &str = "EXPPAT_3";

#[derive(Template)]
#[template(path = "record.html")]
struct Record {
    shell: Shell,
    banner: Option<Banner>,
    address: String,
    csrf: String,
    allergy_line: Option<String>,
    /// What is said where no allergy is known.
    allergy_silence: String,
    cards: Vec<Card>,
    results: Block<Vec<Results>>,
    documents: Documents,
    /// What came since the last visit, in one line.
    fresh: Option<String>,
    pending: Vec<Pending>,
    /// Where a secret session is opened, for a minor.
    secret: Option<String>,
    can_read: bool,
    read_at: String,
}

/// A subject of the synthesis.
struct Card {
    id: &'static str,
    title: &'static str,
    icon: &'static str,
    is_red: bool,
    block: Block<Vec<Fact>>,
    /// Before the date of a fact.
    since: &'static str,
    /// When a professional wrote that there is none.
    none: &'static str,
}

impl Card {
    /// Each source once.
    fn sources(&self) -> Vec<&Source> {
        let mut sources: Vec<&Source> = Vec::new();
        if let Block::Known(facts) = &self.block {
            for fact in facts {
                if !sources.iter().any(|s| s.lid == fact.source.lid) {
                    sources.push(&fact.source);
                }
            }
        }
        sources
    }
}

/// What the address asks for.
#[derive(Deserialize, Default)]
pub(crate) struct Wanted {
    classe: Option<String>,
    periode: Option<String>,
    nouveau: Option<String>,
}

/// `GET`: the patient's home for the patient, the administrative data for an employee; where a professional is not
/// authorised, the page that declares the patient's agreement.
pub(crate) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    wanted: Result<Parameters<Wanted>, QueryRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let wanted = wanted.map(|Parameters(w)| w).unwrap_or_default();
    let open = match Open::new(&portal, signed_in, &reference) {
        Ok(open) => open,
        Err(failure) => return failure.page(&portal, viewer.as_ref()),
    };
    if open.is_own() {
        return crate::patient::home(open).await;
    }
    if matches!(open.actor, Actor::Employee(_)) {
        return answer::see_other(&format!("{}/informations", open.address));
    }
    match build(&open, &wanted).await {
        Ok(page) => answer::page(StatusCode::OK, &page),
        Err(failure) => match professional::consent::instead(&open, &failure).await {
            Some(page) => page,
            None => failure.page(&portal, viewer.as_ref()),
        },
    }
}

/// True for whom the functional matrix may open a content: there is no point in journalling a refusal of a read that
/// nobody asked for. The rules decide all the same.
pub(crate) fn may_read_content(actor: &Actor) -> bool {
    match actor {
        Actor::Patient { .. } | Actor::Representative { .. } => true,
        Actor::Professional(p) => {
            !p.speciality.as_deref().is_some_and(speciality::is_occupational)
                && !p.sector.as_deref().is_some_and(facility::is_occupational)
        }
        _ => false,
    }
}

async fn build(open: &Open, wanted: &Wanted) -> Result<Record, Failure> {
    let found = open.consult(Query::FindDocuments(Box::default())).await?;
    let View::Documents(seen) = found.view else { return Err(Failure::Ours) };
    let (mut synthesis, administrative, rights, lines) = tokio::join!(
        read_synthesis(open, &seen),
        read_if(true, open, Query::Administrative),
        read_if(open.is_normal(), open, Query::Rights),
        recent_lines(open),
    );
    let rights = match rights {
        Some(View::Rights(rights)) => Some(rights),
        _ => None,
    };
    let view = match administrative {
        Some(View::Administrative(view)) => Some(view),
        _ => None,
    };
    let banner = view.as_deref().map(|v| Banner::of(v, rights.as_deref(), &open.actor, open.now));
    let is_minor = view
        .as_deref()
        .is_some_and(|v| v.identity.is_minor(open.portal.store.parameters().majority_age_years, open.now));
    let since = visits::last_visit(&lines, &ActorTrace::of(&open.actor), open.now);
    let filter = listing::Filter {
        class: wanted.classe.as_deref(),
        period: wanted.periode.as_deref(),
        only_new: wanted.nouveau.is_some(),
    };
    let title = match &banner {
        Some(banner) => format!("{} {}", banner.birth_name, banner.first_given),
        None => "Dossier".to_owned(),
    };
    let allergy_line = synthesis.allergy_line();
    let allergy_silence = allergy_silence(&synthesis.allergies);
    let results = std::mem::replace(&mut synthesis.results, Block::NotRecorded);
    Ok(Record {
        shell: open.shell(&title, Part::Record),
        csrf: open.viewer.csrf.clone(),
        cards: cards(synthesis, directives(&seen, open), allergy_line.is_some()),
        results,
        documents: listing::documents(&seen, filter, since, open),
        fresh: listing::fresh(&seen, since),
        pending: professional::pending(&seen, open),
        secret: (is_minor && open.is_normal() && !open.actor.is_secret())
            .then(|| format!("{}/secrete", open.address)),
        can_read: may_read_content(&open.actor),
        read_at: french::day_and_hour(open.now),
        address: open.address.clone(),
        banner,
        allergy_line,
        allergy_silence,
    })
}

/// The subjects in the order of reading; laboratory results are a table of their own.
fn cards(synthesis: Synthesis, directives: Block<Vec<Fact>>, has_allergy: bool) -> Vec<Card> {
    let Synthesis { allergies, problems, history, treatments, vaccines, vigilance, .. } = synthesis;
    let card = |id, title, icon, block, since| Card {
        id,
        title,
        icon,
        is_red: false,
        block,
        since,
        none: "Aucun connu",
    };
    vec![
        Card {
            is_red: has_allergy,
            none: "Aucune allergie connue",
            ..card("allergies", "Allergies", "alert", allergies, "depuis\u{a0}: ")
        },
        Card {
            none: "Aucun point de vigilance",
            ..card("vigilance", "Points de vigilance", "flag", vigilance, "")
        },
        card("problemes", "Problèmes de santé", "pulse", problems, "depuis\u{a0}: "),
        card("traitements", "Traitements en cours", "pill", treatments, "depuis\u{a0}: "),
        card("vaccins", "Vaccins", "syringe", vaccines, ""),
        card("antecedents", "Antécédents", "clock", history, ""),
        card("directives", "Directives anticipées", "heart", directives, ""),
    ]
}

fn allergy_silence(allergies: &Block<Vec<Fact>>) -> String {
    match allergies {
        Block::Known(_) => "Aucune allergie en cours".to_owned(),
        Block::NoneKnown(source) => format!("Aucune allergie connue ({}, {})", source.by, source.day),
        Block::NotRecorded => "Allergies : non renseigné".to_owned(),
        Block::Unavailable => "Allergies : indisponible".to_owned(),
    }
}

/// The patient's *directives anticipées*, when there are some that this person sees.
fn directives(seen: &[SeenDocument], open: &Open) -> Block<Vec<Fact>> {
    let latest = seen
        .iter()
        .filter(|s| s.entry.metadata.type_code.code == DIRECTIVES && s.entry.status == Availability::Approved)
        .max_by_key(|s| timeline::act_date(&s.entry).start());
    let Some(latest) = latest else { return Block::NotRecorded };
    let source = Source {
        name: timeline::name(&latest.entry).plain,
        by: latest
            .entry
            .metadata
            .authors
            .first()
            .map_or(String::new(), |a| people::author_name(a, open.reader)),
        day: french::Day::of(timeline::act_date(&latest.entry)).long(),
        lid: latest.entry.lid.to_string(),
    };
    Block::Known(vec![Fact {
        text: "Oui".to_owned(),
        rest: String::new(),
        detail: String::new(),
        since: String::new(),
        is_past: false,
        source,
    }])
}

async fn read_if(wanted: bool, open: &Open, query: Query) -> Option<View> {
    if !wanted {
        return None;
    }
    open.consult_part(query).await.map(|answer| answer.view)
}

pub(crate) async fn read_synthesis(open: &Open, seen: &[SeenDocument]) -> Synthesis {
    if !may_read_content(&open.actor) {
        return Synthesis::unavailable();
    }
    let sources = synthesis::sources(seen);
    if sources.is_empty() {
        return Synthesis::read(&[], open.reader, open.now);
    }
    let Some(answer) = open.consult_part(Query::Retrieve(sources)).await else {
        return Synthesis::unavailable();
    };
    let View::Contents(documents) = answer.view else {
        return Synthesis::unavailable();
    };
    let contents: Vec<_> = documents.into_iter().zip(answer.contents).collect();
    Synthesis::read(&contents, open.reader, open.now)
}

/// Lines that tell when one came last.
async fn recent_lines(open: &Open) -> Vec<Line> {
    if !open.is_normal() {
        return Vec::new();
    }
    let from = Time::from_millis(open.now.millis() - RECENT_DAYS * 86_400_000);
    let agent = open.actor.professional().map(|p| p.id.as_str().to_owned());
    let filter = JournalFilter { from: Some(from), to: None, agent, limit: None };
    let answer = open.consult_part(Query::Journal(filter)).await;
    answer.map(|a| a.lines).unwrap_or_default()
}
