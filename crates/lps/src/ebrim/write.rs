//! Objects as XML, in the shape of the published messages: the namespace of ebRIM is the default one.

use super::model::{Association, Classification, Entry, ExternalIdentifier, Package, Slot};
use super::scheme;
use dmp_xml::Writer;

/// Names that classifications and identifiers bear, unique within a message.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    classifications: u32,
    identifiers: u32,
}

impl Numbers {
    fn classification(&mut self) -> String {
        self.classifications += 1;
        format!("cla{}", self.classifications)
    }

    fn identifier(&mut self) -> String {
        self.identifiers += 1;
        format!("ei{}", self.identifiers)
    }
}

/// Writes a lot.
pub(crate) fn write_package(w: &mut Writer, numbers: &mut Numbers, package: &Package) {
    w.open("RegistryPackage").attribute("id", &package.id);
    slots(w, &package.slots);
    localized(w, "Name", package.title.as_deref());
    localized(w, "Description", package.comments.as_deref());
    for classification in &package.classifications {
        write_classification(w, numbers, &package.id, classification);
    }
    w.open("Classification").attribute("classificationNode", scheme::SUBMISSION_SET);
    w.attribute("classifiedObject", &package.id).attribute("id", &numbers.classification()).close();
    for identifier in &package.identifiers {
        write_identifier(w, numbers, &package.id, identifier);
    }
    w.close();
}

/// Writes a document's metadata.
pub(crate) fn write_entry(w: &mut Writer, numbers: &mut Numbers, entry: &Entry) {
    w.open("ExtrinsicObject").attribute("id", &entry.id);
    if let Some(lid) = &entry.lid {
        w.attribute("lid", lid);
    }
    w.attribute("mimeType", &entry.mime_type).attribute("objectType", scheme::STABLE_DOCUMENT);
    if let Some(status) = &entry.status {
        w.attribute("status", status);
    }
    slots(w, &entry.slots);
    localized(w, "Name", entry.title.as_deref());
    localized(w, "Description", entry.comments.as_deref());
    if let Some(version) = &entry.version {
        w.open("VersionInfo").attribute("versionName", version).close();
    }
    for classification in &entry.classifications {
        write_classification(w, numbers, &entry.id, classification);
    }
    for identifier in &entry.identifiers {
        write_identifier(w, numbers, &entry.id, identifier);
    }
    w.close();
}

/// Writes a relation.
pub(crate) fn write_association(w: &mut Writer, association: &Association) {
    w.open("Association").attribute("associationType", association.kind).attribute("id", &association.id);
    w.attribute("sourceObject", &association.source).attribute("targetObject", &association.target);
    slots(w, &association.slots);
    w.close();
}

fn slots(w: &mut Writer, slots: &[Slot]) {
    for slot in slots {
        w.open("Slot").attribute("name", &slot.name).open("ValueList");
        for value in &slot.values {
            w.open("Value").text(value).close();
        }
        w.close().close();
    }
}

fn localized(w: &mut Writer, name: &'static str, text: Option<&str>) {
    if let Some(text) = text {
        w.open(name).open("LocalizedString").attribute("charset", "UTF8");
        w.attribute("value", text).attribute("xml:lang", "FR").close().close();
    }
}

fn write_classification(
    w: &mut Writer,
    numbers: &mut Numbers,
    object: &str,
    classification: &Classification,
) {
    w.open("Classification").attribute("classificationScheme", &classification.scheme);
    w.attribute("classifiedObject", object).attribute("id", &numbers.classification());
    w.attribute("nodeRepresentation", &classification.node);
    slots(w, &classification.slots);
    localized(w, "Name", classification.name.as_deref());
    w.close();
}

fn write_identifier(w: &mut Writer, numbers: &mut Numbers, object: &str, identifier: &ExternalIdentifier) {
    w.open("ExternalIdentifier").attribute("id", &numbers.identifier());
    w.attribute("identificationScheme", &identifier.scheme).attribute("registryObject", object);
    w.attribute("value", &identifier.value);
    localized(w, "Name", Some(&identifier.name));
    w.close();
}
