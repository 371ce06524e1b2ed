//! The cast: invented people under test identifiers, written as one word with its circumstances after `/`.
//!
//! `martin`, `martin/glace`, `kone/samu`, `roux/air`, `petit/secret`, `cpe0`, `pe0` (an employee by AIR), `cert0`,
//! `cert0/samu`, `patient`, `mere` (a parent), `tuteur` (a guardian), `inconnu` (a representative of nobody here),
//! `autre` (a patient with another INS), `cpam` and the other desks, `insurer`, `pilot`, `system`, `loader`, `referent0` (of a
//! structure).

use dmp_dossier::{
    Actor, App, AppPurpose, Auth, AuthorId, Card, Channel, Employee, Grantee, Ins, InsOid, Mode, PersonName,
    Professional, PsId, ReceptionAgent, Referent, StructureActor, StructureId,
};

/// INS of the patient of every test.
pub const PATIENT: &str = "284073523811416";
/// INS of somebody else.
pub const OTHER: &str = "118033523802725";

/// Word, profession, speciality, structure.
pub const PEOPLE: [(&str, &str, Option<&str>, usize); 11] = [
    ("martin", "10", Some("SM26"), 0),
    ("roux", "10", Some("SM05"), 0),
    ("kone", "10", Some("SM26"), 1),
    ("petit", "60", None, 0),
    ("lenoir", "28", None, 2),
    ("travail", "10", Some("SM25"), 3),
    ("duval", "40", None, 1),
    ("social", "42", None, 3),
    ("etudiant", "G16_10", None, 0),
    ("pharma", "21", None, 2),
    ("nobody", "ZZ", None, 3),
];

pub fn ins(value: &str) -> Ins {
    Ins::parse(value, InsOid::Test).unwrap()
}

pub fn ps_id(index: usize) -> PsId {
    PsId::parse(&format!("8{:011}", 99900000000u64 + index as u64)).unwrap()
}

pub fn structure_id(index: usize) -> StructureId {
    StructureId::parse(&format!("1{:09}", 750100100 + index)).unwrap()
}

pub fn person_index(word: &str) -> Option<usize> {
    PEOPLE.iter().position(|p| p.0 == word)
}

/// `martin` a person, `s0` a structure.
pub fn grantee(word: &str) -> Grantee {
    match person_index(word) {
        Some(index) => Grantee::Professional(ps_id(index)),
        None => Grantee::Structure(structure_id(number(word, "s"))),
    }
}

fn number(word: &str, prefix: &str) -> usize {
    let digits = word.strip_prefix(prefix).unwrap_or_else(|| panic!("unknown word `{word}`"));
    digits.parse().unwrap_or_else(|_| panic!("unknown word `{word}`"))
}

/// A professional of the cast.
pub fn professional(index: usize) -> Professional {
    let (name, profession, speciality, structure) = PEOPLE[index];
    let student = profession.strip_prefix("G16_");
    Professional {
        id: ps_id(index),
        name: PersonName { family: name.to_owned(), given: "A".to_owned() },
        profession: student.unwrap_or(profession).to_owned(),
        speciality: speciality.map(str::to_owned),
        structure: Some(structure_id(structure)),
        structure_name: None,
        sector: None,
        auth: Auth::Direct,
        card: if student.is_some() { Card::Cpf } else { Card::Cps },
        mode: Mode::Normal,
        secret: false,
        software: None,
    }
}

/// Reads a word of the cast.
pub fn actor(word: &str) -> Actor {
    let mut parts = word.split('/');
    let name = parts.next().unwrap();
    let circumstances: Vec<&str> = parts.collect();
    if let Some(index) = person_index(name) {
        let mut p = professional(index);
        for c in circumstances {
            match c {
                "glace" => p.mode = Mode::BrisDeGlace { reason: "inconscient".to_owned() },
                "glace-sans-motif" => p.mode = Mode::BrisDeGlace { reason: " ".to_owned() },
                "samu" => p.mode = Mode::Centre15,
                "air" => p.auth = Auth::ReinforcedIndirect,
                "psc" => p.auth = Auth::Oidc,
                "indirect" => p.auth = Auth::Indirect,
                "secret" => p.secret = true,
                "sans-structure" => p.structure = None,
                "sa13" => p.sector = Some("SA13".to_owned()),
                other => panic!("unknown circumstance `{other}`"),
            }
        }
        return Actor::Professional(Box::new(p));
    }
    let representative = |person: &str| Actor::Representative { of: ins(PATIENT), person: person.to_owned() };
    match name {
        "patient" => Actor::Patient { ins: ins(PATIENT) },
        "autre" => Actor::Patient { ins: ins(OTHER) },
        "mere" | "pere" | "tuteur" | "inconnu" => representative(name),
        "mere-d-un-autre" => Actor::Representative { of: ins(OTHER), person: "mere".to_owned() },
        "insurer" => Actor::Insurer,
        "pilot" => Actor::Pilot,
        "system" => Actor::App(App { name: "dmp".to_owned(), purpose: AppPurpose::System }),
        "loader" => Actor::App(App { name: "loader".to_owned(), purpose: AppPurpose::Loader }),
        _ => {
            if let Some(channel) = Channel::parse(name) {
                return Actor::ReceptionAgent(ReceptionAgent {
                    id: format!("agent-{name}"),
                    organisation: name.to_owned(),
                    channel,
                });
            }
            if name.starts_with("referent") {
                return Actor::Referent(Referent {
                    id: name.to_owned(),
                    name: PersonName { family: "noir".to_owned(), given: "A".to_owned() },
                    structure: structure_id(number(name, "referent")),
                    structure_name: None,
                });
            }
            if name.starts_with("cert") {
                return Actor::Structure(StructureActor {
                    id: structure_id(number(name, "cert")),
                    name: None,
                    regulation: circumstances == ["samu"],
                });
            }
            let air = name.starts_with("pe");
            let structure = number(name, if air { "pe" } else { "cpe" });
            Actor::Employee(Employee {
                id: PsId::parse(&format!("3{}/EMP1", &structure_id(structure).as_str()[1..])).unwrap(),
                name: PersonName { family: "blanc".to_owned(), given: "A".to_owned() },
                structure: structure_id(structure),
                structure_name: None,
                reinforced_indirect: air,
            })
        }
    }
}

/// Who signs a document: `martin` (for his structure), `martin@2` (for another), `patient`, `amo` (Assurance
/// maladie), `device0` (a machine of a structure).
pub fn author_id(word: &str) -> (AuthorId, Option<StructureId>) {
    let (name, elsewhere) = word.split_once('@').map_or((word, None), |(n, s)| (n, Some(s)));
    if let Some(index) = person_index(name) {
        let structure = elsewhere.map_or(PEOPLE[index].3, |s| s.parse().unwrap());
        return (AuthorId::Professional(ps_id(index)), Some(structure_id(structure)));
    }
    let other = |id: &str| AuthorId::Other { id: id.to_owned(), authority: "1.2.3".to_owned() };
    match name {
        "patient" => (AuthorId::Patient(ins(PATIENT)), None),
        "amo" => (other("amo"), None),
        _ => (other(name), Some(structure_id(number(name, "device")))),
    }
}
