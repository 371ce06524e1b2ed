//! `/dossier/{reference}`: the synthesis and the documents of one patient.
//!
//! The search is asked first: where it is refused, nothing else is asked. The rest is read at once.

use askama::Template;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{
    Act, Actor, ActorKind, ActorTrace, Decision, JournalFilter, ModeKind, Query, RightsView, SeenDocument,
    Time, View,
};
use dmp_nomenclature::{facility, speciality};
use dmp_store::Line;
use serde::Deserialize;
use std::sync::Arc;

use crate::Portal;
use crate::answer;
use crate::banner::{self, Banner};
use crate::failure::Failure;
use crate::french;
use crate::open::{Open, Part, SignedIn};
use crate::people::{self, Reader};
use crate::shell::Shell;
use crate::synthesis::{self, Block, Fact, Results, Source, Synthesis};
use crate::timeline::{self, Timeline};
use crate::visits;

/// How far back the page looks in the journal.
const RECENT_DAYS: i64 = 90;
/// Most news and visits shown on top.
const NEWS_SHOWN: usize = 3;

#[derive(Template)]
#[template(path = "record.html")]
pub(crate) struct Record {
    shell: Shell,
    banner: Option<Banner>,
    greeting: String,
    profiles: Vec<(String, String)>,
    address: String,
    csrf: String,
    is_own: bool,
    allergy_line: Option<String>,
    /// What is said where no allergy is known.
    allergy_silence: String,
    cards: Vec<Card>,
    results: Block<Vec<Results>>,
    timeline: Timeline,
    news: Vec<News>,
    news_count: usize,
    news_heading: String,
    visits: Vec<Seen>,
    rights: Option<Rights>,
    can_read: bool,
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

/// A document that came since the last visit.
struct News {
    lid: String,
    icon: &'static str,
    name: String,
    by: String,
    day: String,
}

/// Somebody who opened the dossier.
struct Seen {
    who: String,
    role: String,
    when: String,
    emergency: bool,
}

/// Who may open the dossier, in one card.
struct Rights {
    medecins_traitants: Vec<String>,
    /// The others: name, what they are, until when.
    authorised: Vec<(String, String, String)>,
    samu: bool,
    bris_de_glace: bool,
}

/// What the address asks for.
#[derive(Deserialize, Default)]
pub(crate) struct Wanted {
    classe: Option<String>,
}

/// `GET`
pub(crate) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    wanted: Result<Parameters<Wanted>, QueryRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let wanted = wanted.map(|Parameters(w)| w).unwrap_or_default();
    let page = match Open::new(&portal, signed_in, &reference) {
        Ok(open) if open.is_own() => return crate::patient::home(open).await,
        Ok(open) => build(open, &wanted).await,
        Err(failure) => Err(failure),
    };
    match page {
        Ok(page) => answer::page(StatusCode::OK, &page),
        Err(failure) => failure.page(&portal, viewer.as_ref()),
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

pub(crate) async fn build(open: Open, wanted: &Wanted) -> Result<Record, Failure> {
    let found = open.consult(Query::FindDocuments(Box::default())).await?;
    let View::Documents(seen) = found.view else { return Err(Failure::Ours) };
    let (synthesis, administrative, rights, lines) = tokio::join!(
        read_synthesis(&open, &seen),
        read_if(!open.is_own(), &open, Query::Administrative),
        read_if(open.is_normal(), &open, Query::Rights),
        recent_lines(&open),
    );
    let rights = match rights {
        Some(View::Rights(rights)) => Some(rights),
        _ => None,
    };
    let banner = match administrative {
        Some(View::Administrative(view)) => Some(Banner::of(&view, rights.as_deref(), &open.actor, open.now)),
        _ => None,
    };
    let own = ActorTrace::of(&open.actor);
    let since = visits::last_visit(&lines, &own, open.now);
    let timeline = timeline::build(&seen, wanted.classe.as_deref(), since, open.reader, open.now);
    let (news, news_count) = news(&seen, since, &open);
    let holder = holder(&open);
    let title = match &banner {
        Some(banner) => format!("{} {}", banner.birth_name, banner.first_given),
        None => format!("Dossier de {holder}"),
    };
    let greeting = match open.reader {
        Reader::Patient => format!("Bonjour {holder}"),
        _ => format!("Dossier de {holder}"),
    };
    let allergy_line = synthesis.allergy_line();
    let allergy_silence = allergy_silence(&synthesis.allergies);
    let (cards, results) = cards(synthesis, allergy_line.is_some());
    let news_heading = news_heading(news_count, since, open.is_own());
    Ok(Record {
        shell: open.shell(&title, Part::Record),
        profiles: profiles(&open),
        csrf: open.viewer.csrf.clone(),
        is_own: open.is_own(),
        visits: if open.is_own() { recent_visits(&lines, &open) } else { Vec::new() },
        rights: rights.as_deref().filter(|_| open.is_own()).map(|r| rights_card(r, open.now)),
        can_read: may_read_content(&open.actor),
        address: open.address,
        banner,
        greeting,
        allergy_line,
        allergy_silence,
        cards,
        results,
        timeline,
        news,
        news_count,
        news_heading,
    })
}

/// The subjects in the order of reading; laboratory results are a table of their own.
fn cards(synthesis: Synthesis, has_allergy: bool) -> (Vec<Card>, Block<Vec<Results>>) {
    let Synthesis { allergies, problems, history, treatments, vaccines, results } = synthesis;
    let card = |id, title, icon, block, since| Card { id, title, icon, is_red: false, block, since };
    let cards = vec![
        Card { is_red: has_allergy, ..card("allergies", "Allergies", "alert", allergies, "depuis\u{a0}: ") },
        card("problemes", "Problèmes de santé", "pulse", problems, "depuis\u{a0}: "),
        card("traitements", "Traitements en cours", "pill", treatments, "depuis\u{a0}: "),
        card("vaccins", "Vaccins", "syringe", vaccines, ""),
        card("antecedents", "Antécédents", "clock", history, ""),
    ];
    (cards, results)
}

fn allergy_silence(allergies: &Block<Vec<Fact>>) -> String {
    match allergies {
        Block::Known(_) => "Aucune allergie en cours".to_owned(),
        Block::NoneKnown(source) => format!("Aucune allergie connue ({}, {})", source.by, source.day),
        Block::NotRecorded => "Allergies : non renseigné".to_owned(),
        Block::Unavailable => "Allergies : indisponible".to_owned(),
    }
}

fn news_heading(count: usize, since: Option<Time>, is_own: bool) -> String {
    let news = french::count(count, "nouveauté", "nouveautés");
    match since {
        Some(since) if is_own => format!("{news} depuis le {}", french::day(since)),
        Some(since) => format!("{news} depuis votre visite du {}", french::day(since)),
        None => news,
    }
}

async fn read_if(wanted: bool, open: &Open, query: Query) -> Option<View> {
    if !wanted {
        return None;
    }
    open.consult_part(query).await.map(|answer| answer.view)
}

async fn read_synthesis(open: &Open, seen: &[SeenDocument]) -> Synthesis {
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

/// Lines that tell what is new: all of a patient's, a professional's own.
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

/// Name of the patient, for themselves or who acts for them.
fn holder(open: &Open) -> String {
    match (&open.actor, open.viewer.home()) {
        (Actor::Representative { .. }, _) => {
            let is_held = |p: &&crate::Profile| p.actor == open.actor;
            open.viewer
                .profiles
                .iter()
                .find(is_held)
                .map_or_else(|| open.viewer.name.clone(), |p| p.name.clone())
        }
        _ => open.viewer.name.clone(),
    }
}

/// The other dossiers of the person: name and address; first their own, when another is shown.
fn profiles(open: &Open) -> Vec<(String, String)> {
    let address = |ins: &dmp_dossier::Ins| {
        let reference = crate::reference::Reference { ins: ins.clone(), way: crate::reference::Way::Session };
        format!("/dossier/{}", open.portal.references.seal(&open.viewer, &reference))
    };
    let own = open.viewer.home().map(|ins| (ins, open.viewer.name.clone()));
    let others = open.viewer.profiles.iter().filter_map(|p| match &p.actor {
        Actor::Representative { of, .. } => Some((of, p.name.clone())),
        _ => None,
    });
    own.into_iter()
        .chain(others)
        .filter(|(ins, _)| **ins != open.reference.ins)
        .map(|(ins, name)| (name, address(ins)))
        .collect()
}

fn news(seen: &[SeenDocument], since: Option<Time>, open: &Open) -> (Vec<News>, usize) {
    let Some(since) = since else { return (Vec::new(), 0) };
    let mut new: Vec<&SeenDocument> = seen.iter().filter(|s| s.entry.registered_at > since).collect();
    new.sort_by_key(|s| std::cmp::Reverse(s.entry.registered_at));
    let count = new.len();
    let row = |s: &SeenDocument| News {
        lid: s.entry.lid.to_string(),
        icon: timeline::icon(&s.entry),
        name: timeline::name(&s.entry).plain,
        by: s.entry.metadata.authors.first().map_or(String::new(), |a| people::author_line(a, open.reader)),
        day: french::Day::of(timeline::act_date(&s.entry)).long(),
    };
    (new.into_iter().take(NEWS_SHOWN).map(row).collect(), count)
}

/// The last people, other than the patient and who acts for them, who opened the dossier.
fn recent_visits(lines: &[Line], open: &Open) -> Vec<Seen> {
    let others = lines
        .iter()
        .filter(|l| matches!(l.entry.actor.kind, ActorKind::Professional | ActorKind::Structure))
        .filter(|l| {
            l.entry.decision == Decision::Permitted && matches!(l.entry.act, Act::Search | Act::Read)
        });
    let mut last = visits::split(others);
    last.truncate(NEWS_SHOWN);
    last.iter()
        .filter_map(|visit| visit.first())
        .map(|line| {
            let (who, role) = people::actor(&line.entry.actor, open.reader);
            let emergency = line.entry.actor.mode != ModeKind::Normal;
            Seen { who, role, when: french::day_and_hour(line.entry.at), emergency }
        })
        .collect()
}

fn rights_card(rights: &RightsView, now: Time) -> Rights {
    Rights {
        medecins_traitants: banner::medecins_traitants(rights),
        authorised: banner::authorised(rights, now),
        samu: !rights.emergency.samu_opposed,
        bris_de_glace: !rights.emergency.bris_de_glace_opposed,
    }
}
