//! Writing XML by hand without being able to forget an escape.

use std::borrow::Cow;

/// Escapes character data. Characters that XML 1.0 cannot hold become U+FFFD.
pub fn escape_text(text: &str) -> Cow<'_, str> {
    escape(text, |character| match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        // Needed only after `]]`, harmless everywhere.
        '>' => Some("&gt;"),
        // A raw carriage return would be read back as a line feed.
        '\r' => Some("&#13;"),
        _ => None,
    })
}

/// Escapes an attribute value, for either kind of quote. Characters that XML 1.0 cannot hold become U+FFFD.
pub fn escape_attribute(value: &str) -> Cow<'_, str> {
    escape(value, |character| match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        // Raw white space in a value is read back as spaces.
        '\t' => Some("&#9;"),
        '\n' => Some("&#10;"),
        '\r' => Some("&#13;"),
        _ => None,
    })
}

/// Bytes that one escape or another replaces, and `EF`, where the two characters that XML cannot hold start.
const MAY_BE_ESCAPED: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = true;
        byte += 1;
    }
    let others = *b"&<>\"'\xef";
    let mut at = 0;
    while at < others.len() {
        table[others[at] as usize] = true;
        at += 1;
    }
    table
};

fn escape(text: &str, replacement: impl Fn(char) -> Option<&'static str>) -> Cow<'_, str> {
    let replacement = |character| match character {
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => Some("\u{fffd}"),
        _ => replacement(character),
    };
    // Byte by byte first: most texts need nothing, and no character of several bytes does but U+FFFE and U+FFFF.
    let Some(first) = text.bytes().position(|byte| MAY_BE_ESCAPED[byte as usize]) else {
        return Cow::Borrowed(text);
    };
    let Some(first) = text[first..].find(|character| replacement(character).is_some()).map(|at| first + at)
    else {
        return Cow::Borrowed(text);
    };
    let mut escaped = String::with_capacity(text.len() + 16);
    escaped.push_str(&text[..first]);
    for character in text[first..].chars() {
        match replacement(character) {
            Some(entity) => escaped.push_str(entity),
            None => escaped.push(character),
        }
    }
    Cow::Owned(escaped)
}

/// Writes elements in order; names are the program's own, values are escaped.
///
/// ```
/// let mut writer = dmp_xml::Writer::new();
/// writer.open("author").attribute("type", "A&B").text("1 < 2").close();
/// assert_eq!(writer.finish(), r#"<author type="A&amp;B">1 &lt; 2</author>"#);
/// ```
#[derive(Debug, Default)]
pub struct Writer {
    out: String,
    open: Vec<&'static str>,
    /// The last start tag still accepts attributes.
    in_tag: bool,
}

impl Writer {
    /// An empty document.
    pub fn new() -> Self {
        Self::default()
    }

    /// `<?xml version="1.0" encoding="UTF-8"?>`, to be called first.
    pub fn declaration(&mut self) -> &mut Self {
        self.out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        self
    }

    /// Starts an element.
    pub fn open(&mut self, name: &'static str) -> &mut Self {
        self.end_tag_head();
        self.out.push('<');
        self.out.push_str(name);
        self.open.push(name);
        self.in_tag = true;
        self
    }

    /// Adds an attribute to the element just opened.
    ///
    /// # Panics
    /// When the start tag is already complete, a mistake of the calling code.
    pub fn attribute(&mut self, name: &'static str, value: &str) -> &mut Self {
        assert!(self.in_tag, "attribute `{name}` after the content of its element");
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        self.out.push_str(&escape_attribute(value));
        self.out.push('"');
        self
    }

    /// Adds character data.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.end_tag_head();
        self.out.push_str(&escape_text(text));
        self
    }

    /// Ends the innermost open element, as an empty-element tag when it has no content.
    ///
    /// # Panics
    /// When nothing is open, a mistake of the calling code.
    pub fn close(&mut self) -> &mut Self {
        let name = self.open.pop().expect("close() answers an open()");
        if self.in_tag {
            self.out.push_str("/>");
            self.in_tag = false;
        } else {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
        self
    }

    /// Closes what is still open and gives the text.
    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.out
    }

    fn end_tag_head(&mut self) {
        if self.in_tag {
            self.out.push('>');
            self.in_tag = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let values =
            ["", "simple", "a & b < c > d", "\"both\" 'quotes'", "tab\tline\nreturn\r", "]]>", "é 漢 🏥"];
        for value in values {
            let mut writer = Writer::new();
            writer.declaration().open("a").attribute("v", value).open("b").text(value).close().open("c");
            let text = writer.finish();
            let document = crate::parse(text.as_bytes(), &crate::Limits::default()).expect(&text);
            let root = document.root_element();
            assert_eq!(root.attribute("v"), Some(value), "{text}");
            assert_eq!(root.first_element_child().and_then(|b| b.text()).unwrap_or(""), value, "{text}");
        }
    }

    #[test]
    fn characters_that_xml_cannot_hold_are_replaced() {
        assert_eq!(escape_text("a\u{0}b\u{1f}c\u{ffff}"), "a\u{fffd}b\u{fffd}c\u{fffd}");
        for text in ["nothing to do", "\u{feff}\u{f8ff}é", "line\nline\t\"'"] {
            assert!(matches!(escape_text(text), Cow::Borrowed(_)), "{text}");
        }
        assert_eq!(escape_attribute("\u{ff5e}\u{fffe}'\u{fffd}"), "\u{ff5e}\u{fffd}&#39;\u{fffd}");
    }

    #[test]
    fn an_element_without_content_is_written_short() {
        let mut writer = Writer::new();
        writer.open("a").open("b").close().close();
        assert_eq!(writer.finish(), "<a><b/></a>");
    }
}
