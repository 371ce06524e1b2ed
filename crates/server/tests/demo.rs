//! The demo's population in a real store.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use dmp_dossier::document::Visibility;
use dmp_dossier::{
    Actor, Authorisation, DocumentRef, Dtm, JournalFilter, Mode, Parameters, Query, Reason, SeenDocument,
    Time, View,
};
use dmp_keys::FileCustody;
use dmp_nomenclature::{Matrix, TypeCode};
use dmp_server::demo::{Persona, SeedOptions, StoryClock, personas, seed};
use dmp_store::{Ambient, Answer, Quotas, SqliteEngine, Store, StoreConfig, StoreError, Target};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use uuid::Uuid;

/// The day the demo is started.
struct Today;

impl Ambient for Today {
    fn now(&self) -> Time {
        Dtm::parse("20261121210000").unwrap().start()
    }

    fn fresh(&self) -> Uuid {
        Uuid::new_v4()
    }
}

/// A directory that goes away.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Demo {
    store: Store,
    _scratch: Scratch,
}

async fn demo(dossiers: usize) -> Demo {
    let scratch = Scratch(std::env::temp_dir().join(format!("dmp-demo-{}", Uuid::new_v4())));
    std::fs::create_dir_all(&scratch.0).unwrap();
    let clock = StoryClock::around(Arc::new(Today));
    let parameters = Parameters { author_structure: false, ..Parameters::default() };
    let store = Store::new(StoreConfig {
        engine: Arc::new(SqliteEngine::open(&scratch.0.join("data")).unwrap()),
        custody: Arc::new(FileCustody::create(&scratch.0.join("keys")).unwrap()),
        ambient: Arc::new(clock.clone()),
        parameters,
        matrix: Matrix::builtin(),
        quotas: Quotas::unlimited(),
    })
    .await
    .unwrap();
    let options = SeedOptions { dossiers, seed: 1, now: Today.now() };
    let started = std::time::Instant::now();
    let mut last = 0;
    let summary = seed(&store, &clock, &options, &mut |done, _| last = done).await.unwrap();
    println!("{summary:?} in {:?}", started.elapsed());
    assert_eq!((summary.dossiers, last), (dossiers, dossiers));
    Demo { store, _scratch: scratch }
}

fn persona(key: &str) -> Persona {
    personas().into_iter().find(|p| p.key == key).unwrap()
}

impl Demo {
    async fn ask(&self, key: &str, query: Query) -> Result<Answer, Reason> {
        self.ask_as(persona(key).actor(), query).await
    }

    /// About the dossier of Marie.
    async fn ask_as(&self, actor: Actor, query: Query) -> Result<Answer, Reason> {
        let Actor::Patient { ins } = persona("marie").actor() else { panic!() };
        match self.store.consult(&actor, Target::Patient(ins), query, Uuid::new_v4()).await {
            Ok(answer) => Ok(answer),
            Err(StoreError::Refused { refusal, .. }) => Err(refusal.reason),
            Err(error) => panic!("{error}"),
        }
    }

    async fn documents(&self, key: &str) -> Vec<SeenDocument> {
        match self.ask(key, Query::FindDocuments(Box::default())).await.unwrap().view {
            View::Documents(seen) => seen,
            other => panic!("{other:?}"),
        }
    }
}

fn types(documents: &[SeenDocument]) -> BTreeSet<String> {
    documents.iter().map(|d| d.entry.metadata.type_code.code.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_marie_shows_every_feature() {
    let demo = demo(20).await;

    let all = demo.documents("marie").await;
    let current: BTreeSet<_> = TypeCode::current().map(|t| t.code.to_owned()).collect();
    assert_eq!(types(&all), current);

    // The optician: his twelve types, and what he wrote.
    let optician = demo.documents("opticien-lenoir").await;
    let twelve = [
        "47420-5",
        "57828-6",
        "57832-8",
        "61357-0",
        "75468-9",
        "78513-9",
        "83836-7",
        "DOCPAT02",
        "DOCPAT09",
        "EXPPAT_1",
        "EXPPAT_2",
        "PRESC-ORTHOPTIE",
    ];
    let expected: BTreeSet<_> = twelve.into_iter().chain(["DISP_AUT"]).map(str::to_owned).collect();
    assert_eq!(types(&optician), expected);

    // What she masked is seen by her and the médecin traitant.
    let masked = |documents: &[SeenDocument]| documents.iter().filter(|d| d.entry.visibility.masked).count();
    assert_eq!(masked(&all), 1);
    assert_eq!(masked(&demo.documents("dr-martin").await), 1);
    assert_eq!(masked(&demo.documents("ide-petit").await), 0);
    // What was hidden from her was announced.
    let biopsy = all.iter().find(|d| d.entry.metadata.type_code.code == "60568-3").unwrap();
    assert_eq!((biopsy.entry.visibility, biopsy.entry.version), (Visibility::VISIBLE, 2));

    // The occupational doctor sees metadata and opens nothing, the secretary nothing at all.
    let seen = demo.documents("dr-travail").await;
    assert!(seen.len() > 50);
    let some = vec![DocumentRef::Lid(seen[0].entry.lid)];
    assert_eq!(demo.ask("dr-travail", Query::Retrieve(some)).await.unwrap_err(), Reason::AccessDenied);
    let refused = demo.ask("secretaire-blanc", Query::FindDocuments(Box::default())).await;
    assert_eq!(refused.unwrap_err(), Reason::AccessDenied);

    // Authorisations as the story left them.
    for (key, authorisation) in [
        ("dr-martin", Authorisation::Valide),
        ("dr-roux", Authorisation::Valide),
        ("ide-petit", Authorisation::Valide),
        ("pharma-duval", Authorisation::Valide),
        ("opticien-lenoir", Authorisation::Valide),
        ("dr-travail", Authorisation::Valide),
        ("dr-kone", Authorisation::NonExiste),
    ] {
        let View::Status(status) = demo.ask(key, Query::Status).await.unwrap().view else { panic!() };
        assert_eq!(
            (status.authorisation, status.medecin_traitant),
            (authorisation, key == "dr-martin"),
            "{key}"
        );
    }

    // The journal tells it all, refusals and the bris de glace included.
    let lines = demo.ask("marie", Query::Journal(JournalFilter::default())).await.unwrap().lines;
    assert!(lines.len() > 200, "{}", lines.len());
    assert!(lines.iter().any(|line| line.reason.as_deref() == Some("patiente inconsciente")));
    assert!(lines.iter().all(|line| line.entry.at < Today.now() || line.entry.at == Today.now()));

    // The emergency doctor reads as things are; without a reason, she does not.
    let kone = |mode: Mode| match persona("dr-kone").actor() {
        Actor::Professional(mut p) => {
            p.mode = mode;
            Actor::Professional(p)
        }
        other => other,
    };
    let find = || Query::FindDocuments(Box::default());
    let refused = demo.ask_as(kone(Mode::BrisDeGlace { reason: " ".to_owned() }), find()).await;
    assert_eq!(refused.unwrap_err(), Reason::EmergencyReasonMissing);
    assert!(demo.ask_as(kone(Mode::Centre15), find()).await.is_ok());
    assert_eq!(demo.ask_as(kone(Mode::Normal), find()).await.unwrap_err(), Reason::NotAuthorised);
}

/// The figure of the demo: not run by default, it measures the machine.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures: cargo test --release -p dmp-server --test demo -- --ignored --nocapture"]
async fn three_hundred_dossiers() {
    demo(300).await;
}
