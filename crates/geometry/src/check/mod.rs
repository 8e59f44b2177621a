//! What a zone must be to be watched.

mod crossing;
mod nesting;
mod rings;

use model::registry::RingPolygon;
use model::{GeoPoint, Metres};

use crate::error::ZoneFault;
use crate::shape::{Boundary, INSCRIBED_TOLERANCE};
use rings::Rings;

/// The most positions a zone may have: one every 3 m round the largest circle allowed. It bounds what
/// one zone costs to check, to keep and to measure.
pub const MAX_VERTICES: usize = 100_000;

/// The largest extent of a zone in metres, north to south or east to west: up to it the flat frame
/// measures distances within 1.2 % in England and Wales (tan 55.8° · 50 km / 6,371 km).
pub const MAX_ACROSS_M: f64 = 100_000.0;

/// The furthest from the equator a zone may lie, in degrees. Shetland ends at 60.9; beyond 75 the
/// flat frame's error grows past 3 % and every longitude is near.
pub const MAX_LATITUDE: f64 = 75.0;

/// The least inner radius of a zone in metres: three times the 15 m taken as GPS's best σ. In a
/// narrower zone no fix can be evidence of having been inside.
pub const MIN_INNER_RADIUS_M: f64 = 45.0;

/// Refuses circles that cannot be measured.
pub(crate) fn circle(centre: GeoPoint, radius: Metres) -> Result<(), ZoneFault> {
    if !(radius.0.is_finite() && radius.0 > 0.0) {
        return Err(ZoneFault::RadiusNotPositive(radius.0));
    }
    position(centre)?;
    across(2.0 * radius.0)
}

/// Compiles polygons, or refuses those that cannot be measured.
pub(crate) fn polygons(polygons: &[RingPolygon]) -> Result<Boundary, ZoneFault> {
    let rings = Rings::new(polygons)?;
    for point in rings.points() {
        position(point)?;
    }
    rings.on_one_side_of_the_date_line()?;
    let boundary = Boundary::new(rings.iter());
    across(boundary.extent().width().max(boundary.extent().height()))?;
    rings.enclose_something(&boundary)?;
    let touching = crossing::none(&boundary, &rings)?;
    nesting::sound(&boundary, &rings, &touching)?;
    Ok(boundary)
}

/// Refuses zones too narrow for a receiver's error. A measured inner radius may be short by its
/// tolerance, which is not held against the zone.
pub(crate) fn wide_enough(inner_radius: f64, exact: bool) -> Result<(), ZoneFault> {
    let most = if exact {
        inner_radius
    } else {
        inner_radius * (1.0 + INSCRIBED_TOLERANCE)
    };
    if most < MIN_INNER_RADIUS_M {
        return Err(ZoneFault::TooSmall(inner_radius));
    }
    Ok(())
}

fn across(metres: f64) -> Result<(), ZoneFault> {
    if metres > MAX_ACROSS_M {
        return Err(ZoneFault::TooLarge(metres));
    }
    Ok(())
}

fn position(point: GeoPoint) -> Result<(), ZoneFault> {
    let (lat, lon) = (point.lat.degrees(), point.lon.degrees());
    // The British Isles lie between latitudes 49 and 62 and longitudes −9 and 3.
    if (-9.0..=3.0).contains(&lat) && (49.0..=62.0).contains(&lon) {
        return Err(ZoneFault::SwappedSuspected { lat, lon });
    }
    if lat.abs() > MAX_LATITUDE {
        return Err(ZoneFault::TooNearPole(lat));
    }
    Ok(())
}
