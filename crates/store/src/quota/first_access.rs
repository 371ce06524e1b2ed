//! First accesses without proof that the patient is there (security.md 2.4).
//!
//! They are counted once a rule has permitted them, for who signed in on the portal: there the patient's card, read within
//! the last quarter of an hour in the same structure, is the proof. A software has its own card reader: its calls are not
//! counted so. An authorisation is no such proof: who asks may have declared it.

use super::{Counted, DAY_MS, Exceeded, QuotaKeeper, Uses, within};
use dmp_dossier::{Actor, Auth, DossierId, Mode, Time};
use std::sync::PoisonError;

/// How long a card that was read proves that its holder is there.
const PRESENT_MS: i64 = 15 * 60_000;
/// Above this many, cards read earlier are forgotten.
const PRESENT_MAX: usize = 10_000;

impl QuotaKeeper {
    /// Admits the first reading of a dossier by a professional, permitted by the rules, and counts it when nothing proves
    /// that the patient is there.
    pub(crate) fn admit_first(&self, actor: &Actor, dossier: DossierId, at: Time) -> Result<(), Exceeded> {
        if !may_lack_presence(actor) || self.is_present(actor, dossier, at) {
            return Ok(());
        }
        let counted = self.concerned(actor);
        let mut all = self.lock(at);
        let none = Uses::default();
        let checked = counted.iter().try_for_each(|(who, limits)| {
            let others = all.get(who).unwrap_or(&none).first.iter().filter(|(id, _)| **id != dossier);
            within(limits.first_accesses_per_day, DAY_MS, others.map(|(_, first)| *first), at)
        });
        self.lifts.unless_lifted(actor, checked, at)?;
        for (who, limits) in counted {
            if limits.first_accesses_per_day.is_some() {
                all.entry(who).or_default().first.insert(dossier, at);
            }
        }
        Ok(())
    }

    /// The patient's card was read by this actor: for a quarter of an hour, the patient is there.
    pub(crate) fn present(&self, actor: &Actor, dossier: DossierId, at: Time) {
        let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        if present.len() >= PRESENT_MAX {
            present.retain(|_, read| at.millis() - read.millis() < PRESENT_MS);
        }
        present.extend(place(actor).map(|who| ((who, dossier), at)));
    }

    fn is_present(&self, actor: &Actor, dossier: DossierId, at: Time) -> bool {
        let present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        place(actor).is_some_and(|who| {
            present.get(&(who, dossier)).is_some_and(|read| at.millis() - read.millis() < PRESENT_MS)
        })
    }
}

/// True when the first reading by that actor needs a proof that the patient is there.
fn may_lack_presence(actor: &Actor) -> bool {
    matches!(actor, Actor::Professional(p) if p.auth == Auth::Oidc && p.mode == Mode::Normal)
}

/// Whose card reader it is: of the structure, or of a person without one.
fn place(actor: &Actor) -> Option<Counted> {
    let person = || actor.professional().map(|p| Counted::Person(p.id.as_str().to_owned()));
    let structure = actor.structure().map(|structure| Counted::Structure(structure.as_str().to_owned()));
    structure.or_else(person)
}
