//! Who sends the official messages: their doctor, with a card of an authority that the server trusts; and others.
//!
//! Of a VIHF, only what must be fresh is: its identifier, its two dates, the issuer (who signs), the signature.

use crate::common::{Request, fresh_directory};
use crate::server::Server;
use bytes::Bytes;
use dmp_lps::identity::{
    IDENTITY_FILE, Person, SIGNATURE_FILE, SIGNATURE_KEY_FILE, Software, Structure, Who,
};
use dmp_lps::{Answer, Authentification, Identity, Ins, InsOid, Message, Session, Time, vihf};
use dmp_server::demo::authority::{Authority, CERTIFICATE_FILE, CRL_FILE, Purpose, Subject, Validity};
use dmp_xml::escape_text;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// Patient of the official messages, invented.
pub const PATIENT: &str = "207058575627097";
/// The other one, of the list of TD0.4.
pub const OTHER: &str = "153078987658513";

/// Who signs, and whom a server must trust.
pub struct Signers {
    /// The doctor of the official messages, by card.
    pub doctor: Identity,
    /// The structure of the official VIHF of INDIRECTE mode.
    pub structure: Identity,
    /// Somebody who says to be the doctor, by another authority.
    pub stranger: Identity,
    /// Certificate of the authority, PEM.
    pub authority: String,
    /// Its revocation list, PEM.
    pub crl: String,
}

/// The signers of every test, made once.
pub fn signers() -> &'static Signers {
    static SIGNERS: OnceLock<Signers> = OnceLock::new();
    SIGNERS.get_or_init(|| {
        let dir = fresh_directory();
        let [ours, other] = ["ours", "other"].map(|name| Authority::open_or_create(&dir.join(name)).unwrap());
        let card =
            Subject::Card { id: "899900063480", family: "MAX", given: "LIBRE", profession: "Médecin" };
        let structure = Subject::Structure { id: "339172288100052", name: "GIE SESAM VITALE" };
        let read = |name: &str| std::fs::read_to_string(dir.join("ours").join(name)).unwrap();
        let signers = Signers {
            doctor: identity(&ours, &card, &dir),
            structure: identity(&ours, &structure, &dir),
            stranger: identity(&other, &card, &dir),
            authority: read(CERTIFICATE_FILE),
            crl: read(CRL_FILE),
        };
        std::fs::remove_dir_all(&dir).unwrap();
        signers
    })
}

/// An identity with a fresh signature certificate.
fn identity(authority: &Authority, subject: &Subject<'_>, dir: &Path) -> Identity {
    let issued = authority.issue(subject, Purpose::Signature, Validity::Current).unwrap();
    std::fs::write(dir.join(SIGNATURE_FILE), &issued.certificate).unwrap();
    std::fs::write(dir.join(SIGNATURE_KEY_FILE), &issued.key).unwrap();
    std::fs::write(dir.join(IDENTITY_FILE), who().to_toml()).unwrap();
    Identity::read(dir).unwrap()
}

/// As the official VIHF describe them.
fn who() -> Who {
    Who {
        authentification: Authentification::Directe,
        vihf_version: "3.0".to_owned(),
        sector: "SA07".to_owned(),
        person: Person {
            id: "899900063480".to_owned(),
            local_id: None,
            family: "MAX".to_owned(),
            given: "LIBRE".to_owned(),
            profession: "10".to_owned(),
            speciality: Some("SM26".to_owned()),
        },
        structure: Structure { id: "499900063480001".to_owned(), name: "CABINET DR LIBRE".to_owned() },
        software: Software {
            id: "01.01.01.01".to_owned(),
            name: "LPS GIE-SV".to_owned(),
            version: "1".to_owned(),
            approval: "NumAutorisation".to_owned(),
            oid: "1.2.250.1.999.1.1.7898".to_owned(),
        },
    }
}

pub fn ins(value: &str) -> Ins {
    Ins::parse(value, InsOid::Test).unwrap()
}

pub fn now() -> Time {
    let millis = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    Time::from_millis(i64::try_from(millis).unwrap())
}

const ASSERTION: (&str, &str) = ("<saml2:Assertion ", "</saml2:Assertion>");

/// A message whose VIHF is fresh and signed; the rest of its bytes as they were.
pub fn signed_again(message: &str) -> String {
    let start = message.find(ASSERTION.0).unwrap();
    let end = message.find(ASSERTION.1).unwrap() + ASSERTION.1.len();
    [&message[..start], &assertion_again(&message[start..end], &signers().doctor), &message[end..]].concat()
}

/// A VIHF, fresh and signed by that identity.
pub fn assertion_again(assertion: &str, signer: &Identity) -> String {
    let id = format!("_{}", Uuid::new_v4());
    let now = now().to_instant();
    let subject = escape_text(&signer.signature.subject).into_owned();
    let mut fresh = assertion.to_owned();
    for (before, after, value) in [
        (" ID=\"", "\"", &id),
        (" IssueInstant=\"", "\"", &now),
        (" AuthnInstant=\"", "\"", &now),
        ("X509SubjectName\">", "</saml2:Issuer>", &subject),
    ] {
        let from = fresh.find(before).unwrap() + before.len();
        let to = from + fresh[from..].find(after).unwrap();
        fresh.replace_range(from..to, value);
    }
    vihf::sign(&fresh, &id, signer).unwrap()
}

/// Sends bytes to a service: status, and what was answered.
pub fn post(server: &Server, service: &str, content_type: &str, body: impl Into<Vec<u8>>) -> (u16, Answer) {
    let path = format!("/si-dmp-server/v2/services/{service}");
    let request = Request::new("POST", &path).body(content_type, body);
    // The official answers to ITI-43 are packages.
    let answer = server.send(&request.header("Accept", "multipart/related, application/soap+xml"));
    let media = answer.header("content-type").unwrap_or_default().to_owned();
    (answer.status, Answer::read(&media, Bytes::from(answer.body)).unwrap())
}

/// Sends an official message, its VIHF signed again; the answer, which is no fault.
pub fn exchange(server: &Server, service: &str, message: &str) -> Answer {
    let (status, answer) =
        post(server, service, "application/soap+xml; charset=UTF-8", signed_again(message));
    assert_eq!(status, 200, "{}{}", String::from_utf8_lossy(answer.envelope()), server.log());
    answer
}

/// Sends a message of ours about a patient, to prepare what an official one is about; it must not be a fault.
pub fn prepare(server: &Server, patient: &str, message: impl Fn(&Session<'_>) -> Message) -> Answer {
    let ins = ins(patient);
    let address = format!("http://{}", server.authority);
    let session = Session { identity: &signers().doctor, patient: Some(&ins), server: &address, now: now() };
    let message = message(&session);
    let service = message.operation.service();
    let request = session.request(message).unwrap();
    let (status, answer) = post(server, service, &request.content_type, request.body.to_vec());
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(answer.envelope()));
    answer
}
