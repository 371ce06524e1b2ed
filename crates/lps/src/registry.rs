//! `RegistryResponse`: what a registry or a repository says of a request (ITI TF-3 4.2.4).

use crate::answer::{Answer, Refusal, RefusalKind, RegistryError};
use crate::error::LpsError;
use crate::service::RS;
use dmp_xml::Element;

const SUCCESS: &str = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success";
const PARTIAL_SUCCESS: &str = "urn:ihe:iti:2007:ResponseStatusType:PartialSuccess";

/// Reads an answer that is only that: warnings, when it is a success.
///
/// # Errors
/// [`LpsError::Refused`], or what is no such answer.
pub fn read(answer: &Answer) -> Result<Vec<RegistryError>, LpsError> {
    answer.content(RS, "RegistryResponse", response)
}

/// Status and errors of an element that has them: warnings, when it is a success.
pub(crate) fn response(element: Element<'_>) -> Result<Vec<RegistryError>, LpsError> {
    let errors = errors(element);
    match element.attribute("status") {
        Some(SUCCESS | PARTIAL_SUCCESS) => Ok(errors),
        Some(_) => {
            let worst = errors.iter().find(|error| error.severity != "Warning").or(errors.first());
            let (code, reason) = match worst {
                Some(error) => (error.code.clone(), error.context.clone()),
                None => ("XDSRegistryError".to_owned(), "refused without an error".to_owned()),
            };
            Err(LpsError::Refused(Refusal { kind: RefusalKind::Registry, code, reason, errors }))
        }
        None => Err(LpsError::Answer("no status")),
    }
}

fn errors(element: Element<'_>) -> Vec<RegistryError> {
    let Some(list) = element.child(RS, "RegistryErrorList") else { return Vec::new() };
    let read = |error: Element<'_>| {
        let attribute = |name: &str| error.attribute(name).unwrap_or_default().to_owned();
        let severity = attribute("severity");
        RegistryError {
            code: attribute("errorCode"),
            context: attribute("codeContext"),
            location: attribute("location"),
            severity: severity.rsplit(':').next().unwrap_or_default().to_owned(),
        }
    };
    list.named(RS, "RegistryError").map(read).collect()
}
