//! Writing CDA: a level 1 wrapper around a file, and level 3 documents of the main types.
//!
//! Each kind of document is a plain type ([`Level1`], [`Synthesis`], [`Biology`]…) made of a [`HeaderDraft`] and
//! of what its body holds; [`WriteCda::to_xml`] gives the document. Headers are made of the types that reading
//! gives back, so that what was written is found again in the metadata, and entries carry the templates by which
//! [`crate::entries`] reads them. Every value is escaped by [`dmp_xml::Writer`].
//!
//! Output is valid against the CDA R2 schema of the CI-SIS (tested). The schematrons of ANS were run by hand on one
//! document of each kind: what they still ask for is a title the model fixes, the type
//! `SYNTH`, and a coded history in imaging reports.

mod biology;
mod body;
mod discharge;
mod header;
mod imaging;
mod level1;
mod medicine;
mod patient_profile;
mod prescription;
mod problem;
mod synthesis;
mod vaccination;

pub use biology::{Biology, Chapter, ResultDraft};
pub use discharge::DischargeLetter;
pub use header::{Act, HeaderDraft, OrderDraft, PatientDraft};
pub use imaging::{Examination, ImagingReport};
pub use level1::{FileBody, Level1};
pub use medicine::{Dose, Route, TreatmentDraft};
pub use patient_profile::{HealthProfile, MeasureDraft, PersonDraft, PersonsToCall, StatedTreatment};
pub use prescription::{Line, Prescription};
pub use problem::{AllergyDraft, AllergyKind, ProblemDraft, Severity};
pub use synthesis::{FamilyHistory, Habit, Operation, Relative, Synthesis};
pub use vaccination::{InjectionDraft, InjectionKind, VaccinationNote};

use crate::clinical::Concept;
use dmp_dossier::code::Code;

/// A document that can be written.
pub trait WriteCda: Send + Sync {
    /// Its header.
    fn header(&self) -> &HeaderDraft;

    /// The whole document, in UTF-8.
    fn to_xml(&self) -> String;
}

/// Something coded, then coded in other systems; its words are those of the first code.
pub fn concept(codes: impl IntoIterator<Item = Code>) -> Concept {
    let codes: Vec<_> = codes.into_iter().collect();
    Concept { text: codes.first().map(|code| code.label.clone()).unwrap_or_default(), codes }
}
