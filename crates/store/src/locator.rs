//! Locators: from an identifier that somebody gives to the dossier that holds it.
//!
//! The database sees HMACs under an index key of the custody, cut to 128 bits: among 2³² locators two values meet with a
//! chance of 2⁻⁶⁵. While the index key rotates, a value is looked up under each version and written under the newest.
//!
//! **Order.** HMACs fall anywhere in the index: each one written is a page of the log. The identifiers that we draw
//! (entryUUID, lid) are UUIDs of version 7, and their locator starts with their 48 bits of time, which the journal tells
//! in clear too; 80 bits of HMAC follow. Those of a group of deposits then share one page.

use crate::api::StoreError;
use crate::engine::{Engine, LocatorKey, NewLocator};
use crate::error::failed;
use dmp_dossier::{DocumentRef, DocumentUid, DossierId, EntryUuid, Ins, Lid, Row};
use dmp_keys::KeyCustody;
use moka::sync::Cache;
use std::sync::Arc;

/// A value that finds a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Locator<'a> {
    /// An INS of the patient, today's or a former one.
    Ins(&'a Ins),
    /// uniqueId of a document or of a submission set: one space of names for both.
    UniqueId(&'a DocumentUid),
    /// entryUUID of a version of metadata.
    Entry(EntryUuid),
    /// lid of a document.
    Lid(Lid),
    /// Login of the patient's access by internet, today's or a former one.
    Login(&'a str),
}

impl<'a> From<&'a DocumentRef> for Locator<'a> {
    fn from(reference: &'a DocumentRef) -> Self {
        match reference {
            DocumentRef::UniqueId(uid) => Locator::UniqueId(uid),
            DocumentRef::Entry(uuid) => Locator::Entry(*uuid),
            DocumentRef::Lid(lid) => Locator::Lid(*lid),
        }
    }
}

impl Locator<'_> {
    /// The number of its kind, part of what is stored.
    fn kind(&self) -> u8 {
        match self {
            Locator::Ins(_) => 1,
            Locator::UniqueId(_) => 2,
            Locator::Entry(_) => 3,
            Locator::Lid(_) => 4,
            Locator::Login(_) => 5,
        }
    }

    /// The bytes that are indexed. An INS was checked and normalised when read.
    fn value(&self) -> Vec<u8> {
        match self {
            Locator::Ins(ins) => format!("{}|{}", ins.oid().as_str(), ins.value()).into_bytes(),
            Locator::UniqueId(uid) => uid.as_str().as_bytes().to_vec(),
            Locator::Login(login) => login.as_bytes().to_vec(),
            Locator::Entry(EntryUuid(uuid)) | Locator::Lid(Lid(uuid)) => uuid.as_bytes().to_vec(),
        }
    }

    /// The time an identifier of ours starts with.
    fn time(&self) -> Option<[u8; 6]> {
        match self {
            Locator::Entry(EntryUuid(uuid)) | Locator::Lid(Lid(uuid)) if uuid.get_version_num() == 7 => {
                uuid.as_bytes().first_chunk().copied()
            }
            _ => None,
        }
    }

    /// True for a value that comes from outside and may be taken; the others are random identifiers of ours.
    fn may_be_taken(&self) -> bool {
        matches!(self, Locator::Ins(_) | Locator::UniqueId(_) | Locator::Login(_))
    }
}

/// Looks values up, through the index keys of the custody.
pub(crate) struct Locators {
    custody: Arc<dyn KeyCustody>,
    /// Newest first.
    versions: Vec<u32>,
    /// A locator, once written, points to its dossier for life.
    known: Cache<LocatorKey, DossierId>,
}

/// About 10 MB of locators.
const KNOWN_MAX: u64 = 100_000;

impl Locators {
    pub(crate) fn new(custody: Arc<dyn KeyCustody>) -> Self {
        let versions = index_versions(custody.as_ref());
        Locators { custody, versions, known: Cache::new(KNOWN_MAX) }
    }

    /// The dossier a value points to.
    pub(crate) async fn find(
        &self,
        engine: &dyn Engine,
        locator: &Locator<'_>,
    ) -> Result<Option<DossierId>, StoreError> {
        let keys = self.keys(locator)?;
        if let Some(dossier) = keys.first().and_then(|newest| self.known.get(newest)) {
            return Ok(Some(dossier));
        }
        let found = engine.locate(&keys).await?;
        if let (Some(dossier), Some(newest)) = (found, keys.first()) {
            self.known.insert(*newest, dossier);
        }
        Ok(found)
    }

    /// The row to write for a value.
    pub(crate) fn new_row(&self, locator: &Locator<'_>) -> Result<NewLocator, StoreError> {
        let may_be_taken = locator.may_be_taken();
        let mut keys =
            self.keys_under(locator, if may_be_taken { &self.versions } else { &self.versions[..1] })?;
        let key = keys.remove(0);
        Ok(NewLocator { key, older: keys, may_be_taken })
    }

    fn keys(&self, locator: &Locator<'_>) -> Result<Vec<LocatorKey>, StoreError> {
        self.keys_under(locator, &self.versions)
    }

    fn keys_under(&self, locator: &Locator<'_>, versions: &[u32]) -> Result<Vec<LocatorKey>, StoreError> {
        locator_keys(self.custody.as_ref(), versions, locator)
    }
}

/// Index key versions of a custody, newest first.
pub(crate) fn index_versions(custody: &dyn KeyCustody) -> Vec<u32> {
    let mut versions = custody.status().index_versions;
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions
}

/// The row a value has under each of these index keys.
pub(crate) fn locator_keys(
    custody: &dyn KeyCustody,
    versions: &[u32],
    locator: &Locator<'_>,
) -> Result<Vec<LocatorKey>, StoreError> {
    let (kind, value) = (locator.kind(), locator.value());
    versions
        .iter()
        .map(|&key_version| {
            let index = custody.index_under(key_version, kind, &value).map_err(failed("index key"))?;
            let mut hmac = [0; 16];
            let time = locator.time();
            let (ordered, rest) = hmac.split_at_mut(time.map_or(0, |time| time.len()));
            ordered.copy_from_slice(time.as_ref().map_or(&[], |time| time));
            rest.copy_from_slice(&index[..rest.len()]);
            Ok(LocatorKey { kind, hmac, key_version })
        })
        .collect()
}

/// Every locator that a row of `entry` has.
pub(crate) fn locators_of(row: &Row) -> Vec<Locator<'_>> {
    match row {
        Row::Document(entry) if entry.version == 1 => vec![
            Locator::UniqueId(&entry.metadata.unique_id),
            Locator::Entry(entry.entry_uuid),
            Locator::Lid(entry.lid),
        ],
        Row::Document(entry) => vec![Locator::Entry(entry.entry_uuid)],
        Row::Set(set) => vec![Locator::UniqueId(&set.metadata.unique_id)],
    }
}
