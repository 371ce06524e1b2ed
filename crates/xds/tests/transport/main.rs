//! What a message meets before its transaction, and what an answer looks like: the router on a real store.
#![allow(clippy::unwrap_used)]

mod answers;
mod mtom;
mod samples;
mod soap;
mod world;
