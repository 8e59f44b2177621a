//! The edges of a zone, and the boxes over them that let most edges go unlooked at.

use super::{Corners, Edge, Extent};

/// Children of a box. Edges follow each other along a ring, so a run of this many makes a small
/// box. Measured: 4 and 8 alike, 16 twice as slow on 100 vertices.
const FAN: usize = 8;

/// Fewer edges than this are looked at one by one. At 32 the boxes already halve the time.
const INDEXED_FROM_EDGES: usize = 16;

/// A share of a box's gap that is given away when boxes are passed over, so that rounding can never
/// pass over the nearest edge: with and without boxes the answer is the same to the bit.
const GAP_SLACK: f64 = 1.0 - 1e-9;

/// How near something is to edges and to boxes of edges, in square metres.
pub(crate) trait Nearness {
    /// No edge inside `extent` is nearer than this.
    fn at_least(&self, extent: &Extent) -> f64;
    /// How near `edge` is; infinite for an edge that is not asked for.
    fn of(&self, edge: &Edge) -> f64;
}

/// Edges in the order of their rings under a tree of boxes: an R-tree packed in ring order, so its
/// shape depends on the zone and on nothing else.
#[derive(Debug, Clone)]
pub(crate) struct EdgeTree {
    corners: Corners,
    /// The first level boxes runs of edges, each further level runs of boxes. Empty when not indexed.
    levels: Box<[Level]>,
}

type Level = Box<[Extent]>;

impl EdgeTree {
    pub(crate) fn new(corners: Corners) -> Self {
        let indexed = corners.len() >= INDEXED_FROM_EDGES;
        Self::with_index(corners, indexed)
    }

    pub(crate) fn with_index(corners: Corners, indexed: bool) -> Self {
        let mut levels = Vec::new();
        if indexed {
            let runs = (0..corners.len()).step_by(FAN);
            let mut boxes: Level = runs.map(|first| around_edges(&corners, first)).collect();
            while boxes.len() > FAN {
                let above = boxes.chunks(FAN).map(around_boxes).collect();
                levels.push(std::mem::replace(&mut boxes, above));
            }
            levels.push(boxes);
        }
        Self {
            corners,
            levels: levels.into_boxed_slice(),
        }
    }

    /// All edges, ring by ring, each with its number.
    pub(crate) fn edges(&self) -> impl Iterator<Item = (usize, Edge)> {
        self.corners.edges(0, self.corners.len())
    }

    /// The edge nearest to `query` and its squared distance; of several as near, the first.
    pub(crate) fn nearest(&self, query: &impl Nearness) -> Option<(Edge, f64)> {
        let mut best = Best {
            number: None,
            distance_2: f64::INFINITY,
        };
        match self.levels.split_last() {
            None => best.offer(self.edges(), query),
            Some((top, below)) => self.descend(below, top, 0, query, &mut best),
        }
        let edge = self.corners.edge(best.number?)?;
        Some((edge, best.distance_2))
    }

    /// Shows `visit` every edge whose box meets `extent`, with its number, in ring order, until it
    /// returns false.
    pub(crate) fn visit(&self, extent: &Extent, visit: &mut impl FnMut(usize, &Edge) -> bool) {
        match self.levels.split_last() {
            None => {
                show(self.edges(), extent, visit);
            }
            Some((top, below)) => {
                self.visit_boxes(below, top, 0, extent, visit);
            }
        }
    }

    /// Goes through sibling `boxes`, the first of which is number `first` of its level, nearest
    /// first.
    fn descend(
        &self,
        below: &[Level],
        boxes: &[Extent],
        first: usize,
        query: &impl Nearness,
        best: &mut Best,
    ) {
        let mut order = [(f64::INFINITY, 0_usize); FAN];
        for ((slot, extent), index) in order.iter_mut().zip(boxes).zip(first..) {
            *slot = (query.at_least(extent) * GAP_SLACK, index);
        }
        order.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        for (gap_2, index) in order.into_iter().take(boxes.len()) {
            if gap_2 > best.distance_2 {
                return;
            }
            let start = index * FAN;
            match below.split_last() {
                None => best.offer(self.run(start), query),
                Some((level, below)) => {
                    self.descend(below, run(level, start), start, query, best);
                }
            }
        }
    }

    /// Whether to go on after showing what is under `boxes`.
    fn visit_boxes(
        &self,
        below: &[Level],
        boxes: &[Extent],
        first: usize,
        extent: &Extent,
        visit: &mut impl FnMut(usize, &Edge) -> bool,
    ) -> bool {
        for (child, index) in boxes.iter().zip(first..) {
            if !child.meets(extent) {
                continue;
            }
            let start = index * FAN;
            let go_on = match below.split_last() {
                None => show(self.run(start), extent, visit),
                Some((level, below)) => {
                    self.visit_boxes(below, run(level, start), start, extent, visit)
                }
            };
            if !go_on {
                return false;
            }
        }
        true
    }

    /// The run of edges under a box of the first level.
    fn run(&self, start: usize) -> impl Iterator<Item = (usize, Edge)> {
        self.corners.edges(start, start + FAN)
    }
}

/// The nearest edge seen so far.
struct Best {
    number: Option<usize>,
    distance_2: f64,
}

impl Best {
    fn offer(&mut self, edges: impl Iterator<Item = (usize, Edge)>, query: &impl Nearness) {
        // Measured: a loop over what is handed out one by one takes a quarter more.
        edges.for_each(|(number, edge)| {
            let distance_2 = query.of(&edge);
            let nearer = distance_2 < self.distance_2;
            let as_near = distance_2 <= self.distance_2 && distance_2.is_finite();
            if nearer || (as_near && self.number.is_none_or(|held| number < held)) {
                self.distance_2 = distance_2;
                self.number = Some(number);
            }
        });
    }
}

fn show(
    mut edges: impl Iterator<Item = (usize, Edge)>,
    extent: &Extent,
    visit: &mut impl FnMut(usize, &Edge) -> bool,
) -> bool {
    edges.all(|(number, edge)| !edge.meets(extent) || visit(number, &edge))
}

fn run(boxes: &[Extent], start: usize) -> &[Extent] {
    let end = boxes.len().min(start + FAN);
    boxes.get(start..end).unwrap_or_default()
}

fn around_edges(corners: &Corners, first: usize) -> Extent {
    let edges = corners.edges(first, first + FAN);
    edges.fold(Extent::EMPTY, |extent, (_, edge)| {
        extent.with(edge.a).with(edge.b)
    })
}

fn around_boxes(boxes: &[Extent]) -> Extent {
    boxes
        .iter()
        .fold(Extent::EMPTY, |extent, child| extent.merged(*child))
}
