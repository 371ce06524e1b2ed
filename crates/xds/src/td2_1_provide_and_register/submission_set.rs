//! The RegistryPackage of a lot → SubmissionSet.
//!
//! Source: PDSM4DMP `SubmissionSet` (uniqueId, sourceId, patientId, submissionTime, contentTypeCode and author 1..1; title
//! and comments 0..1); JDV_J59-ContentTypeCode-DMP.

use super::{Errors, entry};
use crate::ebrim::read::{RegistryObject, Wrong, hl7};
use crate::ebrim::scheme;
use dmp_dossier::code::is_oid;
use dmp_dossier::{Code, DocumentUid, Dtm, RealmPolicy, SubmissionSetMetadata};
use dmp_nomenclature::content_type;

/// What the sender says of the lot; `None` when something is wrong, which is among the errors.
pub(super) fn read(
    set: &RegistryObject<'_>,
    realm: &RealmPolicy,
    errors: &mut Errors,
) -> Option<SubmissionSetMetadata> {
    let unique_id = set.identifier(scheme::SET_UNIQUE_ID, "uniqueId").and_then(|value| {
        DocumentUid::parse(value)
            .ok_or_else(|| set.problem("uniqueId", Wrong::form(value, "an OID or a UUID")))
    });
    let source_id = set.identifier(scheme::SET_SOURCE_ID, "sourceId").and_then(|value| {
        let oid = value.strip_prefix("urn:oid:").unwrap_or(value);
        is_oid(oid)
            .then(|| oid.to_owned())
            .ok_or_else(|| set.problem("sourceId", Wrong::form(value, "an OID")))
    });
    let submission_time: Result<Dtm, _> = set
        .required("submissionTime")
        .and_then(|value| hl7::time(value).map_err(|wrong| set.problem("submissionTime", wrong)));
    let content_type = set.code(scheme::SET_CONTENT_TYPE, "contentTypeCode").and_then(|code| {
        let code = code.ok_or_else(|| set.problem("contentTypeCode", Wrong::Missing))?;
        let known = content_type::find(&code.system, &code.code);
        let known = known.map(|known| Code::new(known.code, known.system.oid, known.label));
        let value = format!("{}^{}", code.code, code.system);
        known.ok_or_else(|| {
            set.problem("contentTypeCode", Wrong::outside(&value, content_type::ACTIVITIES.name))
        })
    });
    let mut authors = entry::authors(set, scheme::SET_AUTHOR, realm, errors);
    if authors.len() > 1 {
        errors.problem(&set.problem("author", Wrong::TooMany { max: 1 }));
    }
    let (unique_id, source_id) = (errors.take(unique_id), errors.take(source_id));
    let (submission_time, content_type) = (errors.take(submission_time), errors.take(content_type));
    Some(SubmissionSetMetadata {
        unique_id: unique_id?,
        source_id: source_id?,
        submission_time: submission_time?,
        content_type: content_type?,
        author: Some(authors.pop()?),
        title: set.name.map(str::to_owned),
        comments: set.description.map(str::to_owned),
    })
}

/// TD2.2: an employee's lot names them (PDT-INF-617).
pub(super) fn check_employee(set: &RegistryObject<'_>, read: &SubmissionSetMetadata, errors: &mut Errors) {
    let person = read.author.as_ref().map(|author| &author.person);
    if person.is_none_or(|person| person.family.is_empty() || person.given.is_empty()) {
        let rule = Wrong::rule("", "TD2.2 names the employee: family and given name");
        errors.problem(&set.problem("authorPerson", rule));
    }
}
