//! The consumers of docs/consumers, as a stranger runs them.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::{QUEUE, SECRET, assert_promises, breach, standing, start, wait_for_all};
use crate::harness::{Mosquitto, Process, Tagwatch, free_port, registry, wait_until};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/consumers");

fn kept(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn receive(port: u16, file: &Path, secret: &str) -> Process {
    let mut command = Command::new("python3");
    command
        .arg(format!("{FOLDER}/webhook.py"))
        .arg(port.to_string())
        .arg(file);
    let mut process = Process::start(command.env("WEBHOOK_SECRET", secret));
    process.wait_for_line("listening");
    process
}

fn sink(port: u16) -> String {
    format!(
        "[sink.to.webhook]\nurl = \"http://127.0.0.1:{port}/em\"\n\
         secret = {{ env = \"SINK_SECRET\" }}\n"
    )
}

#[test]
fn a_receiver_that_checks_signatures_is_killed_in_the_middle_and_has_each_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kept.jsonl");
    let port = free_port();
    let mosquitto = Mosquitto::start();
    let tagwatch = start(mosquitto.port, &sink(port));
    let publishing = std::thread::spawn({
        let mqtt_port = mosquitto.port;
        move || breach(mqtt_port)
    });
    for pieces in [3, 9, 15] {
        let mut receiver = receive(port, &file, SECRET);
        wait_until("some are kept", || kept(&file).len() >= pieces);
        receiver.kill();
        std::thread::sleep(Duration::from_millis(200));
    }
    let _receiver = receive(port, &file, SECRET);
    publishing.join().unwrap();
    let count = wait_for_all(&tagwatch);
    assert_eq!(assert_promises(&kept(&file), count), 0, "kept once each");
}

#[test]
fn a_receiver_with_another_key_takes_nothing_and_nothing_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kept.jsonl");
    let port = free_port();
    let _receiver = receive(port, &file, "whsec_c29tZWJvZHkgZWxzZSdzIGtleSBpbmRlZWQ=");
    let mosquitto = Mosquitto::start();
    let tagwatch = start(mosquitto.port, &sink(port));
    breach(mosquitto.port);
    let away = "tagwatch_sink_deliveries_total{outcome=\"away\",sink=\"police\"}";
    wait_until("it was tried", || tagwatch.metric(away) >= 2);
    assert_eq!(kept(&file), Vec::<Value>::new());
    assert_eq!(standing(&tagwatch)[2..], [0, 0]);
}

#[test]
fn a_queue_is_emptied_by_the_puller_in_the_documentation() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kept.jsonl");
    let mosquitto = Mosquitto::start();
    let registry = registry(super::WEARERS as usize);
    let tagwatch = Tagwatch::start(mosquitto.port, 1, &registry);
    breach(mosquitto.port);
    let ready = u64::from(2 * super::WEARERS);
    wait_until("all is decided", || standing(&tagwatch)[0] == ready);
    let mut command = Command::new("python3");
    command
        .arg(format!("{FOLDER}/pull.py"))
        .arg(tagwatch.api.base())
        .arg(QUEUE)
        .arg(&file);
    assert!(command.status().unwrap().success());
    assert_eq!(standing(&tagwatch), [0, 0, 0, ready]);
    assert_promises(&kept(&file), ready);
}
