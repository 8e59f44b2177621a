//! One straight piece of a zone's boundary.

use super::Extent;
use crate::frame::Local;

/// Which ring of the zone an edge belongs to, counted over all its polygons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RingId(pub(crate) u32);

/// An edge between two different points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Edge {
    pub(crate) a: Local,
    pub(crate) b: Local,
    pub(crate) ring: RingId,
}

impl Edge {
    pub(crate) fn extent(&self) -> Extent {
        Extent::around(self.a, self.b)
    }

    /// Whether the edge's box has a point in common with `extent`. North and south first: most that is asked for is a ray
    /// from west to east.
    pub(crate) fn meets(&self, extent: &Extent) -> bool {
        let (a, b) = (self.a, self.b);
        a.y.min(b.y) <= extent.high.y
            && extent.low.y <= a.y.max(b.y)
            && a.x.min(b.x) <= extent.high.x
            && extent.low.x <= a.x.max(b.x)
    }

    pub(crate) fn middle(&self) -> Local {
        self.a.towards(self.b, 0.5)
    }

    pub(crate) fn length(&self) -> f64 {
        self.a.distance_2(self.b).sqrt()
    }

    /// The squared distance from `point`, in square metres.
    pub(crate) fn distance_2(&self, point: Local) -> f64 {
        let (ux, uy) = (self.b.x - self.a.x, self.b.y - self.a.y);
        let length_2 = ux * ux + uy * uy;
        let along = (point.x - self.a.x) * ux + (point.y - self.a.y) * uy;
        if along <= 0.0 || length_2 <= 0.0 {
            return self.a.distance_2(point);
        }
        if along >= length_2 {
            return self.b.distance_2(point);
        }
        self.a.towards(self.b, along / length_2).distance_2(point)
    }

    /// Which side of the line through this edge `point` is on: twice the area of the triangle,
    /// positive on the left.
    pub(crate) fn side(&self, point: Local) -> f64 {
        (self.b.x - self.a.x) * (point.y - self.a.y) - (point.x - self.a.x) * (self.b.y - self.a.y)
    }

    /// Whether the ray running east from `point` crosses this edge. An edge takes its lower end and
    /// not its upper one, so that a ray through a vertex is counted once.
    pub(crate) fn crosses_ray(&self, point: Local) -> bool {
        let upward = self.a.y <= point.y && point.y < self.b.y;
        let downward = self.b.y <= point.y && point.y < self.a.y;
        let side = self.side(point);
        (upward && side > 0.0) || (downward && side < 0.0)
    }

    /// Whether the two have each other's ends on different sides.
    pub(crate) fn crosses(&self, other: &Self) -> bool {
        opposite(self.side(other.a), self.side(other.b))
            && opposite(other.side(self.a), other.side(self.b))
    }

    /// The squared distance between the two; 0 when they cross.
    pub(crate) fn gap_2(&self, other: &Self) -> f64 {
        if self.crosses(other) {
            return 0.0;
        }
        self.distance_2(other.a)
            .min(self.distance_2(other.b))
            .min(other.distance_2(self.a))
            .min(other.distance_2(self.b))
    }
}

fn opposite(one: f64, other: f64) -> bool {
    (one > 0.0 && other < 0.0) || (one < 0.0 && other > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(ax: f64, ay: f64, bx: f64, by: f64) -> Edge {
        Edge {
            a: Local { x: ax, y: ay },
            b: Local { x: bx, y: by },
            ring: RingId(0),
        }
    }

    #[test]
    fn the_distance_from_an_edge_is_to_its_nearest_point() {
        let edge = edge(0.0, 0.0, 10.0, 0.0);
        for (x, y, expected) in [
            (5.0, 3.0, 3.0),
            (-3.0, 4.0, 5.0),
            (13.0, -4.0, 5.0),
            (10.0, 0.0, 0.0),
            (2.0, 0.0, 0.0),
        ] {
            let measured = edge.distance_2(Local { x, y }).sqrt();
            assert!((measured - expected).abs() < 1e-12, "{x} {y}: {measured}");
        }
    }

    #[test]
    fn the_gap_between_edges_is_none_only_where_they_meet() {
        let one = edge(0.0, 0.0, 10.0, 0.0);
        for (other, expected) in [
            (edge(5.0, -1.0, 5.0, 1.0), 0.0),
            (edge(5.0, 2.0, 5.0, 9.0), 2.0),
            (edge(13.0, 4.0, 20.0, 9.0), 5.0),
            (edge(-1.0, 3.0, 12.0, 3.0), 3.0),
            (edge(10.0, 0.0, 12.0, 3.0), 0.0),
        ] {
            let measured = one.gap_2(&other).sqrt();
            assert!((measured - expected).abs() < 1e-12, "{other:?}: {measured}");
        }
    }
}
