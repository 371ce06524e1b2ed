//! The message of a lot, put together: one submission set, the documents with their bytes, what they replace, the
//! signature.
//!
//! A `Document` belongs to the ExtrinsicObject of the same `id`; where none has it, to the only one whose `id` differs by
//! case: the official message writes `documentME2` for `DocumentME2`. Every part of the message belongs to a document.
//!
//! Source: ITI TF-2 3.41.4.1.2; ITI TF-3 4.2.2; CI-SIS *Partage de documents de santé*.

use super::{Errors, Stop};
use crate::call::Call;
use crate::ebrim::read::{ExtrinsicObject, Objects, Problem, RegistryObject, Wrong, objects};
use crate::ebrim::scheme::{self, HAS_MEMBER, RIM, RPLC, SIGNS};
use crate::fault::Fault;
use crate::mtom::NoBytes;
use crate::registry_response::RegistryError;
use crate::service::{LCM, XDSB};
use bytes::Bytes;
use dmp_dossier::publication::PUB_11;
use dmp_dossier::{DocumentRef, DocumentUid, EntryUuid, Reason, Refusal};
use dmp_nomenclature::{format_code, type_code};
use dmp_xml::Element;
use std::collections::BTreeSet;

/// Largest signature of a lot.
const SIGNATURE_BYTES_MAX: usize = 1 << 20;

/// A lot, its objects and bytes together.
pub(super) struct Lot<'t> {
    /// The SubmissionSet.
    pub set: RegistryObject<'t>,
    /// Its documents, in the order of their entries.
    pub documents: Vec<Item<'t>>,
    /// Its signature.
    pub signature: Option<Item<'t>>,
}

/// An entry and its bytes.
pub(super) struct Item<'t> {
    /// What the sender says.
    pub entry: ExtrinsicObject<'t>,
    /// The bytes.
    pub bytes: Bytes,
    /// What it replaces.
    pub replaces: Option<DocumentRef>,
    content_type: Option<String>,
}

impl Item<'_> {
    /// Media type of the part the bytes came in, where it is another than the entry's. Those of XML are one, and
    /// `application/octet-stream` says nothing.
    pub(super) fn contrary_part_type(&self) -> Option<&str> {
        let part = self.content_type.as_deref()?;
        let says_nothing = part.is_empty() || part == "application/octet-stream";
        (!says_nothing && Some(part) != self.entry.mime_type && !part.contains("xml")).then_some(part)
    }
}

/// Reads the message.
///
/// # Errors
/// A message that cannot be read further; what is wrong with its objects is put among `errors`.
pub(super) fn read<'t>(call: &Call<'t>, errors: &mut Errors) -> Result<Lot<'t>, Stop> {
    let mut objects = registry_objects(call.body, errors)?;
    let set = one_set(&mut objects, errors)?;
    for folder in &objects.folders {
        errors.problem(&folder.problem("Folder", Wrong::rule("", "folders are not used in the DMP")));
    }
    check_count(call, &objects)?;
    let replaced = associations(&set, &objects, errors);
    let bytes = bytes_of_documents(call, &objects, errors)?;
    let mut lot = Lot { set, documents: Vec::new(), signature: None };
    for ((entry, replaces), bytes) in objects.documents.into_iter().zip(replaced).zip(bytes) {
        let Some((bytes, content_type)) = bytes else { continue };
        let is_signature = is_signature(&entry);
        let item = Item { entry, bytes, replaces, content_type };
        match (is_signature, &lot.signature) {
            (false, _) => lot.documents.push(item),
            (true, None) => lot.signature = Some(item),
            (true, Some(_)) => {
                errors.problem(&item.entry.object.problem("signature", Wrong::TooMany { max: 1 }));
            }
        }
    }
    check_sizes(call, &lot)?;
    check_identifiers(&lot, errors);
    Ok(lot)
}

fn registry_objects<'t>(body: Element<'t>, errors: &mut Errors) -> Result<Objects<'t>, Stop> {
    let mut only = |element: Element<'t>, namespace, name| {
        element.only(namespace, name).map_err(|count| {
            let wrong = if count == 0 { Wrong::Missing } else { Wrong::TooMany { max: 1 } };
            errors.problem(&Problem::new("", name, wrong));
            errors.stop()
        })
    };
    let request = only(body, LCM, "SubmitObjectsRequest")?;
    let list = only(request, RIM, "RegistryObjectList")?;
    objects(list).map_err(|problems| {
        problems.iter().for_each(|problem| errors.problem(problem));
        errors.stop()
    })
}

fn one_set<'t>(objects: &mut Objects<'t>, errors: &mut Errors) -> Result<RegistryObject<'t>, Stop> {
    match objects.submission_sets.len() {
        1 => Ok(objects.submission_sets.remove(0)),
        count => {
            let wrong = if count == 0 { Wrong::Missing } else { Wrong::TooMany { max: 1 } };
            errors.problem(&Problem::new("", "SubmissionSet", wrong));
            Err(errors.stop())
        }
    }
}

/// True for the object that carries the signature of the lot (spec 5.5).
fn is_signature(entry: &ExtrinsicObject<'_>) -> bool {
    let has = |scheme, code: &str| entry.object.classified(scheme).any(|c| c.code == code);
    has(scheme::TYPE, type_code::SIGNATURE.code) || has(scheme::FORMAT, format_code::SIGNATURE.code)
}

fn too_large() -> Stop {
    let refusal = Refusal::new(Reason::TooLarge, &PUB_11);
    Stop::Errors(refusal.reason, vec![RegistryError::refused(&refusal)])
}

fn check_count(call: &Call<'_>, objects: &Objects<'_>) -> Result<(), Stop> {
    let documents = objects.documents.iter().filter(|entry| !is_signature(entry)).count();
    if documents > call.xds.store.parameters().lot_documents_max { Err(too_large()) } else { Ok(()) }
}

fn check_sizes(call: &Call<'_>, lot: &Lot<'_>) -> Result<(), Stop> {
    let parameters = call.xds.store.parameters();
    let sizes = || lot.documents.iter().map(|item| item.bytes.len() as u64);
    let fits = sizes().all(|size| size <= parameters.document_bytes_max)
        && sizes().sum::<u64>() <= parameters.lot_bytes_max
        && lot.signature.as_ref().is_none_or(|item| item.bytes.len() <= SIGNATURE_BYTES_MAX);
    if fits { Ok(()) } else { Err(too_large()) }
}

/// A uniqueId stands once in the message.
fn check_identifiers(lot: &Lot<'_>, errors: &mut Errors) {
    let documents = lot.documents.iter().chain(&lot.signature);
    let ids = documents.map(|item| (&item.entry.object, scheme::UNIQUE_ID));
    let mut known = BTreeSet::new();
    for (object, scheme) in std::iter::once((&lot.set, scheme::SET_UNIQUE_ID)).chain(ids) {
        let Ok(id) = object.identifier(scheme, "uniqueId") else { continue };
        if !known.insert(id) {
            let said = format!("uniqueId={}", crate::ebrim::read::cut(id));
            errors.push(Reason::DuplicateUniqueIdInMessage, said, object.id);
        }
    }
}

/// The bytes of each entry, in the order of the entries, with the media type of their part.
type Found = Vec<Option<(Bytes, Option<String>)>>;

fn bytes_of_documents(call: &Call<'_>, objects: &Objects<'_>, errors: &mut Errors) -> Result<Found, Stop> {
    let mut found: Found = objects.documents.iter().map(|_| None).collect();
    let mut read: Vec<bool> = vec![false; found.len()];
    let mut parts = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for document in call.body.children().filter(|child| child.is(XDSB, "Document")) {
        let id = document.attribute("id").unwrap_or_default().trim();
        if !ids.insert(id) {
            return Err(Fault::sender(format!(
                "duplicate-document-id: two Document elements have the id `{}`",
                crate::ebrim::read::cut(id)
            ))
            .into());
        }
        let place = place_of(objects, id);
        let binary = match call.parts.bytes_of(document) {
            Ok(binary) => Some(binary),
            Err(NoBytes::Absent) => {
                errors.push(Reason::MissingDocument, "the Document includes no part of the message", id);
                None
            }
            Err(NoBytes::Fault(fault)) => return Err(fault.into()),
        };
        let content_type = binary.as_ref().and_then(|binary| {
            parts.insert(binary.part?);
            call.parts.all.get(binary.part?)?.content_type.clone()
        });
        match place {
            Some(place) if !read[place] => {
                read[place] = true;
                found[place] = binary.map(|binary| (binary.bytes, content_type));
            }
            _ => errors.push(
                Reason::MissingDocumentMetadata,
                "no ExtrinsicObject has the id of the Document",
                id,
            ),
        }
    }
    for (entry, _) in objects.documents.iter().zip(&read).filter(|(_, read)| !**read) {
        errors.push(
            Reason::MissingDocument,
            "no Document has the id of the ExtrinsicObject",
            entry.object.id,
        );
    }
    for (i, part) in call.parts.all.iter().enumerate() {
        if !parts.contains(&i) {
            errors.push(
                Reason::MissingDocumentMetadata,
                "a part of the message belongs to no Document",
                &part.content_id,
            );
        }
    }
    Ok(found)
}

fn place_of(objects: &Objects<'_>, id: &str) -> Option<usize> {
    let ids = || objects.documents.iter().map(|entry| entry.object.id);
    ids().position(|known| known == id).or_else(|| {
        let mut alike = ids().enumerate().filter(|(_, known)| known.eq_ignore_ascii_case(id));
        alike.next().filter(|_| alike.next().is_none()).map(|(place, _)| place)
    })
}

/// Checks the associations; gives what each entry replaces, in the order of the entries.
fn associations(
    set: &RegistryObject<'_>,
    objects: &Objects<'_>,
    errors: &mut Errors,
) -> Vec<Option<DocumentRef>> {
    let place = |id: &str| objects.documents.iter().position(|entry| entry.object.id == id);
    let mut members = vec![false; objects.documents.len()];
    let mut replaced: Vec<Option<DocumentRef>> = vec![None; objects.documents.len()];
    for association in &objects.associations {
        let object = &association.object;
        let mut wrong = |attribute: &str, value: &str, rule: &str| {
            errors.problem(&object.problem(attribute, Wrong::rule(value, rule)));
        };
        let status = object.value("SubmissionSetStatus").unwrap_or_default();
        match (association.kind, place(association.source), place(association.target)) {
            (HAS_MEMBER, _, _) if status.is_some_and(|status| status != "Original") => {
                wrong(
                    "SubmissionSetStatus",
                    status.unwrap_or_default(),
                    "a lot brings its documents: `Original`",
                );
            }
            (HAS_MEMBER, _, Some(target)) if association.source == set.id => members[target] = true,
            (HAS_MEMBER, _, _) => {
                wrong("HasMember", association.target, "from the SubmissionSet to a document of the lot");
            }
            (RPLC, Some(source), None) if replaced[source].is_some() => {
                wrong("RPLC", association.source, "a document replaces one other");
            }
            (RPLC, Some(source), None) => match target_of(association.target) {
                Some(target) => replaced[source] = Some(target),
                None => wrong(
                    "RPLC",
                    association.target,
                    "targetObject is the entryUUID of the document replaced",
                ),
            },
            (RPLC, _, _) => {
                wrong("RPLC", association.source, "from a document of the lot to one of the registry")
            }
            (SIGNS, Some(source), _) if is_signature(&objects.documents[source]) => {}
            (SIGNS, _, _) => wrong("signs", association.source, "from the signature of the lot"),
            (kind, _, _) => wrong("associationType", kind, "not taken in the DMP"),
        }
    }
    for (entry, _) in objects.documents.iter().zip(members).filter(|(_, member)| !member) {
        let rule = Wrong::rule("", "no association from the SubmissionSet to the document");
        errors.problem(&entry.object.problem("HasMember", rule));
    }
    replaced
}

/// A document of the registry by entryUUID; some software writes the uniqueId.
fn target_of(target: &str) -> Option<DocumentRef> {
    let entry = EntryUuid::parse(target).map(DocumentRef::Entry);
    entry.or_else(|| DocumentUid::parse(target).map(DocumentRef::UniqueId))
}
