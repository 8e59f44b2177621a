//! `tagwatch erase`: nothing of a wearer is left in the store's files, and the others' journal still leads to
//! the others' decisions.

use std::path::Path;
use std::process::{Command, Output};

use chrono::{Duration, SecondsFormat, Utc};
use rusqlite::Connection;
use serde_json::{Value, json};
use tagwatch::store::StoreAddress;
use testbed::Postgres;

use crate::harness::{
    Mosquitto, TAGWATCH, Tagwatch, checkpoints, database, publish, registry, start_postgres,
    stored_decisions, wait_until,
};

const WEARERS: u32 = 3;
const ROUNDS: u32 = 60;
const PARTITIONS: u16 = 2;
/// Whose time is over.
const GONE: usize = 1;
const NAME: &str = "Invented Person 1";
/// The latitude of where they live.
const HOME: &str = "52.98765";

/// Three wearers; the order of one of them, about a place of their own too, ended an hour ago, or so much
/// longer.
fn one_is_over(longer: Duration) -> Value {
    let over = Utc::now() - longer - Duration::hours(1);
    let over = over.to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut registry: Value = serde_json::from_str(&registry(WEARERS as usize)).unwrap();
    registry["orders"][GONE]["to"] = over.clone().into();
    registry["activations"][GONE]["to"] = over.into();
    registry["places"] = json!([{"id": "P-1", "lat": 52.98765, "lon": -2.3, "radius_m": 50}]);
    registry["orders"][GONE]["time_zone"] = "Europe/London".into();
    let conditions = registry["orders"][GONE]["conditions"]
        .as_array_mut()
        .unwrap();
    // On a day on which nothing of this happens.
    let day = (Utc::now() + Duration::days(3)).format("%a").to_string();
    conditions.push(json!({"id": "C-CURFEW", "kind": "curfew", "place": "P-1",
        "windows": [{"days": [day], "start": "02:00", "end": "03:00"}]}));
    registry
}

/// Everybody's walk, so much longer ago: before the order ended.
fn walks(longer: Duration) -> impl ExactSizeIterator<Item = (String, String)> {
    let start_ms = (Utc::now() - longer).timestamp_millis() - 4 * 3_600_000;
    crate::harness::walks(start_ms, (ROUNDS, WEARERS), PARTITIONS)
}

fn erase(tagwatch: &Tagwatch, wearer: &str, more: &[&str]) -> Output {
    Command::new(TAGWATCH)
        .arg("erase")
        .arg("--config")
        .arg(tagwatch.folder.path().join("tagwatch.toml"))
        .args(["--wearer", wearer, "--by", "clerk 7"])
        .args(more)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

/// How often `text` stands in the store's files, the log and free pages included.
fn found(tagwatch: &Tagwatch, text: &str) -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir(tagwatch.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().contains(".sqlite") {
            let bytes = std::fs::read(&path).unwrap();
            let places = bytes.windows(text.len());
            count += places.filter(|window| *window == text.as_bytes()).count();
        }
    }
    count
}

fn decisions_of_others(store: &StoreAddress) -> Vec<model::Decision> {
    let mut decisions = stored_decisions(store);
    decisions.retain(|decision| decision.wearer.as_str() != "W-1");
    decisions
}

#[test]
fn nothing_of_a_wearer_is_left_and_the_journal_still_leads_to_what_is() {
    let mosquitto = Mosquitto::start();
    let document = one_is_over(Duration::zero());
    let mut tagwatch = Tagwatch::start(mosquitto.port, PARTITIONS, &document.to_string());
    publish(mosquitto.port, walks(Duration::zero()));
    let journaled = "tagwatch_readings_total{kind=\"position\",outcome=\"journaled\"}";
    wait_until("everything is taken in", || {
        tagwatch.metric(journaled) == u64::from(ROUNDS * WEARERS)
    });
    assert!(tagwatch.terminate().success(), "{}", tagwatch.output());
    for text in [NAME, HOME, "GPS-1"] {
        assert!(found(&tagwatch, text) > 0, "{text} is there before");
    }

    refusals(&tagwatch, document);

    let reason = ["--reason", "six years are over"];
    let rehearsed = erase(&tagwatch, "W-1", &[&reason[..], &["--dry-run"]].concat());
    assert!(rehearsed.status.success(), "{}", said(&rehearsed));
    assert!(
        said(&rehearsed).contains("60 readings, 5 policy changes"),
        "{}",
        said(&rehearsed)
    );
    assert!(found(&tagwatch, NAME) > 0, "a rehearsal erases nothing");

    let others = decisions_of_others(tagwatch.store());
    let erased = erase(&tagwatch, "W-1", &reason);
    assert!(erased.status.success(), "{}", said(&erased));
    assert_eq!(
        said(&erased).replace("erased", "would be erased"),
        said(&rehearsed)
    );
    for text in [NAME, HOME, "GPS-1", "O-1", "C-1"] {
        assert_eq!(found(&tagwatch, text), 0, "{text} is left");
    }
    assert!(found(&tagwatch, "Invented Person 2") > 0);
    assert_proved(&tagwatch, 65);
    assert_eq!(decisions_of_others(tagwatch.store()), others);
    goes_on(&mut tagwatch);
    assert_proved(&tagwatch, 65);
    assert_eq!(found(&tagwatch, NAME), 0, "{NAME} does not come back");
}

/// Somebody whose order is in force is not erased, nor somebody whom a document still names, or the reason.
fn refusals(tagwatch: &Tagwatch, document: Value) {
    let reason = ["--reason", "six years are over"];
    let refused = erase(tagwatch, "W-0", &reason);
    assert!(!refused.status.success());
    assert!(
        said(&refused).contains("order O-0 is in force, without an end"),
        "{}",
        said(&refused)
    );
    assert!(
        said(&refused).contains("device GPS-0 is worn, without an end"),
        "{}",
        said(&refused)
    );
    let refused = erase(tagwatch, "W-1", &reason);
    assert!(!refused.status.success());
    assert!(
        said(&refused).contains("registry.json still names W-1"),
        "{}",
        said(&refused)
    );
    forget(tagwatch, document);
    let named = format!("{NAME} asked for it");
    let refused = erase(tagwatch, "W-1", &["--reason", &named]);
    assert!(
        said(&refused).contains("the reason names them"),
        "{}",
        said(&refused)
    );
}

/// Takes the wearer out of the document that the installation starts with.
fn forget(tagwatch: &Tagwatch, mut document: Value) {
    for part in ["wearers", "activations", "orders"] {
        document[part].as_array_mut().unwrap().remove(GONE);
    }
    document["places"] = json!([]);
    let path = tagwatch.folder.path().join("registry.json");
    std::fs::write(path, document.to_string()).unwrap();
}

/// `tagwatch <name> --store <the file>`.
fn on_store(store: &Path, command: &[&str]) -> Output {
    Command::new(TAGWATCH)
        .args(command)
        .arg("--store")
        .arg(store)
        .output()
        .unwrap()
}

fn assert_proved(tagwatch: &Tagwatch, erased: u64) {
    let output = on_store(&tagwatch.store_path(), &["verify", "--json"]);
    assert!(output.status.success(), "{}", said(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let partitions = report["partitions"].as_array().unwrap();
    let counts = partitions
        .iter()
        .map(|journal| journal["erased"].as_u64().unwrap());
    assert_eq!(counts.sum::<u64>(), erased, "{report}");
}

fn goes_on(tagwatch: &mut Tagwatch) {
    tagwatch.restart();
    let (_, alerts) = tagwatch.api.get("/v1/alerts?wearer=W-1");
    assert_eq!(alerts["alerts"], json!([]), "{alerts}");
    let (_, alerts) = tagwatch.api.get("/v1/alerts?wearer=W-0");
    assert_ne!(alerts["alerts"], json!([]), "{alerts}");
    let (_, trail) = tagwatch.api.get("/v1/audit?limit=100");
    let entries = trail["entries"]
        .as_array()
        .unwrap_or_else(|| panic!("{trail}"));
    let entry = entries
        .iter()
        .find(|entry| entry["action"] == "wearer.erase")
        .unwrap();
    assert_eq!(
        (&entry["actor"], &entry["subject"]),
        (&json!("clerk 7"), &json!("W-1"))
    );
    let why = entry["reason"].as_str().unwrap();
    assert!(
        why.starts_with("six years are over (erased: 60 readings"),
        "{why}"
    );
    assert!(tagwatch.terminate().success(), "{}", tagwatch.output());
}

#[test]
fn a_tagwatch_that_still_runs_on_the_store_cannot_write_any_more() {
    let mosquitto = Mosquitto::start();
    let document = one_is_over(Duration::zero());
    let mut tagwatch = Tagwatch::start(mosquitto.port, PARTITIONS, &document.to_string());
    forget(&tagwatch, document);
    let erased = erase(&tagwatch, "W-1", &["--reason", "six years are over"]);
    // Whether its log could be emptied hangs on what is being read just then.
    let is_busy = said(&erased).contains("another process reads the store");
    assert!(erased.status.success() || is_busy, "{}", said(&erased));
    publish(mosquitto.port, walks(Duration::zero()));
    assert!(!tagwatch.wait().success(), "it ends with an error");
    assert!(
        tagwatch.output().contains("has taken partition"),
        "{}",
        tagwatch.output()
    );
}

/// How often `text` stands in a dump of the database, in words or as bytes.
fn dumped(url: &str, text: &str) -> usize {
    let mut dump = Postgres::tool("pg_dump").unwrap();
    let output = dump.arg(url).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let dump = String::from_utf8(output.stdout).unwrap();
    let bytes = text.bytes().map(|byte| format!("{byte:02x}"));
    let as_bytes = bytes.collect::<String>();
    dump.matches(text).count() + dump.matches(&as_bytes).count()
}

/// How many of the snapshots that a start would go on from know `text`: they are kept compressed.
fn snapshots_with(store: &StoreAddress, text: &str) -> usize {
    let knows = |snapshot: &[u8]| snapshot.windows(text.len()).any(|at| at == text.as_bytes());
    let checkpoints = checkpoints(store);
    checkpoints
        .iter()
        .filter(|kept| knows(&kept.snapshot))
        .count()
}

#[test]
fn nothing_of_a_wearer_is_left_in_a_database_and_the_journal_still_leads_to_what_is() {
    let mosquitto = Mosquitto::start();
    let server = start_postgres();
    let store = database(&server);
    let StoreAddress::Database(url) = &store else {
        panic!("{store:?}");
    };
    let url = url.expose().to_owned();
    let document = one_is_over(Duration::zero());
    let mut tagwatch = Tagwatch::start_on(store, mosquitto.port, PARTITIONS, &document.to_string());
    publish(mosquitto.port, walks(Duration::zero()));
    wait_until("everything is taken in", || {
        tagwatch.journaled() == u64::from(ROUNDS * WEARERS)
    });
    assert!(tagwatch.terminate().success(), "{}", tagwatch.output());
    forget(&tagwatch, document);
    for text in [NAME, HOME, "GPS-1"] {
        assert!(dumped(&url, text) > 0, "{text} is there before");
    }

    assert!(snapshots_with(tagwatch.store(), "W-1") > 0);

    let others = decisions_of_others(tagwatch.store());
    let erased = erase(&tagwatch, "W-1", &["--reason", "six years are over"]);
    assert!(erased.status.success(), "{}", said(&erased));
    assert!(said(&erased).contains("60 readings"), "{}", said(&erased));
    assert!(snapshots_with(tagwatch.store(), "W-0") > 0);
    for text in ["W-1", "GPS-1"] {
        assert_eq!(snapshots_with(tagwatch.store(), text), 0, "{text} is left");
    }
    for text in [NAME, HOME, "GPS-1"] {
        assert_eq!(dumped(&url, text), 0, "{text} is left");
    }
    assert_eq!(decisions_of_others(tagwatch.store()), others);
    for command in ["verify", "replay"] {
        let output = on_store(Path::new(&url), &[command]);
        assert!(output.status.success(), "{command}: {}", said(&output));
    }
    goes_on(&mut tagwatch);
    assert_eq!(dumped(&url, NAME), 0, "{NAME} does not come back");
}

/// How long ago everything was, and how long readings are kept: from the one the other is gone.
const LONG_AGO: Duration = Duration::days(62);
const KEPT_DAYS: u32 = 42;

/// An installation that took everything in long ago, and then let the readings go.
fn pruned(mosquitto: &Mosquitto, document: &Value) -> Tagwatch {
    let mut tagwatch =
        Tagwatch::start_in_the_past(mosquitto.port, PARTITIONS, &document.to_string(), LONG_AGO);
    publish(mosquitto.port, walks(LONG_AGO));
    wait_until("everything is taken in", || {
        tagwatch.journaled() == u64::from(ROUNDS * WEARERS)
    });
    assert!(tagwatch.terminate().success(), "{}", tagwatch.output());
    let config = tagwatch.folder.path().join("tagwatch.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    let text = format!("{text}[retention]\nreadings_days = {KEPT_DAYS}\n");
    std::fs::write(&config, text).unwrap();
    let output = Command::new(TAGWATCH)
        .args(["prune", "--config"])
        .arg(&config)
        .output()
        .unwrap();
    assert!(
        said(&output).contains("gone: 180 readings"),
        "{}",
        said(&output)
    );
    tagwatch
}

fn assert_replayed(tagwatch: &Tagwatch) {
    for command in ["verify", "replay"] {
        let output = on_store(&tagwatch.store_path(), &[command]);
        assert!(output.status.success(), "{command}: {}", said(&output));
    }
}

#[test]
fn who_is_known_to_what_a_journal_goes_on_from_is_erased_and_the_journal_still_goes_on() {
    let document = one_is_over(LONG_AGO);
    let mosquitto = Mosquitto::start();
    let mut tagwatch = pruned(&mosquitto, &document);
    forget(&tagwatch, document);
    for text in [NAME, HOME, "GPS-1"] {
        assert!(found(&tagwatch, text) > 0, "{text} is there before");
    }
    let erased = erase(&tagwatch, "W-1", &["--reason", "six years are over"]);
    assert!(erased.status.success(), "{}", said(&erased));
    for text in [NAME, HOME, "GPS-1", "O-1", "C-1"] {
        assert_eq!(found(&tagwatch, text), 0, "{text} is left");
    }
    assert_replayed(&tagwatch);
    tagwatch.restart();
    assert!(tagwatch.terminate().success(), "{}", tagwatch.output());
    assert_replayed(&tagwatch);
    assert_eq!(found(&tagwatch, NAME), 0, "{NAME} does not come back");
}

#[test]
fn nobody_is_erased_while_what_a_journal_goes_on_from_cannot_be_read() {
    let document = one_is_over(LONG_AGO);
    let mosquitto = Mosquitto::start();
    let tagwatch = pruned(&mosquitto, &document);
    forget(&tagwatch, document);
    let connection = Connection::open(tagwatch.store_path()).unwrap();
    let spoil = "UPDATE checkpoints SET snapshot = x'00'";
    assert!(connection.execute(spoil, []).unwrap() > 0);
    let refused = erase(&tagwatch, "W-1", &["--reason", "six years are over"]);
    assert!(!refused.status.success());
    assert!(
        said(&refused).contains("which cannot be read"),
        "{}",
        said(&refused)
    );
    assert!(found(&tagwatch, NAME) > 0, "nothing is erased");

    connection.execute("DELETE FROM checkpoints", []).unwrap();
    drop(connection);
    let why = "no checkpoint that can be read covers";
    let replayed = on_store(&tagwatch.store_path(), &["replay"]);
    assert!(said(&replayed).contains(why), "{}", said(&replayed));
    let started = tagwatch.start_in_vain();
    assert!(!started.status.success());
    assert!(said(&started).contains(why), "{}", said(&started));
}
