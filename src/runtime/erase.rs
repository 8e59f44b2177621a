//! What of a wearer's is to be taken out of a store, and what stands against it.
//!
//! What is about them alone goes: profile, devices worn, orders, authorised absences, and the places and
//! zones that no other order points at, for a place is where somebody lives. Shared sets of zones stay.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Engine, SnapshotError};
use model::registry::{Activation, Condition, Duty, Order, RegistryKey, ZoneRef};
use model::{
    AlertState, ConditionId, OrderId, PartitionId, PlaceId, PolicyChange, Timestamp, WearerId,
    ZoneId,
};

use crate::registrar;
use crate::store::{AlertQuery, Checkpoint, DeviceSpan, JournalInput, Store, StoreError};

/// Open alerts that are named as standing against it; more say no more.
const ALERTS_NAMED_MAX: usize = 20;

/// What is to be taken out of a store.
#[derive(Debug, Default)]
pub struct Plan {
    /// What stands against it, in words. Nothing may be taken out while anything does.
    pub against: Vec<String>,
    /// The policy changes that are about the wearer and nobody else.
    pub changes: Vec<PolicyChange>,
    /// Where in the journals they are, by position.
    pub places: Vec<(PartitionId, u64)>,
    /// The parts of the registry that those are of.
    pub parts: Vec<RegistryKey>,
    /// The devices they wore, and when.
    pub devices: Vec<DeviceSpan>,
    /// Their names, which nothing that is kept may say.
    pub names: Vec<String>,
    /// Every partition of the store.
    pub partitions: Vec<PartitionId>,
}

impl Plan {
    /// Looks through the store for what is about `wearer`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn make(
        store: &dyn Store,
        wearer: &WearerId,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut places = Vec::new();
        let mut changes = Vec::new();
        let partitions = store.partitions().await?;
        for partition in &partitions {
            for entry in store.policy_entries(*partition).await? {
                if let JournalInput::Policy(change) = entry.input {
                    places.push((*partition, entry.position));
                    changes.push(change);
                }
            }
        }
        let journaled = changes.len();
        // What no partition has come to yet is registered all the same.
        changes.extend(registrar::everything(store).await?);
        let theirs = Theirs::among(&changes, wearer);
        let mut plan = Self {
            against: theirs.in_force(now),
            changes: Vec::new(),
            places: Vec::new(),
            parts: Vec::new(),
            devices: theirs.devices(),
            names: theirs.names(),
            partitions,
        };
        let about_them = |(_place, change): &(_, &PolicyChange)| theirs.has(change);
        let parts: BTreeSet<RegistryKey> = changes
            .iter()
            .filter(|change| theirs.has(change))
            .filter_map(PolicyChange::key)
            .collect();
        plan.parts = parts.into_iter().collect();
        let journaled = changes.iter().take(journaled);
        let places = places.into_iter().zip(journaled).filter(about_them);
        (plan.places, plan.changes) = places
            .map(|(place, change)| (place, change.clone()))
            .unzip();
        plan.against.extend(open_alerts(store, wearer).await?);
        Ok(plan)
    }

    /// The kept checkpoints of every partition, as they would be had the wearer never been handed in:
    /// places and zones go to every partition. Those that cannot be read are left out, unless the
    /// journal goes on from one.
    ///
    /// # Errors
    /// When the store fails; [`StoreError::Conflict`] when a checkpoint that a journal goes on from
    /// cannot be read.
    pub async fn checkpoints_without(
        &self,
        store: &dyn Store,
        wearer: &WearerId,
    ) -> Result<Vec<Checkpoint>, StoreError> {
        let mut without = Vec::new();
        for partition in &self.partitions {
            let base = store.base(*partition).await?.map(|base| base.position);
            for checkpoint in store.every_checkpoint(*partition).await? {
                let position = checkpoint.position;
                match self.forget(wearer, checkpoint) {
                    Ok(checkpoint) => without.push(checkpoint),
                    Err(error) if base == Some(position) => {
                        return Err(StoreError::Conflict(format!(
                            "the journal of partition {partition} goes on from its checkpoint at \
                             {position}, which cannot be read, so nobody can be taken out of it: {error}"
                        )));
                    }
                    Err(error) => {
                        tracing::warn!(%partition, position, %error, "checkpoint unreadable: it goes");
                    }
                }
            }
        }
        Ok(without)
    }

    fn forget(
        &self,
        wearer: &WearerId,
        mut checkpoint: Checkpoint,
    ) -> Result<Checkpoint, SnapshotError> {
        let mut engine = Engine::restore(&checkpoint.snapshot)?;
        engine.forget(wearer, &self.changes);
        checkpoint.snapshot = engine.snapshot()?;
        Ok(checkpoint)
    }
}

async fn open_alerts(store: &dyn Store, wearer: &WearerId) -> Result<Vec<String>, StoreError> {
    let query = AlertQuery {
        wearer: Some(wearer.clone()),
        state: Some(AlertState::Open),
        limit: ALERTS_NAMED_MAX,
        ..AlertQuery::default()
    };
    let in_words = |alert: crate::store::AlertRecord| {
        format!("alert {} ({}) is open", alert.alert, alert.kind)
    };
    Ok(store
        .alerts(&query)
        .await?
        .into_iter()
        .map(in_words)
        .collect())
}

/// Whether any of these changes is about `wearer`: a document that still names them would bring them back.
#[must_use]
pub fn names(changes: &[PolicyChange], wearer: &WearerId) -> bool {
    let theirs = Theirs::among(changes, wearer);
    changes.iter().any(|change| theirs.has(change))
}

/// What of a registry is about one wearer.
struct Theirs<'a> {
    wearer: &'a WearerId,
    all: &'a [PolicyChange],
    conditions: BTreeSet<&'a ConditionId>,
    /// Pointed at by their orders and by no other.
    places: BTreeSet<&'a PlaceId>,
    zones: BTreeSet<&'a ZoneId>,
}

impl<'a> Theirs<'a> {
    fn among(all: &'a [PolicyChange], wearer: &'a WearerId) -> Self {
        let mut theirs = Self {
            wearer,
            all,
            conditions: BTreeSet::new(),
            places: BTreeSet::new(),
            zones: BTreeSet::new(),
        };
        let conditions = |own: bool| {
            let orders = orders(all).filter(move |order| (order.wearer == *wearer) == own);
            orders.flat_map(|order| &order.conditions)
        };
        for condition in conditions(true) {
            theirs.conditions.insert(&condition.id);
            theirs.places.extend(place(condition));
            theirs.zones.extend(zones(condition));
        }
        for condition in conditions(false) {
            if let Some(place) = place(condition) {
                theirs.places.remove(place);
            }
            for zone in zones(condition) {
                theirs.zones.remove(zone);
            }
        }
        theirs
    }

    fn has(&self, change: &PolicyChange) -> bool {
        match change {
            PolicyChange::Wearer(profile) => profile.id == *self.wearer,
            PolicyChange::Activation(activation) => activation.wearer == *self.wearer,
            PolicyChange::Order(order) => order.wearer == *self.wearer,
            PolicyChange::Absence(absence) => self.conditions.contains(&absence.condition),
            PolicyChange::Place(place) => self.places.contains(&place.id),
            PolicyChange::Zone(zone) => self.zones.contains(&zone.id),
            PolicyChange::ZoneSet { .. }
            | PolicyChange::Removed(_)
            | PolicyChange::Revision { .. }
            | PolicyChange::Rules { .. }
            | PolicyChange::IntakeGap { .. }
            | PolicyChange::BrokerDropped(_)
            | PolicyChange::Stray { .. } => false,
        }
    }

    /// Orders that are, or will be, in force, and devices that are, or will be, worn.
    fn in_force(&self, now: Timestamp) -> Vec<String> {
        let is_over = |to: Option<Timestamp>| to.is_some_and(|to| to <= now);
        let mut newest: BTreeMap<&OrderId, &Order> = BTreeMap::new();
        for order in orders(self.all).filter(|order| order.wearer == *self.wearer) {
            let known = newest.entry(&order.id).or_insert(order);
            if known.version < order.version {
                *known = order;
            }
        }
        let orders = newest.values().filter(|order| !is_over(order.to));
        let mut against: Vec<String> = orders
            .map(|order| format!("order {} is in force{}", order.id, until(order.to)))
            .collect();
        for worn in self.activations().filter(|worn| !is_over(worn.to)) {
            against.push(format!("device {} is worn{}", worn.device, until(worn.to)));
        }
        against
    }

    /// Their activations, each as it was put last.
    fn activations(&self) -> impl Iterator<Item = &'a Activation> {
        let newest: BTreeMap<_, _> = activations(self.all)
            .filter(|worn| worn.wearer == *self.wearer)
            .map(|worn| ((&worn.device, worn.from), worn))
            .collect();
        newest.into_values()
    }

    /// What a device sent while it was theirs, or after it and before it was the next wearer's.
    fn devices(&self) -> Vec<DeviceSpan> {
        let next = |worn: &Activation| {
            let others = activations(self.all).filter(|other| {
                other.device == worn.device
                    && other.wearer != *self.wearer
                    && other.from >= worn.from
            });
            others.map(|other| other.from).min()
        };
        let span = |worn: &Activation| DeviceSpan {
            device: worn.device.clone(),
            from: worn.from,
            to: next(worn),
        };
        self.activations().map(span).collect()
    }

    fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for change in self.all {
            if let PolicyChange::Wearer(profile) = change
                && profile.id == *self.wearer
            {
                names.extend(profile.name.clone());
            }
        }
        names
    }
}

fn until(to: Option<Timestamp>) -> String {
    to.map_or_else(
        || ", without an end".to_owned(),
        |to| format!(" until {to}"),
    )
}

fn orders(changes: &[PolicyChange]) -> impl Iterator<Item = &Order> {
    changes.iter().filter_map(|change| {
        if let PolicyChange::Order(order) = change {
            Some(order)
        } else {
            None
        }
    })
}

fn activations(changes: &[PolicyChange]) -> impl Iterator<Item = &Activation> {
    changes.iter().filter_map(|change| {
        if let PolicyChange::Activation(activation) = change {
            Some(activation)
        } else {
            None
        }
    })
}

fn place(condition: &Condition) -> Option<&PlaceId> {
    match &condition.duty {
        Duty::Curfew { place, .. } | Duty::Attendance { place, .. } => Some(place),
        Duty::CheckIn { place, .. } => place.as_ref(),
        Duty::ExclusionZone { .. }
        | Duty::InclusionZone { .. }
        | Duty::RestrictionZone { .. }
        | Duty::AlcoholAbstinence
        | Duty::AlcoholLimit { .. }
        | Duty::Trail => None,
    }
}

fn zones(condition: &Condition) -> impl Iterator<Item = &ZoneId> {
    let zones: &[ZoneRef] = match &condition.duty {
        Duty::ExclusionZone { zones, .. }
        | Duty::InclusionZone { zones, .. }
        | Duty::RestrictionZone { zones, .. } => zones,
        Duty::Curfew { .. }
        | Duty::Attendance { .. }
        | Duty::CheckIn { .. }
        | Duty::AlcoholAbstinence
        | Duty::AlcoholLimit { .. }
        | Duty::Trail => &[],
    };
    zones.iter().filter_map(|zone| match zone {
        ZoneRef::Zone(id) => Some(id),
        ZoneRef::Set(_) => None,
    })
}
