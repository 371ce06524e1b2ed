//! Kinds of documents in the patient's words: each document stands in one, whatever the class its type has.

use dmp_dossier::{AuthorId, DocumentEntry};
use dmp_nomenclature::ClassCode;

/// A kind: the word of the address and the label of its filter, in the order shown.
pub(crate) const ALL: [(&str, &str); 9] = [
    ("resultats", "Résultats"),
    ("ordonnances", "Ordonnances"),
    ("hopital", "Hôpital"),
    ("radios", "Radios"),
    ("vaccins", "Vaccins"),
    ("consultations", "Consultations"),
    ("soins", "Suivi et soins"),
    ("papiers", "Papiers"),
    ("moi", "À moi"),
];

/// Laboratory and tissues, genetics, screening, rapid tests, measures.
const RESULTS: [&str; 8] =
    ["11502-2", "60568-3", "11526-1", "51969-4", "75492-9", "96173-0", "29274-8", "70004-7"];
/// Stays, operations, births, emergencies.
const HOSPITAL: [&str; 22] = [
    "11490-0", "11493-4", "34112-3", "15507-7", "15508-5", "18761-7", "34874-8", "34875-5", "46241-6",
    "67851-6", "77436-4", "10213-7", "34749-2", "57055-6", "57057-2", "57075-4", "60280-5", "74207-2",
    "78341-5", "78489-2", "89235-6", "86531-1",
];
/// Reports of imaging that stand among other reports.
const IMAGING: [&str; 1] = ["11528-7"];
const VACCINES: [&str; 3] = ["11369-6", "87273-9", "96874-3"];

/// The kind of a document.
pub(crate) fn of(entry: &DocumentEntry) -> &'static str {
    match is_patients(entry) {
        true => "moi",
        false => of_type(&entry.metadata.type_code.code, &entry.metadata.class_code.code),
    }
}

/// The kind of a type of documents and its class, when a professional wrote it.
pub(crate) fn of_type(kind: &str, class: &str) -> &'static str {
    match (kind, class) {
        (kind, _) if RESULTS.contains(&kind) => "resultats",
        (kind, _) if HOSPITAL.contains(&kind) => "hopital",
        (kind, _) if VACCINES.contains(&kind) => "vaccins",
        (kind, _) if IMAGING.contains(&kind) => "radios",
        (_, "31") => "radios",
        (_, "42" | "43") => "ordonnances",
        (_, "10") => "consultations",
        (_, "11" | "44" | "45") => "soins",
        _ => "papiers",
    }
}

/// True when the patient, or who acts for them, wrote it.
pub(crate) fn is_patients(entry: &DocumentEntry) -> bool {
    entry.metadata.class_code.code == ClassCode::PATIENT
        || entry.metadata.authors.iter().any(|a| matches!(a.person.id, AuthorId::Patient(_)))
}

/// The kind of that word; anything else is none.
pub(crate) fn parse(word: Option<&str>) -> Option<&'static str> {
    ALL.iter().map(|(word, _)| *word).find(|known| Some(*known) == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use dmp_nomenclature::TypeCode;
    use std::sync::Arc;

    #[test]
    fn each_type_has_one_kind_in_everyday_words() {
        for (type_code, kind) in [
            ("11502-2", "resultats"),
            ("57833-6", "ordonnances"),
            ("60593-1", "ordonnances"),
            ("11490-0", "hopital"),
            ("18748-4", "radios"),
            ("87273-9", "vaccins"),
            ("11488-4", "consultations"),
            ("60591-5", "soins"),
            ("18776-5", "soins"),
            ("89601-9", "papiers"),
            ("REMB", "papiers"),
            ("EXPPAT_2", "moi"),
        ] {
            let (mut seen, _) = samples::document("biologie.xml", type_code);
            Arc::make_mut(&mut seen.entry).metadata.class_code.code =
                TypeCode::find(type_code).unwrap().class.to_owned();
            assert_eq!(of(&seen.entry), kind, "{type_code}");
        }
    }

    #[test]
    fn the_kinds_named_here_are_types_and_words_are_read_back() {
        for code in RESULTS.iter().chain(&HOSPITAL).chain(&IMAGING).chain(&VACCINES) {
            assert!(TypeCode::find(code).is_some(), "{code}");
        }
        for (word, _) in ALL {
            assert_eq!(parse(Some(word)), Some(word));
        }
        assert_eq!(parse(Some("<script>")), None);
        assert_eq!(parse(None), None);
    }
}
