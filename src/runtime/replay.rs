//! Deciding again from files: a registry and readings in order of arrival.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use engine::{Engine, Outcome, RulesPolicy};
use model::registry::StrayReason;
use model::{
    Decision, DeviceId, Identity, PartitionId, PolicyChange, Reading, Timestamp, WearerId,
};
use wire::readings_file::FileReading;

use super::drive;
use super::strays::Strays;
use crate::ingest::{Attribution, Directory};

/// An engine fed from files.
pub struct Replayer {
    engine: Engine,
    directory: Directory,
    changes: Vec<PolicyChange>,
    /// Changes that come later, in order of time.
    later: VecDeque<(Timestamp, Vec<PolicyChange>)>,
    seen: BTreeSet<Identity>,
    /// What was handed in, and when.
    journal: BTreeMap<WearerId, Vec<(Timestamp, Reading)>>,
    strays: Strays,
    now: Timestamp,
}

/// What became of a reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replayed {
    /// The engine took it in.
    Used,
    /// It says nothing new, or nothing that can be; in words.
    NotUsed(String),
}

impl Replayer {
    /// An engine that is handed the registry when the first reading arrives: what was before the
    /// record began was not silence.
    #[must_use]
    pub fn new(
        rules: RulesPolicy,
        changes: Vec<PolicyChange>,
        later: Vec<(Timestamp, Vec<PolicyChange>)>,
    ) -> Self {
        let engine = Engine::new(rules);
        Self {
            engine,
            directory: Directory::default(),
            changes,
            later: later.into(),
            seen: BTreeSet::new(),
            journal: BTreeMap::new(),
            strays: Strays::default(),
            now: Timestamp::default(),
        }
    }

    /// Hands a reading on, at its time of arrival.
    pub fn reading(&mut self, reading: FileReading) -> Replayed {
        let FileReading {
            received_at,
            report,
        } = reading;
        self.advance(received_at.0);
        let wearer = match self.directory.attribute(&report.device, report.observed_at) {
            Attribution::Wearer(wearer) => wearer,
            Attribution::NotActivated => {
                self.stray(&report.device, StrayReason::NotActivated);
                return Replayed::NotUsed(format!(
                    "device {} was worn by nobody at {}",
                    report.device, report.observed_at
                ));
            }
            Attribution::UnknownDevice => {
                self.stray(&report.device, StrayReason::UnknownDevice);
                return Replayed::NotUsed(format!("device {} is not known", report.device));
            }
        };
        if !self.seen.insert(report.identity()) {
            return Replayed::NotUsed("duplicate".to_owned());
        }
        let reading = Reading {
            wearer,
            received_at,
            report,
        };
        let outcome = self.engine.handle_reading(&reading, self.now);
        let journal = self.journal.entry(reading.wearer.clone()).or_default();
        journal.push((self.now, reading));
        match outcome {
            Outcome::Invalid(why) => Replayed::NotUsed(why),
            Outcome::Used
            | Outcome::Coarse
            | Outcome::Quarantined
            | Outcome::Duplicate
            | Outcome::Late
            | Outcome::TooLate
            | Outcome::NotJudged => Replayed::Used,
        }
    }

    fn stray(&mut self, device: &DeviceId, reason: StrayReason) {
        if self.strays.is_due(device, reason, self.now) {
            let change = PolicyChange::Stray {
                partition: PartitionId(0),
                device: device.clone(),
                reason,
            };
            self.engine.handle_policy(&change, self.now);
        }
    }

    /// Lets time run on to `until`, so that timers fire.
    pub fn run_on(&mut self, until: Option<Timestamp>) {
        if let Some(until) = until {
            self.advance(until);
        }
    }

    /// The next decision.
    pub fn poll_decision(&mut self) -> Option<Decision> {
        self.engine.poll_decision()
    }

    fn advance(&mut self, to: Timestamp) {
        let to = self.now.max(to);
        let first = std::mem::take(&mut self.changes);
        if !first.is_empty() {
            self.now = to;
            self.change(&first);
        }
        while self.later.front().is_some_and(|(at, _)| *at <= to)
            && let Some((at, changes)) = self.later.pop_front()
        {
            self.now = self.now.max(at);
            self.change(&changes);
        }
        self.now = to;
        self.run();
    }

    fn change(&mut self, changes: &[PolicyChange]) {
        for change in changes {
            if !drive::runs_ahead(change) {
                self.run();
            }
            self.directory.apply(change);
            self.engine.handle_policy(change, self.now);
        }
    }

    /// Lets the engine's time run on to now. What devices would be told goes nowhere.
    fn run(&mut self) {
        while let Some(wanted) = self.engine.advance(self.now) {
            let journal = self.journal.get(&wanted.wearer).into_iter().flatten();
            let asked = journal.filter(|(at, _)| *at >= wanted.since);
            let history: Vec<(Timestamp, Reading)> = asked.take(wanted.limit).cloned().collect();
            self.engine.handle_history(&wanted.wearer, &history);
        }
        while self.engine.poll_command().is_some() {}
    }
}
