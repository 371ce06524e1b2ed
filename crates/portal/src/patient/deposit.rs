//! From a file of the patient to a document of the record: a level 1 CDA of which the patient is the author.
//!
//! The header is made of the traits of the record and of what the form says; the document then passes the gate of deposit
//! like any other ([`Cda::document_entry`]).

use aws_lc_rs::digest;
use bytes::Bytes;
use dmp_cda::write::{Act, FileBody, HeaderDraft, Level1, PatientDraft, WriteCda};
use dmp_cda::{Cda, Intake};
use dmp_dossier::{
    Author, AuthorId, BaseConfidentiality, Code, Command, DocumentDraft, DocumentRef, DocumentUid, Dtm,
    Identity, Institution, Person, Publish, RealmPolicy, SubmissionSetMetadata, Time, Visibility,
};
use dmp_nomenclature::{Concept, TypeCode, facility, practice_setting};
use dmp_store::Content;

/// What a document of the patient says of its author, its place and its setting (TRE_A00).
const EXPRESSION: &str = "EXP_PATIENT";
/// `sourceId` of what comes from these pages: a UUID of ours as an OID (ITU-T X.667).
const SOURCE: &str = "2.25.87162604517218931462284091137594032215";

/// A file and what the patient says of it.
pub(crate) struct Added {
    pub(crate) file: FileBody,
    pub(crate) type_code: &'static TypeCode,
    pub(crate) title: String,
    /// Of the act.
    pub(crate) day: Time,
    pub(crate) masked: bool,
    /// Which form sent it: sent twice, it is one document.
    pub(crate) form: String,
}

/// The command that deposits it, with its bytes. `None` when the document made would not be taken.
pub(crate) fn lot(
    identity: &Identity,
    added: Added,
    now: Time,
    realm: RealmPolicy,
) -> Option<(Command, Content)> {
    let (kind, bytes): (u8, &[u8]) = match &added.file {
        FileBody::Pdf(bytes) => (0, bytes),
        FileBody::Jpeg(bytes) => (1, bytes),
        FileBody::Text(text) => (2, text.as_bytes()),
    };
    let unique_id = uid_of(&[
        identity.ins.value().as_bytes(),
        added.form.as_bytes(),
        added.type_code.code.as_bytes(),
        added.title.as_bytes(),
        &added.day.millis().to_be_bytes(),
        &[kind, u8::from(added.masked)],
        bytes,
    ]);
    let header = header(identity, added.type_code, &added.title, added.day, unique_id)?;
    let document = Level1 { header, body: added.file }.to_xml();
    let visibility = Visibility { masked: added.masked, ..Visibility::VISIBLE };
    publication(identity, document, visibility, None, now, realm)
}

/// The command that deposits a document the patient wrote, with its bytes. `None` when it would not be taken.
pub(crate) fn publication(
    identity: &Identity,
    document: String,
    visibility: Visibility,
    replaces: Option<DocumentRef>,
    now: Time,
    realm: RealmPolicy,
) -> Option<(Command, Content)> {
    let document = Bytes::from(document);
    let cda = Cda::parse(&document).ok()?;
    let own = cda.document_entry(&Intake { now, realm }).ok()?;
    let set = SubmissionSetMetadata {
        unique_id: uid_of(&[b"lot", own.metadata.unique_id.as_str().as_bytes()]),
        source_id: SOURCE.to_owned(),
        submission_time: Dtm::from_time(now),
        content_type: own.submission.content_type,
        author: Some(own.submission.author),
        title: Some(own.submission.title),
        comments: None,
    };
    let draft = DocumentDraft {
        metadata: own.metadata,
        declared: Some(own.patient.declared(&realm).ok()?),
        visibility,
        release_at: None,
        replaces,
    };
    let text = cda.text();
    let lot =
        Publish { set, documents: vec![draft], signature: false, patient_ids: vec![identity.ins.clone()] };
    Some((Command::Publish(Box::new(lot)), Content { bytes: document.clone(), text }))
}

/// The header of a document of which the patient is the author.
pub(crate) fn header(
    identity: &Identity,
    type_code: &'static TypeCode,
    title: &str,
    day: Time,
    unique_id: DocumentUid,
) -> Option<HeaderDraft> {
    let setting = practice_setting::find(EXPRESSION)?;
    let traits = &identity.traits;
    let author = Author {
        person: Person {
            id: AuthorId::Patient(identity.ins.clone()),
            family: traits.used_name.clone().unwrap_or_else(|| traits.birth_name.clone()),
            given: traits.used_given.clone().unwrap_or_else(|| traits.first_given().to_owned()),
        },
        institution: None,
        role: None,
        specialty: Some(code(setting)),
    };
    Some(HeaderDraft {
        set_id: unique_id.clone(),
        unique_id,
        version_number: 1,
        type_code,
        title: title.to_owned(),
        created: day,
        confidentiality: BaseConfidentiality::Normal,
        patient: PatientDraft {
            ins: identity.ins.clone(),
            traits: traits.clone(),
            contact: identity.contact.clone(),
            local_id: None,
        },
        legal_authenticator: author.clone(),
        authors: vec![author],
        custodian: Institution { id: None, other_id: None, name: "Dossier médical partagé".to_owned() },
        order: None,
        act: Act { study: None, code: None, start: day, stop: None },
        other_acts: Vec::new(),
        practice_setting: setting,
        facility: facility::find(EXPRESSION)?,
        encounter: None,
        replaces: None,
    })
}

fn code(concept: &Concept) -> Code {
    Code::new(concept.code, concept.system.oid, concept.label)
}

/// A UUID made of these parts (RFC 9562 version 8): the same parts give the same one.
fn uid_of(parts: &[&[u8]]) -> DocumentUid {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&part.len().to_be_bytes());
        context.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&context.finish().as_ref()[..16]);
    let uuid = uuid::Builder::from_custom_bytes(bytes).into_uuid();
    DocumentUid::parse(&uuid.to_string()).expect("a UUID is a uniqueId")
}
