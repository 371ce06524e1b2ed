//! The official files, where they are at hand.

use crate::common::shared;

/// A file of the official kit; `None`, said aloud, where it is not at hand.
pub fn kit(path: &str) -> Option<Vec<u8>> {
    let file = shared().map(|folder| folder.join("data/dmp-kit").join(path));
    let bytes = file.and_then(|file| std::fs::read(file).ok());
    if bytes.is_none() {
        println!("skipped: `{path}` is not at hand (DMP_SHARED)");
    }
    bytes
}

/// An official message in UTF-8.
pub fn message(name: &str) -> Option<String> {
    kit(&format!("messages/{name}.xml")).map(|bytes| String::from_utf8(bytes).unwrap())
}

/// The official request and answer of a transaction.
pub fn pair(name: &str) -> Option<(String, String)> {
    Some((message(&format!("{name}_requete"))?, message(&format!("{name}_reponse"))?))
}

/// What stands between two pieces of text, both included.
pub fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let start = text.find(from).unwrap_or_else(|| panic!("no `{from}`"));
    let end = start + text[start..].find(to).unwrap_or_else(|| panic!("no `{to}`")) + to.len();
    &text[start..end]
}

/// A text in which a piece, which must be there, is another.
pub fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "`{from}` is not there");
    text.replace(from, to)
}
