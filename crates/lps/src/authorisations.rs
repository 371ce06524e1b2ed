//! TD1.6: who is authorised on a DMP, who is blocked.
//!
//! Source: WSDL *Habilitations* 1.0.0.

use crate::answer::{self, Answer};
use crate::error::LpsError;
use crate::service::{HABILITATIONS, Operation};
use crate::session::{Message, Session};
use dmp_xml::{Element, Writer};

/// Somebody authorised or blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorised {
    /// National identifier.
    pub id: String,
    /// Name as shown.
    pub name: String,
    /// `ACTIVE`, `INTERDITE`.
    pub mode: String,
    /// Whether they are *médecin traitant*.
    pub medecin_traitant: bool,
}

/// Asks for the list; `mode` is `ACTIVE`, `INTERDITE` or `TOUTE`.
///
/// # Errors
/// No patient in the session.
pub fn message(session: &Session<'_>, mode: &str) -> Result<Message, LpsError> {
    session.patient()?;
    let mut w = Writer::new();
    w.open("listAuthorizationByPatient").attribute("xmlns", HABILITATIONS).open("mode").text(mode);
    Ok(Message::plain(Operation::ListAuthorizationByPatient, w.finish()))
}

/// The list.
///
/// # Errors
/// A refusal, or what is no such answer.
pub fn read(answer: &Answer) -> Result<Vec<Authorised>, LpsError> {
    answer.content(HABILITATIONS, "listAuthorizationByPatientResponse", |response| {
        let output = response.child(HABILITATIONS, "output").ok_or(LpsError::Answer("no output"))?;
        answer::status(output, HABILITATIONS)?;
        let rows = output.children().filter(|child| child.child(HABILITATIONS, "nationalId").is_some());
        Ok(rows.map(row).collect())
    })
}

fn row(row: Element<'_>) -> Authorised {
    let text = |name: &str| {
        row.child(HABILITATIONS, name).map(|found| found.trimmed().into_owned()).unwrap_or_default()
    };
    Authorised {
        id: text("nationalId"),
        name: format!("{} {}", text("lastName"), text("firstName")).trim().to_owned(),
        mode: text("mode"),
        medecin_traitant: row
            .named(HABILITATIONS, "specificRight")
            .any(|r| r.trimmed() == "MEDECIN_TRAITANT"),
    }
}
