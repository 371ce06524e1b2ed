//! Who somebody is, in words for the reader: authors of documents, actors of the journal, people authorised.

use dmp_dossier::{ActorKind, ActorTrace, Author, AuthorId, Grantee, GranteeLabel, Person, PersonName};
use dmp_nomenclature::profession::Profession;
use dmp_nomenclature::{AuthorSpecialty, facility, speciality};

/// Who reads the page: the same person is *vous* for herself and *le patient* for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// The holder of the dossier.
    Patient,
    /// Who acts for them.
    Representative,
    /// Anybody else.
    Other,
}

impl Reader {
    pub(crate) fn of(actor: &dmp_dossier::Actor) -> Self {
        match actor {
            dmp_dossier::Actor::Patient { .. } => Reader::Patient,
            dmp_dossier::Actor::Representative { .. } => Reader::Representative,
            _ => Reader::Other,
        }
    }
}

/// Doctors and dental surgeons are called *docteur*.
fn bears_title(profession: &str) -> bool {
    matches!(profession, "10" | "40")
}

/// The qualifications of general practice, which people know under one name.
const GENERAL_PRACTICE: [&str; 3] = ["SM26", "SM53", "SM54"];

/// `Dr Paul MARTIN`, `Camille PETIT`; the name alone for a system.
fn full_name(is_doctor: bool, given: &str, family: &str) -> String {
    let family = family.trim();
    match (is_doctor, given.trim()) {
        (false, "") => family.to_owned(),
        (true, "") => format!("Dr {}", family.to_uppercase()),
        (true, given) => format!("Dr {given} {}", family.to_uppercase()),
        (false, given) => format!("{given} {}", family.to_uppercase()),
    }
}

/// `médecin généraliste`, `cardiologie et maladies vasculaires`, `infirmier`: small letters, to stand in a sentence.
pub(crate) fn role(profession: &str, qualification: Option<&str>) -> String {
    let found = Profession::find(profession);
    match qualification.and_then(speciality::find) {
        Some(known) if GENERAL_PRACTICE.contains(&known.code) => "médecin généraliste".to_owned(),
        Some(known) if profession == "10" => format!("médecin, {}", lower_first(speciality::plain(known))),
        _ => found.map_or(String::new(), |p| lower_first(p.plain)),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        // `HAD`, `SAMU`: an acronym keeps its capitals.
        Some(first) if !chars.clone().next().is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// Name of a person of the metadata.
pub(crate) fn person(person: &Person, specialty: Option<AuthorSpecialty>, reader: Reader) -> String {
    match (&person.id, reader) {
        (AuthorId::Patient(_), Reader::Patient) => "Vous".to_owned(),
        (AuthorId::Patient(_), _) => "Le patient".to_owned(),
        _ => {
            full_name(specialty.is_some_and(|s| bears_title(s.profession.key)), &person.given, &person.family)
        }
    }
}

fn specialty_of(author: &Author) -> Option<AuthorSpecialty> {
    author.specialty.as_ref().and_then(|code| AuthorSpecialty::parse(&code.code))
}

/// `Dr Paul MARTIN`.
pub(crate) fn author_name(author: &Author, reader: Reader) -> String {
    person(&author.person, specialty_of(author), reader)
}

/// `médecin généraliste`; empty when unknown or no person.
pub(crate) fn author_role(author: &Author) -> String {
    match (specialty_of(author), &author.person.id) {
        (Some(s), AuthorId::Professional(_)) => role(s.profession.key, s.qualification.map(|q| q.code)),
        _ => String::new(),
    }
}

/// Where the author wrote for.
pub(crate) fn author_place(author: &Author) -> String {
    author.institution.as_ref().map_or(String::new(), |i| i.name.clone())
}

/// `Dr Paul MARTIN` and `Cabinet du Port`, the place empty when it says no more.
pub(crate) fn author_and_place(author: &Author, reader: Reader) -> (String, String) {
    let (name, place) = (author_name(author, reader), author_place(author));
    // A system bears the name of who runs it.
    if name == place { (name, String::new()) } else { (name, place) }
}

/// `Dr Paul MARTIN · Cabinet du Port`, on one line.
pub(crate) fn author_line(author: &Author, reader: Reader) -> String {
    let (name, place) = author_and_place(author, reader);
    joined(&[name, place])
}

/// The parts that are not empty, with middle dots.
pub(crate) fn joined(parts: &[String]) -> String {
    let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|p| !p.is_empty()).collect();
    parts.join(" · ")
}

/// Name of somebody authorised.
pub(crate) fn grantee(who: &Grantee, label: Option<&GranteeLabel>) -> String {
    label.map_or_else(|| who.id().to_owned(), |l| l.name.clone())
}

/// What they are, `Médecin généraliste`.
pub(crate) fn grantee_role(who: &Grantee, label: Option<&GranteeLabel>) -> String {
    let words = label.and_then(|l| Some(role(l.profession.as_deref()?, l.speciality.as_deref())));
    match (who, words) {
        (Grantee::Professional(_), Some(words)) => upper_first(&words),
        (Grantee::Professional(_), None) => "Professionnel de santé".to_owned(),
        (Grantee::Structure(_), _) => "Établissement ou cabinet".to_owned(),
    }
}

/// Who acted, and what they are.
pub(crate) fn actor(trace: &ActorTrace, reader: Reader) -> (String, String) {
    let named = |name: &Option<PersonName>, doctor: bool| {
        name.as_ref().map_or_else(|| trace.id.clone(), |n| full_name(doctor, &n.given, &n.family))
    };
    let place = trace.structure_name.clone().unwrap_or_default();
    match trace.kind {
        ActorKind::Patient if reader == Reader::Patient => ("Vous".to_owned(), String::new()),
        ActorKind::Patient => ("Le patient".to_owned(), String::new()),
        ActorKind::Representative if reader == Reader::Representative => {
            ("Vous".to_owned(), "représentant légal".to_owned())
        }
        ActorKind::Representative => ("Un proche".to_owned(), "représentant légal".to_owned()),
        ActorKind::Professional => {
            let profession = trace.profession.as_deref().unwrap_or("");
            let role = role(profession, trace.speciality.as_deref());
            (named(&trace.name, bears_title(profession)), joined(&[role, place]))
        }
        ActorKind::Employee => {
            (named(&trace.name, false), joined(&["personnel administratif".to_owned(), place]))
        }
        ActorKind::Structure => {
            (trace.structure_name.clone().unwrap_or_else(|| trace.id.clone()), "établissement".to_owned())
        }
        ActorKind::ReceptionAgent => ("Agent d'accueil".to_owned(), place),
        ActorKind::Insurer => ("Assurance maladie".to_owned(), String::new()),
        ActorKind::Referent => (named(&trace.name, false), joined(&["référent".to_owned(), place])),
        ActorKind::Pilot => ("Équipe du déploiement".to_owned(), String::new()),
        ActorKind::App => (format!("Application « {} »", trace.id), "action automatique".to_owned()),
    }
}

/// The kind of place a document was made in, `Cabinet individuel`.
pub(crate) fn facility(code: &str) -> Option<&'static str> {
    facility::find(code).map(|c| c.label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn roles_are_words_of_everyday() {
        for (profession, qualification, words) in [
            ("10", Some("SM26"), "médecin généraliste"),
            ("10", Some("SM04"), "médecin, cardiologie et maladies vasculaires"),
            ("10", None, "médecin"),
            ("28", None, "opticien"),
            ("21", Some("A"), "pharmacien"),
            ("999", None, ""),
        ] {
            assert_eq!(role(profession, qualification), words, "{profession} {qualification:?}");
        }
    }

    #[test]
    fn the_same_actor_is_you_or_the_patient() {
        let trace = ActorTrace::of(&samples::patient().actor);
        assert_eq!(actor(&trace, Reader::Patient).0, "Vous");
        assert_eq!(actor(&trace, Reader::Other).0, "Le patient");
        let (name, role) = actor(&ActorTrace::of(&samples::doctor().actor), Reader::Patient);
        assert_eq!(
            (name.as_str(), role.as_str()),
            ("Dr Paul MARTIN", "médecin généraliste · Cabinet du Port")
        );
    }
}
