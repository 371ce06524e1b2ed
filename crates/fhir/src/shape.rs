//! Whether a body is a resource we know: elements, cardinalities, types, formats of primitives (R4 2.6).
//!
//! The resources and datatypes of this face are restated in one table ([`table`]); everything a sender writes must
//! be in it. A modifier extension is refused because none is known here and ignoring one would change the meaning.
//! Every fault found gives its FHIRPath; the first one decides the status.

mod primitive;
pub mod table;

pub(crate) use primitive::is_id;

use crate::json::Json;
use crate::narrative;
use crate::outcome::{Issue, Outcome, echo};
use http::StatusCode;
use primitive::Primitive;

/// Most faults told at once.
const ISSUES_MAX: usize = 10;

/// A datatype, a backbone element or a resource.
#[derive(Debug)]
pub struct Shape {
    /// Name in the specification; of a backbone element, its path.
    pub name: &'static str,
    base: Base,
    elements: &'static [Element],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    /// `Element`: id, extension.
    Datatype,
    /// `BackboneElement`: also modifierExtension.
    Backbone,
    /// `Resource`: id, meta, implicitRules, language.
    Resource,
    /// `DomainResource`: also text, contained, extension, modifierExtension.
    Domain,
}

#[derive(Debug)]
struct Element {
    name: &'static str,
    required: bool,
    many: bool,
    /// One of a choice `value[x]`: at most one of them.
    choice: bool,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Primitive(Primitive),
    Complex(&'static Shape),
    /// Any resource of the table.
    Resource,
}

/// Checks a resource and gives its type.
///
/// # Errors
/// 400 `structure` without `resourceType` or of an unknown one, 400 `invalid` when it is not the expected one; then
/// the faults: 400 `structure` or `value`, 422 `extension` (modifier) or `invariant` (narrative).
pub fn check<'a>(json: &'a Json<'_>, expected: Option<&str>) -> Result<&'a str, Outcome> {
    let Some(name) = json.text("resourceType") else {
        return Err(Outcome::structure("resourceType is missing"));
    };
    if let Some(expected) = expected.filter(|expected| *expected != name) {
        let what = format!("a {expected} is expected here, not `{}`", echo(name));
        return Err(Outcome::invalid(what).at("resourceType"));
    }
    let Some(shape) = table::resource(name) else {
        let what = format!("resource type `{}` is not known here", echo(name));
        return Err(Outcome::structure(what).at("resourceType"));
    };
    let mut faults = Faults::default();
    faults.object(shape, json, &Path::root(shape.name));
    match faults.first_status {
        None => Ok(name),
        Some(status) => Err(Outcome::of(status, faults.issues)),
    }
}

/// Where the walk is; written out only for a fault.
struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    name: &'p str,
    index: Option<usize>,
}

impl<'p> Path<'p> {
    fn root(name: &'p str) -> Self {
        Path { parent: None, name, index: None }
    }

    fn child(&'p self, name: &'p str, index: Option<usize>) -> Path<'p> {
        Path { parent: Some(self), name, index }
    }

    fn text(&self) -> String {
        let mut text = match self.parent {
            Some(parent) => format!("{}.{}", parent.text(), echo(self.name)),
            None => self.name.to_owned(),
        };
        if let Some(index) = self.index {
            text += &format!("[{index}]");
        }
        text
    }
}

#[derive(Default)]
struct Faults {
    issues: Vec<Issue>,
    first_status: Option<StatusCode>,
}

impl Faults {
    fn add(&mut self, status: StatusCode, code: &'static str, what: impl Into<String>, path: &Path<'_>) {
        self.first_status.get_or_insert(status);
        if self.issues.len() < ISSUES_MAX {
            self.issues.push(Issue::new(code, what).at(path.text()));
        }
    }

    fn structure(&mut self, what: impl Into<String>, path: &Path<'_>) {
        self.add(StatusCode::BAD_REQUEST, "structure", what, path);
    }

    fn object(&mut self, shape: &'static Shape, json: &Json<'_>, path: &Path<'_>) {
        let Json::Object(members) = json else {
            return self.structure("an object is expected", path);
        };
        if members.is_empty() {
            return self.structure("an object may not be empty", path);
        }
        for (key, value) in members {
            let below = path.child(key, None);
            if key == "resourceType" && matches!(shape.base, Base::Resource | Base::Domain) {
                continue;
            }
            match (find(shape, key), key.strip_prefix('_').and_then(|k| find(shape, k))) {
                (Some(element), _) => self.element(element, value, json, path),
                (None, Some(Element { kind: Kind::Primitive(_), many, .. })) => {
                    self.companion(*many, value, &below);
                }
                _ if key == "modifierExtension" && shape.base != Base::Datatype => self.add(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "extension",
                    "no modifier extension is known here",
                    &below,
                ),
                _ => self.structure(format!("unknown element `{}`", echo(key)), &below),
            }
        }
        self.cardinalities(shape, json, path);
        if shape.name == "Narrative" && !json.text("div").is_none_or(narrative::is_harmless) {
            self.add(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invariant",
                "the narrative holds an element or attribute that is not allowed (txt-1)",
                &path.child("div", None),
            );
        }
    }

    fn cardinalities(&mut self, shape: &'static Shape, json: &Json<'_>, path: &Path<'_>) {
        let present =
            |name: &str| json.members().iter().any(|(k, _)| k.strip_prefix('_').unwrap_or(k) == name);
        for element in shape.elements.iter().filter(|e| e.required) {
            if !present(element.name) {
                self.structure(format!("`{}` is missing", element.name), path);
            }
        }
        let mut taken: Option<&str> = None;
        for element in shape.elements.iter().filter(|e| e.choice && present(e.name)) {
            let stem = element.name.split(|c: char| c.is_ascii_uppercase()).next().unwrap_or_default();
            if taken.replace(stem) == Some(stem) {
                self.structure(format!("only one `{stem}[x]` may be given"), path);
            }
        }
    }

    fn element(&mut self, element: &Element, value: &Json<'_>, parent: &Json<'_>, path: &Path<'_>) {
        let name = element.name;
        let companion = || parent.members().iter().find(|(k, _)| k.strip_prefix('_') == Some(name));
        match (element.many, value) {
            (true, Json::Array(items)) if items.is_empty() => {
                self.structure("an array may not be empty", &path.child(name, None));
            }
            (true, Json::Array(items)) => {
                for (i, item) in items.iter().enumerate() {
                    let beside = companion().and_then(|(_, c)| c.as_array().get(i));
                    let has_companion = beside.is_some_and(|c| *c != Json::Null);
                    if *item == Json::Null && has_companion && matches!(element.kind, Kind::Primitive(_)) {
                        continue;
                    }
                    self.one(element.kind, item, &path.child(name, Some(i)));
                }
            }
            (true, _) => self.structure("an array is expected", &path.child(name, None)),
            (false, Json::Array(_)) => {
                self.structure("one value is expected, not an array", &path.child(name, None))
            }
            (false, _) => self.one(element.kind, value, &path.child(name, None)),
        }
    }

    fn one(&mut self, kind: Kind, value: &Json<'_>, path: &Path<'_>) {
        match kind {
            _ if *value == Json::Null => self.structure("null is not a value", path),
            Kind::Complex(shape) => self.object(shape, value, path),
            Kind::Resource => match value.text("resourceType").map(|name| (name, table::resource(name))) {
                Some((_, Some(shape))) => self.object(shape, value, path),
                Some((name, None)) => {
                    self.structure(format!("resource type `{}` is not known here", echo(name)), path);
                }
                None => self.structure("resourceType is missing", path),
            },
            Kind::Primitive(primitive) => match primitive.check(value) {
                Ok(()) => {}
                Err(primitive::Fault::Type(expected)) => self.structure(expected, path),
                Err(primitive::Fault::Value(expected)) => {
                    self.add(StatusCode::BAD_REQUEST, "value", expected, path);
                }
            },
        }
    }

    /// `_name` beside a primitive: its id and extensions.
    fn companion(&mut self, many: bool, value: &Json<'_>, path: &Path<'_>) {
        match (many, value) {
            (false, value) => self.object(&table::Element, value, path),
            (true, Json::Array(items)) if !items.is_empty() => {
                for item in items.iter().filter(|item| **item != Json::Null) {
                    self.object(&table::Element, item, path);
                }
            }
            (true, _) => self.structure("an array is expected", path),
        }
    }
}

fn find(shape: &'static Shape, name: &str) -> Option<&'static Element> {
    let own = shape.elements.iter().find(|e| e.name == name);
    own.or_else(|| {
        let common = match shape.base {
            Base::Datatype | Base::Backbone => &table::ELEMENT[..],
            Base::Resource => &table::RESOURCE[..],
            Base::Domain => &table::DOMAIN_RESOURCE[..],
        };
        common.iter().find(|e| e.name == name)
    })
}

#[cfg(test)]
mod tests;
