//! What is kept of a wearer's past, and when it is to be judged again.

use chrono::TimeDelta;
use model::{DecisionKind, DeviceEvidence, Evidence, Reading, ReceivedAt, Timestamp};
use serde::{Deserialize, Serialize};

use super::base::{Base, Change};
use super::lane::{Lane, Lanes};
use super::{HistoryRequest, READINGS_MAX};
use crate::policy::LateRules;
use crate::rules::seconds;
use crate::wearer::{Loan, Wearer, fault_desk};
use crate::{Outcome, TimerReason};

/// What is kept of a wearer's past.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Past {
    /// As far back as evidence is accepted.
    long: Rungs,
    /// Of a wearer whose evidence has come late lately: near ones, from which little has to be gone
    /// through again.
    short: Rungs,
    /// Engine time of the last reading.
    heard: Option<Timestamp>,
    /// Evidence is judged up to here: the newest observation, or what a timer has concluded.
    pub(super) head: Lanes,
    owed: Option<Owed>,
    /// Engine time at which evidence last came late.
    came_late: Option<Timestamp>,
    /// When it was last told that evidence came too late.
    told_too_late: Option<Timestamp>,
}

/// Two bases, the older of which is at least as old as the two are apart, once it is there.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Rungs {
    older: Option<Box<Base>>,
    newer: Option<Box<Base>>,
}

impl Rungs {
    /// Whether the next base is to be taken.
    fn is_due(&self, now: Timestamp, apart: TimeDelta) -> bool {
        let newer = self.newer.as_ref();
        newer.is_none_or(|newer| now.since(newer.taken) >= apart)
    }

    fn put(&mut self, base: Base) {
        self.older = self.newer.replace(Box::new(base));
    }

    fn iter(&self) -> impl Iterator<Item = &Base> {
        let both = [&self.newer, &self.older].into_iter();
        both.flatten().map(|base| &**base)
    }

    fn iter_mut(&mut self) -> impl Iterator<Item = &mut Base> {
        let both = [&mut self.newer, &mut self.older].into_iter();
        both.flatten().map(|base| &mut **base)
    }
}

/// Evidence that is to be judged again.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Owed {
    due: Timestamp,
    /// The oldest observation among it.
    from: Lanes,
    asked: bool,
}

impl Past {
    /// A past that begins with evidence judged up to `head`.
    pub(super) fn beginning(head: Lanes) -> Self {
        Self {
            head,
            ..Self::default()
        }
    }

    /// Evidence is judged as far as in `again`, too.
    pub(super) fn go_on_from(&mut self, again: &Self) {
        self.head = self.head.max(again.head);
    }

    /// When a state is to be kept, if all comes in order up to a fix observed at `last`.
    pub(in crate::wearer) fn keep_at(
        &self,
        last: Timestamp,
        rules: &LateRules,
    ) -> Option<Timestamp> {
        let late = self.came_late.is_some() || self.owed.is_some() || self.head.place > last;
        let newer = self.long.newer.as_ref().filter(|_| !late)?;
        Some(newer.taken.plus_seconds(rules.accepted_s.into()))
    }

    /// Fixes have been handed in that say nothing new, the last one, observed at `last`, at `heard`.
    pub(in crate::wearer) fn catch_up(&mut self, last: Timestamp, heard: Timestamp) {
        self.heard = Some(heard);
        self.judged(Lane::Place, last);
    }

    /// When history is asked for.
    pub(crate) fn deadline(&self) -> Option<(Timestamp, TimerReason)> {
        let owed = self.owed.filter(|owed| !owed.asked)?;
        Some((owed.due, TimerReason::LateEvidence))
    }

    /// Notes a change in what is demanded.
    pub(crate) fn note(&mut self, at: Timestamp, change: &Change) {
        for base in self.bases_mut() {
            base.changes.push((at, change.clone()));
        }
    }

    /// A timer has concluded something about what was until `at`.
    pub(crate) fn concluded(&mut self, at: Timestamp) {
        self.judged(Lane::Place, at);
    }

    /// Evidence is judged up to `at`.
    pub(super) fn judged(&mut self, lane: Lane, at: Timestamp) {
        let head = self.head.get_mut(lane);
        *head = at.max(*head);
    }

    /// Evidence from `from` on is to be judged again, soon after `now`: what else comes until then is
    /// judged with it.
    fn owe(&mut self, lane: Lane, at: Timestamp, now: Timestamp, rules: &LateRules) {
        self.came_late = Some(now);
        let owed = self.owed.get_or_insert(Owed {
            due: now.plus(seconds(rules.settle_s)),
            from: Lanes::both(Timestamp::MAX),
            asked: false,
        });
        let from = owed.from.get_mut(lane);
        *from = at.min(*from);
    }

    /// The oldest observations that are owed a judgement, which is about to be given.
    pub(super) fn take_owed(&mut self) -> Option<Lanes> {
        self.owed.take().map(|owed| owed.from)
    }

    /// The newest base that evidence from `from` on can be judged from.
    pub(super) fn base(&self, from: Lanes) -> Option<&Base> {
        let bases = self.short.iter().chain(self.long.iter());
        bases
            .filter(|base| base.head.is_before(&from))
            .max_by_key(|base| base.taken)
    }

    /// The bases taken after `taken`, oldest first.
    pub(super) fn bases_after(&self, taken: Timestamp) -> Vec<Base> {
        let bases = self.short.iter().chain(self.long.iter());
        let mut after: Vec<Base> = bases.filter(|base| base.taken > taken).cloned().collect();
        after.sort_by_key(|base| base.taken);
        after
    }

    /// Puts bases in the place of those taken at the same time.
    pub(super) fn replace(&mut self, bases: Vec<Base>) {
        for again in bases {
            let taken = again.taken;
            for base in self.bases_mut().filter(|base| base.taken == taken) {
                base.clone_from(&again);
            }
        }
    }

    /// Drops bases from which episodes would be found again that nobody knows to have been told of.
    fn forget_until(&mut self, until: Timestamp) {
        for rungs in [&mut self.short, &mut self.long] {
            rungs.older.take_if(|base| base.taken <= until);
            rungs.newer.take_if(|base| base.taken <= until);
        }
    }

    fn bases_mut(&mut self) -> impl Iterator<Item = &mut Base> {
        self.short.iter_mut().chain(self.long.iter_mut())
    }
}

impl Wearer {
    /// Shares orders between what is kept of the past and now, as they were before both were written.
    pub(crate) fn share_orders(&mut self) {
        for base in self.past.bases_mut() {
            base.share(&self.orders);
        }
    }

    /// Sees to it that a reading which came too late for the order of observation is judged all the
    /// same.
    pub(in crate::wearer) fn mind_order(
        &mut self,
        reading: &Reading,
        outcome: Outcome,
        loan: &mut Loan<'_>,
    ) -> Outcome {
        let at = reading.report.observed_at.0;
        let Some(lane) = Lane::of(reading, &self.activations) else {
            return outcome;
        };
        if outcome == Outcome::Late {
            return self.accept_late(lane, reading, loan);
        }
        if outcome.is_evidence() {
            // Of one lane and not late to its own rule: after what a timer concluded, or a reading of
            // another device.
            if at < self.past.head.get(lane) {
                self.past.owe(lane, at, loan.now, &loan.policy.late);
            }
            self.past.judged(lane, at);
        }
        outcome
    }

    /// Keeps the state before a reading that is handed in now, when it is time to.
    pub(in crate::wearer) fn keep_bases(&mut self, loan: &Loan<'_>) {
        let (now, rules) = (loan.now, &loan.policy.late);
        // So that what was handed in before and after are told apart by their time.
        let alone = self.past.heard.is_none_or(|heard| heard < now);
        self.past.heard = Some(now);
        if !alone {
            return;
        }
        if let Some(until) = self.ledger.bound() {
            self.past.forget_until(until);
        }
        let far = seconds(rules.accepted_s);
        let lately = |came: Timestamp| now.since(came) < far;
        self.past.came_late = self.past.came_late.filter(|came| lately(*came));
        if self.past.came_late.is_none() {
            self.past.short = Rungs::default();
        } else if self.past.short.is_due(now, seconds(rules.near_s)) {
            self.keep_base(loan, |past| &mut past.short);
        }
        if self.past.long.is_due(now, far) {
            self.keep_base(loan, |past| &mut past.long);
            if let Some(oldest) = &self.past.long.older {
                self.ledger.forget_before(oldest.taken);
            }
        }
    }

    /// A state that cannot be written is one that late evidence cannot be judged from: it is tried
    /// again at the next reading.
    fn keep_base(&mut self, loan: &Loan<'_>, rungs: impl FnOnce(&mut Past) -> &mut Rungs) {
        let base = Base::keep(self, loan.lifted, (loan.now, self.past.head));
        if let Ok(base) = base {
            rungs(&mut self.past).put(base);
        }
    }

    fn accept_late(&mut self, lane: Lane, reading: &Reading, loan: &mut Loan<'_>) -> Outcome {
        let at = reading.report.observed_at.0;
        let rules = &loan.policy.late;
        let mut from = Lanes::both(Timestamp::MAX);
        *from.get_mut(lane) = at;
        if loan.now.since(at) <= seconds(rules.accepted_s) && self.past.base(from).is_some() {
            self.past.owe(lane, at, loan.now, rules);
            return Outcome::Late;
        }
        self.tell_too_late(reading, loan);
        Outcome::TooLate
    }

    /// Says, once in a while, that there is evidence which is not judged.
    fn tell_too_late(&mut self, reading: &Reading, loan: &mut Loan<'_>) {
        let now = loan.now;
        let accepted = seconds(loan.policy.late.accepted_s);
        let lately = |told: Timestamp| now.since(told) < accepted;
        if self.past.told_too_late.is_some_and(lately) {
            return;
        }
        self.past.told_too_late = Some(now);
        let report = &reading.report;
        let why = Evidence::Device(DeviceEvidence {
            policy: loan.policy.version.clone(),
            observed_at: Some(report.observed_at),
            received_at: Some(ReceivedAt(now)),
            reason: format!(
                "a reading came more than {} h after it was observed: it, and others like it, are kept and not judged",
                accepted.num_hours()
            ),
            count: 1,
        });
        let mut desk = fault_desk(&self.id, &mut self.ledger, loan);
        let mut desk = desk.about(&report.device);
        desk.fact(DecisionKind::IntakeGap, report.observed_at.0, why);
    }

    /// Asks for history when it is time to.
    pub(in crate::wearer) fn ask_history(&mut self, loan: &mut Loan<'_>) {
        let now = loan.now;
        let due = |owed: &&mut Owed| !owed.asked && owed.due <= now;
        let Some(owed) = self.past.owed.as_mut().filter(due) else {
            return;
        };
        owed.asked = true;
        let from = owed.from;
        match self.past.base(from) {
            Some(base) => loan.requests.push_back(HistoryRequest {
                wearer: self.id.clone(),
                since: base.taken,
                limit: READINGS_MAX + 1,
            }),
            None => self.past.owed = None,
        }
    }
}
