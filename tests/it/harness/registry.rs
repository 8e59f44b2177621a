//! A small registry: wearers `W-0` … with devices `GPS-0` …, all to keep out of one circle.

use std::num::NonZeroU16;

use model::{PartitionId, WearerId};
use serde_json::{Value, json};

/// The middle of the zone, 150 m in radius.
pub(crate) const ZONE_LAT: f64 = 52.8;
pub(crate) const ZONE_LON: f64 = -2.1;

/// Metres in a degree of latitude, near enough for tests.
const METRES_PER_DEGREE: f64 = 111_250.0;

pub(crate) fn device(number: usize) -> String {
    format!("GPS-{number}")
}

pub(crate) fn topic(number: usize, partitions: u16) -> String {
    let wearer = WearerId::new(format!("W-{number}")).unwrap();
    let partition = PartitionId::of(&wearer, NonZeroU16::new(partitions).unwrap());
    format!("em/v1/{partition}/{}/position", device(number))
}

/// A fix so many metres north of the middle of the zone.
pub(crate) fn fix(seq: u64, t_ms: i64, north_m: f64) -> Value {
    let lat = ZONE_LAT + north_m / METRES_PER_DEGREE;
    json!({"seq": seq, "t": t_ms, "lat": lat, "lon": ZONE_LON, "acc": 6.0, "src": "gps"})
}

/// Everybody walks into the zone and out again: so many rounds of fixes, a minute between two, from
/// `start_ms` on.
pub(crate) fn walks(
    start_ms: i64,
    (rounds, wearers): (u32, u32),
    partitions: u16,
) -> impl ExactSizeIterator<Item = (String, String)> {
    (0..rounds * wearers).map(move |n| {
        let (round, wearer) = (n / wearers, n % wearers);
        let north_m = if (20..40).contains(&round) {
            10.0
        } else {
            600.0
        };
        let t_ms = start_ms + i64::from(round) * 60_000;
        let fix = fix(u64::from(round) + 1, t_ms, north_m);
        (topic(wearer as usize, partitions), fix.to_string())
    })
}

pub(crate) fn registry(wearers: usize) -> String {
    let numbers = || 0..wearers;
    let each = |make: &dyn Fn(usize) -> Value| numbers().map(make).collect::<Vec<Value>>();
    let document = json!({
        "wearers": each(&|n| json!({
            "id": format!("W-{n}"), "name": format!("Invented Person {n}"),
            "police_force": "staffordshire", "probation_region": "west-midlands"
        })),
        "activations": each(&|n| json!({
            "device": device(n), "kind": "gps", "wearer": format!("W-{n}"),
            "from": "2020-01-01T00:00:00Z", "cadence_s": 60, "upload_interval_s": 60
        })),
        "orders": each(&|n| json!({
            "id": format!("O-{n}"), "version": 1, "wearer": format!("W-{n}"), "type": "POST_RELEASE",
            "responsible_organisation": "PROBATION", "from": "2020-01-01T00:00:00Z",
            "conditions": [{"id": format!("C-{n}"), "kind": "exclusion_zone", "zones": ["Z-1"]}]
        })),
        "zones": {"type": "FeatureCollection", "features": [{
            "type": "Feature", "id": "Z-1", "properties": {"name": "The Circle", "radius_m": 150},
            "geometry": {"type": "Point", "coordinates": [ZONE_LON, ZONE_LAT]}
        }]}
    });
    document.to_string()
}
