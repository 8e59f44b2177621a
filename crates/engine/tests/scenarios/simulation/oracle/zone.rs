//! Being where one must not be, at any hour.

use chrono::TimeDelta;
use model::{Decision, DecisionKind, Timestamp};

use super::super::op::Spot;
use super::super::world::{Minute, World};
use super::{Told, told};

/// A stay of so many minutes, each of which is reported, must be told of.
const SURELY_MIN: usize = 12;
/// It is told of so long after the last of its readings that matter came, at the latest.
const TOLD_WITHIN_MIN: i64 = 4;
/// Nothing is known of a wearer for longer than this between two reports.
const BLIND_MIN: i64 = 12;

/// Stays inside the zone that must be told of, as the times of their minutes.
fn sure_stays(world: &World) -> Vec<&[Minute]> {
    let surely = |minute: &Minute| minute.spot == Spot::Inside && minute.arrives.is_some();
    let stays = world.minutes.chunk_by(|a, b| surely(a) == surely(b));
    stays
        .filter(|stay| stay.len() >= SURELY_MIN && stay.iter().all(surely))
        .collect()
}

fn ended(last: &Decision) -> Timestamp {
    let model::Evidence::Zone(zone) = &last.evidence else {
        return Timestamp::MAX;
    };
    zone.ended.unwrap_or(Timestamp::MAX)
}

/// What is wrong with what was told of the zone.
pub(super) fn complaints(world: &World, decisions: &[Decision]) -> Vec<String> {
    let told = told(decisions, "C-1", &[DecisionKind::ExclusionZoneEntered]);
    let mut complaints = missed(world, &told);
    let standing = told.iter().filter(|entering| entering.stands());
    complaints.extend(standing.filter_map(|entering| unfounded(world, entering.last)));
    complaints
}

fn missed(world: &World, told: &[Told<'_>]) -> Vec<String> {
    let mut missed = Vec::new();
    for stay in sure_stays(world) {
        let (Some(first), Some(last)) = (stay.first(), stay.last()) else {
            continue;
        };
        let stands = |entering: &&Told<'_>| {
            let end = entering.last;
            entering.stands() && end.onset <= last.at && first.at <= ended(end)
        };
        if !told.iter().any(|entering| stands(&entering)) {
            missed.push(format!(
                "inside from {} to {}, not told of",
                first.at, last.at
            ));
        }
        let needed = stay.iter().take(SURELY_MIN);
        let Some(arrived) = needed.filter_map(|minute| minute.arrives).max() else {
            continue;
        };
        let by = arrived.plus(TimeDelta::minutes(TOLD_WITHIN_MIN));
        if !told.iter().any(|entering| entering.was_open(first.at, by)) {
            missed.push(format!("inside from {} on, not told of by {by}", first.at));
        }
    }
    missed
}

/// An episode must overlap a time inside, or one in which nothing is known.
fn unfounded(world: &World, last: &Decision) -> Option<String> {
    let inside = world.minutes.iter().any(|minute| {
        minute.spot == Spot::Inside
            && minute.arrives.is_some()
            && last.onset <= minute.at.plus(TimeDelta::minutes(1))
            && minute.at <= ended(last)
    });
    let begins_right = world.minutes.iter().any(|minute| {
        minute.spot == Spot::Inside
            && minute.arrives.is_some()
            && minute.at <= last.onset
            && last.onset.since(minute.at) <= TimeDelta::minutes(BLIND_MIN)
    });
    (!inside || !begins_right).then(|| {
        format!(
            "told of {} to {}, which nothing bears out",
            last.onset,
            ended(last)
        )
    })
}
