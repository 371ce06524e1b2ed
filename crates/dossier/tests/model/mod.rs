//! A naive model of one dossier, written from the issue and the specification, not from `src/`: what a reader of
//! `spec/dmp.md` 4 would write on a blackboard. It knows persons, structures and documents by number.
//!
//! It answers two questions: is this act permitted (and if not, for which family of reasons), and which documents
//! does this actor see. The harness compares both with `dossier` after every act of a random history.
//!
//! Where the specification is silent the model says what was agreed on, with the words "agreed" and why.

pub mod table;

use std::collections::{BTreeMap, BTreeSet};
use table::{Row, cell, column};

/// Minutes since the history began.
pub type T = i64;
pub const DAY: T = 24 * 60;
/// One year, renewable (dmp.md 4.1).
pub const YEAR: T = 365 * DAY;
/// A consultation outside the care team: the session.
pub const SESSION: T = 480;

/// A person of the cast.
pub struct PersonSpec {
    pub name: &'static str,
    pub profession: &'static str,
    pub occupational: bool,
    pub structure: usize,
}

const fn person(name: &'static str, profession: &'static str, structure: usize) -> PersonSpec {
    PersonSpec { name, profession, occupational: false, structure }
}

/// The cast: structure 0 holds two doctors, a nurse and a student; the others are elsewhere.
pub const PEOPLE: [PersonSpec; 9] = [
    person("martin", "10", 0),
    person("roux", "10", 0),
    person("kone", "10", 1),
    person("petit", "60", 0),
    person("lenoir", "28", 2),
    PersonSpec { name: "travail", profession: "10", occupational: true, structure: 3 },
    person("duval", "40", 1),
    person("social", "42", 3),
    person("etudiant", "G16_10", 0),
];

/// Types of the histories, and who reads them by the matrix (dmp.md 2.6).
pub const TYPES: [&str; 7] = [
    "11502-2",      // CR d'examens biologiques
    "57828-6",      // Prescription (autre)
    "83901-9",      // Bilan psychologique
    "ATTEST-RESID", // Attestation de résidence
    "DOCPAT02",     // deposited by the patient
    "EXPPAT_1",     // deposited by the patient, class 90
    "REMB",         // deposited by Assurance maladie
];

/// Row of the matrice d'habilitations for the seven types.
fn profession_reads(profession: &str, ty: &str) -> bool {
    match profession {
        "10" => ty != "ATTEST-RESID",
        "28" => ["57828-6", "DOCPAT02", "EXPPAT_1"].contains(&ty),
        // The dentist's exclusions; the nurse's row is provisional and shares this one.
        "40" | "60" => !["ATTEST-RESID", "83901-9"].contains(&ty),
        // The social sector is not in force; no row for students: default deny.
        _ => false,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    Normal,
    Glace { reason: bool },
    Samu,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Auth {
    Direct,
    Air,
    Psc,
    Indirect,
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    Patient,
    /// A patient authenticated with another INS.
    OtherPatient,
    /// A representative: 0 a parent, 1 a guardian, 2 somebody who is none.
    Rep(usize),
    Ps {
        who: usize,
        mode: Mode,
        auth: Auth,
        secret: bool,
    },
    Cpe {
        structure: usize,
        air: bool,
    },
    Cert {
        structure: usize,
        samu: bool,
    },
    Desk,
    Insurer,
    Pilot,
    System,
    Loader,
}

/// Whom a right names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    Person(usize),
    Structure(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthorOf {
    Person(usize, usize),
    Patient,
    AssuranceMaladie,
    Device(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Seen {
    pub masked: bool,
    pub hidden: bool,
    pub reps: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    Approved,
    Archived,
    Replaced,
    Deleted,
}

/// A document to deposit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Draft {
    pub ty: usize,
    pub author: AuthorOf,
    pub visibility: Seen,
    pub delay_days: Option<T>,
    pub replaces: Option<usize>,
}

/// What is asked. Documents are numbered in the order of the attempts to deposit them, so that a number may
/// name a document that never came to be.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Act {
    Close,
    Reactivate,
    Authorise { who: Who, treating: bool, days: Option<T> },
    End(Who),
    Block(Who),
    Unblock(Who),
    EndTreating(usize),
    Consent(Vec<Who>),
    WithdrawConsent(usize),
    Emergency { glace: bool, samu: bool, masked: bool },
    Default { masked: bool },
    Publish(Vec<Draft>),
    Visibility { doc: usize, to: Seen },
    SetStatus { doc: usize, to: Status },
    Release,
    AskStatus,
    Administrative,
    Rights,
    Search,
    Read(Vec<usize>),
    Reference(usize),
}

/// Why not, as far as the specification tells the families apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    NoDossier,
    Denied,
    NoReason,
    Closed,
    Blocked,
    Opposed,
    NotAuthorised,
    Expired,
    /// The document is absent, as far as this actor may know.
    Silence,
    /// A rule on this act or this document, known to the actor.
    Rule,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doc {
    pub ty: usize,
    pub author: AuthorOf,
    pub masked: bool,
    /// Hidden from the patient until then.
    pub hidden_until: Option<T>,
    pub reps: bool,
    pub status: Status,
    pub replaced_by: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    Patient,
    Consent(usize),
    Explicit,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct World {
    pub now: T,
    /// When the patient comes of age.
    pub majority: T,
    pub closed: bool,
    pub blocked: BTreeSet<Who>,
    /// Until when (`None` while médecin traitant) and why.
    pub authorised: BTreeMap<Who, (Option<T>, Basis)>,
    pub treating: BTreeSet<usize>,
    /// Team, still in force, since.
    pub consents: Vec<(Vec<Who>, bool, T)>,
    pub glace_opposed: bool,
    pub samu_opposed: bool,
    pub masked_in_emergency: bool,
    pub default_masked: bool,
    /// Numbered as the attempts were; `None` for a deposit that was refused.
    pub docs: Vec<Option<Doc>>,
}

pub type Verdict = Result<(), Why>;

impl World {
    pub fn opened(majority: T) -> Self {
        World {
            now: 0,
            majority,
            closed: false,
            blocked: BTreeSet::new(),
            authorised: BTreeMap::new(),
            treating: BTreeSet::new(),
            consents: Vec::new(),
            glace_opposed: false,
            samu_opposed: false,
            masked_in_emergency: false,
            default_masked: false,
            docs: Vec::new(),
        }
    }

    pub fn doc(&self, number: usize) -> Option<&Doc> {
        self.docs.get(number)?.as_ref()
    }

    // ---- who acts ----

    fn person(actor: &Actor) -> Option<usize> {
        match actor {
            Actor::Ps { auth: Auth::Indirect, .. } => None,
            Actor::Ps { who, .. } => Some(*who),
            _ => None,
        }
    }

    fn structure(actor: &Actor) -> Option<usize> {
        match actor {
            Actor::Ps { who, .. } => Some(PEOPLE[*who].structure),
            Actor::Cpe { structure, .. } | Actor::Cert { structure, .. } => Some(*structure),
            _ => None,
        }
    }

    fn emergency(actor: &Actor) -> bool {
        matches!(
            actor,
            Actor::Ps { mode: Mode::Glace { .. } | Mode::Samu, .. } | Actor::Cert { samu: true, .. }
        )
    }

    pub fn is_treating(&self, actor: &Actor) -> bool {
        Self::person(actor).is_some_and(|p| self.treating.contains(&p))
    }

    /// A block follows the name, even one that the structure's certificate carries without right.
    pub fn is_blocked(&self, actor: &Actor) -> bool {
        matches!(actor, Actor::Ps { who, .. } if self.blocked.contains(&Who::Person(*who)))
            || Self::structure(actor).is_some_and(|s| self.blocked.contains(&Who::Structure(s)))
    }

    /// 0 none, 1 expired, 2 valid; the person's or the structure's, the better one.
    fn authorisation(&self, actor: &Actor) -> u8 {
        let of = |who: Option<Who>| match who.and_then(|w| self.authorised.get(&w)) {
            None => 0,
            Some((Some(until), _)) if *until <= self.now => 1,
            Some(_) => 2,
        };
        of(Self::person(actor).map(Who::Person)).max(of(Self::structure(actor).map(Who::Structure)))
    }

    /// A parent represents a minor, a guardian whoever he was named for, nobody else.
    fn represents(&self, rep: usize) -> bool {
        match rep {
            0 => self.now < self.majority,
            1 => true,
            _ => false,
        }
    }

    // ---- the door: rules that do not look at a document ----

    /// dmp.md summary, access decision, steps 2 to 4.
    fn door(&self, actor: &Actor, row: Row, needs_authorisation: bool) -> Result<char, Why> {
        match actor {
            Actor::OtherPatient => return Err(Why::NoDossier),
            // Who never represented the patient learns nothing; who did is told that it is over.
            Actor::Rep(rep) if !self.represents(*rep) => {
                return Err(if *rep == 2 { Why::NoDossier } else { Why::Denied });
            }
            Actor::Patient | Actor::Rep(_) => {
                return if self.closed && row != Row::Status { Err(Why::Closed) } else { Ok('y') };
            }
            Actor::Desk | Actor::Insurer | Actor::Pilot | Actor::System | Actor::Loader => {
                let allowed = match row {
                    Row::Feed => matches!(actor, Actor::Insurer | Actor::Loader),
                    // Who opens dossiers must know whether there is one; who feeds them too.
                    Row::Status => !matches!(actor, Actor::Pilot | Actor::System),
                    Row::Administrative => *actor == Actor::Desk,
                    // Agreed: the loader of a test deployment finds what it loaded.
                    Row::Reference => *actor == Actor::Loader,
                    _ => false,
                };
                return match (allowed, self.closed) {
                    (false, _) => Err(Why::Denied),
                    (true, true) if row != Row::Status => Err(Why::Closed),
                    _ => Ok('y'),
                };
            }
            _ => {}
        }
        let column = column(actor, self.is_treating(actor)).ok_or(Why::Denied)?;
        let cell = cell(actor, column, row);
        if cell == '-' {
            return Err(Why::Denied);
        }
        if matches!(actor, Actor::Ps { mode: Mode::Glace { reason: false }, .. }) {
            return Err(Why::NoReason);
        }
        if row == Row::Status {
            return Ok(cell);
        }
        if self.closed {
            return Err(Why::Closed);
        }
        // Block beats everything; feeding follows the parameter, on by default.
        if self.is_blocked(actor) && row != Row::Feed {
            return Err(Why::Blocked);
        }
        if Self::emergency(actor) {
            let samu = matches!(actor, Actor::Ps { mode: Mode::Samu, .. } | Actor::Cert { .. });
            let opposed = if samu { self.samu_opposed } else { self.glace_opposed };
            // The opposition is to access; feeding after an emergency is not one.
            if opposed && row != Row::Feed {
                return Err(Why::Opposed);
            }
        } else if needs_authorisation {
            match self.authorisation(actor) {
                0 => return Err(Why::NotAuthorised),
                1 => return Err(Why::Expired),
                _ => {}
            }
        }
        Ok(cell)
    }

    // ---- documents ----

    pub fn owns(&self, actor: &Actor, doc: &Doc) -> bool {
        match (actor, doc.author) {
            (Actor::Patient | Actor::Rep(_), author) => author == AuthorOf::Patient,
            (Actor::Insurer, _) => TYPES[doc.ty] == "REMB",
            (Actor::Ps { auth: Auth::Indirect, .. } | Actor::Cpe { .. } | Actor::Cert { .. }, author) => {
                Self::of_structure(actor, author)
            }
            (Actor::Ps { who, .. }, AuthorOf::Person(author, _)) => author == *who,
            _ => false,
        }
    }

    fn of_structure(actor: &Actor, author: AuthorOf) -> bool {
        let structure = Self::structure(actor);
        match author {
            AuthorOf::Person(_, s) | AuthorOf::Device(s) => structure == Some(s),
            AuthorOf::Patient | AuthorOf::AssuranceMaladie => false,
        }
    }

    pub fn hidden(&self, doc: &Doc) -> bool {
        doc.hidden_until.is_some_and(|until| self.now < until)
    }

    /// May this actor, once through the door, know of this document? (dmp.md summary, steps 5 and 6.)
    pub fn sees(&self, actor: &Actor, doc: &Doc) -> bool {
        match actor {
            Actor::Patient => !self.hidden(doc),
            Actor::Rep(_) => !self.hidden(doc) && !doc.reps,
            Actor::Ps { auth: Auth::Indirect, .. } => false,
            Actor::Ps { who, .. } => {
                if self.owns(actor, doc) {
                    return true;
                }
                // What the patient deleted is gone for the others (L3).
                if doc.status == Status::Deleted && doc.author == AuthorOf::Patient {
                    return false;
                }
                if !profession_reads(PEOPLE[*who].profession, TYPES[doc.ty]) {
                    return false;
                }
                // Agreed: an obsolete version is never shown without what replaced it, so that a mask covers the
                // versions before it and nothing tells of a hidden successor.
                if self.successor(doc).is_some_and(|new| !self.sees(actor, new)) {
                    return false;
                }
                !doc.masked
                    || column(actor, self.is_treating(actor)).is_some_and(|c| {
                        match cell(actor, c, Row::ReadMasked) {
                            'y' => true,
                            'e' => self.masked_in_emergency,
                            _ => false,
                        }
                    })
            }
            Actor::Loader => true,
            _ => false,
        }
    }

    /// The documents a search shows, and the status it shows: deleted ones are gone at once (L3). The patient's
    /// side sees a replaced document as it was while its successor is hidden from it (A5: nothing reveals it).
    pub fn found(&self, actor: &Actor) -> Result<BTreeMap<usize, Status>, Why> {
        self.door(actor, Row::Search, true)?;
        let shown = |number: usize| {
            let doc = self.doc(number)?;
            let hides_successor = matches!(actor, Actor::Patient | Actor::Rep(_))
                && self.successor(doc).is_some_and(|new| !self.sees(actor, new));
            let status = if hides_successor { Status::Approved } else { doc.status };
            (doc.status != Status::Deleted && self.sees(actor, doc)).then_some((number, status))
        };
        Ok((0..self.docs.len()).filter_map(shown).collect())
    }

    fn successor(&self, doc: &Doc) -> Option<&Doc> {
        doc.replaced_by.and_then(|n| self.doc(n))
    }

    /// May these contents be read, all of them?
    fn read(&self, actor: &Actor, docs: &[usize]) -> Verdict {
        self.door(actor, Row::Read, true)?;
        let every = docs.iter().all(|n| self.doc(*n).is_some_and(|d| self.sees(actor, d)));
        if every { Ok(()) } else { Err(Why::Silence) }
    }

    /// The reference of a document: one's own without authorisation, any other that one may see.
    fn reference(&self, actor: &Actor, number: usize) -> Verdict {
        self.door(actor, Row::Reference, false)?;
        let authorised = self.door(actor, Row::Reference, true).is_ok();
        match self.doc(number) {
            Some(doc) if self.writes(actor, doc) || (authorised && self.sees(actor, doc)) => Ok(()),
            _ => Err(Why::Silence),
        }
    }

    /// A professional, an employee or a structure always knows what they wrote; on the patient's side a document
    /// may be hidden from who wrote it (a child's from the parents).
    fn writes(&self, actor: &Actor, doc: &Doc) -> bool {
        self.owns(actor, doc) && matches!(actor, Actor::Ps { .. } | Actor::Cpe { .. } | Actor::Cert { .. })
    }

    // ---- what is asked ----

    /// Permitted or not; a permitted act is applied.
    pub fn ask(&mut self, actor: &Actor, act: &Act) -> Verdict {
        match act {
            Act::AskStatus => self.door(actor, Row::Status, false).map(|_| ()),
            Act::Administrative => self.door(actor, Row::Administrative, false).map(|_| ()),
            // Who may reach the record is read like the record.
            Act::Rights => self.door(actor, Row::Rights, true).map(|_| ()),
            Act::Search => self.found(actor).map(|_| ()),
            Act::Read(docs) => self.read(actor, docs),
            Act::Reference(doc) => self.reference(actor, *doc),
            Act::Publish(lot) => self.publish(actor, lot),
            Act::Visibility { doc, to } => self.visibility(actor, *doc, *to),
            Act::SetStatus { doc, to } => self.set_status(actor, *doc, *to),
            Act::Release => self.release(actor),
            _ => self.rights(actor, act),
        }
    }

    fn publish(&mut self, actor: &Actor, lot: &[Draft]) -> Verdict {
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

    fn visibility(&mut self, actor: &Actor, number: usize, to: Seen) -> Verdict {
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
        if (to.hidden && !hidden) || (to.masked && to.hidden) || (hides_reps && *actor != Actor::Patient) {
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

    fn set_status(&mut self, actor: &Actor, number: usize, to: Status) -> Verdict {
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
    fn release(&mut self, actor: &Actor) -> Verdict {
        match (actor, self.closed) {
            (Actor::System, true) => Err(Why::Closed),
            (Actor::System, false) => Ok(()),
            (Actor::OtherPatient | Actor::Rep(2), _) => Err(Why::NoDossier),
            _ => Err(Why::Denied),
        }
    }

    fn rights(&mut self, actor: &Actor, act: &Act) -> Verdict {
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
