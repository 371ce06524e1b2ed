//! TD1.5: the patient's own access to the web, and the channel of one-time codes.
//!
//! Source: published messages TD1.5a, TD1.5b; WSDL *PatientsSpecific* 1.0.2.

use crate::answer::{self, Answer};
use crate::error::LpsError;
use crate::service::{Operation, PATIENTS};
use crate::session::{Message, Session};
use dmp_xml::{Element, Writer};

/// What is printed for the patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secrets {
    /// Login.
    pub login: String,
    /// Password of the first visit.
    pub password: String,
}

/// TD1.5a: opens the access, with a first channel (`SMS` or `EMAIL`, and its number or address).
///
/// # Errors
/// No patient in the session.
pub fn create(session: &Session<'_>, kind: &str, channel: &str) -> Result<Message, LpsError> {
    let fields = [("type", kind), ("canal", channel)];
    message(session, Operation::CreatePatientAccess, "createPatientAccess", &fields)
}

/// TD1.5b, TD1.5c: adds, changes or removes a channel (`AJOUT`, `MODIFICATION`, `SUPPRESSION`).
///
/// # Errors
/// No patient in the session.
pub fn channel(session: &Session<'_>, kind: &str, channel: &str, action: &str) -> Result<Message, LpsError> {
    let fields = [("type", kind), ("canal", channel), ("action", action)];
    message(session, Operation::PatientOtpUpdate, "patientOTPUpdate", &fields)
}

/// TD1.5d: asks for new secrets.
///
/// # Errors
/// No patient in the session.
pub fn renew(session: &Session<'_>) -> Result<Message, LpsError> {
    message(session, Operation::UpdatePatientAccess, "updatePatientAccess", &[])
}

fn message(
    session: &Session<'_>,
    operation: Operation,
    element: &'static str,
    fields: &[(&'static str, &str)],
) -> Result<Message, LpsError> {
    session.patient()?;
    let mut w = Writer::new();
    w.open(element).attribute("xmlns", PATIENTS);
    for (name, value) in fields {
        w.open(name).text(value).close();
    }
    Ok(Message::plain(operation, w.finish()))
}

/// The secrets that TD1.5a and TD1.5d give.
///
/// # Errors
/// A refusal, or what is no such answer.
pub fn read_secrets(answer: &Answer, operation: Operation) -> Result<Secrets, LpsError> {
    output(answer, operation, |output| {
        let text = |name: &str| output.child(PATIENTS, name).map(|found| found.trimmed().into_owned());
        match (text("login"), text("password")) {
            (Some(login), Some(password)) => Ok(Secrets { login, password }),
            _ => Err(LpsError::Answer("no secrets")),
        }
    })
}

/// What the server says of a change of channel.
///
/// # Errors
/// A refusal, or what is no such answer.
pub fn read_channel(answer: &Answer) -> Result<String, LpsError> {
    output(answer, Operation::PatientOtpUpdate, |output| answer::status(output, PATIENTS))
}

fn output<T>(
    answer: &Answer,
    operation: Operation,
    read: impl FnOnce(Element<'_>) -> Result<T, LpsError>,
) -> Result<T, LpsError> {
    let name = match operation {
        Operation::CreatePatientAccess => "createPatientAccessResponse",
        Operation::UpdatePatientAccess => "updatePatientAccessResponse",
        _ => "patientOTPUpdateResponse",
    };
    answer.content(PATIENTS, name, |response| {
        let output = response.child(PATIENTS, "output").ok_or(LpsError::Answer("no output"))?;
        answer::status(output, PATIENTS)?;
        read(output)
    })
}
