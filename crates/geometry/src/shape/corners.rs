//! The corners of a zone's rings, which its edges share.

use super::{Edge, RingId};
use crate::frame::Local;

/// The points of all rings, one ring after the other, each closed. An edge goes by the number of the corner it begins
/// at, so that its two ends are kept once.
#[derive(Debug, Clone)]
pub(crate) struct Corners {
    points: Box<[Local]>,
    /// Where each ring but the first begins.
    starts: Box<[usize]>,
}

impl Corners {
    /// Those of closed `rings`, in which no point follows itself.
    pub(crate) fn new(rings: impl Iterator<Item = impl Iterator<Item = Local>>) -> Self {
        let (mut points, mut starts) = (Vec::new(), Vec::new());
        for ring in rings {
            starts.push(points.len());
            points.extend(ring);
        }
        Self {
            points: points.into_boxed_slice(),
            starts: starts.into_iter().skip(1).collect(),
        }
    }

    /// How many numbers of edges there are: one for each edge, and one between two rings.
    pub(crate) fn len(&self) -> usize {
        self.points.len().saturating_sub(1)
    }

    /// The edges from number `from` up to, not including, `to`, each with its number.
    pub(crate) fn edges(&self, from: usize, to: usize) -> impl Iterator<Item = (usize, Edge)> {
        let points = self.points.get(from..=to.min(self.len()));
        let mut ring = self.ring(from);
        let mut last = self.last(ring);
        let ends = points.unwrap_or_default().windows(2).enumerate();
        ends.filter_map(move |(offset, ends)| {
            let [a, b] = *ends.first_chunk()?;
            let number = from + offset;
            // From the end of one ring to the beginning of the next is no edge.
            if number == last {
                ring = RingId(ring.0 + 1);
                last = self.last(ring);
                return None;
            }
            Some((number, Edge { a, b, ring }))
        })
    }

    /// The edge of that number.
    pub(crate) fn edge(&self, number: usize) -> Option<Edge> {
        let [a, b] = *self.points.get(number..)?.first_chunk()?;
        let ring = self.ring(number);
        (number != self.last(ring)).then_some(Edge { a, b, ring })
    }

    /// The ring that an edge is of, by its number.
    fn ring(&self, number: usize) -> RingId {
        let before = self.starts.partition_point(|start| *start <= number);
        RingId(u32::try_from(before).unwrap_or(u32::MAX))
    }

    /// The corner at which a ring ends, where another one follows.
    fn last(&self, ring: RingId) -> usize {
        let ring = usize::try_from(ring.0).unwrap_or(usize::MAX);
        let next = self.starts.get(ring);
        next.and_then(|next| next.checked_sub(1))
            .unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(points: &[(f64, f64)]) -> impl Iterator<Item = Local> {
        points.iter().map(|(x, y)| Local { x: *x, y: *y })
    }

    #[test]
    fn edges_stay_within_their_rings_from_wherever_they_are_asked_for() {
        let first = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)];
        let second = [(5.0, 5.0), (6.0, 5.0), (5.0, 5.0)];
        let corners = Corners::new([&first[..], &second[..]].into_iter().map(ring));
        let edges = |from, to| {
            corners
                .edges(from, to)
                .map(|(number, edge)| (number, edge.ring.0))
        };
        let all = [(0, 0), (1, 0), (2, 0), (4, 1), (5, 1)];
        assert_eq!(edges(0, corners.len()).collect::<Vec<_>>(), all);
        let alone = (0..9).filter_map(|number| Some((number, corners.edge(number)?.ring.0)));
        assert_eq!(alone.collect::<Vec<_>>(), all);
        for (from, to) in (0..9).flat_map(|from| (from..9).map(move |to| (from, to))) {
            let within = |(number, _): &(usize, u32)| (from..to).contains(number);
            let expected: Vec<_> = all.into_iter().filter(within).collect();
            assert_eq!(edges(from, to).collect::<Vec<_>>(), expected, "{from} {to}");
        }
    }

    #[test]
    fn rings_without_edges_have_none() {
        let line = [(0.0, 0.0), (1.0, 0.0)];
        for (rings, edges) in [
            (&[][..], 0),
            (&[&line[..0], &line[..1]], 0),
            (&[&line[..0], &line], 1),
            (&[&line, &line[..1], &line], 2),
        ] {
            let corners = Corners::new(rings.iter().copied().map(ring));
            assert_eq!(corners.edges(0, 9).count(), edges, "{rings:?}");
        }
    }
}
