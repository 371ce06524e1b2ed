//! Who sees what: the patient's decisions and the rules, through the three ways to a document (search, read, bytes), and
//! the journal that tells the patient each of these acts, refusals included.

mod blocking;
mod family;
mod feeding;
mod masking;
mod optician;
mod story;
mod world;

use crate::tools::verifies_running_and_stopped;
use std::panic::{AssertUnwindSafe, catch_unwind};
use world::{MARIE, World};

type Scenario = (&'static str, fn(&World));

macro_rules! scenarios {
    ($($module:ident::$name:ident),* $(,)?) => { [$((stringify!($name), $module::$name as fn(&World))),*] };
}

/// One after the other in the same dossiers, so that the journal is the story in order.
const SCENARIOS: [Scenario; 11] = scenarios![
    optician::an_optician_sees_his_twelve_types_and_his_own_documents,
    optician::where_nobody_authorised_him_he_sees_nothing,
    masking::a_masked_document_is_seen_by_the_patient_its_author_and_the_medecin_traitant,
    masking::in_emergency_a_masked_document_is_seen_where_the_patient_allowed_it,
    masking::the_patient_may_oppose_each_kind_of_emergency,
    masking::a_bris_de_glace_without_a_reason_is_refused,
    blocking::blocking_takes_effect_at_once_in_every_mode,
    blocking::an_authorisation_ends_on_its_date,
    feeding::an_occupational_doctor_reads_metadata_and_no_content,
    feeding::a_secretary_feeds_and_reads_nothing,
    family::a_representative_sees_what_is_not_hidden_from_representatives,
];

#[test]
fn each_sees_what_the_patient_and_the_rules_allow_and_the_journal_tells_it() {
    let mut world = World::new();
    let failed: Vec<_> = SCENARIOS
        .iter()
        .filter(|(name, scenario)| {
            println!("{name}");
            catch_unwind(AssertUnwindSafe(|| scenario(&world))).is_err()
        })
        .map(|(name, _)| *name)
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    world.journal_tells_everything();
    verifies_running_and_stopped(&mut world.demo);
}
