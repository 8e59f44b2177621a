//! Being at home by night, Europe/London.

use chrono::{TimeDelta, Timelike};
use chrono_tz::Europe::London;
use model::{Decision, DecisionKind, Evidence, Timestamp};

use super::super::op::Spot;
use super::super::world::{Minute, World};
use super::{Told, told};

/// An absence of so many minutes by night, each of which is reported, must be told of: the grace of 15
/// and what it takes to be certain.
const SURELY_OUT_MIN: usize = 30;
/// So many reported minutes at home are not part of an absence.
const SURELY_HOME_MIN: usize = 15;
/// It is told of so long after the last of its readings that matter came, at the latest.
const TOLD_WITHIN_MIN: i64 = 5;
/// Nothing is known of a wearer for longer than this between two reports.
const BLIND_MIN: i64 = 12;

const BREACHES: [DecisionKind; 5] = [
    DecisionKind::OutPastStart,
    DecisionKind::LateReturn,
    DecisionKind::LeftDuring,
    DecisionKind::OutAtEnd,
    DecisionKind::AbsentThroughout,
];

/// From seven in the evening to seven in the morning.
fn by_night(at: Timestamp) -> bool {
    let hour = at.to_chrono().with_timezone(&London).hour();
    !(7..19).contains(&hour)
}

fn reported(minute: &Minute) -> bool {
    minute.arrives.is_some()
}

fn out_by_night(minute: &Minute) -> bool {
    reported(minute) && minute.spot != Spot::Home && by_night(minute.at)
}

fn at_home(minute: &Minute) -> bool {
    reported(minute) && minute.spot == Spot::Home
}

/// Stretches of at least `minutes` for all of which `is` holds.
fn stretches(world: &World, is: fn(&Minute) -> bool, minutes: usize) -> Vec<&[Minute]> {
    let stretches = world.minutes.chunk_by(|a, b| is(a) == is(b));
    stretches
        .filter(|stretch| stretch.len() >= minutes && stretch.iter().all(is))
        .collect()
}

/// The absence that is told of.
fn absence(decision: &Decision) -> (Timestamp, Timestamp) {
    let Evidence::Curfew(curfew) = &decision.evidence else {
        panic!("{decision:?} is not about a curfew");
    };
    let from = curfew.absent_from.unwrap_or(decision.onset);
    (from, curfew.absent_to.unwrap_or(Timestamp::MAX))
}

/// What is wrong with what was told of the curfew.
pub(super) fn complaints(world: &World, decisions: &[Decision]) -> Vec<String> {
    let told = told(decisions, "C-2", &BREACHES);
    let mut complaints = missed(world, &told);
    let standing = told.iter().filter(|breach| breach.stands());
    complaints.extend(standing.filter_map(|breach| unfounded(world, breach.last)));
    complaints
}

fn missed(world: &World, told: &[Told<'_>]) -> Vec<String> {
    let mut missed = Vec::new();
    for stretch in stretches(world, out_by_night, SURELY_OUT_MIN) {
        let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else {
            continue;
        };
        let stands = |breach: &&Told<'_>| {
            let (from, to) = absence(breach.last);
            breach.stands() && from <= last.at && first.at <= to
        };
        if !told.iter().any(|breach| stands(&breach)) {
            missed.push(format!(
                "out by night from {} to {}, not told of",
                first.at, last.at
            ));
        }
        let needed = stretch.iter().take(SURELY_OUT_MIN);
        let Some(arrived) = needed.filter_map(|minute| minute.arrives).max() else {
            continue;
        };
        let by = arrived.plus(TimeDelta::minutes(TOLD_WITHIN_MIN));
        if !told.iter().any(|breach| breach.was_open(first.at, by)) {
            missed.push(format!(
                "out by night from {} on, not told of by {by}",
                first.at
            ));
        }
    }
    missed
}

/// An absence must begin by night, be borne out by reports from elsewhere, and have none of home.
fn unfounded(world: &World, last: &Decision) -> Option<String> {
    let (from, to) = absence(last);
    let blind = TimeDelta::minutes(BLIND_MIN);
    let borne_out = world
        .minutes
        .iter()
        .any(|minute| out_by_night(minute) && from <= minute.at.plus(blind) && minute.at <= to);
    let contradicted = stretches(world, at_home, SURELY_HOME_MIN)
        .into_iter()
        .any(|home| {
            home.iter()
                .all(|minute| from <= minute.at && minute.at <= to)
        });
    (!by_night(from) || !borne_out || contradicted).then(|| {
        format!(
            "told of {} from {from} to {to}: borne out {borne_out}, contradicted {contradicted}",
            last.kind
        )
    })
}
