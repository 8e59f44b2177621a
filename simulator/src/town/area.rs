//! Areas on the plane, how deep a point lies in them, and their GeoJSON.

use core::f64::consts::TAU;

use serde_json::{Value, json};

use super::Spot;
use crate::dice::Dice;

/// An area: a circle, or polygons with holes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Area {
    /// All within a radius in metres.
    Circle { centre: Spot, radius_m: f64 },
    /// Polygons that do not overlap.
    Polygons(Vec<Polygon>),
}

/// A polygon; its rings are open: the last corner is not the first one again.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Polygon {
    /// Anticlockwise, as RFC 7946 §3.1.6 wants it.
    pub(crate) outline: Vec<Spot>,
    /// Clockwise.
    pub(crate) holes: Vec<Vec<Spot>>,
}

impl Area {
    /// Metres to the edge: positive inside, negative outside.
    pub(crate) fn depth(&self, spot: Spot) -> f64 {
        match self {
            Self::Circle { centre, radius_m } => radius_m - centre.distance(spot),
            Self::Polygons(polygons) => polygons
                .iter()
                .map(|polygon| polygon.depth(spot))
                .fold(f64::NEG_INFINITY, f64::max),
        }
    }

    /// Its GeoJSON geometry; a circle is a point, its radius a property.
    pub(crate) fn geometry(&self) -> Value {
        match self {
            Self::Circle { centre, .. } => {
                json!({"type": "Point", "coordinates": coordinates(*centre)})
            }
            Self::Polygons(polygons) => match polygons.as_slice() {
                [only] => json!({"type": "Polygon", "coordinates": only.rings()}),
                several => {
                    let all: Vec<Value> = several.iter().map(Polygon::rings).collect();
                    json!({"type": "MultiPolygon", "coordinates": all})
                }
            },
        }
    }

    /// The radius of a circle, in metres.
    pub(crate) const fn radius_m(&self) -> Option<f64> {
        match self {
            Self::Circle { radius_m, .. } => Some(*radius_m),
            Self::Polygons(_) => None,
        }
    }
}

impl Polygon {
    /// A star-shaped polygon: `corners` corners around `centre`, at `low` to `high` metres from it.
    pub(crate) fn star(dice: &mut Dice, centre: Spot, corners: u8, low: f64, high: f64) -> Self {
        let step = TAU / f64::from(corners.max(3));
        let turn = dice.between(0.0, TAU);
        let corner = |number: u8| {
            // A corner stays within a third of its share of the circle, so neighbours cannot meet.
            let angle = turn + step * (f64::from(number) + dice.between(-0.3, 0.3));
            centre.polar(angle, dice.between(low, high))
        };
        Self {
            outline: (0..corners.max(3)).map(corner).collect(),
            holes: Vec::new(),
        }
    }

    /// The same with a hexagonal hole of `radius` metres around `centre`.
    pub(crate) fn with_hole(mut self, centre: Spot, radius: f64) -> Self {
        let corner = |number: u8| centre.polar(-TAU / 6.0 * f64::from(number), radius);
        self.holes.push((0..6).map(corner).collect());
        self
    }

    fn depth(&self, spot: Spot) -> f64 {
        let mut inside = false;
        let mut nearest = f64::INFINITY;
        for ring in std::iter::once(&self.outline).chain(&self.holes) {
            for (from, to) in edges(ring) {
                nearest = nearest.min(edge_distance(spot, from, to));
                inside ^= crosses_eastward(spot, from, to);
            }
        }
        if inside { nearest } else { -nearest }
    }

    fn rings(&self) -> Value {
        let closed = |ring: &Vec<Spot>| -> Vec<Value> {
            let corners = ring.iter().chain(ring.first());
            corners.map(|corner| coordinates(*corner)).collect()
        };
        let rings: Vec<Vec<Value>> = std::iter::once(&self.outline)
            .chain(&self.holes)
            .map(closed)
            .collect();
        json!(rings)
    }
}

fn edges(ring: &[Spot]) -> impl Iterator<Item = (Spot, Spot)> + '_ {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(from, to)| (*from, *to))
}

fn edge_distance(spot: Spot, from: Spot, to: Spot) -> f64 {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let square = dx * dx + dy * dy;
    let along = (spot.x - from.x) * dx + (spot.y - from.y) * dy;
    let share = if square > 0.0 {
        (along / square).clamp(0.0, 1.0)
    } else {
        0.0
    };
    spot.distance(from.towards(to, share))
}

/// Whether a ray from `spot` to the east crosses the edge.
fn crosses_eastward(spot: Spot, from: Spot, to: Spot) -> bool {
    if (from.y > spot.y) == (to.y > spot.y) {
        return false;
    }
    spot.x < from.x + (spot.y - from.y) / (to.y - from.y) * (to.x - from.x)
}

/// Longitude and latitude, to a centimetre.
fn coordinates(spot: Spot) -> Value {
    let (lat, lon) = spot.degrees();
    json!([(lon * 1e7).round() / 1e7, (lat * 1e7).round() / 1e7])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(half: f64) -> Vec<Spot> {
        [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
            .map(|(x, y)| Spot::new(x * half, y * half))
            .to_vec()
    }

    #[test]
    fn depth_is_positive_inside_negative_outside_and_minds_holes() {
        let mut hole = square(20.0);
        hole.reverse();
        let area = Area::Polygons(vec![Polygon {
            outline: square(100.0),
            holes: vec![hole],
        }]);
        for (x, expected) in [(60.0, 40.0), (130.0, -30.0), (0.0, -20.0), (30.0, 10.0)] {
            let depth = area.depth(Spot::new(x, 0.0));
            assert!((depth - expected).abs() < 1e-9, "x {x}: {depth}");
        }
        let circle = Area::Circle {
            centre: Spot::new(0.0, 0.0),
            radius_m: 150.0,
        };
        assert!((circle.depth(Spot::new(0.0, 100.0)) - 50.0).abs() < 1e-9);
    }
}
