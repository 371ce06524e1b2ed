//! What is kept beside dossiers: found by who names it, in the order of its time, written by one at a time.

use super::world::*;
use bytes::Bytes;
use dmp_dossier::Time;
use dmp_store::{Keep, Kept, Record, Shelf, Store, StoreError};

const AT: i64 = 1_772_442_000_000;

fn keep<'a>(owner: &'a str, id: &'a str, value: &'a [u8], from_version: Option<u64>) -> Keep<'a> {
    Keep { shelf: Shelf::Account, owner, id, at: Time::from_millis(AT), value, from_version }
}

async fn value(store: &Store, shelf: Shelf, owner: &str, id: &str) -> Option<Bytes> {
    store.record(shelf, owner, id).await.unwrap().map(|record| record.value)
}

pub async fn a_record_comes_back_to_who_names_it_only(factory: Factory) {
    let world = World::new(factory).await;
    let store = &world.store;
    assert_eq!(store.keep(keep("marie", "compte", b"un", None)).await.unwrap(), Kept::Written(1));
    let record = Record {
        id: "compte".to_owned(),
        version: 1,
        at: Time::from_millis(AT),
        value: Bytes::from_static(b"un"),
    };
    assert_eq!(store.record(Shelf::Account, "marie", "compte").await.unwrap(), Some(record));
    for (shelf, owner, id) in [
        (Shelf::Link, "marie", "compte"),
        (Shelf::Account, "marie", "compt"),
        (Shelf::Account, "mari", "ecompte"),
        (Shelf::Account, "mariec", "ompte"),
        (Shelf::Account, "", ""),
    ] {
        assert_eq!(value(store, shelf, owner, id).await, None, "{shelf:?} {owner} {id}");
        assert!(
            shelf == Shelf::Account || store.records(shelf, owner, None, None, 10).await.unwrap().is_empty()
        );
    }
    store.forget(Shelf::Account, "marie", "autre").await.unwrap();
    assert!(value(store, Shelf::Account, "marie", "compte").await.is_some());
    store.forget(Shelf::Account, "marie", "compte").await.unwrap();
    assert_eq!(value(store, Shelf::Account, "marie", "compte").await, None);
}

pub async fn a_record_is_written_from_the_version_that_was_read(factory: Factory) {
    let world = World::new(factory).await;
    let store = &world.store;
    for (from, text, outcome) in [
        (Some(1), "a", Kept::Moved),
        (Some(0), "b", Kept::Written(1)),
        (Some(0), "c", Kept::Moved),
        (Some(1), "d", Kept::Written(2)),
        (Some(1), "e", Kept::Moved),
        (None, "f", Kept::Written(3)),
    ] {
        assert_eq!(
            store.keep(keep("marie", "compte", text.as_bytes(), from)).await.unwrap(),
            outcome,
            "{text}"
        );
    }
    assert_eq!(value(store, Shelf::Account, "marie", "compte").await.unwrap(), "f");
    // Of many who write at once from the same version, one has written; without a version, all do, one after the other.
    let from = |version| (0..20).map(move |_| keep("marie", "compte", b"g", version));
    let once = futures_util::future::join_all(from(Some(3)).map(|keep| store.keep(keep))).await;
    assert_eq!(once.into_iter().filter(|kept| matches!(kept, Ok(Kept::Written(4)))).count(), 1);
    let all = futures_util::future::join_all(from(None).map(|keep| store.keep(keep))).await;
    assert!(all.iter().all(|kept| matches!(kept, Ok(Kept::Written(_)))), "{all:?}");
    assert_eq!(store.record(Shelf::Account, "marie", "compte").await.unwrap().unwrap().version, 24);
}

pub async fn records_of_an_owner_are_listed_by_their_time(factory: Factory) {
    let world = World::new(factory).await;
    let store = &world.store;
    for (number, minutes) in [(1, 30), (2, 10), (3, 20), (4, 40)] {
        let at = Time::from_millis(AT + minutes * 60_000);
        let (shelf, id) = (Shelf::Opening, format!("o{number}"));
        let keep = Keep { shelf, owner: "CPAM 35", id: &id, at, value: b"", from_version: Some(0) };
        store.keep(keep).await.unwrap();
        store.keep(Keep { owner: "CPAM 22", ..keep }).await.unwrap();
    }
    let list = |from: Option<i64>, to: Option<i64>, limit| async move {
        let time = |minutes: Option<i64>| minutes.map(|minutes| Time::from_millis(AT + minutes * 60_000));
        let records = store.records(Shelf::Opening, "CPAM 35", time(from), time(to), limit).await.unwrap();
        records.into_iter().map(|record| record.id).collect::<Vec<_>>().join(" ")
    };
    for (from, to, limit, listed) in [
        (None, None, 100, "o4 o1 o3 o2"),
        (Some(20), None, 100, "o4 o1 o3"),
        (None, Some(30), 100, "o3 o2"),
        (Some(20), Some(40), 100, "o1 o3"),
        (None, None, 2, "o4 o1"),
        (None, None, 0, ""),
        (None, None, usize::MAX, "o4 o1 o3 o2"),
        (Some(40), Some(20), 100, ""),
    ] {
        assert_eq!(list(from, to, limit).await, listed, "{from:?} {to:?} {limit}");
    }
}

pub async fn records_hold_over_a_restart_and_a_rotation_of_keys(factory: Factory) {
    let mut world = World::new(factory).await;
    for id in ["a", "b"] {
        world.store.keep(keep("marie", id, id.as_bytes(), None)).await.unwrap();
    }
    let mut custody = dmp_keys::FileCustody::open(&world.dir.0.join("keys")).unwrap();
    custody.rotate_kek().unwrap();
    custody.rotate_index().unwrap();
    world.custody = std::sync::Arc::new(custody);
    let world = world.reopened().await;
    let store = &world.store;
    assert_eq!(value(store, Shelf::Account, "marie", "a").await.unwrap(), "a");
    assert_eq!(store.keep(keep("marie", "a", b"again", Some(0))).await.unwrap(), Kept::Moved);
    assert_eq!(store.keep(keep("marie", "a", b"again", Some(1))).await.unwrap(), Kept::Written(2));
    assert_eq!(value(store, Shelf::Account, "marie", "a").await.unwrap(), "again");
    assert_eq!(store.records(Shelf::Account, "marie", None, None, 9).await.unwrap().len(), 2, "each once");
    let report = world.verified();
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.records, 2);
    store.forget(Shelf::Account, "marie", "b").await.unwrap();
    assert_eq!(value(store, Shelf::Account, "marie", "b").await, None);
}

pub async fn a_record_has_a_bound(factory: Factory) {
    let world = World::new(factory).await;
    let long = vec![7; (256 << 10) + 1];
    let name = "x".repeat(1_025);
    assert_eq!(world.store.keep(keep("a", "b", &long[1..], None)).await.unwrap(), Kept::Written(1));
    assert_eq!(value(&world.store, Shelf::Account, "a", "b").await.unwrap().len(), 256 << 10);
    for refused in [keep("a", "b", &long, None), keep(&name, "b", b"", None), keep("a", &name, b"", None)] {
        let kept = world.store.keep(refused).await;
        assert!(matches!(kept, Err(StoreError::Failed { place: "register", .. })), "{kept:?}");
    }
}
