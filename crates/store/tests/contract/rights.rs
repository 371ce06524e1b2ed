//! A5, A9: rights apply at once, whatever runs at the same time.

use super::world::*;
use dmp_dossier::*;
use dmp_store::StoreError;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What happened, with the ticks of its call and of its answer.
enum Event {
    Blocked { answered: u64 },
    Unblocked { called: u64 },
    Read { called: u64, answered: u64, permitted: bool },
}

/// A9: a read that starts after a block was acknowledged, and ends before the block is lifted, is refused; so is one of
/// a document that was masked. Sixteen clients at once.
pub async fn a_block_holds_from_its_acknowledgement(factory: Factory) {
    let world = Arc::new(World::new(factory).await);
    let ins = ins(1);
    world.open_dossier(&ins).await;
    world.authorise(&ins, &doctor(1), false).await;
    world.publish(&doctor(2), &ins, document(1)).await.unwrap();
    let ticks = Arc::new(AtomicU64::new(1));
    let tick = |ticks: &AtomicU64| ticks.fetch_add(1, Ordering::SeqCst);
    let blocker = tokio::spawn({
        let (world, ins, ticks) = (Arc::clone(&world), ins.clone(), Arc::clone(&ticks));
        async move {
            let mut events = Vec::new();
            let who = Grantee::Professional(doctor(1).professional().unwrap().id.clone());
            for _ in 0..12 {
                let block = Command::Block { who: who.clone(), label: None };
                world.execute(&patient(&ins), &ins, block).await.unwrap();
                events.push(Event::Blocked { answered: tick(&ticks) });
                tokio::time::sleep(std::time::Duration::from_millis(8)).await;
                events.push(Event::Unblocked { called: tick(&ticks) });
                let unblock = Command::Unblock { who: who.clone() };
                world.execute(&patient(&ins), &ins, unblock).await.unwrap();
                world.authorise(&ins, &doctor(1), false).await;
                tokio::time::sleep(std::time::Duration::from_millis(8)).await;
            }
            events
        }
    });
    let readers: Vec<_> = (0..15)
        .map(|_| {
            let (world, ins, ticks) = (Arc::clone(&world), ins.clone(), Arc::clone(&ticks));
            tokio::spawn(async move {
                let mut events = Vec::new();
                for _ in 0..60 {
                    let called = tick(&ticks);
                    let result = world.read(&doctor(1), &ins, &document(1).unique_id).await;
                    let permitted = match result {
                        Ok(_) => true,
                        Err(StoreError::Refused { .. }) => false,
                        Err(error) => panic!("{error:?}"),
                    };
                    events.push(Event::Read { called, answered: tick(&ticks), permitted });
                }
                events
            })
        })
        .collect();
    let changes = blocker.await.unwrap();
    let blocked: Vec<(u64, u64)> = changes
        .chunks(2)
        .map(|pair| match pair {
            [Event::Blocked { answered }, Event::Unblocked { called }] => (*answered, *called),
            _ => panic!("a block, then its end"),
        })
        .collect();
    let (mut permits, mut within) = (0, 0);
    for reader in readers {
        for event in reader.await.unwrap() {
            let Event::Read { called, answered, permitted } = event else { panic!("readers read") };
            permits += u32::from(permitted);
            if blocked.iter().any(|(from, to)| called > *from && answered < *to) {
                within += 1;
                assert!(!permitted, "read at {called}..{answered} while blocked");
            }
        }
    }
    assert!(
        permits > 0 && within > 0,
        "the test must see both: {permits} permits, {within} reads while blocked"
    );
    assert!(world.verified().is_clean());
}

pub async fn concurrent_changes_of_one_dossier_all_happen_in_some_order(factory: Factory) {
    let world = Arc::new(World::new(factory).await);
    let ins = ins(1);
    world.open_dossier(&ins).await;
    let deposits: Vec<_> = (0..24)
        .map(|number| {
            let (world, ins) = (Arc::clone(&world), ins.clone());
            tokio::spawn(
                async move { world.publish(&doctor(number % 3), &ins, document(number)).await.map(drop) },
            )
        })
        .collect();
    for deposit in deposits {
        deposit.await.unwrap().unwrap();
    }
    assert_eq!(world.found_by(&patient(&ins), &ins).await.unwrap().len(), 24);
    let report = world.verified();
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.contents, 24);
}

/// A5: an announcement ends on its date, and that is a line of the system.
pub async fn a_due_announcement_is_released_before_any_other_act(factory: Factory) {
    let world = World::new(factory).await;
    let (ins, dr) = (ins(1), doctor(1));
    world.open_dossier(&ins).await;
    world.publish(&dr, &ins, document(1).hidden_from_patient()).await.unwrap();
    world.publish(&dr, &ins, document(2)).await.unwrap();
    assert_eq!(world.found_by(&patient(&ins), &ins).await.unwrap(), [document(2).unique_id]);
    let deposits = |lines: &[dmp_store::Line]| -> Vec<String> {
        let deposits = lines.iter().filter(|line| line.entry.act == Act::Feed);
        deposits.map(|line| line.documents[0].metadata.unique_id.as_str().to_owned()).collect()
    };
    // Not even a line without its document.
    assert_eq!(deposits(&world.journal(&ins).await), [document(2).unique_id]);
    world.clock.advance_days(8);
    let mut found = world.found_by(&patient(&ins), &ins).await.unwrap();
    found.sort();
    assert_eq!(found, [document(1).unique_id, document(2).unique_id]);
    let lines = world.journal(&ins).await;
    let released: Vec<_> = lines.iter().filter(|line| line.entry.act == Act::ReleaseAnnouncement).collect();
    assert_eq!(released.len(), 1);
    assert_eq!(released[0].entry.actor.kind, ActorKind::App);
    assert_eq!(released[0].documents[0].metadata.unique_id.as_str(), document(1).unique_id);
    assert_eq!(deposits(&lines), [document(2).unique_id, document(1).unique_id]);
    assert!(world.verified().is_clean());
}
