//! The body of a document as safe HTML: an allow-list that builds, not a filter that removes.
//!
//! Each element of the CDA narrative block (HL7 CDA R2 NarrativeBlock.xsd) has its own HTML; an unknown one gives
//! its text only. No attribute passes but identifiers, spans of cells and links inside the document. Nothing is
//! loaded: images are data of the document, addresses elsewhere stay text.

mod table;

use std::collections::{BTreeSet, HashMap, HashSet};

use dmp_xml::{Node, NodeId};

use crate::coded;
use crate::document::Cda;
use crate::file::{self, MediaType};
use crate::html::HtmlWriter;
use crate::node::Hl7;

/// Beyond this many bytes of HTML the rest of a document is left out, with a sentence (security.md 2.6, CDA-51).
const MAX_HTML_BYTES: usize = 10 * 1024 * 1024;

/// How the HTML fits in its page.
#[derive(Debug, Clone, Copy)]
pub struct RenderOptions<'o> {
    /// Level of the headings of top sections, 2 to 6.
    pub heading_level: u8,
    /// Put before every identifier, so that none meets the page's own.
    pub id_prefix: &'o str,
}

impl Default for RenderOptions<'_> {
    fn default() -> Self {
        Self { heading_level: 2, id_prefix: "cda-" }
    }
}

/// The body of a document for a page.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// Balanced HTML without any script, style, form or address elsewhere.
    pub html: String,
    /// What was not shown as written.
    pub warnings: BTreeSet<Warning>,
}

/// Something that was not shown as the document wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Warning {
    /// An identifier given twice; links lead to the first.
    DuplicateId,
    /// An image that is none, or is elsewhere.
    ImageRefused,
    /// A link to another place than the document itself.
    LinkAsText,
    /// The document is too long.
    Truncated,
}

impl Warning {
    /// For the reader.
    pub fn french(self) -> &'static str {
        match self {
            Self::DuplicateId => {
                "Des repères de ce document sont en double : un renvoi peut mener au mauvais endroit."
            }
            Self::ImageRefused => "Une image de ce document n'est pas affichée.",
            Self::LinkAsText => "Les liens de ce document vers l'extérieur ne sont pas actifs.",
            Self::Truncated => "Ce document est trop long pour être affiché en entier.",
        }
    }
}

impl Cda<'_> {
    /// The body as safe HTML. Never fails: what cannot be shown is replaced by a sentence in French.
    pub fn html(&self, options: &RenderOptions<'_>) -> Rendered {
        self.html_within(options, MAX_HTML_BYTES)
    }

    pub(crate) fn html_within(&self, options: &RenderOptions<'_>, max_bytes: usize) -> Rendered {
        let mut renderer = Renderer::new(self, options, max_bytes);
        if let Some(body) = self.structured_body() {
            for component in body.each("component") {
                renderer.sections_of(component, options.heading_level.clamp(2, 6));
            }
        } else if let Some(text) = self.unstructured_text() {
            renderer.unstructured(text);
        } else {
            renderer.html.element("p", &[], "Ce document n'a pas de contenu.");
        }
        renderer.finish()
    }
}

struct Renderer<'o, 'd, 'a> {
    html: HtmlWriter,
    prefix: &'o str,
    /// Identifiers of the narrative that a link may name.
    targets: HashSet<&'d str>,
    /// Identifiers already written.
    written: HashSet<&'d str>,
    media: HashMap<&'d str, Node<'d, 'a>>,
    /// Images already decoded, as addresses; `None` for what is no image. One may be shown many times.
    images: HashMap<NodeId, Option<String>>,
    /// Numbers of the files offered beside the page.
    file_numbers: HashMap<NodeId, usize>,
    warnings: BTreeSet<Warning>,
}

/// Identifier of a narrative element, when it is one that a page can carry.
fn narrative_id<'d>(node: Node<'d, '_>) -> Option<&'d str> {
    let id = node.attr("ID")?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (id.len() <= 128 && id.bytes().all(is_plain)).then_some(id)
}

impl<'o, 'd, 'a> Renderer<'o, 'd, 'a> {
    fn new(cda: &'d Cda<'a>, options: &RenderOptions<'o>, max_bytes: usize) -> Self {
        let body = || cda.structured_body().into_iter().flat_map(|body| body.descendants());
        let texts = || body().filter(|node| node.is("section")).filter_map(|section| section.child("text"));
        let ids = texts().flat_map(|text| text.descendants()).filter_map(narrative_id);
        let media = body().filter(|node| node.is("observationMedia"));
        Self {
            html: HtmlWriter::new(max_bytes),
            prefix: options.id_prefix,
            targets: ids.collect(),
            written: HashSet::new(),
            media: media.filter_map(|media| Some((media.attr("ID")?, media))).collect(),
            file_numbers: file::attachments(cda).iter().zip(1..).map(|(media, n)| (media.id(), n)).collect(),
            images: HashMap::new(),
            warnings: BTreeSet::new(),
        }
    }

    fn finish(mut self) -> Rendered {
        let mut last = None;
        if self.html.is_full() {
            self.warnings.insert(Warning::Truncated);
            last = Some(
                "La suite de ce document n'est pas affichée : il est trop long. \
                 Téléchargez-le pour le lire en entier.",
            );
        }
        Rendered { html: self.html.finish(last), warnings: self.warnings }
    }

    /// The sections of a `component`, each with its own.
    fn sections_of(&mut self, component: Node<'d, 'a>, level: u8) {
        for section in component.each("section") {
            self.html.open("section", &[]);
            let title = section.child("title").map(Hl7::plain).filter(|title| !title.is_empty());
            // A section without a title still needs a name to be found by.
            let title = title.or_else(|| Some(section.child("code")?.attr("displayName")?.to_owned()));
            if let Some(title) = title {
                let heading = ["h2", "h3", "h4", "h5", "h6"][usize::from(level.clamp(2, 6) - 2)];
                self.html.element(heading, &[], &title);
            }
            match section.child("text").filter(|text| text.has_children()) {
                Some(text) => self.block("div", text),
                None => coded::lines(section, &mut self.html),
            }
            for component in section.each("component") {
                self.sections_of(component, (level + 1).min(6));
            }
            self.html.close();
        }
    }

    fn unstructured(&mut self, text: Node<'d, 'a>) {
        let Ok((media_type, bytes)) = file::body_content(text) else {
            self.html.element("p", &[], "Le contenu de ce document n'est pas lisible.");
            return;
        };
        match media_type {
            MediaType::Text => self.html.element("pre", &[], &String::from_utf8_lossy(&bytes)),
            MediaType::Jpeg => {
                image(&mut self.html, &image_address(media_type, &bytes), "Page numérisée du document");
            }
            other => {
                let sentence = format!("Ce document est un fichier ({}) à ouvrir à part.", other.french());
                self.html.element("p", &[], &sentence);
            }
        }
    }

    /// An element of the narrative as `name`, with its identifier and its content.
    fn block(&mut self, name: &'static str, node: Node<'d, 'a>) {
        self.open(name, node, &[]);
        self.styled(node, |renderer| renderer.inside(node));
        self.html.close();
    }

    fn open(&mut self, name: &'static str, node: Node<'d, 'a>, attributes: &[(&'static str, &str)]) {
        let id = self.id(node);
        let id = id.as_deref().map(|id| ("id", id));
        let attributes: Vec<_> = id.into_iter().chain(attributes.iter().copied()).collect();
        self.html.open(name, &attributes);
    }

    fn id(&mut self, node: Node<'d, 'a>) -> Option<String> {
        let id = narrative_id(node)?;
        if !self.written.insert(id) {
            self.warnings.insert(Warning::DuplicateId);
            return None;
        }
        Some(format!("{}{id}", self.prefix))
    }

    fn inside(&mut self, node: Node<'d, 'a>) {
        for child in node.children() {
            if self.html.is_full() {
                return;
            }
            if child.is_text() {
                self.html.text(&collapse(child.text().unwrap_or_default()));
            } else if child.is_element() {
                self.element(child);
            }
        }
    }

    fn element(&mut self, node: Node<'d, 'a>) {
        if node.tag_name().namespace() != Some(crate::node::HL7) {
            self.html.text(&node.plain());
            return;
        }
        match node.tag_name().name() {
            "br" => self.html.void("br", &[]),
            "content" => self.content(node),
            "sub" => self.block("sub", node),
            "sup" => self.block("sup", node),
            // A paragraph that holds blocks cannot be an HTML one.
            "paragraph" => {
                let holds_blocks = node.descendants().any(|inner| inner.is("table") || inner.is("list"));
                self.block(if holds_blocks { "div" } else { "p" }, node);
            }
            "caption" => self.block("strong", node),
            "footnote" => self.block("small", node),
            "footnoteRef" => self.link(node, node.attr("IDREF"), "note"),
            "linkHtml" => {
                let target = node.attr("href").and_then(|href| href.strip_prefix('#'));
                if target.is_none() {
                    self.warnings.insert(Warning::LinkAsText);
                }
                self.link(node, target, "");
            }
            "list" => self.list(node),
            "table" => self.table(node),
            "renderMultiMedia" => self.multimedia(node),
            // Rows and cells outside a table, and what the schema does not know.
            _ => self.block("span", node),
        }
    }

    fn content(&mut self, node: Node<'d, 'a>) {
        match node.attr("revised") {
            Some("insert") => self.block("ins", node),
            Some("delete") => self.block("del", node),
            _ if narrative_id(node).is_some() => self.block("span", node),
            _ => self.styled(node, |renderer| renderer.inside(node)),
        }
    }

    /// `styleCode`: only what carries meaning; unknown codes are ignored.
    fn styled(&mut self, node: Node<'d, 'a>, inside: impl FnOnce(&mut Self)) {
        let codes = node.attr("styleCode").unwrap_or_default().to_ascii_lowercase();
        let has = |wanted: &[&str]| codes.split_whitespace().any(|code| wanted.contains(&code));
        let styles = [
            ("strong", has(&["bold", "bolditalics", "boldunderline", "bolditalicsunderline"])),
            ("em", has(&["italics", "emphasis", "bolditalics", "italicsunderline", "bolditalicsunderline"])),
            ("u", has(&["underline", "boldunderline", "italicsunderline", "bolditalicsunderline"])),
        ];
        let names: Vec<_> =
            styles.into_iter().filter(|(_, applies)| *applies).map(|(name, _)| name).collect();
        for name in &names {
            self.html.open(name, &[]);
        }
        inside(self);
        for _ in &names {
            self.html.close();
        }
    }

    /// A link when the target is in this document, else the text alone.
    fn link(&mut self, node: Node<'d, 'a>, target: Option<&str>, default_text: &str) {
        let known = target.filter(|target| self.targets.contains(target));
        match known.map(|target| format!("#{}{target}", self.prefix)) {
            Some(href) => self.open("a", node, &[("href", &href)]),
            None => self.open("span", node, &[]),
        }
        if node.has_children() {
            self.inside(node);
        } else if known.is_some() {
            self.html.text(default_text);
        }
        self.html.close();
    }

    fn list(&mut self, node: Node<'d, 'a>) {
        if let Some(caption) = node.child("caption") {
            self.block("p", caption);
        }
        self.open(if node.attr("listType") == Some("ordered") { "ol" } else { "ul" }, node, &[]);
        for child in node.children().filter(Node::is_element).filter(|child| !child.is("caption")) {
            if child.is("item") {
                self.block("li", child);
            } else {
                self.html.open("li", &[]);
                self.element(child);
                self.html.close();
            }
        }
        self.html.close();
    }

    fn multimedia(&mut self, node: Node<'d, 'a>) {
        let caption = node.child("caption").map(Hl7::plain).filter(|caption| !caption.is_empty());
        for reference in node.attr("referencedObject").unwrap_or_default().split_whitespace() {
            let Some(media) = self.media.get(reference).copied().filter(|_| !self.html.is_full()) else {
                continue;
            };
            if let Some(number) = self.file_numbers.get(&media.id()) {
                self.html.element("em", &[], &format!("[Fichier joint n° {number}]"));
                continue;
            }
            match self.images.entry(media.id()).or_insert_with(|| image_of(media)) {
                Some(address) => {
                    image(&mut self.html, address, caption.as_deref().unwrap_or("Image du document"))
                }
                None => {
                    self.warnings.insert(Warning::ImageRefused);
                    self.html.element("em", &[], "[Image refusée : elle n'est pas affichée]");
                }
            }
        }
        if let Some(caption) = caption {
            self.html.element("em", &[], &caption);
        }
    }
}

/// Address of the image in an `observationMedia`, with the type its bytes have, whatever type it was given.
fn image_of(media: Node<'_, '_>) -> Option<String> {
    let media_type = file::attachment_type(media).filter(|media_type| media_type.is_web_image())?;
    Some(image_address(media_type, &file::decode(media.child("value")?)?))
}

fn image_address(media_type: MediaType, bytes: &[u8]) -> String {
    format!("data:{};base64,{}", media_type.as_str(), file::encode(bytes))
}

fn image(html: &mut HtmlWriter, address: &str, alternative: &str) {
    html.void("img", &[("src", address), ("alt", alternative)]);
}

/// Runs of white space as one space: sources are indented.
fn collapse(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    let mut in_space = false;
    for character in text.chars() {
        // No-break spaces are kept: they are typed on purpose.
        let is_space = matches!(character, ' ' | '\t' | '\n' | '\r');
        if !is_space {
            collapsed.push(character);
        } else if !in_space {
            collapsed.push(' ');
        }
        in_space = is_space;
    }
    collapsed
}
