//! One request on one dossier: what `execute` and `consult` share. Find, admit, trace, refuse.
//!
//! **Silence.** A target that does not exist is answered like one its actor may not know of: the same words, and about
//! the same work, sealing and a durable write included. Where the target is a document, every refusal that comes before
//! the document's visibility is told as "unknown document"; the journal keeps the true reason.

use crate::api::{StoreError, Target};
use crate::engine::{Commit, CommitError, Committed, IndexRow, NewLocator};
use crate::load::Loaded;
use crate::quota::{Admission, Exceeded, QUO_1, QuotaKeeper};
use crate::sealing::{DossierKeys, SealedRows};
use crate::store::Inner;
use dmp_dossier::access::{ACC_4, ACC_6, VIS_10};
use dmp_dossier::{
    Act, Actor, ActorTrace, App, AppPurpose, Change, Command, Decision, DocumentRef, DossierId, Fact,
    JournalEntry, Life, Mode, Moment, Reason, Refusal, RowRef, Time, act_of_command, decide, ids_needed,
};
use dmp_keys::Key;
use dmp_keys::digest::sha256;
use std::collections::BTreeSet;
use uuid::{Builder, Uuid};

/// How many times a request is decided again when its dossier moves, before it gives up: more than the clients that can
/// be in flight on one dossier.
const ATTEMPTS_MAX: u32 = 500;

/// Why a step did not end the request.
pub(crate) enum Stop {
    /// The dossier moved between the decision and its commit: decide again.
    Moved,
    /// The request ends here.
    Ends(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Stop::Ends(error)
    }
}

/// One request.
pub(crate) struct Request<'a> {
    pub(crate) store: &'a Inner,
    pub(crate) actor: &'a Actor,
    pub(crate) target: &'a Target,
    pub(crate) id: Uuid,
    /// What quotas counted, once they did.
    pub(crate) admission: Option<Admission>,
    attempts: u32,
}

/// A command's changes, applied: what must be written with its journal entry.
pub(crate) struct Written {
    pub(crate) rows: SealedRows,
    pub(crate) locators: Vec<NewLocator>,
    pub(crate) index: Vec<IndexRow>,
    /// Keys of a dossier that opens.
    pub(crate) keys: Option<(Vec<u8>, Vec<u8>)>,
}

impl<'a> Request<'a> {
    pub(crate) fn new(store: &'a Inner, actor: &'a Actor, target: &'a Target, id: Uuid) -> Self {
        Request { store, actor, target, id, admission: None, attempts: 0 }
    }

    /// Counts an attempt.
    pub(crate) fn attempt(&mut self) -> Result<(), StoreError> {
        self.attempts += 1;
        match self.attempts {
            0..=ATTEMPTS_MAX => Ok(()),
            _ => Err(crate::error::failed_because("head", "the dossier moves without end")),
        }
    }

    /// The dossier of the target, with the announcements that fell due released. Where all that is kept is that a dossier
    /// was refused, there is none: it is answered like a patient never heard of.
    pub(crate) async fn find(&mut self) -> Result<Option<Loaded>, StoreError> {
        let found = self.find_opened_or_refused().await?;
        Ok(found.filter(|loaded| loaded.dossier().state.life != Life::None))
    }

    /// As [`Self::find`], and also the place where a refusal of opening is kept.
    pub(crate) async fn find_opened_or_refused(&mut self) -> Result<Option<Loaded>, StoreError> {
        let Some(id) = self.store.locate(self.target).await? else {
            return Ok(None);
        };
        loop {
            let Some(loaded) = self.store.load(id).await? else {
                return Ok(None);
            };
            let at = self.store.ambient.now();
            if !loaded.may_have_due(at) {
                return Ok(Some(loaded));
            }
            match self.release_announcements(&loaded, at).await {
                Ok(true) => {}
                Ok(false) => return Ok(Some(loaded)),
                Err(Stop::Moved) => self.attempt()?,
                Err(Stop::Ends(error)) => return Err(error),
            }
        }
    }

    /// Makes visible what fell due, as the system; false when there was nothing, or the dossier is closed.
    async fn release_announcements(&self, loaded: &Loaded, at: Time) -> Result<bool, Stop> {
        let system = Actor::App(App { name: "dmp".to_owned(), purpose: AppPurpose::System });
        let ids = self.store.fresh(ids_needed(loaded.dossier(), &Command::ReleaseAnnouncements, at));
        let moment = self.store.moment(at, &ids);
        let decided = decide(loaded.dossier(), &system, &Command::ReleaseAnnouncements, &moment);
        let changes = match decided {
            Ok(changes) if !changes.is_empty() => changes,
            _ => return Ok(false),
        };
        let act = act_of_command(loaded.dossier(), &system, &Command::ReleaseAnnouncements);
        let by_system = Request::new(self.store, &system, self.target, self.id);
        let entry = by_system.entry(loaded, act, Decision::Permitted, Vec::new(), at);
        by_system.write(loaded, entry, changes, &[], None).await?;
        Ok(true)
    }

    /// Asks the quotas, once.
    ///
    /// # Errors
    /// The refusal of a quota, and the seconds to wait.
    pub(crate) async fn admit(
        &mut self,
        act: Act,
        dossier: Option<DossierId>,
        at: Time,
    ) -> Result<(), (Refusal, u32)> {
        if self.admission.is_none() {
            let ask = |quotas: &QuotaKeeper| quotas.admit(self.actor, act, dossier, at);
            let admission = self.store.ask_quotas(self.actor, at, ask).await.map_err(exhausted)?;
            self.admission = Some(admission);
        }
        Ok(())
    }

    /// Asks the quotas whether a professional may open this dossier for the first time.
    ///
    /// # Errors
    /// As [`Self::admit`].
    pub(crate) async fn admit_first(&self, dossier: DossierId, at: Time) -> Result<(), (Refusal, u32)> {
        let ask = |quotas: &QuotaKeeper| quotas.admit_first(self.actor, dossier, at);
        self.store.ask_quotas(self.actor, at, ask).await.map_err(exhausted)
    }

    /// Refusals that do not depend on any document, and come first where the target is one: told before or after the
    /// look-up, they say the same.
    pub(crate) fn refused_at_the_door(&self) -> Option<Refusal> {
        match (self.target, self.actor.mode()) {
            (Target::Document(_), Mode::BrisDeGlace { reason }) if reason.trim().is_empty() => {
                Some(Refusal::new(Reason::EmergencyReasonMissing, &ACC_4))
            }
            _ => None,
        }
    }

    /// A journal entry of this request, before what it writes.
    pub(crate) fn entry(
        &self,
        loaded: &Loaded,
        act: Act,
        decision: Decision,
        documents: Vec<u32>,
        at: Time,
    ) -> JournalEntry {
        JournalEntry {
            at,
            actor: ActorTrace::of(self.actor),
            act,
            decision,
            version: loaded.dossier().version,
            facts: Vec::new(),
            digests: Vec::new(),
            contents: Vec::new(),
            documents,
            note: None,
            request: self.id,
        }
    }

    /// Appends an entry, with what it writes.
    pub(crate) async fn append(
        &self,
        loaded: &Loaded,
        mut entry: JournalEntry,
        written: Option<Written>,
    ) -> Result<Committed, Stop> {
        let id = loaded.dossier().id;
        let expected = entry.version;
        let note = match self.actor.mode() {
            Mode::BrisDeGlace { reason } if !reason.trim().is_empty() => {
                let note = self.store.ambient.fresh();
                let sealed = loaded.keys.seal_note(id, note.as_bytes(), reason);
                entry.note = Some((note, sha256(&sealed)));
                Some((note.into_bytes(), sealed))
            }
            _ => None,
        };
        let mut commit = Commit {
            dossier: id,
            expected,
            entry: loaded.keys.seal_journal(id, self.store.ambient.fresh(), &entry),
            keys: None,
            state: None,
            rows: Vec::new(),
            locators: Vec::new(),
            index: Vec::new(),
            notices: self.store.notices(loaded, &entry),
            note,
        };
        let told = !commit.notices.is_empty();
        if let Some(written) = written {
            commit.keys = written.keys;
            commit.state = written.rows.state;
            commit.rows = written.rows.entries;
            commit.locators = written.locators;
            commit.index = written.index;
        }
        let outcome = self.store.engine.commit(commit).await;
        let said = match &outcome {
            Ok(_) => "done",
            Err(CommitError::Conflict { .. } | CommitError::Taken) => "moved",
            Err(CommitError::Failed(_)) => "failed",
        };
        metrics::counter!("dmp_commits_total", "outcome" => said).increment(1);
        match outcome {
            Ok(committed) => {
                if told {
                    self.store.told(id, &entry);
                }
                Ok(committed)
            }
            Err(CommitError::Conflict { current }) => {
                self.store.caches.moved(id, current);
                Err(Stop::Moved)
            }
            Err(CommitError::Taken) => Err(Stop::Moved),
            Err(CommitError::Failed(error)) => Err(Stop::Ends(error)),
        }
    }

    /// Journals a refusal of a rule or of a quota, and says it as its actor may know it.
    pub(crate) async fn refuse(
        &mut self,
        loaded: &Loaded,
        act: Act,
        (refusal, retry_after_seconds): (Refusal, Option<u32>),
        documents: Vec<u32>,
        at: Time,
    ) -> Result<StoreError, Stop> {
        let decision = Decision::Refused { reason: refusal.reason, rule: refusal.rule.id.to_owned() };
        let entry = self.entry(loaded, act, decision, documents, at);
        self.append(loaded, entry, None).await?;
        if refusal.reason == Reason::Quota {
            tracing::warn!(request = %self.id, "a quota is exhausted");
        }
        Ok(self.told(Some(loaded.dossier().id), refusal, retry_after_seconds, at))
    }

    /// The target is about nothing: as long as a refusal, and the same words as for what may not be known.
    pub(crate) async fn nothing_there(&mut self, act: Act) -> StoreError {
        let at = self.store.ambient.now();
        let refusal = match (self.admit(act, None, at).await, self.refused_at_the_door(), self.target) {
            (Err((refusal, seconds)), _, _) => (refusal, Some(seconds)),
            (_, Some(refusal), _) => (refusal, None),
            (_, _, Target::Document(_)) => (Refusal::new(Reason::UnknownDocument, &VIS_10), None),
            _ => (Refusal::new(Reason::UnknownPatient, &ACC_6), None),
        };
        self.seal_for_nobody(act, &refusal.0, at);
        match self.store.engine.unknown_target().await {
            Ok(()) => self.told(None, refusal.0, refusal.1, at),
            Err(error) => error,
        }
    }

    /// The work of tracing a refusal, for a dossier that does not exist.
    fn seal_for_nobody(&self, act: Act, refusal: &Refusal, at: Time) {
        let keys = DossierKeys { content: Key::random(), journal: Key::random() };
        let nobody = Loaded::unopened(DossierId(Uuid::nil()), keys);
        let decision = Decision::Refused { reason: refusal.reason, rule: refusal.rule.id.to_owned() };
        let entry = self.entry(&nobody, act, decision, Vec::new(), at);
        let _ = nobody.keys.seal_journal(nobody.dossier().id, Uuid::nil(), &entry);
    }

    /// A refusal as the actor may know it. Told that nothing is there, it counts as a failed look-up.
    fn told(
        &mut self,
        dossier: Option<DossierId>,
        refusal: Refusal,
        retry_after_seconds: Option<u32>,
        at: Time,
    ) -> StoreError {
        use Reason as R;
        let after_visibility = matches!(
            refusal.reason,
            R::Quota | R::EmergencyReasonMissing | R::VersionConflict | R::UpdateOperation | R::NotAuthor
        );
        let refusal = match self.target {
            Target::Document(_) if !after_visibility => Refusal::new(R::UnknownDocument, &VIS_10),
            _ => refusal,
        };
        if matches!(refusal.reason, R::UnknownDocument | R::UnknownPatient) {
            let admission = self.admission.take().unwrap_or_default();
            self.store.quotas.found_nothing(self.actor, dossier, admission, at);
        }
        metrics::counter!("dmp_refusals_total", "reason" => refusal.reason.as_str()).increment(1);
        StoreError::Refused { refusal, retry_after_seconds }
    }

    /// Rows of every version of the document the target names, when it names one.
    pub(crate) fn target_rows(&self, loaded: &Loaded) -> Option<Vec<u32>> {
        let Target::Document(reference) = self.target else {
            return None;
        };
        Some(rows_of_document(loaded, reference))
    }
}

fn exhausted(exceeded: Exceeded) -> (Refusal, u32) {
    (Refusal::new(Reason::Quota, &QUO_1), exceeded.retry_after_seconds)
}

/// Rows of every version of a document.
pub(crate) fn rows_of_document(loaded: &Loaded, reference: &DocumentRef) -> Vec<u32> {
    let dossier = loaded.dossier();
    match dossier.find(reference) {
        None => Vec::new(),
        Some((_, found)) => {
            dossier.versions().filter(|(_, version)| version.lid == found.lid).map(|(row, _)| row).collect()
        }
    }
}

/// Rows that changes write, each once, the state first.
pub(crate) fn changed_rows(changes: &[Change]) -> BTreeSet<RowRef> {
    changes.iter().map(Change::row).collect()
}

/// Rows of the documents that facts are about: a line of the journal names them, so that who may not see a document
/// does not see its line.
pub(crate) fn documents_of(changes: &[Change]) -> BTreeSet<u32> {
    changes
        .iter()
        .filter_map(|change| match change.fact {
            Fact::DocumentRegistered { row, .. } | Fact::StatusChanged { row, .. } => Some(row),
            _ => None,
        })
        .collect()
}

impl Inner {
    /// Fresh identifiers for a decision, of version 7: the time now, and the random bits of an ambient one.
    pub(crate) fn fresh(&self, count: usize) -> Vec<Uuid> {
        let now_ms = u64::try_from(self.ambient.now().millis()).unwrap_or(0);
        let draw = || {
            let random = self.ambient.fresh();
            let bits = random.as_bytes().last_chunk().expect("a UUID has 16 bytes");
            Builder::from_unix_timestamp_millis(now_ms, bits).into_uuid()
        };
        (0..count).map(|_| draw()).collect()
    }

    /// What a decision takes from outside.
    pub(crate) fn moment<'m>(&'m self, at: Time, ids: &'m [Uuid]) -> Moment<'m> {
        Moment { at, ids, matrix: &self.matrix, parameters: &self.parameters }
    }
}
