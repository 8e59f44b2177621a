//! The registry as it is kept: every part of it, in every version it ever had.
//!
//! Each change of a part has a number of its own, its revision, ascending over the whole registry. What
//! was registered as of a revision can be asked for as long as it is kept, and the partitions follow the
//! registry by revision: what is in the table is what their journals come to hold.

use std::collections::BTreeSet;
use std::num::NonZeroU16;

use async_trait::async_trait;
use model::registry::{Duty, Order, RegistryKey, ZoneRef};
use model::{ConditionId, DeviceId, PartitionId, PlaceId, PolicyChange, Timestamp, WearerId};
use registry::Meter;

use super::{AuditEntry, StoreError};
use crate::access::Scope;

/// One version of one part of the registry.
#[derive(Debug, Clone, PartialEq)]
pub struct Registered {
    /// The part.
    pub key: RegistryKey,
    /// Counts the versions of the part, from 1.
    pub version: u32,
    /// Its place among all changes of the registry, from 1.
    pub revision: u64,
    /// When it was registered.
    pub at: Timestamp,
    /// By whom.
    pub actor: String,
    /// The reason they gave, if any.
    pub reason: Option<String>,
    /// What is registered; nothing, where this version is its removal.
    pub change: Option<PolicyChange>,
}

/// What is to be changed together: all of it, or nothing.
#[derive(Debug, Clone)]
pub struct Amendment {
    /// The revision that it was checked against: it fits this state of the registry and no other.
    pub base: u64,
    /// When.
    pub at: Timestamp,
    /// Who changes it.
    pub actor: String,
    /// The reason they give, if any.
    pub reason: Option<String>,
    /// The changes, each of another part, in an order in which nothing is used before it is defined.
    pub edits: Vec<Edit>,
    /// Counts the edits that are written.
    pub meter: Meter,
}

/// One change of one part.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The part.
    pub key: RegistryKey,
    /// The version that this makes, from 1.
    pub version: u32,
    /// Whom it is about, where it is about somebody: only their partition hears of it.
    pub wearer: Option<WearerId>,
    /// What is registered; nothing, to remove it.
    pub change: Option<PolicyChange>,
}

/// What came of an amendment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amended {
    /// The registry is at this revision now.
    At(u64),
    /// Nothing was changed: the registry had moved on to this revision.
    Behind(u64),
}

/// The parts of the registry that a partition is to hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The partition.
    pub partition: PartitionId,
    /// How many there are.
    pub partitions: NonZeroU16,
}

/// Who follows the registry, and so which of its changes are of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// A partition: what is about its wearers, and what is about nobody.
    Partition(Share),
    /// Parts of this kind, as [`RegistryKey::kind`] names it.
    Kind(&'static str),
}

/// Which parts are wanted, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryQuery {
    /// Parts of this kind, as [`RegistryKey::kind`] names it.
    pub kind: &'static str,
    /// Only those about this wearer.
    pub wearer: Option<WearerId>,
    /// Only those about wearers of a partition.
    pub share: Option<Share>,
    /// Only those whose id comes after this one, by its bytes.
    pub after: Option<String>,
    /// Only those that somebody with this scope may see, as things are now.
    pub visible_to: Option<Scope>,
    /// How many at most.
    pub limit: usize,
}

/// Something that parts of the registry point at, or are about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Another part.
    Part(RegistryKey),
    /// A device: what its activations are about.
    Device(DeviceId),
    /// A condition: its order holds it, absences are from it.
    Condition(ConditionId),
}

impl Target {
    /// As it is kept.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Part(key) => key.to_string(),
            Self::Device(id) => format!("device/{id}"),
            Self::Condition(id) => format!("condition/{id}"),
        }
    }

    fn place(id: &PlaceId) -> Self {
        Self::Part(RegistryKey::Place(id.clone()))
    }

    fn zone(zone: &ZoneRef) -> Self {
        Self::Part(match zone {
            ZoneRef::Zone(id) => RegistryKey::Zone(id.clone()),
            ZoneRef::Set(id) => RegistryKey::ZoneSet(id.clone()),
        })
    }

    /// What a part of the registry points at.
    #[must_use]
    pub fn of(change: &PolicyChange) -> Vec<Self> {
        match change {
            PolicyChange::Activation(worn) => {
                let wearer = Self::Part(RegistryKey::Wearer(worn.wearer.clone()));
                let place = worn.hmu_place.as_ref().map(Self::place);
                [wearer, Self::Device(worn.device.clone())]
                    .into_iter()
                    .chain(place)
                    .collect()
            }
            PolicyChange::Order(order) => Self::of_order(order),
            PolicyChange::Absence(absence) => vec![Self::Condition(absence.condition.clone())],
            PolicyChange::Zone(_)
            | PolicyChange::ZoneSet { .. }
            | PolicyChange::Place(_)
            | PolicyChange::Wearer(_)
            | PolicyChange::Removed(_)
            | PolicyChange::Revision { .. }
            | PolicyChange::Rules { .. }
            | PolicyChange::IntakeGap { .. }
            | PolicyChange::BrokerDropped(_)
            | PolicyChange::Stray { .. } => Vec::new(),
        }
    }

    fn of_order(order: &Order) -> Vec<Self> {
        let mut targets = vec![Self::Part(RegistryKey::Wearer(order.wearer.clone()))];
        for condition in &order.conditions {
            targets.push(Self::Condition(condition.id.clone()));
            match &condition.duty {
                Duty::ExclusionZone { zones, .. }
                | Duty::InclusionZone { zones, .. }
                | Duty::RestrictionZone { zones, .. } => {
                    targets.extend(zones.iter().map(Self::zone));
                }
                Duty::Curfew { place, .. } | Duty::Attendance { place, .. } => {
                    targets.push(Self::place(place));
                }
                Duty::CheckIn { place, .. } => targets.extend(place.as_ref().map(Self::place)),
                Duty::AlcoholAbstinence | Duty::AlcoholLimit { .. } | Duty::Trail => {}
            }
        }
        targets.sort();
        targets.dedup();
        targets
    }
}

/// Where the registry is kept. Every method is atomic.
#[async_trait]
pub trait RegistryStore: Send + Sync + 'static {
    /// The revision of the newest change; 0 before the first.
    async fn registry_revision(&self) -> Result<u64, StoreError>;

    /// Changes the registry, all of it or nothing, and says so in the audit trail, a line a change.
    async fn amend(&self, amendment: &Amendment) -> Result<Amended, StoreError>;

    /// Up to `limit` changes after `revision` that are of interest, in order.
    async fn registry_after(
        &self,
        revision: u64,
        interest: Interest,
        limit: usize,
    ) -> Result<Vec<Registered>, StoreError>;

    /// What was registered as of `revision`.
    async fn registry_at(
        &self,
        revision: u64,
        query: &RegistryQuery,
    ) -> Result<Vec<Registered>, StoreError>;

    /// The newest version of each of these, removals included, as far as they were ever registered.
    async fn registered(&self, keys: &[RegistryKey]) -> Result<Vec<Registered>, StoreError>;

    /// What is registered now and points at one of these, each once.
    async fn referring(&self, targets: &[Target]) -> Result<Vec<Registered>, StoreError>;

    /// Every version of a part, oldest first.
    async fn registry_history(&self, key: &RegistryKey) -> Result<Vec<Registered>, StoreError>;
}

impl Edit {
    /// Whom it is about or, where it is about nobody, the part. The audit trail outlives whoever is
    /// erased: it does not say which orders and devices were theirs.
    fn subject(&self) -> String {
        match &self.wearer {
            Some(wearer) => format!("{} of {wearer}", self.key.kind()),
            None => self.key.to_string(),
        }
    }
}

impl Amendment {
    /// Whether its edits are of different parts.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let mut seen = BTreeSet::new();
        match self.edits.iter().find(|edit| !seen.insert(&edit.key)) {
            None => Ok(()),
            Some(edit) => Err(StoreError::Conflict(format!(
                "{} is changed twice at once",
                edit.key
            ))),
        }
    }

    /// What the audit trail says of one of its edits.
    pub(super) fn audit(&self, edit: &Edit) -> AuditEntry {
        let action = match edit.change {
            Some(_) => "registry.put",
            None => "registry.remove",
        };
        AuditEntry {
            at: self.at,
            actor: self.actor.clone(),
            action: action.to_owned(),
            subject: edit.subject(),
            reason: self.reason.clone(),
        }
    }
}
