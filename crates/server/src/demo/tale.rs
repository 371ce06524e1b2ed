//! The history of one dossier as a list of steps in order of time, made before any of it happens.

use dmp_dossier::command::{Authorise, ChangeStatus, ChangeVisibility, Command, Open};
use dmp_dossier::{
    Actor, Availability, ConsentProof, DocumentRef, DocumentUid, Emergency, Grantee, JournalFilter, Query,
    Time, Visibility,
};

use super::cast::{Caregiver, Cast};
use super::population::Person;
use super::random::Dice;
use super::scribe::{Paper, Scribe};

/// What somebody does.
pub enum Deed {
    /// Changes the record.
    Command(Box<Command>),
    /// Deposits documents.
    Deposit(Vec<Paper>, DocumentUid),
    /// Reads it.
    Consult(Box<Query>),
    /// Answers the cases that wait, with these words.
    AnswerCases(&'static str),
}

/// One act, when and by whom.
pub struct Step {
    /// When.
    pub at: Time,
    /// By whom.
    pub by: Actor,
    /// What.
    pub deed: Deed,
    /// The rules refuse it: the trace of the refusal is part of the story.
    pub refused: bool,
}

/// Days counted back from the Monday on which the stories end.
#[derive(Debug, Clone, Copy)]
pub struct Calendar {
    until: Time,
}

const DAY_MS: i64 = 86_400_000;

impl Calendar {
    /// The calendar of stories that end on the last Monday before that time, at midnight UTC.
    pub fn before(now: Time) -> Calendar {
        let days = now.millis().div_euclid(DAY_MS);
        // 1 January 1970 was a Thursday.
        let monday = days - (days + 3).rem_euclid(7);
        Calendar { until: Time::from_millis(monday * DAY_MS) }
    }

    /// The end.
    pub fn until(&self) -> Time {
        self.until
    }

    /// That many days before the end, at that hour and minute UTC.
    pub fn at(&self, days_ago: u32, hour: u32, minute: u32) -> Time {
        let minutes = i64::from(hour * 60 + minute);
        Time::from_millis(self.until.millis() - i64::from(days_ago) * DAY_MS + minutes * 60_000)
    }

    /// The same at office hours of a working day: a weekend gives the Friday before.
    pub fn office(&self, days_ago: u32, dice: &mut Dice) -> Time {
        let days = match days_ago % 7 {
            1 => days_ago + 2,
            2 => days_ago + 1,
            _ => days_ago,
        };
        self.at(days, dice.between(7, 16) as u32, dice.below(60) as u32)
    }
}

/// A history being made.
pub struct Tale<'a> {
    /// Whose.
    pub person: &'a Person,
    /// Who cares.
    pub cast: &'a Cast,
    /// Days.
    pub calendar: Calendar,
    /// Chance.
    pub dice: Dice,
    /// Pen.
    pub scribe: Scribe,
    steps: Vec<Step>,
}

impl<'a> Tale<'a> {
    /// The history of a dossier, still empty.
    pub fn new(seed: u64, number: usize, person: &'a Person, cast: &'a Cast, calendar: Calendar) -> Self {
        Tale {
            person,
            cast,
            calendar,
            dice: Dice::stream(seed ^ 0x57_0e1e, number as u64),
            scribe: Scribe::new(seed, number, person),
            steps: Vec::new(),
        }
    }

    /// The steps, in order of time.
    pub fn finish(mut self) -> Vec<Step> {
        self.steps.sort_by_key(|step| step.at);
        self.steps
    }

    /// Leaves out what was to happen from that time on.
    pub fn cut(&mut self, from: Time) {
        self.steps.retain(|step| step.at < from);
    }

    /// The patient is a child, until the end of the story at least.
    pub fn is_minor(&self) -> bool {
        self.person.is_minor(self.calendar.until())
    }

    /// The patient, or who acts for a child.
    pub fn holder(&self) -> Actor {
        let ins = self.person.ins.clone();
        match self.person.representatives.first().filter(|_| self.is_minor()) {
            None => Actor::Patient { ins },
            Some(parent) => Actor::Representative {
                of: ins,
                person: parent.person.clone().unwrap_or_else(|| format!("{} {}", parent.given, parent.name)),
            },
        }
    }

    /// Adds an act.
    pub fn command(&mut self, at: Time, by: Actor, command: Command) {
        self.push(at, by, Deed::Command(Box::new(command)));
    }

    /// Adds a deposit of one document.
    pub fn deposit(&mut self, at: Time, by: Actor, paper: Paper) -> DocumentUid {
        let uid = paper.uid();
        self.deposit_lot(at, by, vec![paper]);
        uid
    }

    /// Adds a deposit.
    pub fn deposit_lot(&mut self, at: Time, by: Actor, papers: Vec<Paper>) {
        let lot = self.scribe.uid();
        self.push(at, by, Deed::Deposit(papers, lot));
    }

    /// Adds a read.
    pub fn consult(&mut self, at: Time, by: Actor, query: Query) {
        self.push(at, by, Deed::Consult(Box::new(query)));
    }

    /// The last step is one that the rules refuse.
    pub fn and_is_refused(&mut self) {
        if let Some(step) = self.steps.last_mut() {
            step.refused = true;
        }
    }

    /// A référent answers what waits.
    pub fn answer_cases(&mut self, at: Time, by: Actor, text: &'static str) {
        self.push(at, by, Deed::AnswerCases(text));
    }

    fn push(&mut self, at: Time, by: Actor, deed: Deed) {
        self.steps.push(Step { at, by, deed, refused: false });
    }

    /// Opens the dossier.
    pub fn open(&mut self, at: Time, by: Actor, collected_by: &str, means: &str, emergency: Emergency) {
        let person = self.person;
        let open = Open {
            ins: person.ins.clone(),
            traits: person.traits.clone(),
            contact: person.contact.clone(),
            representatives: person.representatives.clone(),
            consent: Some(consent(collected_by, means, at)),
            channel: person.channel,
            emergency,
        };
        self.command(at, by, Command::Open(Box::new(open)));
    }

    /// The patient names somebody, as médecin traitant or not.
    pub fn authorise(&mut self, at: Time, whom: &Caregiver, medecin_traitant: bool) {
        let by = self.holder();
        self.command(at, by, authorisation(whom, medecin_traitant));
    }

    /// A professional says that the patient agrees.
    pub fn declare(&mut self, at: Time, who: &Caregiver) {
        self.command(at, who.actor(), authorisation(who, false));
    }

    /// Somebody looks for documents, then reads one.
    pub fn read(&mut self, at: Time, by: Actor, document: &DocumentUid) {
        self.search(at, by.clone());
        self.consult(plus_minutes(at, 1), by, retrieve(document));
    }

    /// Somebody looks for documents.
    pub fn search(&mut self, at: Time, by: Actor) {
        self.consult(at, by, Query::FindDocuments(Box::default()));
    }

    /// The patient reads who came.
    pub fn read_journal(&mut self, at: Time) {
        let by = self.holder();
        self.consult(at, by, Query::Journal(JournalFilter::default()));
    }

    /// Somebody changes who sees a document.
    pub fn show(&mut self, at: Time, by: Actor, document: &DocumentUid, to: Visibility) {
        let document = DocumentRef::UniqueId(document.clone());
        self.command(
            at,
            by,
            Command::ChangeVisibility(ChangeVisibility { document, to, from_version: None }),
        );
    }

    /// Somebody archives or deletes a document.
    pub fn put_away(&mut self, at: Time, by: Actor, document: &DocumentUid, to: Availability) {
        let document = DocumentRef::UniqueId(document.clone());
        self.command(at, by, Command::ChangeStatus(ChangeStatus { document, to, from_version: None }));
    }
}

/// Reads the bytes of a document.
pub fn retrieve(document: &DocumentUid) -> Query {
    Query::Retrieve(vec![DocumentRef::UniqueId(document.clone())])
}

/// Masked to professionals.
pub const MASKED: Visibility = Visibility { masked: true, ..Visibility::VISIBLE };
/// Hidden from the patient until announced.
pub const TO_ANNOUNCE: Visibility = Visibility { hidden_from_patient: true, ..Visibility::VISIBLE };
/// Hidden from the representatives of a minor.
pub const BETWEEN_US: Visibility = Visibility { hidden_from_representatives: true, ..Visibility::VISIBLE };

/// A consent as it is written down.
pub fn consent(collected_by: &str, means: &str, at: Time) -> ConsentProof {
    ConsentProof {
        collected_by: collected_by.to_owned(),
        means: means.to_owned(),
        at,
        information: Some("Notice d'information, version 2".to_owned()),
    }
}

/// Names somebody in an authorisation.
pub fn authorisation(whom: &Caregiver, medecin_traitant: bool) -> Command {
    Command::Authorise(Box::new(Authorise {
        who: whom.grantee(),
        label: Some(whom.label()),
        until: None,
        medecin_traitant,
        profession: Some(whom.profession.to_owned()),
    }))
}

/// The structure of a caregiver, named by a consent to a team.
pub fn structure_of(whom: &Caregiver) -> Grantee {
    Grantee::Structure(whom.structure.id.clone())
}

/// That long after.
pub fn plus_minutes(at: Time, minutes: u32) -> Time {
    at.plus_minutes(minutes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dmp_dossier::Dtm;

    #[test]
    fn stories_end_on_a_monday_and_offices_close_at_weekends() {
        for (now, monday) in [
            ("20261121210000", "20261116000000"),
            ("20261116000000", "20261116000000"),
            ("20261115235959", "20261109000000"),
        ] {
            let calendar = Calendar::before(Dtm::parse(now).unwrap().start());
            assert_eq!(Dtm::from_time(calendar.until()).to_hl7(), monday, "{now}");
        }
        let calendar = Calendar::before(Dtm::parse("20261121").unwrap().start());
        let mut dice = Dice::new(1);
        for days in 1..60 {
            let at = calendar.office(days, &mut dice).civil();
            let weekday = at.date().weekday().to_monday_zero_offset();
            assert!(weekday < 5 && (7..17).contains(&at.hour()), "{days}");
        }
    }
}
