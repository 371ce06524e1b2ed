//! What may be deposited, replaced, shown, archived and deleted.

use super::table::{self, Row, column};
use super::{Actor, AuthorOf, DAY, Doc, Draft, Seen, Status, TYPES, Verdict, Why, World};
use std::collections::BTreeSet;

impl World {
    pub(super) fn publish(&mut self, actor: &Actor, lot: &[Draft]) -> Verdict {
        let numbered = self.docs.len();
        let verdict = self.may_publish(actor, lot);
        let kept: Vec<Doc> = lot.iter().flat_map(|d| self.to_register(actor, d)).collect();
        self.docs.resize(numbered + lot.len(), None);
        verdict?;
        for (number, (doc, draft)) in (numbered..).zip(kept.into_iter().zip(lot)) {
            if let Some(old) = draft.replaces {
                let old = self.docs[old].as_mut().expect("checked");
                old.status = Status::Replaced;
                old.replaced_by = Some(number);
            }
            self.docs[number] = Some(doc);
        }
        Ok(())
    }

    /// The document as it would be registered; `None` when its visibility is refused.
    fn to_register(&self, actor: &Actor, draft: &Draft) -> Option<Doc> {
        let wanted = draft.visibility;
        let old = draft.replaces.and_then(|n| self.doc(n));
        // A replacement unmasks or shows only where its depositor could have, and never announces.
        let announced = old.filter(|o| self.hidden(o));
        let may_unmask = |o: &Doc| match self.door(actor, Row::Unmask, false) {
            Ok('o') => self.owns(actor, o),
            other => other.is_ok(),
        };
        let may_show = self.door(actor, Row::MakeVisible, false).is_ok();
        let masked = wanted.masked || old.is_some_and(|o| o.masked && !may_unmask(o));
        let hidden = wanted.hidden || announced.is_some();
        // A document is not both invisible to the patient and masked while the parameter is off.
        if masked && hidden {
            return None;
        }
        // An announcement ends at the latest on its date; the default is 7 days.
        let until = match (draft.delay_days, announced) {
            (Some(days), _) => Some(self.now + days * DAY),
            (None, Some(old)) => old.hidden_until,
            (None, None) => Some(self.now + 7 * DAY),
        };
        // The patient chooses for each of his own; his default is for what others deposit.
        let default = self.default_masked && !matches!(actor, Actor::Patient | Actor::Rep(_));
        Some(Doc {
            ty: draft.ty,
            author: draft.author,
            masked: masked || (default && !hidden),
            hidden_until: until.filter(|_| hidden),
            reps: wanted.reps || old.is_some_and(|o| o.reps && !may_show),
            status: Status::Approved,
            replaced_by: None,
        })
    }

    fn may_publish(&self, actor: &Actor, lot: &[Draft]) -> Verdict {
        self.door(actor, Row::Feed, false)?;
        for draft in lot {
            let ty = TYPES[draft.ty];
            let of_patient = ty.starts_with("EXPPAT_") || ty.starts_with("DOCPAT");
            let of_insurer = ty == "REMB";
            let replaces_patients =
                draft.replaces.and_then(|n| self.doc(n)).is_some_and(|old| old.author == AuthorOf::Patient);
            let written_by = match actor {
                Actor::Patient | Actor::Rep(_) => of_patient && draft.author == AuthorOf::Patient,
                Actor::Insurer => of_insurer,
                Actor::Loader => {
                    (!of_patient || draft.author == AuthorOf::Patient)
                        && (!of_insurer || draft.author == AuthorOf::AssuranceMaladie)
                }
                // A médecin traitant may replace a patient's document, which stays the patient's, never add one.
                _ if of_patient => {
                    self.acts_as_treating(actor) && replaces_patients && draft.author == AuthorOf::Patient
                }
                _ => !of_insurer,
            };
            let v = draft.visibility;
            // Hiding from the patient is for who deposits, not for the patient or the insurer; and nobody hides from
            // the patient what the patient wrote.
            let may_hide = !matches!(actor, Actor::Patient | Actor::Rep(_) | Actor::Insurer)
                && draft.author != AuthorOf::Patient;
            let delay_fits = draft.delay_days.is_none_or(|days| v.hidden && days <= 14);
            // In a connexion secrète only documents hidden from the representatives.
            let secret_fits = v.reps || !matches!(actor, Actor::Ps { secret: true, .. });
            if !written_by || (v.hidden && !may_hide) || !delay_fits || !secret_fits {
                return Err(Why::Rule);
            }
            if self.to_register(actor, draft).is_none() {
                return Err(Why::Rule);
            }
        }
        // At least one author institution of the lot is the depositing structure; a lot of the patient's documents
        // carries its sender (the harness sees to it).
        let deposits = matches!(actor, Actor::Ps { .. } | Actor::Cpe { .. } | Actor::Cert { .. });
        let signed = lot.iter().any(|d| Self::of_structure(actor, d.author))
            || lot.iter().all(|d| d.author == AuthorOf::Patient);
        if deposits && !signed {
            return Err(Why::Rule);
        }
        let mut replaced = BTreeSet::new();
        for draft in lot {
            let Some(old) = draft.replaces else { continue };
            self.may_replace(actor, old, draft.author)?;
            if !replaced.insert(old) {
                return Err(Why::Rule);
            }
        }
        Ok(())
    }

    /// Author or same structure; a patient's document: the patient or a médecin traitant. A target that the
    /// actor may not know of is refused as an absent one; only a document in force is replaced.
    fn may_replace(&self, actor: &Actor, old: usize, author: AuthorOf) -> Verdict {
        let doc = self.doc(old).ok_or(Why::Rule)?;
        let same_structure = |a, b| match (a, b) {
            (AuthorOf::Person(_, s) | AuthorOf::Device(s), AuthorOf::Person(_, t) | AuthorOf::Device(t)) => {
                s == t
            }
            (a, b) => a == b,
        };
        let allowed = match (actor, doc.author) {
            (Actor::Loader, _) => same_structure(doc.author, author),
            (Actor::Insurer, _) => self.owns(actor, doc),
            (_, AuthorOf::Patient) => {
                self.acts_as_treating(actor)
                    || (matches!(actor, Actor::Patient | Actor::Rep(_)) && self.owns(actor, doc))
            }
            (_, of) => self.owns(actor, doc) || Self::of_structure(actor, of),
        };
        let known = match actor {
            Actor::Loader | Actor::Insurer => true,
            _ => self.writes(actor, doc) || self.knows(actor, doc),
        };
        if allowed && known && doc.status == Status::Approved { Ok(()) } else { Err(Why::Rule) }
    }

    /// Through the door of searches and shown by one.
    fn knows(&self, actor: &Actor, doc: &Doc) -> bool {
        self.door(actor, Row::Search, true).is_ok() && self.sees(actor, doc)
    }

    /// In the column of the médecin traitant, who may act on the patient's documents.
    fn acts_as_treating(&self, actor: &Actor) -> bool {
        column(actor, self.is_treating(actor))
            .is_some_and(|c| matches!(c, table::Column::TreatingNormal | table::Column::TreatingGlace))
    }

    pub(super) fn visibility(&mut self, actor: &Actor, number: usize, to: Seen) -> Verdict {
        let own = self.doc(number).is_some_and(|d| self.owns(actor, d));
        self.door(actor, Row::Mask, !own)?;
        let known = |d: &&Doc| self.writes(actor, d) || self.sees(actor, d);
        let doc = self.doc(number).filter(known).ok_or(Why::Silence)?;
        let hidden = self.hidden(doc);
        let from = Seen { masked: doc.masked, hidden, reps: doc.reps };
        if from == to {
            return Ok(());
        }
        if doc.status == Status::Deleted {
            return Err(Why::Rule);
        }
        // Hidden from the patient only by a replacement. Agreed: the patient may hide from the representatives.
        let hides_reps = to.reps && !doc.reps;
        if (to.hidden && (!hidden || to.masked)) || (hides_reps && *actor != Actor::Patient) {
            return Err(Why::Rule);
        }
        if doc.masked && !to.masked {
            let may = match self.door(actor, Row::Unmask, false) {
                Ok('o') => own,
                other => other.is_ok(),
            };
            if !may {
                return Err(Why::Rule);
            }
        }
        if (doc.reps && !to.reps) || (hidden && !to.hidden) {
            self.door(actor, Row::MakeVisible, !own)?;
        }
        let doc = self.docs[number].as_mut().expect("known");
        doc.masked = to.masked;
        doc.reps = to.reps;
        doc.hidden_until = doc.hidden_until.filter(|_| to.hidden);
        Ok(())
    }

    pub(super) fn set_status(&mut self, actor: &Actor, number: usize, to: Status) -> Verdict {
        let row = if to == Status::Deleted { Row::Delete } else { Row::Archive };
        let own = self.doc(number).is_some_and(|d| self.owns(actor, d));
        let cell = self.door(actor, row, !own)?;
        let known = |d: &&Doc| self.writes(actor, d) || self.sees(actor, d);
        let doc = self.doc(number).filter(known).ok_or(Why::Silence)?;
        let allowed = match (actor, doc.author) {
            // A patient's document: only a médecin traitant or the patient.
            (Actor::Patient | Actor::Rep(_), author) => author == AuthorOf::Patient,
            (_, AuthorOf::Patient) => self.acts_as_treating(actor),
            _ => own || cell == 'y',
        };
        if !allowed {
            return Err(Why::Rule);
        }
        match (doc.status, to) {
            (from, to) if from == to => {}
            (Status::Approved, Status::Archived | Status::Deleted)
            | (Status::Archived, Status::Approved | Status::Deleted) => {
                self.docs[number].as_mut().expect("known").status = to;
            }
            _ => return Err(Why::Rule),
        }
        Ok(())
    }

    /// Announcements whose date has come; by the system alone.
    pub(super) fn release(&mut self, actor: &Actor) -> Verdict {
        match (actor, self.closed) {
            (Actor::System, true) => Err(Why::Closed),
            (Actor::System, false) => {
                let (now, default) = (self.now, self.default_masked);
                let in_force = |d: &&mut Doc| matches!(d.status, Status::Approved | Status::Archived);
                for doc in self.docs.iter_mut().flatten().filter(in_force) {
                    if doc.hidden_until.is_some_and(|until| until <= now) {
                        doc.hidden_until = None;
                        doc.masked |= default;
                    }
                }
                Ok(())
            }
            (Actor::OtherPatient | Actor::Rep(2), _) => Err(Why::NoDossier),
            _ => Err(Why::Denied),
        }
    }
}
