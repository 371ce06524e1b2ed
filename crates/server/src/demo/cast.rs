//! Who cares for the invented patients: one cast for each department, every profession that a story needs.

use dmp_dossier::document::{Author, AuthorId, Institution, Person};
use dmp_dossier::{
    Actor, Auth, Card, Channel, Code, Employee, Grantee, GranteeLabel, Mode, PersonName, Professional, PsId,
    ReceptionAgent, Referent, StructureActor, StructureId,
};
use dmp_nomenclature::{Concept, Profession, facility, oid, practice_setting, speciality};

use super::names::{DEPARTMENTS, FAMILY, GIVEN_FEMALE, GIVEN_MALE, sentence_case};
use super::random::Dice;

/// Software that the professionals of the demo use, as it names itself.
const SOFTWARE: &str = "Logiciel de démonstration";

macro_rules! roles {
    ($($(#[$doc:meta])* $role:ident = $profession:literal, $speciality:expr, $place:ident, $setting:literal;)*) => {
        /// A part in the stories.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role { $($(#[$doc])* $role),* }

        impl Role {
            /// Every part.
            pub const ALL: &[Role] = &[$(Role::$role),*];

            /// Profession (G15, or a role table), speciality (R01) or section (G05), place, setting.
            fn sheet(self) -> (&'static str, Option<&'static str>, Place, &'static str) {
                match self { $(Role::$role => ($profession, $speciality, Place::$place, $setting)),* }
            }
        }
    };
}

roles! {
    /// *Médecin généraliste*, first of the town.
    Doctor = "10", Some("SM26"), OwnPractice, "AMBULATOIRE";
    /// Another general practitioner.
    SecondDoctor = "10", Some("SM54"), OwnPractice, "AMBULATOIRE";
    /// A third one.
    ThirdDoctor = "10", Some("SM54"), OwnPractice, "AMBULATOIRE";
    /// *Infirmier* in town.
    Nurse = "60", None, OwnPractice, "SAD";
    /// *Pharmacien*, first of the town.
    Pharmacist = "21", Some("A"), Pharmacy, "AMBULATOIRE";
    /// Another pharmacist.
    SecondPharmacist = "21", Some("A"), SecondPharmacy, "AMBULATOIRE";
    /// *Chirurgien-dentiste*.
    Dentist = "40", None, OwnPractice, "AMBULATOIRE";
    /// *Opticien-lunetier*.
    Optician = "28", None, Shop, "AMBULATOIRE";
    /// *Masseur-kinésithérapeute*.
    Physiotherapist = "70", None, OwnPractice, "AMBULATOIRE";
    /// *Pédicure-podologue*.
    Podiatrist = "80", None, OwnPractice, "AMBULATOIRE";
    /// *Orthophoniste*.
    SpeechTherapist = "91", None, OwnPractice, "AMBULATOIRE";
    /// *Orthoptiste*.
    Orthoptist = "92", None, OwnPractice, "AMBULATOIRE";
    /// *Diététicien*.
    Dietitian = "95", None, OwnPractice, "AMBULATOIRE";
    /// *Sage-femme* in town.
    Midwife = "50", None, OwnPractice, "AMBULATOIRE";
    /// *Psychologue*.
    Psychologist = "93", None, OwnPractice, "AMBULATOIRE";
    /// *Ophtalmologue*.
    Ophthalmologist = "10", Some("SM38"), OwnPractice, "AMBULATOIRE";
    /// *Cardiologue*.
    Cardiologist = "10", Some("SM04"), OwnPractice, "AMBULATOIRE";
    /// *Pneumologue*.
    Pulmonologist = "10", Some("SM41"), OwnPractice, "AMBULATOIRE";
    /// *Dermatologue*.
    Dermatologist = "10", Some("SM15"), OwnPractice, "AMBULATOIRE";
    /// *Radiologue*.
    Radiologist = "10", Some("SM44"), ImagingCentre, "AMBULATOIRE";
    /// *Biologiste médical*.
    Biologist = "10", Some("SM03"), Laboratory, "AMBULATOIRE";
    /// *Anatomopathologiste*.
    Pathologist = "10", Some("SM01"), Laboratory, "AMBULATOIRE";
    /// *Généticien*.
    Geneticist = "10", Some("SM17"), Hospital, "ETABLISSEMENT";
    /// *Psychiatre*.
    Psychiatrist = "10", Some("SM42"), Hospital, "ETABLISSEMENT";
    /// *Urgentiste* of the hospital.
    EmergencyDoctor = "10", Some("SM59"), Hospital, "ETABLISSEMENT";
    /// *Médecin régulateur* of the SAMU.
    RegulationDoctor = "10", Some("SM59"), Hospital, "SAMU_SMUR";
    /// *Anesthésiste*.
    Anaesthetist = "10", Some("SM02"), Hospital, "ETABLISSEMENT";
    /// *Chirurgien orthopédiste*.
    Surgeon = "10", Some("SM08"), Hospital, "ETABLISSEMENT";
    /// *Interniste*.
    Internist = "10", Some("SM27"), Hospital, "ETABLISSEMENT";
    /// *Oncologue*.
    Oncologist = "10", Some("SM36"), Hospital, "ETABLISSEMENT";
    /// *Pédiatre*.
    Paediatrician = "10", Some("SM40"), Hospital, "ETABLISSEMENT";
    /// *Gynécologue-obstétricien*.
    Obstetrician = "10", Some("SM20"), Hospital, "ETABLISSEMENT";
    /// *Pharmacien* of the hospital.
    HospitalPharmacist = "21", Some("H"), Hospital, "ETABLISSEMENT";
    /// *Infirmier* of the hospital.
    HospitalNurse = "60", None, Hospital, "ETABLISSEMENT";
    /// *Sage-femme* of the maternity.
    HospitalMidwife = "50", None, Hospital, "ETABLISSEMENT";
    /// *Médecin du travail*.
    OccupationalDoctor = "10", Some("SM25"), OccupationalHealth, "AMBULATOIRE";
    /// Coordinating doctor of the residence.
    ResidenceDoctor = "10", Some("SM18"), Residence, "ETABLISSEMENT";
}

/// Where somebody works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A practice of their own.
    OwnPractice,
    /// *Pharmacie d'officine*.
    Pharmacy,
    /// Another one.
    SecondPharmacy,
    /// An optician's shop.
    Shop,
    /// *Laboratoire de biologie médicale*.
    Laboratory,
    /// *Centre d'imagerie*.
    ImagingCentre,
    /// *Centre hospitalier*.
    Hospital,
    /// *Service de santé au travail*.
    OccupationalHealth,
    /// *Résidence* for stays of some weeks.
    Residence,
}

/// A structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Structure {
    /// National identifier.
    pub id: StructureId,
    /// Name.
    pub name: String,
    /// Sector of activity (R02).
    pub sector: &'static str,
}

/// A professional.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caregiver {
    /// National identifier.
    pub id: PsId,
    /// Family name.
    pub family: String,
    /// Given name.
    pub given: String,
    /// Profession code.
    pub profession: &'static str,
    /// Speciality or section.
    pub speciality: Option<&'static str>,
    /// Where they work.
    pub structure: Structure,
    /// Setting of their acts (JDV_J62).
    pub setting: &'static str,
}

impl Caregiver {
    /// Them, by their card.
    pub fn actor(&self) -> Actor {
        self.actor_in(Auth::Direct, Mode::Normal, false)
    }

    /// Them, authenticated so, in that access mode; `secret` for a *connexion secrète*.
    pub fn actor_in(&self, auth: Auth, mode: Mode, secret: bool) -> Actor {
        Actor::Professional(Box::new(Professional {
            id: self.id.clone(),
            name: PersonName { family: self.family.clone(), given: self.given.clone() },
            profession: self.profession.to_owned(),
            speciality: self.speciality.map(str::to_owned),
            structure: Some(self.structure.id.clone()),
            structure_name: Some(self.structure.name.clone()),
            sector: Some(self.structure.sector.to_owned()),
            auth,
            card: Card::Cps,
            mode,
            secret,
            software: Some(SOFTWARE.to_owned()),
        }))
    }

    /// Them, as an author of a document.
    pub fn author(&self) -> Author {
        Author {
            person: Person {
                id: AuthorId::Professional(self.id.clone()),
                family: self.family.to_uppercase(),
                given: self.given.clone(),
            },
            institution: Some(self.structure.institution()),
            role: None,
            specialty: author_specialty(self.profession, self.speciality),
        }
    }

    /// Them, named by an authorisation.
    pub fn grantee(&self) -> Grantee {
        Grantee::Professional(self.id.clone())
    }

    /// What people read of that authorisation.
    pub fn label(&self) -> GranteeLabel {
        GranteeLabel {
            who: self.grantee(),
            name: self.name(),
            profession: Some(self.profession.to_owned()),
            speciality: self.speciality.map(str::to_owned),
        }
    }

    /// `Dr Anne Martin`, or without title for the other professions.
    pub fn name(&self) -> String {
        let title = if matches!(self.profession, "10" | "40") { "Dr " } else { "" };
        format!("{title}{} {}", self.given, self.family)
    }

    /// Setting of their acts.
    pub fn setting(&self) -> &'static Concept {
        practice_setting::find(self.setting).expect("every part has a setting of JDV_J62 (tested)")
    }
}

impl Structure {
    /// It, as the metadata name it.
    pub fn institution(&self) -> Institution {
        Institution { id: Some(self.id.clone()), other_id: None, name: self.name.clone() }
    }

    /// It, by its certificate.
    pub fn actor(&self) -> Actor {
        Actor::Structure(StructureActor {
            id: self.id.clone(),
            name: Some(self.name.clone()),
            regulation: false,
        })
    }

    /// Somebody who works for it without caring, by card.
    pub fn employee(&self, number: u32, given: &str, family: &str) -> Employee {
        Employee {
            id: PsId::parse(&format!("{}/{number:04}", employer(&self.id)))
                .expect("prefix, structure, number is the form of an employee's identifier"),
            name: PersonName { family: family.to_owned(), given: given.to_owned() },
            structure: self.id.clone(),
            structure_name: Some(self.name.clone()),
            reinforced_indirect: false,
        }
    }

    /// Kind of place, for documents made here.
    pub fn facility(&self) -> &'static Concept {
        facility::find(self.sector).expect("every place has a sector of JDV_J61 (tested)")
    }
}

/// Employees are numbered within their structure, whose identifier keeps its prefix (CPE: `3` FINESS, `6` RPPS rank).
fn employer(structure: &StructureId) -> String {
    let text = structure.as_str();
    match text.split_at(1) {
        ("1", finess) => format!("3{finess}"),
        (_, number) => format!("6{number}"),
    }
}

/// An employee, as an author of what their structure deposits.
pub fn employee_author(employee: &Employee) -> Author {
    let secretary = Profession::find("SECRETARIAT_MEDICAL").expect("JDV_J01 has medical secretaries");
    Author {
        person: Person {
            id: AuthorId::Professional(employee.id.clone()),
            family: employee.name.family.to_uppercase(),
            given: employee.name.given.clone(),
        },
        institution: Some(Institution {
            id: Some(employee.structure.clone()),
            other_id: None,
            name: employee.structure_name.clone().unwrap_or_default(),
        }),
        role: None,
        specialty: Some(Code::new(secretary.code(), secretary.system.oid, secretary.label)),
    }
}

/// `G15_10/SM26`, *Médecin - Qualifié en médecine générale (SM)*.
fn author_specialty(profession: &str, qualification: Option<&str>) -> Option<Code> {
    let known = Profession::find(profession)?;
    if known.system != &oid::G15 {
        return Some(Code::new(known.code(), known.system.oid, known.label));
    }
    let section = |code| dmp_nomenclature::profession::PHARMACIST_SECTIONS.find(code);
    let qualification = qualification.and_then(|code| speciality::find(code).or_else(|| section(code)));
    Some(match qualification {
        Some(found) => Code::new(
            format!("G15_{}/{}", known.code(), found.code),
            oid::A02.oid,
            format!("{} - {}", known.label, found.label),
        ),
        None => Code::new(format!("G15_{}", known.code()), oid::A02.oid, known.label),
    })
}

/// The cast of a department.
#[derive(Debug, Clone)]
pub struct Cast {
    caregivers: Vec<Caregiver>,
    /// The secretary of the first doctor's practice.
    pub secretary: Employee,
    /// Who opens dossiers at the hospital's admission desk.
    pub admission: Employee,
    /// Who does so at the residence.
    pub residence: Employee,
    /// Who does so at the insurer's desk.
    pub agent: ReceptionAgent,
}

impl Cast {
    /// Who watches over accesses at the hospital.
    pub fn referent(&self) -> Actor {
        let hospital = &self.role(Role::EmergencyDoctor).structure;
        Actor::Referent(Referent {
            id: format!("REFERENT-{}", hospital.id.as_str()),
            name: PersonName { family: "Le Bihan".to_owned(), given: "Françoise".to_owned() },
            structure: hospital.id.clone(),
            structure_name: Some(hospital.name.clone()),
        })
    }

    /// The cast of a department: names and numbers follow from the seed.
    pub fn of(department: usize, seed: u64) -> Cast {
        let mut dice = Dice::stream(seed, 0xca57_0000 + department as u64);
        let town = DEPARTMENTS[department].communes[0].0;
        let mut caregivers = Vec::new();
        for (number, role) in Role::ALL.iter().enumerate() {
            let female = dice.percent(55);
            let given = dice.word(if female { GIVEN_FEMALE[1] } else { GIVEN_MALE[1] });
            let (profession, speciality, place, setting) = role.sheet();
            let family = sentence_case(dice.word(&FAMILY));
            let rpps = rpps(department as u64 * 100 + number as u64);
            caregivers.push(Caregiver {
                id: PsId::parse(&format!("8{rpps}")).expect("8 and eleven digits"),
                structure: structure(place, department, town, &rpps, profession, &family),
                family,
                given: sentence_case(given),
                profession,
                speciality,
                setting,
            });
        }
        let place = |role: Role| caregivers[role as usize].structure.clone();
        let mut employee = |structure: Structure, number: u32| {
            let given = sentence_case(dice.word(GIVEN_FEMALE[1]));
            structure.employee(number, &given, &sentence_case(dice.word(&FAMILY)))
        };
        let secretary = employee(place(Role::Doctor), 1);
        let admission = employee(place(Role::Surgeon), 12);
        let residence = employee(place(Role::ResidenceDoctor), 3);
        Cast {
            secretary,
            admission,
            residence,
            agent: ReceptionAgent {
                id: format!("CPAM-{}-014", DEPARTMENTS[department].code),
                organisation: DEPARTMENTS[department].cpam.to_owned(),
                channel: Channel::Cpam,
            },
            caregivers,
        }
    }

    /// Who plays a part.
    pub fn role(&self, role: Role) -> &Caregiver {
        &self.caregivers[role as usize]
    }

    /// Gives a part to somebody in particular, keeping the place of the cast unless they bring their own.
    pub fn give(&mut self, role: Role, caregiver: Caregiver) {
        self.caregivers[role as usize] = caregiver;
    }
}

fn structure(
    place: Place,
    department: usize,
    town: &str,
    rpps: &str,
    profession: &str,
    family: &str,
) -> Structure {
    let code = DEPARTMENTS[department].code;
    let of_practice = |kind: &str, sector| Structure {
        id: StructureId::parse(&format!("4{rpps}001")).expect("4, RPPS and rank"),
        name: format!("{kind} {family}"),
        sector,
    };
    let of_finess = |number: u32, name: String, sector| Structure {
        id: StructureId::parse(&format!("1{}", finess(code, number))).expect("1 and nine digits"),
        name,
        sector,
    };
    match place {
        Place::OwnPractice => match profession {
            "10" | "40" => of_practice("Cabinet du Dr", "SA07"),
            _ => of_practice("Cabinet", "SA07"),
        },
        Place::Pharmacy => of_finess(101, format!("Pharmacie {family}"), "SA33"),
        Place::SecondPharmacy => of_finess(102, format!("Pharmacie {family}"), "SA33"),
        Place::Shop => of_practice("Optique", "SA42"),
        Place::Laboratory => of_finess(201, format!("Laboratoire de biologie médicale de {town}"), "SA25"),
        Place::ImagingCentre => of_finess(301, format!("Centre d'imagerie de {town}"), "SA08"),
        Place::Hospital => of_finess(1, format!("Centre hospitalier de {town}"), "SA01"),
        Place::OccupationalHealth => of_finess(401, format!("Santé au travail de {town}"), "SA13"),
        Place::Residence => of_finess(501, format!("Résidence du Parc, {town}"), "SA17"),
    }
}

/// An RPPS of the range that test cards use: `99900`, a number, a Luhn key.
pub fn rpps(number: u64) -> String {
    with_luhn(format!("99900{number:05}"))
}

/// An invented FINESS: department, `99`, a number, a Luhn key.
fn finess(department: &str, number: u32) -> String {
    with_luhn(format!("{department}99{number:04}"))
}

/// The number followed by its Luhn key (ISO/IEC 7812-1 annex B), which RPPS and FINESS carry.
fn with_luhn(number: String) -> String {
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit - b'0');
            let doubled = if place % 2 == 0 { digit * 2 } else { digit };
            doubled / 10 + doubled % 10
        })
        .sum();
    format!("{number}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dmp_nomenclature::AuthorSpecialty;
    use std::collections::BTreeSet;

    #[test]
    fn every_part_is_coded() {
        for department in 0..DEPARTMENTS.len() {
            let cast = Cast::of(department, 1);
            for role in Role::ALL {
                let caregiver = cast.role(*role);
                let specialty = caregiver.author().specialty.unwrap();
                let known = AuthorSpecialty::parse(&specialty.code).unwrap();
                assert_eq!(known.profession.code(), caregiver.profession, "{role:?}");
                assert_eq!(known.qualification.map(|q| q.code), caregiver.speciality, "{role:?}");
                assert!(!caregiver.setting().code.is_empty(), "{role:?}");
                assert!(facility::DMP.find(caregiver.structure.facility().code).is_some(), "{role:?}");
            }
        }
    }

    #[test]
    fn identifiers_are_all_different() {
        let casts: Vec<_> = (0..DEPARTMENTS.len()).map(|d| Cast::of(d, 1)).collect();
        let ids: BTreeSet<_> =
            casts.iter().flat_map(|cast| Role::ALL.iter().map(|r| cast.role(*r).id.clone())).collect();
        assert_eq!(ids.len(), DEPARTMENTS.len() * Role::ALL.len());
    }

    #[test]
    fn the_key_is_that_of_luhn() {
        assert_eq!(with_luhn("7992739871".to_owned()), "79927398713");
    }

    #[test]
    fn an_employee_belongs_to_a_structure() {
        let cast = Cast::of(0, 1);
        assert_eq!(cast.secretary.structure, cast.role(Role::Doctor).structure.id);
        assert!(cast.secretary.id.as_str().ends_with("/0001"));
        let author = employee_author(&cast.secretary);
        assert_eq!(author.specialty.unwrap().code, "SECRETARIAT_MEDICAL");
    }
}
