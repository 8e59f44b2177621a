//! Points on the town's plane, and where they lie on the globe.

use core::f64::consts::PI;

/// Latitude of the town's centre in degrees; the town is invented, the place is a field.
pub(crate) const TOWN_LAT: f64 = 52.8;

/// Longitude of the town's centre in degrees.
pub(crate) const TOWN_LON: f64 = -2.1;

/// A point in metres east (x) and north (y) of the town's centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spot {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

impl Spot {
    pub(crate) const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// Metres to `other`.
    pub(crate) fn distance(self, other: Self) -> f64 {
        libm::hypot(other.x - self.x, other.y - self.y)
    }

    /// The point `metres` away in the direction of `angle`, in radians anticlockwise from east.
    pub(crate) fn polar(self, angle: f64, metres: f64) -> Self {
        Self::new(
            self.x + metres * libm::cos(angle),
            self.y + metres * libm::sin(angle),
        )
    }

    /// The direction to `other`, in radians anticlockwise from east.
    pub(crate) fn angle_to(self, other: Self) -> f64 {
        libm::atan2(other.y - self.y, other.x - self.x)
    }

    /// The point that lies `share` (0 to 1) of the way to `other`.
    pub(crate) fn towards(self, other: Self, share: f64) -> Self {
        Self::new(
            self.x + (other.x - self.x) * share,
            self.y + (other.y - self.y) * share,
        )
    }

    /// Latitude and longitude in degrees, WGS84.
    pub(crate) fn degrees(self) -> (f64, f64) {
        let (metres_lat, metres_lon) = metres_per_degree();
        (
            TOWN_LAT + self.y / metres_lat,
            TOWN_LON + self.x / metres_lon,
        )
    }

    /// The point at these degrees.
    pub(crate) fn at_degrees(lat: f64, lon: f64) -> Self {
        let (metres_lat, metres_lon) = metres_per_degree();
        Self::new((lon - TOWN_LON) * metres_lon, (lat - TOWN_LAT) * metres_lat)
    }
}

/// Metres that one degree of latitude and of longitude measure at the town's centre: the radii of
/// curvature of the WGS84 ellipsoid (a = 6,378,137 m, e² = 0.00669438). Over the three kilometres to
/// the edge of the town they change by less than 0.1 %.
fn metres_per_degree() -> (f64, f64) {
    const A_M: f64 = 6_378_137.0;
    const E2: f64 = 0.006_694_379_990_14;
    let (sin, cos) = (
        libm::sin(TOWN_LAT * PI / 180.0),
        libm::cos(TOWN_LAT * PI / 180.0),
    );
    let w2 = 1.0 - E2 * sin * sin;
    let prime_vertical = A_M / w2.sqrt();
    let meridian = prime_vertical * (1.0 - E2) / w2;
    (meridian * PI / 180.0, prime_vertical * cos * PI / 180.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_and_metres_agree_both_ways() {
        let spot = Spot::new(1234.5, -987.6);
        let (lat, lon) = spot.degrees();
        assert!(Spot::at_degrees(lat, lon).distance(spot) < 1e-6);
    }

    #[test]
    fn a_degree_measures_what_the_tables_say() {
        // 52.8° N: 111.27 km and 67.45 km (any geodetic table).
        let (lat, lon) = metres_per_degree();
        assert!((lat - 111_272.0).abs() < 15.0, "{lat}");
        assert!((lon - 67_450.0).abs() < 30.0, "{lon}");
    }
}
