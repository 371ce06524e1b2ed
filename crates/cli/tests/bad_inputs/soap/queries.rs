//! Rows SOAP-59 and SOAP-60: stored queries.

use crate::case::{Case, Check, case, registry, success};
use crate::common::lot::ALICE;
use crate::lps::{approved, of_patient};
use dmp_lps::search::query::FIND_DOCUMENTS;

pub fn cases() -> Vec<Case> {
    let found_nothing: Check = Box::new(|_, answer| match answer.text().contains("<ExtrinsicObject") {
        false => Ok(()),
        true => Err("a value became a condition".to_owned()),
    });
    let patient = "$XDSDocumentEntryPatientId";
    vec![
        case(
            "SOAP-59",
            move |w| {
                let slots = [(patient, of_patient(ALICE)), ("$XDSDocumentEntryStatus", approved())];
                let slots: Vec<_> = slots.iter().map(|(name, value)| (*name, value.as_str())).collect();
                w.stored_query("urn:uuid:00000000-0000-4000-8000-0000000000ff", &slots).send(w)
            },
            registry("XDSUnknownStoredQuery", ""),
        ),
        case(
            "SOAP-60",
            move |w| w.stored_query(FIND_DOCUMENTS, &[(patient, &of_patient(ALICE))]).send(w),
            registry("XDSStoredQueryMissingParam", "$XDSDocumentEntryStatus"),
        ),
        case(
            "SOAP-60",
            move |w| {
                let quoted = "('a'' OR ''1''=''1')";
                let slots = [
                    (patient, of_patient(ALICE)),
                    ("$XDSDocumentEntryStatus", approved()),
                    ("$XDSDocumentEntryAuthorPerson", quoted.to_owned()),
                ];
                let slots: Vec<_> = slots.iter().map(|(name, value)| (*name, value.as_str())).collect();
                w.stored_query(FIND_DOCUMENTS, &slots).send(w)
            },
            success(),
        )
        .and(found_nothing)
        .variant("quotes"),
    ]
}
