//! How requests point to documents: the id of a resource, an identifier, a reference.

use crate::coding::oid_of_system;
use crate::json::Json;
use crate::outcome::{Outcome, echo};
use crate::search::Token;
use crate::shape;
use dmp_dossier::{DocumentRef, DocumentUid, EntryUuid, Lid};
use uuid::Uuid;

/// The UUID that is the id of a document or of a lot, as a path gives it.
///
/// # Errors
/// 400 `value` for what is no id at all; 404 for an id that we never gave.
pub(crate) fn id(text: &str) -> Result<Uuid, Outcome> {
    if !shape::is_id(text) {
        return Err(Outcome::value(format!("`{}` is no id", echo(text))));
    }
    uuid(text).ok_or_else(Outcome::not_found)
}

/// A UUID in its usual form, in any letter case.
fn uuid(text: &str) -> Option<Uuid> {
    (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten()
}

/// What an identifier may point to. A UUID may be a lid, an entryUUID or a uniqueId: all three are meant.
pub(crate) fn documents(token: &Token) -> Vec<DocumentRef> {
    let code = token.code.trim();
    let unique = |text: &str| DocumentUid::parse(text).map(DocumentRef::UniqueId);
    if let Some(uuid) = uuid(code.strip_prefix("urn:uuid:").unwrap_or(code)) {
        let metadata = [DocumentRef::Lid(Lid(uuid)), DocumentRef::Entry(EntryUuid(uuid))];
        return metadata.into_iter().chain(unique(code)).collect();
    }
    // A root and an extension: `urn:oid:1.2.3|A7` is the uniqueId `1.2.3^A7`.
    let root = token.system.as_deref().and_then(|s| s.strip_prefix("urn:oid:"));
    let joined = root.and_then(|root| unique(&format!("{root}^{code}")));
    unique(code).or(joined).into_iter().collect()
}

/// What a `Reference` points to: a literal one to a DocumentReference of this server, or a logical one.
pub(crate) fn referred(reference: &Json<'_>, base: &str) -> Vec<DocumentRef> {
    if let Some(literal) = reference.text("reference") {
        return literal_id(literal, base).map(|uuid| DocumentRef::Lid(Lid(uuid))).into_iter().collect();
    }
    reference.get("identifier").map(of_identifier).unwrap_or_default()
}

/// What an `Identifier` points to.
pub(crate) fn of_identifier(identifier: &Json<'_>) -> Vec<DocumentRef> {
    let token = Token {
        system: identifier.text("system").map(str::to_owned),
        code: identifier.text("value").unwrap_or_default().to_owned(),
    };
    documents(&token)
}

/// The id in `DocumentReference/{id}`, relative or under our base, with or without a version.
pub(crate) fn literal_id(reference: &str, base: &str) -> Option<Uuid> {
    let relative = match reference.strip_prefix(base) {
        Some(rest) => rest.strip_prefix('/')?,
        None => reference,
    };
    let id = relative.strip_prefix("DocumentReference/")?;
    uuid(id.split_once("/_history/").map_or(id, |(id, _)| id))
}

/// The uniqueId that an `Identifier` gives, `None` when it gives none.
pub(crate) fn unique_id(identifier: &Json<'_>) -> Option<DocumentUid> {
    let value = identifier.text("value")?.trim();
    DocumentUid::parse(value).or_else(|| {
        let root = oid_of_system(identifier.text("system")?);
        DocumentUid::parse(&format!("{root}^{value}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::tokens;

    const UUID: &str = "c2ad5d22-4ed9-44d6-ad9b-4292ba64131f";

    #[test]
    fn an_identifier_points_to_all_it_may_mean() {
        let unique = |text: &str| DocumentRef::UniqueId(DocumentUid::parse(text).unwrap());
        let uuid = Uuid::try_parse(UUID).unwrap();
        let three = vec![DocumentRef::Lid(Lid(uuid)), DocumentRef::Entry(EntryUuid(uuid)), unique(UUID)];
        for (value, points) in [
            ("urn:ietf:rfc:3986|urn:oid:1.2.3".to_owned(), vec![unique("1.2.3")]),
            ("urn:oid:1.2.3".to_owned(), vec![unique("1.2.3")]),
            ("1.2.3".to_owned(), vec![unique("1.2.3")]),
            ("1.2.3^A7".to_owned(), vec![unique("1.2.3^A7")]),
            ("urn:oid:1.2.3|A7".to_owned(), vec![unique("1.2.3^A7")]),
            (format!("urn:ietf:rfc:3986|urn:uuid:{UUID}"), three.clone()),
            (UUID.to_owned(), three),
            ("http://my-lab-system|123".to_owned(), vec![]),
            ("ZZZ|' OR 1=1--".to_owned(), vec![]),
        ] {
            assert_eq!(documents(&tokens(&value)[0]), points, "{value}");
        }
    }

    #[test]
    fn a_literal_reference_is_one_of_ours() {
        let base = "http://x/fhir";
        for (reference, ours) in [
            (format!("DocumentReference/{UUID}"), true),
            (format!("DocumentReference/{UUID}/_history/2"), true),
            (format!("http://x/fhir/DocumentReference/{UUID}"), true),
            (format!("http://y/fhir/DocumentReference/{UUID}"), false),
            (format!("http://x/fhirDocumentReference/{UUID}"), false),
            ("DocumentReference/doc-old".to_owned(), false),
            (format!("urn:uuid:{UUID}"), false),
            (String::new(), false),
        ] {
            assert_eq!(literal_id(&reference, base).is_some(), ours, "{reference}");
        }
    }

    #[test]
    fn what_is_no_id_is_told_from_an_unknown_one() {
        for (text, status) in [("../x", Some(400)), ("", Some(400)), ("abc", Some(404)), (UUID, None)] {
            assert_eq!(id(text).err().map(|o| o.status().as_u16()), status, "{text}");
        }
        assert_eq!(id(&"x".repeat(65)).unwrap_err().status(), 400);
    }
}
