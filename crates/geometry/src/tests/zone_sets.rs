use model::registry::{Zone, ZoneShape};
use model::{GeoPoint, Metres, ZoneId};

use super::shapes::{area, at, circle};
use crate::{Area, ZoneSet};

fn row_of(count: i32) -> ZoneSet {
    let areas = (0..count).map(|index| area(&circle(f64::from(index) * 1_000.0, 0.0, 100.0)));
    ZoneSet::new(areas.collect())
}

fn circle_at(lat: f64, lon: f64) -> Area {
    area(&Zone {
        id: ZoneId::new("Z-1").unwrap(),
        name: None,
        victim: false,
        shape: ZoneShape::Circle {
            centre: GeoPoint::new(lat, lon).unwrap(),
            radius_m: Metres(500.0),
        },
    })
}

#[test]
fn an_empty_set_is_near_nothing() {
    let set = ZoneSet::new(Vec::new());
    assert!(set.is_empty() && set.get(0).is_none());
    assert_eq!(set.near(at(0.0, 0.0), Metres(1e6)).count(), 0);
}

#[test]
fn indices_come_ascending_and_are_those_of_the_areas_given() {
    let set = row_of(50);
    assert_eq!(set.len(), 50);
    let near: Vec<usize> = set.near(at(10_000.0, 0.0), Metres(1_950.0)).collect();
    assert_eq!(near, [8, 9, 10, 11, 12]);
    let near: Vec<usize> = set.near(at(10_500.0, 0.0), Metres(200.0)).collect();
    assert!(near.is_empty());
    let along = set.near_segment(at(12_300.0, 50.0), at(9_700.0, -50.0), Metres(200.0));
    assert_eq!(along.collect::<Vec<_>>(), [10, 11, 12]);
}

#[test]
fn a_zone_over_the_date_line_is_near_from_both_sides() {
    let set = ZoneSet::new(vec![circle_at(52.0, 179.999), circle_at(52.0, 0.0)]);
    let point = |lon| GeoPoint::new(52.0, lon).unwrap();
    for lon in [179.9, 179.999, 180.0, -180.0, -179.999, -179.99] {
        let near: Vec<usize> = set.near(point(lon), Metres(10_000.0)).collect();
        assert_eq!(near, [0], "{lon}");
    }
    let crossing = set.near_segment(point(179.0), point(-179.0), Metres(10.0));
    assert_eq!(crossing.collect::<Vec<_>>(), [0]);
}

#[test]
fn a_patch_reaches_up_to_the_nearest_box_and_over_the_date_line_no_further_than_may_be() {
    let set = row_of(3);
    assert_eq!(set.free_around(at(30.0, 40.0)), None);
    let patch = set.free_around(at(500.0, 0.0)).unwrap();
    for (x, y, held) in [(500.0, 0.0, true), (600.0, 90.0, true), (910.0, 0.0, false)] {
        assert_eq!(patch.holds(at(x, y)), held, "{x} {y}");
    }
    let set = ZoneSet::new(vec![circle_at(52.0, 179.999)]);
    let point = |lon| GeoPoint::new(52.0, lon).unwrap();
    assert_eq!(set.free_around(point(-179.999)), None);
    assert!(
        !set.free_around(point(-179.9))
            .unwrap()
            .holds(point(-179.995))
    );
}

#[test]
fn margins_that_make_no_sense_do_no_harm() {
    let set = row_of(3);
    for margin in [f64::NAN, -5.0, f64::NEG_INFINITY] {
        assert_eq!(
            set.near(at(0.0, 0.0), Metres(margin)).collect::<Vec<_>>(),
            [0]
        );
    }
    assert_eq!(set.near(at(0.0, 0.0), Metres(f64::INFINITY)).count(), 3);
}
