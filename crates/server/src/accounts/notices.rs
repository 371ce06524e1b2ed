//! The task that tells patients what happened on their dossier.

use dmp_accounts::Accounts;
use dmp_accounts::notices::{PASS, send_due};
use dmp_store::Store;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// Between two looks; security.md 2.5 A3 leaves five minutes.
const EVERY: Duration = Duration::from_secs(2);
/// After a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// Sends notices for ever; in a demo, those of what happens from now on.
pub(crate) async fn watch(store: Store, accounts: Arc<Accounts>, demo: bool) {
    let since = demo.then(|| store.now());
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        loop {
            match send_due(&store, accounts.messenger().as_ref(), since).await {
                Ok(PASS) => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::error!(error = crate::open::one_line(&error), "notices could not be read");
                    tokio::time::sleep(AFTER_FAILURE).await;
                    break;
                }
            }
        }
    }
}
