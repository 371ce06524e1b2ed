//! The patient as the producer knew them (`sourcePatientId`, `sourcePatientInfo`), as a contained Patient.
//!
//! Values are kept as XDS carries them (CX, `PID-n|…`) and never used to identify anyone.

use crate::people::write_name;
use crate::write::JsonWriter;
use dmp_dossier::{DocumentMetadata, Dtm};

/// What refers to it.
pub(crate) const REFERENCE: &str = "#patient";

/// Writes the contained resource.
pub(crate) fn write(w: &mut JsonWriter, metadata: &DocumentMetadata) {
    w.begin_object().field("resourceType", "Patient").field("id", "patient");
    let (value, oid) = cx(&metadata.source_patient_id);
    if !value.is_empty() {
        w.key("identifier").begin_array().begin_object();
        if !oid.is_empty() {
            w.key("system").pieces(&["urn:oid:", oid]);
        }
        w.field("value", &unescape(value)).end_object().end_array();
    }
    let field = |n: &str| {
        let mut values = metadata.source_patient_info.iter().filter_map(|line| line.split_once('|'));
        values.find(|(name, _)| *name == n).map(|(_, value)| value)
    };
    if let Some(name) = field("PID-5") {
        let mut parts = name.split('^');
        let mut part = || unescape(parts.next().unwrap_or_default());
        let (family, given) = (part(), part());
        write_name(w, &family, &given);
    }
    let gender = match field("PID-8") {
        Some("F") => Some("female"),
        Some("M") => Some("male"),
        Some("U" | "O" | "A" | "N") => Some("unknown"),
        _ => None,
    };
    if let Some(gender) = gender {
        w.field("gender", gender);
    }
    // A lunar date is no FHIR date: it is told where the INS is, by Patient.
    if let Some(date) = field("PID-7").and_then(|d| Dtm::parse(d.get(..8).unwrap_or(d))) {
        w.field("birthDate", &date.to_fhir());
    }
    w.end_object();
}

/// Value and assigning OID of `value^^^&oid&ISO^kind`.
fn cx(text: &str) -> (&str, &str) {
    let mut parts = text.split('^');
    let value = parts.next().unwrap_or_default();
    (value, parts.nth(2).and_then(|authority| authority.split('&').nth(1)).unwrap_or_default())
}

/// HL7 v2 escapes (v2.5 §2.7.1).
fn unescape(text: &str) -> String {
    [("\\F\\", "|"), ("\\S\\", "^"), ("\\T\\", "&"), ("\\R\\", "~"), ("\\E\\", "\\")]
        .into_iter()
        .fold(text.to_owned(), |text, (escape, character)| text.replace(escape, character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cx_and_escapes_are_read() {
        for (text, read) in [
            ("0456789999^^^&1.2.250.1.999.1.1.7898.2&ISO^PI", ("0456789999", "1.2.250.1.999.1.1.7898.2")),
            ("284073523811416^^^&1.2.250.1.213.1.4.10&ISO^NH", ("284073523811416", "1.2.250.1.213.1.4.10")),
            ("X", ("X", "")),
            ("", ("", "")),
        ] {
            assert_eq!(cx(text), read, "{text}");
        }
        assert_eq!(unescape("A\\S\\B\\T\\C\\E\\D"), "A^B&C\\D");
    }
}
