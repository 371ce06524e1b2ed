//! A file that the patient deposits: PDF, JPEG or text, wrapped as a level 1 CDA of which the patient is the author.
//!
//! The DMP keeps CDA: from anybody else another file is refused. The header is made of the traits of the record, read
//! as the patient reads them, and of what the DocumentReference says: type, title, date. The CDA then passes the same
//! gate as any other.

use crate::coding::read_concept;
use crate::date;
use crate::deposit::{self, CONTENT, Fault};
use crate::json::Json;
use crate::media;
use crate::outcome::echo;
use crate::pointer;
use crate::provide_document_bundle::Lot;
use crate::searchset::unexpected;
use crate::submission_set;
use bytes::Bytes;
use dmp_cda::write::{Act, FileBody, HeaderDraft, Level1, PatientDraft, WriteCda};
use dmp_dossier::publication::PUB_2;
use dmp_dossier::{
    Actor, Author, AuthorId, BaseConfidentiality, Code, DocumentUid, Identity, Institution, Person, Query,
    Reason, Refusal, Time, View,
};
use dmp_nomenclature::{Concept, TypeCode, facility, practice_setting};
use dmp_store::Target;

/// What a document of the patient says of its author, its place and its setting (TRE_A00).
const EXPRESSION: &str = "EXP_PATIENT";

/// Wraps the file.
///
/// # Errors
/// [`Reason::InvalidContent`] from another actor or for another kind of file; [`Reason::RegistryMetadata`] without a
/// known type; what refuses to read the patient's traits.
pub(crate) async fn wrap(
    lot: &Lot<'_>,
    resource: &Json<'_>,
    bytes: &[u8],
    content_type: Option<&str>,
    now: Time,
) -> Result<Bytes, Fault> {
    let content_type = content_type.unwrap_or_default();
    let body = body(&lot.caller.actor, bytes, content_type)?;
    let type_code = type_code(resource)?;
    let created = deposit::attachment(resource)
        .and_then(|a| a.text("creation"))
        .and_then(date::date_time)
        .map_or(now, |d| d.start());
    let title = deposit::attachment(resource).and_then(|a| a.text("title")).unwrap_or(type_code.plain);
    let unique_id = match resource.get("masterIdentifier") {
        Some(identifier) => pointer::unique_id(identifier)
            .ok_or_else(|| Refusal::about(Reason::RegistryMetadata, &PUB_2, "masterIdentifier"))?,
        None => unique_id(lot, created, bytes),
    };
    let identity = identity(lot).await?;
    let document = Level1 { header: header(&identity, unique_id, type_code, title, created)?, body };
    Ok(Bytes::from(document.to_xml()))
}

fn body(actor: &Actor, bytes: &[u8], content_type: &str) -> Result<FileBody, Refusal> {
    let refused = || {
        let what = format!("contentType `{}`", echo(content_type));
        Refusal::about(Reason::InvalidContent, &CONTENT, what)
    };
    if !matches!(actor, Actor::Patient { .. } | Actor::Representative { .. }) {
        return Err(refused());
    }
    match media::bare(content_type).as_str() {
        "application/pdf" => Ok(FileBody::Pdf(bytes.to_vec())),
        "image/jpeg" => Ok(FileBody::Jpeg(bytes.to_vec())),
        "text/plain" => {
            std::str::from_utf8(bytes).map(|t| FileBody::Text(t.to_owned())).map_err(|_| refused())
        }
        _ => Err(refused()),
    }
}

fn type_code(resource: &Json<'_>) -> Result<&'static TypeCode, Refusal> {
    let mut codes = resource.get("type").into_iter().flat_map(read_concept);
    codes
        .find_map(|c| TypeCode::find(&c.code).filter(|t| t.system.oid == c.system))
        .ok_or_else(|| Refusal::about(Reason::RegistryMetadata, &PUB_2, "type"))
}

/// The same file of the same patient, said to be of the same date, is the same document.
fn unique_id(lot: &Lot<'_>, created: Time, bytes: &[u8]) -> DocumentUid {
    submission_set::uid_of([lot.ins.value().as_bytes(), &created.millis().to_be_bytes(), bytes])
}

async fn identity(lot: &Lot<'_>) -> Result<Identity, Fault> {
    let target = Target::Patient(lot.ins.clone());
    let store = &lot.fhir.store;
    let answer = store.consult(&lot.caller.actor, target, Query::Administrative, lot.caller.request).await;
    match answer.map_err(crate::Outcome::from)?.view {
        View::Administrative(view) => Ok(view.identity),
        _ => Err(unexpected().into()),
    }
}

fn header(
    identity: &Identity,
    unique_id: DocumentUid,
    type_code: &'static TypeCode,
    title: &str,
    created: Time,
) -> Result<HeaderDraft, Fault> {
    let (Some(setting), Some(place)) = (practice_setting::find(EXPRESSION), facility::find(EXPRESSION))
    else {
        return Err(unexpected().into());
    };
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
    Ok(HeaderDraft {
        set_id: unique_id.clone(),
        unique_id,
        version_number: 1,
        type_code,
        title: title.to_owned(),
        created,
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
        act: Act { study: None, code: None, start: created, stop: None },
        other_acts: Vec::new(),
        practice_setting: setting,
        facility: place,
        encounter: None,
        replaces: None,
    })
}

fn code(concept: &Concept) -> Code {
    Code::new(concept.code, concept.system.oid, concept.label)
}
