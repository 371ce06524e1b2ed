//! The permit to read: no trace, no answer, as a type.
//!
//! A [`ReadPermit`] is made from a [`Committed`] alone, which an engine gives once the journal entry that names the
//! documents is durable. It is consumed by what it opens. Nothing else in this crate opens contents, texts or journal
//! lines.

use crate::compress::unpack;
use crate::engine::{Committed, Place, StoredContent, StoredEntry, StoredText};
use crate::error::failed;
use crate::objects::Objects;
use crate::schema;
use crate::sealing::{DossierKeys, aad};
use crate::{StoreError, compress};
use bytes::Bytes;
use dmp_dossier::{DossierId, JournalEntry};
use dmp_keys::{Purpose, Table, unwrap};
use uuid::Uuid;

/// Leave to open what one committed journal entry says was read, once.
#[derive(Debug)]
pub struct ReadPermit {
    dossier: DossierId,
    seq: u64,
    rows: Vec<u32>,
}

impl ReadPermit {
    /// From a durable append. `rows`: rows of `entry` whose bytes or text the entry says were read.
    pub(crate) fn after(committed: Committed, rows: Vec<u32>) -> Self {
        ReadPermit { dossier: committed.dossier(), seq: committed.seq(), rows }
    }

    /// Rows that may be opened.
    pub(crate) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// Opens the contents of the permitted rows.
    pub(crate) async fn open_contents(
        self,
        keys: &DossierKeys,
        stored: Vec<StoredContent>,
        objects: &Objects,
    ) -> Result<Vec<(u32, Bytes)>, StoreError> {
        let mut opened = Vec::with_capacity(stored.len());
        for content in stored.into_iter().filter(|c| self.rows.contains(&c.row)) {
            let sealed = match content.place {
                Place::Inline(sealed) => sealed,
                Place::Object { name, sha256 } => objects.get(&name, &sha256).await?,
            };
            let bytes = self.open(keys, Table::Content, content.row, &content.wrapped_key, &sealed)?;
            opened.push((content.row, Bytes::from(bytes)));
        }
        Ok(opened)
    }

    /// Opens the texts of the permitted rows.
    pub(crate) fn open_texts(
        self,
        keys: &DossierKeys,
        stored: Vec<StoredText>,
    ) -> Result<Vec<(u32, String)>, StoreError> {
        stored
            .into_iter()
            .filter(|text| self.rows.contains(&text.row))
            .map(|text| {
                let bytes = self.open(keys, Table::SearchText, text.row, &text.wrapped_key, &text.sealed)?;
                let text_read = String::from_utf8(bytes).map_err(failed("search_text"))?;
                Ok((text.row, text_read))
            })
            .collect()
    }

    fn open(
        &self,
        keys: &DossierKeys,
        table: Table,
        row: u32,
        wrapped: &[u8],
        sealed: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let dossier = self.dossier.0.into_bytes();
        let key = unwrap(&keys.content, dossier, Purpose::Document(&row.to_le_bytes()), wrapped)
            .map_err(failed("document_key"))?;
        let place = match table {
            Table::Content => "content",
            _ => "search_text",
        };
        let opened = key.open(aad(table, self.dossier, &row.to_le_bytes()), sealed).map_err(failed(place))?;
        schema::check(opened.schema, schema::CONTENT).map_err(failed(place))?;
        unpack(&opened.plaintext, compress::DOCUMENT_BYTES_MAX).map_err(failed(place))
    }

    /// Opens a line of the journal up to the permitting one.
    pub(crate) fn open_line(
        &self,
        keys: &DossierKeys,
        stored: &StoredEntry,
    ) -> Result<Option<(Uuid, JournalEntry)>, StoreError> {
        if stored.seq > self.seq {
            return Ok(None);
        }
        let entry = keys.open_journal(self.dossier, &stored.entry_id, &stored.sealed)?;
        Ok(Some((Uuid::from_bytes(stored.entry_id), entry)))
    }
}
