//! L1, L2, X1: what stays, over restarts and over a closing.

use super::world::*;
use dmp_dossier::*;
use dmp_keys::FileCustody;
use dmp_store::{Quotas, StoreError};
use std::sync::Arc;

pub async fn a_reopened_directory_holds_everything(factory: Factory) {
    let world = World::new(factory).await;
    let (ins, dr) = (ins(1), doctor(1));
    world.open_dossier(&ins).await;
    world.authorise(&ins, &dr, true).await;
    let published = world.publish(&dr, &ins, document(1)).await.unwrap();
    let lines = world.journal(&ins).await.len();
    let world = world.reopened().await;
    assert_eq!(world.read(&dr, &ins, &document(1).unique_id).await.unwrap(), document(1).bytes);
    // D3 over a restart: the client that got no answer asks again.
    assert_eq!(world.publish(&dr, &ins, document(1)).await.unwrap(), published);
    // The reading of the journal, the read, the repeated deposit.
    assert_eq!(world.journal(&ins).await.len(), lines + 3);
    world.publish(&dr, &ins, document(2)).await.unwrap();
    assert!(world.verified().is_clean());
}

pub async fn a_second_process_is_refused(factory: Factory) {
    let world = World::new(factory).await;
    let second = open(factory, &world.dir.0, &world.clock, &world.custody, Quotas::unlimited()).await;
    assert!(matches!(second.err(), Some(StoreError::Failed { place: "lock of the directory", .. })));
    let world = world.reopened().await;
    world.open_dossier(&ins(1)).await;
}

/// L1, L2, A17.
pub async fn closing_deletes_nothing_and_reopening_gives_everything_back(factory: Factory) {
    let world = World::new(factory).await;
    let (ins, dr) = (ins(1), doctor(1));
    world.open_dossier(&ins).await;
    world.authorise(&ins, &dr, false).await;
    for number in 1..=3 {
        world.publish(&dr, &ins, document(number)).await.unwrap();
    }
    let before = world.found_by(&dr, &ins).await.unwrap();
    let held = world.verified();
    let close = Command::Close { reason: ClosureReason::PatientRequest, text: None, deceased: None };
    world.execute(&patient(&ins), &ins, close).await.unwrap();
    let closed = world.verified();
    assert!(closed.is_clean());
    assert_eq!((closed.contents, closed.journal_entries), (held.contents, held.journal_entries + 1));
    for actor in [&dr, &patient(&ins)] {
        assert_eq!(reason(world.read(actor, &ins, &document(1).unique_id).await), Reason::DossierClos);
        assert_eq!(reason(world.found_by(actor, &ins).await), Reason::DossierClos);
    }
    assert_eq!(reason(world.publish(&dr, &ins, document(4)).await), Reason::DossierClos);
    world.clock.advance_days(30);
    let consent = ConsentProof {
        collected_by: "la patiente".to_owned(),
        means: "formulaire".to_owned(),
        at: Time::from_millis(0),
        information: None,
    };
    let reopen = Command::Reactivate { consent: Some(consent) };
    world.execute(&patient(&ins), &ins, reopen).await.unwrap();
    assert_eq!(world.found_by(&dr, &ins).await.unwrap(), before);
    assert_eq!(world.read(&dr, &ins, &document(3).unique_id).await.unwrap(), document(3).bytes);
    assert!(world.verified().is_clean());
}

/// New keys write, old keys still find and open; an identifier taken under an old index key is taken.
pub async fn keys_rotate_and_everything_is_still_found(factory: Factory) {
    let world = World::new(factory).await;
    let (first, second, dr) = (ins(1), ins(2), doctor(1));
    world.open_dossier(&first).await;
    world.authorise(&first, &dr, false).await;
    world.publish(&dr, &first, document(1)).await.unwrap();
    let mut keys = FileCustody::open(&world.dir.0.join("keys")).unwrap();
    keys.rotate_index().unwrap();
    keys.rotate_kek().unwrap();
    let world = World { custody: Arc::new(keys), ..world }.reopened().await;
    world.open_dossier(&second).await;
    assert_eq!(world.open_dossier(&first).await, Receipt::AlreadyDone);
    assert_eq!(world.read(&dr, &first, &document(1).unique_id).await.unwrap(), document(1).bytes);
    assert_eq!(reason(world.publish(&dr, &second, document(1)).await), Reason::NonIdenticalHash);
    world.publish(&dr, &second, document(2)).await.unwrap();
    let report = world.verified();
    assert!(report.is_clean() && report.dossiers == 2, "{report:?}");
}
