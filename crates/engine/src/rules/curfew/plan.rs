//! What a curfew demands, where and when.

use chrono::Days;
use chrono_tz::Tz;
use geometry::distance;
use model::registry::{ReleaseDay, WeeklyWindow};
use model::{GeoPoint, OutOfRange, PlaceId, Timestamp};

use super::super::Planning;
use crate::CurfewRules;
use crate::windows::{Calendar, Diary, Span, date, midnight};

/// What a curfew demands, where and when. Empty until the condition is equipped.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) place: Option<Address>,
    /// Why there is no address.
    pub(super) problem: Option<String>,
    pub(super) diary: Diary,
    pub(super) ends: Timestamp,
    /// Whether it is a home detention curfew.
    pub(super) hdc: bool,
    /// Absences that do not count against the wearer, be they excused before or after. What a person's
    /// adjudication excuses belongs here too.
    pub(super) excused: Vec<Span>,
    /// The zone of its civil time, and its start and end.
    bounds: Option<(Tz, Span)>,
}

/// A curfew address, in a flat frame of its own: within 0.1 % of the ellipsoid up to some 5 km, and
/// far beyond any radius farther off.
#[derive(Debug)]
pub(in crate::rules) struct Address {
    centre: GeoPoint,
    metres_per_lat: f64,
    metres_per_lon: f64,
    pub(in crate::rules) radius_m: f64,
}

/// Degrees over which the frame's scale is taken.
const SCALE_OVER: f64 = 0.01;

impl Address {
    fn new(centre: GeoPoint, radius_m: f64) -> Self {
        let (lat, lon) = (centre.lat.degrees(), centre.lon.degrees());
        // Away from the poles and the date line, so that both points exist.
        let step = |degrees: f64| {
            if degrees > 0.0 {
                -SCALE_OVER
            } else {
                SCALE_OVER
            }
        };
        let scale = |point: Result<GeoPoint, OutOfRange>| {
            point.map_or(0.0, |point| distance(centre, point).0 / SCALE_OVER)
        };
        Self {
            centre,
            metres_per_lat: scale(GeoPoint::new(lat + step(lat), lon)),
            metres_per_lon: scale(GeoPoint::new(lat, lon + step(lon))),
            radius_m,
        }
    }

    /// Metres outside the place's edge, negative inside.
    pub(in crate::rules) fn outside_m(&self, point: GeoPoint) -> f64 {
        let north = (point.lat.degrees() - self.centre.lat.degrees()) * self.metres_per_lat;
        let across = (point.lon.degrees() - self.centre.lon.degrees()).abs();
        let east = across.min(360.0 - across) * self.metres_per_lon;
        (north * north + east * east).sqrt() - self.radius_m
    }
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
        calendar.set_lifted(planning.lifted.clone());
        let (place, problem) = match address(planning, place) {
            Ok(address) => (Some(address), None),
            Err(problem) => (None, Some(problem)),
        };
        Self {
            place,
            problem,
            diary: Diary::new(calendar),
            ends: bounds.end,
            hdc: planning.order.hdc,
            excused: planning.lifted.clone(),
            bounds: Some((zone, bounds)),
        }
    }

    /// Why no curfew is in force at `at`, though one was before the plan changed: as evidence says it.
    pub(super) fn why_not_in_force(&self, at: Timestamp) -> &'static str {
        if self.excused.iter().any(|span| span.contains(at)) {
            "an absence is authorised for this time: no curfew is in force"
        } else {
            "the order was changed: no curfew is in force at this time"
        }
    }

    /// The period of the budget that contains `at`: so many local days, counted from the one on which the
    /// condition begins, or the whole condition.
    pub(super) fn period(&self, at: Timestamp, rules: &CurfewRules) -> Option<Span> {
        let (zone, bounds) = self.bounds?;
        let days = u64::from(rules.atv_period_days);
        if days == 0 {
            return Some(bounds);
        }
        let first = date(zone, bounds.start);
        let gone = date(zone, at).signed_duration_since(first).num_days();
        let periods = u64::try_from(gone).unwrap_or(0) / days;
        let opens = first.checked_add_days(Days::new(periods * days))?;
        let closes = opens.checked_add_days(Days::new(days))?;
        let period = Span {
            start: midnight(zone, opens)?,
            end: midnight(zone, closes)?,
        };
        Some(period.within(&bounds))
    }
}

/// The place named, or why there is none to watch.
pub(in crate::rules) fn address(planning: &Planning<'_>, id: &PlaceId) -> Result<Address, String> {
    let Some(place) = planning.atlas.place(id) else {
        return Err(format!("place {id} is not defined"));
    };
    let radius_m = place.radius_m.0;
    if !radius_m.is_finite() || radius_m <= 0.0 {
        return Err(format!("place {id}: radius {radius_m} m is not over 0"));
    }
    let centre = GeoPoint {
        lat: place.lat,
        lon: place.lon,
    };
    Ok(Address::new(centre, radius_m))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flat_frame_of_an_address_agrees_with_the_ellipsoid() {
        for (lat, lon) in [(52.8, -2.1), (60.8, -0.8), (-33.9, 151.2), (0.0, 179.999)] {
            let centre = GeoPoint::new(lat, lon).unwrap();
            let address = Address::new(centre, 50.0);
            for (north, east) in [(0.0, 0.0), (0.0004, 0.0005), (-0.01, 0.0), (0.03, -0.02)] {
                let point = GeoPoint::new(lat + north, lon + east);
                let Ok(point) = point else { continue };
                let exact = distance(centre, point).0 - 50.0;
                let error = (address.outside_m(point) - exact).abs();
                assert!(
                    error <= 0.001 * (exact + 50.0),
                    "{lat} {lon} {north} {east}: {error}"
                );
            }
        }
    }
}
