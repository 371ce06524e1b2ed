//! PATCH of a document's metadata (PDSm *Flux 03*, TD3.3a–d): `PATCH /DocumentReference/{lid}` and the conditional
//! `PATCH /DocumentReference?identifier=…`.
//!
//! What [`crate::patch`] reads becomes the record's commands: visibility, then archiving, then deletion, each decided
//! and journalled by itself; when one is refused, those before it stand. Labels are changed from the present ones:
//! the document is looked up first (TD3.1b), and the change starts from the version found, or from `If-Match`.

use crate::document_reference::{self, Told};
use crate::find_document_references::has_references_only;
use crate::json;
use crate::outcome::{Outcome, echo};
use crate::patch::{self, Changes, Status};
use crate::read;
use crate::request::{Caller, Id, body};
use crate::search::{self, Params, names_patient, tokens};
use crate::searchset::unexpected;
use crate::write::JsonWriter;
use crate::{Fhir, pointer, shape};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use dmp_dossier::update::MAJ_4;
use dmp_dossier::{
    Act, Availability, ChangeStatus, ChangeVisibility, Command, DocumentEntry, DocumentRef, Ins, Lid, Query,
    Reason, Receipt, Refusal, SeenDocument, View,
};
use dmp_store::{StoreError, Target};
use http::header::IF_MATCH;
use http::{HeaderMap, StatusCode};
use std::sync::Arc;

/// Media types of a patch.
const PATCH_TYPES: &[&str] = &["application/json-patch+json", "application/fhir+json", "application/json"];
/// How often a change of labels starts again when the document changes meanwhile.
const ATTEMPTS: usize = 3;

/// By id.
pub(crate) async fn by_id(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    Id(id): Id,
    request: Request,
) -> Result<Response, Outcome> {
    let reference = DocumentRef::Lid(Lid(pointer::id(&id)?));
    Update { fhir: &fhir, caller: &caller, references: vec![reference], patient: None }.answer(request).await
}

/// By identifier.
pub(crate) async fn conditional(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    request: Request,
) -> Result<Response, Outcome> {
    let params = Params::read(request.uri().query().unwrap_or_default(), request.headers())?;
    let Some(identifier) = params.single("identifier")? else {
        let what = "a conditional update needs criteria: identifier=system|value";
        return Err(Outcome::new(StatusCode::PRECONDITION_FAILED, "too-costly", what));
    };
    let tokens = tokens(identifier);
    let [token] = tokens.as_slice() else {
        let what = "a conditional update is about one identifier";
        return Err(Outcome::new(StatusCode::PRECONDITION_FAILED, "multiple-matches", what));
    };
    let patient = match params.list.iter().any(|p| names_patient(&p.name)) {
        true => Some(search::patient(&params, &caller.actor, &fhir.store.parameters().realm)?),
        false => None,
    };
    let references = pointer::documents(token);
    Update { fhir: &fhir, caller: &caller, references, patient }.answer(request).await
}

/// One request to update a document.
struct Update<'a> {
    fhir: &'a Fhir,
    caller: &'a Caller,
    /// What the request may point to, in the order to try.
    references: Vec<DocumentRef>,
    /// Whose record it names, if it does.
    patient: Option<Ins>,
}

/// A document as it is after a change, and what else is known of it.
struct Updated {
    entry: Arc<DocumentEntry>,
    replaces: Option<Arc<DocumentEntry>>,
    patient: Option<Ins>,
}

impl Update<'_> {
    async fn answer(&self, request: Request) -> Result<Response, Outcome> {
        let (headers, bytes) = body(request, self.fhir, PATCH_TYPES).await?;
        let from_version = if_match(&headers)?;
        let json = json::read(&bytes, self.fhir.string_bytes_max())?;
        if json.text("resourceType").is_some() {
            shape::check(&json, Some("Parameters"))?;
        }
        let changes = patch::read(&json)?;
        let updated = self.apply(&changes, from_version).await?;
        if search::prefers(&headers, "return").as_deref() == Some("minimal") {
            return Ok(StatusCode::OK.into_response());
        }
        let patient = updated.patient.as_ref().or(self.patient.as_ref());
        let told = Told { entry: &updated.entry, replaces: updated.replaces.as_deref(), patient };
        if has_references_only(&self.caller.actor) {
            let mut w = JsonWriter::with_capacity(1024);
            document_reference::write_reference_only(&mut w, &told);
            return Ok(read::tagged(StatusCode::OK, told.entry, w.finish()));
        }
        Ok(read::answer(self.fhir, StatusCode::OK, &told))
    }

    async fn apply(&self, changes: &Changes, from_version: Option<u32>) -> Result<Updated, Outcome> {
        let mut updated: Option<Updated> = None;
        let to = match (changes.status, changes.archived) {
            (Some(Status::EnteredInError), _) => Some(Availability::Deleted),
            (Some(Status::Superseded), _) => return Err(self.refuse_status().await),
            (_, Some(true)) => Some(Availability::Archived),
            (_, Some(false)) => Some(Availability::Approved),
            _ => None,
        };
        if !changes.labels.is_empty() {
            updated = Some(self.change_visibility(changes, from_version).await?);
        }
        if let Some(to) = to {
            updated = Some(self.change_status(to, from_version, updated).await?);
        }
        if let Some(updated) = updated {
            return Ok(updated);
        }
        // Nothing to change: `current` is what the document must be already.
        let found = self.look_up().await?;
        if from_version.is_some_and(|v| v != found.entry.version) {
            return Err(Reason::VersionConflict.into());
        }
        let is_current = matches!(found.entry.status, Availability::Approved | Availability::Archived);
        if changes.status == Some(Status::Current) && !is_current {
            return Err(self.refuse_status().await);
        }
        Ok(found)
    }

    /// A status that only a replacement gives, or takes away.
    async fn refuse_status(&self) -> Outcome {
        let refusal = Refusal::about(Reason::UpdateOperation, &MAJ_4, "status");
        let Some(reference) = self.references.first() else { return Outcome::not_found() };
        let target = self.target(reference);
        let traced = self
            .fhir
            .store
            .refuse(&self.caller.actor, target, Act::Delete, &refusal, self.caller.request)
            .await;
        match traced {
            Ok(()) => refusal.into(),
            Err(error) => error.into(),
        }
    }

    fn target(&self, reference: &DocumentRef) -> Target {
        match &self.patient {
            Some(ins) => Target::Patient(ins.clone()),
            None => Target::Document(reference.clone()),
        }
    }

    /// The document, by the first reference that leads to one.
    async fn look_up(&self) -> Result<Updated, Outcome> {
        for reference in &self.references {
            let query = Query::FindReference(reference.clone());
            let target = self.target(reference);
            match self.fhir.store.consult(&self.caller.actor, target, query, self.caller.request).await {
                Ok(answer) => match answer.view {
                    View::Documents(found) => {
                        if let Some(SeenDocument { entry, replaces, .. }) = found.into_iter().next() {
                            return Ok(Updated { entry, replaces, patient: answer.patient });
                        }
                    }
                    _ => return Err(unexpected()),
                },
                Err(StoreError::Refused { refusal, .. }) if refusal.reason == Reason::UnknownDocument => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Outcome::not_found())
    }

    async fn change_visibility(
        &self,
        changes: &Changes,
        from_version: Option<u32>,
    ) -> Result<Updated, Outcome> {
        let mut attempt = 1;
        loop {
            let found = self.look_up().await?;
            let command = ChangeVisibility {
                document: DocumentRef::Lid(found.entry.lid),
                to: changes.visibility(found.entry.visibility),
                from_version: Some(from_version.unwrap_or(found.entry.version)),
            };
            let target = self.target(&command.document);
            match self.execute(target, Command::ChangeVisibility(command)).await {
                Ok(entry) => return Ok(Updated { entry, ..found }),
                Err(StoreError::Refused { refusal, .. })
                    if refusal.reason == Reason::VersionConflict
                        && from_version.is_none()
                        && attempt < ATTEMPTS =>
                {
                    attempt += 1;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Without looking the document up: one's own may be deleted by who may not search. After a change of labels it
    /// starts from what that gave.
    async fn change_status(
        &self,
        to: Availability,
        from_version: Option<u32>,
        relabelled: Option<Updated>,
    ) -> Result<Updated, Outcome> {
        let (references, from_version) = match &relabelled {
            Some(updated) => (vec![DocumentRef::Lid(updated.entry.lid)], Some(updated.entry.version)),
            None => (self.references.clone(), from_version),
        };
        for document in references {
            let target = self.target(&document);
            let command = Command::ChangeStatus(ChangeStatus { document, to, from_version });
            match self.execute(target, command).await {
                Ok(entry) => {
                    let (replaces, patient) = relabelled.map_or((None, None), |u| (u.replaces, u.patient));
                    return Ok(Updated { entry, replaces, patient });
                }
                Err(StoreError::Refused { refusal, .. }) if refusal.reason == Reason::UnknownDocument => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Outcome::not_found())
    }

    async fn execute(&self, target: Target, command: Command) -> Result<Arc<DocumentEntry>, StoreError> {
        let receipt = self
            .fhir
            .store
            .execute(&self.caller.actor, target, command, Vec::new(), self.caller.request)
            .await?;
        match receipt {
            Receipt::Updated(entry) => Ok(entry),
            _ => Err(StoreError::Failed {
                place: "receipt",
                source: "an update gives the document back".into(),
            }),
        }
    }
}

/// The version in `If-Match: W/"3"`.
fn if_match(headers: &HeaderMap) -> Result<Option<u32>, Outcome> {
    let Some(value) = headers.get(IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let tag = text.strip_prefix("W/").unwrap_or(text);
    let version = tag.strip_prefix('"').and_then(|t| t.strip_suffix('"')).and_then(|t| t.parse().ok());
    version.map(Some).ok_or_else(|| Outcome::value(format!("If-Match `{}` is no version tag", echo(text))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn if_match_is_a_version() {
        for (value, version) in [
            ("W/\"3\"", Ok(Some(3))),
            ("\"3\"", Ok(Some(3))),
            ("*", Ok(None)),
            ("3", Err(())),
            ("W/\"x\"", Err(())),
            ("W/\"3\", W/\"4\"", Err(())),
        ] {
            let headers = HeaderMap::from_iter([(IF_MATCH, HeaderValue::from_str(value).unwrap())]);
            assert_eq!(if_match(&headers).map_err(|_| ()), version, "{value}");
        }
        assert_eq!(if_match(&HeaderMap::new()).unwrap(), None);
    }
}
