//! DocumentEntry → DocumentReference, by PDSm and the maps of PDSM4DMP.
//!
//! `id` is the UUID of the lid, stable over the versions of the metadata; `meta.versionId` is the XDS version. The
//! three identifiers of XDS stand in `identifier` (entryUUID `official`, uniqueId `usual`, lid `secondary`), the
//! uniqueId also in `masterIdentifier`. `current` covers Approved and Archived, told apart by the extension
//! `isArchived`. A replaced document is named only to those who may see it.

use crate::coding::{write_coding, write_concept};
use crate::people::{self, system_and_value};
use crate::write::JsonWriter;
use crate::{patient, source_patient};
use dmp_dossier::{
    Availability, BaseConfidentiality, DocumentEntry, DocumentMetadata, Ins, Person, ReferenceId, Time,
    Visibility,
};
use dmp_nomenclature::Concept;
use dmp_nomenclature::confidentiality;

/// Extension `PDSm_isArchived`, boolean.
pub(crate) const IS_ARCHIVED: &str =
    "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-ext-is-archived";
/// Extension of ours on DocumentReference: until when, at the latest, a document is hidden from the patient. At
/// deposit `valueDate` or `valueDateTime`, with the label `INVISIBLE_PATIENT`; in answers `valueDateTime`.
pub const DATE_ANNONCE: &str =
    "https://interop.esante.gouv.fr/ig/fhir/dmp/StructureDefinition/dmp-date-annonce";

const PROFILE: &str =
    "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-comprehensive-document-reference";
/// System of identifiers that are URIs.
pub(crate) const URI: &str = "urn:ietf:rfc:3986";
/// Label of a resource that does not tell everything (R4 2.28.0.3).
const SUBSETTED: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";

/// A document to be told.
pub(crate) struct Told<'a> {
    /// Its metadata.
    pub entry: &'a DocumentEntry,
    /// The document it replaces, when the reader may see it.
    pub replaces: Option<&'a DocumentEntry>,
    /// Whose it is, when the request says it.
    pub patient: Option<&'a Ins>,
}

/// Writes the resource. `base` is the address of the face.
pub(crate) fn write(w: &mut JsonWriter, base: &str, told: &Told<'_>) {
    let Told { entry, replaces, patient: ins } = told;
    let m = &entry.metadata;
    w.begin_object().field("resourceType", "DocumentReference");
    write_head(w, entry, |w| {
        w.key("profile").begin_array().string(PROFILE).end_array();
    });
    w.key("contained").begin_array();
    for (i, author) in m.authors.iter().enumerate() {
        people::write_author(w, i, author);
    }
    let authenticator = m
        .legal_authenticator
        .as_ref()
        .filter(|person| !system_and_value(&person.id).1.is_empty() || !display(person).trim().is_empty())
        .map(|person| (person, author_place(m, person)));
    if let Some((person, None)) = authenticator
        && matches!(person.id, dmp_dossier::AuthorId::Professional(_))
    {
        people::write_person(w, "Practitioner", "l", person);
    }
    source_patient::write(w, m);
    w.end_array();
    write_identity(w, entry);
    w.key("type");
    write_concept(w, &m.type_code);
    w.key("category").begin_array();
    write_concept(w, &m.class_code);
    w.end_array();
    if let Some(ins) = ins {
        w.key("subject");
        patient::write_reference(w, ins);
    }
    w.field("date", &m.creation_time.start().to_instant());
    w.key("author").begin_array();
    for i in 0..m.authors.len() {
        w.begin_object().key("reference").pieces(&["#a", &i.to_string()]).end_object();
    }
    w.end_array();
    if let Some((person, place)) = authenticator {
        write_authenticator(w, person, place);
    }
    w.key("custodian").begin_object().field("display", "Dossier médical partagé").end_object();
    if let Some(old) = replaces {
        w.key("relatesTo")
            .begin_array()
            .begin_object()
            .field("code", "replaces")
            .key("target")
            .begin_object();
        w.key("reference").pieces(&["DocumentReference/", &old.lid.to_string()]);
        w.key("identifier").begin_object().field("system", URI);
        w.field("value", &old.metadata.unique_id.to_urn()).end_object();
        w.end_object().end_object().end_array();
    }
    if let Some(comments) = &m.comments {
        w.field_if("description", comments);
    }
    w.key("securityLabel").begin_array();
    for label in labels(m.confidentiality, entry.visibility) {
        w.begin_object().key("coding").begin_array();
        write_coding(w, label.system.oid, label.code, label.label);
        w.end_array().end_object();
    }
    w.end_array();
    write_content(w, base, entry);
    write_context(w, m);
    w.end_object();
}

/// Writes what tells a document apart and nothing of what it holds: the answer of TD3.1b to those who may not
/// search (an employee, a structure, a loader).
pub(crate) fn write_reference_only(w: &mut JsonWriter, told: &Told<'_>) {
    w.begin_object().field("resourceType", "DocumentReference");
    write_head(w, told.entry, |w| {
        w.key("tag").begin_array().begin_object().field("system", SUBSETTED).field("code", "SUBSETTED");
        w.end_object().end_array();
    });
    write_identity(w, told.entry);
    if let Some(ins) = told.patient {
        w.key("subject");
        patient::write_reference(w, ins);
    }
    w.key("content").begin_array().begin_object().key("attachment").begin_object();
    w.field("contentType", &told.entry.metadata.mime_type);
    w.end_object().end_object().end_array().end_object();
}

fn write_head(w: &mut JsonWriter, entry: &DocumentEntry, more: impl FnOnce(&mut JsonWriter)) {
    w.field("id", &entry.lid.to_string());
    w.key("meta").begin_object().field("versionId", &entry.version.to_string());
    w.field("lastUpdated", &entry.registered_at.to_instant());
    more(w);
    w.end_object();
}

/// Extensions, identifiers, status.
fn write_identity(w: &mut JsonWriter, entry: &DocumentEntry) {
    let announced: Option<Time> = entry.release_at.filter(|_| entry.visibility.hidden_from_patient);
    w.key("extension").begin_array().begin_object().field("url", IS_ARCHIVED);
    w.key("valueBoolean").boolean(entry.status == Availability::Archived).end_object();
    if let Some(at) = announced {
        w.begin_object().field("url", DATE_ANNONCE).field("valueDateTime", &at.to_instant()).end_object();
    }
    w.end_array();
    let unique = entry.metadata.unique_id.to_urn();
    w.key("masterIdentifier").begin_object().field("system", URI).field("value", &unique).end_object();
    w.key("identifier").begin_array();
    for (usage, value) in
        [("official", entry.entry_uuid.to_urn()), ("usual", unique), ("secondary", entry.lid.to_urn())]
    {
        w.begin_object().field("use", usage).field("system", URI).field("value", &value).end_object();
    }
    w.end_array();
    w.field("status", status(entry.status));
}

/// `DocumentReference.status`.
pub(crate) fn status(status: Availability) -> &'static str {
    match status {
        Availability::Approved | Availability::Archived => "current",
        Availability::Deprecated => "superseded",
        Availability::Deleted => "entered-in-error",
    }
}

/// The labels of a document: its confidentiality, then whom it is hidden from.
pub(crate) fn labels(
    base: BaseConfidentiality,
    visibility: Visibility,
) -> impl Iterator<Item = &'static Concept> {
    let first = match base {
        BaseConfidentiality::Normal => &confidentiality::NORMAL,
        BaseConfidentiality::Restricted => &confidentiality::RESTRICTED,
        BaseConfidentiality::VeryRestricted => &confidentiality::VERY_RESTRICTED,
    };
    [
        (true, first),
        (visibility.masked, &confidentiality::MASQUE_PS),
        (visibility.hidden_from_patient, &confidentiality::INVISIBLE_PATIENT),
        (visibility.hidden_from_representatives, &confidentiality::INVISIBLE_REPRESENTANTS_LEGAUX),
    ]
    .into_iter()
    .filter_map(|(carried, label)| carried.then_some(label))
}

/// The author that the authenticator also is.
fn author_place(m: &DocumentMetadata, person: &Person) -> Option<usize> {
    let professional = matches!(person.id, dmp_dossier::AuthorId::Professional(_));
    m.authors.iter().position(|a| a.person.id == person.id).filter(|_| professional)
}

fn display(person: &Person) -> String {
    format!("{} {}", person.given, person.family)
}

/// R4 takes a professional or an organisation as authenticator; others are named by identifier and display.
fn write_authenticator(w: &mut JsonWriter, person: &Person, place: Option<usize>) {
    w.key("authenticator").begin_object();
    match (place, &person.id) {
        (Some(i), _) => {
            w.key("reference").pieces(&["#a", &i.to_string()]);
        }
        (None, dmp_dossier::AuthorId::Professional(_)) => {
            w.field("reference", "#l");
        }
        (None, id) => {
            let (system, value) = system_and_value(id);
            if !value.is_empty() {
                w.key("identifier").begin_object();
                if !system.is_empty() {
                    w.key("system").pieces(&["urn:oid:", system]);
                }
                w.field("value", value).end_object();
            }
            w.field_if("display", display(person).trim());
        }
    }
    w.end_object();
}

fn write_content(w: &mut JsonWriter, base: &str, entry: &DocumentEntry) {
    let m = &entry.metadata;
    w.key("content").begin_array().begin_object().key("attachment").begin_object();
    w.field("contentType", &m.mime_type).field_if("language", &m.language);
    w.key("url").pieces(&[base, "/Binary/", &entry.lid.to_string()]);
    w.key("size").number(m.size_bytes);
    w.key("hash").base64(&m.hash);
    w.field_if("title", &m.title).field("creation", &m.creation_time.to_fhir());
    w.end_object().key("format");
    write_coding(w, &m.format_code.system, &m.format_code.code, &m.format_code.label);
    w.end_object().end_array();
}

fn write_context(w: &mut JsonWriter, m: &DocumentMetadata) {
    w.key("context").begin_object();
    if !m.event_codes.is_empty() {
        w.key("event").begin_array();
        for code in &m.event_codes {
            write_concept(w, code);
        }
        w.end_array();
    }
    if m.service_start.is_some() || m.service_stop.is_some() {
        w.key("period").begin_object();
        for (key, time) in [("start", m.service_start), ("end", m.service_stop)] {
            if let Some(time) = time {
                w.field(key, &time.to_fhir());
            }
        }
        w.end_object();
    }
    w.key("facilityType");
    write_concept(w, &m.facility_type);
    w.key("practiceSetting");
    write_concept(w, &m.practice_setting);
    w.key("sourcePatientInfo").begin_object().field("reference", source_patient::REFERENCE).end_object();
    if !m.reference_ids.is_empty() {
        w.key("related").begin_array();
        for id in &m.reference_ids {
            write_related(w, id);
        }
        w.end_array();
    }
    w.end_object();
}

fn write_related(w: &mut JsonWriter, id: &ReferenceId) {
    w.begin_object().key("identifier").begin_object();
    w.key("type").begin_object().key("coding").begin_array();
    w.begin_object().field("system", URI).field("code", &id.kind).end_object();
    w.end_array().end_object();
    if !id.authority.is_empty() {
        w.key("system").pieces(&["urn:oid:", &id.authority]);
    }
    w.field("value", &id.value).end_object().end_object();
}

#[cfg(test)]
mod tests;
