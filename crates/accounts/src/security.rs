//! What the owner of an account does about its protection, signed in and proved again: password, passkeys, application,
//! devices, channels. Each change is told by every channel.

use crate::account::{Account, AppCodes, Device, PASSKEYS_MAX, Passkey};
use crate::accounts::{Accounts, Fault, Live, Origin, Proof, Step};
use crate::flow::Story;
use crate::words::About;
use crate::{app_codes, links, password, words};
use dmp_dossier::OtpChannel;
use uuid::Uuid;
use webauthn_rs::prelude::PasskeyRegistration;

/// What protects an account.
#[derive(Debug, Clone)]
pub struct Overview {
    /// What its owner types.
    pub login: String,
    /// Signs in by password.
    pub has_password: bool,
    /// An application makes its codes.
    pub has_app: bool,
    /// Passkeys, oldest first.
    pub passkeys: Vec<Passkey>,
    /// Devices, latest first.
    pub devices: Vec<Device>,
    /// Channels: `SMS` or `EMAIL`, and as their owner knows them again.
    pub channels: Vec<(&'static str, String)>,
}

impl Accounts {
    async fn owned(&self, login: &str) -> Result<(Live, Account), Fault> {
        let live = self.live(login).await?.ok_or(Fault::Over)?;
        let account = live.active().cloned().ok_or(Fault::Over)?;
        Ok((live, account))
    }

    async fn told(&self, live: &Live, about: About) -> Result<(), Fault> {
        self.tell(live.channels(), about).await;
        Ok(())
    }

    /// What protects an account.
    ///
    /// # Errors
    /// [`Fault::Over`]: the account is dead.
    pub async fn overview(&self, login: &str) -> Result<Overview, Fault> {
        let (live, account) = self.owned(login).await?;
        let channels =
            live.channels().iter().map(|channel| (channel.kind(), words::masked(channel))).collect();
        Ok(Overview {
            login: account.login,
            has_password: account.password.is_some(),
            has_app: account.app.is_some(),
            passkeys: account.passkeys,
            devices: account.devices,
            channels,
        })
    }

    /// Changes the password.
    ///
    /// # Errors
    /// [`Fault::Password`], [`Fault::Over`].
    pub async fn change_password(&self, login: &str, password: &str) -> Result<(), Fault> {
        let (live, _) = self.owned(login).await?;
        password::check(password, &live.personal()).map_err(Fault::Password)?;
        let hash = self.hasher.derive(password.to_owned()).await.ok_or(Fault::Wait { seconds: 1 })?;
        self.change(login, |account| {
            account.password = Some(hash.clone());
            Ok(())
        })
        .await?;
        self.told(&live, About::PasswordChanged).await
    }

    pub(crate) fn new_key(&self, account: &Account) -> Result<(String, PasskeyRegistration), Fault> {
        if account.passkeys.len() >= PASSKEYS_MAX {
            return Err(Fault::Full);
        }
        let known = account.passkeys.iter().map(|passkey| passkey.key.credential().clone()).collect();
        let started = self.ceremonies.register(account.handle, &account.login, &account.login, known);
        started.map_err(|error| {
            tracing::error!(%error, "no passkey can be asked for");
            Fault::Over
        })
    }

    /// Starts to add a passkey: ticket, and options for the browser.
    ///
    /// # Errors
    /// [`Fault::Full`], [`Fault::Over`].
    pub async fn start_passkey(&self, login: &str) -> Result<(String, String), Fault> {
        let (_, account) = self.owned(login).await?;
        let (options, key) = self.new_key(&account)?;
        let story = Story::NewKey { login: login.to_owned(), key: Box::new(key) };
        Ok((self.stories.start(story, self.now()), options))
    }

    /// Ends it.
    ///
    /// # Errors
    /// [`Fault::Wrong`], [`Fault::Over`].
    pub async fn add_passkey(
        &self,
        login: &str,
        ticket: &str,
        answer: &str,
        origin: &Origin,
    ) -> Result<(), Fault> {
        let now = self.now();
        let key = match self.stories.take(ticket, now) {
            Some(Story::NewKey { login: of, key }) if of == login => key,
            _ => return Err(Fault::Over),
        };
        let (live, account) = self.owned(login).await?;
        let key = self.ceremonies.registered(answer, &key).ok_or(Fault::Wrong)?;
        let name = crate::device::family(&origin.user_agent);
        let passkey = Passkey { id: Uuid::new_v4(), name, since: now, used: None, key };
        self.change(login, |account| {
            account.passkeys.push(passkey.clone());
            Ok(())
        })
        .await?;
        links::link_handle(&self.store, account.handle, login).await?;
        self.told(&live, About::PasskeyAdded).await
    }

    /// Takes a passkey away.
    ///
    /// # Errors
    /// [`Fault::Wrong`]: it is the only way in, or is not there.
    pub async fn remove_passkey(&self, login: &str, id: Uuid) -> Result<(), Fault> {
        let (live, _) = self.owned(login).await?;
        self.change(login, |account| {
            let before = account.passkeys.len();
            account.passkeys.retain(|passkey| passkey.id != id);
            if account.passkeys.len() < before && account.is_active() { Ok(()) } else { Err(Fault::Wrong) }
        })
        .await?;
        self.told(&live, About::PasskeyRemoved).await
    }

    /// Starts to set up an application: ticket, secret to type, link to read.
    ///
    /// # Errors
    /// [`Fault::Over`].
    pub async fn start_app(&self, login: &str) -> Result<(String, String, String), Fault> {
        self.owned(login).await?;
        let secret = app_codes::fresh();
        let link = app_codes::link(&secret, login);
        let story = Story::NewApp { login: login.to_owned(), secret: secret.clone() };
        Ok((self.stories.start(story, self.now()), secret, link))
    }

    /// The secret and the link of a set-up under way, to show them again.
    pub fn pending_app(&self, login: &str, ticket: &str) -> Option<(String, String)> {
        match self.stories.get(ticket, self.now()) {
            Some(Story::NewApp { login: of, secret }) if of == login => {
                let link = app_codes::link(&secret, login);
                Some((secret, link))
            }
            _ => None,
        }
    }

    /// The first code of the application: it serves from now on.
    ///
    /// # Errors
    /// [`Fault::Wrong`]: try again; [`Fault::Over`].
    pub async fn add_app(&self, login: &str, ticket: &str, typed: &str) -> Result<(), Fault> {
        let now = self.now();
        let secret = match self.stories.get(ticket, now) {
            Some(Story::NewApp { login: of, secret }) if of == login => secret,
            _ => return Err(Fault::Over),
        };
        let last_step = app_codes::check(&secret, typed, 0, now).ok_or(Fault::Wrong)?;
        let (live, _) = self.owned(login).await?;
        self.change(login, |account| {
            account.app = Some(AppCodes { secret: secret.clone(), last_step });
            Ok(())
        })
        .await?;
        self.stories.take(ticket, now);
        self.told(&live, About::AppAdded).await
    }

    /// Takes the application away: codes arrive by message again.
    ///
    /// # Errors
    /// [`Fault::Over`].
    pub async fn remove_app(&self, login: &str) -> Result<(), Fault> {
        let (live, _) = self.owned(login).await?;
        self.change(login, |account| {
            account.app = None;
            Ok(())
        })
        .await?;
        self.told(&live, About::AppRemoved).await
    }

    /// Forgets a device: its next sign-in is that of a new one.
    ///
    /// # Errors
    /// [`Fault::Over`].
    pub async fn forget_device(&self, login: &str, id: &str) -> Result<(), Fault> {
        self.owned(login).await?;
        self.change(login, |account: &mut Account| {
            account.devices.retain(|device| device.id != id);
            Ok(())
        })
        .await?;
        Ok(())
    }

    /// After the record took a new channel: the account is found by it, and the channels of before are told.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub async fn channel_changed(
        &self,
        login: &str,
        before: &[OtpChannel],
        now: &OtpChannel,
    ) -> Result<(), Fault> {
        for channel in before {
            if let (OtpChannel::Email(old), OtpChannel::Email(_)) = (channel, now) {
                links::unlink_mail(&self.store, old, login).await?;
            }
        }
        if let OtpChannel::Email(address) = now {
            links::link_mail(&self.store, address, login).await?;
        }
        self.tell(before, About::ChannelChanged).await;
        Ok(())
    }

    /// Changes the channel of an account that has no dossier.
    ///
    /// # Errors
    /// [`Fault::Over`].
    pub async fn set_channel(
        &self,
        login: &str,
        before: &[OtpChannel],
        channel: OtpChannel,
    ) -> Result<(), Fault> {
        self.change(login, |account| {
            account.channels = vec![channel.clone()];
            Ok(())
        })
        .await?;
        self.channel_changed(login, before, &channel).await
    }

    /// Where codes of an account go.
    ///
    /// # Errors
    /// [`Fault::Over`].
    pub async fn channels(&self, login: &str) -> Result<Vec<OtpChannel>, Fault> {
        Ok(self.owned(login).await?.0.channels().to_vec())
    }

    /// Proves again who they are, by password.
    ///
    /// # Errors
    /// [`Fault::Wrong`], [`Fault::Wait`].
    pub async fn confirm_password(&self, login: &str, password: &str, origin: &Origin) -> Result<(), Fault> {
        let live = self.live(login).await?;
        let counted = self.counted(login, live.as_ref(), origin);
        self.tries.take(&counted, self.now()).map_err(|seconds| Fault::Wait { seconds })?;
        let hash = live.as_ref().and_then(|live| live.active()?.password.clone());
        let password: String = password.chars().take(*crate::PASSWORD_CHARS.end() + 1).collect();
        if !self.hasher.verify(password, hash.as_deref()).await {
            return Err(Fault::Wrong);
        }
        self.tries.forgive(&counted);
        Ok(())
    }

    /// Or by a code, sent to the channel on file.
    ///
    /// # Errors
    /// [`Fault::Wait`], [`Fault::NotSent`], [`Fault::Over`].
    pub async fn start_confirm(&self, login: &str, origin: &Origin) -> Result<Step, Fault> {
        let (live, _) = self.owned(login).await?;
        let channel = live.channels().first().ok_or(Fault::NotSent)?;
        let code = self.send_code(channel, Some(origin), true).await?;
        let story = Story::Code { login: login.to_owned(), code };
        Ok(Step { ticket: self.stories.start(story, self.now()), proof: Proof::from(channel) })
    }

    /// The code of a confirmation.
    ///
    /// # Errors
    /// [`Fault::Code`], [`Fault::Over`].
    pub fn confirm_code(&self, login: &str, ticket: &str, typed: &str) -> Result<(), Fault> {
        let now = self.now();
        match self.stories.get(ticket, now) {
            Some(Story::Code { login: of, code }) if of == login => {
                self.codes.check(&code, typed, now)?;
                self.stories.take(ticket, now);
                Ok(())
            }
            _ => Err(Fault::Over),
        }
    }

    /// Or by a passkey of that account, after [`challenge`](Self::challenge).
    ///
    /// # Errors
    /// [`Fault::Wrong`], [`Fault::Over`], [`Fault::Wait`].
    pub async fn confirm_passkey(
        &self,
        login: &str,
        ticket: &str,
        answer: &str,
        origin: &Origin,
    ) -> Result<(), Fault> {
        let state = self.challenged(ticket)?;
        let account = self.answered(answer, state, origin).await?;
        if account.login == login { Ok(()) } else { Err(Fault::Wrong) }
    }
}
