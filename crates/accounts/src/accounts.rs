//! The service: what the pages call, and what every story shares.

use crate::account::{self, Account};
use crate::codes::{CodeFault, Codes, Lane};
use crate::flow::Stories;
use crate::messenger::{Messenger, To};
use crate::pace::{Counted, Tries, Window};
use crate::passkeys::Ceremonies;
use crate::password::{Cost, Hasher, PasswordFault};
use crate::words::{self, About};
use crate::{device, links, secrets};
use dmp_dossier::{Actor, Ins, OtpChannel, Time, Traits};
use dmp_store::{Kept, Store, StoreError, WebAccessOwner};
use moka::sync::Cache;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long a link that activates serves.
pub(crate) const LINK_MINUTES: u32 = 15;
const HOUR_MS: i64 = 3_600_000;
/// Writings of one account that may meet.
const WRITES_MAX: usize = 8;

/// What the service is made of.
pub struct AccountsConfig {
    /// Where accounts are kept, and the clock.
    pub store: Store,
    /// How people are told.
    pub messenger: Arc<dyn Messenger>,
    /// Address of the pages, `https://dmp.example.org`.
    pub public_url: String,
    /// Domain of passkeys, when it is not the host of that address.
    pub passkey_domain: Option<String>,
    /// What deriving a password costs.
    pub cost: Cost,
}

/// Accounts of a deployment.
pub struct Accounts {
    pub(crate) store: Store,
    pub(crate) messenger: Arc<dyn Messenger>,
    pub(crate) public_url: String,
    pub(crate) hasher: Hasher,
    pub(crate) codes: Codes,
    pub(crate) tries: Tries,
    pub(crate) stories: Stories,
    pub(crate) ceremonies: Ceremonies,
    /// Links that activate, by digest.
    pub(crate) links: Cache<[u8; 32], Arc<Link>>,
    /// Challenges asked, by address.
    pub(crate) challenges: Window,
}

/// A link that activates.
pub(crate) struct Link {
    pub(crate) login: String,
    pub(crate) secret_hash: String,
    pub(crate) born: Time,
}

/// Where a request comes from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// Its address; `None` behind a proxy, which carries everybody's.
    pub address: Option<IpAddr>,
    /// Its `User-Agent`.
    pub user_agent: String,
    /// The cookie of its device.
    pub device: Option<String>,
}

/// Why a story stops.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// No such account, or not that proof: which one is not told.
    #[error("not recognised")]
    Wrong,
    /// Not that code.
    #[error("wrong code, {tries_left} tries left")]
    Code {
        /// Before it is void.
        tries_left: u8,
    },
    /// Too old, used, or tried too often: start again.
    #[error("over")]
    Over,
    /// Too many tries or codes.
    #[error("too many tries, wait {seconds} s")]
    Wait {
        /// Seconds.
        seconds: u32,
    },
    /// A password that is not taken.
    #[error("the password is refused: {0:?}")]
    Password(PasswordFault),
    /// The message could not leave.
    #[error("the message could not be sent")]
    NotSent,
    /// A login that somebody has.
    #[error("the login is taken")]
    Taken,
    /// As many as there may be.
    #[error("there are too many")]
    Full,
    /// Our fault or the disk's.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CodeFault> for Fault {
    fn from(fault: CodeFault) -> Self {
        match fault {
            CodeFault::Wrong { tries_left } => Fault::Code { tries_left },
            CodeFault::Over => Fault::Over,
            CodeFault::Wait { seconds } => Fault::Wait { seconds },
        }
    }
}

/// Where the code that is asked comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// An application.
    App,
    /// A message to a telephone, `•• •• •• •• 78`.
    Sms(String),
    /// A message to an address, `m••••@example.org`.
    Mail(String),
    /// A channel that is not told.
    Untold,
}

impl From<&OtpChannel> for Proof {
    fn from(channel: &OtpChannel) -> Self {
        match channel {
            OtpChannel::Sms(number) => Proof::Sms(words::masked_number(number)),
            OtpChannel::Email(address) => Proof::Mail(words::masked_address(address)),
        }
    }
}

/// The next page of a story: its ticket, and where its code comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// For the form.
    pub ticket: String,
    /// Where the code comes from.
    pub proof: Proof,
}

/// Somebody who signed in.
#[derive(Debug, Clone)]
pub struct Entered {
    /// Who they are in front of the record.
    pub actor: Actor,
    /// Their name, `Marie Durand`.
    pub name: String,
    /// The identity of a patient.
    pub traits: Option<Traits>,
    /// The login.
    pub login: String,
    /// Value of the cookie of their device.
    pub device: String,
}

/// An account that an operator makes: a reception agent's, a référent's.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// What they will type.
    pub login: String,
    /// Who they are in front of the record; a patient's account comes from the dossier.
    pub actor: Actor,
    /// Their name.
    pub name: String,
    /// Where their codes go.
    pub channel: OtpChannel,
}

/// What a login leads to today.
pub(crate) struct Live {
    pub(crate) login: String,
    pub(crate) account: Option<Account>,
    /// For a patient.
    pub(crate) owner: Option<WebAccessOwner>,
}

impl Live {
    /// Where codes go.
    pub(crate) fn channels(&self) -> &[OtpChannel] {
        match (&self.owner, &self.account) {
            (Some(owner), _) => &owner.access.channels,
            (None, Some(account)) => &account.channels,
            (None, None) => &[],
        }
    }

    /// The derived secret that activates, when it did not serve yet.
    pub(crate) fn secret_hash(&self) -> Option<&str> {
        let hash = match (&self.owner, &self.account) {
            (Some(owner), _) => Some(owner.access.secret_hash.as_str()),
            (None, Some(account)) => account.first_secret.as_deref(),
            (None, None) => None,
        };
        let used = self.account.as_ref().and_then(|account| account.activated_with.as_deref());
        hash.filter(|hash| used != Some(*hash))
    }

    /// The account, once its owner chose how to sign in.
    pub(crate) fn active(&self) -> Option<&Account> {
        self.account.as_ref().filter(|account| account.is_active())
    }

    /// What a password may not hold.
    pub(crate) fn personal(&self) -> Vec<&str> {
        let mut words = vec![self.login.as_str()];
        if let Some(owner) = &self.owner {
            words.extend(owner.traits.birth_name.split([' ', '-']));
            words.extend(owner.traits.given_names.split([' ', '-']));
            words.push(&owner.traits.birth_date);
        }
        if let Some(account) = &self.account {
            words.extend(account.name.split([' ', '-']));
        }
        words
    }

    fn name(&self) -> String {
        match (&self.owner, &self.account) {
            (Some(owner), _) => full_name(&owner.traits),
            (None, Some(account)) => account.name.clone(),
            (None, None) => String::new(),
        }
    }
}

/// `Marie Durand`: the names in use, in the case of a sentence.
fn full_name(traits: &Traits) -> String {
    let family = traits.used_name.as_deref().unwrap_or(&traits.birth_name);
    let given = traits.used_given.as_deref().unwrap_or_else(|| traits.first_given());
    let cased = |name: &str| {
        let mut start = true;
        name.chars()
            .map(|c| {
                let cased = if start { c } else { c.to_lowercase().next().unwrap_or(c) };
                start = !c.is_alphabetic();
                cased
            })
            .collect::<String>()
    };
    format!("{} {}", cased(given), cased(family)).trim().to_owned()
}

impl Accounts {
    /// The service.
    ///
    /// # Errors
    /// An address that passkeys cannot belong to, a cost that Argon2 refuses; in one line.
    pub fn new(config: AccountsConfig) -> Result<Self, String> {
        Ok(Accounts {
            ceremonies: Ceremonies::new(&config.public_url, config.passkey_domain.as_deref())?,
            hasher: Hasher::new(config.cost).map_err(|error| error.to_string())?,
            store: config.store,
            messenger: config.messenger,
            public_url: config.public_url,
            codes: Codes::new(),
            tries: Tries::new(),
            stories: Stories::new(),
            challenges: Window::new(HOUR_MS),
            links: Cache::builder()
                .max_capacity(100_000)
                .time_to_live(Duration::from_secs(u64::from(LINK_MINUTES) * 60))
                .build(),
        })
    }

    /// The domain that passkeys belong to.
    pub fn passkey_domain(&self) -> &str {
        self.ceremonies.domain()
    }

    /// The one way by which people are told something.
    pub fn messenger(&self) -> &Arc<dyn Messenger> {
        &self.messenger
    }

    /// Draws a login and a one-time secret.
    ///
    /// # Errors
    /// [`Fault::Wait`] when no derivation could be made.
    pub async fn draw(&self) -> Result<secrets::Drawn, Fault> {
        let (login, secret) = (secrets::login(), secrets::secret());
        let derived = self.hasher.derive(secrets::normalised(&secret)).await;
        let secret_hash = derived.ok_or(Fault::Wait { seconds: 1 })?;
        Ok(secrets::Drawn { login, secret, secret_hash })
    }

    /// Makes the account of somebody who has no dossier here to sign in to; its one-time secret, for them alone.
    ///
    /// # Errors
    /// [`Fault::Taken`]; a patient: [`Fault::Wrong`], theirs comes from the dossier.
    pub async fn register(&self, new: NewAccount) -> Result<secrets::Drawn, Fault> {
        if matches!(new.actor, Actor::Patient { .. } | Actor::Representative { .. }) {
            return Err(Fault::Wrong);
        }
        let login = new.login.trim().to_owned();
        if !(4..=64).contains(&login.len()) || !login.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(Fault::Wrong);
        }
        if self.store.web_access(&login).await?.is_some() {
            return Err(Fault::Taken);
        }
        let drawn = self.draw().await?;
        let mut account = Account::new(&login, new.actor, new.name);
        account.first_secret = Some(drawn.secret_hash.clone());
        account.channels = vec![new.channel];
        match account::save(&self.store, &account).await? {
            Kept::Written(_) => Ok(secrets::Drawn { login, ..drawn }),
            Kept::Moved => Err(Fault::Taken),
        }
    }

    /// The device of a request, as an account knows it.
    pub fn device_of(&self, origin: &Origin) -> Option<String> {
        device::known(origin.device.as_deref()).map(secrets::digest_hex)
    }

    /// The login of the account of an actor, when they have one that signs in.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn login_of(&self, actor: &Actor) -> Result<Option<String>, StoreError> {
        let Some(login) = links::of_actor(&self.store, actor).await? else { return Ok(None) };
        Ok(self.live(&login).await?.filter(|live| live.active().is_some()).map(|live| live.login))
    }

    pub(crate) fn now(&self) -> Time {
        self.store.now()
    }

    /// What was typed as a login, a mail address included.
    pub(crate) async fn resolve(&self, typed: &str) -> Result<Option<Live>, StoreError> {
        let typed = typed.trim();
        if typed.len() > 254 {
            return Ok(None);
        }
        if typed.contains('@') {
            return match links::of_mail(&self.store, typed).await? {
                Some(login) => self.live(&login).await,
                None => Ok(None),
            };
        }
        let compact: String = typed.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
        let mut tried: Vec<String> = Vec::new();
        for login in [compact.to_ascii_uppercase(), compact.clone(), compact.to_ascii_lowercase()] {
            if !login.is_empty() && !tried.contains(&login) {
                if let Some(live) = self.live(&login).await? {
                    return Ok(Some(live));
                }
                tried.push(login);
            }
        }
        Ok(None)
    }

    /// What a login leads to today. The account of a patient whose login was renewed (TD1.5d) leads nowhere.
    pub(crate) async fn live(&self, login: &str) -> Result<Option<Live>, StoreError> {
        let owner = self.store.web_access(login).await?;
        let account = account::load(&self.store, login).await?;
        let account = account.filter(|account| match (&account.actor, &owner) {
            (Actor::Patient { ins }, Some(owner)) => same(ins, &owner.ins),
            (Actor::Patient { .. }, None) => false,
            (_, owner) => owner.is_none(),
        });
        let there = owner.is_some() || account.is_some();
        Ok(there.then(|| Live { login: login.to_owned(), account, owner }))
    }

    /// Whose tries are counted: of a device that the account knows its own, otherwise the account's and the address's.
    pub(crate) fn counted(&self, typed: &str, live: Option<&Live>, origin: &Origin) -> Vec<Counted> {
        let account = live.and_then(|live| live.account.as_ref());
        let device = self.device_of(origin);
        if let Some((account, device)) = account.zip(device).filter(|(account, device)| account.knows(device))
        {
            return vec![Counted::Device(format!("{} {device}", account.login))];
        }
        let login = live.map_or_else(|| typed.to_owned(), |live| live.login.clone());
        let mut counted = vec![Counted::Account(one_way(&login))];
        counted.extend(origin.address.map(Counted::address));
        counted
    }

    /// Changes an account, whoever writes it at the same time.
    pub(crate) async fn change(
        &self,
        login: &str,
        mut change: impl FnMut(&mut Account) -> Result<(), Fault>,
    ) -> Result<Account, Fault> {
        for _ in 0..WRITES_MAX {
            let mut account = account::load(&self.store, login).await?.ok_or(Fault::Over)?;
            change(&mut account)?;
            if let Kept::Written(version) = account::save(&self.store, &account).await? {
                return Ok(Account { version, ..account });
            }
        }
        Err(Fault::Wait { seconds: 1 })
    }

    /// Sends a code to a channel; the ticket of the code.
    pub(crate) async fn send_code(
        &self,
        to: &OtpChannel,
        origin: Option<&Origin>,
        signs_in: bool,
    ) -> Result<String, Fault> {
        let from = origin.and_then(|origin| origin.address);
        let lane = if signs_in { Lane::SignIn } else { Lane::Contact };
        let (ticket, code) = self.codes.draw(lane, to, from, self.now())?;
        let message = words::code(To::from(to), &code, crate::CODE_MINUTES, signs_in);
        match self.messenger.send(message).await {
            Ok(()) => Ok(ticket),
            Err(error) => {
                tracing::warn!(%error, kind = to.kind(), "a code was not sent");
                Err(Fault::NotSent)
            }
        }
    }

    /// Sends a code that proves a channel; the ticket that the form carries back.
    ///
    /// # Errors
    /// [`Fault::Wait`], [`Fault::NotSent`].
    pub async fn prove_channel(&self, to: &OtpChannel, signs_in: bool) -> Result<String, Fault> {
        self.send_code(to, None, signs_in).await
    }

    /// The channel that a code proves.
    ///
    /// # Errors
    /// [`Fault::Code`], [`Fault::Over`].
    pub fn proved_channel(&self, ticket: &str, typed: &str) -> Result<OtpChannel, Fault> {
        Ok(self.codes.check(ticket, typed, self.now())?)
    }

    /// Tells every one of these channels; a message that does not leave stops nothing.
    pub async fn tell(&self, channels: &[OtpChannel], about: About) {
        for channel in channels {
            if let Err(error) = self.messenger.send(words::tell(To::from(channel), about)).await {
                tracing::warn!(%error, kind = channel.kind(), "somebody was not told");
            }
        }
    }

    /// The end of every way in: notes the device, tells of a new one, and says who entered.
    pub(crate) async fn enter(&self, login: &str, origin: &Origin) -> Result<Entered, Fault> {
        let live = self.live(login).await?.ok_or(Fault::Over)?;
        let first = live.active().is_none_or(|account| account.devices.is_empty());
        let cookie = device::known(origin.device.as_deref()).map_or_else(device::fresh, str::to_owned);
        let id = secrets::digest_hex(&cookie);
        let family = device::family(&origin.user_agent);
        let now = self.now();
        let mut new = false;
        let account = self
            .change(login, |account| {
                new = !account.knows(&id);
                account.used_from(&id, &family, now);
                Ok(())
            })
            .await?;
        if new && !first {
            self.tell(live.channels(), About::NewDevice).await;
        }
        Ok(Entered {
            actor: account.actor,
            name: live.name(),
            traits: live.owner.map(|owner| owner.traits),
            login: login.to_owned(),
            device: cookie,
        })
    }
}

/// However a login is typed it is counted as one, whether somebody has it or not: otherwise the count would tell.
fn one_way(typed: &str) -> String {
    match typed.trim() {
        mail if mail.contains('@') => mail.to_lowercase().chars().take(254).collect(),
        login => secrets::normalised(login),
    }
}

fn same(one: &Ins, other: &Ins) -> bool {
    one.value() == other.value() && one.oid() == other.oid()
}
