//! People and structures as the DMP writes them in metadata: XCN and XON.
//!
//! Sources: ITI TF-3 table 4.2.3.1.7-2; CI-SIS *Partage de documents de santé*, `authorPerson` and `authorInstitution`;
//! HL7 v2.5 2.7.1 (escapes).

use super::model::{Classification, Slot};
use crate::identity::Identity;
use dmp_dossier::document::{Author, AuthorId, Institution, Person};
use dmp_dossier::{Code, PsId, StructureId};
use dmp_nomenclature::{Profession, oid, profession, speciality};

/// A person or a system.
pub fn xcn(person: &Person) -> String {
    let (id, authority, name_type, id_type) = match &person.id {
        AuthorId::Professional(id) => (id.as_str(), PsId::OID, "D", "IDNPS"),
        AuthorId::Patient(ins) => (ins.value(), ins.oid().as_str(), "D", "NH"),
        AuthorId::Other { id, authority } => (id.as_str(), authority.as_str(), "U", "RI"),
    };
    let authority = if authority.is_empty() { String::new() } else { format!("&{authority}&ISO") };
    let [id, family, given] = [id, &person.family, &person.given].map(escape);
    format!("{id}^{family}^{given}^^^^^^{authority}^{name_type}^^^{id_type}")
}

/// A structure.
pub fn xon(institution: &Institution) -> String {
    let name = escape(&institution.name);
    match (&institution.id, &institution.other_id) {
        (Some(id), _) => format!("{name}^^^^^&{}&ISO^IDNST^^^{}", StructureId::OID, id.as_str()),
        (None, Some(id)) => format!("{name}^^^^^^^^^{}", escape(id)),
        (None, None) => name,
    }
}

/// What is said of an author, in the order of the published messages.
pub(crate) fn author(scheme: &str, author: &Author) -> Classification {
    let coded = |code: &Code| format!("{}^{}^{}", escape(&code.code), escape(&code.label), code.system);
    let mut slots = vec![Slot::new("authorPerson", [xcn(&author.person)])];
    slots.extend(author.role.iter().map(|role| Slot::new("authorRole", [coded(role)])));
    slots.extend(author.specialty.iter().map(|specialty| Slot::new("authorSpecialty", [coded(specialty)])));
    slots.extend(author.institution.iter().map(|place| Slot::new("authorInstitution", [xon(place)])));
    Classification { scheme: scheme.to_owned(), node: String::new(), slots, name: None }
}

/// Who the software speaks for, as the author of a lot.
pub fn person(identity: &Identity) -> Author {
    let who = &identity.who;
    let id = PsId::parse(&who.person.id).map_or_else(
        || AuthorId::Other { id: who.person.id.clone(), authority: PsId::OID.to_owned() },
        AuthorId::Professional,
    );
    let structure = StructureId::parse(&who.structure.id);
    Author {
        person: Person { id, family: who.person.family.clone(), given: who.person.given.clone() },
        institution: Some(Institution {
            other_id: structure.is_none().then(|| who.structure.id.clone()),
            id: structure,
            name: who.structure.name.clone(),
        }),
        role: None,
        specialty: specialty(&who.person.profession, who.person.speciality.as_deref()),
    }
}

/// `G15_10/SM26`, *Médecin - Qualifié en médecine générale (SM)*; a code of its own system for the other professions.
fn specialty(code: &str, qualification: Option<&str>) -> Option<Code> {
    let known = Profession::find(code)?;
    if known.system != &oid::G15 {
        return Some(Code::new(known.key, known.system.oid, known.label));
    }
    let found = qualification
        .and_then(|code| speciality::find(code).or_else(|| profession::PHARMACIST_SECTIONS.find(code)));
    Some(match found {
        Some(found) => Code::new(
            format!("G15_{}/{}", known.code(), found.code),
            oid::A02.oid,
            format!("{} - {}", known.label, found.label),
        ),
        None => Code::new(format!("G15_{}", known.code()), oid::A02.oid, known.label),
    })
}

/// Separators of HL7 v2 inside a value.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '|' => escaped.push_str("\\F\\"),
            '^' => escaped.push_str("\\S\\"),
            '&' => escaped.push_str("\\T\\"),
            '~' => escaped.push_str("\\R\\"),
            '\\' => escaped.push_str("\\E\\"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_structures_are_written_as_in_the_published_messages() {
        let person =
            |id, family: &str, given: &str| Person { id, family: family.into(), given: given.into() };
        let professional = AuthorId::Professional(PsId::parse("899900063480").unwrap());
        let other = AuthorId::Other { id: "A^1".into(), authority: String::new() };
        for (who, expected) in [
            (
                person(professional, "MAX", "LIBRE"),
                "899900063480^MAX^LIBRE^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS",
            ),
            (person(other, "PACS", ""), "A\\S\\1^PACS^^^^^^^^U^^^RI"),
        ] {
            assert_eq!(xcn(&who), expected);
        }
        let cabinet = Institution {
            id: StructureId::parse("499900063480001"),
            other_id: None,
            name: "CABINET DR LIBRE".into(),
        };
        assert_eq!(xon(&cabinet), "CABINET DR LIBRE^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^499900063480001");
    }

    #[test]
    fn an_author_says_profession_and_qualification_in_one_code() {
        for (profession, qualification, expected) in [
            ("10", Some("SM26"), Some("G15_10/SM26")),
            ("21", Some("A"), Some("G15_21/A")),
            ("60", None, Some("G15_60")),
            ("10", Some("SM999"), Some("G15_10")),
            ("SECRETARIAT_MEDICAL", None, Some("SECRETARIAT_MEDICAL")),
            ("G16_10", None, Some("G16_10")),
            ("?", None, None),
        ] {
            let code = specialty(profession, qualification).map(|code| code.code);
            assert_eq!(code.as_deref(), expected, "{profession}");
        }
    }
}
