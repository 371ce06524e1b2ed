//! Elements that could act in a browser have no place in narrative: the schema has none of them (CDA-33 to 36).
//!
//! The viewer never emits them anyway ([`crate::narrative`] builds from an allow-list). A document that carries
//! them is refused at deposit all the same, for the sake of every other viewer it will meet.

use dmp_xml::Node;

use crate::document::Cda;
use crate::node::Hl7;
use crate::refusal::CdaRefusal;

const BROWSER_NAMESPACES: [&str; 4] = [
    "http://www.w3.org/1999/xhtml",
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/1998/Math/MathML",
    "http://www.w3.org/1999/XSL/Transform",
];

/// Names, in lower case, that act, load or embed when a browser meets them in HTML, SVG or MathML.
const BROWSER_NAMES: [&str; 48] = [
    "animate",
    "animatemotion",
    "animatetransform",
    "annotation-xml",
    "applet",
    "area",
    "audio",
    "base",
    "body",
    "button",
    "canvas",
    "dialog",
    "embed",
    "foreignobject",
    "form",
    "frame",
    "frameset",
    "head",
    "html",
    "iframe",
    "image",
    "img",
    "input",
    "isindex",
    "link",
    "map",
    "marquee",
    "math",
    "meta",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "option",
    "picture",
    "plaintext",
    "portal",
    "script",
    "select",
    "set",
    "slot",
    "source",
    "style",
    "svg",
    "template",
    "textarea",
    "video",
    "xmp",
];

impl Cda<'_> {
    /// Refuses active elements inside the narrative of any section, or inside a `nonXMLBody`.
    pub(crate) fn check_narrative(&self) -> Result<(), CdaRefusal> {
        let body = self.structured_body().into_iter().flat_map(|body| body.descendants());
        let narratives = body.filter(|node| node.is("section")).filter_map(|section| section.child("text"));
        let mut texts = narratives.chain(self.unstructured_text());
        if texts.any(|text| text.descendants().any(is_active)) {
            return Err(CdaRefusal::ActiveContent);
        }
        Ok(())
    }
}

fn is_active(node: Node<'_, '_>) -> bool {
    let tag = node.tag_name();
    tag.namespace().is_some_and(|namespace| BROWSER_NAMESPACES.contains(&namespace))
        || (node.is_element() && BROWSER_NAMES.iter().any(|name| tag.name().eq_ignore_ascii_case(name)))
}
