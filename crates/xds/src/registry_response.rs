//! `rs:RegistryResponse`: how ITI-41 and ITI-57 answer, and how every XDS transaction says what it refuses.
//!
//! Codes of errors come from the one table of [`Reason`], where a rule refuses. The context of an error names what was
//! wrong and the rule; what must not be told apart is said in the same words.
//!
//! Sources: ebRS 3.0; ITI TF-3 4.2.4; sample answer TD2.1.

use crate::call::Reply;
use crate::ebrim::scheme::{RIM, RS};
use crate::service::{LCM, QUERY, XDSB};
use dmp_dossier::{Reason, Refusal};
use dmp_xml::Writer;

/// Most errors of one answer: a message can be wrong in as many places as it has.
const ERRORS_MAX: usize = 50;

/// `status` of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Done.
    Success,
    /// Not done.
    Failure,
    /// Some of what was asked is given, errors say what is not.
    PartialSuccess,
}

impl Status {
    /// The URN of the status.
    pub(crate) fn as_urn(self) -> &'static str {
        match self {
            Status::Success => "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success",
            Status::Failure => "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure",
            Status::PartialSuccess => "urn:ihe:iti:2007:ResponseStatusType:PartialSuccess",
        }
    }
}

/// `severity` of an error, the only one said here.
const ERROR: &str = "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error";

/// `rs:RegistryError`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RegistryError {
    /// `errorCode`.
    pub code: &'static str,
    /// `codeContext`.
    pub context: String,
    /// `location`: the object of the message, empty when the error is about all of it.
    pub location: String,
}

impl RegistryError {
    /// An error.
    pub(crate) fn new(code: &'static str, context: impl Into<String>) -> Self {
        RegistryError { code, context: context.into(), location: String::new() }
    }

    /// An error whose code is that of a reason of the record.
    pub(crate) fn of(reason: Reason, context: impl Into<String>) -> Self {
        RegistryError::new(reason.answer().xds, context)
    }

    /// A refusal of the record.
    pub(crate) fn refused(refusal: &Refusal) -> Self {
        RegistryError::of(refusal.reason, context(refusal))
    }

    /// The same, about that object of the message.
    pub(crate) fn at(mut self, location: impl Into<String>) -> Self {
        self.location = location.into();
        self
    }
}

/// What is told of a refusal: what was wrong and the rule; for an identifier, that identifier alone (security.md X4).
fn context(refusal: &Refusal) -> String {
    let french = refusal.reason.answer().french;
    match (refusal.reason, &refusal.context) {
        // A number that is no INS, and one without dossier, are told in the same words.
        (Reason::InvalidIns | Reason::UnknownPatient, _) => Reason::UnknownPatient.answer().french.to_owned(),
        (
            Reason::UnknownDocument
            | Reason::DuplicateUniqueId
            | Reason::DuplicateUniqueIdInMessage
            | Reason::NonIdenticalHash,
            Some(context),
        ) => format!("uniqueId={context}"),
        (Reason::AuthorInstitution, _) | (_, None) => french.to_owned(),
        (_, Some(context)) => format!("{context} : {french} ({} : {})", refusal.rule.id, refusal.rule.says),
    }
}

/// The answer of what was done.
pub(crate) fn success() -> Reply {
    answer(Status::Success, &[])
}

/// The answer of what a rule of the record refuses.
pub(crate) fn failure(refusal: &Refusal) -> Reply {
    of(&[RegistryError::refused(refusal)])
}

/// The answer of what is refused for several reasons.
pub(crate) fn of(errors: &[RegistryError]) -> Reply {
    answer(Status::Failure, errors)
}

fn answer(status: Status, errors: &[RegistryError]) -> Reply {
    let mut w = Writer::new();
    w.open("ns2:RegistryResponse").attribute("status", status.as_urn());
    w.attribute("xmlns:ns2", RS).attribute("xmlns:ns3", LCM).attribute("xmlns:ns4", XDSB);
    w.attribute("xmlns:ns5", RIM).attribute("xmlns:ns6", QUERY);
    write_errors(&mut w, errors);
    w.close();
    Reply::new(w.finish())
}

/// Writes `rs:RegistryErrorList`, its namespace declared on it; nothing when there is no error.
pub(crate) fn write_errors(w: &mut Writer, errors: &[RegistryError]) {
    if errors.is_empty() {
        return;
    }
    w.open("rs:RegistryErrorList").attribute("xmlns:rs", RS).attribute("highestSeverity", ERROR);
    for error in errors.iter().take(ERRORS_MAX) {
        w.open("rs:RegistryError")
            .attribute("errorCode", error.code)
            .attribute("codeContext", &error.context)
            .attribute("severity", ERROR)
            .attribute("location", &error.location)
            .close();
    }
    w.close();
}

#[cfg(test)]
mod tests {
    use super::*;
    use dmp_dossier::publication::{PUB_2, PUB_9};
    use dmp_xml::{Limits, Tree};

    #[test]
    fn success_is_said_as_the_reference_system_says_it() {
        let text = success().body;
        let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
        let root = tree.root();
        assert!(root.is(RS, "RegistryResponse"));
        assert_eq!(
            root.attribute("status"),
            Some("urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success")
        );
        assert_eq!(root.children().count(), 0);
    }

    #[test]
    fn an_error_names_what_was_wrong_and_the_rule() {
        for (refusal, code, context) in [
            (
                Refusal::about(Reason::RegistryMetadata, &PUB_2, "typeCode `x` inconnu"),
                "XDSRegistryMetadataError",
                "typeCode `x` inconnu : Les métadonnées du document ne sont pas acceptables. (PUB-2 : le type est un type du DMP en vigueur, sa classe s'en déduit)",
            ),
            (
                Refusal::about(Reason::DuplicateUniqueId, &PUB_9, "1.2.3"),
                "XDSDuplicateUniqueIdInRegistry",
                "uniqueId=1.2.3",
            ),
            (
                Refusal::about(Reason::InvalidIns, &PUB_2, "clé"),
                "XDSUnknownPatientId",
                "Aucun dossier pour ce patient.",
            ),
            (
                Refusal::new(Reason::UnknownPatient, &PUB_2),
                "XDSUnknownPatientId",
                "Aucun dossier pour ce patient.",
            ),
        ] {
            let text = failure(&refusal).body;
            let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
            assert_eq!(tree.root().attribute("status"), Some(Status::Failure.as_urn()));
            let list = tree.root().only(RS, "RegistryErrorList").unwrap();
            let error = list.only(RS, "RegistryError").unwrap();
            assert_eq!(error.attribute("errorCode"), Some(code));
            assert_eq!(error.attribute("codeContext"), Some(context));
            assert_eq!(error.attribute("location"), Some(""));
            assert_eq!(error.attribute("severity"), Some(ERROR));
        }
    }

    #[test]
    fn an_answer_has_a_bound() {
        let errors = vec![RegistryError::new("XDSRegistryError", "x").at("o"); 1000];
        let text = of(&errors).body;
        assert_eq!(text.matches("location=\"o\"").count(), ERRORS_MAX);
    }
}
