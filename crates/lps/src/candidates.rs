//! TD0.5: the patients of a name and a birth date, for medical regulation (SAMU) only.
//!
//! No patient in the VIHF, access mode `centre_15`. Sources: ITI TF-2 3.47; SEL-MP-037, TD0.5.

use crate::answer::Answer;
use crate::error::LpsError;
use crate::hl7v3::{self, Patient, leaf};
use crate::service::Operation;
use crate::session::{Message, Session};
use dmp_xml::Writer;

/// Who is sought.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    /// Family name, of birth or in use, whole.
    pub family: &'a str,
    /// Given name, or its beginning.
    pub given: Option<&'a str>,
    /// `YYYYMMDD`, or a year.
    pub birth: &'a str,
    /// `M`, `F`.
    pub sex: Option<&'a str>,
}

/// Asks for them.
pub fn message(session: &Session<'_>, sought: &Sought<'_>) -> Message {
    let reason = ("RECH_PAT", "Recherche de patient");
    let mut w = hl7v3::begin(session, "PRPA_IN201305UV02", reason);
    hl7v3::query(&mut w, session);
    leaf(&mut w, "responseModalityCode", &[("code", "R")]);
    leaf(&mut w, "responsePriorityCode", &[("code", "I")]);
    w.open("parameterList");
    if let Some(sex) = sought.sex {
        parameter(&mut w, "livingSubjectAdministrativeGender", "LivingSubject.administrativeGender", |w| {
            leaf(w, "value", &[("code", sex)]);
        });
    }
    parameter(&mut w, "livingSubjectBirthTime", "LivingSubject.birthTime", |w| {
        leaf(w, "value", &[("value", sought.birth)]);
    });
    parameter(&mut w, "livingSubjectName", "LivingSubject.name", |w| {
        w.open("value").open("family").text(sought.family).close();
        if let Some(given) = sought.given {
            w.open("given").text(given).close();
        }
        w.close();
    });
    Message::plain(Operation::FindCandidates, w.finish())
}

fn parameter(w: &mut Writer, name: &'static str, semantics: &str, value: impl FnOnce(&mut Writer)) {
    w.open(name);
    value(w);
    w.open("semanticsText").text(semantics).close().close();
}

/// The candidates, at most ten.
///
/// # Errors
/// A refusal, or what is no such answer.
pub fn read(answer: &Answer) -> Result<Vec<Patient>, LpsError> {
    hl7v3::accepted(answer, "PRPA_IN201306UV02", |message| Ok(hl7v3::patients(message)))
}
