//! What happens in some dossiers: masks, announcements, replacements, blocks, emergencies, refusals, closings.
//!
//! Which dossier has which incident follows from its number, so that even a small population shows them all.

use dmp_dossier::command::Command;
use dmp_dossier::{Actor, Auth, Availability, ClosureReason, Mode, Visibility};

use super::cast::Role;
use super::clinical::{CRP, HAEMOGLOBIN, LEUKOCYTES};
use super::everyday::Course;
use super::scribe::{Paper, minutes_before};
use super::tale::{BETWEEN_US, MASKED, TO_ANNOUNCE, Tale, consent, plus_minutes};

/// Adds those of a dossier to its history.
pub(super) fn add(tale: &mut Tale<'_>, course: &Course, number: usize) {
    let is = |every: usize, which: usize| number % every == which;
    if is(9, 3) {
        mask(tale, course);
    }
    if is(19, 9) {
        announce(tale, course);
    }
    if is(37, 12) {
        announce_soon(tale, course);
    }
    if is(17, 2) {
        correct(tale, course);
    }
    if is(21, 10) {
        put_away(tale, course, Availability::Archived);
    }
    if is(33, 14) {
        put_away(tale, course, Availability::Deleted);
    }
    if is(13, 6) {
        block(tale, course);
    }
    if is(11, 4) {
        stranger(tale, course);
    }
    if is(23, 5) {
        emergency(tale, course, false);
    }
    if is(29, 7) {
        emergency(tale, course, true);
    }
    if is(25, 11) && !tale.is_minor() {
        // At the end, so that what was deposited stays as it was.
        let at = tale.calendar.at(2, 18, 40);
        let holder = tale.holder();
        tale.command(at, holder, Command::SetDefaultConfidentiality(MASKED));
    }
    if tale.is_minor() && tale.person.age >= 14 {
        secret(tale, course);
    }
    // Last: nothing happens after.
    if is(31, 8) {
        close(tale, course, number);
    }
}

/// The patient masks the latest document; the médecin traitant still reads it.
fn mask(tale: &mut Tale<'_>, course: &Course) {
    let latest = course.documents.iter().max_by_key(|(_, _, came)| *came).cloned();
    let Some((uid, _, came)) = latest.filter(|_| course.medecin_traitant) else { return };
    let at = plus_minutes(came, 40 * 60);
    if at >= tale.calendar.until() {
        return;
    }
    let holder = tale.holder();
    tale.show(at, holder, &uid, MASKED);
    tale.read(plus_minutes(at, 90), tale.cast.role(course.doctor).actor(), &uid);
}

/// A result to be told face to face: hidden, then shown by its author after the consultation.
fn announce(tale: &mut Tale<'_>, course: &Course) {
    if course.opened < 20 {
        return;
    }
    let at = tale.calendar.office(course.opened - 6, &mut tale.dice);
    let by = tale.cast.role(Role::Pathologist);
    let text = "Biopsie cutanée de l'épaule droite.\nLésion à petites cellules basaloïdes en amas, palissade périphérique.\n\
                Conclusion : carcinome basocellulaire nodulaire, exérèse complète.";
    let document = tale.scribe.letter("60568-3", "Examen anatomopathologique", text, by, at);
    let paper =
        Paper { visibility: TO_ANNOUNCE, release_at: Some(at.plus_days(10)), ..Paper::visible(document) };
    let uid = tale.deposit(at, by.actor(), paper);
    tale.show(plus_minutes(at, 6 * 24 * 60), by.actor(), &uid, Visibility::VISIBLE);
}

/// The same, still to be told when the story ends.
fn announce_soon(tale: &mut Tale<'_>, course: &Course) {
    if course.opened < 9 {
        return;
    }
    let at = tale.calendar.at(3, 15, 20);
    let by = tale.cast.role(Role::Radiologist);
    let text = "Scanner thoracique sans injection.\nNodule du lobe supérieur droit de 9 mm, contours irréguliers.\n\
                Conclusion : avis pneumologique et contrôle à trois mois.";
    let document = tale.scribe.letter("18748-4", "Scanner thoracique", text, by, at);
    let paper =
        Paper { visibility: TO_ANNOUNCE, release_at: Some(at.plus_days(14)), ..Paper::visible(document) };
    tale.deposit(at, by.actor(), paper);
}

/// A laboratory corrects its report the day after.
fn correct(tale: &mut Tale<'_>, course: &Course) {
    if course.opened < 12 {
        return;
    }
    let at = tale.calendar.office(course.opened - 5, &mut tale.dice);
    let by = tale.cast.role(Role::Biologist);
    let first = tale.scribe.biology(&[(&CRP, 4.1), (&HAEMOGLOBIN, 13.2)], by, at);
    let set_id = first.header.set_id.clone();
    let uid = tale.deposit(at, by.actor(), Paper::visible(first));
    let later = plus_minutes(at, 22 * 60);
    let values = [(&CRP, 41.0), (&HAEMOGLOBIN, 13.2), (&LEUKOCYTES, 11.4)];
    let mut second = tale.scribe.biology(&values.map(|(lab, value)| (lab, value)), by, later);
    second.header.set_id = set_id;
    second.header.version_number = 2;
    second.header.replaces = Some(uid.clone());
    second.comment = Some("Annule et remplace le compte rendu de la veille : CRP corrigée.".to_owned());
    tale.deposit(later, by.actor(), Paper { replaces: Some(uid), ..Paper::visible(second) });
}

/// A doctor archives an old letter of his, or deletes one filed by mistake.
fn put_away(tale: &mut Tale<'_>, course: &Course, to: Availability) {
    if course.opened < 12 {
        return;
    }
    let at = tale.calendar.office(course.opened - 5, &mut tale.dice);
    let by = tale.cast.role(course.doctor);
    let (title, text) = match to {
        Availability::Deleted => ("Certificat médical", "Certificat établi pour un autre patient."),
        _ => ("Certificat médical", "Apte à la pratique de la natation en loisir, pour une saison."),
    };
    let document = tale.scribe.letter("89601-9", title, text, by, at);
    let uid = tale.deposit(at, by.actor(), Paper::visible(document));
    tale.put_away(plus_minutes(at, 3_000), by.actor(), &uid, to);
}

/// The patient blocks a specialist, who tries all the same.
fn block(tale: &mut Tale<'_>, course: &Course) {
    if course.opened < 12 {
        return;
    }
    let by = tale.cast.role(Role::Dermatologist);
    let at = tale.calendar.at(course.opened - 5, 20, 12);
    let holder = tale.holder();
    tale.command(at, holder, Command::Block { who: by.grantee(), label: Some(by.label()) });
    tale.search(plus_minutes(at, 14 * 60), by.actor());
    tale.and_is_refused();
}

/// Somebody whom nobody authorised looks.
fn stranger(tale: &mut Tale<'_>, course: &Course) {
    if course.opened < 12 {
        return;
    }
    let at = tale.calendar.office(course.opened - 5, &mut tale.dice);
    let role = *tale.dice.pick(&[Role::Optician, Role::Podiatrist, Role::Physiotherapist]);
    tale.search(at, tale.cast.role(role).actor());
    tale.and_is_refused();
}

/// A bris de glace at the emergency department, or a look by the SAMU. Who opposed it is not read.
fn emergency(tale: &mut Tale<'_>, course: &Course, regulation: bool) {
    if course.opened < 12 {
        return;
    }
    // Some are of the last evening: nobody has looked at them yet.
    let days = if tale.dice.percent(40) { 1 } else { course.opened - 5 };
    let at = tale.calendar.at(days, 22, 47);
    let (role, mode) = match regulation {
        true => (Role::RegulationDoctor, Mode::Centre15),
        false => {
            let reason = "patient confus, pas de proche joignable, traitement inconnu".to_owned();
            (Role::EmergencyDoctor, Mode::BrisDeGlace { reason })
        }
    };
    let by = tale.cast.role(role).actor_in(Auth::Direct, mode, false);
    let opposed =
        if regulation { course.emergency.samu_opposed } else { course.emergency.bris_de_glace_opposed };
    if opposed {
        tale.search(at, by);
        return tale.and_is_refused();
    }
    // The latest may be masked.
    let latest = course.documents.iter().map(|(_, _, came)| *came).max();
    let known = course.documents.iter().find(|(_, _, came)| *came < at && Some(*came) != latest);
    match known.cloned() {
        Some((uid, _, _)) => tale.read(at, by, &uid),
        None => tale.search(at, by),
    }
    let later = plus_minutes(at, 40 * 60);
    if !regulation && later < tale.calendar.until() {
        let referent = tale.cast.referent();
        tale.answer_cases(
            later,
            referent,
            "Le médecin des urgences vous soignait ce soir-là. L'accès a été vérifié avec lui.",
        );
    }
}

/// A consultation that a teenager's parents are not to know of.
fn secret(tale: &mut Tale<'_>, course: &Course) {
    if course.opened < 12 {
        return;
    }
    let at = tale.calendar.office(course.opened - 5, &mut tale.dice);
    let midwife = tale.cast.role(Role::Midwife);
    let by = midwife.actor_in(Auth::Direct, Mode::Normal, true);
    let text = "Consultation d'information sur la contraception, à la demande de la personne.\nRemise d'une documentation.";
    let document = tale.scribe.letter("11488-4", "Consultation", text, midwife, minutes_before(at, 5));
    tale.deposit(at, by, Paper { visibility: BETWEEN_US, ..Paper::visible(document) });
}

/// The patient closes the dossier, some come back; the oldest die.
fn close(tale: &mut Tale<'_>, course: &Course, number: usize) {
    if course.opened < 40 {
        return;
    }
    let at = tale.calendar.at(18, 14, 5);
    tale.cut(at);
    if tale.person.age > 80 {
        let by = Actor::ReceptionAgent(tale.cast.agent.clone());
        let deceased = Some(minutes_before(at, 5 * 24 * 60));
        return tale.command(at, by, Command::Close { reason: ClosureReason::Death, text: None, deceased });
    }
    let holder = tale.holder();
    let text = Some("Je ne veux plus de dossier pour le moment.".to_owned());
    let reason = ClosureReason::PatientRequest;
    tale.command(at, holder.clone(), Command::Close { reason, text, deceased: None });
    if number.is_multiple_of(2) {
        let back = tale.calendar.at(6, 19, 30);
        let consent = Some(consent("service en ligne", "formulaire web", back));
        tale.command(back, holder, Command::Reactivate { consent });
    }
}
