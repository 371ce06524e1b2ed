//! confidentialityCode: how confidential a document is (HL7) and whom it is hidden from (TRE_A07). A document has
//! one code of the first kind, first in its list, then those of the second (JDV_J08; JDV_J58 for the DMP).

use crate::concept::{Concept, ValueSet};
use crate::oid::{A07, CONFIDENTIALITY};

/// `N`: no restriction beyond the rules.
pub const NORMAL: Concept = Concept::new("N", &CONFIDENTIALITY, "Normal");
/// `R`.
pub const RESTRICTED: Concept = Concept::new("R", &CONFIDENTIALITY, "Restreint");
/// `V`.
pub const VERY_RESTRICTED: Concept = Concept::new("V", &CONFIDENTIALITY, "Très restreint");
/// Masked to professionals by the patient; its author and the *médecins traitants* still see it.
pub const MASQUE_PS: Concept = Concept::new("MASQUE_PS", &A07, "Masqué aux professionnels de santé");
/// Hidden from the patient until it is announced; hidden from representatives with it.
pub const INVISIBLE_PATIENT: Concept = Concept::new("INVISIBLE_PATIENT", &A07, "Non visible par le patient");
/// Hidden from the representatives of a minor.
pub const INVISIBLE_REPRESENTANTS_LEGAUX: Concept = Concept::new(
    "INVISIBLE_REPRESENTANTS_LEGAUX",
    &A07,
    "Non visible par les représentants légaux du patient",
);

/// The six codes, of both systems.
pub static CODES: ValueSet = ValueSet {
    name: "JDV_J08-XdsConfidentialityCode-CISIS",
    oid: "1.2.250.1.213.1.1.5.463",
    edition: "TestContenuCDA 3.0 2025-02",
    concepts: &[
        INVISIBLE_PATIENT,
        INVISIBLE_REPRESENTANTS_LEGAUX,
        MASQUE_PS,
        NORMAL,
        RESTRICTED,
        VERY_RESTRICTED,
    ],
};

/// True for the codes that hide a document from someone, false for `N`, `R` and `V`.
pub fn is_visibility(concept: &Concept) -> bool {
    concept.system == &A07
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_codes_are_those_of_the_value_set() {
        for (concept, visibility) in [
            (&NORMAL, false),
            (&RESTRICTED, false),
            (&VERY_RESTRICTED, false),
            (&MASQUE_PS, true),
            (&INVISIBLE_PATIENT, true),
            (&INVISIBLE_REPRESENTANTS_LEGAUX, true),
        ] {
            assert_eq!(CODES.find(concept.code), Some(concept));
            assert_eq!(is_visibility(concept), visibility, "{}", concept.code);
        }
        assert!(CODES.find("U").is_none());
    }
}
