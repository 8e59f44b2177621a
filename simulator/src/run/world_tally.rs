//! The oracle of a world at work: what recipients are told goes to it, and how long it took.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use hdrhistogram::CreationError;
use model::{DecisionKind, Phase, Timestamp};

use super::listening::Tally;
use super::stretches::{Stretches, Took};
use crate::installation::{Claimed, InstallationClock, News};
use crate::oracle::is_notice;
use crate::report::{KindTally, Stretch, Telling};
use crate::{Oracle, PlannedBreach, Verdict, World};

/// What recipients were told of a world.
#[derive(Debug)]
pub(super) struct WorldTally {
    began: Instant,
    start: Timestamp,
    clock: InstallationClock,
    oracle: Oracle,
    ids: BTreeSet<String>,
    repeated: u64,
    stretches: Stretches,
}

impl Tally for WorldTally {
    fn take(&mut self, news: News) -> Result<(), CreationError> {
        match news {
            News::Heard(heard) => {
                // What began before the world did is of an earlier run against the same installation.
                if heard.decision.onset >= self.start {
                    self.oracle.observe(&heard.decision);
                }
                Ok(())
            }
            News::Claimed(claimed) => self.claimed(*claimed),
        }
    }
}

impl WorldTally {
    pub(super) fn new(world: &World, clock: InstallationClock) -> Result<Self, CreationError> {
        Ok(Self {
            began: Instant::now(),
            start: world.config().start,
            clock,
            oracle: Oracle::new(world),
            ids: BTreeSet::new(),
            repeated: 0,
            stretches: Stretches::new()?,
        })
    }

    pub(super) const fn oracle(&mut self) -> &mut Oracle {
        &mut self.oracle
    }

    fn claimed(&mut self, claimed: Claimed) -> Result<(), CreationError> {
        let Claimed {
            id, decision, at, ..
        } = claimed;
        if !self.ids.insert(id) {
            self.repeated += 1;
            return Ok(());
        }
        let is_earlier = decision.onset < self.start;
        if decision.phase != Phase::Opened || is_notice(decision.kind) || is_earlier {
            return Ok(());
        }
        let there = self.clock.at(at);
        self.stretches.take(Took {
            at: at.saturating_duration_since(self.began),
            from_event: there.since(decision.onset).to_std().ok(),
            from_publish: None,
            from_receipt: Some(self.clock.here(there.since(decision.decided))),
        })
    }

    pub(super) fn stretches(&self) -> Vec<Stretch> {
        self.stretches.each()
    }

    pub(super) fn telling(&self, verdict: &Verdict) -> Telling {
        let (from_event, from_publish, from_receipt) = self.stretches.in_all();
        Telling {
            from_event,
            from_publish,
            from_receipt,
            alerts: by_kind(self.oracle.expected(), verdict),
            notices: verdict.operator_notices,
            notifications: u64::try_from(self.ids.len()).unwrap_or(u64::MAX),
            repeated: self.repeated,
        }
    }
}

/// What was due, missed and false, by kind; a breach counts under the first kind that reports it.
fn by_kind<'a>(plan: impl Iterator<Item = &'a PlannedBreach>, verdict: &Verdict) -> Vec<KindTally> {
    let mut tallies: BTreeMap<DecisionKind, (u64, u64, u64)> = BTreeMap::new();
    let kind = |breach: &PlannedBreach| breach.kinds.first().copied();
    let due = plan.filter(|breach| breach.must_alert_by.is_some_and(|by| by <= verdict.until));
    for kind in due.filter_map(kind) {
        tallies.entry(kind).or_default().0 += 1;
    }
    for kind in verdict
        .missed
        .iter()
        .filter_map(|missed| kind(&missed.breach))
    {
        tallies.entry(kind).or_default().1 += 1;
    }
    for accusation in &verdict.false_alerts {
        tallies.entry(accusation.kind).or_default().2 += 1;
    }
    let tally =
        |(kind, (planned, missed, false_alerts)): (DecisionKind, (u64, u64, u64))| KindTally {
            kind: kind.to_string(),
            planned,
            found: planned.saturating_sub(missed),
            missed,
            false_alerts,
        };
    tallies.into_iter().map(tally).collect()
}
