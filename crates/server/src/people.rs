//! Who the demo can be: the seam between its population and the server's own routes.

use dmp_dossier::Actor;
use dmp_portal::{Demo, Viewer};
use serde_json::Value;

/// The people of a demo.
pub trait People: Demo {
    /// The actor of a persona, `dr-martin`.
    fn actor(&self, key: &str) -> Option<Actor>;

    /// The same person in front of the pages, with the token of their session's forms.
    fn viewer(&self, key: &str, csrf: String) -> Option<Viewer>;

    /// `/demo/personas.json`: name, kind, INS or identifiers, profession of each.
    fn listing(&self) -> Value;
}
