//! Every parameter of the rules, with its default, in one place.

use crate::actor::Channel;
use crate::identity::{Realm, RealmPolicy};
use serde::{Deserialize, Serialize};

/// Who may open a dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreationProfile {
    /// Under the opt-out law (since 2022) nobody opens: dossiers are made for those who did not object, by the
    /// system alone.
    pub opt_out: bool,
    /// Channels in service under the opt-in law.
    pub channels: Vec<Channel>,
}

/// What a deployment decides about the rules. Everything else is in the rules themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters {
    /// Which identities are taken.
    pub realm: RealmPolicy,
    /// How long an authorisation lasts; 365 days (esante.gouv.fr, 14/06/2010: one year, renewable).
    pub authorisation_days: u32,
    /// How long an explicit consent outside the care team lasts: one session; 480 minutes, a working day.
    pub session_minutes: u32,
    /// Announcement delay given to a depositor who sends none; 7 days.
    pub announcement_days: u32,
    /// Longest announcement delay a depositor may ask; 14 days.
    pub announcement_days_max: u32,
    /// Age of majority (`age-majorite`); 18 years.
    pub majority_age_years: u8,
    /// A document may be both masked and hidden from the patient (`cumul-invisible_patient-masque_ps`); false.
    pub cumul: bool,
    /// A visible document may become hidden from the patient without replacement; false.
    pub hide_visible: bool,
    /// Who may open.
    pub creation: CreationProfile,
    /// One author's structure of a lot must be the depositing one; true in service, false in the demo.
    pub author_structure: bool,
    /// Retired typeCodes are taken at deposit; false.
    pub historic: bool,
    /// The rows of the social sector apply; false while the decree is awaited (CE 15/10/2025).
    pub social_sector: bool,
    /// A blocked professional may still feed, and learns nothing of the block; true.
    pub blocked_may_feed: bool,
    /// A structure's certificate may declare the structure authorised (older versions did); false.
    pub structure_declares: bool,
    /// Largest decoded document; 10 MiB.
    pub document_bytes_max: u64,
    /// Most documents in a lot; 10.
    pub lot_documents_max: usize,
    /// Largest lot, decoded; 32 MiB.
    pub lot_bytes_max: u64,
    /// Journal lines another professional than the médecin traitant sees of his own; 365 days.
    pub own_traces_days: u32,
    /// And at most this many; 100.
    pub own_traces_max: usize,
}

impl Default for Parameters {
    fn default() -> Self {
        Parameters {
            realm: RealmPolicy { realm: Realm::Test, accept_production_oid: false },
            authorisation_days: 365,
            session_minutes: 480,
            announcement_days: 7,
            announcement_days_max: 14,
            majority_age_years: 18,
            cumul: false,
            hide_visible: false,
            creation: CreationProfile { opt_out: false, channels: Channel::ALL.to_vec() },
            author_structure: true,
            historic: false,
            social_sector: false,
            blocked_may_feed: true,
            structure_declares: false,
            document_bytes_max: 10 << 20,
            lot_documents_max: 10,
            lot_bytes_max: 32 << 20,
            own_traces_days: 365,
            own_traces_max: 100,
        }
    }
}
