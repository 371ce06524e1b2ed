//! Trains a dictionary of `crates/store/dictionaries`. A dictionary that was released is kept for ever: give the new one
//! the next number, and let writers take it (`compress.rs`).
//!
//! ```sh
//! cargo run --release -p dmp-store --example train_dictionary -- rows N.dict
//! cargo run --release -p dmp-store --example train_dictionary -- documents N.dict DIRECTORY
//! ```
//!
//! `DIRECTORY` holds documents that we generated ourselves, without their embedded files, and beside each its text:
//! 2.dict was trained on the 1,544 documents of a demo of 300 dossiers. Nothing of a real document may be in it, for a
//! dictionary is published.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use dmp_dossier::*;
use dmp_nomenclature::{Concept, TypeCode, facility, format_code::FormatCode, practice_setting};
use std::sync::Arc;
use uuid::Uuid;

/// A dictionary stays in the cache of a core beside what it packs.
const ROWS_BYTES: usize = 16 << 10;
const DOCUMENTS_BYTES: usize = 32 << 10;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (samples, bytes, to) = match words[..] {
        ["rows", to] => (rows(), ROWS_BYTES, to),
        ["documents", to, directory] => (files(directory), DOCUMENTS_BYTES, to),
        _ => {
            eprintln!("usage: train_dictionary rows FILE | documents FILE DIRECTORY");
            std::process::exit(2);
        }
    };
    let dictionary = zstd::dict::from_samples(&samples, bytes).unwrap();
    std::fs::write(to, dictionary).unwrap();
}

fn files(directory: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// Numbers in a row that look drawn: the same samples at every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }

    fn uuid(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        bytes.iter_mut().for_each(|byte| *byte = self.below(256) as u8);
        Uuid::from_bytes(bytes)
    }
}

const FAMILIES: [&str; 12] = [
    "MARTIN", "BERNARD", "THOMAS", "PETIT", "ROBERT", "RICHARD", "DURAND", "DUBOIS", "MOREAU", "LAURENT",
    "SIMON", "MICHEL",
];
const GIVEN: [&str; 12] = [
    "Marie", "Jean", "Camille", "Pierre", "Claire", "Michel", "Anne", "Philippe", "Sophie", "Nicolas",
    "Isabelle", "Louis",
];
const STRUCTURES: [&str; 8] = [
    "Cabinet médical du Parc",
    "Centre hospitalier",
    "CHU, service de médecine",
    "Laboratoire de biologie médicale",
    "Pharmacie de la Gare",
    "Cabinet infirmier",
    "Centre d'imagerie médicale",
    "Maison de santé pluriprofessionnelle",
];
const SPECIALTIES: [(&str, &str); 6] = [
    ("G15_10/SM26", "Médecin - Qualifié en médecine générale (SM)"),
    ("G15_10/SM44", "Médecin - Radio-diagnostic (SM)"),
    ("G15_10/SM03", "Médecin - Biologie médicale (SM)"),
    ("G15_21/D", "Pharmacien - Pharmacien adjoint d'officine"),
    ("G15_60", "Infirmier"),
    ("G15_10/SM04", "Médecin - Cardiologie et maladies vasculaires (SM)"),
];

fn rows() -> Vec<Vec<u8>> {
    let mut draw = Draw(2026);
    let mut samples = Vec::new();
    let types: Vec<_> = TypeCode::current().collect();
    for _ in 0..4_000 {
        let known = draw.of(&types);
        let entry = Row::Document(Arc::new(entry(&mut draw, known)));
        samples.push(postcard::to_stdvec(&entry).unwrap());
        samples.push(postcard::to_stdvec(&Row::Set(Arc::new(set(&mut draw)))).unwrap());
    }
    samples
}

fn concept(concept: &Concept) -> Code {
    Code::new(concept.code, concept.system.oid, concept.label)
}

fn entry(draw: &mut Draw, known: &TypeCode) -> DocumentEntry {
    let class = known.class();
    let row = draw.below(60) as u32;
    let format = draw.of(FormatCode::all());
    let ins = ins(draw);
    let author = author(draw);
    DocumentEntry {
        entry_uuid: EntryUuid(draw.uuid()),
        lid: Lid(draw.uuid()),
        version: 1,
        status: Availability::Approved,
        visibility: Visibility::VISIBLE,
        release_at: None,
        registered_at: time(draw),
        content: row,
        replaces: None,
        metadata: DocumentMetadata {
            unique_id: unique_id(draw),
            mime_type: "text/xml".to_owned(),
            hash: [0; 20].map(|_: u8| draw.below(256) as u8),
            size_bytes: 20_000 + draw.below(60_000) as u64,
            language: "fr-FR".to_owned(),
            legal_authenticator: Some(author.person.clone()),
            authors: vec![author],
            service_start: Some(Dtm::from_time(time(draw))),
            service_stop: (draw.below(2) == 0).then(|| Dtm::from_time(time(draw))),
            creation_time: Dtm::from_time(time(draw)),
            title: known.plain.to_owned(),
            comments: None,
            class_code: Code::new(class.code, class.system.oid, class.label),
            type_code: Code::new(known.code, known.system.oid, known.label),
            format_code: Code::new(format.code, format.system.oid, format.label),
            facility_type: concept(draw.of(facility::DMP.concepts)),
            practice_setting: concept(draw.of(practice_setting::DMP.concepts)),
            event_codes: Vec::new(),
            confidentiality: BaseConfidentiality::Normal,
            source_patient_id: ins.to_cx(),
            source_patient_info: vec![
                format!("PID-5|{}^{}^^^^^L^A", draw.of(&FAMILIES), draw.of(&GIVEN)),
                format!("PID-7|19{}", draw.digits(6)),
                format!("PID-8|{}", draw.of(&["F", "M"])),
            ],
            reference_ids: Vec::new(),
            declared_parent: None,
            set_id: Some(unique_id(draw).to_string()),
            version_number: Some(1),
        },
    }
}

fn set(draw: &mut Draw) -> SubmissionSet {
    let entry_uuid = EntryUuid(draw.uuid());
    let content_type = draw.of(dmp_nomenclature::content_type::ACTIVITIES.concepts);
    SubmissionSet {
        entry_uuid,
        registered_at: time(draw),
        metadata: SubmissionSetMetadata {
            unique_id: unique_id(draw),
            source_id: format!("1.2.250.1.999.1.1.{}", draw.digits(4)),
            submission_time: Dtm::from_time(time(draw)),
            content_type: concept(content_type),
            author: Some(author(draw)),
            title: Some("Envoi de documents".to_owned()).filter(|_| draw.below(2) == 0),
            comments: None,
        },
        associations: vec![Association {
            id: draw.uuid(),
            kind: AssociationKind::HasMember,
            source: entry_uuid,
            target: EntryUuid(draw.uuid()),
            previous_version: None,
        }],
    }
}

fn author(draw: &mut Draw) -> Author {
    let (code, label) = draw.of(&SPECIALTIES);
    let roles = [("PART", "Participant"), ("ATTPHYS", "Médecin responsable"), ("PCP", "Médecin traitant")];
    let role = draw.of(&roles);
    Author {
        person: Person {
            id: AuthorId::Professional(PsId::parse(&format!("89970{}", draw.digits(7))).unwrap()),
            family: (*draw.of(&FAMILIES)).to_owned(),
            given: (*draw.of(&GIVEN)).to_owned(),
        },
        institution: Some(Institution {
            id: StructureId::parse(&format!("1{}", draw.digits(9))),
            other_id: None,
            name: (*draw.of(&STRUCTURES)).to_owned(),
        }),
        role: Some(Code::new(role.0, "2.16.840.1.113883.5.88", role.1)),
        specialty: Some(Code::new(*code, "1.2.250.1.213.1.1.4.5", *label)),
    }
}

fn ins(draw: &mut Draw) -> Ins {
    let value: u64 = format!("{}{}", draw.of(&["1", "2"]), draw.digits(12)).parse().unwrap();
    Ins::parse(&format!("{value}{:02}", 97 - value % 97), InsOid::Test).unwrap()
}

fn unique_id(draw: &mut Draw) -> DocumentUid {
    let text = match draw.below(2) {
        0 => format!("1.2.250.1.213.1.1.9.{}.1{}", draw.digits(3), draw.digits(9)),
        _ => draw.uuid().to_string(),
    };
    DocumentUid::parse(&text.replace(".0", ".1")).unwrap()
}

fn time(draw: &mut Draw) -> Time {
    Time::from_millis(1_700_000_000_000 + draw.below(100_000_000) as i64 * 1_000)
}
