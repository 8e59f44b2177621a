//! The radius of the largest circle that fits into a polygonal zone.

use std::collections::BinaryHeap;

use super::Boundary;
use crate::frame::Local;
use crate::ranked::Ranked;

/// How far the radius found may fall short of the true one, in metres …
const TOLERANCE_M: f64 = 0.1;
/// … or as a share of it, whichever is more.
pub(crate) const INSCRIBED_TOLERANCE: f64 = 0.01;

/// The most squares looked at. Compact shapes of 8 to 30,000 vertices took 6 to 40; a corridor of
/// even width has its largest circle everywhere along it and would take as many as it is long. At
/// the limit the largest circle found so far is taken, which does fit: 2 % short of the widest bend
/// of a winding corridor 50 km long.
const SQUARES_MAX: usize = 4_000;

/// The longer side of the zone's box is cut into at most this many squares to begin with.
const FIRST_ROW_MAX: f64 = 32.0;

/// The radius of the largest inscribed circle, in metres, found as by Mapbox's `polylabel`: squares
/// are quartered, the most promising first, until none can hold a centre that is much better.
pub(crate) fn inner_radius(boundary: &Boundary) -> f64 {
    let (mut squares, mut best) = first_squares(boundary);
    let mut looked_at = squares.len();
    while let Some(Ranked { bound, item }) = squares.pop() {
        let tolerance = TOLERANCE_M.max(best * INSCRIBED_TOLERANCE);
        if bound <= best + tolerance || looked_at >= SQUARES_MAX {
            break;
        }
        for quarter in item.quarters() {
            let ranked = quarter.ranked(boundary, &mut best);
            squares.push(ranked);
            looked_at += 1;
        }
    }
    best.max(0.0)
}

fn first_squares(boundary: &Boundary) -> (BinaryHeap<Ranked<Square>>, f64) {
    let extent = boundary.extent();
    let mut best = boundary.measure(extent.centre()).signed;
    let (short, long) = if extent.width() < extent.height() {
        (extent.width(), extent.height())
    } else {
        (extent.height(), extent.width())
    };
    let side = short.max(long / FIRST_ROW_MAX);
    let mut squares = BinaryHeap::new();
    if !(side.is_finite() && side > 0.0) {
        return (squares, best);
    }
    let half = side / 2.0;
    let mut y = extent.low.y;
    while y < extent.high.y {
        let mut x = extent.low.x;
        while x < extent.high.x {
            let centre = Local {
                x: x + half,
                y: y + half,
            };
            squares.push(Square { centre, half }.ranked(boundary, &mut best));
            x += side;
        }
        y += side;
    }
    (squares, best)
}

/// A square by its centre and half its side.
#[derive(Debug, Clone, Copy)]
struct Square {
    centre: Local,
    half: f64,
}

impl Square {
    /// Measures the square's centre. No point of the square is deeper than its centre by more than
    /// half the diagonal.
    fn ranked(self, boundary: &Boundary, best: &mut f64) -> Ranked<Self> {
        let depth = boundary.measure(self.centre).signed;
        *best = best.max(depth);
        Ranked {
            bound: depth + self.half * std::f64::consts::SQRT_2,
            item: self,
        }
    }

    fn quarters(self) -> [Self; 4] {
        let half = self.half / 2.0;
        [(-half, -half), (half, -half), (-half, half), (half, half)].map(|(dx, dy)| Self {
            centre: Local {
                x: self.centre.x + dx,
                y: self.centre.y + dy,
            },
            half,
        })
    }
}
