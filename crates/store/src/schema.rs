//! Sealed values and their schemas: postcard bytes, with the schema number in the header of the sealed value.
//!
//! A writer writes the newest schema. A reader reads every schema ever released: when a type changes, the number rises,
//! the former type stays here with a pure function to the new one, and a golden file of each release
//! (`golden/NAME-NUMBER.hex`) proves that it is still read.

use crate::compress::{self, Kind, UnpackError, pack, unpack};
use dmp_dossier::{
    Channel, ConsentProof, GranteeLabel, Identity, JournalEntry, Life, Representative, Rights, Row, State,
    Time, WebAccess,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Newest schema of the state of a dossier.
pub(crate) const STATE: u16 = 3;
/// Newest schema of a row of `entry`.
pub(crate) const ENTRY: u16 = 1;
/// Newest schema of a journal entry.
pub(crate) const JOURNAL: u16 = 1;
/// Newest schema of a document's bytes or text.
pub(crate) const CONTENT: u16 = 1;
/// Newest schema of a note.
pub(crate) const NOTE: u16 = 1;

/// Why a value that opened is not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SchemaError {
    /// Written by a later release.
    #[error("schema `{0}` is of a later release")]
    Unknown(u16),
    /// Not what its schema says.
    #[error("the value does not follow its schema")]
    Malformed(#[from] postcard::Error),
    /// Bytes are left over.
    #[error("the value is longer than its schema")]
    TooLong,
    /// Not packed as it should.
    #[error("the value does not unpack")]
    Unpack(#[from] UnpackError),
}

/// Refuses a schema that this release does not know.
pub(crate) fn check(found: u16, newest: u16) -> Result<(), SchemaError> {
    match (1..=newest).contains(&found) {
        true => Ok(()),
        false => Err(SchemaError::Unknown(found)),
    }
}

/// Bytes of a value in its newest schema.
pub(crate) fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_stdvec(value).expect("our types have no map key or length that postcard refuses")
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, SchemaError> {
    match postcard::take_from_bytes(bytes)? {
        (value, []) => Ok(value),
        _ => Err(SchemaError::TooLong),
    }
}

/// The state, packed.
pub(crate) fn encode_state(state: &State) -> Vec<u8> {
    pack(&encode(state), Kind::Row)
}

/// Reads a state of any schema.
pub(crate) fn decode_state(schema: u16, packed: &[u8]) -> Result<State, SchemaError> {
    check(schema, STATE)?;
    let bytes = unpack(packed, compress::ROW_BYTES_MAX)?;
    match schema {
        1 => decode::<StateV1>(&bytes).map(State::from),
        2 => decode::<StateV2>(&bytes).map(State::from),
        _ => decode(&bytes),
    }
}

/// Schema 1 of the state: before the patient's access by internet.
#[derive(Deserialize)]
struct StateV1 {
    life: Life,
    identity: Option<Identity>,
    channel: Option<Channel>,
    opened_at: Option<Time>,
    closure_text: Option<String>,
    rights: Rights,
    representatives: Vec<Representative>,
    labels: Vec<GranteeLabel>,
    proofs: Vec<ConsentProof>,
    team_proofs: Vec<(Uuid, ConsentProof)>,
    copy_requested: Option<Time>,
    destruction_requested: Option<Time>,
}

impl From<StateV1> for State {
    fn from(old: StateV1) -> Self {
        State {
            life: old.life,
            identity: old.identity,
            channel: old.channel,
            opened_at: old.opened_at,
            closure_text: old.closure_text,
            rights: old.rights,
            representatives: old.representatives,
            labels: old.labels,
            proofs: old.proofs,
            team_proofs: old.team_proofs,
            copy_requested: old.copy_requested,
            destruction_requested: old.destruction_requested,
            ..State::default()
        }
    }
}

/// Schema 2 of the state: before visitors, cases and choices.
#[derive(Deserialize)]
struct StateV2 {
    before: StateV1,
    web_access: Option<WebAccess>,
    former_logins: Vec<String>,
}

impl From<StateV2> for State {
    fn from(old: StateV2) -> Self {
        State { web_access: old.web_access, former_logins: old.former_logins, ..State::from(old.before) }
    }
}

/// A row of `entry`, packed.
pub(crate) fn encode_row(row: &Row) -> Vec<u8> {
    pack(&encode(row), Kind::Row)
}

/// Reads a row of `entry` of any schema.
pub(crate) fn decode_row(schema: u16, packed: &[u8]) -> Result<Row, SchemaError> {
    check(schema, ENTRY)?;
    decode(&unpack(packed, compress::ROW_BYTES_MAX)?)
}

/// A journal entry; not packed, its digests and identifiers do not shrink.
pub(crate) fn encode_journal(entry: &JournalEntry) -> Vec<u8> {
    encode(entry)
}

/// Reads a journal entry of any schema. Folding old changes is supported for ever.
pub(crate) fn decode_journal(schema: u16, bytes: &[u8]) -> Result<JournalEntry, SchemaError> {
    check(schema, JOURNAL)?;
    decode(bytes)
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
