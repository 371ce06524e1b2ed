//! X1, D1, D2 on SQLite: the log cut anywhere, as a crash leaves it. What was acknowledged before the cut is there whole;
//! what was not is there whole or not at all; and the deployment starts, and verifies.

use crate::SQLITE;
use crate::contract::world::*;
use dmp_dossier::*;
use dmp_store::Quotas;
use std::path::Path;
use std::sync::Arc;

fn log_length(world: &World) -> usize {
    std::fs::metadata(world.dir.0.join("dossiers.sqlite-wal")).unwrap().len() as usize
}

#[tokio::test]
async fn a_log_cut_anywhere_holds_all_that_was_acknowledged_before_the_cut() {
    let world = World::new(SQLITE).await;
    let (ins, dr) = (ins(1), doctor(1));
    world.open_dossier(&ins).await;
    world.authorise(&ins, &dr, false).await;
    // Length of the log when each document was acknowledged.
    let mut acknowledged = vec![log_length(&world)];
    for number in 0..12 {
        world.publish(&dr, &ins, document(number)).await.unwrap();
        acknowledged.push(log_length(&world));
    }
    let log = std::fs::read(world.dir.0.join("dossiers.sqlite-wal")).unwrap();
    let mut cuts: Vec<usize> = acknowledged.clone();
    cuts.extend(acknowledged.windows(2).flat_map(|pair| {
        let step = (pair[1] - pair[0]) / 5;
        (0..5).map(move |i| pair[0] + i * step + 7)
    }));
    cuts.extend(acknowledged.iter().skip(1).map(|length| length - 1));
    for cut in cuts {
        let image = Directory::new();
        image_of(&world, &image.0, &log[..cut]);
        let store = open(SQLITE, &image.0, &world.clock, &world.custody, Quotas::unlimited()).await.unwrap();
        let acknowledged_before = acknowledged.iter().skip(1).filter(|length| **length <= cut).count();
        let query = Query::FindDocuments(Box::default());
        let target = dmp_store::Target::Patient(ins.clone());
        let answer = store.consult(&dr, target, query, uuid::Uuid::nil()).await.unwrap();
        let View::Documents(seen) = answer.view else { panic!("not a list of documents") };
        assert_eq!(seen.len(), acknowledged_before, "cut at {cut}");
        for (number, document_seen) in (0..).zip(&seen) {
            let query = Query::Retrieve(vec![DocumentRef::Lid(document_seen.entry.lid)]);
            let target = dmp_store::Target::Patient(ins.clone());
            let answer = store.consult(&dr, target, query, uuid::Uuid::nil()).await.unwrap();
            assert_eq!(answer.contents[0], document(number).bytes);
        }
        drop(store);
        let report = dmp_store::verify(&image.0, world.custody.as_ref(), &mut |_, _| {}).unwrap();
        assert!(report.is_clean(), "cut at {cut}: {report:?}");
    }
}

fn image_of(world: &World, to: &Path, log: &[u8]) {
    std::fs::copy(world.dir.0.join("dossiers.sqlite"), to.join("dossiers.sqlite")).unwrap();
    std::fs::write(to.join("dossiers.sqlite-wal"), log).unwrap();
}

/// Clients that go away before their answer: what they asked is there whole, or not at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_away_leaves_all_or_nothing() {
    let world = Arc::new(World::new(SQLITE).await);
    let ins = ins(1);
    world.open_dossier(&ins).await;
    for number in 0..40 {
        let client = tokio::spawn({
            let (world, ins) = (Arc::clone(&world), ins.clone());
            async move { world.publish(&doctor(1), &ins, document(number)).await }
        });
        tokio::time::sleep(std::time::Duration::from_micros(number * 40)).await;
        client.abort();
        let _ = client.await;
    }
    let found = world.found_by(&patient(&ins), &ins).await.unwrap().len() as u64;
    let report = world.verified();
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.contents, found);
    // Asked again, each is there once.
    for number in 0..40 {
        world.publish(&doctor(1), &ins, document(number)).await.unwrap();
    }
    let report = world.verified();
    assert!(report.is_clean() && report.contents == 40, "{report:?}");
}
