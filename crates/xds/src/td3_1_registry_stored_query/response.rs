//! `query:AdhocQueryResponse`: what a query found, whole or by reference.

use super::Returns;
use crate::ebrim::write;
use crate::registry_response::{self, RegistryError, Status};
use dmp_dossier::{Association, Ins, Reason, SeenDocument, SeenSet};
use dmp_xml::Writer;

/// Most objects answered whole: each is some 10 kB. References are not limited but by the dossier.
const WHOLE_OBJECTS_MAX: usize = 2_000;

/// What a query found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub documents: Vec<SeenDocument>,
    pub sets: Vec<SeenSet>,
    pub associations: Vec<Association>,
}

/// Writes what was found.
///
/// # Errors
/// `XDSTooManyResults`.
pub(super) fn write(found: &Found, returns: Returns, patient: &Ins) -> Result<String, RegistryError> {
    let Found { documents, sets, associations } = found;
    let count = documents.len() + sets.len() + associations.len();
    if returns == Returns::LeafClass && count > WHOLE_OBJECTS_MAX {
        let refusal = format!("{count} objects: ask for less, or for `ObjectRef`");
        return Err(RegistryError::of(Reason::TooManyResults, refusal));
    }
    let mut w = Writer::new();
    open(&mut w, Status::Success, count);
    w.open("rim:RegistryObjectList");
    match returns {
        Returns::LeafClass => {
            documents.iter().for_each(|seen| write::document_entry(&mut w, &seen.entry, patient));
            sets.iter().for_each(|seen| write::submission_set(&mut w, seen, patient));
            associations.iter().for_each(|association| write::association(&mut w, association));
        }
        Returns::ObjectRef => {
            let documents = documents.iter().map(|seen| seen.entry.entry_uuid.0);
            let sets = sets.iter().map(|seen| seen.set.entry_uuid.0);
            let associations = associations.iter().map(|association| association.id);
            documents.chain(sets).chain(associations).for_each(|id| write::object_ref(&mut w, id));
        }
    }
    Ok(w.finish())
}

/// Writes why there is no answer.
pub(super) fn failure(error: &RegistryError) -> String {
    let mut w = Writer::new();
    open(&mut w, Status::Failure, 0);
    registry_response::write_errors(&mut w, std::slice::from_ref(error));
    w.open("rim:RegistryObjectList");
    w.finish()
}

fn open(w: &mut Writer, status: Status, count: usize) {
    write::root(w, "query:AdhocQueryResponse").attribute("startIndex", "0");
    w.attribute("status", status.as_urn()).attribute("totalResultCount", &count.to_string());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::td3::world::ins;
    use dmp_dossier::{AssociationKind, EntryUuid};
    use uuid::Uuid;

    #[test]
    fn whole_objects_are_bounded() {
        let association = Association {
            id: Uuid::from_u128(1),
            kind: AssociationKind::Replaces,
            source: EntryUuid(Uuid::from_u128(2)),
            target: EntryUuid(Uuid::from_u128(3)),
            previous_version: None,
        };
        let mut found = Found { associations: vec![association; WHOLE_OBJECTS_MAX], ..Found::default() };
        let patient = ins("284073523811416");
        assert!(write(&found, Returns::LeafClass, &patient).unwrap().contains("totalResultCount=\"2000\""));
        found.associations.push(association);
        assert_eq!(write(&found, Returns::LeafClass, &patient).unwrap_err().code, "XDSTooManyResults");
        let references = write(&found, Returns::ObjectRef, &patient).unwrap();
        assert_eq!(references.matches("<rim:ObjectRef ").count(), 2_001);
    }
}
