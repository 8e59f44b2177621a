//! What is imported while everything runs takes effect, is journaled, and is asked for again later.

use std::process::{Command, Output};
use std::time::Instant;

use serde_json::{Value, json};
use tagwatch::store::StoreAddress;

use crate::harness::{
    Mosquitto, PATIENCE, TAGWATCH, Tagwatch, database, fix, publish, registry, replayed_decisions,
    start_postgres, stored_decisions, topic, wait_until,
};

const PARTITIONS: u16 = 3;
const WEARERS: usize = 5;

fn import(tagwatch: &Tagwatch, document: &str, more: &[&str]) -> Output {
    let path = tagwatch.folder.path().join("imported.json");
    std::fs::write(&path, document).unwrap();
    Command::new(TAGWATCH)
        .arg("import")
        .arg("--config")
        .arg(tagwatch.folder.path().join("tagwatch.toml"))
        .args(["--by", "clerk-7", "--reason", "order of the court"])
        .args(more)
        .arg(path)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Everybody walks into the middle of the zone; so many fixes, a minute apart, the last one now.
fn walk_in(port: u16, seq: u64, fixes: u64) {
    let now_ms = chrono::Utc::now().timestamp_millis();
    let walked = (0..fixes).flat_map(|minute| (0..WEARERS).map(move |number| (number, minute)));
    let messages = walked.map(move |(number, minute)| {
        let ago = i64::try_from(fixes - 1 - minute).unwrap() * 60_000;
        let north_m = if minute < 3 { 800.0 } else { 10.0 };
        let payload = fix(seq + minute, now_ms - ago, north_m);
        (topic(number, PARTITIONS), payload.to_string())
    });
    publish(port, messages);
}

fn alerts(tagwatch: &Tagwatch) -> Vec<Value> {
    let (_, body) = tagwatch.api.get("/v1/alerts?kind=exclusion_zone_entered");
    body["alerts"].as_array().unwrap().clone()
}

fn what_is_imported_is_watched_and_survives(store: Option<StoreAddress>) {
    let mosquitto = Mosquitto::start();
    let mut tagwatch = match store {
        Some(store) => Tagwatch::start_on(store, mosquitto.port, PARTITIONS, "{}"),
        None => Tagwatch::start(mosquitto.port, PARTITIONS, "{}"),
    };
    let output = import(&tagwatch, &registry(WEARERS), &["--dry-run"]);
    assert!(output.status.success(), "{}", said(&output));
    let parts = 3 * WEARERS + 1;
    let would = format!("{parts} would be new, 0 would be changed, 0 as they were");
    assert!(said(&output).contains(&would), "{}", said(&output));

    let output = import(&tagwatch, &registry(WEARERS), &[]);
    assert!(output.status.success(), "{}", said(&output));
    let imported = Instant::now();
    wait_until("the engines have come to the registry", || {
        (0..PARTITIONS).all(|partition| {
            let name = format!("tagwatch_registry_revision{{partition=\"{partition}\"}}");
            tagwatch.metric(&name) == u64::try_from(parts).unwrap()
        })
    });
    assert!(imported.elapsed() < PATIENCE);
    walk_in(mosquitto.port, 1, 12);
    wait_until("everybody's visit is told of", || {
        alerts(&tagwatch).len() == WEARERS
    });
    for alert in alerts(&tagwatch) {
        let decision = &alert["decision"];
        assert_eq!(decision["order_version"], 1);
        assert_eq!(decision["registry"], parts, "{decision}");
    }
    assert_eq!(tagwatch.api.dead_letters(), []);

    let output = import(&tagwatch, &registry(WEARERS), &[]);
    let same = format!("0 new, 0 changed, {parts} as they were");
    assert!(said(&output).contains(&same), "{}", said(&output));
    tagwatch.kill();
    tagwatch.restart();
    assert_eq!(alerts(&tagwatch).len(), WEARERS);
    assert!(tagwatch.terminate().success(), "{}", tagwatch.output());
    assert_eq!(
        stored_decisions(tagwatch.store()).len(),
        replayed_decisions(&tagwatch).len()
    );
}

#[test]
fn what_is_imported_while_everything_runs_is_watched_and_survives() {
    what_is_imported_is_watched_and_survives(None);
}

#[test]
fn what_is_imported_into_a_database_is_watched_and_survives() {
    let server = start_postgres();
    what_is_imported_is_watched_and_survives(Some(database(&server)));
}

#[test]
fn an_import_with_one_fault_registers_nothing_and_a_variation_says_what_it_changes() {
    let mosquitto = Mosquitto::start();
    let tagwatch = Tagwatch::start(mosquitto.port, PARTITIONS, &registry(WEARERS));
    let mut varied: Value = serde_json::from_str(&registry(WEARERS)).unwrap();
    varied["zones"]["features"][0]["properties"]["radius_m"] = json!(200);
    varied["orders"][1]["to"] = json!("2027-01-01T00:00:00Z");
    let output = import(&tagwatch, &varied.to_string(), &[]);
    assert!(!output.status.success());
    let refusal = said(&output);
    assert!(refusal.contains("nothing is registered"), "{refusal}");
    assert!(
        refusal.contains("version 1 is registered, so a variation needs version 2"),
        "{refusal}"
    );

    varied["orders"][1]["version"] = json!(2);
    let output = import(&tagwatch, &varied.to_string(), &[]);
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("~ order/O-1 (version 1 → 2)"), "{text}");
    assert!(
        text.contains("/to: null → \"2027-01-01T00:00:00Z\""),
        "{text}"
    );
    assert!(text.contains("radius_m: 150.0 → 200.0"), "{text}");
    assert!(text.contains("0 new, 2 changed"), "{text}");
    let output = import(&tagwatch, &varied.to_string(), &["--dry-run"]);
    assert!(output.status.success(), "{}", said(&output));
    let (_, audit) = tagwatch.api.get("/v1/audit?limit=2");
    assert_eq!(
        audit["entries"][0]["action"], "registry.rehearse",
        "{audit}"
    );
    let entry = &audit["entries"][1];
    assert_eq!(entry["actor"], "clerk-7", "{audit}");
    assert_eq!(entry["action"], "registry.put");
    assert_eq!(entry["reason"], "order of the court");
}

/// What the program says of a zone that it has no geometry of: its id.
fn missing_zone(said: &str) -> String {
    let line = said
        .lines()
        .find(|line| line.starts_with("geometry missing: zone "))
        .unwrap_or_else(|| panic!("no zone is missing: {said}"));
    line.split_whitespace().nth(3).unwrap().to_owned()
}

#[test]
fn an_order_with_a_zone_in_prose_is_taken_in_and_told_of_until_the_zone_is_drawn() {
    let mosquitto = Mosquitto::start();
    let tagwatch = Tagwatch::start(mosquitto.port, PARTITIONS, "{}");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/hmpps");
    let order = std::fs::read_to_string(format!("{folder}/licence-zones-and-attendance.json"));
    let output = import(&tagwatch, &order.unwrap(), &[]);
    assert!(output.status.success(), "{}", said(&output));
    let zone = missing_zone(&said(&output));
    let about_it = |state: &str| {
        let path = format!("/v1/alerts?kind=geometry_missing&state={state}");
        let (_, body) = tagwatch.api.get(&path);
        let alerts = body["alerts"].as_array().unwrap().clone();
        let names = |alert: &&Value| alert["decision"].to_string().contains(&zone);
        alerts.iter().filter(names).count()
    };
    wait_until("operators are told", || about_it("open") == 1);
    let drawn = json!({"type": "FeatureCollection", "features": [{
        "type": "Feature", "id": zone, "properties": {"radius_m": 150},
        "geometry": {"type": "Point", "coordinates": [-2.1, 52.8]}
    }]});
    let output = import(&tagwatch, &drawn.to_string(), &[]);
    assert!(output.status.success(), "{}", said(&output));
    wait_until("it is watched", || about_it("open") == 0);
}

#[test]
fn a_preview_says_what_a_zone_would_have_raised_and_changes_nothing() {
    let mosquitto = Mosquitto::start();
    let tagwatch = Tagwatch::start(mosquitto.port, PARTITIONS, &registry(WEARERS));
    walk_in(mosquitto.port, 1, 12);
    wait_until("everybody's visit is told of", || {
        alerts(&tagwatch).len() == WEARERS
    });
    // As they walked 800 m to the north first, one zone more, there, and for W-1 only.
    let mut varied: Value = serde_json::from_str(&registry(WEARERS)).unwrap();
    let document = json!({
        "zones": {"type": "FeatureCollection", "features": [{
            "type": "Feature", "id": "Z-2", "properties": {"radius_m": 150},
            "geometry": {"type": "Point", "coordinates": [-2.1, 52.8 + 800.0 / 111_250.0]}
        }]},
        "orders": [varied["orders"][1].take()]
    });
    let mut document = document;
    document["orders"][0]["version"] = json!(2);
    document["orders"][0]["conditions"][0]["zones"] = json!(["Z-1", "Z-2"]);
    let output = import(&tagwatch, &document.to_string(), &["--preview", "7"]);
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    // One visit to both zones: it would have begun three minutes earlier.
    assert!(text.contains("W-1: 12 readings"), "{text}");
    assert!(
        text.contains("- exclusion_zone_entered of C-1: from "),
        "{text}"
    );
    assert!(
        text.contains("+ exclusion_zone_entered of C-1: from "),
        "{text}"
    );
    assert!(
        text.contains("1 wearers judged again over 7 days: otherwise for 1"),
        "{text}"
    );
    // A smaller zone in the same place: nobody would have been in it.
    let zone = json!({"zones": {"type": "FeatureCollection", "features": [{
        "type": "Feature", "id": "Z-1", "properties": {"name": "The Circle", "radius_m": 60},
        "geometry": {"type": "Point", "coordinates": [-2.1, 52.806]}
    }]}});
    let output = import(&tagwatch, &zone.to_string(), &["--preview", "7"]);
    let text = said(&output);
    assert_eq!(
        text.matches("- exclusion_zone_entered").count(),
        WEARERS,
        "{text}"
    );
    let revision = u64::try_from(3 * WEARERS + 1).unwrap();
    let name = "tagwatch_registry_revision{partition=\"0\"}";
    assert_eq!(tagwatch.metric(name), revision, "nothing was changed");
}
