//! What the faces call: [`Store::execute`] and [`Store::consult`], the only doors to data.

use bytes::Bytes;
use dmp_dossier::{DocumentEntry, DocumentRef, DossierId, Ins, JournalEntry, Refusal, Time, View};
use std::sync::Arc;
use uuid::Uuid;

/// Time and fresh identifiers: given by the server, fixed by tests, moved by the demo's seeder.
pub trait Ambient: Send + Sync {
    /// Now.
    fn now(&self) -> Time;
    /// A fresh random identifier.
    fn fresh(&self) -> Uuid;
}

/// Which dossier a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The patient's, by INS.
    Patient(Ins),
    /// The one that holds this document. A refusal then says no more than "unknown document": who has no right must
    /// not learn that it exists (design 3).
    Document(DocumentRef),
    /// The dossier itself, for acts of the system.
    Dossier(DossierId),
}

/// The bytes of a document of a lot, in the order of the lot.
#[derive(Debug, Clone)]
pub struct Content {
    /// The bytes as deposited; given back unchanged.
    pub bytes: Bytes,
    /// Its text for search; empty when it has none.
    pub text: String,
}

/// A line of the journal as its reader sees it.
#[derive(Debug, Clone)]
pub struct Line {
    /// Identity of the line; shows no order and no gap.
    pub id: Uuid,
    /// What it says, cut to what the reader may know.
    pub entry: JournalEntry,
    /// The documents it names that the reader may see, as they are today.
    pub documents: Vec<Arc<DocumentEntry>>,
    /// Reason of a bris de glace.
    pub reason: Option<String>,
}

/// What a read gives, after it was decided and its trace committed.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What was asked.
    pub view: View,
    /// Whose record answered: a request through a document does not name the patient.
    pub patient: Option<Ins>,
    /// Bytes of the documents of a [`View::Contents`] or [`View::Export`], in their order.
    pub contents: Vec<Bytes>,
    /// Lines of a [`View::Journal`] or [`View::Export`], latest first.
    pub lines: Vec<Line>,
}

/// A hit of a search in the text of documents.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The document.
    pub document: Arc<DocumentEntry>,
    /// The sentence around the first match.
    pub sentence: String,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A rule refuses; the refusal is journalled where there is a dossier.
    #[error("refused: {refusal}")]
    Refused {
        /// The refusal, as its actor may know it.
        refusal: Refusal,
        /// For a quota: seconds to wait.
        retry_after_seconds: Option<u32>,
    },
    /// Our fault or the disk's.
    #[error("storage failed at {place}")]
    Failed {
        /// Table or step, never data.
        place: &'static str,
        /// Cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
