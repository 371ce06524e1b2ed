//! Quotas: refused, with the time to wait, and journalled.

use super::world::*;
use dmp_dossier::*;
use dmp_store::{Limits, Quotas, StoreError};

fn quotas() -> Quotas {
    Quotas {
        professional: Limits {
            patients_per_hour: Some(3),
            patients_per_day: Some(5),
            bris_de_glace_per_day: Some(1),
            first_accesses_per_day: None,
            failed_look_ups_per_hour: Some(4),
        },
        ..Quotas::unlimited()
    }
}

fn wait<T: std::fmt::Debug>(result: Result<T, StoreError>) -> Option<u32> {
    match result {
        Err(StoreError::Refused { refusal, retry_after_seconds }) if refusal.reason == Reason::Quota => {
            retry_after_seconds
        }
        Err(StoreError::Refused { .. }) | Ok(_) => None,
        Err(error) => panic!("{error:?}"),
    }
}

pub async fn a_professional_reaches_a_bounded_number_of_patients(factory: Factory) {
    let world = World::with_quotas(factory, quotas()).await;
    let dr = doctor(1);
    for number in 1..=8 {
        world.open_dossier(&ins(number)).await;
    }
    let status = |number| {
        let (world, dr) = (&world, &dr);
        async move { wait(world.consult(dr, &ins(number), Query::Status).await) }
    };
    for number in [1, 2, 3, 1, 2] {
        assert_eq!(status(number).await, None, "{number}");
    }
    world.clock.advance_minutes(10);
    assert_eq!(status(4).await, Some(50 * 60));
    assert_eq!(status(2).await, None, "a patient already reached");
    // Feeding reaches nobody.
    assert!(world.publish(&dr, &ins(5), document(1)).await.is_ok());
    world.clock.advance_minutes(51);
    assert_eq!(status(4).await, None);
    assert_eq!(status(5).await, None);
    world.clock.advance_minutes(120);
    let a_day = status(6).await;
    assert!(a_day.is_some_and(|seconds| seconds > 20 * 3_600 && seconds <= 24 * 3_600), "{a_day:?}");
    world.clock.advance_days(1);
    assert_eq!(status(6).await, None);
    // Who is another person is counted apart; the holder is not counted.
    assert!(world.consult(&doctor(2), &ins(7), Query::Status).await.is_ok());
    let lines = world.journal(&ins(4)).await;
    let refused = lines.iter().filter(|line| {
        matches!(&line.entry.decision, Decision::Refused { reason: Reason::Quota, rule } if rule == "QUO-1")
    });
    assert_eq!(refused.count(), 1);
}

pub async fn breaking_glass_is_bounded(factory: Factory) {
    let world = World::with_quotas(factory, quotas()).await;
    world.open_dossier(&ins(1)).await;
    world.open_dossier(&ins(2)).await;
    let glass = professional(1, "10", Mode::BrisDeGlace { reason: "urgence".to_owned() });
    for _ in 0..3 {
        assert!(world.found_by(&glass, &ins(1)).await.is_ok(), "the same patient is one use");
    }
    assert_eq!(wait(world.found_by(&glass, &ins(2)).await), Some(24 * 3_600));
    assert!(world.consult(&doctor(1), &ins(2), Query::Status).await.is_ok(), "in normal mode");
}

/// A quota is not an oracle: what is hidden is counted as what does not exist.
pub async fn failed_look_ups_are_bounded_and_hidden_documents_count_alike(factory: Factory) {
    let world = World::with_quotas(factory, quotas()).await;
    world.open_dossier(&ins(1)).await;
    world.publish(&doctor(9), &ins(1), document(1).masked()).await.unwrap();
    let look_up = |who: u64, uid: String| {
        let world = &world;
        async move {
            let reference = by_uid(&uid);
            wait(world.consult(&doctor(who), reference.clone(), Query::Retrieve(vec![reference])).await)
        }
    };
    for (who, uid) in [(1, document(1).unique_id), (2, "1.2.3.404".to_owned())] {
        for _ in 0..4 {
            assert_eq!(look_up(who, uid.clone()).await, None);
        }
        assert_eq!(look_up(who, uid.clone()).await, Some(3_600));
        assert_eq!(wait(world.consult(&doctor(who), &ins(1), Query::Status).await), Some(3_600));
    }
    world.clock.advance_minutes(61);
    assert_eq!(look_up(1, document(1).unique_id).await, None);
    // Hidden documents reached no patient.
    for number in 2..=4 {
        world.open_dossier(&ins(number)).await;
        assert_eq!(wait(world.consult(&doctor(1), &ins(number), Query::Status).await), None);
    }
}

pub async fn searches_by_traits_are_bounded_for_a_structure_or_a_person(factory: Factory) {
    let quotas = Quotas { searches_by_traits_per_hour: Some(3), ..quotas() };
    let world = World::with_quotas(factory, quotas).await;
    world.open_dossier(&ins(1)).await;
    let samu = |number, structure: Option<&str>| match professional(number, "10", Mode::Centre15) {
        Actor::Professional(p) => Actor::Professional(Box::new(Professional {
            structure: structure.and_then(StructureId::parse),
            ..*p
        })),
        other => other,
    };
    let here = Some("1350000099");
    let find = |actor: Actor| {
        let world = &world;
        async move { wait(world.find(&actor, sought()).await) }
    };
    for number in 1..=3 {
        assert_eq!(find(samu(number, here)).await, None, "{number}");
    }
    assert_eq!(find(samu(4, here)).await, Some(3_600), "of all its people together");
    assert_eq!(find(samu(4, Some("1350000098"))).await, None);
    for _ in 0..3 {
        assert_eq!(find(samu(5, None)).await, None);
    }
    assert_eq!(find(samu(5, None)).await, Some(3_600));
    assert_eq!(find(samu(6, None)).await, None);
    world.clock.advance_minutes(61);
    assert_eq!(find(samu(4, here)).await, None);
    // Who is refused by the functional matrix is not counted.
    for _ in 0..5 {
        assert_eq!(reason(world.find(&doctor(1), sought()).await), Reason::AccessDenied);
    }
}

/// A doctor of one structure.
fn of_ward(number: u64) -> Actor {
    match doctor(number) {
        Actor::Professional(p) => {
            Actor::Professional(Box::new(Professional { structure: StructureId::parse("1350000099"), ..*p }))
        }
        other => other,
    }
}

pub async fn a_colleague_lifts_a_quota_for_an_hour(factory: Factory) {
    let world = World::with_quotas(factory, quotas()).await;
    for number in 1..=9 {
        world.open_dossier(&ins(number)).await;
    }
    let (tired, colleague) = (of_ward(1), of_ward(2));
    let of = tired.professional().unwrap().id.as_str();
    let status = |number| {
        let (world, tired) = (&world, &tired);
        async move { wait(world.consult(tired, &ins(number), Query::Status).await) }
    };
    let because = "afflux de patients aux urgences";
    assert_eq!(world.store.exhausted(&colleague), []);
    assert_eq!(reason(world.store.lift_quota(&colleague, of, because).await), Reason::AccessDenied);
    for number in 1..=3 {
        assert_eq!(status(number).await, None);
    }
    assert_eq!(status(4).await, Some(3_600));
    let exhausted = world.store.exhausted(&colleague);
    assert_eq!((exhausted.len(), exhausted[0].id.as_str()), (1, of));
    assert_eq!(exhausted[0].name.as_ref().unwrap().family, "MARTIN1");
    assert_eq!(exhausted[0].until.millis() - exhausted[0].since.millis(), 3_600_000);
    assert_eq!(world.store.exhausted(&tired), [], "one does not help oneself");
    assert_eq!(world.store.exhausted(&doctor(3)), [], "of another structure");
    for (by, of, text, refused) in [
        (&tired, of, because, Reason::AccessDenied),
        (&doctor(3), of, because, Reason::AccessDenied),
        (&patient(&ins(1)), of, because, Reason::AccessDenied),
        (&colleague, "899700000009", because, Reason::AccessDenied),
        (&colleague, of, "urgence", Reason::InvalidRequest),
        (&colleague, of, "          urgence          ", Reason::InvalidRequest),
        (&colleague, of, "afflux de patients\u{1b}[2J", Reason::InvalidRequest),
        (&colleague, of, &"a".repeat(201), Reason::InvalidRequest),
    ] {
        assert_eq!(reason(world.store.lift_quota(by, of, text).await), refused, "{text}");
    }
    assert_eq!(status(4).await, Some(3_600));
    let until = world.store.lift_quota(&colleague, of, because).await.unwrap();
    assert_eq!(until.millis() - world.store.now().millis(), 3_600_000);
    assert_eq!(world.store.exhausted(&colleague), []);
    for number in 4..=9 {
        assert_eq!(status(number).await, None);
    }
    // The record says who, for whom and why.
    let lifts = world.store.lifts("1350000099", Time::from_millis(0)).await.unwrap();
    assert_eq!((lifts.len(), lifts[0].of.as_str(), lifts[0].reason.as_str()), (1, of, because));
    assert_eq!(lifts[0].by, colleague.professional().unwrap().id.as_str());
    assert_eq!(world.store.lifts("1350000098", Time::from_millis(0)).await.unwrap(), []);
    world.clock.advance_minutes(60);
    for number in 1..=3 {
        world.open_dossier(&ins(number + 20)).await;
    }
    assert!(status(21).await.is_some(), "more than five patients in the day");
}

/// A restart forgets the counters, not the lift.
pub async fn a_lift_holds_over_a_restart(factory: Factory) {
    let world = World::with_quotas(factory, quotas()).await;
    for number in 1..=5 {
        world.open_dossier(&ins(number)).await;
    }
    let tired = of_ward(1);
    for number in 1..=4 {
        let _ = world.consult(&tired, &ins(number), Query::Status).await;
    }
    let of = tired.professional().unwrap().id.as_str();
    world.store.lift_quota(&of_ward(2), of, "afflux de patients").await.unwrap();
    let World { store, clock, custody, factory, dir } = world;
    drop(store);
    let store = open(factory, &dir.0, &clock, &custody, quotas()).await.unwrap();
    let world = World { store, clock, custody, factory, dir };
    for number in 1..=5 {
        assert_eq!(wait(world.consult(&tired, &ins(number), Query::Status).await), None, "{number}");
    }
}

pub async fn first_accesses_without_the_patient_are_bounded(factory: Factory) {
    let professional = Limits { first_accesses_per_day: Some(2), ..Limits::default() };
    let pharmacy = Limits { first_accesses_per_day: Some(0), ..Limits::default() };
    let quotas = Quotas { professional, pharmacy, ..Quotas::unlimited() };
    let world = World::with_quotas(factory, quotas).await;
    let found = |who: Actor, number: u64| {
        let world = &world;
        async move { wait(world.found_by(&who, &ins(number)).await) }
    };
    for number in 1..=6 {
        world.open_dossier(&ins(number)).await;
        world.authorise(&ins(number), &doctor(1), false).await;
    }
    for number in [1, 2, 1, 2] {
        assert_eq!(found(doctor(1), number).await, None, "{number}");
    }
    assert_eq!(found(doctor(1), 3).await, Some(86_400));
    assert_eq!(kinds_of(&world).await, 2, "who was refused has not visited");
    // The patient's card, read a moment ago, in the same structure.
    world.store.present(&doctor(1), &ins(3)).await.unwrap();
    world.store.present(&doctor(1), &ins(99)).await.unwrap();
    assert_eq!(found(doctor(1), 3).await, None);
    world.store.present(&doctor(2), &ins(4)).await.unwrap();
    assert!(found(doctor(1), 4).await.is_some(), "read elsewhere");
    world.store.present(&doctor(1), &ins(4)).await.unwrap();
    world.clock.advance_minutes(15);
    assert!(found(doctor(1), 4).await.is_some(), "read too long ago");
    // A software has its own card reader, and an emergency its own limit.
    let glass = super::world::professional(1, "10", Mode::BrisDeGlace { reason: "urgence".to_owned() });
    assert_eq!(found(glass, 5).await, None);
    let by_card = match doctor(1) {
        Actor::Professional(p) => Actor::Professional(Box::new(Professional { auth: Auth::Direct, ..*p })),
        other => other,
    };
    assert_eq!(found(by_card, 6).await, None);
    world.clock.advance_days(1);
    assert_eq!(found(doctor(1), 4).await, None);
    let pharmacist = super::world::professional(7, "21", Mode::Normal);
    world.authorise(&ins(1), &pharmacist, false).await;
    assert!(found(pharmacist.clone(), 1).await.is_some());
    world.store.present(&pharmacist, &ins(1)).await.unwrap();
    assert_eq!(found(pharmacist, 1).await, None);
}

async fn kinds_of(world: &World) -> usize {
    world.store.notices(100).await.unwrap().len()
}
