//! The street grid and ways along it.

use std::collections::VecDeque;

use super::{Area, Spot};

/// Metres between two parallel streets.
const BLOCK_M: f64 = 120.0;

/// Streets from the centre to the edge of the town, in each direction.
const HALF: i32 = 26;

/// Metres from the centre to the edge of the town.
pub(crate) const EXTENT_M: f64 = 26.0 * 120.0;

/// How far from a forbidden area a crossing must lie to be walked over by somebody who keeps away,
/// in metres. A corner of an area between two crossings may be nearer to the street: √(90² − 60²) =
/// 67 m at the least.
const CLEARANCE_M: f64 = 90.0;

/// A crossing of two streets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Node {
    i: i32,
    j: i32,
}

impl Node {
    fn spot(self) -> Spot {
        Spot::new(f64::from(self.i) * BLOCK_M, f64::from(self.j) * BLOCK_M)
    }

    fn near(spot: Spot) -> Self {
        Self {
            i: nearest_street(spot.x),
            j: nearest_street(spot.y),
        }
    }

    fn is_open(self, avoid: Option<&Area>) -> bool {
        let inside = self.i.abs() <= HALF && self.j.abs() <= HALF;
        inside && avoid.is_none_or(|area| area.depth(self.spot()) <= -CLEARANCE_M)
    }

    fn neighbours(self) -> [Self; 4] {
        let Self { i, j } = self;
        [
            Self { i: i + 1, j },
            Self { i, j: j + 1 },
            Self { i: i - 1, j },
            Self { i, j: j - 1 },
        ]
    }

    /// Its place in a list of all crossings.
    fn index(self) -> Option<usize> {
        usize::try_from((self.i + HALF) * (2 * HALF + 1) + self.j + HALF).ok()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "held within the town, a few dozen streets"
)]
fn nearest_street(metres: f64) -> i32 {
    let half = f64::from(HALF);
    (metres / BLOCK_M).round().clamp(-half, half) as i32
}

/// The crossing nearest to `spot`.
pub(crate) fn node_near(spot: Spot) -> Spot {
    Node::near(spot).spot()
}

/// How many streets around a point are searched for open crossings: farther than any area reaches.
const SEARCHED: i32 = 9;

/// The crossings around `spot` that keep clear of `avoid`, nearest first.
pub(crate) fn open_nodes(spot: Spot, avoid: &Area) -> Vec<Spot> {
    let middle = Node::near(spot);
    let around = -SEARCHED..=SEARCHED;
    let mut open: Vec<Spot> = around
        .flat_map(|i| (-SEARCHED..=SEARCHED).map(move |j| (i, j)))
        .map(|(i, j)| Node {
            i: middle.i + i,
            j: middle.j + j,
        })
        .filter(|node| node.is_open(Some(avoid)))
        .map(Node::spot)
        .collect();
    open.sort_by(|a, b| a.distance(spot).total_cmp(&b.distance(spot)));
    open
}

/// The way from `from` to `to` along the streets, both included, straight stretches joined. It
/// keeps clear of `avoid`; there is none where either end's crossing does not.
pub(crate) fn route(from: Spot, to: Spot, avoid: Option<&Area>) -> Option<Vec<Spot>> {
    let (first, last) = (Node::near(from), Node::near(to));
    let corner_a = Node {
        i: last.i,
        j: first.j,
    };
    let corner_b = Node {
        i: first.i,
        j: last.j,
    };
    let nodes = [corner_a, corner_b]
        .into_iter()
        .map(|corner| elbow(first, corner, last))
        .find(|nodes| nodes.iter().all(|node| node.is_open(avoid)))
        .or_else(|| around(first, last, avoid))?;
    let inner = nodes.into_iter().map(Node::spot);
    let way = std::iter::once(from)
        .chain(inner)
        .chain(std::iter::once(to));
    Some(joined(way))
}

/// Straight to the corner, straight on to the last.
fn elbow(first: Node, corner: Node, last: Node) -> Vec<Node> {
    let mut nodes = vec![first];
    let mut here = first;
    for target in [corner, last] {
        while here != target {
            here.i += (target.i - here.i).signum();
            here.j += (target.j - here.j).signum();
            nodes.push(here);
        }
    }
    nodes
}

/// The shortest way around the area (breadth first).
fn around(first: Node, last: Node, avoid: Option<&Area>) -> Option<Vec<Node>> {
    let side = usize::try_from(2 * HALF + 1).ok()?;
    let mut came_from: Vec<Option<Node>> = vec![None; side * side];
    let mut queue = VecDeque::from([last]);
    *came_from.get_mut(last.index()?)? = Some(last);
    while let Some(here) = queue.pop_front() {
        if here == first {
            break;
        }
        for next in here.neighbours() {
            if !next.is_open(avoid) {
                continue;
            }
            let seen = next.index().and_then(|index| came_from.get_mut(index));
            if let Some(seen @ None) = seen {
                *seen = Some(here);
                queue.push_back(next);
            }
        }
    }
    let mut nodes = vec![first];
    let mut here = first;
    while here != last {
        here = (*came_from.get(here.index()?)?)?;
        nodes.push(here);
    }
    nodes
        .iter()
        .all(|node| node.is_open(avoid))
        .then_some(nodes)
}

/// Drops points that lie on the straight line between their neighbours.
fn joined(way: impl Iterator<Item = Spot>) -> Vec<Spot> {
    let mut corners: Vec<Spot> = Vec::new();
    for spot in way {
        if let [.., before, middle] = corners.as_slice() {
            let cross = (middle.x - before.x) * (spot.y - middle.y)
                - (middle.y - before.y) * (spot.x - middle.x);
            if cross.abs() < 1e-6 {
                corners.pop();
            }
        }
        if corners.last().is_none_or(|last| last.distance(spot) > 0.5) {
            corners.push(spot);
        }
    }
    corners
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_lead_around_what_is_to_be_avoided() {
        let area = Area::Circle {
            centre: Spot::new(0.0, 0.0),
            radius_m: 250.0,
        };
        let (west, east) = (Spot::new(-900.0, 10.0), Spot::new(905.0, -15.0));
        let straight = route(west, east, None).unwrap();
        let kept_away = route(west, east, Some(&area)).unwrap();
        let nearest = |way: &[Spot]| {
            way.windows(2)
                .flat_map(|pair| (0..100).map(|n| pair[0].towards(pair[1], f64::from(n) / 100.0)))
                .map(|spot| area.depth(spot))
                .fold(f64::NEG_INFINITY, f64::max)
        };
        assert!(nearest(&straight) > 200.0);
        assert!(nearest(&kept_away) < -60.0);
        assert_eq!(kept_away.first(), Some(&west));
        assert_eq!(kept_away.last(), Some(&east));
    }

    #[test]
    fn there_is_no_way_into_the_midst_of_what_is_to_be_avoided() {
        let area = Area::Circle {
            centre: Spot::new(0.0, 0.0),
            radius_m: 250.0,
        };
        assert_eq!(
            route(Spot::new(-900.0, 0.0), Spot::new(0.0, 0.0), Some(&area)),
            None
        );
    }
}
