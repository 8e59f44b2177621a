//! The boundary of a polygonal zone: all edges of all its rings, in one frame.

use model::GeoPoint;
use model::registry::RingPolygon;

use super::edge_tree::{EdgeTree, Nearness};
use super::{Corners, Edge, Extent};
use crate::frame::{Frame, Local};

/// The edges of every ring of every polygon of a zone.
///
/// The polygons of a zone that passed the checks overlap nowhere and their holes lie inside them,
/// so a point is inside exactly when a ray from it crosses the boundary an odd number of times.
#[derive(Debug, Clone)]
pub(crate) struct Boundary {
    frame: Frame,
    extent: Extent,
    tree: EdgeTree,
}

impl Boundary {
    /// The boundary made of `rings`, in the frame at the middle of their box. Points repeated one
    /// after another make no edge.
    pub(crate) fn new<'a>(rings: impl Iterator<Item = &'a [GeoPoint]> + Clone) -> Self {
        let frame = frame_of(rings.clone());
        let corners = rings.map(|points| {
            let before = std::iter::once(None).chain(points.iter().map(Some));
            let moved = points.iter().zip(before);
            let moved = moved.filter(|(point, before)| Some(*point) != *before);
            moved.map(|(point, _)| frame.local(*point))
        });
        let tree = EdgeTree::new(Corners::new(corners));
        let extent = tree.edges().fold(Extent::EMPTY, |extent, (_, edge)| {
            extent.merged(edge.extent())
        });
        Self {
            frame,
            extent,
            tree,
        }
    }

    /// The boundary of `polygons`: of all their rings, in order.
    pub(crate) fn of(polygons: &[RingPolygon]) -> Self {
        let rings = polygons.iter().flat_map(RingPolygon::rings);
        Self::new(rings.map(Vec::as_slice))
    }

    pub(crate) fn frame(&self) -> &Frame {
        &self.frame
    }

    pub(crate) fn extent(&self) -> &Extent {
        &self.extent
    }

    pub(crate) fn tree(&self) -> &EdgeTree {
        &self.tree
    }

    /// The signed distance of a point, positive inside, and the edge it was measured to.
    pub(crate) fn measure(&self, point: Local) -> Sounding {
        let Some((edge, distance_2)) = self.tree.nearest(&FromPoint(point)) else {
            return Sounding {
                signed: f64::NEG_INFINITY,
                edge: None,
            };
        };
        let distance = distance_2.sqrt();
        Sounding {
            signed: if self.holds(point) {
                distance
            } else {
                -distance
            },
            edge: Some(edge),
        }
    }

    /// The distance between a segment and the boundary, 0 where they meet.
    pub(crate) fn gap(&self, segment: Edge) -> f64 {
        let query = FromSegment {
            segment,
            extent: segment.extent(),
        };
        self.tree
            .nearest(&query)
            .map_or(f64::INFINITY, |(_, gap_2)| gap_2.sqrt())
    }

    fn holds(&self, point: Local) -> bool {
        let mut inside = false;
        self.tree.visit(&ray_east(point), &mut |_, edge| {
            inside ^= edge.crosses_ray(point);
            true
        });
        inside
    }
}

/// One measurement of a boundary.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sounding {
    /// Metres, positive inside.
    pub(crate) signed: f64,
    /// The nearest edge.
    pub(crate) edge: Option<Edge>,
}

/// Near a point.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FromPoint(pub(crate) Local);

impl Nearness for FromPoint {
    fn at_least(&self, extent: &Extent) -> f64 {
        extent.gap_2(&Extent {
            low: self.0,
            high: self.0,
        })
    }

    fn of(&self, edge: &Edge) -> f64 {
        edge.distance_2(self.0)
    }
}

/// Near a segment.
struct FromSegment {
    segment: Edge,
    extent: Extent,
}

impl Nearness for FromSegment {
    fn at_least(&self, extent: &Extent) -> f64 {
        extent.gap_2(&self.extent)
    }

    fn of(&self, edge: &Edge) -> f64 {
        edge.gap_2(&self.segment)
    }
}

/// The ray running east from a point, as a box without height.
pub(crate) fn ray_east(point: Local) -> Extent {
    Extent {
        low: point,
        high: Local {
            x: f64::INFINITY,
            y: point.y,
        },
    }
}

fn frame_of<'a>(rings: impl Iterator<Item = &'a [GeoPoint]>) -> Frame {
    let (mut low, mut high) = (
        (f64::INFINITY, f64::INFINITY),
        (f64::NEG_INFINITY, f64::NEG_INFINITY),
    );
    for point in rings.flatten() {
        let (lat, lon) = (point.lat.degrees(), point.lon.degrees());
        low = (low.0.min(lat), low.1.min(lon));
        high = (high.0.max(lat), high.1.max(lon));
    }
    if low.0 > high.0 {
        return Frame::at(0.0, 0.0);
    }
    Frame::at(f64::midpoint(low.0, high.0), f64::midpoint(low.1, high.1))
}
