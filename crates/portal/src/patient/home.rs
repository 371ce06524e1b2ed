//! `GET /dossier/{reference}`, for the patient and who acts for them: what is new, who came, what is to be done, where to
//! go. The synthesis of health has a page of its own.

use askama::Template;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use dmp_dossier::{
    Act, Actor, ActorKind, ActorTrace, Decision, Ins, JournalFilter, Lid, ModeKind, Query, Reason,
    SeenDocument, Time, View, age_years,
};
use dmp_store::Line;
use std::collections::HashSet;
use std::sync::Arc;

use super::todo::{self, ToDo};
use crate::answer;
use crate::failure::Failure;
use crate::french::{self, Day};
use crate::open::{Open, Part};
use crate::people::{self, Reader};
use crate::reference::{Reference, Way};
use crate::shell::Shell;
use crate::{timeline, visits};

/// How far back the page looks in the journal.
const RECENT_DAYS: i64 = 90;
/// Most news and visits shown.
const SHOWN: usize = 3;

#[derive(Template)]
#[template(path = "patient/home.html")]
struct Home {
    shell: Shell,
    address: String,
    greeting: String,
    is_patient: bool,
    /// A child opens no dossier for a child.
    may_be_parent: bool,
    profiles: Vec<(String, String)>,
    to_do: Vec<ToDo>,
    news: Vec<News>,
    news_heading: String,
    more_news: usize,
    since: Option<String>,
    visits: Vec<Seen>,
    documents: usize,
}

/// A document that came since the last visit.
struct News {
    lid: String,
    icon: &'static str,
    kind: &'static str,
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

/// The page. A patient without a dossier goes to open one; a closed one leaves what closing leaves.
pub(crate) async fn home(open: Open) -> Response<Body> {
    let viewer = open.viewer.clone();
    let portal = Arc::clone(&open.portal);
    let is_own = matches!(&open.actor, Actor::Patient { .. });
    match build(open).await {
        Ok(page) => answer::page(StatusCode::OK, &page),
        Err(Failure::Refused { refusal, .. }) if refusal.reason == Reason::UnknownPatient && is_own => {
            answer::see_other("/ouvrir")
        }
        Err(failure) => failure.page(&portal, Some(&viewer)),
    }
}

async fn build(open: Open) -> Result<Home, Failure> {
    let found = open.consult(Query::FindDocuments(Box::default())).await?;
    let View::Documents(seen) = found.view else { return Err(Failure::Ours) };
    let (lines, to_do) = tokio::join!(recent_lines(&open), todo::list(&open));
    let since = visits::last_visit(&lines, &ActorTrace::of(&open.actor), open.now);
    let (news, count) = news(&seen, &lines, since, &open);
    let name = holder(&open);
    let is_patient = open.reader == Reader::Patient;
    Ok(Home {
        shell: open.shell(if is_patient { "Accueil" } else { &name }, Part::Record),
        greeting: if is_patient { format!("Bonjour {name}") } else { format!("Dossier de {name}") },
        is_patient,
        may_be_parent: is_patient && !is_child(&open),
        profiles: profiles(&open),
        to_do,
        more_news: count - news.len(),
        news_heading: french::count(count, "nouveau document", "nouveaux documents"),
        news,
        since: since.map(french::day),
        visits: recent_visits(&lines, open.reader),
        documents: timeline::total(&seen),
        address: open.address,
    })
}

/// Lines of the last months, latest first; none when they may not be read.
pub(crate) async fn recent_lines(open: &Open) -> Vec<Line> {
    let from = Time::from_millis(open.now.millis() - RECENT_DAYS * 86_400_000);
    let filter = JournalFilter { from: Some(from), to: None, agent: None, limit: None };
    open.consult_part(Query::Journal(filter)).await.map(|a| a.lines).unwrap_or_default()
}

/// True when the patient's birth date says so.
fn is_child(open: &Open) -> bool {
    let majority = i32::from(open.portal.store.parameters().majority_age_years);
    let born = open.viewer.traits.as_ref().map(|traits| &traits.birth_date);
    born.and_then(|date| age_years(date, open.now)).is_some_and(|age| age < majority)
}

/// Name of the patient.
fn holder(open: &Open) -> String {
    let held = open.viewer.profiles.iter().find(|p| p.actor == open.actor);
    held.map_or_else(|| open.viewer.name.clone(), |p| p.name.clone())
}

/// Whose dossier it is, when it is not the reader's own.
pub(crate) fn whose(open: &Open) -> Option<String> {
    (open.reader == Reader::Representative).then(|| holder(open))
}

/// The other dossiers of the person, their own first: name and address.
fn profiles(open: &Open) -> Vec<(String, String)> {
    let address = |ins: &Ins| {
        let reference = Reference { ins: ins.clone(), way: Way::Session };
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

fn news(seen: &[SeenDocument], lines: &[Line], since: Option<Time>, open: &Open) -> (Vec<News>, usize) {
    let Some(since) = since else { return (Vec::new(), 0) };
    // What was announced is new on the day it is shown, whenever it was deposited.
    let shown: HashSet<Lid> = lines
        .iter()
        .filter(|l| matches!(l.entry.act, Act::MakeVisible | Act::ReleaseAnnouncement))
        .filter(|l| l.entry.decision == Decision::Permitted && l.entry.at > since)
        .flat_map(|l| l.documents.iter().map(|entry| entry.lid))
        .collect();
    // What one deposits oneself is no news.
    let is_new = |s: &&SeenDocument| {
        let came = s.entry.version == 1 && s.entry.registered_at > since;
        (came || shown.contains(&s.entry.lid)) && !super::groups::is_patients(&s.entry)
    };
    let mut new: Vec<&SeenDocument> = seen.iter().filter(is_new).collect();
    new.sort_by_key(|s| std::cmp::Reverse(s.entry.registered_at));
    let count = new.len();
    let row = |s: &SeenDocument| News {
        lid: s.entry.lid.to_string(),
        icon: timeline::icon(&s.entry),
        kind: super::groups::of(&s.entry),
        name: timeline::name(&s.entry).plain,
        by: s.entry.metadata.authors.first().map_or(String::new(), |a| people::author_line(a, open.reader)),
        day: Day::of(timeline::act_date(&s.entry)).long(),
    };
    (new.into_iter().take(SHOWN).map(row).collect(), count)
}

/// The last people, other than the patient and who acts for them, who opened the dossier; each once.
fn recent_visits(lines: &[Line], reader: Reader) -> Vec<Seen> {
    let others = lines
        .iter()
        .filter(|l| matches!(l.entry.actor.kind, ActorKind::Professional | ActorKind::Structure))
        .filter(|l| {
            l.entry.decision == Decision::Permitted && matches!(l.entry.act, Act::Search | Act::Read)
        });
    let mut seen: Vec<Seen> = Vec::new();
    for visit in visits::split(others) {
        let Some(line) = visit.first() else { continue };
        let (who, role) = people::actor(&line.entry.actor, reader);
        let emergency = line.entry.actor.mode != ModeKind::Normal;
        if seen.iter().any(|s| s.who == who && s.emergency == emergency) {
            continue;
        }
        seen.push(Seen { who, role, when: french::day_and_hour(line.entry.at), emergency });
        if seen.len() == SHOWN {
            break;
        }
    }
    seen
}
