//! What measuring costs: one fix against one zone, and against fifty thousand.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use geometry::{Area, ZoneSet, distance};
use model::registry::{RingPolygon, Zone, ZoneShape};
use model::{GeoPoint, Metres, ZoneId};

/// Degrees that are about a metre long in the middle of England.
const NORTH: f64 = 1.0 / 111_282.0;
const EAST: f64 = 1.0 / 67_450.0;

/// More zones than there are schools in England and Wales.
const SCHOOLS: u32 = 50_000;
const SCHOOLS_A_ROW: u32 = 250;

fn point(x: f64, y: f64) -> GeoPoint {
    match GeoPoint::new(52.8 + y * NORTH, -2.1 + x * EAST) {
        Ok(point) => point,
        Err(error) => unreachable!("{error}"),
    }
}

fn area(shape: ZoneShape) -> Area {
    let zone = ZoneId::new("Z-1").map(|id| Zone {
        id,
        name: None,
        victim: false,
        shape,
    });
    match zone.map(|zone| Area::new(&zone)) {
        Ok(Ok(area)) => area,
        Ok(Err(error)) => unreachable!("{error}"),
        Err(error) => unreachable!("{error}"),
    }
}

/// A jagged ring around (x, y): every other vertex is pulled in by a hundredth.
fn jagged(x: f64, y: f64, vertices: u32, radius: f64) -> ZoneShape {
    let mut outline: Vec<GeoPoint> = (0..vertices)
        .map(|index| {
            let angle = f64::from(index) / f64::from(vertices) * std::f64::consts::TAU;
            let radius = if index % 2 == 0 {
                radius
            } else {
                radius * 0.99
            };
            point(x + radius * libm::cos(angle), y + radius * libm::sin(angle))
        })
        .collect();
    outline.extend(outline.first().copied());
    ZoneShape::Polygons(vec![RingPolygon {
        outline,
        holes: Vec::new(),
    }])
}

fn one_zone(criterion: &mut Criterion) {
    let circle = area(ZoneShape::Circle {
        centre: point(0.0, 0.0),
        radius_m: Metres(500.0),
    });
    let zones = [
        ("circle", circle),
        ("32 vertices", area(jagged(0.0, 0.0, 32, 500.0))),
        ("100 vertices", area(jagged(0.0, 0.0, 100, 500.0))),
        ("10,000 vertices", area(jagged(0.0, 0.0, 10_000, 5_000.0))),
    ];
    for (name, area) in &zones {
        let beside = point(area.inner_radius().0 + 100.0, 30.0);
        criterion.bench_function(&format!("signed distance, {name}"), |bencher| {
            bencher.iter(|| area.signed_distance(black_box(beside)));
        });
        let (from, to) = (point(-900.0, 100.0), point(900.0, 200.0));
        criterion.bench_function(&format!("drive through, {name}"), |bencher| {
            bencher.iter(|| area.deepest_along(black_box(from), black_box(to)));
        });
    }
}

fn compiling(criterion: &mut Criterion) {
    for (name, vertices) in [("32 vertices", 32), ("10,000 vertices", 10_000)] {
        let shape = jagged(0.0, 0.0, vertices, 5_000.0);
        criterion.bench_function(&format!("compile, {name}"), |bencher| {
            bencher.iter(|| area(shape.clone()));
        });
    }
}

fn many_zones(criterion: &mut Criterion) {
    let schools = (0..SCHOOLS).map(|index| {
        let (column, row) = (index % SCHOOLS_A_ROW, index / SCHOOLS_A_ROW);
        let (x, y) = (f64::from(column) * 1_200.0, f64::from(row) * 1_200.0);
        area(jagged(x, y, 8, 120.0))
    });
    let set = ZoneSet::new(schools.collect());
    for (name, x, y) in [
        ("near none", 600.0, 600.0),
        ("near one", 150_000.0, 120_100.0),
    ] {
        let fix = point(x, y);
        criterion.bench_function(&format!("50,000 schools, {name}"), |bencher| {
            bencher.iter(|| set.near(black_box(fix), Metres(200.0)).count());
        });
    }
    let (from, to) = (point(150_000.0, 120_000.0), point(151_500.0, 121_500.0));
    criterion.bench_function("50,000 schools, near a drive", |bencher| {
        bencher.iter(|| {
            set.near_segment(black_box(from), black_box(to), Metres(200.0))
                .count()
        });
    });
}

fn ground(criterion: &mut Criterion) {
    let (a, b) = (point(0.0, 0.0), point(5_000.0, 5_000.0));
    criterion.bench_function("ground distance", |bencher| {
        bencher.iter(|| distance(black_box(a), black_box(b)));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(std::time::Duration::from_millis(300))
        .measurement_time(std::time::Duration::from_secs(1));
    targets = ground, one_zone, compiling, many_zones
}
criterion_main!(benches);
