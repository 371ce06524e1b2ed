//! Mail, by SMTP over TLS: implicit on port 465, STARTTLS required otherwise. Never in clear.

use super::{Message, Messenger, SendError, To, check};
use futures_util::future::BoxFuture;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use std::time::Duration;

/// How TLS starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTls {
    /// From the first byte.
    Implicit,
    /// By STARTTLS, required.
    StartTls,
}

/// A relay.
#[derive(Clone)]
pub struct MailConfig {
    /// Its name, that of its certificate.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How TLS starts.
    pub tls: MailTls,
    /// Name and password, where it asks for them.
    pub credentials: Option<(String, String)>,
    /// Who the messages are from, `Dossier médical partagé <ne-pas-repondre@example.org>`.
    pub from: String,
}

/// Mail.
pub struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Longest wait for a relay.
const TIMEOUT: Duration = Duration::from_secs(10);

impl Mail {
    /// A relay to send by.
    ///
    /// # Errors
    /// The sender is no address, or TLS cannot be set up; in one line.
    pub fn new(config: &MailConfig) -> Result<Self, String> {
        let from = config.from.parse().map_err(|error| format!("`mail.from`: {error}"))?;
        let builder = match config.tls {
            MailTls::Implicit => AsyncSmtpTransport::<Tokio1Executor>::relay(&config.host),
            MailTls::StartTls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&config.host),
        };
        let mut builder = builder
            .map_err(|error| format!("`mail.host`: {error}"))?
            .port(config.port)
            .timeout(Some(TIMEOUT));
        if let Some((user, password)) = &config.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Mail { transport: builder.build(), from })
    }

    fn written(&self, message: &Message) -> Result<lettre::Message, SendError> {
        check(message)?;
        let To::Mail(address) = &message.to else { return Err(SendError::NoWay(message.to.kind())) };
        lettre::Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address.parse().map_err(|_| SendError::Malformed)?))
            .subject(message.subject.clone())
            .header(ContentType::TEXT_PLAIN)
            .body(message.text.clone())
            .map_err(|_| SendError::Malformed)
    }
}

impl Messenger for Mail {
    fn send(&self, message: Message) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(async move {
            let written = self.written(&message)?;
            // A relay's words may repeat the recipient: its code alone is kept.
            let refused = |error: lettre::transport::smtp::Error| {
                let code = error.status().map(|code| code.to_string());
                SendError::Refused(code.unwrap_or_else(|| "the relay does not answer".to_owned()))
            };
            self.transport.send(written).await.map_err(refused)?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messenger::Kind;

    fn config(from: &str) -> MailConfig {
        MailConfig {
            host: "relay.example.org".into(),
            port: 465,
            tls: MailTls::Implicit,
            credentials: None,
            from: from.into(),
        }
    }

    #[tokio::test]
    async fn a_message_is_plain_text_from_the_deployment_to_one_recipient() {
        let mail = Mail::new(&config("Dossier médical partagé <ne-pas-repondre@example.org>")).unwrap();
        let message = Message {
            to: To::Mail("marie@example.org".into()),
            kind: Kind::Code,
            subject: "Votre code reçu".into(),
            text: "Votre code : 123456.".into(),
        };
        let written = String::from_utf8(mail.written(&message).unwrap().formatted()).unwrap();
        assert!(written.contains("To: marie@example.org\r\n"), "{written}");
        assert!(written.contains("<ne-pas-repondre@example.org>"), "{written}");
        assert!(written.contains("Content-Type: text/plain; charset=utf-8"), "{written}");
        let sms = Message { to: To::Sms("0612345678".into()), ..message };
        assert!(matches!(mail.written(&sms), Err(SendError::NoWay("sms"))));
        assert!(Mail::new(&config("nobody")).is_err());
    }
}
