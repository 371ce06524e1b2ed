//! The software of a professional: who it may speak for, and messages of the DMP interface to be made wrong.
//!
//! Certificates are of the demo's own authority, made here as `dmp lps sandbox` makes them.

use crate::case::World;
use crate::common::lot::{ALICE, AUTHOR};
use crate::common::{Answer, Demo, Document, Patient, Request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use dmp_lps::ebrim::scheme;
use dmp_lps::identity::{IDENTITY_FILE, Person, Software, Structure, Who};
use dmp_lps::publish::{self, Sending};
use dmp_lps::search::{self, Filter, Return, listed};
use dmp_lps::{Authentification, Identity, Ins, InsOid, Message, Session, Time, retrieve, update, vihf};
use dmp_server::config::AUTHORITY;
use dmp_server::demo::authority::{Authority, Issued, Purpose, Subject, Validity};
use rcgen::{CertificateParams, DistinguishedName, DnType, Issuer, KeyPair, KeyUsagePurpose};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// The doctor's practice, in the fixtures too.
pub const CABINET: &str = "499900063480001";
/// Another doctor whom Alice authorised: author of nothing.
pub const COLLEAGUE: &str = "899900000035";

/// Who the software speaks for, by whose certificate it signs.
pub struct Lps {
    /// The author of the fixtures, by card.
    pub doctor: Identity,
    /// A doctor of the same practice, by card.
    pub colleague: Identity,
    /// The doctor, who signs by what the name says.
    pub by_authentication: Identity,
    pub by_expired: Identity,
    pub by_revoked: Identity,
    pub by_other_authority: Identity,
    pub by_structure: Identity,
    pub by_ecdsa: Identity,
    /// PEM of the certificates by which the doctor and the colleague connect.
    pub doctor_tls: String,
    pub colleague_tls: String,
    /// Directory of the authority.
    pub authority: PathBuf,
}

impl Lps {
    pub fn new(demo: &Demo) -> Self {
        let directory = demo.data().join(AUTHORITY);
        let mut authority = Authority::open_or_create(&directory).unwrap();
        let other = Authority::open_or_create(&demo.dir.join("other-authority")).unwrap();
        let card = |id| Subject::Card { id, family: "LIBRE", given: "Luc", profession: "Médecin" };
        let (doctor, colleague) = (card(AUTHOR), card(COLLEAGUE));
        let structure = Subject::Structure { id: CABINET, name: "Cabinet du Dr Libre" };
        let issue = |subject, purpose| authority.issue(subject, purpose, Validity::Current).unwrap();
        let [signs, connects, revoked] =
            [Purpose::Signature, Purpose::Authentication, Purpose::Signature].map(|p| issue(&doctor, p));
        let colleague_connects = issue(&colleague, Purpose::Authentication);
        let folder = demo.dir.join("lps");
        let identity = |id: &str, issued: &Issued| identity(&folder, id, &issued.certificate, &issued.key);
        let expired = authority.issue(&doctor, Purpose::Signature, Validity::Past).unwrap();
        let foreign = other.issue(&doctor, Purpose::Signature, Validity::Current).unwrap();
        let (certificate, key) = ecdsa_card(&directory);
        let lps = Lps {
            doctor: identity(AUTHOR, &signs),
            colleague: identity(COLLEAGUE, &issue(&colleague, Purpose::Signature)),
            by_authentication: identity(AUTHOR, &connects),
            by_expired: identity(AUTHOR, &expired),
            by_revoked: identity(AUTHOR, &revoked),
            by_other_authority: identity(AUTHOR, &foreign),
            by_structure: identity(AUTHOR, &issue(&structure, Purpose::Signature)),
            by_ecdsa: self::identity(&folder, AUTHOR, &certificate, &key),
            doctor_tls: connects.certificate.clone(),
            colleague_tls: colleague_connects.certificate,
            authority: directory,
        };
        authority.revoke(&revoked).unwrap();
        lps
    }
}

/// The doctor or the colleague, by that certificate and its key.
fn identity(folder: &Path, id: &str, certificate: &str, key: &str) -> Identity {
    std::fs::create_dir_all(folder).unwrap();
    let text = |value: &str| value.to_owned();
    let who = Who {
        authentification: Authentification::Directe,
        vihf_version: text("3.0"),
        sector: text("SA07"),
        person: Person {
            id: text(id),
            local_id: None,
            family: text("LIBRE"),
            given: text("Luc"),
            profession: text("10"),
            speciality: Some(text("SM26")),
        },
        structure: Structure { id: text(CABINET), name: text("Cabinet du Dr Libre") },
        software: Software {
            id: text("01.01"),
            name: text("table"),
            version: text("1"),
            approval: text("SANS-HOMOLOGATION"),
            oid: text("1.2.250.1.999.9"),
        },
    };
    let [certificate_file, key_file] = ["certificate.pem", "key.pem"].map(|name| folder.join(name));
    std::fs::write(folder.join(IDENTITY_FILE), who.to_toml()).unwrap();
    std::fs::write(&certificate_file, certificate).unwrap();
    std::fs::write(&key_file, key).unwrap();
    Identity::read_with(folder, &certificate_file, &key_file).unwrap()
}

/// A card of the doctor whose key is on P-256: the demo's own are RSA. PEM of the certificate, and of the key.
fn ecdsa_card(authority: &Path) -> (String, String) {
    let names = |names: &[(DnType, &str)]| {
        let mut all = DistinguishedName::new();
        names.iter().for_each(|(kind, value)| all.push(kind.clone(), *value));
        all
    };
    // The name of the demo's authority: it is what a certificate and its issuer are put together by.
    let mut issuer = CertificateParams::default();
    issuer.distinguished_name = names(&[
        (DnType::CountryName, "FR"),
        (DnType::OrganizationName, "Demonstration"),
        (DnType::CommonName, "TEST AC de demonstration"),
    ]);
    let ca_key = KeyPair::from_pem(&std::fs::read_to_string(authority.join("ca.key")).unwrap()).unwrap();
    let mut card = CertificateParams::default();
    card.distinguished_name = names(&[(DnType::CountryName, "FR"), (DnType::CommonName, AUTHOR)]);
    card.key_usages = vec![KeyUsagePurpose::ContentCommitment];
    let key = KeyPair::generate().unwrap();
    (card.signed_by(&key, &Issuer::new(issuer, ca_key)).unwrap().pem(), key.serialize_pem())
}

/// Now.
pub fn now() -> Time {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Time::from_millis(i64::try_from(now.as_millis()).unwrap())
}

/// The INS of a patient.
pub fn ins(patient: Patient) -> Ins {
    Ins::parse(patient.ins, InsOid::Test).unwrap()
}

/// A message, to be changed and sent.
#[derive(Debug, Clone)]
pub struct Sent {
    pub path: String,
    pub content_type: String,
    pub body: Vec<u8>,
}

impl Sent {
    /// The same with another piece of text, once; the piece must be there.
    pub fn edit(mut self, from: &str, to: &str) -> Self {
        let at = position(&self.body, from.as_bytes());
        let at = at.unwrap_or_else(|| panic!("`{from}` is not in the message"));
        self.body.splice(at..at + from.len(), to.bytes());
        self
    }

    /// The same without what stands from the first of these texts to the next of the second, both included.
    pub fn cut(self, from: &str, to: &str) -> Self {
        let piece = between(&self.text(), from, to);
        self.edit(&piece, "")
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// Another body.
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Sent { body: body.into(), ..self }
    }

    /// Another media type.
    pub fn typed(self, content_type: &str) -> Self {
        Sent { content_type: content_type.to_owned(), ..self }
    }

    pub fn request(&self) -> Request {
        Request::new("POST", &self.path).body(&self.content_type, self.body.clone())
    }

    pub fn send(&self, w: &World) -> Answer {
        w.demo.send(&self.request())
    }
}

fn position(bytes: &[u8], piece: &[u8]) -> Option<usize> {
    bytes.windows(piece.len()).position(|window| window == piece)
}

/// From the first of these texts to the next of the second, both included.
pub fn between(text: &str, from: &str, to: &str) -> String {
    let start = text.find(from).unwrap_or_else(|| panic!("`{from}` is not in the message"));
    let end = text[start..].find(to).unwrap_or_else(|| panic!("`{to}` is not in the message"));
    text[start..start + end + to.len()].to_owned()
}

/// A package (MTOM), part by part: what is written between their boundaries.
#[derive(Debug, Clone)]
pub struct Package {
    pub path: String,
    pub content_type: String,
    pub parts: Vec<Part>,
}

/// Headers and bytes of a part; the root comes first, then the documents.
#[derive(Debug, Clone)]
pub struct Part {
    pub head: String,
    pub body: Vec<u8>,
}

/// The boundary of every [`Package`].
pub const BOUNDARY: &str = "limite";

impl Package {
    fn of(sent: &Sent) -> Self {
        let boundary = sent.content_type.split("boundary=\"").nth(1).unwrap().trim_end_matches('"');
        let delimiter = format!("--{boundary}");
        let mut parts = Vec::new();
        let mut rest = &sent.body[delimiter.len() + 2..];
        while let Some(end) = position(rest, format!("\r\n{delimiter}").as_bytes()) {
            let head = position(rest, b"\r\n\r\n").unwrap();
            let text = String::from_utf8(rest[..head].to_vec()).unwrap();
            parts.push(Part { head: text, body: rest[head + 4..end].to_vec() });
            rest = rest.get(end + 2 + delimiter.len() + 2..).unwrap_or_default();
        }
        let content_type = sent.content_type.replace(boundary, BOUNDARY);
        Package { path: sent.path.clone(), content_type, parts }
    }

    /// The envelope changed.
    pub fn envelope(mut self, edit: impl FnOnce(Sent) -> Sent) -> Self {
        let body = std::mem::take(&mut self.parts[0].body);
        let whole = Sent { path: String::new(), content_type: String::new(), body };
        self.parts[0].body = edit(whole).body;
        self
    }

    /// A part changed; 0 is the envelope's.
    pub fn part(mut self, number: usize, edit: impl FnOnce(&mut Part)) -> Self {
        edit(&mut self.parts[number]);
        self
    }

    /// One more part.
    pub fn and(mut self, head: &str, body: &[u8]) -> Self {
        self.parts.push(Part { head: head.to_owned(), body: body.to_vec() });
        self
    }

    /// Content-ID of a part.
    pub fn content_id(&self, number: usize) -> String {
        self.parts[number].head.split("Content-ID: <").nth(1).unwrap().trim_end_matches('>').to_owned()
    }

    pub fn sent(&self) -> Sent {
        let mut body = Vec::new();
        for part in &self.parts {
            body.extend(format!("--{BOUNDARY}\r\n{}\r\n\r\n", part.head).bytes());
            body.extend(&part.body);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").bytes());
        Sent { path: self.path.clone(), content_type: self.content_type.clone(), body }
    }

    pub fn send(&self, w: &World) -> Answer {
        self.sent().send(w)
    }
}

impl World {
    /// A message of that identity about that patient.
    pub fn message_of(
        &self,
        identity: &Identity,
        patient: Patient,
        message: impl FnOnce(&Session<'_>) -> Message,
    ) -> Sent {
        let (ins, server) = (ins(patient), self.server());
        let session = Session { identity, patient: Some(&ins), server: &server, now: now() };
        let message = message(&session);
        sent(session.request(message).unwrap())
    }

    /// A message of the doctor about Alice.
    pub fn message(&self, message: impl FnOnce(&Session<'_>) -> Message) -> Sent {
        self.message_of(&self.lps.doctor, ALICE, message)
    }

    /// FindDocuments in Alice's dossier, by the doctor.
    pub fn query(&self) -> Sent {
        self.message(query)
    }

    /// A stored query of the doctor, its parameters as they are written.
    pub fn stored_query(&self, id: &str, slots: &[(&str, &str)]) -> Sent {
        let slots: Vec<_> = slots.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.message(|_| search::stored_query(id, &slots, Return::Objects))
    }

    /// FindDocuments under that assertion, made beside.
    pub fn query_under(&self, assertion: &str) -> Sent {
        let (ins, server) = (ins(ALICE), self.server());
        let session =
            Session { identity: &self.lps.doctor, patient: Some(&ins), server: &server, now: now() };
        sent(session.request_under(query(&session), assertion))
    }

    /// A lot of these documents, in base64 within the envelope.
    pub fn lot_of(&self, documents: &[Document]) -> Sent {
        self.message(|session| deposit(session, documents, false))
    }

    /// A lot of one fresh document of Alice.
    pub fn plain_lot(&self) -> Sent {
        self.lot_of(&[self.synthese()])
    }

    /// The same as a package.
    pub fn package_of(&self, documents: &[Document]) -> Package {
        Package::of(&self.message(|session| deposit(session, documents, true)))
    }

    pub fn package(&self) -> Package {
        self.package_of(&[self.synthese()])
    }

    /// ITI-43 of these documents of Alice.
    pub fn retrieve_as(&self, identity: &Identity, unique_ids: &[&str]) -> Answer {
        self.message_of(identity, ALICE, |_| retrieve::message(unique_ids)).send(self)
    }

    /// entryUUID of a document of Alice.
    pub fn entry_uuid(&self, unique_id: &str) -> String {
        let answer = self.message(|_| search::by_unique_id(&[unique_id], Return::Identifiers)).send(self);
        let found = search::read(&read(&answer)).unwrap();
        found.identifiers.first().unwrap_or_else(|| panic!("no `{unique_id}`: {}", answer.brief())).clone()
    }

    /// The doctor masks a document of Alice (TD3.3a).
    pub fn mask(&self, unique_id: &str) {
        let found = self.message(|_| search::by_unique_id(&[unique_id], Return::Objects)).send(self);
        let found = search::read(&read(&found)).unwrap();
        let entry = found.current(unique_id).unwrap().clone();
        let visibility = dmp_lps::Visibility { masked: true, ..dmp_lps::Visibility::VISIBLE };
        let answer = self.message(|s| update::visibility(s, &entry, visibility).unwrap()).send(self);
        assert!(answer.text().contains("Success"), "mask: {}", answer.brief());
    }

    fn server(&self) -> String {
        format!("http://{}", self.demo.authority)
    }
}

/// FindDocuments.
pub fn query(session: &Session<'_>) -> Message {
    search::message(session, &Filter::default()).unwrap()
}

/// ITI-41 of these documents.
pub fn deposit(session: &Session<'_>, documents: &[Document], mtom: bool) -> Message {
    let read = |d: &Document| publish::Document::read(Bytes::from(d.bytes.clone()), session.now).unwrap();
    let documents: Vec<_> = documents.iter().map(read).collect();
    publish::message(session, &documents, Sending { signed: false, mtom }).unwrap()
}

/// A message made by the library.
pub fn sent(request: dmp_lps::Request) -> Sent {
    Sent { path: request.path, content_type: request.content_type, body: request.body.to_vec() }
}

/// An answer as the library reads it.
pub fn read(answer: &Answer) -> dmp_lps::Answer {
    let content_type = answer.header("content-type").unwrap_or_default();
    dmp_lps::Answer::read(content_type, Bytes::from(answer.body.clone())).unwrap()
}

/// A VIHF that is not signed yet, and its identifier.
pub fn assertion(identity: &Identity, issued: Time) -> (String, String) {
    let id = format!("_{}", Uuid::new_v4());
    (vihf::assertion(identity, Some(&ins(ALICE)), issued, &id), id)
}

/// The value of `FindDocuments`' own parameters, for one patient.
pub fn of_patient(patient: Patient) -> String {
    format!("'{}'", ins(patient).to_cx())
}

/// `('…')` of the status of current documents.
pub fn approved() -> String {
    listed([dmp_lps::Availability::Approved.as_urn()])
}

/// The value of an attribute coded by that scheme, whole, as it is written.
pub fn classification(text: &str, scheme: &str) -> String {
    between(text, &format!("<Classification classificationScheme=\"{scheme}\""), "</Classification>")
}

/// The uniqueId of the SubmissionSet of a lot.
pub fn set_unique_id(lot: &Sent) -> String {
    let text = lot.text();
    let identifier = between(&text, &format!("identificationScheme=\"{}\"", scheme::SET_UNIQUE_ID), "\">");
    identifier.split("value=\"").nth(1).unwrap().trim_end_matches("\">").to_owned()
}

/// Base64 as it stands in an envelope.
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
