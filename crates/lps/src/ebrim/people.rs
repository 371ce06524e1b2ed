//! People and structures as the DMP writes them in metadata: XCN and XON.
//!
//! Sources: ITI TF-3 table 4.2.3.1.7-2; CI-SIS *Partage de documents de santé*, `authorPerson` and `authorInstitution`;
//! HL7 v2.5 2.7.1 (escapes).

use super::model::{Classification, Slot};
use crate::identity::Identity;
use dmp_dossier::document::{Author, AuthorId, Institution, Person};
use dmp_dossier::hl7_text::hl7_escaped;
use dmp_dossier::{Code, PsId, StructureId};
use dmp_nomenclature::{Profession, oid, profession, speciality};

/// What is said of an author, in the order of the published messages.
pub(crate) fn author(scheme: &str, author: &Author) -> Classification {
    let coded =
        |code: &Code| format!("{}^{}^{}", hl7_escaped(&code.code), hl7_escaped(&code.label), code.system);
    let mut slots = vec![Slot::new("authorPerson", [author.person.to_xcn()])];
    slots.extend(author.role.iter().map(|role| Slot::new("authorRole", [coded(role)])));
    slots.extend(author.specialty.iter().map(|specialty| Slot::new("authorSpecialty", [coded(specialty)])));
    slots.extend(author.institution.iter().map(|place| Slot::new("authorInstitution", [place.to_xon()])));
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

#[cfg(test)]
mod tests {
    use super::*;

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
