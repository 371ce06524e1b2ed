//! A read-only tree for messages whose parts are signed.
//!
//! One parser reads the message, verifies its signatures ([`crate::signature`]) and gives its values: what was signed
//! and what is read cannot differ (security.md 3.8). The bytes first pass [`crate::check`], as everything from outside.

use crate::error::{Position, XmlError};
use crate::limits::Limits;
use std::borrow::Cow;
use uppsala::{Document, NodeId, NodeKind, Parser};

/// A message in memory.
pub struct Tree<'a> {
    pub(crate) document: Document<'a>,
}

/// An element of a [`Tree`].
#[derive(Clone, Copy)]
pub struct Element<'t> {
    pub(crate) tree: &'t Tree<'t>,
    pub(crate) id: NodeId,
}

impl<'a> Tree<'a> {
    /// Reads a message within `limits`.
    ///
    /// # Errors
    /// Every [`XmlError`].
    pub fn parse(bytes: &'a [u8], limits: &Limits) -> Result<Tree<'a>, XmlError> {
        let text = crate::check(bytes, limits)?;
        let parser = Parser::new().with_forbid_dtd(true).with_max_depth(limits.depth_max);
        // The parser's own errors quote the document.
        let document = parser.parse(text).map_err(|_| XmlError::Malformed {
            what: "not well-formed",
            at: Position { line: 1, column: 1 },
        })?;
        if document.document_element().is_none() {
            return Err(XmlError::Malformed { what: "no element", at: Position { line: 1, column: 1 } });
        }
        Ok(Tree { document })
    }

    /// Its outermost element.
    pub fn root(&self) -> Element<'_> {
        let id = self.document.document_element().expect("a tree has an element: parse() checked it");
        Element { tree: self, id }
    }
}

impl<'t> Element<'t> {
    fn element(self) -> &'t uppsala::Element<'t> {
        self.tree.document.element(self.id).expect("an Element is one of its tree")
    }

    /// Local name.
    pub fn name(self) -> &'t str {
        &self.element().name.local_name
    }

    /// Namespace, if any.
    pub fn namespace(self) -> Option<&'t str> {
        self.element().name.namespace_uri.as_deref()
    }

    /// True for that name.
    pub fn is(self, namespace: &str, name: &str) -> bool {
        self.element().matches_name_ns(namespace, name)
    }

    /// An attribute without namespace.
    pub fn attribute(self, name: &str) -> Option<&'t str> {
        let found = self.element().attributes.iter().find(|a| a.name.matches(None, name));
        found.map(|a| a.value.as_ref())
    }

    /// An attribute of a namespace.
    pub fn attribute_ns(self, namespace: &str, name: &str) -> Option<&'t str> {
        self.element().get_attribute_ns(namespace, name)
    }

    /// Its children that are elements.
    pub fn children(self) -> impl Iterator<Item = Element<'t>> + 't {
        let tree = self.tree;
        tree.document
            .children_iter(self.id)
            .filter(move |id| tree.document.element(*id).is_some())
            .map(move |id| Element { tree, id })
    }

    /// Its children of that name.
    pub fn named(self, namespace: &'t str, name: &'t str) -> impl Iterator<Item = Element<'t>> + 't {
        self.children().filter(move |child| child.is(namespace, name))
    }

    /// Its first child of that name.
    pub fn child(self, namespace: &str, name: &str) -> Option<Element<'t>> {
        self.children().find(|child| child.is(namespace, name))
    }

    /// Its only child of that name; `Err` is how many there are.
    ///
    /// # Errors
    /// None, or several.
    pub fn only(self, namespace: &str, name: &str) -> Result<Element<'t>, usize> {
        let mut found = self.children().filter(|child| child.is(namespace, name));
        match (found.next(), found.count()) {
            (Some(child), 0) => Ok(child),
            (None, _) => Err(0),
            (Some(_), more) => Err(more + 1),
        }
    }

    /// What contains it.
    pub fn parent(self) -> Option<Element<'t>> {
        let id = self.tree.document.parent(self.id)?;
        self.tree.document.element(id).map(|_| Element { tree: self.tree, id })
    }

    /// Every element inside it, in document order, itself left out.
    pub fn descendants(self) -> impl Iterator<Item = Element<'t>> + 't {
        let tree = self.tree;
        tree.document
            .descendants(self.id)
            .into_iter()
            .filter(move |id| *id != self.id && tree.document.element(*id).is_some())
            .map(move |id| Element { tree, id })
    }

    /// Its attributes: namespace, local name, value. Namespace declarations are none of them.
    pub(crate) fn attributes(self) -> impl Iterator<Item = (Option<&'t str>, &'t str, &'t str)> {
        let all = self.element().attributes.iter();
        all.map(|a| (a.name.namespace_uri.as_deref(), a.name.local_name.as_ref(), a.value.as_ref()))
    }

    /// The namespaces that it declares: prefix, name.
    pub(crate) fn declarations(self) -> impl Iterator<Item = (&'t str, &'t str)> {
        self.element().namespace_declarations.iter().map(|(prefix, uri)| (prefix.as_ref(), uri.as_ref()))
    }

    /// The namespace that a prefix stands for here.
    pub(crate) fn namespace_of(self, prefix: &str) -> Option<&'t str> {
        let own = self.declarations().find(|(declared, _)| *declared == prefix).map(|(_, uri)| uri);
        own.or_else(|| self.parent()?.namespace_of(prefix))
    }

    /// Its character data, children included, as written.
    pub fn text(self) -> Cow<'t, str> {
        let document = &self.tree.document;
        let mut children = document.children_iter(self.id);
        match (children.next().and_then(|first| document.node_kind(first)), children.next()) {
            (Some(NodeKind::Text(text) | NodeKind::CData(text)), None) => Cow::Borrowed(text.as_ref()),
            // A comment or an element splits the text: all of it counts, never the first part alone.
            _ => Cow::Owned(document.text_content_deep(self.id)),
        }
    }

    /// Its character data without white space around it.
    pub fn trimmed(self) -> Cow<'t, str> {
        match self.text() {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii()),
            Cow::Owned(text) => Cow::Owned(text.trim_ascii().to_owned()),
        }
    }

    /// True when it holds a comment or a processing instruction, at any depth.
    pub fn has_remarks(self) -> bool {
        let document = &self.tree.document;
        document.descendants(self.id).into_iter().any(|id| {
            matches!(document.node_kind(id), Some(NodeKind::Comment(_) | NodeKind::ProcessingInstruction(_)))
        })
    }

    /// True when it holds a CDATA section, at any depth.
    pub fn has_cdata(self) -> bool {
        let document = &self.tree.document;
        document
            .descendants(self.id)
            .into_iter()
            .any(|id| matches!(document.node_kind(id), Some(NodeKind::CData(_))))
    }

    /// True when it has character data of its own that is not white space.
    pub fn has_own_text(self) -> bool {
        let document = &self.tree.document;
        document.children_iter(self.id).any(|id| match document.node_kind(id) {
            Some(NodeKind::Text(text) | NodeKind::CData(text)) => !text.trim_ascii().is_empty(),
            _ => false,
        })
    }
}

impl PartialEq for Element<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.id == other.id
    }
}

impl std::fmt::Debug for Tree<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tree(…)")
    }
}

impl std::fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the content: it may be a patient's.
        write!(f, "<{}>", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_walked_by_name() {
        let text = r#"<?xml version="1.0"?><a xmlns="urn:a" xmlns:b="urn:b" b:k="2" k="1"> <b:c>é<!-- --></b:c><c/> x </a>"#;
        let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
        let root = tree.root();
        assert!(root.is("urn:a", "a"));
        assert_eq!((root.attribute("k"), root.attribute_ns("urn:b", "k")), (Some("1"), Some("2")));
        assert_eq!(root.children().count(), 2);
        assert_eq!(root.child("urn:b", "c").map(|c| c.text().into_owned()).as_deref(), Some("é"));
        assert_eq!(root.only("urn:a", "d"), Err(0));
        assert!(root.has_remarks() && root.has_own_text() && !root.has_cdata());
        assert_eq!(root.child("urn:b", "c").and_then(Element::parent), Some(root));
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for text in [
            "",
            "<a>",
            "<a></b>",
            "<!DOCTYPE a><a/>",
            "<a b='1' b='2'/>",
            "<p:a/>",
            "<a/><b/>",
            "<a>&x;</a>",
            "<a xmlns:p='urn:1' xmlns:q='urn:1' p:k='1' q:k='2'/>",
            "<a>&#0;</a>",
            "<a>&#1;</a>",
            "<a xmlns:xmlns='urn:x'/>",
            "<a xmlns:p=''/>",
            "<:a/>",
            "<p:/>",
            "<p:a:b xmlns:p='urn:p'/>",
            "<a :b='1'/>",
            "<a p:b:c='1' xmlns:p='urn:p'/>",
        ] {
            assert!(Tree::parse(text.as_bytes(), &Limits::default()).is_err(), "{text}");
        }
    }

    #[test]
    fn text_is_never_cut_at_what_splits_it() {
        for (text, whole) in [
            ("<a>12</a>", "12"),
            ("<a>1<!-- -->2</a>", "12"),
            ("<a>1<?x?>2</a>", "12"),
            ("<a>1<![CDATA[2]]></a>", "12"),
            ("<a><![CDATA[1]]>2</a>", "12"),
            ("<a>1<b>2</b>3</a>", "123"),
            ("<a>&#49;&amp;2</a>", "1&2"),
            ("<a/>", ""),
        ] {
            let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
            assert_eq!(tree.root().text(), whole, "{text}");
        }
    }

    #[test]
    fn a_tree_may_cross_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Tree<'_>>();
        shared::<Element<'_>>();
    }
}
