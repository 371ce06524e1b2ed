//! The patient's own way in by internet: login, secret, channels of the one-time code (TD1.5a–d).
//!
//! Who may is decided as for administrative data ([`Act::WebAccess`]); the representatives may not: whoever holds these
//! secrets enters as the patient. The faces draw the login and hash the secret; the record keeps what they made and
//! the journal neither number nor address. TD1.5 is historic and gives no rule beyond its messages: those here are ours.

use crate::Moment;
use crate::access::{self, Trail};
use crate::act::Act;
use crate::actor::Actor;
use crate::change::{Change, Fact, Payload};
use crate::reason::{Reason, Refusal};
use crate::record::Dossier;
use crate::rule::rules;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::fmt;

rules! {
    /// One access.
    WEB_1 = "WEB-1", "un patient a un seul accès internet; ses secrets se renouvellent, ils ne s'ouvrent pas deux fois", "SEL-MP-037 TD1.5a, TD1.5d";
    /// Channels.
    WEB_2 = "WEB-2", "un canal de code à usage unique par type, un au moins; AJOUT en ajoute un, MODIFICATION change celui du type, SUPPRESSION l'ôte",
        "SEL-MP-037 TD1.5b";
    /// Form.
    WEB_3 = "WEB-3", "un identifiant, un secret dérivé, un numéro ou une adresse ont leur forme", "security.md 3";
    /// Logins.
    WEB_4 = "WEB-4", "un identifiant de connexion ne sert qu'une fois, et à un seul patient", "design 4, locator";
}

/// Longest login.
const LOGIN_MAX: usize = 64;
/// Longest PHC string.
const HASH_MAX: usize = 512;
/// Longest mail address (RFC 5321 4.5.3.1.3).
const EMAIL_MAX: usize = 254;
/// Digits of a telephone number (E.164).
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// By what a one-time code reaches the patient.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum OtpChannel {
    /// A mobile telephone.
    Sms(String),
    /// A mail address.
    Email(String),
}

impl OtpChannel {
    /// `SMS` or `EMAIL`, as TD1.5 writes it.
    pub fn kind(&self) -> &'static str {
        match self {
            OtpChannel::Sms(_) => "SMS",
            OtpChannel::Email(_) => "EMAIL",
        }
    }

    /// The number or the address.
    pub fn value(&self) -> &str {
        match self {
            OtpChannel::Sms(value) | OtpChannel::Email(value) => value,
        }
    }

    fn is_well_formed(&self) -> bool {
        match self {
            OtpChannel::Sms(number) => {
                let digits = number.bytes().filter(u8::is_ascii_digit).count();
                number.len() <= 24
                    && DIGITS.contains(&digits)
                    && number.bytes().all(|b| b.is_ascii_digit() || b" +.-()".contains(&b))
            }
            OtpChannel::Email(address) => {
                address.len() <= EMAIL_MAX
                    && !address.chars().any(|c| c.is_control() || c.is_whitespace())
                    && address.split_once('@').is_some_and(|(local, domain)| {
                        !local.is_empty() && domain.contains('.') && !domain.contains('@')
                    })
            }
        }
    }
}

impl fmt::Debug for OtpChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OtpChannel({} …)", self.kind())
    }
}

/// The access as the dossier keeps it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebAccess {
    /// What the patient types to say who they are.
    pub login: String,
    /// Their secret, derived: a PHC string made by the face.
    pub secret_hash: String,
    /// Where one-time codes go, one of each kind at most.
    pub channels: Vec<OtpChannel>,
    /// Since.
    pub opened_at: Time,
}

impl fmt::Debug for WebAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebAccess").field("channels", &self.channels).finish_non_exhaustive()
    }
}

/// An access to open (TD1.5a).
#[derive(Clone, PartialEq, Eq)]
pub struct WebAccessDraft {
    /// Login drawn by the face.
    pub login: String,
    /// Secret drawn and derived by the face: a PHC string.
    pub secret_hash: String,
    /// Where the first codes go.
    pub channel: OtpChannel,
}

impl fmt::Debug for WebAccessDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebAccessDraft").field("channel", &self.channel).finish_non_exhaustive()
    }
}

/// What TD1.5b does with a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OtpAction {
    /// `AJOUT`
    Add,
    /// `MODIFICATION`: of the channel of the same kind.
    Replace,
    /// `SUPPRESSION`
    Remove,
}

fn well_formed(login: &str, secret_hash: &str) -> Result<(), Refusal> {
    let login_ok = (4..=LOGIN_MAX).contains(&login.len()) && login.bytes().all(|b| b.is_ascii_graphic());
    if !login_ok {
        return Err(Refusal::about(Reason::InvalidRequest, &WEB_3, "identifiant de connexion"));
    }
    let hash_ok = secret_hash.starts_with('$')
        && secret_hash.len() <= HASH_MAX
        && secret_hash.bytes().all(|b| b.is_ascii_graphic());
    match hash_ok {
        true => Ok(()),
        false => Err(Refusal::about(Reason::InvalidRequest, &WEB_3, "secret")),
    }
}

fn check_channel(channel: &OtpChannel) -> Result<(), Refusal> {
    match channel.is_well_formed() {
        true => Ok(()),
        false => Err(Refusal::about(Reason::InvalidRequest, &WEB_3, "canal du code à usage unique")),
    }
}

/// Opens the access (TD1.5a). Empty when it is this very one already.
///
/// # Errors
/// Those of [`access::enter`]; [`Reason::InvalidRequest`] (WEB-3); [`Reason::WebAccessExists`] (WEB-1).
pub fn open(
    dossier: &Dossier,
    actor: &Actor,
    draft: &WebAccessDraft,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    access::enter(dossier, actor, Act::WebAccess, moment, &mut Trail::new())?;
    well_formed(&draft.login, &draft.secret_hash)?;
    check_channel(&draft.channel)?;
    match &dossier.state.web_access {
        Some(known) if known.login == draft.login && known.secret_hash == draft.secret_hash => Ok(Vec::new()),
        Some(_) => Err(Refusal::new(Reason::WebAccessExists, &WEB_1)),
        None => {
            let access = WebAccess {
                login: draft.login.clone(),
                secret_hash: draft.secret_hash.clone(),
                channels: vec![draft.channel.clone()],
                opened_at: moment.at,
            };
            Ok(vec![changed(Fact::WebAccessOpened, access, moment)])
        }
    }
}

/// New login and secret (TD1.5d); the channels stay.
///
/// # Errors
/// Those of [`access::enter`]; [`Reason::InvalidRequest`] (WEB-3); [`Reason::WebAccessMissing`] (WEB-1).
pub fn renew(
    dossier: &Dossier,
    actor: &Actor,
    login: &str,
    secret_hash: &str,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    let known = known(dossier, actor, moment)?;
    well_formed(login, secret_hash)?;
    if known.login == login && known.secret_hash == secret_hash {
        return Ok(Vec::new());
    }
    let access = WebAccess { login: login.to_owned(), secret_hash: secret_hash.to_owned(), ..known.clone() };
    Ok(vec![changed(Fact::WebAccessRenewed, access, moment)])
}

/// Adds, changes or removes a channel (TD1.5b).
///
/// # Errors
/// Those of [`access::enter`]; [`Reason::WebAccessMissing`] (WEB-1); [`Reason::InvalidRequest`] (WEB-3); another
/// channel of that kind is there: [`Reason::ChannelExists`]; none is: [`Reason::ChannelMissing`]; it is the last one:
/// [`Reason::LastChannel`] (WEB-2).
pub fn change_channel(
    dossier: &Dossier,
    actor: &Actor,
    action: OtpAction,
    channel: &OtpChannel,
    moment: &Moment<'_>,
) -> Result<Vec<Change>, Refusal> {
    let known = known(dossier, actor, moment)?;
    check_channel(channel)?;
    let place = known.channels.iter().position(|c| c.kind() == channel.kind());
    let same = place.is_some_and(|place| known.channels[place] == *channel);
    let mut channels = known.channels.clone();
    match (action, place) {
        (OtpAction::Add | OtpAction::Replace, Some(_)) if same => return Ok(Vec::new()),
        (OtpAction::Add, Some(_)) => return Err(Refusal::new(Reason::ChannelExists, &WEB_2)),
        (OtpAction::Add, None) => channels.push(channel.clone()),
        (OtpAction::Replace, Some(place)) => channels[place] = channel.clone(),
        (OtpAction::Remove, Some(_)) if same && channels.len() == 1 => {
            return Err(Refusal::new(Reason::LastChannel, &WEB_2));
        }
        (OtpAction::Remove, Some(place)) if same => {
            channels.remove(place);
        }
        (OtpAction::Replace | OtpAction::Remove, _) => {
            return Err(Refusal::new(Reason::ChannelMissing, &WEB_2));
        }
    }
    let access = WebAccess { channels, ..known.clone() };
    Ok(vec![changed(Fact::OtpChannelChanged { action }, access, moment)])
}

fn known<'a>(dossier: &'a Dossier, actor: &Actor, moment: &Moment<'_>) -> Result<&'a WebAccess, Refusal> {
    access::enter(dossier, actor, Act::WebAccess, moment, &mut Trail::new())?;
    dossier.state.web_access.as_ref().ok_or(Refusal::new(Reason::WebAccessMissing, &WEB_1))
}

fn changed(fact: Fact, access: WebAccess, moment: &Moment<'_>) -> Change {
    Change { fact, at: moment.at, payload: Payload::WebAccess(Box::new(access)) }
}

/// The refusal of a login that is, or was, somebody's: the face draws another one.
pub fn login_taken() -> Refusal {
    Refusal::new(Reason::LoginTaken, &WEB_4)
}
