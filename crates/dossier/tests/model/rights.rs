//! Authorisations, blocks, médecins traitants, care teams, switches, closing and reopening.

use super::table::{self, Row, column};
use super::{Act, Actor, Basis, DAY, PEOPLE, SESSION, T, Verdict, Who, Why, World, YEAR};

impl World {
    pub(super) fn rights(&mut self, actor: &Actor, act: &Act) -> Verdict {
        match actor {
            Actor::Patient => {}
            Actor::OtherPatient | Actor::Rep(2) => return Err(Why::NoDossier),
            Actor::Rep(rep) if !self.represents(*rep) => return Err(Why::Denied),
            Actor::Rep(_) => {}
            Actor::Ps { .. } | Actor::Cpe { .. } | Actor::Cert { .. } => {
                return self.rights_of_ps(actor, act);
            }
            // R.1111-32: those who receive the patients; agreed: they also close and reopen.
            Actor::Desk if matches!(act, Act::Close | Act::Reactivate) => {}
            _ => return Err(Why::Denied),
        }
        if self.closed && !matches!(act, Act::Reactivate | Act::Close) {
            return Err(Why::Closed);
        }
        match act {
            Act::Authorise { who, treating, days } => return self.patient_authorises(*who, *treating, *days),
            Act::End(who) => self.end(*who),
            Act::EndTreating(p) => self.end_treating(*p),
            Act::WithdrawConsent(n) => match self.consents.get_mut(*n) {
                Some(consent) => {
                    consent.1 = false;
                    self.authorised.retain(|_, (_, basis)| *basis != Basis::Consent(*n));
                }
                None => return Err(Why::Rule),
            },
            Act::Default { masked } => self.default_masked = *masked,
            _ => self.set(act),
        }
        Ok(())
    }

    /// What several kinds of actors may do alike.
    fn set(&mut self, act: &Act) {
        match act {
            Act::Close => self.closed = true,
            Act::Reactivate => self.closed = false,
            Act::Block(who) => {
                self.end(*who);
                self.blocked.insert(*who);
            }
            Act::Unblock(who) => {
                self.blocked.remove(who);
            }
            Act::Consent(team) => {
                let same = (team.clone(), true, self.now);
                if !self.consents.contains(&same) {
                    self.consents.push(same);
                }
            }
            Act::Emergency { glace, samu, masked } => {
                self.glace_opposed = *glace;
                self.samu_opposed = *samu;
                self.masked_in_emergency = *masked;
            }
            other => unreachable!("{other:?} is handled by its own rule"),
        }
    }

    /// The patient authorises whom he likes for as long as he likes, a year at most; this lifts a block.
    fn patient_authorises(&mut self, who: Who, treating: bool, days: Option<T>) -> Verdict {
        let is_treating = matches!(who, Who::Person(p) if self.treating.contains(&p));
        if treating {
            // Only a doctor, and a person.
            let Who::Person(p) = who else { return Err(Why::Rule) };
            if PEOPLE[p].profession != "10" {
                return Err(Why::Rule);
            }
            if !is_treating {
                self.blocked.remove(&who);
                self.treating.insert(p);
                self.authorised.insert(who, (None, Basis::Patient));
            }
            return Ok(());
        }
        let until = self.now + days.map_or(YEAR, |d| (d * DAY).min(YEAR));
        // Agreed: the same wish within a day is a request sent twice.
        let repeated = days.is_none()
            && !is_treating
            && matches!(self.authorised.get(&who), Some((Some(end), Basis::Patient))
                if *end > self.now && end + DAY > until);
        if !repeated {
            // A plain authorisation ends a médecin traitant and keeps the access.
            self.end(who);
            self.blocked.remove(&who);
            self.authorised.insert(who, (Some(until), Basis::Patient));
        }
        Ok(())
    }

    fn end(&mut self, who: Who) {
        self.authorised.remove(&who);
        if let Who::Person(p) = who {
            self.treating.remove(&p);
        }
    }

    /// Ending a médecin traitant keeps the plain authorisation.
    fn end_treating(&mut self, p: usize) {
        if self.treating.remove(&p) {
            self.authorised.insert(Who::Person(p), (Some(self.now + YEAR), Basis::Patient));
        }
    }

    /// TD0.3, the blocks of a médecin traitant, and what is done at a desk or in consultation (TD1.2 to TD1.4, which
    /// the matrix leaves out; agreed: in normal mode, by who may declare an authorisation).
    fn rights_of_ps(&mut self, actor: &Actor, act: &Act) -> Verdict {
        let me = Self::person(actor).map(Who::Person);
        let structure = Self::structure(actor).map(Who::Structure);
        match act {
            Act::Authorise { who, treating, .. } => return self.declares(actor, *who, *treating),
            Act::End(who) => {
                self.door(actor, Row::WithdrawSelf, false)?;
                if Some(*who) != me {
                    return Err(Why::Rule);
                }
                self.end(*who);
                return Ok(());
            }
            Act::EndTreating(p) => {
                self.door(actor, Row::StopTreating, false)?;
                if Some(Who::Person(*p)) != me {
                    return Err(Why::Rule);
                }
                self.end_treating(*p);
                return Ok(());
            }
            Act::Block(_) | Act::Unblock(_) => {
                if column(actor, self.is_treating(actor)) != Some(table::Column::TreatingNormal) {
                    return Err(Why::Denied);
                }
                self.door(actor, Row::Declare, true)?;
            }
            Act::Consent(team) => {
                self.door(actor, Row::Declare, false)?;
                let mut members = team.iter().map(|m| Some(*m));
                if !members.any(|m| m == me || m == structure) {
                    return Err(Why::Rule);
                }
            }
            // Recording is for the team; withdrawing is the patient's.
            Act::WithdrawConsent(_) => {
                self.door(actor, Row::Declare, false)?;
                return Err(Why::Rule);
            }
            Act::Emergency { .. } => {
                self.door(actor, Row::Declare, true)?;
            }
            Act::Close | Act::Reactivate => {
                let closed = std::mem::replace(&mut self.closed, false);
                let door = self.door(actor, Row::Declare, *act == Act::Close);
                self.closed = closed;
                door?;
            }
            _ => return Err(Why::Denied),
        }
        self.set(act);
        Ok(())
    }

    fn declares(&mut self, actor: &Actor, who: Who, treating: bool) -> Verdict {
        self.door(actor, Row::Declare, false)?;
        let me = Self::person(actor).map(Who::Person);
        let structure = Self::structure(actor).map(Who::Structure);
        let mine = if matches!(actor, Actor::Cpe { .. }) { structure } else { me };
        if Some(who) != mine {
            return Err(Why::Rule);
        }
        let is_treating = self.is_treating(actor);
        if treating {
            let doctor = matches!(actor, Actor::Ps { who, .. } if PEOPLE[*who].profession == "10");
            let (true, Who::Person(p)) = (doctor, who) else { return Err(Why::Rule) };
            self.treating.insert(p);
            self.authorised.insert(who, (None, Basis::Patient));
            return Ok(());
        }
        if is_treating {
            // A plain declaration ends the role, for who has the row to stop being médecin traitant.
            if let (Who::Person(p), Ok(_)) = (who, self.door(actor, Row::StopTreating, false)) {
                self.end_treating(p);
            }
            return Ok(());
        }
        let team = self.consents.iter().position(|(team, live, _)| {
            *live && team.iter().any(|m| Some(*m) == mine || Some(*m) == structure)
        });
        let (until, basis) = match team {
            Some(n) => (self.now + YEAR, Basis::Consent(n)),
            None => (self.now + SESSION, Basis::Explicit),
        };
        // A declaration never shortens what was given for longer.
        let longer = match self.authorised.get(&who) {
            Some((end, _)) => end.is_none_or(|end| end >= until),
            None => false,
        };
        if !longer {
            self.authorised.insert(who, (Some(until), basis));
        }
        Ok(())
    }
}
