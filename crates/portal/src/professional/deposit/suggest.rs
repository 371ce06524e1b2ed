//! Which types of document are proposed first: those that the profession writes, and those that the words of the title or
//! of the file's name tell. The list stays whole below.

use dmp_dossier::Actor;
use dmp_dossier::search::folded;
use dmp_nomenclature::{ClassCode, TypeCode};

/// Types by profession, with a speciality where that changes them; the most frequent first. Ours.
const WRITTEN: [(&str, &[&str]); 16] = [
    ("10/SM03", &["11502-2", "60568-3", "51969-4"]),
    ("10/SM01", &["60568-3"]),
    ("10/SM44", &["18748-4", "52040-3"]),
    ("10/SM59", &["15507-7", "57833-6", "11490-0", "89601-9"]),
    ("10/SM08", &["34874-8", "11490-0", "11488-4", "57833-6"]),
    ("10/SM38", &["78513-9", "57833-6", "34874-8"]),
    ("10/SM02", &["34749-2", "77436-4"]),
    ("10", &["11488-4", "57833-6", "PRESC-BIO", "55115-0", "96349-6", "89601-9", "60591-5"]),
    ("21", &["60593-1", "87273-9", "56445-0", "78601-2"]),
    ("28", &["DISP_AUT", "47420-5"]),
    ("40", &["28617-9", "57833-6", "83836-7", "11488-4"]),
    ("50", &["89233-1", "11488-4", "57833-6", "57055-6"]),
    ("60", &["11506-3", "80565-5", "87273-9", "34120-6"]),
    ("70", &["47420-5", "11506-3"]),
    ("80", &["11506-3", "47420-5"]),
    ("93", &["83901-9", "11506-3"]),
];
/// Any other profession, and a secretary.
const OTHERS: &[&str] = &["11506-3", "34120-6", "47420-5"];
const SECRETARY: &[&str] = &["11488-4", "96349-6", "57833-6", "11502-2", "18748-4", "11490-0"];

/// Beginnings of words, folded, that tell a type; the first that fits wins.
const WORDS: [(&str, &str); 25] = [
    ("teleconsultation", "85208-7"),
    ("sortie hospitalisation liaison", "11490-0"),
    ("urgence", "15507-7"),
    ("biolog bilan labo analyse sang hemogramme nfs", "11502-2"),
    ("anapath biopsie cytolog histolog", "60568-3"),
    ("genetique", "51969-4"),
    ("radio scanner irm tdm echo imagerie mammo doppler", "18748-4"),
    ("operatoire operation bloc", "34874-8"),
    ("anesthesi", "34749-2"),
    ("vaccin", "87273-9"),
    ("arret", "PRESC-AAT"),
    ("kine", "PRESC-KINE"),
    ("orthophon", "PRESC-ORTHOPHO"),
    ("ophtalmo fond", "78513-9"),
    ("ordonnance prescription", "57833-6"),
    ("certificat", "89601-9"),
    ("adressage courrier lettre confrere", "96349-6"),
    ("consultation visite", "11488-4"),
    ("accouchement", "15508-5"),
    ("grossesse", "89233-1"),
    ("dent bucco", "28617-9"),
    ("psycholog", "83901-9"),
    ("ald", "PROT_ALD"),
    ("soins infirmier suivi", "11506-3"),
    ("synthese", "60591-5"),
];

/// A type on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) code: &'static str,
    pub(super) label: &'static str,
    /// Beginnings of words that tell it, for the script of the page.
    pub(super) words: &'static str,
}

/// Types under a heading.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) heading: &'static str,
    pub(super) offers: Vec<Offer>,
}

fn offer(known: &'static TypeCode) -> Offer {
    let words = WORDS.iter().find(|(_, code)| *code == known.code).map_or("", |(words, _)| words);
    Offer { code: known.code, label: known.label, words }
}

/// True for what somebody who works on a dossier may deposit at all (PUB-3): neither the patient's nor the insurer's.
fn may_write(known: &TypeCode) -> bool {
    known.is_current()
        && known.code != "REMB"
        && known.class != ClassCode::PATIENT
        && !known.code.starts_with("EXPPAT_")
        && !known.code.starts_with("DOCPAT")
}

/// The type that the words tell, when one does.
pub(super) fn told_by(text: &str) -> Option<&'static TypeCode> {
    let text = folded(text);
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let tells = |start: &str| words.iter().any(|word| word.starts_with(start));
    WORDS
        .iter()
        .find(|(starts, _)| starts.split(' ').any(tells))
        .and_then(|(_, code)| TypeCode::find(code))
        .filter(|known| may_write(known))
}

/// The list for somebody: first what the words tell and what the profession writes, then every other type by class.
pub(super) fn groups(actor: &Actor, text: &str) -> Vec<Group> {
    let usual = match actor {
        Actor::Professional(p) => {
            let whole = format!("{}/{}", p.profession, p.speciality.as_deref().unwrap_or(""));
            let of = |key: &str| WRITTEN.iter().find(|(known, _)| *known == key).map(|(_, codes)| *codes);
            of(&whole).or_else(|| of(&p.profession)).unwrap_or(OTHERS)
        }
        _ => SECRETARY,
    };
    let mut first: Vec<Offer> = told_by(text).map(offer).into_iter().collect();
    for known in usual.iter().filter_map(|code| TypeCode::find(code)).filter(|known| may_write(known)) {
        if first.iter().all(|o| o.code != known.code) {
            first.push(offer(known));
        }
    }
    let mut groups = vec![Group { heading: "Proposés", offers: first }];
    for class in ClassCode::all() {
        // A type stands once: a list that holds it twice would not say which one is chosen.
        let is_first = |known: &TypeCode| groups[0].offers.iter().any(|o| o.code == known.code);
        let mut offers: Vec<Offer> = TypeCode::current()
            .filter(|t| t.class == class.code && may_write(t) && !is_first(t))
            .map(offer)
            .collect();
        offers.sort_by_key(|o| folded(o.label));
        if !offers.is_empty() {
            groups.push(Group { heading: class.label, offers });
        }
    }
    groups
}

/// A type that may be chosen.
pub(super) fn chosen(code: &str) -> Option<&'static TypeCode> {
    TypeCode::find(code).filter(|known| may_write(known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn every_type_that_is_proposed_may_be_deposited() {
        let codes = WRITTEN.iter().flat_map(|(_, codes)| codes.iter()).chain(OTHERS).chain(SECRETARY);
        for code in codes.copied().chain(WORDS.iter().map(|(_, code)| *code)) {
            assert!(chosen(code).is_some(), "{code}");
        }
    }

    #[test]
    fn words_tell_a_type() {
        for (text, code) in [
            ("Ordonnance Mme D.pdf", Some("57833-6")),
            ("CR-échographie_2026.pdf", Some("18748-4")),
            ("bilan sanguin", Some("11502-2")),
            ("lettre de sortie", Some("11490-0")),
            ("Vaccination grippe", Some("87273-9")),
            ("scan0001.pdf", None),
            ("", None),
        ] {
            assert_eq!(told_by(text).map(|t| t.code), code, "{text}");
        }
    }

    #[test]
    fn the_list_is_whole_and_what_the_words_tell_comes_first() {
        let groups = groups(&samples::doctor().actor, "irm du genou");
        assert_eq!(groups[0].offers[0].code, "18748-4");
        let whole: usize = groups.iter().map(|g| g.offers.len()).sum();
        assert_eq!(whole, TypeCode::current().filter(|t| may_write(t)).count());
        assert!(groups.iter().flat_map(|g| &g.offers).all(|o| o.code != "REMB" && o.code != "EXPPAT_3"));
    }
}
