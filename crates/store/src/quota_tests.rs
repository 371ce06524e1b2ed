//! Limits, windows, look-ups; first accesses, presence and lifts.

use super::*;
use crate::failure_tests::world::{doctor, ins, patient, professional};
use dmp_dossier::{App, AppPurpose, StructureId};
use uuid::Uuid;

fn dossier(number: u128) -> Option<DossierId> {
    Some(DossierId(Uuid::from_u128(number)))
}

/// The same professional, in another structure.
fn moved(actor: Actor, structure: &str) -> Actor {
    match actor {
        Actor::Professional(mut p) => {
            p.structure = StructureId::parse(structure);
            Actor::Professional(p)
        }
        other => other,
    }
}

/// Admits patients one after the other, in turn by each of the actors, until one is refused.
fn admitted(actors: &[Actor], act: Act) -> usize {
    let keeper = QuotaKeeper::new(Quotas::default());
    (0..3_000)
        .take_while(|i| {
            let actor = &actors[i % actors.len()];
            keeper.admit(actor, act, dossier(*i as u128), Time::from_millis(0)).is_ok()
        })
        .count()
}

#[test]
fn limits_are_those_of_the_person_or_of_the_structure() {
    let here = "1350000099";
    let pharmacists: Vec<Actor> = (1..=3).map(|n| moved(professional(n, "21", Mode::Normal), here)).collect();
    let ward: Vec<Actor> = (1..=30).map(|n| moved(doctor(n), here)).collect();
    let regulation: Vec<Actor> =
        (1..=9).map(|n| moved(professional(n, "10", Mode::Centre15), here)).collect();
    let glass =
        |profession: &str| professional(1, profession, Mode::BrisDeGlace { reason: "urgence".to_owned() });
    let loader = Actor::App(App { name: "essai".to_owned(), purpose: AppPurpose::Loader });
    for (actors, act, patients) in [
        (vec![doctor(1)], Act::Search, 20),
        (vec![doctor(1)], Act::Feed, 3_000),
        (vec![doctor(1), doctor(2)], Act::Status, 40),
        (pharmacists, Act::Read, 60),
        (ward, Act::Read, 200),
        (regulation, Act::Read, 120),
        (vec![glass("10")], Act::Read, 3),
        (vec![glass("21")], Act::Read, 0),
        (vec![patient(&ins(1))], Act::Read, 3_000),
        (vec![loader], Act::Feed, 3_000),
    ] {
        let first = format!("{:?}", actors[0]);
        assert_eq!(admitted(&actors, act), patients, "{first}");
    }
}

#[test]
fn windows_slide() {
    let keeper = QuotaKeeper::new(Quotas::default());
    let actor = doctor(1);
    let at = |minutes: i64| Time::from_millis(minutes * 60_000);
    for i in 0..20 {
        keeper.admit(&actor, Act::Read, dossier(i), at(i64::try_from(i).unwrap())).unwrap();
    }
    let refused = keeper.admit(&actor, Act::Read, dossier(99), at(30)).unwrap_err();
    assert_eq!(refused.retry_after_seconds, 30 * 60, "until the first one leaves the hour");
    assert!(keeper.admit(&actor, Act::Read, dossier(7), at(30)).is_ok(), "already reached");
    assert!(keeper.admit(&actor, Act::Read, dossier(99), at(60)).is_ok());
    assert!(keeper.admit(&actor, Act::Read, dossier(98), at(60)).is_err());
}

#[test]
fn what_is_told_absent_counts_as_a_look_up_and_not_as_a_patient() {
    let keeper = QuotaKeeper::new(Quotas::default());
    let now = Time::from_millis(0);
    let look_up = |i| {
        let admission = keeper.admit(&doctor(1), Act::Read, dossier(i), now)?;
        keeper.found_nothing(&doctor(1), dossier(i), admission, now);
        Ok::<_, Exceeded>(())
    };
    for i in 0..9 {
        look_up(i).unwrap();
    }
    for i in 100..120 {
        keeper.admit(&doctor(1), Act::Read, dossier(i), now).unwrap();
    }
    assert!(keeper.admit(&doctor(1), Act::Read, dossier(120), now).is_err(), "twenty patients");
    assert!(look_up(100).is_ok(), "a patient already reached");
    assert!(look_up(100).is_err(), "ten look-ups failed");
}
