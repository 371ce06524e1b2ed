//! The memory of what came in: a message, an assertion, is taken once while it could be taken.
//!
//! An engine keeps it with everything else, so that neither a restart nor a second process forgets; what it keeps of an
//! identifier is a digest.

use crate::api::{Seen, SeenKind};
use dmp_keys::digest::{Digest, sha256};

/// What an engine remembers of something seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenRow {
    /// What it is.
    pub kind: SeenKind,
    /// SHA-256 of kind and identifier, cut to 128 bits.
    pub id: [u8; 16],
    /// SHA-256 of what it says.
    pub content: Digest,
    /// When it expires, in milliseconds since 1970.
    pub expires_at_ms: i64,
}

pub(crate) fn rows(seen: &[Seen]) -> Vec<SeenRow> {
    let row = |seen: &Seen| {
        let kind: u8 = match seen.kind {
            SeenKind::Message => 1,
            SeenKind::Assertion => 2,
        };
        let digest = sha256(&[&[kind], seen.id.as_bytes()].concat());
        let id = *digest.first_chunk().expect("a SHA-256 has 32 bytes");
        SeenRow { kind: seen.kind, id, content: seen.content, expires_at_ms: seen.until.millis() }
    };
    seen.iter().map(row).collect()
}
