//! The queues at a terminal: looked at, followed, and put back into.

use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::harness::{
    Mosquitto, Process, TAGWATCH, Tagwatch, publish, registry, wait_until, walks,
};

const WEARERS: u32 = 3;
const QUEUE: &str = "police/staffordshire";
/// 2026-03-02T10:00:00Z.
const START_MS: i64 = 1_772_445_600_000;

/// An installation in which a notification about each wearer waits for the police.
fn with_breaches(mosquitto: &Mosquitto) -> Tagwatch {
    let registry = registry(WEARERS as usize);
    let tagwatch = Tagwatch::start(mosquitto.port, 1, &registry);
    publish(mosquitto.port, walks(START_MS, (30, WEARERS), 1));
    wait_until("the police are told", || {
        ready(&tagwatch) == u64::from(WEARERS)
    });
    tagwatch
}

fn standing(tagwatch: &Tagwatch) -> Option<Value> {
    let (_, body) = tagwatch.api.get("/v1/queues");
    let queues = body["queues"].as_array()?.clone();
    queues.into_iter().find(|queue| queue["recipient"] == QUEUE)
}

fn ready(tagwatch: &Tagwatch) -> u64 {
    standing(tagwatch).map_or(0, |queue| queue["ready"].as_u64().unwrap())
}

fn command(tagwatch: &Tagwatch, arguments: &[&str]) -> Command {
    let mut command = Command::new(TAGWATCH);
    let config = tagwatch.folder.path().join("tagwatch.toml");
    command
        .arg("queue")
        .args(arguments)
        .arg("--config")
        .arg(config);
    command
}

fn queue(tagwatch: &Tagwatch, arguments: &[&str]) -> Output {
    command(tagwatch, arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{why}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Claims everything and gives it back until it is dead.
fn bury(tagwatch: &Tagwatch) {
    wait_until("everything is dead", || {
        let claim = format!("/v1/queues/{QUEUE}/claim");
        let (_, claimed) = tagwatch.api.change("POST", &claim, None, &json!({}));
        for delivery in claimed["deliveries"].as_array().unwrap() {
            let nack = format!(
                "/v1/deliveries/{}/nack",
                delivery["receipt"].as_str().unwrap()
            );
            let body = json!({"reason": "printer on fire", "retry_after_s": 0});
            assert_eq!(tagwatch.api.change("POST", &nack, None, &body).0, 200);
        }
        standing(tagwatch).unwrap()["dead"] == WEARERS
    });
}

#[test]
fn an_operator_sees_what_is_given_up_puts_it_back_and_the_audit_trail_says_so() {
    let mosquitto = Mosquitto::start();
    let tagwatch = with_breaches(&mosquitto);
    let listed = said(&queue(&tagwatch, &["ls"]));
    let line = listed.lines().find(|line| line.starts_with(QUEUE)).unwrap();
    let columns: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(columns[1..5], ["3", "0", "0", "0"], "{listed}");

    bury(&tagwatch);
    let died = tagwatch.output();
    assert_eq!(
        died.matches("a notification is given up").count(),
        3,
        "{died}"
    );
    assert_eq!(tagwatch.metric("tagwatch_notifications_dead_total"), 3);
    assert_eq!(said(&queue(&tagwatch, &["peek", QUEUE])), "");
    let by = ["--by", "operator-17", "--reason", "printer fire"];
    let peek = [&["peek", QUEUE, "--dead"][..], &by[..]].concat();
    let dead = said(&queue(&tagwatch, &peek));
    assert_eq!(dead.lines().count(), 3, "{dead}");
    assert!(
        dead.lines().all(|line| line.contains("printer on fire")),
        "{dead}"
    );

    let first = dead.split_whitespace().next().unwrap();
    let one = [&["requeue", "--id", first][..], &by[..]].concat();
    assert_eq!(said(&queue(&tagwatch, &one)), "put back: 1\n");
    assert_eq!(ready(&tagwatch), 1);
    let rest = [&["requeue", QUEUE][..], &by[..]].concat();
    assert_eq!(said(&queue(&tagwatch, &rest)), "put back: 2\n");
    assert_eq!(ready(&tagwatch), 3);

    let (_, trail) = tagwatch.api.get("/v1/audit?limit=20");
    let entries = trail["entries"].as_array().unwrap();
    let noted: Vec<_> = entries
        .iter()
        .filter(|entry| entry["actor"] == "operator-17")
        .map(|entry| {
            (
                entry["action"].as_str().unwrap(),
                entry["subject"].as_str().unwrap(),
            )
        })
        .collect();
    let of_one = format!("notification {first}, notifications: 1");
    let expected = [
        (
            "queue.requeue",
            "queue police/staffordshire, notifications: 2",
        ),
        ("queue.requeue", of_one.as_str()),
        ("queue.peek", "queue police/staffordshire, notifications: 3"),
    ];
    assert_eq!(noted, expected);
}

#[test]
fn a_look_shows_each_handing_out_as_json() {
    let mosquitto = Mosquitto::start();
    let tagwatch = with_breaches(&mosquitto);
    bury(&tagwatch);
    let text = said(&queue(
        &tagwatch,
        &["peek", QUEUE, "--dead", "--json", "--limit", "1"],
    ));
    let shown: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(shown["state"], "dead");
    assert_eq!(shown["attempt"], 20);
    assert_eq!(shown["deliveries"].as_array().unwrap().len(), 20);
    assert_eq!(shown["deliveries"][19]["outcome"], "given_back");
    assert_eq!(shown["event"]["specversion"], "1.0");
}

#[test]
fn a_slip_of_the_pen_is_refused() {
    let mosquitto = Mosquitto::start();
    let tagwatch = with_breaches(&mosquitto);
    for arguments in [&["peek", "police/stafordshire"][..], &["peek", "Police"]] {
        assert!(!queue(&tagwatch, arguments).status.success());
    }
    let nameless = queue(&tagwatch, &["requeue", QUEUE, "--by", "operator-17"]);
    assert!(!nameless.status.success(), "without a reason");
}

#[test]
fn what_comes_into_a_queue_is_followed() {
    let mosquitto = Mosquitto::start();
    let tagwatch = with_breaches(&mosquitto);
    let mut tail = Process::start(&mut command(&tagwatch, &["tail", QUEUE, "--after", "0"]));
    for wearer in 0..WEARERS {
        let line = tail.wait_for_line(&format!("W-{wearer}"));
        assert!(line.contains("exclusion_zone_entered"), "{line}");
    }
    publish(mosquitto.port, walks(START_MS, (60, WEARERS), 1).skip(90));
    tail.wait_for_line("cleared");
}
