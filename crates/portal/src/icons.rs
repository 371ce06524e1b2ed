//! Icons: names of the symbols of `templates/sprite.svg`, drawn beside words, never instead of them.

use std::fmt;

/// An icon; hidden from screen readers, for the words beside it say the same.
pub(crate) struct Icon(&'static str);

/// The icon of that name.
pub(crate) fn icon(name: &'static str) -> Icon {
    Icon(name)
}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<svg class=\"i\" aria-hidden=\"true\" focusable=\"false\"><use href=\"#i-{}\"/></svg>",
            self.0
        )
    }
}

// The name is one of ours and nothing of the request or of a record.
impl askama::filters::HtmlSafe for Icon {}

#[cfg(test)]
mod tests {
    /// A name without its drawing would show an empty square.
    #[test]
    fn every_icon_that_is_used_is_drawn() {
        let sprite = include_str!("../templates/sprite.svg");
        let templates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut used =
            vec!["alert", "ban", "carer", "desk", "person", "folder", "lock", "eye-off", "versions"];
        used.extend([
            "flask", "syringe", "pulse", "scan", "script", "pill", "list", "shield", "euro", "report",
        ]);
        let mut found: Vec<String> = used.into_iter().map(str::to_owned).collect();
        for folder in [templates, sources] {
            let mut waiting = vec![folder];
            while let Some(path) = waiting.pop() {
                if path.is_dir() {
                    waiting.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
                    continue;
                }
                let text = std::fs::read_to_string(path).unwrap();
                for piece in text.split("icon(\"").skip(1) {
                    found.extend(piece.split_once('"').map(|(name, _)| name.to_owned()));
                }
            }
        }
        for name in found.iter().filter(|n| n.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')) {
            assert!(sprite.contains(&format!("id=\"i-{name}\"")), "{name} is not drawn");
        }
    }
}
