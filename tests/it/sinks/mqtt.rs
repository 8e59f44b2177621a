//! Topics of an MQTT broker.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use serde_json::Value;

use super::{QUEUE, answers, assert_promises, breach, start, wait_for_all};
use crate::harness::{Cut, Line, Mosquitto, Proxy, wait_until};

fn sink(port: u16) -> String {
    format!("[sink.to.mqtt]\nhost = \"127.0.0.1\"\nport = {port}\ntimeout_s = 2\n")
}

/// Takes what is published on the police's topic, for as long as the test runs.
fn subscribe(port: u16) -> Arc<Mutex<Vec<Value>>> {
    let arrived = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&arrived);
    let (ready, is_ready) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(async move {
            let mut options = MqttOptions::new("police", "127.0.0.1", port);
            options
                .set_keep_alive(Duration::from_secs(30))
                .set_max_packet_size(1 << 20, 1 << 20);
            let (client, mut events) = AsyncClient::new(options, 10);
            let topic = format!("em/v1/notify/{QUEUE}");
            client.subscribe(topic, QoS::AtLeastOnce).await.unwrap();
            while let Ok(event) = events.poll().await {
                match event {
                    Event::Incoming(Packet::SubAck(_)) => ready.send(()).unwrap(),
                    Event::Incoming(Packet::Publish(publish)) => {
                        let event = serde_json::from_slice(&publish.payload).unwrap();
                        kept.lock().unwrap().push(event);
                    }
                    _ => {}
                }
            }
        });
    });
    is_ready.recv_timeout(Duration::from_secs(30)).unwrap();
    arrived
}

#[test]
fn a_line_to_the_broker_that_is_cut_in_the_middle_brings_each_at_least_once_and_in_order() {
    let (mosquitto, theirs) = (Mosquitto::start(), Mosquitto::start());
    let arrived = subscribe(theirs.port);
    let proxy = Proxy::start(theirs.port, || ());
    let tagwatch = start(mosquitto.port, &sink(proxy.port));
    let publishing = std::thread::spawn({
        let mqtt_port = mosquitto.port;
        move || breach(mqtt_port)
    });
    let so_far = |count| wait_until("some arrive", || arrived.lock().unwrap().len() >= count);
    for (count, cut) in [(2, Cut::Both), (6, Cut::ClientOnly), (10, Cut::ServerOnly)] {
        so_far(count);
        proxy.cut(cut);
    }
    so_far(13);
    proxy.set(Line::Dead);
    std::thread::sleep(Duration::from_secs(3));
    proxy.set(Line::Clear);
    publishing.join().unwrap();
    let count = wait_for_all(&tagwatch);
    wait_until("the subscriber has them", || {
        assert_all(&arrived.lock().unwrap(), count)
    });
    assert_promises(&arrived.lock().unwrap(), count);
    let answer = ("sink:police".to_owned(), Some("PUBACK".to_owned()));
    assert_eq!(answers(&tagwatch), [answer].into());
}

fn assert_all(arrived: &[Value], count: u64) -> bool {
    let ids: std::collections::BTreeSet<_> = arrived.iter().map(|e| e["id"].as_str()).collect();
    ids.len() as u64 == count
}

#[test]
fn a_broker_that_is_killed_and_comes_back_is_gone_on_with() {
    let mosquitto = Mosquitto::start();
    let mut theirs = Mosquitto::start();
    let tagwatch = start(mosquitto.port, &sink(theirs.port));
    theirs.process.kill().unwrap();
    breach(mosquitto.port);
    let away = "tagwatch_sink_deliveries_total{outcome=\"away\",sink=\"police\"}";
    wait_until("it was tried", || tagwatch.metric(away) > 0);
    theirs.restart();
    let arrived = subscribe(theirs.port);
    let count = wait_for_all(&tagwatch);
    wait_until("the subscriber has the rest", || {
        !arrived.lock().unwrap().is_empty()
    });
    assert!(count > 0);
}
