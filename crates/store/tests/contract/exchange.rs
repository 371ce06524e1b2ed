//! X4, X5, D3: the same message twice, somebody else's identifier, refused messages.

use super::world::*;
use dmp_dossier::*;
use std::sync::Arc;

/// X4, D3: the first answer again, no second row.
pub async fn the_same_lot_twice_is_one_document_and_one_answer(factory: Factory) {
    let world = World::new(factory).await;
    let (ins, dr) = (ins(1), doctor(1));
    world.open_dossier(&ins).await;
    let first = world.publish(&dr, &ins, document(1)).await.unwrap();
    let before = world.verified();
    assert_eq!(world.publish(&dr, &ins, document(1)).await.unwrap(), first);
    // The same document in another lot is the same document.
    let again = Document { set_id: "1.2.250.1.213.1.1.8.77".to_owned(), ..document(1) };
    assert_eq!(world.publish(&dr, &ins, again).await.unwrap(), first);
    let after = world.verified();
    assert!(after.is_clean(), "{after:?}");
    assert_eq!((after.contents, after.journal_entries), (before.contents, before.journal_entries + 2));
    // Other bytes under the same identifier are another document.
    let other = Document { bytes: b"<autre/>".to_vec(), ..document(1) };
    assert_eq!(reason(world.publish(&dr, &ins, other).await), Reason::NonIdenticalHash);
    // So is another document in the same lot.
    let same_set = Document { set_id: document(1).set_id, ..document(2) };
    assert_eq!(reason(world.publish(&dr, &ins, same_set).await), Reason::DuplicateUniqueId);
    // Documents and lots share one space of names.
    let as_set = Document { unique_id: document(1).set_id, ..document(3) };
    assert_eq!(reason(world.publish(&dr, &ins, as_set).await), Reason::NonIdenticalHash);
}

/// D3 under concurrency: retries that overtake one another.
pub async fn the_same_lot_from_many_clients_at_once_is_one_document(factory: Factory) {
    let world = Arc::new(World::new(factory).await);
    let ins = ins(1);
    world.open_dossier(&ins).await;
    let clients: Vec<_> = (0..16)
        .map(|_| {
            let (world, ins) = (Arc::clone(&world), ins.clone());
            tokio::spawn(async move { world.publish(&doctor(1), &ins, document(1)).await.unwrap() })
        })
        .collect();
    let mut answers = Vec::new();
    for client in clients {
        answers.push(client.await.unwrap());
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    let report = world.verified();
    assert!(report.is_clean() && report.contents == 1, "{report:?}");
}

/// X4: nobody learns that the other document exists elsewhere: same reason, same rule, same words, same order of rules.
pub async fn a_unique_id_held_elsewhere_is_refused_in_the_same_words(factory: Factory) {
    let world = World::new(factory).await;
    let (here, elsewhere, dr) = (ins(1), ins(2), doctor(1));
    world.open_dossier(&here).await;
    world.open_dossier(&elsewhere).await;
    world.publish(&dr, &here, document(1)).await.unwrap();
    world.publish(&dr, &elsewhere, document(2)).await.unwrap();
    let other_bytes = |number| Document { bytes: b"<autre/>".to_vec(), ..document(number) };
    let refusal = |result: Result<Receipt, dmp_store::StoreError>, sent: &Document| match result {
        Err(dmp_store::StoreError::Refused { refusal, retry_after_seconds: None }) => {
            let context = refusal.context.unwrap();
            let named = (context == sent.unique_id, context == sent.set_id);
            assert!(named.0 || named.1, "only what was sent: {context}");
            (refusal.reason, refusal.rule.id, named)
        }
        other => panic!("not refused: {other:?}"),
    };
    // Probed with other bytes, with the same bytes, in a lot of one's own, and with metadata that are wrong besides.
    let probes: [fn(Document) -> Document; 3] = [
        |d| d,
        |d| Document { set_id: "1.2.250.1.213.1.1.8.901".to_owned(), ..d },
        |d| Document { set_id: "1.2.250.1.213.1.1.8.902".to_owned(), ..d }.masked().hidden_from_patient(),
    ];
    for probe in probes {
        let known = probe(other_bytes(1));
        let foreign = probe(other_bytes(2));
        let in_this_dossier = world.publish(&dr, &here, known.clone()).await;
        let in_another = world.publish(&dr, &here, foreign.clone()).await;
        assert_eq!(refusal(in_another, &foreign), refusal(in_this_dossier, &known));
    }
    // The very document of another patient is no repetition.
    assert_eq!(reason(world.publish(&dr, &here, document(2)).await), Reason::NonIdenticalHash);
    // Nor is its lot, or its lot's identifier given to a document.
    let set = Document { set_id: document(2).set_id, ..document(3) };
    assert_eq!(reason(world.publish(&dr, &here, set).await), Reason::DuplicateUniqueId);
    let as_document = Document { unique_id: document(2).set_id, ..document(4) };
    assert_eq!(reason(world.publish(&dr, &here, as_document).await), Reason::NonIdenticalHash);
    // A document to replace that is another patient's is one that is nowhere.
    let told = |result: Result<Receipt, dmp_store::StoreError>| match result {
        Err(dmp_store::StoreError::Refused { refusal, .. }) => {
            (refusal.reason, refusal.rule.id, refusal.context)
        }
        other => panic!("not refused: {other:?}"),
    };
    let replacing = |uid: &str| Document { replaces: Some(by_uid(uid)), ..document(5) };
    let foreign = told(world.publish(&dr, &here, replacing(&document(2).unique_id)).await);
    assert_eq!(foreign, told(world.publish(&dr, &here, replacing("1.2.3.404")).await));
    assert_eq!(foreign.0, Reason::ReplaceFailed);
    // What comes before the identifiers still comes before: the order of the rules does not tell either.
    let (mut lot, contents) = other_bytes(2).lot(&dr, &here);
    lot.patient_ids = vec![elsewhere.clone()];
    assert_eq!(reason(world.publish_lot(&dr, &here, (lot, contents)).await), Reason::PatientMismatch);
    assert_eq!(world.found_by(&patient(&here), &here).await.unwrap(), [document(1).unique_id]);
    assert!(world.verified().is_clean());
}

/// X5.
pub async fn a_refused_message_leaves_one_line_and_nothing_else(factory: Factory) {
    let world = World::new(factory).await;
    let (ins, dr) = (ins(1), doctor(1));
    world.open_dossier(&ins).await;
    world.publish(&dr, &ins, document(1)).await.unwrap();
    let before = world.verified();
    let replacing = Document { replaces: Some(by_uid("1.2.3.4")), ..document(2) };
    assert_eq!(reason(world.publish(&dr, &ins, replacing).await), Reason::ReplaceFailed);
    let both = document(3).masked().hidden_from_patient();
    assert_eq!(reason(world.publish(&dr, &ins, both).await), Reason::RegistryMetadata);
    let hide = ChangeStatus {
        document: by_uid(&document(1).unique_id),
        to: Availability::Deprecated,
        from_version: None,
    };
    assert_eq!(reason(world.execute(&dr, &ins, Command::ChangeStatus(hide)).await), Reason::UpdateOperation);
    let after = world.verified();
    assert!(after.is_clean());
    assert_eq!(after.journal_entries, before.journal_entries + 3);
    assert_eq!((after.dossiers, after.contents), (before.dossiers, before.contents));
    assert_eq!(world.found_by(&patient(&ins), &ins).await.unwrap(), [document(1).unique_id]);
}

/// I2.
pub async fn one_ins_is_one_dossier_whoever_opens_first(factory: Factory) {
    let world = Arc::new(World::new(factory).await);
    let ins = ins(1);
    let openings: Vec<_> = (0..12)
        .map(|_| {
            let (world, ins) = (Arc::clone(&world), ins.clone());
            tokio::spawn(async move { world.open_dossier(&ins).await })
        })
        .collect();
    for opening in openings {
        opening.await.unwrap();
    }
    let report = world.verified();
    assert!(report.is_clean(), "{report:?}");
    assert_eq!((report.dossiers, report.journal_entries), (1, 12));
    // A refused opening makes no dossier.
    let no_consent = match opening(&super::world::ins(2)) {
        Command::Open(open) => Command::Open(Box::new(Open { consent: None, ..*open })),
        other => other,
    };
    let other = super::world::ins(2);
    assert_eq!(reason(world.execute(&patient(&other), &other, no_consent).await), Reason::ConsentMissing);
    assert_eq!(world.verified().dossiers, 1);
}

pub async fn a_former_ins_still_finds_the_dossier(factory: Factory) {
    let world = World::new(factory).await;
    let (first, second, third, dr) = (ins(1), ins(2), ins(3), doctor(1));
    world.open_dossier(&first).await;
    world.open_dossier(&third).await;
    world.authorise(&first, &dr, false).await;
    let change = |ins: &Ins| Command::ChangeIns { ins: ins.clone() };
    world.execute(&dr, &first, change(&second)).await.unwrap();
    world.publish(&dr, &first, document(1)).await.unwrap();
    for ins in [&first, &second] {
        assert_eq!(world.found_by(&dr, ins).await.unwrap(), [document(1).unique_id]);
    }
    // Another dossier's INS is not taken over, nor is a dossier opened under an INS that finds one.
    assert_eq!(reason(world.execute(&dr, &first, change(&third)).await), Reason::InvalidRequest);
    assert_eq!(
        world.execute(&patient(&second), &second, opening(&second)).await.unwrap(),
        Receipt::AlreadyDone
    );
    // And back to the first one.
    world.execute(&dr, &second, change(&first)).await.unwrap();
    assert_eq!(world.found_by(&dr, &second).await.unwrap(), [document(1).unique_id]);
    let report = world.verified();
    assert!(report.is_clean() && report.dossiers == 2, "{report:?}");
}

/// Its bytes are kept with the lot, verified with it, listed by nobody, and given by an export that has the whole lot; a
/// lot sent again does not bring it twice.
pub async fn a_signature_is_kept_with_its_lot_and_exported_with_all_of_it(factory: Factory) {
    let world = World::new(factory).await;
    let (ins, dr) = (ins(1), doctor(1));
    world.open_dossier(&ins).await;
    world.authorise(&ins, &dr, true).await;
    let signature = dmp_store::Content { bytes: "<ds:Signature/>".into(), text: String::new() };
    let signed = || {
        let (mut lot, mut contents) = document(1).lot(&dr, &ins);
        lot.documents.push(document(2).draft(&dr, &ins));
        contents.extend([document(2).content(), signature.clone()]);
        (Publish { signature: true, ..lot }, contents)
    };
    let first = world.publish_lot(&dr, &ins, signed()).await.unwrap();
    assert_eq!(world.publish_lot(&dr, &ins, signed()).await.unwrap(), first);
    let report = world.verified();
    assert!(report.is_clean() && report.contents == 3, "{report:?}");
    for (number, unique_id) in [(1, document(1).unique_id), (2, document(2).unique_id)] {
        assert_eq!(world.read(&dr, &ins, &unique_id).await.unwrap(), document(number).bytes);
    }
    let answer = world.consult(&patient(&ins), &ins, Query::Export).await.unwrap();
    assert_eq!(answer.contents, [document(1).bytes, document(2).bytes]);
    let signatures: Vec<_> = answer.signatures.iter().map(|(set, bytes)| (set.entry_uuid, bytes)).collect();
    let Receipt::Published { set, .. } = &first else { panic!("not published") };
    assert_eq!(signatures, [(*set, &signature.bytes)]);
    let read =
        world.consult(&patient(&ins), &ins, Query::Retrieve(vec![by_uid(&document(1).unique_id)])).await;
    assert!(read.unwrap().signatures.is_empty());
    // It names every document of the lot: where one is not exported, it is not.
    let delete = Command::ChangeStatus(ChangeStatus {
        document: by_uid(&document(2).unique_id),
        to: Availability::Deleted,
        from_version: None,
    });
    world.execute(&dr, &ins, delete).await.unwrap();
    let answer = world.consult(&patient(&ins), &ins, Query::Export).await.unwrap();
    assert_eq!((answer.contents.len(), answer.signatures.len()), (1, 0));
    // The bytes of a signature that the lot does not announce, or that it announces and does not bring.
    for (announced, brought) in [(true, 1), (false, 2)] {
        let (lot, mut contents) = document(3).lot(&dr, &ins);
        contents.extend((1..brought).map(|_| signature.clone()));
        let lot = Publish { signature: announced, ..lot };
        let result = world.publish_lot(&dr, &ins, (lot, contents)).await;
        assert!(matches!(result, Err(dmp_store::StoreError::Failed { place: "contents", .. })), "{result:?}");
    }
    let world = world.reopened().await;
    assert_eq!(world.publish_lot(&dr, &ins, signed()).await.unwrap(), first);
    assert!(world.verified().is_clean());
}
