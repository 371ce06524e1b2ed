//! Who writes and reads: professions, students, roles, and the authors that are no persons.
//!
//! One key for all of them, used by the matrix and by actors: the code of its system, except that a profession
//! in training (G16) is written `G16_10`. Its bare code is the one of the full profession (G15), so that a
//! student read by the bare code would have a doctor's rights: [`Profession::in_system`] makes the key from a
//! VIHF or a token, [`AuthorSpecialty::parse`] from a CDA header.
//!
//! Sources: JDV_J65-SubjectRole-DMP (G15, R01, G05), JDV_J01 (G16, R85 beyond JDV_J48, special authors),
//! JDV_J48 (R85, R94, R95). Labels for pages are ours.

mod table;

use crate::concept::{Coded, Concept, ValueSet, find};
use crate::oid::{A00, CodeSystem, G05, G15, G16, R85, R94, R95};
use crate::speciality;

/// What a profession is to the access rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A health profession (G15): reads what its row of the matrix opens.
    HealthProfessional,
    /// In training: reads nothing.
    Student,
    /// Social and medico-social professions, users of a title, roles in care (*professions à rôle*): rows held
    /// back since 2023.
    SocialSector,
    /// Works for a structure without taking part in care: feeds for it, reads nothing.
    Support,
    /// Not a person: the insurer's feed, a device, the patient's own expression.
    Special,
}

/// A profession, a role, or an author that is no person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profession {
    /// The key: the code of the system, `G16_` before it for students.
    pub key: &'static str,
    /// Its system.
    pub system: &'static CodeSystem,
    /// Official label.
    pub label: &'static str,
    /// Short label for pages.
    pub plain: &'static str,
    /// What it is to the access rules.
    pub kind: Kind,
}

impl Profession {
    /// The profession with that key.
    pub fn find(key: &str) -> Option<&'static Profession> {
        find(&table::PROFESSIONS, key)
    }

    /// The profession of a code in a system (OID), as a VIHF role or a token gives it.
    pub fn in_system(system_oid: &str, code: &str) -> Option<&'static Profession> {
        let found = if system_oid == G16.oid {
            table::PROFESSIONS.iter().find(|row| row.system == &G16 && row.code() == code)
        } else {
            Profession::find(code)
        };
        found.filter(|row| row.system.oid == system_oid)
    }

    /// Every profession, in order of key.
    pub fn all() -> &'static [Profession] {
        &table::PROFESSIONS
    }

    /// The code its system knows, without the prefix of students.
    pub fn code(&self) -> &'static str {
        self.key.strip_prefix("G16_").unwrap_or(self.key)
    }
}

impl Coded for Profession {
    fn key(&self) -> &'static str {
        self.key
    }
}

/// Sections of the order of pharmacists (G05), which qualify a pharmacist as a speciality does a doctor.
pub static PHARMACIST_SECTIONS: ValueSet = ValueSet {
    name: "JDV_J65-SubjectRole-DMP, TRE_G05",
    oid: "1.2.250.1.213.1.1.5.470",
    edition: "2020-04-24",
    concepts: &SECTIONS,
};

/// An author's profession and qualification, from the composed code of TRE_A02 (`G15_10/SM26`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthorSpecialty {
    /// The profession.
    pub profession: &'static Profession,
    /// Speciality (R01) or pharmacist section (G05); `None` when there is none or it is not known here.
    pub qualification: Option<&'static Concept>,
}

impl AuthorSpecialty {
    /// Reads an authorSpecialty or the code of a CDA author (JDV_J01): `G15_10/SM26`, `G15_21/A`, `G16_10`,
    /// `93`, `EXP_PATIENT`. A speciality newer than our tables leaves the profession; `None` when the profession
    /// is unknown.
    pub fn parse(code: &str) -> Option<AuthorSpecialty> {
        let (profession, qualification) = code.split_once('/').map_or((code, None), |(p, q)| (p, Some(q)));
        let profession = match profession.strip_prefix("G15_") {
            Some(bare) => Profession::in_system(G15.oid, bare)?,
            // A bare G15 code is no authorSpecialty: `10` alone would not say doctor or student.
            None => Profession::find(profession).filter(|found| found.system != &G15)?,
        };
        let qualification =
            qualification.and_then(|code| speciality::find(code).or_else(|| PHARMACIST_SECTIONS.find(code)));
        Some(AuthorSpecialty { profession, qualification })
    }
}

const fn g15(key: &'static str, label: &'static str, plain: &'static str) -> Profession {
    Profession { key, system: &G15, label, plain, kind: Kind::HealthProfessional }
}

const fn g16(key: &'static str, label: &'static str, plain: &'static str) -> Profession {
    Profession { system: &G16, kind: Kind::Student, ..g15(key, label, plain) }
}

const fn a00(key: &'static str, label: &'static str, plain: &'static str) -> Profession {
    Profession { system: &A00, kind: Kind::Special, ..g15(key, label, plain) }
}

const fn r85(key: &'static str, label: &'static str, plain: &'static str, kind: Kind) -> Profession {
    Profession { system: &R85, kind, ..g15(key, label, plain) }
}

const fn r94(key: &'static str, label: &'static str, plain: &'static str, kind: Kind) -> Profession {
    Profession { system: &R94, kind, ..g15(key, label, plain) }
}

const fn r95(key: &'static str, label: &'static str, plain: &'static str, kind: Kind) -> Profession {
    Profession { system: &R95, kind, ..g15(key, label, plain) }
}

const fn g05(code: &'static str, label: &'static str) -> Concept {
    Concept::new(code, &G05, label)
}

#[rustfmt::skip] // one row, one line
static SECTIONS: [Concept; 16] = [
    g05("A", "Pharmacien titulaire d'officine"),
    g05("B", "Pharmacien d'entreprise - industrie"),
    g05("C", "Pharmacien d'entreprise - distribution"),
    g05("D", "Pharmacien adjoint, remplaçant ou gérant"),
    g05("DA", "Pharmacien adjoint"),
    g05("DM", "Pharmacien mutualiste ou minier"),
    g05("E", "Pharmacien d'Outre-Mer"),
    g05("EA", "Pharmacien titulaire d'officine - OM"),
    g05("EB", "Pharmacien d'entreprise - industrie - OM"),
    g05("EC", "Pharmacien d'entreprise - distribution - OM"),
    g05("ED", "Pharmacien adjoint - OM"),
    g05("EG", "Pharmacien biologiste - OM"),
    g05("EH", "Pharmacien d'établissement de santé - OM"),
    g05("G", "Pharmacien biologiste"),
    g05("H", "Pharmacien d'établissement de santé"),
    g05("M", "Pharmacien militaire"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_student_is_never_read_as_the_full_profession() {
        for (system, code, key) in [
            ("1.2.250.1.71.1.2.7", "10", Some("10")),
            ("1.2.250.1.71.1.2.8", "10", Some("G16_10")),
            ("1.2.250.1.71.1.2.8", "G16_10", None),
            ("1.2.250.1.71.1.2.8", "60", None),
            ("1.2.250.1.71.1.2.7", "G16_10", None),
            ("1.2.250.1.213.1.6.1.109", "93", Some("93")),
            ("1.2.250.1.71.1.2.7", "93", None),
            ("1.2.250.1.213.1.1.4.6", "ALIM_AM", Some("ALIM_AM")),
            ("1.2.250.1.71.1.2.7", "", None),
            ("", "10", None),
        ] {
            assert_eq!(Profession::in_system(system, code).map(|p| p.key), key, "{system} {code}");
        }
        assert_eq!(Profession::find("G16_10").map(|p| (p.kind, p.code())), Some((Kind::Student, "10")));
    }

    #[test]
    fn an_author_specialty_is_split_into_profession_and_qualification() {
        for (code, parts) in [
            ("G15_10/SM26", Some(("10", Some("SM26")))),
            ("G15_10", Some(("10", None))),
            ("G15_21/A", Some(("21", Some("A")))),
            ("G15_60/SI04", Some(("60", Some("SI04")))),
            ("G16_10", Some(("G16_10", None))),
            ("93", Some(("93", None))),
            ("332", Some(("332", None))),
            ("EXP_PATIENT", Some(("EXP_PATIENT", None))),
            // newer than our tables
            ("G15_10/SM999", Some(("10", None))),
            // a bare G15 code, an unknown profession
            ("10", None),
            ("G15_11", None),
            ("G15_G16_10", None),
            ("", None),
            ("/", None),
        ] {
            let read =
                AuthorSpecialty::parse(code).map(|a| (a.profession.key, a.qualification.map(|q| q.code)));
            assert_eq!(read, parts, "{code}");
        }
    }

    #[test]
    fn every_kind_is_what_its_system_says() {
        for p in Profession::all() {
            let expected: &[Kind] = match p.system.oid {
                oid if oid == G15.oid => &[Kind::HealthProfessional],
                oid if oid == G16.oid => &[Kind::Student],
                oid if oid == A00.oid => &[Kind::Special],
                oid if oid == R85.oid => &[Kind::SocialSector, Kind::Student, Kind::Support],
                _ => &[Kind::SocialSector],
            };
            assert!(expected.contains(&p.kind), "{}", p.key);
            assert!(!p.plain.is_empty() && p.plain.chars().count() <= 45, "{}", p.key);
            assert_eq!(p.key.starts_with("G16_"), p.system == &G16, "{}", p.key);
        }
    }
}
