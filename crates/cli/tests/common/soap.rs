//! A professional's software: identities of a sandbox that the demo trusts, and calls of the DMP interface.

use super::{Answer, DMP, Demo, Request};
use dmp_lps::answer::RefusalKind;
use dmp_lps::ebrim::Entry;
use dmp_lps::publish::{self, Document, Sending};
use dmp_lps::search::{self, Filter};
use dmp_lps::update;
use dmp_lps::{
    Answer as Soap, Availability, Identity, Ins, InsOid, LpsError, Message, Session, Time, Visibility,
    registry, retrieve,
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
    /// Makes it; the one that is there, when the demo was started again.
    pub fn of(demo: &Demo) -> Self {
        let dir = demo.dir.join("sandbox");
        if !dir.exists() {
            let mut command = Command::new(DMP);
            command.args(["lps", "sandbox", "--out"]).arg(&dir).arg("--authority");
            let made = command.arg(demo.data().join("authority")).output().unwrap();
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        }
        Sandbox { dir, root: format!("http://{}", demo.authority), authority: demo.authority.clone() }
    }

    /// Where an identity of the sandbox is: `medecin`, `cabinet`…
    pub fn folder(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Software that speaks for it.
    pub fn software(&self, name: &str) -> Software {
        let identity = Identity::read(&self.folder(name)).unwrap();
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
    /// A call, now.
    pub fn session<'s>(&'s self, patient: Option<&'s Ins>) -> Session<'s> {
        Session { identity: &self.identity, patient, server: &self.root, now: now() }
    }

    /// Sends a message; what the server answers.
    pub fn send(
        &self,
        patient: Option<&Ins>,
        message: impl FnOnce(&Session<'_>) -> Result<Message, LpsError>,
    ) -> Answer {
        let session = self.session(patient);
        let request = session.request(message(&session).unwrap()).unwrap();
        to_http(&request).send(&self.authority)
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

/// A call as an HTTP request.
pub fn to_http(request: &dmp_lps::Request) -> Request {
    Request::new("POST", &request.path).body(&request.content_type, request.body.to_vec())
}

/// What an answer says, but for what is its own (UUIDs, the time it was made) and for these names.
pub fn told(answer: &Answer, names: &[&str]) -> (u16, String, String) {
    let text = names.iter().fold(answer.text(), |text, name| text.replace(name, "…"));
    let mut text = without(&without(&text, UUID), INSTANT);
    for made in ["<creationTime value=\"", "<s:lastAccessDate>"] {
        let mut parts = text.split(made);
        let first = parts.next().unwrap_or_default().to_owned();
        text = parts
            .fold(first, |kept, part| kept + made + part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    (answer.status, without(answer.header("content-type").unwrap_or_default(), UUID), text)
}

/// `x` stands for a hexadecimal digit, `9` for a decimal one.
const UUID: &str = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
const INSTANT: &str = "9999-99-99T99:99:99.999Z";

/// A text where `…` stands for what has that form.
fn without(text: &str, form: &str) -> String {
    let has_form = |from: &str| {
        from.len() >= form.len()
            && form.bytes().zip(from.bytes()).all(|(form, byte)| match form {
                b'x' => byte.is_ascii_hexdigit(),
                b'9' => byte.is_ascii_digit(),
                other => byte == other,
            })
    };
    let (mut kept, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(next) = rest.chars().next() {
        let (shown, taken) = if has_form(rest) { ('…', form.len()) } else { (next, next.len_utf8()) };
        kept.push(shown);
        rest = &rest[taken..];
    }
    kept
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
