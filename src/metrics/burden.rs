//! How many alerts a wearer causes in a day: what a monitoring centre has to bear.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use model::{Decision, KindGroup, PartitionId, Phase};
use prometheus::{Counter, Error, Gauge, IntCounter, Registry};

use super::register::{counter, decimal_counter, decimal_gauge};

const DAY_S: f64 = 86_400.0;

/// Alerts about people, against the time for which people were watched.
#[derive(Debug)]
pub(super) struct Burden {
    alerts: IntCounter,
    wearer_seconds: Counter,
    per_wearer_day: Gauge,
    /// When each partition last said how many it watches.
    looked: Mutex<BTreeMap<PartitionId, Instant>>,
}

impl Burden {
    pub(super) fn new(registry: &Registry) -> Result<Self, Error> {
        Ok(Self {
            alerts: counter(
                registry,
                "alerts_total",
                "Alerts opened about people, those gathered by others included.",
            )?,
            wearer_seconds: decimal_counter(
                registry,
                "wearer_seconds_total",
                "Seconds for which wearers were watched, over all of them.",
            )?,
            per_wearer_day: decimal_gauge(
                registry,
                "alerts_per_wearer_day",
                "Alerts about people per wearer and day, since the process started.",
            )?,
            looked: Mutex::default(),
        })
    }

    pub(super) fn decision(&self, decision: &Decision) {
        let about_people = decision.kind.group() != KindGroup::Oversight;
        if about_people && decision.phase == Phase::Opened {
            self.alerts.inc();
        }
    }

    /// So many wearers have been watched since the partition was last looked at.
    pub(super) fn watched(&self, partition: PartitionId, wearers: usize, now: Instant) {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let before = looked.insert(partition, now);
        let wearers = u32::try_from(wearers).unwrap_or(u32::MAX);
        if let Some(before) = before {
            let seconds = now.duration_since(before).as_secs_f64();
            self.wearer_seconds.inc_by(seconds * f64::from(wearers));
        }
    }

    /// Brings the ratio up to date.
    pub(super) fn refresh(&self) {
        let days = self.wearer_seconds.get() / DAY_S;
        if days > 0.0 {
            // An f64 counts alerts exactly up to 2^53.
            let alerts: f64 = u32::try_from(self.alerts.get()).unwrap_or(u32::MAX).into();
            self.per_wearer_day.set(alerts / days);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::store::contract::sample;

    #[test]
    fn alerts_are_held_against_the_days_of_everybody_watched() {
        let burden = Burden::new(&Registry::new()).unwrap();
        let start = Instant::now();
        for partition in [PartitionId(0), PartitionId(1)] {
            burden.watched(partition, 10, start);
            burden.watched(partition, 10, start + Duration::from_hours(12));
        }
        for phase in [Phase::Opened, Phase::Updated, Phase::Cleared] {
            burden.decision(&sample::decision("W-1", 1, 1, phase));
        }
        burden.refresh();
        assert!((burden.per_wearer_day.get() - 0.1).abs() < 1e-9);
    }
}
