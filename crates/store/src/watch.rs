//! Watching over use, across dossiers: the cases of a référent's structure, notices to send, quotas lifted for an hour.

use crate::api::StoreError;
use crate::error::failed_because;
use crate::store::Store;
use dmp_dossier::{Actor, Case, Contact, DossierId, Identity, Notices, OtpChannel, Time};
use uuid::Uuid;

/// A case of a référent's structure, decided and traced on its dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferredCase {
    /// The dossier, as the target of the answer.
    pub dossier: DossierId,
    /// Who the patient is: the référent has to ask their people about somebody.
    pub identity: Identity,
    /// The case.
    pub case: Case,
}

/// What is to be told to a patient, or to who acts for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeKind {
    /// A professional opened the dossier for the first time.
    FirstAccess,
    /// An access in emergency.
    Emergency,
    /// Any access, for who asked for each.
    Access,
    /// A case was answered.
    CaseAnswered,
}

/// A notice to send.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Its identity: sent once.
    pub id: Uuid,
    /// The dossier it is about.
    pub dossier: DossierId,
    /// What happened.
    pub kind: NoticeKind,
    /// When.
    pub at: Time,
    /// Done in a *connexion secrète*: nothing of it goes to representatives.
    pub secret: bool,
}

/// To whom a notice goes.
#[derive(Debug, Clone)]
pub struct Addressee {
    /// How to reach the patient; none for a minor, whose representatives are told.
    pub contact: Option<Contact>,
    /// Channels of the patient's access by internet.
    pub channels: Vec<OtpChannel>,
    /// How to reach who acts for the patient, in force.
    pub representatives: Vec<Contact>,
    /// What the patient wants.
    pub notices: Notices,
}

impl Store {
    /// Every case of the structure of a référent, the soonest due first; answered ones of the last 90 days after. Each is
    /// decided on its dossier, and the list journalled in it.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for anybody else.
    pub async fn cases(&self, _referent: &Actor, _request: Uuid) -> Result<Vec<ReferredCase>, StoreError> {
        Err(failed_because("cases", "not written yet"))
    }

    /// Notices not sent yet, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn notices(&self, _limit: usize) -> Result<Vec<Notice>, StoreError> {
        Err(failed_because("notices", "not written yet"))
    }

    /// To whom a notice goes: read as the system, for this purpose alone.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn addressee(&self, _notice: &Notice) -> Result<Option<Addressee>, StoreError> {
        Err(failed_because("notices", "not written yet"))
    }

    /// A notice was sent, or has nobody to go to.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn noticed(&self, _notice: &Notice) -> Result<(), StoreError> {
        Err(failed_because("notices", "not written yet"))
    }

    /// Lifts the quotas of a person for an hour, by somebody else of the same structure. The lift is kept
    /// ([`crate::Shelf::Lift`], by structure).
    ///
    /// # Errors
    /// [`StoreError::Refused`]: the same person, another structure, or nobody who may.
    pub async fn lift_quota(&self, _by: &Actor, _of: &str, _reason: &str) -> Result<Time, StoreError> {
        Err(failed_because("quota", "not written yet"))
    }
}
