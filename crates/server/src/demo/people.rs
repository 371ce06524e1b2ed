//! The personas as the server and the pages ask for them.

use dmp_dossier::command::Command;
use dmp_dossier::{Actor, Grantee};
use dmp_portal::{Demo, Group, ListedPatient, Profile, Viewer};
use serde_json::Value;
use std::collections::BTreeMap;

use super::personas::{self, Persona, Who};
use super::population::{Person, leo};
use super::seed::{SeedOptions, each_history};
use super::tale::{Deed, Step};
use crate::people::People;

/// Most dossiers proposed to one person.
const LISTED: usize = 60;

/// Most dossiers looked through to find them.
const SEARCHED: usize = 3_000;

/// The people of a demo that was seeded with these options.
pub struct DemoPeople {
    personas: Vec<Persona>,
    /// Dossiers proposed to a professional or an employee, by national identifier: those they came to.
    patients: BTreeMap<String, Vec<ListedPatient>>,
}

impl DemoPeople {
    /// The people, and whose dossiers they know. Histories are made again, nothing is read from the store.
    pub fn of(options: SeedOptions) -> DemoPeople {
        let personas = personas::personas();
        let mut patients: BTreeMap<String, Vec<ListedPatient>> =
            personas.iter().filter_map(|p| national_id(&p.actor())).map(|id| (id, Vec::new())).collect();
        // The personas live in one department; a large population is looked through no further than it takes.
        let options = SeedOptions { dossiers: options.dossiers.min(SEARCHED), ..options };
        let lives_there = |person: &Person| person.department == personas::DEPARTMENT;
        each_history(options, lives_there, &mut |person, steps| {
            for (id, list) in &mut patients {
                if list.len() < LISTED
                    && let Some(note) = tie(id, &steps)
                {
                    list.push(listed(person, note));
                }
            }
        });
        DemoPeople { personas, patients }
    }

    fn persona(&self, key: &str) -> Option<&Persona> {
        self.personas.iter().find(|persona| persona.key == key)
    }
}

/// What somebody is to a dossier: nothing unless they came to it and were let in.
fn tie(id: &str, steps: &[Step]) -> Option<&'static str> {
    let mut came = false;
    for step in steps.iter().filter(|step| !step.refused) {
        if let Deed::Command(command) = &step.deed
            && let Command::Authorise(authorise) = &**command
            && authorise.who.id() == id
        {
            came = true;
            if authorise.medecin_traitant && matches!(authorise.who, Grantee::Professional(_)) {
                return Some("vous êtes son médecin traitant");
            }
        }
        came |= national_id(&step.by).as_deref() == Some(id);
    }
    came.then_some("")
}

fn national_id(actor: &Actor) -> Option<String> {
    match actor {
        Actor::Professional(professional) => Some(professional.id.as_str().to_owned()),
        Actor::Employee(employee) => Some(employee.id.as_str().to_owned()),
        _ => None,
    }
}

fn listed(person: &Person, note: &str) -> ListedPatient {
    ListedPatient {
        ins: person.ins.clone(),
        name: person.name(),
        birth_date: person.traits.birth_date.clone(),
        note: note.to_owned(),
    }
}

impl Demo for DemoPeople {
    fn personas(&self) -> Vec<dmp_portal::Persona> {
        let group = |persona: &Persona| match persona.who {
            Who::Patient { .. } => Group::Patients,
            Who::Professional(..) => Group::Professionals,
            Who::Employee(_) | Who::Agent(_) | Who::Referent(_) | Who::Pilot => Group::Staff,
        };
        self.personas
            .iter()
            .map(|persona| dmp_portal::Persona {
                key: persona.key.to_owned(),
                name: persona.name.clone(),
                who: persona.label.to_owned(),
                can: persona.can.to_owned(),
                group: group(persona),
            })
            .collect()
    }

    fn patients(&self, viewer: &Viewer) -> Vec<ListedPatient> {
        let known = national_id(&viewer.actor).and_then(|id| self.patients.get(&id));
        known.cloned().unwrap_or_default()
    }
}

impl People for DemoPeople {
    fn actor(&self, key: &str) -> Option<Actor> {
        self.persona(key).map(Persona::actor)
    }

    fn viewer(&self, key: &str, csrf: String) -> Option<Viewer> {
        let persona = self.persona(key)?;
        // Whoever represents somebody in the demo represents Léo.
        let child = leo();
        let name = format!("Léo {}", super::names::sentence_case(&child.traits.birth_name));
        let profiles = persona.representative_actors().into_iter();
        let now = dmp_store::Ambient::now(&crate::open::SystemAmbient);
        let profiles = profiles.map(|actor| Profile { actor, name: name.clone() }).collect();
        Some(Viewer { profiles, ..Viewer::new(persona.actor(), &persona.name, persona.label, csrf, now) })
    }

    fn listing(&self) -> Value {
        self.personas.iter().map(Persona::to_json).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dmp_dossier::Time;

    fn people() -> DemoPeople {
        DemoPeople::of(SeedOptions { dossiers: 60, seed: 1, now: Time::from_millis(1_795_000_000_000) })
    }

    #[test]
    fn a_professional_is_proposed_the_dossiers_they_came_to() {
        let people = people();
        let patients = |key: &str| people.patients(&people.viewer(key, String::new()).unwrap());
        let doctors = patients("dr-martin");
        assert!(doctors.len() > 2, "{}", doctors.len());
        assert_eq!(doctors[0].name, "DURAND Marie");
        assert_eq!(doctors[0].note, "vous êtes son médecin traitant");
        assert_eq!(patients("dr-travail").len(), 1);
        assert!(patients("marie").is_empty() && patients("pilote").is_empty());
    }

    #[test]
    fn marie_also_holds_the_dossier_of_leo() {
        let viewer = people().viewer("marie", "x".to_owned()).unwrap();
        assert_eq!(viewer.profiles.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["Léo Durand"]);
        assert!(people().viewer("nobody", String::new()).is_none());
    }
}
