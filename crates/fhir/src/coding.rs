//! Coded values between XDS (code, OID, label) and FHIR (`Coding`, `CodeableConcept`).

use crate::json::Json;
use crate::write::JsonWriter;
use dmp_dossier::Code;
use dmp_dossier::code::is_oid;
use dmp_nomenclature::oid;
use std::borrow::Cow;

/// The FHIR `system` of an OID: its published URL, else `urn:oid:`; what is no OID stays as it is.
pub(crate) fn fhir_system(system: &str) -> Cow<'_, str> {
    match oid::by_oid(system) {
        Some(known) => Cow::Borrowed(known.fhir),
        None if is_oid(system) => Cow::Owned(format!("urn:oid:{system}")),
        None => Cow::Borrowed(system),
    }
}

/// The OID of a FHIR `system`; what is unknown stays as it is, without `urn:oid:`.
pub(crate) fn oid_of_system(system: &str) -> &str {
    let known = oid::by_fhir(system).or_else(|| oid::by_oid(system));
    known.map_or_else(|| system.strip_prefix("urn:oid:").unwrap_or(system), |s| s.oid)
}

/// Writes a `Coding`.
pub(crate) fn write_coding(w: &mut JsonWriter, system: &str, code: &str, display: &str) {
    w.begin_object();
    w.field_if("system", &fhir_system(system)).field("code", code).field_if("display", display);
    w.end_object();
}

/// Writes a `CodeableConcept` of one coding.
pub(crate) fn write_concept(w: &mut JsonWriter, code: &Code) {
    w.begin_object().key("coding").begin_array();
    write_coding(w, &code.system, &code.code, &code.label);
    w.end_array().end_object();
}

/// Reads a `Coding`; `None` without a code.
pub(crate) fn read_coding(coding: &Json<'_>) -> Option<Code> {
    let system = oid_of_system(coding.text("system").unwrap_or_default());
    Some(Code::new(coding.text("code")?, system, coding.text("display").unwrap_or_default()))
}

/// The codings of a `CodeableConcept`.
pub(crate) fn read_concept(concept: &Json<'_>) -> impl Iterator<Item = Code> {
    concept.items("coding").iter().filter_map(read_coding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn a_code_goes_and_comes_back() {
        for (oid, url) in [
            ("2.16.840.1.113883.6.1", "http://loinc.org"),
            ("1.2.3", "urn:oid:1.2.3"),
            ("http://snomed.info/sct", "http://snomed.info/sct"),
        ] {
            let code = Code::new("x", oid, "label");
            let mut w = JsonWriter::default();
            write_concept(&mut w, &code);
            let text = w.finish();
            assert!(text.contains(&format!("\"system\":\"{url}\"")), "{text}");
            let json = json::read(text.as_bytes(), 1000).unwrap();
            assert_eq!(read_concept(&json).collect::<Vec<_>>(), [code]);
        }
    }
}
