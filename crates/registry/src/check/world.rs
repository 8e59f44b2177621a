//! Everything that is registered, or about to be, so that it can be looked up.

use std::collections::{BTreeMap, BTreeSet};

use model::registry::{Activation, Order, Place, RegistryKey, Zone};
use model::{ConditionId, DeviceId, PlaceId, PolicyChange, WearerId, ZoneId, ZoneSetId};

/// The newest of each part, by what it is looked up by.
#[derive(Debug, Default)]
pub(super) struct World<'a> {
    parts: BTreeMap<RegistryKey, &'a PolicyChange>,
    new: BTreeSet<RegistryKey>,
    missing: Option<&'a BTreeSet<RegistryKey>>,
    orders: BTreeMap<&'a WearerId, Vec<&'a Order>>,
    worn_by: BTreeMap<&'a WearerId, Vec<&'a Activation>>,
    worn: BTreeMap<&'a DeviceId, Vec<&'a Activation>>,
    conditions: BTreeMap<&'a ConditionId, Vec<&'a Order>>,
}

impl<'a> World<'a> {
    pub(super) fn new(
        known: impl IntoIterator<Item = &'a PolicyChange>,
        changes: &'a [PolicyChange],
        missing: &'a BTreeSet<RegistryKey>,
    ) -> Self {
        let keyed = |change: &'a PolicyChange| Some((change.key()?, change));
        let mut world = Self {
            parts: known.into_iter().filter_map(keyed).collect(),
            new: changes.iter().filter_map(PolicyChange::key).collect(),
            missing: Some(missing),
            ..Self::default()
        };
        world.parts.extend(changes.iter().filter_map(keyed));
        let parts: Vec<&'a PolicyChange> = world.parts.values().copied().collect();
        for change in parts {
            world.index(change);
        }
        world
    }

    fn index(&mut self, change: &'a PolicyChange) {
        if let PolicyChange::Order(order) = change {
            self.orders.entry(&order.wearer).or_default().push(order);
            let own: BTreeSet<&ConditionId> = order
                .conditions
                .iter()
                .map(|condition| &condition.id)
                .collect();
            for id in own {
                self.conditions.entry(id).or_default().push(order);
            }
        }
        if let PolicyChange::Activation(worn) = change {
            self.worn_by.entry(&worn.wearer).or_default().push(worn);
            self.worn.entry(&worn.device).or_default().push(worn);
        }
    }

    /// Whether there is such a part, or it is known to be missing yet.
    pub(super) fn has(&self, key: &RegistryKey) -> bool {
        let missing = self.missing.is_some_and(|missing| missing.contains(key));
        missing || self.parts.contains_key(key)
    }

    /// Whether there are parts of a kind of which nothing more is known than that they are there.
    pub(super) fn misses_some(&self, kind: &str) -> bool {
        let mut missing = self.missing.into_iter().flatten();
        missing.any(|key| key.kind() == kind)
    }

    /// Whether a part is among those that are proposed.
    pub(super) fn is_new(&self, key: &RegistryKey) -> bool {
        self.new.contains(key)
    }

    pub(super) fn place(&self, id: &PlaceId) -> Option<&'a Place> {
        let key = RegistryKey::Place(id.clone());
        if let Some(PolicyChange::Place(place)) = self.parts.get(&key) {
            return Some(place);
        }
        None
    }

    pub(super) fn zone(&self, id: &ZoneId) -> Option<&'a Zone> {
        let key = RegistryKey::Zone(id.clone());
        if let Some(PolicyChange::Zone(zone)) = self.parts.get(&key) {
            return Some(zone);
        }
        None
    }

    pub(super) fn zone_set(&self, id: &ZoneSetId) -> Option<&'a [Zone]> {
        let key = RegistryKey::ZoneSet(id.clone());
        if let Some(PolicyChange::ZoneSet { zones, .. }) = self.parts.get(&key) {
            return Some(zones);
        }
        None
    }

    /// Each wearer's orders.
    pub(super) fn wearers_orders(&self) -> impl Iterator<Item = &[&'a Order]> {
        self.orders.values().map(Vec::as_slice)
    }

    /// What a wearer wears, wore and will wear.
    pub(super) fn worn_by(&self, wearer: &WearerId) -> &[&'a Activation] {
        self.worn_by.get(wearer).map_or(&[], Vec::as_slice)
    }

    /// Each device's activations.
    pub(super) fn devices(&self) -> impl Iterator<Item = &[&'a Activation]> {
        self.worn.values().map(Vec::as_slice)
    }

    /// The orders that have a condition of this id.
    pub(super) fn orders_with(&self, id: &ConditionId) -> &[&'a Order] {
        self.conditions.get(id).map_or(&[], Vec::as_slice)
    }
}
