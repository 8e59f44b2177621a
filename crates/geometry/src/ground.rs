//! The length of the ground between two points, and the ellipsoid it is measured on.

use model::{GeoPoint, Metres};

/// WGS84's equatorial radius in metres (NIMA TR8350.2, table 3.1).
pub(crate) const EQUATORIAL_RADIUS_M: f64 = 6_378_137.0;
/// WGS84's flattening (NIMA TR8350.2, table 3.1).
pub(crate) const FLATTENING: f64 = 1.0 / 298.257_223_563;
/// WGS84's first eccentricity, squared.
pub(crate) const ECCENTRICITY_2: f64 = FLATTENING * (2.0 - FLATTENING);

/// The ground between two points, along the WGS84 ellipsoid.
///
/// Lambert's formula for long lines: within 0.01 % up to 15,000 km, and within 60 km of the truth
/// between near-antipodal points, where it stays finite and between 0 and half the circumference.
#[must_use]
pub fn distance(a: GeoPoint, b: GeoPoint) -> Metres {
    Metres(between_degrees(
        (a.lat.degrees(), a.lon.degrees()),
        (b.lat.degrees(), b.lon.degrees()),
    ))
}

/// As [`distance`], of (latitude, longitude) in degrees; longitudes may lie beyond ±180.
pub(crate) fn between_degrees(a: (f64, f64), b: (f64, f64)) -> f64 {
    let reduced_a = reduced_latitude(a.0.to_radians());
    let reduced_b = reduced_latitude(b.0.to_radians());
    let mid = f64::midpoint(reduced_a, reduced_b);
    let half = (reduced_b - reduced_a) / 2.0;
    let sin2_half = squared(libm::sin(half));
    let sin2_mid = squared(libm::sin(mid));
    // cos βa · cos βb = cos² mid − sin² half.
    let cosines = (1.0 - sin2_mid - sin2_half).max(0.0);
    let haversine = sin2_half + cosines * squared(libm::sin((b.1 - a.1).to_radians() / 2.0));
    if haversine <= 0.0 {
        return 0.0;
    }
    let haversine = haversine.min(1.0);
    let angle = 2.0 * libm::asin(haversine.sqrt());
    EQUATORIAL_RADIUS_M * (angle - FLATTENING / 2.0 * bulge(angle, haversine, sin2_mid, sin2_half))
}

/// Lambert's correction for the flattening. Both quotients are at most 1 by the spherical
/// triangle's geometry; rounding can say otherwise where their divisors vanish, so they are held.
fn bulge(angle: f64, haversine: f64, sin2_mid: f64, sin2_half: f64) -> f64 {
    let sine = libm::sin(angle);
    let across = quotient(sin2_mid * (1.0 - sin2_half), 1.0 - haversine);
    let along = quotient((1.0 - sin2_mid) * sin2_half, haversine);
    (angle - sine) * across + (angle + sine) * along
}

fn quotient(numerator: f64, divisor: f64) -> f64 {
    if divisor > 0.0 {
        (numerator / divisor).clamp(0.0, 1.0)
    } else {
        1.0
    }
}

fn reduced_latitude(latitude: f64) -> f64 {
    libm::atan((1.0 - FLATTENING) * libm::tan(latitude))
}

fn squared(value: f64) -> f64 {
    value * value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metres(a: (f64, f64), b: (f64, f64)) -> f64 {
        distance(
            GeoPoint::new(a.0, a.1).unwrap(),
            GeoPoint::new(b.0, b.1).unwrap(),
        )
        .0
    }

    #[test]
    fn known_geodesics_are_met_within_a_ten_thousandth() {
        let table = [
            // One degree of the meridian at the equator, and of the equator itself.
            ((0.0, 0.0), (1.0, 0.0), 110_574.389),
            ((0.0, 0.0), (0.0, 1.0), 111_319.491),
            // Vincenty's paper's test line: Flinders Peak to Buninyong (on WGS84's near twin GRS80).
            (
                (-37.951_033_417, 144.424_867_889),
                (-37.652_821_139, 143.926_495_528),
                54_972.271,
            ),
            // A quarter of the meridian.
            ((0.0, 0.0), (90.0, 0.0), 10_001_965.729),
        ];
        for (a, b, expected) in table {
            let measured = metres(a, b);
            assert!(
                (measured - expected).abs() < expected * 1e-4,
                "{a:?} {b:?}: {measured} is not {expected}"
            );
        }
    }

    #[test]
    fn a_point_is_no_distance_from_itself_and_the_antipode_is_half_the_world_away() {
        assert!(metres((52.8, -2.1), (52.8, -2.1)).abs() < 1e-9);
        for (a, b) in [
            ((52.8, -2.1), (-52.8, 177.9)),
            ((0.0, 0.0), (0.0, 180.0)),
            ((90.0, 0.0), (-90.0, 7.0)),
        ] {
            let measured = metres(a, b);
            assert!((measured - 20_003_931.0).abs() < 40_000.0, "{measured}");
        }
    }

    #[test]
    fn the_date_line_is_crossed_the_short_way() {
        let measured = metres((52.0, 179.999), (52.0, -179.999));
        assert!((measured - 137.3).abs() < 0.1, "{measured}");
    }

    #[test]
    fn a_metre_is_still_a_metre() {
        let measured = metres((52.8, -2.1), (52.8 + 1.0 / 111_282.4, -2.1));
        assert!((measured - 1.0).abs() < 1e-4, "{measured}");
    }
}
