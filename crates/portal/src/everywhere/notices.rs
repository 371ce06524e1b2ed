//! Legal notice, data, and the accessibility statement (law 2005-102 art. 47; RGAA 4.1): linked from every page.

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use std::sync::Arc;

use crate::Portal;
use crate::answer;
use crate::open::SignedIn;
use crate::shell::Shell;

macro_rules! text {
    ($name:ident, $handler:ident, $path:literal, $title:literal) => {
        #[derive(Template)]
        #[template(path = $path)]
        struct $name {
            shell: Shell,
        }

        /// The page.
        pub(super) async fn $handler(
            State(portal): State<Arc<Portal>>,
            SignedIn(viewer): SignedIn,
        ) -> Response<Body> {
            answer::page(StatusCode::OK, &$name { shell: Shell::new(&portal, viewer.as_ref(), $title) })
        }
    };
}

text!(Legal, legal, "everywhere/mentions.html", "Mentions légales");
text!(Data, data, "everywhere/donnees.html", "Vos données");
text!(Accessibility, accessibility, "everywhere/accessibilite.html", "Accessibilité");
