//! The whole of a dossier, decided and journalled as one act ([`dmp_dossier::Query::Export`]): in the forms of XDS metadata
//! (ITI TF-3 table 4.2.3.1.7-2) with the bytes of each document, and as IHE XDM media.

pub mod xdm;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dmp_dossier::{
    Author, Availability, BaseConfidentiality, Code, Dtm, Ins, Institution, Person, ReferenceId,
    SeenDocument, Time, View,
};
use dmp_nomenclature::Concept;
use dmp_nomenclature::{confidentiality, content_type};
use dmp_store::Answer;
use serde::{Deserialize, Serialize};

/// A whole dossier, as its reader sees it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exported {
    /// INS of the patient (CX).
    pub patient_id: String,
    /// When, DTM in UTC.
    pub exported_at: String,
    /// contentTypeCode of the lot that the export makes.
    pub content_type_code: Coded,
    /// Its documents, oldest first, latest version of the metadata of each.
    pub documents: Vec<ExportedDocument>,
    /// Signatures of the lots that came with one, of which every document is here.
    pub lot_signatures: Vec<ExportedSignature>,
}

/// The signature of a lot (XAdES), as deposited.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportedSignature {
    /// uniqueId of the lot.
    pub lot: String,
    /// Bytes, base64.
    pub content: String,
}

/// A document: DocumentEntry and bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportedDocument {
    /// UUID.
    #[serde(rename = "entryUUID")]
    pub entry_uuid: String,
    /// UUID.
    pub logical_id: String,
    /// Version of the metadata.
    pub version: u32,
    /// `urn:oasis:names:tc:ebxml-regrep:StatusType:Approved`…
    pub availability_status: String,
    /// OID or UUID.
    pub unique_id: String,
    /// entryUUID of the document it replaces, when it is of this export.
    pub replaces: Option<String>,
    /// `text/xml`…
    pub mime_type: String,
    /// SHA-1 in hexadecimal.
    pub hash: String,
    /// In bytes.
    pub size: u64,
    /// `fr-FR`.
    pub language_code: String,
    /// DTM in UTC, as the other times.
    pub creation_time: String,
    /// Start of the act.
    pub service_start_time: Option<String>,
    /// End of the act.
    pub service_stop_time: Option<String>,
    /// Title.
    pub title: String,
    /// Comments.
    pub comments: Option<String>,
    /// classCode.
    pub class_code: Coded,
    /// typeCode.
    pub type_code: Coded,
    /// formatCode.
    pub format_code: Coded,
    /// healthcareFacilityTypeCode.
    pub healthcare_facility_type_code: Coded,
    /// practiceSettingCode.
    pub practice_setting_code: Coded,
    /// eventCodeList.
    pub event_code_list: Vec<Coded>,
    /// confidentialityCode, visibility included.
    pub confidentiality_code: Vec<Coded>,
    /// Authors.
    pub author: Vec<ExportedAuthor>,
    /// XCN.
    pub legal_authenticator: Option<String>,
    /// CX.
    pub source_patient_id: String,
    /// `PID-5|…`
    pub source_patient_info: Vec<String>,
    /// CXi.
    pub reference_id_list: Vec<String>,
    /// Bytes, base64.
    pub content: String,
}

/// A coded value.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Coded {
    /// Code.
    pub code: String,
    /// OID of its system.
    pub system: String,
    /// Label.
    pub label: String,
}

/// An author.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportedAuthor {
    /// XCN.
    pub author_person: String,
    /// XON.
    pub author_institution: Option<String>,
    /// Role.
    pub author_role: Option<Coded>,
    /// Profession and speciality.
    pub author_specialty: Option<Coded>,
}

/// What an answer to [`dmp_dossier::Query::Export`] gave, in the forms of XDS; `None` for another answer.
pub fn exported(ins: &Ins, at: Time, answer: &Answer) -> Option<Exported> {
    let View::Export(seen, _) = &answer.view else { return None };
    if seen.len() != answer.contents.len() {
        return None;
    }
    let signatures = answer.signatures.iter().map(|(set, bytes)| ExportedSignature {
        lot: set.metadata.unique_id.as_str().to_owned(),
        content: STANDARD.encode(bytes),
    });
    Some(Exported {
        patient_id: ins.to_cx(),
        exported_at: Dtm::from_time(at).to_hl7(),
        content_type_code: concept(content_type::of_encounter(None)),
        documents: seen.iter().zip(&answer.contents).map(|(seen, bytes)| document(seen, bytes)).collect(),
        lot_signatures: signatures.collect(),
    })
}

fn document(seen: &SeenDocument, bytes: &[u8]) -> ExportedDocument {
    let (entry, m) = (&seen.entry, &seen.entry.metadata);
    ExportedDocument {
        entry_uuid: entry.entry_uuid.to_string(),
        logical_id: entry.lid.to_string(),
        version: entry.version,
        availability_status: status(entry.status).to_owned(),
        unique_id: m.unique_id.as_str().to_owned(),
        replaces: seen.replaces.as_ref().map(|old| old.entry_uuid.to_string()),
        mime_type: m.mime_type.clone(),
        hash: m.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        size: m.size_bytes,
        language_code: m.language.clone(),
        creation_time: m.creation_time.to_hl7(),
        service_start_time: m.service_start.map(Dtm::to_hl7),
        service_stop_time: m.service_stop.map(Dtm::to_hl7),
        title: m.title.clone(),
        comments: m.comments.clone(),
        class_code: coded(&m.class_code),
        type_code: coded(&m.type_code),
        format_code: coded(&m.format_code),
        healthcare_facility_type_code: coded(&m.facility_type),
        practice_setting_code: coded(&m.practice_setting),
        event_code_list: m.event_codes.iter().map(coded).collect(),
        confidentiality_code: labels(m.confidentiality, entry.visibility)
            .iter()
            .map(|c| concept(c))
            .collect(),
        author: m.authors.iter().map(author).collect(),
        legal_authenticator: m.legal_authenticator.as_ref().map(Person::to_xcn),
        source_patient_id: m.source_patient_id.clone(),
        source_patient_info: m.source_patient_info.clone(),
        reference_id_list: m.reference_ids.iter().map(ReferenceId::to_cxi).collect(),
        content: STANDARD.encode(bytes),
    }
}

/// ebRIM has two statuses; the DMP's own two extend them (SEL-MP-037, as PDSM4DMP quotes it).
fn status(status: Availability) -> &'static str {
    match status {
        Availability::Approved => "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved",
        Availability::Deprecated => "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated",
        Availability::Archived => "urn:asip:ci-sis:2010:StatusType:Archived",
        Availability::Deleted => "urn:asip:ci-sis:2010:StatusType:Deleted",
    }
}

fn labels(base: BaseConfidentiality, visibility: dmp_dossier::Visibility) -> Vec<&'static Concept> {
    let first = match base {
        BaseConfidentiality::Normal => &confidentiality::NORMAL,
        BaseConfidentiality::Restricted => &confidentiality::RESTRICTED,
        BaseConfidentiality::VeryRestricted => &confidentiality::VERY_RESTRICTED,
    };
    let mut labels = vec![first];
    labels.extend(visibility.masked.then_some(&confidentiality::MASQUE_PS));
    labels.extend(visibility.hidden_from_patient.then_some(&confidentiality::INVISIBLE_PATIENT));
    let representatives = &confidentiality::INVISIBLE_REPRESENTANTS_LEGAUX;
    labels.extend(visibility.hidden_from_representatives.then_some(representatives));
    labels
}

fn coded(code: &Code) -> Coded {
    Coded { code: code.code.clone(), system: code.system.clone(), label: code.label.clone() }
}

fn concept(concept: &Concept) -> Coded {
    Coded {
        code: concept.code.to_owned(),
        system: concept.system.oid.to_owned(),
        label: concept.label.to_owned(),
    }
}

fn author(author: &Author) -> ExportedAuthor {
    ExportedAuthor {
        author_person: author.person.to_xcn(),
        author_institution: author.institution.as_ref().map(Institution::to_xon),
        author_role: author.role.as_ref().map(coded),
        author_specialty: author.specialty.as_ref().map(coded),
    }
}
