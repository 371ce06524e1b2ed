//! SubmissionSet → List, by PDSm: `id` is the entryUUID of the lot, its entries the documents its reader may see.

use crate::coding::write_concept;
use crate::document_reference::{IS_ARCHIVED, URI};
use crate::patient;
use crate::people;
use crate::write::JsonWriter;
use dmp_dossier::{Availability, Ins, SeenSet};

/// Extension `designationType` of MHD: contentTypeCode.
pub(crate) const DESIGNATION_TYPE: &str =
    "https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-designationType";
/// Extension `sourceId` of MHD.
pub(crate) const SOURCE_ID: &str = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-sourceId";
/// Extension `authorOrg` of MHD, beside the source.
pub(crate) const AUTHOR_ORG: &str = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-authorOrg";
/// Code system of the kinds of List in MHD.
pub(crate) const LIST_TYPES: &str = "https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes";
const PROFILE: &str =
    "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-submissionset-comprehensive";

/// Writes the resource.
pub(crate) fn write(w: &mut JsonWriter, seen: &SeenSet, ins: Option<&Ins>) {
    let m = &seen.set.metadata;
    w.begin_object().field("resourceType", "List").field("id", &seen.set.entry_uuid.to_string());
    w.key("meta").begin_object().field("versionId", "1");
    w.field("lastUpdated", &seen.set.registered_at.to_instant());
    w.key("profile").begin_array().string(PROFILE).end_array().end_object();
    if let Some(author) = &m.author {
        w.key("contained").begin_array();
        people::write_author(w, 0, author);
        w.end_array();
    }
    w.key("extension").begin_array();
    w.begin_object().field("url", DESIGNATION_TYPE).key("valueCodeableConcept");
    write_concept(w, &m.content_type);
    w.end_object().begin_object().field("url", SOURCE_ID).key("valueIdentifier").begin_object();
    match m.source_id.split_once('^') {
        Some((root, value)) => {
            w.key("system").pieces(&["urn:oid:", root]);
            w.field("value", value);
        }
        None => {
            w.field("system", URI).key("value").pieces(&["urn:oid:", &m.source_id]);
        }
    }
    w.end_object().end_object();
    w.begin_object().field("url", IS_ARCHIVED);
    w.key("valueBoolean").boolean(seen.status == Availability::Archived).end_object().end_array();
    w.key("identifier").begin_array();
    for (usage, value) in [("usual", m.unique_id.to_urn()), ("official", seen.set.entry_uuid.to_urn())] {
        w.begin_object().field("use", usage).field("system", URI).field("value", &value).end_object();
    }
    w.end_array().field("status", "current").field("mode", "working");
    if let Some(title) = &m.title {
        w.field_if("title", title);
    }
    w.key("code").begin_object().key("coding").begin_array();
    w.begin_object().field("system", LIST_TYPES).field("code", "submissionset").end_object();
    w.end_array().end_object();
    if let Some(ins) = ins {
        w.key("subject");
        patient::write_reference(w, ins);
    }
    w.field("date", &m.submission_time.to_fhir());
    if m.author.is_some() {
        w.key("source").begin_object().field("reference", "#a0").end_object();
    }
    if let Some(comments) = m.comments.as_ref().filter(|c| !c.is_empty()) {
        w.key("note").begin_array().begin_object().field("text", comments).end_object().end_array();
    }
    w.key("entry").begin_array();
    for member in &seen.members {
        w.begin_object().key("item").begin_object();
        w.key("reference").pieces(&["DocumentReference/", &member.entry.lid.to_string()]);
        w.end_object().end_object();
    }
    w.end_array().end_object();
}
