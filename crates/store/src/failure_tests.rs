//! A1, D2, D3 when the database fails: an engine that refuses to write, or writes and loses its answer.

#[path = "../tests/contract/world.rs"]
#[allow(dead_code)]
pub(crate) mod world;

use crate::engine::*;
use crate::error::failed_because;
use crate::objects::Objects;
use crate::replay::SeenRow;
use crate::{Ambient, Durable, Quotas, Remembered, SqliteEngine, Store, StoreConfig, StoreError, Target};
use dmp_dossier::*;
use futures_util::future::{BoxFuture, FutureExt};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use uuid::Uuid;
use world::{Directory, by_uid, doctor, document, ins, opening, patient};

const WORKS: u8 = 0;
const REFUSES: u8 = 1;
const LOSES_ITS_ANSWER: u8 = 2;

struct Failing {
    inner: SqliteEngine,
    mode: AtomicU8,
    contents_read: AtomicU32,
}

impl Engine for Failing {
    fn locate<'a>(
        &'a self,
        locators: &'a [LocatorKey],
    ) -> BoxFuture<'a, Result<Option<DossierId>, StoreError>> {
        self.inner.locate(locators)
    }

    fn load(&self, dossier: DossierId) -> BoxFuture<'_, Result<Option<StoredDossier>, StoreError>> {
        self.inner.load(dossier)
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, CommitError>> {
        let lost = || CommitError::Failed(failed_because("writer", "the test says so"));
        match self.mode.load(Ordering::SeqCst) {
            WORKS => self.inner.commit(commit),
            REFUSES => async move { Err(lost()) }.boxed(),
            _ => async move {
                self.inner.commit(commit).await?;
                Err(lost())
            }
            .boxed(),
        }
    }

    fn unknown_target(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.inner.unknown_target()
    }

    fn contents<'a>(
        &'a self,
        dossier: DossierId,
        rows: &'a [u32],
    ) -> BoxFuture<'a, Result<Vec<StoredContent>, StoreError>> {
        self.contents_read.fetch_add(1, Ordering::SeqCst);
        self.inner.contents(dossier, rows)
    }

    fn search_texts<'a>(
        &'a self,
        dossier: DossierId,
        rows: &'a [u32],
    ) -> BoxFuture<'a, Result<Vec<StoredText>, StoreError>> {
        self.contents_read.fetch_add(1, Ordering::SeqCst);
        self.inner.search_texts(dossier, rows)
    }

    fn journal(
        &self,
        dossier: DossierId,
        from: Option<Cursor>,
        limit: usize,
    ) -> BoxFuture<'_, Result<JournalPage, StoreError>> {
        self.contents_read.fetch_add(1, Ordering::SeqCst);
        self.inner.journal(dossier, from, limit)
    }

    fn note(&self, dossier: DossierId, note: [u8; 16]) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>> {
        self.inner.note(dossier, note)
    }

    fn granted<'a>(
        &'a self,
        keys: &'a [IndexKey],
        since_ms: Option<i64>,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<DossierId>, StoreError>> {
        self.inner.granted(keys, since_ms, limit)
    }

    fn with_traits<'a>(
        &'a self,
        keys: &'a [IndexKey],
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<DossierId>, StoreError>> {
        self.inner.with_traits(keys, limit)
    }

    fn unindexed(&self, limit: u32) -> BoxFuture<'_, Result<Vec<DossierId>, StoreError>> {
        self.inner.unindexed(limit)
    }

    fn index(&self, rows: Vec<(DossierId, Vec<IndexRow>)>) -> BoxFuture<'_, Result<(), StoreError>> {
        self.inner.index(rows)
    }

    fn remember(
        &self,
        seen: Vec<SeenRow>,
        now: Time,
    ) -> BoxFuture<'_, Result<(Remembered, Durable), StoreError>> {
        self.inner.remember(seen, now)
    }

    fn record<'a>(&'a self, keys: &'a [RecordKey]) -> BoxFuture<'a, Result<Option<RecordRow>, StoreError>> {
        self.inner.record(keys)
    }

    fn records<'a>(
        &'a self,
        shelf: u8,
        owners: &'a [IndexKey],
        from_ms: i64,
        to_ms: i64,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<RecordRow>, StoreError>> {
        self.inner.records(shelf, owners, from_ms, to_ms, limit)
    }

    fn with_cases<'a>(
        &'a self,
        keys: &'a [IndexKey],
        since_ms: i64,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<DossierId>, StoreError>> {
        self.inner.with_cases(keys, since_ms, limit)
    }

    fn notices(&self, limit: u32) -> BoxFuture<'_, Result<Vec<NoticeRow>, StoreError>> {
        self.inner.notices(limit)
    }

    fn noticed(&self, at_ms: i64, id: [u8; 16]) -> BoxFuture<'_, Result<(), StoreError>> {
        self.inner.noticed(at_ms, id)
    }

    fn write_record(&self, write: RecordWrite) -> BoxFuture<'_, Result<bool, StoreError>> {
        self.inner.write_record(write)
    }

    fn objects(&self) -> &Objects {
        self.inner.objects()
    }
}

struct Fixed;

impl Ambient for Fixed {
    fn now(&self) -> Time {
        Time::from_millis(1_772_442_000_000)
    }

    fn fresh(&self) -> Uuid {
        Uuid::new_v4()
    }
}

async fn failing() -> (Store, Arc<Failing>, Directory) {
    let dir = Directory::new();
    let engine = Arc::new(Failing {
        inner: SqliteEngine::open(&dir.0).unwrap(),
        mode: AtomicU8::new(WORKS),
        contents_read: AtomicU32::new(0),
    });
    let store = Store::new(StoreConfig {
        engine: Arc::clone(&engine) as _,
        custody: Arc::new(dmp_keys::FileCustody::create(&dir.0.join("keys")).unwrap()),
        ambient: Arc::new(Fixed),
        parameters: Parameters { author_structure: false, ..Parameters::default() },
        matrix: Matrix::builtin(),
        quotas: Quotas::unlimited(),
    })
    .await
    .unwrap();
    let patient_ins = ins(1);
    let target = Target::Patient(patient_ins.clone());
    store
        .execute(&patient(&patient_ins), target, opening(&patient_ins), Vec::new(), Uuid::nil())
        .await
        .unwrap();
    (store, engine, dir)
}

async fn publish(store: &Store, number: u64) -> Result<Receipt, StoreError> {
    let (lot, contents) = document(number).lot(&doctor(1), &ins(1));
    let command = Command::Publish(Box::new(lot));
    store.execute(&doctor(1), Target::Patient(ins(1)), command, contents, Uuid::nil()).await
}

fn everything() -> ListAsked {
    ListAsked { since: None, by: ListBy::LastAuthorisation, owner: None }
}

async fn ask(store: &Store, query: Query) -> Result<crate::Answer, StoreError> {
    store.consult(&patient(&ins(1)), Target::Patient(ins(1)), query, Uuid::nil()).await
}

/// A1: without a trace there is neither answer, nor even a look at what is sealed.
#[tokio::test]
async fn without_a_trace_nothing_is_read() {
    let (store, engine, _dir) = failing().await;
    publish(&store, 1).await.unwrap();
    let authorise = Command::Authorise(Box::new(Authorise {
        who: Grantee::Professional(doctor(1).professional().unwrap().id.clone()),
        label: None,
        until: None,
        medecin_traitant: false,
        profession: None,
    }));
    let target = Target::Patient(ins(1));
    store.execute(&patient(&ins(1)), target, authorise, Vec::new(), Uuid::nil()).await.unwrap();
    let glass = world::professional(2, "10", Mode::BrisDeGlace { reason: "urgence vitale".to_owned() });
    let find = || Query::FindDocuments(Box::default());
    store.consult(&glass, Target::Patient(ins(1)), find(), Uuid::nil()).await.unwrap();
    engine.mode.store(REFUSES, Ordering::SeqCst);
    let one = by_uid(&document(1).unique_id);
    for query in [
        Query::Status,
        Query::FindDocuments(Box::default()),
        Query::Retrieve(vec![one.clone()]),
        Query::Journal(JournalFilter::default()),
        Query::Export,
        // A refusal is not told before it is journalled either.
        Query::Retrieve(vec![by_uid("1.2.3")]),
    ] {
        assert!(matches!(ask(&store, query).await, Err(StoreError::Failed { place: "writer", .. })));
    }
    let searched =
        store.search_text(&patient(&ins(1)), Target::Patient(ins(1)), "tension", Uuid::nil()).await;
    assert!(matches!(searched, Err(StoreError::Failed { .. })));
    assert_eq!(engine.contents_read.load(Ordering::SeqCst), 0);
    // Nor is a list told whose lines could not be written.
    let listed = store.authorised_dossiers(&doctor(1), everything(), Uuid::nil()).await;
    assert!(matches!(listed, Err(StoreError::Failed { place: "writer", .. })), "{listed:?}");
    assert_eq!(engine.contents_read.load(Ordering::SeqCst), 0);
    // Nor a case, nor are there notices of what was not written.
    let referent = Actor::Referent(Referent {
        id: "referent".to_owned(),
        name: PersonName::default(),
        structure: glass.structure().unwrap().clone(),
        structure_name: None,
    });
    let cases = store.cases(&referent, Uuid::nil()).await;
    assert!(matches!(cases, Err(StoreError::Failed { place: "writer", .. })), "{cases:?}");
    let samu = world::professional(3, "10", Mode::Centre15);
    assert!(store.consult(&samu, Target::Patient(ins(1)), find(), Uuid::nil()).await.is_err());
    assert_eq!(store.notices(10).await.unwrap().len(), 1);
    engine.mode.store(WORKS, Ordering::SeqCst);
    assert_eq!(store.cases(&referent, Uuid::nil()).await.unwrap().len(), 1);
    assert_eq!(ask(&store, Query::Retrieve(vec![one])).await.unwrap().contents[0], document(1).bytes);
    assert_eq!(engine.contents_read.load(Ordering::SeqCst), 1);
}

/// D2: what was not acknowledged is not there, in memory neither.
#[tokio::test]
async fn a_commit_that_fails_leaves_nothing() {
    let (store, engine, _dir) = failing().await;
    engine.mode.store(REFUSES, Ordering::SeqCst);
    assert!(publish(&store, 1).await.is_err());
    engine.mode.store(WORKS, Ordering::SeqCst);
    let View::Documents(seen) = ask(&store, Query::FindDocuments(Box::default())).await.unwrap().view else {
        panic!("not a list of documents")
    };
    assert!(seen.is_empty());
    publish(&store, 1).await.unwrap();
}

/// D3: the commit happened, its answer was lost; asked again, it is one document.
#[tokio::test]
async fn a_commit_whose_answer_is_lost_happens_once() {
    let (store, engine, _dir) = failing().await;
    engine.mode.store(LOSES_ITS_ANSWER, Ordering::SeqCst);
    assert!(publish(&store, 1).await.is_err());
    engine.mode.store(WORKS, Ordering::SeqCst);
    let Receipt::Published { documents, .. } = publish(&store, 1).await.unwrap() else {
        panic!("not published")
    };
    assert_eq!(documents.len(), 1);
    let View::Documents(seen) = ask(&store, Query::FindDocuments(Box::default())).await.unwrap().view else {
        panic!("not a list of documents")
    };
    assert_eq!(seen.len(), 1);
}
