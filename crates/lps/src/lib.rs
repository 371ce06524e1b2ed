//! A professional's software (*LPS*), as a library: signed VIHF, real messages of the DMP, readable answers.
//!
//! What an editor copies from; what `dmp lps`, the tests and the bench call. It opens no connection and reads no clock:
//! the caller brings both.
//!
//! ```no_run
//! use dmp_lps::{Answer, Identity, Session, exists};
//! # fn send(_: dmp_lps::Request) -> (String, bytes::Bytes) { unimplemented!() }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let identity = Identity::read("sandbox/medecin".as_ref())?;
//! let ins = dmp_dossier::Ins::parse("279035121518989", dmp_dossier::InsOid::Test).map_err(|e| e.says())?;
//! let now = dmp_dossier::Time::from_millis(1_795_000_000_000);
//! let session = Session { identity: &identity, patient: Some(&ins), server: "https://dmp.example.org", now };
//! let request = session.request(exists::message(&session)?)?;
//! let (content_type, body) = send(request); // POST to request.path, with request.content_type and request.body
//! let existence = exists::read(&Answer::read(&content_type, body)?)?;
//! println!("{}", existence.status);
//! # Ok(())
//! # }
//! ```
//!
//! Each transaction is a file with `message` (what to ask) and `read` (what was answered); [`service`] is the table of
//! them. [`Session::request`] puts the message in its envelope under a fresh, signed VIHF ([`vihf`]).
//!
//! Sources: SEL-MP-037 (DMPi) as restated in its published annexes and messages; IHE ITI TF-2 3.18, 3.41, 3.43, 3.57,
//! appendix V; SAML 2.0; WS-Security 1.1.

pub mod administrative;
pub mod answer;
pub mod authorisations;
pub mod authorise;
pub mod candidates;
pub mod ebrim;
pub mod error;
pub mod exists;
pub mod identity;
pub mod lifecycle;
pub mod lot_signature;
pub mod mtom;
pub mod patient_access;
pub mod patients;
pub mod publish;
pub mod registry;
pub mod retrieve;
pub mod search;
pub mod service;
pub mod session;
pub mod update;
pub mod vihf;

mod hl7v3;

pub use answer::{Answer, Refusal};
pub use error::LpsError;
pub use identity::{Authentification, Identity};
pub use session::{Message, Request, Session};

// The words of the record that calls are made of.
pub use dmp_dossier::{Availability, Dtm, Ins, InsError, InsOid, Mode, Time, Visibility};
