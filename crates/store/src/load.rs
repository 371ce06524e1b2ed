//! Loading: locate the dossier of a target, read its rows, open them; and the cache of decoded dossiers.
//!
//! The cache saves decoding, never the permit nor the trace: what is decided on a cached version is appended with that
//! version, and decided again if the dossier moved. Keys and decoded dossiers stay five minutes at most.

use crate::api::{StoreError, Target};
use crate::locator::Locator;
use crate::sealing::DossierKeys;
use crate::store::Inner;
use dmp_dossier::{Availability, Dossier, DossierId, Row, Time};
use moka::sync::Cache;
use std::sync::Arc;
use std::time::Duration;

/// How long keys and decoded dossiers are kept.
const KEPT: Duration = Duration::from_secs(300);
/// Memory for decoded dossiers.
const DOSSIERS_BYTES_MAX: u64 = 256 << 20;
/// Most dossiers whose keys are kept.
const KEYS_MAX: u64 = 20_000;
/// What a decoded row takes, about.
const ROW_BYTES: u32 = 2_048;

/// A dossier, decoded, with what is asked of it at every request.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) dossier: Dossier,
    /// When the next announcement falls due.
    next_release: Option<Time>,
}

impl Decoded {
    fn new(dossier: Dossier) -> Self {
        let next_release = dossier
            .rows
            .iter()
            .filter_map(|row| match row {
                Row::Document(entry)
                    if entry.visibility.hidden_from_patient && entry.status != Availability::Deprecated =>
                {
                    entry.release_at
                }
                _ => None,
            })
            .min();
        Decoded { dossier, next_release }
    }
}

/// A dossier and its keys.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    decoded: Arc<Decoded>,
    pub(crate) keys: Arc<DossierKeys>,
}

impl Loaded {
    pub(crate) fn dossier(&self) -> &Dossier {
        &self.decoded.dossier
    }

    /// True when an announcement may have fallen due.
    pub(crate) fn may_have_due(&self, at: Time) -> bool {
        self.decoded.next_release.is_some_and(|release| release <= at)
    }

    /// A dossier that is not there yet.
    pub(crate) fn unopened(id: DossierId, keys: DossierKeys) -> Self {
        Loaded { decoded: Arc::new(Decoded::new(Dossier::unopened(id))), keys: Arc::new(keys) }
    }
}

/// What is kept in memory.
pub(crate) struct Caches {
    dossiers: Cache<DossierId, Arc<Decoded>>,
    keys: Cache<DossierId, Arc<DossierKeys>>,
}

impl Caches {
    pub(crate) fn new() -> Self {
        let weight = |_: &DossierId, decoded: &Arc<Decoded>| {
            u32::try_from(decoded.dossier.rows.len())
                .unwrap_or(u32::MAX)
                .saturating_add(2)
                .saturating_mul(ROW_BYTES)
        };
        Caches {
            dossiers: Cache::builder()
                .max_capacity(DOSSIERS_BYTES_MAX)
                .weigher(weight)
                .time_to_live(KEPT)
                .build(),
            keys: Cache::builder().max_capacity(KEYS_MAX).time_to_live(KEPT).build(),
        }
    }

    /// Keeps a dossier as a commit left it.
    pub(crate) fn keep(&self, dossier: Dossier, keys: &Arc<DossierKeys>) {
        let id = dossier.id;
        let newer = |kept: Arc<Decoded>| kept.dossier.version > dossier.version;
        if self.dossiers.get(&id).is_some_and(newer) {
            return;
        }
        if dossier.version == 1 {
            self.keys.insert(id, Arc::clone(keys));
        }
        self.dossiers.insert(id, Arc::new(Decoded::new(dossier)));
    }

    /// The dossier is at that version now: what is older is of no use.
    pub(crate) fn moved(&self, id: DossierId, current: u64) {
        if self.dossiers.get(&id).is_some_and(|kept| kept.dossier.version < current) {
            self.dossiers.invalidate(&id);
        }
    }
}

impl Inner {
    /// The dossier a target is about.
    pub(crate) async fn locate(&self, target: &Target) -> Result<Option<DossierId>, StoreError> {
        let engine = self.engine.as_ref();
        match target {
            Target::Patient(ins) => self.locators.find(engine, &Locator::Ins(ins)).await,
            Target::Document(reference) => self.locators.find(engine, &Locator::from(reference)).await,
            Target::Dossier(id) => Ok(Some(*id)),
        }
    }

    /// A dossier, from the cache or from the database.
    pub(crate) async fn load(&self, id: DossierId) -> Result<Option<Loaded>, StoreError> {
        if let (Some(decoded), Some(keys)) = (self.caches.dossiers.get(&id), self.caches.keys.get(&id)) {
            return Ok(Some(Loaded { decoded, keys }));
        }
        let Some(stored) = self.engine.load(id).await? else {
            return Ok(None);
        };
        let keys = match self.caches.keys.get(&id) {
            Some(keys) => keys,
            None => {
                let unwrapped =
                    DossierKeys::unwrap(self.custody.as_ref(), id, &stored.content_key, &stored.journal_key)?;
                let keys = Arc::new(unwrapped);
                self.caches.keys.insert(id, Arc::clone(&keys));
                keys
            }
        };
        let decoded = Arc::new(Decoded::new(keys.open_dossier(id, &stored)?));
        self.caches.dossiers.insert(id, Arc::clone(&decoded));
        Ok(Some(Loaded { decoded, keys }))
    }
}
