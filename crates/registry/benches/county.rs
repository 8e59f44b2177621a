//! What it costs to read and to check everybody who is monitored: a document of 50,000 wearers, about as
//! many as England and Wales expect, each with a curfew, a zone of their own and the zones of every school.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use model::Timestamp;
use registry::Document;
use serde_json::{Value, json};

const WEARERS: u32 = 50_000;
/// More than there are in England and Wales.
const SCHOOLS: u32 = 50_000;
/// A zone as people draw one.
const VERTICES: u32 = 24;

const ALL: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Spread over England, 250 a row.
fn spot(number: u32) -> (f64, f64) {
    let (row, column) = (number / 250, number % 250);
    (
        50.5 + f64::from(row) * 0.02,
        -3.5 + f64::from(column) * 0.018,
    )
}

/// A ring of about 300 m around a spot.
fn zone(id: &str, (lat, lon): (f64, f64)) -> Value {
    let vertex = |index: u32| {
        let angle = f64::from(index % VERTICES) / f64::from(VERTICES) * std::f64::consts::TAU;
        json!([lon + 0.0045 * angle.cos(), lat + 0.0027 * angle.sin()])
    };
    let ring: Vec<Value> = (0..=VERTICES).map(vertex).collect();
    json!({"type": "Feature", "id": id, "properties": {"name": "a zone"},
        "geometry": {"type": "Polygon", "coordinates": [ring]}})
}

fn order(number: u32) -> Value {
    json!({
        "id": format!("O-{number}"), "wearer": format!("W-{number}"), "type": "COMMUNITY",
        "from": "2026-03-01T00:00:00Z", "to": "2026-09-01T00:00:00Z", "conditions": [
            {"id": format!("C-{number}-1"), "kind": "curfew", "place": format!("P-{number}"),
                "windows": [{"days": ALL, "start": "19:00", "end": "07:00"}]},
            {"id": format!("C-{number}-2"), "kind": "exclusion_zone",
                "zones": [format!("Z-{number}"), "set:schools"],
                "schedule": [{"days": ALL, "start": "06:00", "end": "20:00"}]},
        ]
    })
}

fn document() -> String {
    let each = |of: &dyn Fn(u32) -> Value| (0..WEARERS).map(of).collect::<Vec<Value>>();
    let collection = |zones: Vec<Value>| json!({"type": "FeatureCollection", "features": zones});
    let near = |number: u32| {
        let (lat, lon) = spot(number);
        (lat + 0.01, lon)
    };
    let schools = (0..SCHOOLS).map(|number| zone(&format!("S-{number}"), near(number)));
    let document = json!({
        "wearers": each(&|number| json!({"id": format!("W-{number}"), "name": "A. Person",
            "date_of_birth": "1990-01-31", "police_force": "staffordshire"})),
        "activations": each(&|number| json!({"device": format!("GPS-{number}"), "kind": "gps",
            "wearer": format!("W-{number}"), "from": "2026-03-01T00:00:00Z", "to": null})),
        "places": each(&|number| {
            let (lat, lon) = spot(number);
            json!({"id": format!("P-{number}"), "lat": lat, "lon": lon, "radius_m": 50})
        }),
        "orders": each(&order),
        "zones": collection(each(&|number| zone(&format!("Z-{number}"), near(number)))),
        "zone_sets": {"schools": collection(schools.collect())},
    });
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn read(text: &str) -> Document {
    match registry::read_text(
        Path::new("county.json"),
        text.to_owned(),
        &registry::Meter::default(),
    )
    .sound()
    {
        Ok(document) => document,
        Err(error) => unreachable!("{error}"),
    }
}

fn county(criterion: &mut Criterion) {
    let text = document();
    let mut group = criterion.benchmark_group("50,000 wearers");
    group.sample_size(10);
    group.throughput(criterion::Throughput::Bytes(text.len() as u64));
    group.bench_function("read", |bencher| bencher.iter(|| read(black_box(&text))));
    let document = read(&text);
    let nothing = BTreeSet::new();
    // 2026-04-01T12:00:00Z
    let now = Timestamp::from_epoch_ms(1_775_044_800_000).unwrap_or_default();
    group.bench_function("check", |bencher| {
        bencher.iter(|| black_box(&document).check(&[], &nothing, now));
    });
    // Everybody's order has something to be told of: half a year after everything was taken off.
    let wrong = text.replace("\"to\": null", "\"to\": \"2026-03-02T00:00:00Z\"");
    let wrong = read(&wrong);
    group.bench_function("check, each with a warning", |bencher| {
        bencher.iter(|| black_box(&wrong).check(&[], &nothing, now));
    });
    group.finish();
}

criterion_group!(benches, county);
criterion_main!(benches);
