//! Quotas: how many patients one person or one structure reaches in an hour and in a day, how often glass is broken, how
//! many look-ups find nothing (security.md 2.4).
//!
//! Windows slide, and are kept in memory: a restart forgets them, which an attacker does not command. The starting values
//! are per person for professionals, per structure for pharmacies, establishments and regulation centres.
//!
//! Feeding counts no patient: a laboratory deposits for whoever was sampled. What an actor was told does not exist counts
//! as a failed look-up and as no patient, whether it exists or not: a quota must not be an oracle.

use dmp_dossier::{Act, Actor, DossierId, Mode, Rule, Time};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The rule that a quota refuses by.
pub const QUO_1: Rule = Rule {
    id: "QUO-1",
    says: "une personne, une structure n'atteint qu'un nombre borné de patients, d'accès en urgence et de recherches vaines",
    source: "security.md 2.4",
};

const HOUR_MS: i64 = 3_600_000;
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
        let limits = |hour, day, glass, failed| Limits {
            patients_per_hour: Some(hour),
            patients_per_day: Some(day),
            bris_de_glace_per_day: glass,
            failed_look_ups_per_hour: Some(failed),
        };
        Quotas {
            professional: limits(20, 80, Some(3), 10),
            structure: limits(200, 2_000, Some(20), 50),
            pharmacy: limits(60, 400, Some(0), 20),
            regulation: limits(120, 1_500, None, 60),
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
}

impl QuotaKeeper {
    pub(crate) fn new(quotas: Quotas) -> Self {
        QuotaKeeper { quotas, uses: Mutex::default() }
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
        for (who, limits) in &counted {
            let Some(uses) = all.get(who) else {
                // Nobody has counted yet: only a limit of zero refuses.
                check(&Uses::default(), limits, dossier, reaches, broken, at)?;
                continue;
            };
            check(uses, limits, dossier, reaches, broken, at)?;
        }
        let mut admission = Admission::default();
        if let (true, Some(dossier)) = (reaches, dossier) {
            for (who, _) in counted {
                let uses = all.entry(who.clone()).or_default();
                if uses.patients.len() > PATIENTS_MAX {
                    uses.patients.retain(|_, last| at.millis() - last.millis() < DAY_MS);
                    uses.glass.retain(|_, last| at.millis() - last.millis() < DAY_MS);
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
        within(limit, HOUR_MS, uses.searches.iter().copied(), at)?;
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
mod tests {
    use super::*;
    use crate::failure_tests::world::{doctor, ins, patient, professional};
    use dmp_dossier::{App, AppPurpose, StructureId};
    use uuid::Uuid;

    fn dossier(number: u128) -> Option<DossierId> {
        Some(DossierId(Uuid::from_u128(number)))
    }

    /// The same professional, in another structure.
    fn moved(actor: Actor, structure: &str) -> Actor {
        match actor {
            Actor::Professional(mut p) => {
                p.structure = StructureId::parse(structure);
                Actor::Professional(p)
            }
            other => other,
        }
    }

    /// Admits patients one after the other, in turn by each of the actors, until one is refused.
    fn admitted(actors: &[Actor], act: Act) -> usize {
        let keeper = QuotaKeeper::new(Quotas::default());
        (0..3_000)
            .take_while(|i| {
                let actor = &actors[i % actors.len()];
                keeper.admit(actor, act, dossier(*i as u128), Time::from_millis(0)).is_ok()
            })
            .count()
    }

    #[test]
    fn limits_are_those_of_the_person_or_of_the_structure() {
        let here = "1350000099";
        let pharmacists: Vec<Actor> =
            (1..=3).map(|n| moved(professional(n, "21", Mode::Normal), here)).collect();
        let ward: Vec<Actor> = (1..=30).map(|n| moved(doctor(n), here)).collect();
        let regulation: Vec<Actor> =
            (1..=9).map(|n| moved(professional(n, "10", Mode::Centre15), here)).collect();
        let glass = |profession: &str| {
            professional(1, profession, Mode::BrisDeGlace { reason: "urgence".to_owned() })
        };
        let loader = Actor::App(App { name: "essai".to_owned(), purpose: AppPurpose::Loader });
        for (actors, act, patients) in [
            (vec![doctor(1)], Act::Search, 20),
            (vec![doctor(1)], Act::Feed, 3_000),
            (vec![doctor(1), doctor(2)], Act::Status, 40),
            (pharmacists, Act::Read, 60),
            (ward, Act::Read, 200),
            (regulation, Act::Read, 120),
            (vec![glass("10")], Act::Read, 3),
            (vec![glass("21")], Act::Read, 0),
            (vec![patient(&ins(1))], Act::Read, 3_000),
            (vec![loader], Act::Feed, 3_000),
        ] {
            let first = format!("{:?}", actors[0]);
            assert_eq!(admitted(&actors, act), patients, "{first}");
        }
    }

    #[test]
    fn windows_slide() {
        let keeper = QuotaKeeper::new(Quotas::default());
        let actor = doctor(1);
        let at = |minutes: i64| Time::from_millis(minutes * 60_000);
        for i in 0..20 {
            keeper.admit(&actor, Act::Read, dossier(i), at(i64::try_from(i).unwrap())).unwrap();
        }
        let refused = keeper.admit(&actor, Act::Read, dossier(99), at(30)).unwrap_err();
        assert_eq!(refused.retry_after_seconds, 30 * 60, "until the first one leaves the hour");
        assert!(keeper.admit(&actor, Act::Read, dossier(7), at(30)).is_ok(), "already reached");
        assert!(keeper.admit(&actor, Act::Read, dossier(99), at(60)).is_ok());
        assert!(keeper.admit(&actor, Act::Read, dossier(98), at(60)).is_err());
    }

    #[test]
    fn what_is_told_absent_counts_as_a_look_up_and_not_as_a_patient() {
        let keeper = QuotaKeeper::new(Quotas::default());
        let now = Time::from_millis(0);
        let look_up = |i| {
            let admission = keeper.admit(&doctor(1), Act::Read, dossier(i), now)?;
            keeper.found_nothing(&doctor(1), dossier(i), admission, now);
            Ok::<_, Exceeded>(())
        };
        for i in 0..9 {
            look_up(i).unwrap();
        }
        for i in 100..120 {
            keeper.admit(&doctor(1), Act::Read, dossier(i), now).unwrap();
        }
        assert!(keeper.admit(&doctor(1), Act::Read, dossier(120), now).is_err(), "twenty patients");
        assert!(look_up(100).is_ok(), "a patient already reached");
        assert!(look_up(100).is_err(), "ten look-ups failed");
    }
}
