//! ITI-66 Find Document Lists: `GET /List?…`, `POST /List/_search`, and `GET /List/{entryUUID}`.
//!
//! The DMP has submission sets and no folders: a search for folders finds none. A lot without a document its reader
//! may see is absent.

use crate::list;
use crate::outcome::Outcome;
use crate::request::{Caller, Id};
use crate::search::{self, Param, Params, Token, date_tests, is_paging, names_patient, tokens};
use crate::searchset::{SearchParams, searchset_at, unexpected};
use crate::write::JsonWriter;
use crate::{Fhir, parts, pointer};
use axum::extract::State;
use axum::response::Response;
use dmp_dossier::{
    AuthorTest, Availability, DocumentRef, DocumentUid, EntryUuid, Query, SeenSet, SetFilter, SetRef, View,
};
use dmp_store::Target;
use http::StatusCode;
use std::sync::Arc;
use uuid::Uuid;

const KNOWN: &[&str] = &[
    "_id",
    "authorOrg",
    "authorOrg.identifier",
    "code",
    "date",
    "designationType",
    "identifier",
    "isArchived",
    "source",
    "source.family",
    "source.given",
    "source.identifier",
    "source.name",
    "source.practitioner.family",
    "source.practitioner.given",
    "source.practitioner.identifier",
    "source.practitioner.name",
    "sourceId",
    "status",
    "title",
];

/// The search, by GET or by POST.
pub(crate) async fn search(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    SearchParams(mut params): SearchParams,
) -> Result<Response, Outcome> {
    params.keep(|p| KNOWN.contains(&p.name.as_str()) || names_patient(&p.name) || is_paging(p))?;
    let paging = fhir.pager.read(&params)?;
    let ins = search::patient(&params, &caller.actor, &fhir.store.parameters().realm)?;
    let query = Query::FindSubmissionSets(Box::new(filter(&params)?));
    let answer =
        fhir.store.consult(&caller.actor, Target::Patient(ins.clone()), query, caller.request).await?;
    let View::Sets(mut found) = answer.view else { return Err(unexpected()) };
    found.reverse();
    let address = format!("{}/List", fhir.base);
    let page = fhir.pager.page(&address, &params, &paging, &found);
    let url = |seen: &SeenSet| Some(format!("{address}/{}", seen.set.entry_uuid));
    Ok(searchset_at(&page, url, |w, seen| list::write(w, seen, Some(&ins))))
}

/// The read of a lot. Nothing leads from a lot to its record: who is not the patient names the patient, as in a search.
pub(crate) async fn read(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    Id(id): Id,
    SearchParams(params): SearchParams,
) -> Result<Response, Outcome> {
    let uuid = EntryUuid(pointer::id(&id)?);
    let ins = search::patient(&params, &caller.actor, &fhir.store.parameters().realm)?;
    let query = Query::GetSubmissionSet(SetRef::Entry(uuid));
    let answer =
        fhir.store.consult(&caller.actor, Target::Patient(ins.clone()), query, caller.request).await?;
    let View::Sets(found) = answer.view else { return Err(unexpected()) };
    let seen = found.first().ok_or_else(Outcome::not_found)?;
    let mut w = JsonWriter::with_capacity(2048);
    list::write(&mut w, seen, Some(&ins));
    Ok(parts::answer(StatusCode::OK, w.finish()))
}

fn filter(params: &Params) -> Result<SetFilter, Outcome> {
    let mut filter = SetFilter::default();
    // What no lot can be: another kind of List, another status.
    let mut possible = true;
    for param in params.list.iter().filter(|p| !names_patient(&p.name) && !is_paging(p)) {
        let any = tokens(&param.value);
        match param.name.as_str() {
            "code" => possible &= any.iter().any(|t| t.code.trim() == "submissionset"),
            "status" => possible &= any.iter().any(|t| t.code.trim() == "current"),
            "isArchived" => filter.statuses.push(match param.value.trim() {
                "true" => Availability::Archived,
                "false" => Availability::Approved,
                _ => return Err(Outcome::value("`isArchived` is true or false")),
            }),
            "date" => filter.submission.push(date_tests(param)?),
            "designationType" => filter.content_types.extend(any.iter().map(Token::to_test)),
            "sourceId" => filter.source_ids.extend(any.iter().map(source_id)),
            "title" => filter.title = Some(any.first().map(|t| t.code.clone()).unwrap_or_default()),
            "identifier" => {
                let (uids, uuids) = identifiers(&any);
                possible &= !(uids.is_empty() && uuids.is_empty());
                filter.unique_ids.extend(uids);
                filter.entry_uuids.extend(uuids);
            }
            "_id" => {
                let ids: Vec<_> =
                    any.iter().filter_map(|t| pointer::id(&t.code).ok()).map(EntryUuid).collect();
                possible &= !ids.is_empty();
                filter.entry_uuids.extend(ids);
            }
            name => filter.authors.push(authors(name, param)),
        }
    }
    if !possible {
        filter.unique_ids.clear();
        filter.entry_uuids = vec![EntryUuid(Uuid::nil())];
    }
    Ok(filter)
}

/// `urn:ietf:rfc:3986|urn:oid:1.2.3` or `urn:oid:1.2.3|A`, in the form lots keep it.
fn source_id(token: &Token) -> String {
    let code = token.code.trim();
    match token.system.as_deref().and_then(|s| s.strip_prefix("urn:oid:")) {
        Some(root) => format!("{root}^{code}"),
        None => code.strip_prefix("urn:oid:").unwrap_or(code).to_owned(),
    }
}

fn identifiers(any: &[Token]) -> (Vec<DocumentUid>, Vec<EntryUuid>) {
    let (mut uids, mut uuids) = (Vec::new(), Vec::new());
    for reference in any.iter().flat_map(pointer::documents) {
        match reference {
            DocumentRef::UniqueId(uid) => uids.push(uid),
            DocumentRef::Entry(uuid) => uuids.push(uuid),
            DocumentRef::Lid(_) => {}
        }
    }
    (uids, uuids)
}

fn authors(name: &str, param: &Param) -> Vec<AuthorTest> {
    let part = name.rsplit('.').next().unwrap_or(name);
    tokens(&param.value)
        .into_iter()
        .map(|t| match part {
            "family" => AuthorTest::Family(t.code),
            "given" => AuthorTest::Given(t.code),
            "name" => AuthorTest::Name(t.code),
            _ => AuthorTest::Id(t.code),
        })
        .collect()
}
