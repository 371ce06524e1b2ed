//! A document to deposit: a DocumentReference and its bytes become a draft of the record.
//!
//! The DMP keeps CDA. The header is the authority: identifier, type, class, format, authors, dates, acts and places
//! come from it, and what the sender says of identifier, type, hash, size or creation may not contradict it. What
//! the guides' examples write in other vocabularies (format, facility, practice setting, category) is normalised by
//! that. The sender decides the title, the comment, the labels, the announcement and what is replaced. Another file
//! than a CDA is taken from the patient alone ([`crate::patient_upload`]).

mod reading;

pub(crate) use dmp_cda::CONTENT;
pub(crate) use reading::{Embedded, bytes_of, check_bytes, sha1};

use crate::coding::read_concept;
use crate::date;
use crate::document_reference::DATE_ANNONCE;
use crate::json::Json;
use crate::media;
use crate::outcome::{Outcome, echo};
use crate::patch::Label;
use crate::pointer;
use bytes::Bytes;
use dmp_cda::{Cda, Intake, Sent, SubmissionDefaults, contradictions};
use dmp_dossier::publication::{PUB_1, PUB_2, PUB_10};
use dmp_dossier::{DocumentDraft, DocumentRef, Precision, RealmPolicy, Reason, Refusal, Time, Visibility};
use dmp_store::Content;

/// Why a document is not taken.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The request says something it cannot say; no record is concerned yet.
    Request(Outcome),
    /// A rule refuses: traced in the record, where there is one.
    Refused(Refusal),
    /// The bytes are not those that were meant: traced, and told in the words of FHIR.
    Bytes(Outcome),
}

impl From<Outcome> for Fault {
    fn from(outcome: Outcome) -> Self {
        Fault::Request(outcome)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Fault::Refused(refusal)
    }
}

/// A document ready to be decided.
#[derive(Debug)]
pub(crate) struct Deposit {
    /// For the record.
    pub draft: DocumentDraft,
    /// Its bytes and its words.
    pub content: Content,
    /// What its lot says when the sender does not.
    pub defaults: SubmissionDefaults,
    /// What it may replace, when that is not one reference.
    pub replaces: Vec<DocumentRef>,
}

/// What a CDA says of itself, and its words.
#[derive(Debug)]
pub(crate) struct Opened {
    own: dmp_cda::DocumentDraft,
    text: String,
}

impl Opened {
    /// SHA-1 of its bytes.
    pub(crate) fn hash(&self) -> &[u8] {
        &self.own.metadata.hash
    }
}

/// Passes the bytes through the gate of deposit.
///
/// # Errors
/// What the gate refuses by name.
pub(crate) fn open(bytes: &[u8], intake: &Intake) -> Result<Opened, Refusal> {
    let cda = Cda::parse(bytes)?;
    let own = cda.document_entry(intake)?;
    Ok(Opened { own, text: cda.text() })
}

/// Puts a CDA and its DocumentReference together.
///
/// # Errors
/// What contradicts the header first, then what the sender adds.
pub(crate) fn read(
    resource: &Json<'_>,
    bytes: Bytes,
    opened: Opened,
    realm: &RealmPolicy,
    base: &str,
) -> Result<Deposit, Fault> {
    let Opened { own, text } = opened;
    check_coherence(resource, &own)?;
    let declared = own.patient.declared(realm).map_err(|error| {
        Refusal::about(Reason::InvalidIns, &PUB_1, format!("recordTarget : {}", error.says()))
    })?;
    let mut metadata = own.metadata;
    if let Some(title) = attachment(resource).and_then(|a| a.text("title")) {
        metadata.title = title.trim().to_owned();
    }
    metadata.comments = resource.text("description").map(str::to_owned);
    let replaces = replaces(resource, base)?;
    Ok(Deposit {
        draft: DocumentDraft {
            metadata,
            declared: Some(declared),
            visibility: visibility(resource)?,
            release_at: release_at(resource)?,
            replaces: replaces.first().cloned(),
        },
        content: Content { bytes, text },
        defaults: own.submission,
        replaces,
    })
}

/// `content[0].attachment`.
pub(crate) fn attachment<'j, 'a>(resource: &'j Json<'a>) -> Option<&'j Json<'a>> {
    resource.items("content").first()?.get("attachment")
}

/// Identifier, type and time of creation as sent, where they are sent, against the header.
fn check_coherence(resource: &Json<'_>, own: &dmp_cda::DocumentDraft) -> Result<(), Refusal> {
    let named = resource.get("masterIdentifier");
    let unique_id = named.and_then(pointer::unique_id);
    if named.is_some() && unique_id.is_none() {
        return Err(Refusal::about(Reason::RepositoryMetadata, &CONTENT, "uniqueId"));
    }
    let header = &own.metadata.type_code;
    let types: Vec<_> = resource.get("type").into_iter().flat_map(read_concept).collect();
    let of_header = types.iter().find(|t| t.code == header.code && t.system == header.system);
    let sent = Sent {
        unique_id,
        type_code: of_header.or(types.first()).cloned(),
        creation_time: attachment(resource).and_then(|a| a.text("creation")).and_then(date::date_time),
        ..Sent::default()
    };
    let found = contradictions(&sent, own);
    let Some(first) = found.first() else { return Ok(()) };
    let said: Vec<_> = found.iter().map(ToString::to_string).collect();
    Err(Refusal::about(first.reason(), &CONTENT, said.join("; ")))
}

/// Whom the labels hide the document from; its confidentiality stays that of the header.
pub(crate) fn visibility(resource: &Json<'_>) -> Result<Visibility, Refusal> {
    let mut visibility = Visibility::VISIBLE;
    for code in resource.items("securityLabel").iter().flat_map(read_concept) {
        match Label::of_code(&code.code) {
            Some(Label::Normal | Label::OtherBase) => {}
            Some(Label::Masked) => visibility.masked = true,
            Some(Label::HiddenFromPatient) => visibility.hidden_from_patient = true,
            Some(Label::HiddenFromRepresentatives) => visibility.hidden_from_representatives = true,
            None => {
                let what = format!("securityLabel `{}`", echo(&code.code));
                return Err(Refusal::about(Reason::RegistryMetadata, &PUB_2, what));
            }
        }
    }
    Ok(visibility)
}

/// The end of the announcement: the instant given, or the end of the day given.
fn release_at(resource: &Json<'_>) -> Result<Option<Time>, Outcome> {
    let mut extensions = resource.items("extension").iter();
    let Some(extension) = extensions.find(|e| e.text("url") == Some(DATE_ANNONCE)) else { return Ok(None) };
    let text = extension.text("valueDateTime").or_else(|| extension.text("valueDate"));
    let time = text.and_then(date::date_time).map(|d| match d.precision() {
        Precision::Second | Precision::Minute => d.start(),
        _ => d.end(),
    });
    let wrong = || Outcome::value("valueDate or valueDateTime is expected").at("DocumentReference.extension");
    time.map(Some).ok_or_else(wrong)
}

/// What `relatesTo` says is replaced; several references when an identifier may mean several things.
fn replaces(resource: &Json<'_>, base: &str) -> Result<Vec<DocumentRef>, Refusal> {
    match resource.items("relatesTo") {
        [] => Ok(Vec::new()),
        [one] if one.text("code") == Some("replaces") => {
            let found = one.get("target").map(|t| pointer::referred(t, base)).unwrap_or_default();
            match found.is_empty() {
                true => Err(Refusal::about(Reason::ReplaceFailed, &PUB_10, "document à remplacer")),
                false => Ok(found),
            }
        }
        _ => Err(Refusal::about(Reason::RegistryMetadata, &PUB_2, "relatesTo")),
    }
}

/// True for a media type under which a CDA is sent; what is not said is read as one.
pub(crate) fn is_cda(content_type: Option<&str>) -> bool {
    content_type.map(media::bare).is_none_or(|t| t.contains("xml") || t == "application/octet-stream")
}

#[cfg(test)]
mod tests;
