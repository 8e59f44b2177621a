//! The imaginary town: a plane in metres, its streets, and areas on it.

mod area;
mod spot;
mod streets;

pub(crate) use area::{Area, Polygon};
pub(crate) use spot::{Spot, TOWN_LAT, TOWN_LON};
pub(crate) use streets::{EXTENT_M, node_near, open_nodes, route};
