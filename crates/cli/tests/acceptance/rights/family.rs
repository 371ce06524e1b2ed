//! A child's dossier: held by his mother, who does not see what is hidden from representatives.

use super::story::journal;
use super::world::{Caller, LEO, MARIE, Sight, World};
use crate::common::lot::{BIRTH, INS};
use crate::common::{Document, Patient};
use crate::tools::unique_id;
use serde_json::Value;
use std::collections::BTreeSet;

/// A synthesis of Léo.
fn synthese(w: &World, birth: &str) -> Document {
    let leo = Patient { ins: LEO, family: "", given: "" };
    Document::synthese(leo, w.number())
        .edit(&BIRTH.replace('-', ""), &birth.replace('-', ""))
        .edit(r#"<administrativeGenderCode code="F""#, r#"<administrativeGenderCode code="M""#)
}

fn about<'l>(lines: &'l [Value], unique_id: &str) -> Vec<&'l Value> {
    lines.iter().filter(|line| line["entity"].to_string().contains(unique_id)).collect()
}

pub fn a_representative_sees_what_is_not_hidden_from_representatives(w: &World) {
    let representative =
        |person: &str| Caller::of(w.demo.token(&["--representative-of", LEO, "--person", person]));
    let (mother, leo) = (representative(MARIE), w.patient(LEO));
    let patient = w.demo.get(&format!("/fhir/Patient?identifier={INS}%7C{LEO}"), &leo.token).json();
    let birth = patient["entry"][0]["resource"]["birthDate"].as_str().unwrap().to_owned();
    // The record of a child of eight, as the story left it.
    let known: BTreeSet<String> = w.found(&leo, LEO).iter().map(unique_id).collect();
    assert!(known.len() > 3);
    assert_eq!(w.found_ids(&mother, LEO), known);

    let plain = w.deposit(&w.author, &synthese(w, &birth), "");
    let hidden = w.deposit(&w.author, &synthese(w, &birth), "INVISIBLE_REPRESENTANTS_LEGAUX");
    for who in [&leo, &w.martin, &mother] {
        assert_eq!(w.sight(who, &plain), Sight::Whole, "{}", who.id);
    }
    for who in [&leo, &w.martin] {
        assert_eq!(w.sight(who, &hidden), Sight::Whole, "{}", who.id);
    }
    assert_eq!(w.sight(&mother, &hidden), Sight::Absent);
    let seen = w.found_ids(&mother, LEO);
    assert_eq!(seen, known.iter().chain([&plain.unique_id]).cloned().collect());

    // Her journal is as silent; the child's own is not. A secret session is not told to her either.
    let secret = w.persona("dr-martin", &["--secret"]);
    assert_eq!(w.sight(&secret, &plain), Sight::Whole);
    let (hers, his) = (journal(&w.demo, &mother.token), journal(&w.demo, &leo.token));
    assert!(about(&hers, &hidden.unique_id).is_empty());
    assert!(about(&his, &hidden.unique_id).len() >= 4, "deposited, then read thrice by two");
    let reads = |lines: &[Value]| {
        let by_martin = |line: &&&Value| {
            line["agent"][0]["who"]["identifier"]["value"] == *w.martin.id
                && line["subtype"][1]["code"] == "Read"
        };
        about(lines, &plain.unique_id).iter().filter(by_martin).count()
    };
    assert_eq!((reads(&hers), reads(&his)), (1, 2));

    // Nobody else represents him, and his mother is not him.
    for stranger in [&representative("270019935110160"), &w.marie] {
        let path = format!("/fhir/DocumentReference?patient.identifier={INS}%7C{LEO}");
        let answer = w.demo.get(&path, &stranger.token);
        assert_eq!((answer.status, answer.issue_code().as_str()), (404, "not-found"), "{}", answer.brief());
    }
}
