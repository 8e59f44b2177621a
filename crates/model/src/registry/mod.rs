//! What people write down: wearers, devices, orders and their conditions, places, zones, absences.
//!
//! These are the types of the registry document. Unknown fields are refused everywhere, because
//! people write these files and a misspelt duty must not vanish. A change to any of them reaches
//! the engine as a [`PolicyChange`].

mod activation;
mod change;
mod condition;
mod document;
mod key;
mod order;
mod place;
mod schedule;
mod wearer;
mod zone;

pub use activation::{Activation, DeviceKind};
pub use change::{BrokerDropped, PolicyChange, StrayReason};
pub use condition::{Appointment, Condition, ConditionError, Duty, ReleaseDay, ZoneRef};
pub use document::{FeatureSource, RegistryDocument};
pub use key::{KeyError, RegistryKey};
pub use order::{NotifyingOrganisation, Order, OrderType, ResponsibleOrganisation, Suspension};
pub use place::{Absence, Place};
pub use schedule::{Day, TimeOfDay, TimeOfDayError, WeeklyWindow};
pub use wearer::{Identifiers, Mappa, Wearer};
pub use zone::{Ring, RingPolygon, Zone, ZoneShape};
