//! A naive model of one dossier, written from the issue and the specification, not from `src/`: what a reader of
//! `spec/dmp.md` 4 would write on a blackboard. It knows persons, structures and documents by number.
//!
//! It answers two questions: is this act permitted (and if not, for which family of reasons), and which documents
//! does this actor see. The harness compares both with `dossier` after every act of a random history.
//!
//! Where the specification is silent the model says what was agreed on, with the words "agreed" and why.

mod documents;
mod rights;
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
}
