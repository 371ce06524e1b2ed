//! TD3.2 (ITI-43): the bytes of documents.
//!
//! Sources: ITI TF-2 3.43; published messages TD3.2.

use crate::answer::Answer;
use crate::error::LpsError;
use crate::registry;
use crate::service::{Operation, REPOSITORY, RS, XDSB};
use crate::session::Message;
use bytes::Bytes;
use dmp_xml::{Element, Writer};

/// A document that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// uniqueId.
    pub unique_id: String,
    /// Media type.
    pub mime_type: String,
    /// The bytes.
    pub bytes: Bytes,
}

/// Asks for documents by uniqueId.
pub fn message(unique_ids: &[&str]) -> Message {
    let mut w = Writer::new();
    w.open("RetrieveDocumentSetRequest").attribute("xmlns", XDSB);
    for unique_id in unique_ids {
        w.open("DocumentRequest");
        w.open("RepositoryUniqueId").text(REPOSITORY).close();
        w.open("DocumentUniqueId").text(unique_id).close().close();
    }
    Message {
        operation: Operation::RetrieveDocumentSet,
        body: w.finish(),
        attachments: Vec::new(),
        mtom: true,
    }
}

/// The documents.
///
/// # Errors
/// A refusal, or what is no such answer.
pub fn read(answer: &Answer) -> Result<Vec<Document>, LpsError> {
    answer.content(XDSB, "RetrieveDocumentSetResponse", |response| {
        let status = response.child(RS, "RegistryResponse").ok_or(LpsError::Answer("no RegistryResponse"))?;
        registry::response(status)?;
        let text = |of: Element<'_>, name: &str| {
            of.child(XDSB, name).map(|found| found.trimmed().into_owned()).unwrap_or_default()
        };
        let document = |response: Element<'_>| {
            let document = response.child(XDSB, "Document").ok_or(LpsError::Answer("no Document"))?;
            Ok(Document {
                unique_id: text(response, "DocumentUniqueId"),
                mime_type: text(response, "mimeType"),
                bytes: answer.bytes_of(document)?,
            })
        };
        response.named(XDSB, "DocumentResponse").map(document).collect()
    })
}
