//! ITI-65 Provide Document Bundle (TD2.1, TD2.1b): `POST` of a transaction on the base.
//!
//! The lot is all or nothing, and sent twice it gets the same answer. In order: the JSON and its shape, the parts of
//! the transaction and their references, the patient, the content of each document, then the record decides. A refusal
//! points to the entry it is about. The patch of a replaced document to `superseded` (UpdateDocumentRefs) is checked
//! and has no effect of its own: a replacement does that.

mod parts;

use crate::deposit::{self, Deposit, Fault, Opened};
use crate::json::{self, Json};
use crate::outcome::Outcome;
use crate::request::{Caller, FhirBody};
use crate::search::prefers;
use crate::searchset::unexpected;
use crate::write::JsonWriter;
use crate::{Fhir, document_reference, patient_upload, read, shape, subject, submission_set};
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use dmp_cda::Intake;
use dmp_dossier::{
    Act, Command, DocumentEntry, DocumentRef, EntryUuid, Ins, Publish, Query, Reason, Receipt, Refusal,
    SubmissionSetMetadata, View,
};
use dmp_store::{StoreError, Target};
use http::{HeaderMap, StatusCode};
use parts::{Parts, Role};
use std::sync::Arc;

/// The deposit.
pub(crate) async fn provide(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    headers: HeaderMap,
    FhirBody(body): FhirBody,
) -> Result<Response, Outcome> {
    let bundle = json::read(&body, fhir.string_bytes_max())?;
    parts::check_size(&bundle)?;
    shape::check(&bundle, Some("Bundle"))?;
    let parts = Parts::read(&bundle, &fhir.base)?;
    let patients = patients(&parts, &fhir)?;
    let ins = patients.first().cloned().ok_or_else(no_patient)?;
    let lot = Lot { fhir: &fhir, caller: &caller, ins };
    let mut deposits = Vec::with_capacity(parts.documents.len());
    for document in &parts.documents {
        let place = document.resource_place();
        let read = lot.read(document.resource, &document.embedded).await;
        let deposit = match read {
            Ok(deposit) => deposit,
            Err(fault) => return Err(lot.refused(fault, &deposits).await.under(&place)),
        };
        deposits.push(deposit);
    }
    parts.check_patches(&deposits)?;
    let realm = &fhir.store.parameters().realm;
    let set = submission_set::read(parts.list, &deposits, realm, fhir.store.now());
    let named: Vec<_> = deposits.iter().map(|d| d.draft.metadata.unique_id.as_str().to_owned()).collect();
    let (set, documents) = lot.publish(set, deposits, patients).await.map_err(|error| {
        let place = parts.place_of(&error, &named);
        let outcome = Outcome::from(error);
        match place {
            Some(place) => outcome.under(&place),
            None => outcome,
        }
    })?;
    let json = response(&parts, set, &documents, &lot, prefers(&headers, "return").as_deref())?;
    Ok(crate::parts::answer(StatusCode::OK, json))
}

fn no_patient() -> Outcome {
    Outcome::new(StatusCode::UNPROCESSABLE_ENTITY, "required", "no resource names the patient: subject")
}

/// The patients that the resources of the lot name, each once.
fn patients(parts: &Parts<'_, '_>, fhir: &Fhir) -> Result<Vec<Ins>, Outcome> {
    let realm = &fhir.store.parameters().realm;
    let documents = parts.documents.iter().map(|d| (d.resource, d.resource_place()));
    let mut named: Vec<Ins> = Vec::new();
    for (resource, place) in documents.chain([(parts.list, parts.list_place())]) {
        let Some(reference) = resource.get("subject") else { continue };
        let ins = subject::read(resource, reference, realm).map_err(|o| o.at(&format!("{place}.subject")))?;
        if !named.contains(&ins) {
            named.push(ins);
        }
    }
    if named.len() > 1 {
        let what = "a lot is about one patient";
        return Err(Outcome::new(StatusCode::UNPROCESSABLE_ENTITY, "business-rule", what).at("Bundle"));
    }
    Ok(named)
}

/// What the documents of a request have in common.
pub(crate) struct Lot<'a> {
    pub fhir: &'a Fhir,
    pub caller: &'a Caller,
    pub ins: Ins,
}

impl Lot<'_> {
    /// Reads one document: its bytes, its header, what its sender says.
    pub(crate) async fn read(
        &self,
        resource: &Json<'_>,
        embedded: &deposit::Embedded<'_>,
    ) -> Result<Deposit, Fault> {
        if resource.text("status") != Some("current") {
            let what = "a document is published with status `current`";
            let outcome = Outcome::new(StatusCode::UNPROCESSABLE_ENTITY, "invariant", what);
            return Err(outcome.at("DocumentReference.status").into());
        }
        let parameters = self.fhir.store.parameters();
        let bytes = deposit::bytes_of(embedded, parameters.document_bytes_max)?;
        let intake = Intake { now: self.fhir.store.now(), realm: parameters.realm };
        let declared =
            deposit::attachment(resource).and_then(|a| a.text("contentType")).or(embedded.content_type);
        let (realm, base) = (&intake.realm, &self.fhir.base);
        let size_bytes = bytes.len();
        let check = |hash: &[u8]| deposit::check_bytes(resource, size_bytes, hash).map_err(Fault::Bytes);
        let mut deposit = if deposit::is_cda(declared) {
            match open(&bytes, intake).await? {
                Ok(opened) => {
                    check(opened.hash())?;
                    deposit::read(resource, bytes, opened, realm, base)?
                }
                // Bytes that are not those that were meant are told first: they explain the rest.
                Err(refusal) => {
                    check(deposit::sha1(&bytes).as_ref())?;
                    return Err(refusal.into());
                }
            }
        } else {
            check(deposit::sha1(&bytes).as_ref())?;
            let wrapped = patient_upload::wrap(self, resource, &bytes, declared, intake.now).await?;
            let opened = open(&wrapped, intake).await??;
            deposit::read(resource, wrapped, opened, realm, base)?
        };
        if deposit.replaces.len() > 1 {
            deposit.draft.replaces = Some(self.resolve(&deposit.replaces).await?);
        }
        Ok(deposit)
    }

    /// Of what an identifier may mean, the one that leads to a document; the first when none does, which the record
    /// then refuses as absent.
    async fn resolve(&self, references: &[DocumentRef]) -> Result<DocumentRef, Outcome> {
        for reference in references {
            let query = Query::FindReference(reference.clone());
            let target = Target::Patient(self.ins.clone());
            match self.fhir.store.consult(&self.caller.actor, target, query, self.caller.request).await {
                Ok(answer) if matches!(&answer.view, View::Documents(found) if !found.is_empty()) => {
                    return Ok(reference.clone());
                }
                Ok(_) | Err(StoreError::Refused { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(references[0].clone())
    }

    /// The outcome of a fault, traced in the record when a rule refuses.
    pub(crate) async fn refused(&self, fault: Fault, before: &[Deposit]) -> Outcome {
        let (refusal, outcome) = match fault {
            Fault::Request(outcome) => return outcome,
            Fault::Refused(refusal) => (refusal.clone(), Outcome::from(refusal)),
            Fault::Bytes(outcome) => {
                (Refusal::about(Reason::RepositoryMetadata, &deposit::CONTENT, "hash, size"), outcome)
            }
        };
        let replaces = before.iter().any(|d| d.draft.replaces.is_some());
        let act = if replaces { Act::Replace } else { Act::Feed };
        let target = Target::Patient(self.ins.clone());
        let store = &self.fhir.store;
        match store.refuse(&self.caller.actor, target, act, &refusal, self.caller.request).await {
            Ok(()) => outcome,
            Err(error) => error.into(),
        }
    }

    /// Hands the lot to the record.
    pub(crate) async fn publish(
        &self,
        set: SubmissionSetMetadata,
        deposits: Vec<Deposit>,
        patient_ids: Vec<Ins>,
    ) -> Result<(EntryUuid, Vec<Arc<DocumentEntry>>), StoreError> {
        let (drafts, contents): (Vec<_>, Vec<_>) = deposits.into_iter().map(|d| (d.draft, d.content)).unzip();
        let wanted = drafts.len();
        let lot = Publish { set, documents: drafts, signature: false, patient_ids };
        let command = Command::Publish(Box::new(lot));
        let target = Target::Patient(self.ins.clone());
        let store = &self.fhir.store;
        match store.execute(&self.caller.actor, target, command, contents, self.caller.request).await? {
            Receipt::Published { set, documents } if documents.len() == wanted => Ok((set, documents)),
            _ => {
                Err(StoreError::Failed { place: "receipt", source: "a lot gives its documents back".into() })
            }
        }
    }
}

/// Documents larger than this are read apart, so that others need not wait.
const READ_APART_BYTES: usize = 256 * 1024;

/// Passes the bytes of a document through the gate of deposit.
async fn open(bytes: &Bytes, intake: Intake) -> Result<Result<Opened, Refusal>, Outcome> {
    if bytes.len() <= READ_APART_BYTES {
        return Ok(deposit::open(bytes, &intake));
    }
    let bytes = bytes.clone();
    tokio::task::spawn_blocking(move || deposit::open(&bytes, &intake)).await.map_err(|_| unexpected())
}

/// The transaction-response: one entry per entry, in their order.
fn response(
    parts: &Parts<'_, '_>,
    set: EntryUuid,
    documents: &[Arc<DocumentEntry>],
    lot: &Lot<'_>,
    prefer: Option<&str>,
) -> Result<String, Outcome> {
    let base = &lot.fhir.base;
    let mut w = JsonWriter::with_capacity(512 + 512 * parts.roles.len());
    w.begin_object().field("resourceType", "Bundle").field("type", "transaction-response");
    w.key("link")
        .begin_array()
        .begin_object()
        .field("relation", "self")
        .field("url", base)
        .end_object()
        .end_array();
    w.key("entry").begin_array();
    for role in &parts.roles {
        let (status, kind, id, entry) = match role {
            Role::List => ("201 Created", "List", set.to_string(), documents.first()),
            Role::Document(i) => {
                let entry = documents.get(*i).ok_or_else(unexpected)?;
                ("201 Created", "DocumentReference", entry.lid.to_string(), Some(entry))
            }
            Role::Binary(i) => {
                let entry = documents.get(*i).ok_or_else(unexpected)?;
                ("201 Created", "Binary", entry.lid.to_string(), Some(entry))
            }
            Role::Patch(_) => ("200 OK", "", String::new(), None),
        };
        w.begin_object();
        if let (Some("representation"), Role::Document(_), Some(entry)) = (prefer, role, entry) {
            let told = document_reference::Told { entry, replaces: None, patient: Some(&lot.ins) };
            w.key("fullUrl").pieces(&[base, "/DocumentReference/", &id]).key("resource");
            document_reference::write(&mut w, base, &told);
        }
        w.key("response").begin_object().field("status", status);
        if let Some(entry) = entry {
            let version = if matches!(role, Role::Document(_)) { entry.version } else { 1 };
            w.key("location").pieces(&[kind, "/", &id]);
            w.field("etag", &read::etag(version)).field("lastModified", &entry.registered_at.to_instant());
        }
        if prefer == Some("OperationOutcome") {
            w.key("outcome");
            write_success(&mut w);
        }
        w.end_object().end_object();
    }
    w.end_array().end_object();
    Ok(w.finish())
}

/// An OperationOutcome that says all is well.
pub(crate) fn write_success(w: &mut JsonWriter) {
    w.begin_object().field("resourceType", "OperationOutcome").key("issue").begin_array().begin_object();
    w.field("severity", "information").field("code", "informational");
    w.field("diagnostics", "done").end_object().end_array().end_object();
}
