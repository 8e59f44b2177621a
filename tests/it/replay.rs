//! `tagwatch replay` over files.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::harness::TAGWATCH;

fn replay(case: &str, more: &[&str]) -> Output {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/golden")
        .join(case);
    Command::new(TAGWATCH)
        .arg("replay")
        .arg("--registry")
        .arg(folder.join("registry.json"))
        .arg("--readings")
        .arg(folder.join("readings.jsonl"))
        .args(later(&folder))
        .args(more)
        .output()
        .unwrap()
}

/// A case may hold changes that become known later.
fn later(folder: &Path) -> Vec<std::ffi::OsString> {
    let changes = folder.join("changes.jsonl");
    if changes.exists() {
        vec!["--changes".into(), changes.into()]
    } else {
        Vec::new()
    }
}

fn decisions(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Every case whose folder holds `decisions.jsonl` gives exactly those bytes.
#[test]
fn golden_cases_give_their_decisions_to_the_byte() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden");
    let mut cases = 0;
    for entry in std::fs::read_dir(&root).unwrap() {
        let folder = entry.unwrap().path();
        let expected = folder.join("decisions.jsonl");
        let case = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let until = std::fs::read_to_string(folder.join("until")).ok();
        let until = until.as_deref().map(str::trim);
        let arguments = until.map_or(vec![], |until| vec!["--until", until]);
        let output = replay(&case, &arguments);
        assert!(
            output.status.success(),
            "{case}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&expected, &output.stdout).unwrap();
        }
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(
            printed,
            std::fs::read_to_string(&expected).unwrap(),
            "{case}"
        );
        cases += 1;
    }
    assert!(cases >= 2, "only {cases} golden cases");
}

#[test]
fn a_replay_prints_the_same_bytes_every_time() {
    let first = replay("real-drive", &[]);
    assert!(!first.stdout.is_empty());
    assert_eq!(first.stdout, replay("real-drive", &[]).stdout);
}

#[test]
fn the_real_drive_enters_one_zone_glances_at_another_and_passes_a_third() {
    let decisions = decisions(&replay("real-drive", &[]));
    let of = |condition: &str, kind: &str| -> Vec<&Value> {
        let wanted = |d: &&Value| d["condition"] == condition && d["kind"] == kind;
        decisions.iter().filter(wanted).collect()
    };
    let through = of("C-THROUGH", "exclusion_zone_entered");
    let phases: Vec<&str> = through
        .iter()
        .map(|d| d["phase"].as_str().unwrap())
        .collect();
    assert_eq!(phases, ["opened", "cleared"], "{through:?}");
    let at = |d: &Value, field: &str| {
        d[field]
            .as_str()
            .unwrap()
            .parse::<model::Timestamp>()
            .unwrap()
    };
    let opened = through[0];
    // The first fix inside the rectangle, by its plain coordinates.
    let entered = first_inside();
    assert!(
        at(opened, "onset").seconds_since(entered).abs() <= 60.0,
        "{opened}"
    );
    assert!(
        at(opened, "decided").seconds_since(entered) <= 240.0,
        "{opened}"
    );
    assert!(of("C-GLANCE", "exclusion_zone_entered").is_empty());
    assert!(
        decisions.iter().all(|d| d["condition"] != "C-BESIDE"),
        "{decisions:?}"
    );
}

fn first_inside() -> model::Timestamp {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden/real-drive/readings.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    let fixes = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let inside = |fix: &Value| {
        let (lat, lon) = (fix["lat"].as_f64().unwrap(), fix["lon"].as_f64().unwrap());
        (48.15..48.1605).contains(&lat) && (11.533..11.549).contains(&lon)
    };
    let first = fixes.into_iter().find(inside).unwrap();
    first["t"].as_str().unwrap().parse().unwrap()
}

#[test]
fn hours_of_noise_50_m_outside_a_zone_raise_nothing() {
    let output = replay("stationary-noise-50m", &[]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "");
}
