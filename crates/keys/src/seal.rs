//! Sealing: how a value of the database is encrypted and bound to its place.
//!
//! AES-256-GCM (NIST SP 800-38D). A sealed value is, integers little-endian:
//!
//! | bytes | holds |
//! |---|---|
//! | 1 | format, today 1 |
//! | 4 | key id: version of the key-encryption key that wraps the value, or 0 for the row's own key |
//! | 2 | schema of the plaintext |
//! | 12 | random nonce |
//! | n | ciphertext |
//! | 16 | tag |
//!
//! The associated data is `"dmp1" ‖ table (1) ‖ dossier_id (16) ‖ length of row id (8) ‖ row id ‖ the first 7 bytes
//! above`: a value moved to another row, table or dossier, or whose key id or schema was changed, does not open.
//!
//! **Nonces** are drawn by the library at each sealing; no caller can repeat one. One key may seal 2³² values (SP 800-38D,
//! 8.3). The key that seals most is the key-encryption key: two wrapped keys for each of a country's dossiers are 2²⁷.
//!
//! **Key commitment.** GCM does not commit to its key: who chooses two keys can make one ciphertext that opens under
//! both. We store no commitment (16 bytes a row) because nobody chooses a key here: each is drawn by [`Key::random`] and
//! is only found again by opening its wrapped form, itself bound to dossier and document, and a value is only ever tried
//! with the one key of its row. What remains is an operator who holds a dossier's content key and prepared two keys;
//! against him stands the journal, when its entries carry the SHA-256 of the content and of the wrapped document key:
//! under that content key, together they fix the one plaintext.

use aws_lc_rs::aead::{AES_256_GCM, Aad as LibraryAad, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

use crate::random;

const FORMAT: u8 = 1;
const HEADER_LEN: usize = 7;
const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;

/// What sealing adds to a plaintext, in bytes.
pub const OVERHEAD: usize = HEADER_LEN + NONCE_LEN + TAG_LEN;

/// The table a sealed value belongs to. The numbers are part of what is sealed, and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Table {
    /// The state of a dossier: identity, rights, counters.
    Dossier = 1,
    /// DocumentEntry, SubmissionSet, association.
    Entry = 2,
    /// Text of a document, for search.
    SearchText = 3,
    /// Bytes of a document.
    Content = 4,
    /// Journal entry; its row is a random entry id, since `seq` is assigned after sealing.
    Journal = 5,
    /// Free text named by a journal entry, erasable alone.
    Note = 6,
    /// Wrapped keys of a dossier.
    DossierKey = 7,
    /// Wrapped key of a document.
    DocumentKey = 8,
    /// Summary of a dossier for a professional's list of patients (TD0.4).
    GrantIndex = 9,
    /// Notification to send.
    Outbox = 10,
    /// What is kept beside dossiers; in the place of a dossier, the blind index of its owner.
    Register = 11,
    /// Wrapped key of such a record.
    RegisterKey = 12,
}

/// Where a sealed value lives. It opens there and nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Aad<'a> {
    /// The table.
    pub table: Table,
    /// The `dossier_id`.
    pub dossier: [u8; 16],
    /// What identifies the row within the table and the dossier; empty where there is one row only.
    pub row: &'a [u8],
}

impl Aad<'_> {
    fn bytes(&self, header: &[u8; HEADER_LEN]) -> LibraryAad<Vec<u8>> {
        let mut bytes = Vec::with_capacity(4 + 1 + 16 + 8 + self.row.len() + HEADER_LEN);
        bytes.extend_from_slice(b"dmp1");
        bytes.push(self.table as u8);
        bytes.extend_from_slice(&self.dossier);
        bytes.extend_from_slice(&(self.row.len() as u64).to_le_bytes());
        bytes.extend_from_slice(self.row);
        bytes.extend_from_slice(header);
        LibraryAad::from(bytes)
    }
}

/// Why a value does not open. It never says more: a wrong key, a wrong place and altered bytes look the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Shorter than a sealed empty value.
    #[error("the sealed value is cut short: {0} bytes")]
    CutShort(usize),
    /// Written by a newer release, or damaged.
    #[error("the sealed value has the unknown format {0}")]
    UnknownFormat(u8),
    /// Altered, moved from another place, or sealed under another key.
    #[error("the sealed value does not open: altered, moved, or under another key")]
    NotAuthentic,
    /// Authentic, but not a wrapped key that this release reads.
    #[error("the sealed value is not a wrapped key")]
    NotAKey,
}

/// The clear start of a sealed value. Not to be trusted before the value opened: it serves to choose the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Version of the key-encryption key, or 0 for the row's own key.
    pub key_id: u32,
    /// Schema of the plaintext.
    pub schema: u16,
}

impl Header {
    /// Reads the header of a sealed value.
    ///
    /// # Errors
    /// [`SealError::CutShort`], [`SealError::UnknownFormat`].
    pub fn read(sealed: &[u8]) -> Result<Self, SealError> {
        match *sealed {
            [FORMAT, a, b, c, d, e, f, ..] if sealed.len() >= OVERHEAD => {
                Ok(Self { key_id: u32::from_le_bytes([a, b, c, d]), schema: u16::from_le_bytes([e, f]) })
            }
            [format, ..] if format != FORMAT => Err(SealError::UnknownFormat(format)),
            _ => Err(SealError::CutShort(sealed.len())),
        }
    }

    fn bytes(self) -> [u8; HEADER_LEN] {
        let ([a, b, c, d], [e, f]) = (self.key_id.to_le_bytes(), self.schema.to_le_bytes());
        [FORMAT, a, b, c, d, e, f]
    }
}

/// A value that opened: authentic, and at its place.
pub struct Opened {
    /// Schema of the plaintext.
    pub schema: u16,
    /// What was sealed.
    pub plaintext: Vec<u8>,
}

/// The plaintext is health data: it stays out of logs.
impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened {{ schema: {}, plaintext: {} bytes }}", self.schema, self.plaintext.len())
    }
}

/// 32 secret bytes, boxed so that moving them leaves no copy behind, and wiped on drop.
pub(crate) type Secret = Box<Zeroizing<[u8; 32]>>;

/// An AES-256 key, its schedule computed once. The bytes and the schedule are wiped on drop (the library wipes its own).
pub struct Key {
    secret: Secret,
    cipher: RandomizedNonceKey,
}

impl Key {
    /// A new key from the random generator.
    #[must_use]
    pub fn random() -> Self {
        let mut secret = Secret::default();
        random::fill(secret.as_mut_slice());
        Self::from_secret(secret)
    }

    pub(crate) fn from_secret(secret: Secret) -> Self {
        let cipher =
            RandomizedNonceKey::new(&AES_256_GCM, secret.as_slice()).expect("32 bytes make an AES-256 key");
        Self { secret, cipher }
    }

    pub(crate) fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// Seals `plaintext` for the place `aad`, [`OVERHEAD`] bytes longer. Two sealings of one value differ.
    ///
    /// # Panics
    /// Above 64 GiB, the bound of AES-GCM: a document is at most 10 MiB.
    #[must_use]
    pub fn seal(&self, aad: Aad<'_>, key_id: u32, schema: u16, plaintext: &[u8]) -> Vec<u8> {
        const START: usize = HEADER_LEN + NONCE_LEN;
        let header = Header { key_id, schema }.bytes();
        let mut sealed = Vec::with_capacity(plaintext.len() + OVERHEAD);
        sealed.extend_from_slice(&header);
        sealed.extend_from_slice(&[0; NONCE_LEN]);
        sealed.extend_from_slice(plaintext);
        let (nonce, tag) = self
            .cipher
            .seal_in_place_separate_tag(aad.bytes(&header), &mut sealed[START..])
            .expect("sealing fails only above 64 GiB");
        sealed[HEADER_LEN..START].copy_from_slice(nonce.as_ref());
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    /// Opens a value sealed with this key for the place `aad`.
    ///
    /// # Errors
    /// [`SealError`], and no byte of plaintext.
    pub fn open(&self, aad: Aad<'_>, sealed: &[u8]) -> Result<Opened, SealError> {
        let header = Header::read(sealed)?;
        let (nonce, ciphertext) = sealed[HEADER_LEN..].split_at(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).expect("it was cut at 12 bytes");
        let mut plaintext = ciphertext.to_vec();
        let len = self
            .cipher
            .open_in_place(nonce, aad.bytes(&header.bytes()), &mut plaintext)
            .map_err(|_| SealError::NotAuthentic)?
            .len();
        plaintext.truncate(len);
        Ok(Opened { schema: header.schema, plaintext })
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

#[cfg(test)]
#[path = "seal_tests.rs"]
mod tests;
