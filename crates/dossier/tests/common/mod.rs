//! What every test of the rules stands on: a dossier under test with its clock and its journal, and the cast.
//!
//! [`Bench::execute`] and [`Bench::consult`] do what the store does around a decision: act, rows, decision, journal
//! line, in that order. Times and identifiers come from the test.

#![allow(dead_code, reason = "each test binary uses a part of this")]
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a failure here is the test's failure; names say the rest"
)]

pub mod cast;
pub mod deposit;
pub mod script;

use dmp_dossier::watching::changes_of_read;
use dmp_dossier::{
    Actor, ActorTrace, Change, Command, Decision, Dossier, DossierId, Dtm, Fact, JournalEntry, Matrix,
    Moment, Parameters, Payload, Query, Receipt, Refusal, Time, View, act_of_command, act_of_query, consult,
    decide, ids_needed, receipt, rows_of_command, rows_of_query, rows_of_view,
};
use std::sync::OnceLock;
use uuid::Uuid;

/// The matrix as shipped.
pub fn matrix() -> &'static Matrix {
    static MATRIX: OnceLock<Matrix> = OnceLock::new();
    MATRIX.get_or_init(Matrix::builtin)
}

/// An instant from `YYYYMMDD` or `YYYYMMDDhhmm`, UTC.
pub fn time(text: &str) -> Time {
    Dtm::parse(text).unwrap().start()
}

/// A dossier under test.
#[derive(Clone)]
pub struct Bench {
    pub dossier: Dossier,
    pub parameters: Parameters,
    pub now: Time,
    /// Next fresh identifier.
    pub next_id: u128,
    pub journal: Vec<JournalEntry>,
    pub facts: Vec<(Fact, Time)>,
}

impl Bench {
    /// Nothing opened yet, on the first of June 2027 at noon.
    pub fn new() -> Self {
        Bench {
            dossier: Dossier::unopened(DossierId(Uuid::from_u128(1))),
            parameters: Parameters::default(),
            now: time("202706011200"),
            next_id: 1000,
            journal: Vec::new(),
            facts: Vec::new(),
        }
    }

    pub fn decide(&self, actor: &Actor, command: &Command) -> Result<Vec<Change>, Refusal> {
        let needed = ids_needed(&self.dossier, command, self.now) as u128;
        let ids: Vec<Uuid> = (self.next_id..self.next_id + needed).map(Uuid::from_u128).collect();
        decide(&self.dossier, actor, command, &self.moment(&ids))
    }

    pub fn moment<'a>(&'a self, ids: &'a [Uuid]) -> Moment<'a> {
        Moment { at: self.now, ids, matrix: matrix(), parameters: &self.parameters }
    }

    /// Decides, applies, journals. The changes come back with the receipt, so that a test tells "done" from "done
    /// already".
    pub fn execute(&mut self, actor: &Actor, command: &Command) -> Result<(Receipt, Vec<Change>), Refusal> {
        let act = act_of_command(&self.dossier, actor, command);
        let mut documents = rows_of_command(&self.dossier, command);
        let decided = self.decide(actor, command);
        self.next_id += ids_needed(&self.dossier, command, self.now) as u128;
        let decision = decision(&decided);
        let facts: Vec<Fact> = decided.iter().flatten().map(|c| c.fact.clone()).collect();
        self.apply(decided.as_deref().unwrap_or_default());
        for change in decided.iter().flatten() {
            if let (Fact::DocumentRegistered { row, .. }, Payload::Document(_)) =
                (&change.fact, &change.payload)
            {
                documents.push(*row);
            }
        }
        self.write_line(actor, act, decision, facts, documents);
        decided.map(|changes| (receipt(&self.dossier, command), changes))
    }

    pub fn look(&self, actor: &Actor, query: &Query) -> Result<View, Refusal> {
        consult(&self.dossier, actor, query, &self.moment(&[]))
    }

    /// Decides a read, applies what it changes by itself, journals it.
    pub fn consult(&mut self, actor: &Actor, query: &Query) -> Result<View, Refusal> {
        let view = self.look(actor, query);
        let documents = match &view {
            Ok(view) => rows_of_view(view),
            Err(_) => rows_of_query(&self.dossier, query),
        };
        let ids = [Uuid::from_u128(self.next_id)];
        let changes = match &view {
            Ok(_) => changes_of_read(&self.dossier, actor, query, &self.moment(&ids)),
            Err(_) => Vec::new(),
        };
        let facts: Vec<Fact> = changes.iter().map(|change| change.fact.clone()).collect();
        self.next_id +=
            changes.iter().filter(|change| matches!(change.payload, Payload::Case(_))).count() as u128;
        self.apply(&changes);
        self.write_line(actor, act_of_query(query), decision(&view), facts, documents);
        view
    }

    fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            self.dossier.apply(change);
            self.facts.push((change.fact.clone(), change.at));
        }
        self.dossier.version += u64::from(!changes.is_empty());
    }

    /// Journals a read that is no query.
    pub fn trace(&mut self, actor: &Actor, act: dmp_dossier::Act, documents: Vec<u32>) {
        self.write_line(actor, act, Decision::Permitted, Vec::new(), documents);
    }

    fn write_line(
        &mut self,
        actor: &Actor,
        act: dmp_dossier::Act,
        decision: Decision,
        facts: Vec<Fact>,
        documents: Vec<u32>,
    ) {
        self.journal.push(JournalEntry {
            at: self.now,
            actor: ActorTrace::of(actor),
            act,
            decision,
            version: self.dossier.version,
            facts,
            digests: Vec::new(),
            contents: Vec::new(),
            documents,
            note: None,
            request: Uuid::nil(),
        });
    }

    /// The lines an actor reads of the whole journal; the refusal when he reads none.
    pub fn lines(&self, actor: &Actor) -> Result<Vec<JournalEntry>, Refusal> {
        let view = self.look(actor, &Query::Journal(dmp_dossier::JournalFilter::default()))?;
        let View::Journal(scope) = view else { panic!("a journal is a scope") };
        let moment = self.moment(&[]);
        Ok(self
            .journal
            .iter()
            .filter_map(|line| dmp_dossier::lines::line_for(&self.dossier, actor, &scope, line, &moment))
            .collect())
    }
}

fn decision<T>(decided: &Result<T, Refusal>) -> Decision {
    match decided {
        Ok(_) => Decision::Permitted,
        Err(refusal) => Decision::Refused { reason: refusal.reason, rule: refusal.rule.id.to_owned() },
    }
}
