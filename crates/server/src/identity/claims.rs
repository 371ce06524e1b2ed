//! Claims → [`Actor`], and back: what is minted for an actor reads as that actor.
//!
//! The table is in [`crate::identity`].

use super::TokenError;
use super::issuer::{Issuer, Kind};
use super::pro_sante_connect;
use super::token::Claims;
use dmp_dossier::{
    Actor, App, AppPurpose, Auth, Channel, Employee, Ins, PersonName, PsId, Realm, RealmPolicy,
    ReceptionAgent, Referent, StructureActor, StructureId,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// `dmp_actor`: who the bearer is, where no standard claim says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum DmpActor {
    /// A patient.
    Patient {
        /// *Matricule INS*.
        ins: String,
        /// Its OID.
        oid: String,
    },
    /// A person who acts for a patient.
    Representative {
        /// *Matricule INS* of the patient.
        ins: String,
        /// Its OID.
        oid: String,
        /// Stable identity of the person.
        person: String,
    },
    /// A professional, the other claims being those of Pro Santé Connect.
    Professional {
        /// How the person was authenticated.
        auth: AuthWord,
    },
    /// An employee of a structure.
    Employee {
        /// National identifier.
        id: String,
        /// Their structure.
        structure: String,
        /// Its name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        structure_name: Option<String>,
        /// Authenticated by the structure's certificate.
        #[serde(default)]
        air: bool,
    },
    /// A structure.
    Structure {
        /// National identifier.
        id: String,
        /// Its name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Software of a regulation centre.
        #[serde(default)]
        regulation: bool,
    },
    /// A reception agent.
    Agent {
        /// Identity in their organisation.
        id: String,
        /// Organisation.
        organisation: String,
        /// Channel of their desk.
        channel: String,
    },
    /// Assurance maladie.
    Insurer,
    /// The pilot team.
    Pilot,
    /// The référent of a structure.
    Referent {
        /// Identity in their structure.
        id: String,
        /// National identifier of that structure.
        structure: String,
        /// Its name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        structure_name: Option<String>,
    },
    /// Loads documents into a test deployment.
    Loader {
        /// Its name.
        name: String,
    },
}

/// `dmp_actor.auth`, and `--auth` of `dmp token`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthWord {
    /// By their card.
    Direct,
    /// By the structure's certificate alone.
    Indirect,
    /// By the structure's certificate and their national identifier.
    Air,
    /// By Pro Santé Connect.
    Psc,
}

impl From<AuthWord> for Auth {
    fn from(word: AuthWord) -> Self {
        match word {
            AuthWord::Direct => Auth::Direct,
            AuthWord::Indirect => Auth::Indirect,
            AuthWord::Air => Auth::ReinforcedIndirect,
            AuthWord::Psc => Auth::Oidc,
        }
    }
}

impl From<Auth> for AuthWord {
    fn from(auth: Auth) -> Self {
        match auth {
            Auth::Direct => AuthWord::Direct,
            Auth::Indirect => AuthWord::Indirect,
            Auth::ReinforcedIndirect => AuthWord::Air,
            Auth::Oidc => AuthWord::Psc,
        }
    }
}

/// The actor that verified claims name.
///
/// # Errors
/// A claim missing or wrong; an actor that this issuer may not speak for, or that this realm has not.
pub(crate) fn actor_of(claims: &Claims, issuer: &Issuer, realm: RealmPolicy) -> Result<Actor, TokenError> {
    let own = claims.get("dmp_actor").map(DmpActor::deserialize).transpose();
    let own = own.map_err(|_| TokenError::Claim("dmp_actor"))?;
    let kind = match &own {
        None => Kind::Professional,
        Some(DmpActor::Professional { .. }) => Kind::AssertedProfessional,
        Some(DmpActor::Patient { .. }) => Kind::Patient,
        Some(DmpActor::Representative { .. }) => Kind::Representative,
        Some(DmpActor::Employee { .. }) => Kind::Employee,
        Some(DmpActor::Structure { .. }) => Kind::Structure,
        Some(DmpActor::Agent { .. }) => Kind::Agent,
        Some(DmpActor::Insurer) => Kind::Insurer,
        Some(DmpActor::Pilot) => Kind::Pilot,
        Some(DmpActor::Loader { .. }) => Kind::Loader,
        Some(DmpActor::Referent { .. }) => Kind::Referent,
    };
    if !issuer.speaks_for(kind) {
        return Err(TokenError::Insufficient("its issuer does not speak for such an actor"));
    }
    let ins = |ins: &str, oid: &str| realm.read(ins, oid).map_err(|_| TokenError::Claim("dmp_actor.ins"));
    Ok(match own {
        None => pro_sante_connect::professional(claims, Auth::Oidc)?,
        Some(DmpActor::Professional { auth }) => pro_sante_connect::professional(claims, auth.into())?,
        Some(DmpActor::Patient { ins: value, oid }) => Actor::Patient { ins: ins(&value, &oid)? },
        Some(DmpActor::Representative { ins: value, oid, person }) => {
            Actor::Representative { of: ins(&value, &oid)?, person: filled(person, "dmp_actor.person")? }
        }
        Some(DmpActor::Employee { id, structure, structure_name, air }) => Actor::Employee(Employee {
            id: PsId::parse(&id).ok_or(TokenError::Claim("dmp_actor.id"))?,
            name: pro_sante_connect::name(claims),
            structure: structure_id(&structure, "dmp_actor.structure")?,
            structure_name,
            reinforced_indirect: air,
        }),
        Some(DmpActor::Structure { id, name, regulation }) => {
            Actor::Structure(StructureActor { id: structure_id(&id, "dmp_actor.id")?, name, regulation })
        }
        Some(DmpActor::Agent { id, organisation, channel }) => Actor::ReceptionAgent(ReceptionAgent {
            id: filled(id, "dmp_actor.id")?,
            organisation,
            channel: Channel::parse(&channel).ok_or(TokenError::Claim("dmp_actor.channel"))?,
        }),
        Some(DmpActor::Referent { id, structure, structure_name }) => Actor::Referent(Referent {
            id: filled(id, "dmp_actor.id")?,
            name: pro_sante_connect::name(claims),
            structure: structure_id(&structure, "dmp_actor.structure")?,
            structure_name,
        }),
        Some(DmpActor::Insurer) => Actor::Insurer,
        Some(DmpActor::Pilot) => Actor::Pilot,
        Some(DmpActor::Loader { name }) => match realm.realm {
            Realm::Test => {
                Actor::App(App { name: filled(name, "dmp_actor.name")?, purpose: AppPurpose::Loader })
            }
            Realm::Production => {
                return Err(TokenError::Insufficient("a loader exists in the test realm only"));
            }
        },
    })
}

/// The actor that somebody describes by claims, to ask what that actor would see: nobody vouches for them.
///
/// # Errors
/// A claim missing or wrong.
pub(crate) fn described(claims: &Map<String, Value>, realm: RealmPolicy) -> Result<Actor, TokenError> {
    let nobody = Issuer::new("", "", Vec::new(), BTreeMap::new(), &Kind::ALL);
    actor_of(claims, &nobody, realm)
}

/// The claims that name an actor. `None` for the system itself, which no token can be.
pub(crate) fn of_actor(actor: &Actor) -> Option<Map<String, Value>> {
    let ins = |ins: &Ins| (ins.value().to_owned(), ins.oid().as_str().to_owned());
    let mut claims = Map::new();
    let own = match actor {
        Actor::Patient { ins: patient } => {
            let (ins, oid) = ins(patient);
            DmpActor::Patient { ins, oid }
        }
        Actor::Representative { of, person } => {
            let (ins, oid) = ins(of);
            DmpActor::Representative { ins, oid, person: person.clone() }
        }
        Actor::Professional(professional) => {
            claims = pro_sante_connect::claims(professional);
            DmpActor::Professional { auth: professional.auth.into() }
        }
        Actor::Employee(employee) => {
            put_name(&mut claims, &employee.name);
            DmpActor::Employee {
                id: employee.id.as_str().to_owned(),
                structure: employee.structure.as_str().to_owned(),
                structure_name: employee.structure_name.clone(),
                air: employee.reinforced_indirect,
            }
        }
        Actor::Structure(structure) => DmpActor::Structure {
            id: structure.id.as_str().to_owned(),
            name: structure.name.clone(),
            regulation: structure.regulation,
        },
        Actor::ReceptionAgent(agent) => DmpActor::Agent {
            id: agent.id.clone(),
            organisation: agent.organisation.clone(),
            channel: agent.channel.as_str().to_owned(),
        },
        Actor::Referent(referent) => {
            put_name(&mut claims, &referent.name);
            DmpActor::Referent {
                id: referent.id.clone(),
                structure: referent.structure.as_str().to_owned(),
                structure_name: referent.structure_name.clone(),
            }
        }
        Actor::Insurer => DmpActor::Insurer,
        Actor::Pilot => DmpActor::Pilot,
        Actor::App(app) => match app.purpose {
            AppPurpose::Loader => DmpActor::Loader { name: app.name.clone() },
            AppPurpose::System => return None,
        },
    };
    claims.insert("dmp_actor".to_owned(), json!(own));
    Some(claims)
}

pub(super) fn put_name(claims: &mut Map<String, Value>, name: &PersonName) {
    claims.insert("family_name".to_owned(), json!(name.family));
    claims.insert("given_name".to_owned(), json!(name.given));
}

fn filled(text: String, claim: &'static str) -> Result<String, TokenError> {
    let usable = !text.is_empty() && text.len() <= 255 && !text.chars().any(char::is_control);
    if usable { Ok(text) } else { Err(TokenError::Claim(claim)) }
}

fn structure_id(text: &str, claim: &'static str) -> Result<StructureId, TokenError> {
    StructureId::parse(text).ok_or(TokenError::Claim(claim))
}
