//! Scenarios through everything: simulated tags, broker, engine, store, and an oracle that knows the truth.

use std::process::Command;

use crate::harness::TAGWATCH;

/// Plays a shipped scenario in the demo, which fails where a breach was missed or an alert false; gives what it printed.
fn play(name: &str, more: &[&str]) -> String {
    let file = format!(
        "{}/fixtures/scenarios/{name}.toml",
        env!("CARGO_MANIFEST_DIR")
    );
    let ports = ["--mqtt", "127.0.0.1:0", "--http", "127.0.0.1:0"];
    let output = Command::new(TAGWATCH)
        .args(["demo", "--scenario", &file])
        .args(more)
        .args(ports)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let why = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}\n{why}");
    said
}

fn due(said: &str) -> u32 {
    let line = said
        .lines()
        .find(|line| line.contains("breaches planned and due"));
    line.unwrap()
        .split_whitespace()
        .last()
        .unwrap()
        .parse()
        .unwrap()
}

#[test]
fn a_cell_that_is_down_hides_no_breach_and_makes_none() {
    let said = play("cell-outage", &["--speed", "180", "--for", "35s"]);
    assert!(due(&said) > 0, "{said}");
}

#[test]
fn two_hours_without_any_signal_and_their_replay_hide_no_breach_and_make_none() {
    let more = ["--wearers", "40", "--speed", "300", "--for", "35s"];
    let said = play("replay-after-outage", &more);
    assert!(due(&said) > 0, "{said}");
}

#[test]
fn what_is_no_scenario_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wrong.toml");
    std::fs::write(&file, "about = \"x\"\nseed = 1\nwearers = 0\n").unwrap();
    let output = Command::new(TAGWATCH)
        .args(["demo", "--scenario"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    for needed in ["wrong.toml", "line 3, column 11", "from 1 to 1000000"] {
        assert!(said.contains(needed), "{said}");
    }
}

#[test]
fn payday_night_a_festival_and_a_firmware_bug_hide_no_breach_and_make_none() {
    // Together, since a scenario waits more than it works.
    let all = ["payday-night", "county-festival", "firmware-bug"];
    std::thread::scope(|scope| {
        let runs =
            all.map(|name| scope.spawn(move || play(name, &["--speed", "240", "--for", "45s"])));
        for (name, run) in all.into_iter().zip(runs) {
            let said = run.join().unwrap();
            assert!(due(&said) > 0, "{name}: {said}");
        }
    });
}

#[test]
fn a_bug_that_has_tags_cry_wolf_is_one_incident_and_the_true_cut_is_told() {
    let said = play("firmware-bug", &["--speed", "240", "--for", "30s"]);
    assert!(said.contains("incident"), "{said}");
    assert!(said.contains("strap_tamper"), "{said}");
}
