//! Which device is worn by whom, and from when to when.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{DeviceId, PlaceId, Timestamp, WearerId};

/// What a device is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// A GPS tag.
    Gps,
    /// An RF curfew tag with its home monitoring unit.
    Rf,
    /// An alcohol tag.
    Alcohol,
    /// A device that is carried, not fitted.
    NonFitted,
}

/// A device worn by a wearer from `from` until `to`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Activation {
    /// The device.
    pub device: DeviceId,
    /// What it is.
    pub kind: DeviceKind,
    /// Who wears it.
    pub wearer: WearerId,
    /// Fitted at this instant.
    pub from: Timestamp,
    /// Taken off at this instant; open while it is worn.
    #[serde(default)]
    pub to: Option<Timestamp>,
    /// Seconds between readings while moving.
    #[serde(default = "default_cadence_s")]
    pub cadence_s: u32,
    /// Seconds between uploads.
    #[serde(default = "default_upload_interval_s")]
    pub upload_interval_s: u32,
    /// Where the home monitoring unit stands, for RF tags.
    #[serde(default)]
    pub hmu_place: Option<PlaceId>,
}

impl Activation {
    /// Whether the device was worn at `at`.
    #[must_use]
    pub fn covers(&self, at: Timestamp) -> bool {
        self.from <= at && self.to.is_none_or(|to| at < to)
    }
}

/// One fix a minute while moving, the plan of GPS tags in England and Wales.
const fn default_cadence_s() -> u32 {
    60
}

/// Ten minutes between uploads, a usual plan of GPS tags.
const fn default_upload_interval_s() -> u32 {
    600
}
