//! Zones to test with, drawn in metres around a point in Staffordshire.

use model::registry::{Ring, RingPolygon, Zone, ZoneShape};
use model::{GeoPoint, Metres, ZoneId};

use crate::Area;
use crate::frame::{Frame, Local};

pub(super) const LAT: f64 = 52.8;
pub(super) const LON: f64 = -2.1;

/// The point `x` metres east and `y` metres north of the middle.
pub(super) fn at(x: f64, y: f64) -> GeoPoint {
    let (lat, lon) = Frame::at(LAT, LON).degrees(Local { x, y });
    GeoPoint::new(lat, lon).unwrap()
}

pub(super) fn ring(points: &[(f64, f64)]) -> Ring {
    let closing = points.first();
    points
        .iter()
        .chain(closing)
        .map(|(x, y)| at(*x, *y))
        .collect()
}

pub(super) fn square(x: f64, y: f64, half: f64) -> Vec<(f64, f64)> {
    vec![
        (x - half, y - half),
        (x + half, y - half),
        (x + half, y + half),
        (x - half, y + half),
    ]
}

/// A ring of `count` vertices at `radius` metres, every other one pulled in by `notch` of it.
pub(super) fn star(count: u32, radius: f64, notch: f64) -> Vec<(f64, f64)> {
    (0..count)
        .map(|index| {
            let angle = f64::from(index) / f64::from(count) * std::f64::consts::TAU;
            let radius = if index % 2 == 0 {
                radius
            } else {
                radius * (1.0 - notch)
            };
            (radius * libm::cos(angle), radius * libm::sin(angle))
        })
        .collect()
}

pub(super) fn polygon(outline: &[(f64, f64)], holes: &[&[(f64, f64)]]) -> RingPolygon {
    RingPolygon {
        outline: ring(outline),
        holes: holes.iter().map(|hole| ring(hole)).collect(),
    }
}

pub(super) fn polygons(polygons: Vec<RingPolygon>) -> Zone {
    zone(ZoneShape::Polygons(polygons))
}

pub(super) fn circle(x: f64, y: f64, radius: f64) -> Zone {
    zone(ZoneShape::Circle {
        centre: at(x, y),
        radius_m: Metres(radius),
    })
}

pub(super) fn zone(shape: ZoneShape) -> Zone {
    Zone {
        id: ZoneId::new("Z-1").unwrap(),
        name: None,
        victim: false,
        shape,
    }
}

pub(super) fn area(zone: &Zone) -> Area {
    Area::new(zone).unwrap()
}
