//! classCode: the group a document is filed under (TRE_A03; JDV_J57-ClassCode-DMP). Deduced from the typeCode,
//! never chosen by the sender (ASS_X16).

use crate::concept::{Coded, find};
use crate::oid::{A03, A10, CodeSystem};

pub(crate) const SIGNATURE_CODE: &str = "urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1";

/// A group of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassCode {
    /// The code.
    pub code: &'static str,
    /// TRE_A03, or URN for the signature.
    pub system: &'static CodeSystem,
    /// Official label.
    pub label: &'static str,
    /// Heading for patients, plural.
    pub plain: &'static str,
    /// False for `99` (*Document technique*), which the DMP does not take.
    pub in_dmp: bool,
}

impl ClassCode {
    /// Class of what patients write themselves; shown apart from the rest (EX_3.1-1040).
    pub const PATIENT: &'static str = "90";

    /// The class with that code.
    pub fn find(code: &str) -> Option<&'static ClassCode> {
        find(&CLASSES, code)
    }

    /// Every class, the signature's included, in order of code.
    pub fn all() -> &'static [ClassCode] {
        &CLASSES
    }
}

impl Coded for ClassCode {
    fn key(&self) -> &'static str {
        self.code
    }
}

const fn class(code: &'static str, label: &'static str, plain: &'static str) -> ClassCode {
    ClassCode { code, system: &A03, label, plain, in_dmp: true }
}

#[rustfmt::skip] // one row, one line
static CLASSES: [ClassCode; 13] = [
    class("10", "Compte rendu", "Comptes rendus et résultats"),
    class("11", "Synthèse", "Résumés de santé"),
    class("31", "Imagerie médicale", "Radios, scanners et autres images"),
    class("42", "Prescription", "Ordonnances"),
    class("43", "Dispensation", "Médicaments et produits remis"),
    class("44", "Plan de soins, protocole de soins", "Programmes de soins"),
    class("45", "Traitement administré", "Médicaments donnés pendant les soins"),
    class("52", "Certificat, déclaration", "Certificats et vaccins"),
    class("60", "Données de remboursement", "Soins remboursés"),
    class("90", "Autres documents déposés par le patient", "Documents du patient"),
    class("95", "Document de gestion", "Papiers administratifs"),
    ClassCode { in_dmp: false, ..class("99", "Document technique", "Documents techniques") },
    ClassCode { system: &A10, ..class(SIGNATURE_CODE, "Digital Signature", "Signatures électroniques") },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_found_by_code() {
        for (code, label) in [
            ("10", Some("Compte rendu")),
            (ClassCode::PATIENT, Some("Autres documents déposés par le patient")),
            ("99", Some("Document technique")),
            ("1", None),
            ("", None),
        ] {
            assert_eq!(ClassCode::find(code).map(|c| c.label), label, "{code}");
        }
        assert_eq!(ClassCode::all().iter().filter(|c| c.in_dmp).count(), 12);
    }
}
