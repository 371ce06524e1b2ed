//! What a narrative may hold (`Narrative.div`, R4 2.4.0): a list of elements and attributes, nothing that acts.
//!
//! The record keeps no narrative and shows none; this check is for the sender, and for whoever would keep it later.

const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "address",
    "b",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "ul",
    "var",
];

const ATTRIBUTES: &[&str] = &[
    "abbr",
    "align",
    "alt",
    "axis",
    "border",
    "cellpadding",
    "cellspacing",
    "char",
    "charoff",
    "cite",
    "class",
    "colspan",
    "coords",
    "datetime",
    "dir",
    "frame",
    "headers",
    "height",
    "href",
    "id",
    "lang",
    "longdesc",
    "name",
    "rowspan",
    "rules",
    "scope",
    "shape",
    "span",
    "src",
    "start",
    "style",
    "summary",
    "title",
    "type",
    "usemap",
    "valign",
    "width",
    "xml:lang",
    "xml:space",
    "xmlns",
];

/// True when the XHTML is a `div` of harmless elements and attributes.
pub fn is_harmless(div: &str) -> bool {
    let text = div.trim();
    text.starts_with("<div") && tags(text).is_some()
}

/// Walks every tag; `None` at the first that is not on the list.
fn tags(text: &str) -> Option<()> {
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        rest = &rest[open + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = &comment[comment.find("-->")? + 3..];
            continue;
        }
        let rest_of_tag = rest.strip_prefix('/').unwrap_or(rest);
        let end = rest_of_tag.find(|c: char| !c.is_ascii_alphanumeric())?;
        let (name, after) = rest_of_tag.split_at(end);
        if !ELEMENTS.contains(&name) {
            return None;
        }
        rest = attributes(after)?;
    }
    Some(())
}

/// Walks the attributes of a tag up to its `>`; gives what follows.
fn attributes(mut rest: &str) -> Option<&str> {
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('>').or_else(|| rest.strip_prefix("/>")) {
            return Some(after);
        }
        let (name, after) = rest.split_once('=')?;
        let name = name.trim_end();
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, after) = after[1..].split_once(quote)?;
        if !ATTRIBUTES.contains(&name) || !is_safe(name, value) {
            return None;
        }
        rest = after;
    }
}

fn is_safe(name: &str, value: &str) -> bool {
    let compact: String = value
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .map(|c| c.to_ascii_lowercase())
        .collect();
    // A character reference could spell what is looked for below.
    let spelled = compact.contains("&#") || compact.contains("&colon") || compact.contains('\\');
    match name {
        "style" => {
            let acts = ["url(", "expression", "@import", "javascript:", "behavior", "binding"];
            !spelled && !acts.iter().any(|word| compact.contains(word))
        }
        "href" | "cite" | "longdesc" | "usemap" => {
            let scheme = compact.split(['/', '#', '?']).next().unwrap_or_default();
            let known = ["http:", "https:", "mailto:", "tel:", "urn:"];
            !spelled && (!scheme.contains(':') || known.iter().any(|s| scheme.starts_with(s)))
        }
        "src" => !spelled && (compact.starts_with('#') || compact.starts_with("data:image/")),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_act_is_taken() {
        for (div, harmless) in [
            (r#"<div xmlns="http://www.w3.org/1999/xhtml">Marie</div>"#, true),
            (r##"<div><p style="margin: 4px"><a href="#x">a</a><br/></p><!-- > --></div>"##, true),
            (r#"<div><a href="https://x.fr/a?b=c:d" title="a > b">x</a></div>"#, true),
            (r#"<div><a name="n"> </a><img src="data:image/png;base64,AA=="/></div>"#, true),
            ("<p>no div</p>", false),
            ("text", false),
            ("<div><script>alert(1)</script></div>", false),
            ("<div onclick=\"x()\">a</div>", false),
            ("<div><img src=\"http://x/y.png\"/></div>", false),
            ("<div style=\"background: u r l ( http://x )\">a</div>", false),
            ("<div style=\"width: exp\\72ession(1)\">a</div>", false),
            ("<div><a href=\"java\tscript:alert(1)\">x</a></div>", false),
            ("<div><a href=\"&#106;avascript:alert(1)\">x</a></div>", false),
            ("<div><a href=\"data:text/html;base64,AA\">x</a></div>", false),
            ("<div><iframe src=\"x\"></iframe></div>", false),
            ("<div><svg/></div>", false),
            ("<!DOCTYPE html><div/>", false),
            ("<div><a href=x>x</a></div>", false),
            ("<div", false),
            ("<div><!-- </div>", false),
        ] {
            assert_eq!(is_harmless(div), harmless, "{div}");
        }
    }
}
