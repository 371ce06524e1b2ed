//! What the pages ask of the server beside the record: one-time codes, credentials, messages, cards that are read.

use dmp_dossier::{Contact, Ins, OtpChannel, Traits};
use futures_util::future::BoxFuture;

/// What a one-time code is for; said in the message that brings it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodePurpose {
    /// Proves that a mail address or a telephone is the person's.
    Contact,
    /// Signs in.
    SignIn,
}

/// Why a code is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeError {
    /// Not that code; how many tries are left.
    Wrong {
        /// Before the code is void.
        tries_left: u8,
    },
    /// Older than ten minutes, used already, or void.
    Over,
    /// Too many codes were asked; seconds to wait.
    Wait {
        /// Seconds.
        seconds: u32,
    },
    /// The message could not leave.
    NotSent,
}

/// Login and first secret of a patient's access by internet, drawn by the server. The secret is for the sealed print, or
/// for the patient's own message: an agent never sees it.
#[derive(Clone)]
pub struct Credentials {
    /// What the patient types first.
    pub login: String,
    /// One-time secret, in the alphabet without 0, O, 1, I.
    pub secret: String,
    /// What the record keeps of the secret: a PHC string.
    pub secret_hash: String,
}

/// Somebody on a *carte Vitale*.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beneficiary {
    /// INS.
    pub ins: Ins,
    /// Identity as the card, then the INSi service, give it.
    pub traits: Traits,
}

/// A card that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VitaleCard {
    /// `card-3`, for the form.
    pub key: String,
    /// `Carte de DURAND Marie`.
    pub label: String,
    /// Its holder first, then who is covered by it. None is ever chosen beforehand.
    pub beneficiaries: Vec<Beneficiary>,
}

/// What a message to a patient is about. The server has its words: none holds health data, a name of a professional or of
/// a place (ux.md 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// A dossier was opened for them.
    Opened,
    /// Their dossier was closed.
    Closed,
    /// Rights were changed.
    RightsChanged,
    /// The référent answered.
    CaseAnswered,
}

/// What the server does for the pages.
pub trait Services: Send + Sync {
    /// Sends a one-time code; the ticket that the form carries back with what was typed.
    fn send_code(&self, to: OtpChannel, purpose: CodePurpose) -> BoxFuture<'_, Result<String, CodeError>>;

    /// Checks what was typed, once: the channel that is proved.
    fn check_code<'a>(
        &'a self,
        ticket: &'a str,
        typed: &'a str,
    ) -> BoxFuture<'a, Result<OtpChannel, CodeError>>;

    /// Draws a login and a one-time secret; deriving the secret takes some time.
    fn draw_credentials(&self) -> BoxFuture<'_, Credentials>;

    /// Sends the login and a link to choose a password to the patient's own channel, valid 15 minutes.
    fn send_credentials<'a>(
        &'a self,
        to: &'a OtpChannel,
        credentials: &'a Credentials,
    ) -> BoxFuture<'a, Result<(), CodeError>>;

    /// Tells a patient, by what they gave to be reached; nothing when they gave nothing.
    fn tell<'a>(&'a self, to: &'a Contact, kind: MessageKind) -> BoxFuture<'a, ()>;

    /// Cards of the simulated reader; empty where there is none.
    fn cards(&self) -> Vec<VitaleCard>;

    /// A card of the simulated reader.
    fn card(&self, key: &str) -> Option<VitaleCard> {
        self.cards().into_iter().find(|card| card.key == key)
    }

    /// Remembers that a person acts for another: their next sessions hold that profile too.
    fn remember_profile<'a>(&'a self, person: &'a str, of: &'a Ins, name: &'a str) -> BoxFuture<'a, ()>;
}

/// A deployment without messages nor cards: for tests of pages that need none.
pub struct NoServices;

impl Services for NoServices {
    fn send_code(&self, _: OtpChannel, _: CodePurpose) -> BoxFuture<'_, Result<String, CodeError>> {
        Box::pin(async { Err(CodeError::NotSent) })
    }

    fn check_code<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<OtpChannel, CodeError>> {
        Box::pin(async { Err(CodeError::Over) })
    }

    fn draw_credentials(&self) -> BoxFuture<'_, Credentials> {
        let nothing = String::new;
        Box::pin(async move { Credentials { login: nothing(), secret: nothing(), secret_hash: nothing() } })
    }

    fn send_credentials<'a>(
        &'a self,
        _: &'a OtpChannel,
        _: &'a Credentials,
    ) -> BoxFuture<'a, Result<(), CodeError>> {
        Box::pin(async { Err(CodeError::NotSent) })
    }

    fn tell<'a>(&'a self, _: &'a Contact, _: MessageKind) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    fn cards(&self) -> Vec<VitaleCard> {
        Vec::new()
    }

    fn remember_profile<'a>(&'a self, _: &'a str, _: &'a Ins, _: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }
}
