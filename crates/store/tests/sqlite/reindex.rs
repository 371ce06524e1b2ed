//! Dossiers of the release before the indexes: they are indexed once, at start.

use crate::SQLITE;
use crate::contract::world::*;
use dmp_dossier::{ListAsked, ListBy, Mode};
use rusqlite::Connection;

/// The tables as the migration leaves them beside dossiers that were there.
const BEFORE: &str = "DELETE FROM grant_index; DELETE FROM trait_index;
    INSERT INTO unindexed SELECT dossier_id FROM head";

fn everything() -> ListAsked {
    ListAsked { since: None, by: ListBy::LastAuthorisation, owner: None }
}

#[tokio::test]
async fn dossiers_of_before_the_indexes_are_indexed_at_start() {
    let world = World::new(SQLITE).await;
    let (dr, samu) = (doctor(1), professional(2, "10", Mode::Centre15));
    for number in 1..=3 {
        world.open_dossier(&ins(number)).await;
        world.authorise(&ins(number), &dr, false).await;
    }
    let database = Connection::open(world.dir.0.join("dossiers.sqlite")).unwrap();
    database.execute_batch(BEFORE).unwrap();
    assert_eq!(world.list(&dr, everything()).await.unwrap(), []);
    assert!(world.verified().is_clean(), "what waits is not missing");
    // What happened since has its rows.
    world.clock.advance_minutes(1);
    world.authorise(&ins(2), &dr, true).await;
    assert_eq!(world.list(&dr, everything()).await.unwrap().len(), 1);
    let world = world.reopened().await;
    world.store.reindex().await.unwrap();
    let list = world.list(&dr, everything()).await.unwrap();
    assert_eq!(list.len(), 3);
    assert!(list[0].identity.ins == ins(2) && list[0].medecin_traitant);
    assert_eq!(world.find(&samu, sought()).await.unwrap().len(), 3);
    let waiting: i64 = database.query_row("SELECT count(*) FROM unindexed", [], |row| row.get(0)).unwrap();
    assert_eq!(waiting, 0);
    world.store.reindex().await.unwrap();
    let report = world.verified();
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn a_deployment_of_another_release_is_not_verified() {
    let world = World::new(SQLITE).await;
    world.open_dossier(&ins(1)).await;
    let database = Connection::open(world.dir.0.join("dossiers.sqlite")).unwrap();
    database.execute("DELETE FROM migration WHERE number = 2", []).unwrap();
    let verified = dmp_store::verify(&world.dir.0, world.custody.as_ref(), &mut |_, _| {});
    assert!(matches!(verified, Err(dmp_store::StoreError::Failed { place: "migration", .. })));
}
