//! The composite types of HL7 v2 that XDS metadata borrow: CX, XCN, XON, CXi, and the coded values of the CI-SIS. What is
//! wrong with the number or the name of a person is said without repeating it.
//!
//! Source: ITI TF-3 table 4.2.3.1.7-2; HL7 v2.5 2.7 (escapes); PDSM4DMP, `PSIdNat` and `StructIdNat`.

use super::Wrong;
use dmp_dossier::code::is_oid;
use dmp_dossier::{
    AuthorId, Code, Dtm, Ins, InsError, Institution, Person, PsId, RealmPolicy, ReferenceId, StructureId,
};
use std::borrow::Cow;

/// Form of a CX, for its reader.
pub const CX: &str = "a CX `id^^^&OID&ISO^type`";
/// Form of an XCN.
pub const XCN: &str = "an XCN `id^family^given^^^^^^&OID&ISO^D^^^type`";
/// Form of an XON.
pub const XON: &str = "an XON `name^^^^^&OID&ISO^type^^^id`";
/// Form of a CXi.
pub const CXI: &str = "a CXi `id^^^&OID&ISO^type`";
/// Form of a DTM.
pub const DTM: &str = "a UTC time `YYYY[MM[DD[hhmm[ss]]]]`";
/// Form of a coded value in a slot.
pub const CODED: &str = "a coded value `code^label^OID`";

/// Most components of a composite: XCN has 23.
const COMPONENTS_MAX: usize = 32;

/// Identifier of a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cx {
    /// CX-1.
    pub id: String,
    /// OID of CX-4.
    pub authority: String,
    /// CX-5, empty when there is none.
    pub kind: String,
}

/// A person or a system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Xcn {
    /// XCN-1.
    pub id: String,
    /// XCN-2.
    pub family: String,
    /// XCN-3.
    pub given: String,
    /// OID of XCN-9, empty when there is none.
    pub authority: String,
    /// XCN-13: `IDNPS`, `NH`, `RI`…
    pub kind: String,
}

/// A structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Xon {
    /// XON-1.
    pub name: String,
    /// XON-10, empty when there is none.
    pub id: String,
    /// OID of XON-6, empty when there is none.
    pub authority: String,
}

/// Splits a composite, its components still escaped.
fn components(value: &str) -> Option<Vec<&str>> {
    let all: Vec<&str> = value.split('^').map(str::trim).take(COMPONENTS_MAX + 1).collect();
    (all.len() <= COMPONENTS_MAX && !value.contains(char::is_control)).then_some(all)
}

/// Component `n`, from 1, without its escapes.
fn component(all: &[&str], n: usize) -> String {
    unescape(all.get(n - 1).copied().unwrap_or_default()).into_owned()
}

/// OID of an HD component `&OID&ISO`, empty when the component is.
fn authority(all: &[&str], n: usize) -> Option<String> {
    let hd = all.get(n - 1).copied().unwrap_or_default();
    if hd.is_empty() {
        return Some(String::new());
    }
    let mut parts = hd.split('&');
    let (_name, oid, kind) = (parts.next()?, parts.next()?, parts.next()?);
    (parts.next().is_none() && is_oid(oid) && kind == "ISO").then(|| oid.to_owned())
}

/// Escapes of HL7 v2 separators; any other escape stays as it is.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = text.to_owned();
    for (escape, separator) in
        [("\\F\\", "|"), ("\\S\\", "^"), ("\\T\\", "&"), ("\\R\\", "~"), ("\\E\\", "\\")]
    {
        plain = plain.replace(escape, separator);
    }
    Cow::Owned(plain)
}

impl Cx {
    /// Reads `id^^^&OID&ISO^type`; what follows is left out.
    ///
    /// # Errors
    /// Another form, or no identifier, or no authority.
    pub fn parse(value: &str) -> Result<Self, Wrong> {
        let read = || {
            let all = components(value)?;
            let cx = Cx { id: component(&all, 1), authority: authority(&all, 4)?, kind: component(&all, 5) };
            (!cx.id.is_empty() && !cx.authority.is_empty()).then_some(cx)
        };
        read().ok_or_else(|| Wrong::rule("", format!("not {CX}")))
    }

    /// The INS it is, for this deployment.
    ///
    /// # Errors
    /// It is none.
    pub fn ins(&self, realm: &RealmPolicy) -> Result<Ins, InsError> {
        realm.read(&self.id, &self.authority)
    }
}

impl Xcn {
    /// Reads an XCN that has an identifier or a family name.
    ///
    /// # Errors
    /// Another form.
    pub fn parse(value: &str) -> Result<Self, Wrong> {
        let read = || {
            let all = components(value)?;
            let xcn = Xcn {
                id: component(&all, 1),
                family: component(&all, 2),
                given: component(&all, 3),
                authority: authority(&all, 9)?,
                kind: component(&all, 13),
            };
            (!xcn.id.is_empty() || !xcn.family.is_empty()).then_some(xcn)
        };
        read().ok_or_else(|| Wrong::rule("", format!("not {XCN}")))
    }

    /// The person it names. A system (`RI`) is known by what was given.
    pub fn person(&self, realm: &RealmPolicy) -> Person {
        let professional = || {
            let national = self.authority == PsId::OID && self.kind != "RI";
            national.then(|| PsId::parse(&self.id)).flatten().map(AuthorId::Professional)
        };
        let patient = || realm.read(&self.id, &self.authority).ok().map(AuthorId::Patient);
        let id = professional()
            .or_else(patient)
            .unwrap_or_else(|| AuthorId::Other { id: self.id.clone(), authority: self.authority.clone() });
        Person { id, family: self.family.clone(), given: self.given.clone() }
    }
}

impl Xon {
    /// Reads an XON that has a name or an identifier.
    ///
    /// # Errors
    /// Another form.
    pub fn parse(value: &str) -> Result<Self, Wrong> {
        let read = || {
            let all = components(value)?;
            let xon =
                Xon { name: component(&all, 1), id: component(&all, 10), authority: authority(&all, 6)? };
            (!xon.name.is_empty() || !xon.id.is_empty()).then_some(xon)
        };
        read().ok_or_else(|| Wrong::form(value, XON))
    }

    /// The structure it names.
    pub fn institution(&self) -> Institution {
        let national = self.authority == StructureId::OID;
        let id = national.then(|| StructureId::parse(&self.id)).flatten();
        let other_id = (id.is_none() && !self.id.is_empty()).then(|| self.id.clone());
        Institution { id, other_id, name: self.name.clone() }
    }
}

/// Reads a CXi: `id^^^&OID&ISO^type`, without authority for a study.
///
/// # Errors
/// Another form, or no type.
pub fn reference_id(value: &str) -> Result<ReferenceId, Wrong> {
    let read = || {
        let all = components(value)?;
        let id = ReferenceId {
            value: component(&all, 1),
            authority: authority(&all, 4)?,
            kind: component(&all, 5),
        };
        (!id.value.is_empty() && !id.kind.is_empty()).then_some(id)
    };
    read().ok_or_else(|| Wrong::form(value, CXI))
}

/// Reads a coded value of a slot: `code^label^OID`.
///
/// # Errors
/// No code, or a system that is no OID.
pub fn coded(value: &str) -> Result<Code, Wrong> {
    let read = || {
        let all = components(value)?;
        let code = Code::new(component(&all, 1), component(&all, 3), component(&all, 2));
        let known_system = code.system.is_empty() || is_oid(&code.system);
        (!code.code.is_empty() && known_system && all.len() <= 3).then_some(code)
    };
    read().ok_or_else(|| Wrong::form(value, CODED))
}

/// Reads a DTM in UTC.
///
/// # Errors
/// Another form, or no such day.
pub fn time(value: &str) -> Result<Dtm, Wrong> {
    Dtm::parse(value).ok_or_else(|| Wrong::form(value, DTM))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dmp_dossier::{InsOid, Realm};

    const REALM: RealmPolicy = RealmPolicy { realm: Realm::Test, accept_production_oid: false };

    #[test]
    fn a_cx_names_a_patient() {
        for (value, id) in [
            ("207058575627097^^^&1.2.250.1.213.1.4.10&ISO^NH^^20100907", Some("207058575627097")),
            ("0456789999^^^&1.2.250.1.999.1.1.7898.2&ISO^PI", Some("0456789999")),
            ("89765a87b^^^&2.4.5&ISO", Some("89765a87b")),
            ("a\\T\\b^^^&1.2.3&ISO^PI", Some("a&b")),
            ("^^^&1.2.3&ISO^PI", None),
            ("1^^^1.2.3^PI", None),
            ("1^^^&1.2.3&DNS^PI", None),
            ("1^^^&1.2.x&ISO^PI", None),
            ("1^^^&1.2.3&ISO&x^PI", None),
            ("1", None),
            ("", None),
            ("'1^^^&1.2.3&ISO^PI\u{0}'", None),
            ("1^^^&1.2.3&ISO^PI^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^", None),
        ] {
            assert_eq!(Cx::parse(value).ok().map(|cx| cx.id).as_deref(), id, "{value}");
        }
        let cx = Cx::parse("284073523811416^^^&1.2.250.1.213.1.4.10&ISO^NH").unwrap();
        assert_eq!(cx.ins(&REALM), Ins::parse("284073523811416", InsOid::Test));
        assert_eq!(Cx { authority: "1.2.3".into(), ..cx }.ins(&REALM), Err(InsError::Oid));
    }

    #[test]
    fn an_xcn_names_a_person_or_a_system() {
        let professional = AuthorId::Professional(PsId::parse("899900063480").unwrap());
        let other =
            |id: &str, authority: &str| AuthorId::Other { id: id.into(), authority: authority.into() };
        let patient = AuthorId::Patient(Ins::parse("284073523811416", InsOid::Test).unwrap());
        for (value, id, family, given) in [
            ("899900063480^MAX^LIBRE^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS", professional, "MAX", "LIBRE"),
            (
                "284073523811416^DURAND^MARIE^^^^^^&1.2.250.1.213.1.4.10&ISO^L^^^NH",
                patient,
                "DURAND",
                "MARIE",
            ),
            (
                "3750100125/AUTO1^Automate^^^^^^^&1.2.250.1.71.4.2.1&ISO^U^^^RI",
                other("3750100125/AUTO1", "1.2.250.1.71.4.2.1"),
                "Automate",
                "",
            ),
            ("^Smitty^Gerald^^^", other("", ""), "Smitty", "Gerald"),
        ] {
            let person = Xcn::parse(value).unwrap().person(&REALM);
            assert_eq!(person, Person { id, family: family.into(), given: given.into() }, "{value}");
        }
        for value in ["", "^^", "1^A^B^^^^^^1.2.3", "1^A^B^^^^^^&x&ISO"] {
            let wrong = Xcn::parse(value).unwrap_err().to_string();
            assert_eq!(wrong, format!("not {XCN}"), "{value}");
        }
    }

    #[test]
    fn an_xon_names_a_structure() {
        let xon = "CABINET DR LIBRE^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^499900063480001";
        let institution = Xon::parse(xon).unwrap().institution();
        assert_eq!(institution.id, StructureId::parse("499900063480001"));
        assert_eq!((institution.name.as_str(), institution.other_id), ("CABINET DR LIBRE", None));
        let institution = Xon::parse("Parma^^^^^&1.2.3&ISO^^^^44").unwrap().institution();
        assert_eq!((institution.id, institution.other_id.as_deref()), (None, Some("44")));
        assert_eq!(Xon::parse("Cleveland Clinic").unwrap().institution().other_id, None);
        for value in ["", "A^^^^^x", "A^^^^^&1.2.3&DNS"] {
            assert!(Xon::parse(value).is_err(), "{value}");
        }
    }

    #[test]
    fn a_coded_value_and_a_reference_are_read() {
        let code = coded("G15_10/SM26^Médecin^1.2.250.1.213.1.1.4.5").unwrap();
        assert_eq!(code, Code::new("G15_10/SM26", "1.2.250.1.213.1.1.4.5", "Médecin"));
        assert_eq!(coded("Orthopedic").unwrap().code, "Orthopedic");
        for value in ["", "^x^1.2.3", "a^b^c", "a^b^1.2.3^d"] {
            assert!(coded(value).is_err(), "{value}");
        }
        let study = reference_id("1.2.840.1^^^^urn:ihe:iti:xds:2016:studyInstanceUID").unwrap();
        assert_eq!((study.value.as_str(), study.authority.as_str()), ("1.2.840.1", ""));
        let order = reference_id("A7^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:order").unwrap();
        assert_eq!((order.authority.as_str(), order.kind.as_str()), ("1.2.3", "urn:ihe:iti:xds:2013:order"));
        assert!(reference_id("A7^^^&1.2.3&ISO").is_err());
        assert!(time("20261331").is_err() && time("20261121").is_ok());
    }
}
