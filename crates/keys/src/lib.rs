//! Sealing, key wrapping and custody: all that `dmp` does with secret keys and digests of record.
//!
//! The keys form a tree. The custody holds the key-encryption keys (KEK) and the index keys; a KEK wraps the content
//! key and the journal key of each dossier; the content key wraps the random key of each document. Destroying a wrapped
//! key erases what it sealed, and nothing else.
//!
//! This crate links the cryptographic library and knows nothing of dossiers, rules or databases: it takes bytes and
//! says whether they are still those that were sealed, for that place.

mod custody;
pub mod digest;
mod file_custody;
pub mod random;
mod seal;
mod wrap;

pub use custody::{CustodyError, CustodyProfile, CustodyStatus, KeyCustody};
pub use file_custody::FileCustody;
pub use seal::{Aad, Header, Key, OVERHEAD, Opened, SealError, Table};
pub use wrap::{Purpose, WRAPPED_LEN, unwrap, wrap};
