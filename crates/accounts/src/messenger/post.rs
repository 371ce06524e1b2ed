//! Every way a deployment has, and which one a message takes.

use super::{Message, Messenger, SendError, To};
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// The ways of a deployment; one that is missing sends nothing.
#[derive(Clone, Default)]
pub struct Post {
    /// For mail.
    pub mail: Option<Arc<dyn Messenger>>,
    /// For SMS.
    pub sms: Option<Arc<dyn Messenger>>,
    /// For letters.
    pub letters: Option<Arc<dyn Messenger>>,
}

impl Post {
    /// Every message by one way, as the demo keeps them.
    pub fn all_by(messenger: Arc<dyn Messenger>) -> Self {
        Post {
            mail: Some(Arc::clone(&messenger)),
            sms: Some(Arc::clone(&messenger)),
            letters: Some(messenger),
        }
    }
}

impl Messenger for Post {
    fn send(&self, message: Message) -> BoxFuture<'_, Result<(), SendError>> {
        let way = match &message.to {
            To::Mail(_) => &self.mail,
            To::Sms(_) => &self.sms,
            To::Letter(_) => &self.letters,
        };
        match way {
            Some(way) => way.send(message),
            None => Box::pin(async move { Err(SendError::NoWay(message.to.kind())) }),
        }
    }
}
