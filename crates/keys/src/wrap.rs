//! Wrapping a key by another key, for one dossier and one purpose.
//!
//! A wrapped key is a sealed value whose plaintext is the 32 bytes of the key: same layout, same code, and the header's
//! key id says which key-encryption key opens it. A shorter form of its own would save 6 bytes a document, at the price
//! of a second format. RFC 3394 key wrap would save 27, and cannot bind a key to its place.

use zeroize::Zeroizing;

use crate::seal::{Aad, Key, OVERHEAD, SealError, Secret, Table};

/// Length of a wrapped key, in bytes.
pub const WRAPPED_LEN: usize = 32 + OVERHEAD;

const SCHEMA: u16 = 1;

/// What a wrapped key is for. It opens for that purpose only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose<'a> {
    /// The dossier's content key: seals its rows and wraps the keys of its documents.
    Content,
    /// The dossier's journal key: seals its journal, and outlives the content key.
    Journal,
    /// The key of the document with this `content_id`.
    Document(&'a [u8]),
    /// The key of this record beside dossiers; in the place of a dossier, the blind index of its owner.
    Record(&'a [u8]),
}

impl<'a> Purpose<'a> {
    fn aad(self, dossier: [u8; 16]) -> Aad<'a> {
        let (table, row): (_, &[u8]) = match self {
            Self::Content => (Table::DossierKey, &[1]),
            Self::Journal => (Table::DossierKey, &[2]),
            Self::Document(content_id) => (Table::DocumentKey, content_id),
            Self::Record(record) => (Table::RegisterKey, record),
        };
        Aad { table, dossier, row }
    }
}

/// Wraps `key` by `by`. `by_id` is the version of `by` when it is a key-encryption key, 0 when it is a dossier's key.
#[must_use]
pub fn wrap(by: &Key, by_id: u32, dossier: [u8; 16], purpose: Purpose<'_>, key: &Key) -> Vec<u8> {
    by.seal(purpose.aad(dossier), by_id, SCHEMA, key.secret())
}

/// The key that [`wrap`] wrapped by `by` for this dossier and this purpose.
///
/// # Errors
/// [`SealError`], as for any sealed value; [`SealError::NotAKey`] for an authentic value that [`wrap`] did not write.
pub fn unwrap(by: &Key, dossier: [u8; 16], purpose: Purpose<'_>, wrapped: &[u8]) -> Result<Key, SealError> {
    let opened = by.open(purpose.aad(dossier), wrapped)?;
    let plaintext = Zeroizing::new(opened.plaintext);
    if opened.schema != SCHEMA || plaintext.len() != 32 {
        return Err(SealError::NotAKey);
    }
    let mut secret = Secret::default();
    secret.copy_from_slice(&plaintext);
    Ok(Key::from_secret(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOSSIER: [u8; 16] = [1; 16];

    #[test]
    fn a_key_unwraps_for_its_dossier_and_purpose_only() {
        let (kek, key) = (Key::random(), Key::random());
        let purposes = [
            Purpose::Content,
            Purpose::Journal,
            Purpose::Document(&[1]),
            Purpose::Document(&[9; 16]),
            Purpose::Record(&[1]),
            Purpose::Record(&[9; 16]),
        ];
        for wrapped_for in purposes {
            let wrapped = wrap(&kek, 5, DOSSIER, wrapped_for, &key);
            assert_eq!(wrapped.len(), WRAPPED_LEN);
            for purpose in purposes {
                let outcome = unwrap(&kek, DOSSIER, purpose, &wrapped).map(|key| *key.secret());
                let expected =
                    if purpose == wrapped_for { Ok(*key.secret()) } else { Err(SealError::NotAuthentic) };
                assert_eq!(outcome, expected, "{wrapped_for:?} as {purpose:?}");
            }
            let moved = unwrap(&kek, [2; 16], wrapped_for, &wrapped).unwrap_err();
            assert_eq!(moved, SealError::NotAuthentic, "{wrapped_for:?} moved to another dossier");
            let other = unwrap(&Key::random(), DOSSIER, wrapped_for, &wrapped).unwrap_err();
            assert_eq!(other, SealError::NotAuthentic, "{wrapped_for:?} under another key");
        }
    }

    #[test]
    fn an_authentic_value_of_another_form_is_not_a_key() {
        let kek = Key::random();
        let aad = Purpose::Content.aad(DOSSIER);
        for (schema, plaintext) in [(SCHEMA, &[0; 31][..]), (SCHEMA, &[0; 33]), (SCHEMA + 1, &[0; 32])] {
            let sealed = kek.seal(aad, 5, schema, plaintext);
            assert_eq!(
                unwrap(&kek, DOSSIER, Purpose::Content, &sealed).unwrap_err(),
                SealError::NotAKey,
                "schema {schema}, {} bytes",
                plaintext.len()
            );
        }
    }
}
