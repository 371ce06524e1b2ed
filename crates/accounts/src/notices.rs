//! What patients are told of what happens on their dossier: a first access, an emergency, each access, an answer.
//!
//! A minor's go to who acts for them, except what was done in a *connexion secrète*, which goes to nobody. An emergency is
//! told whatever was chosen (CHX-2), by any channel there is.

use crate::messenger::{Messenger, To};
use crate::words::{self, About};
use dmp_dossier::{Contact, NoticeChannel, OtpChannel, Time};
use dmp_store::{Addressee, Notice, NoticeKind, Store, StoreError};
use std::collections::HashSet;

/// Notices of one pass: as many done, and there may be more.
pub const PASS: usize = 50;

/// Sends what is to be told now; how many notices were done. A message that does not leave is tried at the next pass;
/// one that no transport can write is given up. What happened before `since` is taken as told: the past that a demo is
/// made with.
///
/// # Errors
/// [`StoreError::Failed`].
pub async fn send_due(
    store: &Store,
    messenger: &dyn Messenger,
    since: Option<Time>,
) -> Result<usize, StoreError> {
    let mut done = 0;
    for notice in store.notices(PASS).await? {
        let told = since.is_some_and(|since| notice.at < since);
        let sent = match store.addressee(&notice).await? {
            Some(addressee) if !told => send(messenger, &notice, &addressee).await,
            _ => true,
        };
        if sent {
            store.noticed(&notice).await?;
            done += 1;
        }
    }
    Ok(done)
}

async fn send(messenger: &dyn Messenger, notice: &Notice, addressee: &Addressee) -> bool {
    use crate::messenger::SendError::{Malformed, NoWay, Refused};
    let mut done = true;
    for to in recipients(notice, addressee) {
        match messenger.send(words::tell(to, about(notice.kind))).await {
            Ok(()) => {}
            Err(error @ (Malformed | NoWay(_))) => tracing::warn!(%error, "a notice has no way to leave"),
            Err(error @ Refused(_)) => {
                tracing::warn!(%error, "a notice did not leave yet");
                done = false;
            }
        }
    }
    done
}

fn about(kind: NoticeKind) -> About {
    match kind {
        NoticeKind::FirstAccess => About::FirstAccess,
        NoticeKind::Emergency => About::Emergency,
        NoticeKind::Access => About::Access,
        NoticeKind::CaseAnswered => About::CaseAnswered,
    }
}

/// Who is told, each once.
fn recipients(notice: &Notice, addressee: &Addressee) -> Vec<To> {
    let wanted = match notice.kind {
        NoticeKind::Emergency | NoticeKind::CaseAnswered => true,
        NoticeKind::FirstAccess => addressee.notices.first_access || addressee.notices.every_access,
        NoticeKind::Access => addressee.notices.every_access,
    };
    let emergency = notice.kind == NoticeKind::Emergency;
    if !wanted || (addressee.notices.by == NoticeChannel::None && !emergency) {
        return Vec::new();
    }
    let by = addressee.notices.by;
    let mut to: Vec<To> = Vec::new();
    if let Some(contact) = &addressee.contact {
        to.extend(reached(contact, &addressee.channels, by, emergency));
    }
    if !notice.secret && addressee.contact.is_none() {
        to.extend(
            addressee.representatives.iter().filter_map(|contact| reached(contact, &[], by, emergency)),
        );
    }
    let mut told = HashSet::new();
    to.retain(|to| told.insert(to.value().to_owned()));
    to
}

/// By the channel that was chosen, or another when it is not there: a notice that was asked for is not lost.
fn reached(contact: &Contact, channels: &[OtpChannel], by: NoticeChannel, emergency: bool) -> Option<To> {
    let of_channels =
        |sms: bool| channels.iter().find(|c| matches!(c, OtpChannel::Sms(_)) == sms).map(To::from);
    let mail = || contact.mail.clone().map(To::Mail).or_else(|| of_channels(false));
    let sms = || contact.phone.clone().filter(|n| is_mobile(n)).map(To::Sms).or_else(|| of_channels(true));
    let letter = || contact.address.clone().map(To::Letter);
    match by {
        NoticeChannel::Mail => mail().or_else(sms).or_else(letter),
        NoticeChannel::Sms => sms().or_else(mail).or_else(letter),
        NoticeChannel::Letter => letter().or_else(mail).or_else(sms),
        NoticeChannel::None if emergency => mail().or_else(sms).or_else(letter),
        NoticeChannel::None => None,
    }
}

/// A French fixed line takes no text message (numbers from 01 to 05, and 09).
fn is_mobile(number: &str) -> bool {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let french = digits.strip_prefix("0033").or(digits.strip_prefix("33").filter(|_| digits.len() == 11));
    match french.or(digits.strip_prefix('0').filter(|_| digits.len() == 10)) {
        Some(number) => number.starts_with(['6', '7']),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dmp_dossier::{DossierId, Notices};
    use uuid::Uuid;

    fn contact(mail: Option<&str>, phone: Option<&str>) -> Contact {
        Contact {
            mail: mail.map(str::to_owned),
            phone: phone.map(str::to_owned),
            address: Some("1 rue".into()),
        }
    }

    fn told(
        kind: NoticeKind,
        secret: bool,
        minor: bool,
        first: bool,
        every: bool,
        by: NoticeChannel,
    ) -> String {
        let notice = Notice {
            id: Uuid::nil(),
            dossier: DossierId(Uuid::nil()),
            kind,
            at: Time::from_millis(0),
            secret,
        };
        let addressee = Addressee {
            contact: (!minor).then(|| contact(Some("marie@example.org"), Some("0612345678"))),
            channels: Vec::new(),
            representatives: vec![contact(Some("parent@example.org"), None)],
            notices: Notices { first_access: first, every_access: every, by },
        };
        let to = recipients(&notice, &addressee);
        to.iter().map(To::value).collect::<Vec<_>>().join(" ")
    }

    /// One row per choice.
    #[test]
    fn who_is_told() {
        use NoticeChannel::{Letter, Mail, None, Sms};
        use NoticeKind::{Access, CaseAnswered, Emergency, FirstAccess};
        for (kind, secret, minor, first, every, by, to) in [
            (FirstAccess, false, false, true, false, Mail, "marie@example.org"),
            (FirstAccess, false, false, true, false, Sms, "0612345678"),
            (FirstAccess, false, false, true, false, Letter, "1 rue"),
            (FirstAccess, false, false, false, false, Mail, ""),
            (FirstAccess, false, false, true, false, None, ""),
            (Access, false, false, true, false, Mail, ""),
            (Access, false, false, true, true, Mail, "marie@example.org"),
            (Emergency, false, false, false, false, None, "marie@example.org"),
            (CaseAnswered, false, false, false, false, Mail, "marie@example.org"),
            (FirstAccess, false, true, true, false, Mail, "parent@example.org"),
            (FirstAccess, true, true, true, true, Mail, ""),
            (Emergency, true, true, true, true, Mail, ""),
            (Emergency, true, false, true, true, Mail, "marie@example.org"),
        ] {
            assert_eq!(told(kind, secret, minor, first, every, by), to, "{kind:?} {secret} {minor} {by:?}");
        }
    }

    #[test]
    fn a_fixed_line_takes_no_text_message() {
        for (number, mobile) in [
            ("06 12 34 56 78", true),
            ("+33 7 12 34 56 78", true),
            ("0033612345678", true),
            ("02 99 12 34 56", false),
            ("+33 2 99 12 34 56", false),
            ("+32 470 12 34 56", true),
        ] {
            assert_eq!(is_mobile(number), mobile, "{number}");
        }
    }
}
