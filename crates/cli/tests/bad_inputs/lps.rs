//! The software of a professional: who it may speak for, by right and by wrong certificates, and what it sends.
//!
//! Certificates are of the demo's own authority, made here as `dmp lps sandbox` makes them.

use crate::case::World;
use crate::common::lot::{ALICE, AUTHOR};
use crate::common::soap::{ins, now};
use crate::common::{Answer, Demo, Document, Patient};
use crate::message::{Package, Sent};
use bytes::Bytes;
use dmp_lps::identity::{IDENTITY_FILE, Person, Software, Structure, Who};
use dmp_lps::publish::{self, Sending};
use dmp_lps::search::{self, Filter, Return, listed};
use dmp_lps::{Authentification, Identity, Message, Session, Time, retrieve, update, vihf};
use dmp_server::config::AUTHORITY;
use dmp_server::demo::authority::{Authority, Issued, Purpose, Subject, Validity};
use rcgen::{CertificateParams, DistinguishedName, DnType, Issuer, KeyPair, KeyUsagePurpose};
use std::path::{Path, PathBuf};
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

/// In so many minutes.
pub fn in_minutes(minutes: i64) -> Time {
    Time::from_millis(now().millis() + 60_000 * minutes)
}

impl World {
    /// A message of that identity about that patient.
    pub fn message_of(
        &self,
        identity: &Identity,
        patient: Patient,
        message: impl FnOnce(&Session<'_>) -> Message,
    ) -> Sent {
        let (ins, server) = (ins(patient.ins), self.server());
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
        let (ins, server) = (ins(ALICE.ins), self.server());
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
    (vihf::assertion(identity, Some(&ins(ALICE.ins)), issued, &id), id)
}

/// The value of `FindDocuments`' own parameters, for one patient.
pub fn of_patient(patient: Patient) -> String {
    format!("'{}'", ins(patient.ins).to_cx())
}

/// `('…')` of the status of current documents.
pub fn approved() -> String {
    listed([dmp_lps::Availability::Approved.as_urn()])
}
