//! Readings come late, the process dies in between, and what is decided is what the journal says.

use model::{Decision, Phase};

use crate::harness::{
    Mosquitto, Tagwatch, fix, publish, registry, replayed_decisions, stored_decisions, topic,
    wait_until,
};

const WEARERS: usize = 5;
const PARTITIONS: u16 = 2;

/// Everybody walks in after half an hour, stays for a quarter, and leaves.
fn walk(minute: u64) -> f64 {
    if (30..45).contains(&minute) {
        20.0
    } else {
        600.0
    }
}

/// These minutes of everybody's walk.
fn report(port: u16, start_ms: i64, minutes: impl Iterator<Item = u64> + Send + 'static) {
    let walked = minutes.flat_map(|minute| (0..WEARERS).map(move |number| (number, minute)));
    let messages = walked.map(move |(number, minute)| {
        let t_ms = start_ms + i64::try_from(minute).unwrap() * 60_000;
        let payload = fix(minute + 1, t_ms, walk(minute));
        (topic(number, PARTITIONS), payload.to_string())
    });
    publish(port, messages);
}

fn late(decisions: &[Decision], phase: Phase) -> usize {
    let late = |d: &&Decision| {
        d.late && d.phase == phase && d.kind == model::DecisionKind::ExclusionZoneEntered
    };
    decisions.iter().filter(late).count()
}

#[test]
fn a_visit_that_comes_late_is_told_of_though_the_process_dies_before_it_is_judged() {
    let mosquitto = Mosquitto::start();
    let mut tagwatch = Tagwatch::start(mosquitto.port, PARTITIONS, &registry(WEARERS));
    // Ninety minutes that ended a while ago: what is late is so by the clock on the wall.
    let now_ms = chrono::Utc::now().timestamp_millis();
    let start_ms = now_ms - 100 * 60_000;
    report(mosquitto.port, start_ms, (0..30).chain(45..90));
    report(mosquitto.port, start_ms, 30..45);
    tagwatch.kill();
    tagwatch.restart();
    wait_until("the visits are told of", || {
        let stored = stored_decisions(tagwatch.store());
        late(&stored, Phase::Cleared) == WEARERS
    });
    // Another fix each, so that the journal goes on past the time at which they were judged.
    report(mosquitto.port, start_ms, 90..91);
    wait_until("the last fixes are in the journal", || {
        crate::harness::journal(tagwatch.store()).len() >= 91 * WEARERS
    });
    assert!(tagwatch.terminate().success(), "{}", tagwatch.output());
    let stored = stored_decisions(tagwatch.store());
    assert_eq!(late(&stored, Phase::Opened), WEARERS);
    let text = |mut decisions: Vec<Decision>| {
        decisions.sort_by_key(|d| (d.alert.to_string(), d.revision));
        serde_json::to_string_pretty(&decisions).unwrap()
    };
    assert_eq!(
        text(stored),
        text(replayed_decisions(&tagwatch)),
        "as a replay of the journal decides"
    );
}
