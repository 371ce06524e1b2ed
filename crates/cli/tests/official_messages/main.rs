//! Every DMP request of the official kit (`data/dmp-kit/messages`; the WS_INS2 pair belongs to another service), sent to a
//! server whose dossier was prepared from the official answer, gets an answer of the same structure as that one: same
//! elements, namespaces, attributes, codes and words, but for what a table names with its reason.
//!
//! Of a request, the VIHF is signed again by an authority that the server trusts, with fresh dates; what else changes
//! stands in a list beside its test. Official files are at hand or the test says that it skips.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../common/mod.rs"]
mod common;

mod administrative;
mod alimentation;
mod caller;
mod canonical;
mod compare;
mod consultation;
mod documents;
mod samples;
mod server;
mod vihf;
