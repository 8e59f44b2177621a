//! The rings of a zone, each one closed and long enough.

use model::GeoPoint;
use model::registry::RingPolygon;

use super::MAX_VERTICES;
use crate::error::{RingPlace, ZoneFault};
use crate::shape::{Boundary, RingId};

/// A ring that encloses less than this many square metres encloses nothing: all its positions are
/// on one line.
const MIN_RING_AREA_M2: f64 = 1.0;

/// All rings of a zone, in the order in which [`RingId`] counts them.
pub(crate) struct Rings<'a> {
    rings: Vec<(RingPlace, &'a [GeoPoint])>,
}

impl<'a> Rings<'a> {
    /// Takes the rings of `polygons`.
    pub(crate) fn new(polygons: &'a [RingPolygon]) -> Result<Self, ZoneFault> {
        let rings: Vec<(RingPlace, &[GeoPoint])> = polygons
            .iter()
            .enumerate()
            .flat_map(|(polygon, parts)| places(polygon, parts))
            .collect();
        let outlines = polygons.iter().map(|parts| &parts.outline);
        if rings.is_empty() || outlines.into_iter().any(Vec::is_empty) {
            return Err(ZoneFault::Empty);
        }
        let vertices = rings.iter().map(|(_, points)| points.len()).sum();
        if vertices > MAX_VERTICES {
            return Err(ZoneFault::TooManyVertices(vertices));
        }
        for (place, points) in &rings {
            closed(*place, points)?;
        }
        Ok(Self { rings })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'a [GeoPoint]> + Clone {
        self.rings.iter().map(|(_, points)| *points)
    }

    pub(crate) fn points(&self) -> impl Iterator<Item = GeoPoint> {
        self.iter().flatten().copied()
    }

    pub(crate) fn len(&self) -> usize {
        self.rings.len()
    }

    /// Where a ring is in the zone.
    pub(crate) fn place(&self, ring: RingId) -> RingPlace {
        let index = usize::try_from(ring.0).unwrap_or(usize::MAX);
        self.rings.get(index).map_or(
            RingPlace {
                polygon: 0,
                ring: 0,
            },
            |(place, _)| *place,
        )
    }

    pub(crate) fn on_one_side_of_the_date_line(&self) -> Result<(), ZoneFault> {
        let longitudes = || self.points().map(|point| point.lon.degrees());
        let west = longitudes().fold(f64::INFINITY, f64::min);
        let east = longitudes().fold(f64::NEG_INFINITY, f64::max);
        if east - west > 180.0 {
            return Err(ZoneFault::CrossesDateLine);
        }
        Ok(())
    }

    /// Refuses rings whose positions all lie on one line, or are all the same.
    pub(crate) fn enclose_something(&self, boundary: &Boundary) -> Result<(), ZoneFault> {
        let mut doubled = vec![0.0; self.rings.len()];
        for (_, edge) in boundary.tree().edges() {
            let index = usize::try_from(edge.ring.0).unwrap_or(usize::MAX);
            if let Some(sum) = doubled.get_mut(index) {
                *sum += edge.a.x * edge.b.y - edge.b.x * edge.a.y;
            }
        }
        for ((place, points), sum) in self.rings.iter().zip(doubled) {
            // A figure of eight sums to nothing though it encloses something: its crossing is the
            // better thing to name.
            if f64::abs(sum) / 2.0 < MIN_RING_AREA_M2 && in_line(boundary, points) {
                return Err(ZoneFault::ZeroArea { place: *place });
            }
        }
        Ok(())
    }
}

/// Whether no point is off the line from the first point to the one furthest from it.
fn in_line(boundary: &Boundary, points: &[GeoPoint]) -> bool {
    let Some(first) = points.first().map(|point| boundary.frame().local(*point)) else {
        return true;
    };
    let locals = || points.iter().map(|point| boundary.frame().local(*point));
    let furthest = locals().fold(first, |held, point| {
        if first.distance_2(point) > first.distance_2(held) {
            point
        } else {
            held
        }
    });
    let line = crate::shape::Edge {
        a: first,
        b: furthest,
        ring: RingId(0),
    };
    locals().all(|point| line.side(point).abs() < MIN_RING_AREA_M2)
}

fn places(polygon: usize, parts: &RingPolygon) -> impl Iterator<Item = (RingPlace, &[GeoPoint])> {
    let rings = parts.rings().enumerate();
    rings.map(move |(ring, points)| (RingPlace { polygon, ring }, points.as_slice()))
}

fn closed(place: RingPlace, points: &[GeoPoint]) -> Result<(), ZoneFault> {
    if points.len() < 4 {
        return Err(ZoneFault::TooFewPositions {
            place,
            count: points.len(),
        });
    }
    if points.first() != points.last() {
        return Err(ZoneFault::NotClosed { place });
    }
    Ok(())
}
