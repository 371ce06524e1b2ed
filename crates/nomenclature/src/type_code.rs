//! typeCode: what kind of document it is (JDV_J66-TypeCode-DMP), in the official words and in plain French.
//!
//! JDV_J66 has 108 codes: 107 kinds of documents, and `E1762` for the signature of a lot ([`SIGNATURE`]), which
//! no document carries and which is therefore not found by [`TypeCode::find`]. The class of a type is that of
//! ASS_X16. Six types are newer than ASS_X16 and marked [`ClassSource::Provisional`]: five have the class of
//! the CI-SIS table ASS_X04 (2024-04-26), `101881-1` (*Carte d'implant*), which has none, is put with the
//! certificates. Old documents carry sixteen types that left the value sets: they are read, filtered and named
//! like the others, and refused at deposit outside the historic profile. `29274-8` (*Mesures de signes vitaux*),
//! given as retired in some lists, is in JDV_J66 and ASS_X16: it is current here.
//!
//! The six codes of JDV_J07 that the DMP does not take (`PIECE-IDENTITE`, `FEUILLE-DE-STYLE`, `FICHE-CONTACTS`,
//! `EXPORT_DUI`, `51851-4`, `56446-8`) are unknown here.

mod table;

use crate::class_code::ClassCode;
use crate::concept::{Coded, find, position};
use crate::oid::{A05, A12, CodeSystem, LOINC};

/// Whether a type may still be deposited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// In JDV_J66.
    Current,
    /// Left the value sets; only old documents carry it.
    Retired,
}

/// Where the class of a type comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClassSource {
    /// ASS_X16 (ASS_X04 for retired types).
    Official,
    /// Not in ASS_X16 yet.
    Provisional,
}

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeCode {
    /// The code.
    pub code: &'static str,
    /// LOINC, or TRE_A05 where LOINC has none.
    pub system: &'static CodeSystem,
    /// Official label, for professionals.
    pub label: &'static str,
    /// Label for patients, in everyday words.
    pub plain: &'static str,
    /// classCode.
    pub class: &'static str,
    /// Where that class comes from.
    pub class_source: ClassSource,
    /// Whether it may still be deposited.
    pub status: Status,
    /// For a retired type, the current type that took its place, where one did.
    pub replaced_by: Option<&'static str>,
}

/// typeCode of the XAdES signature of a lot: kept with the lot, listed to nobody.
pub static SIGNATURE: TypeCode = TypeCode {
    system: &A12,
    ..loinc("E1762", crate::class_code::SIGNATURE_CODE, "Full Document", "Signature électronique d'un envoi")
};

impl TypeCode {
    /// The type with that code, current or retired.
    pub fn find(code: &str) -> Option<&'static TypeCode> {
        find(&table::TYPES, code)
    }

    /// Every type, current and retired, in order of code.
    pub fn all() -> &'static [TypeCode] {
        &table::TYPES
    }

    /// The types that may be deposited today, in order of code.
    pub fn current() -> impl Iterator<Item = &'static TypeCode> {
        table::TYPES.iter().filter(|t| t.is_current())
    }

    /// True when the type may be deposited today.
    pub fn is_current(&self) -> bool {
        self.status == Status::Current
    }

    /// The class of the type.
    pub fn class(&self) -> &'static ClassCode {
        ClassCode::find(self.class).expect("the class of every type is in the class table (tested)")
    }

    /// Position of a code in [`Self::all`].
    pub(crate) fn position(code: &str) -> Option<usize> {
        position(&table::TYPES, code)
    }

    const fn provisional(mut self) -> Self {
        self.class_source = ClassSource::Provisional;
        self
    }

    const fn retired(mut self, replaced_by: Option<&'static str>) -> Self {
        self.status = Status::Retired;
        self.replaced_by = replaced_by;
        self
    }
}

impl Coded for TypeCode {
    fn key(&self) -> &'static str {
        self.code
    }
}

const fn loinc(
    code: &'static str,
    class: &'static str,
    label: &'static str,
    plain: &'static str,
) -> TypeCode {
    TypeCode {
        code,
        system: &LOINC,
        label,
        plain,
        class,
        class_source: ClassSource::Official,
        status: Status::Current,
        replaced_by: None,
    }
}

const fn ans(code: &'static str, class: &'static str, label: &'static str, plain: &'static str) -> TypeCode {
    TypeCode { system: &A05, ..loinc(code, class, label, plain) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn there_are_107_document_types_the_signature_and_16_retired_ones() {
        assert_eq!(TypeCode::current().count(), 107);
        assert_eq!(TypeCode::all().len() - TypeCode::current().count(), 16);
        assert!(TypeCode::find(SIGNATURE.code).is_none());
        assert_eq!(SIGNATURE.class().label, "Digital Signature");
    }

    #[test]
    fn every_type_has_a_class_that_a_document_may_have() {
        for t in TypeCode::all() {
            assert!(!["99", SIGNATURE.class].contains(&t.class().code), "{}", t.code);
            assert!(t.class().in_dmp, "{}", t.code);
        }
    }

    #[test]
    fn the_types_without_an_official_class_are_these() {
        let provisional: Vec<_> = TypeCode::all()
            .iter()
            .filter(|t| t.class_source == ClassSource::Provisional)
            .map(|t| (t.code, t.class))
            .collect();
        assert_eq!(
            provisional,
            [
                ("101881-1", "52"),
                ("28617-9", "10"),
                ("34120-6", "10"),
                ("60280-5", "11"),
                ("78341-5", "11"),
                ("89233-1", "10")
            ]
        );
    }

    #[test]
    fn retired_types_are_found_and_told_from_the_current_ones() {
        for (code, found) in [
            ("11490-0", Some((Status::Current, None))),
            ("29274-8", Some((Status::Current, None))),
            ("11493-4", Some((Status::Retired, Some("34112-3")))),
            ("39256-3", Some((Status::Retired, None))),
            ("DOCPAT10", Some((Status::Retired, Some("AUTORIS-SOINS")))),
            ("E1762", None),
            ("FEUILLE-DE-STYLE", None),
            ("EXPORT_DUI", None),
            ("remb", None),
            ("11490-00", None),
            ("", None),
        ] {
            assert_eq!(TypeCode::find(code).map(|t| (t.status, t.replaced_by)), found, "{code}");
        }
        for t in TypeCode::all() {
            let successor = t.replaced_by.map(|code| TypeCode::find(code).expect("a successor exists"));
            assert!(successor.is_none_or(TypeCode::is_current), "{}", t.code);
            assert!(t.status == Status::Retired || successor.is_none(), "{}", t.code);
        }
    }

    /// ux.md 3.13: everyday words; a patient tells two documents apart by their name.
    #[test]
    fn plain_labels_are_short_distinct_and_without_jargon() {
        let mut seen = BTreeSet::new();
        for t in TypeCode::all() {
            assert!(seen.insert(t.plain), "{}: `{}` twice", t.code, t.plain);
            assert!((8..=60).contains(&t.plain.chars().count()), "{}: `{}`", t.code, t.plain);
            for jargon in ["CR ", "habilitation", "alimentation", "dispensation", "INS", "LOINC", "épicrise"]
            {
                assert!(!t.plain.contains(jargon), "{}: `{}`", t.code, t.plain);
            }
            assert!(t.plain.starts_with(char::is_uppercase), "{}: `{}`", t.code, t.plain);
        }
        assert_eq!(TypeCode::find("11490-0").map(|t| t.plain), Some("Lettre de sortie d'hôpital"));
    }
}
