//! The acceptance tests of the record: the real `dmp`, from its command line and over HTTP, as its users meet it.
//!
//! Each file ends where it can by `dmp verify`, beside the running server and after it has stopped.
#![allow(clippy::unwrap_used)] // a failure here is the test's failure

mod cli;
#[path = "../common/mod.rs"]
mod common;
mod journal;
mod rights;
mod samples;
mod tools;
