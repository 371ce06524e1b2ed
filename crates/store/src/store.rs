//! The only doors to data: [`Store::execute`] and [`Store::consult`].

use crate::api::{
    Ambient, Answer, Content, Durable, Hit, ListedDossier, Remembered, Seen, StoreError, Target,
};
use crate::consult;
use crate::engine::Engine;
use crate::error::failed_because;
use crate::execute;
use crate::find;
use crate::index::{self, Indexes};
use crate::list;
use crate::load::Caches;
use crate::locator::{Locator, Locators};
use crate::outbox::Told;
use crate::quota::{QuotaKeeper, Quotas};
use crate::replay;
use crate::request::{Request, Stop};
use dmp_dossier::{
    Act, Actor, Candidate, Command, Ins, ListAsked, Matrix, Parameters, Query, Receipt, Refusal, Time,
    TraitsSought,
};
use dmp_keys::KeyCustody;
use std::sync::Arc;
use uuid::Uuid;

/// What a store is made of.
pub struct StoreConfig {
    /// The database.
    pub engine: Arc<dyn Engine>,
    /// Who holds the keys.
    pub custody: Arc<dyn KeyCustody>,
    /// Time and fresh identifiers.
    pub ambient: Arc<dyn Ambient>,
    /// What the deployment decided about the rules.
    pub parameters: Parameters,
    /// The profession × document-type matrix in force.
    pub matrix: Matrix,
    /// Quotas of people and structures.
    pub quotas: Quotas,
}

/// The record of every patient of a deployment. Cloning it is cheap; all clones are one store.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) engine: Arc<dyn Engine>,
    pub(crate) custody: Arc<dyn KeyCustody>,
    pub(crate) ambient: Arc<dyn Ambient>,
    pub(crate) parameters: Parameters,
    pub(crate) matrix: Matrix,
    pub(crate) quotas: QuotaKeeper,
    pub(crate) locators: Locators,
    pub(crate) indexes: Indexes,
    pub(crate) caches: Caches,
    pub(crate) told: Told,
}

impl Store {
    /// A store on an engine.
    ///
    /// # Errors
    /// The custody holds no index key.
    pub async fn new(config: StoreConfig) -> Result<Store, StoreError> {
        if config.custody.status().index_versions.is_empty() {
            return Err(failed_because("custody", "it holds no index key"));
        }
        let inner = Inner {
            locators: Locators::new(Arc::clone(&config.custody)),
            indexes: Indexes::new(Arc::clone(&config.custody)),
            engine: config.engine,
            custody: config.custody,
            ambient: config.ambient,
            parameters: config.parameters,
            matrix: config.matrix,
            quotas: QuotaKeeper::new(config.quotas),
            caches: Caches::new(),
            told: Told::default(),
        };
        Ok(Store { inner: Arc::new(inner) })
    }

    /// Decides a command, records it, and says what it did. A repeated request gets its first answer again.
    ///
    /// `contents`: the bytes of the documents of a [`Command::Publish`], in their order, and of nothing else. The caller
    /// compared them with the hash and size of the metadata. Durable when it answers.
    ///
    /// # Errors
    /// [`StoreError::Refused`] by a rule or a quota; [`StoreError::Failed`] for a failure of ours: then nothing was
    /// acknowledged, and the request may be there whole, or not at all.
    pub async fn execute(
        &self,
        actor: &Actor,
        target: Target,
        command: Command,
        contents: Vec<Content>,
        request: Uuid,
    ) -> Result<Receipt, StoreError> {
        execute::execute(&self.inner, actor, &target, &command, contents, request).await
    }

    /// Decides a read, traces it durably, and only then answers.
    ///
    /// # Errors
    /// As [`execute`](Self::execute).
    pub async fn consult(
        &self,
        actor: &Actor,
        target: Target,
        query: Query,
        request: Uuid,
    ) -> Result<Answer, StoreError> {
        consult::consult(&self.inner, actor, &target, &query, request).await
    }

    /// Documents the actor may read whose text holds every one of these words, oldest first; case and accents do not
    /// count. Traced as a reading of the documents searched.
    ///
    /// # Errors
    /// As [`execute`](Self::execute).
    pub async fn search_text(
        &self,
        actor: &Actor,
        target: Target,
        words: &str,
        request: Uuid,
    ) -> Result<Vec<Hit>, StoreError> {
        consult::search_text(&self.inner, actor, &target, words, request).await
    }

    /// Journals a refusal decided before the store could decide (an unreadable document…), so that refusals are traced
    /// like permits. Nothing to write, and nothing said, when the target does not exist.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn refuse(
        &self,
        actor: &Actor,
        target: Target,
        act: Act,
        refusal: &Refusal,
        request: Uuid,
    ) -> Result<(), StoreError> {
        let mut request = Request::new(&self.inner, actor, &target, request);
        loop {
            request.attempt()?;
            let Some(loaded) = request.find().await? else {
                return self.inner.engine.unknown_target().await;
            };
            let documents = request.target_rows(&loaded).unwrap_or_default();
            let at = self.inner.ambient.now();
            match request.refuse(&loaded, act, (refusal.clone(), None), documents, at).await {
                Ok(_) => return Ok(()),
                Err(Stop::Moved) => {}
                Err(Stop::Ends(error)) => return Err(error),
            }
        }
    }

    /// The dossiers that an actor, his structure, or a professional of it is authorised on, latest first by the date
    /// asked, at most 1,000 (TD0.4). Each is decided on the dossier itself, and the list journalled in it.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the list itself is refused; a dossier that may not be listed is absent.
    pub async fn authorised_dossiers(
        &self,
        actor: &Actor,
        asked: ListAsked,
        request: Uuid,
    ) -> Result<Vec<ListedDossier>, StoreError> {
        list::authorised(&self.inner, actor, &asked, request).await
    }

    /// The patients who answer these traits, best match first, at most ten; in medical regulation only (TD0.5). Each
    /// is decided on the dossier itself, and the search journalled in it.
    ///
    /// # Errors
    /// [`StoreError::Refused`] by the functional matrix, a quota, or [`dmp_dossier::Reason::TooManyResults`].
    pub async fn find_patients(
        &self,
        actor: &Actor,
        asked: TraitsSought,
        request: Uuid,
    ) -> Result<Vec<Candidate>, StoreError> {
        find::patients(&self.inner, actor, &asked, request).await
    }

    /// Remembers what came in until it expires, all of it or nothing. It is taken from now on; wait for [`Durable`]
    /// before the answer to the request leaves.
    ///
    /// # Errors
    /// [`StoreError::Failed`]: then nothing may be taken as new.
    pub async fn remember(&self, seen: &[Seen]) -> Result<(Remembered, Durable), StoreError> {
        self.inner.engine.remember(replay::rows(seen), self.now()).await
    }

    /// Writes the index rows of the dossiers that were there before the indexes were; nothing to do when it was done.
    /// To be called before the deployment answers.
    ///
    /// # Errors
    /// [`StoreError::Failed`]; what is done is done, and the next call goes on.
    pub async fn reindex(&self) -> Result<(), StoreError> {
        index::reindex(&self.inner).await
    }

    /// The card of a patient was read by this actor: for a quarter of an hour, a first access of their structure to that
    /// record is with the patient there. Nothing is said of whether there is one.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn present(&self, actor: &Actor, ins: &Ins) -> Result<(), StoreError> {
        let found = self.inner.locators.find(self.inner.engine.as_ref(), &Locator::Ins(ins)).await?;
        if let Some(dossier) = found {
            self.inner.quotas.present(actor, dossier, self.now());
        }
        Ok(())
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// What the deployment decided about the rules.
    pub fn parameters(&self) -> &Parameters {
        &self.inner.parameters
    }

    /// The profession × document-type matrix in force.
    pub fn matrix(&self) -> &Matrix {
        &self.inner.matrix
    }

    /// Now, by the ambient clock.
    pub fn now(&self) -> Time {
        self.inner.ambient.now()
    }
}
