//! The words of a document, for search.

use dmp_xml::Node;

use crate::document::Cda;
use crate::file::{self, MediaType};
use crate::node::{HL7, Hl7};
use crate::visible;

/// Longest text kept for search, in bytes.
pub const MAX_TEXT_BYTES: usize = 256 * 1024;

impl Cda<'_> {
    /// Title, section titles and narrative (or the text of a `text/plain` body), words separated by one space,
    /// at most [`MAX_TEXT_BYTES`]. Nothing comes from PDFs or images. Invisible characters are dropped and
    /// accents composed, so that a word is found as it is typed.
    pub fn text(&self) -> String {
        let mut words = Words { text: String::with_capacity(4096), in_word: false };
        if let Some(title) = self.root().child("title") {
            words.narrative(title);
        }
        if let Some(body) = self.structured_body() {
            let sections = body.descendants().filter(|node| node.is("section"));
            for part in sections.flat_map(|section| [section.child("title"), section.child("text")]).flatten()
            {
                words.narrative(part);
            }
        } else if let Some(text) = self.unstructured_text()
            // Asked first: a PDF is not decoded to find that it is none.
            && text.attr("mediaType").is_none_or(|declared| declared == MediaType::Text.as_str())
            && let Ok((_, bytes)) = file::body_content(text)
        {
            words.add(&String::from_utf8_lossy(&bytes));
        }
        let mut end = words.text.len().min(MAX_TEXT_BYTES);
        while !words.text.is_char_boundary(end) {
            end -= 1;
        }
        words.text.truncate(end);
        words.text.truncate(words.text.trim_end().len());
        visible::composed(&words.text).into_owned()
    }
}

impl Cda<'_> {
    /// Words of the section that bears this title, whatever its case, as [`Cda::text`] gives them; `None` when no section
    /// does.
    pub fn section_text(&self, title: &str) -> Option<String> {
        let wanted = title.to_lowercase();
        let bears = |section: &Node<'_, '_>| {
            section.child("title").is_some_and(|title| title.plain().to_lowercase() == wanted)
        };
        let section = self.structured_body()?.descendants().filter(|node| node.is("section")).find(bears)?;
        let mut words = Words { text: String::new(), in_word: false };
        words.narrative(section.child("text")?);
        Some(visible::composed(words.text.trim_end()).into_owned())
    }
}

struct Words {
    text: String,
    /// The last thing added ends inside a word.
    in_word: bool,
}

impl Words {
    fn narrative(&mut self, node: Node<'_, '_>) {
        if self.text.len() >= MAX_TEXT_BYTES {
            return;
        }
        // `H<sub>2</sub>O` is one word; two cells are two.
        let tag = node.tag_name();
        let is_inline =
            tag.namespace() == Some(HL7) && matches!(tag.name(), "content" | "sub" | "sup" | "linkHtml");
        self.in_word &= is_inline;
        for child in node.children() {
            if child.is_text() {
                self.add(child.text().unwrap_or_default());
            } else if child.is_element() {
                self.narrative(child);
            }
        }
        self.in_word &= is_inline;
    }

    fn add(&mut self, text: &str) {
        if text.starts_with(char::is_whitespace) {
            self.in_word = false;
        }
        for word in text.split_whitespace() {
            if self.text.len() >= MAX_TEXT_BYTES {
                return;
            }
            if !self.in_word && !self.text.is_empty() {
                self.text.push(' ');
            }
            self.text.extend(word.chars().filter(|character| !visible::is_deceptive(*character)));
            self.in_word = false;
        }
        self.in_word = !text.is_empty() && !text.ends_with(char::is_whitespace);
    }
}
