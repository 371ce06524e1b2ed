//! *Savoir-faire* (R01): specialities and qualifications, compulsory for doctors.
//!
//! The 244 of JDV_J65-SubjectRole-DMP, and 81 newer ones that document headers carry (JDV_J01).

mod table;

use crate::concept::{self, Concept};
use crate::oid::R01;

/// Every speciality, in order of code.
pub static SPECIALITIES: &[Concept] = &table::SPECIALITIES;

/// The speciality with that code.
pub fn find(code: &str) -> Option<&'static Concept> {
    concept::find(SPECIALITIES, code)
}

/// Label for pages: the official one without the abbreviation of its kind, `Cardiologie et maladies vasculaires`.
pub fn plain(speciality: &Concept) -> &'static str {
    match speciality.label.rsplit_once(" (") {
        Some((before, kind)) if kind.trim_end_matches(')').bytes().all(|b| b.is_ascii_uppercase()) => before,
        _ => speciality.label,
    }
}

/// True for the specialities of occupational medicine (*médecine du travail*): who has one feeds the DMP and
/// reads its metadata, never a content (PDT-INF-526). `CAPA11` is a diploma any doctor may hold beside another
/// practice: not counted.
pub fn is_occupational(code: &str) -> bool {
    matches!(code, "SM25" | "SCH35" | "C41")
}

const fn r01(code: &'static str, label: &'static str) -> Concept {
    Concept::new(code, &R01, label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speciality_is_found_named_and_known_to_be_occupational_or_not() {
        for (code, label, occupational) in [
            ("SM26", Some("Qualifié en médecine générale"), false),
            ("SM25", Some("Médecine du travail"), true),
            ("SCH35", Some("Médecine du travail"), true),
            ("C41", Some("Médecine du travail"), true),
            ("SM22", Some("Hématologie option Maladie du sang"), false),
            ("SM68", Some("Chirurgie maxillo-faciale (réforme 2017)"), false),
            ("CAPA11", Some("Médecine de santé au travail et prévention des risques professionnels"), false),
            ("SI05", Some("Exercice infirmier en pratique avancée urgences"), false),
            ("FQ01", Some("Expérience prat. art. R.5124-16 du CSP Fabricant"), false),
            ("SM999", None, false),
        ] {
            assert_eq!(find(code).map(plain), label, "{code}");
            assert_eq!(is_occupational(code), occupational, "{code}");
        }
    }

    #[test]
    fn every_occupational_speciality_says_so_in_its_label() {
        for s in SPECIALITIES {
            assert_eq!(is_occupational(s.code), s.label.starts_with("Médecine du travail"), "{}", s.code);
        }
    }
}
