//! ebRIM 3.0 from the wire: the objects of a message, with their slots, classifications and identifiers.
//!
//! Prefixes, the order of the objects, symbolic or `urn:uuid:` identifiers, `charset` and `xml:lang` make no difference.
//! A classification may stand inside its object or beside it. What is read is what was sent: nothing is looked up, and
//! what an attribute must be is said by the transaction. Counts are bounded.
//!
//! Sources: ebRIM 3.0; ITI TF-3 4.2.1, 4.2.3.

pub mod hl7;
mod problem;

pub use problem::{Problem, Wrong, cut};

use super::scheme::{FOLDER, RIM, SUBMISSION_SET};
use dmp_dossier::{Code, Dtm};
use dmp_xml::Element;
use std::borrow::Cow;

/// Most objects of a message.
const OBJECTS_MAX: usize = 1_000;
/// Most slots, classifications or identifiers of an object.
const PARTS_MAX: usize = 256;
/// Most values of a slot.
const VALUES_MAX: usize = 1_000;

/// The objects of a `RegistryObjectList`.
#[derive(Debug, Default)]
pub struct Objects<'t> {
    /// `RegistryPackage` that are submission sets.
    pub submission_sets: Vec<RegistryObject<'t>>,
    /// `RegistryPackage` that are folders.
    pub folders: Vec<RegistryObject<'t>>,
    /// `ExtrinsicObject`.
    pub documents: Vec<ExtrinsicObject<'t>>,
    /// `Association`.
    pub associations: Vec<Association<'t>>,
    /// `ObjectRef/@id`.
    pub references: Vec<&'t str>,
}

/// What every object has.
#[derive(Debug, Default)]
pub struct RegistryObject<'t> {
    /// `id`, symbolic or `urn:uuid:`; empty when there is none.
    pub id: &'t str,
    /// `lid`.
    pub lid: Option<&'t str>,
    /// `status`.
    pub status: Option<&'t str>,
    /// `objectType`.
    pub object_type: Option<&'t str>,
    /// `VersionInfo/@versionName`.
    pub version: Option<&'t str>,
    /// `Name`: first text given.
    pub name: Option<&'t str>,
    /// `Description`: first text given.
    pub description: Option<&'t str>,
    /// Slots, in order.
    pub slots: Vec<Slot<'t>>,
    /// Classifications, in order.
    pub classifications: Vec<Classification<'t>>,
    /// External identifiers, in order.
    pub identifiers: Vec<ExternalIdentifier<'t>>,
}

/// A DocumentEntry.
#[derive(Debug)]
pub struct ExtrinsicObject<'t> {
    /// What every object has.
    pub object: RegistryObject<'t>,
    /// `mimeType`.
    pub mime_type: Option<&'t str>,
}

/// An association.
#[derive(Debug)]
pub struct Association<'t> {
    /// What every object has.
    pub object: RegistryObject<'t>,
    /// `associationType`.
    pub kind: &'t str,
    /// `sourceObject`.
    pub source: &'t str,
    /// `targetObject`.
    pub target: &'t str,
}

/// A slot: a name and its values.
#[derive(Debug)]
pub struct Slot<'t> {
    /// Name.
    pub name: &'t str,
    /// Values, without white space around them, empty ones left out.
    pub values: Vec<Cow<'t, str>>,
}

/// A classification: a coded value, an author, or what a package is.
#[derive(Debug)]
pub struct Classification<'t> {
    /// `classificationScheme`, empty when there is none.
    pub scheme: &'t str,
    /// `classificationNode`, empty when there is none.
    pub node: &'t str,
    /// `nodeRepresentation`, empty when there is none.
    pub code: &'t str,
    /// `Name`.
    pub name: Option<&'t str>,
    /// Slots, in order.
    pub slots: Vec<Slot<'t>>,
}

/// An identifier in a scheme.
#[derive(Debug)]
pub struct ExternalIdentifier<'t> {
    /// `identificationScheme`.
    pub scheme: &'t str,
    /// `value`.
    pub value: &'t str,
}

/// Reads a `RegistryObjectList`.
///
/// # Errors
/// Objects or elements that are not of the model, bounds passed, an `id` used twice.
pub fn objects<'t>(list: Element<'t>) -> Result<Objects<'t>, Vec<Problem>> {
    let mut objects = Objects::default();
    let mut problems = Vec::new();
    let mut packages: Vec<RegistryObject<'t>> = Vec::new();
    let mut beside: Vec<(&'t str, Classification<'t>)> = Vec::new();
    for (count, element) in list.children().enumerate() {
        if count >= OBJECTS_MAX {
            return Err(vec![Problem::new("", "RegistryObjectList", Wrong::TooMany { max: OBJECTS_MAX })]);
        }
        let read = match (element.namespace() == Some(RIM), element.name()) {
            (true, "RegistryPackage") => object(element).map(|object| packages.push(object)),
            (true, "ExtrinsicObject") => object(element).map(|object| {
                let mime_type = element.attribute("mimeType").map(str::trim).filter(|m| !m.is_empty());
                objects.documents.push(ExtrinsicObject { object, mime_type });
            }),
            (true, "Association") => association(element).map(|found| objects.associations.push(found)),
            (true, "Classification") => classification(element)
                .map(|found| beside.push((attribute(element, "classifiedObject"), found))),
            (true, "ObjectRef") => {
                objects.references.push(attribute(element, "id"));
                Ok(())
            }
            (_, name) => Err(Problem::new(
                "",
                "RegistryObjectList",
                Wrong::rule(name, "not an object of the XDS model"),
            )),
        };
        problems.extend(read.err());
    }
    for (of, classification) in beside {
        let documents = objects.documents.iter_mut().map(|d| &mut d.object);
        let associations = objects.associations.iter_mut().map(|a| &mut a.object);
        match packages.iter_mut().chain(documents).chain(associations).find(|o| o.id == of) {
            Some(object) if object.classifications.len() < PARTS_MAX => {
                object.classifications.push(classification)
            }
            Some(object) => {
                problems.push(object.problem("Classification", Wrong::TooMany { max: PARTS_MAX }))
            }
            None => problems.push(Problem::new(
                of,
                "Classification",
                Wrong::rule("", "of no object of the message"),
            )),
        }
    }
    for package in packages {
        match package.classifications.iter().find_map(|c| (!c.node.is_empty()).then_some(c.node)) {
            Some(SUBMISSION_SET) => objects.submission_sets.push(package),
            Some(FOLDER) => objects.folders.push(package),
            other => {
                let rule = "a package is a SubmissionSet or a Folder";
                problems.push(
                    package.problem("classificationNode", Wrong::rule(other.unwrap_or_default(), rule)),
                );
            }
        }
    }
    problems.extend(repeated_id(&objects));
    if problems.is_empty() { Ok(objects) } else { Err(problems) }
}

/// An identifier that two objects have, if any. Associations need none.
fn repeated_id(objects: &Objects<'_>) -> Option<Problem> {
    let packages = objects.submission_sets.iter().chain(&objects.folders);
    let mut ids: Vec<&str> =
        packages.chain(objects.documents.iter().map(|d| &d.object)).map(|o| o.id).collect();
    ids.sort_unstable();
    let twice = ids.windows(2).find(|pair| pair[0] == pair[1])?;
    Some(Problem::new(twice[0], "id", Wrong::rule("", "two objects have it")))
}

fn attribute<'t>(element: Element<'t>, name: &str) -> &'t str {
    element.attribute(name).unwrap_or_default().trim()
}

fn object<'t>(element: Element<'t>) -> Result<RegistryObject<'t>, Problem> {
    let id = attribute(element, "id");
    let given = |name| element.attribute(name).map(str::trim).filter(|value| !value.is_empty());
    let mut object = RegistryObject {
        id,
        lid: given("lid"),
        status: given("status"),
        object_type: given("objectType"),
        slots: slots(element, id)?,
        ..RegistryObject::default()
    };
    for child in element.children().filter(|child| child.namespace() == Some(RIM)) {
        match child.name() {
            "Name" => object.name = localized(child),
            "Description" => object.description = localized(child),
            "VersionInfo" => object.version = child.attribute("versionName").map(str::trim),
            "Classification" => object.classifications.push(classification(child)?),
            "ExternalIdentifier" => object.identifiers.push(ExternalIdentifier {
                scheme: attribute(child, "identificationScheme"),
                value: attribute(child, "value"),
            }),
            _ => {}
        }
    }
    for (what, count) in
        [("Classification", object.classifications.len()), ("ExternalIdentifier", object.identifiers.len())]
    {
        if count > PARTS_MAX {
            return Err(object.problem(what, Wrong::TooMany { max: PARTS_MAX }));
        }
    }
    Ok(object)
}

fn association<'t>(element: Element<'t>) -> Result<Association<'t>, Problem> {
    Ok(Association {
        object: object(element)?,
        kind: attribute(element, "associationType"),
        source: attribute(element, "sourceObject"),
        target: attribute(element, "targetObject"),
    })
}

fn classification<'t>(element: Element<'t>) -> Result<Classification<'t>, Problem> {
    Ok(Classification {
        scheme: attribute(element, "classificationScheme"),
        node: attribute(element, "classificationNode"),
        code: attribute(element, "nodeRepresentation"),
        name: element.child(RIM, "Name").and_then(localized),
        slots: slots(element, attribute(element, "classifiedObject"))?,
    })
}

/// First text of a `Name` or a `Description`.
fn localized(element: Element<'_>) -> Option<&str> {
    let texts = element.children().filter(|child| child.is(RIM, "LocalizedString"));
    texts.filter_map(|text| text.attribute("value").map(str::trim)).find(|text| !text.is_empty())
}

/// Slots of an object, each name once.
///
/// # Errors
/// A name used twice, bounds passed.
pub fn slots<'t>(element: Element<'t>, object: &str) -> Result<Vec<Slot<'t>>, Problem> {
    let mut slots: Vec<Slot<'t>> = Vec::new();
    for child in element.children().filter(|child| child.is(RIM, "Slot")) {
        let name = attribute(child, "name");
        if slots.len() >= PARTS_MAX {
            return Err(Problem::new(object, "Slot", Wrong::TooMany { max: PARTS_MAX }));
        }
        if slots.iter().any(|slot| slot.name == name) {
            return Err(Problem::new(object, name, Wrong::rule("", "the slot is there twice")));
        }
        let lists = child.children().filter(|list| list.is(RIM, "ValueList"));
        let values = lists.flat_map(|list| list.children().filter(|value| value.is(RIM, "Value")));
        let values: Vec<_> =
            values.map(Element::trimmed).filter(|value| !value.is_empty()).take(VALUES_MAX + 1).collect();
        if values.len() > VALUES_MAX {
            return Err(Problem::new(object, name, Wrong::TooMany { max: VALUES_MAX }));
        }
        slots.push(Slot { name, values });
    }
    Ok(slots)
}

/// The values of a slot; none when it is absent.
pub fn values<'s>(slots: &'s [Slot<'_>], name: &str) -> &'s [Cow<'s, str>] {
    slots.iter().find(|slot| slot.name == name).map_or(&[], |slot| slot.values.as_slice())
}

impl<'t> RegistryObject<'t> {
    /// Something wrong with an attribute of this object.
    pub fn problem(&self, attribute: impl Into<String>, wrong: Wrong) -> Problem {
        Problem::new(self.id, attribute, wrong)
    }

    /// The values of a slot; none when it is absent.
    pub fn values(&self, slot: &str) -> &[Cow<'t, str>] {
        self.slots.iter().find(|s| s.name == slot).map_or(&[], |s| s.values.as_slice())
    }

    /// The value of a slot that has at most one.
    ///
    /// # Errors
    /// Several values.
    pub fn value(&self, slot: &str) -> Result<Option<&str>, Problem> {
        match self.values(slot) {
            [] => Ok(None),
            [only] => Ok(Some(only)),
            _ => Err(self.problem(slot, Wrong::TooMany { max: 1 })),
        }
    }

    /// The value of a slot that must have one.
    ///
    /// # Errors
    /// None, or several.
    pub fn required(&self, slot: &str) -> Result<&str, Problem> {
        self.value(slot)?.ok_or_else(|| self.problem(slot, Wrong::Missing))
    }

    /// The time of a slot.
    ///
    /// # Errors
    /// Several values, or one that is no DTM.
    pub fn time(&self, slot: &str) -> Result<Option<Dtm>, Problem> {
        self.value(slot)?.map(|value| hl7::time(value).map_err(|wrong| self.problem(slot, wrong))).transpose()
    }

    /// The classifications of a scheme.
    pub fn classified(&self, scheme: &str) -> impl Iterator<Item = &Classification<'t>> {
        self.classifications.iter().filter(move |c| c.scheme == scheme)
    }

    /// The codes of a scheme; `attribute` names it in problems.
    ///
    /// # Errors
    /// One without code or coding scheme.
    pub fn codes(&self, scheme: &str, attribute: &str) -> Result<Vec<Code>, Problem> {
        let coded = self.classified(scheme).map(|c| c.coded());
        coded
            .collect::<Result<_, _>>()
            .map_err(|what| self.problem(format!("{attribute} ({what})"), Wrong::Missing))
    }

    /// The code of a scheme that has at most one.
    ///
    /// # Errors
    /// As [`codes`](Self::codes), and several.
    pub fn code(&self, scheme: &str, attribute: &str) -> Result<Option<Code>, Problem> {
        let mut codes = self.codes(scheme, attribute)?;
        match codes.len() {
            0 | 1 => Ok(codes.pop()),
            _ => Err(self.problem(attribute, Wrong::TooMany { max: 1 })),
        }
    }

    /// The identifier of a scheme.
    ///
    /// # Errors
    /// None, or several.
    pub fn identifier(&self, scheme: &str, attribute: &str) -> Result<&'t str, Problem> {
        let mut found = self.identifiers.iter().filter(|i| i.scheme == scheme && !i.value.is_empty());
        match (found.next(), found.next()) {
            (Some(only), None) => Ok(only.value),
            (None, _) => Err(self.problem(attribute, Wrong::Missing)),
            _ => Err(self.problem(attribute, Wrong::TooMany { max: 1 })),
        }
    }
}

impl Classification<'_> {
    /// The coded value: `nodeRepresentation`, slot `codingScheme`, `Name`.
    ///
    /// # Errors
    /// The name of what is missing.
    pub fn coded(&self) -> Result<Code, &'static str> {
        let scheme = values(&self.slots, "codingScheme").first().ok_or("codingScheme")?;
        let system = scheme.strip_prefix("urn:oid:").unwrap_or(scheme);
        match self.code {
            "" => Err("nodeRepresentation"),
            code => Ok(Code::new(code, system, self.name.unwrap_or_default())),
        }
    }
}

#[cfg(test)]
mod tests;
