//! A zone compiled for measuring.

use std::fmt;
use std::sync::Arc;

use model::registry::{Zone, ZoneShape};
use model::{GeoPoint, Metres, ZoneId};

use crate::check;
use crate::error::{FeatureName, ZoneError, ZoneFault};
use crate::shape::{self, Boundary, Circle};

/// A zone compiled for measuring. Cheap to clone: clones share one shape.
#[derive(Clone)]
pub struct Area {
    inner: Arc<Inner>,
}

struct Inner {
    zone: Arc<Zone>,
    shape: Shape,
    inner_radius: f64,
}

enum Shape {
    Circle(Circle),
    Polygons(Boundary),
}

impl Area {
    /// Compiles a zone.
    ///
    /// A ring may touch itself or another ring at points, within 2 cm: what is inside is then still
    /// plain (even-odd), as it is of a figure of eight with a vertex at its waist. It may not cross
    /// or run along itself or another, and neither may two polygons of one zone, not even to share
    /// an edge.
    ///
    /// # Errors
    /// When the zone cannot be watched: see [`ZoneFault`]. The first fault found is named.
    pub fn new(zone: &Zone) -> Result<Self, ZoneError> {
        Self::of(Arc::new(zone.clone()))
    }

    /// Compiles a zone that others hold, too: its points are kept once.
    ///
    /// # Errors
    /// As [`Area::new`].
    pub fn of(zone: Arc<Zone>) -> Result<Self, ZoneError> {
        let name = FeatureName::from(&zone.id);
        let inner = compile(zone).map_err(|fault| ZoneError {
            feature: name,
            fault,
        })?;
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Compiles a zone that has been compiled before, with the inner radius it had: it is not checked, and nothing is
    /// measured. Of a zone that would not have passed, distances mean nothing.
    #[must_use]
    pub fn again(zone: Arc<Zone>, inner_radius: Metres) -> Self {
        let shape = match &zone.shape {
            ZoneShape::Circle { centre, radius_m } => {
                Shape::Circle(Circle::new(*centre, radius_m.0))
            }
            ZoneShape::Polygons(polygons) => Shape::Polygons(Boundary::of(polygons)),
        };
        Self {
            inner: Arc::new(Inner {
                zone,
                shape,
                inner_radius: inner_radius.0,
            }),
        }
    }

    /// The zone's id.
    #[must_use]
    pub fn id(&self) -> &ZoneId {
        &self.inner.zone.id
    }

    /// The zone as it was given.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.inner.zone
    }

    /// How far `point` is from the zone's edge: positive inside, negative outside, 0 on the edge.
    #[must_use]
    pub fn signed_distance(&self, point: GeoPoint) -> Metres {
        Metres(match &self.inner.shape {
            Shape::Circle(circle) => circle.signed_distance(point),
            Shape::Polygons(boundary) => boundary.measure(boundary.frame().local(point)).signed,
        })
    }

    /// The greatest signed distance along the straight segment between two points: negative if it
    /// never enters, and then exact. Inside a polygon it may fall short by
    /// [`DEEPEST_TOLERANCE_M`](crate::DEEPEST_TOLERANCE_M) or 1 %, whichever is more; it is never
    /// too great.
    #[must_use]
    pub fn deepest_along(&self, from: GeoPoint, to: GeoPoint) -> Metres {
        Metres(match &self.inner.shape {
            Shape::Circle(circle) => circle.deepest_along(from, to),
            Shape::Polygons(boundary) => {
                let (from, to) = boundary.frame().segment(from, to);
                shape::deepest_along(boundary, from, to)
            }
        })
    }

    /// The radius of the largest circle that fits into the zone: never too large, and at most 1 % or
    /// 0.1 m too small, but for corridors hundreds of times as long as they are wide, where the
    /// search stops at a bound and may leave out a slightly wider bend.
    #[must_use]
    pub fn inner_radius(&self) -> Metres {
        Metres(self.inner.inner_radius)
    }

    /// The zone's box in degrees: (longitude, latitude) of its south-west and north-east corners.
    /// Longitudes lie beyond ±180 where the zone does.
    pub(crate) fn bounds(&self) -> ([f64; 2], [f64; 2]) {
        match &self.inner.shape {
            Shape::Circle(circle) => circle.bounds(),
            Shape::Polygons(boundary) => {
                let (south, west) = boundary.frame().degrees(boundary.extent().low);
                let (north, east) = boundary.frame().degrees(boundary.extent().high);
                ([west, south], [east, north])
            }
        }
    }
}

impl fmt::Debug for Area {
    /// The zone and its size, without its thousands of edges.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Area")
            .field("id", self.id())
            .field("inner_radius_m", &self.inner.inner_radius)
            .finish_non_exhaustive()
    }
}

fn compile(zone: Arc<Zone>) -> Result<Inner, ZoneFault> {
    let (shape, inner_radius) = match &zone.shape {
        ZoneShape::Circle { centre, radius_m } => {
            check::circle(*centre, *radius_m)?;
            (Shape::Circle(Circle::new(*centre, radius_m.0)), radius_m.0)
        }
        ZoneShape::Polygons(polygons) => {
            let boundary = check::polygons(polygons)?;
            let inner_radius = shape::inner_radius(&boundary);
            (Shape::Polygons(boundary), inner_radius)
        }
    };
    check::wide_enough(inner_radius, matches!(shape, Shape::Circle(_)))?;
    Ok(Inner {
        zone,
        shape,
        inner_radius,
    })
}
