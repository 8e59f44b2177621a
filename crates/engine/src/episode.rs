//! Episodes: each opens, perhaps changes, and clears, and every step is a decision.

use std::collections::{BTreeMap, VecDeque};

use model::{
    AlertId, ConditionId, Decision, DecisionKind, DeviceId, Evidence, OrderId, Phase, Timestamp,
    WearerId,
};
use serde::{Deserialize, Serialize};

/// An open episode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Episode {
    alert: AlertId,
    kind: DecisionKind,
    revision: u32,
    pub(crate) onset: Timestamp,
}

/// How many episodes of each kind there have been, by condition or device. Kept for as long as the
/// wearer, so that a condition that comes back cannot reuse an alert's id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ledger(BTreeMap<String, BTreeMap<DecisionKind, u32>>);

impl Ledger {
    fn next(&mut self, subject: &str, kind: DecisionKind) -> u32 {
        if !self.0.contains_key(subject) {
            self.0.insert(subject.to_owned(), BTreeMap::new());
        }
        let Some(kinds) = self.0.get_mut(subject) else {
            return 1;
        };
        let count = kinds.entry(kind).or_default();
        *count += 1;
        *count
    }
}

/// What an episode is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Subject<'a> {
    Condition {
        order: &'a OrderId,
        version: u32,
        condition: &'a ConditionId,
    },
    Device(&'a DeviceId),
}

impl Subject<'_> {
    fn as_str(&self) -> &str {
        match self {
            Self::Condition { condition, .. } => condition.as_str(),
            Self::Device(device) => device.as_str(),
        }
    }
}

/// Where rules hand in what they conclude about one subject.
#[derive(Debug)]
pub(crate) struct Desk<'a> {
    pub(crate) wearer: &'a WearerId,
    pub(crate) subject: Subject<'a>,
    /// When it is decided.
    pub(crate) now: Timestamp,
    pub(crate) ledger: &'a mut Ledger,
    pub(crate) out: &'a mut VecDeque<Decision>,
}

impl Desk<'_> {
    /// Opens an episode.
    pub(crate) fn open(&mut self, kind: DecisionKind, onset: Timestamp, why: Evidence) -> Episode {
        let subject = self.subject.as_str();
        let ordinal = self.ledger.next(subject, kind);
        let mut episode = Episode {
            alert: AlertId::derive(self.wearer, subject, kind, ordinal),
            kind,
            revision: 0,
            onset,
        };
        self.decide(&mut episode, Phase::Opened, why);
        episode
    }

    /// Adds evidence to an open episode.
    pub(crate) fn update(&mut self, episode: &mut Episode, why: Evidence) {
        self.decide(episode, Phase::Updated, why);
    }

    /// Ends an episode.
    pub(crate) fn clear(&mut self, mut episode: Episode, why: Evidence) {
        self.decide(&mut episode, Phase::Cleared, why);
    }

    /// Opens an episode about what has not been heard by now: what arrives when decides of it, not what
    /// readings show.
    pub(crate) fn open_unheard(
        &mut self,
        kind: DecisionKind,
        onset: Timestamp,
        why: Evidence,
    ) -> Episode {
        self.open(kind, onset, why)
    }

    /// Takes back an episode that was presumed, and never was.
    pub(crate) fn withdraw(&mut self, mut episode: Episode, why: Evidence) {
        self.decide(&mut episode, Phase::Withdrawn, why);
    }

    /// A completed fact: an episode that is over as soon as it is known.
    pub(crate) fn fact(&mut self, kind: DecisionKind, onset: Timestamp, why: Evidence) {
        let episode = self.open(kind, onset, why.clone());
        self.clear(episode, why);
    }

    fn decide(&mut self, episode: &mut Episode, phase: Phase, evidence: Evidence) {
        episode.revision += 1;
        let (order, order_version, condition, device) = match self.subject {
            Subject::Condition {
                order,
                version,
                condition,
            } => (
                Some(order.clone()),
                Some(version),
                Some(condition.clone()),
                None,
            ),
            Subject::Device(device) => (None, None, None, Some(device.clone())),
        };
        self.out.push_back(Decision {
            alert: episode.alert,
            revision: episode.revision,
            wearer: self.wearer.clone(),
            order,
            order_version,
            condition,
            device,
            kind: episode.kind,
            phase,
            onset: episode.onset,
            decided: self.now,
            late: false,
            evidence,
        });
    }
}
