//! What has been told of a wearer: the episodes that are open, and ended ones that late evidence may
//! still change.

use std::collections::BTreeMap;

use model::{
    AlertId, AlertState, ConditionId, Decision, DecisionKind, DeviceId, Evidence, KindGroup,
    OrderId, Phase, Timestamp, WearerId,
};
use serde::{Deserialize, Serialize};

/// The most episodes of a wearer that are remembered, for late evidence to change: many a day for as
/// long as it is accepted. Whoever has more has late evidence judged less far back.
const TOLD_MAX: usize = 256;

/// The number by which a rule's episode is found in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub(crate) struct EpisodeKey(u64);

/// What decides that an episode exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Basis {
    /// What readings show.
    Shown,
    /// What had not been heard by when.
    Unheard,
}

/// What has been told of one episode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) alert: AlertId,
    pub(crate) revision: u32,
    pub(crate) about: About,
    pub(crate) kind: DecisionKind,
    pub(crate) basis: Basis,
    pub(crate) state: AlertState,
    pub(crate) onset: Timestamp,
    /// When the newest decision about it was made.
    pub(crate) decided: Timestamp,
    pub(crate) evidence: Evidence,
}

/// What an episode is about: a condition under a version of its order, an order, or a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) order: Option<OrderId>,
    pub(crate) order_version: Option<u32>,
    pub(crate) condition: Option<ConditionId>,
    pub(crate) device: Option<DeviceId>,
}

impl About {
    /// What ordinals are counted by.
    pub(crate) fn subject(&self) -> &str {
        let condition = self.condition.as_ref().map(ConditionId::as_str);
        let device = self.device.as_ref().map(DeviceId::as_str);
        let order = self.order.as_ref().map(OrderId::as_str);
        condition.or(device).or(order).unwrap_or_default()
    }
}

impl Told {
    /// Whether late readings can change it: it rests on what readings of a condition show, in the
    /// order in which they were observed.
    pub(crate) const fn is_shown(&self) -> bool {
        match self.kind.group() {
            KindGroup::Zone | KindGroup::Curfew | KindGroup::Alcohol | KindGroup::Attendance => {
                matches!(self.basis, Basis::Shown)
            }
            KindGroup::CheckIn | KindGroup::Device | KindGroup::Oversight => false,
        }
    }

    /// Counts a step in its life, and gives the decision that tells of it.
    pub(crate) fn step(&mut self, wearer: &WearerId, phase: Phase, late: bool) -> Decision {
        self.revision += 1;
        self.state = match phase {
            Phase::Opened | Phase::Updated => AlertState::Open,
            Phase::Cleared => AlertState::Cleared,
            Phase::Amended => self.state,
            Phase::Withdrawn => AlertState::Withdrawn,
        };
        Decision {
            alert: self.alert,
            revision: self.revision,
            wearer: wearer.clone(),
            order: self.about.order.clone(),
            order_version: self.about.order_version,
            registry: None,
            condition: self.about.condition.clone(),
            device: self.about.device.clone(),
            kind: self.kind,
            phase,
            onset: self.onset,
            decided: self.decided,
            late,
            evidence: self.evidence.clone(),
        }
    }
}

/// What has been told of a wearer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ledger {
    /// How many episodes of each kind there have been, by condition or device. Kept for as long as
    /// the wearer, so that a condition that comes back cannot reuse an alert's id.
    ordinals: BTreeMap<String, BTreeMap<DecisionKind, u32>>,
    next: EpisodeKey,
    told: BTreeMap<EpisodeKey, Told>,
    /// Counts the decisions that rest on what readings show.
    shown: u64,
}

impl Ledger {
    /// A ledger that goes on from `told`, with keys of its own after those of this one.
    pub(crate) fn branch(&self, told: BTreeMap<EpisodeKey, Told>) -> Self {
        Self {
            ordinals: BTreeMap::new(),
            next: self.next,
            told,
            shown: 0,
        }
    }

    /// How many decisions have rested on what readings show.
    pub(crate) const fn shown(&self) -> u64 {
        self.shown
    }

    /// Counts a decision about an episode.
    pub(crate) fn count(&mut self, key: EpisodeKey) {
        let shown = self.told.get(&key).is_some_and(Told::is_shown);
        self.shown += u64::from(shown);
    }

    /// The key that the next episode gets.
    pub(crate) const fn next_key(&self) -> EpisodeKey {
        self.next
    }

    /// The episodes of conditions that are open: those that rules hold.
    pub(crate) fn open_of_conditions(&self) -> BTreeMap<EpisodeKey, Told> {
        let held = |told: &Told| told.state == AlertState::Open && told.about.condition.is_some();
        let kept = self.told.iter().filter(|(_, told)| held(told));
        kept.map(|(key, told)| (*key, told.clone())).collect()
    }

    /// Enters an episode, not yet told of.
    pub(crate) fn enter(&mut self, told: Told) -> EpisodeKey {
        let key = self.next;
        self.next = EpisodeKey(key.0 + 1);
        self.told.insert(key, told);
        key
    }

    /// The identity of a further episode.
    pub(crate) fn new_alert(
        &mut self,
        wearer: &WearerId,
        subject: &str,
        kind: DecisionKind,
    ) -> AlertId {
        if !self.ordinals.contains_key(subject) {
            self.ordinals.insert(subject.to_owned(), BTreeMap::new());
        }
        let kinds = self.ordinals.get_mut(subject);
        let ordinal = kinds.map_or(1, |kinds| {
            let count = kinds.entry(kind).or_default();
            *count += 1;
            *count
        });
        AlertId::derive(wearer, subject, kind, ordinal)
    }

    pub(crate) fn get_mut(&mut self, key: EpisodeKey) -> Option<&mut Told> {
        self.told.get_mut(&key)
    }

    /// Forgets an episode that has ended, unless late readings can still change it.
    pub(crate) fn settle(&mut self, key: EpisodeKey) {
        let over = |told: &Told| told.state != AlertState::Open && !told.is_shown();
        if self.told.get(&key).is_some_and(over) {
            self.told.remove(&key);
        }
    }

    /// Whether there are more episodes than are remembered.
    pub(crate) fn is_full(&self) -> bool {
        self.told.len() > TOLD_MAX
    }

    /// Forgets the older half of the episodes that have ended, if there are more than are remembered; gives when
    /// the newest of them was decided, which is how far back what was told is known from then on.
    pub(crate) fn bound(&mut self) -> Option<Timestamp> {
        if !self.is_full() {
            return None;
        }
        let ended = self.told.values();
        let ended = ended.filter(|told| told.state != AlertState::Open);
        let mut decided: Vec<Timestamp> = ended.map(|told| told.decided).collect();
        decided.sort_unstable();
        let until = decided.get(decided.len() / 2).copied()?;
        self.told
            .retain(|_, told| told.state == AlertState::Open || told.decided > until);
        Some(until)
    }

    /// Forgets episodes that ended before `time`.
    pub(crate) fn forget_before(&mut self, time: Timestamp) {
        self.told
            .retain(|_, told| told.state == AlertState::Open || told.decided >= time);
    }

    /// Takes out the episodes that readings show, of those that were open before (`known`) or have
    /// been entered from the key `from` on.
    pub(crate) fn take_shown(
        &mut self,
        known: &BTreeMap<EpisodeKey, Told>,
        from: EpisodeKey,
    ) -> BTreeMap<EpisodeKey, Told> {
        let concerned = |key: &EpisodeKey, told: &Told| {
            (known.contains_key(key) || *key >= from) && told.is_shown()
        };
        let (taken, kept) = std::mem::take(&mut self.told)
            .into_iter()
            .partition(|(key, told)| concerned(key, told));
        self.told = kept;
        taken
    }

    /// Takes in episodes as they stand after late evidence, and the key that comes next.
    pub(crate) fn put(&mut self, told: BTreeMap<EpisodeKey, Told>, next: EpisodeKey) {
        self.told.extend(told);
        self.next = next;
    }

    /// Everything in it.
    pub(crate) fn into_told(self) -> (BTreeMap<EpisodeKey, Told>, EpisodeKey) {
        (self.told, self.next)
    }
}
