//! `dossier` and the naive model agree on every act and every view of every history.

use crate::acts::{Step, histories, resolve};
use crate::common::Bench;
use crate::common::script::by_name;
use crate::model::{Act, Actor, Status, Why};
use crate::real::{Asked, name, numbers, real, real_actor};
use crate::{Answered, Play, everybody, play};
use dmp_dossier::{DocumentRef, Fold, Query, Reason, Refusal, View};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use std::collections::BTreeMap;

/// The family of a refusal, as far as the specification tells them apart.
fn family(refusal: &Refusal) -> Why {
    match refusal.reason {
        Reason::UnknownPatient => Why::NoDossier,
        Reason::EmergencyReasonMissing => Why::NoReason,
        Reason::DossierClos => Why::Closed,
        Reason::Blocked => Why::Blocked,
        Reason::EmergencyOpposed => Why::Opposed,
        Reason::NotAuthorised => Why::NotAuthorised,
        Reason::AuthorisationExpired => Why::Expired,
        Reason::UnknownDocument => Why::Silence,
        _ => Why::Rule,
    }
}

/// "The matrix says no" and "a rule says no" are one family: the sources do not order them.
fn plain(why: Why) -> Why {
    if why == Why::Denied { Why::Rule } else { why }
}

fn documents(bench: &Bench, of: &Actor) -> Result<BTreeMap<usize, Status>, Why> {
    match bench.look(&real_actor(of), &Query::FindDocuments(Box::default())) {
        Ok(View::Documents(seen)) => Ok(numbers(&seen)),
        Ok(other) => panic!("a search gives documents, not {other:?}"),
        Err(refusal) => Err(family(&refusal)),
    }
}

fn compare_search(play: &Play, of: &Actor) -> Result<(), TestCaseError> {
    let expected = play.world.found(of).map_err(plain);
    let shown = documents(&play.bench, of);
    prop_assert_eq!(shown, expected, "{:?} searches (left: dossier, right: model)", of);
    Ok(())
}

/// Every document number, and every way to read it.
fn compare_reads(play: &Play, of: &Actor) -> Result<(), TestCaseError> {
    let mut world = play.world.clone();
    for number in 0..=world.docs.len() {
        for act in [Act::Read(vec![number]), Act::Reference(number)] {
            let expected = world.ask(of, &act).map_err(plain);
            let Asked::Query(query) = real(&act, of, &world, &play.bench) else { unreachable!() };
            let view = play.bench.look(&real_actor(of), &query);
            let given = view.map(|_| ()).map_err(|r| family(&r));
            prop_assert_eq!(given, expected, "{:?} {:?} (left: dossier, right: model)", of, act);
        }
    }
    // Every other list is cut from the same documents.
    let Ok(found) = world.found(of) else { return Ok(()) };
    let actor = real_actor(of);
    let look = |query| play.bench.look(&actor, &query);
    if let Ok(View::Contents(seen)) = look(Query::SearchText) {
        prop_assert_eq!(numbers(&seen), found.clone(), "{:?} searches text", of);
    }
    let references: Vec<DocumentRef> = (0..=world.docs.len()).map(|n| by_name(&name(n))).collect();
    let Ok(View::Documents(got)) = look(Query::GetDocuments(references)) else {
        return Err(TestCaseError::fail("who searches may get documents"));
    };
    let got = numbers(&got);
    let expected: Vec<usize> =
        (0..world.docs.len()).filter(|n| world.doc(*n).is_some_and(|d| world.sees(of, d))).collect();
    prop_assert_eq!(got.keys().copied().collect::<Vec<_>>(), expected, "{:?} gets documents", of);
    let Ok(View::Sets(sets)) = look(Query::FindSubmissionSets(Box::default())) else {
        return Err(TestCaseError::fail("who searches may find lots"));
    };
    for set in sets {
        let members = numbers(&set.members);
        prop_assert!(
            !members.is_empty() && members.keys().all(|n| got.contains_key(n)),
            "{:?}: {:?}",
            of,
            members
        );
    }
    Ok(())
}

#[test]
fn dossier_and_the_naive_model_agree_on_every_history() {
    let viewers = everybody();
    play(96, histories(), |history| {
        let mut play = Play::opened(history.birth);
        let mut folded = Fold::default();
        for (fact, at) in &play.bench.facts {
            folded.apply(fact, *at);
        }
        let mut applied = play.bench.facts.len();
        for (n, step) in history.steps.iter().enumerate() {
            let (of, raw) = match step {
                Step::Wait(minutes) => {
                    play.wait(*minutes);
                    continue;
                }
                Step::Do(of, raw) => (of, raw),
            };
            let act = resolve(raw, of, &play.world);
            let (verdict, answered) = play.ask(of, &act);
            let given = answered.as_ref().map(|_| ()).map_err(family);
            prop_assert_eq!(
                given,
                verdict.map_err(plain),
                "step {}: {:?} {:?} (left: dossier, right: model)",
                n,
                of,
                act
            );
            if let (Act::Search, Ok(Answered::Shown(View::Documents(seen)))) = (&act, &answered) {
                prop_assert_eq!(Ok(numbers(seen)), play.world.found(of), "step {}: {:?}", n, of);
            }
            for (fact, at) in &play.bench.facts[applied..] {
                folded.apply(fact, *at);
            }
            applied = play.bench.facts.len();
            prop_assert_eq!(&folded, &play.bench.dossier.fold(), "step {}: facts rebuild the dossier", n);
            for viewer in [&viewers[n % viewers.len()], &viewers[(n * 7 + 3) % viewers.len()], of] {
                compare_search(&play, viewer)?;
            }
        }
        for viewer in &viewers {
            compare_search(&play, viewer)?;
            compare_reads(&play, viewer)?;
        }
        Ok(())
    });
}
