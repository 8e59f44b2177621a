//! The flat frame a zone is measured in.

use model::GeoPoint;

use crate::ground::{ECCENTRICITY_2, EQUATORIAL_RADIUS_M};

/// A point in a zone's frame, in metres.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Local {
    /// East of the zone's centre.
    pub(crate) x: f64,
    /// North of the zone's centre.
    pub(crate) y: f64,
}

impl Local {
    /// The point a fraction `t` of the way to `other`.
    pub(crate) fn towards(self, other: Self, t: f64) -> Self {
        Self {
            x: self.x + (other.x - self.x) * t,
            y: self.y + (other.y - self.y) * t,
        }
    }

    /// The squared distance to `other`, in square metres.
    pub(crate) fn distance_2(self, other: Self) -> f64 {
        let (dx, dy) = (other.x - self.x, other.y - self.y);
        dx * dx + dy * dy
    }
}

/// An equirectangular frame at a centre, scaled with the WGS84 radii of curvature there.
///
/// It maps longitude and latitude affinely, so straight edges stay straight and a point's side of
/// an edge is never changed by it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Frame {
    lat: f64,
    lon: f64,
    metres_per_lat: f64,
    metres_per_lon: f64,
}

impl Frame {
    /// The frame at a centre given in degrees.
    pub(crate) fn at(lat: f64, lon: f64) -> Self {
        Self {
            lat,
            lon,
            metres_per_lat: metres_per_degree_north(lat),
            metres_per_lon: metres_per_degree_east(lat),
        }
    }

    /// The point in this frame; of the two ways round the globe, the shorter.
    pub(crate) fn local(&self, point: GeoPoint) -> Local {
        self.local_degrees(
            point.lat.degrees(),
            self.lon + wrapped(point.lon.degrees() - self.lon),
        )
    }

    /// The ends of a segment in this frame: the segment takes the shorter way round the globe even
    /// where that leads away from the frame's centre.
    pub(crate) fn segment(&self, from: GeoPoint, to: GeoPoint) -> (Local, Local) {
        let start = self.local(from);
        let end = Local {
            x: start.x + wrapped(to.lon.degrees() - from.lon.degrees()) * self.metres_per_lon,
            y: (to.lat.degrees() - self.lat) * self.metres_per_lat,
        };
        // Taken from the frame itself when it can be, so that an end measures as the point does.
        let direct = self.local(to);
        if (direct.x - end.x).abs() < 1.0 {
            (start, direct)
        } else {
            (start, end)
        }
    }

    /// Latitude and longitude of a point of this frame, in degrees.
    pub(crate) fn degrees(&self, local: Local) -> (f64, f64) {
        (
            self.lat + local.y / self.metres_per_lat,
            self.lon + local.x / self.metres_per_lon,
        )
    }

    fn local_degrees(&self, lat: f64, lon: f64) -> Local {
        Local {
            x: (lon - self.lon) * self.metres_per_lon,
            y: (lat - self.lat) * self.metres_per_lat,
        }
    }
}

/// A difference of longitudes brought to −180 … 180 degrees.
pub(crate) fn wrapped(degrees: f64) -> f64 {
    if degrees > 180.0 {
        degrees - 360.0
    } else if degrees < -180.0 {
        degrees + 360.0
    } else {
        degrees
    }
}

/// The length of a degree of the meridian at a latitude.
pub(crate) fn metres_per_degree_north(lat: f64) -> f64 {
    let sine = libm::sin(lat.to_radians());
    let w = 1.0 - ECCENTRICITY_2 * sine * sine;
    (EQUATORIAL_RADIUS_M * (1.0 - ECCENTRICITY_2) / (w * w.sqrt())).to_radians()
}

/// The length of a degree of the parallel at a latitude.
pub(crate) fn metres_per_degree_east(lat: f64) -> f64 {
    let (sine, cosine) = libm::sincos(lat.to_radians());
    let w = 1.0 - ECCENTRICITY_2 * sine * sine;
    (EQUATORIAL_RADIUS_M / w.sqrt() * cosine.max(0.0)).to_radians()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_have_their_published_lengths() {
        // Lengths of a degree on the WGS84 ellipsoid, to a metre, at 0, 45 and 60 degrees.
        for (lat, north, east) in [
            (0.0, 110_574.3, 111_319.5),
            (45.0, 111_131.7, 78_846.8),
            (60.0, 111_412.3, 55_800.2),
        ] {
            assert!((metres_per_degree_north(lat) - north).abs() < 1.0, "{lat}");
            assert!((metres_per_degree_east(lat) - east).abs() < 1.0, "{lat}");
        }
    }

    #[test]
    fn a_point_goes_in_and_comes_out_the_same() {
        let frame = Frame::at(52.8, -2.1);
        let point = GeoPoint::new(52.81, -2.12).unwrap();
        let (lat, lon) = frame.degrees(frame.local(point));
        assert!((lat - 52.81).abs() < 1e-12 && (lon + 2.12).abs() < 1e-12);
    }

    #[test]
    fn a_segment_over_the_date_line_does_not_sweep_across_the_frame() {
        let frame = Frame::at(0.0, 0.0);
        let from = GeoPoint::new(0.0, -179.0).unwrap();
        let to = GeoPoint::new(0.0, 179.0).unwrap();
        let (start, end) = frame.segment(from, to);
        assert!(start.x < 0.0 && end.x < start.x, "{start:?} {end:?}");
    }
}
