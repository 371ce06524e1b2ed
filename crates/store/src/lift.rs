//! Quotas lifted for an hour, by somebody else of the same structure (security.md 2.4). A lift holds for one person in that
//! structure, whatever limit they reached: their own, or the one all its people share.
//!
//! Who was refused is kept in memory for an hour, so that a colleague sees whom to help. The lift is a record of the
//! register ([`Shelf::Lift`], by structure): it is its own trace, and holds over a restart.

use crate::api::StoreError;
use crate::error::failed;
use crate::examine::refused;
use crate::quota::{Exceeded, HOUR_MS, QuotaKeeper};
use crate::register::{Keep, Shelf};
use crate::schema;
use crate::store::{Inner, Store};
use dmp_dossier::{Actor, PersonName, Reason, Refusal, Rule, Time};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The rule of lifts.
pub const QUO_2: Rule = Rule {
    id: "QUO-2",
    says: "un quota se lève pour une heure, par une autre personne de la même structure, avec un motif",
    source: "security.md 2.4",
};

/// Shortest and longest reason, in characters.
const REASON_CHARS: std::ops::RangeInclusive<usize> = 10..=200;
/// People of one structure who are remembered as refused.
const REFUSED_MAX: usize = 200;
/// Structures in memory; above, those with nothing of the last hour are forgotten.
const STRUCTURES_MAX: usize = 10_000;
/// Lifts of one structure that are looked at when it is first refused after a start.
const RECALLED_MAX: usize = 1_000;

/// Somebody whose quota is exhausted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exhausted {
    /// Identifier of the person.
    pub id: String,
    /// Name shown to people.
    pub name: Option<PersonName>,
    /// First refusal of the last hour.
    pub since: Time,
    /// When the limit lets them go on by itself.
    pub until: Time,
}

/// A quota that was lifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lift {
    /// Identifier of the person it was lifted for.
    pub of: String,
    /// Their name.
    pub of_name: Option<PersonName>,
    /// Identifier of who lifted it.
    pub by: String,
    /// Their name.
    pub by_name: PersonName,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Time,
    /// Until when.
    pub until: Time,
}

/// One structure's people.
#[derive(Debug, Default)]
struct People {
    exhausted: HashMap<String, Exhausted>,
    /// Until when, by person.
    lifted: HashMap<String, Time>,
}

/// Who was refused, and who may go on, by structure.
#[derive(Debug, Default)]
pub(crate) struct Lifts {
    structures: Mutex<HashMap<String, People>>,
    /// Structures whose lifts of before the start were looked at.
    recalled: Mutex<HashSet<String>>,
}

/// A person at work in a structure.
struct Colleague<'a> {
    structure: &'a str,
    id: &'a str,
    name: &'a PersonName,
}

/// Who an actor is for their colleagues: a person, authenticated as one, of a structure.
fn colleague(actor: &Actor) -> Option<Colleague<'_>> {
    let (id, name) = match actor {
        Actor::Professional(_) => actor.professional().map(|p| (p.id.as_str(), &p.name))?,
        Actor::Employee(employee) => (employee.id.as_str(), &employee.name),
        Actor::Referent(referent) => (referent.id.as_str(), &referent.name),
        _ => return None,
    };
    Some(Colleague { structure: actor.structure()?.as_str(), id, name })
}

impl Lifts {
    /// What a limit says, unless it is lifted for that person; a refusal is remembered for their colleagues.
    pub(crate) fn unless_lifted(
        &self,
        actor: &Actor,
        checked: Result<(), Exceeded>,
        at: Time,
    ) -> Result<(), Exceeded> {
        let (Err(exceeded), Some(person)) = (checked, colleague(actor)) else {
            return checked;
        };
        let mut structures = self.lock(at);
        let people = structures.entry(person.structure.to_owned()).or_default();
        if people.lifted.get(person.id).is_some_and(|until| at < *until) {
            return Ok(());
        }
        people.exhausted.retain(|_, who| at.millis() - who.since.millis() < HOUR_MS);
        if people.exhausted.len() < REFUSED_MAX || people.exhausted.contains_key(person.id) {
            let until = Time::from_millis(at.millis() + i64::from(exceeded.retry_after_seconds) * 1_000);
            let since = people.exhausted.get(person.id).map_or(at, |known| known.since);
            let (id, name) = (person.id.to_owned(), Some(person.name.clone()));
            people.exhausted.insert(person.id.to_owned(), Exhausted { id, name, since, until });
        }
        Err(exceeded)
    }

    fn lift(&self, structure: &str, of: &str, until: Time, at: Time) {
        let mut structures = self.lock(at);
        let people = structures.entry(structure.to_owned()).or_default();
        people.exhausted.remove(of);
        people.lifted.retain(|_, until| at < *until);
        people.lifted.insert(of.to_owned(), until);
    }

    fn exhausted(&self, structure: &str, at: Time) -> Vec<Exhausted> {
        let structures = self.lock(at);
        let people = structures.get(structure).map(|people| people.exhausted.values());
        let mut exhausted: Vec<Exhausted> = people
            .into_iter()
            .flatten()
            .filter(|who| at < who.until && at.millis() - who.since.millis() < HOUR_MS)
            .cloned()
            .collect();
        exhausted.sort_by(|a, b| (a.since, &a.id).cmp(&(b.since, &b.id)));
        exhausted
    }

    fn lock(&self, at: Time) -> MutexGuard<'_, HashMap<String, People>> {
        let mut structures = self.structures.lock().unwrap_or_else(PoisonError::into_inner);
        if structures.len() > STRUCTURES_MAX {
            structures.retain(|_, people| {
                people.lifted.values().any(|until| at < *until)
                    || people.exhausted.values().any(|who| at.millis() - who.since.millis() < HOUR_MS)
            });
        }
        structures
    }
}

impl Inner {
    /// Asks the quotas, and once more when they refuse and a lift of before the start is found.
    pub(crate) async fn ask_quotas<T>(
        &self,
        actor: &Actor,
        at: Time,
        ask: impl Fn(&QuotaKeeper) -> Result<T, Exceeded>,
    ) -> Result<T, Exceeded> {
        match ask(&self.quotas) {
            Err(_) if self.recall_lifts(actor, at).await => ask(&self.quotas),
            asked => asked,
        }
    }

    /// Finds the lifts in force of an actor's structure, once; true when there are some.
    async fn recall_lifts(&self, actor: &Actor, at: Time) -> bool {
        let Some(person) = colleague(actor) else {
            return false;
        };
        let lifts = &self.quotas.lifts;
        let recalled = || lifts.recalled.lock().unwrap_or_else(PoisonError::into_inner);
        if recalled().contains(person.structure) {
            return false;
        }
        let since = Time::from_millis(at.millis() - HOUR_MS);
        let found = match self.lifts(person.structure, since).await {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(%error, "lifted quotas are not read");
                return false;
            }
        };
        recalled().insert(person.structure.to_owned());
        let in_force: Vec<&Lift> = found.iter().filter(|lift| at < lift.until).collect();
        in_force.iter().for_each(|lift| lifts.lift(person.structure, &lift.of, lift.until, at));
        !in_force.is_empty()
    }

    async fn lifts(&self, structure: &str, since: Time) -> Result<Vec<Lift>, StoreError> {
        let records = self.records(Shelf::Lift, structure, Some(since), None, RECALLED_MAX).await?;
        let lifts = records.iter().map(|record| postcard::from_bytes(&record.value));
        lifts.collect::<Result<_, _>>().map_err(failed("register"))
    }
}

impl Store {
    /// People of an actor's structure whose quota is exhausted, themself left out: whom they may help.
    pub fn exhausted(&self, by: &Actor) -> Vec<Exhausted> {
        let Some(colleague) = colleague(by) else {
            return Vec::new();
        };
        let mut exhausted = self.inner().quotas.lifts.exhausted(colleague.structure, self.now());
        exhausted.retain(|who| who.id != colleague.id);
        exhausted
    }

    /// Lifts the quotas of a person for an hour, by somebody else of the same structure; they were refused in the last hour
    /// ([`Self::exhausted`]). The lift is kept ([`Shelf::Lift`], by structure).
    ///
    /// # Errors
    /// [`StoreError::Refused`] (QUO-2): the same person, nobody refused of that structure, who may not, or a reason that is
    /// not one of 10 to 200 characters.
    pub async fn lift_quota(&self, by: &Actor, of: &str, reason: &str) -> Result<Time, StoreError> {
        let inner = self.inner();
        let at = self.now();
        let denied = || refused(Refusal::new(Reason::AccessDenied, &QUO_2), None);
        let by = colleague(by).ok_or_else(denied)?;
        let exhausted = inner.quotas.lifts.exhausted(by.structure, at);
        let of = exhausted.into_iter().find(|who| who.id == of && who.id != by.id).ok_or_else(denied)?;
        let reason = reason.trim();
        if !REASON_CHARS.contains(&reason.chars().count()) || reason.chars().any(char::is_control) {
            return Err(refused(Refusal::about(Reason::InvalidRequest, &QUO_2, "motif"), None));
        }
        let until = Time::from_millis(at.millis() + HOUR_MS);
        let lift = Lift {
            of: of.id,
            of_name: of.name,
            by: by.id.to_owned(),
            by_name: by.name.clone(),
            reason: reason.to_owned(),
            at,
            until,
        };
        let id = inner.ambient.fresh().to_string();
        let (value, owner) = (schema::encode(&lift), by.structure);
        let keep = Keep { shelf: Shelf::Lift, owner, id: &id, at, value: &value, from_version: Some(0) };
        self.keep(keep).await?;
        inner.quotas.lifts.lift(by.structure, &lift.of, until, at);
        tracing::warn!("a quota is lifted for an hour");
        Ok(until)
    }

    /// Quotas lifted in a structure since a time, the latest first.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn lifts(&self, structure: &str, since: Time) -> Result<Vec<Lift>, StoreError> {
        self.inner().lifts(structure, since).await
    }
}
