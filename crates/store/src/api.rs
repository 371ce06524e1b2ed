//! What the faces call: [`Store::execute`] and [`Store::consult`], the only doors to data.

use bytes::Bytes;
use dmp_dossier::{
    DocumentEntry, DocumentRef, DossierId, Identity, Ins, JournalEntry, Refusal, SubmissionSet, Time, View,
};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, ready};
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
    /// Signatures of the lots of a [`View::Export`] that are exported whole and came with one.
    pub signatures: Vec<(Arc<SubmissionSet>, Bytes)>,
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

/// A dossier of a list of authorised dossiers (TD0.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedDossier {
    /// Who the patient is.
    pub identity: Identity,
    /// The asker, or the professional asked about, is médecin traitant.
    pub medecin_traitant: bool,
    /// Start of the authorisation in force.
    pub authorised_at: Time,
    /// Last permitted act of who is listed, this list and those before left out.
    pub last_access: Option<Time>,
    /// Last update of a document the asker may see.
    pub last_update: Option<Time>,
    /// Last deposit of a document the asker may see.
    pub last_document: Option<Time>,
}

/// What is remembered of a request, so that it is not taken twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SeenKind {
    /// A message, by its `wsa:MessageID`.
    Message,
    /// A SAML assertion, by its ID.
    Assertion,
}

/// Something to remember.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What it is.
    pub kind: SeenKind,
    /// Identifier that its sender gave.
    pub id: String,
    /// SHA-256 of what it says: the same identifier with another content is a replay.
    pub content: [u8; 32],
    /// Until when it could be taken; forgotten after.
    pub until: Time,
}

/// What was known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remembered {
    /// Some of it was never seen; now it is remembered.
    New,
    /// All of it was seen before, with the same content: the same request again.
    Repeated,
    /// An identifier was seen with another content; nothing more is remembered.
    Replayed(SeenKind),
}

/// What a request brought is on its way to the disk.
#[must_use = "an answer may not leave before what its request brought is on disk"]
pub struct Durable(BoxFuture<'static, Result<(), StoreError>>);

impl Durable {
    /// It is there.
    pub(crate) fn already() -> Self {
        Durable(ready(Ok(())).boxed())
    }

    /// It is there when this is done.
    pub(crate) fn after(written: impl Future<Output = Result<(), StoreError>> + Send + 'static) -> Self {
        Durable(written.boxed())
    }

    /// Waits until it is there.
    ///
    /// # Errors
    /// [`StoreError::Failed`]: it was not written.
    pub async fn wait(self) -> Result<(), StoreError> {
        self.0.await
    }
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
