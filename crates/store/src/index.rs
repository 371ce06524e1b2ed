//! Blind indexes: from a grantee, or a name and a birth, to the dossiers that may be meant.
//!
//! The database sees HMACs under an index key of the custody, as for locators. An index is a hint and not a source:
//! whoever reads it loads each dossier and has it decided. Rows are written in the commit of what they tell; those of a
//! former name stay, those of a grantee carry the time of the last act on the grant.

use crate::api::StoreError;
use crate::engine::{IndexKey, IndexRow, RecordKey};
use crate::error::failed;
use crate::locator::index_versions;
use crate::store::Inner;
use dmp_dossier::candidate::{family_names, normalised};
use dmp_dossier::{BirthSought, Case, Dossier, Grantee, Identity, TraitsSought};
use dmp_keys::KeyCustody;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Kinds of indexed values, after those of locators.
const GRANTEE: u8 = 6;
const TRAITS: u8 = 7;
const RECORD_OWNER: u8 = 8;
const RECORD: u8 = 9;
const REVIEWED: u8 = 10;

/// Dossiers indexed in one transaction.
const AT_ONCE: u32 = 500;

/// Computes the rows of the indexes.
pub(crate) struct Indexes {
    custody: Arc<dyn KeyCustody>,
    /// Newest first.
    versions: Vec<u32>,
}

impl Indexes {
    pub(crate) fn new(custody: Arc<dyn KeyCustody>) -> Self {
        let versions = index_versions(custody.as_ref());
        Indexes { custody, versions }
    }

    /// Where the dossiers that name one of these grantees are, under every index key.
    pub(crate) fn of_grantees(&self, grantees: &[Grantee]) -> Result<Vec<IndexKey>, StoreError> {
        let values = grantees.iter().map(grantee_value);
        self.under(&self.versions, GRANTEE, values)
    }

    /// Where the dossiers of patients of that name and birth are, under every index key.
    pub(crate) fn of_sought(&self, sought: &TraitsSought) -> Result<Vec<IndexKey>, StoreError> {
        let birth = match &sought.birth {
            BirthSought::Date(date) => date.clone(),
            BirthSought::Year(year) => format!("{year:04}"),
        };
        let value = traits_value(&normalised(&sought.family), &birth);
        self.under(&self.versions, TRAITS, std::iter::once(value))
    }

    /// Where the dossiers with a case of that structure are, under every index key.
    pub(crate) fn of_reviewed(&self, structure: &str) -> Result<Vec<IndexKey>, StoreError> {
        reviewed_keys(self.custody.as_ref(), &self.versions, structure)
    }

    /// Where the records of an owner are on a shelf, under every index key, newest first.
    pub(crate) fn of_owner(&self, shelf: u8, owner: &str) -> Result<Vec<IndexKey>, StoreError> {
        owner_keys(self.custody.as_ref(), &self.versions, shelf, owner)
    }

    /// Where one record is, under every index key, newest first.
    pub(crate) fn of_record(&self, shelf: u8, owner: &str, id: &str) -> Result<Vec<RecordKey>, StoreError> {
        record_keys(self.custody.as_ref(), &self.versions, shelf, owner, id)
    }

    /// What a change of a dossier adds to the indexes, under the newest key.
    pub(crate) fn new_rows(&self, before: &Dossier, after: &Dossier) -> Result<Vec<IndexRow>, StoreError> {
        if Arc::ptr_eq(&before.state, &after.state) {
            return Ok(Vec::new());
        }
        let newest = &self.versions[..1];
        let mut rows = Vec::new();
        for grant in &after.state.rights.grants {
            let known = before.state.rights.grant(&grant.who);
            if known.is_none_or(|known| known.last_act != grant.last_act) {
                let keys = self.under(newest, GRANTEE, std::iter::once(grantee_value(&grant.who)))?;
                let changed_at_ms = grant.last_act.millis();
                rows.extend(keys.into_iter().map(|key| IndexRow::Grant { key, changed_at_ms }));
            }
        }
        let known = before.identity().map(traits_values).unwrap_or_default();
        let traits = after.identity().map(traits_values).unwrap_or_default();
        let new = traits.into_iter().filter(|value| !known.contains(value));
        rows.extend(self.under(newest, TRAITS, new)?.into_iter().map(|key| IndexRow::Trait { key }));
        let known = reviewed(&before.state.cases);
        for (structure, seen) in reviewed(&after.state.cases) {
            if known.get(structure) != Some(&seen) {
                let keys = self.under(newest, REVIEWED, std::iter::once(structure.as_bytes().to_vec()))?;
                let Reviewed { open, changed_at_ms } = seen;
                rows.extend(keys.into_iter().map(|key| IndexRow::Case { key, open, changed_at_ms }));
            }
        }
        Ok(rows)
    }

    fn under(
        &self,
        versions: &[u32],
        kind: u8,
        values: impl Iterator<Item = Vec<u8>>,
    ) -> Result<Vec<IndexKey>, StoreError> {
        let mut keys = Vec::new();
        for value in values {
            keys.extend(index_keys(self.custody.as_ref(), versions, kind, &value)?);
        }
        Ok(keys)
    }
}

/// The keys a grantee has under each of these index keys.
pub(crate) fn grantee_keys(
    custody: &dyn KeyCustody,
    versions: &[u32],
    who: &Grantee,
) -> Result<Vec<IndexKey>, StoreError> {
    index_keys(custody, versions, GRANTEE, &grantee_value(who))
}

/// The keys each name and birth of an identity has under each of these index keys.
pub(crate) fn traits_keys(
    custody: &dyn KeyCustody,
    versions: &[u32],
    identity: &Identity,
) -> Result<Vec<Vec<IndexKey>>, StoreError> {
    traits_values(identity).iter().map(|value| index_keys(custody, versions, TRAITS, value)).collect()
}

fn owner_keys(
    custody: &dyn KeyCustody,
    versions: &[u32],
    shelf: u8,
    owner: &str,
) -> Result<Vec<IndexKey>, StoreError> {
    // The same owner on two shelves is two owners for who reads the database.
    let value = [&[shelf], owner.as_bytes()].concat();
    index_keys(custody, versions, RECORD_OWNER, &value)
}

/// What the index of cases says of a structure, for one dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reviewed {
    /// A case waits for an answer.
    pub(crate) open: bool,
    /// Last opening or answer.
    pub(crate) changed_at_ms: i64,
}

/// The structures of cases, and what the index says of each.
pub(crate) fn reviewed(cases: &[Case]) -> BTreeMap<&str, Reviewed> {
    let mut structures = BTreeMap::new();
    for case in cases {
        let Some(structure) = case.who.structure.as_deref() else { continue };
        let changed_at = case.answer.as_ref().map_or(case.opened, |answer| answer.at);
        let seen = structures
            .entry(structure)
            .or_insert(Reviewed { open: false, changed_at_ms: changed_at.millis() });
        seen.open |= case.answer.is_none();
        seen.changed_at_ms = seen.changed_at_ms.max(changed_at.millis());
    }
    structures
}

/// The keys a structure has in the index of cases, under each of these index keys.
pub(crate) fn reviewed_keys(
    custody: &dyn KeyCustody,
    versions: &[u32],
    structure: &str,
) -> Result<Vec<IndexKey>, StoreError> {
    index_keys(custody, versions, REVIEWED, structure.as_bytes())
}

/// The keys a record has under each of these index keys.
pub(crate) fn record_keys(
    custody: &dyn KeyCustody,
    versions: &[u32],
    shelf: u8,
    owner: &str,
    id: &str,
) -> Result<Vec<RecordKey>, StoreError> {
    // The length keeps owner and identifier apart.
    let length = (owner.len() as u64).to_le_bytes();
    let value = [&[shelf], &length[..], owner.as_bytes(), id.as_bytes()].concat();
    let records = index_keys(custody, versions, RECORD, &value)?;
    let owners = owner_keys(custody, versions, shelf, owner)?;
    Ok(owners
        .into_iter()
        .zip(records)
        .map(|(owner, record)| RecordKey {
            shelf,
            owner: owner.hmac,
            record: record.hmac,
            key_version: record.key_version,
        })
        .collect())
}

fn index_keys(
    custody: &dyn KeyCustody,
    versions: &[u32],
    kind: u8,
    value: &[u8],
) -> Result<Vec<IndexKey>, StoreError> {
    versions
        .iter()
        .map(|&key_version| {
            let index = custody.index_under(key_version, kind, value).map_err(failed("index key"))?;
            let hmac = *index.first_chunk().expect("an HMAC-SHA-256 has 32 bytes");
            Ok(IndexKey { hmac, key_version })
        })
        .collect()
}

fn grantee_value(who: &Grantee) -> Vec<u8> {
    let kind = match who {
        Grantee::Professional(_) => "ps",
        Grantee::Structure(_) => "structure",
    };
    format!("{kind}|{}", who.id()).into_bytes()
}

/// Each family name with the whole date, and with the year.
fn traits_values(identity: &Identity) -> Vec<Vec<u8>> {
    let date = identity.traits.birth_date.as_str();
    let births = [Some(date), date.get(..4)];
    let names = family_names(&identity.traits);
    names
        .iter()
        .flat_map(|name| births.into_iter().flatten().map(|birth| traits_value(name, birth)))
        .collect()
}

fn traits_value(family: &str, birth: &str) -> Vec<u8> {
    format!("{family}|{birth}").into_bytes()
}

/// Indexes the dossiers of before the indexes, some at a time; goes on where it stopped.
pub(crate) async fn reindex(store: &Inner) -> Result<(), StoreError> {
    loop {
        let dossiers = store.engine.unindexed(AT_ONCE).await?;
        if dossiers.is_empty() {
            return Ok(());
        }
        let mut rows = Vec::with_capacity(dossiers.len());
        for id in dossiers {
            let of_dossier = match store.load(id).await? {
                Some(loaded) => store.indexes.new_rows(&Dossier::unopened(id), loaded.dossier())?,
                None => Vec::new(),
            };
            rows.push((id, of_dossier));
        }
        store.engine.index(rows).await?;
    }
}
