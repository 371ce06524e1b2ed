//! The dossier itself: the state of one patient's record, and how a change applies to it.

use crate::actor::{Channel, PsId};
use crate::change::{
    Change, ConsentProof, Fact, Fold, FoldedDocument, FoldedEntry, GranteeLabel, Life, Payload, RowRef,
};
use crate::choices::{Choice, Notices};
use crate::code::{DocumentUid, DossierId, EntryUuid, Lid};
use crate::document::{Association, Availability, DocumentEntry, DocumentRef, SubmissionSet};
use crate::identity::{Identity, Representative};
use crate::rights::{Grantee, Rights};
use crate::time::Time;
use crate::watching::{Case, CaseAnswer};
use crate::web_access::WebAccess;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// The sealed state of a dossier, all but its entries.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct State {
    /// Where it is in its life.
    pub life: Life,
    /// Who the patient is; `None` before the opening.
    pub identity: Option<Identity>,
    /// Where it was opened.
    pub channel: Option<Channel>,
    /// When it was first opened.
    pub opened_at: Option<Time>,
    /// Free text given at closing.
    pub closure_text: Option<String>,
    /// Who may reach it.
    pub rights: Rights,
    /// Who acts for the patient; ended ones stay.
    pub representatives: Vec<Representative>,
    /// Labels of grantees, for people to read.
    pub labels: Vec<GranteeLabel>,
    /// Proofs of the consents to open and reopen.
    pub proofs: Vec<ConsentProof>,
    /// Proofs of the initial consents, by their identity.
    pub team_proofs: Vec<(Uuid, ConsentProof)>,
    /// Last time a copy was asked for.
    pub copy_requested: Option<Time>,
    /// Last time destruction was asked for.
    pub destruction_requested: Option<Time>,
    /// The patient's access by internet.
    pub web_access: Option<WebAccess>,
    /// Logins it had before: a login serves once.
    pub former_logins: Vec<String>,
    /// Professionals who opened the dossier, and when for the first time; secret sessions are not among them.
    pub visitors: Vec<(PsId, Time)>,
    /// Cases, oldest first.
    pub cases: Vec<Case>,
    /// Choices, oldest first.
    pub choices: Vec<Choice>,
    /// What the patient is told of.
    pub notices: Notices,
    /// The person refused a dossier, there.
    pub opening_refused: Option<(Time, Channel)>,
}

/// A row of `entry`: a version of metadata, or a submission set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Row {
    /// A version of a document's metadata.
    Document(Arc<DocumentEntry>),
    /// A submission set with its associations.
    Set(Arc<SubmissionSet>),
}

/// The record of one patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dossier {
    /// Identity for life.
    pub id: DossierId,
    /// Number of changes committed; 0 before the opening.
    pub version: u64,
    /// All but the entries.
    pub state: Arc<State>,
    /// Rows of `entry`, by number.
    pub rows: Vec<Row>,
}

impl Dossier {
    /// A dossier not yet opened.
    pub fn unopened(id: DossierId) -> Self {
        Dossier { id, version: 0, state: Arc::default(), rows: Vec::new() }
    }

    /// Nobody's dossier: what is decided on it depends on the actor alone.
    pub fn nobody() -> Self {
        Dossier::unopened(DossierId(Uuid::nil()))
    }

    /// Every login the patient's access has, or had.
    pub fn logins(&self) -> impl Iterator<Item = &str> {
        let today = self.state.web_access.as_ref().map(|access| access.login.as_str());
        today.into_iter().chain(self.state.former_logins.iter().map(String::as_str))
    }

    /// Applies a change. Total: a change that was recorded is a fact, and applying it never fails.
    pub fn apply(&mut self, change: &Change) {
        if change.row() == RowRef::State {
            self.apply_to_state(change);
            return;
        }
        match (&change.fact, &change.payload) {
            (Fact::DocumentRegistered { row, .. }, Payload::Document(entry)) => {
                self.put(*row, Row::Document(Arc::new(DocumentEntry::clone(entry))));
            }
            (Fact::SetRegistered { row, .. }, Payload::Set(set)) => {
                self.put(*row, Row::Set(Arc::new(SubmissionSet::clone(set))));
            }
            (Fact::StatusChanged { row, status, .. }, _) => {
                if let Some(Row::Document(entry)) = self.rows.get_mut(*row as usize) {
                    Arc::make_mut(entry).status = *status;
                }
            }
            _ => {}
        }
    }

    fn put(&mut self, number: u32, row: Row) {
        let index = number as usize;
        if index == self.rows.len() {
            self.rows.push(row);
        } else if let Some(place) = self.rows.get_mut(index) {
            *place = row;
        }
    }

    fn apply_to_state(&mut self, change: &Change) {
        let state = Arc::make_mut(&mut self.state);
        let at = change.at;
        state.life.apply(&change.fact, at);
        match &change.fact {
            Fact::Opened { channel } => {
                state.channel = Some(*channel);
                state.opened_at = Some(at);
                state.opening_refused = None;
            }
            Fact::Visited { who } => state.visitors.push((who.clone(), at)),
            Fact::NoticesSet(notices) => state.notices = *notices,
            Fact::OpeningRefused { channel } => state.opening_refused = Some((at, *channel)),
            Fact::Rights(fact) => state.rights.apply(fact, at),
            Fact::CopyRequested => state.copy_requested = Some(at),
            Fact::DestructionRequested => state.destruction_requested = Some(at),
            Fact::Reactivated => state.closure_text = None,
            Fact::RepresentativeEnded { index } => {
                if let Some(representative) = state.representatives.get_mut(*index as usize) {
                    representative.until = Some(at);
                }
            }
            _ => {}
        }
        match &change.payload {
            Payload::Identity(identity) => state.identity = Some(Identity::clone(identity)),
            Payload::Opening(identity, proof) => {
                state.identity = Some(Identity::clone(identity));
                state.proofs.push(proof.clone());
            }
            Payload::ClosureText(text) => state.closure_text = Some(text.clone()),
            Payload::Proof(proof) => state.proofs.push(proof.clone()),
            Payload::Representative(representative) => {
                state.representatives.push(Representative::clone(representative));
            }
            Payload::Label(label) => {
                state.labels.retain(|l| l.who != label.who);
                state.labels.push(label.clone());
            }
            Payload::TeamProof(id, proof) => state.team_proofs.push((*id, proof.clone())),
            Payload::WebAccess(access) => {
                let former = state.web_access.replace(WebAccess::clone(access));
                let login = former.map(|former| former.login).filter(|login| *login != access.login);
                state.former_logins.extend(login);
            }
            Payload::Case(case) => state.cases.push(Case::clone(case)),
            Payload::CaseAnswer(id, answer) => {
                if let Some(case) = state.cases.iter_mut().find(|case| case.id == *id) {
                    case.answer = Some(CaseAnswer::clone(answer));
                }
            }
            Payload::Choices(choices) => state.choices.extend(choices.iter().cloned()),
            Payload::None | Payload::Document(_) | Payload::Set(_) => {}
        }
    }

    /// What the stored rows tell, to be compared with the fold of the journal.
    pub fn fold(&self) -> Fold {
        Fold {
            life: self.state.life,
            rights: self.state.rights.clone(),
            representatives_ended: self.state.representatives.iter().map(|r| r.until.is_some()).collect(),
            entries: self
                .rows
                .iter()
                .map(|row| match row {
                    Row::Document(e) => FoldedEntry {
                        entry_uuid: e.entry_uuid,
                        document: Some(FoldedDocument {
                            lid: e.lid,
                            version: e.version,
                            status: e.status,
                            visibility: e.visibility,
                            release_at: e.release_at,
                        }),
                    },
                    Row::Set(s) => FoldedEntry { entry_uuid: s.entry_uuid, document: None },
                })
                .collect(),
        }
    }

    /// Every version of metadata with its row number, oldest first.
    pub fn versions(&self) -> impl DoubleEndedIterator<Item = (u32, &Arc<DocumentEntry>)> {
        self.rows.iter().enumerate().filter_map(|(number, row)| match row {
            Row::Document(entry) => Some((row_number(number), entry)),
            Row::Set(_) => None,
        })
    }

    /// The latest version of the metadata of each document, oldest document first.
    pub fn documents(&self) -> impl Iterator<Item = (u32, &Arc<DocumentEntry>)> {
        self.versions().filter(|(_, entry)| self.is_latest(entry))
    }

    /// True when no later version of this document's metadata exists.
    pub fn is_latest(&self, entry: &DocumentEntry) -> bool {
        entry.status != Availability::Deprecated
            || self.latest(entry.lid).is_none_or(|(_, latest)| latest.version == entry.version)
    }

    /// The latest version of a document.
    pub fn latest(&self, lid: Lid) -> Option<(u32, &Arc<DocumentEntry>)> {
        self.versions().rev().find(|(_, entry)| entry.lid == lid)
    }

    /// The version a reference points to: the latest one by uniqueId or lid, that very one by entryUUID.
    pub fn find(&self, reference: &DocumentRef) -> Option<(u32, &Arc<DocumentEntry>)> {
        self.versions().rev().find(|(_, entry)| entry.is_pointed_by(reference))
    }

    /// The latest version of the document with this uniqueId.
    pub fn by_unique_id(&self, unique_id: &DocumentUid) -> Option<(u32, &Arc<DocumentEntry>)> {
        self.versions().rev().find(|(_, entry)| entry.metadata.unique_id == *unique_id)
    }

    /// The entry with this entryUUID.
    pub fn by_entry_uuid(&self, uuid: EntryUuid) -> Option<(u32, &Arc<DocumentEntry>)> {
        self.find(&DocumentRef::Entry(uuid))
    }

    /// The latest version of the document that this one replaced.
    pub fn replaced(&self, entry: &DocumentEntry) -> Option<(u32, &Arc<DocumentEntry>)> {
        entry.replaces.and_then(|uuid| self.by_entry_uuid(uuid)).and_then(|(_, old)| self.latest(old.lid))
    }

    /// The latest version of the document that replaced this one; `None` for a former version of the metadata.
    pub fn successor(&self, entry: &DocumentEntry) -> Option<&Arc<DocumentEntry>> {
        if entry.status != Availability::Deprecated || !self.is_latest(entry) {
            return None;
        }
        let new = self.versions().find(|(_, new)| {
            new.replaces
                .and_then(|uuid| self.by_entry_uuid(uuid))
                .is_some_and(|(_, old)| old.lid == entry.lid)
        })?;
        self.latest(new.1.lid).map(|(_, latest)| latest)
    }

    /// Every submission set with its row number, oldest first.
    pub fn sets(&self) -> impl DoubleEndedIterator<Item = (u32, &Arc<SubmissionSet>)> {
        self.rows.iter().enumerate().filter_map(|(number, row)| match row {
            Row::Set(set) => Some((row_number(number), set)),
            Row::Document(_) => None,
        })
    }

    /// Every association, oldest first.
    pub fn associations(&self) -> impl Iterator<Item = &Association> {
        self.sets().flat_map(|(_, set)| &set.associations)
    }

    /// The number the next row will have.
    pub fn next_row(&self) -> u32 {
        row_number(self.rows.len())
    }

    /// Who the patient is, once opened.
    pub fn identity(&self) -> Option<&Identity> {
        self.state.identity.as_ref()
    }

    /// The label of a grantee.
    pub fn label(&self, who: &Grantee) -> Option<&GranteeLabel> {
        self.state.labels.iter().find(|l| l.who == *who)
    }
}

fn row_number(index: usize) -> u32 {
    u32::try_from(index).expect("a dossier holds fewer than 2^32 rows: lot limits and quotas see to it")
}
