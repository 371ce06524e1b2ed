//! Imaging reports of the demo: an examination told in words, and its study.

use dmp_cda::Identifier;
use dmp_cda::write::{Examination, ImagingReport};
use dmp_dossier::{Code, Time};
use dmp_nomenclature::oid;

use super::cast::Caregiver;
use super::scribe::Scribe;

/// An examination, in words and codes.
pub struct Imaging {
    /// Title of the report.
    pub title: &'static str,
    /// Act (CCAM).
    pub act: (&'static str, &'static str),
    /// Modality (DICOM).
    pub modality: (&'static str, &'static str),
    /// Part of the body (SNOMED CT).
    pub site: (&'static str, &'static str),
    /// Kind of images (DICOM SOP class).
    pub image_class: (&'static str, &'static str),
    /// Why.
    pub indication: &'static str,
    /// How.
    pub technique: &'static str,
    /// What was seen.
    pub findings: &'static str,
    /// What it means.
    pub conclusion: &'static str,
}

impl Scribe {
    /// The report of an examination.
    pub fn imaging(&mut self, what: &Imaging, history: &str, by: &Caregiver, at: Time) -> ImagingReport {
        let mut header = self.header("18748-4", what.title, by, at);
        let act = Code::new(what.act.0, oid::CCAM.oid, what.act.1);
        header.act.code = Some(act.clone());
        // A study has an identifier of its own under the same arc.
        header.act.study = Some(Identifier { root: format!("{}.1", header.unique_id), extension: None });
        let own = |text: (&str, &str)| (text.0.to_owned(), text.1.to_owned());
        ImagingReport {
            header,
            indication: what.indication.to_owned(),
            examination: Examination {
                act,
                modality: Code::new(what.modality.0, "1.2.840.10008.2.16.4", what.modality.1),
                site: own(what.site),
                image_class: own(what.image_class),
                technique: what.technique.to_owned(),
            },
            medical_history: history.to_owned(),
            surgical_history: String::new(),
            contraindications: String::new(),
            comparison: String::new(),
            findings: what.findings.to_owned(),
            conclusion: what.conclusion.to_owned(),
        }
    }
}
