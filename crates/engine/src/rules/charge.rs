//! Batteries that are left uncharged again and again: the accumulated battery violation.
//!
//! A battery that is reported low is to be put on charge within `charge_within_s` of when that was
//! observed. One that is not, or that dies first, is one failure to charge, however often it is said
//! to be low. `charge_failures` of them within `charge_period_s` open `charge_missed`, about the device; each
//! further one updates it. It ends when the battery is charged and has stayed so for `settle_s`. A
//! failure after that opens it again for as long as the period holds enough of them.
//!
//! That a battery was not charged is presumed by a timer, `settle_s` after its low charge was heard of
//! at the earliest, so that a charge in the same upload counts. A charge that was in time and came late
//! takes the failure back, and withdraws what rested on it. A device that is no longer worn is not
//! waited for.

use model::registry::Activation;
use model::{ChargeEvidence, DecisionKind, DeviceEvent, DeviceId, Evidence, Reading, Timestamp};
use serde::{Deserialize, Serialize};

use super::device::{Turn, meaning};
use super::{FaultDesk, seconds};
use crate::TimerReason;
use crate::episode::Episode;

const LATE: &str = "not charged within the time";

/// How the batteries of a wearer's devices are charged.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Charges(Vec<Charge>);

#[derive(Debug, Serialize, Deserialize)]
struct Charge {
    device: DeviceId,
    /// The newest event about it was observed at.
    newest: Timestamp,
    low: Option<Low>,
    /// The newest failures, each by when the battery was low: as many as are told of.
    failures: Vec<Timestamp>,
    told: Option<(Episode, ChargeEvidence)>,
    /// Charged, and for good at this engine time unless it is low again.
    settles: Option<Timestamp>,
}

/// A battery that is low, and was not charged since.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Low {
    since: Timestamp,
    failed: Failed,
}

/// Whether it counts as a failure to charge.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Failed {
    /// At this engine time.
    Due(Timestamp),
    /// No charge was heard of in time.
    Presumed,
    /// The battery died.
    Died,
}

impl Charges {
    /// Takes in an event.
    pub(crate) fn on_event(
        &mut self,
        reading: &Reading,
        event: DeviceEvent,
        desk: &mut FaultDesk<'_>,
    ) {
        let at = reading.report.observed_at.0.min(desk.now);
        let device = &reading.report.device;
        for (kind, turn) in meaning(event, &desk.policy.device) {
            let is_low = kind == DecisionKind::BatteryLow;
            if !is_low && kind != DecisionKind::BatteryDead {
                continue;
            }
            self.meet(device, at);
            let newer = |charge: &&mut Charge| charge.device == *device && charge.newest <= at;
            let Some(charge) = self.0.iter_mut().find(newer) else {
                continue;
            };
            charge.newest = at;
            match turn {
                Turn::Ends => charge.charged(at, desk),
                Turn::Begins if is_low => charge.low(at, desk),
                Turn::Begins => charge.died(at, desk),
            }
        }
    }

    /// Presumes what is due, and ends what has stayed put right.
    pub(crate) fn on_time(&mut self, activations: &[Activation], desk: &mut FaultDesk<'_>) {
        for charge in &mut self.0 {
            charge.presume(activations, desk);
            if charge.settles.is_some_and(|settles| settles <= desk.now) {
                charge.settles = None;
                charge.clear("charged", desk);
            }
        }
    }

    /// When something is due next.
    pub(crate) fn deadline(&self) -> Option<(Timestamp, TimerReason)> {
        let due = self.0.iter().filter_map(Charge::deadline).min()?;
        Some((due, TimerReason::Silence))
    }

    fn meet(&mut self, device: &DeviceId, at: Timestamp) {
        if !self.0.iter().any(|known| known.device == *device) {
            self.0.push(Charge::new(device, at));
        }
    }
}

impl Charge {
    fn new(device: &DeviceId, newest: Timestamp) -> Self {
        Self {
            device: device.clone(),
            newest,
            low: None,
            failures: Vec::new(),
            told: None,
            settles: None,
        }
    }

    fn deadline(&self) -> Option<Timestamp> {
        let presumed = self.low.and_then(|low| match low.failed {
            Failed::Due(due) => Some(due),
            Failed::Presumed | Failed::Died => None,
        });
        presumed.into_iter().chain(self.settles).min()
    }

    fn low(&mut self, at: Timestamp, desk: &FaultDesk<'_>) {
        let rules = &desk.policy.device;
        let heard = desk.now.plus(seconds(rules.settle_s));
        let due = heard.max(at.plus(seconds(rules.charge_within_s)));
        self.settles = None;
        self.low.get_or_insert(Low {
            since: at,
            failed: Failed::Due(due),
        });
    }

    fn died(&mut self, at: Timestamp, desk: &mut FaultDesk<'_>) {
        self.settles = None;
        let since = self.low.map_or(at, |low| low.since);
        let counted = self.low.is_some_and(|low| low.is_counted());
        let failed = Failed::Died;
        self.low = Some(Low { since, failed });
        if !counted {
            self.fail(since, at, "the battery died", desk);
        }
    }

    fn charged(&mut self, at: Timestamp, desk: &mut FaultDesk<'_>) {
        let within = seconds(desk.policy.device.charge_within_s);
        if let Some(low) = self.low.take() {
            let limit = low.since.plus(within);
            match low.failed {
                Failed::Due(_) if at > limit => self.fail(low.since, limit, LATE, desk),
                Failed::Presumed if at <= limit => self.take_back(low.since, desk),
                Failed::Due(_) | Failed::Presumed | Failed::Died => {}
            }
        }
        let settles = desk.now.plus(seconds(desk.policy.device.settle_s));
        self.settles = self.told.is_some().then_some(settles);
    }

    /// A battery of which no charge was heard in time was not charged.
    fn presume(&mut self, activations: &[Activation], desk: &mut FaultDesk<'_>) {
        let Some(Low { since, failed }) = self.low else {
            return;
        };
        let Failed::Due(due) = failed else {
            return;
        };
        if due > desk.now {
            return;
        }
        let excused = desk.excused(due, desk.policy.device.settle_s);
        let worn = |known: &Activation| known.device == self.device && known.covers(desk.now);
        if excused > desk.now {
            let failed = Failed::Due(excused);
            self.low = Some(Low { since, failed });
        } else if activations.iter().any(worn) {
            let failed = Failed::Presumed;
            self.low = Some(Low { since, failed });
            let limit = since.plus(seconds(desk.policy.device.charge_within_s));
            self.fail(since, limit, LATE, desk);
        } else {
            self.low = None;
        }
    }

    /// Counts a failure of a battery that was low from `since` on, which became one at `at`.
    fn fail(&mut self, since: Timestamp, at: Timestamp, reason: &str, desk: &mut FaultDesk<'_>) {
        let rules = &desk.policy.device;
        let period = seconds(rules.charge_period_s);
        self.failures
            .retain(|failure| since.since(*failure) < period);
        self.failures.push(since);
        let needed = usize::try_from(rules.charge_failures).unwrap_or(usize::MAX);
        let surplus = self.failures.len().saturating_sub(needed);
        self.failures.drain(..surplus);
        if self.failures.len() < needed {
            return;
        }
        let evidence = self.evidence(reason, desk);
        let why = Evidence::Charge(evidence.clone());
        let mut desk = desk.about(&self.device);
        let episode = match self.told.take() {
            Some((mut episode, _)) => {
                desk.update(&mut episode, why);
                episode
            }
            None => desk.open_unheard(DecisionKind::ChargeMissed, at, why),
        };
        self.told = Some((episode, evidence));
    }

    /// The battery was charged in time after all.
    fn take_back(&mut self, since: Timestamp, desk: &mut FaultDesk<'_>) {
        self.failures.retain(|failure| *failure != since);
        let reason = "charged in time, as was heard late";
        let why = Evidence::Charge(self.evidence(reason, desk));
        let rests = |(_, told): &mut (Episode, ChargeEvidence)| told.low_since.contains(&since);
        if let Some((episode, _)) = self.told.take_if(rests) {
            desk.about(&self.device).withdraw(episode, why);
        }
    }

    fn clear(&mut self, reason: &str, desk: &mut FaultDesk<'_>) {
        if let Some((episode, evidence)) = self.told.take() {
            let why = Evidence::Charge(ChargeEvidence {
                reason: reason.to_owned(),
                ..evidence
            });
            desk.about(&self.device).clear(episode, why);
        }
    }

    fn evidence(&self, reason: &str, desk: &FaultDesk<'_>) -> ChargeEvidence {
        let rules = &desk.policy.device;
        ChargeEvidence {
            policy: desk.policy.version.clone(),
            device: self.device.clone(),
            low_since: self.failures.clone(),
            charge_within_s: rules.charge_within_s,
            failures: rules.charge_failures,
            period_s: rules.charge_period_s,
            reason: reason.to_owned(),
        }
    }
}

impl Low {
    const fn is_counted(self) -> bool {
        match self.failed {
            Failed::Presumed | Failed::Died => true,
            Failed::Due(_) => false,
        }
    }
}
