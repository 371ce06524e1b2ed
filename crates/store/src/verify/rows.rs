//! What `verify` reads of a dossier: every stored row, as found, nothing trusted.

use crate::engine::Place;
use dmp_dossier::DossierId;
use dmp_keys::digest::Digest;

/// Everything of a dossier.
pub(crate) struct AuditRows {
    pub(crate) dossier: DossierId,
    pub(crate) head: Option<AuditHead>,
    pub(crate) state: Option<AuditState>,
    /// Wrapped content key, wrapped journal key.
    pub(crate) keys: Option<(Vec<u8>, Vec<u8>)>,
    /// In order of number.
    pub(crate) entries: Vec<AuditEntry>,
    pub(crate) notes: Vec<([u8; 16], Vec<u8>)>,
    /// Oldest first, as far back as the entries name one another.
    pub(crate) journal: Vec<AuditJournal>,
}

pub(crate) struct AuditHead {
    pub(crate) version: i64,
    pub(crate) seq: i64,
    pub(crate) entry_number: i64,
    pub(crate) digest: Digest,
}

pub(crate) struct AuditState {
    pub(crate) status: i64,
    pub(crate) opened_at: Option<i64>,
    pub(crate) closed_at: Option<i64>,
    pub(crate) sealed: Vec<u8>,
}

pub(crate) struct AuditEntry {
    pub(crate) row: i64,
    pub(crate) sealed: Vec<u8>,
    pub(crate) content: Option<AuditContent>,
}

/// What the row of a document brought; each part as far as it is there.
pub(crate) struct AuditContent {
    pub(crate) place: Option<Place>,
    pub(crate) wrapped_key: Option<Vec<u8>>,
    pub(crate) text: Option<Vec<u8>>,
}

pub(crate) struct AuditJournal {
    pub(crate) dossier_id: [u8; 16],
    pub(crate) seq: i64,
    pub(crate) kind: i64,
    pub(crate) time_ms: i64,
    pub(crate) previous: i64,
    pub(crate) entry_id: [u8; 16],
    pub(crate) digest: Digest,
    pub(crate) sealed: Vec<u8>,
}
