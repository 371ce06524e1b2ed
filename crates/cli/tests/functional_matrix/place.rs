//! The dossier of a column: a patient of its own, and a document for each cell that is about one.
//!
//! Certificates deposit: of the practice where who asks works, and of a hospital. A doctor of the hospital, médecin
//! traitant of every patient, sees everything and tells what became of it.

use crate::Act;
use crate::column::{Column, Role};
use crate::common::lot::{AUTHOR, BIRTH, INS};
use crate::common::soap::{self, Sandbox, Software, document};
use crate::common::{Demo, Document, Patient, Request};
use crate::tools::resources;
use dmp_lps::authorise::{self, Action};
use dmp_lps::ebrim::Entry;
use dmp_lps::publish::Document as Sent;
use dmp_lps::{Availability, Ins, Mode, Session, Visibility, search};
use serde_json::json;
use std::sync::atomic::{AtomicU32, Ordering};

/// Whose document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Of who asks; of his structure, for who is no author.
    Own,
    /// Of another author of the same structure.
    Colleague,
    /// Of another structure.
    Other,
    /// The same, once the patient allows masked documents in emergencies.
    OtherAllowed,
}

impl Act {
    /// The documents it is tried on; acts on the dossier are tried once.
    pub fn whose(self) -> &'static [Whose] {
        use Whose::{Colleague, Other, OtherAllowed, Own};
        match self {
            Act::Reference | Act::Delete => &[Own, Colleague, Other],
            Act::Read | Act::ReadHidden | Act::Mask | Act::Unmask => &[Own, Other],
            Act::Reveal | Act::Archive | Act::Unarchive => &[Own, Other],
            Act::ReadMasked => &[Own, Other, OtherAllowed],
            Act::ReadArchived | Act::ReadObsolete | Act::ReadDeleted => &[Other],
            _ => &[Own],
        }
    }

    /// How its documents are deposited; `None` for an act that needs none.
    fn visibility(self) -> Option<Visibility> {
        let visible = Visibility::VISIBLE;
        match self {
            Act::ReadMasked | Act::Unmask => Some(Visibility { masked: true, ..visible }),
            Act::ReadHidden | Act::Reveal => Some(Visibility { hidden_from_patient: true, ..visible }),
            Act::Replace | Act::Reference | Act::Read | Act::Mask | Act::Archive | Act::Delete => {
                Some(visible)
            }
            Act::ReadArchived | Act::Unarchive | Act::ReadObsolete | Act::ReadDeleted => Some(visible),
            _ => None,
        }
    }
}

/// A document of a cell.
pub struct Deposited {
    act: Act,
    whose: Whose,
    pub unique_id: String,
    pub bytes: Vec<u8>,
    /// Its metadata as the witness saw them before anybody asked.
    pub entry: Entry,
}

/// The dossier of a column, and who asks.
pub struct Place<'d> {
    pub demo: &'d Demo,
    pub column: Column,
    pub patient: Patient,
    pub ins: Ins,
    /// Somebody who has no dossier.
    pub nobody: Ins,
    pub asker: Software,
    witness: Software,
    documents: Vec<Deposited>,
}

impl<'d> Place<'d> {
    /// Opens the dossier, has it authorise who asks where the table does not let him do it himself, deposits.
    pub fn prepare(demo: &'d Demo, sandbox: &Sandbox, column: &Column) -> Self {
        let patient = patient(column);
        patient.open(demo, &demo.token(&["--loader"]));
        let (ins, asker) = (soap::ins(patient.ins), column.software(sandbox));
        let witness = sandbox.software("samu");
        name_medecin_traitant(&witness, &ins);
        match column.role {
            Role::MedecinTraitant => {
                let mut at_ease = sandbox.software("medecin");
                at_ease.identity.access = Mode::Normal;
                name_medecin_traitant(&at_ease, &ins);
            }
            Role::Occupational => {
                patient.decide(demo, &patient.token(demo), &asker.identity.who.person.id, "permit");
            }
            // The practice is authorised by one of its employees.
            Role::Certificate => {
                let message = |session: &Session<'_>| authorise::message(session, Action::Add, false);
                sandbox.software("secretaire").ask(Some(&ins), message, authorise::read).unwrap();
            }
            _ => {}
        }
        let nobody = soap::ins(number(column, 900));
        let documents = Vec::new();
        let mut place = Place { demo, column: *column, patient, ins, nobody, asker, witness, documents };
        place.documents = place.deposit(sandbox);
        place
    }

    /// A document of that author's.
    pub fn new_document(&self, whose: Whose, visibility: Visibility) -> Sent {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let (me, hospital) = (&self.asker.identity.who, &self.witness.identity.who);
        let is_author = !matches!(self.column.role, Role::Employee | Role::Certificate);
        let (author, structure) = match whose {
            Whose::Own if is_author => (me.person.id.as_str(), &me.structure),
            Whose::Own | Whose::Colleague => (AUTHOR, &me.structure),
            Whose::Other | Whose::OtherAllowed => (hospital.person.id.as_str(), &hospital.structure),
        };
        let pdf = Document::pdf(self.patient, NUMBER.fetch_add(1, Ordering::Relaxed));
        document(&pdf.edit(AUTHOR, author).edit("499900063480001", &structure.id), visibility)
    }

    fn deposit(&self, sandbox: &Sandbox) -> Vec<Deposited> {
        let acts = crate::TABLE.iter().map(|(_, act, ..)| *act);
        let cells = acts.flat_map(|act| act.whose().iter().map(move |whose| (act, *whose)));
        let wanted: Vec<(Act, Whose, Sent)> = cells
            .filter_map(|(act, whose)| Some((act, whose, self.new_document(whose, act.visibility()?))))
            .collect();
        let is_other = |whose: Whose| matches!(whose, Whose::Other | Whose::OtherAllowed);
        for (name, other) in [("cabinet", false), ("hopital", true)] {
            let depositor = sandbox.software(name);
            let theirs = wanted.iter().filter(|(_, whose, _)| is_other(*whose) == other);
            let sent: Vec<Sent> = theirs.map(|(_, _, sent)| sent.clone()).collect();
            for lot in sent.chunks(10) {
                depositor.publish(&self.ins, lot).unwrap();
            }
        }
        let unique_id = |sent: &Sent| sent.draft.metadata.unique_id.as_str().to_owned();
        for (act, _, sent) in &wanted {
            let entry = || self.seen(&unique_id(sent));
            match act {
                Act::ReadArchived | Act::Unarchive => {
                    self.witness.status(&self.ins, &entry(), Availability::Archived).unwrap();
                }
                Act::ReadDeleted => {
                    self.witness.status(&self.ins, &entry(), Availability::Deleted).unwrap();
                }
                Act::ReadObsolete => {
                    let newer = self.new_document(Whose::Other, Visibility::VISIBLE);
                    let newer = Sent { replaces: Some(entry().id), ..newer };
                    sandbox.software("hopital").publish(&self.ins, &[newer]).unwrap();
                }
                _ => {}
            }
        }
        let ids: Vec<String> = wanted.iter().map(|(_, _, sent)| unique_id(sent)).collect();
        let mut entries = self.all_seen(&ids);
        let deposited = wanted.into_iter().map(|(act, whose, sent)| {
            let unique_id = unique_id(&sent);
            let at = entries.iter().position(|entry| entry.unique_id() == unique_id).unwrap();
            let entry = entries.swap_remove(at);
            Deposited { act, whose, unique_id, bytes: sent.bytes.to_vec(), entry }
        });
        deposited.collect()
    }

    /// The document of a cell.
    pub fn document(&self, act: Act, whose: Whose) -> Option<&Deposited> {
        self.documents.iter().find(|document| document.act == act && document.whose == whose)
    }

    /// A document as it is now.
    pub fn seen(&self, unique_id: &str) -> Entry {
        self.witness.entry(&self.ins, unique_id).unwrap().unwrap()
    }

    fn all_seen(&self, unique_ids: &[String]) -> Vec<Entry> {
        let ids: Vec<&str> = unique_ids.iter().map(String::as_str).collect();
        let message = search::by_unique_id(&ids, search::Return::Objects);
        self.witness.ask(Some(&self.ins), |_| Ok(message), search::read).unwrap().entries
    }

    /// Which of these are no longer as they were.
    pub fn changed(&self, documents: &[&Deposited]) -> Vec<String> {
        let ids: Vec<String> = documents.iter().map(|document| document.unique_id.clone()).collect();
        if ids.is_empty() {
            return Vec::new();
        }
        let now = self.all_seen(&ids);
        let changed = documents.iter().filter(|document| !now.contains(&document.entry));
        changed.map(|document| format!("{:?} {:?}", document.act, document.whose)).collect()
    }

    /// How many refusals the patient reads in the journal.
    pub fn refusals(&self) -> usize {
        let path = format!("/fhir/AuditEvent?patient.identifier={}&_count=100", self.patient.identifier());
        let lines = resources(self.demo, &path, &self.patient.token(self.demo));
        lines.iter().filter(|line| line["outcome"] == "4").count()
    }

    /// The patient allows, in emergencies, what is masked.
    pub fn allow_masked(&self) {
        let parameters = json!({"resourceType": "Parameters", "parameter": [
            {"name": "patient-identifier", "valueIdentifier": {"system": INS, "value": self.patient.ins}},
            {"name": "masques-en-urgence", "valueBoolean": true},
        ]});
        let request = Request::post("/fhir/Patient/$set-oppositions", parameters.to_string());
        let answer = self.demo.send(&request.bearer(&self.patient.token(self.demo)));
        assert_eq!(answer.status, 200, "{}", answer.brief());
    }
}

fn name_medecin_traitant(doctor: &Software, patient: &Ins) {
    let message = |session: &Session<'_>| authorise::message(session, Action::Add, true);
    doctor.ask(Some(patient), message, authorise::read).unwrap();
}

/// An INS of a woman born in January 1970, that no other column has.
fn number(column: &Column, from: usize) -> &'static str {
    let digits = format!("2700199351{:03}", from + column.place + if column.air { 40 } else { 0 });
    let key = 97 - digits.parse::<u64>().unwrap() % 97;
    format!("{digits}{key:02}").leak()
}

/// A woman born on the day of the fixtures, of a name and a number that no other column has.
fn patient(column: &Column) -> Patient {
    assert_eq!(BIRTH, "1970-01-15");
    let letter = char::from(b'A' + u8::try_from(column.place).unwrap());
    let family = format!("MATRICE{}{letter}", if column.air { "AIR" } else { "" });
    Patient { ins: number(column, 800), family: family.leak(), given: "ALIX" }
}
