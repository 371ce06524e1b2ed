//! Sign-in: login or mail address, password, then a code from a message or an application; or a passkey alone.

use crate::account::Account;
use crate::accounts::{Accounts, Entered, Fault, Origin, Proof, Step};
use crate::flow::{Means, Story};
use crate::pace::Counted;
use crate::{app_codes, links};
use dmp_dossier::OtpChannel;
use webauthn_rs::prelude::DiscoverableAuthentication;

/// Challenges that one address may ask for in an hour: each waits in memory, whoever asks.
const CHALLENGES_PER_ADDRESS: usize = 600;

impl Accounts {
    /// Login and password: what the second proof is.
    ///
    /// # Errors
    /// [`Fault::Wrong`] whatever is wrong, after the same work; [`Fault::Wait`], [`Fault::NotSent`].
    pub async fn sign_in(&self, typed: &str, password: &str, origin: &Origin) -> Result<Step, Fault> {
        let live = self.resolve(typed).await?;
        let counted = self.counted(typed, live.as_ref(), origin);
        self.tries.take(&counted, self.now()).map_err(|seconds| Fault::Wait { seconds })?;
        let hash = live.as_ref().and_then(|live| live.active()?.password.clone());
        let password: String = password.chars().take(*crate::PASSWORD_CHARS.end() + 1).collect();
        if !self.hasher.verify(password, hash.as_deref()).await {
            return Err(Fault::Wrong);
        }
        let live = live.ok_or(Fault::Wrong)?;
        let login = live.login.clone();
        if live.active().is_some_and(|account| account.app.is_some()) {
            let story = Story::SignIn { login, means: Means::App, counted };
            return Ok(Step { ticket: self.stories.start(story, self.now()), proof: Proof::App });
        }
        let channel = live.channels().first().ok_or(Fault::NotSent)?;
        let code = self.send_code(channel, Some(origin), true).await?;
        let story = Story::SignIn { login, means: Means::Code(code), counted };
        Ok(Step { ticket: self.stories.start(story, self.now()), proof: Proof::from(channel) })
    }

    /// Sends a code instead of the one that is awaited: another, or by the other channel when there is one.
    ///
    /// # Errors
    /// [`Fault::Over`], [`Fault::Wait`], [`Fault::NotSent`].
    pub async fn send_again(&self, ticket: &str, sms: bool, origin: &Origin) -> Result<Step, Fault> {
        let now = self.now();
        let story = self.stories.get(ticket, now).ok_or(Fault::Over)?;
        let login = match &story {
            Story::SignIn { login, .. } | Story::Activation { login, .. } | Story::Code { login, .. } => {
                login
            }
            _ => return Err(Fault::Over),
        };
        let live = self.live(login).await?.ok_or(Fault::Over)?;
        let wanted = |channel: &&OtpChannel| matches!(channel, OtpChannel::Sms(_)) == sms;
        let channels = live.channels();
        let channel = channels.iter().find(wanted).or(channels.first()).ok_or(Fault::NotSent)?;
        let code = self.send_code(channel, Some(origin), true).await?;
        let story = match story {
            Story::SignIn { login, counted, .. } => {
                Story::SignIn { login, means: Means::Code(code), counted }
            }
            Story::Activation { login, secret_hash, .. } => Story::Activation { login, code, secret_hash },
            Story::Code { login, .. } => Story::Code { login, code },
            other => other,
        };
        self.stories.set(ticket, story, now);
        Ok(Step { ticket: ticket.to_owned(), proof: Proof::from(channel) })
    }

    /// The second proof: somebody signed in.
    ///
    /// # Errors
    /// [`Fault::Code`] or [`Fault::Wrong`]: try again; [`Fault::Over`]: start again; [`Fault::Wait`].
    pub async fn second_proof(&self, ticket: &str, typed: &str, origin: &Origin) -> Result<Entered, Fault> {
        let now = self.now();
        let Some(Story::SignIn { login, means, counted }) = self.stories.get(ticket, now) else {
            return Err(Fault::Over);
        };
        match means {
            Means::Code(code) => {
                self.codes.check(&code, typed, now)?;
            }
            Means::App => {
                self.tries.take(&counted, now).map_err(|seconds| Fault::Wait { seconds })?;
                self.use_app(&login, typed).await?;
            }
        }
        self.stories.take(ticket, now).ok_or(Fault::Over)?;
        self.tries.forgive(&counted);
        self.enter(&login, origin).await
    }

    /// Takes a code of the application, once.
    pub(crate) async fn use_app(&self, login: &str, typed: &str) -> Result<(), Fault> {
        let now = self.now();
        self.change(login, |account| {
            let app = account.app.as_mut().ok_or(Fault::Wrong)?;
            app.last_step = app_codes::check(&app.secret, typed, app.last_step, now).ok_or(Fault::Wrong)?;
            Ok(())
        })
        .await?;
        Ok(())
    }

    /// Asks for a passkey, whoever it is: ticket, and options for the browser.
    ///
    /// # Errors
    /// [`Fault::Wait`]; [`Fault::Over`]: no challenge could be made.
    pub fn challenge(&self, origin: &Origin) -> Result<(String, String), Fault> {
        if let Some(address) = origin.address {
            let whose = Counted::subscriber(address);
            let taken = self.challenges.take(&whose, CHALLENGES_PER_ADDRESS, self.now());
            taken.map_err(|seconds| Fault::Wait { seconds })?;
        }
        let (options, state) = self.ceremonies.challenge().map_err(|error| {
            tracing::error!(%error, "no challenge can be made");
            Fault::Over
        })?;
        Ok((self.stories.start(Story::Challenge(Box::new(state)), self.now()), options))
    }

    /// The browser's answer: somebody signed in.
    ///
    /// # Errors
    /// [`Fault::Wrong`], [`Fault::Over`], [`Fault::Wait`].
    pub async fn passkey(&self, ticket: &str, answer: &str, origin: &Origin) -> Result<Entered, Fault> {
        let state = self.challenged(ticket)?;
        let account = self.answered(answer, state, origin).await?;
        self.enter(&account.login, origin).await
    }

    pub(crate) fn challenged(&self, ticket: &str) -> Result<DiscoverableAuthentication, Fault> {
        match self.stories.take(ticket, self.now()) {
            Some(Story::Challenge(state)) => Ok(*state),
            _ => Err(Fault::Over),
        }
    }

    /// Verifies an answer with the passkey it names, whose counter moves.
    pub(crate) async fn answered(
        &self,
        answer: &str,
        state: DiscoverableAuthentication,
        origin: &Origin,
    ) -> Result<Account, Fault> {
        let answer = self.ceremonies.whose(answer).ok_or(Fault::Wrong)?;
        let login = links::of_handle(&self.store, answer.handle).await?;
        let live = match &login {
            Some(login) => self.live(login).await?,
            None => None,
        };
        let counted = self.counted("", live.as_ref(), origin);
        self.tries.take(&counted, self.now()).map_err(|seconds| Fault::Wait { seconds })?;
        let live = live
            .filter(|live| live.active().is_some_and(|a| a.handle == answer.handle))
            .ok_or(Fault::Wrong)?;
        let now = self.now();
        let account = self
            .change(&live.login, |account: &mut Account| {
                let passkey = account.passkeys.iter_mut().find(|p| p.key.credential() == &answer.credential);
                let passkey = passkey.ok_or(Fault::Wrong)?;
                if !self.ceremonies.verified(&answer, state.clone(), &mut passkey.key) {
                    return Err(Fault::Wrong);
                }
                passkey.used = Some(now);
                Ok(())
            })
            .await?;
        self.tries.forgive(&counted);
        Ok(account)
    }
}
