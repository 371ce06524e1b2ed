//! Why a dossier was closed. One code was seen in the DMP's messages (TD1.4); the code of a death was not, ours
//! is marked provisional until SEL-MP-037 is at hand.

use crate::concept::{Coded, find};
use crate::oid::{CLOSURE, CodeSystem};

/// A reason of closure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosureReason {
    /// The DMP's code, as HL7 v3 messages carry it.
    pub code: &'static str,
    /// Its system.
    pub system: &'static CodeSystem,
    /// The code of the extension `dmp-fermeture` of PDSM4DMP, which is another one.
    pub fhir_code: &'static str,
    /// Label.
    pub label: &'static str,
    /// True when the code is ours.
    pub provisional: bool,
}

/// The patient asked for it.
pub const PATIENT_REQUEST: &str = "FERMETURE_DEMANDE_PATIENT";
/// The patient died.
pub const DEATH: &str = "FERMETURE_DECES";

impl ClosureReason {
    /// The reason with that code of the DMP, or that FHIR code.
    pub fn find(code: &str) -> Option<&'static ClosureReason> {
        find(&REASONS, code).or_else(|| REASONS.iter().find(|reason| reason.fhir_code == code))
    }

    /// Every reason, in order of code.
    pub fn all() -> &'static [ClosureReason] {
        &REASONS
    }
}

impl Coded for ClosureReason {
    fn key(&self) -> &'static str {
        self.code
    }
}

static REASONS: [ClosureReason; 2] = [
    ClosureReason {
        code: DEATH,
        system: &CLOSURE,
        fhir_code: "deces",
        label: "Décès du patient",
        provisional: true,
    },
    ClosureReason {
        code: PATIENT_REQUEST,
        system: &CLOSURE,
        fhir_code: "patient-demande",
        label: "Demande du patient",
        provisional: false,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_found_by_either_code() {
        for (code, found) in [
            (PATIENT_REQUEST, Some((PATIENT_REQUEST, false))),
            ("patient-demande", Some((PATIENT_REQUEST, false))),
            (DEATH, Some((DEATH, true))),
            ("deces", Some((DEATH, true))),
            ("FERMETURE", None),
            ("", None),
        ] {
            assert_eq!(ClosureReason::find(code).map(|r| (r.code, r.provisional)), found, "{code}");
        }
    }
}
