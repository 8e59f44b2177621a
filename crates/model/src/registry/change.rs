//! A change of what is to be watched, as it reaches the engine and the journal.

use serde::{Deserialize, Serialize};

use super::{Absence, Activation, Order, Place, RegistryKey, Wearer, Zone};
use crate::{DeviceId, PartitionId, Timestamp, ZoneSetId};

/// One change of the registry. Zones, zone sets and places go to every partition; the rest goes to
/// the partition of the wearer concerned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyChange {
    /// A zone is defined, or replaced.
    Zone(Zone),
    /// A shared set of zones is defined, or replaced.
    ZoneSet {
        /// Its name, without the `set:`.
        id: ZoneSetId,
        /// All its zones.
        zones: Vec<Zone>,
    },
    /// A place is defined, or replaced.
    Place(Place),
    /// A wearer is registered, or their profile changed.
    Wearer(Wearer),
    /// A device is activated for a wearer, or an activation changed (same device, wearer and start).
    Activation(Activation),
    /// An order is registered, or varied by a newer version.
    Order(Order),
    /// An absence is authorised, or changed.
    Absence(Absence),
    /// What was registered under a key is not any more.
    Removed(RegistryKey),
    /// What follows is the registry as of a revision.
    Revision {
        /// The revision.
        registry: u64,
    },
    /// The rules are replaced: what is judged from here on is judged by these.
    Rules {
        /// The rules policy, as TOML.
        toml: String,
    },
    /// This system did not take readings in between these instants: nobody's silence during it
    /// means anything.
    IntakeGap {
        /// The last instant at which readings were taken in.
        from: Timestamp,
        /// The instant at which intake had caught up; while it has not, that of saying so.
        to: Timestamp,
        /// It goes on: nothing is taken in yet, or what was sent meanwhile is only now coming in. A later
        /// change says when it is over.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        ongoing: bool,
        /// The partition that tells the operators of it: one of those that share the gap.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        told_by: Option<PartitionId>,
    },
    /// The broker's own count of messages that it dropped, as seen.
    BrokerDropped(BrokerDropped),
    /// A device reported that is nobody's here.
    Stray {
        /// The partition it reported to.
        partition: PartitionId,
        /// The device.
        device: DeviceId,
        /// What is wrong with it.
        reason: StrayReason,
    },
}

/// What the broker says of messages that it dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerDropped {
    /// The partition that tells of it, in the name of all.
    pub partition: PartitionId,
    /// When the count was looked at before.
    pub from: Timestamp,
    /// When it was seen to be `counter`.
    pub to: Timestamp,
    /// Dropped in between. 0: the count is only put on record, to go on from after a restart.
    pub messages: u64,
    /// The count itself: since the broker was started.
    pub counter: u64,
}

/// Why a device is nobody's here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StrayReason {
    /// It is not known.
    UnknownDevice,
    /// Nobody wore it at the time it reports of.
    NotActivated,
    /// It reports to a partition that is not its wearer's.
    WrongPartition,
}
