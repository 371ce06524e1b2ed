//! Who the bearer of a test token is to be, in the words of `dmp token`.

use crate::demo::personas;
use crate::identity::claims::AuthWord;
use dmp_dossier::{
    Actor, App, AppPurpose, Auth, Card, Channel, Employee, Ins, InsOid, Mode, PersonName, Professional, PsId,
    ReceptionAgent, StructureActor, StructureId,
};

/// Why nobody is meant, in one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WhoError(String);

fn wrong<T>(problem: impl Into<String>) -> Result<T, WhoError> {
    Err(WhoError(problem.into()))
}

/// Somebody, as the options of a command line name them: one of `persona`, `patient`, `representative_of`,
/// `professional`, `agent` and `loader`, or `structure` alone.
#[derive(Debug, Clone, Default)]
pub struct Who {
    /// Somebody of the demo.
    pub persona: Option<String>,
    /// INS of a patient.
    pub patient: Option<String>,
    /// INS of the patient somebody acts for.
    pub representative_of: Option<String>,
    /// Stable identity of that somebody.
    pub person: String,
    /// National identifier.
    pub professional: Option<String>,
    /// Profession code.
    pub profession: Option<String>,
    /// *Savoir-faire* or section.
    pub speciality: Option<String>,
    /// Name shown to people, family name first.
    pub name: Option<String>,
    /// National identifier of the structure.
    pub structure: Option<String>,
    /// Sector of activity.
    pub sector: Option<String>,
    /// How authenticated; by card when not said.
    pub auth: Option<AuthWord>,
    /// The card is that of an employee.
    pub employee: bool,
    /// Access mode, over the one that a persona has.
    pub mode: Option<ModeWord>,
    /// Reason of a bris de glace.
    pub reason: Option<String>,
    /// *Connexion secrète*.
    pub secret: bool,
    /// Channel of a reception agent.
    pub agent: Option<String>,
    /// The loader.
    pub loader: bool,
}

/// Access mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModeWord {
    /// `normal`
    Normal,
    /// `bris_de_glace`
    BrisDeGlace,
    /// `centre_15`
    Centre15,
}

impl Who {
    /// The actor meant.
    ///
    /// # Errors
    /// Nobody, an identifier that is none, an option that this somebody has not.
    pub fn actor(&self) -> Result<Actor, WhoError> {
        let structure = self.structure.as_deref().map(structure).transpose()?;
        let mut actor = match self {
            Who { persona: Some(name), .. } => persona(name)?,
            Who { patient: Some(number), .. } => Actor::Patient { ins: ins(number)? },
            Who { representative_of: Some(number), .. } => {
                Actor::Representative { of: ins(number)?, person: self.person.clone() }
            }
            Who { professional: Some(id), employee: true, .. } => match structure {
                None => return wrong("an employee has a --structure"),
                Some(structure) => Actor::Employee(Employee {
                    id: person(id)?,
                    name: self.person_name(),
                    structure,
                    structure_name: None,
                    reinforced_indirect: self.auth == Some(AuthWord::Air),
                }),
            },
            Who { professional: Some(id), .. } => {
                Actor::Professional(Box::new(self.professional(person(id)?, structure)?))
            }
            Who { agent: Some(channel), .. } => match Channel::parse(channel) {
                None => return wrong(format!("`{channel}` is not a channel")),
                Some(known) => Actor::ReceptionAgent(ReceptionAgent {
                    id: format!("agent-{channel}"),
                    organisation: "Accueil de test".to_owned(),
                    channel: known,
                }),
            },
            Who { loader: true, .. } => {
                Actor::App(App { name: "dmp publish".to_owned(), purpose: AppPurpose::Loader })
            }
            _ => match structure {
                None => return wrong("who? --persona, --patient, --professional, --structure… (see --help)"),
                Some(id) => Actor::Structure(StructureActor { id, name: None, regulation: false }),
            },
        };
        self.set_mode(&mut actor)?;
        Ok(actor)
    }

    fn professional(&self, id: PsId, structure: Option<StructureId>) -> Result<Professional, WhoError> {
        let Some(profession) = self.profession.clone() else {
            return wrong("a professional has a --profession");
        };
        Ok(Professional {
            id,
            name: self.person_name(),
            card: if profession.starts_with("G16_") { Card::Cpf } else { Card::Cps },
            profession,
            speciality: self.speciality.clone(),
            structure,
            structure_name: None,
            sector: self.sector.clone(),
            auth: self.auth.map_or(Auth::Direct, Auth::from),
            mode: Mode::Normal,
            secret: false,
            software: None,
        })
    }

    /// Mode and secret session, over what a persona has.
    fn set_mode(&self, actor: &mut Actor) -> Result<(), WhoError> {
        match (actor, self.mode) {
            (_, None) if !self.secret => {}
            (Actor::Professional(professional), mode) => {
                professional.secret |= self.secret;
                match mode {
                    None => {}
                    Some(ModeWord::Normal) => professional.mode = Mode::Normal,
                    Some(ModeWord::Centre15) => professional.mode = Mode::Centre15,
                    // Without a reason the record refuses, and journals it.
                    Some(ModeWord::BrisDeGlace) => {
                        let reason = self.reason.clone().unwrap_or_default();
                        professional.mode = Mode::BrisDeGlace { reason };
                    }
                }
            }
            (Actor::Structure(structure), Some(ModeWord::Centre15)) if !self.secret => {
                structure.regulation = true;
            }
            (_, Some(ModeWord::Normal)) if !self.secret => {}
            _ => return wrong("--mode and --secret are for a professional"),
        }
        Ok(())
    }

    fn person_name(&self) -> PersonName {
        let name = self.name.as_deref().unwrap_or_default();
        let (family, given) = name.split_once(' ').unwrap_or((name, ""));
        PersonName { family: family.to_owned(), given: given.to_owned() }
    }
}

fn persona(name: &str) -> Result<Actor, WhoError> {
    let people = personas();
    match people.iter().find(|persona| persona.key == name) {
        Some(persona) => Ok(persona.actor()),
        None => {
            let names: Vec<_> = people.iter().map(|persona| persona.key).collect();
            wrong(format!("`{name}` is nobody of the demo: {}", names.join(", ")))
        }
    }
}

fn ins(number: &str) -> Result<Ins, WhoError> {
    Ins::parse(number, InsOid::Test).or_else(|error| wrong(error.says()))
}

fn person(id: &str) -> Result<PsId, WhoError> {
    let wrong = || WhoError(format!("`{id}` is not a national identifier of a professional"));
    PsId::parse(id).ok_or_else(wrong)
}

fn structure(id: &str) -> Result<StructureId, WhoError> {
    let wrong = || WhoError(format!("`{id}` is not a national identifier of a structure"));
    StructureId::parse(id).ok_or_else(wrong)
}
