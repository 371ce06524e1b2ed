//! Stories that take several pages: what is known so far, under a ticket of 128 random bits that the form carries.

use crate::pace::Counted;
use crate::secrets;
use dmp_dossier::Time;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use std::sync::Arc;
use std::time::Duration;
use webauthn_rs::prelude::{DiscoverableAuthentication, PasskeyRegistration};

/// How long a story may last.
const STORY_MINUTES: u32 = 20;
const STORIES_MAX: u64 = 100_000;

/// Where the code of a story comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Means {
    /// From an application.
    App,
    /// From a message: ticket of the code.
    Code(String),
}

/// Why somebody chooses how to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    Activation,
    Recovery,
}

/// What is known so far.
#[derive(Clone)]
pub(crate) enum Story {
    /// The password was right.
    SignIn { login: String, means: Means, counted: Vec<Counted> },
    /// The sealed secret was right; its hash, which serves once.
    Activation { login: String, code: String, secret_hash: String },
    /// Somebody forgot; nobody when there is no such account.
    Recovery { login: Option<String>, code: String, counted: Vec<Counted> },
    /// They proved who they are and choose a password or a passkey.
    Choose { login: String, secret_hash: Option<String>, why: Why, key: Option<Box<PasskeyRegistration>> },
    /// A passkey is asked for, by anybody.
    Challenge(Box<DiscoverableAuthentication>),
    /// Somebody who is signed in makes a passkey.
    NewKey { login: String, key: Box<PasskeyRegistration> },
    /// Or sets up an application.
    NewApp { login: String, secret: String },
    /// Or proves again who they are, or that a new channel is theirs.
    Code { login: String, code: String },
}

/// The stories under way.
pub(crate) struct Stories {
    kept: Cache<[u8; 32], Arc<(Story, Time)>>,
}

impl Stories {
    pub(crate) fn new() -> Self {
        let longest = Duration::from_secs(u64::from(STORY_MINUTES) * 60);
        let kept = Cache::builder().max_capacity(STORIES_MAX).time_to_live(longest);
        // The oldest leaves first: whoever begins many keeps nobody from beginning one.
        Stories { kept: kept.eviction_policy(EvictionPolicy::lru()).build() }
    }

    /// Starts one; its ticket.
    pub(crate) fn start(&self, story: Story, now: Time) -> String {
        let ticket = secrets::token();
        self.set(&ticket, story, now);
        ticket
    }

    /// Goes on with one, under the same ticket.
    pub(crate) fn set(&self, ticket: &str, story: Story, now: Time) {
        self.kept.insert(secrets::digest(ticket), Arc::new((story, now)));
    }

    /// The story of a ticket.
    pub(crate) fn get(&self, ticket: &str, now: Time) -> Option<Story> {
        let kept = self.kept.get(&secrets::digest(ticket))?;
        (now < kept.1.plus_minutes(STORY_MINUTES)).then(|| kept.0.clone())
    }

    /// The story of a ticket, which ends.
    pub(crate) fn take(&self, ticket: &str, now: Time) -> Option<Story> {
        let kept = self.kept.remove(&secrets::digest(ticket))?;
        (now < kept.1.plus_minutes(STORY_MINUTES)).then(|| kept.0.clone())
    }
}
