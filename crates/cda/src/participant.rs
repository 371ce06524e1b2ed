//! People, systems and structures named in a header.

use dmp_dossier::code::Code;
use dmp_dossier::time::Dtm;
use dmp_xml::Node;

use crate::node::{Hl7, Identifier};
use crate::timestamp;

/// An author or the legal authenticator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// When they wrote or took responsibility; absent when unreadable.
    pub time: Option<Dtm>,
    /// `functionCode`.
    pub function: Option<Code>,
    /// Identifiers.
    pub ids: Vec<Identifier>,
    /// Profession and speciality, or what kind of system it is.
    pub code: Option<Code>,
    /// Who.
    pub name: Name,
    /// True for `assignedAuthoringDevice`, and for the person of given name `.` by which CI-SIS documents name a
    /// system where only a person fits.
    pub is_system: bool,
    /// `representedOrganization`.
    pub organization: Option<Organization>,
}

/// A person's name, or a system's in `family`. Empty parts are unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Name {
    /// Family name.
    pub family: String,
    /// Given name.
    pub given: String,
}

/// A structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Identifiers.
    pub ids: Vec<Identifier>,
    /// Name, empty when unknown.
    pub name: String,
    /// `standardIndustryClassCode`.
    pub practice_setting: Option<Code>,
}

pub(crate) fn author(author: Node<'_, '_>) -> Option<Participant> {
    read(author, author.child("assignedAuthor")?)
}

pub(crate) fn authenticator(authenticator: Node<'_, '_>) -> Option<Participant> {
    read(authenticator, authenticator.child("assignedEntity")?)
}

fn read(participation: Node<'_, '_>, role: Node<'_, '_>) -> Option<Participant> {
    let person = role.child("assignedPerson").and_then(|person| person.child("name")).map(name);
    let device = role.child("assignedAuthoringDevice").map(|device| {
        let part =
            |element| device.child(element).map(Hl7::plain).filter(|text| !matches!(text.as_str(), "" | "."));
        part("softwareName").or_else(|| part("manufacturerModelName")).unwrap_or_default()
    });
    let is_system = device.is_some() || person.as_ref().is_some_and(|name| name.given == ".");
    let name = match (device, person) {
        (Some(family), _) => Name { family, given: String::new() },
        (None, Some(name)) if is_system => Name { given: String::new(), ..name },
        (None, name) => name.unwrap_or_default(),
    };
    Some(Participant {
        time: participation.child("time").and_then(|time| timestamp::read(time.attr("value")?)),
        function: participation.child("functionCode").and_then(Hl7::coded),
        ids: role.identifiers(),
        code: role.child("code").and_then(Hl7::coded),
        name,
        is_system,
        organization: role.child("representedOrganization").map(organization),
    })
}

fn name(name: Node<'_, '_>) -> Name {
    let part = |element| name.each(element).map(Hl7::plain).find(|text| !text.is_empty());
    match (part("family"), part("given")) {
        (None, None) => Name { family: name.plain(), given: String::new() },
        (family, given) => Name { family: family.unwrap_or_default(), given: given.unwrap_or_default() },
    }
}

pub(crate) fn organization(organization: Node<'_, '_>) -> Organization {
    Organization {
        ids: organization.identifiers(),
        name: organization.child("name").map(Hl7::plain).unwrap_or_default(),
        practice_setting: organization.child("standardIndustryClassCode").and_then(Hl7::coded),
    }
}
