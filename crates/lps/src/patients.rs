//! TD0.4: the DMPs that I may read, by last authorisation or last document.
//!
//! No patient in the VIHF. Source: published messages TD0.4; WSDL *PatientsSpecific* 1.0.2.

use crate::answer::{self, Answer};
use crate::error::LpsError;
use crate::service::{Operation, PATIENTS};
use crate::session::Message;
use dmp_dossier::{Dtm, Time};
use dmp_xml::{Element, Writer};

/// Which date is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// `LASTAUTORIZATION`.
    LastAuthorisation,
    /// `LASTDOC`.
    LastDocument,
}

/// A DMP of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Identifiers of the patient: value, assigning OID.
    pub ids: Vec<(String, String)>,
    /// Name used.
    pub last_name: String,
    /// *Nom de naissance*.
    pub birth_name: String,
    /// Given name.
    pub first_name: String,
    /// `YYYYMMDD`.
    pub birth_date: String,
    /// Whether the asking professional is *médecin traitant*.
    pub medecin_traitant: bool,
    /// Last document, `YYYYMMDDhhmmss`.
    pub last_add: String,
}

/// Asks for those of which the date is after `since`.
pub fn message(since: Time, by: By) -> Message {
    let mut w = Writer::new();
    w.open("patientList").attribute("xmlns", PATIENTS);
    w.open("startDate").text(&Dtm::from_time(since).to_hl7()).close();
    w.open("dateType");
    w.text(match by {
        By::LastAuthorisation => "LASTAUTORIZATION",
        By::LastDocument => "LASTDOC",
    });
    Message::plain(Operation::PatientList, w.finish())
}

/// The list.
///
/// # Errors
/// A refusal, or what is no such answer.
pub fn read(answer: &Answer) -> Result<Vec<Listed>, LpsError> {
    answer.content(PATIENTS, "patientListResponse", |response| {
        let output = response.child(PATIENTS, "output").ok_or(LpsError::Answer("no output"))?;
        answer::status(output, PATIENTS)?;
        Ok(output.named(PATIENTS, "patientlistData").map(row).collect())
    })
}

fn row(row: Element<'_>) -> Listed {
    let within = |of: Element<'_>, name: &str| {
        of.child(PATIENTS, name).map(|found| found.trimmed().into_owned()).unwrap_or_default()
    };
    let text = |name: &str| within(row, name);
    let ids = row.named(PATIENTS, "patientIdentifier");
    Listed {
        ids: ids.map(|id| (within(id, "nationalId"), within(id, "nationalIdType"))).collect(),
        last_name: text("lastName"),
        birth_name: text("patronymicalName"),
        first_name: text("firstName"),
        birth_date: text("dateOfBirth"),
        medecin_traitant: text("MT") == "true",
        last_add: text("lastAddDate"),
    }
}
