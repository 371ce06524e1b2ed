//! The narrow door of identity matching: whether an INS has a dossier, and under which traits. Read as the system and for
//! this purpose alone (INS, *identité qualifiée*): traits of an identity provider are compared with them before anybody
//! is the patient, so that no actor exists yet who could ask. Nothing else of the record leaves by it, and no page shows
//! what it gives.

use crate::api::StoreError;
use crate::locator::Locator;
use crate::store::Store;
use dmp_dossier::{Ins, Traits};

impl Store {
    /// The traits that the dossier of an INS knows; `None` when there is no dossier.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn known_traits(&self, ins: &Ins) -> Result<Option<Traits>, StoreError> {
        let inner = self.inner();
        let found = inner.locators.find(inner.engine.as_ref(), &Locator::Ins(ins)).await?;
        let Some(id) = found else { return Ok(None) };
        let Some(loaded) = inner.load(id).await? else { return Ok(None) };
        let identity = loaded.dossier().state.identity.as_ref();
        Ok(identity.map(|identity| identity.traits.clone()))
    }
}
