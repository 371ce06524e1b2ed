//! Keeps dossiers, contents and journal; the only door to data.
//!
//! [`Store::execute`] and [`Store::consult`] find the dossier of a request, let [`dmp_dossier`] decide, seal what changes
//! and append a journal entry, in one transaction of an [`Engine`]. **No trace, no answer**: contents, texts and journal
//! lines are opened against a permit, and a permit comes from a committed append alone.
//!
//! - `request`, `execute`, `consult`: the way of a request; `load`, `locator`: how it finds its dossier; `quota`.
//! - `list`, `find`, `examine`: requests on many dossiers, over the hints of `index`; `replay`: what came in already.
//! - `sealing`, `schema`, `compress`: from values to sealed rows and back; `permit`: what may be opened.
//! - `engine`: what is asked of a database; `sqlite`: the embedded one; `objects`: large contents.
//! - `register`: what is kept beside dossiers; `cases`, `outbox`, `watch`, `lift`: watching over use.
//! - `verify`: proves a deployment against its journal.

mod api;
mod cases;
mod compress;
mod consult;
mod engine;
mod error;
mod examine;
mod execute;
mod find;
mod index;
mod known_patient;
mod lift;
mod list;
mod load;
mod locator;
mod objects;
mod outbox;
mod permit;
mod quota;
mod register;
mod replay;
mod request;
mod schema;
mod sealing;
mod sqlite;
mod store;
mod text_search;
mod verify;
mod watch;
mod web_access;

pub use api::{
    Ambient, Answer, Content, Durable, Hit, Line, ListedDossier, Remembered, Seen, SeenKind, StoreError,
    Target,
};
pub use dmp_dossier::{BirthSought, Candidate, ListAsked, ListBy, TraitsSought};
pub use engine::Engine;
pub use lift::{Exhausted, Lift, QUO_2};
pub use quota::{Limits, QUO_1, Quotas};
pub use register::{Keep, Kept, Record, Shelf};
pub use sqlite::SqliteEngine;
pub use store::{Store, StoreConfig};
pub use verify::{Finding, Report, verify};
pub use watch::{Addressee, Notice, NoticeKind, ReferredCase};
pub use web_access::WebAccessOwner;

#[cfg(test)]
extern crate self as dmp_store;
#[cfg(test)]
mod failure_tests;
