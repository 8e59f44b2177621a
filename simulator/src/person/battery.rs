//! The battery of a wearer's tag: how it runs down, when it is charged, and when it is not.

mod cycle;

use chrono::{Days, TimeDelta};
use model::{DecisionKind, EventCode, Timestamp, WearerId};

use self::cycle::Cycle;
use crate::dice::{Dice, Stream};
use crate::tag::{Link, TagEvent};
use crate::{PlannedBreach, WorldConfig, civil};

/// Minutes of the local day between which a wearer charges their tag, who does not forget it. Invented.
const CHARGES_MIN: (i64, i64) = (19 * 60 + 30, 22 * 60 + 30);

/// Every so often a tag says how full it is.
const SAYS_EVERY: TimeDelta = TimeDelta::hours(1);

/// So many days before the world begins the battery was full.
const DAYS_BEFORE: u64 = 7;

/// The service's defaults: a low battery is to be charged within so long of when it was low; that it was
/// not is presumed so long after it was heard of at the earliest; so many failures within the period are
/// told of.
const CHARGE_WITHIN: TimeDelta = TimeDelta::hours(4);
const PRESUMED_AFTER: TimeDelta = TimeDelta::minutes(30);
const FAILURES: usize = 2;
const FAILURES_WITHIN: TimeDelta = TimeDelta::days(7);

/// How long after its beginning a breach is seen for certain: fixes must settle.
const SEEN_WITHIN: TimeDelta = TimeDelta::minutes(30);

/// What a tag's battery goes through: nothing, where batteries do not run down.
#[derive(Debug, Clone, Default)]
pub(crate) struct Battery {
    first_said: Timestamp,
    cycles: Vec<Cycle>,
}

impl Battery {
    /// That of the `index`-th wearer.
    pub(super) fn new(config: &WorldConfig, index: u64) -> Self {
        let Some((shortest, longest)) = config.tags.battery_h else {
            return Self::default();
        };
        let mut dice = Dice::new(config.seed, Stream::Battery, index, 0);
        let lasts_s = dice.between(shortest, longest) * 3600.0;
        let first_said = config.start.plus(TimeDelta::seconds(dice.whole(5, 60)));
        let evenings = evenings(config, index);
        let ignores = config.people.ignored_low_batteries;
        let mut cycles = Vec::new();
        let mut full = evenings.first().copied().unwrap_or(config.start);
        while let Some(cycle) = Cycle::new(full, lasts_s, &evenings, ignores, &mut dice) {
            full = cycle.full_again;
            cycles.push(cycle);
        }
        cycles.retain(|cycle| cycle.full_again > config.start);
        Self { first_said, cycles }
    }

    /// What the tag says of it, in order.
    pub(crate) fn events(&self) -> Vec<TagEvent> {
        let turns = self.cycles.iter().flat_map(Cycle::turns);
        let mut events: Vec<TagEvent> = turns.filter(|turn| turn.at >= self.first_said).collect();
        let last = self.cycles.last().map(|cycle| cycle.plugged);
        let mut at = self.first_said;
        while last.is_some_and(|last| at < last) {
            let level = self.cycles.iter().find_map(|cycle| cycle.left(at));
            events.extend(level.map(|pct| TagEvent {
                at,
                code: EventCode::Battery,
                pct: Some(pct),
            }));
            at = at.plus(SAYS_EVERY);
        }
        events.sort();
        events
    }

    /// When the tag is silent because of it: from, to.
    pub(crate) fn silences(&self) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        self.cycles.iter().filter_map(Cycle::silence)
    }

    /// The first instant at or after `at` at which the tag is on.
    pub(crate) fn on_at(&self, at: Timestamp) -> Timestamp {
        let mut silences = self.silences();
        let asleep = silences.find(|(from, to)| *from <= at && at < *to);
        asleep.map_or(at, |(_, on)| on)
    }

    /// A breach that the tag could not see for its battery may be told, and need not.
    pub(crate) fn excuse(&self, breach: &mut PlannedBreach) {
        let seen = breach.onset.plus(SEEN_WITHIN);
        breach.must_alert_by = breach.must_alert_by.filter(|due| {
            let until = seen.max(*due);
            let mut silences = self.silences();
            !silences.any(|(from, to)| from < until && breach.onset < to)
        });
    }

    /// What must be told of it, and what may be: of a battery that was low before the world began an
    /// installation may know already.
    pub(super) fn breaches(
        &self,
        wearer: &WearerId,
        link: &Link,
        config: &WorldConfig,
    ) -> Vec<PlannedBreach> {
        let allowance = TimeDelta::seconds(config.processing_allowance_s.into());
        let heard = |at| link.arrives_by(link.signal_at(at));
        let mut failures = Vec::new();
        let mut found = Vec::new();
        for cycle in &self.cycles {
            let Some(said) = self.said_low(cycle) else {
                continue;
            };
            let is_new = cycle.low() >= config.start;
            let mut add = |kind: DecisionKind, onset: Timestamp, told: Option<Timestamp>| {
                let number = found.len() + 1;
                found.push(PlannedBreach {
                    id: format!("B-{wearer}-battery-{number}"),
                    wearer: wearer.clone(),
                    condition: None,
                    kinds: vec![kind],
                    consequences: Vec::new(),
                    onset,
                    ends: heard(cycle.plugged),
                    must_alert_by: told.map(|told| told.plus(allowance)),
                });
            };
            let told = is_new.then(|| heard(said));
            add(DecisionKind::BatteryLow, cycle.low(), told);
            let flat = cycle.silence().map(|_silence| cycle.flat());
            if let Some(flat) = flat {
                add(DecisionKind::BatteryDead, flat, Some(heard(flat)));
            }
            let missed = |low: Timestamp| {
                let limit = low.plus(CHARGE_WITHIN);
                let presumed = (limit, limit.max(heard(said).plus(PRESUMED_AFTER)));
                let died = flat.map(|flat| (flat, heard(flat)));
                let first = died.unwrap_or(presumed).min(presumed);
                Some(first).filter(|(failed, _)| *failed < cycle.plugged)
            };
            let Some((failed, told)) = missed(cycle.low()) else {
                continue;
            };
            let is_certain = missed(said).is_some();
            failures.retain(|(low, _)| said.since(*low) < FAILURES_WITHIN);
            failures.push((said, is_certain));
            if failures.len() >= FAILURES {
                let all = failures.iter().all(|(_, is_certain)| *is_certain);
                add(
                    DecisionKind::ChargeMissed,
                    failed,
                    (is_new && all).then_some(told),
                );
            }
        }
        found
    }

    /// When the tag says for the first time that its battery is low, where it does.
    fn said_low(&self, cycle: &Cycle) -> Option<Timestamp> {
        let said = cycle.low().max(self.first_said);
        (said < cycle.plugged.min(cycle.flat())).then_some(said)
    }
}

/// When a wearer charges their tag of themselves: one evening of each day, but for those on which they
/// forget it. On the first it is charged, and on the one after the last that is planned.
fn evenings(config: &WorldConfig, index: u64) -> Vec<Timestamp> {
    let today = civil::date_of(config.start);
    let first = today.checked_sub_days(Days::new(DAYS_BEFORE));
    let days = first.unwrap_or(today).iter_days();
    let last = DAYS_BEFORE + u64::from(config.plan_days) + 1;
    let evening = |(date, day)| {
        let mut dice = Dice::new(config.seed, Stream::Battery, index, day);
        let is_forgotten = dice.chance(config.people.forgotten_charges);
        let minute = dice.whole(CHARGES_MIN.0, CHARGES_MIN.1);
        (day == 1 || day == last || !is_forgotten).then(|| civil::instant(date, minute))
    };
    days.zip(1..=last).filter_map(evening).collect()
}

#[cfg(test)]
mod tests;
