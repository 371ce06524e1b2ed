//! TD3.2, ITI-43 Retrieve Document Set: the bytes of documents.
//!
//! Each document is read by itself, so that the journal names each one read and each one refused. The readable ones are
//! given; the others are told one by one, in the same words and by the same steps whether they are absent, masked or
//! somebody else's (security.md 2.1). What would make the answer too large is told too, and read apart.
//!
//! Sources: ITI TF-2 3.43; SEL-MP-037 TD3.2; sample TD3.2; bad-inputs MTOM-57 to MTOM-60.

#[cfg(test)]
mod tests;

use crate::REPOSITORY;
use crate::call::{Attachment, Call, Reply};
use crate::ebrim::read::cut;
use crate::ebrim::write;
use crate::fault::Fault;
use crate::registry_response::{self, RegistryError, Status};
use crate::service::XDSB;
use crate::soap::XOP;
use crate::td3::{Stop, patient, unexpected};
use bytes::Bytes;
use dmp_dossier::{Act, DocumentRef, DocumentUid, Ins, Query, Reason, SeenDocument, View};
use dmp_store::StoreError;
use dmp_xml::{Element, Writer};
use http::HeaderValue;

/// Most documents of a request (security.md row 9).
const DOCUMENTS_MAX: usize = 50;

/// The transaction.
pub(crate) async fn answer(call: &Call<'_>) -> Result<Reply, Fault> {
    match respond(call).await {
        Ok(reply) => Ok(reply),
        Err(Stop::Fault(fault)) => Err(fault),
        Err(Stop::Error(error)) => Ok(write(call, Vec::new(), &[error])),
    }
}

async fn respond(call: &Call<'_>) -> Result<Reply, Stop> {
    let requests = read(call.body)?;
    let patient = patient(call, &[], Act::Read).await?;
    let enough = call.xds.store.parameters().lot_bytes_max;
    let mut documents: Vec<(SeenDocument, Bytes)> = Vec::new();
    let mut errors = Vec::new();
    let mut size_bytes: u64 = 0;
    for (place, request) in requests.iter().enumerate() {
        let refused = |reason: Reason, context: String| {
            RegistryError::of(reason, context).at(format!("DocumentRequest[{}]", place + 1))
        };
        if request.repository != REPOSITORY {
            let named = format!("repositoryUniqueId={}", cut(&request.repository));
            let error = RegistryError::new("XDSUnknownRepositoryId", named);
            errors.push(error.at(format!("DocumentRequest[{}]", place + 1)));
            continue;
        }
        let Some(uid) = &request.document else {
            errors.push(refused(Reason::UnknownDocument, "DocumentUniqueId is no OID".to_owned()));
            continue;
        };
        if size_bytes >= enough {
            errors.push(refused(Reason::TooLarge, format!("uniqueId={uid}: ask for it in another request")));
            continue;
        }
        match retrieve(call, patient, uid).await? {
            Some(document) => {
                size_bytes += document.1.len() as u64;
                documents.push(document);
            }
            None => errors.push(refused(Reason::UnknownDocument, format!("uniqueId={uid}"))),
        }
    }
    Ok(write(call, documents, &errors))
}

/// A document of a request.
#[derive(Debug, PartialEq, Eq)]
struct DocumentRequest {
    repository: String,
    /// `None` when it is no identifier of a document.
    document: Option<DocumentUid>,
}

/// The documents asked for, each once; what is no identifier is told each time.
fn read(body: Element<'_>) -> Result<Vec<DocumentRequest>, Fault> {
    let mut requests = Vec::new();
    for (count, element) in body.named(XDSB, "DocumentRequest").enumerate() {
        if count >= DOCUMENTS_MAX {
            let reason = format!("too-many-documents: at most {DOCUMENTS_MAX} in one request");
            return Err(Fault::sender(reason));
        }
        let text = |name: &'static str| {
            let found = element.only(XDSB, name).map(|e| e.trimmed().into_owned());
            found.map_err(|_| Fault::sender(format!("DocumentRequest has one {name}")))
        };
        let repository = text("RepositoryUniqueId")?;
        let document = DocumentUid::parse(&text("DocumentUniqueId")?);
        let request = DocumentRequest { repository, document };
        if request.document.is_none() || !requests.contains(&request) {
            requests.push(request);
        }
    }
    match requests.is_empty() {
        true => Err(Fault::sender("RetrieveDocumentSetRequest has no DocumentRequest")),
        false => Ok(requests),
    }
}

/// A document and its bytes; `None` when there is none that the actor may read.
async fn retrieve(
    call: &Call<'_>,
    patient: &Ins,
    uid: &DocumentUid,
) -> Result<Option<(SeenDocument, Bytes)>, Stop> {
    let Call { xds, vihf, request, .. } = call;
    let query = Query::Retrieve(vec![DocumentRef::UniqueId(uid.clone())]);
    match xds.store.consult(&vihf.actor, call.target(patient), query, *request).await {
        Ok(answer) => match answer.view {
            View::Contents(seen) => Ok(seen.into_iter().zip(answer.contents).next()),
            _ => Err(unexpected()),
        },
        Err(StoreError::Refused { refusal, retry_after_seconds: None })
            if refusal.reason == Reason::UnknownDocument =>
        {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn write(call: &Call<'_>, documents: Vec<(SeenDocument, Bytes)>, errors: &[RegistryError]) -> Reply {
    let status = match (documents.is_empty(), errors.is_empty()) {
        (_, true) => Status::Success,
        (true, false) => Status::Failure,
        (false, false) => Status::PartialSuccess,
    };
    let mut w = Writer::new();
    write::root(&mut w, "xdsb:RetrieveDocumentSetResponse");
    w.open("rs:RegistryResponse").attribute("status", status.as_urn());
    registry_response::write_errors(&mut w, errors);
    w.close();
    let mut attachments = Vec::with_capacity(documents.len());
    for (place, (seen, bytes)) in documents.into_iter().enumerate() {
        let m = &seen.entry.metadata;
        let content_id = format!("{}.{}@dmp", place + 1, call.request);
        w.open("xdsb:DocumentResponse");
        w.open("xdsb:RepositoryUniqueId").text(REPOSITORY).close();
        w.open("xdsb:DocumentUniqueId").text(m.unique_id.as_str()).close();
        w.open("xdsb:mimeType").text(&m.mime_type).close();
        w.open("xdsb:Document").open("xop:Include").attribute("xmlns:xop", XOP);
        w.attribute("href", &format!("cid:{content_id}")).close().close().close();
        // What was taken from another face might not do as a header.
        let content_type = match HeaderValue::from_str(&m.mime_type) {
            Ok(_) => m.mime_type.clone(),
            Err(_) => "application/octet-stream".to_owned(),
        };
        attachments.push(Attachment { content_id, content_type, bytes });
    }
    Reply { body: w.finish(), attachments }
}
