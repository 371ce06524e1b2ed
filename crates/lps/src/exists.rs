//! TD0.2: does the patient have a DMP, and may I read it?
//!
//! Source: published messages TD0.2; SEL-MP-037, TD0.2.

use crate::answer::Answer;
use crate::error::LpsError;
pub use crate::hl7v3::Patient;
use crate::hl7v3::{self, leaf};
use crate::service::{HL7, Operation};
use crate::session::{Message, Session};
use dmp_xml::Element;

/// What is known of a DMP before it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Existence {
    /// `active`, `terminated`, or `inexistant` when there is none.
    pub status: String,
    /// `VALIDE`, `NON_EXISTE`, `EXPIRE`, `INTERDIT`.
    pub authorisation: Option<String>,
    /// Whether the asking professional is *médecin traitant*.
    pub medecin_traitant: bool,
    /// The patient, when there is a DMP.
    pub patient: Option<Patient>,
}

/// Asks for the status.
///
/// # Errors
/// No patient in the session.
pub fn message(session: &Session<'_>) -> Result<Message, LpsError> {
    consult(session, ("TEST_EXST", "Test d'existence de dossier"))
}

/// A query by INS, for that reason.
pub(crate) fn consult(session: &Session<'_>, reason: (&str, &str)) -> Result<Message, LpsError> {
    let ins = session.patient()?;
    let mut w = hl7v3::begin(session, "PRPA_IN201307UV02", reason);
    hl7v3::query(&mut w, session);
    w.open("parameterList").open("patientIdentifier");
    leaf(&mut w, "value", &[("root", ins.oid().as_str()), ("extension", ins.value())]);
    w.open("semanticsText").text("Patient.id");
    Ok(Message::plain(Operation::Consult, w.finish()))
}

/// What was answered.
///
/// # Errors
/// A refusal, or what is no such answer.
pub fn read(answer: &Answer) -> Result<Existence, LpsError> {
    hl7v3::accepted(answer, "PRPA_IN201308UV02", |message| {
        let patient = hl7v3::patients(message).into_iter().next();
        let status = patient.as_ref().and_then(|patient| patient.status.clone());
        Ok(Existence {
            status: status.unwrap_or_else(|| "inexistant".to_owned()),
            authorisation: attention(message, "AUTORISATION", "code").map(str::to_owned),
            medecin_traitant: attention(message, "STATUT_MT", "value") == Some("true"),
            patient,
        })
    })
}

/// Value of an `attentionLine`.
fn attention<'t>(message: Element<'t>, keyword: &str, attribute: &str) -> Option<&'t str> {
    let mut lines = message.named(HL7, "attentionLine");
    let named = |line: &Element<'t>| {
        line.child(HL7, "keyWordText").is_some_and(|word| word.attribute("code") == Some(keyword))
    };
    lines.find(named)?.child(HL7, "value")?.attribute(attribute)
}
