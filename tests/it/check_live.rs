//! `tagwatch check-config --live`: a broker that would lose readings is found before it does.

use std::net::SocketAddr;
use std::process::{Command, Output};

use tagwatch::broker::{EmbeddedBroker, Persistence};

use crate::harness::{Mosquitto, SHIPPED, TAGWATCH, free_port, sys, wait_until};

fn check(port: u16) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tagwatch.toml");
    let store = folder.path().join("tagwatch.sqlite");
    let text = format!("[mqtt]\nport = {port}\n[store]\npath = {store:?}\n");
    std::fs::write(&path, text).unwrap();
    let output = Command::new(TAGWATCH)
        .arg("check-config")
        .arg(&path)
        .arg("--live")
        .output();
    assert!(!store.exists(), "a check makes no store");
    output.unwrap()
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_broker_we_ship_is_found_to_keep_everything_and_nothing_is_left_with_it() {
    let mosquitto = Mosquitto::with(&SHIPPED.replace("sys_interval 10", "sys_interval 1"));
    let output = check(mosquitto.port);
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("ok: 5000 of 5000 messages published while away"),
        "{said}"
    );
    assert!(said.contains("ok: a message of 262144 bytes"), "{said}");
    assert!(said.contains("ok: the session was kept"), "{said}");
    assert!(
        said.contains("ok: up to 4000 messages unacknowledged"),
        "{said}"
    );
    wait_until("no session and no message is left", || {
        let left = |name| sys(mosquitto.port, name);
        left("clients/disconnected") == "0"
            && left("store/messages/count") == left("retained messages/count")
    });
}

#[test]
fn the_usual_default_is_found_to_drop_and_the_setting_is_named() {
    let mosquitto = Mosquitto::with("");
    let output = check(mosquitto.port);
    let said = said(&output);
    assert!(!output.status.success(), "{said}");
    assert!(
        said.contains("problem: 10"),
        "a thousand, and those in flight: {said}"
    );
    assert!(
        said.contains("of 5000 messages published while away"),
        "{said}"
    );
    assert!(said.contains("max_queued_messages 0"), "{said}");
    assert!(said.contains("warning: up to 20 messages"), "{said}");
}

#[test]
fn a_broker_that_takes_no_large_messages_is_found() {
    let limit = "message_size_limit 100000";
    let mosquitto = Mosquitto::with(&SHIPPED.replace("message_size_limit 4194304", limit));
    let output = check(mosquitto.port);
    let said = said(&output);
    assert!(!output.status.success(), "{said}");
    assert!(
        said.contains("a message of 262144 bytes did not come through"),
        "{said}"
    );
    assert!(said.contains("raise message_size_limit"), "{said}");
    assert!(said.contains("ok: 5000 of 5000"), "{said}");
}

#[test]
fn a_broker_whose_access_rules_keep_us_out_is_not_taken_for_one_that_drops() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("acl");
    std::fs::write(&rules, "topic readwrite em/v1/#\n").unwrap();
    let mosquitto = Mosquitto::with(&format!("{SHIPPED}\nacl_file {}\n", rules.display()));
    let output = check(mosquitto.port);
    let said = said(&output);
    assert!(!output.status.success(), "{said}");
    assert!(
        said.contains("let its user read and write tagwatch/probe/#"),
        "{said}"
    );
    assert!(!said.contains("of 5000"), "{said}");
}

#[test]
fn the_broker_in_the_process_is_found_to_keep_everything() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let starting = EmbeddedBroker::start(free, Persistence::Memory);
    let broker = runtime.block_on(starting).unwrap();
    let output = check(broker.address().port());
    runtime.block_on(broker.stop());
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        said(&output).contains("ok: 5000 of 5000"),
        "{}",
        said(&output)
    );
}

#[test]
fn no_broker_is_said_to_be_none() {
    let port = free_port();
    let output = check(port);
    let said = said(&output);
    assert!(!output.status.success(), "{said}");
    let expected = format!("broker 127.0.0.1:{port}: cannot connect to the broker");
    assert!(said.contains(&expected), "{said}");
}
