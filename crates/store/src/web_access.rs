//! The narrow door of sign-in: from the login of a patient's access by internet to whose it is. Read as the system, for
//! this purpose alone; nothing else of the record leaves by it.

use crate::api::StoreError;
use crate::locator::Locator;
use crate::store::Store;
use dmp_dossier::{Ins, Traits, WebAccess};

/// Longest login that is looked for.
const LOGIN_MAX: usize = 64;

/// Whose an access by internet is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebAccessOwner {
    /// INS of the patient.
    pub ins: Ins,
    /// Their identity, for their name on the pages.
    pub traits: Traits,
    /// Login, derived secret and channels.
    pub access: WebAccess,
}

impl Store {
    /// Whose access by internet has that login today; a login that was renewed (TD1.5d) is nobody's any more.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn web_access(&self, login: &str) -> Result<Option<WebAccessOwner>, StoreError> {
        if login.is_empty() || login.len() > LOGIN_MAX {
            return Ok(None);
        }
        let found = self.inner().locators.find(self.inner().engine.as_ref(), &Locator::Login(login)).await?;
        let Some(id) = found else { return Ok(None) };
        let Some(loaded) = self.inner().load(id).await? else { return Ok(None) };
        let state = &loaded.dossier().state;
        let owner =
            state.web_access.as_ref().filter(|access| access.login == login).zip(state.identity.as_ref());
        Ok(owner.map(|(access, identity)| WebAccessOwner {
            ins: identity.ins.clone(),
            traits: identity.traits.clone(),
            access: access.clone(),
        }))
    }
}
