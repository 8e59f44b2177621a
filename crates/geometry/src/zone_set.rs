//! Many areas, and which of them are near.

use std::ops::ControlFlow;

use model::{GeoPoint, Metres};
use rstar::{AABB, RTree, RTreeObject};
use smallvec::SmallVec;

use crate::area::Area;
use crate::frame::{metres_per_degree_east, metres_per_degree_north, wrapped};
use crate::patch::Patch;

/// A margin is stretched by this much, so that no area within it is missed for the local frame's
/// error: 3 % at the edge of the largest zone at the furthest latitude allowed.
const MARGIN_SLACK: f64 = 1.04;

/// Added to every margin, in metres, so that rounding to degrees and back misses nothing.
const MARGIN_LEAST_M: f64 = 0.01;

/// Boxes are taken to reach this much further, in degrees, where a patch without any is looked for: 11 cm at most,
/// a thousand times what rounding to degrees and back is off by.
const BOX_ROUNDING: f64 = 1e-6;

/// How far a patch without areas reaches at most, in degrees of latitude: of a handful of areas, all of which are
/// looked at, 11 km; of many, some 300 m, which is further than most fixes of a minute are apart.
const FREE_AT_MOST: f64 = 0.1;
const FREE_AT_MOST_OF_MANY: f64 = 0.002_7;

/// So many areas are a handful.
const HANDFUL: usize = 16;

/// Degrees of longitude to one of latitude in such a patch: about as long in England and Wales.
const ASIDE: f64 = 1.6;

/// An immutable set of areas in an R-tree. Share it behind an `Arc`; a change builds a new one.
#[derive(Debug, Clone)]
pub struct ZoneSet {
    areas: Vec<Area>,
    tree: RTree<Entry>,
}

impl ZoneSet {
    /// A set of `areas`, which keep their order and are known by their index in it.
    #[must_use]
    pub fn new(areas: Vec<Area>) -> Self {
        let entries = areas.iter().enumerate().flat_map(entries_of).collect();
        Self {
            tree: RTree::bulk_load(entries),
            areas,
        }
    }

    /// How many areas there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.areas.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.areas.is_empty()
    }

    /// The areas, in the order they were given.
    #[must_use]
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// The area with an index.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&Area> {
        self.areas.get(index)
    }

    /// The indices of the areas whose box lies within `margin` of `point`, ascending: every area
    /// whose signed distance is −`margin` or more, and some others. Up to eight take no allocation.
    #[must_use]
    pub fn near(&self, point: GeoPoint, margin: Metres) -> Nearby {
        let corner = [point.lon.degrees(), point.lat.degrees()];
        self.within(corner, corner, margin)
    }

    /// The indices of the areas whose box lies within `margin` of the box around a segment,
    /// ascending: every area that some point of the segment is within `margin` of, and some others.
    #[must_use]
    pub fn near_segment(&self, from: GeoPoint, to: GeoPoint, margin: Metres) -> Nearby {
        let start = from.lon.degrees();
        let end = start + wrapped(to.lon.degrees() - start);
        let (south, north) = ordered(from.lat.degrees(), to.lat.degrees());
        let (west, east) = ordered(start, end);
        self.within([west, south], [east, north], margin)
    }

    /// A patch around `point` without any area in it; nothing where the point is in the box of one.
    #[must_use]
    pub fn free_around(&self, point: GeoPoint) -> Option<Patch> {
        let up = if self.len() <= HANDFUL {
            FREE_AT_MOST
        } else {
            FREE_AT_MOST_OF_MANY
        };
        let (lat, lon, aside) = (point.lat.degrees(), point.lon.degrees(), up * ASIDE);
        let around = AABB::from_corners([lon - aside, lat - up], [lon + aside, lat + up]);
        let mut free = 1.0_f64;
        let visit = |entry: &Entry| {
            let [west, south] = entry.envelope.lower();
            let [east, north] = entry.envelope.upper();
            let gap_up = (south - lat).max(lat - north) - BOX_ROUNDING;
            let gap_aside = (west - lon).max(lon - east) - BOX_ROUNDING;
            free = free.min((gap_up / up).max(gap_aside / aside));
            if free > 0.0 {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        };
        let seen = self.tree.locate_in_envelope_intersecting_int(around, visit);
        seen.is_continue()
            .then(|| Patch::around(point, up * free, aside * free))
    }

    fn within(&self, low: [f64; 2], high: [f64; 2], margin: Metres) -> Nearby {
        let ([west, south], [east, north]) = grown(low, high, margin);
        let mut found = Nearby::default();
        self.collect([west, south], [east, north], &mut found);
        // What reaches over the 180th meridian is looked for on its other side too.
        if east > 180.0 {
            self.collect([west - 360.0, south], [east - 360.0, north], &mut found);
        }
        if west < -180.0 {
            self.collect([west + 360.0, south], [east + 360.0, north], &mut found);
        }
        found.sorted()
    }

    fn collect(&self, low: [f64; 2], high: [f64; 2], found: &mut Nearby) {
        let envelope = AABB::from_corners(low, high);
        let visit = |entry: &Entry| {
            found.indices.push(entry.index);
            ControlFlow::<()>::Continue(())
        };
        // The visitor never breaks off, so there is nothing to be told.
        let _all_seen = self
            .tree
            .locate_in_envelope_intersecting_int(envelope, visit);
    }
}

/// Indices of areas, ascending.
#[derive(Debug, Clone, Default)]
pub struct Nearby {
    indices: SmallVec<[usize; INLINE]>,
    next: usize,
}

/// A wearer's own zones are a handful, and of a shared set few are near any one point.
const INLINE: usize = 8;

impl Nearby {
    fn sorted(mut self) -> Self {
        self.indices.sort_unstable();
        self.indices.dedup();
        self
    }
}

impl Iterator for Nearby {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let index = self.indices.get(self.next).copied()?;
        self.next += 1;
        Some(index)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.indices.len() - self.next;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Nearby {}

/// One area's box in degrees.
#[derive(Debug, Clone)]
struct Entry {
    envelope: AABB<[f64; 2]>,
    index: usize,
}

impl RTreeObject for Entry {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.envelope
    }
}

/// An area's entries: one, and another on the far side for a circle over the 180th meridian.
fn entries_of((index, area): (usize, &Area)) -> impl Iterator<Item = Entry> {
    let (low, high) = area.bounds();
    let [west, south] = low;
    let [east, north] = high;
    let turn = if east > 180.0 {
        Some(-360.0)
    } else if west < -180.0 {
        Some(360.0)
    } else {
        None
    };
    std::iter::once(0.0).chain(turn).map(move |turn| Entry {
        envelope: AABB::from_corners([west + turn, south], [east + turn, north]),
        index,
    })
}

/// A box in degrees grown by a margin in metres on every side.
fn grown(low: [f64; 2], high: [f64; 2], margin: Metres) -> ([f64; 2], [f64; 2]) {
    let margin = margin.0.max(0.0) * MARGIN_SLACK + MARGIN_LEAST_M;
    let ([west, south], [east, north]) = (low, high);
    // A degree of latitude is shortest at the equator, one of longitude at the poleward end.
    let up = (margin / metres_per_degree_north(0.0)).min(180.0);
    let poleward = (south.abs().max(north.abs()) + up).min(90.0);
    let sideways = (margin / metres_per_degree_east(poleward).max(f64::MIN_POSITIVE)).min(360.0);
    ([west - sideways, south - up], [east + sideways, north + up])
}

fn ordered(one: f64, other: f64) -> (f64, f64) {
    (one.min(other), one.max(other))
}
