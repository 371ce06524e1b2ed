//! X3: what comes back is what was deposited; text search; export.

use super::world::*;
use dmp_dossier::*;

/// Bytes that do not compress.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        })
        .collect()
}

/// X3, on both sides of the 64 KiB that a database row takes, and after nothing is left in memory.
pub async fn documents_come_back_byte_for_byte(factory: Factory) {
    let mut world = World::new(factory).await;
    let (ins, dr) = (ins(1), doctor(1));
    world.open_dossier(&ins).await;
    world.authorise(&ins, &dr, false).await;
    let sizes = [1, 300, 65_000, 65_480, 65_536, 70_000, 1_200_000, 10 << 20];
    let documents: Vec<Document> = (0..)
        .zip(sizes)
        .map(|(number, size)| Document { bytes: noise(size, number), ..document(number) })
        .collect();
    for document in &documents {
        world.publish(&dr, &ins, document.clone()).await.unwrap();
    }
    for again in [false, true] {
        if again {
            world = world.reopened().await;
        }
        for document in &documents {
            let bytes = world.read(&dr, &ins, &document.unique_id).await.unwrap();
            assert!(bytes == document.bytes, "{} bytes", document.bytes.len());
        }
    }
    assert!(world.verified().is_clean());
}

pub async fn a_lot_comes_back_in_its_order(factory: Factory) {
    let world = World::new(factory).await;
    let (ins, dr) = (ins(1), doctor(1));
    world.open_dossier(&ins).await;
    world.authorise(&ins, &dr, false).await;
    let documents: Vec<Document> = (1..=4).map(document).collect();
    let (mut lot, _) = documents[0].lot(&dr, &ins);
    lot.documents = documents.iter().map(|d| d.draft(&dr, &ins)).collect();
    let contents = documents.iter().map(Document::content).collect();
    let Receipt::Published { documents: registered, .. } =
        world.publish_lot(&dr, &ins, (lot, contents)).await.unwrap()
    else {
        panic!("not published")
    };
    let uids = |entries: &[std::sync::Arc<DocumentEntry>]| -> Vec<String> {
        entries.iter().map(|e| e.metadata.unique_id.as_str().to_owned()).collect()
    };
    assert_eq!(uids(&registered), documents.iter().map(|d| d.unique_id.clone()).collect::<Vec<_>>());
    let asked = [3, 0, 2, 0];
    let query = Query::Retrieve(asked.iter().map(|i| by_uid(&documents[*i].unique_id)).collect());
    let answer = world.consult(&dr, &ins, query).await.unwrap();
    let expected: Vec<&[u8]> = asked.iter().map(|i| documents[*i].bytes.as_slice()).collect();
    assert_eq!(answer.contents, expected);
}

pub async fn texts_are_searched_under_the_rights_of_reading(factory: Factory) {
    let world = World::new(factory).await;
    let (ins, dr, other) = (ins(1), doctor(1), doctor(2));
    world.open_dossier(&ins).await;
    world.authorise(&ins, &other, false).await;
    world.publish(&dr, &ins, document(1)).await.unwrap();
    world.publish(&dr, &ins, document(2).masked()).await.unwrap();
    let texts = [("Fibrillation auriculaire connue.", 3), ("", 4)];
    for (text, number) in texts {
        world.publish(&dr, &ins, Document { text: text.to_owned(), ..document(number) }).await.unwrap();
    }
    let hits = world.search_text(&other, &ins, "penicilline ALLERGIE").await.unwrap();
    assert_eq!(hits.len(), 1, "the masked one is not searched");
    assert_eq!(hits[0].sentence, "Allergie à la pénicilline.");
    assert_eq!(hits[0].document.metadata.unique_id.as_str(), document(1).unique_id);
    let hits = world.search_text(&patient(&ins), &ins, "pénicilline").await.unwrap();
    assert_eq!(hits.len(), 2, "the patient searches all");
    assert_eq!(world.search_text(&other, &ins, "auriculaire").await.unwrap().len(), 1);
    assert!(world.search_text(&other, &ins, "?").await.unwrap().is_empty());
    let unauthorised = world.search_text(&doctor(9), &ins, "auriculaire").await;
    assert_eq!(reason(unauthorised), Reason::NotAuthorised);
}

pub async fn an_export_holds_documents_and_journal(factory: Factory) {
    let world = World::new(factory).await;
    let (ins, dr) = (ins(1), doctor(1));
    world.open_dossier(&ins).await;
    for number in 1..=3 {
        world.publish(&dr, &ins, document(number)).await.unwrap();
    }
    let answer = world.consult(&patient(&ins), &ins, Query::Export).await.unwrap();
    assert_eq!(answer.contents, (1..=3).map(|n| document(n).bytes).collect::<Vec<_>>());
    // Opening, three deposits, this export.
    assert_eq!(answer.lines.len(), 5);
    assert_eq!(answer.lines[0].entry.act, Act::Export);
}
