//! Many dossiers in one request (TD0.4, TD0.5): each is decided by itself and traced in itself, then shown.

use crate::api::{StoreError, Target};
use crate::engine::Committed;
use crate::load::Loaded;
use crate::request::{Request, Stop};
use crate::store::Inner;
use dmp_dossier::{Act, Actor, Decision, Dossier, DossierId, Moment, Refusal};
use uuid::Uuid;

/// Dossiers traced at once: their traces share the transactions of the writer.
pub(crate) const AT_ONCE: usize = 64;

/// What is shown of a dossier, and the rows of the documents it comes from.
pub(crate) type Decided<T> = Result<Option<(T, Vec<u32>)>, Refusal>;

/// How a dossier is decided.
pub(crate) type Decide<'a, T> = &'a (dyn Fn(&Dossier, &Moment<'_>) -> Decided<T> + Send + Sync);

/// What one dossier shows, once it is traced.
pub(crate) struct Shown<T> {
    pub(crate) value: T,
    pub(crate) loaded: Loaded,
    pub(crate) committed: Committed,
}

/// Whose request, and what it is called in the journals.
pub(crate) struct Examination<'a> {
    pub(crate) store: &'a Inner,
    pub(crate) actor: &'a Actor,
    pub(crate) act: Act,
    pub(crate) request: Uuid,
    /// Refusals are journalled too: the patient was asked about. Where the index alone was wrong they are not.
    pub(crate) traces_refusals: bool,
}

impl Examination<'_> {
    /// What a dossier would show, untraced: nothing of it may leave.
    pub(crate) async fn look<T>(
        &self,
        dossier: DossierId,
        decide: Decide<'_, T>,
    ) -> Result<Decided<T>, StoreError> {
        // A load holds its thread: between two of thousands the others have their turn.
        tokio::task::yield_now().await;
        let at = self.store.ambient.now();
        let loaded = self.store.load(dossier).await?;
        Ok(loaded.map_or(Ok(None), |loaded| decide(loaded.dossier(), &self.store.moment(at, &[]))))
    }

    /// What a dossier shows, traced on the version it was decided on.
    pub(crate) async fn show<T>(
        &self,
        dossier: DossierId,
        decide: Decide<'_, T>,
    ) -> Result<Option<Shown<T>>, StoreError> {
        let target = Target::Dossier(dossier);
        let mut request = Request::new(self.store, self.actor, &target, self.request);
        loop {
            request.attempt()?;
            let Some(loaded) = request.find().await? else {
                return Ok(None);
            };
            let at = self.store.ambient.now();
            let decided = decide(loaded.dossier(), &self.store.moment(at, &[]));
            let (value, decision, rows) = match decided {
                Ok(None) => return Ok(None),
                Ok(Some((value, rows))) => (Some(value), Decision::Permitted, rows),
                Err(refusal) if self.traces_refusals => {
                    let rule = refusal.rule.id.to_owned();
                    (None, Decision::Refused { reason: refusal.reason, rule }, Vec::new())
                }
                Err(_) => return Ok(None),
            };
            let entry = request.entry(&loaded, self.act, decision, rows, at);
            match request.append(&loaded, entry, None).await {
                Ok(committed) => return Ok(value.map(|value| Shown { value, loaded, committed })),
                Err(Stop::Moved) => {}
                Err(Stop::Ends(error)) => return Err(error),
            }
        }
    }
}

/// A refusal before any dossier: there is no journal to write it to.
pub(crate) fn refused(refusal: Refusal, retry_after_seconds: Option<u32>) -> StoreError {
    metrics::counter!("dmp_refusals_total", "reason" => refusal.reason.as_str()).increment(1);
    StoreError::Refused { refusal, retry_after_seconds }
}
