//! Whom one may be in the demo, to see the record with their eyes.

use dmp_dossier::{
    Actor, Auth, Channel, Contact, Employee, Ins, InsOid, Mode, PersonName, PsId, ReceptionAgent, Referent,
    Sex, StructureId, Traits,
};
use serde_json::{Value, json};

use super::cast::{Caregiver, Cast, Role, Structure, rpps};
use super::population::{LEO, MARIE, Person};

/// The department they live in: the first of the list.
pub const DEPARTMENT: usize = 0;

/// The INS of `camille`; the invented population never draws a number of birth from 900.
pub const CAMILLE: &str = "295062227895007";

/// The hospital of that department: its emergency doctor, its admission desk and its référente are personas.
pub(super) const HOSPITAL: (&str, &str) = ("1229900014", "Centre hospitalier de Saint-Brieuc");

/// Somebody one may be.
#[derive(Debug, Clone)]
pub struct Persona {
    /// `dr-martin`.
    pub key: &'static str,
    /// Name shown, `Dr Paul Martin`.
    pub name: String,
    /// What they are, in French.
    pub label: &'static str,
    /// What they can do, a sentence or two.
    pub can: &'static str,
    /// Who they are to the record.
    pub who: Who,
}

/// Who a persona is to the record.
#[derive(Debug, Clone)]
pub enum Who {
    /// A patient, who may act for others.
    Patient {
        /// INS.
        ins: Ins,
        /// INS of those they act for.
        represents: Vec<Ins>,
    },
    /// A professional, and the access mode they are in by default.
    Professional(Box<Caregiver>, Mode),
    /// An employee.
    Employee(Employee),
    /// A reception agent.
    Agent(ReceptionAgent),
    /// The référent of a structure.
    Referent(Referent),
    /// The pilot team.
    Pilot,
}

impl Persona {
    /// The actor they are by default: a professional by card, in their usual access mode.
    pub fn actor(&self) -> Actor {
        match &self.who {
            Who::Professional(caregiver, mode) => caregiver.actor_in(Auth::Direct, mode.clone(), false),
            Who::Patient { ins, .. } => Actor::Patient { ins: ins.clone() },
            Who::Employee(employee) => Actor::Employee(employee.clone()),
            Who::Agent(agent) => Actor::ReceptionAgent(agent.clone()),
            Who::Referent(referent) => Actor::Referent(referent.clone()),
            Who::Pilot => Actor::Pilot,
        }
    }

    /// The actors they are for those they represent.
    pub fn representative_actors(&self) -> Vec<Actor> {
        match &self.who {
            Who::Patient { ins, represents } => represents
                .iter()
                .map(|of| Actor::Representative { of: of.clone(), person: ins.value().to_owned() })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Word for what they are, `professional`.
    pub fn kind(&self) -> &'static str {
        match &self.who {
            Who::Patient { .. } => "patient",
            Who::Professional(..) => "professional",
            Who::Employee(_) => "employee",
            Who::Agent(_) => "reception_agent",
            Who::Referent(_) => "referent",
            Who::Pilot => "pilot",
        }
    }

    /// Name as `--persona` takes it, name for people, kind, INS or identifiers, profession.
    pub fn to_json(&self) -> Value {
        let mut entry =
            json!({ "name": self.key, "display": self.name, "kind": self.kind(), "label": self.label });
        let more = match &self.who {
            Who::Patient { ins, represents } => json!({
                "ins": ins.value(),
                "oid": ins.oid().as_str(),
                "represents": represents.iter().map(Ins::value).collect::<Vec<_>>(),
            }),
            Who::Professional(caregiver, mode) => json!({
                "id": caregiver.id.as_str(),
                "id_oid": PsId::OID,
                "profession": caregiver.profession,
                "speciality": caregiver.speciality,
                "structure": caregiver.structure.id.as_str(),
                "structure_oid": StructureId::OID,
                "structure_name": caregiver.structure.name,
                "sector": caregiver.structure.sector,
                "mode": match mode {
                    Mode::Normal => "normal",
                    Mode::BrisDeGlace { .. } => "bris_de_glace",
                    Mode::Centre15 => "centre_15",
                },
            }),
            Who::Employee(employee) => json!({
                "id": employee.id.as_str(),
                "id_oid": PsId::OID,
                "structure": employee.structure.as_str(),
                "structure_oid": StructureId::OID,
                "structure_name": employee.structure_name,
            }),
            Who::Agent(agent) => json!({
                "id": agent.id,
                "organisation": agent.organisation,
                "channel": agent.channel.as_str(),
            }),
            Who::Referent(referent) => json!({
                "id": referent.id,
                "structure": referent.structure.as_str(),
                "structure_oid": StructureId::OID,
                "structure_name": referent.structure_name,
            }),
            Who::Pilot => json!({}),
        };
        if let (Value::Object(entry), Value::Object(more)) = (&mut entry, more) {
            entry.extend(more);
        }
        entry
    }
}

/// A professional of the demo: number, names, profession, and where they work.
struct Card {
    number: u64,
    given: &'static str,
    family: &'static str,
    profession: &'static str,
    speciality: Option<&'static str>,
    setting: &'static str,
    /// Identifier of the structure when it is not their own practice, its name, its sector.
    structure: (Option<&'static str>, &'static str, &'static str),
}

impl Card {
    fn caregiver(&self) -> Caregiver {
        let number = rpps(self.number);
        let (shared, name, sector) = self.structure;
        let structure = shared.map_or_else(|| format!("4{number}001"), str::to_owned);
        Caregiver {
            id: PsId::parse(&format!("8{number}")).expect("8 and eleven digits"),
            family: self.family.to_owned(),
            given: self.given.to_owned(),
            profession: self.profession,
            speciality: self.speciality,
            structure: Structure {
                id: StructureId::parse(&structure).expect("a national identifier (tested)"),
                name: name.to_owned(),
                sector,
            },
            setting: self.setting,
        }
    }
}

/// The professionals, with the part each plays in the department's cast.
#[rustfmt::skip] // one person, a few lines
const CARDS: [(&str, Role, Card); 8] = [
    ("dr-martin", Role::Doctor, Card { number: 90_001, given: "Paul", family: "Martin", profession: "10", speciality: Some("SM26"),
        setting: "AMBULATOIRE", structure: (None, "Cabinet médical du Port", "SA08") }),
    ("dr-roux", Role::Dentist, Card { number: 90_002, given: "Claire", family: "Roux", profession: "40", speciality: None,
        setting: "AMBULATOIRE", structure: (None, "Cabinet dentaire Roux", "SA07") }),
    ("ide-petit", Role::Nurse, Card { number: 90_003, given: "Julie", family: "Petit", profession: "60", speciality: None,
        setting: "SAD", structure: (None, "Cabinet infirmier de la Baie", "SA08") }),
    ("pharma-duval", Role::Pharmacist, Card { number: 90_004, given: "Hélène", family: "Duval", profession: "21", speciality: Some("A"),
        setting: "AMBULATOIRE", structure: (Some("1229990018"), "Pharmacie Duval", "SA33") }),
    ("opticien-lenoir", Role::Optician, Card { number: 90_005, given: "Marc", family: "Lenoir", profession: "28", speciality: None,
        setting: "AMBULATOIRE", structure: (None, "Optique Lenoir", "SA42") }),
    ("dr-kone", Role::RegulationDoctor, Card { number: 90_006, given: "Aminata", family: "Koné", profession: "10", speciality: Some("SM59"),
        setting: "SAMU_SMUR", structure: (Some("1229990026"), "SAMU des Côtes-d'Armor", "SA01") }),
    ("dr-travail", Role::OccupationalDoctor, Card { number: 90_007, given: "Nadia", family: "Laurent", profession: "10", speciality: Some("SM25"),
        setting: "AMBULATOIRE", structure: (Some("1229990034"), "Santé au travail d'Armor", "SA13") }),
    ("dr-simon", Role::EmergencyDoctor, Card { number: 90_008, given: "Antoine", family: "Simon", profession: "10", speciality: Some("SM59"),
        setting: "ETABLISSEMENT", structure: (Some(HOSPITAL.0), HOSPITAL.1, "SA01") }),
];

const SECRETARY: (&str, &str) = ("Sylvie", "Blanc");

/// What people read of each: key, label, what they can do; in the order of the cards.
#[rustfmt::skip] // one person, one line
const LABELS: [(&str, &str, &str); 17] = [
    ("marie", "Patiente, 42 ans", "Son dossier contient un document de chaque type. Elle voit qui est venu, masque, autorise et bloque."),
    ("leo", "Enfant de Marie, 8 ans", "Son dossier est tenu par sa mère jusqu'à sa majorité."),
    ("camille", "Patiente, 31 ans, sans dossier", "N'a pas encore de dossier : elle l'ouvre seule, ou à un guichet."),
    ("dr-martin", "Médecin généraliste, cabinet du Port, médecin traitant de Marie", "Voit aussi les documents masqués de ses patients et tout l'historique des accès."),
    ("dr-roux", "Chirurgien-dentiste", "Voit la plupart des types de documents, pas ceux de psychiatrie ni du secteur social."),
    ("ide-petit", "Infirmière libérale", "Membre de l'équipe de soins de Marie."),
    ("pharma-duval", "Pharmacienne d'officine", "Ouvre des dossiers au comptoir, lit les ordonnances, enregistre les vaccins."),
    ("opticien-lenoir", "Opticien-lunetier, autorisé par Marie", "Ne voit que les douze types de documents de sa profession, et les siens."),
    ("dr-kone", "Médecin urgentiste, régulation du SAMU", "Accède en urgence, sauf si le patient s'y est opposé ; chaque accès est tracé."),
    ("dr-simon", "Médecin urgentiste, centre hospitalier de Saint-Brieuc", "Ouvre un dossier en bris de glace, avec un motif que le patient lit."),
    ("dr-travail", "Médecin du travail, autorisée par Marie", "Voit la liste des documents et en dépose, n'ouvre aucun contenu."),
    ("secretaire-blanc", "Secrétaire du cabinet du Dr Martin", "Dépose les courriers du cabinet, ne lit rien."),
    ("agent-cpam", "Agent d'accueil de la CPAM", "Ouvre et ferme les dossiers, sans voir aucun document."),
    ("agent-pharmacie", "Préparatrice au comptoir, pharmacie Duval", "Ouvre un dossier au comptoir, sans voir aucun document."),
    ("agent-hopital", "Agent des admissions, centre hospitalier", "Ouvre un dossier à l'admission, sans voir aucun document."),
    ("referente-hopital", "Référente des accès, centre hospitalier", "Examine les accès d'urgence et les signalements, sans voir aucun document."),
    ("pilote", "Équipe du projet pilote", "Voit des nombres, jamais un dossier."),
];

/// Everybody, in the order of the cards.
pub fn personas() -> Vec<Persona> {
    let card =
        |key: &str| CARDS.iter().find(|(known, _, _)| *known == key).map(|(_, _, card)| card.caregiver());
    let ins = |value: &str| Ins::parse(value, InsOid::Test).expect("a test INS with its key (tested)");
    LABELS
        .iter()
        .map(|(key, label, can)| {
            let (name, who) = match (*key, card(key)) {
                (_, Some(caregiver)) => {
                    let mode = if *key == "dr-kone" { Mode::Centre15 } else { Mode::Normal };
                    (caregiver.name(), Who::Professional(Box::new(caregiver), mode))
                }
                ("marie", _) => {
                    ("Marie Durand".to_owned(), Who::Patient { ins: ins(MARIE), represents: vec![ins(LEO)] })
                }
                ("leo", _) => {
                    ("Léo Durand".to_owned(), Who::Patient { ins: ins(LEO), represents: Vec::new() })
                }
                ("secretaire-blanc", _) => {
                    let (given, family) = SECRETARY;
                    (format!("{given} {family}"), Who::Employee(secretary()))
                }
                ("camille", _) => {
                    ("Camille Renault".to_owned(), Who::Patient { ins: ins(CAMILLE), represents: Vec::new() })
                }
                ("agent-cpam", _) => ("Accueil de la CPAM".to_owned(), Who::Agent(agent())),
                ("agent-pharmacie", _) => {
                    let agent = desk("PHARMACIE-22-001", "Pharmacie Duval", Channel::Pharmacie);
                    ("Comptoir de la pharmacie Duval".to_owned(), Who::Agent(agent))
                }
                ("agent-hopital", _) => {
                    let agent = desk("ADMISSION-22-001", HOSPITAL.1, Channel::Etablissement);
                    ("Admissions du centre hospitalier".to_owned(), Who::Agent(agent))
                }
                ("referente-hopital", _) => {
                    let referent = referent();
                    (format!("{} {}", referent.name.given, referent.name.family), Who::Referent(referent))
                }
                _ => ("Équipe pilote".to_owned(), Who::Pilot),
            };
            Persona { key, name, label, can, who }
        })
        .collect()
}

/// The secretary of the first doctor's practice.
fn secretary() -> Employee {
    let (given, family) = SECRETARY;
    let (_, _, doctor) = &CARDS[0];
    doctor.caregiver().structure.employee(1, given, family)
}

fn agent() -> ReceptionAgent {
    desk("CPAM-22-001", super::names::DEPARTMENTS[DEPARTMENT].cpam, Channel::Cpam)
}

fn desk(id: &str, organisation: &str, channel: Channel) -> ReceptionAgent {
    ReceptionAgent { id: id.to_owned(), organisation: organisation.to_owned(), channel }
}

/// Who watches over accesses at the hospital.
fn referent() -> Referent {
    let (structure, name) = HOSPITAL;
    Referent {
        id: "REFERENT-22-001".to_owned(),
        name: PersonName { family: "Le Bihan".to_owned(), given: "Françoise".to_owned() },
        structure: StructureId::parse(structure).expect("a national identifier (tested)"),
        structure_name: Some(name.to_owned()),
    }
}

/// An adult patient who has no dossier yet: nobody seeds one.
pub fn camille() -> Person {
    Person {
        ins: Ins::parse(CAMILLE, InsOid::Test).expect("a test INS with its key (tested)"),
        traits: Traits {
            birth_name: "RENAULT".to_owned(),
            given_names: "CAMILLE ELISE".to_owned(),
            birth_date: "19950621".to_owned(),
            sex: Sex::Female,
            birth_place: "22278".to_owned(),
            used_name: None,
            used_given: None,
        },
        contact: Contact {
            phone: Some("06 39 98 56 78".to_owned()),
            mail: Some("camille.renault@exemple.fr".to_owned()),
            address: Some("3 rue de la Gare, 22000 Saint-Brieuc".to_owned()),
        },
        age: 31,
        department: DEPARTMENT,
        representatives: Vec::new(),
        channel: Channel::Web,
        conditions: Vec::new(),
    }
}

/// Gives the personas their parts in the cast of their department.
pub fn take_parts(cast: &mut Cast) {
    for (_, role, card) in &CARDS {
        cast.give(*role, card.caregiver());
    }
    cast.secretary = secretary();
    cast.agent = agent();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn all_are_there_each_with_identifiers_of_their_own() {
        let people = personas();
        let keys: BTreeSet<_> = people.iter().map(|p| p.key).collect();
        let expected = [
            "agent-cpam",
            "agent-hopital",
            "agent-pharmacie",
            "camille",
            "dr-kone",
            "dr-martin",
            "dr-roux",
            "dr-simon",
            "dr-travail",
            "ide-petit",
            "leo",
            "marie",
            "opticien-lenoir",
            "pharma-duval",
            "pilote",
            "referente-hopital",
            "secretaire-blanc",
        ];
        assert_eq!(keys, expected.into_iter().collect());
        let ids: BTreeSet<_> =
            people.iter().filter_map(|p| p.to_json().get("id").map(ToString::to_string)).collect();
        assert_eq!(ids.len(), 13);
    }

    /// The hospital of the department, as everybody else of its cast knows it.
    fn hospital() -> StructureId {
        let cast = Cast::of(DEPARTMENT, 1);
        let structure = &cast.role(Role::EmergencyDoctor).structure;
        assert_eq!(HOSPITAL, (structure.id.as_str(), structure.name.as_str()));
        structure.id.clone()
    }

    #[test]
    fn each_acts_as_what_they_are() {
        for persona in personas() {
            let actor = persona.actor();
            let fits = match (persona.key, &actor) {
                ("marie", Actor::Patient { ins }) => ins.value() == MARIE,
                ("leo", Actor::Patient { ins }) => ins.value() == LEO,
                ("camille", Actor::Patient { ins }) => ins == &camille().ins,
                ("dr-simon", Actor::Professional(p)) => {
                    p.mode == Mode::Normal
                        && p.speciality.as_deref() == Some("SM59")
                        && p.structure == Some(hospital())
                }
                ("referente-hopital", Actor::Referent(r)) => r.structure == hospital(),
                ("agent-pharmacie", Actor::ReceptionAgent(a)) => a.channel == Channel::Pharmacie,
                ("agent-hopital", Actor::ReceptionAgent(a)) => a.channel == Channel::Etablissement,
                ("dr-kone", Actor::Professional(p)) => p.mode == Mode::Centre15 && p.profession == "10",
                ("dr-travail", Actor::Professional(p)) => p.speciality.as_deref() == Some("SM25"),
                ("opticien-lenoir", Actor::Professional(p)) => p.profession == "28",
                ("dr-martin" | "dr-roux" | "ide-petit" | "pharma-duval", Actor::Professional(p)) => {
                    p.mode == Mode::Normal && p.auth == Auth::Direct
                }
                ("secretaire-blanc", Actor::Employee(e)) => {
                    personas()[3].to_json()["structure"] == e.structure.as_str()
                }
                ("agent-cpam", Actor::ReceptionAgent(a)) => a.channel == Channel::Cpam,
                ("pilote", Actor::Pilot) => true,
                _ => false,
            };
            assert!(fits, "{}: {actor:?}", persona.key);
        }
        let marie = &personas()[0];
        let [Actor::Representative { of, person }] = &marie.representative_actors()[..] else { panic!() };
        assert_eq!((of.value(), person.as_str()), (LEO, MARIE));
    }
}
