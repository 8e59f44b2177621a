//! What came of a run, as both kinds of run report it.

use std::time::Duration;

use model::Timestamp;

use super::watcher::Seen;
use crate::driver::{Driver, DriverCounts};
use crate::report::{Asked, Delays, FORMAT, Report, Sending, Stretch, Telling};
use crate::watch::Machine;

/// How long a broker that is there takes to take a client in, at most.
pub(super) const REACHED_WITHIN: Duration = Duration::from_secs(10);

/// What a run was told, where it was.
pub(super) struct Told {
    pub(super) telling: Option<Telling>,
    pub(super) stretches: Vec<Stretch>,
}

/// The report of a run, whose faults are still to be told.
pub(super) fn report(
    asked: Asked,
    began: Timestamp,
    sending: Sending,
    told: Told,
    seen: Seen,
) -> Report {
    Report {
        format: FORMAT,
        asked,
        began,
        machine: Machine::this(),
        versions: seen.versions,
        sending,
        telling: told.telling,
        taken_in: seen.taken_in.map(whole),
        dead_letters: seen.dead_letters.map(whole),
        processes: seen.processes,
        moments: seen.moments,
        stretches: told.stretches,
        faults: Vec::new(),
    }
}

/// What was sent: so many readings, for which the sender was held up for so long.
pub(super) fn sending(
    driver: &Driver,
    counts: DriverCounts,
    (readings, held_up): (u64, Duration),
    lateness: Delays,
) -> Sending {
    let delays = driver.acknowledgement_delays();
    Sending {
        messages: counts.published,
        readings,
        unacknowledged: counts.published.saturating_sub(counts.acknowledged),
        reconnects: counts.reconnects,
        held_up_s: held_up.as_secs_f64(),
        lateness,
        acknowledgement: delays.as_ref().map(Delays::of).unwrap_or_default(),
    }
}

/// What the broker left open, and what was wrong with the connections to it.
pub(super) fn unacknowledged(report: &Report, driver: &Driver) -> Option<String> {
    let open = report.sending.unacknowledged;
    let why = driver
        .trouble()
        .map_or_else(String::new, |why| format!(" (the last trouble: {why})"));
    (open > 0).then(|| format!("the broker left {open} messages unacknowledged{why}"))
}

/// What could not be used, was missed or false.
pub(super) fn untold(report: &Report) -> Vec<String> {
    let mut faults = Vec::new();
    if let Some(dead) = report.dead_letters.filter(|dead| *dead > 0) {
        faults.push(format!(
            "the installation could not use {dead} messages: its dead letters say why"
        ));
    }
    for tally in report.telling.iter().flat_map(|telling| &telling.alerts) {
        if tally.missed > 0 {
            faults.push(format!(
                "{} of {} {} were not told of",
                tally.missed, tally.planned, tally.kind
            ));
        }
        if tally.false_alerts > 0 {
            faults.push(format!(
                "{} {} of what never was",
                tally.false_alerts, tally.kind
            ));
        }
    }
    faults
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count, and a cast saturates"
)]
const fn whole(count: f64) -> u64 {
    count as u64
}
