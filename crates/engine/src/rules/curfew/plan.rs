//! What a curfew demands, where and when.

use model::registry::{ReleaseDay, WeeklyWindow};
use model::{GeoPoint, PlaceId, Timestamp};

use super::super::Planning;
use crate::windows::{Calendar, Diary};

/// What a curfew demands, where and when. Empty until the condition is equipped.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) place: Option<Address>,
    /// Why there is no address.
    pub(super) problem: Option<String>,
    pub(super) diary: Diary,
    pub(super) ends: Timestamp,
}

/// A curfew address.
#[derive(Debug)]
pub(super) struct Address {
    pub(super) point: GeoPoint,
    pub(super) radius_m: f64,
}

impl Plan {
    pub(super) fn new(
        planning: &Planning<'_>,
        place: &PlaceId,
        windows: &[WeeklyWindow],
        release_day: Option<ReleaseDay>,
    ) -> Self {
        let (zone, bounds) = (planning.order.time_zone, planning.bounds());
        let mut calendar =
            Calendar::weekly(zone, bounds, windows.to_vec()).with_release_day(release_day);
        calendar.set_lifted(planning.lifted.to_vec());
        let (place, problem) = match address(planning, place) {
            Ok(address) => (Some(address), None),
            Err(problem) => (None, Some(problem)),
        };
        Self {
            place,
            problem,
            diary: Diary::new(calendar),
            ends: bounds.end,
        }
    }
}

fn address(planning: &Planning<'_>, id: &PlaceId) -> Result<Address, String> {
    let Some(place) = planning.atlas.place(id) else {
        return Err(format!("place {id} is not defined"));
    };
    let radius_m = place.radius_m.0;
    if !radius_m.is_finite() || radius_m <= 0.0 {
        return Err(format!("place {id}: radius {radius_m} m is not over 0"));
    }
    Ok(Address {
        point: GeoPoint {
            lat: place.lat,
            lon: place.lon,
        },
        radius_m,
    })
}
