//! Those who feed the record and do not read it: the occupational doctor sees what there is, the secretary nothing.

use super::world::{Deposited, MARIE, Sight, World, refused};
use crate::common::Request;
use crate::common::lot::INS;
use crate::tools::unique_id;
use dmp_dossier::{Act, Reason};

pub fn an_occupational_doctor_reads_metadata_and_no_content(w: &World) {
    let travail = w.persona("dr-travail", &[]);
    let (plain, masked) = (w.deposited(), w.masked());
    assert_eq!(w.sight(&travail, &plain), Sight::Metadata);
    assert_eq!(w.sight(&travail, &masked), Sight::Absent);
    // Of the whole record, what any doctor may know of; of no document, the content.
    let nurse = w.found(&w.martin, MARIE);
    let seen = w.found(&travail, MARIE);
    assert!(seen.len() > 100 && seen.len() < nurse.len(), "{} of {}", seen.len(), nurse.len());
    for reference in &seen {
        let id = reference["id"].as_str().unwrap();
        let read = Request::get(&format!("/fhir/Binary/{id}")).bearer(&travail.token).header("Accept", "*/*");
        let answer = w.demo.send(&read);
        assert_eq!(answer.status, 404, "{}", answer.brief());
        w.expect(&travail, Act::Read, false, &[&unique_id(reference)]);
    }
    let document = w.synthese().edit(&w.author.id, &travail.id);
    let own = w.deposit(&travail, &document, "");
    assert_eq!(w.sight(&w.martin, &own), Sight::Whole);
    assert_eq!(w.sight(&travail, &own), Sight::Metadata, "not even what she wrote");
    for mode in [&["--mode", "bris_de_glace", "--reason", "malaise au poste"][..], &["--mode", "centre_15"]] {
        assert_eq!(w.sight(&w.persona("dr-travail", mode), &plain), refused(Reason::AccessDenied));
    }
}

pub fn a_secretary_feeds_and_reads_nothing(w: &World) {
    let secretary = w.persona("secretaire-blanc", &[]);
    let document = w.synthese().edit("499900063480001", "499900900012001");
    let own = w.deposit(&secretary, &document, "");
    assert_eq!(w.sight(&w.martin, &own), Sight::Whole, "what she fed is there");
    let of_others = w.deposited();
    let denied = Reason::AccessDenied.answer().french;
    for (act, path) in [
        (Act::Search, format!("/fhir/DocumentReference?patient.identifier={INS}%7C{MARIE}")),
        (Act::Search, format!("/fhir/List?patient.identifier={INS}%7C{MARIE}")),
        (Act::ReadRights, format!("/fhir/Consent?patient.identifier={INS}%7C{MARIE}")),
        (Act::ReadJournal, format!("/fhir/AuditEvent?patient.identifier={INS}%7C{MARIE}")),
    ] {
        let answer = w.demo.get(&path, &secretary.token);
        assert_eq!((answer.status, answer.issue()["diagnostics"].as_str()), (403, Some(denied)), "{path}");
        w.expect(&secretary, act, false, &[]);
    }
    for document in [&own, &of_others] {
        for (act, kind) in [(Act::Search, "DocumentReference"), (Act::Read, "Binary")] {
            let answer = w.demo.get(&format!("/fhir/{kind}/{}", document.id), &secretary.token);
            assert_eq!(answer.status, 404, "{kind}: {}", answer.brief());
            w.expect(&secretary, act, false, &[&document.unique_id]);
        }
    }
    // What is hers to know of what her practice deposited: that it is there, to delete it; nothing of what it holds.
    let find = |document: &Deposited| {
        let path = format!(
            "/fhir/DocumentReference?patient.identifier={INS}%7C{MARIE}&identifier=urn:oid:{}",
            document.unique_id
        );
        w.demo.get(&path, &secretary.token)
    };
    let reference = find(&own).json()["entry"][0]["resource"].clone();
    w.expect(&secretary, Act::FindReference, true, &[&own.unique_id]);
    assert_eq!(reference["id"], own.id);
    for said in ["type", "category", "author", "date", "contained", "context", "description"] {
        assert!(reference[said].is_null(), "{said}: {reference}");
    }
    assert_eq!(reference["content"][0]["attachment"].as_object().unwrap().len(), 1, "{reference}");
    let none = find(&of_others);
    w.expect(&secretary, Act::FindReference, false, &[&of_others.unique_id]);
    assert_eq!(none.json()["total"], 0, "{}", none.brief());
}
