//! How XDS metadata write people, structures and identifiers: the composite types of HL7 v2 (ITI TF-3 table 4.2.3.1.7-2).

use crate::actor::{PsId, StructureId};
use crate::document::{AuthorId, Institution, Person, ReferenceId};

impl Person {
    /// `XCN` form of XDS metadata: `id^FAMILY^Given^^^^^^&oid&ISO^D^^^IDNPS` (ITI TF-3 table 4.2.3.1.7-2; components 10
    /// and 13 by the CI-SIS: `D` a person, `U` a system; `IDNPS` a professional, `NH` a patient, `RI` another).
    pub fn to_xcn(&self) -> String {
        let (id, authority, kind) = match &self.id {
            AuthorId::Professional(ps) => (ps.as_str(), PsId::OID, "IDNPS"),
            AuthorId::Patient(ins) => (ins.value(), ins.oid().as_str(), "NH"),
            AuthorId::Other { id, authority } => (id.as_str(), authority.as_str(), "RI"),
        };
        let nature = if self.given.is_empty() { 'U' } else { 'D' };
        let [id, family, given, authority] = [id, &self.family, &self.given, authority].map(hl7_escaped);
        match authority.is_empty() {
            true => format!("{id}^{family}^{given}^^^^^^^{nature}"),
            false => format!("{id}^{family}^{given}^^^^^^&{authority}&ISO^{nature}^^^{kind}"),
        }
    }
}

impl Institution {
    /// `XON` form: `NAME^^^^^&oid&ISO^IDNST^^^id`; an identifier that is not national keeps its place, its authority unknown.
    pub fn to_xon(&self) -> String {
        let name = hl7_escaped(&self.name);
        match (&self.id, &self.other_id) {
            (Some(id), _) => format!("{name}^^^^^&{}&ISO^IDNST^^^{}", StructureId::OID, id.as_str()),
            (None, Some(id)) => format!("{name}^^^^^^^^^{}", hl7_escaped(id)),
            (None, None) => name,
        }
    }
}

impl ReferenceId {
    /// `CXi` form: `value^^^&oid&ISO^kind`.
    pub fn to_cxi(&self) -> String {
        let value = hl7_escaped(&self.value);
        match self.authority.is_empty() {
            true => format!("{value}^^^^{}", self.kind),
            false => format!("{value}^^^&{}&ISO^{}", self.authority, self.kind),
        }
    }
}

/// A component of an HL7 v2 data type, its separators escaped (HL7 2.5 chapter 2.7).
pub fn hl7_escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '^' => out.push_str("\\S\\"),
            '&' => out.push_str("\\T\\"),
            '|' => out.push_str("\\F\\"),
            '~' => out.push_str("\\R\\"),
            '\\' => out.push_str("\\E\\"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Ins, InsOid};

    #[test]
    fn people_and_structures_are_written_as_the_dmp_does() {
        let person =
            |id, given: &str| Person { id, family: "MAX".to_owned(), given: given.to_owned() }.to_xcn();
        let professional = AuthorId::Professional(PsId::parse("899900063480").unwrap());
        let patient = AuthorId::Patient(Ins::parse("284073523811416", InsOid::Test).unwrap());
        let other =
            |authority: &str| AuthorId::Other { id: "L^1".to_owned(), authority: authority.to_owned() };
        for (written, expected) in [
            (person(professional, "LIBRE"), "899900063480^MAX^LIBRE^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"),
            (person(patient, "LIBRE"), "284073523811416^MAX^LIBRE^^^^^^&1.2.250.1.213.1.4.10&ISO^D^^^NH"),
            (person(other("1.2.3"), ""), "L\\S\\1^MAX^^^^^^^&1.2.3&ISO^U^^^RI"),
            (person(other(""), ""), "L\\S\\1^MAX^^^^^^^^U"),
        ] {
            assert_eq!(written, expected);
        }
        let cabinet = |id: Option<&str>, other_id: Option<&str>| {
            let (id, other_id) = (id.and_then(StructureId::parse), other_id.map(str::to_owned));
            Institution { id, other_id, name: "A&B".to_owned() }.to_xon()
        };
        let written = "A\\T\\B^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^499900063480001";
        assert_eq!(cabinet(Some("499900063480001"), None), written);
        assert_eq!(cabinet(None, Some("x")), "A\\T\\B^^^^^^^^^x");
        assert_eq!(cabinet(None, None), "A\\T\\B");
    }
}
