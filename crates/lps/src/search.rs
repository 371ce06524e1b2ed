//! TD3.1 (ITI-18): the documents of a patient, by stored query.
//!
//! Sources: ITI TF-2 3.18; published messages TD3.1; SEL-MP-037, TD3.1a, TD3.1b.

use crate::answer::Answer;
use crate::ebrim::{Entry, scheme};
use crate::error::LpsError;
use crate::registry;
use crate::service::{LCM, Operation, QUERY, RIM, RS};
use crate::session::{Message, Session};
use dmp_dossier::{Availability, Dtm};
use dmp_nomenclature::TypeCode;
use dmp_xml::{Element, Writer};

/// Stored queries (ITI TF-2 3.18.4.1.2.4).
pub mod query {
    /// FindDocuments.
    pub const FIND_DOCUMENTS: &str = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d";
    /// FindSubmissionSets.
    pub const FIND_SUBMISSION_SETS: &str = "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9";
    /// GetDocuments.
    pub const GET_DOCUMENTS: &str = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4";
    /// GetAssociations.
    pub const GET_ASSOCIATIONS: &str = "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155";
    /// GetDocumentsAndAssociations.
    pub const GET_DOCUMENTS_AND_ASSOCIATIONS: &str = "urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a";
    /// GetSubmissionSets.
    pub const GET_SUBMISSION_SETS: &str = "urn:uuid:51224314-5390-4169-9b91-b1980040715a";
    /// GetSubmissionSetAndContents.
    pub const GET_SUBMISSION_SET_AND_CONTENTS: &str = "urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83";
    /// GetRelatedDocuments.
    pub const GET_RELATED_DOCUMENTS: &str = "urn:uuid:d90e5407-b356-4d91-a89f-873917b4b0e6";
    /// GetAll.
    pub const GET_ALL: &str = "urn:uuid:10b545ea-725c-446d-9b95-8aeb444eddf3";
}

/// Which documents are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Statuses; Approved when none is given.
    pub statuses: Vec<Availability>,
    /// typeCodes.
    pub types: Vec<String>,
    /// serviceStartTime from.
    pub from: Option<Dtm>,
    /// serviceStartTime to.
    pub to: Option<Dtm>,
}

/// What is answered: whole objects, or their identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// `LeafClass`.
    Objects,
    /// `ObjectRef`.
    Identifiers,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Documents.
    pub entries: Vec<Entry>,
    /// Identifiers, when only they were asked.
    pub identifiers: Vec<String>,
    /// Lots: entryUUID.
    pub packages: Vec<String>,
    /// Relations: kind, source, target.
    pub associations: Vec<(String, String, String)>,
}

/// FindDocuments of the session's patient.
///
/// # Errors
/// No patient in the session.
pub fn message(session: &Session<'_>, filter: &Filter) -> Result<Message, LpsError> {
    let patient = format!("'{}'", session.patient()?.to_cx());
    let approved = [Availability::Approved];
    let statuses = if filter.statuses.is_empty() { &approved[..] } else { &filter.statuses };
    let mut slots = vec![
        ("$XDSDocumentEntryPatientId", patient),
        ("$XDSDocumentEntryStatus", listed(statuses.iter().map(|status| status.as_urn()))),
    ];
    if !filter.types.is_empty() {
        // A type that the nomenclature does not know is sent as one of LOINC: the server says what it thinks of it.
        let coded = |code: &String| {
            let system =
                TypeCode::find(code).map_or(dmp_nomenclature::oid::LOINC.oid, |known| known.system.oid);
            format!("{code}^^{system}")
        };
        let coded: Vec<_> = filter.types.iter().map(coded).collect();
        slots.push(("$XDSDocumentEntryTypeCode", listed(coded.iter().map(String::as_str))));
    }
    let from = filter.from.map(|from| ("$XDSDocumentEntryServiceStartTimeFrom", from.to_hl7()));
    let to = filter.to.map(|to| ("$XDSDocumentEntryServiceStartTimeTo", to.to_hl7()));
    slots.extend(from.into_iter().chain(to));
    Ok(stored_query(query::FIND_DOCUMENTS, &slots, Return::Objects))
}

/// GetDocuments by uniqueId: the current version of their metadata, or only its entryUUID (TD3.1b).
pub fn by_unique_id(unique_ids: &[&str], what: Return) -> Message {
    let slots = [("$XDSDocumentEntryUniqueId", listed(unique_ids.iter().copied()))];
    stored_query(query::GET_DOCUMENTS, &slots, what)
}

/// Any stored query, its parameters as they are written.
pub fn stored_query(id: &str, slots: &[(&str, String)], what: Return) -> Message {
    let mut w = Writer::new();
    w.open("ns3:AdhocQueryRequest").attribute("xmlns", RIM).attribute("xmlns:ns2", RS);
    w.attribute("xmlns:ns3", QUERY).attribute("xmlns:ns4", LCM);
    w.open("ns3:ResponseOption").attribute("returnComposedObjects", "true");
    w.attribute(
        "returnType",
        match what {
            Return::Objects => "LeafClass",
            Return::Identifiers => "ObjectRef",
        },
    );
    w.close().open("AdhocQuery").attribute("id", id);
    for (name, value) in slots {
        w.open("Slot").attribute("name", name).open("ValueList").open("Value").text(value);
        w.close().close().close();
    }
    Message::plain(Operation::RegistryStoredQuery, w.finish())
}

/// `('a','b')`, quotes inside a value doubled.
pub fn listed<'v>(values: impl IntoIterator<Item = &'v str>) -> String {
    let quoted: Vec<_> = values.into_iter().map(|value| format!("'{}'", value.replace('\'', "''"))).collect();
    format!("({})", quoted.join(","))
}

/// What was found.
///
/// # Errors
/// A refusal, or what is no such answer.
pub fn read(answer: &Answer) -> Result<Found, LpsError> {
    answer.content(QUERY, "AdhocQueryResponse", |response| {
        registry::response(response)?;
        let objects = response.child(RIM, "RegistryObjectList");
        let of = |name: &'static str| objects.into_iter().flat_map(move |list| list.named(RIM, name));
        let id = |element: Element<'_>, name: &str| element.attribute(name).unwrap_or_default().to_owned();
        Ok(Found {
            entries: of("ExtrinsicObject").map(Entry::read).collect(),
            identifiers: of("ObjectRef").map(|reference| id(reference, "id")).collect(),
            packages: of("RegistryPackage").map(|package| id(package, "id")).collect(),
            associations: of("Association")
                .map(|a| (id(a, "associationType"), id(a, "sourceObject"), id(a, "targetObject")))
                .collect(),
        })
    })
}

impl Found {
    /// The current version of the document of that uniqueId: neither replaced nor an old version.
    pub fn current(&self, unique_id: &str) -> Option<&Entry> {
        let deprecated = Some(Availability::Deprecated.as_urn());
        let current =
            |entry: &&Entry| entry.unique_id() == unique_id && entry.status.as_deref() != deprecated;
        self.entries.iter().find(current)
    }
}

/// The typeCode of a document.
pub fn type_code(entry: &Entry) -> String {
    entry.codes(scheme::TYPE).next().map(|code| code.code).unwrap_or_default()
}
