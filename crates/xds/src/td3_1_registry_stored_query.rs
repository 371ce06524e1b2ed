//! TD3.1, ITI-18 Registry Stored Query: what a dossier holds, as far as the asker may know.
//!
//! Each query becomes one or two reads of the record, decided and journalled there. Every query is about the patient of
//! the VIHF: one that names no patient takes him (RG_3010), one that names another is refused.
//!
//! Sources: ITI TF-2 3.18; SEL-MP-037 TD3.1 as in spec 5.8; sample TD3.1.

mod find;
mod get;
mod parameters;
mod response;

#[cfg(test)]
mod tests;

use crate::call::{Call, Reply};
use crate::ebrim::read::cut;
use crate::ebrim::scheme::RIM;
use crate::fault::Fault;
use crate::registry_response::RegistryError;
use crate::service::QUERY;
use crate::td3::{Stop, patient, unexpected};
use dmp_dossier::{Act, Association, Ins, Query, SeenDocument, SeenSet, View};
use dmp_store::StoreError;
use dmp_xml::Element;
use parameters::Parameters;

/// How objects are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Returns {
    /// Whole.
    LeafClass,
    /// By identity.
    ObjectRef,
}

/// The queries of the DMP; IHE's others, those on folders among them, are unknown here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StoredQuery {
    FindDocuments,
    FindSubmissionSets,
    GetAll,
    GetDocuments,
    GetAssociations,
    GetDocumentsAndAssociations,
    GetSubmissionSets,
    GetSubmissionSetAndContents,
    GetRelatedDocuments,
}

impl StoredQuery {
    const ALL: &[(&str, StoredQuery)] = &[
        ("urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d", StoredQuery::FindDocuments),
        ("urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9", StoredQuery::FindSubmissionSets),
        ("urn:uuid:10b545ea-725c-446d-9b95-8aeb444eddf3", StoredQuery::GetAll),
        ("urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4", StoredQuery::GetDocuments),
        ("urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155", StoredQuery::GetAssociations),
        ("urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a", StoredQuery::GetDocumentsAndAssociations),
        ("urn:uuid:51224314-5390-4169-9b91-b1980040715a", StoredQuery::GetSubmissionSets),
        ("urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83", StoredQuery::GetSubmissionSetAndContents),
        ("urn:uuid:d90e5407-b356-4d91-a89f-873917b4b0e6", StoredQuery::GetRelatedDocuments),
    ];

    fn of(id: &str) -> Result<Self, RegistryError> {
        let found = Self::ALL.iter().find(|(known, _)| known.eq_ignore_ascii_case(id));
        let unknown = || RegistryError::new("XDSUnknownStoredQuery", format!("no query `{}` here", cut(id)));
        found.map(|(_, query)| *query).ok_or_else(unknown)
    }
}

/// The transaction.
pub(crate) async fn answer(call: &Call<'_>) -> Result<Reply, Fault> {
    match respond(call).await {
        Ok(body) => Ok(Reply::new(body)),
        Err(Stop::Fault(fault)) => Err(fault),
        Err(Stop::Error(error)) => Ok(Reply::new(response::failure(&error))),
    }
}

async fn respond(call: &Call<'_>) -> Result<String, Stop> {
    let (returns, query) = read(call.body)?;
    let kind = StoredQuery::of(query.attribute("id").unwrap_or_default())?;
    let parameters = Parameters::read(query)?;
    let mut named = Vec::new();
    for name in ["$XDSDocumentEntryPatientId", "$XDSSubmissionSetPatientId", "$patientId"] {
        named.extend(parameters.single(name)?);
    }
    let patient = patient(call, &named, Act::Search).await?;
    let asked = Asked { call, patient, parameters };
    let found = match kind {
        StoredQuery::FindDocuments => find::documents(&asked).await,
        StoredQuery::FindSubmissionSets => find::submission_sets(&asked).await,
        StoredQuery::GetAll => find::all(&asked).await,
        StoredQuery::GetDocuments => get::documents(&asked, returns).await,
        StoredQuery::GetAssociations => get::associations(&asked).await,
        StoredQuery::GetDocumentsAndAssociations => get::documents_and_associations(&asked).await,
        StoredQuery::GetSubmissionSets => get::submission_sets(&asked).await,
        StoredQuery::GetSubmissionSetAndContents => get::submission_set_and_contents(&asked).await,
        StoredQuery::GetRelatedDocuments => get::related_documents(&asked).await,
    }?;
    Ok(response::write(&found, returns, patient)?)
}

/// `ResponseOption` and `AdhocQuery`, each once.
fn read(body: Element<'_>) -> Result<(Returns, Element<'_>), Stop> {
    let option = body.only(QUERY, "ResponseOption");
    let option = option.map_err(|_| Fault::sender("AdhocQueryRequest has one query:ResponseOption"))?;
    let query = body.only(RIM, "AdhocQuery");
    let query = query.map_err(|_| Fault::sender("AdhocQueryRequest has one rim:AdhocQuery"))?;
    let returns = match option.attribute("returnType") {
        Some("LeafClass") => Returns::LeafClass,
        Some("ObjectRef") => Returns::ObjectRef,
        _ => {
            return Err(RegistryError::new("XDSRegistryError", "returnType is LeafClass or ObjectRef").into());
        }
    };
    Ok((returns, query))
}

/// A query about one patient.
struct Asked<'a> {
    call: &'a Call<'a>,
    patient: &'a Ins,
    parameters: Parameters,
}

impl Asked<'_> {
    /// A read of the dossier, decided and journalled by the record.
    async fn consult(&self, query: Query) -> Result<View, StoreError> {
        let Call { xds, vihf, request, .. } = self.call;
        let target = self.call.target(self.patient);
        xds.store.consult(&vihf.actor, target, query, *request).await.map(|answer| answer.view)
    }

    async fn documents(&self, query: Query) -> Result<Vec<SeenDocument>, Stop> {
        documents_of(self.consult(query).await?)
    }

    async fn sets(&self, query: Query) -> Result<Vec<SeenSet>, Stop> {
        match self.consult(query).await? {
            View::Sets(sets) => Ok(sets),
            _ => Err(unexpected()),
        }
    }

    async fn associations(&self, query: Query) -> Result<Vec<Association>, Stop> {
        match self.consult(query).await? {
            View::Associations(associations) => Ok(associations),
            _ => Err(unexpected()),
        }
    }
}

fn documents_of(view: View) -> Result<Vec<SeenDocument>, Stop> {
    match view {
        View::Documents(documents) => Ok(documents),
        _ => Err(unexpected()),
    }
}
