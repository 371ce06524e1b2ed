//! Persons a patient names: to be called, or to be heard (*personne de confiance*, CSP L.1111-6).

use dmp_xml::Node;

use crate::clinical::References;
use crate::node::Hl7;

/// Template of ours: a UUID as an OID (ITU-T X.667).
pub(crate) const PERSON_TEMPLATE: &str = "2.25.97261538401927364510293847561029384756";

/// What a person was named for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PersonRole {
    /// *Personne de confiance*.
    Trusted,
    /// *Personne à prévenir*.
    ToCall,
}

impl PersonRole {
    /// LOINC code and label of the act that names them.
    pub(crate) fn code(self) -> (&'static str, &'static str) {
        match self {
            PersonRole::Trusted => ("81335-2", "Personne de confiance"),
            PersonRole::ToCall => ("56864-2", "Personne à prévenir"),
        }
    }

    /// HL7 RoleClass.
    pub(crate) fn class(self) -> &'static str {
        match self {
            PersonRole::Trusted => "AGNT",
            PersonRole::ToCall => "ECON",
        }
    }

    /// In French.
    pub fn words(self) -> &'static str {
        self.code().1
    }
}

/// Somebody to call, or to be heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPerson {
    /// What for.
    pub role: PersonRole,
    /// Name.
    pub name: String,
    /// *Sœur*, *voisine*…; may be empty.
    pub tie: String,
    /// Telephone, as it is dialled.
    pub phone: String,
}

pub(super) fn is_one(node: Node<'_, '_>) -> bool {
    node.is("act") && node.has_template(PERSON_TEMPLATE)
}

pub(super) fn read<'d, 'a>(node: Node<'d, 'a>, references: &References<'d, 'a>) -> Option<NamedPerson> {
    let role = node.path(&["participant", "participantRole"])?;
    let trusted = role.attr("classCode") == Some(PersonRole::Trusted.class());
    let phone = role.child("telecom").and_then(|telecom| telecom.attr("value")).unwrap_or_default();
    Some(NamedPerson {
        role: if trusted { PersonRole::Trusted } else { PersonRole::ToCall },
        name: role.path(&["playingEntity", "name"]).map(Hl7::plain).unwrap_or_default(),
        tie: references.text(node.child("text")),
        phone: phone.strip_prefix("tel:").unwrap_or(phone).to_owned(),
    })
}
