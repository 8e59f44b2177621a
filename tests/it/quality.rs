//! `tagwatch quality`, in short.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::harness::TAGWATCH;

/// One device-day and five stays of each kind.
fn measure(folder: &Path) -> (String, String) {
    let output = Command::new(TAGWATCH)
        .args(["quality", "--seed", "5", "--days", "1", "--stays", "5"])
        .args(["--cadence", "60", "--out"])
        .arg(folder)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{errors}");
    let json = std::fs::read_to_string(folder.join("quality.json")).unwrap();
    (String::from_utf8(output.stdout).unwrap(), json)
}

fn breaches(cells: &[&Value], rule: &str) -> u64 {
    let rules = cells
        .iter()
        .flat_map(|cell| cell["rules"].as_array().unwrap());
    rules
        .filter(|result| result["rule"] == rule)
        .map(|result| result["breaches"].as_u64().unwrap())
        .sum()
}

#[test]
fn a_short_measurement_adds_up_and_the_rule_beats_a_naive_one() {
    let folder = tempfile::tempdir().unwrap();
    let (table, json) = measure(folder.path());
    let report: Value = serde_json::from_str(&json).unwrap();
    let cells: Vec<&Value> = report["cells"].as_array().unwrap().iter().collect();
    assert_eq!(cells.len(), 16 + 12 + 2);
    for result in cells
        .iter()
        .flat_map(|cell| {
            cell["rules"]
                .as_array()
                .unwrap()
                .iter()
                .map(move |r| (cell, r))
        })
        .map(|(cell, result)| (cell["trials"].as_f64().unwrap(), result))
    {
        let (trials, result) = result;
        let number = |field: &str| result[field].as_f64().unwrap();
        assert!((number("per_trial") - number("breaches") / trials).abs() < 1e-9);
        assert!(number("per_trial_upper") > number("per_trial"));
        assert!(number("missed") <= trials);
        if result["breaches"] == 0 {
            assert!((number("per_trial_upper") - 2.995_732 / trials).abs() < 1e-5);
        }
    }
    let outside: Vec<&Value> = cells
        .into_iter()
        .filter(|cell| cell["course"] == "outside")
        .collect();
    let (ours, naive) = (breaches(&outside, "tagwatch"), breaches(&outside, "naive"));
    assert!(
        naive > 100 && ours * 20 < naive,
        "{ours} of ours, {naive} naive"
    );
    assert!(
        table.contains("False breaches per compliant device-day"),
        "{table}"
    );
    assert!(table.contains("Aims of tagwatch's rule"), "{table}");
    let plot = std::fs::read_to_string(folder.path().join("quality.svg")).unwrap();
    assert!(
        plot.starts_with("<svg") && plot.contains("dwell+buffer"),
        "{plot}"
    );
}

#[test]
fn the_same_seed_gives_the_same_figures_however_the_work_is_shared_out() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert_eq!(measure(one.path()), measure(other.path()));
}
