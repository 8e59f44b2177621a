//! A prompt goes out to a device at its minute, and what the wearer answers is judged.

use std::path::Path;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use engine::{Engine, RulesPolicy};
use model::{DecisionKind, DeviceCommand, Timestamp};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use serde_json::json;

use crate::harness::{Mosquitto, Tagwatch, publish, stored_decisions, wait_until};

/// The wearer of NF-3 is to answer three prompts a day.
const REGISTRY: &str = "fixtures/golden/check-in-identity/registry.json";

/// How long before its minute the process is there.
const BEFORE: TimeDelta = TimeDelta::seconds(8);

const PATIENCE: Duration = Duration::from_secs(60);

/// The first prompt after `now`, as the rules choose it.
fn first_prompt(now: Timestamp) -> DeviceCommand {
    let mut engine = Engine::new(RulesPolicy::default());
    let registry = Path::new(env!("CARGO_MANIFEST_DIR")).join(REGISTRY);
    for change in registry::load(&registry).unwrap() {
        engine.handle_policy(&change, now);
    }
    loop {
        let (due, _) = engine.poll_timeout().unwrap();
        engine.handle_timeout(due);
        if let Some(command) = engine.poll_command() {
            return command;
        }
    }
}

/// Listens as the device does, and returns the command that comes.
async fn next_command(port: u16) -> DeviceCommand {
    let mut options = MqttOptions::new("NF-3", "127.0.0.1", port);
    options.set_keep_alive(Duration::from_secs(30));
    let (client, mut events) = AsyncClient::new(options, 10);
    client
        .subscribe("em/v1/0/NF-3/command", QoS::AtLeastOnce)
        .await
        .unwrap();
    loop {
        if let Event::Incoming(Packet::Publish(publish)) = events.poll().await.unwrap() {
            return serde_json::from_slice(&publish.payload).unwrap();
        }
    }
}

#[test]
fn a_prompt_reaches_the_device_at_its_minute_and_an_answer_by_somebody_else_is_told() {
    let prompt = first_prompt("2026-03-04T06:00:00Z".parse().unwrap());
    let registry = std::fs::read_to_string(REGISTRY).unwrap();
    let mosquitto = Mosquitto::start();
    let port = mosquitto.port;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let listening =
        runtime.spawn(async move { tokio::time::timeout(PATIENCE, next_command(port)).await });
    let start = prompt.at.to_chrono() - BEFORE;
    let tagwatch = Tagwatch::start_in_the_past(port, 1, &registry, Utc::now() - start);
    let command = runtime.block_on(listening).unwrap().expect("no command");
    assert_eq!(command, prompt);

    let answer = json!({
        "seq": 1, "t": prompt.at, "prompt": prompt.prompt, "identity": "no_match",
        "lat": 52.8067, "lon": -2.1164, "acc": 9.0,
    });
    let message = ("em/v1/0/NF-3/check-in".to_owned(), answer.to_string());
    publish(port, std::iter::once(message));
    wait_until("it is told", || {
        let told = stored_decisions(tagwatch.store());
        told.iter().any(|d| d.kind == DecisionKind::CheckInIdentity)
    });
}
