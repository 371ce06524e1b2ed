//! TD2.1 (ITI-41): documents, with the metadata of their own headers, in one lot.
//!
//! What is said of a document is read from the document: the header is the source, so that metadata cannot contradict it.
//! The author of the lot is who speaks; authors of documents are those of their headers.
//!
//! Sources: ITI TF-2 3.41; published messages TD2.1; CI-SIS *Correspondance entête CDA / métadonnées XD\**.

use crate::ebrim::{
    self, Association, Classification, Entry, ExternalIdentifier, Numbers, Slot, scheme, write_association,
    write_entry, write_package,
};
use crate::error::LpsError;
use crate::lot_signature;
use crate::mtom::{self, Attachment};
use crate::service::{LCM, Operation, QUERY, RIM, RS, XDSB};
use crate::session::{Message, Session};
use crate::update::{LOT, coded, lot, visibility_codes};
use bytes::Bytes;
use dmp_cda::{Cda, DocumentDraft, Intake};
use dmp_dossier::document::{DocumentMetadata, ReferenceId};
use dmp_dossier::{BaseConfidentiality, Realm, RealmPolicy, Time, Visibility};
use dmp_nomenclature::confidentiality;
use dmp_xml::Writer;

/// A document to publish.
#[derive(Debug, Clone)]
pub struct Document {
    /// The bytes.
    pub bytes: Bytes,
    /// What its header says.
    pub draft: DocumentDraft,
    /// Who may see it besides the matrix.
    pub visibility: Visibility,
    /// entryUUID of the document that it replaces.
    pub replaces: Option<String>,
}

impl Document {
    /// Reads a CDA.
    ///
    /// # Errors
    /// What is no document that the DMP takes, in the words of its refusal.
    pub fn read(bytes: Bytes, now: Time) -> Result<Document, LpsError> {
        // Which realm matters to the server only: here it tells whether an author is the patient.
        let realm = RealmPolicy { realm: Realm::Test, accept_production_oid: true };
        let draft = Cda::parse(&bytes)?.document_entry(&Intake { now, realm })?;
        Ok(Document { bytes, draft, visibility: Visibility::VISIBLE, replaces: None })
    }
}

/// How a lot is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sending {
    /// The lot bears its signature (XAdES).
    pub signed: bool,
    /// Documents as parts (MTOM/XOP); else in base64 inside the envelope.
    pub mtom: bool,
}

/// The message of a lot.
///
/// # Errors
/// No patient in the session, no document, a signature that cannot be made.
pub fn message(session: &Session<'_>, documents: &[Document], sending: Sending) -> Result<Message, LpsError> {
    let first = documents.first().ok_or(LpsError::Missing("a lot holds at least one document"))?;
    let submission = &first.draft.submission;
    let package = lot(session, Some(submission.title.clone()), submission.content_type.clone())?;
    let patient = session.patient()?.to_cx();
    let mut entries = Vec::with_capacity(documents.len() + 1);
    let mut associations = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        let entry = entry(document, &format!("Document{:02}", index + 1), &patient);
        associations.push(relation(scheme::HAS_MEMBER, LOT, &entry.id));
        let replaced = document.replaces.as_deref();
        associations.extend(replaced.map(|old| relation(scheme::RPLC, &entry.id, old)));
        entries.push(entry);
    }
    let mut contents: Vec<_> =
        entries.iter().map(|e| e.id.clone()).zip(documents.iter().map(|d| d.bytes.clone())).collect();
    if sending.signed {
        let signed = lot_signature::sign(session, &package, documents)?;
        associations.push(relation(scheme::HAS_MEMBER, LOT, &signed.entry.id));
        associations.push(relation(scheme::SIGNS, &signed.entry.id, LOT));
        contents.push((signed.entry.id.clone(), signed.bytes));
        entries.push(signed.entry);
    }
    for (index, association) in associations.iter_mut().enumerate() {
        association.id = format!("assoc{}", index + 1);
    }
    let mut w = Writer::new();
    w.open("ns4:ProvideAndRegisterDocumentSetRequest").attribute("xmlns", RIM).attribute("xmlns:ns2", RS);
    w.attribute("xmlns:ns3", LCM).attribute("xmlns:ns4", XDSB).attribute("xmlns:ns5", QUERY);
    w.open("ns3:SubmitObjectsRequest").open("RegistryObjectList");
    let mut numbers = Numbers::default();
    write_package(&mut w, &mut numbers, &package);
    for entry in &entries {
        write_entry(&mut w, &mut numbers, entry);
    }
    for association in &associations {
        write_association(&mut w, association);
    }
    w.close().close();
    let mut attachments = Vec::new();
    for (id, bytes) in contents {
        w.open("ns4:Document").attribute("id", &id);
        if sending.mtom {
            let part = Attachment::new("text/xml", bytes);
            w.open("xop:Include").attribute("xmlns:xop", mtom::XOP);
            w.attribute("href", &format!("cid:{}", part.content_id)).close();
            attachments.push(part);
        } else {
            w.text(&mtom::to_base64(&bytes));
        }
        w.close();
    }
    Ok(Message {
        operation: Operation::ProvideAndRegister,
        body: w.finish(),
        attachments,
        mtom: sending.mtom,
    })
}

/// A relation of a lot; it is numbered with the others.
fn relation(kind: &'static str, source: &str, target: &str) -> Association {
    let slots =
        if kind == scheme::RPLC { Vec::new() } else { vec![Slot::new("SubmissionSetStatus", ["Original"])] };
    Association { id: String::new(), kind, source: source.to_owned(), target: target.to_owned(), slots }
}

/// The metadata of a document, in the order of the published messages.
fn entry(document: &Document, id: &str, patient: &str) -> Entry {
    let metadata = &document.draft.metadata;
    let code = Classification::coded;
    let mut classifications: Vec<_> =
        metadata.authors.iter().map(|author| ebrim::author(scheme::AUTHOR, author)).collect();
    classifications.push(code(scheme::CLASS, &metadata.class_code));
    classifications.push(code(scheme::TYPE, &metadata.type_code));
    let base = match metadata.confidentiality {
        BaseConfidentiality::Normal => &confidentiality::NORMAL,
        BaseConfidentiality::Restricted => &confidentiality::RESTRICTED,
        BaseConfidentiality::VeryRestricted => &confidentiality::VERY_RESTRICTED,
    };
    classifications.push(code(scheme::CONFIDENTIALITY, &coded(base)));
    classifications.extend(visibility_codes(document.visibility));
    classifications.push(code(scheme::FORMAT, &metadata.format_code));
    classifications.push(code(scheme::FACILITY, &metadata.facility_type));
    classifications.push(code(scheme::PRACTICE_SETTING, &metadata.practice_setting));
    classifications.extend(metadata.event_codes.iter().map(|event| code(scheme::EVENT, event)));
    Entry {
        id: id.to_owned(),
        lid: None,
        status: None,
        mime_type: metadata.mime_type.clone(),
        slots: slots(metadata),
        title: Some(metadata.title.clone()),
        comments: metadata.comments.clone(),
        version: None,
        classifications,
        identifiers: identifiers(patient, metadata.unique_id.as_str()),
    }
}

fn slots(metadata: &DocumentMetadata) -> Vec<Slot> {
    let mut slots = vec![
        Slot::new("creationTime", [metadata.creation_time.to_hl7()]),
        Slot::new("languageCode", [metadata.language.as_str()]),
    ];
    let signer = metadata.legal_authenticator.iter();
    slots.extend(signer.map(|signer| Slot::new("legalAuthenticator", [signer.to_xcn()])));
    slots.extend(metadata.service_start.map(|start| Slot::new("serviceStartTime", [start.to_hl7()])));
    slots.extend(metadata.service_stop.map(|stop| Slot::new("serviceStopTime", [stop.to_hl7()])));
    slots.push(Slot::new("sourcePatientId", [metadata.source_patient_id.as_str()]));
    if !metadata.source_patient_info.is_empty() {
        slots.push(Slot::new("sourcePatientInfo", &metadata.source_patient_info));
    }
    if !metadata.reference_ids.is_empty() {
        slots.push(Slot::new(
            "urn:ihe:iti:xds:2013:referenceIdList",
            metadata.reference_ids.iter().map(ReferenceId::to_cxi),
        ));
    }
    slots
}

/// patientId and uniqueId of an entry.
pub(crate) fn identifiers(patient: &str, unique_id: &str) -> Vec<ExternalIdentifier> {
    vec![
        ExternalIdentifier::new(scheme::PATIENT_ID, patient, "XDSDocumentEntry.patientId"),
        ExternalIdentifier::new(scheme::UNIQUE_ID, unique_id, "XDSDocumentEntry.uniqueId"),
    ]
}
