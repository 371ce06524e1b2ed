//! TD0.3: add or remove my own authorisation; become or stop being *médecin traitant*.
//!
//! The patient is the VIHF's. Source: published messages TD0.3; WSDL *Habilitations* 1.0.0.

use crate::answer::{self, Answer};
use crate::error::LpsError;
use crate::service::{HABILITATIONS, Operation};
use crate::session::{Message, Session};
use dmp_xml::Writer;

/// Add or remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `AJOUT`.
    Add,
    /// `SUPPRESSION`.
    Remove,
}

/// Asks for the change.
///
/// # Errors
/// No patient in the session.
pub fn message(session: &Session<'_>, action: Action, medecin_traitant: bool) -> Result<Message, LpsError> {
    session.patient()?;
    let mut w = Writer::new();
    w.open("setAuthorization").attribute("xmlns", HABILITATIONS);
    w.open("action");
    w.text(match action {
        Action::Add => "AJOUT",
        Action::Remove => "SUPPRESSION",
    });
    w.close();
    if medecin_traitant {
        w.open("role").text("MEDECIN_TRAITANT").close();
    }
    Ok(Message::plain(Operation::SetAuthorization, w.finish()))
}

/// What the server says of the change.
///
/// # Errors
/// A refusal, or what is no such answer.
pub fn read(answer: &Answer) -> Result<String, LpsError> {
    answer.content(HABILITATIONS, "setAuthorizationResponse", |response| {
        let output = response.child(HABILITATIONS, "output").ok_or(LpsError::Answer("no output"))?;
        answer::status(output, HABILITATIONS)
    })
}
