//! What every store must do: one suite for all of them.
//!
//! A [`Site`] is where a store lives. Each test gets a site of its own, empty; [`store_contract!`]
//! makes the tests of the suite for one kind of site.

pub(crate) mod access;
pub(crate) mod alert;
pub(crate) mod checkpoint;
pub(crate) mod commit;
pub(crate) mod dead;
pub(crate) mod erasure;
pub(crate) mod filing;
pub(crate) mod journal;
pub(crate) mod prune;
pub(crate) mod queue;
pub(crate) mod record;
pub(crate) mod reference;
pub(crate) mod registry;
pub(crate) mod sample;
pub(crate) mod trail;
pub(crate) mod triage;

use std::sync::Arc;

use async_trait::async_trait;

use super::Store;

/// Where a store lives.
#[async_trait]
pub(crate) trait Site: Send + Sync {
    /// Opens the store that lives here. Opened again after the last handle is dropped, it has
    /// everything that was committed.
    async fn open(&self) -> Arc<dyn Store>;
}

/// Makes the tests of the suite, each with a site from `$site`, an expression of a new one.
macro_rules! store_contract {
    ($site:expr) => {
        $crate::store::contract::store_contract! { @tests $site,
            commit::{
                nothing_of_a_failed_batch_stays,
                what_could_not_be_read_again_is_refused,
                an_owner_that_was_fenced_off_cannot_write,
                a_partition_that_nobody_took_cannot_be_written,
                epochs_only_ever_grow,
                a_journal_position_must_be_the_next_one,
                partitions_are_committed_to_at_the_same_time,
                a_batch_of_nothing_but_decisions_is_committed,
                a_reopened_store_has_all_that_was_committed,
                a_store_that_answers_says_so,
            }
            journal::{
                a_journal_reads_back_as_it_was_written,
                a_journal_is_read_on_from_a_position_and_no_further_than_asked,
                positions_count_by_partition,
                what_is_seen_of_a_device_is_what_any_partition_journaled,
                readings_are_found_by_identity_in_the_order_asked,
                two_events_of_one_instant_are_two_readings,
                a_reading_is_known_by_its_identity_on_every_later_day,
                the_history_of_a_wearer_is_what_was_handed_in_since_and_up_to,
                policy_changes_come_once_in_the_order_they_were_made,
                the_newest_change_of_our_own_is_found_among_all_others,
            }
            filing::{
                whatever_is_asked_is_answered_as_before_it_was_filed,
                little_is_not_filed_before_there_is_enough,
                small_blocks_are_bound_and_the_journal_reads_the_same,
                an_owner_that_was_fenced_off_files_nothing,
                who_is_erased_is_not_found_among_what_was_filed,
                what_was_filed_goes_with_the_readings_it_is_of,
            }
            alert::{
                the_same_decision_twice_is_one_alert_and_one_queue_row,
                a_decision_routed_otherwise_on_replay_stays_as_it_was,
                an_alert_follows_its_decisions,
                an_amendment_leaves_a_cleared_alert_cleared,
                an_older_revision_does_not_set_an_alert_back,
                alerts_are_listed_by_what_changed_last_and_by_wish,
                an_unknown_alert_is_none,
                the_stream_goes_on_without_gap_or_repeat,
                events_name_their_recipients,
                a_decision_is_found_as_it_was_kept_with_the_queues_it_is_in,
                who_reads_the_stream_while_all_commit_misses_nothing,
            }
            access::{
                a_token_is_kept_revoked_once_and_each_is_in_the_audit_trail,
                a_list_of_alerts_holds_what_the_rules_say_one_may_see,
                a_list_of_the_registry_holds_what_the_rules_say_one_may_see,
                what_decides_who_sees_an_alert_is_the_newest_profile_and_all_who_were_told,
            }
            erasure::{
                erasing_takes_out_one_wearer_and_leaves_the_others_and_the_places,
                checkpoints_are_put_in_the_place_of_those_that_knew_the_wearer,
                what_a_journal_goes_on_from_is_not_erased_without_another_in_its_place,
                a_rehearsal_of_erasing_counts_and_erases_nothing,
                who_does_not_own_the_partitions_erases_nothing,
                nothing_is_erased_from_a_journal_that_goes_on_from_a_checkpoint,
                policy_entries_come_with_their_places,
            }
            queue::{
                what_is_not_acknowledged_comes_again_and_the_old_receipt_is_refused,
                acknowledging_twice_is_fine,
                an_acknowledged_delivery_cannot_be_given_back,
                what_is_given_back_comes_again_when_due_and_not_before,
                a_delivery_given_back_is_not_acknowledged_afterwards,
                receipts_never_given_out_are_unknown,
                two_consumers_do_not_overtake_each_other_about_a_wearer,
                an_earlier_one_given_back_holds_up_later_ones_about_the_same_wearer,
                a_later_one_handed_out_does_not_hold_up_an_earlier_one,
                an_expired_lease_holds_nobody_up,
                the_oldest_come_first_and_no_more_than_asked,
                a_claim_is_never_greater_than_the_bound,
                queues_do_not_see_each_other,
                queues_are_counted,
                consumers_at_the_same_time_never_get_the_same,
            }
            dead::{
                what_was_given_back_as_often_as_it_may_be_is_dead,
                what_ran_out_of_leases_is_dead_and_told_of_once,
                what_was_refused_is_dead_at_once,
                an_attempt_that_was_none_does_not_count,
                a_dead_one_holds_up_nobody,
                what_is_put_back_has_all_its_attempts_before_it_and_its_old_place,
                one_of_several_dead_ones_is_put_back,
                who_put_back_what_and_why_is_in_the_audit_trail,
                a_lease_goes_on_as_long_as_it_is_extended,
                what_is_not_leased_is_not_extended,
                a_look_claims_nothing_and_sees_how_everything_stands,
                every_handing_out_is_written_down_with_what_came_of_it,
                what_is_overdue_is_counted_until_it_is_settled,
            }
            reference::{
                a_queue_does_what_a_list_walked_from_the_front_would,
            }
            registry::{
                an_amendment_is_taken_in_whole_and_its_parts_are_found_again,
                who_checked_against_an_older_registry_changes_nothing,
                what_was_registered_as_of_a_revision_is_found_later,
                a_partition_hears_of_its_own_wearers_and_of_what_concerns_all,
                a_part_that_was_removed_is_gone_and_its_versions_are_kept,
                what_points_at_a_part_is_found,
                a_list_goes_on_after_an_id,
                each_change_is_in_the_audit_trail,
                nothing_of_an_amendment_that_fails_stays,
                erasing_takes_a_part_out_in_all_its_versions_and_gives_no_revision_twice,
            }
            triage::{
                a_step_is_kept_with_the_alert_and_is_an_event_of_the_stream,
                of_two_who_take_a_step_at_once_one_is_behind,
                an_alert_is_overdue_from_its_deadline_until_somebody_does_something,
                who_has_acknowledged_their_notification_has_been_told,
                who_is_told_by_a_step_finds_it_in_their_queue,
                alerts_are_listed_by_where_the_work_on_them_stands,
                what_an_incident_gathers_is_listed_under_it,
                what_is_held_goes_out_when_it_is_over_as_far_as_it_is_still_open,
                what_is_told_on_its_own_is_listed_all_the_same,
            }
            trail::{
                a_trail_is_in_the_order_observed_however_it_came_in,
                a_trail_has_what_a_clock_that_was_ahead_observed,
                who_passed_by_was_in_the_box_or_on_its_edge,
            }
            prune::{
                readings_go_as_far_as_a_checkpoint_covers_them,
                a_journal_of_which_all_readings_are_gone_goes_on_where_it_was,
                what_waits_stays_and_what_was_settled_long_ago_goes,
                one_checkpoint_a_week_is_kept_to_go_back_to,
            }
            checkpoint::{
                the_two_newest_checkpoints_are_kept,
                a_checkpoint_of_the_same_position_replaces_it,
                an_owner_that_was_fenced_off_saves_no_checkpoint,
                parts_are_a_checkpoint_once_it_is_finished,
                a_checkpoint_of_which_a_part_is_missing_is_none,
                parts_saved_again_take_the_place_of_those_before,
                parts_of_no_checkpoint_go_while_others_are_saved,
                an_owner_that_was_fenced_off_saves_no_part_and_finishes_none,
            }
            record::{
                a_dead_letter_with_a_character_that_no_text_may_hold_is_kept,
                dead_letters_keep_every_byte,
                a_dead_letter_of_two_megabytes_is_kept,
                the_audit_trail_is_read_newest_first,
            }
        }
    };
    (@tests $site:expr, $($part:ident::{ $($test:ident,)+ })+) => {
        $(mod $part {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let site = $site;
                $crate::store::contract::$part::$test(&site).await;
            })+
        })+
    };
}

pub(crate) use store_contract;
