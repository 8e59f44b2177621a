//! One fix of a wearer with three zones and a curfew; aim: at most 300 ns where nothing happens.

use std::hint::black_box;

use chrono::TimeDelta;
use criterion::{Criterion, criterion_group, criterion_main};
use engine::{Engine, RulesPolicy};
use model::{PolicyChange, Reading, ReadingBody, ReceivedAt, Timestamp};
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

fn zone(id: &str, lat: f64) -> Value {
    json!({"zone": {"id": id, "shape": {"circle": {"centre": {"lat": lat, "lon": -2.1}, "radius_m": 300.0}}}})
}

fn watched() -> Result<Engine, Failure> {
    let mut engine = Engine::new(RulesPolicy::default());
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let changes = [
        json!({"activation": {"device": "D-1", "kind": "gps", "wearer": "W-1", "from": "2026-01-01T00:00:00Z"}}),
        zone("Z-1", 52.9),
        zone("Z-2", 52.95),
        zone("Z-3", 52.801),
        json!({"place": {"id": "P-1", "lat": 52.8, "lon": -2.1, "radius_m": 60.0}}),
        json!({"order": {
            "id": "O-1", "wearer": "W-1", "type": "BAIL", "from": "2026-01-01T00:00:00Z",
            "conditions": [
                {"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1", "Z-2"]},
                {"id": "C-2", "kind": "inclusion_zone", "zones": ["Z-3"]},
                {"id": "C-3", "kind": "curfew", "place": "P-1",
                 "windows": [{"days": days, "start": "19:00", "end": "07:00"}]},
            ],
        }}),
    ];
    for change in changes {
        let change: PolicyChange = serde_json::from_value(change)?;
        engine.handle_policy(&change, Timestamp::parse("2026-03-02T00:00:00Z")?);
    }
    Ok(engine)
}

/// The reading, a minute later and some metres away.
fn advance(reading: &mut Reading, north: f64) {
    let now = reading.report.observed_at.0.plus(TimeDelta::minutes(1));
    reading.report.observed_at.0 = now;
    reading.received_at = ReceivedAt(now);
    reading.report.seq = reading.report.seq.map(|seq| seq + 1);
    if let ReadingBody::Position(position) = &mut reading.report.body {
        position.lat = 52.8 + north;
    }
}

fn fixes(criterion: &mut Criterion) -> Result<(), Failure> {
    let mut engine = watched()?;
    let mut reading: Reading = serde_json::from_value(json!({
        "wearer": "W-1", "received_at": "2026-03-02T12:00:00Z", "device": "D-1", "seq": 1,
        "t": "2026-03-02T12:00:00Z", "kind": "position", "lat": 52.8, "lon": -2.1, "acc": 8.0,
    }))?;
    let mut minute = 0u8;
    criterion.bench_function("a fix at home, three zones and a curfew", |bencher| {
        bencher.iter(|| {
            minute = minute.wrapping_add(1);
            advance(&mut reading, f64::from(minute % 8) * 1e-5);
            let now = reading.received_at.0;
            black_box(engine.handle_reading(black_box(&reading), now));
            while let Some(decision) = engine.poll_decision() {
                black_box(decision);
            }
        });
    });
    Ok(())
}

fn bench(criterion: &mut Criterion) {
    if let Err(failure) = fixes(criterion) {
        criterion.bench_function(&format!("failed: {failure}"), |bencher| bencher.iter(|| ()));
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
