//! Existence is content, for documents: what may not be known is told like what does not exist.

use super::world::*;
use dmp_dossier::*;
use dmp_store::StoreError;

fn refusal<T: std::fmt::Debug>(result: Result<T, StoreError>) -> Refusal {
    match result {
        Err(StoreError::Refused { refusal, retry_after_seconds: None }) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

pub async fn an_unknown_document_and_a_hidden_one_are_told_alike(factory: Factory) {
    let world = World::new(factory).await;
    let (ins, author) = (ins(1), doctor(1));
    world.open_dossier(&ins).await;
    world.publish(&author, &ins, document(1).masked()).await.unwrap();
    let (authorised, blocked, stranger) = (doctor(2), doctor(3), doctor(4));
    world.authorise(&ins, &authorised, false).await;
    let who = Grantee::Professional(blocked.professional().unwrap().id.clone());
    world.execute(&patient(&ins), &ins, Command::Block { who, label: None }).await.unwrap();
    let hidden = by_uid(&document(1).unique_id);
    let absent = by_uid("1.2.250.1.213.1.1.9.404");
    let speechless = professional(5, "10", Mode::BrisDeGlace { reason: String::new() });
    let other_patient = patient(&super::world::ins(9));
    for actor in [&authorised, &blocked, &stranger, &speechless, &other_patient] {
        for query in [
            |r: DocumentRef| Query::Retrieve(vec![r]),
            |r: DocumentRef| Query::GetDocuments(vec![r]),
            Query::FindReference,
            Query::GetRelated,
        ] {
            let of_hidden = refusal(world.consult(actor, hidden.clone(), query(hidden.clone())).await);
            let of_absent = refusal(world.consult(actor, absent.clone(), query(absent.clone())).await);
            assert_eq!(of_hidden, of_absent);
        }
        let mask = |document: &DocumentRef| {
            Command::ChangeVisibility(ChangeVisibility {
                document: document.clone(),
                to: Visibility::VISIBLE,
                from_version: Some(7),
            })
        };
        let of_hidden = refusal(world.execute(actor, hidden.clone(), mask(&hidden)).await);
        let of_absent = refusal(world.execute(actor, absent.clone(), mask(&absent)).await);
        assert_eq!(of_hidden, of_absent);
    }
    // The journal keeps the true reasons.
    let lines = world.journal(&ins).await;
    let told = |reason: Reason| {
        lines.iter().any(|l| matches!(l.entry.decision, Decision::Refused { reason: r, .. } if r == reason))
    };
    for reason in
        [Reason::NotAuthorised, Reason::Blocked, Reason::EmergencyReasonMissing, Reason::UnknownDocument]
    {
        assert!(told(reason), "{reason:?}");
    }
    // What comes after the visibility is told as it is.
    let stale = Command::ChangeVisibility(ChangeVisibility {
        document: hidden.clone(),
        to: Visibility::VISIBLE,
        from_version: Some(7),
    });
    world.authorise(&ins, &author, false).await;
    assert_eq!(reason(world.execute(&author, hidden, stale).await), Reason::VersionConflict);
    assert!(world.verified().is_clean());
}

pub async fn through_a_document_only_that_document_is_answered(factory: Factory) {
    let world = World::new(factory).await;
    let (ins, dr, other) = (ins(1), doctor(1), doctor(2));
    world.open_dossier(&ins).await;
    world.authorise(&ins, &other, false).await;
    world.publish(&dr, &ins, document(1).masked()).await.unwrap();
    let Receipt::Published { documents, .. } = world.publish(&dr, &ins, document(2)).await.unwrap() else {
        panic!("not published")
    };
    let (masked, visible) = (by_uid(&document(1).unique_id), by_uid(&document(2).unique_id));
    let all = Query::FindDocuments(Box::default());
    for query in [
        all.clone(),
        Query::Status,
        Query::Rights,
        Query::Journal(JournalFilter::default()),
        Query::Retrieve(vec![visible.clone()]),
        Query::FindSubmissionSets(Box::default()),
    ] {
        let result = world.consult(&other, masked.clone(), query).await;
        assert_eq!(reason(result), Reason::UnknownDocument);
    }
    let delete_other = Command::ChangeStatus(ChangeStatus {
        document: visible.clone(),
        to: Availability::Deleted,
        from_version: None,
    });
    assert_eq!(reason(world.execute(&dr, masked, delete_other).await), Reason::UnknownDocument);
    assert!(world.consult(&other, visible.clone(), all.clone()).await.is_ok());
    // By each of its names.
    for reference in [DocumentRef::Entry(documents[0].entry_uuid), DocumentRef::Lid(documents[0].lid)] {
        let answer =
            world.consult(&other, reference.clone(), Query::Retrieve(vec![reference])).await.unwrap();
        assert_eq!(answer.contents[0], document(2).bytes);
    }
    // And by the entryUUID of a later version of its metadata.
    let mask = Command::ChangeVisibility(ChangeVisibility {
        document: visible.clone(),
        to: Visibility { masked: true, ..Visibility::VISIBLE },
        from_version: None,
    });
    let Receipt::Updated(entry) = world.execute(&patient(&ins), visible, mask).await.unwrap() else {
        panic!("not updated")
    };
    let reference = DocumentRef::Entry(entry.entry_uuid);
    let query = Query::Retrieve(vec![reference.clone()]);
    assert_eq!(
        reason(world.consult(&other, reference.clone(), query.clone()).await),
        Reason::UnknownDocument
    );
    assert_eq!(world.consult(&patient(&ins), reference, query).await.unwrap().contents[0], document(2).bytes);
    assert!(world.verified().is_clean());
}

pub async fn an_unknown_patient_is_unknown(factory: Factory) {
    let world = World::new(factory).await;
    let (absent, dr) = (ins(404), doctor(1));
    let unknown = refusal(world.consult(&dr, &absent, Query::Status).await);
    assert_eq!(unknown.reason, Reason::UnknownPatient);
    assert_eq!(reason(world.publish(&dr, &absent, document(1)).await), Reason::UnknownPatient);
    let target = dmp_store::Target::Patient(absent.clone());
    world.store.refuse(&dr, target, Act::Feed, &unknown, uuid::Uuid::nil()).await.unwrap();
    let target = dmp_store::Target::Dossier(DossierId(uuid::Uuid::from_u128(7)));
    let by_id = world.store.consult(&dr, target, Query::Status, uuid::Uuid::nil()).await;
    assert_eq!(refusal(by_id), unknown);
    // One patient is told the same of another's dossier as of none.
    world.open_dossier(&ins(1)).await;
    let others = refusal(world.consult(&patient(&ins(2)), &ins(1), Query::Status).await);
    let nones = refusal(world.consult(&patient(&ins(2)), &absent, Query::Status).await);
    assert_eq!(others.reason, nones.reason);
    assert_eq!(world.verified().dossiers, 1);
}
