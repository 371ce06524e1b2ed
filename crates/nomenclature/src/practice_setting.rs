//! practiceSettingCode: the setting of the care the document tells about (JDV_J62).

use crate::concept::{Concept, ValueSet};
use crate::oid::{A00, A01};

/// Values the DMP takes.
pub static DMP: ValueSet = ValueSet {
    name: "JDV_J62-PracticeSettingCode-DMP",
    oid: "1.2.250.1.213.1.1.5.4",
    edition: "2023-09-22",
    concepts: &[
        a01("AMBULATOIRE", "Ambulatoire"),
        a01("AMO", "Organisme d'assurance maladie obligatoire"),
        a01("DEPISTAGE", "Dépistage"),
        a01("ETABLISSEMENT", "Etablissement de santé"),
        Concept::new("EXP_PATIENT", &A00, "Expression personnelle du patient"),
        a01("HAD", "Hospitalisation à domicile"),
        a01("MAD", "Maintien à domicile"),
        a01("PALLIATIF", "Soins palliatifs"),
        a01("SAD", "Soins à domicile"),
        a01("SAMU_SMUR", "SAMU/SMUR"),
        Concept::new("SNR", &A00, "Service numérique référencé"),
    ],
};

/// What JDV_J04 of the CI-SIS has and JDV_J62 has not.
pub static CISIS_ONLY: ValueSet = ValueSet {
    name: "JDV_J04-XdsPracticeSettingCode-CISIS",
    oid: "1.2.250.1.213.1.1.5.467",
    edition: "TestContenuCDA 3.0 2025-02",
    concepts: &[a01("ESSMS", "Etablissement ou Service Social ou Médico-Social")],
};

/// The value with that code, whether the DMP takes it or not.
pub fn find(code: &str) -> Option<&'static Concept> {
    DMP.find(code).or_else(|| CISIS_ONLY.find(code))
}

const fn a01(code: &'static str, label: &'static str) -> Concept {
    Concept::new(code, &A01, label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_found_in_its_own_system() {
        for (code, system) in [
            ("AMBULATOIRE", Some("1.2.250.1.213.1.1.4.9")),
            ("EXP_PATIENT", Some("1.2.250.1.213.1.1.4.6")),
            ("ESSMS", Some("1.2.250.1.213.1.1.4.9")),
            ("SA01", None),
        ] {
            assert_eq!(find(code).map(|c| c.system.oid), system, "{code}");
        }
        assert!(DMP.find("ESSMS").is_none());
    }
}
