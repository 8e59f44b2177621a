use model::registry::Zone;

use super::shapes::{area, at, circle, polygon, polygons, square, star};
use crate::DEEPEST_TOLERANCE_M;

/// Measures `zone` at points in metres and compares with distances worked out by hand.
fn check(zone: &Zone, table: &[((f64, f64), f64)]) {
    let area = area(zone);
    for ((x, y), expected) in table {
        let measured = area.signed_distance(at(*x, *y)).0;
        let allowed = 0.01 + expected.abs() * 1e-3;
        assert!(
            (measured - expected).abs() < allowed,
            "({x}, {y}): {measured} is not {expected}"
        );
    }
}

#[test]
fn a_square_is_measured_to_its_sides_and_corners() {
    let zone = polygons(vec![polygon(&square(0.0, 0.0, 500.0), &[])]);
    check(
        &zone,
        &[
            ((0.0, 0.0), 500.0),
            ((490.0, 0.0), 10.0),
            ((500.0, 0.0), 0.0),
            ((500.0, 500.0), 0.0),
            ((510.0, 0.0), -10.0),
            ((503.0, 504.0), -5.0),
            ((0.0, -700.0), -200.0),
        ],
    );
}

#[test]
fn a_hole_is_outside_and_its_rim_is_an_edge() {
    let hole = square(0.0, 0.0, 200.0);
    let zone = polygons(vec![polygon(&square(0.0, 0.0, 500.0), &[&hole])]);
    check(
        &zone,
        &[
            ((0.0, 0.0), -200.0),
            ((190.0, 0.0), -10.0),
            ((210.0, 0.0), 10.0),
            ((350.0, 0.0), 150.0),
            ((-200.0, 0.0), 0.0),
        ],
    );
}

#[test]
fn each_polygon_of_several_counts_and_so_does_an_island_in_a_hole() {
    let hole = square(0.0, 0.0, 300.0);
    let zone = polygons(vec![
        polygon(&square(0.0, 0.0, 500.0), &[&hole]),
        polygon(&square(0.0, 0.0, 100.0), &[]),
        polygon(&square(2_000.0, 0.0, 500.0), &[]),
    ]);
    check(
        &zone,
        &[
            ((0.0, 0.0), 100.0),
            ((180.0, 0.0), -80.0),
            ((400.0, 0.0), 100.0),
            ((2_000.0, 0.0), 500.0),
            ((1_400.0, 0.0), -100.0),
        ],
    );
}

#[test]
fn a_circle_is_measured_along_the_ground() {
    check(
        &circle(0.0, 0.0, 60.0),
        &[
            ((0.0, 0.0), 60.0),
            ((60.0, 0.0), 0.0),
            ((0.0, 100.0), -40.0),
            ((30.0, 40.0), 10.0),
        ],
    );
}

#[test]
fn the_depth_of_a_drive_through_a_circle_is_that_of_its_nearest_point() {
    let area = area(&circle(0.0, 0.0, 500.0));
    for (from, to, expected) in [
        ((-2_000.0, 100.0), (2_000.0, 100.0), 400.0),
        ((-2_000.0, 700.0), (2_000.0, 700.0), -200.0),
        ((100.0, 0.0), (5_000.0, 0.0), 400.0),
        ((600.0, 0.0), (5_000.0, 0.0), -100.0),
        ((300.0, 0.0), (300.0, 0.0), 200.0),
    ] {
        let deepest = area.deepest_along(at(from.0, from.1), at(to.0, to.1)).0;
        assert!((deepest - expected).abs() < 0.3, "{from:?}: {deepest}");
    }
}

#[test]
fn the_depth_of_a_drive_through_a_polygon_is_within_the_tolerance() {
    let area = area(&polygons(vec![polygon(&square(0.0, 0.0, 500.0), &[])]));
    for (from, to, expected) in [
        ((-2_000.0, 400.0), (2_000.0, 400.0), 100.0),
        ((-2_000.0, 0.0), (2_000.0, 0.0), 500.0),
        ((-2_000.0, 650.0), (2_000.0, 650.0), -150.0),
        ((-700.0, 0.0), (-600.0, 0.0), -100.0),
        // Over a corner: the middle of the way is 60 m from both sides.
        ((380.0, 500.0), (500.0, 380.0), 60.0),
    ] {
        let deepest = area.deepest_along(at(from.0, from.1), at(to.0, to.1)).0;
        let allowed = DEEPEST_TOLERANCE_M.max(expected * 0.01);
        assert!(
            deepest <= expected + 0.2 && deepest >= expected - allowed - 0.2,
            "{from:?}: {deepest} is not {expected}"
        );
    }
}

#[test]
fn the_inner_radius_is_that_of_the_largest_circle_that_fits() {
    let corridor = [(0.0, 0.0), (20_000.0, 0.0), (20_000.0, 100.0), (0.0, 100.0)];
    let hole = square(0.0, 0.0, 100.0);
    for (zone, expected) in [
        (circle(0.0, 0.0, 60.0), 60.0),
        (polygons(vec![polygon(&square(0.0, 0.0, 80.0), &[])]), 80.0),
        (polygons(vec![polygon(&corridor, &[])]), 50.0),
        (
            polygons(vec![polygon(
                &[(0.0, 0.0), (400.0, 0.0), (0.0, 300.0)],
                &[],
            )]),
            100.0,
        ),
        // Between the corner of a 500 m square and that of its hole: r = 400·√2 / (1 + √2).
        (
            polygons(vec![polygon(&square(0.0, 0.0, 500.0), &[&hole])]),
            234.3,
        ),
        (
            polygons(vec![polygon(&star(10_000, 4_000.0, 0.01), &[])]),
            3_960.0,
        ),
    ] {
        let radius = area(&zone).inner_radius().0;
        assert!(
            radius <= expected * 1.001 && radius >= expected * 0.989,
            "{radius} is not {expected}"
        );
    }
}

#[test]
fn clones_share_one_shape_and_threads_share_both() {
    fn shared<T: Send + Sync + Clone + std::fmt::Debug>(_: &T) {}
    let area = area(&circle(0.0, 0.0, 60.0));
    shared(&area);
    assert_eq!(
        format!("{area:?}"),
        "Area { id: \"Z-1\", inner_radius_m: 60.0, .. }"
    );
}
