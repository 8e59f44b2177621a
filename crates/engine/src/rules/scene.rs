//! What a rule may look at, and where it hands in what it concludes.

use std::collections::VecDeque;

use model::registry::{Activation, ZoneRef};
use model::{DeviceCommand, Evidence, OversightEvidence, Timestamp};

use crate::RulesPolicy;
use crate::episode::Desk;
use crate::sequential::{Piece, Sequential};
use crate::trail::{Pace, Step, Trail};

/// The surroundings in which a rule is asked.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) policy: &'a RulesPolicy,
    pub(crate) trail: &'a Trail,
    pub(crate) pace: Pace,
    /// What the wearer wears, has worn and will wear.
    pub(crate) activations: &'a [Activation],
    /// Since when a backlog of the wearer's has been coming in.
    pub(crate) backlog_since: Option<Timestamp>,
    /// When intake last resumed after a gap of its own.
    pub(crate) intake_resumed: Option<Timestamp>,
    /// What devices are told to do.
    pub(crate) commands: &'a mut VecDeque<DeviceCommand>,
    /// When what is taken in came: now, or before it where the past is gone through again.
    pub(crate) heard: Timestamp,
    pub(crate) desk: Desk<'a>,
}

impl Scene<'_> {
    /// When it is decided.
    pub(crate) const fn now(&self) -> Timestamp {
        self.desk.now
    }

    /// The sum of evidence that concludes.
    pub(crate) const fn threshold(&self) -> f64 {
        self.policy.zone.threshold(self.pace.cadence_s)
    }

    /// Counts a fix at `distance_m` as evidence in `test`; true when its verdict changed.
    pub(crate) fn count(&self, step: &Step, distance_m: f64, test: &mut Sequential) -> bool {
        !test.is_foregone(distance_m, step.fix.sigma_m)
            && test.add(self.weigh(step, distance_m), self.threshold())
    }

    /// The evidence of a fix at `distance_m`, weighed.
    fn weigh(&self, step: &Step, distance_m: f64) -> Piece {
        let evidence =
            crate::sequential::evidence(distance_m, step.fix.sigma_m, self.policy.zone.epsilon);
        Piece {
            at: step.fix.at,
            distance_m,
            weighed: step.weight * evidence,
        }
    }

    /// Whether what a fix at `at` showed still holds at `later`.
    pub(crate) fn is_fresh(&self, at: Timestamp, later: Timestamp) -> bool {
        later.seconds_since(at) <= f64::from(self.policy.zone.fresh_s(self.pace.cadence_s))
    }

    /// What is waited for, `margin_s` and the interval between uploads, from `at` on.
    pub(crate) fn upload_after(&self, at: Timestamp, margin_s: u32) -> Timestamp {
        at.plus_seconds(u64::from(self.pace.upload_s) + u64::from(margin_s))
    }

    /// When a duty that ended at `end` is closed without further evidence; never, if it does not
    /// end. A backlog that is just being taken in is given the same time.
    pub(crate) fn closing(&self, end: Timestamp) -> Option<Timestamp> {
        let margin_s = self.policy.zone.close_margin_s;
        (end < Timestamp::MAX).then(|| self.upload_after(end.max(self.now()), margin_s))
    }

    /// When silence that would mean something at `due` does: later for what is no fault of the
    /// wearer's, which is a backlog that has begun to come in, a gap in our own intake, and a condition
    /// only heard of at `heard_of`.
    pub(crate) fn excused(&self, due: Timestamp, heard_of: Timestamp, margin_s: u32) -> Timestamp {
        let backlog = self.backlog_since;
        let backlog = backlog.map(|since| self.upload_after(since, 0));
        let resumed = self.intake_resumed;
        let resumed = resumed.map(|resumed| resumed.plus_seconds(margin_s.into()));
        let heard_of = self.upload_after(heard_of, margin_s);
        due.max(heard_of)
            .max(backlog.unwrap_or_default())
            .max(resumed.unwrap_or_default())
    }

    /// Whether what is taken in came in time to presume something at `due`: later than that, what has
    /// been observed since is on its way, and decides.
    pub(crate) fn came_before(&self, due: Timestamp) -> bool {
        self.heard < due
    }

    /// Evidence that something is not watched.
    pub(crate) fn oversight(&self, reason: String, zones: Vec<ZoneRef>) -> Evidence {
        Evidence::Oversight(OversightEvidence {
            zones,
            ..OversightEvidence::new(&self.policy.version, reason)
        })
    }
}

/// A span of whole seconds.
pub(crate) fn seconds(seconds: u32) -> chrono::TimeDelta {
    chrono::TimeDelta::seconds(i64::from(seconds))
}
