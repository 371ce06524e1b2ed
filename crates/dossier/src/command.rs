//! What can be asked of a dossier that changes it.

use crate::actor::{Channel, PsId, StructureId};
use crate::change::{ClosureReason, ConsentProof, GranteeLabel};
use crate::choices::{Choice, Notices};
use crate::code::EntryUuid;
use crate::document::{
    Availability, DeclaredPatient, DocumentMetadata, DocumentRef, SubmissionSetMetadata, Visibility,
};
use crate::identity::{Contact, Ins, Representative, Traits};
use crate::rights::{Emergency, Grant, Grantee};
use crate::time::Time;
use crate::watching::{AnswerCase, ReportAccess};
use crate::web_access::{OtpAction, OtpChannel, WebAccessDraft};
use uuid::Uuid;

/// Opens a dossier (TD1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// INS of the patient.
    pub ins: Ins,
    /// Traits.
    pub traits: Traits,
    /// How to reach the patient.
    pub contact: Contact,
    /// Who acts for a minor or a protected adult.
    pub representatives: Vec<Representative>,
    /// The patient's consent; without one nothing opens.
    pub consent: Option<ConsentProof>,
    /// Where.
    pub channel: Channel,
    /// Oppositions and masked documents in an emergency.
    pub emergency: Emergency,
}

/// Authorises somebody, by the patient or by a professional for himself (TD0.3 AJOUT).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorise {
    /// Who.
    pub who: Grantee,
    /// What people read of them.
    pub label: Option<GranteeLabel>,
    /// End wished; the lifetime of an authorisation is the longest.
    pub until: Option<Time>,
    /// Also médecin traitant. Without it the role of who holds it ends, and the plain authorisation stays.
    pub medecin_traitant: bool,
    /// Profession of the person named, when the asker knows it: only a doctor (`10`) may be médecin traitant.
    pub profession: Option<String>,
}

/// A document of a lot, before the registry takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentDraft {
    /// What the producer tells.
    pub metadata: DocumentMetadata,
    /// The patient as the document's own header names them; `None` when the format names none.
    pub declared: Option<DeclaredPatient>,
    /// Visibility asked.
    pub visibility: Visibility,
    /// End wished of the announcement delay, when hidden from the patient.
    pub release_at: Option<Time>,
    /// The document it replaces (RPLC, `relatesTo.replaces`).
    pub replaces: Option<DocumentRef>,
}

/// Deposits a lot (TD2.1, ITI-41, ITI-65).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    /// The lot.
    pub set: SubmissionSetMetadata,
    /// Its documents, at least one.
    pub documents: Vec<DocumentDraft>,
    /// A signature of the lot comes with it (XAdES, spec 5.5), verified by the face: its bytes are kept, listed by
    /// nobody.
    pub signature: bool,
    /// INS named by the metadata of each object (DocumentEntry.patientId…); all must be the patient's.
    pub patient_ids: Vec<Ins>,
}

/// Changes the visibility of a document (TD3.3a, TD3.3b; ITI-57, PATCH `securityLabel`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeVisibility {
    /// Which document.
    pub document: DocumentRef,
    /// The visibility it must have.
    pub to: Visibility,
    /// Version the change started from (ITI-57 `PreviousVersion`, `If-Match`), when given.
    pub from_version: Option<u32>,
}

/// Changes the status of a document (TD3.3c, TD3.3d).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeStatus {
    /// Which document.
    pub document: DocumentRef,
    /// The status it must have: Approved, Archived or Deleted.
    pub to: Availability,
    /// Version the change started from, when given.
    pub from_version: Option<u32>,
}

/// Something asked that changes a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// TD1.1.
    Open(Box<Open>),
    /// TD1.4.
    Close {
        /// Why.
        reason: ClosureReason,
        /// Free text.
        text: Option<String>,
        /// Date of death, with that reason.
        deceased: Option<Time>,
    },
    /// TD1.2.
    Reactivate {
        /// The patient's consent to reopen.
        consent: Option<ConsentProof>,
    },
    /// Asks for a copy.
    RequestCopy,
    /// Asks for destruction.
    RequestDestruction,
    /// TD1.3b: new traits and contact.
    UpdateIdentity {
        /// Traits.
        traits: Box<Traits>,
        /// How to reach the patient.
        contact: Contact,
    },
    /// The INS of the patient changed (NIA to NIR, correction); the former one stays in the history.
    ChangeIns {
        /// The new one.
        ins: Ins,
    },
    /// Adds a representative.
    AddRepresentative(Box<Representative>),
    /// Ends the role of a representative.
    EndRepresentative {
        /// Position in the list.
        index: usize,
    },
    /// Authorises.
    Authorise(Box<Authorise>),
    /// Ends an authorisation.
    EndAuthorisation {
        /// Of whom.
        who: Grantee,
    },
    /// Blocks.
    Block {
        /// Whom.
        who: Grantee,
        /// What people read of them.
        label: Option<GranteeLabel>,
    },
    /// Lifts a block.
    Unblock {
        /// Of whom.
        who: Grantee,
    },
    /// Ends a médecin traitant; the plain authorisation stays.
    EndMedecinTraitant {
        /// Whose.
        who: PsId,
    },
    /// Records the initial consent to a care team.
    RecordInitialConsent {
        /// The team.
        team: Vec<Grantee>,
        /// Who collected it, when, by what means, what was told.
        proof: ConsentProof,
    },
    /// Withdraws it.
    WithdrawInitialConsent {
        /// Its identity.
        id: Uuid,
    },
    /// Sets the three emergency switches.
    SetEmergency(Emergency),
    /// Sets the default confidentiality of future documents.
    SetDefaultConfidentiality(Visibility),
    /// TD2.1.
    Publish(Box<Publish>),
    /// TD3.3a, TD3.3b.
    ChangeVisibility(ChangeVisibility),
    /// TD3.3c, TD3.3d.
    ChangeStatus(ChangeStatus),
    /// Announcements whose delay is over become visible; by the system.
    ReleaseAnnouncements,
    /// TD1.5a: opens the patient's access by internet.
    OpenWebAccess(Box<WebAccessDraft>),
    /// TD1.5d: new login and secret.
    RenewWebAccess {
        /// Login drawn by the face.
        login: String,
        /// Secret drawn and derived by the face: a PHC string.
        secret_hash: String,
    },
    /// TD1.5b: changes where one-time codes go.
    ChangeOtpChannel {
        /// What is done.
        action: OtpAction,
        /// With which channel.
        channel: OtpChannel,
    },
    /// Reports an access as not normal.
    ReportAccess(Box<ReportAccess>),
    /// Answers a case.
    AnswerCase(Box<AnswerCase>),
    /// Keeps answers to questions that were asked.
    RecordChoices(Vec<Choice>),
    /// Sets what the patient is told of.
    SetNotices(Notices),
    /// Keeps that the person refused a dossier.
    RefuseOpening {
        /// Where.
        channel: Channel,
    },
}

/// What a command did, as far as its actor may know. A repeated request gets the first answer again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// A lot is in the registry.
    Published {
        /// Identity of the lot.
        set: EntryUuid,
        /// Its documents, in the order of the request.
        documents: Vec<std::sync::Arc<crate::document::DocumentEntry>>,
    },
    /// A document was updated; its latest version.
    Updated(std::sync::Arc<crate::document::DocumentEntry>),
    /// An initial consent.
    InitialConsent(Uuid),
    /// What the dossier holds about the person or structure that was authorised, blocked…
    Grant(Box<Grant>),
    /// Done.
    Done,
    /// Nothing changed: it was done already.
    AlreadyDone,
}

impl Receipt {
    /// The same, for a request that changed nothing.
    pub fn repeated(self) -> Self {
        match self {
            Receipt::Done => Receipt::AlreadyDone,
            other => other,
        }
    }
}

/// Names a structure an employee's declaration authorises.
pub(crate) fn structure(id: &StructureId) -> Grantee {
    Grantee::Structure(id.clone())
}
