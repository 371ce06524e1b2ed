//! The parts of an ITI-65 transaction and what holds them together.

use crate::deposit::{Deposit, Embedded, attachment};
use crate::json::Json;
use crate::list::LIST_TYPES;
use crate::outcome::{Outcome, echo};
use crate::patch::{self, Changes, Status};
use crate::search::{Params, tokens};
use crate::{pointer, shape};
use dmp_dossier::{DocumentRef, Lid};
use dmp_store::StoreError;
use http::{HeaderMap, StatusCode};
use std::collections::HashMap;

/// Most entries of a transaction: ten documents have some thirty.
const ENTRIES_MAX: usize = 100;

/// Kind of List that a folder is.
const FOLDER: &str = "folder";

/// What an entry is in the lot; the number is that of its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    List,
    Document(usize),
    Binary(usize),
    /// What the patched document may be pointed to by.
    Patch(Vec<DocumentRef>),
}

/// A document of the lot, as sent.
pub(super) struct Document<'j, 'a> {
    entry: usize,
    pub(super) resource: &'j Json<'a>,
    pub(super) embedded: Embedded<'j>,
}

impl Document<'_, '_> {
    /// FHIRPath of the resource.
    pub(super) fn resource_place(&self) -> String {
        resource_place(self.entry)
    }
}

/// The transaction, taken apart.
pub(super) struct Parts<'j, 'a> {
    list_entry: usize,
    pub(super) list: &'j Json<'a>,
    pub(super) documents: Vec<Document<'j, 'a>>,
    /// One per entry, in order.
    pub(super) roles: Vec<Role>,
}

fn resource_place(entry: usize) -> String {
    format!("Bundle.entry[{entry}].resource")
}

/// Refuses what is too large before it is looked at.
///
/// # Errors
/// 413 `too-costly`.
pub(super) fn check_size(bundle: &Json<'_>) -> Result<(), Outcome> {
    if bundle.items("entry").len() > ENTRIES_MAX {
        let what = format!("more than {ENTRIES_MAX} entries in a transaction");
        return Err(Outcome::new(StatusCode::PAYLOAD_TOO_LARGE, "too-costly", what));
    }
    Ok(())
}

fn invariant(what: impl Into<String>) -> Outcome {
    Outcome::new(StatusCode::BAD_REQUEST, "invariant", what)
}

fn unprocessable(code: &'static str, what: impl Into<String>) -> Outcome {
    Outcome::new(StatusCode::UNPROCESSABLE_ENTITY, code, what)
}

impl<'j, 'a> Parts<'j, 'a> {
    /// Takes a transaction apart.
    ///
    /// # Errors
    /// 400 `invalid` for another Bundle than a transaction, 400 `invariant` for references that do not hold, 422 for
    /// an entry that this face does not take, or an attachment that points elsewhere.
    pub(super) fn read(bundle: &'j Json<'a>, base: &str) -> Result<Self, Outcome> {
        let kind = bundle.text("type").unwrap_or_default();
        if kind != "transaction" {
            let what = format!("a transaction is expected, not a Bundle `{}`", echo(kind));
            return Err(Outcome::invalid(what).at("Bundle.type"));
        }
        let entries = bundle.items("entry");
        let urls = full_urls(entries)?;
        let mut list = None;
        let mut documents = Vec::new();
        let mut roles: Vec<Option<Role>> = vec![None; entries.len()];
        for (i, entry) in entries.iter().enumerate() {
            let place = format!("Bundle.entry[{i}]");
            let part = part_of(entry, base).map_err(|o| o.at(&place))?;
            roles[i] = match part {
                Part::List(resource) => {
                    if list.replace((i, resource)).is_some() {
                        return Err(unprocessable("invariant", "a lot has one submission set").at(&place));
                    }
                    Some(Role::List)
                }
                Part::Document(resource) => {
                    documents.push((i, resource));
                    Some(Role::Document(documents.len() - 1))
                }
                Part::Patch(references) => Some(Role::Patch(references)),
                Part::Binary => None,
            };
        }
        let (list_entry, list) = list
            .ok_or_else(|| unprocessable("required", "the submission set is missing: a List").at("Bundle"))?;
        if documents.is_empty() {
            return Err(unprocessable("required", "a lot has at least one DocumentReference").at("Bundle"));
        }
        check_items(list, &urls).map_err(|o| o.under(&resource_place(list_entry)))?;
        let mut taken = Vec::with_capacity(documents.len());
        for (n, (i, resource)) in documents.into_iter().enumerate() {
            let (embedded, binary) =
                embedded(resource, entries, &urls).map_err(|o| o.under(&resource_place(i)))?;
            if let Some(binary) = binary
                && roles[binary].replace(Role::Binary(n)).is_some()
            {
                let place = format!("Bundle.entry[{binary}]");
                return Err(invariant("a Binary belongs to one document").at(&place));
            }
            taken.push(Document { entry: i, resource, embedded });
        }
        let roles = roles.into_iter().enumerate().map(|(i, role)| {
            role.ok_or_else(|| {
                invariant("no document refers to this Binary").at(&format!("Bundle.entry[{i}]"))
            })
        });
        Ok(Parts { list_entry, list, documents: taken, roles: roles.collect::<Result<_, _>>()? })
    }

    /// FHIRPath of the List.
    pub(super) fn list_place(&self) -> String {
        resource_place(self.list_entry)
    }

    /// Each patched document is one that the lot replaces.
    ///
    /// # Errors
    /// 422 `invariant`.
    pub(super) fn check_patches(&self, deposits: &[Deposit]) -> Result<(), Outcome> {
        for (i, role) in self.roles.iter().enumerate() {
            if let Role::Patch(references) = role {
                let replaced = |d: &Deposit| {
                    // The patch may name by id what is replaced by identifier: then one replacement is enough.
                    d.replaces.iter().any(|r| references.contains(r) || !is_comparable(r, references))
                };
                if !deposits.iter().any(replaced) {
                    let what =
                        "a document is superseded by its replacement: no document of the lot replaces it";
                    return Err(unprocessable("invariant", what).at(&format!("Bundle.entry[{i}]")));
                }
            }
        }
        Ok(())
    }

    /// The entry that a refusal of the record is about, when that can be told.
    pub(super) fn place_of(&self, error: &StoreError, named: &[String]) -> Option<String> {
        let StoreError::Refused { refusal, .. } = error else { return None };
        if let [only] = self.documents.as_slice() {
            return Some(only.resource_place());
        }
        let context = refusal.context.as_deref()?;
        let position = match context.strip_prefix("document ") {
            Some(rest) => rest.split(' ').next()?.parse::<usize>().ok()?.checked_sub(1)?,
            None => named.iter().position(|uid| uid == context)?,
        };
        self.documents.get(position).map(Document::resource_place)
    }
}

/// True when two references are of the same kind, so that they differ when they are not equal.
fn is_comparable(one: &DocumentRef, others: &[DocumentRef]) -> bool {
    others.iter().any(|other| std::mem::discriminant(one) == std::mem::discriminant(other))
}

/// Entries by their `fullUrl`.
fn full_urls<'j>(entries: &'j [Json<'_>]) -> Result<HashMap<&'j str, usize>, Outcome> {
    let mut urls = HashMap::with_capacity(entries.len());
    for (i, entry) in entries.iter().enumerate() {
        if let Some(url) = entry.text("fullUrl")
            && urls.insert(url, i).is_some()
        {
            let what = format!("fullUrl `{}` is given twice", echo(url));
            return Err(invariant(what).at(&format!("Bundle.entry[{i}].fullUrl")));
        }
    }
    Ok(urls)
}

enum Part<'j, 'a> {
    List(&'j Json<'a>),
    Document(&'j Json<'a>),
    Binary,
    Patch(Vec<DocumentRef>),
}

fn part_of<'j, 'a>(entry: &'j Json<'a>, base: &str) -> Result<Part<'j, 'a>, Outcome> {
    let (Some(resource), Some(request)) = (entry.get("resource"), entry.get("request")) else {
        return Err(Outcome::structure("an entry of a transaction has `resource` and `request`"));
    };
    let kind = resource.text("resourceType").unwrap_or_default();
    let (method, url) = (request.text("method").unwrap_or_default(), request.text("url").unwrap_or_default());
    if method == "PATCH" {
        return superseding(resource, url, base).map(Part::Patch);
    }
    if method != "POST" || url.trim_matches('/') != kind {
        let what = format!("`{} {}` of a {} is not part of a deposit", echo(method), echo(url), echo(kind));
        return Err(unprocessable("not-supported", what));
    }
    if request.get("ifNoneExist").is_some() {
        let what = "ifNoneExist is not supported: a lot sent twice is the same lot";
        return Err(unprocessable("not-supported", what));
    }
    match kind {
        "DocumentReference" => Ok(Part::Document(resource)),
        "Binary" => Ok(Part::Binary),
        "List" if is_folder(resource) => {
            Err(unprocessable("not-supported", "the DMP has no folders: leave the List of the folder out"))
        }
        "List" => Ok(Part::List(resource)),
        _ => Err(unprocessable("not-supported", format!("a {} is not part of a deposit", echo(kind)))),
    }
}

fn is_folder(list: &Json<'_>) -> bool {
    let codings = list.get("code").map(|c| c.items("coding")).unwrap_or_default();
    // Older guides write the code system of MHD with http.
    let of_mhd =
        |c: &&Json<'_>| c.text("system").is_some_and(|s| s.ends_with(LIST_TYPES.trim_start_matches("https")));
    codings.iter().filter(of_mhd).any(|c| c.text("code") == Some(FOLDER))
}

/// The document that an UpdateDocumentRefs entry marks `superseded`.
fn superseding(resource: &Json<'_>, url: &str, base: &str) -> Result<Vec<DocumentRef>, Outcome> {
    shape::check(resource, Some("Parameters"))?;
    let expected = Changes { status: Some(Status::Superseded), ..Changes::default() };
    if patch::read(resource)? != expected {
        return Err(unprocessable(
            "not-supported",
            "in a deposit, a patch sets status to `superseded` and no more",
        ));
    }
    let references = match url.split_once('?') {
        Some(("DocumentReference", query)) => {
            let params = Params::read(query, &HeaderMap::new())?;
            tokens(params.single("identifier")?.unwrap_or_default())
                .iter()
                .flat_map(pointer::documents)
                .collect()
        }
        _ => {
            pointer::literal_id(url, base).map(|id| DocumentRef::Lid(Lid(id))).into_iter().collect::<Vec<_>>()
        }
    };
    if references.is_empty() {
        return Err(Outcome::not_found());
    }
    Ok(references)
}

/// Every item of the List that is of this transaction is in it.
fn check_items(list: &Json<'_>, urls: &HashMap<&str, usize>) -> Result<(), Outcome> {
    for (i, entry) in list.items("entry").iter().enumerate() {
        let reference = entry.get("item").and_then(|item| item.text("reference")).unwrap_or_default();
        let is_known = urls.contains_key(reference) || urls.keys().any(|url| is_end_of(reference, url));
        if !is_known {
            let what = format!("`{}` is no entry of this transaction", echo(reference));
            return Err(invariant(what).at(&format!("List.entry[{i}].item")));
        }
    }
    Ok(())
}

/// True when a relative reference is the end of a fullUrl: `Binary/1` and `http://x/fhir/Binary/1`.
fn is_end_of(reference: &str, url: &str) -> bool {
    !reference.is_empty() && url.strip_suffix(reference).is_some_and(|start| start.ends_with('/'))
}

/// The bytes of a document, and the entry of its Binary when it has one.
fn embedded<'j, 'a>(
    resource: &'j Json<'a>,
    entries: &'j [Json<'a>],
    urls: &HashMap<&str, usize>,
) -> Result<(Embedded<'j>, Option<usize>), Outcome> {
    let place = "DocumentReference.content[0].attachment";
    if resource.items("content").len() != 1 {
        return Err(unprocessable("invariant", "a document has one content").at("DocumentReference.content"));
    }
    let attachment =
        attachment(resource).ok_or_else(|| Outcome::structure("attachment is missing").at(place))?;
    let content_type = attachment.text("contentType");
    match (attachment.text("url"), attachment.text("data")) {
        (None, Some(data)) => Ok((Embedded { data, content_type }, None)),
        (Some(url), None) => {
            let found = urls
                .get(url)
                .copied()
                .or_else(|| urls.iter().find(|(full, _)| is_end_of(url, full)).map(|(_, i)| *i));
            let Some(i) = found else { return Err(elsewhere(url).at(&format!("{place}.url"))) };
            let binary = entries[i].get("resource").filter(|r| r.text("resourceType") == Some("Binary"));
            let Some(binary) = binary else {
                return Err(invariant(format!("`{}` is no Binary", echo(url))).at(&format!("{place}.url")));
            };
            let data =
                binary.text("data").ok_or_else(|| Outcome::structure("the Binary has no data").at(place))?;
            Ok((Embedded { data, content_type: content_type.or(binary.text("contentType")) }, Some(i)))
        }
        (Some(_), Some(_)) => {
            Err(unprocessable("invariant", "an attachment has url or data, not both").at(place))
        }
        (None, None) => Err(unprocessable("required", "an attachment has url or data").at(place)),
    }
}

/// An address that is not of this transaction: never fetched.
fn elsewhere(url: &str) -> Outcome {
    if url.starts_with("urn:uuid:") || url.starts_with("urn:oid:") {
        return invariant(format!("`{}` is no entry of this transaction", echo(url)));
    }
    unprocessable("value", "the url of an attachment names a Binary of this transaction; nothing is fetched")
}

#[cfg(test)]
mod tests;
