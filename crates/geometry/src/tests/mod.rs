//! What the room promises, tested from outside its parts.

mod faults;
mod geojson;
mod measuring;
mod properties;
mod shapes;
mod zone_sets;
