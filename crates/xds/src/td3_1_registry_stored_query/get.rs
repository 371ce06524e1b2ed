//! Queries by identifier (ITI TF-2 3.18.4.1.2.3.7.5 to .13).
//!
//! They answer what the actor may see of the patient of the VIHF; the rest does not exist (security.md row 9). TD3.1b:
//! who may only find references asks GetDocuments for ObjectRef.

use super::find::kept_members;
use super::response::Found;
use super::{Asked, Returns};
use crate::ebrim::scheme;
use crate::registry_response::RegistryError;
use crate::td3::Stop;
use dmp_dossier::{
    Actor, Association, AssociationKind, Auth, DocumentRef, DocumentUid, EntryUuid, Query, Reason,
    SeenDocument, SetFilter, SetRef,
};
use dmp_store::StoreError;

const ENTRY_UUID: &str = "$XDSDocumentEntryEntryUUID";
const UNIQUE_ID: &str = "$XDSDocumentEntryUniqueId";

/// GetDocuments.
pub(super) async fn documents(asked: &Asked<'_>, returns: Returns) -> Result<Found, Stop> {
    let references = references(asked)?;
    let by_reference = returns == Returns::ObjectRef;
    if by_reference && has_references_only(&asked.call.vihf.actor) {
        return found_references(asked, references).await;
    }
    match asked.consult(Query::GetDocuments(references.clone())).await {
        // One's own document is found without authorisation (PDT-INF-526 TD3.1, note 5).
        Err(StoreError::Refused { refusal, .. })
            if by_reference
                && matches!(refusal.reason, Reason::NotAuthorised | Reason::AuthorisationExpired) =>
        {
            found_references(asked, references).await
        }
        other => Ok(Found { documents: super::documents_of(other?)?, ..Found::default() }),
    }
}

/// Who searches by reference only: the tables give them no other search.
fn has_references_only(actor: &Actor) -> bool {
    match actor {
        Actor::Professional(p) => p.auth == Auth::Indirect,
        Actor::Employee(_) | Actor::Structure(_) | Actor::App(_) => true,
        _ => false,
    }
}

/// TD3.1b: each reference by itself; what leads nowhere is left out.
async fn found_references(asked: &Asked<'_>, references: Vec<DocumentRef>) -> Result<Found, Stop> {
    let mut documents = Vec::with_capacity(references.len());
    for reference in references {
        match asked.consult(Query::FindReference(reference)).await {
            Err(StoreError::Refused { refusal, .. }) if refusal.reason == Reason::UnknownDocument => {}
            other => documents.extend(super::documents_of(other?)?),
        }
    }
    Ok(Found { documents, ..Found::default() })
}

/// GetAssociations.
pub(super) async fn associations(asked: &Asked<'_>) -> Result<Found, Stop> {
    let uuids = uuids(asked)?;
    let associations = asked.associations(Query::GetAssociations(uuids)).await?;
    Ok(Found { associations, ..Found::default() })
}

/// GetDocumentsAndAssociations.
pub(super) async fn documents_and_associations(asked: &Asked<'_>) -> Result<Found, Stop> {
    let documents = asked.documents(Query::GetDocuments(references(asked)?)).await?;
    let associations = match entry_uuids(&documents) {
        none if none.is_empty() => Vec::new(),
        some => asked.associations(Query::GetAssociations(some)).await?,
    };
    Ok(Found { documents, associations, ..Found::default() })
}

/// GetSubmissionSets: the lots that brought these documents, and what ties them.
pub(super) async fn submission_sets(asked: &Asked<'_>) -> Result<Found, Stop> {
    let mut associations = asked.associations(Query::GetAssociations(uuids(asked)?)).await?;
    associations.retain(|a| a.kind == AssociationKind::HasMember);
    let filter =
        SetFilter { entry_uuids: associations.iter().map(|a| a.source).collect(), ..SetFilter::default() };
    let sets = match filter.entry_uuids.is_empty() {
        true => Vec::new(),
        false => asked.sets(Query::FindSubmissionSets(Box::new(filter))).await?,
    };
    Ok(Found { sets, associations, ..Found::default() })
}

/// GetSubmissionSetAndContents: one lot, those of its members that the filters keep, and what ties them.
pub(super) async fn submission_set_and_contents(asked: &Asked<'_>) -> Result<Found, Stop> {
    let p = &asked.parameters;
    let name = p.either("$XDSSubmissionSetEntryUUID", "$XDSSubmissionSetUniqueId")?;
    let id = p.single(name)?.unwrap_or_default();
    let reference = match name {
        "$XDSSubmissionSetEntryUUID" => EntryUuid::parse(id).map(SetRef::Entry),
        _ => DocumentUid::parse(id).map(SetRef::UniqueId),
    };
    // What is no identifier is one of nothing; it is asked all the same, for the rights and the trace.
    let reference = reference.unwrap_or(SetRef::Entry(EntryUuid(uuid::Uuid::nil())));
    let mut found = Found::default();
    for set in asked.sets(Query::GetSubmissionSet(reference)).await? {
        let members = kept_members(p, set.members.clone())?;
        let kept = entry_uuids(&members);
        let ties = set.associations.iter().filter(|a| match a.kind {
            AssociationKind::HasMember => kept.contains(&a.target),
            AssociationKind::Replaces => kept.contains(&a.source),
        });
        found.associations.extend(ties);
        found.documents.extend(members);
        found.sets.push(set);
    }
    Ok(found)
}

/// GetRelatedDocuments: the chain of replacements of a document, and its associations; nothing when it has none.
pub(super) async fn related_documents(asked: &Asked<'_>) -> Result<Found, Stop> {
    let p = &asked.parameters;
    let kinds = p.required_list("$AssociationTypes")?;
    let name = p.either(ENTRY_UUID, UNIQUE_ID)?;
    p.single(name)?;
    let Some(reference) = references(asked)?.pop() else { return Ok(Found::default()) };
    let documents = asked.documents(Query::GetRelated(reference)).await?;
    let chain = entry_uuids(&documents);
    if chain.len() < 2 || !kinds.contains(&scheme::RPLC) {
        return Ok(Found::default());
    }
    let mut associations: Vec<Association> = asked.associations(Query::GetAssociations(chain)).await?;
    associations.retain(|a| a.kind == AssociationKind::Replaces);
    Ok(Found { documents, associations, ..Found::default() })
}

/// The documents asked for, by entryUUID or by uniqueId. What is neither is one of nothing.
fn references(asked: &Asked<'_>) -> Result<Vec<DocumentRef>, RegistryError> {
    let p = &asked.parameters;
    let name = p.either(ENTRY_UUID, UNIQUE_ID)?;
    let read = |id: &str| match name {
        ENTRY_UUID => EntryUuid::parse(id).map(DocumentRef::Entry),
        _ => DocumentUid::parse(id).map(DocumentRef::UniqueId),
    };
    Ok(p.ids(name)?.into_iter().filter_map(read).collect())
}

/// `$uuid`, required.
fn uuids(asked: &Asked<'_>) -> Result<Vec<EntryUuid>, RegistryError> {
    asked.parameters.required_list("$uuid")?;
    Ok(asked.parameters.ids("$uuid")?.into_iter().filter_map(EntryUuid::parse).collect())
}

fn entry_uuids(documents: &[SeenDocument]) -> Vec<EntryUuid> {
    documents.iter().map(|seen| seen.entry.entry_uuid).collect()
}
