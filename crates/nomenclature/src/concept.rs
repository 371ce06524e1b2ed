//! What a coded value is here, and how one is found: fixed tables ordered by code, binary search, no allocation.

use crate::oid::CodeSystem;

/// One code of a code system, with the label the value set gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concept {
    /// The code, as its system writes it.
    pub code: &'static str,
    /// Its code system: OID for XDS and CDA, URL for FHIR.
    pub system: &'static CodeSystem,
    /// Official French label.
    pub label: &'static str,
}

impl Concept {
    pub(crate) const fn new(code: &'static str, system: &'static CodeSystem, label: &'static str) -> Self {
        Concept { code, system, label }
    }
}

/// A value set restated: its name, its OID, the edition it was taken from, its members.
#[derive(Debug)]
pub struct ValueSet {
    /// Official name, `JDV_J62-PracticeSettingCode-DMP`.
    pub name: &'static str,
    /// OID of the value set itself (not of the code systems of its members).
    pub oid: &'static str,
    /// Version the table was checked against.
    pub edition: &'static str,
    /// Members, in order of code, then of system OID.
    pub concepts: &'static [Concept],
}

impl ValueSet {
    /// The member with that code. Where two systems share a code, the one of the lower OID: ask
    /// [`Self::find_in`] when the system is known.
    pub fn find(&self, code: &str) -> Option<&'static Concept> {
        self.with_code(code).first()
    }

    /// The member with that code in that system (OID).
    pub fn find_in(&self, system_oid: &str, code: &str) -> Option<&'static Concept> {
        self.with_code(code).iter().find(|concept| concept.system.oid == system_oid)
    }

    fn with_code(&self, code: &str) -> &'static [Concept] {
        let start = self.concepts.partition_point(|concept| concept.code < code);
        let rest = &self.concepts[start..];
        &rest[..rest.partition_point(|concept| concept.code == code)]
    }
}

/// A row of a table ordered by code.
pub(crate) trait Coded {
    fn key(&self) -> &'static str;
}

/// Position of a code in a table ordered by code.
pub(crate) fn position<T: Coded>(table: &[T], code: &str) -> Option<usize> {
    table.binary_search_by(|row| row.key().cmp(code)).ok()
}

/// The row of a code in a table ordered by code.
pub(crate) fn find<T: Coded>(table: &'static [T], code: &str) -> Option<&'static T> {
    position(table, code).map(|index| &table[index])
}

impl Coded for Concept {
    fn key(&self) -> &'static str {
        self.code
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oid;
    use crate::{access_mode, author_role, class_code, closure, confidentiality, content_type};
    use crate::{facility, format_code, practice_setting, profession, speciality, type_code};

    /// Binary search is only right on ordered tables without repetition.
    #[test]
    fn every_table_is_in_order_of_code_without_repetition() {
        fn codes<T: Coded>(name: &str, table: &[T]) {
            for pair in table.windows(2) {
                assert!(pair[0].key() < pair[1].key(), "{name}: {}", pair[1].key());
            }
        }
        codes("type_code", type_code::TypeCode::all());
        codes("class_code", class_code::ClassCode::all());
        codes("format_code", format_code::FormatCode::all());
        codes("profession", profession::Profession::all());
        codes("speciality", speciality::SPECIALITIES);
        codes("closure", closure::ClosureReason::all());
        for set in [
            &facility::DMP,
            &facility::CISIS_ONLY,
            &practice_setting::DMP,
            &practice_setting::CISIS_ONLY,
            &confidentiality::CODES,
            &profession::PHARMACIST_SECTIONS,
            &author_role::FUNCTION_CODES,
            &content_type::ACTIVITIES,
            &access_mode::MODES,
        ] {
            for pair in set.concepts.windows(2) {
                let key = |c: &Concept| (c.code, c.system.oid);
                assert!(key(&pair[0]) < key(&pair[1]), "{}: {}", set.name, pair[1].code);
            }
            assert!(oid::is_oid(set.oid), "{}", set.name);
        }
    }

    #[test]
    fn a_code_shared_by_two_systems_is_told_apart_by_its_system() {
        let set = &content_type::ACTIVITIES;
        for (system, label) in [
            (&oid::R209, Some("Hébergement complet ou internat (non compris internat de semaine)")),
            (&oid::R276, Some("Centre postcure")),
            (&oid::LOINC, None),
        ] {
            assert_eq!(set.find_in(system.oid, "11").map(|c| c.label), label);
        }
        assert!(set.find("11").is_some());
        assert!(set.find("1").is_none());
        assert!(set.find("").is_none());
    }
}
