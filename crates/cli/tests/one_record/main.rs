//! One record behind two faces: what is published, changed or refused on one is so on the other at once, and the journal
//! tells both in the same words.
#![allow(clippy::unwrap_used)] // a failure here is the test's failure

mod administration;
mod changes;
#[path = "../common/mod.rs"]
mod common;
mod files;
mod seen;
#[path = "../acceptance/rights/story.rs"]
#[allow(dead_code)] // a part is used
mod story;
#[path = "../acceptance/tools.rs"]
#[allow(dead_code)] // a part is used
mod tools;
