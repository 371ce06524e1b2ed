//! Sealing of what a commit writes, and opening of what a load reads. On the caller's task, never under the write lock.

use crate::api::{Content, StoreError};
use crate::compress::{Kind, pack};
use crate::engine::{EntryRow, NewContent, NewEntry, Place, StateRow, StoredDossier};
use crate::error::failed;
use crate::objects::{INLINE_BYTES_MAX, Objects};
use crate::schema;
use dmp_dossier::{Dossier, DossierId, JournalEntry, Life, Row, RowRef};
use dmp_keys::digest::{Digest, sha256};
use dmp_keys::{Aad, Key, KeyCustody, Purpose, Table, wrap};
use std::sync::Arc;
use uuid::Uuid;

/// Key id in the header of what is sealed by the row's own key.
const OWN_KEY: u32 = 0;

/// Contents above this are packed on a thread of their own, so that a large document does not hold up the small ones.
const PACK_INLINE_BYTES_MAX: usize = 512 * 1024;

/// Text kept for search, per document; what lies beyond is not searched.
const TEXT_BYTES_MAX: usize = 1 << 20;

/// The place of a sealed value.
pub(crate) fn aad(table: Table, dossier: DossierId, row: &[u8]) -> Aad<'_> {
    Aad { table, dossier: dossier.0.into_bytes(), row }
}

/// The keys of a dossier, unwrapped.
#[derive(Debug)]
pub(crate) struct DossierKeys {
    /// Seals rows and notes, wraps the keys of documents.
    pub(crate) content: Key,
    /// Seals the journal.
    pub(crate) journal: Key,
}

/// Wrapped content key and wrapped journal key.
pub(crate) type WrappedKeys = (Vec<u8>, Vec<u8>);

impl DossierKeys {
    /// Keys of a dossier that opens, and what the database keeps of them.
    pub(crate) fn fresh(
        custody: &dyn KeyCustody,
        dossier: DossierId,
    ) -> Result<(Self, WrappedKeys), StoreError> {
        let keys = DossierKeys { content: Key::random(), journal: Key::random() };
        let id = dossier.0.into_bytes();
        let content = custody.wrap(id, Purpose::Content, &keys.content).map_err(failed("custody"))?;
        let journal = custody.wrap(id, Purpose::Journal, &keys.journal).map_err(failed("custody"))?;
        Ok((keys, (content, journal)))
    }

    /// Unwraps the keys of a stored dossier.
    pub(crate) fn unwrap(
        custody: &dyn KeyCustody,
        dossier: DossierId,
        content: &[u8],
        journal: &[u8],
    ) -> Result<Self, StoreError> {
        let id = dossier.0.into_bytes();
        Ok(DossierKeys {
            content: custody.unwrap(id, Purpose::Content, content).map_err(failed("dossier_key"))?,
            journal: custody.unwrap(id, Purpose::Journal, journal).map_err(failed("dossier_key"))?,
        })
    }

    /// Opens the rows of a stored dossier.
    pub(crate) fn open_dossier(&self, id: DossierId, stored: &StoredDossier) -> Result<Dossier, StoreError> {
        let opened =
            self.content.open(aad(Table::Dossier, id, &[]), &stored.state).map_err(failed("dossier"))?;
        let state = schema::decode_state(opened.schema, &opened.plaintext).map_err(failed("dossier"))?;
        let rows = stored
            .entries
            .iter()
            .zip(0u32..)
            .map(|(sealed, row)| self.open_row(id, row, sealed))
            .collect::<Result<_, _>>()?;
        Ok(Dossier { id, version: stored.version, state: Arc::new(state), rows })
    }

    /// Opens a row of `entry`.
    pub(crate) fn open_row(&self, id: DossierId, row: u32, sealed: &[u8]) -> Result<Row, StoreError> {
        let opened =
            self.content.open(aad(Table::Entry, id, &row.to_le_bytes()), sealed).map_err(failed("entry"))?;
        schema::decode_row(opened.schema, &opened.plaintext).map_err(failed("entry"))
    }

    /// Opens a journal entry.
    pub(crate) fn open_journal(
        &self,
        id: DossierId,
        entry_id: &[u8; 16],
        sealed: &[u8],
    ) -> Result<JournalEntry, StoreError> {
        let opened =
            self.journal.open(aad(Table::Journal, id, entry_id), sealed).map_err(failed("journal"))?;
        schema::decode_journal(opened.schema, &opened.plaintext).map_err(failed("journal"))
    }

    /// Opens a note.
    pub(crate) fn open_note(
        &self,
        id: DossierId,
        note: &[u8; 16],
        sealed: &[u8],
    ) -> Result<String, StoreError> {
        let opened = self.content.open(aad(Table::Note, id, note), sealed).map_err(failed("note"))?;
        schema::check(opened.schema, schema::NOTE).map_err(failed("note"))?;
        String::from_utf8(opened.plaintext).map_err(failed("note"))
    }

    /// Seals a note.
    pub(crate) fn seal_note(&self, id: DossierId, note: &[u8; 16], text: &str) -> Vec<u8> {
        self.content.seal(aad(Table::Note, id, note), OWN_KEY, schema::NOTE, text.as_bytes())
    }

    /// Seals a journal entry, which has no position yet.
    pub(crate) fn seal_journal(&self, id: DossierId, entry_id: Uuid, entry: &JournalEntry) -> NewEntry {
        let entry_id = entry_id.into_bytes();
        let bytes = schema::encode_journal(entry);
        let sealed = self.journal.seal(aad(Table::Journal, id, &entry_id), OWN_KEY, schema::JOURNAL, &bytes);
        NewEntry { entry_id, kind: entry.kind(), time_ms: entry.at.millis(), sha256: sha256(&sealed), sealed }
    }

    fn seal_state(&self, dossier: &Dossier) -> StateRow {
        let sealed = self.content.seal(
            aad(Table::Dossier, dossier.id, &[]),
            OWN_KEY,
            schema::STATE,
            &schema::encode_state(&dossier.state),
        );
        let (status, opened_at, closed_at) = clear_columns(dossier);
        StateRow { status, opened_at, closed_at, sealed }
    }
}

/// Status and dates in clear of the row of `dossier`: what an operator may count without a key.
pub(crate) fn clear_columns(dossier: &Dossier) -> (u8, Option<i64>, Option<i64>) {
    let opened_at = dossier.state.opened_at.map(|at| at.millis());
    match dossier.state.life {
        Life::None => (0, opened_at, None),
        Life::Active { .. } => (1, opened_at, None),
        Life::Closed { at, .. } => (2, opened_at, Some(at.millis())),
    }
}

/// A document packed and not yet sealed: what a new decision does not have to do again.
#[derive(Debug)]
pub(crate) struct Packed {
    document: Vec<u8>,
    text: Option<Vec<u8>>,
}

/// Packs the contents of a lot.
pub(crate) async fn pack_contents(contents: Vec<Content>) -> Result<Vec<Packed>, StoreError> {
    let total: usize = contents.iter().map(|c| c.bytes.len() + c.text.len()).sum();
    let all = move || contents.iter().map(pack_content).collect();
    if total <= PACK_INLINE_BYTES_MAX {
        return Ok(all());
    }
    tokio::task::spawn_blocking(all).await.map_err(failed("packing"))
}

fn pack_content(content: &Content) -> Packed {
    let mut end = content.text.len().min(TEXT_BYTES_MAX);
    while !content.text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &content.text[..end];
    Packed {
        document: pack(&content.bytes, Kind::Document),
        text: (!text.trim().is_empty()).then(|| pack(text.as_bytes(), Kind::Document)),
    }
}

/// What sealing the rows of a change gives: rows, and their digests for the journal.
#[derive(Debug, Default)]
pub(crate) struct SealedRows {
    /// The state, when it changed.
    pub(crate) state: Option<StateRow>,
    /// Rows of `entry`.
    pub(crate) entries: Vec<EntryRow>,
    /// SHA-256 of each sealed row.
    pub(crate) digests: Vec<(RowRef, Digest)>,
    /// SHA-256 of each sealed content, text and document key: row, table, digest.
    pub(crate) contents: Vec<(u32, u8, Digest)>,
}

/// Seals the rows that changed, as `after` has them. `contents`: the packed document each new row brings.
pub(crate) async fn seal_rows(
    keys: &DossierKeys,
    after: &Dossier,
    changed: impl Iterator<Item = RowRef>,
    contents: &[(u32, &Packed)],
    objects: &Objects,
) -> Result<SealedRows, StoreError> {
    let mut sealed = SealedRows::default();
    for row in changed {
        match row {
            RowRef::State => {
                let state = keys.seal_state(after);
                sealed.digests.push((row, sha256(&state.sealed)));
                sealed.state = Some(state);
            }
            RowRef::Entry(number) => {
                let Some(value) = after.rows.get(number as usize) else { continue };
                let bytes = schema::encode_row(value);
                let row_id = number.to_le_bytes();
                let row_sealed =
                    keys.content.seal(aad(Table::Entry, after.id, &row_id), OWN_KEY, schema::ENTRY, &bytes);
                sealed.digests.push((row, sha256(&row_sealed)));
                let content = match contents.iter().find(|(brought_by, _)| *brought_by == number) {
                    Some((_, packed)) => Some(
                        seal_content(keys, after.id, number, packed, objects, &mut sealed.contents).await?,
                    ),
                    None => None,
                };
                sealed.entries.push(EntryRow { row: number, sealed: row_sealed, content });
            }
        }
    }
    Ok(sealed)
}

/// Seals a document's bytes and text under a key of their own, wrapped by the dossier's content key.
async fn seal_content(
    keys: &DossierKeys,
    dossier: DossierId,
    row: u32,
    packed: &Packed,
    objects: &Objects,
    digests: &mut Vec<(u32, u8, Digest)>,
) -> Result<NewContent, StoreError> {
    let row_id = row.to_le_bytes();
    let key = Key::random();
    let wrapped_key = wrap(&keys.content, OWN_KEY, dossier.0.into_bytes(), Purpose::Document(&row_id), &key);
    digests.push((row, Table::DocumentKey as u8, sha256(&wrapped_key)));
    let seal = |table, bytes| key.seal(aad(table, dossier, &row_id), OWN_KEY, schema::CONTENT, bytes);
    let sealed = seal(Table::Content, &packed.document);
    let digest = sha256(&sealed);
    digests.push((row, Table::Content as u8, digest));
    let text = packed.text.as_ref().map(|text| seal(Table::SearchText, text));
    if let Some(text) = &text {
        digests.push((row, Table::SearchText as u8, sha256(text)));
    }
    let place = if sealed.len() <= INLINE_BYTES_MAX {
        Place::Inline(sealed)
    } else {
        Place::Object { name: objects.put(sealed).await?, sha256: digest }
    };
    Ok(NewContent { wrapped_key, place, text })
}
