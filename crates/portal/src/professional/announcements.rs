//! Documents that wait for their announcement (ux.md C16): whoever reads the dossier sees until when, and may end it.

use dmp_dossier::{Availability, SeenDocument};

use crate::french;
use crate::open::Open;
use crate::people;
use crate::timeline;

/// A document the patient does not see yet.
pub(crate) struct Pending {
    /// Where it is made visible.
    pub(crate) announce: String,
    /// The document.
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) by: String,
    /// When it opens at the latest.
    pub(crate) until: String,
}

/// Those of the documents that were seen, the first due first.
pub(crate) fn pending(seen: &[SeenDocument], open: &Open) -> Vec<Pending> {
    let mut waiting: Vec<&SeenDocument> = seen
        .iter()
        .filter(|s| s.entry.is_hidden_from_patient(open.now))
        .filter(|s| matches!(s.entry.status, Availability::Approved | Availability::Archived))
        .collect();
    waiting.sort_by_key(|s| s.entry.release_at);
    waiting
        .into_iter()
        .map(|s| Pending {
            announce: format!("{}/depot/{}/annoncer", open.address, s.entry.lid),
            href: format!("{}/document/{}", open.address, s.entry.lid),
            name: timeline::name(&s.entry).plain,
            by: s
                .entry
                .metadata
                .authors
                .first()
                .map_or(String::new(), |a| people::author_name(a, open.reader)),
            until: s.entry.release_at.map_or(String::new(), french::day),
        })
        .collect()
}
