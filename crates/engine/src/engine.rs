//! The machine: time, dispatch and outputs.

use std::collections::VecDeque;

use model::{Decision, PolicyChange, Reading, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Outcome, RulesPolicy, SnapshotError, TimerReason};

/// The rules over all wearers of a partition.
#[derive(Debug, Serialize, Deserialize)]
pub struct Engine {
    policy: RulesPolicy,
    now: Timestamp,
    out: VecDeque<Decision>,
}

impl Engine {
    /// An engine that knows nobody yet.
    #[must_use]
    pub fn new(policy: RulesPolicy) -> Self {
        Self {
            policy,
            now: Timestamp::default(),
            out: VecDeque::new(),
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

    /// How many wearers it watches.
    #[must_use]
    pub fn wearers(&self) -> usize {
        0
    }

    /// Takes in a reading received at `now`.
    pub fn handle_reading(&mut self, _reading: &Reading, now: Timestamp) -> Outcome {
        self.handle_timeout(now);
        Outcome::NotJudged
    }

    /// Takes in a change of what is to be watched.
    pub fn handle_policy(&mut self, _change: &PolicyChange, now: Timestamp) {
        self.handle_timeout(now);
    }

    /// Lets time run on to `now`; engine time never runs back.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
    }

    /// When to call [`Self::handle_timeout`] next, and why; always after engine time.
    pub fn poll_timeout(&mut self) -> Option<(Timestamp, TimerReason)> {
        None
    }

    /// The next decision.
    pub fn poll_decision(&mut self) -> Option<Decision> {
        self.out.pop_front()
    }

    /// The whole state as bytes.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn snapshot(&self) -> Result<Vec<u8>, SnapshotError> {
        Ok(rmp_serde::to_vec_named(self)?)
    }

    /// The engine that a snapshot was taken of.
    ///
    /// # Errors
    /// When `bytes` are no snapshot, or one of another form.
    pub fn restore(bytes: &[u8]) -> Result<Self, SnapshotError> {
        Ok(rmp_serde::from_slice(bytes)?)
    }
}
