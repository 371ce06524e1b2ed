//! Quotas: how many patients one person or one structure reaches in an hour and in a day, how often glass is broken, how
//! many look-ups find nothing (security.md 2.4).
//!
//! Windows slide, and are kept in memory: a restart forgets them, which an attacker does not command. The starting values
//! are per person for professionals, per structure for pharmacies, establishments and regulation centres.
//!
//! Feeding counts no patient: a laboratory deposits for whoever was sampled. What an actor was told does not exist counts
//! as a failed look-up and as no patient, whether it exists or not: a quota must not be an oracle.
//!
//! A limit that is reached can be lifted for an hour by somebody else of the structure ([`crate::lift`]).

mod first_access;

use crate::lift::Lifts;
use dmp_dossier::{Act, Actor, DossierId, Mode, Rule, Time};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The rule that a quota refuses by.
pub const QUO_1: Rule = Rule {
    id: "QUO-1",
    says: "une personne, une structure n'atteint qu'un nombre borné de patients, d'accès en urgence et de recherches vaines",
    source: "security.md 2.4",
};

pub(crate) const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Above this many actors, those who did nothing for a day are forgotten.
const ACTORS_MAX: usize = 50_000;
/// Above this many patients of one actor, those of before yesterday are forgotten.
const PATIENTS_MAX: usize = 5_000;

/// What one person or one structure may do. `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Distinct patients per hour.
    pub patients_per_hour: Option<u32>,
    /// Distinct patients per day.
    pub patients_per_day: Option<u32>,
    /// Patients per day reached by a bris de glace.
    pub bris_de_glace_per_day: Option<u32>,
    /// Patients per day whose record is opened for the first time, on the portal, without proof that they are there.
    pub first_accesses_per_day: Option<u32>,
    /// Requests per hour about a patient or a document that is not there.
    pub failed_look_ups_per_hour: Option<u32>,
}

/// Quotas of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// A professional, by person.
    pub professional: Limits,
    /// A structure, all its people together.
    pub structure: Limits,
    /// A pharmacy, all its pharmacists together.
    pub pharmacy: Limits,
    /// A regulation centre (SAMU), all its people together.
    pub regulation: Limits,
    /// A patient or a representative; only look-ups are counted.
    pub patient: Limits,
    /// Searches by traits (TD0.5) per hour of a structure, all its people together, or of a person without one.
    pub searches_by_traits_per_hour: Option<u32>,
}

impl Default for Quotas {
    fn default() -> Self {
        let limits = |hour, day, first, glass, failed| Limits {
            patients_per_hour: Some(hour),
            patients_per_day: Some(day),
            bris_de_glace_per_day: glass,
            first_accesses_per_day: first,
            failed_look_ups_per_hour: Some(failed),
        };
        Quotas {
            professional: limits(20, 80, Some(5), Some(3), 10),
            structure: limits(200, 2_000, Some(50), Some(20), 50),
            pharmacy: limits(60, 400, Some(0), Some(0), 20),
            regulation: limits(120, 1_500, None, None, 60),
            patient: Limits { failed_look_ups_per_hour: Some(10), ..Limits::default() },
            searches_by_traits_per_hour: Some(60),
        }
    }
}

impl Quotas {
    /// No limit at all: for the loader, the bench and tests.
    pub fn unlimited() -> Self {
        let none = Limits::default();
        Quotas {
            professional: none,
            structure: none,
            pharmacy: none,
            regulation: none,
            patient: none,
            searches_by_traits_per_hour: None,
        }
    }
}

/// Who is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Counted {
    Person(String),
    Structure(String),
}

#[derive(Debug, Default)]
struct Uses {
    /// Last access to each patient.
    patients: HashMap<DossierId, Time>,
    /// Last access to each patient by a bris de glace.
    glass: HashMap<DossierId, Time>,
    /// First access to each patient without proof of presence.
    first: HashMap<DossierId, Time>,
    /// Failed look-ups, oldest first.
    failed: VecDeque<Time>,
    /// Searches by traits, oldest first.
    searches: VecDeque<Time>,
}

/// A quota is exhausted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exceeded {
    pub(crate) retry_after_seconds: u32,
}

/// That a request was counted; given back when its actor is told that nothing is there.
#[derive(Debug, Default)]
pub(crate) struct Admission {
    first_access: Vec<Counted>,
}

/// Counts, and says when a limit is reached.
#[derive(Debug)]
pub(crate) struct QuotaKeeper {
    quotas: Quotas,
    uses: Mutex<HashMap<Counted, Uses>>,
    /// Cards read of late, by who read them.
    present: Mutex<HashMap<(Counted, DossierId), Time>>,
    pub(crate) lifts: Lifts,
}

impl QuotaKeeper {
    pub(crate) fn new(quotas: Quotas) -> Self {
        QuotaKeeper { quotas, uses: Mutex::default(), present: Mutex::default(), lifts: Lifts::default() }
    }

    /// Admits a request on a dossier, or on nothing, and counts it. What is refused counts nothing.
    pub(crate) fn admit(
        &self,
        actor: &Actor,
        act: Act,
        dossier: Option<DossierId>,
        at: Time,
    ) -> Result<Admission, Exceeded> {
        let counted = self.counted(actor);
        if counted.is_empty() {
            return Ok(Admission::default());
        }
        let reaches = reaches_patient(act);
        let broken = reaches && matches!(actor.mode(), Mode::BrisDeGlace { .. });
        let mut all = self.lock(at);
        // Where nobody has counted yet only a limit of zero refuses.
        let none = Uses::default();
        let checked = counted.iter().try_for_each(|(who, limits)| {
            check(all.get(who).unwrap_or(&none), limits, dossier, reaches, broken, at)
        });
        self.lifts.unless_lifted(actor, checked, at)?;
        let mut admission = Admission::default();
        if let (true, Some(dossier)) = (reaches, dossier) {
            for (who, _) in counted {
                let uses = all.entry(who.clone()).or_default();
                if uses.patients.len() > PATIENTS_MAX {
                    uses.patients.retain(|_, last| at.millis() - last.millis() < DAY_MS);
                    uses.glass.retain(|_, last| at.millis() - last.millis() < DAY_MS);
                    uses.first.retain(|_, last| at.millis() - last.millis() < DAY_MS);
                }
                if broken {
                    uses.glass.insert(dossier, at);
                }
                if uses.patients.insert(dossier, at).is_none() {
                    admission.first_access.push(who);
                }
            }
        }
        Ok(admission)
    }

    /// The actor was told that nothing is there: one failed look-up, and no patient.
    pub(crate) fn found_nothing(
        &self,
        actor: &Actor,
        dossier: Option<DossierId>,
        admission: Admission,
        at: Time,
    ) {
        let counted = self.counted(actor);
        if counted.is_empty() {
            return;
        }
        let mut all = self.lock(at);
        for (who, _) in counted {
            let uses = all.entry(who.clone()).or_default();
            uses.failed.push_back(at);
            while uses.failed.front().is_some_and(|first| at.millis() - first.millis() >= HOUR_MS) {
                uses.failed.pop_front();
            }
            if let Some(dossier) = dossier.filter(|_| admission.first_access.contains(&who)) {
                uses.patients.remove(&dossier);
                uses.glass.remove(&dossier);
            }
        }
    }

    /// Admits a search by traits, and counts it. It reaches no patient by itself: what is then read of one is counted.
    pub(crate) fn admit_search(&self, actor: &Actor, at: Time) -> Result<(), Exceeded> {
        let limit = self.quotas.searches_by_traits_per_hour;
        let who = match (limit, actor.structure(), actor) {
            (None, _, _) => return Ok(()),
            (_, Some(structure), _) => Counted::Structure(structure.as_str().to_owned()),
            (_, None, Actor::Professional(p)) => Counted::Person(p.id.as_str().to_owned()),
            // Nobody else is given this act by the functional matrix.
            _ => return Ok(()),
        };
        let mut all = self.lock(at);
        let uses = all.entry(who).or_default();
        while uses.searches.front().is_some_and(|first| at.millis() - first.millis() >= HOUR_MS) {
            uses.searches.pop_front();
        }
        let checked = within(limit, HOUR_MS, uses.searches.iter().copied(), at);
        self.lifts.unless_lifted(actor, checked, at)?;
        uses.searches.push_back(at);
        Ok(())
    }

    fn lock(&self, at: Time) -> MutexGuard<'_, HashMap<Counted, Uses>> {
        // Counters stay true whatever panicked while they were held.
        let mut all = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() > ACTORS_MAX {
            all.retain(|_, uses| {
                let all = uses.patients.values().chain(&uses.failed).chain(&uses.searches);
                all.into_iter().any(|last| at.millis() - last.millis() < DAY_MS)
            });
        }
        all
    }

    /// Who is counted for an actor, and by which limits; nobody where there is no limit.
    fn counted(&self, actor: &Actor) -> Vec<(Counted, &Limits)> {
        let mut counted = self.concerned(actor);
        counted.retain(|(_, limits)| **limits != Limits::default());
        counted
    }

    fn concerned(&self, actor: &Actor) -> Vec<(Counted, &Limits)> {
        let quotas = &self.quotas;
        let structure = actor.structure().map(|id| Counted::Structure(id.as_str().to_owned()));
        match actor {
            Actor::Patient { ins } => vec![(Counted::Person(ins.value().to_owned()), &quotas.patient)],
            Actor::Representative { person, .. } => {
                vec![(Counted::Person(person.clone()), &quotas.patient)]
            }
            Actor::Professional(p) => {
                let person = Counted::Person(p.id.as_str().to_owned());
                let together = match (actor.mode(), p.profession.as_str()) {
                    (Mode::Centre15, _) => Some(&quotas.regulation),
                    (_, "21") => Some(&quotas.pharmacy),
                    _ => None,
                };
                match (together, structure) {
                    (Some(limits), structure) => vec![(structure.unwrap_or(person), limits)],
                    (None, None) => vec![(person, &quotas.professional)],
                    (None, Some(structure)) => {
                        vec![(person, &quotas.professional), (structure, &quotas.structure)]
                    }
                }
            }
            Actor::Employee(_) | Actor::Structure(_) => {
                let limits = match actor.mode() {
                    Mode::Centre15 => &quotas.regulation,
                    _ => &quotas.structure,
                };
                structure.map(|structure| (structure, limits)).into_iter().collect()
            }
            Actor::ReceptionAgent(agent) => {
                vec![(Counted::Structure(agent.organisation.clone()), &quotas.structure)]
            }
            Actor::Insurer | Actor::Pilot | Actor::App(_) | Actor::Referent(_) => Vec::new(),
        }
    }
}

/// True for an act that reaches a patient's record, false for one that only adds to it or opens it.
fn reaches_patient(act: Act) -> bool {
    !matches!(
        act,
        Act::Open
            | Act::Reactivate
            | Act::Feed
            | Act::Replace
            | Act::Delete
            | Act::ListAuthorised
            | Act::SearchByTraits
    )
}

fn check(
    uses: &Uses,
    limits: &Limits,
    dossier: Option<DossierId>,
    reaches: bool,
    broken: bool,
    at: Time,
) -> Result<(), Exceeded> {
    within(limits.failed_look_ups_per_hour, HOUR_MS, uses.failed.iter().copied(), at)?;
    if reaches {
        let others = |times: &HashMap<DossierId, Time>| -> Vec<Time> {
            times.iter().filter(|(id, _)| Some(**id) != dossier).map(|(_, last)| *last).collect()
        };
        let patients = others(&uses.patients);
        within(limits.patients_per_hour, HOUR_MS, patients.iter().copied(), at)?;
        within(limits.patients_per_day, DAY_MS, patients.into_iter(), at)?;
        if broken {
            within(limits.bris_de_glace_per_day, DAY_MS, others(&uses.glass).into_iter(), at)?;
        }
    }
    Ok(())
}

/// Refuses when the window already holds as many uses as the limit.
fn within(
    limit: Option<u32>,
    window_ms: i64,
    times: impl Iterator<Item = Time>,
    at: Time,
) -> Result<(), Exceeded> {
    let Some(limit) = limit.map(|limit| limit as usize) else {
        return Ok(());
    };
    let mut ages: Vec<i64> =
        times.map(|time| at.millis() - time.millis()).filter(|age| *age < window_ms).collect();
    if ages.len() < limit {
        return Ok(());
    }
    // The use that must leave the window for one more to enter: the `limit`-th youngest.
    ages.sort_unstable();
    let leaves_in_ms = ages.get(limit.wrapping_sub(1)).map_or(window_ms, |age| window_ms - age);
    let seconds = u32::try_from((leaves_in_ms.max(1) + 999) / 1000).unwrap_or(u32::MAX);
    Err(Exceeded { retry_after_seconds: seconds })
}

#[cfg(test)]
#[path = "quota_tests.rs"]
mod tests;
