//! What a verified assertion says, attribute by attribute, before anything is made of it.
//!
//! Both spellings of `Authentification_mode` are taken, and `xsi:type` is not looked at: a published generator misspells
//! its namespace. An attribute given twice is refused, whatever the case of its name: two readers would not take the same.
//!
//! Source: DMPi, VIHF 3.0 in published samples; CI-SIS volet HL7 v2 to DMP (4.0); DRIMBox list of mandatory attributes.

use super::header::SAML;
use super::{Software, VihfVersion};
use crate::fault::Fault;
use dmp_dossier::Time;
use dmp_xml::Element;
use std::collections::BTreeMap;

const HL7: &str = "urn:hl7-org:v3";
/// Attributes of one assertion.
const ATTRIBUTES_MAX: usize = 64;
/// Characters of a value; of the reason of a bris de glace too.
const VALUE_MAX: usize = 1024;
/// The audience of the DMP, and its `Ressource_URN`.
const DMP: &str = "urn:dmp";

const ROLE: &str = "urn:oasis:names:tc:xacml:2.0:subject:role";
const SUBJECT: &str = "urn:oasis:names:tc:xspa:1.0:subject:subject-id";
const RESOURCE: &str = "urn:oasis:names:tc:xacml:2.0:resource:resource-id";
const PURPOSE: &str = "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse";
const CONFIDENTIALITY: &str = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code";

/// How the person was authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AuthenticationMode {
    /// By their card.
    Direct,
    /// By their structure, which the server trusts for itself only.
    Indirect,
    /// By their structure, with their national identifier.
    ReinforcedIndirect,
}

/// A coded value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Coded {
    pub(super) code: String,
    pub(super) system: String,
}

/// What the assertion says.
#[derive(Debug)]
pub(super) struct Assertion<'t> {
    pub(super) id: &'t str,
    pub(super) issued_at: Time,
    pub(super) not_before: Option<Time>,
    pub(super) not_on_or_after: Option<Time>,
    pub(super) issuer: String,
    pub(super) name_id: String,
    pub(super) subject: Option<String>,
    pub(super) version: VihfVersion,
    pub(super) mode: AuthenticationMode,
    pub(super) structure: String,
    pub(super) sector: String,
    pub(super) profession: Coded,
    pub(super) qualification: Option<Coded>,
    pub(super) resource_id: Option<String>,
    pub(super) purpose: String,
    pub(super) reason: Option<String>,
    pub(super) confidentiality: Option<String>,
    pub(super) software: Software,
}

fn invalid<T>(reason: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::wsse("InvalidSecurity", reason))
}

fn wrong(reason: impl Into<String>) -> Fault {
    Fault::wsse("InvalidSecurityToken", reason)
}

fn required(value: Option<String>, name: &str) -> Result<String, Fault> {
    value.ok_or_else(|| wrong(format!("attribut `{name}` absent du VIHF")))
}

impl<'t> Assertion<'t> {
    /// Reads an assertion whose signature was verified.
    pub(super) fn read(element: Element<'t>) -> Result<Self, Fault> {
        let attributes = Attributes::read(element)?;
        let (not_before, not_on_or_after) = conditions(element)?;
        let version = match required(attributes.text("VIHF_Version")?, "VIHF_Version")?.as_str() {
            "3.0" => VihfVersion::V3,
            "4.0" => VihfVersion::V4,
            _ => return Err(wrong("version du VIHF inconnue : 3.0 ou 4.0")),
        };
        let mode = required(attributes.text("Authentification_mode")?, "Authentification_mode")?;
        let mode = match mode.as_str() {
            "DIRECTE" => AuthenticationMode::Direct,
            "INDIRECTE" => AuthenticationMode::Indirect,
            "INDIRECTE_RENFORCEE" => AuthenticationMode::ReinforcedIndirect,
            _ => return Err(wrong("Authentification_mode inconnu")),
        };
        if required(attributes.text("Ressource_URN")?, "Ressource_URN")? != DMP {
            return Err(Fault::wsse("FailedAuthentication", "le VIHF n'est pas pour le DMP (Ressource_URN)"));
        }
        let (profession, qualification) = attributes.roles()?;
        Ok(Assertion {
            id: element.attribute("ID").ok_or_else(|| wrong("assertion sans ID"))?,
            issued_at: required_time(element, "IssueInstant")?,
            not_before,
            not_on_or_after,
            issuer: child_text(element, "Issuer")?,
            name_id: name_id(element)?,
            subject: attributes.text(SUBJECT)?,
            version,
            mode,
            structure: required(attributes.text("Identifiant_Structure")?, "Identifiant_Structure")?,
            sector: required(attributes.text("Secteur_Activite")?, "Secteur_Activite")?,
            profession,
            qualification,
            resource_id: attributes.text(RESOURCE)?,
            purpose: attributes.purpose()?,
            reason: attributes.text("Mode_Acces_Raison")?,
            confidentiality: match attributes.code(CONFIDENTIALITY)? {
                Some(code) => Some(code),
                None => attributes.code("Confidentiality_code")?,
            },
            software: Software {
                approval: required(attributes.text("LPS_ID_HOMOLOGATION_DMP")?, "LPS_ID_HOMOLOGATION_DMP")?,
                ..software(&attributes)?
            },
        })
    }
}

/// The software of an assertion that is not verified yet: only to know which algorithms its signature may use.
pub(super) fn software_of(element: Element<'_>) -> Option<Software> {
    software(&Attributes::read(element).ok()?).ok()
}

fn software(attributes: &Attributes<'_>) -> Result<Software, Fault> {
    let text = |name| attributes.text(name).map(Option::unwrap_or_default);
    Ok(Software {
        id: text("LPS_ID")?,
        name: text("LPS_Nom")?,
        version: text("LPS_Version")?,
        approval: text("LPS_ID_HOMOLOGATION_DMP")?,
    })
}

/// The attributes by name, in lower case.
struct Attributes<'t>(BTreeMap<String, Vec<Element<'t>>>);

impl<'t> Attributes<'t> {
    fn read(assertion: Element<'t>) -> Result<Self, Fault> {
        let statement = match assertion.only(SAML, "AttributeStatement") {
            Ok(statement) => statement,
            Err(0) => return Err(wrong("VIHF sans attributs")),
            Err(_) => return invalid("plusieurs AttributeStatement"),
        };
        let mut all = BTreeMap::new();
        for attribute in statement.named(SAML, "Attribute") {
            let name = attribute.attribute("Name").ok_or_else(|| wrong("attribut du VIHF sans nom"))?;
            let values = attribute.named(SAML, "AttributeValue").collect();
            if all.insert(name.to_ascii_lowercase(), values).is_some() {
                let name: String = name.chars().take(80).collect();
                return invalid(format!("attribut `{name}` donné deux fois"));
            }
            if all.len() > ATTRIBUTES_MAX {
                return invalid("trop d'attributs");
            }
        }
        Ok(Attributes(all))
    }

    fn values(&self, name: &str) -> &[Element<'t>] {
        self.0.get(&name.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// The only value of an attribute; an empty one is none.
    fn value(&self, name: &str) -> Result<Option<Element<'t>>, Fault> {
        match self.values(name) {
            [] => Ok(None),
            [value] => Ok(Some(*value)),
            _ => invalid(format!("attribut `{name}` de plusieurs valeurs")),
        }
    }

    fn text(&self, name: &str) -> Result<Option<String>, Fault> {
        let Some(value) = self.value(name)? else { return Ok(None) };
        if value.children().next().is_some() {
            return invalid(format!("attribut `{name}` qui n'est pas un texte"));
        }
        let text = value.trimmed();
        if text.chars().count() > VALUE_MAX {
            return Err(wrong(format!("attribut `{name}` trop long")));
        }
        Ok((!text.is_empty()).then(|| text.into_owned()))
    }

    /// A code, as HL7 v3 element or as `code^system`.
    fn code(&self, name: &str) -> Result<Option<String>, Fault> {
        let Some(value) = self.value(name)? else { return Ok(None) };
        match value.children().next() {
            Some(_) => Ok(Some(coded(value, None)?.code)),
            None => Ok(self.text(name)?.map(|text| text.split('^').next().unwrap_or_default().to_owned())),
        }
    }

    fn purpose(&self) -> Result<String, Fault> {
        match self.value(PURPOSE)? {
            None => Err(wrong("attribut `purposeofuse` absent du VIHF")),
            Some(value) => Ok(coded(value, Some("PurposeOfUse"))?.code),
        }
    }

    /// Profession, and what qualifies it.
    fn roles(&self) -> Result<(Coded, Option<Coded>), Fault> {
        let roles = self.values(ROLE);
        if roles.len() > 2 {
            return invalid("plus de deux valeurs de `role`");
        }
        let mut roles = roles.iter().map(|value| coded(*value, Some("Role")));
        match (roles.next().transpose()?, roles.next().transpose()?) {
            (Some(profession), qualification) => Ok((profession, qualification)),
            (None, _) => Err(wrong("attribut `role` absent du VIHF")),
        }
    }
}

fn coded(value: Element<'_>, name: Option<&str>) -> Result<Coded, Fault> {
    let mut children = value.children();
    let (Some(element), None) = (children.next(), children.next()) else {
        return Err(wrong("valeur codée du VIHF illisible"));
    };
    if element.namespace() != Some(HL7)
        || name.is_some_and(|name| element.name() != name)
        || value.has_own_text()
    {
        return Err(wrong("valeur codée du VIHF illisible"));
    }
    let attribute = |name| element.attribute(name).unwrap_or_default().trim_ascii().to_owned();
    Ok(Coded { code: attribute("code"), system: attribute("codeSystem") })
}

fn child_text(element: Element<'_>, name: &str) -> Result<String, Fault> {
    match element.only(SAML, name) {
        Ok(child) if child.children().next().is_none() => Ok(child.trimmed().into_owned()),
        Ok(_) | Err(0) => Err(wrong(format!("`{name}` absent ou illisible"))),
        Err(_) => invalid(format!("plusieurs `{name}`")),
    }
}

fn name_id(element: Element<'_>) -> Result<String, Fault> {
    let subject = match element.only(SAML, "Subject") {
        Ok(subject) => subject,
        Err(0) => return Err(wrong("`Subject` absent")),
        Err(_) => return invalid("plusieurs `Subject`"),
    };
    let text = child_text(subject, "NameID")?;
    if text.is_empty() || text.len() > 256 { Err(wrong("`NameID` absent ou trop long")) } else { Ok(text) }
}

/// `NotBefore` and `NotOnOrAfter`; an audience is the DMP's, and what is not understood is not skipped (SAML core 2.5.1).
fn conditions(element: Element<'_>) -> Result<(Option<Time>, Option<Time>), Fault> {
    let conditions = match element.only(SAML, "Conditions") {
        Ok(conditions) => conditions,
        Err(0) => return Ok((None, None)),
        Err(_) => return invalid("plusieurs `Conditions`"),
    };
    for condition in conditions.children() {
        if condition.is(SAML, "OneTimeUse") {
            continue;
        }
        if !condition.is(SAML, "AudienceRestriction") {
            return Err(wrong("condition du VIHF inconnue"));
        }
        if !condition.named(SAML, "Audience").any(|audience| audience.trimmed() == DMP) {
            return Err(Fault::wsse("FailedAuthentication", "le VIHF n'est pas pour le DMP (Audience)"));
        }
    }
    Ok((time(conditions, "NotBefore")?, time(conditions, "NotOnOrAfter")?))
}

fn required_time(element: Element<'_>, name: &str) -> Result<Time, Fault> {
    time(element, name)?.ok_or_else(|| wrong(format!("`{name}` absent")))
}

fn time(element: Element<'_>, name: &str) -> Result<Option<Time>, Fault> {
    let Some(text) = element.attribute(name) else { return Ok(None) };
    let read = text.trim_ascii().parse::<jiff::Timestamp>();
    let instant = read.map_err(|_| wrong(format!("`{name}` n'est pas un instant avec son fuseau")))?;
    Ok(Some(Time::from_millis(instant.as_millisecond())))
}
