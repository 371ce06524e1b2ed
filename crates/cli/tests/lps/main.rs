//! `dmp lps` as its users run it: the binary, against a demo and against a deployment in mutual TLS, with the identities
//! of its own sandbox.
//!
//! What the messages say is tested where they are made (`crates/lps`); here, what a person types and reads: lines, JSON,
//! exit codes, and every command of `docs/lps.md`.
#![allow(clippy::unwrap_used)] // a failure here is the test's failure

mod commands;
#[path = "../common/mod.rs"]
mod common;
mod documentation;
mod kinds;
mod lots;
mod office;
mod tls;
