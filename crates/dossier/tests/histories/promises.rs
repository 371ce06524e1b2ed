//! The promises of `spec/security.md` 2.5 that can be checked on answers alone, each after a random history.

use crate::acts::histories;
use crate::common::script::proof;
use crate::model::{Act, Actor, Auth, AuthorOf, DAY, Doc, Draft, Mode, PEOPLE, Seen, Status, TYPES, Who};
use crate::real::{name, numbers, publish, real_actor};
use crate::told::{documents, told};
use crate::{Play, by_name, every_query, everybody, play};
use dmp_dossier::{
    Authorisation, ChangeVisibility, Command, Grantee, Query, Reason, View, Visibility, decide,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

const CASES: u32 = 24;

fn ps(who: usize, mode: Mode) -> Actor {
    Actor::Ps { who, mode, auth: Auth::Direct, secret: false }
}

fn grantee(who: Who) -> Grantee {
    match who {
        Who::Person(p) => Grantee::Professional(crate::common::cast::ps_id(p)),
        Who::Structure(s) => Grantee::Structure(crate::common::cast::structure_id(s)),
    }
}

/// The patient's own act, which must succeed.
fn patient(play: &mut Play, act: Act) {
    let (verdict, answered) = play.ask(&Actor::Patient, &act);
    assert!(verdict.is_ok() && answered.is_ok(), "the patient: {act:?}");
}

fn reopened(play: &mut Play) {
    patient(play, Act::Reactivate);
}

fn authorise(who: usize, treating: bool) -> Act {
    Act::Authorise { who: Who::Person(who), treating, days: None }
}

fn reads(play: &Play, of: &Actor, number: usize) -> bool {
    play.bench.look(&real_actor(of), &Query::Retrieve(vec![by_name(&name(number))])).is_ok()
}

#[test]
fn a1_every_content_that_leaves_is_named_in_a_read_line_written_before() {
    play(CASES, histories(), |history| {
        let mut play = Play::of(&history);
        for of in everybody() {
            for number in 0..play.world.docs.len() {
                let before = play.bench.journal.len();
                let query = Query::Retrieve(vec![by_name(&name(number))]);
                let view = play.bench.consult(&real_actor(&of), &query);
                prop_assert_eq!(play.bench.journal.len(), before + 1);
                let line = &play.bench.journal[before];
                match view {
                    Ok(View::Contents(seen)) => {
                        prop_assert_eq!(line.act, dmp_dossier::Act::Read);
                        prop_assert_eq!(&line.decision, &dmp_dossier::Decision::Permitted);
                        let rows: Vec<u32> = seen.iter().map(|s| s.row).collect();
                        prop_assert_eq!(&line.documents, &rows);
                    }
                    Ok(other) => prop_assert!(false, "a retrieval gives contents, not {other:?}"),
                    Err(_) => prop_assert_ne!(&line.decision, &dmp_dossier::Decision::Permitted),
                }
            }
            for query in [Query::Export, Query::SearchText] {
                let Ok(view) = play.bench.consult(&real_actor(&of), &query) else { continue };
                let (View::Export(seen, _) | View::Contents(seen)) = view else { continue };
                let line = play.bench.journal.last().unwrap();
                prop_assert!(seen.iter().all(|s| line.documents.contains(&s.row)), "{:?}", query);
            }
        }
        Ok(())
    });
}

#[test]
fn a2_who_is_blocked_reads_nothing_in_any_mode_and_deposits_without_learning_of_it() {
    let strategy = (histories(), 0..PEOPLE.len(), any::<bool>());
    play(CASES, strategy, |(history, person, by_structure)| {
        let mut play = Play::of(&history);
        reopened(&mut play);
        let structure = PEOPLE[person].structure;
        let who = if by_structure { Who::Structure(structure) } else { Who::Person(person) };
        let before = play.clone();
        patient(&mut play, Act::Block(who));
        for mode in [Mode::Normal, Mode::Glace { reason: true }, Mode::Samu] {
            for auth in [Auth::Direct, Auth::Air, Auth::Psc, Auth::Indirect] {
                let of = Actor::Ps { who: person, mode, auth, secret: false };
                let actor = real_actor(&of);
                for query in every_query(&play, &[]) {
                    let view = play.bench.look(&actor, &query);
                    match view {
                        Ok(View::Status(status)) => {
                            prop_assert_eq!(status.authorisation, Authorisation::Interdit);
                        }
                        Ok(_) => prop_assert!(false, "{:?} is blocked and got {:?}", of, query),
                        Err(_) => {}
                    }
                }
                // A deposit is answered as if there were no block (parameter), or refused by it.
                let author = AuthorOf::Person(person, structure);
                let draft =
                    Draft { ty: 0, author, visibility: Seen::default(), delay_days: None, replaces: None };
                let number = play.world.docs.len() + 3;
                let command = publish(&[draft], &of, number, &play.bench);
                let answer = |play: &Play| play.bench.decide(&actor, &command);
                prop_assert_eq!(answer(&play), answer(&before), "{:?} deposits", of);
                let mut strict = play.clone();
                strict.bench.parameters.blocked_may_feed = false;
                if answer(&before).is_ok() {
                    prop_assert_eq!(answer(&strict).unwrap_err().reason, Reason::Blocked);
                }
            }
        }
        Ok(())
    });
}

#[test]
fn a4_a_masked_document_is_read_by_its_author_the_patient_and_the_medecins_traitants_alone() {
    play(CASES, histories(), |history| {
        let mut play = Play::of(&history);
        reopened(&mut play);
        for of in everybody() {
            for (number, doc) in documents(&play).iter().filter(|(_, d)| d.masked) {
                if !reads(&play, &of, *number) {
                    continue;
                }
                let emergency = matches!(of, Actor::Ps { mode: Mode::Glace { .. } | Mode::Samu, .. });
                let permitted = match of {
                    Actor::Patient | Actor::Rep(_) => true,
                    Actor::Ps { .. } if play.world.owns(&of, doc) => true,
                    Actor::Ps { .. } if emergency => play.world.masked_in_emergency,
                    Actor::Ps { who, .. } => play.world.treating.contains(&who),
                    _ => false,
                };
                prop_assert!(permitted, "{:?} reads masked d{}", of, number);
            }
        }
        // The set of viewers follows the médecin traitant at once, both ways.
        let kone = ps(2, Mode::Normal);
        patient(&mut play, Act::Unblock(Who::Person(2)));
        patient(&mut play, Act::Unblock(Who::Structure(1)));
        let current = |d: &Doc| matches!(d.status, Status::Approved | Status::Archived);
        let masked: Vec<usize> = documents(&play)
            .iter()
            .filter(|(_, d)| d.masked && current(d) && TYPES[d.ty] != "ATTEST-RESID")
            .filter(|(_, d)| !play.world.owns(&kone, d))
            .map(|(n, _)| *n)
            .collect();
        patient(&mut play, authorise(2, true));
        prop_assert!(masked.iter().all(|n| reads(&play, &kone, *n)), "{:?}", masked);
        let glace = ps(2, Mode::Glace { reason: true });
        let in_emergency = play.world.masked_in_emergency && !play.world.glace_opposed;
        prop_assert!(masked.iter().all(|n| reads(&play, &glace, *n) == in_emergency), "{:?}", masked);
        patient(&mut play, Act::EndTreating(2));
        prop_assert!(!masked.iter().any(|n| reads(&play, &kone, *n)), "{:?}", masked);
        Ok(())
    });
}

#[test]
fn a5_nothing_tells_the_patients_side_of_an_announcement_until_its_date_or_its_act() {
    play(CASES, histories(), |history| {
        let mut play = Play::of(&history);
        let hidden: BTreeSet<usize> =
            documents(&play).iter().filter(|(_, d)| play.world.hidden(d)).map(|(n, _)| *n).collect();
        for of in [Actor::Patient, Actor::Rep(0), Actor::Rep(1)] {
            let told = told(&play, &of);
            prop_assert!(told.is_disjoint(&hidden), "{:?} is told of {:?}, hidden {:?}", of, told, hidden);
        }
        reopened(&mut play);
        for (number, doc) in documents(&play) {
            let Some(until) = doc.hidden_until.filter(|_| hidden.contains(&number)) else { continue };
            prop_assert!(until - play.world.now <= 14 * DAY, "an announcement lasts at most 14 days");
            // By its date, to the minute, without anybody's act.
            let mut later = play.clone();
            later.wait(until - later.world.now - 1);
            prop_assert!(!reads(&later, &Actor::Patient, number));
            later.wait(1);
            prop_assert!(reads(&later, &Actor::Patient, number));
            // Then the system's act says so in the journal.
            let lines = |play: &Play| play.bench.lines(&real_actor(&Actor::Patient)).unwrap();
            let before = lines(&later).len();
            let (_, answered) = later.ask(&Actor::System, &Act::Release);
            prop_assert!(answered.is_ok());
            if matches!(doc.status, Status::Approved | Status::Archived) {
                prop_assert_eq!(lines(&later).len(), before + 1);
                prop_assert_eq!(lines(&later)[before].act, dmp_dossier::Act::ReleaseAnnouncement);
            }
            // Or by the act of a professional who is authorised and may see it.
            let mut announced = play.clone();
            patient(&mut announced, Act::Unblock(Who::Structure(1)));
            patient(&mut announced, authorise(2, false));
            let kone = ps(2, Mode::Normal);
            let sees = announced.world.sees(&kone, &doc);
            let to = Seen { hidden: false, masked: doc.masked, reps: doc.reps };
            let (_, answered) = announced.ask(&kone, &Act::Visibility { doc: number, to });
            prop_assert_eq!(answered.is_ok(), sees && doc.status != Status::Deleted);
            prop_assert_eq!(reads(&announced, &Actor::Patient, number), answered.is_ok());
        }
        Ok(())
    });
}

#[test]
fn a6_the_author_always_reads_his_own_document() {
    play(CASES, histories(), |history| {
        let mut play = Play::of(&history);
        reopened(&mut play);
        for (number, doc) in documents(&play) {
            let AuthorOf::Person(who, _) = doc.author else { continue };
            if PEOPLE[who].occupational {
                continue;
            }
            let mut play = play.clone();
            patient(&mut play, Act::Unblock(Who::Structure(PEOPLE[who].structure)));
            patient(&mut play, authorise(who, false));
            patient(&mut play, Act::Emergency { glace: false, samu: false, masked: false });
            for mode in [Mode::Normal, Mode::Glace { reason: true }, Mode::Samu] {
                prop_assert!(reads(&play, &ps(who, mode), number), "{:?} {:?} d{}", who, mode, number);
            }
        }
        Ok(())
    });
}

#[test]
fn a7_what_is_hidden_from_representatives_is_told_to_none_and_read_by_the_patient() {
    play(CASES, histories(), |history| {
        let play = Play::of(&history);
        let hidden: BTreeSet<usize> =
            documents(&play).iter().filter(|(_, d)| d.reps).map(|(n, _)| *n).collect();
        for of in [Actor::Rep(0), Actor::Rep(1), Actor::Rep(2)] {
            let told = told(&play, &of);
            prop_assert!(told.is_disjoint(&hidden), "{:?} is told of {:?}, hidden {:?}", of, told, hidden);
        }
        for (number, doc) in documents(&play).iter().filter(|(_, d)| d.reps) {
            let shown = !play.world.closed && !play.world.hidden(doc);
            prop_assert_eq!(reads(&play, &Actor::Patient, *number), shown);
        }
        // No line of a secret session reaches them either.
        for of in [Actor::Rep(0), Actor::Rep(1)] {
            let lines = play.bench.lines(&real_actor(&of)).unwrap_or_default();
            prop_assert!(lines.iter().all(|l| !l.actor.secret));
        }
        Ok(())
    });
}

#[test]
fn a8_medecin_traitant_begins_and_ends_with_its_acts_and_leaves_the_plain_authorisation() {
    play(CASES, (histories(), any::<bool>()), |(history, by_himself)| {
        let mut play = Play::of(&history);
        reopened(&mut play);
        for structure in 0..2 {
            patient(&mut play, Act::Unblock(Who::Structure(structure)));
        }
        let standing = |play: &Play, who: usize| {
            let view = play.bench.look(&real_actor(&ps(who, Mode::Normal)), &Query::Status);
            let Ok(View::Status(status)) = view else { panic!("told to any actor of the matrix") };
            (status.authorisation, status.medecin_traitant)
        };
        for who in [0, 2] {
            patient(&mut play, authorise(who, false));
            prop_assert_eq!(standing(&play, who), (Authorisation::Valide, false));
            if by_himself {
                let (_, answered) = play.ask(&ps(who, Mode::Normal), &authorise(who, true));
                prop_assert!(answered.is_ok());
            } else {
                patient(&mut play, authorise(who, true));
            }
        }
        // Several at once, for as long as nobody ends it.
        play.wait(400 * DAY);
        prop_assert_eq!(standing(&play, 0), (Authorisation::Valide, true));
        prop_assert_eq!(standing(&play, 2), (Authorisation::Valide, true));
        if by_himself {
            let (_, answered) = play.ask(&ps(0, Mode::Normal), &Act::EndTreating(0));
            prop_assert!(answered.is_ok());
        } else {
            patient(&mut play, Act::EndTreating(0));
        }
        prop_assert_eq!(standing(&play, 0), (Authorisation::Valide, false));
        prop_assert_eq!(standing(&play, 2), (Authorisation::Valide, true));
        // Blocking ends it too.
        patient(&mut play, Act::Block(Who::Person(2)));
        prop_assert_eq!(standing(&play, 2), (Authorisation::Interdit, false));
        patient(&mut play, Act::Unblock(Who::Person(2)));
        // What is left, if anything, is an authorisation of the structure that has expired since.
        let (authorisation, treating) = standing(&play, 2);
        prop_assert!(matches!(authorisation, Authorisation::NonExiste | Authorisation::Expire) && !treating);
        Ok(())
    });
}

#[test]
fn a11_to_the_patient_of_another_dossier_this_one_does_not_exist() {
    play(CASES, histories(), |history| {
        let play = Play::of(&history);
        let unopened = crate::common::Bench::new();
        for of in [Actor::OtherPatient, Actor::Rep(2)] {
            let actor = real_actor(&of);
            for query in every_query(&play, &[]) {
                let here = play.bench.look(&actor, &query).unwrap_err();
                let nowhere = unopened.look(&actor, &query).unwrap_err();
                prop_assert_eq!(here.reason, nowhere.reason, "{:?} {:?}", of, query);
            }
            for command in [Command::RequestCopy, Command::Reactivate { consent: Some(proof(&unopened)) }] {
                let refused = play.bench.decide(&actor, &command).unwrap_err();
                prop_assert_eq!(refused.reason, Reason::UnknownPatient);
            }
        }
        Ok(())
    });
}

#[test]
fn a15_a_block_or_a_mask_never_opens_anything() {
    let strategy = (histories(), 0..PEOPLE.len(), any::<bool>(), any::<proptest::sample::Index>());
    play(CASES, strategy, |(history, person, mask, index)| {
        let mut before = Play::of(&history);
        reopened(&mut before);
        let mut after = before.clone();
        let all = documents(&before);
        if mask && !all.is_empty() {
            let (number, doc) = index.get(&all);
            let hidden = before.world.hidden(doc);
            let to = Seen { masked: true, hidden, reps: doc.reps };
            let _ = after.ask(&Actor::Patient, &Act::Visibility { doc: *number, to });
        } else {
            patient(&mut after, Act::Block(Who::Person(person)));
        }
        for of in everybody() {
            let actor = real_actor(&of);
            for query in every_query(&before, &[]) {
                let (was, is) = (before.bench.look(&actor, &query), after.bench.look(&actor, &query));
                prop_assert!(was.is_ok() || is.is_err(), "{:?} {:?} was refused and is not", of, query);
            }
            prop_assert!(told(&after, &of).is_subset(&told(&before, &of)), "{:?} is told of more", of);
        }
        Ok(())
    });
}

#[test]
fn a16_a_profession_without_a_row_reads_nothing_but_its_own() {
    play(CASES, histories(), |history| {
        let mut play = Play::of(&history);
        reopened(&mut play);
        let nobody = crate::common::cast::actor("nobody");
        let command = Command::Authorise(Box::new(dmp_dossier::Authorise {
            who: crate::common::cast::grantee("nobody"),
            label: None,
            until: None,
            medecin_traitant: false,
            profession: None,
        }));
        patient(&mut play, Act::Unblock(Who::Structure(3)));
        play.bench.execute(&real_actor(&Actor::Patient), &command).unwrap();
        let view = play.bench.look(&nobody, &Query::FindDocuments(Box::default()));
        prop_assert_eq!(view, Ok(View::Documents(Vec::new())));
        Ok(())
    });
}

#[test]
fn a17_a_closed_dossier_is_read_and_fed_by_nobody_and_reopens_as_it_was() {
    play(CASES, histories(), |history| {
        let mut play = Play::of(&history);
        reopened(&mut play);
        let before = play.clone();
        patient(&mut play, Act::Close);
        // L1: closing takes nothing away.
        prop_assert_eq!(&play.bench.dossier.rows, &before.bench.dossier.rows);
        let number = play.world.docs.len() + 3;
        for of in everybody() {
            let actor = real_actor(&of);
            for query in every_query(&play, &[]) {
                let view = play.bench.look(&actor, &query);
                prop_assert!(matches!(view, Err(_) | Ok(View::Status(_))), "{:?} {:?}", of, query);
            }
            for author in [AuthorOf::Person(0, 0), AuthorOf::Device(1), AuthorOf::Patient] {
                let ty = if author == AuthorOf::Patient { 4 } else { 0 };
                let draft =
                    Draft { ty, author, visibility: Seen::default(), delay_days: None, replaces: None };
                let command = publish(&[draft], &of, number, &play.bench);
                prop_assert!(play.bench.decide(&actor, &command).is_err(), "{:?} feeds", of);
            }
        }
        // L2: reopening restores the exact prior view.
        reopened(&mut play);
        for of in everybody() {
            let actor = real_actor(&of);
            for query in every_query(&before, &[]) {
                // The consent to reopen has its receipt too, and is a choice made of age.
                let without_last_proof = |view: View| match view {
                    View::Choices(mut choices) => {
                        choices.proofs.truncate(before.bench.dossier.state.proofs.len());
                        choices.due = false;
                        View::Choices(choices)
                    }
                    other => other,
                };
                let was = before.bench.look(&actor, &query).map(without_last_proof);
                let is = play.bench.look(&actor, &query).map(without_last_proof);
                prop_assert_eq!(was, is, "{:?} {:?}", of, query);
            }
        }
        Ok(())
    });
}

#[test]
fn a18_insurer_desk_and_administrative_roles_are_never_told_of_a_document() {
    play(CASES, histories(), |history| {
        let mut play = Play::of(&history);
        reopened(&mut play);
        for of in [Actor::Insurer, Actor::Desk, Actor::Pilot, Actor::System] {
            prop_assert_eq!(told(&play, &of), BTreeSet::new(), "{:?}", of);
        }
        Ok(())
    });
}

#[test]
fn a19_no_content_for_occupational_doctors_cards_without_a_professional_and_certificates() {
    play(CASES, histories(), |history| {
        let mut play = Play::of(&history);
        reopened(&mut play);
        patient(&mut play, authorise(5, true));
        for structure in 0..4 {
            let who = Who::Structure(structure);
            patient(&mut play, Act::Authorise { who, treating: false, days: None });
        }
        patient(&mut play, Act::Emergency { glace: false, samu: false, masked: true });
        for of in everybody() {
            let without_content = match of {
                Actor::Ps { who, auth, .. } => PEOPLE[who].occupational || auth == Auth::Indirect,
                Actor::Cpe { .. } | Actor::Cert { .. } | Actor::Loader => true,
                _ => false,
            };
            if !without_content {
                continue;
            }
            for query in every_query(&play, &[]) {
                let view = play.bench.look(&real_actor(&of), &query);
                let content = matches!(view, Ok(View::Contents(_) | View::Export(..)));
                prop_assert!(!content, "{:?} {:?}", of, query);
            }
        }
        Ok(())
    });
}

#[test]
fn l3_what_the_patient_deletes_is_gone_for_the_others_at_once() {
    play(CASES, histories(), |history| {
        let mut play = Play::of(&history);
        reopened(&mut play);
        let own: Vec<(usize, Doc)> = documents(&play)
            .into_iter()
            .filter(|(_, d)| {
                d.author == AuthorOf::Patient && matches!(d.status, Status::Approved | Status::Archived)
            })
            .collect();
        for (number, _) in own {
            patient(&mut play, Act::SetStatus { doc: number, to: Status::Deleted });
            for of in everybody() {
                let view = play.bench.look(&real_actor(&of), &Query::FindDocuments(Box::default()));
                let Ok(View::Documents(seen)) = view else { continue };
                prop_assert!(!numbers(&seen).contains_key(&number), "{:?} finds it", of);
                if matches!(of, Actor::Ps { .. }) {
                    prop_assert!(!told(&play, &of).contains(&number), "{:?} is told of it", of);
                }
            }
        }
        Ok(())
    });
}

#[test]
fn x6_replacements_are_lists_and_only_the_last_of_each_is_in_force() {
    play(CASES, histories(), |history| {
        let play = Play::of(&history);
        let dossier = &play.bench.dossier;
        let mut replaced = BTreeSet::new();
        for (_, entry) in dossier.documents() {
            let Some((_, old)) = dossier.replaced(entry) else { continue };
            prop_assert!(replaced.insert(old.lid), "one successor each");
            prop_assert_eq!(old.status, dmp_dossier::Availability::Deprecated);
            prop_assert_eq!(dossier.successor(old).map(|s| s.lid), Some(entry.lid));
            // Towards the past only: rows are numbered in the order of deposit.
            prop_assert!(old.content < entry.content);
        }
        Ok(())
    });
}

/// Purity, as far as one process tells: the same question, the same answer.
#[test]
fn the_same_decision_twice_is_the_same() {
    play(CASES, histories(), |history| {
        let mut play = Play::of(&history);
        reopened(&mut play);
        let Some((number, doc)) = documents(&play).pop() else { return Ok(()) };
        let command = Command::ChangeVisibility(ChangeVisibility {
            document: by_name(&name(number)),
            to: Visibility { masked: !doc.masked, ..Visibility::VISIBLE },
            from_version: None,
        });
        let ids = [uuid::Uuid::from_u128(9)];
        let actor = real_actor(&Actor::Patient);
        let once = || decide(&play.bench.dossier, &actor, &command, &play.bench.moment(&ids));
        prop_assert_eq!(once(), once());
        let block = Command::Block { who: grantee(Who::Person(0)), label: None };
        prop_assert_eq!(play.bench.decide(&actor, &block), play.bench.decide(&actor, &block));
        Ok(())
    });
}
