//! Everything an actor is told of: the documents that any answer or journal line names.

use crate::common::script::name_of;
use crate::model::{Actor, Doc};
use crate::real::{numbers, real_actor};
use crate::{Play, every_query};
use dmp_dossier::{Fact, Row, View};
use std::collections::BTreeSet;

/// The documents that exist, by number.
pub fn documents(play: &Play) -> Vec<(usize, Doc)> {
    let all = 0..play.world.docs.len();
    all.filter_map(|n| play.world.doc(n).map(|d| (n, d.clone()))).collect()
}

/// Every document that anything the actor can ask tells of, by number.
pub fn told(play: &Play, of: &Actor) -> BTreeSet<usize> {
    let actor = real_actor(of);
    let mut told = BTreeSet::new();
    for query in every_query(play, &[]) {
        let Ok(view) = play.bench.look(&actor, &query) else { continue };
        let mut seen = Vec::new();
        match view {
            View::Documents(s) | View::Contents(s) | View::Export(s, _) => seen = s,
            View::Sets(sets) => {
                for set in sets {
                    for association in &set.set.associations {
                        let target = play.bench.dossier.by_entry_uuid(association.target);
                        told.extend(target.map(|(_, e)| number_of(e)));
                    }
                    seen.extend(set.members);
                }
            }
            View::Associations(found) => {
                let entry = |uuid| play.bench.dossier.by_entry_uuid(uuid);
                for association in found {
                    told.extend(entry(association.source).map(|(_, e)| number_of(e)));
                    told.extend(entry(association.target).map(|(_, e)| number_of(e)));
                }
            }
            View::Explanation(explanation) => {
                seen = explanation.documents.into_iter().map(|(s, _)| s).collect();
            }
            View::Status(_)
            | View::Administrative(_)
            | View::Rights(_)
            | View::Journal(_)
            | View::Cases(_)
            | View::Choices(_) => {}
        }
        told.extend(numbers(&seen).keys());
        let linked = seen.iter().filter_map(|s| s.entry.replaces);
        told.extend(linked.filter_map(|u| play.bench.dossier.by_entry_uuid(u)).map(|(_, e)| number_of(e)));
        told.extend(seen.iter().filter_map(|s| s.replaces.as_ref()).map(|e| number_of(e)));
    }
    for line in play.bench.lines(&actor).unwrap_or_default() {
        let facts = line.facts.iter().filter_map(|f| match f {
            Fact::DocumentRegistered { row, .. } | Fact::StatusChanged { row, .. } => Some(*row),
            _ => None,
        });
        for row in line.documents.iter().copied().chain(facts) {
            if let Some(Row::Document(entry)) = play.bench.dossier.rows.get(row as usize) {
                told.insert(number_of(entry));
            }
        }
    }
    told
}

fn number_of(entry: &dmp_dossier::DocumentEntry) -> usize {
    name_of(&entry.metadata.unique_id)[1..].parse().unwrap()
}
