//! Access mode of a consultation (TRE_R248): the VIHF's `purposeofuse`, the token's `purpose_of_use`.

use crate::concept::{Concept, ValueSet};
use crate::oid::R248;

/// The ordinary mode.
pub const NORMAL: Concept = Concept::new("normal", &R248, "Accès normal");
/// Emergency declared by the professional, with a reason.
pub const BRIS_DE_GLACE: Concept = Concept::new("bris_de_glace", &R248, "Accès en bris de glace");
/// Medical regulation (SAMU), no reason asked.
pub const CENTRE_15: Concept = Concept::new("centre_15", &R248, "Accès par un centre de régulation médicale");

/// The three modes.
pub static MODES: ValueSet = ValueSet {
    name: "JDV_J38-ModeAcces-CISIS",
    oid: "1.2.250.1.213.1.1.4.336",
    edition: "2024-12-13",
    concepts: &[BRIS_DE_GLACE, CENTRE_15, NORMAL],
};
