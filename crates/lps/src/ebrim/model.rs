//! The objects of the registry, as typed values; read from an answer.

use super::scheme;
use crate::service::RIM;
use dmp_dossier::Code;
use dmp_xml::Element;

/// A named list of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Name.
    pub name: String,
    /// Values, in order.
    pub values: Vec<String>,
}

impl Slot {
    /// A slot.
    pub fn new(name: &str, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Slot { name: name.to_owned(), values: values.into_iter().map(Into::into).collect() }
    }
}

/// A coded attribute, or an author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classification {
    /// Which attribute ([`scheme`]).
    pub scheme: String,
    /// The code; empty for an author.
    pub node: String,
    /// `codingScheme`, or what is said of an author.
    pub slots: Vec<Slot>,
    /// Label.
    pub name: Option<String>,
}

impl Classification {
    /// A coded attribute.
    pub fn coded(scheme: &str, code: &Code) -> Self {
        Classification {
            scheme: scheme.to_owned(),
            node: code.code.clone(),
            slots: vec![Slot::new("codingScheme", [code.system.as_str()])],
            name: Some(code.label.clone()),
        }
    }

    /// The code that it is.
    pub fn code(&self) -> Code {
        let system = self.slots.iter().find(|slot| slot.name == "codingScheme");
        let system = system.and_then(|slot| slot.values.first()).cloned().unwrap_or_default();
        Code { code: self.node.clone(), system, label: self.name.clone().unwrap_or_default() }
    }
}

/// An identifier of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalIdentifier {
    /// Which one ([`scheme`]).
    pub scheme: String,
    /// Its value.
    pub value: String,
    /// Its name, `XDSDocumentEntry.uniqueId`.
    pub name: String,
}

impl ExternalIdentifier {
    /// An identifier.
    pub fn new(scheme: &str, value: impl Into<String>, name: &str) -> Self {
        ExternalIdentifier { scheme: scheme.to_owned(), value: value.into(), name: name.to_owned() }
    }
}

/// A lot, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name within the message.
    pub id: String,
    /// `submissionTime`…
    pub slots: Vec<Slot>,
    /// Title.
    pub title: Option<String>,
    /// Comment.
    pub comments: Option<String>,
    /// Author, contentTypeCode.
    pub classifications: Vec<Classification>,
    /// patientId, sourceId, uniqueId.
    pub identifiers: Vec<ExternalIdentifier>,
}

/// A relation between two objects, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Association {
    /// Its name within the message.
    pub id: String,
    /// Kind.
    pub kind: &'static str,
    /// From which object.
    pub source: String,
    /// To which object.
    pub target: String,
    /// What is said of it.
    pub slots: Vec<Slot>,
}

/// A DocumentEntry: one version of the metadata of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// entryUUID; a name within the message when it is sent.
    pub id: String,
    /// lid, assigned by the registry.
    pub lid: Option<String>,
    /// availabilityStatus, assigned by the registry.
    pub status: Option<String>,
    /// mimeType.
    pub mime_type: String,
    /// Slots.
    pub slots: Vec<Slot>,
    /// title.
    pub title: Option<String>,
    /// comments.
    pub comments: Option<String>,
    /// `VersionInfo`, assigned by the registry.
    pub version: Option<String>,
    /// Authors and coded attributes.
    pub classifications: Vec<Classification>,
    /// patientId, uniqueId.
    pub identifiers: Vec<ExternalIdentifier>,
}

impl Entry {
    /// First value of a slot.
    pub fn slot(&self, name: &str) -> Option<&str> {
        let slot = self.slots.iter().find(|slot| slot.name == name)?;
        slot.values.first().map(String::as_str)
    }

    /// Codes of an attribute.
    pub fn codes<'e>(&'e self, scheme: &'e str) -> impl Iterator<Item = Code> + 'e {
        self.classifications.iter().filter(move |c| c.scheme == scheme).map(Classification::code)
    }

    /// An identifier.
    pub fn identifier(&self, scheme: &str) -> Option<&str> {
        self.identifiers.iter().find(|id| id.scheme == scheme).map(|id| id.value.as_str())
    }

    /// uniqueId.
    pub fn unique_id(&self) -> &str {
        self.identifier(scheme::UNIQUE_ID).unwrap_or_default()
    }

    /// True when that confidentialityCode is among its own.
    pub fn has_confidentiality(&self, code: &str) -> bool {
        self.codes(scheme::CONFIDENTIALITY).any(|found| found.code == code)
    }

    /// Reads an `ExtrinsicObject`.
    pub fn read(element: Element<'_>) -> Entry {
        let attribute = |name: &str| element.attribute(name).map(str::to_owned);
        let version = element.child(RIM, "VersionInfo").and_then(|v| v.attribute("versionName"));
        Entry {
            id: attribute("id").unwrap_or_default(),
            lid: attribute("lid"),
            status: attribute("status"),
            mime_type: attribute("mimeType").unwrap_or_default(),
            slots: slots(element),
            title: localized(element, "Name"),
            comments: localized(element, "Description"),
            version: version.map(str::to_owned),
            classifications: element.named(RIM, "Classification").map(classification).collect(),
            identifiers: element.named(RIM, "ExternalIdentifier").map(identifier).collect(),
        }
    }
}

fn slots(element: Element<'_>) -> Vec<Slot> {
    let values = |slot: Element<'_>| -> Vec<String> {
        let list = slot.child(RIM, "ValueList");
        list.into_iter().flat_map(|l| l.named(RIM, "Value")).map(|v| v.text().into_owned()).collect()
    };
    let named = element.named(RIM, "Slot");
    named
        .map(|slot| Slot {
            name: slot.attribute("name").unwrap_or_default().to_owned(),
            values: values(slot),
        })
        .collect()
}

fn localized(element: Element<'_>, name: &str) -> Option<String> {
    let text = element.child(RIM, name)?.child(RIM, "LocalizedString")?;
    text.attribute("value").map(str::to_owned)
}

fn classification(element: Element<'_>) -> Classification {
    let attribute = |name: &str| element.attribute(name).unwrap_or_default().to_owned();
    Classification {
        scheme: attribute("classificationScheme"),
        node: attribute("nodeRepresentation"),
        slots: slots(element),
        name: localized(element, "Name"),
    }
}

fn identifier(element: Element<'_>) -> ExternalIdentifier {
    let attribute = |name: &str| element.attribute(name).unwrap_or_default().to_owned();
    ExternalIdentifier {
        scheme: attribute("identificationScheme"),
        value: attribute("value"),
        name: localized(element, "Name").unwrap_or_default(),
    }
}
