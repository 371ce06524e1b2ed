//! What an engine keeps beside dossiers, and what waits to be sent.

use dmp_dossier::DossierId;

/// Where a record stands beside dossiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordKey {
    /// What it is about.
    pub shelf: u8,
    /// HMAC of its owner, cut to 128 bits.
    pub owner: [u8; 16],
    /// HMAC of its owner and identifier, cut to 128 bits.
    pub record: [u8; 16],
    /// Version of the index key.
    pub key_version: u32,
}

/// A record beside dossiers, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// Where it stands.
    pub key: RecordKey,
    /// Raised at each writing, from 1.
    pub version: u64,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// Its own key, wrapped by the custody.
    pub wrapped_key: Vec<u8>,
    /// Sealed record.
    pub sealed: Vec<u8>,
}

/// A record to write or to take away.
#[derive(Debug)]
pub struct RecordWrite {
    /// Where it may stand, under each index key.
    pub keys: Vec<RecordKey>,
    /// The version that must be there, 0 for none; `None` for any.
    pub expected: Option<u64>,
    /// What stands there then; `None` for nothing.
    pub row: Option<RecordRow>,
}

/// A notice to send.
#[derive(Debug, Clone)]
pub struct NoticeRow {
    /// The dossier it is about.
    pub dossier: DossierId,
    /// Its identity.
    pub id: [u8; 16],
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// Sealed: what happened.
    pub sealed: Vec<u8>,
}
