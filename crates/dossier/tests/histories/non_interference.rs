//! Two worlds that differ only in one document: whoever may not see it gets the same answers and the same journal
//! lines in both (security.md 2.5 A12, the half about bytes; the other half is about time).
//!
//! The same history is played in both; in the second the document is not deposited, and what those who see it do
//! with it does not happen. What those who do not see it try on it happens in both.

use crate::acts::{Step, histories, resolve};
use crate::model::{Act, Actor, Auth, AuthorOf, Draft, Mode, PEOPLE, Seen, World};
use crate::real::{Asked, name, publish, real, real_actor};
use crate::{Play, every_query, everybody, play};
use dmp_dossier::{
    Availability, CaseKind, ChangeStatus, ChangeVisibility, Command, DocumentEntry, DocumentRef, Fact,
    JournalEntry, ListAsked, ListBy, ListEntry, Query, Reason, Refusal, SeenDocument, View, Visibility,
};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use std::sync::Arc;

/// The document of the first world only.
#[derive(Debug, Clone)]
struct Extra {
    /// Deposited before this step.
    at: usize,
    ty: usize,
    visibility: Seen,
    /// Whether it replaces the latest document of its author.
    replaces: bool,
}

fn extra() -> impl Strategy<Value = Extra> {
    let seen = |masked, hidden, reps| Seen { masked, hidden, reps };
    let visibilities = vec![
        seen(true, false, false),
        seen(false, true, false),
        seen(false, false, true),
        seen(true, false, true),
        seen(false, false, false),
    ];
    (0..40usize, 0..4usize, prop::sample::select(visibilities), any::<bool>())
        .prop_map(|(at, ty, visibility, replaces)| Extra { at, ty, visibility, replaces })
}

/// The author of the extra document: nobody of the cast but him is its author.
const AUTHOR: Actor = Actor::Ps { who: 2, mode: Mode::Normal, auth: Auth::Direct, secret: false };

/// Both worlds, and the number of the document that only the first one has.
struct Worlds {
    with: Play,
    without: Play,
    number: usize,
    replaced: Option<usize>,
}

impl Worlds {
    fn deposit(&mut self, extra: &Extra) {
        self.number = self.with.world.docs.len();
        let author = AuthorOf::Person(2, 1);
        let latest_own = (0..self.number).rev().find(|n| {
            let is_own =
                |d: &crate::model::Doc| d.author == author && d.status == crate::model::Status::Approved;
            self.with.world.doc(*n).is_some_and(is_own)
        });
        self.replaced = latest_own.filter(|_| extra.replaces);
        let draft = Draft {
            ty: extra.ty,
            author,
            visibility: extra.visibility,
            delay_days: None,
            replaces: self.replaced,
        };
        let lot = [draft];
        let command = publish(&lot, &AUTHOR, self.number, &self.with.bench);
        let verdict = self.with.world.ask(&AUTHOR, &Act::Publish(lot.to_vec()));
        let decided = self.with.bench.execute(&real_actor(&AUTHOR), &command);
        assert_eq!(decided.is_ok(), verdict.is_ok());
        self.without.world.docs.push(None);
        if decided.is_err() {
            // A refused deposit (the dossier is closed) is refused in both worlds.
            assert_eq!(self.without.bench.execute(&real_actor(&AUTHOR), &command).err(), decided.err());
        }
    }

    fn exists(&self) -> bool {
        self.with.world.doc(self.number).is_some()
    }

    /// True for an actor to whom both worlds must be one. To a professional, what a hidden document replaced is
    /// hidden with it: see the table of replacements.
    fn is_hidden_from(&self, of: &Actor) -> bool {
        let patients_side = matches!(of, Actor::Patient | Actor::Rep(_));
        (self.replaced.is_none() || patients_side) && !knows(&self.with.world, of, self.number)
    }

    /// One step in both worlds.
    fn step(&mut self, of: &Actor, act: &Act) -> Result<(), TestCaseError> {
        let touched = documents_of(act);
        // What the extra document replaced differs too: nobody touches it any more.
        if self.replaced.is_some_and(|old| touched.contains(&old)) || replaces(act, self.number) {
            return Ok(());
        }
        // Several announcements fall due at once: identifiers would go to other documents in the second world.
        let bench = &self.with.bench;
        if dmp_dossier::update::due_announcements(&bench.dossier, bench.now).len() > 1 && *act == Act::Release
        {
            return Ok(());
        }
        let asked = real(act, of, &self.with.world, bench);
        let mirrored = match (&asked, touched.contains(&self.number) && self.exists()) {
            (asked, false) => Some(asked.clone_of()),
            (asked, true) => {
                let refused = match asked {
                    Asked::Command(c) => self.with.bench.decide(&real_actor(of), c).err(),
                    Asked::Query(q) => self.with.bench.look(&real_actor(of), q).err(),
                };
                match refused {
                    Some(refusal) if before_documents(&refusal) => Some(asked.clone_of()),
                    _ => without(act, self.number)
                        .map(|act| real(&act, of, &self.without.world, &self.without.bench)),
                }
            }
        };
        let _ = self.with.world.ask(of, act);
        let answer = ask(&mut self.with, of, asked);
        let Some(mirrored) = mirrored else {
            self.tell_emergency(of);
            return Ok(());
        };
        let mirrored = ask(&mut self.without, of, mirrored);
        copy_rights(&self.with.world, &mut self.without.world, self.number);
        let comparable = *of != Actor::System && self.is_hidden_from(of);
        if !touched.contains(&self.number) && comparable {
            prop_assert_eq!(answer, mirrored, "{:?} {:?}: the answers of both worlds", of, act);
        }
        Ok(())
    }
}

impl Worlds {
    /// An access in emergency is told whatever it read: in the second world, of nothing.
    fn tell_emergency(&mut self, of: &Actor) {
        let opens = |fact: &Fact| matches!(fact, Fact::CaseOpened { kind: CaseKind::BrisDeGlace, .. });
        if self.with.bench.journal.last().is_some_and(|line| line.facts.iter().any(opens)) {
            let nothing = Query::Retrieve(Vec::new());
            self.without.bench.consult(&real_actor(of), &nothing).unwrap();
            self.without.bench.journal.last_mut().unwrap().act = dmp_dossier::Act::Search;
        }
    }
}

impl Asked {
    fn clone_of(&self) -> Asked {
        match self {
            Asked::Command(c) => Asked::Command(c.clone()),
            Asked::Query(q) => Asked::Query(q.clone()),
        }
    }
}

/// The second world of the model is the first one without the document.
fn copy_rights(with: &World, without: &mut World, number: usize) {
    *without = with.clone();
    if let Some(place) = without.docs.get_mut(number) {
        *place = None;
    }
}

fn ask(play: &mut Play, of: &Actor, asked: Asked) -> String {
    let actor = real_actor(of);
    match asked {
        Asked::Command(Command::ReleaseAnnouncements)
            if *of == Actor::System
                && dmp_dossier::update::due_announcements(&play.bench.dossier, play.bench.now).is_empty() =>
        {
            // The system asks only where something fell due.
            String::new()
        }
        Asked::Command(command) => {
            format!(
                "{:?}",
                play.bench.execute(&actor, &command).map(|(receipt, _)| bytes_of_receipt(receipt))
            )
        }
        Asked::Query(query) => format!("{:?}", play.bench.consult(&actor, &query).map(bytes_of)),
    }
}

fn bytes_of_receipt(receipt: dmp_dossier::Receipt) -> dmp_dossier::Receipt {
    use dmp_dossier::Receipt;
    match receipt {
        Receipt::Published { set, documents } => {
            Receipt::Published { set, documents: documents.iter().map(without_rows).collect() }
        }
        Receipt::Updated(entry) => Receipt::Updated(without_rows(&entry)),
        other => other,
    }
}

fn documents_of(act: &Act) -> Vec<usize> {
    match act {
        Act::Read(docs) => docs.clone(),
        Act::Reference(doc) | Act::Visibility { doc, .. } | Act::SetStatus { doc, .. } => vec![*doc],
        Act::Publish(lot) => lot.iter().filter_map(|d| d.replaces).collect(),
        _ => Vec::new(),
    }
}

fn replaces(act: &Act, number: usize) -> bool {
    matches!(act, Act::Publish(_)) && documents_of(act).contains(&number)
}

/// The act without the document, if anything is left of it.
fn without(act: &Act, number: usize) -> Option<Act> {
    let Act::Read(docs) = act else { return None };
    let rest: Vec<usize> = docs.iter().copied().filter(|n| *n != number).collect();
    (!rest.is_empty()).then_some(Act::Read(rest))
}

/// Refused for what was decided before, or without, the document.
fn before_documents(refusal: &Refusal) -> bool {
    !matches!(
        refusal.reason,
        Reason::NotAuthor | Reason::UpdateOperation | Reason::VersionConflict | Reason::DeprecatedDocument
    )
}

/// May this actor know of the document, by right of seeing it or of having written it?
fn knows(world: &World, of: &Actor, number: usize) -> bool {
    world.doc(number).is_some_and(|d| world.sees(of, d) || world.owns(of, d))
}

// Row numbers are ours: no face shows them.

fn without_rows(entry: &Arc<DocumentEntry>) -> Arc<DocumentEntry> {
    Arc::new(DocumentEntry { content: 0, ..DocumentEntry::clone(entry) })
}

fn document_bytes(seen: SeenDocument) -> SeenDocument {
    SeenDocument {
        row: 0,
        entry: without_rows(&seen.entry),
        replaces: seen.replaces.as_ref().map(without_rows),
    }
}

fn bytes_of(view: View) -> View {
    let all = |seen: Vec<SeenDocument>| seen.into_iter().map(document_bytes).collect();
    match view {
        View::Documents(seen) => View::Documents(all(seen)),
        View::Contents(seen) => View::Contents(all(seen)),
        View::Export(seen, scope) => View::Export(all(seen), scope),
        View::Sets(mut sets) => {
            for set in &mut sets {
                set.members = all(std::mem::take(&mut set.members));
            }
            View::Sets(sets)
        }
        View::Explanation(mut explanation) => {
            for (seen, _) in &mut explanation.documents {
                *seen = document_bytes(seen.clone());
            }
            View::Explanation(explanation)
        }
        other => other,
    }
}

fn line_bytes(play: &Play, mut line: JournalEntry) -> String {
    let lid = |row: &u32| match play.bench.dossier.rows.get(*row as usize) {
        Some(dmp_dossier::Row::Document(entry)) => entry.lid.to_string(),
        _ => "?".to_owned(),
    };
    let documents: Vec<String> = line.documents.iter().map(lid).collect();
    line.documents.clear();
    line.version = 0;
    for fact in &mut line.facts {
        match fact {
            Fact::DocumentRegistered { row, .. }
            | Fact::StatusChanged { row, .. }
            | Fact::SetRegistered { row, .. } => *row = 0,
            _ => {}
        }
    }
    format!("{line:?} {documents:?}")
}

fn compare_everything(worlds: &Worlds, of: &Actor) -> Result<(), TestCaseError> {
    let actor = real_actor(of);
    let (_, hidden) = worlds.with.bench.dossier.find(&crate::by_name(&name(worlds.number))).unwrap();
    let references = [DocumentRef::Entry(hidden.entry_uuid), DocumentRef::Lid(hidden.lid)];
    for query in every_query(&worlds.with, &references) {
        let look = |play: &Play| play.bench.look(&actor, &query).map(bytes_of);
        let (with, without) = (look(&worlds.with), look(&worlds.without));
        prop_assert!(with == without, "{:?} {:?}\n with {:?}\n without {:?}", of, query, with, without);
    }
    let lines = |play: &Play| -> Result<Vec<String>, Refusal> {
        Ok(play.bench.lines(&actor)?.into_iter().map(|line| line_bytes(play, line)).collect())
    };
    let (with, without) = (lines(&worlds.with), lines(&worlds.without));
    if let (Ok(with), Ok(without)) = (&with, &without) {
        let differing = with.iter().zip(without).find(|(a, b)| a != b);
        prop_assert!(differing.is_none(), "{:?}\n with {:?}", of, differing);
        let longest = if with.len() > without.len() { with } else { without };
        let last = longest.last();
        prop_assert_eq!(with.len(), without.len(), "{:?}: one more line, the last is {:?}", of, last);
    }
    prop_assert_eq!(with, without, "{:?} reads the journal", of);
    compare_lists(worlds, of, hidden)?;
    for command in commands_on(worlds) {
        let decide = |play: &Play| play.bench.decide(&actor, &command).map(|_| ());
        prop_assert_eq!(decide(&worlds.with), decide(&worlds.without), "{:?} {:?}", of, command);
    }
    Ok(())
}

/// The list of authorised dossiers, by every date that the hidden document could change; and the line that the list of
/// somebody else, who may see the document, leaves in the journal.
fn compare_lists(worlds: &Worlds, of: &Actor, hidden: &DocumentEntry) -> Result<(), TestCaseError> {
    let reader = real_actor(of);
    let sinces = [None, Some(hidden.registered_at)];
    let dates = [ListBy::LastAuthorisation, ListBy::LastDocument];
    for (by, since) in dates.into_iter().flat_map(|by| sinces.map(|since| (by, since))) {
        let asked = ListAsked { since, by, owner: None };
        let entry = |play: &Play, who: &Actor| {
            let moment = play.bench.moment(&[]);
            dmp_dossier::listing::entry(&play.bench.dossier, &real_actor(who), &asked, &moment)
        };
        let shown = |play: &Play| entry(play, of).map(|e| e.map(|e| ListEntry { rows: Vec::new(), ..e }));
        prop_assert_eq!(shown(&worlds.with), shown(&worlds.without), "{:?} lists {:?}", of, asked);
        for who in 0..PEOPLE.len() {
            let lister = Actor::Ps { who, mode: Mode::Normal, auth: Auth::Direct, secret: false };
            let line = |play: &Play| -> Result<Option<String>, Refusal> {
                let Ok(Some(listed)) = entry(play, &lister) else { return Ok(None) };
                let mut bench = play.bench.clone();
                bench.journal.clear();
                bench.trace(&real_actor(&lister), dmp_dossier::Act::ListAuthorised, listed.rows);
                Ok(bench.lines(&reader)?.pop().map(|line| line_bytes(play, line)))
            };
            let (with, without) = (line(&worlds.with), line(&worlds.without));
            prop_assert!(
                with.is_err() || without.is_err() || with == without,
                "{:?} reads that {:?} listed {:?}: {:?}, {:?}",
                of,
                lister,
                asked,
                with,
                without
            );
        }
    }
    Ok(())
}

/// Everything one may try on the document.
fn commands_on(worlds: &Worlds) -> Vec<Command> {
    let (_, hidden) = worlds.with.bench.dossier.find(&crate::by_name(&name(worlds.number))).unwrap();
    let mut commands = Vec::new();
    let references = [
        crate::by_name(&name(worlds.number)),
        DocumentRef::Entry(hidden.entry_uuid),
        DocumentRef::Lid(hidden.lid),
    ];
    for document in references {
        for (masked, hidden_from_patient, hidden_from_representatives) in
            [(false, false, false), (true, false, false), (false, true, false), (false, false, true)]
        {
            let to = Visibility { masked, hidden_from_patient, hidden_from_representatives };
            let document = document.clone();
            commands.push(Command::ChangeVisibility(ChangeVisibility { document, to, from_version: None }));
        }
        for to in [Availability::Approved, Availability::Archived, Availability::Deleted] {
            let document = document.clone();
            commands.push(Command::ChangeStatus(ChangeStatus { document, to, from_version: Some(1) }));
        }
    }
    for author in [AuthorOf::Person(0, 0), AuthorOf::Device(1), AuthorOf::Patient] {
        let draft = Draft {
            ty: 0,
            author,
            visibility: Seen::default(),
            delay_days: None,
            replaces: Some(worlds.number),
        };
        let number = worlds.with.world.docs.len() + 7;
        commands.push(publish(&[draft], &AUTHOR, number, &worlds.with.bench));
    }
    commands
}

#[test]
fn a_document_hidden_from_a_reader_changes_nothing_he_reads() {
    let viewers = everybody();
    play(40, (histories(), extra()), |(history, extra)| {
        let start = Play::opened(history.birth);
        let mut worlds = Worlds { with: start.clone(), without: start, number: usize::MAX, replaced: None };
        let mut deposited = false;
        for (n, step) in history.steps.iter().enumerate().take(80) {
            // Both worlds draw the same identifiers at each step.
            let fresh = 10_000 + 100 * n as u128;
            if n >= extra.at.min(history.steps.len() - 1) && !deposited {
                (worlds.with.bench.next_id, worlds.without.bench.next_id) = (5_000, 5_000);
                worlds.deposit(&extra);
                deposited = true;
            }
            (worlds.with.bench.next_id, worlds.without.bench.next_id) = (fresh, fresh);
            match step {
                Step::Wait(minutes) => {
                    worlds.with.wait(*minutes);
                    worlds.without.wait(*minutes);
                }
                Step::Do(of, raw) => {
                    let act = resolve(raw, of, &worlds.with.world);
                    worlds.step(of, &act)?;
                }
            }
        }
        if !worlds.exists() {
            return Ok(());
        }
        for of in &viewers {
            if worlds.is_hidden_from(of) {
                compare_everything(&worlds, of)?;
            }
        }
        Ok(())
    });
}

/// A guard on the guard: the comparison above must see a difference where there is one.
#[test]
fn who_may_see_the_document_gets_other_answers() {
    let start = Play::opened(0);
    let mut worlds = Worlds { with: start.clone(), without: start, number: 0, replaced: None };
    worlds.deposit(&Extra { at: 0, ty: 0, visibility: Seen::default(), replaces: false });
    let differs = |of: &Actor| compare_everything(&worlds, of).is_err();
    assert!(differs(&Actor::Patient));
    assert!(differs(&AUTHOR));
    assert!(!differs(&Actor::Insurer));
    let query = Query::FindDocuments(Box::default());
    assert_ne!(
        worlds.with.bench.look(&real_actor(&Actor::Patient), &query),
        worlds.without.bench.look(&real_actor(&Actor::Patient), &query)
    );
}
