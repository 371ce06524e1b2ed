//! A document changes on one face, and the other tells it so; the journal calls the same act the same, whoever carried it.

use crate::common::lot::{A07, ALICE, AUTHOR, INS, REFERENCE};
use crate::common::soap::{Sandbox, Software, document, ins};
use crate::common::{Answer, Demo, Document, Lot, Request};
use crate::seen::{Reader, Seen};
use crate::story::{id_of, journal, told};
use dmp_lps::ebrim::{Entry, scheme};
use dmp_lps::publish::Document as Sent;
use dmp_lps::search::{self, query};
use dmp_lps::{Availability, Ins, Mode, Visibility};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const MASKED: Visibility = Visibility { masked: true, ..Visibility::VISIBLE };

/// Alice's record, and a doctor who writes in it by either face.
struct World {
    demo: Demo,
    sandbox: Sandbox,
    doctor: Reader,
    alice: String,
    ins: Ins,
}

impl World {
    fn new() -> Self {
        let demo = Demo::start_with(&["--dossiers", "2", "--seed", "1"]);
        ALICE.open(&demo, &demo.token(&["--loader"]));
        let (sandbox, ins) = (Sandbox::of(&demo), ins(ALICE.ins));
        let doctor = Reader::new(&demo, &sandbox);
        doctor.authorised_by(&ins);
        World { alice: ALICE.token(&demo), demo, sandbox, doctor, ins }
    }

    /// A synthesis that the doctor wrote.
    fn synthesis(&self, number: u32) -> Document {
        let who = &self.doctor.soap.identity.who;
        let synthesis = Document::synthese(ALICE, number);
        synthesis.edit(AUTHOR, &who.person.id).edit("499900063480001", &who.structure.id)
    }

    /// ITI-41; the document as both faces tell it.
    fn publish_by_soap(&self, number: u32, replaces: Option<&Seen>) -> Seen {
        let synthesis = self.synthesis(number);
        let sent = document(&synthesis, Visibility::VISIBLE);
        let sent = Sent { replaces: replaces.map(|old| old.entry_uuid.clone()), ..sent };
        self.doctor.soap.publish(&self.ins, &[sent]).unwrap();
        self.seen(&synthesis.unique_id)
    }

    /// ITI-65.
    fn publish_by_fhir(&self, number: u32, replaces: Option<&Seen>) -> Seen {
        let synthesis = self.synthesis(number);
        let lot = Lot::of(std::slice::from_ref(&synthesis)).0.to_string();
        let lot = lot.replace(AUTHOR, &self.doctor.soap.identity.who.person.id);
        let mut lot = Lot(serde_json::from_str(&lot).unwrap());
        if let Some(old) = replaces {
            let target = json!({"reference": format!("DocumentReference/{}", id(old))});
            lot = lot.set(REFERENCE, "/relatesTo", json!([{"code": "replaces", "target": target}]));
        }
        let answer = lot.send(&self.demo, &self.doctor.token);
        assert_eq!(answer.status, 200, "{}", answer.brief());
        self.seen(&synthesis.unique_id)
    }

    /// What both faces tell of a document, all that they tell of the record being equal.
    fn seen(&self, unique_id: &str) -> Seen {
        self.doctor.agree(&self.demo, &self.ins).remove(unique_id).unwrap()
    }

    /// Its metadata, for ITI-57.
    fn entry(&self, seen: &Seen) -> Entry {
        self.doctor.soap.entry(&self.ins, &seen.unique_id).unwrap().unwrap()
    }

    fn patch(&self, seen: &Seen, operation: Value) -> Answer {
        let request = Request::new("PATCH", &format!("/fhir/DocumentReference/{}", id(seen)));
        let request = request.body("application/json-patch+json", json!([operation]).to_string());
        self.demo.send(&request.bearer(&self.doctor.token))
    }

    fn patched(&self, seen: &Seen, operation: Value) {
        let answer = self.patch(seen, operation);
        assert_eq!(answer.status, 200, "{}", answer.brief());
    }

    /// Lines that an act leaves in Alice's journal.
    fn lines(&self, name: &str, act: impl FnOnce()) -> Vec<Value> {
        let before: BTreeSet<String> = journal(&self.demo, &self.alice).iter().map(id_of).collect();
        act();
        let mut after = journal(&self.demo, &self.alice);
        after.retain(|line| !before.contains(&id_of(line)) && line["subtype"][1]["code"] == name);
        after
    }
}

/// Id of the DocumentReference.
fn id(seen: &Seen) -> &str {
    seen.lid.trim_start_matches("urn:uuid:")
}

fn add_mask() -> Value {
    json!({"op": "add", "path": "/securityLabel/-", "value": {"coding": [{"system": A07, "code": "MASQUE_PS"}]}})
}

fn remove_mask() -> Value {
    json!({"op": "remove", "path": "/securityLabel/1"})
}

fn archive(archived: bool) -> Value {
    json!({"op": "replace", "path": "/extension/0/valueBoolean", "value": archived})
}

fn delete() -> Value {
    json!({"op": "replace", "path": "/status", "value": "entered-in-error"})
}

/// A new version of the same document.
fn is_new_version(before: &Seen, after: &Seen) {
    assert_ne!(before.entry_uuid, after.entry_uuid);
    assert_eq!((&before.lid, &before.unique_id), (&after.lid, &after.unique_id));
    let number = |seen: &Seen| seen.version.parse::<u32>().unwrap();
    assert_eq!(number(after), number(before) + 1);
}

#[test]
fn what_changes_on_one_face_has_changed_on_the_other() {
    let w = World::new();
    let soap = &w.doctor.soap;
    for first in [w.publish_by_soap(1, None), w.publish_by_fhir(2, None)] {
        let old = w.entry(&first);
        // Masked by PATCH: another entryUUID and version of the same document, which ITI-18 gives.
        w.patched(&first, add_mask());
        let masked = w.seen(&first.unique_id);
        is_new_version(&first, &masked);
        assert_eq!(masked.confidentiality, ["N", "MASQUE_PS"]);
        let versions = soap.entries(&w.ins).unwrap();
        let former = versions.iter().find(|entry| entry.id == first.entry_uuid).unwrap();
        assert_eq!(former.status.as_deref(), Some(Availability::Deprecated.as_urn()));
        // From a stale version: what is so already is done, anything else is refused.
        assert_eq!(soap.visibility(&w.ins, &old, MASKED), Ok(()));
        let hidden = Visibility { hidden_from_representatives: true, ..Visibility::VISIBLE };
        let stale = soap.visibility(&w.ins, &old, hidden).unwrap_err();
        assert!(stale.starts_with("Registry XDSMetadataVersionError"), "{stale}");
        assert_eq!(w.seen(&first.unique_id), masked);
        // Unmasked by ITI-57.
        soap.visibility(&w.ins, &w.entry(&masked), Visibility::VISIBLE).unwrap();
        let shown = w.seen(&first.unique_id);
        is_new_version(&masked, &shown);
        assert_eq!(shown.confidentiality, ["N"]);
        let read = w.demo.get(&format!("/fhir/DocumentReference/{}", id(&shown)), &w.alice).json();
        assert_eq!(Seen::by_fhir(&read), shown);
        // Archived by ITI-57, and back by PATCH: a status is no version.
        soap.status(&w.ins, &w.entry(&shown), Availability::Archived).unwrap();
        assert_eq!(w.seen(&first.unique_id), Seen { status: Availability::Archived, ..shown.clone() });
        w.patched(&shown, archive(false));
        assert_eq!(w.seen(&first.unique_id), shown);
        w.patched(&shown, archive(true));
        soap.status(&w.ins, &w.entry(&shown), Availability::Approved).unwrap();
        assert_eq!(w.seen(&first.unique_id), shown);
        // Deleted by ITI-57.
        soap.status(&w.ins, &w.entry(&shown), Availability::Deleted).unwrap();
        assert_eq!(w.seen(&first.unique_id), Seen { status: Availability::Deleted, ..shown });
    }
    w.demo.verify().unwrap();
}

/// What replaces a document, by the associations of the newer one.
fn replaced_by(soap: &Software, patient: &Ins, newer: &Seen) -> Vec<String> {
    let slots = [("$uuid", search::listed([newer.entry_uuid.as_str()]))];
    let message = search::stored_query(query::GET_ASSOCIATIONS, &slots, search::Return::Objects);
    let found = soap.ask(Some(patient), |_| Ok(message), search::read).unwrap();
    let replaces = found
        .associations
        .iter()
        .filter(|(kind, source, _)| kind == scheme::RPLC && *source == newer.entry_uuid);
    replaces.map(|(_, _, target)| target.clone()).collect()
}

#[test]
fn what_one_face_replaces_the_other_has_superseded() {
    let w = World::new();
    let first = w.publish_by_fhir(1, None);
    let second = w.publish_by_soap(2, Some(&first));
    let third = w.publish_by_fhir(3, Some(&second));
    let fourth = w.publish_by_soap(4, Some(&third));
    for (old, new) in [(&first, &second), (&second, &third), (&third, &fourth)] {
        let replaced = Seen { status: Availability::Deprecated, ..old.clone() };
        assert_eq!(w.seen(&old.unique_id), replaced);
        assert_eq!(replaced_by(&w.doctor.soap, &w.ins, new), [old.entry_uuid.as_str()]);
        let read = w.demo.get(&format!("/fhir/DocumentReference/{}", id(new)), &w.doctor.token).json();
        let target = format!("DocumentReference/{}", id(old));
        assert_eq!(read["relatesTo"][0]["target"]["reference"], target, "{read}");
    }
    assert_eq!(w.seen(&fourth.unique_id).status, Availability::Approved);
    // A lot sent again is the same lot, by whichever face: the document is there once.
    w.publish_by_soap(4, Some(&third));
    assert_eq!(w.doctor.by_xds(&w.ins).len(), 4);
}

#[test]
fn the_journal_calls_an_act_the_same_whichever_face_carried_it() {
    let w = World::new();
    let soap = &w.doctor.soap;
    let (by_soap, by_fhir) = (w.publish_by_soap(1, None), w.publish_by_fhir(2, None));
    let stranger = w.sandbox.software("dentiste");
    let token = w.demo.persona("dr-roux");
    let mut in_emergency = w.sandbox.software("dentiste");
    in_emergency.identity.access = Mode::BrisDeGlace { reason: "inconscient".to_owned() };
    let arguments = ["--persona", "dr-roux", "--mode", "bris_de_glace", "--reason", "inconscient"];
    let emergency = w.demo.token(&arguments);
    let of_alice = format!("patient.identifier={INS}%7C{}", ALICE.ins);
    let get = |path: &str, token: &str| drop(w.demo.get(path, token));
    let binary = format!("/fhir/Binary/{}", id(&by_fhir));
    let identifier = format!("identifier=urn:oid:{}", by_fhir.unique_id);
    let reference = format!("/fhir/DocumentReference?{of_alice}&{identifier}");
    let visibility = |to| soap.visibility(&w.ins, &w.entry(&by_soap), to).unwrap();
    let status = |to| soap.status(&w.ins, &w.entry(&by_soap), to).unwrap();
    let mut number = 10;
    let mut fresh = || {
        number += 1;
        number
    };
    let (fed, replaced) = ([fresh(), fresh()], [fresh(), fresh()]);
    type Does<'w> = Box<dyn FnOnce() + 'w>;
    #[rustfmt::skip]
    let acts: Vec<(&str, Does<'_>, Does<'_>)> = vec![
        ("Feed", Box::new(|| drop(w.publish_by_soap(fed[0], None))), Box::new(|| drop(w.publish_by_fhir(fed[1], None)))),
        ("Read", Box::new(|| drop(soap.retrieve(&w.ins, &by_soap.unique_id).unwrap())), Box::new(|| get(&binary, &w.doctor.token))),
        ("Read", Box::new(|| drop(stranger.retrieve(&w.ins, &by_soap.unique_id).unwrap_err())), Box::new(|| get(&binary, &token))),
        ("Search", Box::new(|| drop(soap.entry(&w.ins, &by_soap.unique_id).unwrap())), Box::new(|| get(&reference, &w.doctor.token))),
        ("Search", Box::new(|| drop(stranger.entries(&w.ins).unwrap_err())), Box::new(|| get(&format!("/fhir/DocumentReference?{of_alice}"), &token))),
        ("Read", Box::new(|| drop(in_emergency.retrieve(&w.ins, &by_soap.unique_id).unwrap())), Box::new(|| get(&binary, &emergency))),
        ("Mask", Box::new(|| visibility(MASKED)), Box::new(|| w.patched(&by_fhir, add_mask()))),
        ("Unmask", Box::new(|| visibility(Visibility::VISIBLE)), Box::new(|| w.patched(&by_fhir, remove_mask()))),
        ("Archive", Box::new(|| status(Availability::Archived)), Box::new(|| w.patched(&by_fhir, archive(true)))),
        ("Archive", Box::new(|| status(Availability::Approved)), Box::new(|| w.patched(&by_fhir, archive(false)))),
        ("Replace", Box::new(|| drop(w.publish_by_soap(replaced[0], Some(&w.seen(&by_soap.unique_id))))), Box::new(|| drop(w.publish_by_fhir(replaced[1], Some(&by_fhir))))),
        ("Delete", Box::new(|| soap.status(&w.ins, &w.entry(&w.seen(&uid(fed[0]))), Availability::Deleted).unwrap()), Box::new(|| w.patched(&w.seen(&uid(fed[1])), delete()))),
    ];
    let mut wrong = Vec::new();
    for (name, one, other) in acts {
        let (one, other) = (w.lines(name, one), w.lines(name, other));
        let line = |event: &Value| {
            // The twins have numbers of their own.
            let line = told(event);
            let line = line.split(' ').map(|word| if word.starts_with(OURS) { "…" } else { word });
            let line = line.collect::<Vec<_>>().join(" ");
            let agent = &event["agent"][0];
            let structure = &event["agent"][1]["who"]["identifier"];
            format!("{line} | {} {} | {structure}", agent["role"], agent["who"])
        };
        let (one, other): (BTreeSet<_>, BTreeSet<_>) =
            (one.iter().map(line).collect(), other.iter().map(line).collect());
        if one.is_empty() || one != other {
            wrong.push(format!("{name}:\n  SOAP {one:#?}\n  FHIR {other:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where the uniqueIds of the documents of tests begin.
const OURS: &str = "1.2.250.1.999.7.";

fn uid(number: u32) -> String {
    format!("{OURS}{number}")
}
