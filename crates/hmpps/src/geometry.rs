//! What is on the map already, and what somebody has to put there.

use std::collections::{BTreeMap, BTreeSet};

use model::registry::Place;
use model::{ConditionId, Latitude, Longitude, Metres, OrderId, PlaceId, ZoneId};

/// What is on the map already.
#[derive(Debug, Clone, Default)]
pub struct Geometries {
    /// Zones that are drawn.
    pub zones: BTreeSet<ZoneId>,
    /// Places that are placed.
    pub places: BTreeMap<PlaceId, Place>,
    /// Where addresses are, by [`address_key`].
    pub addresses: BTreeMap<String, Spot>,
}

/// Where an address is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// Degrees, WGS84.
    pub lat: Latitude,
    /// Degrees, WGS84.
    pub lon: Longitude,
    /// The radius within which one is there, in metres.
    pub radius_m: Metres,
}

impl Geometries {
    /// The place, where it is known by its id or by its address.
    pub(crate) fn place(&self, id: &PlaceId, address: &str) -> Option<Place> {
        self.places.get(id).cloned().or_else(|| {
            let spot = self.addresses.get(&address_key(address))?;
            Some(Place {
                id: id.clone(),
                lat: spot.lat,
                lon: spot.lon,
                radius_m: spot.radius_m,
            })
        })
    }
}

/// Something that an order speaks of and that is not on the map. Its text is personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingGeometry {
    /// Where the order speaks of it: a JSON path.
    pub path: String,
    /// What is missing, by the id under which to register it.
    pub what: GeometryKind,
    /// The order.
    pub order: OrderId,
    /// The condition that cannot be watched meanwhile.
    pub condition: ConditionId,
    /// The words of the order: a zone's description, or an address.
    pub text: String,
    /// When it is in force, in the words of the order.
    pub duration: Option<String>,
}

/// A zone or a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GeometryKind {
    /// A zone nobody has drawn.
    Zone(ZoneId),
    /// An address nobody has placed.
    Place(PlaceId),
}

/// What makes two writings of an address the same: letters and digits, whatever their case and whatever
/// stands between.
#[must_use]
pub fn address_key(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect()
}

/// Stands for a text in an id: other words, another id. 32 bits will do among the few texts of one order.
pub(crate) fn checksum(text: &str) -> String {
    format!("{:08x}", crc32fast::hash(address_key(text).as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_same_however_it_is_spaced() {
        assert_eq!(
            address_key("12a  High St., LM1 2AB"),
            address_key("12A High St, lm12ab")
        );
        assert_ne!(checksum("12 High St"), checksum("13 High St"));
    }
}
