//! `GeoJSON` (RFC 7946) in and out. Properties that are not known are let be, as the standard asks.

mod geometry;
mod read;
mod write;

pub use read::read_zones;
pub use write::{write_zone, write_zones};
