//! The web pages: a patient's synthesis and documents, a document, the access journal, and the way in.
//!
//! Server-rendered, in French, useful without JavaScript. A page reads through [`Store::consult`] with the viewer's
//! actor and decides nothing: what it shows is what came back, refusals included.
//!
//! ```no_run
//! # fn demo(store: dmp_store::Store) {
//! let portal = dmp_portal::Portal::new(store, &[7; 32], "/demo", None);
//! let pages: axum::Router = dmp_portal::router(std::sync::Arc::new(portal));
//! // a middleware of the server inserts Option<Viewer> in the extensions of each request
//! # }
//! ```

pub mod account;
pub mod demo;
pub mod export;
pub mod services;
pub mod sign_in;
pub mod viewer;

mod answer;
mod assets;
mod banner;
mod desk;
mod document;
mod emergency;
mod everywhere;
mod failure;
mod french;
mod gauge;
mod health;
mod home;
mod icons;
mod journal;
mod listing;
mod open;
mod patient;
mod people;
mod posology;
mod professional;
mod record;
mod reference;
mod referent;
mod rights;
#[cfg(test)]
mod samples;
mod shell;
mod synthesis;
mod text_search;
mod timeline;
mod visits;

pub use demo::{Demo, Group, ListedPatient, Persona};
pub use services::{NoServices, Services};
pub use viewer::{Profile, Viewer};

use axum::Router;
use axum::routing::{get, post};
use dmp_store::Store;
use reference::References;
use std::sync::Arc;

/// What the pages stand on.
pub struct Portal {
    store: Store,
    references: References,
    sign_in: String,
    demo: Option<Arc<dyn Demo>>,
    services: Arc<dyn Services>,
}

/// Address of the style sheet, for a page that the server says by itself.
pub fn style_sheet() -> &'static str {
    assets::ADDRESSES.page_css
}

impl Portal {
    /// Pages over a store.
    ///
    /// `key` seals the references of dossiers in addresses: random for a process, or the same for servers that run
    /// side by side. `sign_in` is where somebody who is not signed in is sent.
    pub fn new(
        store: Store,
        key: &[u8; 32],
        sign_in: impl Into<String>,
        demo: Option<Arc<dyn Demo>>,
    ) -> Self {
        Portal {
            store,
            references: References::new(key),
            sign_in: sign_in.into(),
            demo,
            services: Arc::new(NoServices),
        }
    }

    /// The same, served by the server for what is beside the record.
    #[must_use]
    pub fn with_services(self, services: Arc<dyn Services>) -> Self {
        Portal { services, ..self }
    }
}

/// The pages. `/demo` is there when the portal has a [`Demo`]. The server answers two forms of theirs: `POST
/// /demo/persona` (`persona`) and `POST /deconnexion` (`csrf`).
pub fn router(portal: Arc<Portal>) -> Router {
    let mut pages = Router::new()
        .merge(patient::routes())
        .merge(rights::routes())
        .merge(health::routes())
        .merge(professional::routes())
        .merge(desk::routes())
        .merge(referent::routes())
        .merge(everywhere::routes())
        .route("/", get(home::show))
        .route("/dossier", post(home::find))
        .route("/dossier/{reference}", get(record::show))
        .route("/dossier/{reference}/acces", get(journal::show))
        .route("/dossier/{reference}/recherche", post(text_search::show))
        .route("/dossier/{reference}/urgence", get(emergency::ask).post(emergency::enter))
        .route("/dossier/{reference}/document/{lid}", get(document::show))
        .route("/dossier/{reference}/document/{lid}/lecture", get(document::read))
        .route("/dossier/{reference}/document/{lid}/original", get(document::original))
        .route("/dossier/{reference}/document/{lid}/fichier/{number}", get(document::embedded))
        .route("/assets/{file}", get(assets::serve))
        .method_not_allowed_fallback(failure::elsewhere);
    if portal.demo.is_some() {
        pages = pages.route("/demo", get(demo::show));
    }
    pages.with_state(portal)
}
