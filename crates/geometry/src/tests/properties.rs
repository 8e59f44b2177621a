use std::sync::Arc;

use geo::{Contains, Distance, Geodesic, Point, Polygon};
use model::registry::{RingPolygon, Zone};
use model::{GeoPoint, Metres, ZoneId};
use proptest::prelude::*;
use serde_json::{Map, Number, Value};

use super::shapes::{area, at, circle, polygon, polygons};
use crate::shape::{Corners, EdgeTree, FromPoint};
use crate::{Area, Patch, ZoneSet, distance, read_zones, write_zones};

/// A ring around (0, 0) in metres that does not cross itself: a radius for each direction in turn.
fn radial() -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec(200.0..2_000.0_f64, 5..120).prop_map(|radii| {
        let count = radii.len() as f64;
        let turned = |(index, radius): (usize, f64)| {
            let angle = (index as f64) / count * std::f64::consts::TAU;
            (radius * libm::cos(angle), radius * libm::sin(angle))
        };
        radii.into_iter().enumerate().map(turned).collect()
    })
}

fn metres(reach: f64) -> impl Strategy<Value = (f64, f64)> {
    (-reach..reach, -reach..reach)
}

fn any_point() -> impl Strategy<Value = GeoPoint> {
    (-90.0..=90.0_f64, -180.0..=180.0_f64).prop_map(|(lat, lon)| GeoPoint::new(lat, lon).unwrap())
}

fn geo_point(point: GeoPoint) -> Point {
    Point::new(point.lon.degrees(), point.lat.degrees())
}

fn geo_polygon(ring: &[GeoPoint]) -> Polygon {
    let points: Vec<Point> = ring.iter().map(|point| geo_point(*point)).collect();
    Polygon::new(points.into_iter().collect(), Vec::new())
}

fn geodesic(a: GeoPoint, b: GeoPoint) -> f64 {
    Geodesic.distance(geo_point(a), geo_point(b))
}

/// The least geodesic distance to the outline, by walking it in steps of `step` metres.
fn walked(ring: &[GeoPoint], point: GeoPoint, step: f64) -> f64 {
    let mut least = f64::INFINITY;
    for (a, b) in ring.iter().zip(ring.iter().skip(1)) {
        let steps = (geodesic(*a, *b) / step).ceil().max(1.0);
        let mut done = 0.0;
        while done <= steps {
            let share = done / steps;
            let between = |a: f64, b: f64| a + (b - a) * share;
            let lat = between(a.lat.degrees(), b.lat.degrees());
            let lon = between(a.lon.degrees(), b.lon.degrees());
            least = least.min(geodesic(GeoPoint::new(lat, lon).unwrap(), point));
            done += 1.0;
        }
    }
    least
}

/// A one-polygon zone and its outline, or nothing when it is rightly refused as too narrow.
fn watched(outline: &[(f64, f64)]) -> Option<(Area, Vec<GeoPoint>)> {
    let parts = polygon(outline, &[]);
    let ring = parts.outline.clone();
    Area::new(&polygons(vec![parts]))
        .ok()
        .map(|area| (area, ring))
}

/// Any JSON at all, with the words of `GeoJSON` among its texts so that readers get past the door.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "type",
        "Feature",
        "FeatureCollection",
        "features",
        "geometry",
        "coordinates",
        "Point",
        "Polygon",
        "MultiPolygon",
        "properties",
        "radius_m",
        "id",
        "name",
        "victim",
        "",
    ]);
    let number = prop_oneof![
        (-200.0..200.0_f64).prop_map(|value| Number::from_f64(value).unwrap()),
        any::<i64>().prop_map(Number::from),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number.prop_map(Value::Number),
        word.clone().prop_map(|word| Value::String(word.to_owned())),
    ];
    leaf.prop_recursive(6, 64, 8, move |inner| {
        let entry = (word.clone().prop_map(str::to_owned), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..8).prop_map(Value::Array),
            prop::collection::vec(entry, 0..8)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A feature that is whole but for its coordinates.
fn any_polygon() -> impl Strategy<Value = Value> {
    let position = prop::collection::vec(-181.0..181.0_f64, 1..4);
    let near =
        (-3..3_i32, 50..53_i32).prop_map(|(lon, lat)| vec![f64::from(lon) * 1e-2, f64::from(lat)]);
    let ring = prop::collection::vec(prop_oneof![position, near], 0..9);
    prop::collection::vec(ring, 0..4).prop_map(|rings| {
        let closed: Vec<Vec<Vec<f64>>> = rings
            .into_iter()
            .map(|ring| ring.iter().chain(ring.first()).cloned().collect())
            .collect();
        serde_json::json!({
            "type": "Feature", "id": "Z-1",
            "geometry": {"type": "Polygon", "coordinates": closed},
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_sign_is_that_of_geo_away_from_the_edge(outline in radial(), (x, y) in metres(2_500.0)) {
        let Some((area, ring)) = watched(&outline) else { return Ok(()) };
        let measured = area.signed_distance(at(x, y)).0;
        prop_assume!(measured.abs() > 0.001);
        prop_assert_eq!(measured > 0.0, geo_polygon(&ring).contains(&geo_point(at(x, y))));
    }

    #[test]
    fn holes_and_further_polygons_are_seen_as_geo_sees_them(
        outline in radial(), shrink in 0.2..0.8_f64, (x, y) in metres(2_500.0)
    ) {
        let hole: Vec<(f64, f64)> = outline.iter().map(|(x, y)| (x * shrink, y * shrink)).collect();
        let beside: Vec<(f64, f64)> = outline.iter().map(|(x, y)| (x + 4_100.0, *y)).collect();
        let parts = vec![polygon(&outline, &[&hole]), polygon(&beside, &[])];
        let shapes: Vec<Polygon> = parts
            .iter()
            .map(|part| {
                let holes = part.holes.iter().map(|hole| geo_polygon(hole).into_inner().0);
                Polygon::new(geo_polygon(&part.outline).into_inner().0, holes.collect())
            })
            .collect();
        let Ok(area) = Area::new(&polygons(parts)) else { return Ok(()) };
        for (x, y) in [(x, y), (x + 4_100.0, y)] {
            let measured = area.signed_distance(at(x, y)).0;
            let inside = shapes.iter().any(|shape| shape.contains(&geo_point(at(x, y))));
            prop_assert!(measured.abs() < 0.001 || (measured > 0.0) == inside, "{}", measured);
        }
    }

    #[test]
    fn the_distance_is_that_of_a_geodesic_walk_along_the_edge(
        outline in radial(), (x, y) in metres(4_000.0)
    ) {
        let Some((area, ring)) = watched(&outline) else { return Ok(()) };
        let measured = area.signed_distance(at(x, y)).0.abs();
        let walked = walked(&ring, at(x, y), 20.0);
        // The walk oversteps the nearest point by up to half a step; the frame is good to 0.1 % here.
        prop_assert!(measured <= walked * 1.001 + 0.001, "{} {}", measured, walked);
        let nearest = (measured * measured + 100.0).sqrt();
        prop_assert!(nearest >= walked * 0.999 - 0.001, "{} {}", measured, walked);
    }

    #[test]
    fn the_distance_to_holes_and_further_polygons_is_that_of_a_geodesic_walk_along_every_ring(
        outline in radial(), shrink in 0.2..0.8_f64, (x, y) in metres(5_000.0)
    ) {
        let hole: Vec<(f64, f64)> = outline.iter().map(|(x, y)| (x * shrink, y * shrink)).collect();
        let beside: Vec<(f64, f64)> = outline.iter().map(|(x, y)| (x + 4_100.0, *y)).collect();
        let parts = vec![polygon(&outline, &[&hole]), polygon(&beside, &[])];
        let holes = parts.iter().flat_map(|part| part.holes.iter().cloned());
        let rings: Vec<_> = parts.iter().map(|part| part.outline.clone()).chain(holes).collect();
        let Ok(area) = Area::new(&polygons(parts)) else { return Ok(()) };
        let measured = area.signed_distance(at(x, y)).0.abs();
        let along = rings.iter().map(|ring| walked(ring, at(x, y), 20.0));
        let walked = along.fold(f64::INFINITY, f64::min);
        prop_assert!(measured <= walked * 1.001 + 0.001, "{} {}", measured, walked);
        let nearest = (measured * measured + 100.0).sqrt();
        prop_assert!(nearest >= walked * 0.999 - 0.001, "{} {}", measured, walked);
    }

    #[test]
    fn zones_of_the_largest_size_are_measured_within_the_stated_bound(
        (x, y) in metres(60_000.0), scale in 20.0..24.0_f64, outline in radial()
    ) {
        let large: Vec<(f64, f64)> = outline.iter().map(|(x, y)| (x * scale, y * scale)).collect();
        let Some((area, ring)) = watched(&large) else { return Ok(()) };
        let measured = area.signed_distance(at(x, y)).0.abs();
        let walked = walked(&ring, at(x, y), 500.0);
        prop_assert!(measured <= walked * 1.016 + 1.0, "{} {}", measured, walked);
        let nearest = (measured * measured + 250.0 * 250.0).sqrt();
        prop_assert!(nearest >= walked * 0.984 - 1.0, "{} {}", measured, walked);
    }

    #[test]
    fn a_circle_agrees_with_the_geodesic(
        radius in 45.0..50_000.0_f64, (x, y) in metres(100_000.0)
    ) {
        let zone = circle(0.0, 0.0, radius);
        let expected = radius - geodesic(at(0.0, 0.0), at(x, y));
        let measured = area(&zone).signed_distance(at(x, y)).0;
        prop_assert!((measured - expected).abs() < 0.01 + geodesic(at(0.0, 0.0), at(x, y)) * 1e-4);
    }

    #[test]
    fn distance_is_the_geodesic_within_a_tenth_of_a_per_mille(
        lat in 49.0..62.0_f64, lon in -9.0..3.0_f64, (x, y) in metres(0.7)
    ) {
        let a = GeoPoint::new(lat, lon).unwrap();
        let b = GeoPoint::new(lat + x, lon + y).unwrap();
        prop_assert!((distance(a, b).0 - geodesic(a, b)).abs() <= geodesic(a, b) * 1e-4 + 1e-6);
        prop_assert!((distance(a, b).0 - distance(b, a).0).abs() < 1e-6);
    }

    #[test]
    fn any_two_points_are_a_finite_distance_apart(a in any_point(), b in any_point()) {
        let measured = distance(a, b).0;
        prop_assert!((0.0..=20_040_000.0).contains(&measured));
        let allowed = if measured < 15_000_000.0 { 1e-4 * measured + 1e-6 } else { 60_000.0 };
        prop_assert!((measured - geodesic(a, b)).abs() < allowed, "{}", measured);
    }

    #[test]
    fn the_index_gives_the_linear_scan_to_the_bit(outline in radial(), (x, y) in metres(3_000.0)) {
        let local = |(x, y): (f64, f64)| crate::frame::Local { x, y };
        let closed = outline.iter().chain(outline.first());
        let corners = Corners::new(std::iter::once(closed.map(|corner| local(*corner))));
        let point = FromPoint(local((x, y)));
        let plain = EdgeTree::with_index(corners.clone(), false);
        let indexed = EdgeTree::with_index(corners, true);
        let (one, other) = (plain.nearest(&point).unwrap(), indexed.nearest(&point).unwrap());
        prop_assert_eq!(one.1.to_bits(), other.1.to_bits());
        prop_assert_eq!(one.0, other.0);
    }

    #[test]
    fn a_zone_compiled_again_measures_as_it_did(outline in radial(), (x, y) in metres(3_000.0)) {
        let Some((area, _)) = watched(&outline) else { return Ok(()) };
        let again = Area::again(Arc::new(area.zone().clone()), area.inner_radius());
        let (one, other) = (area.signed_distance(at(x, y)).0, again.signed_distance(at(x, y)).0);
        prop_assert_eq!(one.to_bits(), other.to_bits());
        prop_assert_eq!(area.bounds(), again.bounds());
        prop_assert_eq!(area.inner_radius(), again.inner_radius());
    }

    #[test]
    fn turning_a_ring_round_or_starting_it_elsewhere_changes_nothing(
        outline in radial(), shift in 0..100_usize, (x, y) in metres(2_500.0)
    ) {
        let mut turned = outline.clone();
        turned.rotate_left(shift % outline.len());
        let mut reversed = turned.clone();
        reversed.reverse();
        let Some((one, _)) = watched(&outline) else { return Ok(()) };
        for other in [turned, reversed] {
            let (other, _) = watched(&other).unwrap();
            let (first, second) = (one.signed_distance(at(x, y)).0, other.signed_distance(at(x, y)).0);
            prop_assert!((first - second).abs() < 1e-6, "{} {}", first, second);
            prop_assert!((one.inner_radius().0 - other.inner_radius().0).abs() < 1e-3);
        }
    }

    #[test]
    fn the_deepest_of_a_drive_is_what_a_fine_walk_finds(
        outline in radial(), from in metres(3_000.0), to in metres(3_000.0)
    ) {
        let Some((area, _)) = watched(&outline) else { return Ok(()) };
        fine_walk(&area, from, to, 1.0)?;
    }

    #[test]
    fn the_deepest_of_a_drive_through_a_circle_is_exact(
        radius in 45.0..40_000.0_f64, from in metres(60_000.0), to in metres(60_000.0)
    ) {
        fine_walk(&area(&circle(0.0, 0.0, radius)), from, to, 0.01)?;
    }

    #[test]
    fn near_holds_every_area_within_the_margin(
        zones in prop::collection::vec((metres(5_000.0), 45.0..800.0_f64), 0..40),
        (x, y) in metres(6_000.0), to in metres(6_000.0), margin in 0.0..2_000.0_f64
    ) {
        let areas: Vec<Area> = zones.iter().map(|((x, y), r)| area(&circle(*x, *y, *r))).collect();
        let set = ZoneSet::new(areas.clone());
        let near: Vec<usize> = set.near(at(x, y), Metres(margin)).collect();
        let along: Vec<usize> = set.near_segment(at(x, y), at(to.0, to.1), Metres(margin)).collect();
        prop_assert!(near.is_sorted() && along.is_sorted());
        for (index, area) in areas.iter().enumerate() {
            if area.signed_distance(at(x, y)).0 >= -margin {
                prop_assert!(near.contains(&index));
            }
            if area.deepest_along(at(x, y), at(to.0, to.1)).0 >= -margin {
                prop_assert!(along.contains(&index));
            }
        }
    }

    #[test]
    fn no_area_holds_any_point_of_a_patch_that_is_free_of_them(
        zones in prop::collection::vec((metres(5_000.0), 45.0..800.0_f64), 0..40),
        (x, y) in metres(6_000.0), steps in prop::collection::vec(metres(12_000.0), 1..30)
    ) {
        let areas: Vec<Area> = zones.iter().map(|((x, y), r)| area(&circle(*x, *y, *r))).collect();
        let inside = areas.iter().any(|area| area.signed_distance(at(x, y)).0 > 0.0);
        let Some(patch) = ZoneSet::new(areas.clone()).free_around(at(x, y)) else { return Ok(()) };
        prop_assert!(!inside && patch.holds(at(x, y)));
        for point in steps.into_iter().map(|(east, north)| at(x + east, y + north)) {
            let held = areas.iter().any(|area| area.signed_distance(point).0 > 0.0);
            prop_assert!(!(held && patch.holds(point)), "{patch:?} {point:?}");
        }
    }

    #[test]
    fn whoever_is_deep_in_a_zone_stays_in_it_within_a_patch(
        outline in radial(), (x, y) in metres(2_000.0), steps in prop::collection::vec(metres(2_000.0), 1..30)
    ) {
        let Some((area, _)) = watched(&outline) else { return Ok(()) };
        let Metres(depth) = area.signed_distance(at(x, y));
        let patch = Patch::within(at(x, y), depth.abs());
        for point in steps.into_iter().map(|(east, north)| at(x + east, y + north)) {
            if patch.holds(point) {
                prop_assert_eq!(area.signed_distance(point).0 > 0.0, depth > 0.0);
                prop_assert!(distance(at(x, y), point).0 < depth.abs());
            }
        }
    }

    #[test]
    fn no_json_makes_the_reader_panic(json in any_json()) {
        let _unread = read_zones(&json);
    }

    #[test]
    fn no_polygon_makes_the_reader_panic_and_what_is_read_is_written_back(
        json in any_polygon(), point in any_point()
    ) {
        if let Ok(zones) = read_zones(&json) {
            prop_assert_eq!(&read_zones(&write_zones(&zones)).unwrap(), &zones);
            for zone in &zones {
                prop_assert!(area(zone).signed_distance(point).0.is_finite());
            }
        }
    }

    #[test]
    fn no_zone_and_no_point_make_measuring_panic(
        outline in prop::collection::vec(any_point(), 0..8), hole in prop::collection::vec(any_point(), 0..6),
        centre in any_point(), radius in any::<f64>(), from in any_point(), to in any_point()
    ) {
        let id = ZoneId::new("Z-1").unwrap();
        let holes = vec![hole];
        let shapes = [
            model::registry::ZoneShape::Polygons(vec![RingPolygon { outline, holes }]),
            model::registry::ZoneShape::Circle { centre, radius_m: Metres(radius) },
            model::registry::ZoneShape::Circle { centre, radius_m: Metres(5_000.0) },
        ];
        for shape in shapes {
            let zone = Zone { id: id.clone(), name: None, victim: false, shape };
            if let Ok(area) = Area::new(&zone) {
                prop_assert!(area.signed_distance(from).0.is_finite());
                prop_assert!(area.deepest_along(from, to).0.is_finite());
                let set = ZoneSet::new(vec![area]);
                prop_assert!(set.near_segment(from, to, Metres(1e5)).count() <= 1);
            }
        }
    }
}

/// Compares the deepest point of a drive with the deepest of a thousand along it.
fn fine_walk(
    area: &Area,
    from: (f64, f64),
    to: (f64, f64),
    allowed: f64,
) -> Result<(), TestCaseError> {
    let deepest = area.deepest_along(at(from.0, from.1), at(to.0, to.1)).0;
    let between = |share: f64| {
        let (a, b) = (at(from.0, from.1), at(to.0, to.1));
        let lat = a.lat.degrees() + (b.lat.degrees() - a.lat.degrees()) * share;
        let lon = a.lon.degrees() + (b.lon.degrees() - a.lon.degrees()) * share;
        area.signed_distance(GeoPoint::new(lat, lon).unwrap()).0
    };
    let walked = (0..=1_000_u32)
        .map(|step| between(f64::from(step) / 1_000.0))
        .fold(f64::NEG_INFINITY, f64::max);
    let short = allowed.max(if allowed < 1.0 { 0.0 } else { walked * 0.01 });
    prop_assert!(deepest >= walked - short, "{} {}", deepest, walked);
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let step = (dx * dx + dy * dy).sqrt() / 1_000.0;
    prop_assert!(
        deepest <= walked + step * 0.51 + 0.01,
        "{} {}",
        deepest,
        walked
    );
    Ok(())
}
