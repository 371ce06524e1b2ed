//! Accounts of people: activation, sign-in, recovery, one-time codes, passkeys, devices, and the messages they get.
//!
//! A patient's account stands on the access by internet of their dossier (TD1.5): login, sealed secret and channels are
//! the record's, everything else is kept on [`dmp_store::Shelf::Account`]. No medical content is ever here.
//!
//! - `account`, `links`: what is kept, and how accounts are found; `accounts`: the service that the pages call.
//! - `activation`, `sign_in`, `recovery`, `security`: one story each.
//! - `codes`, `pace`, `password`, `passkeys`, `app_codes`, `secrets`, `device`: one means of proof, or of defence, each.
//! - [`messenger`]: mail, SMS, letter; `words`: every text that leaves; [`notices`]: what patients are told of.

pub mod messenger;
pub mod notices;

mod account;
mod accounts;
mod activation;
mod app_codes;
mod codes;
mod device;
mod flow;
mod links;
mod pace;
mod passkeys;
mod password;
mod recovery;
mod secrets;
mod security;
mod sign_in;
mod words;

pub use account::{Account, Device, Passkey};
pub use accounts::{Accounts, AccountsConfig, Entered, Fault, NewAccount, Origin, Proof, Step};
pub use codes::{CODE_MINUTES, CodeFault, Codes, Lane};
pub use links::{HeldProfile, profiles, remember_profile};
pub use messenger::{Kind, Message, Messenger, To};
pub use password::{Cost, PASSWORD_CHARS, PasswordFault};
pub use recovery::SecondProof;
pub use secrets::Drawn;
pub use security::Overview;
pub use words::{About, masked_address, masked_number, tell};
