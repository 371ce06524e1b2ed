//! A1, J4, J5: reads and refusals in the journal.

use super::world::*;
use dmp_dossier::*;

/// A1: one line per read, that names the document, and no other.
pub async fn every_read_has_its_trace_and_every_trace_its_read(factory: Factory) {
    let world = World::new(factory).await;
    let (ins, dr) = (ins(1), doctor(1));
    world.open_dossier(&ins).await;
    world.authorise(&ins, &dr, false).await;
    for number in 1..=3 {
        world.publish(&dr, &ins, document(number)).await.unwrap();
    }
    let before = world.journal(&ins).await.len();
    for number in [2, 3, 2] {
        world.read(&dr, &ins, &document(number).unique_id).await.unwrap();
    }
    let lines = world.journal(&ins).await;
    let reads: Vec<_> = lines.iter().filter(|line| line.entry.act == Act::Read).collect();
    assert_eq!(reads.len(), 3);
    // The three reads, and the reading of the journal itself.
    assert_eq!(lines.len(), before + 4);
    let read: Vec<&str> =
        reads.iter().rev().map(|line| line.documents[0].metadata.unique_id.as_str()).collect();
    assert_eq!(read, [2, 3, 2].map(|n| document(n).unique_id).iter().map(String::as_str).collect::<Vec<_>>());
    assert!(reads.iter().all(|line| line.documents.len() == 1 && line.entry.decision == Decision::Permitted));
    assert!(world.verified().is_clean());
}

/// J5: a refusal is a line, with its true reason.
pub async fn refusals_are_journalled_like_permits(factory: Factory) {
    let world = World::new(factory).await;
    let (ins, dr, other) = (ins(1), doctor(1), doctor(2));
    world.open_dossier(&ins).await;
    world.authorise(&ins, &dr, false).await;
    world.publish(&dr, &ins, document(1)).await.unwrap();
    assert_eq!(reason(world.found_by(&other, &ins).await), Reason::NotAuthorised);
    assert_eq!(reason(world.read(&other, &ins, &document(1).unique_id).await), Reason::NotAuthorised);
    let rule = &access::VIS_10;
    let refusal = Refusal::about(Reason::InvalidContent, rule, "document 1");
    let target = dmp_store::Target::Patient(ins.clone());
    world.store.refuse(&other, target, Act::Feed, &refusal, uuid::Uuid::nil()).await.unwrap();
    let lines = world.journal(&ins).await;
    let refused: Vec<(Act, &Decision)> = lines
        .iter()
        .filter(|line| line.entry.decision != Decision::Permitted)
        .map(|line| (line.entry.act, &line.entry.decision))
        .collect();
    let refused_for = |reason, rule: &Rule| Decision::Refused { reason, rule: rule.id.to_owned() };
    assert_eq!(
        refused,
        [
            (Act::Feed, &refused_for(Reason::InvalidContent, rule)),
            (Act::Read, &refused_for(Reason::NotAuthorised, &access::ACC_5)),
            (Act::Search, &refused_for(Reason::NotAuthorised, &access::ACC_5)),
        ]
    );
    assert!(world.verified().is_clean());
}

/// J4, A3: person, structure, software, mode; and the reason of a bris de glace, kept apart from the line.
pub async fn the_journal_says_who_and_why(factory: Factory) {
    let world = World::new(factory).await;
    let ins = ins(1);
    world.open_dossier(&ins).await;
    world.publish(&doctor(1), &ins, document(1)).await.unwrap();
    let glass = |reason: &str| professional(2, "10", Mode::BrisDeGlace { reason: reason.to_owned() });
    assert_eq!(reason(world.found_by(&glass(" "), &ins).await), Reason::EmergencyReasonMissing);
    let found = world.found_by(&glass("patiente inconsciente aux urgences"), &ins).await.unwrap();
    assert_eq!(found, [document(1).unique_id]);
    let lines = world.journal(&ins).await;
    assert_eq!(lines[0].reason.as_deref(), Some("patiente inconsciente aux urgences"));
    assert_eq!(lines[0].entry.actor.mode, ModeKind::BrisDeGlace);
    assert_eq!(lines[0].entry.actor.name.as_ref().unwrap().family, "MARTIN2");
    assert_eq!(lines[0].entry.actor.structure_name.as_deref(), Some("Cabinet médical 2"));
    assert_eq!(lines[0].entry.actor.software.as_deref(), Some("LPS d'essai 1.0"));
    assert_eq!(lines[1].reason, None);
    assert!(matches!(
        lines[1].entry.decision,
        Decision::Refused { reason: Reason::EmergencyReasonMissing, .. }
    ));
    assert!(world.verified().is_clean());
}

pub async fn a_journal_longer_than_a_page_is_read_whole(factory: Factory) {
    let world = World::new(factory).await;
    let ins = ins(1);
    world.open_dossier(&ins).await;
    for _ in 0..450 {
        world.clock.advance_minutes(1);
        world.consult(&doctor(1), &ins, Query::Status).await.unwrap();
    }
    let lines = world.journal(&ins).await;
    assert_eq!(lines.len(), 451);
    assert!(lines.windows(2).all(|pair| pair[0].entry.at >= pair[1].entry.at), "latest first");
    let (from, to) = (lines[300].entry.at, lines[100].entry.at);
    let filter = JournalFilter { from: Some(from), to: Some(to), agent: None, limit: None };
    let some = world.consult(&patient(&ins), &ins, Query::Journal(filter)).await.unwrap().lines;
    assert_eq!(some.len(), 200);
    assert!(some.iter().all(|line| line.entry.at >= from && line.entry.at < to));
}
