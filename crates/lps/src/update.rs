//! TD3.3 (ITI-57): mask, make visible, archive, delete.
//!
//! A status changes by an association that names the old one and the new one. Visibility changes by a new version of the
//! whole entry, that says from which version it starts: the entry sent is the one that was read, its confidentialityCodes
//! changed, and nothing else.
//!
//! Sources: ITI TF-2 3.57; published messages TD3.3d; SEL-MP-037, TD3.3a to d.

use crate::ebrim::{
    self, Association, Classification, Entry, ExternalIdentifier, Numbers, Package, Slot, scheme,
    write_association, write_entry, write_package,
};
use crate::error::LpsError;
use crate::service::{LCM, Operation, QUERY, RIM, RS};
use crate::session::{Message, Session};
use dmp_dossier::{Availability, Code, Dtm, Visibility};
use dmp_nomenclature::{Concept, confidentiality, content_type, oid};
use dmp_xml::Writer;
use uuid::Uuid;

/// Name of the lot within a message.
pub(crate) const LOT: &str = "SubmissionSet01";
/// Title of a lot that brings no document.
const TITLE: &str = "Mise à jour";
/// Name of the document within a message.
const DOCUMENT: &str = "Document01";

/// Changes the status of a document.
///
/// # Errors
/// No patient in the session.
pub fn status(
    session: &Session<'_>,
    entry_uuid: &str,
    from: Availability,
    to: Availability,
) -> Result<Message, LpsError> {
    let association = Association {
        id: "association1".to_owned(),
        kind: scheme::UPDATE_AVAILABILITY_STATUS,
        source: LOT.to_owned(),
        target: entry_uuid.to_owned(),
        slots: vec![Slot::new("OriginalStatus", [from.as_urn()]), Slot::new("NewStatus", [to.as_urn()])],
    };
    let package = lot(session, Some(TITLE.to_owned()), undifferentiated())?;
    let mut numbers = Numbers::default();
    Ok(submission(|w| {
        write_package(w, &mut numbers, &package);
        write_association(w, &association);
    }))
}

/// Changes who may see a document, from the version that was read.
///
/// # Errors
/// No patient in the session; an entry that no registry gave.
pub fn visibility(session: &Session<'_>, read: &Entry, visibility: Visibility) -> Result<Message, LpsError> {
    let version = read.version.as_deref();
    let version = version.ok_or(LpsError::Missing("the entry to update bears no version"))?;
    let mut entry = Entry { id: DOCUMENT.to_owned(), ..read.clone() };
    let old = entry.classifications.iter().position(|c| c.scheme == scheme::CONFIDENTIALITY);
    let at = old.unwrap_or(entry.classifications.len());
    let hides = |c: &Classification| c.scheme == scheme::CONFIDENTIALITY && c.code().system == oid::A07.oid;
    entry.classifications.retain(|classification| !hides(classification));
    let at = (at + 1).min(entry.classifications.len());
    entry.classifications.splice(at..at, visibility_codes(visibility));
    let association = Association {
        id: "association1".to_owned(),
        kind: scheme::HAS_MEMBER,
        source: LOT.to_owned(),
        target: DOCUMENT.to_owned(),
        slots: vec![Slot::new("SubmissionSetStatus", ["Original"]), Slot::new("PreviousVersion", [version])],
    };
    let package = lot(session, Some(TITLE.to_owned()), undifferentiated())?;
    let mut numbers = Numbers::default();
    Ok(submission(|w| {
        write_package(w, &mut numbers, &package);
        write_association(w, &association);
        write_entry(w, &mut numbers, &entry);
    }))
}

/// The visibility that an entry has.
pub fn visibility_of(entry: &Entry) -> Visibility {
    Visibility {
        masked: entry.has_confidentiality(confidentiality::MASQUE_PS.code),
        hidden_from_patient: entry.has_confidentiality(confidentiality::INVISIBLE_PATIENT.code),
        hidden_from_representatives: entry
            .has_confidentiality(confidentiality::INVISIBLE_REPRESENTANTS_LEGAUX.code),
    }
}

/// The confidentialityCodes after the first one.
pub(crate) fn visibility_codes(visibility: Visibility) -> Vec<Classification> {
    let rows = [
        (visibility.masked, &confidentiality::MASQUE_PS),
        (visibility.hidden_from_patient, &confidentiality::INVISIBLE_PATIENT),
        (visibility.hidden_from_representatives, &confidentiality::INVISIBLE_REPRESENTANTS_LEGAUX),
    ];
    let hidden = rows.into_iter().filter(|(hidden, _)| *hidden);
    hidden.map(|(_, code)| Classification::coded(scheme::CONFIDENTIALITY, &coded(code))).collect()
}

pub(crate) fn coded(concept: &Concept) -> Code {
    Code::new(concept.code, concept.system.oid, concept.label)
}

/// An activity of no particular kind: a change of metadata comes from none.
fn undifferentiated() -> Code {
    coded(content_type::of_encounter(None))
}

/// A fresh OID (ITU-T X.667: a UUID under `2.25`).
pub(crate) fn fresh_oid() -> String {
    format!("2.25.{}", Uuid::new_v4().as_u128())
}

/// A lot of that title, by who speaks.
pub(crate) fn lot(
    session: &Session<'_>,
    title: Option<String>,
    content_type: Code,
) -> Result<Package, LpsError> {
    let identity = session.identity;
    let author = ebrim::person(identity);
    Ok(Package {
        id: LOT.to_owned(),
        slots: vec![Slot::new("submissionTime", [Dtm::from_time(session.now).to_hl7()])],
        title,
        comments: None,
        classifications: vec![
            ebrim::author(scheme::SET_AUTHOR, &author),
            Classification::coded(scheme::SET_CONTENT_TYPE, &content_type),
        ],
        identifiers: vec![
            ExternalIdentifier::new(
                scheme::SET_PATIENT_ID,
                session.patient()?.to_cx(),
                "XDSSubmissionSet.patientId",
            ),
            ExternalIdentifier::new(
                scheme::SET_SOURCE_ID,
                &identity.who.software.oid,
                "XDSSubmissionSet.sourceId",
            ),
            ExternalIdentifier::new(scheme::SET_UNIQUE_ID, fresh_oid(), "XDSSubmissionSet.uniqueId"),
        ],
    })
}

fn submission(write: impl FnOnce(&mut Writer)) -> Message {
    let mut w = Writer::new();
    w.open("ns4:SubmitObjectsRequest").attribute("xmlns", RIM).attribute("xmlns:ns2", RS);
    w.attribute("xmlns:ns3", QUERY).attribute("xmlns:ns4", LCM).open("RegistryObjectList");
    write(&mut w);
    Message::plain(Operation::UpdateDocumentSet, w.finish())
}
