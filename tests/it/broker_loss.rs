//! A broker that drops what it has acknowledged: the operators hear of it.

use std::ops::Range;

use model::{DecisionKind, Evidence, PolicyChange};
use serde_json::Value;
use tagwatch::store::JournalInput;

use crate::harness::{
    Mosquitto, SHIPPED, Tagwatch, fix, journal, publish, registry, stored_decisions, sys, topic,
    wait_until,
};

const DROPPED: &str = "tagwatch_broker_messages_dropped_total";
const START_MS: i64 = 1_772_445_600_000;

/// As nobody should ship it: it drops what is beyond ten messages.
fn forgetful() -> Mosquitto {
    let settings = SHIPPED
        .replace("max_queued_messages 0", "max_queued_messages 10")
        .replace("max_inflight_messages 4000", "max_inflight_messages 10")
        .replace("sys_interval 10", "sys_interval 1");
    assert!(settings.contains("messages 10\n") && settings.contains("interval 1\n"));
    Mosquitto::with(&settings)
}

/// The fixes with these numbers, all outside the zone.
fn fixes(numbers: Range<u32>) -> impl ExactSizeIterator<Item = (String, String)> {
    numbers.map(|n| {
        let fix = fix(n.into(), START_MS + i64::from(n) * 1000, 600.0);
        (topic(0, 1), fix.to_string())
    })
}

/// What the count is on record to be, oldest first.
fn recorded(tagwatch: &Tagwatch) -> Vec<u64> {
    let entries = journal(tagwatch.store()).into_iter();
    let counters = entries.filter_map(|entry| match entry.input {
        JournalInput::Policy(PolicyChange::BrokerDropped(seen)) => Some(seen.counter),
        _ => None,
    });
    counters.collect()
}

fn readings(tagwatch: &Tagwatch) -> usize {
    let entries = journal(tagwatch.store()).into_iter();
    entries
        .filter(|entry| matches!(entry.input, JournalInput::Reading(_)))
        .count()
}

fn losses(tagwatch: &Tagwatch) -> Vec<u64> {
    let decisions = stored_decisions(tagwatch.store()).into_iter();
    let opened = decisions.filter(|d| d.phase == model::Phase::Opened);
    opened
        .filter_map(|decision| match decision.evidence {
            Evidence::BrokerLoss(evidence) => {
                assert_eq!(decision.kind, DecisionKind::IntakeGap);
                assert_eq!(decision.wearer.as_str(), "(partition-0)");
                Some(evidence.messages)
            }
            _ => None,
        })
        .collect()
}

#[test]
fn what_the_broker_dropped_while_tagwatch_was_away_is_told_to_the_operators_once() {
    let mosquitto = forgetful();
    let mut tagwatch = Tagwatch::start(mosquitto.port, 1, &registry(1));
    wait_until("the count is on record", || recorded(&tagwatch) == [0]);
    assert!(tagwatch.terminate().success(), "{}", tagwatch.output());
    publish(mosquitto.port, fixes(1..1_001));
    wait_until("the broker says that it dropped", || {
        sys(mosquitto.port, "publish/messages/dropped") != "0"
    });
    tagwatch.restart();
    wait_until("it is counted", || tagwatch.metric(DROPPED) > 0);
    let dropped = tagwatch.metric(DROPPED);
    wait_until("what is left is taken in", || {
        readings(&tagwatch) == 1_000 - usize::try_from(dropped).unwrap()
    });
    wait_until("it is told", || losses(&tagwatch) == [dropped]);

    let (status, ready) = tagwatch.api.get("/readyz");
    assert_eq!(status, 200, "readings are taken in all the same");
    let said = format!("the broker dropped {dropped} messages");
    assert!(
        ready["warning"].as_str().unwrap().contains(&said),
        "{ready}"
    );
    assert!(tagwatch.output().contains("the broker dropped messages"));
    let (_, queues) = tagwatch.api.get("/v1/queues");
    let operators = |queue: &&Value| queue["recipient"] == "operators";
    let waiting = queues["queues"].as_array().unwrap().iter().find(operators);
    assert!(waiting.is_some_and(|queue| queue["ready"] != 0), "{queues}");

    assert!(tagwatch.terminate().success(), "{}", tagwatch.output());
    tagwatch.restart();
    wait_until("it is connected", || {
        tagwatch.metric("tagwatch_mqtt_connections") == 2
    });
    publish(mosquitto.port, fixes(1_001..1_002));
    wait_until("it goes on", || {
        readings(&tagwatch) == 1_001 - usize::try_from(dropped).unwrap()
    });
    assert_eq!(losses(&tagwatch), [dropped], "told once");
    assert_eq!(tagwatch.metric(DROPPED), 0);
}
