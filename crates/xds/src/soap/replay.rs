//! Messages and assertions that were seen before (security.md row 11).
//!
//! A message that comes again unchanged is executed again: the record knows its own repetitions and gives the first
//! answer. The same identifier with another content is a replay, and so is an assertion with another message, unless the
//! deployment lets a VIHF serve a whole session ([`Settings::vihf_single_use`](crate::Settings)).

use crate::fault::Fault;
use crate::mtom::Parts;
use crate::vihf::Vihf;
use aws_lc_rs::digest::{Context, SHA256};
use dmp_store::{Durable, Remembered, Seen, SeenKind, Store, StoreError};

/// Remembers a request, or refuses it. What it gives is to be waited for before the answer leaves.
///
/// # Errors
/// A replay; our fault when the memory does not answer.
pub(crate) async fn remember(
    store: &Store,
    message_id: &str,
    content: [u8; 32],
    vihf: &Vihf,
    vihf_single_use: bool,
) -> Result<Durable, Fault> {
    let seen = seen(message_id, content, vihf, vihf_single_use);
    match store.remember(&seen).await {
        Ok((Remembered::New | Remembered::Repeated, durable)) => Ok(durable),
        Ok((Remembered::Replayed(SeenKind::Message), _)) => {
            Err(Fault::addressing("DuplicateMessageID", "replay: this MessageID came with another message"))
        }
        Ok((Remembered::Replayed(SeenKind::Assertion), _)) => {
            Err(Fault::wsse("FailedCheck", "replay: ce VIHF a déjà servi à un autre message"))
        }
        Err(error) => Err(failed(&error)),
    }
}

/// Waits until a request is remembered on disk too.
///
/// # Errors
/// Our fault.
pub(crate) async fn settled(durable: Durable) -> Result<(), Fault> {
    durable.wait().await.map_err(|error| failed(&error))
}

fn failed(error: &StoreError) -> Fault {
    if let StoreError::Failed { place, source } = error {
        tracing::error!(place, error = %source, "the memory of requests failed");
    }
    Fault::ours()
}

fn seen(message_id: &str, content: [u8; 32], vihf: &Vihf, vihf_single_use: bool) -> Vec<Seen> {
    // A message cannot come again once its VIHF is too old: kept longer, MessageIDs would fill the memory for nothing.
    let until = vihf.expires_at;
    let message = Seen { kind: SeenKind::Message, id: message_id.to_owned(), content, until };
    let assertion = Seen { kind: SeenKind::Assertion, id: vihf.id.clone(), content, until };
    if vihf_single_use { vec![message, assertion] } else { vec![message] }
}

/// SHA-256 of what a message says: its envelope and its parts, not the boundary between them, which a client may choose
/// anew when it sends again.
pub(crate) fn content(envelope: &[u8], parts: &Parts) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    let mut add = |bytes: &[u8]| {
        context.update(&(bytes.len() as u64).to_be_bytes());
        context.update(bytes);
    };
    add(envelope);
    for part in &parts.all {
        add(part.content_id.as_bytes());
        add(&part.bytes);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}
