//! Keeps dossiers, contents and journal; the only door to data.

mod api;
mod engine;
mod quota;
mod sqlite;
mod store;

pub use api::{Ambient, Answer, Content, Hit, Line, StoreError, Target};
pub use engine::Engine;
pub use quota::Quotas;
pub use sqlite::SqliteEngine;
pub use store::{Store, StoreConfig};
