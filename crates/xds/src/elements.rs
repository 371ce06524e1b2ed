//! Elements of a message read by name, for HL7 v3 and the DMP's own services.
//!
//! What is missing or wrong is named by its way from the element of the operation, as in XPath; what the sender wrote is
//! never repeated here, since most of it is about a patient. An element that is `xsi:nil`, or has a `nullFlavor`, is
//! absent: software writes many.

use crate::fault::{Failure, Fault};
use dmp_dossier::{Reason, Refusal, Rule};
use dmp_xml::Element;

/// Namespace of `xsi:nil` and `xsi:type`.
pub(crate) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Form of a message.
pub(crate) const MSG_1: Rule = Rule {
    id: "MSG-1",
    says: "un message porte les éléments de sa transaction, chacun sous sa forme",
    source: "SEL-MP-037, WSDL et schémas HL7 v3 NE2009",
};

/// Longest value read, in bytes: that of the record.
const TEXT_MAX: usize = 1_000;

/// What is missing or wrong in a message, in a sentence that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong(pub(crate) String);

impl From<Wrong> for Fault {
    fn from(wrong: Wrong) -> Self {
        Fault::sender(wrong.0)
    }
}

impl From<Wrong> for Refusal {
    fn from(wrong: Wrong) -> Self {
        Refusal::about(Reason::InvalidRequest, &MSG_1, wrong.0)
    }
}

impl From<Wrong> for Failure {
    fn from(wrong: Wrong) -> Self {
        Failure::Refused(wrong.into())
    }
}

/// The way to an element from that of the operation.
pub(crate) fn path(element: Element<'_>) -> String {
    let mut names = vec![element.name()];
    let mut here = element;
    while let Some(parent) = here.parent().filter(|p| p.namespace() == element.namespace()) {
        names.push(parent.name());
        here = parent;
    }
    names.reverse();
    names.join("/")
}

/// Something expected under an element: a child `name`, an attribute `@name`.
pub(crate) fn missing(under: Element<'_>, name: &str) -> Wrong {
    Wrong(format!("élément attendu : `{}/{name}`", path(under)))
}

/// An element whose content cannot be taken.
pub(crate) fn wrong(element: Element<'_>, why: &str) -> Wrong {
    Wrong(format!("élément `{}` : {why}", path(element)))
}

fn is_there(element: Element<'_>) -> bool {
    !matches!(element.attribute_ns(XSI, "nil"), Some("true" | "1"))
        && element.attribute("nullFlavor").is_none()
}

/// The children of that name, absent ones left out.
pub(crate) fn all<'t>(under: Element<'t>, name: &'t str) -> impl Iterator<Item = Element<'t>> {
    under
        .children()
        .filter(move |child| child.name() == name && child.namespace() == under.namespace())
        .filter(|child| is_there(*child))
}

/// The only child of that name, if any.
pub(crate) fn optional<'t>(under: Element<'t>, name: &'t str) -> Result<Option<Element<'t>>, Wrong> {
    let mut found = all(under, name);
    match (found.next(), found.next()) {
        (_, Some(second)) => Err(wrong(second, "un seul est attendu")),
        (first, None) => Ok(first),
    }
}

/// The only child of that name.
pub(crate) fn required<'t>(under: Element<'t>, name: &'t str) -> Result<Element<'t>, Wrong> {
    optional(under, name)?.ok_or_else(|| missing(under, name))
}

/// The element that a way of required names leads to.
pub(crate) fn follow<'t>(from: Element<'t>, way: &[&'t str]) -> Result<Element<'t>, Wrong> {
    way.iter().try_fold(from, |here, name| required(here, name))
}

/// A value that can be kept: neither empty, nor too long, nor with control characters.
fn kept<'v>(value: &'v str, element: Element<'_>) -> Result<&'v str, Wrong> {
    let value = value.trim();
    if value.len() > TEXT_MAX {
        return Err(wrong(element, "valeur trop longue"));
    }
    match value.chars().any(|c| c.is_control() && c != '\n') {
        true => Err(wrong(element, "caractère de contrôle")),
        false => Ok(value),
    }
}

/// An attribute that must be there and not empty.
pub(crate) fn attribute<'t>(element: Element<'t>, name: &str) -> Result<&'t str, Wrong> {
    let value = element.attribute(name).map(|value| kept(value, element)).transpose()?.unwrap_or_default();
    if value.is_empty() { Err(missing(element, &format!("@{name}"))) } else { Ok(value) }
}

/// Character data; empty when there is none.
pub(crate) fn text(element: Element<'_>) -> Result<String, Wrong> {
    kept(&element.text(), element).map(str::to_owned)
}

/// Character data of a child, if there is one that is not empty.
pub(crate) fn text_of<'t>(under: Element<'t>, name: &'t str) -> Result<Option<String>, Wrong> {
    let text = optional(under, name)?.map(text).transpose()?;
    Ok(text.filter(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dmp_xml::{Limits, Tree};

    const TEXT: &str = r#"<e:Body xmlns:e="urn:e"><a xmlns="urn:a" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
        <b k="1" z=" "><c> x </c></b><n xsi:nil="true"/><u nullFlavor="UNK"/><d/><d/><e:c/></a></e:Body>"#;

    #[test]
    fn what_is_not_there_is_named_by_its_way() {
        let tree = Tree::parse(TEXT.as_bytes(), &Limits::default()).unwrap();
        let a = tree.root().children().next().unwrap();
        let b = required(a, "b").unwrap();
        assert_eq!(text_of(b, "c"), Ok(Some("x".to_owned())));
        assert_eq!(attribute(b, "k"), Ok("1"));
        assert_eq!(path(follow(a, &["b", "c"]).unwrap()), "a/b/c");
        for (found, says) in [
            (follow(a, &["b", "x"]).map(|_| ()), "élément attendu : `a/b/x`"),
            (required(a, "n").map(|_| ()), "élément attendu : `a/n`"),
            (required(a, "u").map(|_| ()), "élément attendu : `a/u`"),
            (required(a, "c").map(|_| ()), "élément attendu : `a/c`"),
            (required(a, "d").map(|_| ()), "élément `a/d` : un seul est attendu"),
            (attribute(b, "z").map(|_| ()), "élément attendu : `a/b/@z`"),
            (attribute(b, "y").map(|_| ()), "élément attendu : `a/b/@y`"),
        ] {
            assert_eq!(found, Err(Wrong(says.to_owned())));
        }
    }

    #[test]
    fn a_value_that_cannot_be_kept_is_refused() {
        for (value, says) in [
            ("x".repeat(1_001), Some("élément `a` : valeur trop longue")),
            ("x".repeat(1_000), None),
            ("x&#9;y".to_owned(), Some("élément `a` : caractère de contrôle")),
            ("x&#10;y".to_owned(), None),
        ] {
            let message = format!("<a>{value}</a>");
            let tree = Tree::parse(message.as_bytes(), &Limits::default()).unwrap();
            let read = text(tree.root()).err().map(|Wrong(said)| said);
            assert_eq!(read.as_deref(), says);
        }
    }
}
