//! Deciding again from files: a registry and readings in order of arrival.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Engine, Outcome, RulesPolicy};
use model::{Decision, Identity, PolicyChange, Reading, Timestamp, WearerId};
use wire::readings_file::FileReading;

use crate::ingest::{Attribution, Directory};

/// An engine fed from files.
pub struct Replayer {
    engine: Engine,
    directory: Directory,
    changes: Vec<PolicyChange>,
    seen: BTreeSet<Identity>,
    /// What was handed in, and when.
    journal: BTreeMap<WearerId, Vec<(Timestamp, Reading)>>,
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
    pub fn new(rules: RulesPolicy, changes: Vec<PolicyChange>) -> Self {
        let mut directory = Directory::default();
        for change in &changes {
            directory.apply(change);
        }
        let engine = Engine::new(rules);
        Self {
            engine,
            directory,
            changes,
            seen: BTreeSet::new(),
            journal: BTreeMap::new(),
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
                return Replayed::NotUsed(format!(
                    "device {} was worn by nobody at {}",
                    report.device, report.observed_at
                ));
            }
            Attribution::UnknownDevice => {
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
        self.now = self.now.max(to);
        while let Some(wanted) = self.engine.advance(self.now) {
            let journal = self.journal.get(&wanted.wearer).into_iter().flatten();
            let asked = journal.filter(|(at, _)| *at >= wanted.since);
            let history: Vec<(Timestamp, Reading)> = asked.take(wanted.limit).cloned().collect();
            self.engine.handle_history(&wanted.wearer, &history);
        }
        while self.engine.poll_command().is_some() {}
        for change in self.changes.drain(..) {
            self.engine.handle_policy(&change, self.now);
        }
    }
}
