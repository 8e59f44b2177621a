//! The machine: time, dispatch and outputs.

use std::collections::{BTreeMap, VecDeque};
use std::hint::black_box;

use model::registry::{Absence, ZoneRef};
use model::{
    AbsenceId, Decision, DeviceCommand, PartitionId, PolicyChange, Reading, Timestamp, WearerId,
};

use crate::atlas::Atlas;
use crate::intake::Intake;
use crate::policy::Cohorts;
use crate::registry::{Index, Wearers, lifted};
use crate::snapshot::Taking;
use crate::timers::Timers;
use crate::wearer::{HistoryRequest, Lifted, Loan, Wearer};
use crate::{Outcome, RulesPolicy, TimerReason};

/// Readings that are foreseen at once: as many as a processor fetches memory for, and some.
const FORESEEN: usize = 32;

/// The rules over all wearers of a partition.
#[derive(Debug)]
pub struct Engine {
    pub(crate) policy: RulesPolicy,
    cohorts: Cohorts,
    pub(crate) now: Timestamp,
    pub(crate) registry: u64,
    pub(crate) intake: Intake,
    pub(crate) atlas: Atlas,
    pub(crate) absences: BTreeMap<AbsenceId, Absence>,
    pub(crate) wearers: Wearers,
    /// Those among them that stand for partitions, by id.
    pub(crate) partitions: BTreeMap<WearerId, usize>,
    pub(crate) out: VecDeque<Decision>,
    pub(crate) commands: VecDeque<DeviceCommand>,
    pub(crate) requests: VecDeque<HistoryRequest>,
    pub(crate) lifted: Lifted,
    pub(crate) index: Index,
    pub(crate) timers: Timers,
    /// A snapshot that is being taken.
    pub(crate) taking: Option<Taking>,
}

impl Engine {
    /// An engine that knows nobody yet.
    #[must_use]
    pub fn new(policy: RulesPolicy) -> Self {
        Self {
            cohorts: Cohorts::of(&policy).unwrap_or_default(),
            policy,
            now: Timestamp::default(),
            registry: 0,
            intake: Intake::default(),
            atlas: Atlas::default(),
            absences: BTreeMap::new(),
            wearers: Wearers::default(),
            partitions: BTreeMap::new(),
            out: VecDeque::new(),
            commands: VecDeque::new(),
            requests: VecDeque::new(),
            lifted: Lifted::new(),
            index: Index::default(),
            timers: Timers::default(),
            taking: None,
        }
    }

    /// The policy it decides by.
    #[must_use]
    pub const fn policy(&self) -> &RulesPolicy {
        &self.policy
    }

    /// Engine time: the latest `now` it was handed.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The revision of the registry that it was handed.
    #[must_use]
    pub const fn registry_revision(&self) -> u64 {
        self.registry
    }

    /// How many wearers it watches.
    #[must_use]
    pub fn wearers(&self) -> usize {
        self.wearers.len() - self.partitions.len()
    }

    /// How many conditions it watches, those without a rule included.
    #[must_use]
    pub fn conditions(&self) -> usize {
        self.wearers
            .values()
            .map(|wearer| wearer.conditions().count())
            .sum()
    }

    /// Takes in a reading received at `now`. Readings of one wearer are evidence in the order in
    /// which they were observed; one older than the newest is [`Outcome::Late`], and is judged with
    /// the history that [`Self::advance`] soon asks for.
    pub fn handle_reading(&mut self, reading: &Reading, now: Timestamp) -> Outcome {
        self.run_to(now);
        let Some(wearer) = self.wearers.get_index_of(&reading.wearer) else {
            return Outcome::NotJudged;
        };
        if self.rests(wearer, reading) {
            return Outcome::Used;
        }
        let outcome = self.with(wearer, |wearer, loan| wearer.take_in(reading, loan));
        self.run_to(self.now);
        outcome.unwrap_or(Outcome::NotJudged)
    }

    /// Brings near what [`Self::handle_reading`] is about to look at, all of it at once: one after the other, each reading
    /// would wait for memory by itself. Nothing is changed by it.
    pub fn foresee(&self, readings: &[&Reading]) {
        for some in readings.chunks(FORESEEN) {
            let mut positions = [None; FORESEEN];
            for (position, reading) in positions.iter_mut().zip(some) {
                *position = self.wearers.get_index_of(&reading.wearer);
            }
            for position in positions.iter().flatten() {
                let wearer = self.wearers.get_index(*position);
                black_box(wearer.map(|(_, wearer)| wearer.near()));
            }
        }
    }

    /// Takes in a change of what is to be watched. Older or equal versions of an order are ignored.
    pub fn handle_policy(&mut self, change: &PolicyChange, now: Timestamp) {
        // Known before time runs on: what fell due in the gap must not be concluded from it.
        if let PolicyChange::IntakeGap { to, ongoing, .. } = change {
            self.intake.gap(*to, *ongoing);
        }
        self.run_to(now);
        match change {
            PolicyChange::Zone(zone) => {
                self.atlas.put_zone(zone.clone());
                self.replan_zones(&ZoneRef::Zone(zone.id.clone()));
            }
            PolicyChange::ZoneSet { id, zones } => {
                self.atlas.put_set(id.clone(), zones.clone());
                self.replan_zones(&ZoneRef::Set(id.clone()));
            }
            PolicyChange::Place(place) => {
                self.atlas.put_place(place.clone());
                self.replan_place(&place.id);
            }
            PolicyChange::Wearer(profile) => {
                let wearer = self.wearer(&profile.id);
                self.with(wearer, |wearer, loan| wearer.meet(profile, loan));
            }
            PolicyChange::Activation(activation) => {
                let wearer = self.wearer(&activation.wearer);
                self.with(wearer, |wearer, loan| wearer.activate(activation, loan));
            }
            PolicyChange::Order(order) => self.put_order(order),
            PolicyChange::Absence(absence) => self.put_absence(absence),
            PolicyChange::Removed(key) => self.remove(key),
            PolicyChange::Revision { registry } => self.registry = *registry,
            PolicyChange::Rules { toml } => self.replace_rules(toml),
            PolicyChange::IntakeGap {
                from,
                to,
                ongoing,
                told_by,
            } => self.note_gap(*from, *to, *ongoing, *told_by),
            PolicyChange::BrokerDropped(seen) => {
                let subject = self.wearer(&WearerId::of_partition(seen.partition));
                self.with(subject, |subject, loan| {
                    subject.tell_broker_loss(seen, loan);
                });
            }
            PolicyChange::Stray {
                partition,
                device,
                reason,
            } => {
                let subject = self.wearer(&WearerId::of_partition(*partition));
                self.with(subject, |subject, loan| {
                    subject.stray(device, *reason, loan);
                });
            }
        }
        self.run_to(self.now);
    }

    /// Lets time run on to `now`, and does what falls due, in order of deadline and as of its
    /// deadline. Engine time never runs back.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.run_to(now);
    }

    /// Lets time run on to `now` as [`Self::handle_timeout`] does, and stops on the way where it wants a
    /// wearer's history: whoever calls hands that to [`Self::handle_history`] and calls again, until
    /// there is no more to want. Only then is the next input handed in, so that what was known when
    /// never hangs on how often the caller looked.
    pub fn advance(&mut self, now: Timestamp) -> Option<HistoryRequest> {
        let now = now.max(self.now);
        while self.requests.is_empty() && self.fire_next(now) {}
        let wanted = self.requests.pop_front();
        if wanted.is_none() {
            self.now = now;
        }
        wanted
    }

    /// Takes in the history that [`Self::advance`] asked for: each reading with the engine time at
    /// which it was handed in.
    pub fn handle_history(&mut self, wearer: &WearerId, readings: &[(Timestamp, Reading)]) {
        if let Some(wearer) = self.wearers.get_index_of(wearer) {
            self.with(wearer, |wearer, loan| wearer.judge_again(readings, loan));
        }
    }

    /// When to call [`Self::handle_timeout`] next, and why; always after engine time.
    pub fn poll_timeout(&mut self) -> Option<(Timestamp, TimerReason)> {
        while let Some((entry, wearer)) = self.timers.first() {
            let due = self.deadline(wearer);
            if let Some((at, reason)) = due
                && at <= entry
            {
                return Some((entry, reason));
            }
            self.timers.pop();
            self.timers.arm(wearer, due.map(|(at, _)| at));
        }
        None
    }

    /// The next decision.
    pub fn poll_decision(&mut self) -> Option<Decision> {
        self.out.pop_front()
    }

    /// The next command to a device. Whoever takes it out sends it; one that is not sent leads to a
    /// check-in that nobody was asked for.
    pub fn poll_command(&mut self) -> Option<DeviceCommand> {
        self.commands.pop_front()
    }

    /// Builds again what a snapshot does not keep.
    pub(crate) fn rebuild(&mut self) {
        self.lifted = lifted(&self.absences);
        self.cohorts = Cohorts::of(&self.policy).unwrap_or_default();
        self.partitions.clear();
        for (position, wearer) in self.wearers.values_mut().enumerate() {
            if wearer.id().is_partition() {
                self.partitions.insert(wearer.id().clone(), position);
            }
            for condition in wearer.conditions() {
                self.index.enter(condition, position);
            }
            wearer.assign(&self.cohorts);
            wearer.equip(&self.atlas, &self.lifted);
            self.timers
                .arm(position, wearer.deadline().map(|(at, _)| at));
        }
    }

    /// Tells of a gap in our own intake, and ends what has been told of it once it is over.
    fn note_gap(
        &mut self,
        from: Timestamp,
        to: Timestamp,
        ongoing: bool,
        told_by: Option<PartitionId>,
    ) {
        if let Some(partition) = told_by {
            let subject = self.wearer(&WearerId::of_partition(partition));
            self.with(subject, |subject, loan| subject.tell_gap(from, to, loan));
        }
        if !ongoing {
            self.end_gaps(to);
        }
    }

    /// Ends what has been told of gaps in our own intake.
    fn end_gaps(&mut self, to: Timestamp) {
        let partitions: Vec<usize> = self.partitions.values().copied().collect();
        for partition in partitions {
            self.with(partition, |partition, loan| partition.end_gap(to, loan));
        }
    }

    /// Judges by these rules from here on. A text that is no policy changes nothing: whoever hands
    /// it over has read it before.
    fn replace_rules(&mut self, toml: &str) {
        let Ok(policy) = RulesPolicy::parse(toml) else {
            return;
        };
        self.cohorts = Cohorts::of(&policy).unwrap_or_default();
        self.policy = policy;
        for wearer in 0..self.wearers.len() {
            self.with(wearer, |wearer, loan| {
                wearer.assign(loan.cohorts);
                wearer.on_time(loan);
            });
        }
    }

    /// When something is due next of the wearer at `position`.
    fn deadline(&self, position: usize) -> Option<(Timestamp, TimerReason)> {
        let (_, wearer) = self.wearers.get_index(position)?;
        wearer.deadline()
    }

    /// Does what falls due up to `now`.
    fn run_to(&mut self, now: Timestamp) {
        let now = now.max(self.now);
        while self.fire_next(now) {}
        self.now = now;
    }

    /// Does what falls due first, if that is by `now`.
    fn fire_next(&mut self, now: Timestamp) -> bool {
        let Some((entry, wearer)) = self.timers.first().filter(|(entry, _)| *entry <= now) else {
            return false;
        };
        self.timers.pop();
        let due = self.deadline(wearer);
        match due {
            Some((at, _)) if at <= entry => {
                self.now = self.now.max(at);
                self.with(wearer, Wearer::on_time);
            }
            _ => self.timers.arm(wearer, due.map(|(at, _)| at)),
        }
        true
    }

    /// Takes in a reading that says nothing new of its wearer: no deadline comes nearer by it, and nothing falls due.
    fn rests(&mut self, position: usize, reading: &Reading) -> bool {
        let Some((_, wearer)) = self.wearers.get_index_mut(position) else {
            return false;
        };
        if let Some(taking) = &mut self.taking {
            taking.before_change(position, wearer);
        }
        wearer.rest(reading, self.now, &self.policy)
    }

    /// Lets a wearer act, and arms its timer for what follows.
    pub(crate) fn with<T>(
        &mut self,
        position: usize,
        act: impl FnOnce(&mut Wearer, &mut Loan<'_>) -> T,
    ) -> Option<T> {
        let (_, wearer) = self.wearers.get_index_mut(position)?;
        if let Some(taking) = &mut self.taking {
            taking.before_change(position, wearer);
        }
        let told = self.out.len();
        let mut loan = Loan {
            policy: &self.policy,
            cohorts: &self.cohorts,
            atlas: &self.atlas,
            lifted: &self.lifted,
            now: self.now,
            intake_resumed: self.intake.resumed(self.now),
            out: &mut self.out,
            commands: &mut self.commands,
            requests: &mut self.requests,
            heard: self.now,
        };
        wearer.rouse(&mut loan);
        let done = act(wearer, &mut loan);
        for decision in self.out.iter_mut().skip(told) {
            decision.registry = (self.registry > 0).then_some(self.registry);
        }
        self.timers
            .arm(position, wearer.deadline().map(|(at, _)| at));
        Some(done)
    }
}
