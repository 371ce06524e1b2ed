//! A forgotten password: a code to a channel on file, and a second proof that the telephone or the mailbox alone does not
//! give. Nothing tells whether an account exists.

use crate::accounts::{Accounts, Fault, Origin, Proof, Step};
use crate::app_codes;
use crate::codes::Lane;
use crate::flow::{Story, Why};

/// The second proof of a recovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondProof {
    /// The sealed secret that the patient got at the opening.
    Sealed,
    /// A code of the application.
    App,
}

impl Accounts {
    /// Somebody forgot: a code leaves for the channel on file, if there is an account.
    ///
    /// # Errors
    /// [`Fault::Wait`].
    pub async fn forgot(&self, typed: &str, origin: &Origin) -> Result<Step, Fault> {
        let now = self.now();
        let live = self.resolve(typed).await?;
        let counted = self.counted(typed, live.as_ref(), origin);
        self.tries.take(&counted, now).map_err(|seconds| Fault::Wait { seconds })?;
        let live = live.filter(|live| live.active().is_some());
        let sent = match live.as_ref().and_then(|live| live.channels().first()) {
            // A full hour's worth of codes, or a message that does not leave, looks like no account.
            Some(channel) => {
                self.codes.draw(Lane::Recovery, channel, None, now).ok().map(|drawn| (drawn, channel))
            }
            None => None,
        };
        let Some(((code, digits), channel)) = sent else {
            let story = Story::Recovery { login: None, code: self.codes.decoy(now), counted };
            return Ok(Step { ticket: self.stories.start(story, now), proof: Proof::Untold });
        };
        let message = crate::words::code(channel.into(), &digits, crate::CODE_MINUTES, false);
        let messenger = std::sync::Arc::clone(&self.messenger);
        // Not waited for: the time a relay takes would tell that there is an account.
        tokio::spawn(async move {
            if let Err(error) = messenger.send(message).await {
                tracing::warn!(%error, "a code was not sent");
            }
        });
        let story = Story::Recovery { login: live.map(|live| live.login), code, counted };
        Ok(Step { ticket: self.stories.start(story, now), proof: Proof::Untold })
    }

    /// The code and the second proof: the same ticket then chooses a password. Which of the two is wrong is not told.
    ///
    /// # Errors
    /// [`Fault::Code`], [`Fault::Over`], [`Fault::Wait`].
    pub async fn recover(
        &self,
        ticket: &str,
        typed: &str,
        by: SecondProof,
        second: &str,
    ) -> Result<(), Fault> {
        let now = self.now();
        let Some(Story::Recovery { login, code, counted }) = self.stories.get(ticket, now) else {
            return Err(Fault::Over);
        };
        let live = match &login {
            Some(login) => self.live(login).await?,
            None => None,
        };
        // As who asked was counted, so that both go on alike where there is an account and where there is none.
        self.tries.take(&counted, now).map_err(|seconds| Fault::Wait { seconds })?;
        let proved = match by {
            SecondProof::Sealed => {
                let hash = live.as_ref().and_then(|live| {
                    let of_record = live.owner.as_ref().map(|owner| owner.access.secret_hash.clone());
                    of_record.or_else(|| live.account.as_ref()?.activated_with.clone())
                });
                self.is_secret(second, hash.as_deref()).await
            }
            SecondProof::App => {
                let app = live.as_ref().and_then(|live| live.active()?.app.as_ref());
                app.is_some_and(|app| app_codes::check(&app.secret, second, app.last_step, now).is_some())
            }
        };
        // A wrong second proof costs a try of the code, which is not spent by a right one.
        self.codes.check(&code, if proved { typed } else { "" }, now)?;
        let (Some(live), Some(login)) = (live, login) else { return Err(Fault::Over) };
        if by == SecondProof::App {
            self.use_app(&live.login, second).await.map_err(|_| Fault::Over)?;
        }
        self.tries.forgive(&counted);
        self.stories.set(
            ticket,
            Story::Choose { login, secret_hash: None, why: Why::Recovery, key: None },
            now,
        );
        Ok(())
    }
}
