//! `[accounts]`, `[mail]`, `[sms]`: accounts of people, and by which ways they are told something.

use super::{ConfigError, Keys};
use dmp_accounts::messenger::{MailConfig, MailTls, SmsConfig};
use std::path::{Path, PathBuf};

/// Accounts of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accounts {
    /// Domain of passkeys, when it is not the host of the public address.
    pub passkey_domain: Option<String>,
    /// The relay of mails.
    pub mail: Option<MailSettings>,
    /// The gateway of SMS.
    pub sms: Option<SmsSettings>,
}

/// A relay; its password is in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSettings {
    host: String,
    port: u16,
    starttls: bool,
    user: Option<String>,
    password_file: Option<PathBuf>,
    from: String,
}

/// A gateway; its token is in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsSettings {
    url: String,
    token_file: PathBuf,
}

impl Accounts {
    pub(super) fn read(keys: &Keys<'_>, base: &Path) -> Result<Self, ConfigError> {
        let missing = |key: &str, of: &str| ConfigError(format!("`{key}` is needed with `{of}`"));
        let mail = match keys.maybe::<String>("mail", "host")? {
            None => None,
            Some(host) => {
                let settings = MailSettings {
                    host,
                    port: keys.one("mail", "port")?,
                    starttls: keys.one("mail", "starttls")?,
                    user: keys.maybe("mail", "user")?,
                    password_file: keys.path("mail", "password_file", base)?,
                    from: keys.maybe("mail", "from")?.ok_or_else(|| missing("mail.from", "mail.host"))?,
                };
                if settings.user.is_some() != settings.password_file.is_some() {
                    return Err(ConfigError("`mail.user` and `mail.password_file` go together".to_owned()));
                }
                Some(settings)
            }
        };
        let sms = match keys.maybe::<String>("sms", "url")? {
            None => None,
            Some(url) => {
                let token_file = keys.path("sms", "token_file", base)?;
                Some(SmsSettings {
                    url,
                    token_file: token_file.ok_or_else(|| missing("sms.token_file", "sms.url"))?,
                })
            }
        };
        Ok(Accounts { passkey_domain: keys.maybe("accounts", "passkey_domain")?, mail, sms })
    }
}

fn secret(key: &str, path: &Path) -> Result<String, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError(format!("`{key}`: `{}`: {error}", path.display())))?;
    Ok(text.trim().to_owned())
}

impl MailSettings {
    /// The relay, with its password.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open(&self) -> Result<MailConfig, ConfigError> {
        let password =
            self.password_file.as_deref().map(|path| secret("mail.password_file", path)).transpose()?;
        Ok(MailConfig {
            host: self.host.clone(),
            port: self.port,
            tls: if self.starttls { MailTls::StartTls } else { MailTls::Implicit },
            credentials: self.user.clone().zip(password),
            from: self.from.clone(),
        })
    }
}

impl SmsSettings {
    /// The gateway, with its token.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open(&self) -> Result<SmsConfig, ConfigError> {
        Ok(SmsConfig { url: self.url.clone(), token: secret("sms.token_file", &self.token_file)? })
    }
}
