//! Episodes: each opens, perhaps changes, and clears, and every step is a decision.

use std::collections::VecDeque;

use model::{
    AlertState, ConditionId, Decision, DecisionKind, DeviceId, Evidence, OrderId, Phase, Timestamp,
    WearerId,
};
use serde::{Deserialize, Serialize};

use crate::ledger::{About, Basis, EpisodeKey, Ledger, Told};

/// An open episode, as a rule holds it; what has been told of it stands in the wearer's ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Episode {
    key: EpisodeKey,
    pub(crate) onset: Timestamp,
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
    Order {
        order: &'a OrderId,
        version: u32,
    },
    /// A partition of the installation, in the place of a wearer.
    Partition,
}

impl Subject<'_> {
    fn about(&self) -> About {
        match *self {
            Self::Condition {
                order,
                version,
                condition,
            } => About {
                order: Some(order.clone()),
                order_version: Some(version),
                condition: Some(condition.clone()),
                device: None,
            },
            Self::Device(device) => About {
                order: None,
                order_version: None,
                condition: None,
                device: Some(device.clone()),
            },
            Self::Partition => About {
                order: None,
                order_version: None,
                condition: None,
                device: None,
            },
            Self::Order { order, version } => About {
                order: Some(order.clone()),
                order_version: Some(version),
                condition: None,
                device: None,
            },
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
    /// Opens an episode that readings show.
    pub(crate) fn open(&mut self, kind: DecisionKind, onset: Timestamp, why: Evidence) -> Episode {
        self.begin(kind, onset, Basis::Shown, why)
    }

    /// Opens an episode about what has not been heard by now: what arrives when decides of it, not what
    /// readings show.
    pub(crate) fn open_unheard(
        &mut self,
        kind: DecisionKind,
        onset: Timestamp,
        why: Evidence,
    ) -> Episode {
        self.begin(kind, onset, Basis::Unheard, why)
    }

    /// Adds evidence to an open episode.
    pub(crate) fn update(&mut self, episode: &mut Episode, why: Evidence) {
        self.decide(episode, Phase::Updated, why);
    }

    /// Ends an episode.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "an episode that has ended is nobody's any more"
    )]
    pub(crate) fn clear(&mut self, episode: Episode, why: Evidence) {
        self.decide(&episode, Phase::Cleared, why);
        self.ledger.settle(episode.key);
    }

    /// Takes back an episode that was presumed, and never was.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "an episode that has ended is nobody's any more"
    )]
    pub(crate) fn withdraw(&mut self, episode: Episode, why: Evidence) {
        self.decide(&episode, Phase::Withdrawn, why);
        self.ledger.settle(episode.key);
    }

    /// A completed fact: an episode that is over as soon as it is known.
    pub(crate) fn fact(&mut self, kind: DecisionKind, onset: Timestamp, why: Evidence) {
        let episode = self.open(kind, onset, why.clone());
        self.clear(episode, why);
    }

    fn begin(
        &mut self,
        kind: DecisionKind,
        onset: Timestamp,
        basis: Basis,
        why: Evidence,
    ) -> Episode {
        let about = self.subject.about();
        let told = Told {
            alert: self.ledger.new_alert(self.wearer, about.subject(), kind),
            revision: 0,
            about,
            kind,
            basis,
            state: AlertState::Open,
            onset,
            decided: self.now,
            evidence: why.clone(),
        };
        let key = self.ledger.enter(told);
        let episode = Episode { key, onset };
        self.decide(&episode, Phase::Opened, why);
        episode
    }

    fn decide(&mut self, episode: &Episode, phase: Phase, evidence: Evidence) {
        let Some(told) = self.ledger.get_mut(episode.key) else {
            debug_assert!(false, "an open episode stands in the ledger");
            return;
        };
        told.about = self.subject.about();
        told.decided = self.now;
        told.evidence = evidence;
        self.out.push_back(told.step(self.wearer, phase, false));
        self.ledger.count(episode.key);
    }
}
