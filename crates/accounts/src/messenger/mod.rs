//! The one way by which people are told something: mail, SMS or letter.
//!
//! Addresses and texts are never logged. What would break a header (line breaks, controls) is refused before any
//! transport sees it (security.md row 46).

mod kept;
mod mail;
mod post;
mod sms;

pub use kept::{DEMO_OWNER, Kept, KeptMessage, LETTERS_OWNER};
pub use mail::{Mail, MailConfig, MailTls};
pub use post::Post;
pub use sms::{Sms, SmsConfig};

use dmp_dossier::OtpChannel;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest mail address (RFC 5321 4.5.3.1.3).
const ADDRESS_MAX: usize = 254;
/// Longest subject.
const SUBJECT_MAX: usize = 120;
/// Longest text.
const TEXT_MAX: usize = 4_000;

/// Where a message goes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum To {
    /// A mail address.
    Mail(String),
    /// A telephone number.
    Sms(String),
    /// A postal address, one line.
    Letter(String),
}

impl To {
    /// `mail`, `sms`, `lettre`.
    pub fn kind(&self) -> &'static str {
        match self {
            To::Mail(_) => "mail",
            To::Sms(_) => "sms",
            To::Letter(_) => "lettre",
        }
    }

    /// The address or the number.
    pub fn value(&self) -> &str {
        match self {
            To::Mail(value) | To::Sms(value) | To::Letter(value) => value,
        }
    }
}

impl From<&OtpChannel> for To {
    fn from(channel: &OtpChannel) -> Self {
        match channel {
            OtpChannel::Email(address) => To::Mail(address.clone()),
            OtpChannel::Sms(number) => To::Sms(number.clone()),
        }
    }
}

impl fmt::Debug for To {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "To({} …)", self.kind())
    }
}

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A one-time code.
    Code,
    /// A link that activates an account.
    Activation,
    /// Something changed in the protection of the account.
    Security,
    /// Something happened on the dossier.
    Notice,
}

/// A message.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Where it goes.
    pub to: To,
    /// What it is for.
    pub kind: Kind,
    /// Its subject; an SMS has none.
    pub subject: String,
    /// Its text, plain French: no health data, no name of a professional or of a place.
    pub text: String,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("to", &self.to).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Why a message did not leave.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// What cannot be an address, or would break a header.
    #[error("the message has a recipient or a subject that cannot be written")]
    Malformed,
    /// The deployment has no such way.
    #[error("no `{0}` is configured")]
    NoWay(&'static str),
    /// The relay, the gateway or the store refused; what it said, without the recipient.
    #[error("the message was not taken: {0}")]
    Refused(String),
}

/// Sends messages.
pub trait Messenger: Send + Sync {
    /// Hands a message over; done once whoever carries it has taken it.
    fn send(&self, message: Message) -> BoxFuture<'_, Result<(), SendError>>;
}

/// Refuses what no transport is to see.
///
/// # Errors
/// [`SendError::Malformed`].
pub(crate) fn check(message: &Message) -> Result<(), SendError> {
    let value = message.to.value();
    let one_line = |text: &str| !text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'));
    let to_ok = !value.is_empty()
        && one_line(value)
        && match &message.to {
            To::Mail(address) => {
                address.len() <= ADDRESS_MAX
                    && !address.contains(|c: char| c.is_whitespace() || "<>,;:\"()[]\\".contains(c))
                    && address.split_once('@').is_some_and(|(local, domain)| {
                        !local.is_empty() && domain.contains('.') && !domain.contains('@')
                    })
            }
            To::Sms(number) => {
                let digits = number.bytes().filter(u8::is_ascii_digit).count();
                (8..=15).contains(&digits)
                    && number.bytes().all(|b| b.is_ascii_digit() || b" +.-()".contains(&b))
            }
            To::Letter(address) => address.chars().count() <= 400,
        };
    let text_ok = message.text.chars().all(|c| c == '\n' || !c.is_control())
        && (1..=TEXT_MAX).contains(&message.text.chars().count());
    match to_ok && text_ok && one_line(&message.subject) && message.subject.chars().count() <= SUBJECT_MAX {
        true => Ok(()),
        false => Err(SendError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row per recipient; security.md row 46: CRLF refused.
    #[test]
    fn what_would_break_a_header_is_refused() {
        let mail = |text: &str| To::Mail(text.to_owned());
        let sms = |text: &str| To::Sms(text.to_owned());
        for (to, subject, text, taken) in [
            (mail("marie@example.org"), "Votre code", "Bonjour.\nVotre code.", true),
            (mail("marie@example.org\r\nBcc: all@example.org"), "Votre code", "Bonjour.", false),
            (mail("marie@example.org, all@example.org"), "Votre code", "Bonjour.", false),
            (mail("Marie <marie@example.org>"), "Votre code", "Bonjour.", false),
            (mail("marie"), "Votre code", "Bonjour.", false),
            (mail("marie@example.org"), "Code\nX-Injected: 1", "Bonjour.", false),
            (mail("marie@example.org"), "Votre code", "Bonjour.\r\n.\r\n", false),
            (mail("marie@example.org"), "Votre code", "", false),
            (sms("06 12 34 56 78"), "", "Bonjour.", true),
            (sms("+33 6 12 34 56 78"), "", "Bonjour.", true),
            (sms("06\n12345678"), "", "Bonjour.", false),
            (sms("0612"), "", "Bonjour.", false),
            (sms("06123456789012345678"), "", "Bonjour.", false),
            (To::Letter("1 rue des Lilas, 35000 Rennes".into()), "", "Bonjour.", true),
            (To::Letter(String::new()), "", "Bonjour.", false),
        ] {
            let message = Message { to, kind: Kind::Code, subject: subject.into(), text: text.into() };
            assert_eq!(check(&message).is_ok(), taken, "{:?} {subject:?} {text:?}", message.to.value());
        }
    }

    #[test]
    fn nothing_of_a_recipient_is_in_debug() {
        let message = Message {
            to: To::Mail("marie@example.org".into()),
            kind: Kind::Code,
            subject: "Code".into(),
            text: "123456".into(),
        };
        let shown = format!("{message:?}");
        assert!(!shown.contains("marie") && !shown.contains("123456"), "{shown}");
    }
}
