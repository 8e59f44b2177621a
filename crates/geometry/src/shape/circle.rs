//! A circular zone, measured on the ellipsoid.

use model::GeoPoint;

use crate::frame::{metres_per_degree_east, metres_per_degree_north, wrapped};
use crate::ground::between_degrees;

/// All within a radius of a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Circle {
    lat: f64,
    lon: f64,
    radius: f64,
}

impl Circle {
    /// The circle of `radius` metres around `centre`.
    pub(crate) fn new(centre: GeoPoint, radius: f64) -> Self {
        Self {
            lat: centre.lat.degrees(),
            lon: centre.lon.degrees(),
            radius,
        }
    }

    /// The circle's box in degrees: (longitude, latitude) of its south-west and north-east corners,
    /// a little larger than need be.
    pub(crate) fn bounds(&self) -> ([f64; 2], [f64; 2]) {
        let radius = self.radius * BOX_SLACK;
        let north = radius / metres_per_degree_north(self.lat);
        // The circle is widest, in degrees, on its poleward side.
        let poleward = (self.lat.abs() + north).min(89.0);
        let east = radius / metres_per_degree_east(poleward);
        (
            [self.lon - east, self.lat - north],
            [self.lon + east, self.lat + north],
        )
    }

    pub(crate) fn signed_distance(&self, point: GeoPoint) -> f64 {
        self.depth(point.lat.degrees(), point.lon.degrees())
    }

    /// The greatest depth along a segment: that of its point nearest to the centre.
    pub(crate) fn deepest_along(&self, from: GeoPoint, to: GeoPoint) -> f64 {
        let start = (from.lat.degrees(), from.lon.degrees());
        let step = (
            to.lat.degrees() - start.0,
            wrapped(to.lon.degrees() - start.1),
        );
        // A degree of longitude is measured halfway between the centre and the nearest point, which
        // is not known before it is found: the second round starts from the first one's.
        let rough = self.nearest_fraction(start, step, self.lat);
        let lat = f64::midpoint(self.lat, start.0 + step.0 * rough);
        let rough = self.nearest_fraction(start, step, lat);
        let nearest = self.refined(start, step, rough);
        [0.0, nearest, 1.0]
            .into_iter()
            .map(|t| self.depth(start.0 + step.0 * t, start.1 + step.1 * t))
            .fold(f64::NEG_INFINITY, f64::max)
    }

    fn depth(&self, lat: f64, lon: f64) -> f64 {
        self.radius - between_degrees((self.lat, self.lon), (lat, lon))
    }

    /// The fraction at which the squared distance, a parabola to a part in a million, is least.
    fn refined(&self, start: (f64, f64), step: (f64, f64), rough: f64) -> f64 {
        let at = |t: f64| (start.0 + step.0 * t, start.1 + step.1 * t);
        let distance = |t: f64| between_degrees((self.lat, self.lon), at(t));
        let length = between_degrees(at(0.0), at(1.0));
        if length <= 0.0 {
            return rough;
        }
        let aside = PARABOLA_M / length;
        let [before, here, after] =
            [rough - aside, rough, rough + aside].map(|t| distance(t) * distance(t));
        let bend = before - 2.0 * here + after;
        if bend > 0.0 {
            (rough + aside / 2.0 * (before - after) / bend).clamp(0.0, 1.0)
        } else {
            rough
        }
    }

    /// How far along the segment its point nearest to the centre is, 0 to 1, with degrees as long
    /// as they are at `lat`.
    fn nearest_fraction(&self, start: (f64, f64), step: (f64, f64), lat: f64) -> f64 {
        let (north, east) = (metres_per_degree_north(lat), metres_per_degree_east(lat));
        let (step_y, step_x) = (step.0 * north, step.1 * east);
        let length_2 = step_x * step_x + step_y * step_y;
        if length_2 <= 0.0 {
            return 0.0;
        }
        let back_y = (self.lat - start.0) * north;
        let back_x = wrapped(self.lon - start.1) * east;
        ((back_x * step_x + back_y * step_y) / length_2).clamp(0.0, 1.0)
    }
}

/// Covers the change of a degree's length over the circle.
const BOX_SLACK: f64 = 1.01;

/// How far to either side of the nearest point the squared distance is taken to settle where it is
/// least, in metres: short enough for it to be a parabola, long enough for rounding not to matter.
const PARABOLA_M: f64 = 1_000.0;
