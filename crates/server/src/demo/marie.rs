//! The dossier of Marie, which holds a document of every type and shows every feature.

mod letters;
mod papers;

use dmp_cda::clinical::Period;
use dmp_cda::write::{DischargeLetter, HeaderDraft};
use dmp_dossier::command::Command;
use dmp_dossier::{Actor, Auth, Availability, DocumentUid, Emergency, Mode, Query, Time, Visibility};
use std::collections::HashMap;

use self::letters::{Hand, LETTERS, Letter, WORDS};
use self::papers::{HISTORY, KNEE, MAMMOGRAPHY, VALUES, date_of, synthesis};
use super::cast::Role;
use super::clinical::{
    BUDESONIDE, ENOXAPARINE, LEVOTHYROX, PARACETAMOL, PREVENAR, REPEVAX, SALBUTAMOL, VAXIGRIP, day_of,
    disease,
};
use super::scribe::{Paper, french_date, minutes_before};
use super::tale::{MASKED, Step, TO_ANNOUNCE, Tale, consent, plus_minutes, retrieve, structure_of};

/// Documents that later steps come back to, by type: the latest filed.
type Filed = HashMap<&'static str, DocumentUid>;

/// Tells it.
pub fn tell(mut tale: Tale<'_>) -> Vec<Step> {
    let mut filed = Filed::new();
    opening(&mut tale, &mut filed);
    letters(&mut tale, &mut filed);
    words(&mut tale, &mut filed);
    measures(&mut tale);
    treatments(&mut tale);
    injections(&mut tale);
    accident(&mut tale, &mut filed);
    breast(&mut tale, &mut filed);
    later(&mut tale, &filed);
    readers(&mut tale, &filed);
    attempts(&mut tale, &filed);
    herself(&mut tale, &filed);
    tale.finish()
}

/// At the insurer's desk; then the doctor, the care team, the first synthesis.
fn opening(tale: &mut Tale<'_>, filed: &mut Filed) {
    let cast = tale.cast;
    let (doctor, pharmacist) = (cast.role(Role::Doctor), cast.role(Role::Pharmacist));
    let at = tale.calendar.at(329, 10, 20);
    let desk = Actor::ReceptionAgent(cast.agent.clone());
    tale.open(at, desk, &cast.agent.organisation, "oral, à l'accueil", Emergency::default());
    let text = format!(
        "Soins remboursés à Mme Durand sur vingt-quatre mois, au {}.\n \nMédicaments\n- {} : 8 boîtes\n- {} : 6 boîtes\n- {} : 4 boîtes\n\
         Hospitalisations\n- Aucune\nSoins médicaux et dentaires\n- Consultations de médecine générale : 9\n- Pneumologie : 1\n\
         Radiologie\n- Radiographie du thorax : 1\nBiologie\n- Examens : 3\n \n\
         Ces données viennent des remboursements : elles ne disent rien de ce qui n'a pas été présenté.",
        french_date(at),
        LEVOTHYROX.name(),
        BUDESONIDE.name(),
        SALBUTAMOL.name()
    );
    let day = plus_minutes(at, 150);
    let document = tale.scribe.reimbursements(&text, minutes_before(day, 730 * 24 * 60), day);
    let uid = tale.deposit(day, Actor::Insurer, Paper::visible(document));
    filed.insert("REMB", uid);

    let evening = tale.calendar.at(329, 19, 15);
    tale.authorise(evening, doctor, true);
    let visit = tale.calendar.at(326, 9, 0);
    let team = vec![
        doctor.grantee(),
        structure_of(doctor),
        cast.role(Role::Nurse).grantee(),
        structure_of(pharmacist),
    ];
    let proof = consent(&doctor.name(), "oral, en consultation, notice remise", visit);
    tale.command(visit, doctor.actor(), Command::RecordInitialConsent { team, proof });
    tale.search(plus_minutes(visit, 3), doctor.actor());
    let end = plus_minutes(visit, 25);
    let document = synthesis(tale, doctor, end, false);
    let uid = tale.deposit(end, doctor.actor(), Paper::visible(document));
    filed.insert("60591-5", uid);
}

/// The letters, each filed by who wrote it or by their structure.
fn letters(tale: &mut Tale<'_>, filed: &mut Filed) {
    let mut same_day = (0, 0);
    for letter in &LETTERS {
        same_day = if same_day.0 == letter.days { (letter.days, same_day.1 + 1) } else { (letter.days, 0) };
        let (paper, by) = written(tale, letter, same_day.1);
        let at = paper.document.header().created;
        let uid = tale.deposit(plus_minutes(at, 6), by, paper);
        filed.insert(letter.type_code, uid);
    }
}

/// A letter and who files it; letters of one day follow each other.
fn written(tale: &mut Tale<'_>, letter: &Letter, rank: u32) -> (Paper, Actor) {
    let cast = tale.cast;
    let desk = |role: Role| &cast.role(role).structure;
    let (employee, structure) = match letter.by {
        Hand::Of(role) => {
            let caregiver = cast.role(role);
            let is_open_on_sundays = matches!(caregiver.structure.sector, "SA01" | "SA17");
            let at = time_of(tale, letter, rank, is_open_on_sundays);
            let mut document = tale.scribe.letter(letter.type_code, letter.title, letter.text, caregiver, at);
            backdate(&mut document.header, letter.act);
            let by = match (role, letter.act) {
                // Archives on paper are filed by the secretary, hospitals file with their certificate.
                (Role::Doctor, Some(_)) => Actor::Employee(cast.secretary.clone()),
                _ if caregiver.structure.sector == "SA01" => caregiver.structure.actor(),
                _ => caregiver.actor(),
            };
            return (Paper::visible(document), by);
        }
        Hand::Secretary => (&cast.secretary, desk(Role::Doctor)),
        Hand::Admission => (&cast.admission, desk(Role::Surgeon)),
        Hand::Residence => (&cast.residence, desk(Role::ResidenceDoctor)),
    };
    let at = time_of(tale, letter, rank, true);
    let document =
        tale.scribe.paperwork(letter.type_code, letter.title, letter.text, (employee, structure), at);
    (Paper::visible(document), Actor::Employee(employee.clone()))
}

fn time_of(tale: &Tale<'_>, letter: &Letter, rank: u32, is_open_on_sundays: bool) -> Time {
    let days = match letter.days % 7 {
        1 if !is_open_on_sundays => letter.days + 2,
        2 if !is_open_on_sundays => letter.days + 1,
        _ => letter.days,
    };
    plus_minutes(tale.calendar.at(days, 8, 10), rank * 35)
}

/// The act of an archived document is of its own time.
fn backdate(header: &mut HeaderDraft, act: Option<&str>) {
    if let Some(date) = act.and_then(date_of) {
        header.act.start = date.start();
        header.act.stop = None;
    }
}

/// What she wrote or kept herself.
fn words(tale: &mut Tale<'_>, filed: &mut Filed) {
    for (days, type_code, title, text) in WORDS {
        let at = tale.calendar.at(days, 19, 20);
        let document = tale.scribe.words(type_code, title, text, at);
        let holder = tale.holder();
        let uid = tale.deposit(at, holder, Paper::visible(document));
        filed.insert(type_code, uid);
    }
}

/// Blood tests over the year, as curves will show them.
fn measures(tale: &mut Tale<'_>) {
    let (biologist, doctor) = (tale.cast.role(Role::Biologist), tale.cast.role(Role::Doctor));
    for (days, values) in VALUES {
        let at = tale.calendar.at(days, 15, 40);
        let document = tale.scribe.biology(values, biologist, at);
        let uid = tale.deposit(plus_minutes(at, 2), biologist.structure.actor(), Paper::visible(document));
        tale.consult(plus_minutes(at, 150), doctor.actor(), retrieve(&uid));
    }
}

/// Prescriptions of her doctor, and the pharmacy the same evening.
fn treatments(tale: &mut Tale<'_>) {
    let (doctor, pharmacist) = (tale.cast.role(Role::Doctor), tale.cast.role(Role::Pharmacist));
    let thyroid = || Some(disease("E06.3", "Thyroïdite auto-immune"));
    let asthma = || Some(disease("J45.0", "Asthme"));
    let evening = tale.calendar.at(326, 17, 50);
    // Of the care team: her authorisation rests on the initial consent.
    tale.declare(evening, pharmacist);
    for days in [326, 241, 147, 62] {
        let at = tale.calendar.at(days, 9, 30);
        let drugs = [(&LEVOTHYROX, thyroid()), (&BUDESONIDE, asthma()), (&SALBUTAMOL, asthma())];
        let mut document = tale.scribe.prescription(&drugs, 90, doctor, at);
        if days < 234 {
            // Since the protocol, asthma is covered in full.
            for line in &mut document.lines[1..] {
                line.ald = true;
            }
        }
        let uid = tale.deposit(at, doctor.actor(), Paper::visible(document));
        tale.read(tale.calendar.at(days, 17, 55), pharmacist.actor(), &uid);
    }
}

fn injections(tale: &mut Tale<'_>) {
    let rows = [
        (290, &REPEVAX, 4, "R2184", Role::Doctor),
        (101, &PREVENAR, 1, "PN-0717", Role::Nurse),
        (38, &VAXIGRIP, 3, "V9A032V", Role::Pharmacist),
    ];
    for (days, vaccine, rank, lot, role) in rows {
        let at = tale.calendar.at(days, 11, 5);
        let by = tale.cast.role(role);
        let document = tale.scribe.vaccination(vaccine, rank, lot, by, at);
        tale.deposit(plus_minutes(at, 4), by.actor(), Paper::visible(document));
    }
}

/// The evening of the accident, and the documents of the stay that have a writer.
fn accident(tale: &mut Tale<'_>, filed: &mut Filed) {
    let cast = tale.cast;
    let (regulation, radiologist, surgeon) =
        (cast.role(Role::RegulationDoctor), cast.role(Role::Radiologist), cast.role(Role::Surgeon));
    // The day before the letters of the emergency department are filed.
    let night = tale.calendar.at(181, 21, 41);
    let reason = "patiente inconsciente".to_owned();
    let breaking = regulation.actor_in(Auth::Direct, Mode::BrisDeGlace { reason }, false);
    tale.read(night, breaking.clone(), &filed["60591-5"]);
    tale.consult(plus_minutes(night, 4), breaking, retrieve(&filed["REMB"]));

    let at = tale.calendar.at(181, 23, 30);
    let report = tale.scribe.imaging(&KNEE, HISTORY, radiologist, at);
    tale.deposit(plus_minutes(at, 12), radiologist.actor(), Paper::visible(report));

    let left = tale.calendar.at(174, 11, 0);
    let mut header =
        tale.scribe.header("11490-0", "Lettre de liaison à la sortie d'orthopédie", surgeon, left);
    header.act.start = tale.calendar.at(180, 1, 0);
    header.other_acts = disease("S82.1", "Fracture de l'extrémité supérieure du tibia").codes;
    let period = Period { start: Some(day_of(left)), stop: Some(day_of(left.plus_days(35))) };
    let fracture = || Some(disease("S82.1", "Fracture du plateau tibial"));
    let letter = DischargeLetter {
        header,
        reason: "Fracture du plateau tibial gauche après un accident de la route, avec perte de connaissance initiale.".to_owned(),
        stay: "Ostéosynthèse par plaque sous rachianesthésie, suites simples. Lever au deuxième jour sans appui. Surveillance neurologique normale.".to_owned(),
        discharged: day_of(left),
        adverse_events: String::new(),
        treatments: vec![ENOXAPARINE.taken(period, fracture()), PARACETAMOL.taken(period, fracture())],
        awaited: String::new(),
        follow_up: "Appui interdit six semaines. Fils au quinzième jour, consultation avec radiographie à un mois.\nPas de pénicilline : allergie connue.".to_owned(),
    };
    let uid = tale.deposit(plus_minutes(left, 10), surgeon.structure.actor(), Paper::visible(letter));
    filed.insert("11490-0", uid);
}

/// The breast lesion: seen, biopsied, announced face to face.
fn breast(tale: &mut Tale<'_>, filed: &mut Filed) {
    let (doctor, pathologist) = (tale.cast.role(Role::Doctor), tale.cast.role(Role::Pathologist));
    let at = tale.calendar.at(115, 10, 15);
    let radiologist = tale.cast.role(Role::Radiologist);
    let report = tale.scribe.imaging(&MAMMOGRAPHY, HISTORY, radiologist, at);
    tale.deposit(plus_minutes(at, 12), radiologist.actor(), Paper::visible(report));
    let at = tale.calendar.at(110, 16, 30);
    let text = "Biopsie échoguidée du sein gauche, quatre fragments.\nLésion sclérosante complexe, sans atypie, sans carcinome.\n\
                Conclusion : lésion bénigne, à confronter à l'imagerie en réunion pluridisciplinaire.";
    let document = tale.scribe.letter("60568-3", "Biopsie du sein gauche", text, pathologist, at);
    let paper =
        Paper { visibility: TO_ANNOUNCE, release_at: Some(at.plus_days(10)), ..Paper::visible(document) };
    let uid = tale.deposit(plus_minutes(at, 5), pathologist.actor(), paper);
    let announced = tale.calendar.at(104, 9, 40);
    tale.read(minutes_before(announced, 30), doctor.actor(), &uid);
    tale.show(announced, doctor.actor(), &uid, Visibility::VISIBLE);
    filed.insert("60568-3", uid);
}

/// The new synthesis takes the place of the first, the old doctor's is archived, one letter is masked.
fn later(tale: &mut Tale<'_>, filed: &Filed) {
    let doctor = tale.cast.role(Role::Doctor);
    let holder = tale.holder();
    let at = tale.calendar.at(124, 20, 10);
    tale.show(at, holder, &filed["68599-0"], MASKED);
    tale.read(tale.calendar.at(123, 11, 0), doctor.actor(), &filed["68599-0"]);
    let at = tale.calendar.at(61, 9, 50);
    let mut second = synthesis(tale, doctor, at, true);
    let first = &filed["60591-5"];
    second.header.set_id = DocumentUid::parse(&format!("{first}.0")).expect("the set of the first version");
    second.header.version_number = 2;
    second.header.replaces = Some(first.clone());
    tale.deposit(at, doctor.actor(), Paper { replaces: Some(first.clone()), ..Paper::visible(second) });
    tale.put_away(plus_minutes(at, 4), doctor.actor(), &filed["SYNTH"], Availability::Archived);
}

/// Those who care for her, reading what they need.
fn readers(tale: &mut Tale<'_>, filed: &Filed) {
    let cast = tale.cast;
    let c = tale.calendar;
    let role = |role: Role| cast.role(role);
    // Outside the care team: her consent at each visit.
    for (days, hour, who, document) in [
        (280, 7, Role::Dentist, "60591-5"),
        (235, 7, Role::Pulmonologist, "60591-5"),
        (195, 9, Role::Optician, "57828-6"),
        (179, 6, Role::Surgeon, "15507-7"),
        (147, 7, Role::Physiotherapist, "11490-0"),
    ] {
        let at = c.at(days, hour, 2);
        tale.declare(at, role(who));
        tale.read(plus_minutes(at, 1), role(who).actor(), &filed[document]);
    }
    // Of the care team.
    let nurse = role(Role::Nurse);
    tale.declare(c.at(145, 7, 0), nurse);
    tale.read(c.at(145, 7, 3), nurse.actor(), &filed["11490-0"]);
    tale.read(c.at(144, 7, 3), nurse.actor(), &filed["PRESC-INF"]);
    tale.read(c.at(101, 10, 50), nurse.actor(), &filed["11490-0"]);
    let doctor = role(Role::Doctor);
    for (days, document) in [
        (273, "28617-9"),
        (233, "70004-7"),
        (172, "11490-0"),
        (151, "83981-1"),
        (139, "83901-9"),
        (98, "34794-8"),
        (79, "51969-4"),
        (33, "11490-0"),
    ] {
        tale.read(c.at(days, 8, 25), doctor.actor(), &filed[document]);
    }
    // The SAMU again, the night of the asthma attack.
    let regulation = role(Role::RegulationDoctor).actor_in(Auth::Direct, Mode::Centre15, false);
    tale.read(c.at(161, 4, 12), regulation, &filed["11490-0"]);
    // Whom she lets in herself.
    tale.authorise(c.at(58, 18, 5), role(Role::Optician), false);
    tale.search(c.at(56, 15, 20), role(Role::Optician).actor());
    tale.authorise(c.at(55, 18, 30), role(Role::Dentist), false);
    tale.read(c.at(31, 10, 10), role(Role::Dentist).actor(), &filed["83836-7"]);
}

/// Those who try what the rules do not give them.
fn attempts(tale: &mut Tale<'_>, filed: &Filed) {
    let cast = tale.cast;
    let c = tale.calendar;
    let holder = tale.holder();
    // The secretary feeds and reads nothing.
    tale.consult(c.at(320, 12, 0), Actor::Employee(cast.secretary.clone()), retrieve(&filed["REMB"]));
    tale.and_is_refused();
    // The occupational doctor sees what there is, and no content.
    let occupational = cast.role(Role::OccupationalDoctor);
    tale.authorise(c.at(213, 19, 0), occupational, false);
    tale.search(c.at(210, 9, 5), occupational.actor());
    tale.consult(c.at(210, 9, 7), occupational.actor(), retrieve(&filed["70004-7"]));
    tale.and_is_refused();
    // Nobody authorised the podiatrist.
    tale.search(c.at(129, 10, 0), cast.role(Role::Podiatrist).actor());
    tale.and_is_refused();
    // She blocks the dermatologist, who comes back.
    let dermatologist = cast.role(Role::Dermatologist);
    let block = Command::Block { who: dermatologist.grantee(), label: Some(dermatologist.label()) };
    tale.command(c.at(50, 20, 15), holder, block);
    tale.search(c.at(49, 9, 45), dermatologist.actor());
    tale.and_is_refused();
}

/// What she looks at.
fn herself(tale: &mut Tale<'_>, filed: &Filed) {
    let c = tale.calendar;
    for (days, document) in [
        (312, "60591-5"),
        (232, "70004-7"),
        (169, "34874-8"),
        (103, "60568-3"),
        (79, "51969-4"),
        (4, "11490-0"),
    ] {
        let holder = tale.holder();
        tale.read(c.at(days, 20, 40), holder.clone(), &filed[document]);
        tale.read_journal(c.at(days, 20, 46));
        tale.consult(c.at(days, 20, 47), holder, Query::Rights);
    }
}

#[cfg(test)]
mod tests {
    use super::super::cast_of;
    use super::super::population::marie;
    use super::super::tale::{Calendar, Deed};
    use super::*;
    use dmp_dossier::time::Dtm;
    use dmp_nomenclature::TypeCode;
    use std::collections::BTreeSet;

    fn steps() -> Vec<Step> {
        let person = marie();
        let cast = cast_of(0, 1);
        let calendar = Calendar::before(Dtm::parse("20261121").unwrap().start());
        tell(Tale::new(1, 0, &person, &cast, calendar))
    }

    #[test]
    fn every_current_type_is_there() {
        let steps = steps();
        let types: BTreeSet<_> = steps
            .iter()
            .filter_map(|step| match &step.deed {
                Deed::Deposit(papers, _) => Some(papers),
                _ => None,
            })
            .flatten()
            .map(|paper| paper.document.header().type_code.code)
            .collect();
        let missing: Vec<_> =
            TypeCode::current().map(|t| t.code).filter(|code| !types.contains(code)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn the_first_step_opens_and_all_is_over_at_the_end() {
        let steps = steps();
        assert!(matches!(&steps[0].deed, Deed::Command(c) if matches!(**c, Command::Open(_))));
        let calendar = Calendar::before(Dtm::parse("20261121").unwrap().start());
        assert!(steps.iter().all(|step| step.at < calendar.until()));
        assert_eq!(steps.iter().filter(|step| step.refused).count(), 4);
    }
}
