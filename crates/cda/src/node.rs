//! Short ways through a CDA tree: children by name, coded values, identifiers.

use dmp_dossier::code::Code;
use dmp_xml::Node;

/// Namespace of HL7 v3.
pub(crate) const HL7: &str = "urn:hl7-org:v3";
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// An HL7 instance identifier (II).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    /// OID or UUID of the assigner, or the identifier itself when there is no extension.
    pub root: String,
    /// Identifier within the root.
    pub extension: Option<String>,
}

impl Identifier {
    /// `root`, or `root^extension` (ITI TF-3 4.2.3.2.26).
    pub fn joined(&self) -> String {
        match &self.extension {
            Some(extension) => format!("{}^{extension}", self.root),
            None => self.root.clone(),
        }
    }

    /// The identifier without its assigner.
    pub fn value(&self) -> &str {
        self.extension.as_deref().unwrap_or(&self.root)
    }
}

pub(crate) trait Hl7<'a, 'i: 'a>: Copy {
    fn node(self) -> Node<'a, 'i>;

    /// True for an element of that name in the HL7 namespace.
    fn is(self, name: &str) -> bool {
        let tag = self.node().tag_name();
        tag.name() == name && tag.namespace() == Some(HL7)
    }

    fn each(self, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
        self.node().children().filter(move |child| child.is(name))
    }

    fn child(self, name: &'static str) -> Option<Node<'a, 'i>> {
        self.each(name).next()
    }

    fn path(self, names: &[&'static str]) -> Option<Node<'a, 'i>> {
        names.iter().try_fold(self.node(), |node, name| node.child(name))
    }

    /// An attribute, trimmed, `None` when empty.
    fn attr(self, name: &str) -> Option<&'a str> {
        self.node().attribute(name).map(str::trim).filter(|value| !value.is_empty())
    }

    fn is_null(self) -> bool {
        self.node().has_attribute("nullFlavor")
    }

    fn xsi_type(self) -> Option<&'a str> {
        let name = self.node().attribute((XSI, "type"))?.trim();
        Some(name.rsplit(':').next().unwrap_or(name))
    }

    /// `@code`, `@codeSystem`, `@displayName`; `None` without a code.
    fn coded(self) -> Option<Code> {
        let code = self.attr("code")?;
        let label = self.attr("displayName").unwrap_or_default();
        Some(Code::new(code, self.attr("codeSystem").unwrap_or_default(), label))
    }

    fn identifier(self) -> Option<Identifier> {
        let root = self.attr("root")?.to_owned();
        Some(Identifier { root, extension: self.attr("extension").map(str::to_owned) })
    }

    /// `id` children that identify something.
    fn identifiers(self) -> Vec<Identifier> {
        self.each("id").filter(|id| !id.is_null()).filter_map(Hl7::identifier).collect()
    }

    fn has_template(self, root: &str) -> bool {
        self.each("templateId").any(|template| template.attr("root") == Some(root))
    }

    /// All text inside, white space collapsed.
    fn plain(self) -> String {
        self.plain_within(usize::MAX)
    }

    /// Text inside, white space collapsed, cut after about `max_bytes` with an ellipsis.
    fn plain_within(self, max_bytes: usize) -> String {
        let mut plain = String::new();
        let texts = self.node().descendants().filter(Node::is_text).filter_map(|node| node.text());
        for word in texts.flat_map(str::split_whitespace) {
            if plain.len() + word.len() > max_bytes {
                plain.push('…');
                break;
            }
            if !plain.is_empty() {
                plain.push(' ');
            }
            plain.push_str(word);
        }
        plain
    }
}

impl<'a, 'i: 'a> Hl7<'a, 'i> for Node<'a, 'i> {
    fn node(self) -> Node<'a, 'i> {
        self
    }
}
