//! Places a wearer is expected at, and the absences from them that were authorised.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AbsenceId, ConditionId, Latitude, Longitude, Metres, PlaceId, Timestamp};

/// A place: a circle on the ground.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The place's id.
    pub id: PlaceId,
    /// Degrees, WGS84.
    pub lat: Latitude,
    /// Degrees, WGS84.
    pub lon: Longitude,
    /// The radius within which one is there, in metres.
    pub radius_m: Metres,
}

/// A stated time during which a condition is lifted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Absence {
    /// The absence's id.
    pub id: AbsenceId,
    /// The condition lifted.
    pub condition: ConditionId,
    /// From.
    pub from: Timestamp,
    /// Until.
    pub to: Timestamp,
    /// Why.
    pub reason: String,
    /// Who allowed it.
    pub authorised_by: String,
}
