//! What can be asked of a dossier that only reads it, and what comes back.

use crate::actor::Actor;
use crate::change::{ClosureReason, ConsentProof, GranteeLabel};
use crate::choices::ChoicesView;
use crate::code::{DocumentUid, EntryUuid};
use crate::document::{Association, Availability, DocumentEntry, DocumentRef, SubmissionSet};
use crate::identity::{Contact, Identity, Representative};
use crate::rights::{Authorisation, Emergency, Grant, InitialConsent};
use crate::rule::Rule;
use crate::time::{Dtm, Time};
use crate::watching::Case;
use crate::web_access::OtpChannel;
use std::sync::Arc;
use uuid::Uuid;

/// A comparison of dates, with the meaning of FHIR search prefixes (R4 3.1.1.4.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `eq`: the range of the searched value contains that of the attribute.
    Equal,
    /// `ne`
    NotEqual,
    /// `gt`
    Greater,
    /// `lt`
    Less,
    /// `ge`
    GreaterOrEqual,
    /// `le`
    LessOrEqual,
    /// `sa`
    StartsAfter,
    /// `eb`
    EndsBefore,
    /// XDS `…From`: the attribute starts at or after.
    From,
    /// XDS `…To`: the attribute starts before.
    To,
}

/// A date criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTest {
    /// How.
    pub comparison: Comparison,
    /// With what.
    pub value: Dtm,
}

/// A token criterion: code and, when given, system (OID).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenTest {
    /// Coding system; `None` matches any.
    pub system: Option<String>,
    /// Code.
    pub code: String,
}

/// A criterion on authors: letters anywhere in a name, case and accents ignored, or an exact identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthorTest {
    /// Identifier of a person or of a structure.
    Id(String),
    /// Part of a family or given name.
    Name(String),
    /// Part of the family name.
    Family(String),
    /// Part of the given name.
    Given(String),
    /// XDS `AuthorPerson`: a pattern of SQL LIKE, `%` and `_`, on the whole XCN; case and accents ignored.
    Like(String),
}

/// FindDocuments (ITI-18 14d4debf-…) and ITI-67. An empty list means no criterion; within a list any item is
/// enough, and lists of lists are all required.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DocumentFilter {
    /// Statuses wanted; empty: Approved, Archived and replaced documents, not deleted ones.
    pub statuses: Vec<Availability>,
    /// Also former versions of the metadata (XDS Deprecated).
    pub former_versions: bool,
    /// By reference.
    pub references: Vec<DocumentRef>,
    /// typeCode.
    pub types: Vec<TokenTest>,
    /// classCode.
    pub classes: Vec<TokenTest>,
    /// formatCode.
    pub formats: Vec<TokenTest>,
    /// healthcareFacilityTypeCode.
    pub facilities: Vec<TokenTest>,
    /// practiceSettingCode.
    pub settings: Vec<TokenTest>,
    /// eventCodeList, each inner list required.
    pub events: Vec<Vec<TokenTest>>,
    /// confidentialityCode, each inner list required.
    pub confidentialities: Vec<Vec<TokenTest>>,
    /// Authors, each inner list required.
    pub authors: Vec<Vec<AuthorTest>>,
    /// creationTime, all required.
    pub creation: Vec<DateTest>,
    /// serviceStartTime, all required.
    pub service_start: Vec<DateTest>,
    /// serviceStopTime, all required.
    pub service_stop: Vec<DateTest>,
    /// The act's period as a whole, all required.
    pub period: Vec<DateTest>,
    /// referenceIdList values.
    pub reference_ids: Vec<TokenTest>,
    /// Registered since.
    pub registered_since: Option<Time>,
    /// Replaces this document.
    pub replaces: Vec<DocumentRef>,
}

/// FindSubmissionSets (ITI-18 f26abbcb-…) and ITI-66.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SetFilter {
    /// Statuses wanted; empty: any.
    pub statuses: Vec<Availability>,
    /// submissionTime, all required.
    pub submission: Vec<DateTest>,
    /// sourceId.
    pub source_ids: Vec<String>,
    /// contentTypeCode.
    pub content_types: Vec<TokenTest>,
    /// Authors.
    pub authors: Vec<Vec<AuthorTest>>,
    /// uniqueId; this one or an entryUUID below is enough.
    pub unique_ids: Vec<DocumentUid>,
    /// entryUUID; this one or a uniqueId above is enough.
    pub entry_uuids: Vec<EntryUuid>,
    /// Part of the title.
    pub title: Option<String>,
}

/// What a journal reader asks for; the rights are decided apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JournalFilter {
    /// From, inclusive.
    pub from: Option<Time>,
    /// To, exclusive.
    pub to: Option<Time>,
    /// Identifier of the actor or of the structure.
    pub agent: Option<String>,
    /// At most this many lines, the latest.
    pub limit: Option<usize>,
}

/// Something asked that reads a dossier.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// TD0.2.
    Status,
    /// TD1.3a.
    Administrative,
    /// TD1.6.
    Rights,
    /// FindDocuments.
    FindDocuments(Box<DocumentFilter>),
    /// GetDocuments by reference: only those the actor may see come back.
    GetDocuments(Vec<DocumentRef>),
    /// TD3.1b: the reference of a document, without its metadata; open to its author.
    FindReference(DocumentRef),
    /// TD3.2, ITI-43, ITI-68: the bytes of documents, all or nothing.
    Retrieve(Vec<DocumentRef>),
    /// FindSubmissionSets.
    FindSubmissionSets(Box<SetFilter>),
    /// GetAssociations of these objects.
    GetAssociations(Vec<EntryUuid>),
    /// GetRelatedDocuments: replacements of, and replaced by, this one, however far.
    GetRelated(DocumentRef),
    /// GetSubmissionSetAndContents, by entryUUID or uniqueId.
    GetSubmissionSet(SetRef),
    /// ITI-81.
    Journal(JournalFilter),
    /// Full text search, in the text of the documents one may read.
    SearchText,
    /// What somebody else sees, and why; asked by the patient or a médecin traitant.
    Explain(Box<Actor>),
    /// *Voir comme*: what somebody else sees, cut to what the asker may know.
    VoirComme(Box<Actor>),
    /// The whole record with bytes and journal.
    Export,
    /// Cases: reviews of bris de glace, and accesses the patient reported.
    Cases,
    /// What was chosen, and how it was collected.
    Choices,
}

/// How a query points to a submission set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetRef {
    /// By uniqueId.
    UniqueId(DocumentUid),
    /// By entryUUID.
    Entry(EntryUuid),
}

/// TD0.2: what any actor of the matrix is told of a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusView {
    /// Identity as the dossier holds it. Software must not show traits from here (RG_0320).
    pub identity: Identity,
    /// True when active.
    pub active: bool,
    /// Closing date, reason and text.
    pub closed: Option<(Time, ClosureReason, Option<String>)>,
    /// Authorisation of the asker.
    pub authorisation: Authorisation,
    /// The asker is médecin traitant.
    pub medecin_traitant: bool,
    /// Emergency switches.
    pub emergency: Emergency,
    /// The patient has an access by internet.
    pub web_access: bool,
}

/// TD1.3a.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdministrativeView {
    /// Identity.
    pub identity: Identity,
    /// Who acts for the patient, in force.
    pub representatives: Vec<Representative>,
    /// Emergency switches.
    pub emergency: Emergency,
    /// True when active.
    pub active: bool,
    /// How to reach the patient.
    pub contact: Contact,
    /// Where the one-time codes of the patient's access by internet go, when they have one.
    pub web_access: Option<Vec<OtpChannel>>,
}

/// TD1.6 and the patient's *qui peut voir quoi*.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RightsView {
    /// Grants with their labels.
    pub grants: Vec<(Grant, Option<GranteeLabel>)>,
    /// Care teams in force or withdrawn.
    pub initial_consents: Vec<InitialConsent>,
    /// How those consents were collected, by their identity.
    pub team_proofs: Vec<(Uuid, ConsentProof)>,
    /// Emergency switches.
    pub emergency: Emergency,
    /// Default confidentiality.
    pub default_confidentiality: crate::document::Visibility,
}

/// A document as an actor sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenDocument {
    /// Row number, for the journal and the contents.
    pub row: u32,
    /// Its metadata.
    pub entry: Arc<DocumentEntry>,
    /// uniqueId of the document it replaces, when the actor may see that one.
    pub replaces: Option<Arc<DocumentEntry>>,
}

/// A lot as an actor sees it: hidden members are absent, a lot without visible member too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenSet {
    /// The lot.
    pub set: Arc<SubmissionSet>,
    /// Its visible associations.
    pub associations: Vec<Association>,
    /// Its visible members.
    pub members: Vec<SeenDocument>,
    /// Approved, or Archived when all its members are.
    pub status: Availability,
}

/// Which lines of the journal an actor reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalScope {
    /// What was asked for.
    pub filter: JournalFilter,
    /// Only his own lines, with the identifier they carry, no older than this, and at most this many.
    pub own: Option<(String, Time, usize)>,
    /// Leave out secret sessions (representatives).
    pub hide_secret: bool,
}

/// One line of an explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Permitted or not.
    pub permitted: bool,
    /// The rules behind it, the deciding one last.
    pub rules: Vec<&'static Rule>,
}

/// Why somebody sees what he sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Search as a whole.
    pub search: Verdict,
    /// Each document the asker may know of, and whether the other reads it.
    pub documents: Vec<(SeenDocument, Verdict)>,
}

/// What comes back.
#[derive(Debug, Clone, PartialEq)]
pub enum View {
    /// TD0.2.
    Status(Box<StatusView>),
    /// TD1.3a.
    Administrative(Box<AdministrativeView>),
    /// TD1.6.
    Rights(Box<RightsView>),
    /// Documents, oldest first.
    Documents(Vec<SeenDocument>),
    /// Documents whose bytes (or text) may be unsealed.
    Contents(Vec<SeenDocument>),
    /// Lots, oldest first.
    Sets(Vec<SeenSet>),
    /// Associations.
    Associations(Vec<Association>),
    /// Journal lines that may be read.
    Journal(JournalScope),
    /// Explanation.
    Explanation(Box<Explanation>),
    /// Everything: documents with bytes, and the journal.
    Export(Vec<SeenDocument>, JournalScope),
    /// Cases, oldest first.
    Cases(Vec<Case>),
    /// Choices.
    Choices(Box<ChoicesView>),
}
