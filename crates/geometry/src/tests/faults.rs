use model::registry::{RingPolygon, Zone, ZoneShape};
use model::{GeoPoint, Metres};

use super::shapes::{at, circle, polygon, polygons, ring, square, star, zone};
use crate::{Area, MAX_VERTICES, ZoneFault};

/// What `Area::new` says of a zone, or nothing when it takes it.
fn said(zone: &Zone) -> String {
    Area::new(zone).map_or_else(|error| error.to_string(), |_| String::new())
}

fn fault(zone: &Zone) -> ZoneFault {
    Area::new(zone).unwrap_err().fault
}

fn near(lat: f64, lon: f64, x: f64, y: f64) -> bool {
    let expected = at(x, y);
    (lat - expected.lat.degrees()).abs() < 1e-6 && (lon - expected.lon.degrees()).abs() < 1e-6
}

#[test]
fn a_bow_tie_is_refused_with_the_place_where_it_crosses() {
    let bow = [(0.0, 0.0), (400.0, 400.0), (400.0, 0.0), (0.0, 400.0)];
    let ZoneFault::SelfCrossing { place, lat, lon } = fault(&polygons(vec![polygon(&bow, &[])]))
    else {
        panic!("not a self-crossing");
    };
    assert_eq!((place.polygon, place.ring), (0, 0));
    assert!(near(lat, lon, 200.0, 200.0), "{lat} {lon}");
}

#[test]
fn one_crossing_among_ten_thousand_vertices_is_found() {
    let mut points = star(10_000, 4_000.0, 0.01);
    points.swap(5_000, 5_002);
    let zone = polygons(vec![polygon(&points, &[])]);
    assert!(matches!(fault(&zone), ZoneFault::SelfCrossing { .. }));
}

#[test]
fn a_ring_that_runs_back_along_itself_is_refused() {
    let spike = [
        (0.0, 0.0),
        (400.0, 0.0),
        (900.0, 0.0),
        (400.0, 0.0),
        (400.0, 400.0),
        (0.0, 400.0),
    ];
    let keyhole = [
        (0.0, 0.0),
        (400.0, 0.0),
        (400.0, 200.0),
        (300.0, 200.0),
        (300.0, 300.0),
        (200.0, 300.0),
        (200.0, 200.0),
        (300.0, 200.0),
        (400.0, 200.0),
        (400.0, 400.0),
        (0.0, 400.0),
    ];
    for outline in [&spike[..], &keyhole[..]] {
        let zone = polygons(vec![polygon(outline, &[])]);
        assert!(
            matches!(fault(&zone), ZoneFault::SelfCrossing { .. }),
            "{}",
            said(&zone)
        );
    }
}

#[test]
fn touching_at_a_point_is_no_crossing() {
    let eight = [
        (0.0, 0.0),
        (300.0, 0.0),
        (300.0, 300.0),
        (600.0, 300.0),
        (600.0, 600.0),
        (300.0, 600.0),
        (300.0, 300.0),
        (0.0, 300.0),
    ];
    let hole = [(0.0, 500.0), (-100.0, 300.0), (100.0, 300.0)];
    let corners = vec![
        polygon(&square(0.0, 0.0, 200.0), &[]),
        polygon(&square(400.0, 400.0, 200.0), &[]),
    ];
    for zone in [
        polygons(vec![polygon(&eight, &[])]),
        polygons(vec![polygon(&square(0.0, 0.0, 500.0), &[&hole])]),
        polygons(corners),
    ] {
        assert_eq!(said(&zone), "");
    }
}

#[test]
fn a_hole_must_lie_in_its_outline_and_apart_from_other_holes() {
    let outline = square(0.0, 0.0, 500.0);
    let outside = square(1_000.0, 0.0, 100.0);
    let across = square(500.0, 0.0, 100.0);
    let inner = square(0.0, 0.0, 50.0);
    let outer = square(0.0, 0.0, 200.0);
    let beside = square(200.0, 0.0, 100.0);
    // Its corners are on the outline's edge, so that nothing crosses: it slips out at the touch.
    let slipping = [(450.0, 0.0), (500.0, -50.0), (600.0, 0.0), (500.0, 50.0)];
    for (holes, expected) in [
        (
            vec![&outside[..]],
            "hole 1 of polygon 0: lies outside its outline at",
        ),
        (
            vec![&across[..]],
            "hole 1 of polygon 0: crosses its outline at",
        ),
        (
            vec![&slipping[..]],
            "hole 1 of polygon 0: lies outside its outline at",
        ),
        (
            vec![&outer[..], &inner[..]],
            "hole 2 of polygon 0 and hole 1 of polygon 0 overlap at",
        ),
        (
            vec![&outer[..], &beside[..]],
            "hole 1 of polygon 0 and hole 2 of polygon 0 overlap at",
        ),
        (
            vec![&outline[..]],
            "hole 1 of polygon 0: crosses its outline at",
        ),
    ] {
        let said = said(&polygons(vec![polygon(&outline, &holes)]));
        assert!(said.starts_with(&format!("zone Z-1: {expected}")), "{said}");
    }
}

#[test]
fn polygons_that_overlap_nest_or_share_an_edge_are_refused() {
    let one = || polygon(&square(0.0, 0.0, 500.0), &[]);
    for other in [
        polygon(&square(400.0, 0.0, 500.0), &[]),
        polygon(&square(0.0, 0.0, 100.0), &[]),
        polygon(&square(1_000.0, 0.0, 500.0), &[]),
        one(),
    ] {
        for pair in [vec![one(), other.clone()], vec![other.clone(), one()]] {
            let fault = fault(&polygons(pair));
            assert!(
                matches!(fault, ZoneFault::PolygonsOverlap { .. }),
                "{fault}"
            );
        }
    }
}

#[test]
fn what_is_no_ring_is_refused_by_name() {
    let open = RingPolygon {
        outline: vec![
            at(0.0, 0.0),
            at(400.0, 0.0),
            at(400.0, 400.0),
            at(0.0, 400.0),
        ],
        holes: Vec::new(),
    };
    let short = RingPolygon {
        outline: vec![at(0.0, 0.0), at(400.0, 0.0), at(0.0, 0.0)],
        holes: Vec::new(),
    };
    let none = RingPolygon {
        outline: Vec::new(),
        holes: Vec::new(),
    };
    let flat = polygon(&[(0.0, 0.0), (400.0, 400.0), (200.0, 200.0)], &[]);
    let dot = polygon(&[(0.0, 0.0), (0.0, 0.0), (0.0, 0.0)], &[]);
    for (parts, expected) in [
        (vec![open], "outline of polygon 0: not closed"),
        (vec![short], "outline of polygon 0: 3 positions"),
        (vec![none], "the polygon is empty"),
        (vec![], "the polygon is empty"),
        (vec![flat], "outline of polygon 0: encloses no area"),
        (vec![dot], "outline of polygon 0: encloses no area"),
    ] {
        let said = said(&polygons(parts));
        assert!(said.starts_with(&format!("zone Z-1: {expected}")), "{said}");
    }
}

#[test]
fn sizes_are_held_between_what_gps_resolves_and_what_the_frame_bears() {
    for (zone, expected) in [
        (
            circle(0.0, 0.0, 31.6),
            "inner radius 31 m is under 45 m, three times the 15 m",
        ),
        (circle(0.0, 0.0, 44.999), "inner radius 44 m is under 45 m"),
        (circle(0.0, 0.0, 45.0), ""),
        (circle(0.0, 0.0, 60.0), ""),
        (
            circle(0.0, 0.0, 51_000.0),
            "102000 m across, more than 100000 m",
        ),
        (circle(0.0, 0.0, 0.0), "radius_m 0 is not a positive"),
        (circle(0.0, 0.0, f64::NAN), "radius_m NaN is not a positive"),
        (
            polygons(vec![polygon(&square(0.0, 0.0, 30.0), &[])]),
            "inner radius",
        ),
        (polygons(vec![polygon(&square(0.0, 0.0, 45.0), &[])]), ""),
        (
            polygons(vec![polygon(&square(0.0, 0.0, 50_500.0), &[])]),
            "101000 m across",
        ),
    ] {
        let said = said(&zone);
        assert!(
            said.contains(expected) && said.is_empty() == expected.is_empty(),
            "{said}"
        );
    }
}

#[test]
fn latitude_and_longitude_the_wrong_way_round_are_suspected() {
    let swapped = zone(ZoneShape::Circle {
        centre: GeoPoint::new(-2.1, 52.8).unwrap(),
        radius_m: Metres(500.0),
    });
    assert!(
        said(&swapped).contains("suspected to be swapped"),
        "{}",
        said(&swapped)
    );
}

#[test]
fn the_poles_and_the_date_line_are_refused_by_name() {
    let at_pole = zone(ZoneShape::Circle {
        centre: GeoPoint::new(89.0, 0.0).unwrap(),
        radius_m: Metres(500.0),
    });
    assert!(matches!(fault(&at_pole), ZoneFault::TooNearPole(_)));
    let corner = |lat, lon| GeoPoint::new(lat, lon).unwrap();
    let outline = vec![
        corner(52.0, 179.99),
        corner(52.0, -179.99),
        corner(52.01, -179.99),
        corner(52.0, 179.99),
    ];
    let over = polygons(vec![RingPolygon {
        outline,
        holes: Vec::new(),
    }]);
    assert_eq!(fault(&over), ZoneFault::CrossesDateLine);
}

#[test]
fn vertices_have_a_limit_and_up_to_it_checking_is_quick() {
    let count = u32::try_from(MAX_VERTICES).unwrap();
    let over = polygons(vec![polygon(&star(count, 9_000.0, 0.001), &[])]);
    assert_eq!(fault(&over), ZoneFault::TooManyVertices(MAX_VERTICES + 1));
}

#[test]
fn a_fan_of_needles_is_refused_in_bounded_time() {
    // Every needle's box covers a quarter of the star: comparing all would take the square.
    let needles = polygons(vec![polygon(&star(40_000, 20_000.0, 0.95), &[])]);
    assert_eq!(fault(&needles), ZoneFault::TooTangled);
}

#[test]
fn positions_repeated_one_after_another_do_no_harm() {
    let mut outline = ring(&square(0.0, 0.0, 500.0));
    let doubled: Vec<GeoPoint> = outline.drain(..).flat_map(|point| [point, point]).collect();
    let zone = polygons(vec![RingPolygon {
        outline: doubled,
        holes: Vec::new(),
    }]);
    assert_eq!(said(&zone), "");
}
