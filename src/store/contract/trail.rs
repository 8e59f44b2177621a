//! What searching positions promises.

use std::sync::Arc;

use model::{Latitude, Longitude, Reading, ReadingBody};

use super::{Site, sample};
use crate::store::{BoxQuery, Store, TRAIL_MAX, TrailPoint, TrailQuery};

const DAY_S: i64 = 24 * 60 * 60;

/// A fix of that wearer, at that place.
fn fix_at(wearer: &str, seq: u64, seconds: i64, (lat, lon): (f64, f64)) -> Reading {
    let mut reading = sample::fix(&format!("GPS-{wearer}"), Some(seq), seconds);
    reading.wearer = sample::wearer(wearer);
    if let ReadingBody::Position(position) = &mut reading.report.body {
        (position.lat, position.lon) = (lat, lon);
    }
    reading
}

fn the_trail_of(wearer: &str, from: i64, to: i64) -> TrailQuery {
    TrailQuery {
        wearer: sample::wearer(wearer),
        from: sample::at(from),
        to: sample::at(to),
        limit: usize::MAX,
        newest: false,
    }
}

/// From 52 to 53 degrees north and from 3 to 2 degrees west.
fn the_box(from: i64, to: i64) -> BoxQuery {
    BoxQuery {
        south: Latitude::new(52.0).unwrap(),
        west: Longitude::new(-3.0).unwrap(),
        north: Latitude::new(53.0).unwrap(),
        east: Longitude::new(-2.0).unwrap(),
        from: sample::at(from),
        to: sample::at(to),
        limit: TRAIL_MAX,
    }
}

async fn commit(store: &Arc<dyn Store>, readings: &[Reading]) {
    sample::commit_readings(store, readings.to_vec()).await;
}

fn points(readings: &[&Reading]) -> Vec<TrailPoint> {
    readings.iter().filter_map(|r| TrailPoint::of(r)).collect()
}

pub(crate) async fn a_trail_is_in_the_order_observed_however_it_came_in(site: &impl Site) {
    let store = site.open().await;
    let place = (52.806_690_000_000_01, -2.116_430_000_000_000_3);
    let mut late = fix_at("W-1", 1, 30, place);
    late.received_at.0 = sample::at(2 * DAY_S);
    let readings = [
        fix_at("W-1", 2, 60, place),
        fix_at("W-2", 1, 60, place),
        sample::presence("GPS-W-1", 61),
        fix_at("W-1", 3, 0, place),
        fix_at("W-1", 4, 90, (200.0, 7.0)),
        fix_at("W-1", 5, DAY_S, place),
        late,
    ];
    commit(&store, &readings).await;
    let [second, _other, _presence, first, _mad, next_day, between] = &readings;
    let whole = store
        .trail(&the_trail_of("W-1", 0, DAY_S + 1))
        .await
        .unwrap();
    assert_eq!(whole, points(&[first, between, second, next_day]));
    let part = store.trail(&the_trail_of("W-1", 30, 60)).await.unwrap();
    assert_eq!(part, points(&[between]));
    let mut short = the_trail_of("W-1", 0, DAY_S);
    short.limit = 2;
    let short = store.trail(&short).await.unwrap();
    assert_eq!(short, points(&[first, between]));
    let mut last = the_trail_of("W-1", 0, DAY_S);
    (last.limit, last.newest) = (2, true);
    let last = store.trail(&last).await.unwrap();
    assert_eq!(last, points(&[between, second]));
    let nobodys = store.trail(&the_trail_of("W-3", 0, DAY_S)).await;
    assert_eq!(nobodys.unwrap(), []);
}

pub(crate) async fn a_trail_has_what_a_clock_that_was_ahead_observed(site: &impl Site) {
    let store = site.open().await;
    let place = (52.8, -2.1);
    let taken_in = |seq: u64, observed: i64, received: i64| {
        let mut fix = fix_at("W-1", seq, observed, place);
        fix.received_at.0 = sample::at(received);
        fix
    };
    let readings = [
        taken_in(1, 3 * DAY_S, 0),
        taken_in(2, 600, 0),
        taken_in(3, 601, 0),
        taken_in(4, 1_200, 1_200),
        taken_in(5, 900, 1_300),
    ];
    commit(&store, &readings).await;
    let [far, near, further, right, late] = &readings;
    let whole = store.trail(&the_trail_of("W-1", 600, 4 * DAY_S)).await;
    assert_eq!(whole.unwrap(), points(&[near, further, late, right, far]));
    let mut newest = the_trail_of("W-1", 0, 4 * DAY_S);
    (newest.limit, newest.newest) = (2, true);
    let newest = store.trail(&newest).await.unwrap();
    assert_eq!(newest, points(&[right, far]));
}

pub(crate) async fn who_passed_by_was_in_the_box_or_on_its_edge(site: &impl Site) {
    let store = site.open().await;
    let just = |degrees: f64| f64::from_bits(degrees.to_bits() + 1);
    let readings = [
        fix_at("W-1", 1, 0, (52.5, -2.5)),
        fix_at("W-2", 1, 1, (52.0, -3.0)),
        fix_at("W-3", 1, 2, (53.0, -2.0)),
        // One step of the number away from the northern and the western edge.
        fix_at("W-4", 1, 3, (just(53.0), -2.5)),
        fix_at("W-5", 1, 4, (52.5, just(-3.0))),
        fix_at("W-1", 2, 5, (52.25, -2.75)),
        fix_at("W-1", 3, 60, (52.5, -2.5)),
    ];
    commit(&store, &readings).await;
    let [inside, south_west, north_east, _north, _west, again, after] = &readings;
    let found = store.passed_by(&the_box(0, 60)).await.unwrap();
    assert_eq!(found, points(&[inside, south_west, north_east, again]));
    let later = store.passed_by(&the_box(5, 61)).await.unwrap();
    assert_eq!(later, points(&[again, after]));
    let first = BoxQuery {
        limit: 1,
        ..the_box(0, 60)
    };
    assert_eq!(store.passed_by(&first).await.unwrap(), points(&[inside]));
    let inverted = BoxQuery {
        west: Longitude::new(-2.0).unwrap(),
        east: Longitude::new(-3.0).unwrap(),
        ..the_box(0, 60)
    };
    assert_eq!(store.passed_by(&inverted).await.unwrap(), []);
}
