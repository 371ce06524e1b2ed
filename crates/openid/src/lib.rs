//! OpenID Connect relying party: from a person who leaves for their provider to claims that can be believed.
//!
//! Authorization code flow with PKCE (S256), `state`, `nonce` and `iss` (RFC 9207); keys from the provider's discovery
//! document alone; algorithms from the configuration alone. The protocol is `openidconnect`'s; where it is laxer than the
//! catalogue of bad inputs (rows `OIDC-…`), the check stands here: shape of the callback ([`Return`]), of tokens
//! (`token.rs`), of every JSON object (`json.rs`: no name twice), and of what travels (`fetch.rs`: 64 KiB, five seconds,
//! no redirection, https except on loopback).
//!
//! Nothing here keeps a session or knows what a dossier is: [`Provider::depart`] gives an address and what to remember,
//! [`Provider::arrive`] gives a [`Person`], or the [`Fault`] by its name in the catalogue.

mod fault;
mod fetch;
mod json;
mod logout;
mod provider;
mod returned;
mod token;

pub use fault::Fault;
pub use json::{Claims, object};
pub use logout::Ended;
pub use provider::{Arriving, Departure, Pending, Person, Proof, Provider, Settings, SettingsError};
pub use returned::{Outcome, Return, encoded, parameter};

/// Clocks may differ by this much, in seconds (OIDC-38, OIDC-39).
const SKEW_SECONDS: i64 = 60;
