//! X6: a message, an assertion, is taken once while it could be taken; a restart forgets nothing.

use super::world::*;
use dmp_dossier::Time;
use dmp_store::{Ambient, Remembered, Seen, SeenKind};
use std::sync::Arc;

fn seen(world: &World, kind: SeenKind, id: &str, content: u8, minutes: u32) -> Seen {
    Seen { kind, id: id.to_owned(), content: [content; 32], until: world.clock.now().plus_minutes(minutes) }
}

/// What the store says of a set, once it is on disk.
async fn told(world: &World, set: &[Seen]) -> Remembered {
    let (remembered, durable) = world.store.remember(set).await.unwrap();
    durable.wait().await.unwrap();
    remembered
}

pub async fn what_came_in_is_taken_once(factory: Factory) {
    let world = World::new(factory).await;
    let message = |id: &str, content| seen(&world, SeenKind::Message, id, content, 10);
    let assertion = |id: &str, content| seen(&world, SeenKind::Assertion, id, content, 10);
    let first = [message("urn:uuid:1", 1), assertion("_a", 7)];
    // One assertion serves several messages; a message under another assertion is no repetition of anything.
    let second = [message("urn:uuid:2", 2), assertion("_a", 7)];
    // The identifiers of messages and of assertions are not the same ones.
    let same_words = [message("_a", 3)];
    let forged = [message("urn:uuid:3", 3), assertion("_a", 8)];
    let altered = [message("urn:uuid:1", 9), assertion("_b", 1)];
    for (set, remembered) in [
        (&first[..], Remembered::New),
        (&first, Remembered::Repeated),
        (&second, Remembered::New),
        (&same_words, Remembered::New),
        (&forged, Remembered::Replayed(SeenKind::Assertion)),
        (&altered, Remembered::Replayed(SeenKind::Message)),
        // Of what was refused nothing is remembered.
        (&[message("urn:uuid:3", 4)], Remembered::New),
        (&[assertion("_b", 2)], Remembered::New),
        (&[], Remembered::Repeated),
    ] {
        assert_eq!(told(&world, set).await, remembered, "{set:?}");
    }
    let forged = [message("urn:uuid:4", 1), assertion("_a", 8)];
    let world = world.reopened().await;
    for (set, remembered) in [
        (&first[..], Remembered::Repeated),
        (&second, Remembered::Repeated),
        (&forged, Remembered::Replayed(SeenKind::Assertion)),
    ] {
        assert_eq!(told(&world, set).await, remembered, "{set:?}");
    }
    assert!(world.verified().is_clean());
}

pub async fn what_expired_is_forgotten(factory: Factory) {
    let world = World::new(factory).await;
    let short = seen(&world, SeenKind::Message, "1", 1, 5);
    let long = seen(&world, SeenKind::Message, "2", 1, 15);
    for one in [&short, &long] {
        assert_eq!(told(&world, std::slice::from_ref(one)).await, Remembered::New);
    }
    world.clock.advance_minutes(5);
    let other = |seen: &Seen, until: Time| Seen { content: [2; 32], until, ..seen.clone() };
    let later = world.clock.now().plus_minutes(20);
    assert_eq!(told(&world, &[other(&short, later)]).await, Remembered::New);
    let replayed = Remembered::Replayed(SeenKind::Message);
    assert_eq!(told(&world, &[other(&long, later)]).await, replayed);
    let world = world.reopened().await;
    assert_eq!(told(&world, std::slice::from_ref(&short)).await, replayed);
    assert_eq!(told(&world, &[other(&long, later)]).await, replayed);
    world.clock.advance_minutes(11);
    assert_eq!(told(&world, &[other(&long, later)]).await, Remembered::New);
}

pub async fn the_same_from_many_clients_at_once_is_taken_once(factory: Factory) {
    let world = Arc::new(World::new(factory).await);
    let clients: Vec<_> = (0..64)
        .map(|client: u8| {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                let message = seen(&world, SeenKind::Message, "urn:uuid:1", client % 2, 10);
                let assertion = seen(&world, SeenKind::Assertion, "_a", 1, 10);
                told(&world, &[message, assertion]).await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for client in clients {
        answers.push(client.await.unwrap());
    }
    let count = |remembered| answers.iter().filter(|answer| **answer == remembered).count();
    assert_eq!(count(Remembered::New), 1);
    assert_eq!(count(Remembered::Repeated), 31);
    assert_eq!(count(Remembered::Replayed(SeenKind::Message)), 32);
}
