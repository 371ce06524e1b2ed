//! From a form to what the record takes: a PDF under a CDA header authored by who deposits (level 1), or a CDA as it is,
//! whose header says everything. Both pass the same gate ([`Cda::document_entry`]).

use aws_lc_rs::digest;
use bytes::Bytes;
use dmp_cda::write::{Act, FileBody, HeaderDraft, Level1, PatientDraft, WriteCda as _};
use dmp_cda::{CONTENT, Cda, Intake};
use dmp_dossier::document::{AuthorId, Institution, Person};
use dmp_dossier::publication::PUB_1;
use dmp_dossier::{
    Actor, AdministrativeView, Author, BaseConfidentiality, Code, DocumentDraft, DocumentEntry, DocumentRef,
    DocumentUid, Dtm, Publish, Reason, Refusal, SubmissionSetMetadata, Time,
};
use dmp_nomenclature::profession::{PHARMACIST_SECTIONS, Profession};
use dmp_nomenclature::{Concept, facility, oid, practice_setting, speciality};
use dmp_store::Content;
use uuid::Uuid;

use super::form::{Kind, Valid};
use crate::open::Open;

/// Identifier of these pages as a source of lots.
const SOURCE: &str = "2.25.209837210984230984561230984512309845";
/// Sectors of hospitals.
const HOSPITALS: [&str; 4] = ["SA01", "SA02", "SA03", "SA04"];

/// Makes the lot.
///
/// # Errors
/// What the gate of deposit refuses by name; an actor who is no author.
pub(super) fn lot(
    open: &Open,
    patient: &AdministrativeView,
    valid: &Valid,
    replaced: Option<&DocumentEntry>,
) -> Result<(Publish, Content), Refusal> {
    let author =
        author(&open.actor).ok_or_else(|| Refusal::about(Reason::AccessDenied, &CONTENT, "auteur"))?;
    let bytes = match valid.kind {
        Kind::Cda => valid.bytes.clone(),
        Kind::Pdf => Bytes::from(wrapped(open, patient, valid, replaced, &author)?.to_xml()),
    };
    let realm = open.portal.store.parameters().realm;
    let cda = Cda::parse(&bytes)?;
    let own = cda.document_entry(&Intake { now: open.now, realm })?;
    let declared = own.patient.declared(&realm).map_err(|error| {
        Refusal::about(Reason::InvalidIns, &PUB_1, format!("recordTarget : {}", error.says()))
    })?;
    let set = SubmissionSetMetadata {
        unique_id: unique_id(valid.ticket, b"lot", &valid.bytes),
        source_id: SOURCE.to_owned(),
        submission_time: Dtm::from_time(open.now),
        content_type: own.submission.content_type,
        author: Some(author),
        title: Some(own.submission.title),
        comments: None,
    };
    let content = Content { text: cda.text(), bytes: bytes.clone() };
    let draft = DocumentDraft {
        metadata: own.metadata,
        declared: Some(declared),
        visibility: valid.visibility,
        release_at: valid.release_at,
        replaces: valid.replaces.map(DocumentRef::Lid),
    };
    let patient_ids = vec![open.reference.ins.clone()];
    Ok((Publish { set, documents: vec![draft], signature: false, patient_ids }, content))
}

/// The same showing of the form, with the same file, is the same document: sent twice, it is refused as taken.
fn unique_id(ticket: Uuid, part: &[u8], bytes: &[u8]) -> DocumentUid {
    let mut context = digest::Context::new(&digest::SHA256);
    for piece in [ticket.as_bytes().as_slice(), part, bytes] {
        context.update(&piece.len().to_be_bytes());
        context.update(piece);
    }
    let mut id = [0; 16];
    id.copy_from_slice(&context.finish().as_ref()[..16]);
    let uuid = uuid::Builder::from_custom_bytes(id).into_uuid();
    DocumentUid::parse(&uuid.to_string()).expect("a UUID is a uniqueId")
}

fn wrapped(
    open: &Open,
    patient: &AdministrativeView,
    valid: &Valid,
    replaced: Option<&DocumentEntry>,
    author: &Author,
) -> Result<Level1, Refusal> {
    let incomplete = || Refusal::about(Reason::RegistryMetadata, &CONTENT, "type et date");
    let type_code = valid.type_code.ok_or_else(incomplete)?;
    let act: Time = valid.act.ok_or_else(incomplete)?;
    let (place, setting) = where_it_is(&open.actor).ok_or_else(incomplete)?;
    let unique_id = unique_id(valid.ticket, b"document", &valid.bytes);
    let former = replaced.map(|old| &old.metadata);
    let set_id = former.and_then(|m| m.set_id.as_deref()).and_then(DocumentUid::parse);
    let next = former.and_then(|m| m.version_number).map_or(1, |version| version.saturating_add(1));
    let header = HeaderDraft {
        version_number: if set_id.is_some() { next } else { 1 },
        set_id: set_id.unwrap_or_else(|| unique_id.clone()),
        unique_id,
        type_code,
        title: if valid.title.is_empty() { type_code.label.to_owned() } else { valid.title.clone() },
        created: open.now,
        confidentiality: BaseConfidentiality::Normal,
        patient: PatientDraft {
            ins: patient.identity.ins.clone(),
            traits: patient.identity.traits.clone(),
            contact: dmp_dossier::Contact::default(),
            local_id: None,
        },
        legal_authenticator: author.clone(),
        authors: vec![author.clone()],
        custodian: author.institution.clone().unwrap_or_else(|| Institution {
            id: None,
            other_id: None,
            name: format!("{} {}", author.person.given, author.person.family),
        }),
        order: None,
        act: Act { study: None, code: valid.event.clone(), start: act, stop: None },
        other_acts: Vec::new(),
        practice_setting: setting,
        facility: place,
        encounter: None,
        replaces: former.map(|m| m.unique_id.clone()),
    };
    Ok(Level1 { header, body: FileBody::Pdf(valid.bytes.to_vec()) })
}

/// Who deposits, as the author of what is deposited: a professional, or an employee in the name of the structure.
fn author(actor: &Actor) -> Option<Author> {
    let (id, name, structure, structure_name, specialty) = match actor {
        Actor::Professional(p) => (
            &p.id,
            &p.name,
            p.structure.clone(),
            &p.structure_name,
            specialty(&p.profession, p.speciality.as_deref()),
        ),
        Actor::Employee(e) => (&e.id, &e.name, Some(e.structure.clone()), &e.structure_name, None),
        _ => return None,
    };
    let institution = structure.map(|id| Institution {
        name: structure_name.clone().unwrap_or_else(|| id.as_str().to_owned()),
        id: Some(id),
        other_id: None,
    });
    Some(Author {
        person: Person {
            id: AuthorId::Professional(id.clone()),
            family: name.family.to_uppercase(),
            given: name.given.clone(),
        },
        institution,
        role: None,
        specialty,
    })
}

/// `G15_10/SM26` (JDV_J01).
fn specialty(profession: &str, qualification: Option<&str>) -> Option<Code> {
    let known = Profession::find(profession)?;
    if known.system != &oid::G15 {
        return Some(Code::new(known.code(), known.system.oid, known.label));
    }
    let found =
        qualification.and_then(|code| speciality::find(code).or_else(|| PHARMACIST_SECTIONS.find(code)));
    Some(match found {
        Some(found) => Code::new(
            format!("G15_{}/{}", known.code(), found.code),
            oid::A02.oid,
            format!("{} - {}", known.label, found.label),
        ),
        None => Code::new(format!("G15_{}", known.code()), oid::A02.oid, known.label),
    })
}

/// Kind of place, and setting, that follow from the sector of the person: nothing is asked.
fn where_it_is(actor: &Actor) -> Option<(&'static Concept, &'static Concept)> {
    let sector = match actor {
        Actor::Professional(p) => p.sector.as_deref(),
        _ => None,
    };
    let place = sector.and_then(|code| facility::DMP.find(code)).or_else(|| facility::DMP.find("SA43"))?;
    let setting = if HOSPITALS.contains(&place.code) { "ETABLISSEMENT" } else { "AMBULATOIRE" };
    Some((place, practice_setting::find(setting)?))
}
