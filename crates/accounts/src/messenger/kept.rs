//! Messages that are kept: all of those of the demo, to be read on its page; letters elsewhere, to be printed.

use super::{Kind, Message, Messenger, SendError, To, check};
use dmp_dossier::Time;
use dmp_store::{Keep, Shelf, Store, StoreError};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Owner of the messages of the demo.
pub const DEMO_OWNER: &str = "demo";
/// Owner of the letters to print.
pub const LETTERS_OWNER: &str = "letters";

/// Keeps messages in the register of the store.
pub struct Kept {
    store: Store,
    owner: &'static str,
}

/// A message that was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptMessage {
    /// Where it goes.
    pub to: To,
    /// What it is for.
    pub kind: Kind,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// When it was sent.
    #[serde(skip)]
    pub at: Time,
}

impl Kept {
    /// Messages kept under an owner.
    pub fn new(store: Store, owner: &'static str) -> Self {
        Kept { store, owner }
    }

    /// The latest messages of an owner, latest first.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn latest(store: &Store, owner: &str, limit: usize) -> Result<Vec<KeptMessage>, StoreError> {
        let records = store.records(Shelf::Message, owner, None, None, limit).await?;
        let read = |record: dmp_store::Record| {
            let message: KeptMessage = serde_json::from_slice(&record.value).ok()?;
            Some(KeptMessage { at: record.at, ..message })
        };
        Ok(records.into_iter().filter_map(read).collect())
    }
}

impl Messenger for Kept {
    fn send(&self, message: Message) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(async move {
            check(&message)?;
            let at = self.store.now();
            let Message { to, kind, subject, text } = message;
            let value = serde_json::to_vec(&KeptMessage { to, kind, subject, text, at })
                .map_err(|_| SendError::Malformed)?;
            let id = Uuid::new_v4().to_string();
            let keep = Keep {
                shelf: Shelf::Message,
                owner: self.owner,
                id: &id,
                at,
                value: &value,
                from_version: Some(0),
            };
            self.store.keep(keep).await.map_err(|error| SendError::Refused(error.to_string()))?;
            Ok(())
        })
    }
}
