//! The only doors to data: `execute` and `consult`.

use crate::api::{Ambient, Answer, Content, Hit, StoreError, Target};
use crate::engine::Engine;
use crate::quota::Quotas;
use dmp_dossier::{Act, Actor, Command, Parameters, Query, Receipt, Refusal, Time};
use dmp_keys::KeyCustody;
use dmp_nomenclature::Matrix;
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
    /// Quotas of professionals and structures.
    pub quotas: Quotas,
}

/// The store.
#[derive(Clone)]
pub struct Store {
    inner: Arc<StoreConfig>,
}

impl Store {
    /// A store on an engine.
    ///
    /// # Errors
    /// The engine cannot be read.
    pub async fn new(config: StoreConfig) -> Result<Store, StoreError> {
        Ok(Store { inner: Arc::new(config) })
    }

    /// Decides a command, and records it.
    ///
    /// # Errors
    /// [`StoreError::Refused`] by a rule; [`StoreError::Failed`] for a failure of ours.
    pub async fn execute(
        &self,
        _actor: &Actor,
        _target: Target,
        _command: Command,
        _contents: Vec<Content>,
        _request: Uuid,
    ) -> Result<Receipt, StoreError> {
        Err(being_written())
    }

    /// Decides a read, traces it, and answers.
    ///
    /// # Errors
    /// [`StoreError::Refused`] by a rule; [`StoreError::Failed`] for a failure of ours.
    pub async fn consult(&self, _actor: &Actor, _target: Target, _query: Query, _request: Uuid) -> Result<Answer, StoreError> {
        Err(being_written())
    }

    /// Searches words in the text of the documents the actor may read.
    ///
    /// # Errors
    /// [`StoreError::Refused`] by a rule; [`StoreError::Failed`] for a failure of ours.
    pub async fn search_text(&self, _actor: &Actor, _target: Target, _words: &str, _request: Uuid) -> Result<Vec<Hit>, StoreError> {
        Err(being_written())
    }

    /// Journals a refusal decided before the store could decide, so that refusals are traced like permits.
    ///
    /// # Errors
    /// [`StoreError::Failed`] for a failure of ours.
    pub async fn refuse(&self, _actor: &Actor, _target: Target, _act: Act, _refusal: &Refusal, _request: Uuid) -> Result<(), StoreError> {
        Err(being_written())
    }

    /// Parameters of the rules.
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

fn being_written() -> StoreError {
    StoreError::Failed { place: "store", source: "being written".into() }
}
