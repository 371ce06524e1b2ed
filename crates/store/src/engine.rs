//! What the store asks of a database: load, locate, commit, read contents, texts, journal and notes, follow the two blind
//! indexes, remember what came in. No method per query: searches run in memory on the loaded dossier.
//!
//! Everything here is sealed or a digest, but for what must be compared or ordered (identifiers of rows, versions, kinds,
//! times). An engine never sees a key in clear.

mod beside;

pub use beside::{NoticeRow, RecordKey, RecordRow, RecordWrite};

use crate::api::{Durable, Remembered, StoreError};
use crate::objects::Objects;
use crate::replay::SeenRow;
use dmp_dossier::{DossierId, EntryKind, Time};
use dmp_keys::digest::Digest;
use futures_util::future::BoxFuture;

/// A database that keeps dossiers.
pub trait Engine: Send + Sync {
    /// The dossier that the first known of these locators points to.
    fn locate<'a>(
        &'a self,
        locators: &'a [LocatorKey],
    ) -> BoxFuture<'a, Result<Option<DossierId>, StoreError>>;

    /// The rows of a dossier, all of one version.
    fn load(&self, dossier: DossierId) -> BoxFuture<'_, Result<Option<StoredDossier>, StoreError>>;

    /// Appends a journal entry with the rows it writes, in one transaction, durable when it answers.
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, CommitError>>;

    /// A request was about nothing: as long as a commit, without any row.
    fn unknown_target(&self) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Contents brought by these rows of `entry`; a row that brought none is absent.
    fn contents<'a>(
        &'a self,
        dossier: DossierId,
        rows: &'a [u32],
    ) -> BoxFuture<'a, Result<Vec<StoredContent>, StoreError>>;

    /// Texts brought by these rows of `entry`; a row that brought none is absent.
    fn search_texts<'a>(
        &'a self,
        dossier: DossierId,
        rows: &'a [u32],
    ) -> BoxFuture<'a, Result<Vec<StoredText>, StoreError>>;

    /// A page of the journal, latest first, from the head or from where a page ended.
    fn journal(
        &self,
        dossier: DossierId,
        from: Option<Cursor>,
        limit: usize,
    ) -> BoxFuture<'_, Result<JournalPage, StoreError>>;

    /// A note of a journal entry, sealed.
    fn note(&self, dossier: DossierId, note: [u8; 16]) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>>;

    /// Dossiers that the index of grantees has under these keys, the last changed first, each once; those changed since.
    fn granted<'a>(
        &'a self,
        keys: &'a [IndexKey],
        since_ms: Option<i64>,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<DossierId>, StoreError>>;

    /// Dossiers that the index of traits has under these keys, each once.
    fn with_traits<'a>(
        &'a self,
        keys: &'a [IndexKey],
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<DossierId>, StoreError>>;

    /// Some of the dossiers that were there before the indexes and are not in them yet.
    fn unindexed(&self, limit: u32) -> BoxFuture<'_, Result<Vec<DossierId>, StoreError>>;

    /// Writes the rows of such dossiers, which are indexed then. A row that is there is newer, and stays.
    fn index(&self, rows: Vec<(DossierId, Vec<IndexRow>)>) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Remembers what is new of a set, or nothing of it when an identifier is known with another content. What has
    /// expired is not known. Whoever asks afterwards is told so at once; on disk it is when the second answer comes, and
    /// no later than anything committed afterwards.
    fn remember(
        &self,
        seen: Vec<SeenRow>,
        now: Time,
    ) -> BoxFuture<'_, Result<(Remembered, Durable), StoreError>>;

    /// The record that the first known of these keys names.
    fn record<'a>(&'a self, keys: &'a [RecordKey]) -> BoxFuture<'a, Result<Option<RecordRow>, StoreError>>;

    /// Records of a shelf under these blind indexes of one owner, the latest first, from a time (included) to another
    /// (not).
    fn records<'a>(
        &'a self,
        shelf: u8,
        owners: &'a [IndexKey],
        from_ms: i64,
        to_ms: i64,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<RecordRow>, StoreError>>;

    /// Dossiers that the index of cases has under these keys, each once: those that wait for an answer, those that changed
    /// since.
    fn with_cases<'a>(
        &'a self,
        keys: &'a [IndexKey],
        since_ms: i64,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<DossierId>, StoreError>>;

    /// Notices to send, oldest first.
    fn notices(&self, limit: u32) -> BoxFuture<'_, Result<Vec<NoticeRow>, StoreError>>;

    /// Takes a notice away; nothing when it is not there.
    fn noticed(&self, at_ms: i64, id: [u8; 16]) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Puts a record in the place of another, or takes it away; false when the version there is not the expected one.
    /// Durable when it answers.
    fn write_record(&self, write: RecordWrite) -> BoxFuture<'_, Result<bool, StoreError>>;

    /// Where large contents are kept.
    fn objects(&self) -> &Objects;
}

/// What a locator row carries instead of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LocatorKey {
    /// Kind of value.
    pub kind: u8,
    /// HMAC of the value, cut to 128 bits.
    pub hmac: [u8; 16],
    /// Version of the index key.
    pub key_version: u32,
}

/// A locator to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLocator {
    /// The row to write.
    pub key: LocatorKey,
    /// The same value under older index keys: taken there is taken. Empty for a random identifier of ours, which is
    /// not looked up before it is written.
    pub older: Vec<LocatorKey>,
    /// The value comes from outside: it may be taken.
    pub may_be_taken: bool,
}

/// What a row of an index carries instead of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IndexKey {
    /// HMAC of the value, cut to 128 bits.
    pub hmac: [u8; 16],
    /// Version of the index key.
    pub key_version: u32,
}

/// A row to write to an index, or to write again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexRow {
    /// A grantee.
    Grant {
        /// Who.
        key: IndexKey,
        /// Last act on the grant, in milliseconds since 1970.
        changed_at_ms: i64,
    },
    /// A family name and a birth.
    Trait {
        /// Which.
        key: IndexKey,
    },
    /// A structure whose people's accesses are looked at.
    Case {
        /// Which.
        key: IndexKey,
        /// One waits for an answer.
        open: bool,
        /// Last opening or answer, in milliseconds since 1970.
        changed_at_ms: i64,
    },
}

/// The rows of a dossier.
#[derive(Debug)]
pub struct StoredDossier {
    /// Changes committed.
    pub version: u64,
    /// Sealed state.
    pub state: Vec<u8>,
    /// Wrapped content key.
    pub content_key: Vec<u8>,
    /// Wrapped journal key.
    pub journal_key: Vec<u8>,
    /// Sealed rows of `entry`, by number.
    pub entries: Vec<Vec<u8>>,
}

/// Where the sealed bytes of a document are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the database.
    Inline(Vec<u8>),
    /// In the object store.
    Object {
        /// Name of the object.
        name: String,
        /// What it must hold.
        sha256: Digest,
    },
}

/// A document's bytes.
#[derive(Debug)]
pub struct StoredContent {
    /// Row of `entry` that brought them.
    pub row: u32,
    /// The document's key, wrapped by the dossier's content key.
    pub wrapped_key: Vec<u8>,
    /// Sealed bytes.
    pub place: Place,
}

/// A document's text.
#[derive(Debug)]
pub struct StoredText {
    /// Row of `entry` that brought it.
    pub row: u32,
    /// The document's key, wrapped by the dossier's content key.
    pub wrapped_key: Vec<u8>,
    /// Sealed text.
    pub sealed: Vec<u8>,
}

/// Where a page of the journal ended; means something to its engine only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor(pub i64);

/// A page of the journal.
#[derive(Debug)]
pub struct JournalPage {
    /// Latest first.
    pub entries: Vec<StoredEntry>,
    /// Where the next page starts; `None` after the first entry of the dossier.
    pub next: Option<Cursor>,
}

/// A journal entry as stored.
#[derive(Debug)]
pub struct StoredEntry {
    /// Position in the dossier's journal, from 1.
    pub seq: u64,
    /// Milliseconds since 1970.
    pub time_ms: i64,
    /// Random identity, bound to the sealed entry.
    pub entry_id: [u8; 16],
    /// Sealed entry.
    pub sealed: Vec<u8>,
}

/// A journal entry to append, and the rows it writes.
#[derive(Debug)]
pub struct Commit {
    /// The dossier.
    pub dossier: DossierId,
    /// Version it was decided on; 0 before the opening.
    pub expected: u64,
    /// The entry.
    pub entry: NewEntry,
    /// Keys of a dossier that opens: wrapped content key, wrapped journal key.
    pub keys: Option<(Vec<u8>, Vec<u8>)>,
    /// The state, when it changes.
    pub state: Option<StateRow>,
    /// Rows of `entry` to write.
    pub rows: Vec<EntryRow>,
    /// Locators to add.
    pub locators: Vec<NewLocator>,
    /// Rows of the indexes to write.
    pub index: Vec<IndexRow>,
    /// Notices to send.
    pub notices: Vec<NoticeRow>,
    /// Note of the entry.
    pub note: Option<([u8; 16], Vec<u8>)>,
}

/// A sealed journal entry that has no position yet.
#[derive(Debug)]
pub struct NewEntry {
    /// Random identity, bound to the sealed entry.
    pub entry_id: [u8; 16],
    /// Change or trace.
    pub kind: EntryKind,
    /// Milliseconds since 1970.
    pub time_ms: i64,
    /// Sealed entry.
    pub sealed: Vec<u8>,
    /// Its SHA-256.
    pub sha256: Digest,
}

/// The row of `dossier`.
#[derive(Debug)]
pub struct StateRow {
    /// 1 active, 2 closed.
    pub status: u8,
    /// First opening.
    pub opened_at: Option<i64>,
    /// Closing.
    pub closed_at: Option<i64>,
    /// Sealed state.
    pub sealed: Vec<u8>,
}

/// A row of `entry`.
#[derive(Debug)]
pub struct EntryRow {
    /// Its number.
    pub row: u32,
    /// Sealed entry.
    pub sealed: Vec<u8>,
    /// The document's bytes, when this row brings them.
    pub content: Option<NewContent>,
}

/// A document's bytes and text to write.
#[derive(Debug)]
pub struct NewContent {
    /// The document's key, wrapped by the dossier's content key.
    pub wrapped_key: Vec<u8>,
    /// Sealed bytes.
    pub place: Place,
    /// Sealed text.
    pub text: Option<Vec<u8>>,
}

/// A journal append that is durable. Only an engine makes one, after its transaction committed.
#[derive(Debug)]
pub struct Committed {
    dossier: DossierId,
    seq: u64,
}

impl Committed {
    /// By an engine, once the transaction is durable.
    pub(crate) fn durable(dossier: DossierId, seq: u64) -> Self {
        Committed { dossier, seq }
    }

    /// The dossier appended to.
    pub fn dossier(&self) -> DossierId {
        self.dossier
    }

    /// Position of the entry.
    pub fn seq(&self) -> u64 {
        self.seq
    }
}

/// Why nothing was appended.
#[derive(Debug)]
pub enum CommitError {
    /// The dossier moved: decide again.
    Conflict {
        /// Its version now.
        current: u64,
    },
    /// A locator that comes from outside points somewhere already: decide again.
    Taken,
    /// Our fault or the disk's.
    Failed(StoreError),
}

impl From<StoreError> for CommitError {
    fn from(error: StoreError) -> Self {
        CommitError::Failed(error)
    }
}
