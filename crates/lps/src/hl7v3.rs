//! What HL7 v3 messages share: transmission wrapper, people, acknowledgements.
//!
//! Sources: HL7 v3 NE2009, *Transmission*; published messages TD0.2, TD1.3a.

use crate::answer::{Answer, Refusal, RefusalKind};
use crate::error::LpsError;
use crate::service::{DMP_DEVICE, HL7};
use crate::session::Session;
use dmp_dossier::{Dtm, Realm};
use dmp_xml::{Element, Writer};
use uuid::Uuid;

/// Interactions.
const INTERACTIONS: &str = "2.16.840.1.113883.1.6";
/// Reasons of the interactions of the DMP.
const REASONS: &str = "1.2.250.1.213.1.1.4.11";

/// A message up to its `controlActProcess`, which stays open.
pub(crate) fn begin(session: &Session<'_>, interaction: &'static str, reason: (&str, &str)) -> Writer {
    let software = &session.identity.who.software;
    let test = session.patient.is_none_or(|ins| ins.oid().realm() == Realm::Test);
    let mut w = Writer::new();
    w.open(interaction).attribute("xmlns", HL7).attribute("ITSVersion", "XML_1.0");
    leaf(&mut w, "id", &[("root", &format!("{}.1.1", software.oid)), ("extension", &fresh())]);
    leaf(&mut w, "creationTime", &[("value", &Dtm::from_time(session.now).to_hl7())]);
    leaf(&mut w, "interactionId", &[("root", INTERACTIONS), ("extension", interaction)]);
    leaf(&mut w, "processingCode", &[("code", if test { "D" } else { "P" })]);
    leaf(&mut w, "processingModeCode", &[("code", "T")]);
    leaf(&mut w, "acceptAckCode", &[("code", "AL")]);
    device(&mut w, ("receiver", "RCV"), DMP_DEVICE, "DMP");
    device(&mut w, ("sender", "SND"), &software.oid, &software.name);
    w.open("controlActProcess").attribute("classCode", "CACT").attribute("moodCode", "EVN");
    let (code, label) = reason;
    leaf(&mut w, "reasonCode", &[("code", code), ("codeSystem", REASONS), ("displayName", label)]);
    w
}

/// The head of a query.
pub(crate) fn query(w: &mut Writer, session: &Session<'_>) {
    let root = format!("{}.2", session.identity.who.software.oid);
    w.open("queryByParameter");
    leaf(w, "queryId", &[("root", &root), ("extension", &fresh())]);
    leaf(w, "statusCode", &[("code", "new")]);
}

fn device(w: &mut Writer, (element, kind): (&'static str, &str), oid: &str, name: &str) {
    w.open(element).attribute("typeCode", kind);
    w.open("device").attribute("classCode", "DEV").attribute("determinerCode", "INSTANCE");
    leaf(w, "id", &[("root", oid)]);
    w.open("softwareName").text(name).close().close().close();
}

/// An element without content.
pub(crate) fn leaf(w: &mut Writer, name: &'static str, attributes: &[(&'static str, &str)]) {
    w.open(name);
    for (attribute, value) in attributes {
        w.attribute(attribute, value);
    }
    w.close();
}

fn fresh() -> String {
    Uuid::new_v4().to_string()
}

/// What an answer of that interaction says.
pub(crate) fn accepted<T>(
    answer: &Answer,
    interaction: &str,
    read: impl FnOnce(Element<'_>) -> Result<T, LpsError>,
) -> Result<T, LpsError> {
    answer.content(HL7, interaction, |message| acknowledged(message, read))
}

/// What an accepted message says; anything but `AA` is a refusal.
pub(crate) fn acknowledged<T>(
    message: Element<'_>,
    read: impl FnOnce(Element<'_>) -> Result<T, LpsError>,
) -> Result<T, LpsError> {
    let acknowledgement =
        message.child(HL7, "acknowledgement").ok_or(LpsError::Answer("no acknowledgement"))?;
    let kind = acknowledgement.attribute("typeCode").unwrap_or_default();
    if kind == "AA" {
        return read(message);
    }
    let detail = acknowledgement.child(HL7, "acknowledgementDetail");
    let code = detail.and_then(|d| d.child(HL7, "code")).and_then(|code| code.attribute("code"));
    let text = detail.and_then(|d| d.child(HL7, "text")).map(|text| text.trimmed().into_owned());
    Err(LpsError::Refused(Refusal {
        kind: RefusalKind::Acknowledgement,
        code: code.unwrap_or(kind).to_owned(),
        reason: text.unwrap_or_default(),
        errors: Vec::new(),
    }))
}

/// A person of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patient {
    /// Identifiers: value, assigning OID.
    pub ids: Vec<(String, String)>,
    /// `active`, `terminated`.
    pub status: Option<String>,
    /// *Nom de naissance*.
    pub birth_name: Option<String>,
    /// *Nom utilisé*.
    pub used_name: Option<String>,
    /// Given name.
    pub given: Option<String>,
    /// `YYYYMMDD`, or a year.
    pub birth_date: Option<String>,
    /// `M`, `F`, `U`.
    pub sex: Option<String>,
    /// `tel:…`, `mailto:…`.
    pub telecoms: Vec<String>,
    /// Postal code and city.
    pub city: Option<String>,
    /// Consents, oppositions, attachments by code: `OPPOSITION_BRIS_DE_GLACE`, `RATTACHEMENT_ENS`…
    pub observations: Vec<(String, bool)>,
}

/// Reads a `patient`.
pub(crate) fn patient(element: Element<'_>) -> Patient {
    let person = element.child(HL7, "patientPerson");
    let name = person.and_then(|person| person.child(HL7, "name"));
    let text = |of: Option<Element<'_>>| of.map(|e| e.trimmed().into_owned()).filter(|text| !text.is_empty());
    let family = |qualifier: &str| {
        let named = name?.named(HL7, "family").find(|f| f.attribute("qualifier") == Some(qualifier));
        text(named)
    };
    let of_person = |name: &'static str, attribute: &str| {
        person.and_then(|p| p.child(HL7, name)).and_then(|e| e.attribute(attribute)).map(str::to_owned)
    };
    let id =
        |id: Element<'_>| Some((id.attribute("extension")?.to_owned(), id.attribute("root")?.to_owned()));
    let address = person.and_then(|p| p.child(HL7, "addr"));
    let city = ["postalCode", "city"].into_iter().filter_map(|part| text(address?.child(HL7, part)));
    let city = city.collect::<Vec<_>>().join(" ");
    let telecom = |e: Element<'_>| e.attribute("value").map(str::to_owned);
    let observations = element.named(HL7, "subjectOf").filter_map(|subject| {
        let observation = subject.child(HL7, "administrativeObservation")?;
        let code = observation.child(HL7, "code")?.attribute("code")?.to_owned();
        Some((code, observation.child(HL7, "value")?.attribute("value")? == "true"))
    });
    Patient {
        ids: element.named(HL7, "id").filter_map(id).collect(),
        status: element.child(HL7, "statusCode").and_then(|s| s.attribute("code")).map(str::to_owned),
        birth_name: family("BR"),
        used_name: family("SP"),
        given: text(name.and_then(|name| name.child(HL7, "given"))),
        birth_date: of_person("birthTime", "value"),
        sex: of_person("administrativeGenderCode", "code"),
        telecoms: person.into_iter().flat_map(|p| p.named(HL7, "telecom")).filter_map(telecom).collect(),
        city: (!city.is_empty()).then_some(city),
        observations: observations.collect(),
    }
}

/// Every `patient` of an answer.
pub(crate) fn patients(message: Element<'_>) -> Vec<Patient> {
    let mut found = Vec::new();
    for subject in
        message.child(HL7, "controlActProcess").into_iter().flat_map(|act| act.named(HL7, "subject"))
    {
        let patients =
            subject.child(HL7, "registrationEvent").into_iter().flat_map(|e| e.named(HL7, "subject1"));
        found.extend(patients.filter_map(|subject| subject.child(HL7, "patient")).map(patient));
    }
    found
}
