//! TD1.3a: the administrative data of a DMP.
//!
//! Source: published messages TD1.3a.

use crate::answer::Answer;
use crate::error::LpsError;
use crate::exists;
use crate::hl7v3::{self, Patient};
use crate::session::{Message, Session};

/// Asks for them.
///
/// # Errors
/// No patient in the session.
pub fn message(session: &Session<'_>) -> Result<Message, LpsError> {
    exists::consult(session, ("CNSLT_DATA", "Consultation des données de gestion de dossier"))
}

/// What was answered.
///
/// # Errors
/// A refusal, or what is no such answer.
pub fn read(answer: &Answer) -> Result<Patient, LpsError> {
    hl7v3::accepted(answer, "PRPA_IN201308UV02", |message| {
        hl7v3::patients(message).into_iter().next().ok_or(LpsError::Answer("no patient"))
    })
}
