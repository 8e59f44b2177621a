//! Edges that cross, and edges that run along each other.

use std::collections::BTreeSet;

use super::rings::Rings;
use crate::error::ZoneFault;
use crate::frame::Local;
use crate::shape::{Boundary, Edge, RingId};

/// What is nearer than this touches and does not yet cross, in metres. Coordinates written with
/// seven decimals are a centimetre apart, so a vertex meant to lie on an edge is off by as much.
pub(crate) const TOUCH_M: f64 = 0.02;

/// Edges may run along each other for less than this, in metres: a needle too short to matter to
/// any distance.
const ALONG_M: f64 = 1.0;

/// The most pairs of edges compared: fifty for each edge of the largest zone. A smooth ring takes one
/// an edge and a saw of teeth 40 m long and 5 m apart seven; a fan of needles can take the square of
/// its edges, and is refused after about a second.
const PAIRS_MAX: usize = 5_000_000;

/// Refuses edges that cross or run along each other, and tells which rings touch another one.
pub(crate) fn none(boundary: &Boundary, rings: &Rings<'_>) -> Result<BTreeSet<RingId>, ZoneFault> {
    let mut touching = BTreeSet::new();
    let mut pairs = 0_usize;
    for (number, edge) in boundary.tree().edges() {
        let mut met = None;
        let around = edge.extent().grown(TOUCH_M);
        boundary.tree().visit(&around, &mut |other_number, other| {
            if other_number > number {
                pairs += 1;
                match meeting(&edge, other, neighbours(&edge, other)) {
                    Meeting::None => {}
                    Meeting::Touch if edge.ring == other.ring => {}
                    Meeting::Touch => touching.extend([edge.ring, other.ring]),
                    Meeting::At(point) => met = Some((*other, point)),
                }
            }
            met.is_none() && pairs <= PAIRS_MAX
        });
        if let Some((other, point)) = met {
            return Err(name(boundary, rings, (edge.ring, other.ring), point));
        }
        if pairs > PAIRS_MAX {
            return Err(ZoneFault::TooTangled);
        }
    }
    Ok(touching)
}

/// How two edges meet.
enum Meeting {
    None,
    Touch,
    At(Local),
}

/// Whether the edges follow one another in a ring.
fn neighbours(one: &Edge, other: &Edge) -> bool {
    one.ring == other.ring && (one.b == other.a || other.b == one.a)
}

fn meeting(one: &Edge, other: &Edge, neighbours: bool) -> Meeting {
    if let Some(point) = running_along(one, other) {
        return Meeting::At(point);
    }
    if neighbours {
        return Meeting::Touch;
    }
    if one.crosses(other) && clear_of(one, other) && clear_of(other, one) {
        return Meeting::At(crossing_point(one, other));
    }
    if one.gap_2(other) <= TOUCH_M * TOUCH_M {
        return Meeting::Touch;
    }
    Meeting::None
}

/// Whether both ends of `other` are further than a touch from the line through `one`.
fn clear_of(one: &Edge, other: &Edge) -> bool {
    let touch = TOUCH_M * one.length();
    one.side(other.a).abs() > touch && one.side(other.b).abs() > touch
}

/// Where two crossing edges cross.
fn crossing_point(one: &Edge, other: &Edge) -> Local {
    let (a, b) = (other.side(one.a), other.side(one.b));
    one.a.towards(one.b, a / (a - b))
}

/// The middle of the stretch along which two edges lie on each other, if it is long enough.
fn running_along(one: &Edge, other: &Edge) -> Option<Local> {
    let (long, short) = if one.length() < other.length() {
        (other, one)
    } else {
        (one, other)
    };
    let length = long.length();
    let share = |point: Local| {
        let along = (point.x - long.a.x) * (long.b.x - long.a.x)
            + (point.y - long.a.y) * (long.b.y - long.a.y);
        (along / (length * length)).clamp(0.0, 1.0)
    };
    let (start, end) = (share(short.a), share(short.b));
    if (end - start).abs() * length < ALONG_M {
        return None;
    }
    let touch_2 = TOUCH_M * TOUCH_M;
    let (start, end) = (long.a.towards(long.b, start), long.a.towards(long.b, end));
    let both = short.distance_2(start) <= touch_2 && short.distance_2(end) <= touch_2;
    both.then(|| start.towards(end, 0.5))
}

fn name(
    boundary: &Boundary,
    rings: &Rings<'_>,
    (one, other): (RingId, RingId),
    at: Local,
) -> ZoneFault {
    let (lat, lon) = boundary.frame().degrees(at);
    let (place, second) = (rings.place(one), rings.place(other));
    if one == other {
        ZoneFault::SelfCrossing { place, lat, lon }
    } else if place.polygon != second.polygon {
        ZoneFault::PolygonsOverlap {
            one: place.polygon,
            other: second.polygon,
            lat,
            lon,
        }
    } else if place.ring == 0 {
        ZoneFault::HoleCrossesOutline {
            place: second,
            lat,
            lon,
        }
    } else {
        ZoneFault::HolesOverlap {
            place,
            other: second,
            lat,
            lon,
        }
    }
}
