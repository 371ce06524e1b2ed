//! What changed: the fact the journal carries, and the erasable rest that goes to sealed rows.
//!
//! A [`Fact`] holds identifiers, statuses and times only. Titles, traits, comments and free text live in the
//! rows the change writes ([`Change::rows`]), so that they can be erased while the journal stays whole.

use crate::actor::{Channel, PsId};
use crate::choices::{Choice, Notices};
use crate::code::{EntryUuid, Lid};
use crate::document::{Availability, DocumentEntry, SubmissionSet, Visibility};
use crate::identity::{Identity, Representative};
use crate::rights::{Emergency, Grantee, Rights, RightsFact};
use crate::time::Time;
use crate::watching::{Case, CaseAnswer, CaseKind, CaseOutcome};
use crate::web_access::{OtpAction, WebAccess};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why a dossier was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ClosureReason {
    /// `FERMETURE_DEMANDE_PATIENT`.
    PatientRequest,
    /// Death; the official code is not known, ours is marked provisional in the nomenclature.
    Death,
}

impl ClosureReason {
    /// The code of `detectedIssueEvent` (TD1.4).
    pub fn as_str(self) -> &'static str {
        match self {
            ClosureReason::PatientRequest => "FERMETURE_DEMANDE_PATIENT",
            ClosureReason::Death => "FERMETURE_DECES",
        }
    }

    /// Reads the code.
    pub fn parse(code: &str) -> Option<Self> {
        [ClosureReason::PatientRequest, ClosureReason::Death].into_iter().find(|r| r.as_str() == code)
    }
}

/// Where a dossier is in its life (none, active, closed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Life {
    /// Never opened.
    #[default]
    None,
    /// Open: feeding and reading are possible.
    Active {
        /// Opened, or reactivated, at.
        since: Time,
    },
    /// Closed: archived ten years (L.1111-18 CSP), read by no one through any normal route.
    Closed {
        /// When.
        at: Time,
        /// Why.
        reason: ClosureReason,
    },
}

/// What the journal carries of a change: identifiers, statuses, times. Folding the facts of a dossier rebuilds
/// its [`Fold`] exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fact {
    /// Opened through a channel.
    Opened {
        /// Where.
        channel: Channel,
    },
    /// Closed.
    Closed {
        /// Why.
        reason: ClosureReason,
    },
    /// Open again.
    Reactivated,
    /// A copy was asked for.
    CopyRequested,
    /// Destruction was asked for.
    DestructionRequested,
    /// Traits, contact or date of death updated; the values are in the state row.
    IdentityUpdated,
    /// The INS changed; the values are in the state row.
    InsChanged,
    /// A representative was added, by position.
    RepresentativeAdded {
        /// Position in the list of representatives.
        index: u32,
    },
    /// A representative's role ended.
    RepresentativeEnded {
        /// Position in the list of representatives.
        index: u32,
    },
    /// Rights.
    Rights(RightsFact),
    /// A version of a document's metadata was registered.
    DocumentRegistered {
        /// Row it was written to.
        row: u32,
        /// This version.
        entry_uuid: EntryUuid,
        /// The document.
        lid: Lid,
        /// Version number.
        version: u32,
        /// Visibility.
        visibility: Visibility,
        /// End of the announcement delay, if any.
        release_at: Option<Time>,
    },
    /// The status of a version of metadata changed.
    StatusChanged {
        /// Its row.
        row: u32,
        /// This version.
        entry_uuid: EntryUuid,
        /// New status.
        status: Availability,
    },
    /// A submission set was registered.
    SetRegistered {
        /// Row it was written to.
        row: u32,
        /// Its identity.
        entry_uuid: EntryUuid,
    },
    // The journal keeps the place of a fact in this list: new ones come at its end.
    /// The patient's access by internet was opened; login, secret and channel are in the state row.
    WebAccessOpened,
    /// Its login and secret were renewed.
    WebAccessRenewed,
    /// A channel of its one-time codes was added, changed or removed.
    OtpChannelChanged {
        /// Which.
        action: OtpAction,
    },
    /// A professional opened the dossier for the first time.
    Visited {
        /// Who.
        who: PsId,
    },
    /// A case was opened; who, when and why are in the state row.
    CaseOpened {
        /// Its identity.
        id: Uuid,
        /// By what.
        kind: CaseKind,
    },
    /// A case was answered; the answer is in the state row.
    CaseAnswered {
        /// Its identity.
        id: Uuid,
        /// What was concluded.
        outcome: CaseOutcome,
    },
    /// Choices were recorded; they are in the state row.
    ChoicesRecorded,
    /// What the patient is told of.
    NoticesSet(Notices),
    /// The person refused a dossier.
    OpeningRefused {
        /// Where.
        channel: Channel,
    },
}

/// A row of a dossier that a change writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RowRef {
    /// The sealed state: identity, rights, texts.
    State,
    /// A row of `entry`, by number.
    Entry(u32),
}

/// A label kept beside a grant for people to read: name, profession, place. Erasable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GranteeLabel {
    /// Who.
    pub who: Grantee,
    /// Name of the person or structure.
    pub name: String,
    /// Profession code, when known.
    pub profession: Option<String>,
    /// Speciality code, when known.
    pub speciality: Option<String>,
}

/// How a consent was collected. Kept word for word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentProof {
    /// Who collected it: name or identifier of the person or service.
    pub collected_by: String,
    /// By what means: spoken, written, web form…
    pub means: String,
    /// When.
    pub at: Time,
    /// What the patient was told: version of the information text.
    pub information: Option<String>,
}

/// What a change writes besides its fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// Nothing.
    None,
    /// The whole identity, new.
    Identity(Box<Identity>),
    /// Identity and proof of consent at the opening.
    Opening(Box<Identity>, ConsentProof),
    /// A free text given at closing.
    ClosureText(String),
    /// Proof of the consent to reopen.
    Proof(ConsentProof),
    /// A representative.
    Representative(Box<Representative>),
    /// Label of the grantee of a rights fact.
    Label(GranteeLabel),
    /// Proof of an initial consent.
    TeamProof(Uuid, ConsentProof),
    /// A version of metadata.
    Document(Box<DocumentEntry>),
    /// A submission set.
    Set(Box<SubmissionSet>),
    /// The access by internet, new.
    WebAccess(Box<WebAccess>),
    /// A case.
    Case(Box<Case>),
    /// The answer to a case.
    CaseAnswer(Uuid, Box<CaseAnswer>),
    /// Choices.
    Choices(Vec<Choice>),
}

/// One change: its fact, when, and what it writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What the journal carries.
    pub fact: Fact,
    /// When.
    pub at: Time,
    /// The erasable rest.
    pub payload: Payload,
}

impl Change {
    /// A change that writes nothing but its fact.
    pub fn bare(fact: Fact, at: Time) -> Self {
        Change { fact, at, payload: Payload::None }
    }

    /// The row this change writes.
    pub fn row(&self) -> RowRef {
        match self.fact {
            Fact::DocumentRegistered { row, .. }
            | Fact::StatusChanged { row, .. }
            | Fact::SetRegistered { row, .. } => RowRef::Entry(row),
            _ => RowRef::State,
        }
    }
}

/// What the journal alone tells of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoldedEntry {
    /// This version.
    pub entry_uuid: EntryUuid,
    /// The document; `None` for a submission set.
    pub document: Option<FoldedDocument>,
}

/// What the journal alone tells of a version of metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoldedDocument {
    /// The document.
    pub lid: Lid,
    /// Version number.
    pub version: u32,
    /// Status.
    pub status: Availability,
    /// Visibility.
    pub visibility: Visibility,
    /// End of the announcement delay.
    pub release_at: Option<Time>,
}

/// What the journal alone tells of a dossier: statuses and rights. `verify` compares it with the stored rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fold {
    /// Life.
    pub life: Life,
    /// Rights.
    pub rights: Rights,
    /// Representatives: ended or not, by position.
    pub representatives_ended: Vec<bool>,
    /// Rows of `entry`, by number.
    pub entries: Vec<FoldedEntry>,
}

impl Life {
    /// Applies a fact.
    pub fn apply(&mut self, fact: &Fact, at: Time) {
        match fact {
            Fact::Opened { .. } | Fact::Reactivated => *self = Life::Active { since: at },
            Fact::Closed { reason } => *self = Life::Closed { at, reason: *reason },
            _ => {}
        }
    }
}

impl Fold {
    /// Applies a fact of the journal. A fact that names a row out of order is ignored: `verify` then finds the
    /// difference.
    pub fn apply(&mut self, fact: &Fact, at: Time) {
        self.life.apply(fact, at);
        match fact {
            Fact::Rights(rights) => self.rights.apply(rights, at),
            Fact::RepresentativeAdded { .. } => self.representatives_ended.push(false),
            Fact::RepresentativeEnded { index } => {
                if let Some(ended) = self.representatives_ended.get_mut(*index as usize) {
                    *ended = true;
                }
            }
            Fact::DocumentRegistered { row, entry_uuid, lid, version, visibility, release_at } => {
                if *row as usize == self.entries.len() {
                    self.entries.push(FoldedEntry {
                        entry_uuid: *entry_uuid,
                        document: Some(FoldedDocument {
                            lid: *lid,
                            version: *version,
                            status: Availability::Approved,
                            visibility: *visibility,
                            release_at: *release_at,
                        }),
                    });
                }
            }
            Fact::StatusChanged { row, entry_uuid, status } => {
                if let Some(entry) = self.entries.get_mut(*row as usize)
                    && entry.entry_uuid == *entry_uuid
                    && let Some(document) = &mut entry.document
                {
                    document.status = *status;
                }
            }
            Fact::SetRegistered { row, entry_uuid } => {
                if *row as usize == self.entries.len() {
                    self.entries.push(FoldedEntry { entry_uuid: *entry_uuid, document: None });
                }
            }
            Fact::Opened { .. }
            | Fact::Closed { .. }
            | Fact::Reactivated
            | Fact::CopyRequested
            | Fact::DestructionRequested
            | Fact::IdentityUpdated
            | Fact::InsChanged
            | Fact::WebAccessOpened
            | Fact::WebAccessRenewed
            | Fact::OtpChannelChanged { .. }
            | Fact::Visited { .. }
            | Fact::CaseOpened { .. }
            | Fact::CaseAnswered { .. }
            | Fact::ChoicesRecorded
            | Fact::NoticesSet(_)
            | Fact::OpeningRefused { .. } => {}
        }
    }
}

/// The emergency switches said as facts at the opening.
pub(crate) fn emergency_fact(emergency: Emergency) -> Fact {
    Fact::Rights(RightsFact::EmergencySet(emergency))
}
