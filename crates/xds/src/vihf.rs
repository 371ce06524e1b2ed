//! The VIHF (*Vecteur d'Identification et d'Habilitation Formelles*): who asks, from which structure, in which mode, for
//! which patient. A SAML assertion in `wsse:Security`, signed by a card or by the certificate of a structure.
//!
//! Two steps, in two places: the signature is verified ([`dmp_xml::signature`]), then what was signed is read and weighed
//! here, on the same element. The order of the checks is the reference system's: signature and usage of the certificate,
//! times, coherence of the certificates with the VIHF, structure and person, software, then who it makes. Replays are told by
//! the caller, who keeps [`Vihf::id`] until [`Vihf::expires_at`].
//!
//! Sources: SEL-MP-037 (DMPi), VIHF 3.0 and 4.0 as published samples carry them; CI-SIS *Transport synchrone*; SAML 2.0
//! core; security.md SAML rows 12–16; bad-inputs SAML-01..59.

mod actor;
mod assertion;
mod coherence;
mod directory;
mod header;
mod times;
mod trust;

#[cfg(test)]
mod tests;

pub use directory::{Directory, Everyone, Table, TableError};
pub use trust::{LegacySoftware, Trust, VihfParameters};

use dmp_dossier::{Actor, Ins, StructureId, Time};

/// A verified VIHF.
#[derive(Debug, Clone)]
pub struct Vihf {
    /// Identifier of the assertion.
    pub id: String,
    /// `IssueInstant`.
    pub issued_at: Time,
    /// When it stops being taken, tolerance included: a replay is looked for until then.
    pub expires_at: Time,
    /// Who acts.
    pub actor: Actor,
    /// Patient of the session (`resource-id`).
    pub patient: Option<Ins>,
    /// Structure (`Identifiant_Structure`).
    pub structure: StructureId,
    /// `NameID`: a national identifier, or in `INDIRECTE` mode what the structure calls its user.
    pub name_id: String,
    /// The software that asks.
    pub software: Software,
    /// Version of the VIHF.
    pub version: VihfVersion,
}

/// The software that asks, as it names itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Software {
    /// `LPS_ID`: this installation.
    pub id: String,
    /// `LPS_Nom`.
    pub name: String,
    /// `LPS_Version`.
    pub version: String,
    /// `LPS_ID_HOMOLOGATION_DMP`: number of its approval.
    pub approval: String,
}

/// Version of the VIHF (`VIHF_Version`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VihfVersion {
    /// `3.0`, of the published samples.
    V3,
    /// `4.0`, of the ANS *volet* HL7 v2 to DMP.
    V4,
}
