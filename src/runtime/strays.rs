//! Devices that are nobody's here: the engine is told of each now and then, and not of every message,
//! which is a dead letter as it is.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use model::registry::StrayReason;
use model::{DeviceId, Timestamp};

use crate::store::DeadLetterReason;

/// How often the engine, and so the journal, is told of one device.
const EVERY: TimeDelta = TimeDelta::hours(1);

/// The most devices kept in mind: what makes up device ids fills no memory and no journal.
const KEPT_MAX: usize = 1_000;

/// When the engine was last told of each.
#[derive(Debug, Default)]
pub(super) struct Strays(BTreeMap<(DeviceId, StrayReason), Timestamp>);

impl Strays {
    /// Whether it is time to tell of this one, which is then taken as told.
    pub(super) fn is_due(
        &mut self,
        device: &DeviceId,
        reason: StrayReason,
        now: Timestamp,
    ) -> bool {
        let lately = |told: &Timestamp| now.since(*told) < EVERY;
        let key = (device.clone(), reason);
        if self.0.get(&key).is_some_and(lately) {
            return false;
        }
        if self.0.len() >= KEPT_MAX {
            self.0.retain(|_, told| lately(told));
        }
        if self.0.len() >= KEPT_MAX {
            return false;
        }
        self.0.insert(key, now);
        true
    }
}

/// Why a dead letter makes its device a stray, if it does.
pub(super) const fn reason(letter: DeadLetterReason) -> Option<StrayReason> {
    match letter {
        DeadLetterReason::UnknownDevice => Some(StrayReason::UnknownDevice),
        DeadLetterReason::NotActivated => Some(StrayReason::NotActivated),
        DeadLetterReason::WrongPartition => Some(StrayReason::WrongPartition),
        DeadLetterReason::UnknownTopic
        | DeadLetterReason::PayloadTooLarge
        | DeadLetterReason::Undecodable
        | DeadLetterReason::ImpossibleValue
        | DeadLetterReason::ObservedInFuture
        | DeadLetterReason::SequenceReused => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stray_is_told_of_once_an_hour_and_no_flood_of_names_is() {
        let mut strays = Strays::default();
        let device = |n: usize| DeviceId::new(format!("X-{n}")).unwrap();
        let start = Timestamp::parse("2026-03-02T10:00:00Z").unwrap();
        let mut is_due = |n, minutes| {
            let now = start.plus(TimeDelta::minutes(minutes));
            strays.is_due(&device(n), StrayReason::UnknownDevice, now)
        };
        assert!(is_due(0, 0));
        assert!(!is_due(0, 59));
        assert!(is_due(0, 60));
        assert_eq!((1..5_000).filter(|n| is_due(*n, 61)).count(), KEPT_MAX - 1);
        assert!(is_due(5_000, 200), "room again when those are old");
    }
}
