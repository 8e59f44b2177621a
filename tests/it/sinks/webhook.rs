//! HTTP endpoints.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::receiver::{Act, Receiver};
use super::{answers, assert_promises, breach, standing, start, wait_for_all};
use crate::harness::{Mosquitto, free_port, wait_until};

fn sink(port: u16) -> String {
    format!(
        "[sink.to.webhook]\nurl = \"http://127.0.0.1:{port}/em\"\n\
         secret = {{ env = \"SINK_SECRET\" }}\ntimeout_s = 2\n"
    )
}

#[test]
fn a_receiver_that_dies_in_the_middle_gets_each_at_least_once_and_in_order() {
    // Every third dies after it has read everything: it may have kept it or not.
    let receiver = Receiver::start(|n| match n % 9 {
        2 | 5 => Act::HangUp,
        3 => Act::Answer(500, ""),
        8 => Act::Answer(503, "retry-after: 1\r\n"),
        _ => Act::Answer(204, ""),
    });
    let mosquitto = Mosquitto::start();
    let tagwatch = start(mosquitto.port, &sink(receiver.port));
    breach(mosquitto.port);
    let count = wait_for_all(&tagwatch);
    assert_promises(&receiver.accepted(), count);
    let answer = ("sink:police".to_owned(), Some("HTTP 204".to_owned()));
    assert_eq!(answers(&tagwatch), [answer].into());
    let delivered = "tagwatch_sink_deliveries_total{outcome=\"delivered\",sink=\"police\"}";
    assert_eq!(tagwatch.metric(delivered), count);
    assert!(!tagwatch.output().contains("W-"), "{}", tagwatch.output());
}

#[test]
fn a_receiver_that_says_nothing_gets_it_again_under_the_same_id() {
    let receiver = Receiver::start(|n| {
        if n < 2 {
            Act::Hang
        } else {
            Act::Answer(200, "")
        }
    });
    let mosquitto = Mosquitto::start();
    let tagwatch = start(mosquitto.port, &sink(receiver.port));
    breach(mosquitto.port);
    let count = wait_for_all(&tagwatch);
    assert_promises(&receiver.accepted(), count);
    receiver.seen(|requests| {
        let header = |head: &str, name: &str| {
            let mut lines = head.lines();
            lines.find_map(|line| Some(line.strip_prefix(name)?.to_owned()))
        };
        let ids: Vec<_> = requests
            .iter()
            .map(|r| header(&r.head, "webhook-id: "))
            .collect();
        for first in &ids[..2] {
            assert_eq!(ids.iter().filter(|id| *id == first).count(), 2);
        }
        for request in requests {
            let head = &request.head;
            assert!(
                head.contains("content-type: application/cloudevents+json"),
                "{head}"
            );
            assert!(head.contains("webhook-signature: v1,"), "{head}");
        }
    });
}

#[test]
fn a_receiver_that_is_not_there_yet_costs_no_attempt() {
    let port = free_port();
    let mosquitto = Mosquitto::start();
    let tagwatch = start(mosquitto.port, &sink(port));
    breach(mosquitto.port);
    let away = "tagwatch_sink_deliveries_total{outcome=\"away\",sink=\"police\"}";
    wait_until("it was tried thrice", || tagwatch.metric(away) > 2);
    assert_eq!(tagwatch.metric("tagwatch_notifications_dead_total"), 0);
    let said = || tagwatch.output().matches("the sink takes nothing").count();
    wait_until("it is said", || said() > 0);
    assert_eq!(said(), 1, "once: {}", tagwatch.output());
}

#[test]
fn what_is_refused_is_dead_at_once_and_goes_when_it_is_put_back() {
    let healed = Arc::new(AtomicBool::new(false));
    let script = Arc::clone(&healed);
    let receiver = Receiver::start(move |_n| {
        let status = if script.load(Ordering::SeqCst) {
            200
        } else {
            422
        };
        Act::Answer(status, "")
    });
    let mosquitto = Mosquitto::start();
    let tagwatch = start(mosquitto.port, &sink(receiver.port));
    breach(mosquitto.port);
    let all = u64::from(super::WEARERS * super::ROUNDS);
    wait_until("all is decided", || tagwatch.journaled() == all);
    wait_until("all is refused", || {
        let [ready, leased, dead, _] = standing(&tagwatch);
        ready == 0 && leased == 0 && dead >= u64::from(2 * super::WEARERS)
    });
    let dead = standing(&tagwatch)[2];
    assert_eq!(
        receiver.seen(<[_]>::len) as u64,
        dead,
        "each was tried once"
    );
    healed.store(true, Ordering::SeqCst);
    let put_back = std::process::Command::new(crate::harness::TAGWATCH)
        .args(["queue", "requeue", super::QUEUE, "--by", "operator-17"])
        .args(["--reason", "receiver mended", "--config"])
        .arg(tagwatch.folder.path().join("tagwatch.toml"))
        .output()
        .unwrap();
    assert!(put_back.status.success());
    wait_until("all that was put back is taken over", || {
        standing(&tagwatch) == [0, 0, 0, dead]
    });
    assert_promises(&receiver.accepted(), dead);
}
