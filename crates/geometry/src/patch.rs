//! A patch of ground within which an answer stays the same.

use model::GeoPoint;
use serde::{Deserialize, Serialize};

/// No degree of latitude or longitude is longer than this, in metres, neither on the ellipsoid nor in the
/// frame of any zone.
const DEGREE_AT_MOST_M: f64 = 111_700.0;

/// The share of a distance that half a side of a square may have for its corners to be within that distance: a
/// little under √½, so that rounding and a frame's error never matter.
const HALF_SIDE: f64 = 0.7;

/// A box of ground, in degrees: while a wearer stays in it, what was found in its middle holds. Nothing is
/// measured to tell whether they do.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Patch {
    south: f64,
    north: f64,
    west: f64,
    east: f64,
}

impl Patch {
    /// All there is.
    pub const EVERYWHERE: Self = Self {
        south: f64::NEG_INFINITY,
        north: f64::INFINITY,
        west: f64::NEG_INFINITY,
        east: f64::INFINITY,
    };

    pub(crate) fn around(middle: GeoPoint, up: f64, aside: f64) -> Self {
        let (lat, lon) = (middle.lat.degrees(), middle.lon.degrees());
        Self {
            south: lat - up,
            north: lat + up,
            west: lon - aside,
            east: lon + aside,
        }
    }

    /// A box all of which is less than `metres` from `middle`, on the ground and in the frame of any zone.
    #[must_use]
    pub fn within(middle: GeoPoint, metres: f64) -> Self {
        let half = metres * HALF_SIDE / DEGREE_AT_MOST_M;
        Self::around(middle, half, half)
    }

    /// Whether `point` lies in it, its edges left out.
    #[must_use]
    pub fn holds(&self, point: GeoPoint) -> bool {
        let (lat, lon) = (point.lat.degrees(), point.lon.degrees());
        self.south < lat && lat < self.north && self.west < lon && lon < self.east
    }

    /// What the two have in common.
    #[must_use]
    pub const fn shared(&self, other: &Self) -> Self {
        Self {
            south: self.south.max(other.south),
            north: self.north.min(other.north),
            west: self.west.max(other.west),
            east: self.east.min(other.east),
        }
    }
}
