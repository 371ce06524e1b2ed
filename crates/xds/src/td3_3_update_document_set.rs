//! TD3.3, ITI-57 Update Document Set: confidentiality and status of a document.
//!
//! A request updates one document. TD3.3a (mask, unmask) and TD3.3b (make visible) send its metadata whole, as the
//! search gave them, with other confidentiality codes and the version they start from; TD3.3c (delete) and TD3.3d
//! (archive, unarchive) send a change of status. Nothing else of a document changes.
//!
//! The lot of an update carries its patient, who is checked, and its author: the record keeps who acts by the VIHF, and
//! no lot for an update.
//!
//! Sources: ITI TF-2 3.57; SEL-MP-037 TD3.3 as in spec 5.7; sample TD3.3d.

mod difference;

#[cfg(test)]
pub(crate) mod tests;

use crate::call::{Call, Reply};
use crate::ebrim::read::{self, Association, ExtrinsicObject, Objects, RegistryObject};
use crate::ebrim::scheme::{self, RIM};
use crate::fault::Fault;
use crate::registry_response::{self, RegistryError};
use crate::td3::{Stop, patient, unexpected};
use dmp_dossier::update::{MAJ_4, MAJ_5};
use dmp_dossier::{
    Act, Availability, BaseConfidentiality, ChangeStatus, ChangeVisibility, Command, DocumentEntry,
    DocumentRef, EntryUuid, Ins, Lid, Query, Reason, Receipt, Refusal, Rule, View, Visibility,
};
use dmp_store::{StoreError, Target};
use std::sync::Arc;

/// What a request may be.
const ONE_DOCUMENT: Rule = Rule {
    id: "ITI57-1",
    says: "une demande met à jour un document : un lot, une association, et les métadonnées entières pour changer la confidentialité",
    source: "ITI TF-2 3.57.4.1; spec 5.7",
};
/// What may change.
const CONFIDENTIALITY_ONLY: Rule = Rule {
    id: "ITI57-2",
    says: "d'un document, seules la confidentialité et le statut changent",
    source: "SEL-MP-037 TD3.3; spec 5.7",
};

/// The transaction.
pub(crate) async fn answer(call: &Call<'_>) -> Result<Reply, Fault> {
    match respond(call).await {
        Ok(()) => Ok(registry_response::success()),
        Err(Stop::Fault(fault)) => Err(fault),
        Err(Stop::Error(error)) => Ok(registry_response::of(&[error])),
    }
}

async fn respond(call: &Call<'_>) -> Result<(), Stop> {
    let list = call.body.only(RIM, "RegistryObjectList");
    let list = list.map_err(|_| Fault::sender("SubmitObjectsRequest has one rim:RegistryObjectList"))?;
    let objects = read::objects(list).map_err(|problems| {
        let says: Vec<String> = problems.iter().take(10).map(ToString::to_string).collect();
        RegistryError::of(Reason::RegistryMetadata, says.join("; "))
    })?;
    let act = act_of(&objects);
    let patient = patient(call, &patients(&objects), act).await?;
    match Update::read(&objects) {
        Ok(Update::Status(command)) => execute(call, patient, Command::ChangeStatus(command)).await,
        Ok(Update::Metadata { document, lid, from_version }) => {
            let named = DocumentRef::Lid(lid);
            let (asked, trace) = match look_up(call, patient, lid).await? {
                // The journal names the document.
                Some(stored) => {
                    (visibility(document, &stored, patient, call)?, Target::Document(named.clone()))
                }
                None => (asked_of_none(document), call.target(patient)),
            };
            match asked {
                Ok(to) => {
                    let command = ChangeVisibility { document: named, to, from_version: Some(from_version) };
                    execute(call, patient, Command::ChangeVisibility(command)).await
                }
                Err(refusal) => Err(refused(call, trace, act, &refusal).await),
            }
        }
        Err(refusal) => Err(refused(call, call.target(patient), act, &refusal).await),
    }
}

/// The act that a request is, for the journal, where it is refused before the record decides.
fn act_of(objects: &Objects<'_>) -> Act {
    let status = objects.associations.iter().find(|a| a.kind == scheme::UPDATE_AVAILABILITY_STATUS);
    let deletes = |a: &Association<'_>| a.object.values("NewStatus") == [Availability::Deleted.as_urn()];
    match status {
        Some(association) if deletes(association) => Act::Delete,
        Some(_) => Act::Archive,
        None => Act::Mask,
    }
}

/// The patients that the objects name.
fn patients<'t>(objects: &Objects<'t>) -> Vec<&'t str> {
    let of = |object: &RegistryObject<'t>, scheme: &str| -> Vec<&'t str> {
        object.identifiers.iter().filter(|i| i.scheme == scheme).map(|i| i.value).collect()
    };
    let sets = objects.submission_sets.iter().flat_map(|set| of(set, scheme::SET_PATIENT_ID));
    sets.chain(objects.documents.iter().flat_map(|d| of(&d.object, scheme::PATIENT_ID))).collect()
}

/// What a request asks for.
#[derive(Debug)]
enum Update<'o, 't> {
    Status(ChangeStatus),
    Metadata { document: &'o ExtrinsicObject<'t>, lid: Lid, from_version: u32 },
}

impl<'o, 't> Update<'o, 't> {
    fn read(objects: &'o Objects<'t>) -> Result<Self, Refusal> {
        let wrong = |what: &str| Refusal::about(Reason::UpdateOperation, &ONE_DOCUMENT, what);
        let ([set], []) = (objects.submission_sets.as_slice(), objects.folders.as_slice()) else {
            return Err(wrong("SubmissionSet"));
        };
        let [association] = objects.associations.as_slice() else { return Err(wrong("Association")) };
        if association.source != set.id {
            return Err(wrong("sourceObject"));
        }
        match (association.kind, objects.documents.as_slice()) {
            (scheme::UPDATE_AVAILABILITY_STATUS, []) => status(association).map(Update::Status),
            (scheme::HAS_MEMBER, [document]) if association.target == document.object.id => {
                metadata(association, document)
            }
            (scheme::HAS_MEMBER | scheme::UPDATE_AVAILABILITY_STATUS, _) => Err(wrong("ExtrinsicObject")),
            _ => Err(wrong("associationType")),
        }
    }
}

/// A change of status. Whatever the status was, what counts is that the pair is allowed and what it must become: one
/// that is reached already is a success.
fn status(association: &Association<'_>) -> Result<ChangeStatus, Refusal> {
    use Availability::{Approved, Archived, Deleted};
    let read = |slot: &'static str| match association.object.values(slot) {
        [urn] => Availability::parse(urn),
        _ => None,
    };
    match (read("OriginalStatus"), read("NewStatus")) {
        (Some(Approved), Some(to @ (Archived | Deleted)))
        | (Some(Archived), Some(to @ (Approved | Deleted))) => {
            let document = EntryUuid::parse(association.target).map(DocumentRef::Entry);
            let document = document.ok_or_else(|| Refusal::new(Reason::UnknownDocument, &ONE_DOCUMENT))?;
            Ok(ChangeStatus { document, to, from_version: None })
        }
        _ => Err(Refusal::about(Reason::UpdateOperation, &MAJ_4, "OriginalStatus, NewStatus")),
    }
}

fn metadata<'o, 't>(
    association: &Association<'_>,
    document: &'o ExtrinsicObject<'t>,
) -> Result<Update<'o, 't>, Refusal> {
    if association.object.values("SubmissionSetStatus").iter().any(|status| status != "Original") {
        return Err(Refusal::about(Reason::UpdateOperation, &ONE_DOCUMENT, "SubmissionSetStatus"));
    }
    let from_version = match association.object.values("PreviousVersion") {
        [version] => version.parse().ok(),
        _ => None,
    };
    let from_version =
        from_version.ok_or_else(|| Refusal::about(Reason::VersionConflict, &MAJ_5, "PreviousVersion"))?;
    let lid = document.object.lid;
    let lid = lid.ok_or_else(|| Refusal::about(Reason::UpdateOperation, &ONE_DOCUMENT, "lid"))?;
    let lid = Lid::parse(lid).ok_or_else(|| Refusal::new(Reason::UnknownDocument, &ONE_DOCUMENT))?;
    Ok(Update::Metadata { document, lid, from_version })
}

/// The document as the actor sees it today, if at all: one's own is found without authorisation.
async fn look_up(call: &Call<'_>, patient: &Ins, lid: Lid) -> Result<Option<Arc<DocumentEntry>>, Stop> {
    let Call { xds, vihf, request, .. } = call;
    let consult = |query| xds.store.consult(&vihf.actor, call.target(patient), query, *request);
    let document = DocumentRef::Lid(lid);
    let found = match consult(Query::GetDocuments(vec![document.clone()])).await {
        Err(StoreError::Refused { refusal, retry_after_seconds })
            if matches!(refusal.reason, Reason::NotAuthorised | Reason::AuthorisationExpired) =>
        {
            match consult(Query::FindReference(document)).await {
                // What the asker lacks is an authorisation, whether the document exists or not.
                Err(StoreError::Refused { refusal: own, .. }) if own.reason == Reason::UnknownDocument => {
                    return Err(StoreError::Refused { refusal, retry_after_seconds }.into());
                }
                other => other?,
            }
        }
        other => other?,
    };
    let View::Documents(seen) = found.view else { return Err(unexpected()) };
    Ok(seen.into_iter().next().map(|seen| seen.entry))
}

/// The visibility that is asked of a document that is not there for the actor: the record refuses, the matrix before
/// the document.
fn asked_of_none(sent: &ExtrinsicObject<'_>) -> Result<Visibility, Refusal> {
    use BaseConfidentiality::{Normal, Restricted, VeryRestricted};
    let of = |base| difference::asked(&sent.object, base).ok();
    let asked = [Normal, Restricted, VeryRestricted].into_iter().find_map(of);
    asked.ok_or_else(|| Refusal::new(Reason::UnknownDocument, &dmp_dossier::access::VIS_10))
}

/// The visibility that the metadata ask for, when nothing else of them differs from the stored ones.
fn visibility(
    sent: &ExtrinsicObject<'_>,
    stored: &DocumentEntry,
    patient: &Ins,
    call: &Call<'_>,
) -> Result<Result<Visibility, Refusal>, Fault> {
    let realm = &call.xds.store.parameters().realm;
    if let Some(attribute) = difference::first(sent, stored, patient, realm)? {
        return Ok(Err(Refusal::about(Reason::UpdateOperation, &CONFIDENTIALITY_ONLY, attribute)));
    }
    let asked = difference::asked(&sent.object, stored.metadata.confidentiality);
    Ok(asked.map_err(|what| Refusal::about(Reason::RegistryMetadata, &CONFIDENTIALITY_ONLY, what)))
}

async fn execute(call: &Call<'_>, patient: &Ins, command: Command) -> Result<(), Stop> {
    let Call { xds, vihf, request, .. } = call;
    let target = call.target(patient);
    match xds.store.execute(&vihf.actor, target, command, Vec::new(), *request).await? {
        Receipt::Updated(_) => Ok(()),
        _ => Err(unexpected()),
    }
}

/// Journals a refusal that this face decides.
async fn refused(call: &Call<'_>, target: Target, act: Act, refusal: &Refusal) -> Stop {
    let Call { xds, vihf, request, .. } = call;
    match xds.store.refuse(&vihf.actor, target, act, refusal, *request).await {
        Ok(()) => RegistryError::refused(refusal).into(),
        Err(error) => error.into(),
    }
}
