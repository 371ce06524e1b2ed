//! Parts of registry objects: slots, localised strings, classifications, external identifiers.
//!
//! Order of the parts of an object: slots, name, description, version, classifications, external identifiers (ebRIM 3.0
//! schema).

use dmp_dossier::Code;
use dmp_dossier::hl7_text::hl7_escaped;
use dmp_xml::Writer;
use uuid::{Builder, Uuid};

/// A slot; one without value is not written.
pub(super) fn slot<V: AsRef<str>>(w: &mut Writer, name: &str, values: impl IntoIterator<Item = V>) {
    let mut values = values.into_iter().peekable();
    if values.peek().is_none() {
        return;
    }
    w.open("rim:Slot").attribute("name", name).open("rim:ValueList");
    for value in values {
        w.open("rim:Value").text(value.as_ref()).close();
    }
    w.close().close();
}

/// `rim:Name` or `rim:Description`.
pub(super) fn localized(w: &mut Writer, element: &'static str, value: &str) {
    w.open(element).open("rim:LocalizedString").attribute("charset", "UTF8");
    w.attribute("value", value).attribute("xml:lang", "FR").close().close();
}

/// `code^label^system`, the form of authorRole and authorSpecialty.
pub(super) fn ce(code: &Code) -> String {
    format!("{}^{}^{}", hl7_escaped(&code.code), hl7_escaped(&code.label), code.system)
}

/// An object being written: what its parts point to.
pub(super) struct Object {
    id: Uuid,
    urn: String,
    parts: u128,
}

impl Object {
    pub(super) fn new(id: Uuid) -> Self {
        Object { id, urn: super::urn(id), parts: 0 }
    }

    /// Identity of the next part: the object's own, its low bits moved, as a version 8 UUID.
    fn part(&mut self) -> String {
        self.parts += 1;
        let bytes = (self.id.as_u128() ^ self.parts).to_be_bytes();
        super::urn(Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// Starts a classification by a scheme; the caller closes it.
    pub(super) fn open_classification(&mut self, w: &mut Writer, scheme: &str, code: &str) {
        let id = self.part();
        w.open("rim:Classification").attribute("classificationScheme", scheme);
        w.attribute("classifiedObject", &self.urn).attribute("id", &id).attribute("nodeRepresentation", code);
    }

    /// A coded attribute.
    pub(super) fn classified(&mut self, w: &mut Writer, scheme: &str, code: &str, system: &str, label: &str) {
        self.open_classification(w, scheme, code);
        slot(w, "codingScheme", [system]);
        localized(w, "rim:Name", label);
        w.close();
    }

    pub(super) fn code(&mut self, w: &mut Writer, scheme: &str, code: &Code) {
        self.classified(w, scheme, &code.code, &code.system, &code.label);
    }

    /// What kind of package it is.
    pub(super) fn node(&mut self, w: &mut Writer, node: &str) {
        let id = self.part();
        w.open("rim:Classification").attribute("classificationNode", node);
        w.attribute("classifiedObject", &self.urn).attribute("id", &id).close();
    }

    /// An external identifier.
    pub(super) fn identified(&mut self, w: &mut Writer, scheme: &str, name: &str, value: &str) {
        let id = self.part();
        w.open("rim:ExternalIdentifier").attribute("id", &id).attribute("identificationScheme", scheme);
        w.attribute("registryObject", &self.urn).attribute("value", value);
        localized(w, "rim:Name", name);
        w.close();
    }
}
