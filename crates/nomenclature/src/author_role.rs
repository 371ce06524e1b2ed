//! Author role: in what function the author acted for this patient (JDV_J47, CDA `author/functionCode`).

use crate::concept::{Concept, ValueSet};
use crate::oid::{PARTICIPATION_FUNCTION, R85, R258};

/// The functions an author may have.
pub static FUNCTION_CODES: ValueSet = ValueSet {
    name: "JDV_J47-FunctionCode-CISIS",
    oid: "1.2.250.1.213.1.1.5.124",
    edition: "TestContenuCDA 3.0 2025-02",
    concepts: &[
        Concept::new("330", &R85, "Coordonnateur de parcours"),
        Concept::new("353", &R85, "Membre de l'équipe de soins"),
        Concept::new("ADMPHYS", &PARTICIPATION_FUNCTION, "Responsable de l'admission"),
        Concept::new(
            "ATTPHYS",
            &PARTICIPATION_FUNCTION,
            "Référent - Responsable du patient dans la structure de soins",
        ),
        Concept::new("CORRE", &R258, "Correspondant"),
        Concept::new("DISPHYS", &PARTICIPATION_FUNCTION, "Responsable de la sortie"),
        Concept::new("ES-PREF", &R258, "Etablissement de santé de préférence"),
        Concept::new("ES-REF", &R258, "Etablissement de santé de référence"),
        MEDECIN_TRAITANT,
        Concept::new("PRELV", &R258, "Préleveur"),
    ],
};

/// `PCP`: the *médecin traitant*.
pub const MEDECIN_TRAITANT: Concept = Concept::new("PCP", &PARTICIPATION_FUNCTION, "Médecin traitant");
