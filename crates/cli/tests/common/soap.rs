//! A professional's software: identities of a sandbox that the demo trusts, and calls of the DMP interface.

use super::{Answer, DMP, Demo, Request};
use dmp_lps::answer::RefusalKind;
use dmp_lps::ebrim::Entry;
use dmp_lps::publish::{self, Document, Sending};
use dmp_lps::search::{self, Filter, query};
use dmp_lps::update;
use dmp_lps::{
    Answer as Soap, Availability, Identity, Ins, InsOid, LpsError, Message, Session, Time, Visibility, registry,
    retrieve,
};
use std::path::PathBuf;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// Who refuses by a right that is missing.
pub const DENIED: &str = "Fault DMPAccessDeniedByRightsService";
/// No such document, or none that one may know of.
pub const UNKNOWN: &str = "Registry XDSDocumentUniqueIdError";
/// A document that one sees, and that only its author changes so.
pub const NOT_AUTHOR: &str = "Registry XDSRegistryError Seul l'auteur du document peut faire cela.";

/// `dmp lps sandbox`: certificates of the demo's own authority.
pub struct Sandbox {
    dir: PathBuf,
    root: String,
    authority: String,
}

impl Sandbox {
    pub fn of(demo: &Demo) -> Self {
        let dir = demo.dir.join("sandbox");
        let mut command = Command::new(DMP);
        command.args(["lps", "sandbox", "--out"]).arg(&dir).arg("--authority");
        let made = command.arg(demo.data().join("authority")).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Sandbox { dir, root: format!("http://{}", demo.authority), authority: demo.authority.clone() }
    }

    /// Software that speaks for an identity of the sandbox: `medecin`, `cabinet`…
    pub fn software(&self, name: &str) -> Software {
        let identity = Identity::read(&self.dir.join(name)).unwrap();
        Software { identity, root: self.root.clone(), authority: self.authority.clone() }
    }
}

/// Software that speaks for somebody.
pub struct Software {
    pub identity: Identity,
    root: String,
    authority: String,
}

impl Software {
    /// The request of a message, under a fresh VIHF.
    pub fn request(
        &self,
        patient: Option<&Ins>,
        message: impl FnOnce(&Session<'_>) -> Result<Message, LpsError>,
    ) -> Request {
        let session = Session { identity: &self.identity, patient, server: &self.root, now: now() };
        let message = message(&session).unwrap();
        let request = session.request(message).unwrap();
        Request::new("POST", &request.path).body(&request.content_type, request.body.to_vec())
    }

    /// Sends a message; what the server answers.
    pub fn send(
        &self,
        patient: Option<&Ins>,
        message: impl FnOnce(&Session<'_>) -> Result<Message, LpsError>,
    ) -> Answer {
        self.request(patient, message).send(&self.authority)
    }

    /// Sends a message and reads its answer; a refusal as its kind, its code and its sentence.
    pub fn ask<T>(
        &self,
        patient: Option<&Ins>,
        message: impl FnOnce(&Session<'_>) -> Result<Message, LpsError>,
        read: impl FnOnce(&Soap) -> Result<T, LpsError>,
    ) -> Result<T, String> {
        let answer = self.send(patient, message);
        let content_type = answer.header("content-type").unwrap_or_default().to_owned();
        let read = Soap::read(&content_type, answer.body.clone().into()).and_then(|soap| read(&soap));
        match read {
            Ok(said) => Ok(said),
            Err(LpsError::Refused(refusal)) => {
                assert!(refusal.kind != RefusalKind::Fault || answer.status >= 400, "{}", answer.brief());
                Err(format!("{:?} {} {}", refusal.kind, refusal.code, refusal.reason))
            }
            Err(error) => panic!("{error}: {}", answer.brief()),
        }
    }

    /// TD2.1: a lot of documents.
    pub fn publish(&self, patient: &Ins, documents: &[Document]) -> Result<(), String> {
        let sending = Sending { signed: false, mtom: true };
        let message = |session: &Session<'_>| publish::message(session, documents, sending);
        self.ask(Some(patient), message, registry::read).map(drop)
    }

    /// TD3.1a: the documents of every status, former versions of metadata too.
    pub fn entries(&self, patient: &Ins) -> Result<Vec<Entry>, String> {
        use Availability::{Approved, Archived, Deleted, Deprecated};
        let filter = Filter { statuses: vec![Approved, Archived, Deleted, Deprecated], ..Filter::default() };
        let found = self.ask(Some(patient), |session| search::message(session, &filter), search::read)?;
        Ok(found.entries)
    }

    /// TD3.1b: the identifiers of the current metadata of a document; none when it is unknown.
    pub fn references(&self, patient: &Ins, unique_id: &str) -> Result<Vec<String>, String> {
        let message = search::by_unique_id(&[unique_id], search::Return::Identifiers);
        self.ask(Some(patient), |_| Ok(message), search::read).map(|found| found.identifiers)
    }

    /// TD3.1: the metadata of a document.
    pub fn entry(&self, patient: &Ins, unique_id: &str) -> Result<Option<Entry>, String> {
        let message = search::by_unique_id(&[unique_id], search::Return::Objects);
        let found = self.ask(Some(patient), |_| Ok(message), search::read)?;
        assert!(found.entries.len() <= 1, "one version of metadata is current");
        Ok(found.entries.into_iter().next())
    }

    /// Any stored query on the patient's documents and lots.
    pub fn get_all(&self, patient: &Ins) -> Message {
        let statuses = search::listed([Availability::Approved.as_urn()]);
        let slots = [
            ("$patientId", format!("'{}'", patient.to_cx())),
            ("$XDSDocumentEntryStatus", statuses.clone()),
            ("$XDSSubmissionSetStatus", statuses.clone()),
            ("$XDSFolderStatus", statuses),
        ];
        search::stored_query(query::GET_ALL, &slots, search::Return::Objects)
    }

    /// TD3.2: the bytes of a document.
    pub fn retrieve(&self, patient: &Ins, unique_id: &str) -> Result<Vec<u8>, String> {
        let message = retrieve::message(&[unique_id]);
        let documents = self.ask(Some(patient), |_| Ok(message), retrieve::read)?;
        let [document] = documents.as_slice() else { panic!("{} documents", documents.len()) };
        assert_eq!(document.unique_id, unique_id);
        Ok(document.bytes.to_vec())
    }

    /// TD3.3c, TD3.3d.
    pub fn status(&self, patient: &Ins, entry: &Entry, to: Availability) -> Result<(), String> {
        let from = entry.status.as_deref().and_then(Availability::parse).unwrap();
        let message = |session: &Session<'_>| update::status(session, &entry.id, from, to);
        self.ask(Some(patient), message, registry::read).map(drop)
    }

    /// TD3.3a, TD3.3b.
    pub fn visibility(&self, patient: &Ins, entry: &Entry, to: Visibility) -> Result<(), String> {
        let message = |session: &Session<'_>| update::visibility(session, entry, to);
        self.ask(Some(patient), message, registry::read).map(drop)
    }
}

/// A patient of the test realm.
pub fn ins(value: &str) -> Ins {
    Ins::parse(value, InsOid::Test).unwrap()
}

pub fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Time::from_millis(i64::try_from(since.as_millis()).unwrap())
}

/// A document as software sends it, with the metadata of its header.
pub fn document(document: &super::Document, visibility: Visibility) -> Document {
    let read = Document::read(document.bytes.clone().into(), now()).unwrap();
    Document { visibility, ..read }
}
