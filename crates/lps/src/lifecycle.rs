//! TD1.1, TD1.2, TD1.3b, TD1.4: opens, reopens, changes, closes a DMP.
//!
//! Where the creation profile of a deployment is closed (as that of the reference system since 2021), openings are refused.
//! The author of the request is who speaks, with both names: the reference system refuses an author without (PDT-INF-617).
//!
//! Sources: published messages TD1.4; SEL-MP-037, TD1.1 to TD1.4; HL7 v3 NE2009, *Patient Registry*.

use crate::answer::Answer;
use crate::error::LpsError;
use crate::hl7v3::{self, leaf};
use crate::service::{GDP, Operation};
use crate::session::{Message, Session};
use dmp_dossier::{Contact, Dtm, PsId, Sex, StructureId, Traits};
use dmp_nomenclature::{oid, speciality};
use dmp_xml::Writer;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// What the patient says about emergencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Oppositions {
    /// `OPPOSITION_BRIS_DE_GLACE`.
    pub bris_de_glace: bool,
    /// `OPPOSITION_ACCES_URGENCE`, medical regulation.
    pub acces_urgence: bool,
}

/// A change of the administrative data: what is told changes, the rest stays.
#[derive(Debug, Clone, Copy)]
pub struct Administrative<'a> {
    /// Names, birth, sex.
    pub traits: &'a Traits,
    /// How to reach the patient.
    pub contact: &'a Contact,
    /// Emergencies.
    pub oppositions: Option<Oppositions>,
}

/// TD1.1: opens the patient's DMP, who consents.
///
/// # Errors
/// No patient in the session.
pub fn open(session: &Session<'_>, patient: &Administrative<'_>) -> Result<Message, LpsError> {
    let reason = ("CREA_RD", "Création de dossier");
    let told = Told { consent: Some("CONSENTEMENT_OUVERTURE_DMP"), ..Told::of(patient) };
    registration(session, Operation::Create, "PRPA_IN201311UV02", reason, &told)
}

/// TD1.2: reopens a closed DMP, by the patient's consent.
///
/// # Errors
/// No patient in the session.
pub fn reactivate(session: &Session<'_>, oppositions: Option<Oppositions>) -> Result<Message, LpsError> {
    let reason = ("REAC", "Réactivation de dossier");
    let told = Told { consent: Some("CONSENTEMENT_REACTIVATION_DMP"), oppositions, ..Told::default() };
    registration(session, Operation::Modify, "PRPA_IN201314UV02", reason, &told)
}

/// TD1.3b: changes the administrative data.
///
/// # Errors
/// No patient in the session.
pub fn modify(session: &Session<'_>, patient: &Administrative<'_>) -> Result<Message, LpsError> {
    let reason = ("MODIF_DATA", "Modification des données de gestion de dossier");
    registration(session, Operation::Modify, "PRPA_IN201314UV02", reason, &Told::of(patient))
}

/// TD1.4: closes a DMP, for a reason of the nomenclature (`FERMETURE_DEMANDE_PATIENT`) and in words.
///
/// # Errors
/// No patient in the session.
pub fn close(session: &Session<'_>, code: &str, words: &str) -> Result<Message, LpsError> {
    let reason = ("FERM", "Fermeture de dossier");
    let told = Told { closure: Some((code, words)), ..Told::default() };
    registration(session, Operation::Modify, "PRPA_IN201314UV02", reason, &told)
}

/// What was answered: nothing, when it was accepted.
///
/// # Errors
/// A refusal, or what is no such answer.
pub fn read(answer: &Answer, operation: Operation) -> Result<(), LpsError> {
    let response = match operation {
        Operation::Create => "PRPA_IN201311UV02_Response",
        _ => "PRPA_IN201314UV02_Response",
    };
    answer.content(GDP, response, |response| {
        let message = response.children().next().ok_or(LpsError::Answer("an empty response"))?;
        hl7v3::acknowledged(message, |_| Ok(()))
    })
}

/// What a request says.
#[derive(Default)]
struct Told<'a> {
    traits: Option<&'a Traits>,
    contact: Option<&'a Contact>,
    consent: Option<&'a str>,
    oppositions: Option<Oppositions>,
    closure: Option<(&'a str, &'a str)>,
}

impl<'a> Told<'a> {
    fn of(patient: &Administrative<'a>) -> Self {
        Told {
            traits: Some(patient.traits),
            contact: Some(patient.contact),
            oppositions: patient.oppositions,
            ..Told::default()
        }
    }
}

fn registration(
    session: &Session<'_>,
    operation: Operation,
    interaction: &'static str,
    reason: (&str, &str),
    told: &Told<'_>,
) -> Result<Message, LpsError> {
    let ins = session.patient()?;
    let mut w = hl7v3::begin(session, interaction, reason);
    w.open("subject").attribute("typeCode", "SUBJ").attribute("contextConductionInd", "false");
    w.open("registrationRequest").attribute("classCode", "REG").attribute("moodCode", "RQO");
    leaf(&mut w, "statusCode", &[("code", "active")]);
    w.open("subject1").attribute("typeCode", "SBJ").open("patient").attribute("classCode", "PAT");
    leaf(&mut w, "id", &[("root", ins.oid().as_str()), ("extension", ins.value())]);
    leaf(&mut w, "statusCode", &[("code", if told.closure.is_some() { "terminated" } else { "active" })]);
    person(&mut w, told);
    let now = Dtm::from_time(session.now).to_hl7();
    if let Some(consent) = told.consent {
        observation(&mut w, consent, true, Some(&now));
    }
    if let Some(oppositions) = told.oppositions {
        observation(&mut w, "OPPOSITION_BRIS_DE_GLACE", oppositions.bris_de_glace, None);
        observation(&mut w, "OPPOSITION_ACCES_URGENCE", oppositions.acces_urgence, None);
    }
    w.close().close();
    author(&mut w, session);
    w.close().close();
    if let Some((code, words)) = told.closure {
        w.open("reasonOf").attribute("typeCode", "RSON");
        w.open("detectedIssueEvent").attribute("classCode", "ALRT").attribute("moodCode", "EVN");
        leaf(&mut w, "code", &[("code", code), ("codeSystem", oid::CLOSURE.oid)]);
        w.open("text").text(words).close();
    }
    Ok(Message::plain(operation, w.finish()))
}

fn person(w: &mut Writer, told: &Told<'_>) {
    w.open("patientPerson").attribute("classCode", "PSN").attribute("determinerCode", "INSTANCE");
    let Some(traits) = told.traits else {
        w.close();
        return;
    };
    w.open("name");
    if let Some(used) = &traits.used_name {
        w.open("family").attribute("qualifier", "SP").text(used).close();
    }
    w.open("family").attribute("qualifier", "BR").text(&traits.birth_name).close();
    w.open("given").text(&traits.given_names).close().close();
    if let Some(contact) = told.contact {
        let phone = contact.phone.iter().map(|phone| format!("tel:{phone}"));
        for address in phone.chain(contact.mail.iter().map(|mail| format!("mailto:{mail}"))) {
            leaf(w, "telecom", &[("value", &address)]);
        }
    }
    let sex = match traits.sex {
        Sex::Female => "F",
        Sex::Male => "M",
        Sex::Undetermined => "U",
    };
    leaf(w, "administrativeGenderCode", &[("code", sex)]);
    leaf(w, "birthTime", &[("value", &traits.birth_date)]);
    if let Some(address) = told.contact.and_then(|contact| contact.address.as_deref()) {
        w.open("addr").open("streetAddressLine").text(address).close().close();
    }
    if !traits.birth_place.is_empty() {
        w.open("birthPlace").open("addr").open("county").text(&traits.birth_place).close().close().close();
    }
    w.close();
}

fn observation(w: &mut Writer, code: &str, value: bool, at: Option<&str>) {
    w.open("subjectOf").attribute("typeCode", "SBJ");
    w.open("administrativeObservation").attribute("classCode", "OBS").attribute("moodCode", "EVN");
    leaf(w, "code", &[("code", code), ("codeSystem", oid::CONSENT.oid)]);
    if let Some(at) = at {
        leaf(w, "effectiveTime", &[("value", at)]);
    }
    w.open("value").attribute("xmlns:xsi", XSI).attribute("xsi:type", "BL");
    w.attribute("value", if value { "true" } else { "false" }).close().close().close();
}

fn author(w: &mut Writer, session: &Session<'_>) {
    let who = &session.identity.who;
    w.open("author").attribute("typeCode", "AUT").open("assignedEntity").attribute("classCode", "ASSIGNED");
    leaf(w, "id", &[("root", PsId::OID), ("extension", &who.person.id)]);
    if let Some(known) = who.person.speciality.as_deref().and_then(speciality::find) {
        let attributes =
            [("code", known.code), ("codeSystem", known.system.oid), ("displayName", known.label)];
        leaf(w, "code", &attributes);
    }
    w.open("assignedPerson")
        .attribute("classCode", "PSN")
        .attribute("determinerCode", "INSTANCE")
        .open("name");
    w.open("family").text(&who.person.family).close().open("given").text(&who.person.given).close();
    w.close().close();
    w.open("representedOrganization").attribute("classCode", "ORG").attribute("determinerCode", "INSTANCE");
    leaf(w, "id", &[("root", StructureId::OID), ("extension", &who.structure.id)]);
    w.open("name").text(&who.structure.name).close();
    leaf(w, "contactParty", &[("classCode", "CON")]);
    w.close().close().close();
}
