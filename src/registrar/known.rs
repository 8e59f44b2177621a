//! What is registered already and bears on what is proposed.

use std::collections::{BTreeMap, BTreeSet};

use model::registry::RegistryKey;
use model::{ConditionId, PolicyChange, WearerId};

use crate::store::registry::{Registered, RegistryQuery, Target};
use crate::store::{Store, StoreError};

/// Above so many proposed changes the whole registry is read: that is faster than to look for what each
/// of them touches.
const CHANGES_LOOKED_UP_MAX: usize = 500;

/// Parts read at once.
const PAGE: usize = 5_000;

/// Kinds of parts, each after those that it may point at.
pub const KINDS: [&str; 7] = [
    "zone",
    "zone_set",
    "place",
    "wearer",
    "activation",
    "order",
    "absence",
];

/// The newest versions of parts of the registry, removals included.
#[derive(Debug, Default)]
pub(super) struct Known(BTreeMap<RegistryKey, Registered>);

impl Known {
    /// What bears on changes of these parts, as of `revision`.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn around(
        store: &dyn Store,
        revision: u64,
        keys: &[RegistryKey],
        changes: &[PolicyChange],
    ) -> Result<Self, StoreError> {
        let mut known = Self::default();
        // Versions count on over a removal, which a list as of a revision does not have.
        known.add(store.registered(keys).await?);
        if keys.len() > CHANGES_LOOKED_UP_MAX {
            for kind in KINDS {
                known.add(all(store, revision, kind).await?);
            }
            return Ok(known);
        }
        known.look_around(store, keys, changes).await?;
        Ok(known)
    }

    /// What the changes point at, what points at what they change, and what that points at.
    async fn look_around(
        &mut self,
        store: &dyn Store,
        keys: &[RegistryKey],
        changes: &[PolicyChange],
    ) -> Result<(), StoreError> {
        let mut targets: BTreeSet<Target> = keys.iter().cloned().map(Target::Part).collect();
        let parts = self.0.values().filter_map(|part| part.change.as_ref());
        for target in parts.chain(changes).flat_map(Target::of) {
            // Others who are kept out of the same zone, or live at the same place, do not matter.
            if !matches!(&target, Target::Part(key) if !matches!(key, RegistryKey::Wearer(_))) {
                targets.insert(target);
            }
        }
        let targets: Vec<Target> = targets.into_iter().collect();
        self.add(store.referring(&targets).await?);
        let targets = self.changes().flat_map(Target::of);
        let conditions: BTreeSet<Target> = targets
            .filter(|target| matches!(target, Target::Condition(_)))
            .collect();
        let conditions: Vec<Target> = conditions.into_iter().collect();
        self.add(store.referring(&conditions).await?);
        let pointed_at: BTreeSet<RegistryKey> = self
            .changes()
            .chain(changes)
            .flat_map(Target::of)
            .filter_map(|target| match target {
                Target::Part(key) => Some(key),
                Target::Device(_) | Target::Condition(_) => None,
            })
            .filter(|key| !self.0.contains_key(key))
            .collect();
        let pointed_at: Vec<RegistryKey> = pointed_at.into_iter().collect();
        self.add(store.registered(&pointed_at).await?);
        Ok(())
    }

    fn add(&mut self, parts: Vec<Registered>) {
        self.0
            .extend(parts.into_iter().map(|part| (part.key.clone(), part)));
    }

    /// The newest version of a part.
    pub(super) fn get(&self, key: &RegistryKey) -> Option<&Registered> {
        self.0.get(key)
    }

    /// What is registered.
    pub(super) fn changes(&self) -> impl Iterator<Item = &PolicyChange> {
        self.0.values().filter_map(|part| part.change.as_ref())
    }

    /// What is pointed at already, and not registered: whoever points at it does so no more wrongly than
    /// before.
    pub(super) fn missing(&self) -> impl Iterator<Item = RegistryKey> {
        let targets = self.changes().flat_map(Target::of);
        targets.filter_map(|target| match target {
            Target::Part(key) if !self.is_registered(&key) => Some(key),
            Target::Part(_) | Target::Device(_) | Target::Condition(_) => None,
        })
    }

    fn is_registered(&self, key: &RegistryKey) -> bool {
        self.0.get(key).is_some_and(|part| part.change.is_some())
    }

    /// Whose condition each is.
    pub(super) fn owners<'a>(&'a self, proposed: &'a [PolicyChange]) -> Owners<'a> {
        let mut owners = BTreeMap::new();
        for change in self.changes().chain(proposed) {
            if let PolicyChange::Order(order) = change {
                let conditions = order.conditions.iter();
                owners.extend(conditions.map(|condition| (&condition.id, &order.wearer)));
            }
        }
        Owners(owners)
    }
}

/// Wearers by the conditions of their orders.
pub(super) struct Owners<'a>(BTreeMap<&'a ConditionId, &'a WearerId>);

impl Owners<'_> {
    /// Whom a change is about, where it is about somebody.
    pub(super) fn wearer(&self, change: &PolicyChange) -> Option<WearerId> {
        if let PolicyChange::Absence(absence) = change {
            return self.0.get(&absence.condition).copied().cloned();
        }
        change.wearer().cloned()
    }
}

/// Everything of a kind that is registered as of `revision`.
///
/// # Errors
/// When the store fails.
pub(super) async fn all(
    store: &dyn Store,
    revision: u64,
    kind: &'static str,
) -> Result<Vec<Registered>, StoreError> {
    let mut query = RegistryQuery {
        kind,
        wearer: None,
        share: None,
        after: None,
        visible_to: None,
        limit: PAGE,
    };
    let mut found = Vec::new();
    loop {
        let mut page = store.registry_at(revision, &query).await?;
        let Some(last) = page.last() else {
            return Ok(found);
        };
        query.after = Some(last.key.id());
        found.append(&mut page);
    }
}

/// Everything that is registered now.
///
/// # Errors
/// When the store fails.
pub async fn everything(store: &dyn Store) -> Result<Vec<PolicyChange>, StoreError> {
    let revision = store.registry_revision().await?;
    let mut changes = Vec::new();
    for kind in KINDS {
        let parts = all(store, revision, kind).await?;
        changes.extend(parts.into_iter().filter_map(|part| part.change));
    }
    Ok(changes)
}

/// Everything that is registered about a wearer, and the places and zones that their orders point at.
///
/// # Errors
/// When the store fails.
pub async fn about(store: &dyn Store, wearer: &WearerId) -> Result<Vec<PolicyChange>, StoreError> {
    let revision = store.registry_revision().await?;
    let key = RegistryKey::Wearer(wearer.clone());
    let known = Known::around(store, revision, &[key], &[]).await?;
    // Devices lead to the others who wore them.
    let owners = known.owners(&[]);
    let theirs = known
        .changes()
        .filter(|change| owners.wearer(change).is_none_or(|whose| whose == *wearer));
    Ok(theirs.cloned().collect())
}

/// Whom changes concern: those whom they are about, and those whose orders point at what they change.
///
/// # Errors
/// When the store fails.
pub async fn concerned(
    store: &dyn Store,
    changes: &[PolicyChange],
) -> Result<BTreeSet<WearerId>, StoreError> {
    let keys: Vec<RegistryKey> = changes.iter().filter_map(PolicyChange::key).collect();
    let conditions = changes.iter().filter_map(|change| {
        if let PolicyChange::Absence(absence) = change {
            Some(Target::Condition(absence.condition.clone()))
        } else {
            None
        }
    });
    let parts = keys.into_iter().map(Target::Part);
    let targets: Vec<Target> = parts.chain(conditions).collect();
    let referring = store.referring(&targets).await?;
    let referring = referring.into_iter().filter_map(|part| part.change);
    let referring: Vec<PolicyChange> = referring.collect();
    let nobody = Owners(BTreeMap::new());
    Ok(changes
        .iter()
        .chain(&referring)
        .filter_map(|change| nobody.wearer(change))
        .collect())
}
