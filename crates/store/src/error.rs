//! Failures: our fault or the disk's. They name a table or a step, never data.

use crate::api::StoreError;
use std::error::Error;

/// Turns a cause into a failure at a place.
pub(crate) fn failed<E: Error + Send + Sync + 'static>(place: &'static str) -> impl FnOnce(E) -> StoreError {
    move |source| StoreError::Failed { place, source: Box::new(source) }
}

/// A failure that has no other cause than a broken invariant.
pub(crate) fn failed_because(place: &'static str, because: &'static str) -> StoreError {
    StoreError::Failed { place, source: because.into() }
}
