//! The FHIR R4 face of the record: PDSm 3.1 and PDSM4DMP (ITI-65, 66, 67, 68, 105, PATCH), Patient, Consent,
//! AuditEvent.
//!
//! Bytes become an actor's command or query, views become resources; every decision is the record's. JSON only.
//! [`router`] expects the server to give each request an [`dmp_dossier::Actor`] and a [`RequestId`] as extensions.
//!
//! Sources: HL7 FHIR R4 (4.0.1), ANS *Partage de documents de santé en mobilité* 3.1.0 (PDSm) over IHE MHD 4.2.2,
//! ANS PDSM4DMP (2026-07-02).

pub mod date;
pub mod json;
pub mod media;
pub mod outcome;
pub mod request;
pub mod shape;
pub mod write;

mod audit_event;
mod capability;
mod coding;
mod consent;
mod definitions;
mod deposit;
mod document_reference;
mod find_document_lists;
mod find_document_references;
mod list;
mod narrative;
mod operations;
mod parts;
mod patch;
mod patch_document_reference;
mod patient;
mod patient_upload;
mod people;
mod pointer;
mod provide_document_bundle;
mod read;
mod retrieve_document;
mod router;
mod search;
mod searchset;
mod simplified_publish;
mod source_patient;
mod subject;
mod submission_set;

pub use outcome::{Issue, Outcome};
pub use request::{Caller, RequestId};
pub use router::router;

use dmp_store::Store;

/// The face and what it stands on.
pub struct Fhir {
    /// The only door to data.
    pub store: Store,
    /// Address of the face without a final `/`, such as `http://127.0.0.1:8080/fhir`: what links in answers start
    /// with, and whose path the routes are mounted under.
    pub base: String,
    /// Signs the page links of searches.
    pager: search::Pager,
}

impl Fhir {
    /// A face at that address.
    pub fn new(store: Store, base: impl Into<String>) -> Self {
        Fhir { store, base: base.into().trim_end_matches('/').to_owned(), pager: search::Pager::new() }
    }

    /// Path of the base, `/fhir`; empty when the face is at the root.
    pub fn path(&self) -> &str {
        let after_scheme = self.base.split_once("://").map_or(self.base.as_str(), |(_, rest)| rest);
        after_scheme.find('/').map_or("", |slash| &after_scheme[slash..])
    }

    /// Longest body: a whole lot in base64, and a mebibyte of metadata.
    pub fn body_bytes_max(&self) -> usize {
        base64_len(self.store.parameters().lot_bytes_max).saturating_add(1 << 20)
    }

    /// Longest string: a whole document in base64.
    pub fn string_bytes_max(&self) -> usize {
        base64_len(self.store.parameters().document_bytes_max)
    }
}

/// Length of that many bytes in base64.
fn base64_len(bytes: u64) -> usize {
    usize::try_from(bytes.div_ceil(3).saturating_mul(4)).unwrap_or(usize::MAX)
}
