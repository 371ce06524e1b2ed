//! The DMP interface: a document that one may not know of changes no byte of its answers, besides the identifiers and the
//! time of each message.

use super::{ABSENT_ID, ABSENT_LOT, ABSENT_UID, Deposited, World};
use crate::common::lot::ALICE;
use crate::common::soap::{Sandbox, Software, document, ins, told};
use crate::common::{Answer, Document};
use dmp_lps::authorise::{self, Action};
use dmp_lps::ebrim::{Entry, scheme};
use dmp_lps::patients::{self, By};
use dmp_lps::publish::{self, Sending};
use dmp_lps::search::{self, Filter, Return, query};
use dmp_lps::{
    Availability, Ins, LpsError, Message, Session, Time, Visibility, administrative, authorisations, exists,
    retrieve, update,
};

/// People who may not know of a document, each by certificates of their own: nobody else uses them here.
struct Readers {
    /// May read what is not masked.
    authorised: Software,
    /// Authorised, of a profession that does not read synthesis.
    optician: Software,
    unknown: Software,
    blocked: Software,
    /// None of its people wrote a document here.
    hospital: Software,
    /// Sees everything.
    medecin_traitant: Software,
}

impl Readers {
    fn new(w: &World) -> Self {
        let sandbox = Sandbox::of(&w.demo);
        let of = |name: &str, decision: &str| {
            let software = sandbox.software(name);
            if !decision.is_empty() {
                ALICE.decide(&w.demo, &w.alice, &software.identity.who.person.id, decision);
            }
            software
        };
        let readers = Readers {
            authorised: of("samu", "permit"),
            optician: of("opticien", "permit"),
            unknown: of("dentiste", ""),
            blocked: of("infirmiere", "deny"),
            hospital: of("hopital", ""),
            medecin_traitant: of("medecin", ""),
        };
        let declare = |session: &Session<'_>| authorise::message(session, Action::Add, true);
        readers.medecin_traitant.ask(Some(&alice()), declare, authorise::read).unwrap();
        readers
    }

    fn rows(&self) -> [(&'static str, &Software); 5] {
        [
            ("an authorised doctor", &self.authorised),
            ("an optician", &self.optician),
            ("a dentist whom nobody authorised", &self.unknown),
            ("a blocked nurse", &self.blocked),
            ("a hospital", &self.hospital),
        ]
    }
}

fn alice() -> Ins {
    ins(ALICE.ins)
}

type Asks<'a> = Box<dyn Fn(&Session<'_>) -> Result<Message, LpsError> + 'a>;

/// Everything that may be asked of a whole record, and of one's dossiers.
fn questions() -> Vec<(&'static str, Asks<'static>)> {
    use Availability::{Approved, Archived, Deleted, Deprecated};
    let every = || Filter { statuses: vec![Approved, Archived, Deprecated, Deleted], ..Filter::default() };
    let of_type = move || Filter { types: vec!["60591-5".to_owned()], ..every() };
    let approved = || search::listed([Approved.as_urn()]);
    let patient = |session: &Session<'_>| format!("'{}'", session.patient.unwrap().to_cx());
    let listed = |by| move |_: &Session<'_>| Ok(patients::message(Time::from_millis(0), by));
    vec![
        ("TD0.2", Box::new(exists::message)),
        ("TD1.3a", Box::new(administrative::message)),
        ("TD0.4", Box::new(listed(By::LastAuthorisation))),
        ("TD0.4, by document", Box::new(listed(By::LastDocument))),
        ("TD1.6", Box::new(|session| authorisations::message(session, "TOUTE"))),
        ("FindDocuments", Box::new(|session| search::message(session, &Filter::default()))),
        ("FindDocuments, every status", Box::new(move |session| search::message(session, &every()))),
        ("FindDocuments, of the type", Box::new(move |session| search::message(session, &of_type()))),
        (
            "FindSubmissionSets",
            Box::new(move |session| {
                let slots = [
                    ("$XDSSubmissionSetPatientId", patient(session)),
                    ("$XDSSubmissionSetStatus", approved()),
                ];
                Ok(search::stored_query(query::FIND_SUBMISSION_SETS, &slots, Return::Objects))
            }),
        ),
        (
            "GetAll",
            Box::new(move |session| {
                let slots = [
                    ("$patientId", patient(session)),
                    ("$XDSDocumentEntryStatus", approved()),
                    ("$XDSSubmissionSetStatus", approved()),
                    ("$XDSFolderStatus", approved()),
                ];
                Ok(search::stored_query(query::GET_ALL, &slots, Return::Objects))
            }),
        ),
    ]
}

/// What a reader is told of everything.
fn everything(reader: &Software) -> Vec<(&'static str, (u16, String, String))> {
    let answers = questions().into_iter().map(|(name, message)| (name, reader.send(Some(&alice()), message)));
    answers.map(|(name, answer)| (name, told(&answer, &[]))).collect()
}

#[test]
fn a_hidden_document_changes_no_answer_about_the_record() {
    let w = World::new();
    let readers = Readers::new(&w);
    w.deposit(1, "");
    let rows = readers.rows();
    let before = rows.map(|(_, reader)| everything(reader));
    let known = everything(&readers.medecin_traitant);
    let mut wrong = Vec::new();
    let mut compare = |what: &str, skipped: usize| {
        for ((row, reader), before) in rows.iter().zip(&before).skip(skipped) {
            for ((question, before), (_, after)) in before.iter().zip(everything(reader)) {
                if *before != after {
                    wrong.push(format!("{what}: {row}: {question}: {before:?} / {after:?}"));
                }
            }
        }
    };
    // The list of TD0.4 counts in seconds: the hidden deposit is of another one, for whoever may tell.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    w.deposit(2, "MASQUE_PS");
    compare("masked", 0);
    // The control: who may know of it is told, so that the answers above could have differed.
    let now = everything(&readers.medecin_traitant);
    let differs = |question: &str| {
        let of = |all: &[(&str, (u16, String, String))]| {
            all.iter().find(|(q, _)| *q == question).unwrap().1.clone()
        };
        of(&known) != of(&now)
    };
    for question in ["TD0.4", "FindDocuments", "FindDocuments, of the type", "FindSubmissionSets", "GetAll"] {
        assert!(differs(question), "{question}: the control");
    }
    // One that the authorised doctor reads, and none of the others.
    w.deposit(3, "");
    compare("visible", 1);
    assert!(wrong.is_empty(), "{} answers tell a document:\n{}", wrong.len(), wrong.join("\n"));
}

/// A document as its registry knows it, and its lot.
#[derive(Clone)]
struct Known {
    entry: Entry,
    lot: String,
}

impl Known {
    fn of(readers: &Readers, document: &Deposited) -> Self {
        let witness = &readers.medecin_traitant;
        let entry = witness.entry(&alice(), &document.unique_id).unwrap().unwrap();
        let slots = [("$uuid", search::listed([entry.id.as_str()]))];
        let message = search::stored_query(query::GET_SUBMISSION_SETS, &slots, Return::Objects);
        let found = witness.ask(Some(&alice()), |_| Ok(message), search::read).unwrap();
        Known { entry, lot: found.packages[0].clone() }
    }

    /// A document that exists nowhere.
    fn absent(&self) -> Self {
        let mut entry = self.entry.clone();
        entry.id = format!("urn:uuid:{ABSENT_ID}");
        entry.lid = Some(entry.id.clone());
        for identifier in entry.identifiers.iter_mut().filter(|one| one.scheme == scheme::UNIQUE_ID) {
            identifier.value = ABSENT_UID.to_owned();
        }
        Known { entry, lot: format!("urn:uuid:{ABSENT_LOT}") }
    }
}

/// Every way to ask for one document.
fn ways(known: &Known) -> Vec<(&'static str, Asks<'_>)> {
    let entry = &known.entry;
    let uid = entry.unique_id();
    let ask = move |id: &'static str, slots: Vec<(&'static str, String)>| -> Asks<'_> {
        Box::new(move |_| Ok(search::stored_query(id, &slots, Return::Objects)))
    };
    let uuid = || search::listed([entry.id.as_str()]);
    let related = search::listed([scheme::RPLC]);
    let status = move |to| -> Asks<'_> {
        Box::new(move |session| update::status(session, &entry.id, Availability::Approved, to))
    };
    let masked = Visibility { masked: true, ..Visibility::VISIBLE };
    let replace = move |session: &Session<'_>| {
        // Never stored, so that one number serves all.
        let newer = document(&Document::synthese(ALICE, 5000), Visibility::VISIBLE);
        let newer = publish::Document { replaces: Some(entry.id.clone()), ..newer };
        publish::message(session, &[newer], Sending { signed: false, mtom: true })
    };
    vec![
        ("reference", Box::new(move |_| Ok(search::by_unique_id(&[uid], Return::Identifiers)))),
        ("GetDocuments", Box::new(move |_| Ok(search::by_unique_id(&[uid], Return::Objects)))),
        (
            "GetDocuments by entryUUID",
            ask(query::GET_DOCUMENTS, vec![("$XDSDocumentEntryEntryUUID", uuid())]),
        ),
        ("GetAssociations", ask(query::GET_ASSOCIATIONS, vec![("$uuid", uuid())])),
        (
            "GetDocumentsAndAssociations",
            ask(query::GET_DOCUMENTS_AND_ASSOCIATIONS, vec![("$XDSDocumentEntryEntryUUID", uuid())]),
        ),
        ("GetSubmissionSets", ask(query::GET_SUBMISSION_SETS, vec![("$uuid", uuid())])),
        (
            "GetSubmissionSetAndContents",
            ask(
                query::GET_SUBMISSION_SET_AND_CONTENTS,
                vec![("$XDSSubmissionSetEntryUUID", format!("'{}'", known.lot))],
            ),
        ),
        (
            "GetRelatedDocuments",
            ask(
                query::GET_RELATED_DOCUMENTS,
                vec![
                    ("$XDSDocumentEntryEntryUUID", format!("'{}'", entry.id)),
                    ("$AssociationTypes", related.clone()),
                ],
            ),
        ),
        ("retrieve", Box::new(move |_| Ok(retrieve::message(&[uid])))),
        ("mask", Box::new(move |session| update::visibility(session, entry, masked))),
        ("replace", Box::new(replace)),
        ("archive", status(Availability::Archived)),
        ("delete", status(Availability::Deleted)),
    ]
}

#[test]
fn to_who_may_not_know_of_it_a_document_is_absent_from_soap() {
    let w = World::new();
    let readers = Readers::new(&w);
    let (plain, masked) = (w.deposit(1, ""), w.deposit(2, "MASQUE_PS"));
    let mut wrong = Vec::new();
    let told = |answer: &Answer, document: &Deposited| told(answer, &[&document.unique_id, ABSENT_UID]);
    for (place, (row, reader)) in readers.rows().into_iter().enumerate() {
        for document in [&masked, &plain] {
            // The first row reads what is not masked.
            if place == 0 && document.unique_id == plain.unique_id {
                continue;
            }
            let known = Known::of(&readers, document);
            let absent = known.absent();
            for ((way, about_it), (_, about_nothing)) in ways(&known).into_iter().zip(ways(&absent)) {
                let there = reader.send(Some(&alice()), about_it);
                let nowhere = reader.send(Some(&alice()), about_nothing);
                if told(&there, document) != told(&nowhere, document) {
                    wrong.push(format!("{row}: {way}: {} / {}", there.text(), nowhere.text()));
                }
            }
        }
    }
    // The control: to who knows of it, every way tells a document that is there from one that is not.
    for document in [&masked, &plain] {
        let known = Known::of(&readers, document);
        let absent = known.absent();
        for ((way, about_it), (_, about_nothing)) in ways(&known).into_iter().zip(ways(&absent)) {
            let there = readers.medecin_traitant.send(Some(&alice()), about_it);
            let nowhere = readers.medecin_traitant.send(Some(&alice()), about_nothing);
            // A document that nothing replaces has no related ones.
            if told(&there, document) == told(&nowhere, document) && way != "GetRelatedDocuments" {
                wrong.push(format!("control: {way}: {}", there.text()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} answers tell a document:\n{}", wrong.len(), wrong.join("\n"));
}
