//! What is kept of an account, by login. Channels and identity of a patient are the record's.

use crate::passkeys::Key;
use dmp_dossier::{Actor, OtpChannel, Time};
use dmp_store::{Keep, Kept, Shelf, Store, StoreError};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Identifier of the one record of an account.
const RECORD: &str = "account";
/// Devices remembered; the one used longest ago leaves first.
const DEVICES_MAX: usize = 20;
/// Passkeys of one account.
pub(crate) const PASSKEYS_MAX: usize = 10;

/// An account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// What its owner types.
    pub login: String,
    /// Who its owner is in front of the record.
    pub actor: Actor,
    /// Name shown to its owner; a patient's is read from the dossier at each sign-in.
    pub name: String,
    /// Passkeys, oldest first.
    pub passkeys: Vec<Passkey>,
    /// Devices it was used from.
    pub devices: Vec<Device>,
    /// Identity that passkeys carry: random, says nothing.
    pub(crate) handle: Uuid,
    /// PHC string of the password.
    pub(crate) password: Option<String>,
    /// PHC string of the one-time secret an operator's account was made with, until it is activated.
    pub(crate) first_secret: Option<String>,
    /// PHC string of the secret that activated it: it serves once.
    pub(crate) activated_with: Option<String>,
    /// Where codes go, for who has no dossier.
    pub(crate) channels: Vec<OtpChannel>,
    /// Application that makes codes.
    pub(crate) app: Option<AppCodes>,
    /// The version it was read at.
    #[serde(skip)]
    pub(crate) version: u64,
}

/// An application that makes codes.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct AppCodes {
    pub(crate) secret: String,
    pub(crate) last_step: u64,
}

impl std::fmt::Debug for AppCodes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AppCodes(…)")
    }
}

/// A passkey.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Passkey {
    /// Its name here, for the forms.
    pub id: Uuid,
    /// What its owner calls it.
    pub name: String,
    /// When it was made.
    pub since: Time,
    /// When it last signed in.
    pub used: Option<Time>,
    pub(crate) key: Key,
}

/// A device that signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Digest of its cookie.
    pub id: String,
    /// `Firefox, Windows`.
    pub family: String,
    /// First sign-in.
    pub since: Time,
    /// Latest sign-in.
    pub used: Time,
}

impl Account {
    /// An account of somebody, not activated yet.
    pub(crate) fn new(login: &str, actor: Actor, name: String) -> Self {
        Account {
            login: login.to_owned(),
            actor,
            name,
            passkeys: Vec::new(),
            devices: Vec::new(),
            handle: Uuid::new_v4(),
            password: None,
            first_secret: None,
            activated_with: None,
            channels: Vec::new(),
            app: None,
            version: 0,
        }
    }

    /// True once its owner chose how to sign in.
    pub(crate) fn is_active(&self) -> bool {
        self.password.is_some() || !self.passkeys.is_empty()
    }

    /// True for a device it was used from.
    pub(crate) fn knows(&self, device: &str) -> bool {
        self.devices.iter().any(|known| known.id == device)
    }

    /// Notes a sign-in from a device.
    pub(crate) fn used_from(&mut self, device: &str, family: &str, at: Time) {
        match self.devices.iter_mut().find(|known| known.id == device) {
            Some(known) => {
                known.used = at;
                family.clone_into(&mut known.family);
            }
            None => {
                let (id, family) = (device.to_owned(), family.to_owned());
                self.devices.push(Device { id, family, since: at, used: at });
            }
        }
        self.devices.sort_by_key(|device| std::cmp::Reverse(device.used));
        self.devices.truncate(DEVICES_MAX);
    }
}

/// The account of a login.
pub(crate) async fn load(store: &Store, login: &str) -> Result<Option<Account>, StoreError> {
    let record = store.record(Shelf::Account, login, RECORD).await?;
    Ok(record.and_then(|record| {
        let account: Account = serde_json::from_slice(&record.value)
            .inspect_err(|error| tracing::error!(%error, "an account cannot be read"))
            .ok()?;
        Some(Account { version: record.version, ..account })
    }))
}

/// Writes an account over the version it was read at.
pub(crate) async fn save(store: &Store, account: &Account) -> Result<Kept, StoreError> {
    // Every field is plain data: writing it as JSON does not fail.
    let value = serde_json::to_vec(account).unwrap_or_default();
    let keep = Keep {
        shelf: Shelf::Account,
        owner: &account.login,
        id: RECORD,
        at: store.now(),
        value: &value,
        from_version: Some(account.version),
    };
    store.keep(keep).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_remembered_latest_first_up_to_twenty() {
        let mut account = Account::new("K7M2", Actor::Pilot, String::new());
        for n in 0..25 {
            account.used_from(&format!("d{n}"), "Firefox, Linux", Time::from_millis(n));
        }
        account.used_from("d7", "Firefox, Linux", Time::from_millis(100));
        assert_eq!(account.devices.len(), 20);
        assert_eq!(account.devices[0].id, "d7");
        assert!(account.knows("d24") && !account.knows("d0"));
    }
}
