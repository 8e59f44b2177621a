//! A battery from full to full.

use chrono::TimeDelta;
use model::{EventCode, Timestamp};

use crate::civil;
use crate::dice::Dice;
use crate::millis;
use crate::tag::TagEvent;

/// A charge of so many per cent is low: by the tag, and by the service's default.
const LOW_PCT: u8 = 20;

/// Minutes after which a wearer who heeds a tag that vibrates charges it, by day. Invented.
const HEEDS_MIN: (i64, i64) = (10, 150);

/// The local day, in minutes: a battery that gets low by night is heeded within so many of the morning.
const DAY_MIN: (i64, i64) = (7 * 60, 23 * 60);
const MORNING_MIN: i64 = 60;

/// How long an empty battery takes to be full: tags are charged for about two hours a day.
const FULL_IN_S: f64 = 2.0 * 3600.0;

/// How long a tag has to say that its battery is dead.
const LAST_WORDS: TimeDelta = TimeDelta::seconds(1);

/// From a full battery to the next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cycle {
    full: Timestamp,
    lasts_s: f64,
    /// When it is put on charge.
    pub(super) plugged: Timestamp,
    pub(super) full_again: Timestamp,
}

impl Cycle {
    /// That of a battery that is `full`, by somebody who charges it on these `evenings`; none where nobody
    /// plans so far ahead. `ignores`: how likely they do nothing about one that is low.
    pub(super) fn new(
        full: Timestamp,
        lasts_s: f64,
        evenings: &[Timestamp],
        ignores: f64,
        dice: &mut Dice,
    ) -> Option<Self> {
        let routine = *evenings.iter().find(|evening| **evening > full)?;
        let mut cycle = Self {
            full,
            lasts_s,
            plugged: routine,
            full_again: routine,
        };
        let heeds = heeds(cycle.low(), dice);
        if !dice.chance(ignores) {
            cycle.plugged = routine.min(heeds);
        }
        let used = cycle.used(cycle.plugged).min(1.0);
        cycle.full_again = later(cycle.plugged, FULL_IN_S * used);
        Some(cycle)
    }

    pub(super) fn low(&self) -> Timestamp {
        let used = 1.0 - f64::from(LOW_PCT) / 100.0;
        later(self.full, self.lasts_s * used)
    }

    pub(super) fn flat(&self) -> Timestamp {
        later(self.full, self.lasts_s)
    }

    /// From when to when the tag is silent, where the battery runs flat before it is charged.
    pub(super) fn silence(&self) -> Option<(Timestamp, Timestamp)> {
        let silent = self.flat().plus(LAST_WORDS);
        (silent < self.plugged).then_some((silent, self.plugged))
    }

    /// Per cent of charge left at `at`, while it runs down: rounded up, so that it is low from when the tag
    /// says so and no earlier.
    pub(super) fn left(&self, at: Timestamp) -> Option<u8> {
        if at <= self.full || at >= self.plugged.min(self.flat()) {
            return None;
        }
        let left = (100.0 * (1.0 - self.used(at))).ceil();
        (0..=100_u8).find(|pct| f64::from(*pct) >= left)
    }

    /// What the tag says when something becomes of it.
    pub(super) fn turns(&self) -> Vec<TagEvent> {
        let low = Some((self.low(), EventCode::BatteryLow, LOW_PCT));
        let low = low.filter(|(at, ..)| *at < self.plugged);
        let dead = self
            .silence()
            .map(|_silence| (self.flat(), EventCode::BatteryDead, 0));
        let charges = [
            (self.plugged, EventCode::ChargingStart, self.at_plug()),
            (self.full_again, EventCode::ChargingEnd, 100),
        ];
        let turns = low.into_iter().chain(dead).chain(charges);
        turns
            .map(|(at, code, pct)| TagEvent {
                at,
                code,
                pct: Some(pct),
            })
            .collect()
    }

    fn at_plug(&self) -> u8 {
        self.left(self.plugged.minus(LAST_WORDS)).unwrap_or(0)
    }

    /// The share of its charge that is used at `at`.
    fn used(&self, at: Timestamp) -> f64 {
        at.seconds_since(self.full) / self.lasts_s
    }
}

/// When somebody who heeds it charges a battery that is `low`.
fn heeds(low: Timestamp, dice: &mut Dice) -> Timestamp {
    let soon = low.plus(TimeDelta::minutes(dice.whole(HEEDS_MIN.0, HEEDS_MIN.1)));
    let up = dice.whole(0, MORNING_MIN) + DAY_MIN.0;
    let date = civil::date_of(soon);
    let morning = civil::instant(date, up);
    if soon < civil::instant(date, DAY_MIN.1) {
        return soon.max(morning);
    }
    civil::instant(date.succ_opt().unwrap_or(date), up)
}

fn later(at: Timestamp, seconds: f64) -> Timestamp {
    at.plus(TimeDelta::milliseconds(millis(seconds)))
}
