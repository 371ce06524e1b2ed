//! The history of an ordinary dossier: opened somewhere, fed by some, read by others.

mod papers;

use dmp_cda::clinical::{Concept, Period};
use dmp_cda::write::DischargeLetter;
use dmp_dossier::command::Command;
use dmp_dossier::{Actor, Channel, DocumentUid, Emergency, Time};

pub(super) use self::papers::medecin_traitant_role;
use self::papers::{OWN_WORDS, WRIST, consultation, reimbursements, synthesis};
use super::cast::{Caregiver, Role};
use super::clinical::{
    AMOXICILLINE, CHECK_UP, Drug, ENOXAPARINE, GARDASIL, IBUPROFENE, Lab, PARACETAMOL, PREVENAR, PRIORIX,
    REPEVAX, VAXIGRIP, Vaccine, day_of, disease,
};
use super::incidents;
use super::scribe::{Paper, minutes_before};
use super::tale::{Step, Tale, authorisation, consent, plus_minutes, retrieve, structure_of};

/// What is known of a history while it goes on.
pub(super) struct Course {
    /// Days ago of the opening.
    pub(super) opened: u32,
    /// The patient's doctor.
    pub(super) doctor: Role,
    /// He is médecin traitant.
    pub(super) medecin_traitant: bool,
    /// Emergency switches of the opening.
    pub(super) emergency: Emergency,
    /// Visible documents, with their authors and the time they came.
    pub(super) documents: Vec<(DocumentUid, Role, Time)>,
}

impl Course {
    /// A random day between the opening and the end, with room on both sides; `None` when the dossier is too young.
    fn day(&self, tale: &mut Tale<'_>) -> Option<u32> {
        (self.opened > 10).then(|| tale.dice.between(5, u64::from(self.opened) - 4) as u32)
    }
}

/// Tells it.
pub fn tell(mut tale: Tale<'_>, number: usize) -> Vec<Step> {
    let mut course = begin(&mut tale, number);
    visits(&mut tale, &mut course);
    measures(&mut tale, &mut course);
    injections(&mut tale, &mut course);
    specialists(&mut tale, &mut course);
    if tale.person.age >= 16 && tale.dice.percent(15) {
        stay(&mut tale, &mut course);
    }
    at_home(&mut tale, &course);
    incidents::add(&mut tale, &course, number);
    tale.finish()
}

/// Opening, reimbursements, médecin traitant, care team.
fn begin(tale: &mut Tale<'_>, number: usize) -> Course {
    // Openings grew week after week.
    let share = (tale.dice.below(10_000) as f64 / 10_000.0).sqrt();
    let opened = 8 + (285.0 * (1.0 - share)) as u32;
    let at = tale.calendar.office(opened, &mut tale.dice);
    let doctor =
        *tale.dice.weighted(&[(50, Role::Doctor), (30, Role::SecondDoctor), (20, Role::ThirdDoctor)]);
    let emergency = Emergency {
        bris_de_glace_opposed: number % 27 == 1,
        samu_opposed: number % 54 == 1,
        masked_readable: number % 8 == 3,
    };
    let cast = tale.cast;
    let pharmacist = cast.role(if tale.dice.percent(60) { Role::Pharmacist } else { Role::SecondPharmacist });
    let (by, collected_by, means): (Actor, String, &str) = match tale.person.channel {
        Channel::Web => (tale.holder(), "service en ligne".to_owned(), "formulaire web"),
        Channel::Cpam => {
            (Actor::ReceptionAgent(cast.agent.clone()), cast.agent.organisation.clone(), "oral, à l'accueil")
        }
        Channel::Pharmacie => (pharmacist.actor(), pharmacist.name(), "oral, au comptoir"),
        Channel::Ps => (cast.role(doctor).actor(), cast.role(doctor).name(), "oral, en consultation"),
        Channel::Etablissement => (
            Actor::Employee(cast.admission.clone()),
            "bureau des admissions".to_owned(),
            "oral, à l'admission",
        ),
        Channel::Infirmier => {
            (cast.role(Role::Nurse).actor(), cast.role(Role::Nurse).name(), "oral, au domicile")
        }
        Channel::MedicoSocial => {
            (Actor::Employee(cast.residence.clone()), "secrétariat de la résidence".to_owned(), "écrit")
        }
    };
    tale.open(at, by, &collected_by, means, emergency);
    let mut course =
        Course { opened, doctor, medecin_traitant: tale.dice.percent(75), emergency, documents: Vec::new() };
    if tale.dice.percent(88) {
        let at = plus_minutes(at, 150);
        let text = reimbursements(tale, at);
        let document = tale.scribe.reimbursements(&text, minutes_before(at, 730 * 24 * 60), at);
        let uid = tale.deposit(at, Actor::Insurer, Paper::visible(document));
        course.documents.push((uid, course.doctor, at));
    }
    let doctor = cast.role(doctor);
    if course.medecin_traitant {
        // At once by the doctor who opened, else at home in the evening.
        let named = plus_minutes(at, if tale.person.channel == Channel::Ps { 4 } else { 9 * 60 });
        if tale.person.channel == Channel::Ps {
            tale.command(named, doctor.actor(), authorisation(doctor, true));
        } else {
            tale.authorise(named, doctor, true);
        }
        if tale.dice.percent(35) && opened > 12 {
            let day = plus_minutes(tale.calendar.office(opened - 4, &mut tale.dice), 5);
            let team = vec![
                doctor.grantee(),
                cast.role(Role::Nurse).grantee(),
                structure_of(cast.role(Role::Pharmacist)),
            ];
            let proof = consent(&doctor.name(), "oral, en consultation", day);
            tale.command(day, doctor.actor(), Command::RecordInitialConsent { team, proof });
        }
    }
    course
}

/// Consultations of the doctor, and what follows from them at the pharmacy.
fn visits(tale: &mut Tale<'_>, course: &mut Course) {
    let person = tale.person;
    let count = match course.medecin_traitant {
        true => 1 + person.conditions.len().min(2) as u64 + tale.dice.below(2),
        false => tale.dice.below(2),
    };
    let doctor = tale.cast.role(course.doctor);
    for visit in 0..count {
        let Some(day) = course.day(tale) else { return };
        let at = tale.calendar.office(day, &mut tale.dice);
        if !course.medecin_traitant {
            tale.declare(at, doctor);
        }
        match course.documents.last().filter(|(_, _, came)| *came < at) {
            Some((uid, _, _)) if tale.dice.percent(55) => {
                tale.read(plus_minutes(at, 1), doctor.actor(), &uid.clone())
            }
            _ => tale.search(plus_minutes(at, 1), doctor.actor()),
        }
        let end = plus_minutes(at, 18);
        if visit == 0 && course.medecin_traitant && !person.conditions.is_empty() && tale.dice.percent(70) {
            let document = synthesis(tale, doctor, end);
            let uid = tale.deposit(end, doctor.actor(), Paper::visible(document));
            course.documents.push((uid, course.doctor, end));
        } else if tale.dice.percent(60) {
            prescribe(tale, course, doctor, end);
        } else {
            let text = consultation(tale, person.conditions.first().copied());
            let document = tale.scribe.letter("11488-4", "Compte rendu de consultation", &text, doctor, end);
            let uid = tale.deposit(end, doctor.actor(), Paper::visible(document));
            course.documents.push((uid, course.doctor, end));
        }
    }
}

fn prescribe(tale: &mut Tale<'_>, course: &mut Course, doctor: &Caregiver, at: Time) {
    let person = tale.person;
    let drugs: Vec<(&Drug, _)> = match person.conditions.is_empty() {
        true if tale.dice.percent(30) => vec![(&AMOXICILLINE, None), (&PARACETAMOL, None)],
        true => vec![(&PARACETAMOL, None), (&IBUPROFENE, None)],
        false => person
            .conditions
            .iter()
            .flat_map(|c| c.drugs.iter().map(|drug| (*drug, Some(c.concept()))))
            .collect(),
    };
    let days = if person.conditions.is_empty() { 6 } else { 90 };
    let mut document = tale.scribe.prescription(&drugs, days, doctor, at);
    let covered = |reason: &Option<Concept>| {
        person.conditions.iter().any(|c| c.ald && reason.as_ref() == Some(&c.concept()))
    };
    for (line, (_, reason)) in document.lines.iter_mut().zip(&drugs) {
        line.ald = covered(reason);
    }
    let uid = tale.deposit(at, doctor.actor(), Paper::visible(document));
    course.documents.push((uid.clone(), course.doctor, at));
    if tale.dice.percent(55) {
        let pharmacist = tale.cast.role(Role::Pharmacist);
        let later = plus_minutes(at, tale.dice.between(40, 200) as u32);
        tale.declare(later, pharmacist);
        tale.read(plus_minutes(later, 1), pharmacist.actor(), &uid);
        if tale.dice.percent(50) {
            let handed: Vec<_> = drugs.iter().map(|(drug, _)| format!("- {}", drug.name())).collect();
            let text = format!("Délivré ce jour, sans substitution refusée :\n{}", handed.join("\n"));
            let end = plus_minutes(later, 8);
            let document =
                tale.scribe.letter("60593-1", "Dispensation médicamenteuse", &text, pharmacist, end);
            tale.deposit(end, pharmacist.actor(), Paper::visible(document));
        }
    }
}

/// Blood tests, every quarter for those who need them.
fn measures(tale: &mut Tale<'_>, course: &mut Course) {
    let mut labs: Vec<&Lab> = Vec::new();
    for lab in tale.person.conditions.iter().flat_map(|c| c.labs) {
        if !labs.iter().any(|known| std::ptr::eq(*known, *lab)) {
            labs.push(lab);
        }
    }
    let followed = !labs.is_empty();
    if !followed {
        if !tale.dice.percent(30) || tale.person.age < 14 {
            return;
        }
        labs.extend(CHECK_UP);
    }
    let usual: Vec<_> = labs.iter().map(|lab| lab.usual_of(&mut tale.dice)).collect();
    let biologist = tale.cast.role(Role::Biologist);
    let Some(mut day) = course.day(tale) else { return };
    if followed {
        day = course.opened - 4;
    }
    loop {
        let at = tale.calendar.office(day, &mut tale.dice);
        let values: Vec<_> =
            labs.iter().zip(&usual).map(|(lab, usual)| (*lab, lab.near(*usual, &mut tale.dice))).collect();
        let document = tale.scribe.biology(&values, biologist, at);
        // Laboratories send with their own certificate.
        let uid = tale.deposit(at, biologist.structure.actor(), Paper::visible(document));
        if course.medecin_traitant && day > 4 && tale.dice.percent(60) {
            let seen = plus_minutes(at, 24 * 60 + 35);
            tale.consult(seen, tale.cast.role(course.doctor).actor(), retrieve(&uid));
        }
        course.documents.push((uid, Role::Biologist, at));
        let next = tale.dice.between(75, 100) as u32;
        if !followed || day < next + 4 {
            return;
        }
        day -= next;
    }
}

fn injections(tale: &mut Tale<'_>, course: &mut Course) {
    let (vaccine, rank, by): (&Vaccine, u32, Role) = match tale.person.age {
        ..7 => (&PRIORIX, 1, course.doctor),
        7..11 => (&REPEVAX, 2, course.doctor),
        11..18 => (&GARDASIL, 1 + tale.dice.below(2) as u32, Role::Pharmacist),
        65.. if tale.dice.percent(20) => (&PREVENAR, 1, Role::Nurse),
        65.. => (&VAXIGRIP, 2, Role::Pharmacist),
        _ if tale.dice.percent(15) => (&REPEVAX, 3, course.doctor),
        _ => return,
    };
    if !tale.dice.percent(60) {
        return;
    }
    let Some(day) = course.day(tale) else { return };
    let at = tale.calendar.office(day, &mut tale.dice);
    let by_whom = tale.cast.role(by);
    let lot = format!("{}{}", ["A", "K", "T"][day as usize % 3], 1000 + tale.dice.below(9000));
    let document = tale.scribe.vaccination(vaccine, rank, &lot, by_whom, at);
    let uid = tale.deposit(at, by_whom.actor(), Paper::visible(document));
    course.documents.push((uid, by, at));
}

fn specialists(tale: &mut Tale<'_>, course: &mut Course) {
    let person = tale.person;
    let followed = person.conditions.iter().filter_map(|c| Some((c, c.specialist?))).next();
    if let Some((condition, role)) = followed
        && tale.dice.percent(55)
        && let Some(day) = course.day(tale)
    {
        let at = tale.calendar.office(day, &mut tale.dice);
        let by = tale.cast.role(role);
        let type_code = if role == Role::Ophthalmologist { "78513-9" } else { "11488-4" };
        let text = format!(
            "Cher confrère,\nMerci de m'avoir adressé {} pour : {}.\nÉtat stable, pas de modification du traitement.\n{}\n\
             Prochain contrôle dans un an, plus tôt si besoin.",
            person.name(),
            condition.cim10.1,
            condition.vigilance
        );
        let document = tale.scribe.letter(type_code, "Consultation spécialisée", &text, by, at);
        let uid = tale.deposit(at, by.actor(), Paper::visible(document));
        course.documents.push((uid, role, at));
    }
    if person.age > 72
        && tale.dice.percent(40)
        && let Some(day) = course.day(tale)
    {
        let at = tale.calendar.office(day, &mut tale.dice);
        let nurse = tale.cast.role(Role::Nurse);
        let text = "Passages quotidiens : préparation du pilulier, surveillance de la tension et du poids.\n\
                    Tolérance correcte, pas de chute ce mois-ci. Aide à la toilette deux fois par semaine.";
        let document = tale.scribe.letter("11506-3", "Suivi infirmier du mois", text, nurse, at);
        let uid = tale.deposit(at, nurse.actor(), Paper::visible(document));
        course.documents.push((uid, Role::Nurse, at));
    }
}

/// A few days in hospital: emergencies, X-ray, discharge letter.
fn stay(tale: &mut Tale<'_>, course: &mut Course) {
    let Some(day) = course.day(tale).filter(|day| *day > 10) else { return };
    let cast = tale.cast;
    let (emergency, surgeon, radiologist) =
        (cast.role(Role::EmergencyDoctor), cast.role(Role::Surgeon), cast.role(Role::Radiologist));
    let came = tale.calendar.at(day, 18, tale.dice.below(60) as u32);
    let text = "Amené par les pompiers après une chute de sa hauteur. Douleur et impotence du poignet droit.\n\
                Conscient, orienté, constantes normales. Antalgiques de palier 2, immobilisation, radiographie.\n\
                Hospitalisation pour réduction sous anesthésie.";
    let document = tale.scribe.letter("15507-7", "Passage aux urgences", text, emergency, came);
    let uid = tale.deposit(plus_minutes(came, 30), emergency.structure.actor(), Paper::visible(document));
    course.documents.push((uid, Role::EmergencyDoctor, came));
    let seen = plus_minutes(came, 60);
    let history = tale.person.conditions.first().map_or("", |c| c.cim10.1);
    let report = tale.scribe.imaging(&WRIST, history, radiologist, seen);
    let uid = tale.deposit(plus_minutes(seen, 20), radiologist.actor(), Paper::visible(report));
    course.documents.push((uid, Role::Radiologist, seen));
    let left = tale.calendar.at(day - 3, 10, 30);
    let mut header = tale.scribe.header("11490-0", "Lettre de liaison à la sortie", surgeon, left);
    header.act.start = came;
    header.other_acts = disease("S52.5", "Fracture de l'extrémité inférieure du radius").codes;
    let period = Period { start: Some(day_of(left)), stop: Some(day_of(left.plus_days(10))) };
    let letter = DischargeLetter {
        header,
        reason: "Fracture fermée du poignet droit après une chute.".to_owned(),
        stay:
            "Réduction sous anesthésie locorégionale le lendemain de l'entrée, plâtre. Contrôle satisfaisant."
                .to_owned(),
        discharged: day_of(left),
        adverse_events: String::new(),
        treatments: [&PARACETAMOL, &ENOXAPARINE]
            .map(|drug| drug.taken(period, Some(disease("S52.5", "Fracture du poignet"))))
            .to_vec(),
        awaited: String::new(),
        follow_up:
            "Radiographie de contrôle à huit jours, ablation du plâtre à six semaines, puis rééducation."
                .to_owned(),
    };
    let uid = tale.deposit(plus_minutes(left, 15), surgeon.structure.actor(), Paper::visible(letter));
    if course.medecin_traitant {
        tale.read(plus_minutes(left, 26 * 60), cast.role(course.doctor).actor(), &uid);
    }
    course.documents.push((uid, Role::Surgeon, left));
}

/// The patient at home: their own documents, a look at the record and at who came.
fn at_home(tale: &mut Tale<'_>, course: &Course) {
    if tale.is_minor() {
        if tale.dice.percent(40)
            && let Some(day) = course.day(tale)
        {
            let at = tale.calendar.at(day, 19, tale.dice.below(60) as u32);
            let holder = tale.holder();
            tale.search(at, holder);
        }
        return;
    }
    if tale.dice.percent(28)
        && let Some(day) = course.day(tale)
    {
        let at = tale.calendar.at(day, 20, tale.dice.below(60) as u32);
        let (type_code, title, text) = *tale.dice.pick(&OWN_WORDS);
        let document = tale.scribe.words(type_code, title, text, at);
        let holder = tale.holder();
        tale.deposit(at, holder, Paper::visible(document));
    }
    if tale.dice.percent(55) {
        // Late in the story, when there is something to see.
        let at = tale.calendar.at(3, 19, tale.dice.below(50) as u32);
        let holder = tale.holder();
        tale.search(at, holder.clone());
        if let Some((uid, _, _)) = course.documents.last() {
            tale.consult(plus_minutes(at, 2), holder, retrieve(uid));
        }
        tale.read_journal(plus_minutes(at, 4));
    }
}
