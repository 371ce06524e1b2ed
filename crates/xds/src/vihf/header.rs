//! Where the VIHF stands in the message: one `wsse:Security` in the header, one assertion in it and in the whole message.
//!
//! Sources: WS-Security 1.1, 5; SAML Token Profile 1.1; security.md 3.8 rule 2 (signature wrapping).

use crate::fault::Fault;
use dmp_xml::Element;

/// Namespace of WS-Security.
pub(super) const WSSE: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
/// Namespace of SAML 2.0 assertions.
pub(super) const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const SAML_1: &str = "urn:oasis:names:tc:SAML:1.0:assertion";

/// The assertion of a message.
pub(super) fn assertion<'t>(
    header: Option<Element<'t>>,
    envelope: Element<'t>,
) -> Result<Element<'t>, Fault> {
    let absent = || Fault::wsse("SecurityTokenUnavailable", "le message ne porte pas de VIHF");
    let unsupported = |reason| Err(Fault::wsse("UnsupportedSecurityToken", reason));
    let invalid = |reason| Err(Fault::wsse("InvalidSecurity", reason));
    let security = match header.ok_or_else(absent)?.only(WSSE, "Security") {
        Ok(security) => security,
        Err(0) => return Err(absent()),
        Err(_) => return invalid("plusieurs en-têtes wsse:Security"),
    };
    if security.child(SAML, "EncryptedAssertion").is_some() {
        return unsupported("une assertion chiffrée n'est pas acceptée");
    }
    if security.child(SAML_1, "Assertion").is_some() {
        return unsupported("l'assertion n'est pas de SAML 2.0");
    }
    let assertion = match security.only(SAML, "Assertion") {
        Ok(assertion) => assertion,
        Err(0) => return Err(absent()),
        Err(_) => return invalid("plusieurs assertions"),
    };
    // Under any namespace: a message has no other use for that name than to have another assertion read.
    if envelope.descendants().filter(|element| element.name() == "Assertion").count() != 1 {
        return invalid("plusieurs assertions");
    }
    if assertion.attribute("Version") != Some("2.0") {
        return unsupported("l'assertion n'est pas de SAML 2.0");
    }
    Ok(assertion)
}
