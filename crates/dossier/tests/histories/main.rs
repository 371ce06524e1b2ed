//! Random histories of 1 to 200 acts, played on `dossier` and on the naive model, and the promises of
//! `spec/security.md` 2.5 checked on what comes out.
//!
//! `DMP_PROPTEST_CASES` sets how many histories each test plays, `DMP_PROPTEST_SEED` where the drawing starts: CI
//! plays few and always the same; a night plays many from another seed. A failure prints its seed and its history,
//! shrunk.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a failure here is the test's failure; names say the rest"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../model/mod.rs"]
mod model;

mod acts;
mod against_model;
mod non_interference;
mod promises;
mod real;
mod told;

use acts::{BIRTHS, History, Step, resolve};
use common::Bench;
use common::script::{by_name, run};
use dmp_dossier::{
    Availability, Change, DocumentFilter, DocumentRef, JournalFilter, Query, Refusal, SetRef, View,
};
use model::{Act, Actor, Auth, Mode, PEOPLE, Verdict, World};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use real::{Asked, majority, real, real_actor};

/// Plays a property on random histories.
pub fn play<S: Strategy>(cases: u32, strategy: S, property: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let cases = number_from("DMP_PROPTEST_CASES").map_or(cases, |c| u32::try_from(c).unwrap_or(u32::MAX));
    let seed = number_from("DMP_PROPTEST_SEED").unwrap_or(20_271_121);
    let mut bytes = [0u8; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    if let Err(error) = runner.run(&strategy, property) {
        panic!("seed {seed}, {cases} cases: {error}");
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a test plays is the caller's choice, not the dossier's"
)]
fn number_from(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is a number, not `{text}`")))
}

/// What `dossier` answered.
pub enum Answered {
    Changed(Vec<Change>),
    Shown(View),
}

/// A history being played on both sides.
#[derive(Clone)]
pub struct Play {
    pub bench: Bench,
    pub world: World,
}

impl Play {
    /// A dossier just opened, with a parent and a guardian.
    pub fn opened(birth: usize) -> Self {
        let mut bench = Bench::new();
        let line = format!("cpam open born={} reps=mere:parent,tuteur:guardian", BIRTHS[birth]);
        assert_eq!(run(&mut bench, &line), "done");
        let world = World::opened(majority(birth, bench.now));
        Play { bench, world }
    }

    pub fn wait(&mut self, minutes: model::T) {
        self.world.now += minutes;
        self.bench.now = self.bench.now.plus_minutes(u32::try_from(minutes).unwrap());
    }

    /// Asks both sides.
    pub fn ask(&mut self, of: &Actor, act: &Act) -> (Verdict, Result<Answered, Refusal>) {
        let asked = real(act, of, &self.world, &self.bench);
        let verdict = self.world.ask(of, act);
        let actor = real_actor(of);
        let answered = match asked {
            Asked::Command(command) => {
                self.bench.execute(&actor, &command).map(|(_, changes)| Answered::Changed(changes))
            }
            Asked::Query(query) => self.bench.consult(&actor, &query).map(Answered::Shown),
        };
        (verdict, answered)
    }

    /// Plays a whole history, both sides being known to agree from [`against_model`].
    pub fn of(history: &History) -> Self {
        let mut play = Play::opened(history.birth);
        for step in &history.steps {
            match step {
                Step::Wait(minutes) => play.wait(*minutes),
                Step::Do(of, raw) => {
                    let act = resolve(raw, of, &play.world);
                    let _ = play.ask(of, &act);
                }
            }
        }
        play
    }
}

/// Every way the cast may come: each person in each mode, some by other means, and everybody else.
pub fn everybody() -> Vec<Actor> {
    let ps = |who, mode, auth, secret| Actor::Ps { who, mode, auth, secret };
    let mut all = vec![
        Actor::Patient,
        Actor::OtherPatient,
        Actor::Desk,
        Actor::Insurer,
        Actor::Pilot,
        Actor::System,
        Actor::Loader,
    ];
    all.extend((0..3).map(Actor::Rep));
    for who in 0..PEOPLE.len() {
        all.extend([
            ps(who, Mode::Normal, Auth::Direct, false),
            ps(who, Mode::Glace { reason: true }, Auth::Direct, false),
            ps(who, Mode::Samu, Auth::Direct, false),
        ]);
    }
    for who in [0, 3, 5] {
        all.extend([
            ps(who, Mode::Glace { reason: false }, Auth::Direct, false),
            ps(who, Mode::Normal, Auth::Air, false),
            ps(who, Mode::Normal, Auth::Psc, true),
            ps(who, Mode::Normal, Auth::Indirect, false),
            ps(who, Mode::Samu, Auth::Indirect, false),
        ]);
    }
    for structure in [0, 1] {
        all.extend([
            Actor::Cpe { structure, air: false },
            Actor::Cpe { structure, air: true },
            Actor::Cert { structure, samu: false },
            Actor::Cert { structure, samu: true },
        ]);
    }
    all
}

/// Every read there is, on every document of the history (and one that never was) by every kind of reference, with
/// the documents in `also` by the references given.
pub fn every_query(play: &Play, also: &[DocumentRef]) -> Vec<Query> {
    let everything = DocumentFilter {
        statuses: vec![
            Availability::Approved,
            Availability::Archived,
            Availability::Deprecated,
            Availability::Deleted,
        ],
        former_versions: true,
        ..DocumentFilter::default()
    };
    let martin = Actor::Ps { who: 0, mode: Mode::Normal, auth: Auth::Direct, secret: false };
    let mut queries = vec![
        Query::Status,
        Query::Administrative,
        Query::Rights,
        Query::FindDocuments(Box::default()),
        Query::FindDocuments(Box::new(everything)),
        Query::FindSubmissionSets(Box::default()),
        Query::Journal(JournalFilter::default()),
        Query::SearchText,
        Query::Explain(Box::new(real_actor(&martin))),
        Query::VoirComme(Box::new(real_actor(&martin))),
        Query::Export,
        Query::Cases,
        Query::Choices,
    ];
    let numbered = (0..=play.world.docs.len()).map(|n| by_name(&real::name(n)));
    let references: Vec<DocumentRef> = numbered.chain(also.iter().cloned()).collect();
    queries.push(Query::GetDocuments(references.clone()));
    for reference in references {
        queries.push(Query::FindReference(reference.clone()));
        queries.push(Query::Retrieve(vec![reference.clone()]));
        queries.push(Query::GetRelated(reference.clone()));
        match reference {
            DocumentRef::Entry(uuid) => queries.push(Query::GetAssociations(vec![uuid])),
            DocumentRef::UniqueId(uid) => {
                let lot = common::script::uid(&format!("lot-{}", common::script::name_of(&uid)));
                queries.push(Query::GetSubmissionSet(SetRef::UniqueId(lot)));
            }
            DocumentRef::Lid(_) => {}
        }
    }
    queries
}
