//! DocumentEntry, SubmissionSet, Association: what the DMP keeps of a document besides its bytes.
//!
//! Attributes and their cardinality: ITI TF-3 4.2.3.2, restricted by the DMP's logical model (SEL-MP-037, as
//! published in PDSM4DMP, `DocumentEntry` and `SubmissionSet`).

use crate::actor::{PsId, StructureId};
use crate::code::{Code, DocumentUid, EntryUuid, Lid};
use crate::identity::{Ins, Sex};
use crate::time::{Dtm, Time};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// `availabilityStatus` of the DMP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Availability {
    /// `urn:oasis:names:tc:ebxml-regrep:StatusType:Approved`.
    Approved,
    /// `…:Deprecated`: replaced by another document, or an old version of the metadata.
    Deprecated,
    /// `urn:asip:ci-sis:2010:StatusType:Archived`.
    Archived,
    /// `urn:asip:ci-sis:2010:StatusType:Deleted`: logically, bytes are kept.
    Deleted,
}

impl Availability {
    /// The URN of the status.
    pub fn as_urn(self) -> &'static str {
        match self {
            Availability::Approved => "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved",
            Availability::Deprecated => "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated",
            Availability::Archived => "urn:asip:ci-sis:2010:StatusType:Archived",
            Availability::Deleted => "urn:asip:ci-sis:2010:StatusType:Deleted",
        }
    }

    /// Reads the URN.
    pub fn parse(urn: &str) -> Option<Self> {
        [Availability::Approved, Availability::Deprecated, Availability::Archived, Availability::Deleted]
            .into_iter()
            .find(|s| s.as_urn() == urn)
    }
}

/// First `confidentialityCode` of a document (HL7 Confidentiality). It is kept and shown; it opens and closes
/// nothing in the DMP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
pub enum BaseConfidentiality {
    /// `N`
    #[default]
    Normal,
    /// `R`
    Restricted,
    /// `V`
    VeryRestricted,
}

/// The three visibility codes that may follow the first `confidentialityCode` (TRE_A07).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
pub struct Visibility {
    /// `MASQUE_PS`: masked to professionals.
    pub masked: bool,
    /// `INVISIBLE_PATIENT`: hidden from the patient until it is announced.
    pub hidden_from_patient: bool,
    /// `INVISIBLE_REPRESENTANTS_LEGAUX`: hidden from the representatives.
    pub hidden_from_representatives: bool,
}

impl Visibility {
    /// Visible to all who may read.
    pub const VISIBLE: Visibility =
        Visibility { masked: false, hidden_from_patient: false, hidden_from_representatives: false };
}

/// Who wrote a document: a person, the patient, or a system.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AuthorId {
    /// A professional by national identifier.
    Professional(PsId),
    /// The patient, or a representative in the patient's name, by INS.
    Patient(Ins),
    /// A device, a software, or a person known by a local identifier only: identifier and assigning OID, as given.
    Other {
        /// Identifier as given.
        id: String,
        /// Assigning OID as given, empty when none.
        authority: String,
    },
}

/// A person or system named in metadata (XCN).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Person {
    /// Identifier.
    pub id: AuthorId,
    /// Family name, or the name of a system.
    pub family: String,
    /// Given name.
    pub given: String,
}

/// A structure named in metadata (XON).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Institution {
    /// National identifier, when it is one.
    pub id: Option<StructureId>,
    /// Identifier as given when it is not national.
    pub other_id: Option<String>,
    /// Name.
    pub name: String,
}

/// An author of a document or of a submission set.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Author {
    /// Who.
    pub person: Person,
    /// For whom; absent for a patient.
    pub institution: Option<Institution>,
    /// Functional role (JDV_J47).
    pub role: Option<Code>,
    /// Profession and speciality (JDV_J01, such as `G15_10/SM26`), or `ALIM_AM`, `EXP_PATIENT`…
    pub specialty: Option<Code>,
}

/// `referenceIdList` item (CXi).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ReferenceId {
    /// Identifier.
    pub value: String,
    /// Assigning OID; empty for a study UID.
    pub authority: String,
    /// Kind, `urn:ihe:iti:xds:2013:accession`, `…:order`, `urn:ihe:iti:xds:2016:studyInstanceUID`.
    pub kind: String,
}

/// What the producer tells of a document: everything but what the registry assigns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentMetadata {
    /// `uniqueId`, the CDA's own identifier.
    pub unique_id: DocumentUid,
    /// `mimeType`; `text/xml` for a CDA, `application/xslt+xml` for a self-presenting one.
    pub mime_type: String,
    /// SHA-1 of the bytes (ITI TF-3 4.2.3.2.10).
    pub hash: [u8; 20],
    /// Size in bytes.
    pub size_bytes: u64,
    /// `languageCode`, `fr-FR`.
    pub language: String,
    /// Authors, at least one.
    pub authors: Vec<Author>,
    /// Who answers for the content.
    pub legal_authenticator: Option<Person>,
    /// Start of the documented act.
    pub service_start: Option<Dtm>,
    /// End of the documented act.
    pub service_stop: Option<Dtm>,
    /// When the document was made.
    pub creation_time: Dtm,
    /// Title, at most 255 characters.
    pub title: String,
    /// Free comment.
    pub comments: Option<String>,
    /// Class (JDV_J57), deduced from the type.
    pub class_code: Code,
    /// Type (JDV_J66).
    pub type_code: Code,
    /// Technical format (JDV_J60).
    pub format_code: Code,
    /// Kind of place (JDV_J61).
    pub facility_type: Code,
    /// Setting (JDV_J62).
    pub practice_setting: Code,
    /// Acts, diagnoses, modalities.
    pub event_codes: Vec<Code>,
    /// First confidentiality code.
    pub confidentiality: BaseConfidentiality,
    /// Local identifier of the patient at the source, CX; the INS when there is none.
    pub source_patient_id: String,
    /// `PID-n|…` values as given; never used to identify anyone.
    pub source_patient_info: Vec<String>,
    /// Orders, accessions, studies.
    pub reference_ids: Vec<ReferenceId>,
    /// The document that the header says it replaces; kept as declared, replaces nothing by itself.
    pub declared_parent: Option<DocumentUid>,
    /// `setId` of the CDA as `root` or `root^extension`; some real documents have none.
    pub set_id: Option<String>,
    /// `versionNumber` of the CDA.
    pub version_number: Option<u32>,
}

/// One version of the metadata of a document in the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentEntry {
    /// This version.
    pub entry_uuid: EntryUuid,
    /// The document over its versions.
    pub lid: Lid,
    /// 1 for the first version (`VersionInfo`).
    pub version: u32,
    /// Status of this version.
    pub status: Availability,
    /// Who may see it besides the matrix.
    pub visibility: Visibility,
    /// While hidden from the patient: when it opens at the latest.
    pub release_at: Option<Time>,
    /// When this version was registered.
    pub registered_at: Time,
    /// Row of the version that brought the bytes: every version shares them.
    pub content: u32,
    /// Entry it replaced, when it was deposited as a replacement.
    pub replaces: Option<EntryUuid>,
    /// What the producer told.
    pub metadata: DocumentMetadata,
}

/// Kind of an association between registry objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AssociationKind {
    /// A submission set brought a document (`SubmissionSetStatus` Original).
    HasMember,
    /// A document replaces another.
    Replaces,
}

/// An association; source and target by entryUUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Association {
    /// Its own identity.
    pub id: Uuid,
    /// Kind.
    pub kind: AssociationKind,
    /// Submission set, or replacing document.
    pub source: EntryUuid,
    /// Member, or replaced document.
    pub target: EntryUuid,
    /// For a metadata update: version it started from (ITI-57 `PreviousVersion`).
    pub previous_version: Option<u32>,
}

/// What the producer tells of a lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionSetMetadata {
    /// Identifier given by the source.
    pub unique_id: DocumentUid,
    /// OID of the sending system.
    pub source_id: String,
    /// When it was sent.
    pub submission_time: Dtm,
    /// Kind of activity (`contentTypeCode`).
    pub content_type: Code,
    /// Who sent it.
    pub author: Option<Author>,
    /// Title.
    pub title: Option<String>,
    /// Comment.
    pub comments: Option<String>,
}

/// A lot in the registry, with its associations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionSet {
    /// Its identity.
    pub entry_uuid: EntryUuid,
    /// When it was registered.
    pub registered_at: Time,
    /// What the producer told.
    pub metadata: SubmissionSetMetadata,
    /// HasMember and RPLC associations it brought.
    pub associations: Vec<Association>,
}

/// The patient as a document's own header names them, to be compared with the dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredPatient {
    /// INS as this deployment reads it.
    pub ins: Ins,
    /// `YYYYMMDD…`, when the header gives one.
    pub birth_date: Option<String>,
    /// Sex, when the header gives one.
    pub sex: Option<Sex>,
}

/// How a command or a query points to a document of the dossier.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum DocumentRef {
    /// By `uniqueId`.
    UniqueId(DocumentUid),
    /// By `entryUUID`: this version of the metadata.
    Entry(EntryUuid),
    /// By `lid`: the latest version.
    Lid(Lid),
}

impl DocumentEntry {
    /// True when the reference points to this version, or to its document.
    pub fn is_pointed_by(&self, reference: &DocumentRef) -> bool {
        match reference {
            DocumentRef::UniqueId(uid) => self.metadata.unique_id == *uid,
            DocumentRef::Entry(uuid) => self.entry_uuid == *uuid,
            DocumentRef::Lid(lid) => self.lid == *lid,
        }
    }

    /// True while hidden from the patient at that instant: an announcement ends at the latest on its date.
    pub fn is_hidden_from_patient(&self, at: Time) -> bool {
        self.visibility.hidden_from_patient && self.release_at.is_none_or(|release| at < release)
    }
}
