//! What is kept long enough is let go of, and the rest still leads to what was decided since.

use std::process::{Command, Output};

use chrono::{TimeDelta, Utc};
use model::{DecisionKind, Phase};

use crate::harness::{
    Mosquitto, TAGWATCH, Tagwatch, fix, journal, publish, registry, replayed_decisions,
    stored_decisions, topic, wait_until,
};

const KEPT_DAYS: i64 = 42;

/// One fix a minute from then on, each so many metres north of the zone's middle.
fn report(port: u16, first_seq: u64, from_ms: i64, north_m: &[f64]) {
    let messages: Vec<_> = (first_seq..)
        .zip(north_m)
        .map(|(seq, north_m)| {
            let minute = i64::try_from(seq - first_seq).unwrap();
            let fix = fix(seq, from_ms + minute * 60_000, *north_m);
            (topic(0, 1), fix.to_string())
        })
        .collect();
    publish(port, messages.into_iter());
}

fn prune(tagwatch: &Tagwatch, more: &[&str]) -> String {
    let output = command("prune", tagwatch, more);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

fn command(name: &str, tagwatch: &Tagwatch, more: &[&str]) -> Output {
    Command::new(TAGWATCH)
        .args([name, "--config"])
        .arg(tagwatch.folder.path().join("tagwatch.toml"))
        .args(more)
        .output()
        .unwrap()
}

#[test]
fn what_is_old_goes_and_what_came_since_is_decided_again_from_the_checkpoint() {
    let mosquitto = Mosquitto::start();
    let port = mosquitto.port;
    let ago = TimeDelta::days(KEPT_DAYS + 20);
    let long_ago_ms = (Utc::now() - ago).timestamp_millis() - 10 * 60_000;
    let mut tagwatch = Tagwatch::start_in_the_past(port, 1, &registry(1), ago);
    report(port, 1, long_ago_ms, &[600.0; 5]);
    wait_until("the old fixes are kept", || tagwatch.journaled() == 5);
    assert!(tagwatch.terminate().success(), "{}", tagwatch.output());

    assert!(
        !command("prune", &tagwatch, &[]).status.success(),
        "all is to be kept"
    );
    let config = tagwatch.folder.path().join("tagwatch.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    let text = format!("{text}[retention]\nreadings_days = {KEPT_DAYS}\n");
    std::fs::write(config, text).unwrap();
    let kept = journal(tagwatch.store()).len();
    assert!(prune(&tagwatch, &["--dry-run"]).contains("would go: 5 readings"));
    assert_eq!(journal(tagwatch.store()).len(), kept);
    assert!(prune(&tagwatch, &[]).contains("gone: 5 readings"));

    tagwatch.restart();
    let lately_ms = Utc::now().timestamp_millis() - 20 * 60_000;
    let walk = [[600.0; 5], [20.0; 5], [700.0; 5]].concat();
    report(port, 100, lately_ms, &walk);
    wait_until("the new fixes are kept", || tagwatch.journaled() == 15);
    assert!(tagwatch.terminate().success(), "{}", tagwatch.output());

    let replayed = replayed_decisions(&tagwatch);
    let entered = replayed
        .iter()
        .filter(|d| d.kind == DecisionKind::ExclusionZoneEntered && d.phase == Phase::Opened);
    assert_eq!(entered.count(), 1);
    let stored = stored_decisions(tagwatch.store());
    for decision in &replayed {
        assert!(stored.contains(decision), "{decision:?}");
    }
    let verified = Command::new(TAGWATCH)
        .args(["verify", "--store"])
        .arg(tagwatch.store_path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&verified.stdout);
    assert!(verified.status.success(), "{said}");
}
