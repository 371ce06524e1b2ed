//! VIHF signed before the clock starts, each for one call.
//!
//! A signature (RSA of 2048 bits, as on cards) costs a client about as much as a whole request costs the server, on the
//! same cores: it is not what is measured. `IssueInstant` is that of the signature: the server takes it for an hour.

use anyhow::{Result, bail};
use dmp_lps::{Identity, Ins, Session, Time, vihf};
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Signed assertions, handed out once each.
pub struct Assertions {
    signed: Vec<Signed>,
    next: AtomicUsize,
}

/// An assertion, and the place of its patient among those of the load.
pub struct Signed {
    pub patient: usize,
    pub assertion: String,
}

impl Assertions {
    /// Signs `count` of them on every core, for the patients in turn; tells how far it is.
    pub fn sign(identity: &Identity, server: &str, patients: &[Ins], count: usize) -> Result<Self> {
        if patients.is_empty() {
            bail!("an assertion needs a patient");
        }
        let (started, done) = (Instant::now(), AtomicUsize::new(0));
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        let part = |thread: usize| {
            let of_thread = (thread..count).step_by(threads);
            let signed = of_thread.map(|number| {
                let patient = number % patients.len();
                let session = Session { identity, patient: Some(&patients[patient]), server, now: now() };
                let assertion = vihf::signed(&session)?;
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                if done.is_multiple_of(count.div_ceil(10)) || done == count {
                    eprintln!("signed {done} VIHF of {count} in {:.1} s", started.elapsed().as_secs_f64());
                }
                Ok(Signed { patient, assertion })
            });
            signed.collect::<Result<Vec<_>>>()
        };
        let part = &part;
        let parts = std::thread::scope(|scope| {
            let running: Vec<_> = (0..threads).map(|thread| scope.spawn(move || part(thread))).collect();
            running.into_iter().map(|one| one.join().expect("signing does not panic")).collect::<Vec<_>>()
        });
        let mut signed = Vec::with_capacity(count);
        for part in parts {
            signed.extend(part?);
        }
        Ok(Assertions { signed, next: AtomicUsize::new(0) })
    }

    /// One that did not serve yet; none when all did.
    pub fn take(&self) -> Option<&Signed> {
        self.signed.get(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// How many were signed.
    pub fn count(&self) -> usize {
        self.signed.len()
    }
}

/// The clock of the load.
pub fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
