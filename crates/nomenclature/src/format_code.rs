//! formatCode: the technical shape of a document (JDV_J10), deduced from its CDA header.
//!
//! An unstructured document (`nonXMLBody`) has the format of its media type (ASS_A12), whatever templates it
//! declares. A structured one has the format of its most specific template:
//! 1. templates that name no format (the header templates of HL7 France, of the CI-SIS, of IHE) count for nothing;
//! 2. a model of the CI-SIS (`1.2.250.1.213.1.…`) wins over an international one (IHE, HL7, DICOM), which it
//!    specialises: a pathology report of the CI-SIS also declares the older generic IHE template, of another format;
//! 3. among equals the one declared last wins: headers go from the general to the particular.
//!
//! No document template of ASS_A11 is the parent of another one, so that the length of the OID decides nothing.

mod table;

use crate::concept::{Coded, find};
use crate::oid::{A06, A09, A10, A11, CodeSystem};

/// Arc under which the CI-SIS names its document models.
const CISIS_MODELS: &str = "1.2.250.1.213.1.";

/// The technical shape of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormatCode {
    /// The code, a URN nearly always.
    pub code: &'static str,
    /// TRE_A06 of the CI-SIS, or IHE's, DICOM's or URN.
    pub system: &'static CodeSystem,
    /// Official label.
    pub label: &'static str,
}

/// Format of the detached XAdES signature of a lot, with its coding scheme `URN`. In no value set.
pub static SIGNATURE: FormatCode = a10("http://www.w3.org/2000/09/xmldsig#", "Signature XML");

impl FormatCode {
    /// The format with that code.
    pub fn find(code: &str) -> Option<&'static FormatCode> {
        find(&table::FORMATS, code)
    }

    /// Every format, in order of code.
    pub fn all() -> &'static [FormatCode] {
        &table::FORMATS
    }

    /// Format of a structured document, from the roots of its templateIds in the order of the header. `None`
    /// when none of them is a known document model.
    pub fn of_templates<'a>(roots: impl IntoIterator<Item = &'a str>) -> Option<&'static FormatCode> {
        let known = roots.into_iter().filter_map(|root| Some((root, template_format(root)?)));
        // max_by_key keeps the last of equals, which is rule 3.
        let (_, code) = known.max_by_key(|(root, _)| root.starts_with(CISIS_MODELS))?;
        FormatCode::find(code)
    }

    /// Format of an unstructured document, from its media type; parameters after `;` and letter case are ignored.
    pub fn of_media_type(media_type: &str) -> Option<&'static FormatCode> {
        let bare = media_type.split(';').next().unwrap_or_default().trim();
        let (_, code) = table::MEDIA_TYPES.iter().find(|(known, _)| known.eq_ignore_ascii_case(bare))?;
        FormatCode::find(code)
    }

    /// Format of a CDA document: by media type when it has a `nonXMLBody`, else by its templates.
    pub fn of_document<'a>(
        template_roots: impl IntoIterator<Item = &'a str>,
        non_xml_media_type: Option<&str>,
    ) -> Option<&'static FormatCode> {
        match non_xml_media_type {
            Some(media_type) => FormatCode::of_media_type(media_type),
            None => FormatCode::of_templates(template_roots),
        }
    }
}

/// Every template that names a format, with the code of that format.
pub fn templates() -> &'static [(&'static str, &'static str)] {
    &table::TEMPLATES
}

/// Every media type an unstructured document may wrap, with the code of its format.
pub fn media_types() -> &'static [(&'static str, &'static str)] {
    &table::MEDIA_TYPES
}

fn template_format(root: &str) -> Option<&'static str> {
    let index = table::TEMPLATES.binary_search_by(|(known, _)| (*known).cmp(root)).ok()?;
    Some(table::TEMPLATES[index].1)
}

impl Coded for FormatCode {
    fn key(&self) -> &'static str {
        self.code
    }
}

const fn a06(code: &'static str, label: &'static str) -> FormatCode {
    FormatCode { code, system: &A06, label }
}

const fn a09(code: &'static str, label: &'static str) -> FormatCode {
    FormatCode { system: &A09, ..a06(code, label) }
}

const fn a10(code: &'static str, label: &'static str) -> FormatCode {
    FormatCode { system: &A10, ..a06(code, label) }
}

const fn a11(code: &'static str, label: &'static str) -> FormatCode {
    FormatCode { system: &A11, ..a06(code, label) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: [&str; 2] = ["2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1"];

    #[test]
    fn the_most_specific_template_names_the_format() {
        for (templates, format) in [
            // a header alone names none
            (&[][..], None),
            (&["1.3.6.1.4.1.19376.1.5.3.1.1.1"], None),
            (&["1.2.250.1.213.1.1.1.999"], None),
            (&["1.2.250.1.213.1.1.1.59"], Some("urn:ans:ci-sis:trod:2024")),
            (&["1.3.6.1.4.1.19376.1.3.3"], Some("urn:ihe:lab:xd-lab:2008")),
            (&["1.3.6.1.4.1.19376.1.8.1.1.1"], Some("urn:ihe:pat:apsr:all:2010")),
            // a model of the CI-SIS wins over the IHE one, in either order
            (&["1.3.6.1.4.1.19376.1.8.1.1.1", "1.2.250.1.213.1.1.1.57"], Some("urn:ihe:palm:apsr:2016")),
            (&["1.2.250.1.213.1.1.1.57", "1.3.6.1.4.1.19376.1.8.1.1.1"], Some("urn:ihe:palm:apsr:2016")),
            // the parent of a family names no format
            (&["1.2.250.1.213.1.1.1.5", "1.2.250.1.213.1.1.1.5.1"], Some("urn:asip:ci-sis:cse-cs8:2017")),
            // between two models of the CI-SIS, the last one
            (&["1.2.250.1.213.1.1.1.21", "1.2.250.1.213.1.1.1.29"], Some("urn:asip:ci-sis:ldl-ses:2017")),
            (&["1.2.250.1.213.1.1.1.29", "1.2.250.1.213.1.1.1.21"], Some("urn:asip:ci-sis:ldl-ees:2017")),
        ] {
            let roots = HEADER.into_iter().chain(templates.iter().copied());
            assert_eq!(FormatCode::of_document(roots, None).map(|f| f.code), format, "{templates:?}");
        }
    }

    #[test]
    fn an_unstructured_document_has_the_format_of_its_media_type() {
        for (media_type, format) in [
            ("application/pdf", Some("urn:ihe:iti:xds-sd:pdf:2008")),
            ("Application/PDF; version=1.4", Some("urn:ihe:iti:xds-sd:pdf:2008")),
            ("text/plain", Some("urn:ihe:iti:xds-sd:text:2008")),
            ("text/rtf", Some("urn:ihe:iti-fr:xds-sd:rtf:2010")),
            ("image/jpeg", Some("urn:ihe:iti-fr:xds-sd:jpeg:2010")),
            ("image/tiff", Some("urn:ihe:iti-fr:xds-sd:tiff:2010")),
            ("image/png", None),
            ("text/html", None),
            ("", None),
        ] {
            let format_of = FormatCode::of_document(["1.2.250.1.213.1.1.1.59"], Some(media_type));
            assert_eq!(format_of.map(|f| f.code), format, "{media_type}");
        }
    }

    #[test]
    fn every_template_and_media_type_leads_to_a_known_format() {
        for pair in templates().windows(2) {
            assert!(pair[0].0 < pair[1].0, "{}", pair[1].0);
        }
        for (from, code) in templates().iter().chain(media_types()) {
            assert!(FormatCode::find(code).is_some(), "{from} -> {code}");
        }
    }

    /// Why the length of the OID need not decide: if this fails, the order above must say which one wins.
    #[test]
    fn no_template_is_the_parent_of_another() {
        for (parent, _) in templates() {
            let arc = format!("{parent}.");
            assert!(!templates().iter().any(|(child, _)| child.starts_with(&arc)), "{parent}");
        }
    }
}
