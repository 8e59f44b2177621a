//! What the oracle says at the end.

use model::{ConditionId, DecisionKind, Timestamp, WearerId};
use serde::Serialize;

use crate::PlannedBreach;

/// What the oracle says of a run up to an instant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// Judged up to here: only breaches whose alert was due by then count.
    pub until: Timestamp,
    /// People watched, without the visitor.
    pub wearers: usize,
    /// Readings uploaded, repetitions included.
    pub readings: u64,
    /// Breaches whose alert was due.
    pub planned: usize,
    /// Of these, alerted in time.
    pub alerted: usize,
    /// Of these, not alerted in time.
    pub missed: Vec<Missed>,
    /// Alerts of a breach that never was, the first ones in full.
    pub false_alerts: Vec<FalseAlert>,
    /// How many alerts of a breach that never was there were in all.
    pub false_total: u64,
    /// Alerts about a breach, true or false; without notices to operators.
    pub alerts: u64,
    /// Alerts that ask an operator to look and accuse nobody: possible, unknown, intake, clocks.
    pub operator_notices: u64,
    /// Alerts about the visitor, whose tag a person moves by hand.
    pub visitor_alerts: u64,
    /// Alerts about breaches, per wearer and day.
    pub alerts_per_wearer_day: f64,
    /// From true onset to decision, over every planned breach alerted.
    pub latency: Option<Latency>,
    /// The same, for zones alone.
    pub zone_latency: Option<Latency>,
    /// The same, for curfews alone, where the grace is part of it.
    pub curfew_latency: Option<Latency>,
    /// The same, for drinking alone, where three readings half an hour apart are part of it.
    pub alcohol_latency: Option<Latency>,
}

impl Verdict {
    /// Whether every breach due was alerted in time and no alert was false.
    #[must_use]
    pub const fn passed(&self) -> bool {
        self.missed.is_empty() && self.false_total == 0
    }
}

/// A planned breach without an alert in time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Missed {
    /// The breach.
    pub breach: PlannedBreach,
    /// What was there instead.
    pub why: WhyMissed,
}

/// What there was instead of an alert in time.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyMissed {
    /// Nothing at all.
    NoAlert,
    /// An alert, so many seconds after it was due.
    Late {
        /// Seconds after [`PlannedBreach::must_alert_by`].
        by_s: f64,
    },
    /// Only an alert of a kind that may follow from it, but does not report it.
    OnlyConsequence(DecisionKind),
}

/// An alert of a breach that never was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FalseAlert {
    /// Whom it accuses.
    pub wearer: WearerId,
    /// Of breaching which condition.
    pub condition: Option<ConditionId>,
    /// In what way.
    pub kind: DecisionKind,
    /// Since when.
    pub onset: Timestamp,
    /// When it was concluded.
    pub decided: Timestamp,
}

/// Seconds from true onset to decision.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Latency {
    /// How many breaches it is taken over.
    pub count: usize,
    /// Half were faster.
    pub median_s: f64,
    /// 99 in 100 were as fast (nearest rank).
    pub p99_s: f64,
    /// The slowest.
    pub max_s: f64,
}

impl Latency {
    /// Over these seconds; none, if there are none.
    #[must_use]
    pub(crate) fn of(mut seconds: Vec<f64>) -> Option<Self> {
        seconds.sort_by(f64::total_cmp);
        let count = seconds.len();
        // Nearest rank: the ⌈p·n⌉-th of n.
        let rank = |per_cent: usize| (count * per_cent).div_ceil(100).saturating_sub(1);
        Some(Self {
            count,
            median_s: *seconds.get(rank(50))?,
            p99_s: *seconds.get(rank(99))?,
            max_s: *seconds.last()?,
        })
    }
}
