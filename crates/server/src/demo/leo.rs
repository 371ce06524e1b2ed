//! The dossier of Léo, eight years old: opened and looked after by his mother.

use dmp_dossier::{Actor, DocumentUid, Emergency};

use super::cast::Role;
use super::clinical::{PARACETAMOL, REPEVAX, SALBUTAMOL, VAXIGRIP, disease};
use super::scribe::{Paper, minutes_before};
use super::tale::{Step, Tale, plus_minutes};

/// Tells it.
pub fn tell(mut tale: Tale<'_>) -> Vec<Step> {
    let (cast, c) = (tale.cast, tale.calendar);
    let doctor = cast.role(Role::Doctor);
    let mother = tale.holder();
    let opened = c.at(300, 19, 5);
    tale.open(opened, mother.clone(), "service en ligne", "formulaire web", Emergency::default());
    tale.authorise(plus_minutes(opened, 6), doctor, true);
    let text = "Soins remboursés à Léo Durand sur vingt-quatre mois.\n \nMédicaments\n- VENTOLINE : 3 boîtes\n\
                Soins médicaux et dentaires\n- Consultations de médecine générale : 5\n- Soins dentaires : 1\n \n\
                Ces données viennent des remboursements : elles ne disent rien de ce qui n'a pas été présenté.";
    let at = plus_minutes(opened, 14 * 60);
    let document = tale.scribe.reimbursements(text, minutes_before(at, 730 * 24 * 60), at);
    tale.deposit(at, Actor::Insurer, Paper::visible(document));

    let vaccine = file(
        &mut tale,
        255,
        |tale, at| Paper::visible(tale.scribe.vaccination(&REPEVAX, 2, "R1902", doctor, at)),
        Role::Doctor,
    );
    let growth = "Examen des huit ans : taille 128 cm, poids 26 kg, vue et audition normales.\nScolarité sans difficulté. Vaccins à jour.\n\
                  Toux sèche à l'effort : salbutamol avant le sport, à revoir.";
    file(
        &mut tale,
        200,
        |tale, at| Paper::visible(tale.scribe.letter("59283-2", "Examen des huit ans", growth, doctor, at)),
        Role::Doctor,
    );
    let paediatrician = cast.role(Role::Paediatrician);
    let asthma = "Asthme d'effort léger. Radiographie du thorax normale, tests cutanés : acariens.\nSalbutamol avant l'effort, pas de traitement de fond.\n\
                  Projet d'accueil individualisé à prévoir pour l'école.";
    let letter = file(
        &mut tale,
        150,
        |tale, at| {
            Paper::visible(tale.scribe.letter(
                "11488-4",
                "Consultation de pédiatrie",
                asthma,
                paediatrician,
                at,
            ))
        },
        Role::Paediatrician,
    );
    let prescription = file(
        &mut tale,
        147,
        |tale, at| {
            let drugs = [(&SALBUTAMOL, Some(disease("J45.0", "Asthme"))), (&PARACETAMOL, None)];
            Paper::visible(tale.scribe.prescription(&drugs, 30, doctor, at))
        },
        Role::Doctor,
    );
    let pharmacist = cast.role(Role::Pharmacist);
    tale.declare(c.at(147, 17, 30), pharmacist);
    tale.read(c.at(147, 17, 31), pharmacist.actor(), &prescription);
    let plan = "En cas de gêne respiratoire : deux bouffées de salbutamol avec la chambre d'inhalation.\n\
                Deux autres dix minutes plus tard si besoin, puis appeler le 15 et les parents.";
    file(
        &mut tale,
        75,
        |tale, at| {
            Paper::visible(tale.scribe.letter(
                "80771-9",
                "Projet d'accueil individualisé, école",
                plan,
                doctor,
                at,
            ))
        },
        Role::Doctor,
    );
    file(
        &mut tale,
        38,
        |tale, at| Paper::visible(tale.scribe.vaccination(&VAXIGRIP, 1, "V9A032V", pharmacist, at)),
        Role::Pharmacist,
    );
    let at = c.at(72, 20, 0);
    let certificate = tale.scribe.words(
        "DOCPAT07",
        "Attestation d'assurance scolaire",
        "Copie de l'attestation pour l'école, année scolaire en cours.",
        at,
    );
    tale.deposit(at, mother.clone(), Paper::visible(certificate));

    tale.read(c.at(147, 8, 20), doctor.actor(), &letter);
    tale.read(c.at(74, 20, 30), mother.clone(), &vaccine);
    tale.read(c.at(5, 20, 55), mother, &letter);
    tale.read_journal(c.at(5, 20, 57));
    tale.finish()
}

/// A document of that day, filed by who made it.
fn file(
    tale: &mut Tale<'_>,
    days: u32,
    write: impl FnOnce(&mut Tale<'_>, dmp_dossier::Time) -> Paper,
    by: Role,
) -> DocumentUid {
    let at = tale.calendar.at(days, 10, 15);
    let paper = write(tale, at);
    let by = tale.cast.role(by).actor();
    tale.deposit(plus_minutes(at, 5), by, paper)
}
