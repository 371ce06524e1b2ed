//! Watching over use, across dossiers: the cases of a référent's structure, and notices to send.

use crate::api::StoreError;
use crate::cases;
use crate::engine::NoticeRow;
use crate::outbox;
use crate::store::{Inner, Store};
use dmp_dossier::{
    Actor, Case, Contact, DossierId, Identity, Notices, OtpChannel, Relation, Representative, Time,
};
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

/// What is to be told to a patient, or to who acts for them. The numbers are stored: they never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum NoticeKind {
    /// A professional opened the dossier for the first time.
    FirstAccess = 1,
    /// An access in emergency.
    Emergency = 2,
    /// Any access, for who asked for each.
    Access = 3,
    /// A case was answered.
    CaseAnswered = 4,
}

impl NoticeKind {
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        use NoticeKind as N;
        [N::FirstAccess, N::Emergency, N::Access, N::CaseAnswered]
            .into_iter()
            .find(|kind| *kind as u8 == number)
    }
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
    /// Channels of the patient's access by internet; none for a minor, whose parents may have given theirs.
    pub channels: Vec<OtpChannel>,
    /// How to reach who acts for the patient, in force; nobody for what was done in a *connexion secrète*.
    pub representatives: Vec<Contact>,
    /// What the patient wants.
    pub notices: Notices,
}

impl Inner {
    async fn open_notice(&self, row: &NoticeRow) -> Result<Option<Notice>, StoreError> {
        let Some(loaded) = self.load(row.dossier).await? else {
            return Ok(None);
        };
        let (kind, secret) = outbox::open(&loaded.keys, row)?;
        let (id, at) = (Uuid::from_bytes(row.id), Time::from_millis(row.at_ms));
        Ok(Some(Notice { id, dossier: row.dossier, kind, at, secret }))
    }
}

impl Store {
    /// Every case of the structure of a référent, the soonest due first; answered ones of the last 90 days after. Each is
    /// decided on its dossier, and the list journalled in it.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for anybody else.
    pub async fn cases(&self, referent: &Actor, request: Uuid) -> Result<Vec<ReferredCase>, StoreError> {
        cases::of_structure(self.inner(), referent, request).await
    }

    /// Notices not sent yet, oldest first. One that does not open is left where it is, for `verify` to find.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn notices(&self, limit: usize) -> Result<Vec<Notice>, StoreError> {
        let inner = self.inner();
        let rows = inner.engine.notices(u32::try_from(limit).unwrap_or(u32::MAX)).await?;
        let mut notices = Vec::with_capacity(rows.len());
        for row in rows {
            match inner.open_notice(&row).await {
                Ok(notice) => notices.extend(notice),
                Err(error) => tracing::error!(%error, "a notice does not open"),
            }
        }
        Ok(notices)
    }

    /// To whom a notice goes: read as the system, for this purpose alone. It leaves no line of its own: what it tells of
    /// has one.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn addressee(&self, notice: &Notice) -> Result<Option<Addressee>, StoreError> {
        let inner = self.inner();
        let Some(loaded) = inner.load(notice.dossier).await? else {
            return Ok(None);
        };
        let dossier = loaded.dossier();
        let Some(identity) = dossier.identity() else {
            return Ok(None);
        };
        let at = inner.ambient.now();
        let minor = identity.is_minor(inner.parameters.majority_age_years, at);
        let acts = |representative: &&Representative| {
            representative.until.is_none_or(|until| at < until)
                && (minor || representative.relation == Relation::Guardian)
        };
        let state = &dossier.state;
        let channels = state.web_access.as_ref().map(|access| access.channels.clone());
        let representatives = state.representatives.iter().filter(acts).map(|r| r.contact.clone());
        Ok(Some(Addressee {
            contact: (!minor).then(|| identity.contact.clone()),
            channels: channels.filter(|_| !minor).unwrap_or_default(),
            representatives: representatives.filter(|_| !notice.secret).collect(),
            notices: state.notices,
        }))
    }

    /// A notice was sent, or has nobody to go to.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn noticed(&self, notice: &Notice) -> Result<(), StoreError> {
        self.inner().engine.noticed(notice.at.millis(), notice.id.into_bytes()).await
    }
}
