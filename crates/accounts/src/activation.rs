//! Activation: login and sealed secret, or a link; then a code to the channel on file; then a password or a passkey.

use crate::account::{self, Account, Passkey};
use crate::accounts::{Accounts, Entered, Fault, LINK_MINUTES, Link, Live, Origin, Proof, Step};
use crate::flow::{Story, Why};
use crate::messenger::{Message, To};
use crate::words::About;
use crate::{links, password, secrets, words};
use dmp_dossier::{Actor, OtpChannel};
use dmp_store::Kept;
use std::sync::Arc;
use uuid::Uuid;

impl Accounts {
    /// Login and sealed secret: a code leaves for the channel on file.
    ///
    /// # Errors
    /// [`Fault::Wrong`] whatever is wrong, [`Fault::Wait`], [`Fault::NotSent`].
    pub async fn activate(&self, typed: &str, secret: &str, origin: &Origin) -> Result<Step, Fault> {
        let live = self.resolve(typed).await?;
        let counted = self.counted(typed, live.as_ref(), origin);
        self.tries.take(&counted, self.now()).map_err(|seconds| Fault::Wait { seconds })?;
        let hash = live.as_ref().and_then(Live::secret_hash).map(str::to_owned);
        if !self.is_secret(secret, hash.as_deref()).await {
            return Err(Fault::Wrong);
        }
        let (Some(live), Some(secret_hash)) = (live, hash) else { return Err(Fault::Wrong) };
        self.tries.forgive(&counted);
        let channel = live.channels().first().ok_or(Fault::NotSent)?;
        let code = self.send_code(channel, Some(origin), false).await?;
        let proof = Proof::from(channel);
        let login = live.login.clone();
        let ticket = self.stories.start(Story::Activation { login, code, secret_hash }, self.now());
        Ok(Step { ticket, proof })
    }

    /// A secret as it was drawn here, or by a software that opens accesses (TD1.5a), where case counts.
    pub(crate) async fn is_secret(&self, typed: &str, hash: Option<&str>) -> bool {
        let plain = secrets::normalised(typed);
        if self.hasher.verify(plain.clone(), hash).await {
            return true;
        }
        let as_typed: String = typed.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
        // As much work whether there is somebody or not: time would tell.
        as_typed != plain && self.hasher.verify(as_typed, hash).await
    }

    /// The code of an activation: the same ticket then chooses how to sign in.
    ///
    /// # Errors
    /// [`Fault::Code`], [`Fault::Over`].
    pub fn activation_code(&self, ticket: &str, typed: &str) -> Result<(), Fault> {
        let now = self.now();
        let Some(Story::Activation { login, code, secret_hash }) = self.stories.get(ticket, now) else {
            return Err(Fault::Over);
        };
        self.codes.check(&code, typed, now)?;
        let story = Story::Choose { login, secret_hash: Some(secret_hash), why: Why::Activation, key: None };
        self.stories.set(ticket, story, now);
        Ok(())
    }

    /// Sends login and link to a channel that the patient just proved; the secret need not be printed.
    ///
    /// # Errors
    /// [`Fault::NotSent`], [`Fault::Store`].
    pub async fn send_link(&self, to: &OtpChannel, login: &str, secret_hash: &str) -> Result<(), Fault> {
        links::note_by_message(&self.store, login).await?;
        self.messenger.send(self.link_message(to, login, secret_hash)).await.map_err(|error| {
            tracing::warn!(%error, kind = to.kind(), "a link was not sent");
            Fault::NotSent
        })
    }

    /// The message of a link that serves from now on.
    fn link_message(&self, to: &OtpChannel, login: &str, secret_hash: &str) -> Message {
        let token = secrets::token();
        let link = Link { login: login.to_owned(), secret_hash: secret_hash.to_owned(), born: self.now() };
        self.links.insert(secrets::digest(&token), Arc::new(link));
        let address = format!("{}/compte/activation?lien={token}", self.public_url);
        words::activation(To::from(to), login, &address, LINK_MINUTES)
    }

    /// Sends a new link to the channel on file of an access whose first one went by message and did not serve. Whether
    /// there is one is not told.
    ///
    /// # Errors
    /// [`Fault::Wait`].
    pub async fn send_link_again(&self, typed: &str, origin: &Origin) -> Result<(), Fault> {
        let live = self.resolve(typed).await?;
        let counted = self.counted(typed, live.as_ref(), origin);
        self.tries.take(&counted, self.now()).map_err(|seconds| Fault::Wait { seconds })?;
        let Some(live) = live.filter(|live| live.active().is_none()) else { return Ok(()) };
        let hash = live.secret_hash().map(str::to_owned);
        if let (Some(hash), Some(channel)) = (hash, live.channels().first())
            && links::went_by_message(&self.store, &live.login).await?
        {
            let message = self.link_message(channel, &live.login, &hash);
            let messenger = Arc::clone(&self.messenger);
            // Not waited for: the time a relay takes would tell that there is one, and so would a message that fails.
            tokio::spawn(async move {
                if let Err(error) = messenger.send(message).await {
                    tracing::warn!(%error, "a link was not sent");
                }
            });
        }
        Ok(())
    }

    /// True for a link that would serve; reading it does not use it, so that who looks at mails beforehand does not.
    pub fn is_link(&self, token: &str) -> bool {
        let link = self.links.get(&secrets::digest(token));
        link.is_some_and(|link| self.now() < link.born.plus_minutes(LINK_MINUTES))
    }

    /// Follows a link, once: the ticket that chooses how to sign in.
    ///
    /// # Errors
    /// [`Fault::Over`].
    pub async fn follow_link(&self, token: &str) -> Result<String, Fault> {
        let now = self.now();
        let link = self.links.remove(&secrets::digest(token)).ok_or(Fault::Over)?;
        let live = self.live(&link.login).await?.ok_or(Fault::Over)?;
        if now >= link.born.plus_minutes(LINK_MINUTES) || live.secret_hash() != Some(&link.secret_hash) {
            return Err(Fault::Over);
        }
        let (login, secret_hash) = (link.login.clone(), Some(link.secret_hash.clone()));
        let story = Story::Choose { login, secret_hash, why: Why::Activation, key: None };
        Ok(self.stories.start(story, now))
    }

    /// Somebody signed in elsewhere whose access by internet was just opened, on a channel that they proved: the ticket
    /// that chooses how to sign in.
    pub fn begin(&self, login: &str, secret_hash: &str) -> String {
        let (login, secret_hash) = (login.to_owned(), Some(secret_hash.to_owned()));
        let story = Story::Choose { login, secret_hash, why: Why::Activation, key: None };
        self.stories.start(story, self.now())
    }

    /// True for a ticket that may choose how to sign in.
    pub fn may_choose(&self, ticket: &str) -> bool {
        matches!(self.stories.get(ticket, self.now()), Some(Story::Choose { .. }))
    }

    /// Chooses a password, and signs in.
    ///
    /// # Errors
    /// [`Fault::Password`]: the ticket goes on; [`Fault::Over`].
    pub async fn choose_password(
        &self,
        ticket: &str,
        password: &str,
        origin: &Origin,
    ) -> Result<Entered, Fault> {
        let now = self.now();
        let Some(Story::Choose { login, secret_hash, why, .. }) = self.stories.get(ticket, now) else {
            return Err(Fault::Over);
        };
        let live = self.live(&login).await?.ok_or(Fault::Over)?;
        password::check(password, &live.personal()).map_err(Fault::Password)?;
        let hash = self.hasher.derive(password.to_owned()).await.ok_or(Fault::Wait { seconds: 1 })?;
        self.stories.take(ticket, now).ok_or(Fault::Over)?;
        self.settle(&live, secret_hash, |account| account.password = Some(hash.clone())).await?;
        let about = match why {
            Why::Activation => About::Activated,
            Why::Recovery => About::PasswordChanged,
        };
        self.tell(live.channels(), about).await;
        self.enter(&login, origin).await
    }

    /// Starts to choose a passkey: options for the browser.
    ///
    /// # Errors
    /// [`Fault::Over`].
    pub async fn choose_passkey(&self, ticket: &str) -> Result<String, Fault> {
        let now = self.now();
        let Some(Story::Choose { login, secret_hash, why, .. }) = self.stories.get(ticket, now) else {
            return Err(Fault::Over);
        };
        let live = self.live(&login).await?.ok_or(Fault::Over)?;
        if live.account.is_none() {
            // The handle that the passkey carries is the account's: it has to be there first.
            self.settle(&live, None, |_| {}).await?;
        }
        let account = account::load(&self.store, &login).await?.ok_or(Fault::Over)?;
        let (options, key) = self.new_key(&account)?;
        self.stories.set(ticket, Story::Choose { login, secret_hash, why, key: Some(Box::new(key)) }, now);
        Ok(options)
    }

    /// Ends it, and signs in.
    ///
    /// # Errors
    /// [`Fault::Wrong`]: the browser's answer does not go with what it was asked; [`Fault::Over`].
    pub async fn chosen_passkey(
        &self,
        ticket: &str,
        answer: &str,
        origin: &Origin,
    ) -> Result<Entered, Fault> {
        let now = self.now();
        let Some(Story::Choose { login, secret_hash, key: Some(state), .. }) = self.stories.take(ticket, now)
        else {
            return Err(Fault::Over);
        };
        let live = self.live(&login).await?.ok_or(Fault::Over)?;
        let key = self.ceremonies.registered(answer, &state).ok_or(Fault::Wrong)?;
        let name = crate::device::family(&origin.user_agent);
        let passkey = Passkey { id: Uuid::new_v4(), name, since: now, used: None, key };
        self.settle(&live, secret_hash, |account| account.passkeys.push(passkey.clone())).await?;
        self.tell(live.channels(), About::PasskeyAdded).await;
        self.enter(&login, origin).await
    }

    /// Writes what was chosen, makes the account when there is none, and the ways to find it.
    async fn settle(
        &self,
        live: &Live,
        secret_hash: Option<String>,
        chosen: impl Fn(&mut Account),
    ) -> Result<(), Fault> {
        if live.account.is_none() {
            let owner = live.owner.as_ref().ok_or(Fault::Over)?;
            let actor = Actor::Patient { ins: owner.ins.clone() };
            let fresh = Account::new(&live.login, actor, String::new());
            // What was left of another owner of that login is written over, at its version.
            let left = account::load(&self.store, &live.login).await?;
            let version = left.map_or(0, |left| left.version);
            if account::save(&self.store, &Account { version, ..fresh }).await? == Kept::Moved {
                tracing::debug!("an account was made twice at once");
            }
        }
        let account = self
            .change(&live.login, |account| {
                chosen(account);
                if let Some(hash) = &secret_hash {
                    account.activated_with = Some(hash.clone());
                    account.first_secret = None;
                }
                Ok(())
            })
            .await?;
        links::link_handle(&self.store, account.handle, &account.login).await?;
        links::link_actor(&self.store, &account.actor, &account.login).await?;
        for channel in live.channels() {
            if let OtpChannel::Email(address) = channel {
                links::link_mail(&self.store, address, &account.login).await?;
            }
        }
        Ok(())
    }
}
