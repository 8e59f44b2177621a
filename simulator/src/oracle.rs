//! The oracle: the plan on one side, the alert stream on the other.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use model::{AlertId, Decision, DecisionKind, KindGroup, Phase, Timestamp, WearerId};

use crate::verdict::{FalseAlert, Latency, Missed, Verdict, WhyMissed};
use crate::{PlannedBreach, Upload, World};

/// How far an alert's onset may lie outside the true interval and still be about it. Onsets come
/// from fixes a minute apart with errors that stay alike for one to two minutes.
const ONSET_TOLERANCE: TimeDelta = TimeDelta::seconds(180);

/// False alerts kept in full; beyond, they are counted. A report longer than this is not read.
const FALSE_KEPT_MAX: usize = 1_000;

/// Alerts remembered to recognise repetitions: far above any demo, and 64 MB at most.
const ALERTS_KNOWN_MAX: usize = 1_000_000;

/// Compares what was decided with what was planned.
///
/// Holds at most the plan, a million alert ids and a thousand false alerts in full.
#[derive(Debug, Clone)]
pub struct Oracle {
    plan: Vec<Tracked>,
    by_wearer: BTreeMap<WearerId, Vec<usize>>,
    start: Timestamp,
    wearers: usize,
    /// Of whom nothing is planned: alerts about them count as the visitor's do.
    walkers: BTreeSet<WearerId>,
    known: BTreeSet<AlertId>,
    readings: u64,
    alerts: u64,
    operator_notices: u64,
    visitor_alerts: u64,
    false_alerts: Vec<FalseAlert>,
    false_total: u64,
}

/// A planned breach and what was heard of it.
#[derive(Debug, Clone)]
struct Tracked {
    breach: PlannedBreach,
    decided: Option<Timestamp>,
    consequence: Option<DecisionKind>,
}

impl Oracle {
    /// An oracle that knows what `world` has planned.
    #[must_use]
    pub fn new(world: &World) -> Self {
        let config = world.config();
        let mut oracle = Self::from_plan(world.plan(), config.start, config.wearers);
        oracle.walkers = world.walkers();
        oracle
    }

    /// An oracle for this plan of so many wearers from `start`.
    #[must_use]
    pub fn from_plan(plan: &[PlannedBreach], start: Timestamp, wearers: usize) -> Self {
        let mut by_wearer: BTreeMap<WearerId, Vec<usize>> = BTreeMap::new();
        for (index, breach) in plan.iter().enumerate() {
            by_wearer
                .entry(breach.wearer.clone())
                .or_default()
                .push(index);
        }
        let tracked = |breach: &PlannedBreach| Tracked {
            breach: breach.clone(),
            decided: None,
            consequence: None,
        };
        Self {
            plan: plan.iter().map(tracked).collect(),
            by_wearer,
            start,
            wearers,
            walkers: BTreeSet::new(),
            known: BTreeSet::new(),
            readings: 0,
            alerts: 0,
            operator_notices: 0,
            visitor_alerts: 0,
            false_alerts: Vec::new(),
            false_total: 0,
        }
    }

    /// Adds a breach that came about as it went.
    pub fn expect(&mut self, breach: PlannedBreach) {
        let known = self.by_wearer.entry(breach.wearer.clone()).or_default();
        known.push(self.plan.len());
        self.plan.push(Tracked {
            breach,
            decided: None,
            consequence: None,
        });
    }

    /// What is planned, and what came about as it went.
    pub fn expected(&self) -> impl Iterator<Item = &PlannedBreach> {
        self.plan.iter().map(|tracked| &tracked.breach)
    }

    /// Counts the readings of an upload that was sent.
    pub fn sent(&mut self, upload: &Upload) {
        self.readings += u64::try_from(upload.readings).unwrap_or(u64::MAX);
    }

    /// Takes in one decision of the alert stream, in any order and any number of times. An alert
    /// is judged once, by its opening.
    pub fn observe(&mut self, decision: &Decision) {
        if decision.phase != Phase::Opened || !self.is_new(decision.alert) {
            return;
        }
        if World::is_visitor(&decision.wearer) || self.walkers.contains(&decision.wearer) {
            self.visitor_alerts += 1;
        } else if is_notice(decision.kind) {
            self.operator_notices += 1;
        } else {
            self.alerts += 1;
            self.judge(decision);
        }
    }

    /// What there is to say up to `until`. Only breaches whose alert was due by then count.
    #[must_use]
    pub fn verdict(&self, until: Timestamp) -> Verdict {
        let due = || {
            let by = |t: &&Tracked| t.breach.must_alert_by.is_some_and(|by| by <= until);
            self.plan.iter().filter(by)
        };
        let missed: Vec<Missed> = due().filter_map(Tracked::missed).collect();
        let planned = due().count();
        Verdict {
            until,
            wearers: self.wearers,
            readings: self.readings,
            planned,
            alerted: planned - missed.len(),
            missed,
            false_alerts: self.false_alerts.clone(),
            false_total: self.false_total,
            alerts: self.alerts,
            operator_notices: self.operator_notices,
            visitor_alerts: self.visitor_alerts,
            alerts_per_wearer_day: self.per_wearer_day(until),
            latency: self.latency(|_any| true),
            zone_latency: self.latency(|group| group == KindGroup::Zone),
            curfew_latency: self.latency(|group| group == KindGroup::Curfew),
            alcohol_latency: self.latency(|group| group == KindGroup::Alcohol),
        }
    }

    fn is_new(&mut self, alert: AlertId) -> bool {
        if self.known.len() >= ALERTS_KNOWN_MAX {
            // Rather count a repetition twice than grow without end.
            return !self.known.contains(&alert);
        }
        self.known.insert(alert)
    }

    fn judge(&mut self, decision: &Decision) {
        let candidates = self.by_wearer.get(&decision.wearer).cloned();
        let mut explained = false;
        for index in candidates.unwrap_or_default() {
            if let Some(tracked) = self.plan.get_mut(index) {
                explained |= tracked.take(decision);
            }
        }
        if !explained {
            self.accuse(decision);
        }
    }

    fn accuse(&mut self, decision: &Decision) {
        self.false_total += 1;
        if self.false_alerts.len() < FALSE_KEPT_MAX {
            self.false_alerts.push(FalseAlert {
                wearer: decision.wearer.clone(),
                condition: decision.condition.clone(),
                kind: decision.kind,
                onset: decision.onset,
                decided: decision.decided,
            });
        }
    }

    fn latency(&self, of: impl Fn(KindGroup) -> bool) -> Option<Latency> {
        let seconds = |t: &Tracked| {
            let group = t.breach.kinds.first()?.group();
            let decided = t.decided.filter(|_decided| of(group))?;
            Some(decided.seconds_since(t.breach.onset))
        };
        Latency::of(self.plan.iter().filter_map(seconds).collect())
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of alerts and wearers are far below 2^53"
    )]
    fn per_wearer_day(&self, until: Timestamp) -> f64 {
        let days = until.seconds_since(self.start) / 86_400.0;
        let wearer_days = days * self.wearers as f64;
        if wearer_days > 0.0 {
            self.alerts as f64 / wearer_days
        } else {
            0.0
        }
    }
}

impl Tracked {
    /// Takes the decision as being about this breach, if it is.
    fn take(&mut self, decision: &Decision) -> bool {
        let breach = &self.breach;
        if decision.condition != breach.condition {
            return false;
        }
        if is_tally(decision.kind) {
            // Minutes once counted stay counted, so the tally may run out long after.
            return is_curfew(breach) && breach.onset <= decision.decided;
        }
        let from = breach.onset.minus(ONSET_TOLERANCE);
        let to = breach.ends.plus(ONSET_TOLERANCE);
        if decision.onset < from || decision.onset > to {
            return false;
        }
        if breach.kinds.contains(&decision.kind) {
            let earliest = self
                .decided
                .map_or(decision.decided, |d| d.min(decision.decided));
            self.decided = Some(earliest);
            return true;
        }
        if breach.consequences.contains(&decision.kind) {
            self.consequence = Some(decision.kind);
            return true;
        }
        false
    }

    fn missed(&self) -> Option<Missed> {
        let due = self.breach.must_alert_by?;
        let why = match (self.decided, self.consequence) {
            (Some(decided), _) if decided <= due => return None,
            (Some(decided), _) => WhyMissed::Late {
                by_s: decided.seconds_since(due),
            },
            (None, Some(kind)) => WhyMissed::OnlyConsequence(kind),
            (None, None) => WhyMissed::NoAlert,
        };
        let breach = self.breach.clone();
        Some(Missed { breach, why })
    }
}

fn is_curfew(breach: &PlannedBreach) -> bool {
    let group = breach.kinds.first().map(|kind| kind.group());
    group == Some(KindGroup::Curfew)
}

/// Totals of minutes: true whenever a breach that counts minutes came before.
fn is_tally(kind: DecisionKind) -> bool {
    matches!(kind, DecisionKind::AtvWarning | DecisionKind::AtvExhausted)
}

/// Whether an alert of this kind asks an operator to look, and accuses nobody. Noise, lost signal
/// and the system's own troubles cause these by right, so they are counted apart.
#[must_use]
pub(crate) fn is_notice(kind: DecisionKind) -> bool {
    kind.group() == KindGroup::Oversight
        || matches!(
            kind,
            DecisionKind::ExclusionZonePossible
                | DecisionKind::TransitPossible
                | DecisionKind::ZoneUnknown
                | DecisionKind::PresenceUnknown
                | DecisionKind::AlcoholGap
                | DecisionKind::AlcoholEnvironmental
                | DecisionKind::AlcoholObstruction
                | DecisionKind::SensorFault
                | DecisionKind::NoContact
                | DecisionKind::NoFix
                | DecisionKind::ClockSkew
                | DecisionKind::DeviceFault
        )
}

#[cfg(test)]
mod tests;
