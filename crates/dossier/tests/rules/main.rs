//! The rules, one table each: a row is what a reviewer compares with the rule's text.
//!
//! The language of the rows is explained in `../common/script.rs`, the cast in `../common/cast.rs`.

#![allow(clippy::unwrap_used, reason = "a failure here is the test's failure")]

#[path = "../common/mod.rs"]
mod common;

mod choices;
mod consultation;
mod coverage;
mod explain;
mod grants;
mod indexes;
mod lifecycle;
mod lines;
mod publication;
mod replacement;
mod search;
mod update;
mod watching;
mod web_access;

use common::script::table;
