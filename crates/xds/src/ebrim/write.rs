//! Registry objects as answers carry them: ExtrinsicObject, RegistryPackage, Association, ObjectRef.
//!
//! Attributes, their order and their names are those of the official FindDocuments answer of the DMP; what it does not
//! show (sets, associations, authorRole, referenceIdList) is by ITI TF-3 4.2. The same object is always written with
//! the same bytes: the identifiers of its parts derive from its own.

mod part;

#[cfg(test)]
pub(crate) mod tests;

use super::scheme;
use crate::REPOSITORY;
use dmp_dossier::{
    Association, AssociationKind, Author, Availability, BaseConfidentiality, DocumentEntry, Ins, Institution,
    ReferenceId, SeenSet, Visibility,
};
use dmp_nomenclature::Concept;
use dmp_nomenclature::confidentiality::{
    INVISIBLE_PATIENT, INVISIBLE_REPRESENTANTS_LEGAUX, MASQUE_PS, NORMAL, RESTRICTED, VERY_RESTRICTED,
};
use dmp_xml::Writer;
use part::{Object, localized, slot};
use std::fmt::Write as _;
use uuid::Uuid;

/// Slot of the identifiers of orders, accessions and studies (ITI TF-3 4.2.3.2.28).
pub const REFERENCE_ID_LIST: &str = "urn:ihe:iti:xds:2013:referenceIdList";

/// Starts an element of an answer whose namespaces are declared on it, under the prefixes that this module writes.
pub fn root<'w>(w: &'w mut Writer, name: &'static str) -> &'w mut Writer {
    w.open(name)
        .attribute("xmlns:rs", scheme::RS)
        .attribute("xmlns:rim", scheme::RIM)
        .attribute("xmlns:query", crate::service::QUERY)
        .attribute("xmlns:lcm", crate::service::LCM)
        .attribute("xmlns:xdsb", crate::service::XDSB)
}

/// A document's metadata, as `entry` tells them.
pub fn document_entry(w: &mut Writer, entry: &DocumentEntry, patient: &Ins) {
    let m = &entry.metadata;
    w.open("rim:ExtrinsicObject").attribute("id", &entry.entry_uuid.to_urn());
    w.attribute("isOpaque", "false").attribute("lid", &entry.lid.to_urn());
    w.attribute("mimeType", &m.mime_type).attribute("objectType", scheme::STABLE_DOCUMENT);
    w.attribute("status", entry.status.as_urn());
    slot(w, "creationTime", [m.creation_time.to_hl7()]);
    slot(w, "hash", [hex(&m.hash)]);
    slot(w, "languageCode", [&m.language]);
    slot(w, "legalAuthenticator", m.legal_authenticator.iter().map(dmp_dossier::Person::to_xcn));
    slot(w, "repositoryUniqueId", [REPOSITORY]);
    slot(w, "serviceStartTime", m.service_start.map(dmp_dossier::Dtm::to_hl7));
    slot(w, "serviceStopTime", m.service_stop.map(dmp_dossier::Dtm::to_hl7));
    slot(w, "size", [m.size_bytes.to_string()]);
    slot(w, "sourcePatientId", [&m.source_patient_id]);
    slot(w, "sourcePatientInfo", &m.source_patient_info);
    slot(w, REFERENCE_ID_LIST, m.reference_ids.iter().map(ReferenceId::to_cxi));
    localized(w, "rim:Name", &m.title);
    if let Some(comments) = &m.comments {
        localized(w, "rim:Description", comments);
    }
    w.open("rim:VersionInfo").attribute("versionName", &entry.version.to_string()).close();
    let mut object = Object::new(entry.entry_uuid.0);
    for author in &m.authors {
        write_author(w, &mut object, scheme::AUTHOR, author);
    }
    object.code(w, scheme::CLASS, &m.class_code);
    for label in labels(m.confidentiality, entry.visibility) {
        object.classified(w, scheme::CONFIDENTIALITY, label.code, label.system.oid, label.label);
    }
    for event in &m.event_codes {
        object.code(w, scheme::EVENT, event);
    }
    object.code(w, scheme::FORMAT, &m.format_code);
    object.code(w, scheme::FACILITY, &m.facility_type);
    object.code(w, scheme::PRACTICE_SETTING, &m.practice_setting);
    object.code(w, scheme::TYPE, &m.type_code);
    object.identified(w, scheme::PATIENT_ID, "XDSDocumentEntry.patientId", &patient.to_cx());
    object.identified(w, scheme::UNIQUE_ID, "XDSDocumentEntry.uniqueId", m.unique_id.as_str());
    w.close();
}

/// A lot, without its contents.
pub fn submission_set(w: &mut Writer, seen: &SeenSet, patient: &Ins) {
    let set = &seen.set;
    let m = &set.metadata;
    w.open("rim:RegistryPackage").attribute("id", &set.entry_uuid.to_urn());
    w.attribute("objectType", "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:RegistryPackage");
    w.attribute("status", seen.status.as_urn());
    slot(w, "submissionTime", [m.submission_time.to_hl7()]);
    if let Some(title) = &m.title {
        localized(w, "rim:Name", title);
    }
    if let Some(comments) = &m.comments {
        localized(w, "rim:Description", comments);
    }
    let mut object = Object::new(set.entry_uuid.0);
    if let Some(author) = &m.author {
        write_author(w, &mut object, scheme::SET_AUTHOR, author);
    }
    object.code(w, scheme::SET_CONTENT_TYPE, &m.content_type);
    object.node(w, scheme::SUBMISSION_SET);
    object.identified(w, scheme::SET_PATIENT_ID, "XDSSubmissionSet.patientId", &patient.to_cx());
    object.identified(w, scheme::SET_SOURCE_ID, "XDSSubmissionSet.sourceId", &m.source_id);
    object.identified(w, scheme::SET_UNIQUE_ID, "XDSSubmissionSet.uniqueId", m.unique_id.as_str());
    w.close();
}

/// An association between two objects.
pub fn association(w: &mut Writer, association: &Association) {
    let kind = match association.kind {
        AssociationKind::HasMember => scheme::HAS_MEMBER,
        AssociationKind::Replaces => scheme::RPLC,
    };
    w.open("rim:Association").attribute("associationType", kind);
    w.attribute("id", &urn(association.id)).attribute("objectType", scheme::ASSOCIATION);
    w.attribute("sourceObject", &association.source.to_urn());
    w.attribute("status", Availability::Approved.as_urn());
    w.attribute("targetObject", &association.target.to_urn());
    if association.kind == AssociationKind::HasMember {
        slot(w, "SubmissionSetStatus", ["Original"]);
    }
    slot(w, "PreviousVersion", association.previous_version.map(|version| version.to_string()));
    w.close();
}

/// An object by its identity alone.
pub fn object_ref(w: &mut Writer, id: Uuid) {
    w.open("rim:ObjectRef").attribute("id", &urn(id)).close();
}

/// The codes of a document's confidentiality: the HL7 one, then whom it is hidden from.
pub fn labels(base: BaseConfidentiality, visibility: Visibility) -> impl Iterator<Item = &'static Concept> {
    let first = match base {
        BaseConfidentiality::Normal => &NORMAL,
        BaseConfidentiality::Restricted => &RESTRICTED,
        BaseConfidentiality::VeryRestricted => &VERY_RESTRICTED,
    };
    let hidden = [
        (visibility.masked, &MASQUE_PS),
        (visibility.hidden_from_patient, &INVISIBLE_PATIENT),
        (visibility.hidden_from_representatives, &INVISIBLE_REPRESENTANTS_LEGAUX),
    ];
    std::iter::once(first).chain(hidden.into_iter().filter_map(|(is, label)| is.then_some(label)))
}

fn write_author(w: &mut Writer, object: &mut Object, scheme: &str, author: &Author) {
    object.open_classification(w, scheme, "");
    slot(w, "authorInstitution", author.institution.iter().map(Institution::to_xon));
    slot(w, "authorPerson", [author.person.to_xcn()]);
    slot(w, "authorRole", author.role.iter().map(part::ce));
    slot(w, "authorSpecialty", author.specialty.iter().map(part::ce));
    w.close();
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string never fails");
        text
    })
}

fn urn(id: Uuid) -> String {
    format!("urn:uuid:{id}")
}
