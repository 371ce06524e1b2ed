//! What the server does for the pages beside the record ([`Services`]), over accounts.

use crate::config::{Accounts as Settings, ConfigError};
use dmp_accounts::messenger::{DEMO_OWNER, Kept, LETTERS_OWNER, Mail, Messenger, Post, Sms, To};
use dmp_accounts::{About, Accounts, AccountsConfig, Cost, Fault, remember_profile, tell};
use dmp_dossier::{Contact, Ins, OtpChannel};
use dmp_portal::Services;
use dmp_portal::services::{CodeError, CodePurpose, Credentials, MessageKind, VitaleCard};
use dmp_store::Store;
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// Accounts of a deployment, with the ways it has to tell people something; in a demo every message is kept.
///
/// # Errors
/// What is wrong with a way, in one line.
pub(crate) fn opened(
    settings: &Settings,
    store: &Store,
    public_url: &str,
    demo: bool,
) -> Result<Accounts, ConfigError> {
    let messenger = if demo {
        Post::all_by(Arc::new(Kept::new(store.clone(), DEMO_OWNER)))
    } else {
        let mail =
            settings.mail.as_ref().map(|mail| Mail::new(&mail.open()?).map_err(ConfigError)).transpose()?;
        let sms = settings.sms.as_ref().map(|sms| Sms::new(&sms.open()?).map_err(ConfigError)).transpose()?;
        Post {
            mail: mail.map(|mail| Arc::new(mail) as Arc<dyn Messenger>),
            sms: sms.map(|sms| Arc::new(sms) as Arc<dyn Messenger>),
            letters: Some(Arc::new(Kept::new(store.clone(), LETTERS_OWNER))),
        }
    };
    let config = AccountsConfig {
        store: store.clone(),
        messenger: Arc::new(messenger),
        public_url: public_url.to_owned(),
        passkey_domain: settings.passkey_domain.clone(),
        cost: Cost::PRODUCTION,
    };
    Accounts::new(config).map_err(ConfigError)
}

/// The services of a deployment.
pub(crate) struct AccountServices {
    accounts: Arc<Accounts>,
    store: Store,
    cards: Vec<VitaleCard>,
}

impl AccountServices {
    /// Over these accounts; `cards` are those of the simulated reader.
    pub(crate) fn new(accounts: Arc<Accounts>, store: Store, cards: Vec<VitaleCard>) -> Self {
        AccountServices { accounts, store, cards }
    }
}

fn code_error(fault: Fault) -> CodeError {
    match fault {
        Fault::Code { tries_left } => CodeError::Wrong { tries_left },
        Fault::Wait { seconds } => CodeError::Wait { seconds },
        Fault::Over => CodeError::Over,
        fault => {
            tracing::warn!(error = crate::open::one_line(&fault), "a code was not sent");
            CodeError::NotSent
        }
    }
}

impl Services for AccountServices {
    fn send_code(&self, to: OtpChannel, purpose: CodePurpose) -> BoxFuture<'_, Result<String, CodeError>> {
        Box::pin(async move {
            let signs_in = purpose == CodePurpose::SignIn;
            self.accounts.prove_channel(&to, signs_in).await.map_err(code_error)
        })
    }

    fn check_code<'a>(
        &'a self,
        ticket: &'a str,
        typed: &'a str,
    ) -> BoxFuture<'a, Result<OtpChannel, CodeError>> {
        Box::pin(async move { self.accounts.proved_channel(ticket, typed).map_err(code_error) })
    }

    fn draw_credentials(&self) -> BoxFuture<'_, Credentials> {
        Box::pin(async move {
            match self.accounts.draw().await {
                Ok(drawn) => {
                    Credentials { login: drawn.login, secret: drawn.secret, secret_hash: drawn.secret_hash }
                }
                // The record refuses what is empty: nobody gets a paper that opens nothing.
                Err(fault) => {
                    tracing::error!(error = crate::open::one_line(&fault), "no secret could be derived");
                    Credentials { login: String::new(), secret: String::new(), secret_hash: String::new() }
                }
            }
        })
    }

    fn send_credentials<'a>(
        &'a self,
        to: &'a OtpChannel,
        credentials: &'a Credentials,
    ) -> BoxFuture<'a, Result<(), CodeError>> {
        Box::pin(async move {
            let sent = self.accounts.send_link(to, &credentials.login, &credentials.secret_hash).await;
            sent.map_err(code_error)
        })
    }

    fn tell<'a>(&'a self, to: &'a Contact, kind: MessageKind) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let about = match kind {
                MessageKind::Opened => About::Opened,
                MessageKind::Closed => About::Closed,
                MessageKind::RightsChanged => About::RightsChanged,
                MessageKind::CaseAnswered => About::CaseAnswered,
            };
            let mail = to.mail.clone().map(To::Mail);
            let sms = || to.phone.clone().map(To::Sms);
            let Some(to) = mail.or_else(sms).or_else(|| to.address.clone().map(To::Letter)) else { return };
            if let Err(error) = self.accounts.messenger().send(tell(to, about)).await {
                tracing::warn!(%error, "somebody was not told");
            }
        })
    }

    fn cards(&self) -> Vec<VitaleCard> {
        self.cards.clone()
    }

    fn remember_profile<'a>(&'a self, person: &'a str, of: &'a Ins, name: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Err(error) = remember_profile(&self.store, person, of, name).await {
                tracing::error!(error = crate::open::one_line(&error), "a profile was not remembered");
            }
        })
    }
}
