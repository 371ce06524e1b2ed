//! Queries by criteria: FindDocuments, FindSubmissionSets, GetAll (ITI TF-2 3.18.4.1.2.3.7.1, .2, .4).
//!
//! The record matches, and hides. Where obsolete documents are asked for (Deprecated), the former versions of metadata
//! come with them: that is what they are in the DMP (spec 5.6).

use super::Asked;
use super::parameters::Parameters;
use super::response::Found;
use crate::ebrim::scheme::STABLE_DOCUMENT;
use crate::registry_response::RegistryError;
use crate::td3::Stop;
use dmp_dossier::{
    AssociationKind, Availability, DocumentFilter, DocumentRef, EntryUuid, Lid, Query, SeenDocument, SeenSet,
    SetFilter,
};
use uuid::Uuid;

/// A criterion that nothing meets.
const NO_DOCUMENT: DocumentRef = DocumentRef::Lid(Lid(Uuid::nil()));

/// FindDocuments.
pub(super) async fn documents(asked: &Asked<'_>) -> Result<Found, Stop> {
    let filter = document_filter(&asked.parameters)?;
    let documents = asked.documents(Query::FindDocuments(Box::new(filter))).await?;
    Ok(Found { documents, ..Found::default() })
}

/// FindSubmissionSets.
pub(super) async fn submission_sets(asked: &Asked<'_>) -> Result<Found, Stop> {
    let filter = set_filter(&asked.parameters)?;
    let sets = asked.sets(Query::FindSubmissionSets(Box::new(filter))).await?;
    Ok(Found { sets, ..Found::default() })
}

/// GetAll: the documents and the lots of those statuses, and the associations between what is found.
pub(super) async fn all(asked: &Asked<'_>) -> Result<Found, Stop> {
    let documents = document_filter(&asked.parameters)?;
    let sets = SetFilter { statuses: Vec::new(), ..set_filter(&asked.parameters)? };
    let wanted = asked.parameters.statuses("$XDSSubmissionSetStatus")?;
    let documents = asked.documents(Query::FindDocuments(Box::new(documents))).await?;
    // Of every status: a lot that is not wanted may have brought an association between two documents that are.
    let all = asked.sets(Query::FindSubmissionSets(Box::new(sets))).await?;
    let (sets, others): (Vec<SeenSet>, Vec<SeenSet>) =
        all.into_iter().partition(|s| wanted.contains(&s.status));
    let is_found = |uuid: EntryUuid| documents.iter().any(|seen| seen.entry.entry_uuid == uuid);
    let brought = sets.iter().chain(&others).flat_map(|seen| &seen.associations);
    let associations = brought
        .filter(|a| {
            let from = match a.kind {
                AssociationKind::HasMember => sets.iter().any(|seen| seen.set.entry_uuid == a.source),
                AssociationKind::Replaces => is_found(a.source),
            };
            from && is_found(a.target)
        })
        .copied()
        .collect();
    Ok(Found { documents, sets, associations })
}

/// The criteria on documents of FindDocuments and GetAll; the second uses three of them.
fn document_filter(p: &Parameters) -> Result<DocumentFilter, RegistryError> {
    let statuses = p.statuses("$XDSDocumentEntryStatus")?;
    let is_possible = !statuses.is_empty() && is_stable_wanted(p)?;
    Ok(DocumentFilter {
        former_versions: statuses.contains(&Availability::Deprecated),
        statuses,
        references: if is_possible { Vec::new() } else { vec![NO_DOCUMENT] },
        types: p.codes("$XDSDocumentEntryTypeCode")?,
        classes: p.codes("$XDSDocumentEntryClassCode")?,
        formats: p.codes("$XDSDocumentEntryFormatCode")?,
        facilities: p.codes("$XDSDocumentEntryHealthcareFacilityTypeCode")?,
        settings: p.codes("$XDSDocumentEntryPracticeSettingCode")?,
        events: p.codes_of_list("$XDSDocumentEntryEventCodeList")?,
        confidentialities: p.codes_of_list("$XDSDocumentEntryConfidentialityCode")?,
        authors: p.authors("$XDSDocumentEntryAuthorPerson")?,
        creation: p.period("$XDSDocumentEntryCreationTimeFrom", "$XDSDocumentEntryCreationTimeTo")?,
        service_start: p
            .period("$XDSDocumentEntryServiceStartTimeFrom", "$XDSDocumentEntryServiceStartTimeTo")?,
        service_stop: p
            .period("$XDSDocumentEntryServiceStopTimeFrom", "$XDSDocumentEntryServiceStopTimeTo")?,
        ..DocumentFilter::default()
    })
}

/// Every document of the DMP is a stable one: another kind finds nothing.
fn is_stable_wanted(p: &Parameters) -> Result<bool, RegistryError> {
    let kinds = p.common("$XDSDocumentEntryType", |kind| Ok(kind.to_owned()))?;
    Ok(kinds.is_none_or(|kinds| kinds.iter().any(|kind| kind == STABLE_DOCUMENT)))
}

fn set_filter(p: &Parameters) -> Result<SetFilter, RegistryError> {
    let statuses = p.statuses("$XDSSubmissionSetStatus")?;
    let sources = p.common("$XDSSubmissionSetSourceId", |id| Ok(id.to_owned()))?;
    let is_possible = !statuses.is_empty() && sources.as_ref().is_none_or(|sources| !sources.is_empty());
    Ok(SetFilter {
        statuses,
        entry_uuids: if is_possible { Vec::new() } else { vec![EntryUuid(Uuid::nil())] },
        source_ids: sources.unwrap_or_default(),
        content_types: p.codes("$XDSSubmissionSetContentType")?,
        authors: p.authors("$XDSSubmissionSetAuthorPerson")?,
        submission: p.period("$XDSSubmissionSetSubmissionTimeFrom", "$XDSSubmissionSetSubmissionTimeTo")?,
        ..SetFilter::default()
    })
}

/// The members of a lot that a query with the filters of contents keeps.
pub(super) fn kept_members(
    p: &Parameters,
    members: Vec<SeenDocument>,
) -> Result<Vec<SeenDocument>, RegistryError> {
    let is_possible = is_stable_wanted(p)?;
    let filter = DocumentFilter {
        formats: p.codes("$XDSDocumentEntryFormatCode")?,
        confidentialities: p.codes_of_list("$XDSDocumentEntryConfidentialityCode")?,
        ..DocumentFilter::default()
    };
    let keeps =
        |seen: &SeenDocument| is_possible && dmp_dossier::search::matches_document(&seen.entry, &filter);
    Ok(members.into_iter().filter(keeps).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::td3_1_registry_stored_query::parameters::tests::with;
    use dmp_dossier::{AuthorTest, Comparison, TokenTest};

    const APPROVED: &str = "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')";

    fn filter(slots: &[(&str, &[&str])]) -> Result<DocumentFilter, RegistryError> {
        let status: (&str, &[&str]) = ("$XDSDocumentEntryStatus", &[APPROVED]);
        with(&[&[status], slots].concat(), |p| document_filter(&p.unwrap()))
    }

    fn token(code: &str, system: &str) -> TokenTest {
        TokenTest { system: Some(system.to_owned()), code: code.to_owned() }
    }

    #[test]
    fn every_filter_becomes_its_criterion() {
        let only = |slots: &[(&str, &[&str])]| {
            let f = filter(slots).unwrap();
            DocumentFilter { statuses: Vec::new(), ..f }
        };
        let f = DocumentFilter::default;
        let code: &[&str] = &["('10^^1.2','11^^1.2')"];
        let codes = || vec![token("10", "1.2"), token("11", "1.2")];
        let any_of = |name: &str| -> DocumentFilter { only(&[(name, code)]) };
        assert_eq!(any_of("$XDSDocumentEntryClassCode"), DocumentFilter { classes: codes(), ..f() });
        assert_eq!(any_of("$XDSDocumentEntryTypeCode"), DocumentFilter { types: codes(), ..f() });
        assert_eq!(any_of("$XDSDocumentEntryFormatCode"), DocumentFilter { formats: codes(), ..f() });
        assert_eq!(
            any_of("$XDSDocumentEntryPracticeSettingCode"),
            DocumentFilter { settings: codes(), ..f() }
        );
        assert_eq!(
            any_of("$XDSDocumentEntryHealthcareFacilityTypeCode"),
            DocumentFilter { facilities: codes(), ..f() }
        );
        let both = vec![codes(), vec![token("12", "1.2")]];
        for (name, expected) in [
            ("$XDSDocumentEntryEventCodeList", DocumentFilter { events: both.clone(), ..f() }),
            ("$XDSDocumentEntryConfidentialityCode", DocumentFilter { confidentialities: both, ..f() }),
        ] {
            assert_eq!(only(&[(name, code), (name, &["('12^^1.2')"])]), expected);
        }
        assert_eq!(
            only(&[("$XDSDocumentEntryAuthorPerson", &["('%^MAX^%','899900000017%')"])]).authors,
            [[AuthorTest::Like("%^MAX^%".into()), AuthorTest::Like("899900000017%".into())]]
        );
        for (name, dates) in [
            ("CreationTime", (|f| f.creation) as fn(DocumentFilter) -> Vec<dmp_dossier::DateTest>),
            ("ServiceStartTime", |f| f.service_start),
            ("ServiceStopTime", |f| f.service_stop),
        ] {
            let (from, to) = (format!("$XDSDocumentEntry{name}From"), format!("$XDSDocumentEntry{name}To"));
            let tests = dates(only(&[(&from, &["'2024'"]), (&to, &["202501010000"])]));
            let tests: Vec<_> = tests.iter().map(|t| (t.comparison, t.value.to_hl7())).collect();
            assert_eq!(tests, [(Comparison::From, "2024".into()), (Comparison::To, "202501010000".into())]);
        }
    }

    #[test]
    fn statuses_and_kinds_that_the_dmp_has_not_find_nothing() {
        let nothing = |slots: &[(&str, &[&str])]| filter(slots).unwrap().references == [NO_DOCUMENT];
        assert!(!nothing(&[]));
        assert!(nothing(&[("$XDSDocumentEntryStatus", &["('urn:asip:ci-sis:2010:StatusType:Archived')"])]));
        assert!(nothing(&[(
            "$XDSDocumentEntryType",
            &["('urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248')"]
        )]));
        assert!(!nothing(&[(
            "$XDSDocumentEntryType",
            &["('urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1')"]
        )]));
        let deprecated: &[&str] = &["('urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated')", APPROVED];
        with(&[("$XDSDocumentEntryStatus", deprecated)], |p| {
            let f = document_filter(&p.unwrap()).unwrap();
            assert_eq!(f.statuses, [Availability::Deprecated, Availability::Approved]);
            assert!(f.former_versions);
        });
        with(&[], |p| {
            let error = document_filter(&p.unwrap()).unwrap_err();
            assert_eq!(error.code, "XDSStoredQueryMissingParam");
            assert!(error.context.contains("$XDSDocumentEntryStatus"));
        });
    }

    #[test]
    fn lots_are_found_by_their_own_criteria() {
        let slots: &[(&str, &[&str])] = &[
            ("$XDSSubmissionSetStatus", &[APPROVED]),
            ("$XDSSubmissionSetSourceId", &["('1.2.3','1.2.4')"]),
            ("$XDSSubmissionSetContentType", &["('04^^1.2.250.1.213.2.2')"]),
            ("$XDSSubmissionSetAuthorPerson", &["'%MAX%'"]),
            ("$XDSSubmissionSetSubmissionTimeFrom", &["2024"]),
        ];
        with(slots, |p| {
            let f = set_filter(&p.unwrap()).unwrap();
            assert_eq!(f.source_ids, ["1.2.3", "1.2.4"]);
            assert_eq!(f.content_types, [token("04", "1.2.250.1.213.2.2")]);
            assert_eq!(f.authors, [[AuthorTest::Like("%MAX%".into())]]);
            assert_eq!((f.submission.len(), f.entry_uuids.len()), (1, 0));
        });
        with(&[], |p| assert_eq!(set_filter(&p.unwrap()).unwrap_err().code, "XDSStoredQueryMissingParam"));
    }
}
