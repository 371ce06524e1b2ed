//! Every text that leaves: plain French, without health data, name of a professional or of a place (ux.md 3.5).

use crate::messenger::{Kind, Message, To};
use dmp_dossier::OtpChannel;

/// What is signed, last line of a mail.
const SIGNED: &str = "Dossier médical partagé";

/// What people are told of, beside codes and links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum About {
    /// A dossier was opened for them.
    Opened,
    /// It was closed.
    Closed,
    /// Rights were changed.
    RightsChanged,
    /// The référent answered.
    CaseAnswered,
    /// A first access.
    FirstAccess,
    /// An access in emergency.
    Emergency,
    /// An access.
    Access,
    /// The account was activated.
    Activated,
    /// The password was changed.
    PasswordChanged,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was taken away.
    PasskeyRemoved,
    /// An application that makes codes was added.
    AppAdded,
    /// It was taken away.
    AppRemoved,
    /// A channel was changed.
    ChannelChanged,
    /// Somebody signed in from a new device.
    NewDevice,
}

impl About {
    fn kind(self) -> Kind {
        match self {
            About::Opened
            | About::Closed
            | About::RightsChanged
            | About::CaseAnswered
            | About::FirstAccess
            | About::Emergency
            | About::Access => Kind::Notice,
            _ => Kind::Security,
        }
    }

    /// Subject, what happened, and what to do.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        const LOOK: &str = "Connectez-vous pour le voir.";
        const NOT_YOU: &str = "Si ce n'est pas vous, changez votre mot de passe sans attendre.";
        match self {
            About::Opened => ("Votre dossier est ouvert", "Votre dossier médical partagé est ouvert.", LOOK),
            About::Closed => (
                "Votre dossier est fermé",
                "Votre dossier médical partagé est fermé.",
                "Vous pouvez demander sa réouverture pendant dix ans.",
            ),
            About::RightsChanged => (
                "Vos autorisations ont changé",
                "Une autorisation a changé dans votre dossier.",
                "Connectez-vous pour la vérifier.",
            ),
            About::CaseAnswered => ("Une réponse vous attend", "Votre signalement a reçu une réponse.", LOOK),
            About::FirstAccess => (
                "Un soignant a ouvert votre dossier",
                "Un soignant a ouvert votre dossier pour la première fois.",
                LOOK,
            ),
            About::Emergency => (
                "Votre dossier a été ouvert en urgence",
                "Votre dossier a été ouvert en urgence.",
                "Connectez-vous pour voir qui l'a ouvert et pourquoi.",
            ),
            About::Access => ("Votre dossier a été ouvert", "Un soignant a ouvert votre dossier.", LOOK),
            About::Activated => ("Votre compte est prêt", "Votre compte est activé.", NOT_YOU),
            About::PasswordChanged => ("Mot de passe changé", "Votre mot de passe a été changé.", NOT_YOU),
            About::PasskeyAdded => {
                ("Clé d'accès ajoutée", "Une clé d'accès a été ajoutée à votre compte.", NOT_YOU)
            }
            About::PasskeyRemoved => {
                ("Clé d'accès retirée", "Une clé d'accès a été retirée de votre compte.", NOT_YOU)
            }
            About::AppAdded => (
                "Application de codes ajoutée",
                "Une application de codes protège maintenant votre compte.",
                NOT_YOU,
            ),
            About::AppRemoved => (
                "Application de codes retirée",
                "L'application de codes ne protège plus votre compte.",
                NOT_YOU,
            ),
            About::ChannelChanged => {
                ("Adresse des codes changée", "Vos codes arrivent maintenant ailleurs.", NOT_YOU)
            }
            About::NewDevice => (
                "Nouvel appareil",
                "Quelqu'un s'est connecté à votre compte depuis un nouvel appareil.",
                NOT_YOU,
            ),
        }
    }
}

fn message(to: To, kind: Kind, subject: &str, lines: &[&str]) -> Message {
    let text = match &to {
        To::Sms(_) => format!("DMP : {}", lines.join(" ")),
        To::Mail(_) | To::Letter(_) => format!("Bonjour,\n\n{}\n\n{SIGNED}", lines.join("\n")),
    };
    let subject = if matches!(to, To::Sms(_)) { String::new() } else { subject.to_owned() };
    Message { to, kind, subject, text }
}

/// What a person is told.
pub fn tell(to: To, about: About) -> Message {
    let (subject, happened, then) = about.words();
    message(to, about.kind(), subject, &[happened, then])
}

/// A one-time code.
pub(crate) fn code(to: To, code: &str, minutes: u32, signs_in: bool) -> Message {
    let what = match signs_in {
        true => format!("Votre code de connexion : {code}."),
        false => format!("Votre code : {code}."),
    };
    let until = format!("Il vaut {minutes} minutes. Ne le donnez à personne.");
    message(to, Kind::Code, "Votre code", &[&what, &until])
}

/// The link that activates an account.
pub(crate) fn activation(to: To, login: &str, link: &str, minutes: u32) -> Message {
    let login = format!("Votre identifiant : {login}.");
    let link = format!("Choisissez votre mot de passe : {link}");
    let until = format!("Ce lien vaut {minutes} minutes. Ne le donnez à personne.");
    message(to, Kind::Activation, "Activez votre compte", &[&login, &link, &until])
}

/// `m••••@example.org`: enough to know one's own address again.
pub fn masked_address(address: &str) -> String {
    let (local, domain) = address.split_once('@').unwrap_or((address, ""));
    let first: String = local.chars().take(1).collect();
    format!("{first}••••@{domain}")
}

/// `•• •• •• •• 78`.
pub fn masked_number(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    let last: String = digits.iter().skip(digits.len().saturating_sub(2)).collect();
    format!("•• •• •• •• {last}")
}

/// A channel, as its owner knows it again.
pub(crate) fn masked(channel: &OtpChannel) -> String {
    match channel {
        OtpChannel::Sms(number) => masked_number(number),
        OtpChannel::Email(address) => masked_address(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [About; 15] = [
        About::Opened,
        About::Closed,
        About::RightsChanged,
        About::CaseAnswered,
        About::FirstAccess,
        About::Emergency,
        About::Access,
        About::Activated,
        About::PasswordChanged,
        About::PasskeyAdded,
        About::PasskeyRemoved,
        About::AppAdded,
        About::AppRemoved,
        About::ChannelChanged,
        About::NewDevice,
    ];

    /// ux.md 3.13: sentences of 15 words at most, no exclamation mark; an SMS fits two messages of the network.
    #[test]
    fn every_text_is_short_and_plain() {
        let sms = || To::Sms("0612345678".into());
        let mail = || To::Mail("marie@example.org".into());
        for to in [sms(), mail()] {
            let mut messages: Vec<Message> = ALL.iter().map(|about| tell(to.clone(), *about)).collect();
            messages.push(code(to.clone(), "123456", 10, true));
            messages.push(activation(to, "K7M2PXQ4RT", "https://dmp.example.org/compte/activation", 15));
            for message in messages {
                crate::messenger::check(&message).unwrap();
                assert!(!message.text.contains('!'), "{}", message.text);
                for sentence in message.text.split(['.', '\n']) {
                    assert!(sentence.split_whitespace().count() <= 15, "{sentence}");
                }
                if matches!(message.to, To::Sms(_)) {
                    assert!(
                        message.text.chars().count() <= 268 && message.subject.is_empty(),
                        "{}",
                        message.text
                    );
                }
            }
        }
    }

    #[test]
    fn a_channel_is_known_again_and_not_read() {
        assert_eq!(masked_address("marie.durand@example.org"), "m••••@example.org");
        assert_eq!(masked_number("+33 6 12 34 56 78"), "•• •• •• •• 78");
    }
}
