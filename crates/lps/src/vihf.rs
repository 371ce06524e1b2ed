//! The VIHF: who asks, from which structure, in which mode, for which patient; a signed SAML 2.0 assertion.
//!
//! No `Conditions`: the DMP judges the age of `IssueInstant`. Attributes in the order of the published samples, and
//! `subject-id` in every mode, since a name is needed on the patient's screen.
//!
//! Sources: SEL-MP-037, *VIHF* 3.0; published samples; JDV_J65 (roles), TRE_R248 (access modes).

use crate::error::LpsError;
use crate::identity::{Authentification, Identity};
use crate::session::Session;
use dmp_dossier::{Ins, Mode, Time};
use dmp_nomenclature::{Concept, Profession, access_mode, confidentiality, oid, profession, speciality};
use dmp_xml::Writer;
use dmp_xml::signature::sign_enveloped;
use uuid::Uuid;

const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const XS: &str = "http://www.w3.org/2001/XMLSchema";
const X509_SUBJECT: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName";
const CONFIDENTIALITY: &str = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code";

/// A fresh assertion of that call, signed.
///
/// # Errors
/// [`LpsError::Signature`].
pub fn signed(session: &Session<'_>) -> Result<String, LpsError> {
    let id = format!("_{}", Uuid::new_v4());
    let assertion = assertion(session.identity, session.patient, session.now, &id);
    sign(&assertion, &id, session.identity)
}

/// Signs an assertion with the identity's signature certificate.
///
/// # Errors
/// [`LpsError::Signature`].
pub fn sign(assertion: &str, id: &str, identity: &Identity) -> Result<String, LpsError> {
    let signature = &identity.signature;
    sign_enveloped(assertion, id, &signature.key, &signature.certificate)
        .map_err(|error| LpsError::Signature(error.to_string()))
}

/// An assertion of that identifier, not signed.
pub fn assertion(identity: &Identity, patient: Option<&Ins>, now: Time, id: &str) -> String {
    let who = &identity.who;
    let instant = now.to_instant();
    let mut w = Writer::new();
    w.open("saml2:Assertion").attribute("xmlns:saml2", SAML).attribute("xmlns:xsi", XSI);
    w.attribute("ID", id).attribute("IssueInstant", &instant).attribute("Version", "2.0");
    w.open("saml2:Issuer").attribute("Format", X509_SUBJECT).text(&identity.signature.subject).close();
    w.open("saml2:Subject").open("saml2:NameID").text(identity.name_id()).close().close();
    w.open("saml2:AuthnStatement").attribute("AuthnInstant", &instant).open("saml2:AuthnContext");
    w.open("saml2:AuthnContextClassRef").text(authentication_context(identity)).close().close().close();
    w.open("saml2:AttributeStatement");
    string(&mut w, "Identifiant_Structure", &who.structure.id);
    string(&mut w, "Secteur_Activite", &format!("{}^{}", who.sector, oid::R02.oid));
    // Given name first, as in the published samples.
    let name = format!("{} {}", who.person.given, who.person.family);
    string(&mut w, "urn:oasis:names:tc:xspa:1.0:subject:subject-id", name.trim());
    roles(&mut w, &who.person.profession, who.person.speciality.as_deref());
    string(&mut w, "VIHF_Version", &who.vihf_version);
    string(&mut w, "Authentification_mode", who.authentification.as_str());
    if let Some(ins) = patient {
        string(&mut w, "urn:oasis:names:tc:xacml:2.0:resource:resource-id", &ins.to_cx());
    }
    string(&mut w, "Ressource_URN", "urn:dmp");
    purpose(&mut w, &identity.access);
    if identity.secret {
        let code = &confidentiality::INVISIBLE_REPRESENTANTS_LEGAUX;
        string(&mut w, CONFIDENTIALITY, &format!("{}^{}", code.code, code.system.oid));
    }
    string(&mut w, "LPS_ID", &who.software.id);
    string(&mut w, "LPS_Nom", &who.software.name);
    string(&mut w, "LPS_Version", &who.software.version);
    string(&mut w, "LPS_ID_HOMOLOGATION_DMP", &who.software.approval);
    w.finish()
}

/// How the person proved who they are to the software (SAML 2.0 authentication context).
fn authentication_context(identity: &Identity) -> &'static str {
    match identity.who.authentification {
        _ if identity.who.person.profession == "AUTOMATE" => {
            "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"
        }
        Authentification::Directe => "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI",
        Authentification::Indirecte => "urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
        Authentification::IndirecteRenforcee => "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken",
    }
}

/// An attribute of one text.
fn string(w: &mut Writer, name: &str, value: &str) {
    w.open("saml2:Attribute").attribute("Name", name);
    w.open("saml2:AttributeValue").attribute("xmlns:xs", XS).attribute("xsi:type", "xs:string");
    w.text(value).close().close();
}

/// Profession, then speciality or section.
fn roles(w: &mut Writer, code: &str, qualification: Option<&str>) {
    w.open("saml2:Attribute").attribute("Name", "urn:oasis:names:tc:xacml:2.0:subject:role");
    match Profession::find(code) {
        Some(known) => role(w, known.code(), known.system.oid, known.label),
        // Sent as given: what is unknown is for the server to refuse.
        None => role(w, code, oid::G15.oid, code),
    }
    if let Some(code) = qualification {
        let known = speciality::find(code).or_else(|| profession::PHARMACIST_SECTIONS.find(code));
        match known {
            Some(Concept { code, system, label }) => role(w, code, system.oid, label),
            None => role(w, code, oid::R01.oid, code),
        }
    }
    w.close();
}

fn role(w: &mut Writer, code: &str, system: &str, label: &str) {
    w.open("saml2:AttributeValue").open("Role").attribute("xmlns", crate::service::HL7);
    w.attribute("code", code).attribute("codeSystem", system).attribute("displayName", label);
    w.attribute("xsi:type", "CE").close().close();
}

/// Access mode, and the reason of a bris de glace.
fn purpose(w: &mut Writer, access: &Mode) {
    let mode = match access {
        Mode::Normal => &access_mode::NORMAL,
        Mode::BrisDeGlace { .. } => &access_mode::BRIS_DE_GLACE,
        Mode::Centre15 => &access_mode::CENTRE_15,
    };
    w.open("saml2:Attribute").attribute("Name", "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse");
    w.open("saml2:AttributeValue").open("PurposeOfUse").attribute("xmlns", crate::service::HL7);
    w.attribute("code", mode.code).attribute("codeSystem", mode.system.oid);
    w.attribute("codeSystemName", "mode acces VIHF 2.0").attribute("displayName", mode.label);
    w.attribute("xsi:type", "CE").close().close().close();
    if let Mode::BrisDeGlace { reason } = access
        && !reason.is_empty()
    {
        string(w, "Mode_Acces_Raison", reason);
    }
}
