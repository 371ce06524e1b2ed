//! One-time codes: six digits that prove a mail address or a telephone. Ten minutes, five tries, once.
//!
//! Kept in memory, as an HMAC under a key of the process: a restart voids them. The ticket that goes with a code is 128
//! random bits; without it a code means nothing.

use crate::pace::{Counted, Window};
use crate::secrets;
use aws_lc_rs::{constant_time, hmac};
use dmp_dossier::{OtpChannel, Time};
use dmp_keys::random;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a code serves.
pub const CODE_MINUTES: u32 = 10;
/// Tries of one code.
const TRIES: u8 = 5;
/// Codes sent to one channel in an hour.
const PER_CHANNEL: usize = 5;
/// Codes asked from one address in an hour; a desk has one.
const PER_ADDRESS: usize = 60;
const HOUR_MS: i64 = 3_600_000;
const CODES_MAX: u64 = 100_000;

/// Why a code is not taken, or not drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeFault {
    /// Not that code; how many tries are left.
    Wrong {
        /// Before it is void.
        tries_left: u8,
    },
    /// Older than ten minutes, used, tried too often, or never drawn.
    Over,
    /// Too many were asked; seconds to wait.
    Wait {
        /// Seconds.
        seconds: u32,
    },
}

/// What a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// To prove a channel.
    Contact,
    /// To sign in, or to prove again who one is.
    SignIn,
    /// To recover an account.
    Recovery,
}

struct Kept {
    code: hmac::Tag,
    /// `None`: nobody got it, and nothing that is typed is it.
    to: Option<OtpChannel>,
    born: Time,
    tries_left: u8,
}

/// The codes of a deployment.
pub struct Codes {
    key: hmac::Key,
    kept: Cache<[u8; 32], Arc<Mutex<Kept>>>,
    per_channel: Window,
    per_address: Window,
}

impl Default for Codes {
    fn default() -> Self {
        Self::new()
    }
}

impl Codes {
    /// No code yet.
    pub fn new() -> Self {
        let kept = Cache::builder().max_capacity(CODES_MAX).time_to_live(Duration::from_secs(1200));
        let kept = kept.eviction_policy(EvictionPolicy::lru()).build();
        Codes {
            key: hmac::Key::new(hmac::HMAC_SHA256, &random::random_array::<32>()),
            kept,
            per_channel: Window::new(HOUR_MS),
            per_address: Window::new(HOUR_MS),
        }
    }

    /// Draws a code for a channel, asked from an address where it is known: ticket and code. Each lane has its own hourly
    /// limit: who asks for codes on behalf of somebody who would have forgotten does not use up those of their sign-in.
    ///
    /// # Errors
    /// [`CodeFault::Wait`].
    pub fn draw(
        &self,
        lane: Lane,
        to: &OtpChannel,
        from: Option<IpAddr>,
        now: Time,
    ) -> Result<(String, String), CodeFault> {
        let wait = |seconds| CodeFault::Wait { seconds };
        if let Some(from) = from {
            self.per_address.take(&Counted::subscriber(from), PER_ADDRESS, now).map_err(wait)?;
        }
        let channel = format!("{lane:?} {} {}", to.kind(), reached(to));
        self.per_channel.take(&channel, PER_CHANNEL, now).map_err(wait)?;
        let code = secrets::six_digits();
        let ticket = self.keep(Some(to.clone()), &code, now);
        Ok((ticket, code))
    }

    /// A ticket whose code nobody has: what is answered about an account that is not there.
    pub fn decoy(&self, now: Time) -> String {
        self.keep(None, &secrets::token(), now)
    }

    fn keep(&self, to: Option<OtpChannel>, code: &str, now: Time) -> String {
        let ticket = secrets::token();
        let kept = Kept { code: self.tag(&ticket, code), to, born: now, tries_left: TRIES };
        self.kept.insert(secrets::digest(&ticket), Arc::new(Mutex::new(kept)));
        ticket
    }

    fn tag(&self, ticket: &str, code: &str) -> hmac::Tag {
        hmac::sign(&self.key, format!("{ticket} {code}").as_bytes())
    }

    /// Checks what was typed: the channel that is proved, once.
    ///
    /// # Errors
    /// [`CodeFault::Wrong`], [`CodeFault::Over`].
    pub fn check(&self, ticket: &str, typed: &str, now: Time) -> Result<OtpChannel, CodeFault> {
        let key = secrets::digest(ticket);
        let kept = self.kept.get(&key).ok_or(CodeFault::Over)?;
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if now >= kept.born.plus_minutes(CODE_MINUTES) || kept.tries_left == 0 {
            self.kept.invalidate(&key);
            return Err(CodeFault::Over);
        }
        // A channel of text messages or a copy brings spaces along.
        let digits: String = typed.chars().filter(char::is_ascii_digit).take(12).collect();
        let right =
            constant_time::verify_slices_are_equal(self.tag(ticket, &digits).as_ref(), kept.code.as_ref());
        match (right, kept.to.take()) {
            (Ok(()), Some(to)) => {
                kept.tries_left = 0;
                self.kept.invalidate(&key);
                Ok(to)
            }
            (_, to) => {
                kept.to = to;
                kept.tries_left -= 1;
                match kept.tries_left {
                    0 => Err(CodeFault::Over),
                    tries_left => Err(CodeFault::Wrong { tries_left }),
                }
            }
        }
    }
}

/// A channel however it is written.
fn reached(channel: &OtpChannel) -> String {
    match channel {
        OtpChannel::Sms(number) => {
            let digits: String = number.chars().filter(char::is_ascii_digit).collect();
            // `06…`, `+33 6…` and `0033 6…` are one telephone.
            digits.chars().skip(digits.len().saturating_sub(9)).collect()
        }
        OtpChannel::Email(address) => address.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_millis(1_795_255_200_000 + seconds * 1000)
    }

    fn sms() -> OtpChannel {
        OtpChannel::Sms("06 12 34 56 78".into())
    }

    fn other(code: &str) -> String {
        if code == "000000" { "000001".into() } else { "000000".into() }
    }

    #[test]
    fn a_code_proves_its_channel_once() {
        let codes = Codes::new();
        let (ticket, code) = codes.draw(Lane::SignIn, &sms(), None, at(0)).unwrap();
        assert_eq!(ticket.len(), 32);
        let typed = format!(" {} {} ", &code[..3], &code[3..]);
        assert_eq!(codes.check(&ticket, &typed, at(599)), Ok(sms()));
        assert_eq!(codes.check(&ticket, &code, at(599)), Err(CodeFault::Over), "used");
        assert_eq!(codes.check("0".repeat(32).as_str(), &code, at(0)), Err(CodeFault::Over), "no ticket");
    }

    #[test]
    fn a_code_lasts_ten_minutes() {
        let codes = Codes::new();
        let (ticket, code) = codes.draw(Lane::SignIn, &sms(), None, at(0)).unwrap();
        assert_eq!(codes.check(&ticket, &code, at(600)), Err(CodeFault::Over));
        assert_eq!(codes.check(&ticket, &code, at(0)), Err(CodeFault::Over), "and does not come back");
    }

    #[test]
    fn the_fifth_wrong_code_voids_it() {
        let codes = Codes::new();
        let (ticket, code) = codes.draw(Lane::SignIn, &sms(), None, at(0)).unwrap();
        for tries_left in [4, 3, 2, 1] {
            assert_eq!(codes.check(&ticket, &other(&code), at(1)), Err(CodeFault::Wrong { tries_left }));
        }
        assert_eq!(codes.check(&ticket, &other(&code), at(1)), Err(CodeFault::Over));
        assert_eq!(codes.check(&ticket, &code, at(1)), Err(CodeFault::Over), "even the right one");
    }

    #[test]
    fn a_code_of_another_ticket_is_wrong() {
        let codes = Codes::new();
        let (first, code) = codes.draw(Lane::SignIn, &sms(), None, at(0)).unwrap();
        let (second, _) = codes.draw(Lane::SignIn, &OtpChannel::Email("a@b.fr".into()), None, at(0)).unwrap();
        assert!(codes.check(&second, &code, at(0)).is_err());
        assert!(codes.check(&first, &code, at(0)).is_ok());
    }

    #[test]
    fn a_decoy_is_like_a_code_that_nobody_has() {
        let codes = Codes::new();
        let ticket = codes.decoy(at(0));
        assert_eq!(codes.check(&ticket, "123456", at(1)), Err(CodeFault::Wrong { tries_left: 4 }));
        assert_eq!(codes.check(&ticket, "123456", at(600)), Err(CodeFault::Over));
    }

    #[test]
    fn five_codes_an_hour_go_to_a_channel_however_written() {
        let codes = Codes::new();
        for written in
            ["0612345678", "06 12 34 56 78", "+33612345678", "0033 6 12 34 56 78", "06.12.34.56.78"]
        {
            assert!(
                codes.draw(Lane::SignIn, &OtpChannel::Sms(written.into()), None, at(0)).is_ok(),
                "{written}"
            );
        }
        assert_eq!(codes.draw(Lane::SignIn, &sms(), None, at(60)), Err(CodeFault::Wait { seconds: 3540 }));
        assert!(codes.draw(Lane::Recovery, &sms(), None, at(60)).is_ok(), "another lane");
        assert!(codes.draw(Lane::SignIn, &sms(), None, at(3600)).is_ok());
        let from = Some("198.51.100.7".parse().unwrap());
        let mail = |n: usize| OtpChannel::Email(format!("p{n}@example.org"));
        for n in 0..PER_ADDRESS {
            assert!(codes.draw(Lane::SignIn, &mail(n), from, at(0)).is_ok());
        }
        assert!(matches!(codes.draw(Lane::SignIn, &mail(99), from, at(0)), Err(CodeFault::Wait { .. })));
    }
}
