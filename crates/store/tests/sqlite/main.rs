//! The contract suite on SQLite, and what only SQLite can be asked: altered rows, a log cut short, tables of a release
//! before.

// What is said of tests for their functions holds for what they call.
#![allow(clippy::unwrap_used)]

#[path = "../contract/mod.rs"]
mod contract;
mod crash;
mod reindex;
mod tamper;

use contract::world::Factory;
use dmp_store::SqliteEngine;
use std::sync::Arc;

const SQLITE: Factory = |dir| Ok(Arc::new(SqliteEngine::open(dir)?));

contract! {
    SQLITE;
    traces:
        every_read_has_its_trace_and_every_trace_its_read,
        refusals_are_journalled_like_permits,
        the_journal_says_who_and_why,
        a_journal_longer_than_a_page_is_read_whole;
    rights:
        a_block_holds_from_its_acknowledgement,
        concurrent_changes_of_one_dossier_all_happen_in_some_order,
        a_due_announcement_is_released_before_any_other_act;
    reading:
        documents_come_back_byte_for_byte,
        a_lot_comes_back_in_its_order,
        texts_are_searched_under_the_rights_of_reading,
        an_export_holds_documents_and_journal;
    exchange:
        the_same_lot_twice_is_one_document_and_one_answer,
        the_same_lot_from_many_clients_at_once_is_one_document,
        a_unique_id_held_elsewhere_is_refused_in_the_same_words,
        a_refused_message_leaves_one_line_and_nothing_else,
        a_signature_is_kept_with_its_lot_and_exported_with_all_of_it,
        one_ins_is_one_dossier_whoever_opens_first,
        a_former_ins_still_finds_the_dossier;
    life:
        a_reopened_directory_holds_everything,
        a_second_process_is_refused,
        keys_rotate_and_everything_is_still_found,
        closing_deletes_nothing_and_reopening_gives_everything_back;
    silence:
        an_unknown_document_and_a_hidden_one_are_told_alike,
        through_a_document_only_that_document_is_answered,
        an_unknown_patient_is_unknown;
    limits:
        a_professional_reaches_a_bounded_number_of_patients,
        breaking_glass_is_bounded,
        failed_look_ups_are_bounded_and_hidden_documents_count_alike,
        searches_by_traits_are_bounded_for_a_structure_or_a_person,
        a_colleague_lifts_a_quota_for_an_hour,
        a_lift_holds_over_a_restart,
        first_accesses_without_the_patient_are_bounded;
    watch:
        a_referent_sees_the_cases_of_their_structure,
        first_accesses_emergencies_and_answers_are_told_once,
        every_access_is_told_to_who_asks,
        a_notice_goes_to_the_patient_or_to_who_acts_for_them,
        a_secret_bris_de_glace_is_told_as_secret;
    indexes:
        one_lists_the_dossiers_where_one_is_authorised,
        a_list_is_journalled_in_each_dossier_it_shows,
        a_list_is_that_of_its_dates_and_its_documents,
        an_employee_lists_for_the_structure_and_for_those_who_act_in_it,
        a_list_reaches_no_patient_of_the_quotas,
        lists_and_searches_hold_while_dossiers_move,
        patients_are_found_by_name_and_birth,
        who_may_not_be_shown_is_no_candidate_and_reads_it,
        too_many_candidates_are_none,
        former_names_find_nobody,
        indexes_follow_a_rotation_of_their_key;
    register:
        a_record_comes_back_to_who_names_it_only,
        a_record_is_written_from_the_version_that_was_read,
        records_of_an_owner_are_listed_by_their_time,
        records_hold_over_a_restart_and_a_rotation_of_keys,
        a_record_has_a_bound;
    replay:
        what_came_in_is_taken_once,
        what_expired_is_forgotten,
        the_same_from_many_clients_at_once_is_taken_once;
    watching:
        a_first_visit_is_kept_once_with_its_trace,
        first_visits_at_once_are_one,
        a_bris_de_glace_opens_one_review_an_hour,
        a_secret_review_is_not_a_representatives,
        a_refusal_of_opening_is_kept_until_the_person_consents,
        a_refusal_and_an_opening_at_once_are_one_place,
        choices_come_back_with_their_receipts,
        a_journal_is_read_up_to_a_number_of_lines;
    web_access:
        an_access_is_kept_and_its_journal_names_no_channel,
        a_login_serves_once;
}
