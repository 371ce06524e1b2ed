//! Who the patient is: INS, traits, contact, representatives.
//!
//! Sources: CI-SIS *Référentiel INS*; NIR key per INSEE; SEL-MP-037 for what the DMP keeps.

use crate::time::{Time, age_years};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The OID under which a *matricule INS* was assigned; it tells the realm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum InsOid {
    /// `1.2.250.1.213.1.4.8`, INS-NIR in production.
    Nir,
    /// `1.2.250.1.213.1.4.9`, INS-NIA in production (number of waiting).
    Nia,
    /// `1.2.250.1.213.1.4.10`, test.
    Test,
    /// `1.2.250.1.213.1.4.11`, demonstration.
    Demo,
}

impl InsOid {
    /// The dotted OID.
    pub fn as_str(self) -> &'static str {
        match self {
            InsOid::Nir => "1.2.250.1.213.1.4.8",
            InsOid::Nia => "1.2.250.1.213.1.4.9",
            InsOid::Test => "1.2.250.1.213.1.4.10",
            InsOid::Demo => "1.2.250.1.213.1.4.11",
        }
    }

    /// Reads the dotted OID, with or without `urn:oid:`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("urn:oid:").unwrap_or(text) {
            "1.2.250.1.213.1.4.8" => Some(InsOid::Nir),
            "1.2.250.1.213.1.4.9" => Some(InsOid::Nia),
            "1.2.250.1.213.1.4.10" => Some(InsOid::Test),
            "1.2.250.1.213.1.4.11" => Some(InsOid::Demo),
            _ => None,
        }
    }

    /// The realm this OID belongs to.
    pub fn realm(self) -> Realm {
        match self {
            InsOid::Nir | InsOid::Nia => Realm::Production,
            InsOid::Test | InsOid::Demo => Realm::Test,
        }
    }
}

/// A deployment belongs to one realm and refuses identities of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Realm {
    /// Invented patients only.
    Test,
    /// Real people.
    Production,
}

/// Why a *matricule INS* is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InsError {
    /// Not 15 characters of the NIR alphabet (13 + 2, `2A`/`2B` allowed as department).
    Shape,
    /// The key does not match: `97 - (N mod 97)`.
    Key,
    /// The assigning OID is none of those of the INS.
    Oid,
    /// An identity of the other realm (production on a test deployment, or the reverse).
    Realm,
}

impl InsError {
    /// What was wrong, in a sentence for the sender; never the number itself.
    pub fn says(self) -> &'static str {
        match self {
            InsError::Shape => "le matricule INS doit avoir 15 caractères (13 + clé)",
            InsError::Key => "clé de contrôle du matricule INS fausse",
            InsError::Oid => "autorité d'affectation du matricule INS inconnue",
            InsError::Realm => {
                "identité d'un autre domaine : OID de production sur un domaine de test, ou l'inverse"
            }
        }
    }
}

/// *Matricule INS*: 13 characters and a key of 2 digits, under an OID. A number that exists is valid: it was
/// checked when read. Has no `Display`, and a `Debug` without the number, so that it never lands in a log.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ins {
    value: [u8; 15],
    oid: InsOid,
}

impl Ins {
    /// Reads 15 characters and checks the key: `97 - (N mod 97)` where `N` is the 13 first characters with `2A`
    /// read as 19 and `2B` as 18 (INSEE). Months are not checked: unusual ones exist.
    pub fn parse(value: &str, oid: InsOid) -> Result<Self, InsError> {
        let bytes: [u8; 15] = value.as_bytes().try_into().map_err(|_| InsError::Shape)?;
        let corsica = match &bytes[5..7] {
            b"2A" => Some(*b"19"),
            b"2B" => Some(*b"18"),
            _ => None,
        };
        let mut digits = bytes;
        if let Some(department) = corsica {
            digits[5..7].copy_from_slice(&department);
        }
        if !digits.iter().all(u8::is_ascii_digit) || digits[0] == b'0' {
            return Err(InsError::Shape);
        }
        let number = |part: &[u8]| part.iter().fold(0u64, |n, d| n * 10 + u64::from(d - b'0'));
        if number(&digits[13..]) != 97 - number(&digits[..13]) % 97 {
            return Err(InsError::Key);
        }
        Ok(Ins { value: bytes, oid })
    }

    /// The 15 characters.
    pub fn value(&self) -> &str {
        std::str::from_utf8(&self.value).expect("checked to be ASCII when read")
    }

    /// Its assigning OID.
    pub fn oid(&self) -> InsOid {
        self.oid
    }

    /// `CX` form of XDS metadata: `value^^^&oid&ISO^NH`.
    pub fn to_cx(&self) -> String {
        format!("{}^^^&{}&ISO^NH", self.value(), self.oid.as_str())
    }
}

impl fmt::Debug for Ins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ins(…)")
    }
}

/// Which identities a deployment takes, and how it reads them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RealmPolicy {
    /// The realm of this deployment.
    pub realm: Realm,
    /// Test realm only: an official sample's production OID is read as the test one (`--accept-production-oid`).
    pub accept_production_oid: bool,
}

impl RealmPolicy {
    /// Reads an INS as this deployment takes it: realm first, then shape and key.
    pub fn read(&self, value: &str, oid: &str) -> Result<Ins, InsError> {
        let mut oid = InsOid::parse(oid).ok_or(InsError::Oid)?;
        if oid.realm() != self.realm {
            let tolerated = self.realm == Realm::Test && self.accept_production_oid;
            if !tolerated {
                return Err(InsError::Realm);
            }
            oid = InsOid::Test;
        }
        Ins::parse(value, oid)
    }
}

/// Administrative sex of the traits (`M`, `F`, `U`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Sex {
    /// *Féminin*.
    Female,
    /// *Masculin*.
    Male,
    /// Undetermined (`U`, or FHIR `other`/`unknown`).
    Undetermined,
}

/// The five strict traits of the INS, and the names in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traits {
    /// *Nom de naissance*.
    pub birth_name: String,
    /// *Prénoms de naissance*, the first one first, separated by spaces.
    pub given_names: String,
    /// `YYYYMMDD`, kept as text: lunar dates have day or month `00` or beyond the calendar.
    pub birth_date: String,
    /// Sex of the traits.
    pub sex: Sex,
    /// INSEE code of the birthplace, 5 characters; empty when unknown.
    pub birth_place: String,
    /// *Nom utilisé*, when different from the birth name.
    pub used_name: Option<String>,
    /// *Prénom utilisé*, when different from the first given name.
    pub used_given: Option<String>,
}

impl Traits {
    /// The first given name.
    pub fn first_given(&self) -> &str {
        self.given_names.split_whitespace().next().unwrap_or("")
    }
}

/// How to reach the patient or a representative.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Contact {
    /// Mobile or fixed telephone.
    pub phone: Option<String>,
    /// Electronic mail address.
    pub mail: Option<String>,
    /// Postal address, one line.
    pub address: Option<String>,
}

/// What ties a representative to the patient (JDV_J11 *RelationPatient*, extract).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Relation {
    /// Mother, father, or holder of parental authority: until majority.
    Parent,
    /// *Tuteur* or *curateur* of a protected adult: also after majority.
    Guardian,
}

/// A person who legally acts for the patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Representative {
    /// Stable identity of the person as identity providers give it (an INS, an account); `None` when only the
    /// name is known, then any person authenticated as this patient's representative is taken for them.
    pub person: Option<String>,
    /// Family name.
    pub name: String,
    /// Given name.
    pub given: String,
    /// Tie.
    pub relation: Relation,
    /// How to reach them.
    pub contact: Contact,
    /// From when.
    pub since: Time,
    /// Until when, once ended.
    pub until: Option<Time>,
}

impl Representative {
    /// True when the role is this person's, ended or not.
    pub(crate) fn is_of(&self, person: &str) -> bool {
        self.person.as_deref().is_none_or(|known| known == person)
    }

    /// True when this person may act for the patient at that instant: a parent for a minor, a guardian always.
    pub(crate) fn represents(&self, person: &str, minor: bool, at: Time) -> bool {
        self.is_of(person)
            && self.until.is_none_or(|until| at < until)
            && (minor || self.relation == Relation::Guardian)
    }
}

/// Identity of the patient as the dossier keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Current INS.
    pub ins: Ins,
    /// Former ones, oldest first, with the time they ended: a document or a software may still name them.
    pub ins_history: Vec<(Ins, Time)>,
    /// Traits.
    pub traits: Traits,
    /// How to reach the patient.
    pub contact: Contact,
    /// Date of death, when known.
    pub deceased: Option<Time>,
}

impl Identity {
    /// True when the number is the patient's, today or formerly.
    pub fn has_ins(&self, ins: &Ins) -> bool {
        self.ins == *ins || self.ins_history.iter().any(|(old, _)| old == ins)
    }

    /// True when the patient is under the age of majority. An unreadable birth date counts as an adult's: the
    /// representatives of an unknown age must not read.
    pub fn is_minor(&self, majority_age_years: u8, at: Time) -> bool {
        is_minor(&self.traits, majority_age_years, at)
    }
}

/// See [`Identity::is_minor`].
pub(crate) fn is_minor(traits: &Traits, majority_age_years: u8, at: Time) -> bool {
    age_years(&traits.birth_date, at).is_some_and(|age| age < i32::from(majority_age_years))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_is_checked_and_corsica_is_read() {
        for (value, result) in [
            ("284073523811416", Ok(())),
            ("118033523802725", Ok(())),
            ("279035121518989", Ok(())),
            ("188102B17295165", Ok(())),
            ("207058575627097", Ok(())),
            ("279035121518988", Err(InsError::Key)),
            ("221042545611404", Err(InsError::Key)),
            ("27903512151898", Err(InsError::Shape)),
            ("2790351215189AB", Err(InsError::Shape)),
            ("188102C17295165", Err(InsError::Shape)),
            ("é7903512151898", Err(InsError::Shape)),
        ] {
            assert_eq!(Ins::parse(value, InsOid::Test).map(|_| ()), result, "{value}");
        }
    }

    #[test]
    fn a_deployment_takes_its_realm_only() {
        let strict = RealmPolicy { realm: Realm::Test, accept_production_oid: false };
        let lenient = RealmPolicy { accept_production_oid: true, ..strict };
        let production = RealmPolicy { realm: Realm::Production, accept_production_oid: true };
        let value = "279035121518989";
        for (policy, oid, read) in [
            (strict, "1.2.250.1.213.1.4.10", Ok(InsOid::Test)),
            (strict, "urn:oid:1.2.250.1.213.1.4.11", Ok(InsOid::Demo)),
            (strict, "1.2.250.1.213.1.4.8", Err(InsError::Realm)),
            (lenient, "1.2.250.1.213.1.4.8", Ok(InsOid::Test)),
            (production, "1.2.250.1.213.1.4.8", Ok(InsOid::Nir)),
            (production, "1.2.250.1.213.1.4.9", Ok(InsOid::Nia)),
            (production, "1.2.250.1.213.1.4.10", Err(InsError::Realm)),
            (strict, "1.2.3", Err(InsError::Oid)),
        ] {
            assert_eq!(policy.read(value, oid).map(|ins| ins.oid()), read, "{oid}");
        }
        assert_eq!(strict.read("221042545611404", "1.2.250.1.213.1.4.8"), Err(InsError::Realm));
    }

    #[test]
    fn debug_never_shows_the_number() {
        let ins = Ins::parse("279035121518989", InsOid::Test).unwrap();
        assert_eq!(format!("{ins:?}"), "Ins(…)");
    }
}
