//! Documents and lots for the tests, from a few words.

use super::Bench;
use super::cast::{self, PATIENT, author_id, ins};
use super::script::{reference, uid, value, visibility};
use dmp_dossier::{
    Author, BaseConfidentiality, Code, Command, DeclaredPatient, DocumentDraft, DocumentMetadata, Dtm,
    Institution, Person, Publish, Sex, SubmissionSetMetadata,
};
use dmp_nomenclature::{ClassCode, TypeCode};

/// An author written as one word.
pub fn author(word: &str) -> Author {
    let (id, structure) = author_id(word);
    Author {
        person: Person { id, family: word.to_owned(), given: String::new() },
        institution: structure.map(|id| Institution { id: Some(id), other_id: None, name: String::new() }),
        role: None,
        specialty: (word == "amo").then(|| Code::new("ALIM_AM", "1.2.250.1.213.1.1.4.5", "")),
    }
}

/// Metadata of a document of a type, signed by these.
pub fn metadata(name: &str, type_code: &str, authors: &[&str], created: Dtm) -> DocumentMetadata {
    let class = TypeCode::find(type_code).map_or(ClassCode::PATIENT, |t| t.class);
    let code = |code: &str| Code::new(code, "1.2.3", code);
    DocumentMetadata {
        unique_id: uid(name),
        mime_type: "text/xml".to_owned(),
        hash: [7; 20],
        size_bytes: 1000,
        language: "fr-FR".to_owned(),
        authors: authors.iter().map(|w| author(w)).collect(),
        legal_authenticator: None,
        service_start: None,
        service_stop: None,
        creation_time: created,
        title: name.to_owned(),
        comments: None,
        class_code: code(class),
        type_code: code(type_code),
        format_code: code("urn:f"),
        facility_type: code("SA07"),
        practice_setting: code("AMBULATOIRE"),
        event_codes: Vec::new(),
        confidentiality: BaseConfidentiality::Normal,
        source_patient_id: String::new(),
        source_patient_info: Vec::new(),
        reference_ids: Vec::new(),
        declared_parent: None,
        set_id: None,
        version_number: None,
    }
}

/// A lot around these documents.
pub fn lot(bench: &Bench, name: &str, sender: Option<Author>, documents: Vec<DocumentDraft>) -> Publish {
    Publish {
        set: SubmissionSetMetadata {
            unique_id: uid(&format!("lot-{name}")),
            source_id: "1.2.3".to_owned(),
            submission_time: Dtm::from_time(bench.now),
            content_type: Code::new("04", "1.2.250.1.213.2.2", ""),
            author: sender,
            title: None,
            comments: None,
        },
        documents,
        signature: false,
        patient_ids: vec![ins(PATIENT)],
    }
}

fn draft(bench: &Bench, who: &str, words: &[&str]) -> DocumentDraft {
    let person = who.split('/').next().unwrap_or_default();
    let default_author = match person {
        "patient" | "mere" | "tuteur" | "autre" => "patient".to_owned(),
        "insurer" | "loader" => "amo".to_owned(),
        p if cast::person_index(p).is_some() => p.to_owned(),
        p => format!("device{}", p.trim_start_matches(char::is_alphabetic)),
    };
    let authors: Vec<&str> = match value(words, "by") {
        Some("none") => Vec::new(),
        Some(by) => by.split(',').collect(),
        None => vec![&default_author],
    };
    let default_type = match authors.first() {
        Some(&"patient") => "DOCPAT02",
        Some(&"amo") => "REMB",
        _ => "11502-2",
    };
    let created = value(words, "created").map_or(Dtm::from_time(bench.now), |t| Dtm::parse(t).unwrap());
    let mut metadata = metadata(words[0], value(words, "type").unwrap_or(default_type), &authors, created);
    if let Some(class) = value(words, "class") {
        metadata.class_code.code = class.to_owned();
    }
    if let Some(hash) = value(words, "hash") {
        metadata.hash = [hash.parse().unwrap(); 20];
    }
    if let Some(size) = value(words, "size") {
        metadata.size_bytes = size.parse().unwrap();
    }
    if let Some(length) = value(words, "title") {
        metadata.title = "t".repeat(length.parse().unwrap());
    }
    metadata.set_id = value(words, "setid").map(str::to_owned);
    metadata.version_number = value(words, "version").and_then(|v| v.parse().ok());
    let declares = ["ins", "born", "sex"].iter().any(|key| value(words, key).is_some());
    DocumentDraft {
        metadata,
        declared: declares.then(|| DeclaredPatient {
            ins: ins(value(words, "ins").unwrap_or(PATIENT)),
            birth_date: value(words, "born").map(str::to_owned),
            sex: value(words, "sex").map(|s| match s {
                "M" => Sex::Male,
                "F" => Sex::Female,
                _ => Sex::Undetermined,
            }),
        }),
        visibility: visibility(words),
        release_at: value(words, "days").map(|d| bench.now.plus_days(d.parse().unwrap())),
        replaces: value(words, "replaces").map(|word| reference(bench, word)),
    }
}

pub fn publish(bench: &Bench, who: &str, words: &[&str]) -> Command {
    let documents: Vec<DocumentDraft> =
        words.split(|w| *w == "+").filter(|d| !d.is_empty()).map(|d| draft(bench, who, d)).collect();
    let name = value(words, "lot").or(words.first().copied()).unwrap_or("vide");
    let mut lot = lot(bench, name, value(words, "sender").map(author), documents);
    if let Some(other) = value(words, "patient-id") {
        lot.patient_ids.push(ins(other));
    }
    Command::Publish(Box::new(lot))
}
