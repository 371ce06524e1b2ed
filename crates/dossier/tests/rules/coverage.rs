//! Every rule is exercised: it decides the outcome of a row of these tables, or it is listed here with the reason.

use std::collections::BTreeSet;

const TABLES: [&str; 12] = [
    include_str!("choices.rs"),
    include_str!("consultation.rs"),
    include_str!("explain.rs"),
    include_str!("grants.rs"),
    include_str!("indexes.rs"),
    include_str!("lifecycle.rs"),
    include_str!("lines.rs"),
    include_str!("publication.rs"),
    include_str!("replacement.rs"),
    include_str!("update.rs"),
    include_str!("watching.rs"),
    include_str!("web_access.rs"),
];

/// Rules that no outcome names, and what shows them instead.
const WITHOUT_OUTCOME: [(&str, &str); 18] = [
    ("VIS-7", "of a deleted document: absent, said as VIS-10 (what_the_patient_deletes… in consultation.rs)"),
    (
        "VIS-8",
        "of who sees no document at all: refused at the entrance before (cards_without_a_professional…)",
    ),
    ("VIS-9", "permits, refuses nothing: the loader's `ref` in lifecycle.rs"),
    ("LIF-7", "an effect: a_patient_reaches_his_own_dossier_by_any_ins_he_had"),
    ("DRO-4", "an effect: a_professional_declares_himself_for_a_session_and_nobody_else"),
    ("DRO-5", "an effect: a_block_beats_everything_and_gives_nothing_back_when_lifted; refused by FCT-1"),
    ("MAJ-1", "nobody but who may unmask sees a masked document in normal mode: refused as absent before"),
    ("MAJ-6", "an effect: announcements_that_fell_due_are_released_by_the_system_and_traced"),
    ("CON-1", "permits: the_state_of_the_dossier_is_told_to_any_actor_of_the_matrix"),
    ("CON-2", "shapes a view: the_patient_and_the_medecin_traitant_read_everything…"),
    ("CON-3", "shapes a view: representatives_read_no_secret_session…"),
    ("TRT-2", "counts candidates: searches_by_traits… of the store's contract"),
    ("TRT-3", "an effect: a_patient_is_sought_by_name_and_birth_in_regulation"),
    ("WEB-4", "what other dossiers hold: a_login_serves_once of the store's contract"),
    ("VEI-1", "an effect: each_bris_de_glace_opens_one_review"),
    ("VEI-4", "an effect: the_first_read_of_a_professional_is_a_visit_once"),
    ("CHX-4", "shapes a view: at_majority_the_choices_are_asked_again"),
    ("CON-4", "shapes a view: voir_comme_is_what_the_other_sees_and_the_asker_may_know"),
];

/// Rules named on the right of an arrow.
fn named() -> BTreeSet<String> {
    let outcomes = TABLES.iter().flat_map(|t| t.lines()).filter_map(|line| line.split_once("->"));
    let words =
        outcomes.flat_map(|(_, right)| right.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    words
        .map(|word| {
            word.trim_end_matches(['"', ',', ';', ')']).rsplit(':').next().unwrap_or_default().to_owned()
        })
        .collect()
}

#[test]
fn every_rule_decides_a_row_or_says_why_not() {
    let named = named();
    let mut missing = Vec::new();
    let mut stale = Vec::new();
    for rule in dmp_dossier::all_rules() {
        let listed = WITHOUT_OUTCOME.iter().any(|(id, _)| *id == rule.id);
        match (named.contains(rule.id), listed) {
            (false, false) => missing.push(rule.id),
            (true, true) => stale.push(rule.id),
            _ => {}
        }
    }
    assert!(missing.is_empty(), "no row is decided by {missing:?}");
    assert!(stale.is_empty(), "listed, though rows are decided by {stale:?}");
    for (id, _) in WITHOUT_OUTCOME {
        assert!(dmp_dossier::all_rules().iter().any(|r| r.id == id), "{id} is no rule");
    }
}

#[test]
fn rules_have_distinct_identifiers_and_say_something() {
    let rules = dmp_dossier::all_rules();
    let ids: BTreeSet<&str> = rules.iter().map(|r| r.id).collect();
    assert_eq!(ids.len(), rules.len());
    for rule in rules {
        assert!(!rule.says.is_empty() && !rule.source.is_empty(), "{}", rule.id);
        assert!(!rule.says.ends_with('.'), "{}: no full stop", rule.id);
    }
}
