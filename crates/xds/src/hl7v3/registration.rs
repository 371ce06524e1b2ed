//! Answers to a request that opens or changes a dossier: accepted or refused, in the response of the CI-SIS.
//!
//! TD1.1: PRPA_IN201312UV02 accepts, 313 refuses; TD1.2, TD1.3b, TD1.4: 315 and 316. An acceptance says the status the
//! patient has now under the name the request gave; it names the INS only where a dossier was opened, as the official
//! answer to a closing does not. A refusal sends the request's patient and author back, as their messages require.

use crate::call::Call;
use crate::elements::{all, optional};
use crate::hl7v3::message::{self, MessageReason, Received};
use crate::hl7v3::person;
use dmp_dossier::{Ins, Refusal};
use dmp_xml::{Element, Writer};

/// The messages of an operation.
pub(crate) struct Messages {
    /// What wraps them.
    pub(crate) response: &'static str,
    /// Accepted.
    pub(crate) accepted: &'static str,
    /// Refused.
    pub(crate) refused: &'static str,
}

/// TD1.1.
pub(crate) const CREATION: Messages = Messages {
    response: "gdp:PRPA_IN201311UV02_Response",
    accepted: "PRPA_IN201312UV02",
    refused: "PRPA_IN201313UV02",
};

/// TD1.2, TD1.3b, TD1.4.
pub(crate) const REVISION: Messages = Messages {
    response: "gdp:PRPA_IN201314UV02_Response",
    accepted: "PRPA_IN201315UV02",
    refused: "PRPA_IN201316UV02",
};

/// What was done.
pub(crate) struct Done {
    /// The dossier is active now.
    pub(crate) active: bool,
    /// The INS of a dossier that was opened.
    pub(crate) opened: Option<Ins>,
}

/// Writes an acceptance.
pub(crate) fn accept(
    call: &Call<'_>,
    messages: &Messages,
    received: &Received<'_>,
    reason: MessageReason,
    done: &Done,
) -> String {
    let mut w = Writer::new();
    received.open_in(&mut w, call, messages.response, messages.accepted);
    received.acknowledge(&mut w, None);
    message::open_act(&mut w, reason);
    message::open_event(&mut w, "completed");
    if let Some(ins) = &done.opened {
        person::write::ins(&mut w, ins);
    }
    w.open("statusCode").attribute("code", if done.active { "active" } else { "terminated" }).close();
    let person = received.registration().ok().and_then(|(_, patient)| child(patient, "patientPerson"));
    write_person(&mut w, person);
    message::close_event(&mut w);
    w.finish()
}

/// Writes a refusal.
pub(crate) fn refuse(
    call: &Call<'_>,
    messages: &Messages,
    received: &Received<'_>,
    reason: MessageReason,
    refusal: &Refusal,
) -> String {
    let mut w = Writer::new();
    received.open_in(&mut w, call, messages.response, messages.refused);
    received.acknowledge(&mut w, Some(refusal));
    message::open_act(&mut w, reason);
    if let Ok((request, patient)) = received.registration() {
        write_request(&mut w, request, patient);
    }
    w.finish()
}

fn write_request(w: &mut Writer, request: Element<'_>, patient: Element<'_>) {
    w.open("subject").attribute("contextConductionInd", "false").attribute("typeCode", "SUBJ");
    w.open("registrationRequest").attribute("classCode", "REG").attribute("moodCode", "RQO");
    w.open("statusCode").attribute("code", "active").close();
    w.open("subject1").attribute("typeCode", "SBJ").open("patient").attribute("classCode", "PAT");
    write_ids(w, patient);
    w.open("statusCode").attribute("code", code(patient, "statusCode").unwrap_or("active")).close();
    write_person(w, child(patient, "patientPerson"));
    if let Some(organization) = child(patient, "providerOrganization") {
        w.open("providerOrganization").attribute("classCode", "ORG").attribute("determinerCode", "INSTANCE");
        write_ids(w, organization);
        w.open("contactParty").attribute("classCode", "CON").close().close();
    }
    w.close().close();
    if let Some(assigned) = child(request, "author").and_then(|author| child(author, "assignedEntity")) {
        w.open("author").attribute("typeCode", "AUT");
        w.open("assignedEntity").attribute("classCode", "ASSIGNED");
        write_ids(w, assigned);
        w.close().close();
    }
}

fn write_person(w: &mut Writer, person: Option<Element<'_>>) {
    person::write::open(w);
    if let Some(person) = person {
        for name in all(person, "name") {
            person::write::same_name(w, name);
        }
    }
    w.close();
}

fn write_ids(w: &mut Writer, under: Element<'_>) {
    for id in all(under, "id") {
        w.open("id");
        for name in ["extension", "root"] {
            if let Some(value) = id.attribute(name) {
                w.attribute(name, value);
            }
        }
        w.close();
    }
}

fn child<'t>(under: Element<'t>, name: &'t str) -> Option<Element<'t>> {
    optional(under, name).ok().flatten()
}

fn code<'t>(under: Element<'t>, name: &'t str) -> Option<&'t str> {
    child(under, name)?.attribute("code")
}
