//! What the searches of this face's smaller resources share: reading their parameters, writing their Bundle.

use crate::Fhir;
use crate::outcome::Outcome;
use crate::parts::answer;
use crate::request::{FORM_TYPES, body};
use crate::search::{Page, Params};
use crate::write::JsonWriter;
use axum::extract::{FromRequest, Request};
use axum::response::Response;
use http::{Method, StatusCode};
use std::sync::Arc;

/// Parameters of a search, by GET or by POST in a form.
pub(crate) struct SearchParams(pub(crate) Params);

impl FromRequest<Arc<Fhir>> for SearchParams {
    type Rejection = Outcome;

    async fn from_request(request: Request, fhir: &Arc<Fhir>) -> Result<Self, Outcome> {
        let query = request.uri().query().unwrap_or_default().to_owned();
        let mut params = Params::read(&query, request.headers())?;
        if request.method() == Method::POST {
            let (_, form) = body(request, fhir, FORM_TYPES).await?;
            let form = std::str::from_utf8(&form).map_err(|_| Outcome::value("the form is not UTF-8"))?;
            params.add(form)?;
        }
        Ok(SearchParams(params))
    }
}

/// A page of hits as a Bundle.
pub(crate) fn searchset<T>(page: &Page<'_, T>, write: impl Fn(&mut JsonWriter, &T)) -> Response {
    searchset_at(page, |_| None, write)
}

/// The same, of hits that have an address.
pub(crate) fn searchset_at<T>(
    page: &Page<'_, T>,
    address: impl Fn(&T) -> Option<String>,
    write: impl Fn(&mut JsonWriter, &T),
) -> Response {
    let mut w = JsonWriter::with_capacity(512 + 4096 * page.hits.len());
    w.begin_object().field("resourceType", "Bundle").field("type", "searchset");
    if let Some(total) = page.total.and_then(|t| u64::try_from(t).ok()) {
        w.key("total").number(total);
    }
    w.key("link").begin_array();
    for (relation, url) in [("self", Some(&page.own)), ("next", page.next.as_ref())] {
        if let Some(url) = url {
            w.begin_object().field("relation", relation).field("url", url).end_object();
        }
    }
    w.end_array();
    if !page.hits.is_empty() {
        w.key("entry").begin_array();
        for hit in page.hits {
            w.begin_object();
            if let Some(url) = address(hit) {
                w.field("fullUrl", &url);
            }
            w.key("resource");
            write(&mut w, hit);
            w.key("search").begin_object().field("mode", "match").end_object().end_object();
        }
        w.end_array();
    }
    w.end_object();
    answer(StatusCode::OK, w.finish())
}

/// The store gave another view than the one asked for: a fault of ours.
pub(crate) fn unexpected() -> Outcome {
    tracing::error!("the store gave another view than the one asked for");
    Outcome::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "exception",
        "Une erreur est survenue : la demande n'a pas été traitée.",
    )
}
