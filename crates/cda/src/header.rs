//! The header of a CDA document, typed, as the document declares it.
//!
//! Source: CI-SIS *Structuration minimale des documents de santé* 1.16 (elements and cardinalities). What real
//! documents leave out (`setId`, an author's code or structure, offsets) is optional here. Nothing is compared
//! with a dossier: the patient is the one the document names.

use dmp_dossier::code::Code;
use dmp_dossier::time::Dtm;
use dmp_xml::Node;

use crate::node::{Hl7, Identifier};
use crate::participant::{self, Organization, Participant};
use crate::patient::{self, Patient};
use crate::refusal::CdaRefusal;
use crate::timestamp;

/// What the header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// `templateId/@root`, in order.
    pub template_ids: Vec<String>,
    /// `id`.
    pub id: Identifier,
    /// `code`: the type.
    pub code: Code,
    /// `title`, white space collapsed; absent when empty.
    pub title: Option<String>,
    /// `effectiveTime`: when the document was made.
    pub effective_time: Dtm,
    /// `confidentialityCode`.
    pub confidentiality: Code,
    /// `languageCode`.
    pub language: String,
    /// `setId`.
    pub set_id: Option<Identifier>,
    /// `versionNumber`; absent when it is not a number.
    pub version_number: Option<u32>,
    /// `recordTarget`.
    pub patient: Patient,
    /// `author`, at least one, each with an identifier.
    pub authors: Vec<Participant>,
    /// `legalAuthenticator`.
    pub legal_authenticator: Option<Participant>,
    /// `custodian`.
    pub custodian: Option<Organization>,
    /// `documentationOf/serviceEvent`, in order.
    pub service_events: Vec<ServiceEvent>,
    /// `componentOf/encompassingEncounter`.
    pub encounter: Option<Encounter>,
    /// `relatedDocument`, in order.
    pub related_documents: Vec<RelatedDocument>,
    /// `inFulfillmentOf/order`, in order.
    pub orders: Vec<Order>,
    /// `nonXMLBody/text/@mediaType`, of a level 1 document.
    pub media_type: Option<String>,
}

/// An act or a diagnosis that the document is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceEvent {
    /// Identifiers; in an imaging report, the study.
    pub ids: Vec<Identifier>,
    /// Act or diagnosis.
    pub code: Option<Code>,
    /// Start.
    pub start: Option<Dtm>,
    /// End.
    pub stop: Option<Dtm>,
    /// `performer/…/standardIndustryClassCode`: practice setting.
    pub practice_setting: Option<Code>,
}

/// The stay or visit during which the document was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encounter {
    /// Identifiers.
    pub ids: Vec<Identifier>,
    /// Kind of encounter.
    pub code: Option<Code>,
    /// Start.
    pub start: Option<Dtm>,
    /// End.
    pub stop: Option<Dtm>,
    /// `location/healthCareFacility/code`: kind of place.
    pub facility_type: Option<Code>,
}

/// Another document that this one declares a tie with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelatedDocument {
    /// `typeCode`: `RPLC`, `APND` or `XFRM`.
    pub kind: String,
    /// `parentDocument/id`.
    pub id: Option<Identifier>,
}

/// An order that the documented act fulfils.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Identifiers.
    pub ids: Vec<Identifier>,
    /// `accessionNumber` of the DICOM extension.
    pub accession: Option<Identifier>,
}

/// Reads the header under `ClinicalDocument`.
pub(crate) fn read(document: Node<'_, '_>) -> Result<Header, CdaRefusal> {
    let id = present(document, "id")?;
    let code = present(document, "code")?.coded().ok_or(CdaRefusal::Missing { element: "code" })?;
    let confidentiality = present(document, "confidentialityCode")?;
    let authors: Vec<_> = document.each("author").filter_map(participant::author).collect();
    if authors.is_empty() {
        return Err(CdaRefusal::Missing { element: "author" });
    }
    if authors.iter().any(|author| author.ids.is_empty()) {
        return Err(CdaRefusal::AuthorWithoutId);
    }
    let service_events = document.each("documentationOf").filter_map(|of| of.child("serviceEvent"));
    let orders = document.each("inFulfillmentOf").filter_map(|of| of.child("order"));
    Ok(Header {
        template_ids: document
            .each("templateId")
            .filter_map(|id| id.attr("root"))
            .map(str::to_owned)
            .collect(),
        id: id.identifier().ok_or(CdaRefusal::Missing { element: "id" })?,
        code,
        title: document.child("title").map(Hl7::plain).filter(|title| !title.is_empty()),
        effective_time: effective_time(document)?,
        confidentiality: confidentiality
            .coded()
            .ok_or(CdaRefusal::Missing { element: "confidentialityCode" })?,
        language: language(document)?,
        set_id: document.child("setId").filter(|id| !id.is_null()).and_then(Hl7::identifier),
        version_number: document.child("versionNumber").and_then(|n| n.attr("value")?.parse().ok()),
        patient: patient::read(document)?,
        authors,
        legal_authenticator: document.child("legalAuthenticator").and_then(participant::authenticator),
        custodian: document
            .path(&["custodian", "assignedCustodian", "representedCustodianOrganization"])
            .map(participant::organization),
        service_events: service_events.map(service_event).collect::<Result<_, _>>()?,
        encounter: document.path(&["componentOf", "encompassingEncounter"]).map(encounter),
        related_documents: document.each("relatedDocument").map(related_document).collect(),
        orders: orders.map(order).collect(),
        media_type: document
            .path(&["component", "nonXMLBody", "text"])
            .map(|text| text.attr("mediaType").unwrap_or("text/plain").to_owned()),
    })
}

fn present<'a, 'i>(document: Node<'a, 'i>, element: &'static str) -> Result<Node<'a, 'i>, CdaRefusal> {
    document.child(element).filter(|node| !node.is_null()).ok_or(CdaRefusal::Missing { element })
}

fn effective_time(document: Node<'_, '_>) -> Result<Dtm, CdaRefusal> {
    let element = "effectiveTime";
    let value = present(document, element)?.attr("value").ok_or(CdaRefusal::Missing { element })?;
    timestamp::read(value).ok_or(CdaRefusal::Time { element })
}

/// RFC 5646 in outline: a language of two or three letters, then subtags.
fn language(document: Node<'_, '_>) -> Result<String, CdaRefusal> {
    let element = "languageCode";
    let value = present(document, element)?.attr("code").ok_or(CdaRefusal::Missing { element })?;
    let mut parts = value.split('-');
    let is_language =
        |part: &str| matches!(part.len(), 2 | 3) && part.bytes().all(|b| b.is_ascii_alphabetic());
    let is_subtag =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    if value.len() <= 35 && parts.next().is_some_and(is_language) && parts.all(is_subtag) {
        Ok(value.to_owned())
    } else {
        Err(CdaRefusal::Language { value: CdaRefusal::cut(value) })
    }
}

fn service_event(event: Node<'_, '_>) -> Result<ServiceEvent, CdaRefusal> {
    let element = "documentationOf/serviceEvent/effectiveTime";
    let read = |value: Option<&str>| match value {
        Some(value) => timestamp::read(value).map(Some).ok_or(CdaRefusal::Time { element }),
        None => Ok(None),
    };
    let (start, stop) = bounds(event.child("effectiveTime"));
    Ok(ServiceEvent {
        ids: event.identifiers(),
        code: event.child("code").and_then(Hl7::coded),
        start: read(start)?,
        stop: read(stop)?,
        practice_setting: event
            .each("performer")
            .filter_map(|performer| performer.path(&["assignedEntity", "representedOrganization"]))
            .find_map(|organization| organization.child("standardIndustryClassCode")?.coded()),
    })
}

fn encounter(encounter: Node<'_, '_>) -> Encounter {
    let (start, stop) = bounds(encounter.child("effectiveTime"));
    Encounter {
        ids: encounter.identifiers(),
        code: encounter.child("code").and_then(Hl7::coded),
        start: start.and_then(timestamp::read),
        stop: stop.and_then(timestamp::read),
        facility_type: encounter.path(&["location", "healthCareFacility", "code"]).and_then(Hl7::coded),
    }
}

/// Bounds of an interval, or the single value as its start.
fn bounds<'a>(time: Option<Node<'a, '_>>) -> (Option<&'a str>, Option<&'a str>) {
    let Some(time) = time else { return (None, None) };
    let bound = |name| time.child(name).and_then(|bound| bound.attr("value"));
    (bound("low").or_else(|| time.attr("value")), bound("high"))
}

fn related_document(related: Node<'_, '_>) -> RelatedDocument {
    RelatedDocument {
        kind: related.attr("typeCode").unwrap_or_default().to_owned(),
        id: related.child("parentDocument").and_then(|parent| parent.identifiers().into_iter().next()),
    }
}

fn order(order: Node<'_, '_>) -> Order {
    // The DICOM extension puts it in its own namespace; some producers leave it in HL7's.
    let accession = order.children().find(|child| child.tag_name().name() == "accessionNumber");
    Order { ids: order.identifiers(), accession: accession.and_then(Hl7::identifier) }
}
