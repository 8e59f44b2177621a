//! Going through a wearer's readings again, in the order in which they were observed.

use std::collections::{BTreeSet, VecDeque};

use model::{Decision, DeviceCommand, Identity, Reading, ReadingBody, Timestamp};

use super::base::{Base, Change, State};
use super::lane::Lane;
use super::{HistoryRequest, Past};
use crate::RulesPolicy;
use crate::atlas::Atlas;
use crate::policy::Cohorts;
use crate::rules::seconds;
use crate::wearer::{Lifted, Loan, Wearer};

/// A wearer as they were, on the way through what has come since. Each reading is handed in at the
/// time at which it was observed, and presumes nothing that it came too late for; what is decided and commanded on the way goes nowhere.
pub(super) struct Replay<'a> {
    pub(super) wearer: Wearer,
    /// Bases later than the one started from, as they are with the late evidence.
    pub(super) bases: Vec<Base>,
    policy: &'a RulesPolicy,
    cohorts: &'a Cohorts,
    atlas: &'a Atlas,
    intake_resumed: Option<Timestamp>,
    lifted: Lifted,
    now: Timestamp,
    /// When the reading that is taken in came, while one is.
    heard: Option<Timestamp>,
    out: VecDeque<Decision>,
    commands: VecDeque<DeviceCommand>,
    requests: VecDeque<HistoryRequest>,
}

/// What does not change on the way.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) policy: &'a RulesPolicy,
    pub(super) cohorts: &'a Cohorts,
    pub(super) atlas: &'a Atlas,
    pub(super) intake_resumed: Option<Timestamp>,
}

impl<'a> Replay<'a> {
    /// Begins with the state that `base` keeps of `live`.
    pub(super) fn new(
        live: &Wearer,
        base: &Base,
        state: State,
        surroundings: Surroundings<'a>,
    ) -> Self {
        let State {
            orders,
            trail,
            pace,
            open,
            lifted,
        } = state;
        let mut wearer = Wearer {
            profile: live.profile.clone(),
            activations: live.activations.clone(),
            orders,
            trail,
            pace,
            ledger: live.ledger.branch(open),
            ..Wearer::new(live.id.clone())
        };
        wearer.assign(surroundings.cohorts);
        wearer.equip(surroundings.atlas, &lifted);
        wearer.past = Past::beginning(base.head);
        Self {
            wearer,
            bases: Vec::new(),
            policy: surroundings.policy,
            cohorts: surroundings.cohorts,
            atlas: surroundings.atlas,
            intake_resumed: surroundings.intake_resumed,
            lifted,
            now: base.head.place,
            heard: None,
            out: VecDeque::new(),
            commands: VecDeque::new(),
            requests: VecDeque::new(),
        }
    }

    /// Goes through `changes` and `history`, and on to `end`; takes the bases `later` anew on the way.
    pub(super) fn run(
        &mut self,
        changes: &[(Timestamp, Change)],
        history: &[(Timestamp, Reading)],
        later: &[Base],
        end: Timestamp,
    ) {
        let mut changes = changes.iter().peekable();
        let mut later = later.iter().peekable();
        for (at, (heard, reading)) in self.in_order_of_observation(history) {
            self.pass(&mut changes, &mut later, at);
            self.advance(at);
            self.reading(at, *heard, reading);
            self.forget_output();
        }
        self.pass(&mut changes, &mut later, Timestamp::MAX);
        self.advance(end);
        self.forget_output();
    }

    /// Takes in changes, and takes bases, that come before `at`.
    fn pass<'b>(
        &mut self,
        changes: &mut std::iter::Peekable<impl Iterator<Item = &'b (Timestamp, Change)>>,
        later: &mut std::iter::Peekable<impl Iterator<Item = &'b Base>>,
        at: Timestamp,
    ) {
        loop {
            let change = changes.peek().map(|(changed, _)| *changed);
            let base = later.peek().map(|base| base.taken);
            let change_first = match (change, base) {
                (Some(change), Some(base)) => change <= base,
                (change, _) => change.is_some(),
            };
            if change_first {
                let Some((changed, change)) = changes.next_if(|(changed, _)| *changed < at) else {
                    return;
                };
                self.advance(*changed);
                self.change(change);
            } else {
                let Some(base) = later.next_if(|base| base.taken < at) else {
                    return;
                };
                self.advance(base.taken);
                self.retake(base);
            }
        }
    }

    fn retake(&mut self, base: &Base) {
        let head = self.wearer.past.head;
        if let Ok(mut again) = Base::keep(&self.wearer, &self.lifted, (base.taken, head)) {
            again.changes.clone_from(&base.changes);
            self.bases.push(again);
        }
    }

    fn advance(&mut self, to: Timestamp) {
        while let Some((due, _)) = self.wearer.deadline()
            && due <= to
        {
            self.now = self.now.max(due);
            self.lend(Wearer::on_time);
        }
        self.now = self.now.max(to);
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::Order(order) => {
                self.lend(|wearer, loan| wearer.put_order(order, loan));
            }
            Change::Lifted(condition, spans) => {
                self.lifted.insert(condition.clone(), spans.clone());
                self.lend(|wearer, loan| wearer.replan(|known| known.id == *condition, loan));
            }
        }
    }

    fn reading(&mut self, at: Timestamp, heard: Timestamp, reading: &Reading) {
        self.heard = Some(heard);
        let judged = self.lend(|wearer, loan| wearer.judge(reading, loan));
        self.heard = None;
        let lane = Lane::of(reading, &self.wearer.activations);
        if let Some(lane) = lane.filter(|_| judged.is_evidence()) {
            self.wearer.past.judged(lane, at);
        }
    }

    fn forget_output(&mut self) {
        self.out.clear();
        self.commands.clear();
        self.requests.clear();
    }

    fn lend<T>(&mut self, act: impl FnOnce(&mut Wearer, &mut Loan<'_>) -> T) -> T {
        let mut loan = Loan {
            policy: self.policy,
            cohorts: self.cohorts,
            atlas: self.atlas,
            lifted: &self.lifted,
            now: self.now,
            intake_resumed: self.intake_resumed,
            out: &mut self.out,
            commands: &mut self.commands,
            requests: &mut self.requests,
            heard: self.heard.unwrap_or(self.now),
        };
        act(&mut self.wearer, &mut loan)
    }

    /// Each reading once, with the time at which it counts; those of one instant in an order of their
    /// own, whenever they came.
    fn in_order_of_observation<'b>(
        &self,
        history: &'b [(Timestamp, Reading)],
    ) -> Vec<(Timestamp, &'b (Timestamp, Reading))> {
        let mut seen: BTreeSet<Identity> = BTreeSet::new();
        let mut readings: Vec<_> = history
            .iter()
            .filter_map(|entry| Some((self.counts_at(entry)?, entry)))
            .filter(|(_, (_, reading))| seen.insert(reading.report.identity()))
            .collect();
        readings.sort_by(|(a_at, (_, a)), (b_at, (_, b))| {
            let (a, b) = (&a.report, &b.report);
            (a_at, a.seq, &a.device).cmp(&(b_at, b.seq, &b.device))
        });
        readings
    }

    /// When a reading counts: what was observed in the future when it came is no evidence now either,
    /// but for events, which count from when they came.
    fn counts_at(&self, (heard, reading): &(Timestamp, Reading)) -> Option<Timestamp> {
        let observed = reading.report.observed_at.0;
        if observed.since(*heard) <= seconds(self.policy.zone.future_max_s) {
            return Some(observed);
        }
        matches!(reading.report.body, ReadingBody::Event(_)).then_some(*heard)
    }
}
