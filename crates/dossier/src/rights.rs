//! Who may reach the dossier: authorisations, blocks, médecins traitants, care teams, emergency switches.
//!
//! The state here is exactly what the journal's facts rebuild: [`Rights::apply`] is the only way it changes.

use crate::actor::{Actor, PsId, StructureId};
use crate::document::Visibility;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Who an authorisation or a block names: a person or a structure (TD1.6 returns both).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Grantee {
    /// A professional.
    Professional(PsId),
    /// A structure, and through it its employees and professionals.
    Structure(StructureId),
}

impl Grantee {
    /// The national identifier.
    pub fn id(&self) -> &str {
        match self {
            Grantee::Professional(id) => id.as_str(),
            Grantee::Structure(id) => id.as_str(),
        }
    }
}

/// What an authorisation rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Basis {
    /// The patient, or who acts for them, gave it.
    Patient,
    /// The initial consent to a care team; it ends with it.
    InitialConsent(Uuid),
    /// An explicit consent at this consultation; ends with the session.
    Explicit,
    /// Declared médecin traitant; stands while he is.
    MedecinTraitant,
}

/// Authorisation of an actor, as TD0.2 tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Authorisation {
    /// `NON_EXISTE`
    NonExiste,
    /// `VALIDE`
    Valide,
    /// `EXPIRE`
    Expire,
    /// `INTERDIT`: blocked by the patient.
    Interdit,
}

impl Authorisation {
    /// The code of TD0.2.
    pub fn as_str(self) -> &'static str {
        match self {
            Authorisation::NonExiste => "NON_EXISTE",
            Authorisation::Valide => "VALIDE",
            Authorisation::Expire => "EXPIRE",
            Authorisation::Interdit => "INTERDIT",
        }
    }
}

/// What the dossier holds about one grantee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Who.
    pub who: Grantee,
    /// The authorisation: from, until (`None` = while médecin traitant), and on what it rests.
    pub authorised: Option<(Time, Option<Time>, Basis)>,
    /// Blocked since.
    pub blocked: Option<Time>,
    /// Médecin traitant since.
    pub medecin_traitant: Option<Time>,
    /// Last act on this grant.
    pub last_act: Time,
}

impl Grant {
    /// The authorisation this grant gives at an instant.
    pub fn at(&self, at: Time) -> Authorisation {
        match (self.blocked, self.authorised) {
            (Some(_), _) => Authorisation::Interdit,
            (None, None) => Authorisation::NonExiste,
            (None, Some((_, until, _))) if until.is_none_or(|until| at < until) => Authorisation::Valide,
            _ => Authorisation::Expire,
        }
    }
}

/// The patient's initial consent to a care team (Conseil d'État 15/10/2025; R.1111-46 CSP).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitialConsent {
    /// Its identity, which authorisations refer to.
    pub id: Uuid,
    /// The team: structures and persons.
    pub team: Vec<Grantee>,
    /// Since.
    pub since: Time,
    /// Withdrawn at.
    pub withdrawn: Option<Time>,
}

/// The three emergency switches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Emergency {
    /// `OPPOSITION_BRIS_DE_GLACE`.
    pub bris_de_glace_opposed: bool,
    /// `OPPOSITION_ACCES_URGENCE` (SAMU).
    pub samu_opposed: bool,
    /// Masked documents may be read in an emergency.
    pub masked_readable: bool,
}

/// A fact about rights: what the journal carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RightsFact {
    /// Authorised until, on a basis.
    Authorised {
        /// Who.
        who: Grantee,
        /// Until; `None` while médecin traitant.
        until: Option<Time>,
        /// On what it rests.
        basis: Basis,
    },
    /// The authorisation ended; it is not erased from the journal.
    AuthorisationEnded {
        /// Who.
        who: Grantee,
    },
    /// Blocked by the patient or for them; ends authorisation and médecin traitant.
    Blocked {
        /// Who.
        who: Grantee,
    },
    /// Block lifted; gives no authorisation back.
    Unblocked {
        /// Who.
        who: Grantee,
    },
    /// Declared médecin traitant.
    MedecinTraitantDeclared {
        /// Who; a doctor.
        who: Grantee,
    },
    /// No longer médecin traitant; the plain authorisation stays until that time.
    MedecinTraitantEnded {
        /// Who.
        who: Grantee,
        /// End of the authorisation that stays.
        until: Time,
    },
    /// Initial consent to a care team recorded.
    InitialConsentRecorded {
        /// Its identity.
        id: Uuid,
        /// The team.
        team: Vec<Grantee>,
        /// When the patient gave it.
        since: Time,
    },
    /// Initial consent withdrawn: the authorisations that rest on it end.
    InitialConsentWithdrawn {
        /// Its identity.
        id: Uuid,
    },
    /// The emergency switches as they are now.
    EmergencySet(Emergency),
    /// The visibility future deposits get.
    DefaultConfidentialitySet(Visibility),
}

/// Everything about who may reach the dossier.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rights {
    /// One per grantee, in order of first act.
    pub grants: Vec<Grant>,
    /// Care teams.
    pub initial_consents: Vec<InitialConsent>,
    /// Emergency switches.
    pub emergency: Emergency,
    /// Default confidentiality of future documents.
    pub default_confidentiality: Visibility,
}

impl Rights {
    /// Applies a fact. Total: what was recorded is a fact.
    pub fn apply(&mut self, fact: &RightsFact, at: Time) {
        match fact {
            RightsFact::Authorised { who, until, basis } => {
                let grant = self.grant_mut(who, at);
                grant.authorised = Some((at, *until, *basis));
                grant.blocked = None;
            }
            RightsFact::AuthorisationEnded { who } => {
                let grant = self.grant_mut(who, at);
                grant.authorised = None;
                grant.medecin_traitant = None;
            }
            RightsFact::Blocked { who } => {
                let grant = self.grant_mut(who, at);
                grant.authorised = None;
                grant.medecin_traitant = None;
                grant.blocked = Some(at);
            }
            RightsFact::Unblocked { who } => self.grant_mut(who, at).blocked = None,
            RightsFact::MedecinTraitantDeclared { who } => {
                let grant = self.grant_mut(who, at);
                grant.medecin_traitant = Some(at);
                grant.authorised = Some((at, None, Basis::MedecinTraitant));
                grant.blocked = None;
            }
            RightsFact::MedecinTraitantEnded { who, until } => {
                let grant = self.grant_mut(who, at);
                grant.medecin_traitant = None;
                grant.authorised = Some((at, Some(*until), Basis::Patient));
            }
            RightsFact::InitialConsentRecorded { id, team, since } => self
                .initial_consents
                .push(InitialConsent { id: *id, team: team.clone(), since: *since, withdrawn: None }),
            RightsFact::InitialConsentWithdrawn { id } => {
                for consent in self.initial_consents.iter_mut().filter(|c| c.id == *id) {
                    consent.withdrawn = Some(at);
                }
                for grant in &mut self.grants {
                    if matches!(grant.authorised, Some((_, _, Basis::InitialConsent(on))) if on == *id) {
                        grant.authorised = None;
                        grant.last_act = at;
                    }
                }
            }
            RightsFact::EmergencySet(emergency) => self.emergency = *emergency,
            RightsFact::DefaultConfidentialitySet(visibility) => self.default_confidentiality = *visibility,
        }
    }

    fn grant_mut(&mut self, who: &Grantee, at: Time) -> &mut Grant {
        let index = self.grants.iter().position(|g| g.who == *who).unwrap_or_else(|| {
            self.grants.push(Grant {
                who: who.clone(),
                authorised: None,
                blocked: None,
                medecin_traitant: None,
                last_act: at,
            });
            self.grants.len() - 1
        });
        let grant = &mut self.grants[index];
        grant.last_act = at;
        grant
    }

    /// What the dossier holds about a grantee.
    pub fn grant(&self, who: &Grantee) -> Option<&Grant> {
        self.grants.iter().find(|g| g.who == *who)
    }

    /// The grants that concern an actor: his own and his structure's.
    fn grants_of<'a>(&'a self, actor: &'a Actor) -> impl Iterator<Item = &'a Grant> {
        let person = match actor {
            Actor::Employee(e) => Some(&e.id),
            other => other.professional().map(|p| &p.id),
        };
        let structure = actor.structure();
        self.grants.iter().filter(move |grant| match &grant.who {
            Grantee::Professional(id) => Some(id) == person,
            Grantee::Structure(id) => Some(id) == structure,
        })
    }

    /// The authorisation of an actor: a block of the person or of the structure wins, then a valid
    /// authorisation of either, then an expired one.
    pub fn authorisation(&self, actor: &Actor, at: Time) -> Authorisation {
        let rank = |a: &Authorisation| match a {
            Authorisation::Interdit => 3,
            Authorisation::Valide => 2,
            Authorisation::Expire => 1,
            Authorisation::NonExiste => 0,
        };
        self.grants_of(actor)
            .map(|grant| grant.at(at))
            .chain(self.names_blocked(actor).then_some(Authorisation::Interdit))
            .max_by_key(rank)
            .unwrap_or(Authorisation::NonExiste)
    }

    /// True when the patient blocked the person an `INDIRECTE` request names: the name carries no right, but a
    /// block follows it (security.md 2.5 A2, "via structure").
    fn names_blocked(&self, actor: &Actor) -> bool {
        matches!(actor, Actor::Professional(p) if self.grants.iter().any(|g| {
            g.blocked.is_some() && matches!(&g.who, Grantee::Professional(id) if *id == p.id)
        }))
    }

    /// True when the actor is a médecin traitant of this dossier, as a person: a doctor, whatever was declared of
    /// somebody whose profession was not known then.
    pub fn is_medecin_traitant(&self, actor: &Actor) -> bool {
        actor.professional().filter(|p| p.is_doctor()).is_some_and(|p| {
            self.grants.iter().any(|g| {
                g.medecin_traitant.is_some() && matches!(&g.who, Grantee::Professional(id) if *id == p.id)
            })
        })
    }

    /// The initial consent in force that covers a professional or a structure, if any.
    pub fn team_consent(
        &self,
        person: Option<&PsId>,
        structure: Option<&StructureId>,
    ) -> Option<&InitialConsent> {
        self.initial_consents.iter().filter(|c| c.withdrawn.is_none()).find(|consent| {
            consent.team.iter().any(|member| match member {
                Grantee::Professional(id) => Some(id) == person,
                Grantee::Structure(id) => Some(id) == structure,
            })
        })
    }
}
