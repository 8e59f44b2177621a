//! Bad input gets its named error or dead letter, and everything else goes on.

use std::process::Command;
use std::time::Duration;

use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS};

use crate::harness::{
    Mosquitto, TAGWATCH, Tagwatch, fix, journal, registry, stored_decisions, topic, wait_until,
};

const PARTITIONS: u16 = 2;

struct Publisher {
    client: AsyncClient,
    events: EventLoop,
}

impl Publisher {
    fn new(port: u16) -> Self {
        let mut options = MqttOptions::new("publisher", "127.0.0.1", port);
        options
            .set_max_packet_size(4 << 20, 4 << 20)
            .set_keep_alive(Duration::from_secs(30));
        let (client, events) = AsyncClient::new(options, 10);
        Self { client, events }
    }

    /// Publishes, and waits until the broker has acknowledged.
    async fn publish(&mut self, topic: &str, payload: impl Into<Vec<u8>>) {
        self.client
            .publish(topic, QoS::AtLeastOnce, false, payload.into())
            .await
            .unwrap();
        while !matches!(
            self.events.poll().await.unwrap(),
            Event::Incoming(Packet::PubAck(_))
        ) {}
    }
}

fn now_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

/// A bad message, and the reason and words under which it must be kept.
struct Bad {
    topic: String,
    payload: Vec<u8>,
    reason: &'static str,
    words: &'static str,
}

fn bad(topic: &str, payload: &[u8], reason: &'static str, words: &'static str) -> Bad {
    Bad {
        topic: topic.to_owned(),
        payload: payload.to_vec(),
        reason,
        words,
    }
}

fn position(lat: &str, lon: &str, t: &str) -> Vec<u8> {
    format!(r#"{{"seq":900,"t":{t},"lat":{lat},"lon":{lon},"acc":5}}"#).into_bytes()
}

fn unreadable(topic: &str) -> Vec<Bad> {
    let now = now_ms().to_string();
    let nan = position("NaN", "0.1", &now);
    vec![
        bad(topic, b"{\"seq\":1,", "undecodable", "line 1"),
        bad(
            topic,
            &vec![b' '; 2_000_000],
            "payload_too_large",
            "2000000",
        ),
        bad(topic, &nan, "undecodable", "line 1 column"),
    ]
}

fn impossible(topic: &str) -> Vec<Bad> {
    let now = now_ms().to_string();
    let null_island = position("0", "0", &now);
    let beyond_the_pole = position("91", "0.1", &now);
    let in_2099 = position("52.8", "-2.1", "\"2099-01-01T00:00:00Z\"");
    let not_yet = "2099-01-01T00:00:00Z";
    vec![
        bad(topic, &null_island, "impossible_value", "0, 0"),
        bad(topic, &beyond_the_pole, "impossible_value", "91"),
        bad(topic, &in_2099, "observed_in_future", not_yet),
    ]
}

fn misdirected(topic: &str) -> Vec<Bad> {
    let now = now_ms();
    let fine = position("52.8", "-2.1", &now.to_string());
    let nobody = topic.replace("GPS-0", "GPS-NOBODY");
    let elsewhere = format!("em/v1/{}/GPS-0/position", 1 - topic_partition(topic));
    let horoscope = topic.replace("position", "horoscope");
    let phone = format!(
        r#"{{"_type":"location","lat":52.8,"lon":-2.1,"tst":{}}}"#,
        now / 1000
    );
    vec![
        bad(&nobody, &fine, "unknown_device", "GPS-NOBODY"),
        bad(&elsewhere, &fine, "wrong_partition", "GPS-0"),
        bad(&horoscope, b"{}", "unknown_topic", "horoscope"),
        bad(
            "owntracks/nobody/phone",
            phone.as_bytes(),
            "unknown_device",
            "nobody",
        ),
    ]
}

fn topic_partition(topic: &str) -> u16 {
    topic.split('/').nth(2).unwrap().parse().unwrap()
}

fn operators_are_told_of_strays(tagwatch: &Tagwatch) {
    let strays: std::collections::BTreeSet<_> = stored_decisions(tagwatch.store())
        .into_iter()
        .filter_map(|decision| Some((decision.kind.as_str(), decision.device?.to_string())))
        .filter(|(kind, _)| ["unknown_device", "wrong_partition"].contains(kind))
        .collect();
    let expected = [
        ("unknown_device", "GPS-NOBODY"),
        ("wrong_partition", "GPS-0"),
    ];
    assert_eq!(
        strays,
        expected
            .map(|(kind, device)| (kind, device.to_owned()))
            .into()
    );
}

#[test]
fn every_bad_message_becomes_a_named_dead_letter_and_the_next_good_one_is_taken() {
    let mosquitto = Mosquitto::start();
    let mut tagwatch = Tagwatch::start(mosquitto.port, PARTITIONS, &registry(2));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let good_topic = topic(0, PARTITIONS);
    let mut bad = unreadable(&good_topic);
    bad.extend(impossible(&good_topic));
    bad.extend(misdirected(&good_topic));
    runtime.block_on(async {
        let mut publisher = Publisher::new(mosquitto.port);
        for Bad { topic, payload, .. } in &bad {
            publisher.publish(topic, payload.clone()).await;
        }
        let good = fix(901, now_ms() - 1_000, 500.0).to_string();
        publisher.publish(&good_topic, good).await;
    });
    wait_until("every bad message is a dead letter", || {
        tagwatch.api.dead_letters().len() >= bad.len()
    });
    let letters = tagwatch.api.dead_letters();
    for Bad {
        topic,
        reason,
        words,
        ..
    } in &bad
    {
        let found = letters
            .iter()
            .any(|(r, detail)| r == reason && detail.contains(words));
        assert!(found, "{topic}: no {reason} with {words:?} in {letters:#?}");
    }
    wait_until("the good reading is in the journal", || {
        journal(tagwatch.store())
            .iter()
            .any(|entry| format!("{:?}", entry.input).contains("Some(901)"))
    });
    assert_eq!(tagwatch.api.get("/readyz").0, 200);
    assert!(tagwatch.terminate().success());
    operators_are_told_of_strays(&tagwatch);
    assert!(
        !tagwatch.output().contains("panicked"),
        "{}",
        tagwatch.output()
    );
}

#[test]
fn one_bad_element_does_not_take_its_batch_with_it() {
    let mosquitto = Mosquitto::start();
    let tagwatch = Tagwatch::start(mosquitto.port, 1, &registry(1));
    let now = now_ms();
    let mut batch: Vec<_> = (1_u32..=3)
        .map(|seq| fix(seq.into(), now - 60_000 + i64::from(seq), 500.0))
        .collect();
    batch[1]["lat"] = 95.into();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let payload = serde_json::Value::from(batch).to_string();
        Publisher::new(mosquitto.port)
            .publish(&topic(0, 1), payload)
            .await;
    });
    wait_until("its dead letter is kept", || {
        tagwatch.api.dead_letters().len() == 1
    });
    let (reason, detail) = tagwatch.api.dead_letters().remove(0);
    assert_eq!(reason, "impossible_value");
    assert!(detail.contains("lat") && detail.contains("95"), "{detail}");
    let readings = journal(tagwatch.store())
        .iter()
        .filter(|entry| matches!(entry.input, tagwatch::store::JournalInput::Reading(_)))
        .count();
    assert_eq!(readings, 2);
}

#[test]
fn a_bow_tie_is_refused_by_name_with_its_crossing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.json");
    let bow_tie = serde_json::json!({"zones": {"type": "FeatureCollection", "features": [{
        "type": "Feature", "id": "Z-BOW-TIE", "properties": {},
        "geometry": {"type": "Polygon", "coordinates": [
            [[-2.10, 52.80], [-2.09, 52.81], [-2.09, 52.80], [-2.10, 52.81], [-2.10, 52.80]]]}
    }]}});
    std::fs::write(&path, bow_tie.to_string()).unwrap();
    let readings = folder.path().join("readings.jsonl");
    std::fs::write(&readings, "").unwrap();
    let output = Command::new(TAGWATCH)
        .args(["replay", "--registry"])
        .arg(&path)
        .arg("--readings")
        .arg(&readings)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        said.contains("registry.json") && said.contains("Z-BOW-TIE"),
        "{said}"
    );
    assert!(said.contains("52.805") && said.contains("-2.095"), "{said}");
}
