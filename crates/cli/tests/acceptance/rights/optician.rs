//! An optician: exactly the twelve types of the arrêté, and his own documents.

use super::world::{Deposited, LEO, MARIE, Sight, World, refused};
use crate::common::lot::{ALICE, BIRTH, BRUNE, INS};
use crate::common::{Document, Patient, Request};
use crate::tools::unique_id;
use dmp_dossier::{Act, Reason};
use dmp_nomenclature::TypeCode;
use serde_json::Value;
use std::collections::BTreeSet;

/// Arrêté du 26/10/2023, row of the *opticien-lunetier*.
const TWELVE: [&str; 12] = [
    "47420-5",
    "78513-9",
    "83836-7",
    "DOCPAT02",
    "57828-6",
    "57832-8",
    "75468-9",
    "61357-0",
    "PRESC-ORTHOPTIE",
    "EXPPAT_1",
    "EXPPAT_2",
    "DOCPAT09",
];

fn type_of(reference: &Value) -> &str {
    reference["type"]["coding"][0]["code"].as_str().unwrap()
}

fn is_written_by(reference: &Value, id: &str) -> bool {
    let practitioners = reference["contained"].as_array().unwrap().iter();
    practitioners.filter(|r| r["id"] == "p0").any(|r| r["identifier"][0]["value"] == *id)
}

fn types(references: &[Value]) -> BTreeSet<&str> {
    references.iter().map(type_of).collect()
}

pub fn an_optician_sees_his_twelve_types_and_his_own_documents(w: &World) {
    let lenoir = w.persona("opticien-lenoir", &[]);
    let record = w.found(&w.marie, MARIE);
    let current: BTreeSet<&str> = TypeCode::current().map(|kind| kind.code).collect();
    assert_eq!(types(&record), current, "her record holds a document of every type");

    let seen = w.found(&lenoir, MARIE);
    let own: Vec<&Value> = seen.iter().filter(|reference| is_written_by(reference, &lenoir.id)).collect();
    assert!(!own.is_empty() && own.iter().all(|own| !TWELVE.contains(&type_of(own))), "{:?}", types(&seen));
    let of_others: BTreeSet<&str> = seen.iter().filter(|r| !own.contains(r)).map(type_of).collect();
    assert_eq!(of_others, BTreeSet::from(TWELVE));
    let expected: BTreeSet<String> = record
        .iter()
        .filter(|r| TWELVE.contains(&type_of(r)) || is_written_by(r, &lenoir.id))
        .map(unique_id)
        .collect();
    assert_eq!(seen.iter().map(unique_id).collect::<BTreeSet<_>>(), expected);

    // What the search gives, the address of each document gives; and of no other.
    for reference in &record {
        let mut document = known(MARIE, reference);
        let sees = expected.contains(&document.unique_id);
        if sees {
            let read = Request::get(&format!("/fhir/Binary/{}", document.id)).bearer(&w.marie.token);
            document.bytes = w.demo.send(&read.header("Accept", "*/*")).body;
            w.expect(&w.marie, Act::Read, true, &[&document.unique_id]);
        }
        let expected = if sees { Sight::Whole } else { Sight::Absent };
        assert_eq!(w.sight(&lenoir, &document), expected, "{}", type_of(reference));
    }
}

/// A document that was there before, its bytes unknown.
fn known(ins: &'static str, reference: &Value) -> Deposited {
    let id = reference["id"].as_str().unwrap().to_owned();
    Deposited { ins, id, unique_id: unique_id(reference), bytes: Vec::new() }
}

pub fn where_nobody_authorised_him_he_sees_nothing(w: &World) {
    let lenoir = w.persona("opticien-lenoir", &[]);
    let not_authorised = || refused(Reason::NotAuthorised);
    // In the dossier of Marie's child, whose documents include some that he reads elsewhere or none.
    let leo = w.patient(LEO);
    for reference in w.found(&leo, LEO) {
        assert_eq!(w.sight(&lenoir, &known(LEO, &reference)), not_authorised(), "{}", type_of(&reference));
    }
    // In a dossier with a document of a type that is his to read, until its patient lets him in.
    ALICE.open(&w.demo, &w.demo.token(&["--loader"]));
    let patient = w.patient(ALICE.ins);
    let document = other_document_of_the_patient(w, ALICE);
    let deposited = w.publish_own(&patient, &document);
    assert_eq!(w.sight(&patient, &deposited), Sight::Whole);
    assert_eq!(w.sight(&lenoir, &deposited), not_authorised());
    ALICE.decide(&w.demo, &patient.token, &lenoir.id, "permit");
    assert_eq!(w.sight(&lenoir, &deposited), Sight::Whole);
    // And where there is no dossier.
    let path = format!("/fhir/DocumentReference?patient.identifier={INS}%7C{}", BRUNE.ins);
    let nowhere = w.demo.get(&path, &lenoir.token);
    assert_eq!(nowhere.status, 404, "{}", nowhere.brief());
}

/// EXPPAT_2, *autre document du patient*.
fn other_document_of_the_patient(w: &World, patient: Patient) -> Document {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/cda/expression-patient.xml");
    let unique_id = format!("1.2.250.1.999.7.{}", w.number());
    Document {
        unique_id: unique_id.clone(),
        type_code: "EXPPAT_2",
        class_code: "90",
        media_type: "text/xml",
        patient,
        bytes: std::fs::read(file).unwrap(),
    }
    .edit(r#"<id root="1.2.250.1.999.1.6"/>"#, &format!(r#"<id root="{unique_id}"/>"#))
    .edit(r#"code="EXPPAT_3""#, r#"code="EXPPAT_2""#)
    .edit(MARIE, patient.ins)
    .edit("19840712", &BIRTH.replace('-', ""))
}
