//! Holes lie inside their outlines, and neither holes nor polygons lie in each other.
//!
//! No ring crosses another by the time this looks, so a ring that touches no other lies wholly on
//! one side of each, and one point of it tells which. A ring that touches another may slip through
//! at the touch and is looked at all along.

use std::collections::{BTreeMap, BTreeSet};

use super::crossing::TOUCH_M;
use super::rings::Rings;
use crate::error::{RingPlace, ZoneFault};
use crate::frame::Local;
use crate::shape::{Boundary, Edge, Extent, Nearness, RingId, ray_east};

/// Refuses rings that lie where they must not.
pub(crate) fn sound(
    boundary: &Boundary,
    rings: &Rings<'_>,
    touching: &BTreeSet<RingId>,
) -> Result<(), ZoneFault> {
    if rings.len() == 1 {
        return Ok(());
    }
    let edges: Vec<Edge> = boundary.tree().edges().map(|(_, edge)| edge).collect();
    for ring in runs(&edges) {
        let Some(own) = ring.first().map(|edge| edge.ring) else {
            continue;
        };
        let candidates = ring.iter().flat_map(|edge| [edge.a, edge.middle()]);
        if touching.contains(&own) {
            candidates
                .filter(|point| apart(boundary, own, *point))
                .try_for_each(|point| point_sound(boundary, rings, own, point))?;
        } else if let Some(edge) = ring.first() {
            point_sound(boundary, rings, own, edge.a)?;
        }
    }
    Ok(())
}

/// The edges of each ring.
fn runs(edges: &[Edge]) -> impl Iterator<Item = &[Edge]> {
    edges.chunk_by(|one, other| one.ring == other.ring)
}

/// Whether a point of the ring `own` is on no other ring.
fn apart(boundary: &Boundary, own: RingId, point: Local) -> bool {
    let query = FromOthers { own, point };
    boundary
        .tree()
        .nearest(&query)
        .is_none_or(|(_, distance_2)| distance_2 > TOUCH_M * TOUCH_M)
}

/// Near a point, leaving the ring it is on out of account.
struct FromOthers {
    own: RingId,
    point: Local,
}

impl Nearness for FromOthers {
    fn at_least(&self, extent: &Extent) -> f64 {
        extent.gap_2(&Extent {
            low: self.point,
            high: self.point,
        })
    }

    fn of(&self, edge: &Edge) -> f64 {
        if edge.ring == self.own {
            f64::INFINITY
        } else {
            edge.distance_2(self.point)
        }
    }
}

/// Refuses a point of the ring `own` that is inside a ring it must be outside of, or outside its
/// outline.
fn point_sound(
    boundary: &Boundary,
    rings: &Rings<'_>,
    own: RingId,
    point: Local,
) -> Result<(), ZoneFault> {
    let place = rings.place(own);
    let (lat, lon) = boundary.frame().degrees(point);
    let around = around(boundary, rings, own, point);
    for (polygon, enclosing) in &around {
        // Inside an outline and in one of its holes is outside; a ring more or less is not.
        let outline = enclosing.contains(&0);
        let hole = enclosing.iter().copied().find(|ring| *ring > 0);
        if *polygon != place.polygon && outline && hole.is_none() {
            return Err(ZoneFault::PolygonsOverlap {
                one: *polygon,
                other: place.polygon,
                lat,
                lon,
            });
        }
        if let (true, Some(ring)) = (*polygon == place.polygon && place.ring > 0, hole) {
            let other = RingPlace {
                polygon: *polygon,
                ring,
            };
            return Err(ZoneFault::HolesOverlap {
                place,
                other,
                lat,
                lon,
            });
        }
    }
    let in_outline = around
        .get(&place.polygon)
        .is_some_and(|enclosing| enclosing.contains(&0));
    if place.ring > 0 && !in_outline {
        return Err(ZoneFault::HoleOutside { place, lat, lon });
    }
    Ok(())
}

/// The rings around a point, other than `own`: of each polygon, which.
fn around(
    boundary: &Boundary,
    rings: &Rings<'_>,
    own: RingId,
    point: Local,
) -> BTreeMap<usize, BTreeSet<usize>> {
    let mut odd = BTreeSet::new();
    boundary.tree().visit(&ray_east(point), &mut |_, edge| {
        if edge.ring != own && edge.crosses_ray(point) && !odd.remove(&edge.ring) {
            odd.insert(edge.ring);
        }
        true
    });
    let mut around: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for ring in odd {
        let place = rings.place(ring);
        around.entry(place.polygon).or_default().insert(place.ring);
    }
    around
}
