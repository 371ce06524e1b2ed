//! HL7 CDA R2 documents of the French shared record: reading.
//!
//! [`Cda::parse`] reads bytes within limits; [`Cda::document_entry`] is the gate of deposit, which refuses by
//! name ([`CdaRefusal`]) and gives XDS metadata; [`Cda::html`], [`Cda::files`], [`Cda::text`] and
//! [`Cda::entries`] show a document that was taken and never fail. Nothing in a document is executed or fetched:
//! style sheets are kept in the bytes and never run, references are never followed.
//!
//! Sources: CI-SIS *Structuration minimale des documents de santé* 1.16 and *Modèles de contenus CDA* 3.0, HL7
//! CDA R2 (2005), IHE ITI TF-3 rev. 20, IHE PCC, PALM and PHARM.

pub mod clinical;
pub mod coherence;
pub mod entries;
pub mod header;
pub mod timestamp;
pub mod visible;
pub mod write;

mod active;
mod coded;
mod document;
mod file;
mod html;
mod metadata;
mod narrative;
mod node;
mod participant;
mod patient;
mod refusal;
mod text;

pub use coherence::{Contradiction, Outside, Sent, contradictions};
pub use dmp_dossier::Sex;
pub use document::{Cda, MIME_CDA, MIME_SELF_PRESENTING};
pub use entries::Entries;
pub use file::{EmbeddedFile, MediaType};
pub use header::Header;
pub use metadata::{DocumentDraft, Intake, SubmissionDefaults};
pub use narrative::{RenderOptions, Rendered, Warning};
pub use node::Identifier;
pub use participant::{Name, Organization, Participant};
pub use patient::Patient;
pub use refusal::{CONTENT, CdaRefusal};
pub use text::MAX_TEXT_BYTES;
