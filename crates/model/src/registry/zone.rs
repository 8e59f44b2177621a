//! Zones as they are kept: a shape on the ground. The geometry room reads them from `GeoJSON` and
//! refuses those that cannot be watched.

use serde::{Deserialize, Serialize};

use crate::{GeoPoint, Metres, ZoneId};

/// A zone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// The zone's id.
    pub id: ZoneId,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether a victim is to be protected by it.
    #[serde(default)]
    pub victim: bool,
    /// Where it is.
    pub shape: ZoneShape,
}

/// The shape of a zone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneShape {
    /// All within a radius of a point.
    Circle {
        /// The middle.
        centre: GeoPoint,
        /// The radius in metres.
        radius_m: Metres,
    },
    /// One or more polygons, each possibly with holes.
    Polygons(Vec<RingPolygon>),
}

/// A closed ring of points: the first one is the last one again.
pub type Ring = Vec<GeoPoint>;

/// A polygon: its outline, and the holes in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RingPolygon {
    /// The outline.
    pub outline: Ring,
    /// The holes.
    #[serde(default)]
    pub holes: Vec<Ring>,
}

impl RingPolygon {
    /// All its rings: the outline, and then the holes.
    pub fn rings(&self) -> impl Iterator<Item = &Ring> + Clone {
        std::iter::once(&self.outline).chain(&self.holes)
    }
}
