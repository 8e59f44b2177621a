//! Zones on the ground: how deep inside or how far outside a point is, in metres, and which of many
//! zones are near it.
//!
//! - [`Area`] is one zone compiled for measuring; making one refuses what cannot be watched.
//! - [`ZoneSet`] finds the areas near a point or a segment among many thousands.
//! - [`read_zones`] and [`write_zones`] take `GeoJSON` in and out.
//! - [`distance`] is the length of the ground between two points.
//!
//! # What an edge means
//! A point exactly on the edge has signed distance 0: it is neither in nor out. Positive is inside.
//! An edge between two vertices is a straight line in longitude and latitude, which is how
//! `GeoJSON` (RFC 7946 §3.1.1) defines it, and so is the path between two fixes.
//!
//! # How exact
//! | what | error |
//! |---|---|
//! | [`distance`] | under 0.01 % of the distance (Lambert's formula on the WGS84 ellipsoid) |
//! | a circle's signed distance | that of [`distance`] between the point and the centre |
//! | a polygon's sign | none beyond rounding: the local frame is an affine picture of longitude and latitude |
//! | a polygon's distance | at most tan(φ)·Δφ of the distance, Δφ being how far north or south of the zone's centre it is measured: 0.11 % within 5 km at 55° N, 1.2 % in England and Wales at the edge of the largest zone allowed (100 km across) |
//! | [`Area::deepest_along`] | circles 1 cm; polygons [`DEEPEST_TOLERANCE_M`] or 1 %, whichever is more |
//! | [`Area::inner_radius`] | 0.1 m or 1 %, whichever is more, and never too large; see there for long corridors |
//!
//! Architecture invariant: no I/O, no clock, no randomness, and no arithmetic that differs between
//! machines (transcendental functions come from the `libm` crate). Nothing here knows of wearers,
//! orders or evidence, and no input makes it panic.

mod area;
mod check;
mod error;
mod frame;
mod geojson;
mod ground;
mod patch;
mod ranked;
mod shape;
mod zone_set;

#[cfg(test)]
mod tests;

pub use area::Area;
pub use check::{MAX_ACROSS_M, MAX_LATITUDE, MAX_VERTICES, MIN_INNER_RADIUS_M};
pub use error::{FeatureName, RingPlace, ZoneError, ZoneFault};
pub use geojson::{read_zones, write_zone, write_zones};
pub use ground::distance;
pub use patch::Patch;
pub use shape::DEEPEST_TOLERANCE_M;
pub use zone_set::{Nearby, ZoneSet};
