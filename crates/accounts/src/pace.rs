//! How fast one may try: delays that double after failures, and windows for what is sent.
//!
//! Failures are counted for the account, for the address, and for a device that the account knows. A known device answers
//! to its own count alone: whoever tries ten thousand passwords from a thousand addresses slows the account down for
//! everybody but its owner (bad input URL-59). Counts are in memory: a restart forgets them, which an attacker does not
//! command.

use crate::secrets::seconds_until;
use dmp_dossier::Time;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Failures that cost nothing: an account or a device, and an address, behind which a family or a hospital may be.
const FREE_TRIES: u32 = 5;
const FREE_TRIES_OF_ADDRESS: u32 = 30;
/// Longest delay.
const DELAY_MAX_SECONDS: i64 = 15 * 60;
/// A failure is forgotten after that long without another.
const FORGOTTEN_MS: i64 = 24 * 3_600_000;
const KEYS_MAX: u64 = 200_000;

/// Whose failures are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Counted {
    /// An account, by what was typed: one that is not there is counted alike.
    Account(String),
    /// An address; of IPv6, what one subscriber is given.
    Address(IpAddr),
    /// A device that the account knows.
    Device(String),
}

impl Counted {
    /// Of an address.
    pub(crate) fn address(address: IpAddr) -> Self {
        let whole = match address.to_canonical() {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::from([a, b, c, d, 0, 0, 0, 0])
            }
            v4 @ IpAddr::V4(_) => v4,
        };
        Counted::Address(whole)
    }

    /// The address, whole subscribers of IPv6 together.
    pub(crate) fn subscriber(address: IpAddr) -> String {
        match Counted::address(address) {
            Counted::Address(whole) => whole.to_string(),
            Counted::Account(text) | Counted::Device(text) => text,
        }
    }

    fn free(&self) -> u32 {
        match self {
            Counted::Address(_) => FREE_TRIES_OF_ADDRESS,
            Counted::Account(_) | Counted::Device(_) => FREE_TRIES,
        }
    }
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: Time,
}

/// Counts of failures.
pub(crate) struct Tries {
    by: Cache<Counted, Arc<Mutex<Failures>>>,
}

impl Tries {
    pub(crate) fn new() -> Self {
        let by = Cache::builder()
            .max_capacity(KEYS_MAX)
            .time_to_idle(Duration::from_millis(FORGOTTEN_MS.unsigned_abs()))
            // A new count is always taken: one that is not kept would be a limit that is not there.
            .eviction_policy(EvictionPolicy::lru())
            .build();
        Tries { by }
    }

    /// Takes a try, as a failure until it is [forgiven](Self::forgive): tries made at the same time do not slip through.
    ///
    /// # Errors
    /// Seconds to wait; the try is not taken, and costs nothing more.
    pub(crate) fn take(&self, counted: &[Counted], now: Time) -> Result<(), u32> {
        let mut wait = 0;
        for one in counted {
            let kept =
                self.by.get_with(one.clone(), || Arc::new(Mutex::new(Failures { count: 0, last: now })));
            let mut failures = kept.lock().unwrap_or_else(PoisonError::into_inner);
            if now.millis().saturating_sub(failures.last.millis()) > FORGOTTEN_MS {
                failures.count = 0;
            }
            let until = Time::from_millis(failures.last.millis() + delay_ms(failures.count, one.free()));
            if failures.count >= one.free() && now < until {
                wait = wait.max(seconds_until(until, now));
                continue;
            }
            *failures = Failures { count: failures.count.saturating_add(1), last: now };
        }
        if wait == 0 { Ok(()) } else { Err(wait) }
    }

    /// A try that was good after all: the count starts again.
    pub(crate) fn forgive(&self, counted: &[Counted]) {
        for one in counted {
            match one {
                // A good account of theirs does not give an address new tries on others'.
                Counted::Address(_) => {
                    if let Some(kept) = self.by.get(one) {
                        let mut failures = kept.lock().unwrap_or_else(PoisonError::into_inner);
                        failures.count = failures.count.saturating_sub(1);
                    }
                }
                Counted::Account(_) | Counted::Device(_) => self.by.invalidate(one),
            }
        }
    }
}

/// After the free ones, each failure doubles the wait, from a second on.
fn delay_ms(count: u32, free: u32) -> i64 {
    match count.checked_sub(free) {
        None => 0,
        Some(beyond) => 1_i64.checked_shl(beyond.min(30)).unwrap_or(i64::MAX).min(DELAY_MAX_SECONDS) * 1000,
    }
}

/// How many of something in a sliding window.
pub(crate) struct Window {
    by: Cache<String, Arc<Mutex<VecDeque<Time>>>>,
    window_ms: i64,
}

impl Window {
    /// A window of that many milliseconds.
    pub(crate) fn new(window_ms: i64) -> Self {
        let kept = Duration::from_millis(window_ms.unsigned_abs());
        let by = Cache::builder().max_capacity(KEYS_MAX).time_to_idle(kept);
        Window { by: by.eviction_policy(EvictionPolicy::lru()).build(), window_ms }
    }

    /// Takes one, within a limit.
    ///
    /// # Errors
    /// Seconds until one may be taken.
    pub(crate) fn take(&self, key: &str, limit: usize, now: Time) -> Result<(), u32> {
        let kept = self.by.get_with(key.to_owned(), || Arc::new(Mutex::new(VecDeque::new())));
        let mut times = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let ends = |time: &Time| Time::from_millis(time.millis().saturating_add(self.window_ms));
        while times.front().is_some_and(|first| ends(first) <= now) {
            times.pop_front();
        }
        match times.front() {
            Some(first) if times.len() >= limit => Err(seconds_until(ends(first), now)),
            _ => {
                times.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_millis(1_795_255_200_000 + seconds * 1000)
    }

    #[test]
    fn the_wait_doubles_after_five_failures_up_to_a_quarter_of_an_hour() {
        let tries = Tries::new();
        let account = [Counted::Account("K7M2".into())];
        for _ in 0..5 {
            assert_eq!(tries.take(&account, at(0)), Ok(()));
        }
        assert_eq!(tries.take(&account, at(0)), Err(1));
        assert_eq!(tries.take(&account, at(1)), Ok(()));
        assert_eq!(tries.take(&account, at(1)), Err(2));
        assert_eq!(tries.take(&account, at(2)), Err(1), "a refused try costs nothing more");
        assert_eq!(tries.take(&account, at(3)), Ok(()));
        let mut now = 3;
        for _ in 0..40 {
            now += 900;
            assert_eq!(tries.take(&account, at(now)), Ok(()), "never longer than a quarter of an hour");
        }
        tries.forgive(&account);
        assert_eq!(tries.take(&account, at(now)), Ok(()));
        assert_eq!(tries.take(&account, at(now)), Ok(()));
    }

    /// Bad input URL-59.
    #[test]
    fn ten_thousand_tries_from_a_thousand_addresses_do_not_lock_a_known_device_out() {
        let tries = Tries::new();
        let account = Counted::Account("K7M2".into());
        let mut taken = 0;
        for n in 0..10_000_u32 {
            let address = IpAddr::from([198, 51, (n % 4) as u8, (n % 250) as u8]);
            let counted = [account.clone(), Counted::address(address)];
            taken += u32::from(tries.take(&counted, at(i64::from(n) / 100)).is_ok());
        }
        assert!(taken < 20, "{taken} tries in 100 seconds");
        assert!(tries.take(&[account], at(100)).is_err(), "429, with a delay");
        assert_eq!(tries.take(&[Counted::Device("owner's".into())], at(100)), Ok(()));
    }

    #[test]
    fn an_address_is_that_of_a_subscriber() {
        let of = |text: &str| Counted::address(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:198.51.100.7"), of("198.51.100.7"));
        assert_ne!(of("198.51.100.7"), of("198.51.100.8"));
    }

    #[test]
    fn a_window_slides() {
        let window = Window::new(3_600_000);
        for n in 0..5 {
            assert_eq!(window.take("a", 5, at(n * 60)), Ok(()));
        }
        assert_eq!(window.take("a", 5, at(300)), Err(3300));
        assert_eq!(window.take("b", 5, at(300)), Ok(()));
        assert_eq!(window.take("a", 5, at(3600)), Ok(()));
    }
}
