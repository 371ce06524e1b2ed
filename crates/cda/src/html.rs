//! A writer of HTML that cannot write anything dangerous: names of elements and attributes are its callers' own
//! constants, all text and values are escaped, what is open is closed, size is bounded.

use crate::visible;

/// Elements without end tag.
const VOID: [&str; 2] = ["br", "img"];

pub(crate) struct HtmlWriter {
    out: String,
    open: Vec<&'static str>,
    max_bytes: usize,
    full: bool,
}

impl HtmlWriter {
    /// A writer that stops adding content once `max_bytes` are written; end tags still follow.
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self { out: String::new(), open: Vec::new(), max_bytes, full: false }
    }

    /// True once content was left out.
    pub(crate) fn is_full(&self) -> bool {
        self.full
    }

    /// Starts an element; every call is answered by [`Self::close`].
    pub(crate) fn open(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) {
        // An element that does not fit is written nowhere, and neither is its end.
        let written = if self.tag(name, attributes) { name } else { "" };
        self.open.push(written);
    }

    pub(crate) fn close(&mut self) {
        let name = self.open.pop().expect("close() answers an open()");
        if !name.is_empty() {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
    }

    /// A void element.
    pub(crate) fn void(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) {
        debug_assert!(VOID.contains(&name));
        self.tag(name, attributes);
    }

    /// An element that holds only text.
    pub(crate) fn element(&mut self, name: &'static str, attributes: &[(&'static str, &str)], text: &str) {
        self.open(name, attributes);
        self.text(text);
        self.close();
    }

    /// Text; deceptive characters are shown as marks.
    pub(crate) fn text(&mut self, text: &str) {
        for character in text.chars() {
            if self.out.len() >= self.max_bytes {
                self.full = true;
                return;
            }
            match character {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '\r' => {}
                deceptive if visible::is_deceptive(deceptive) => {
                    self.out.push_str("<mark>");
                    self.out.push_str(&visible::mark(deceptive));
                    self.out.push_str("</mark>");
                }
                other => self.out.push(other),
            }
        }
    }

    /// A last paragraph, written whatever the size.
    pub(crate) fn finish(mut self, last: Option<&str>) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        if let Some(last) = last {
            (self.max_bytes, self.full) = (usize::MAX, false);
            self.element("p", &[], last);
        }
        self.out
    }

    fn tag(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) -> bool {
        let size: usize = attributes.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
        if self.full || self.out.len() + size + name.len() + 2 > self.max_bytes {
            self.full = true;
            return false;
        }
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            self.out.push_str(&dmp_xml::escape_attribute(value));
            self.out.push('"');
        }
        self.out.push('>');
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_values_are_escaped() {
        let mut html = HtmlWriter::new(1000);
        html.open("p", &[("id", "a\"><script>")]);
        html.text("1 < 2 & \u{202e}x");
        html.void("br", &[]);
        assert_eq!(
            html.finish(None),
            "<p id=\"a&quot;&gt;&lt;script&gt;\">1 &lt; 2 &amp; <mark>⟦U+202E⟧</mark>x<br></p>"
        );
    }

    #[test]
    fn what_is_cut_is_still_balanced() {
        let mut html = HtmlWriter::new(20);
        for _ in 0..10 {
            html.open("div", &[]);
        }
        html.text("never");
        assert!(html.is_full());
        assert_eq!(html.finish(Some("fin")), "<div><div><div><div></div></div></div></div><p>fin</p>");
    }
}
