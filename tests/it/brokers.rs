//! What intake relies on of a broker, held against every broker that can run here: the one in the
//! process and Mosquitto with the settings we ship.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use rumqttc::{AsyncClient, Event, MqttOptions, Packet, Publish, QoS};
use tagwatch::broker::{EmbeddedBroker, Persistence};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::harness::Mosquitto;

const PATIENCE: Duration = Duration::from_secs(60);

/// Runs one part of the contract against every broker.
fn against_every_broker(part: impl AsyncFn(u16)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let mosquitto = Mosquitto::start();
    runtime.block_on(part(mosquitto.port));
    let folder = tempfile::tempdir().unwrap();
    for persistence in [
        Persistence::Memory,
        Persistence::Folder(folder.path().to_owned()),
    ] {
        runtime.block_on(async {
            let free = SocketAddr::from(([127, 0, 0, 1], 0));
            let broker = EmbeddedBroker::start(free, persistence).await.unwrap();
            part(broker.address().port()).await;
            broker.stop().await;
        });
    }
}

/// A persistent session with manual acknowledgement, as intake has. Dropping it cuts the connection.
struct Consumer {
    client: AsyncClient,
    publishes: mpsc::UnboundedReceiver<Publish>,
    polling: JoinHandle<()>,
}

impl Consumer {
    async fn connect(port: u16) -> Self {
        let mut options = MqttOptions::new("consumer", "127.0.0.1", port);
        options.set_clean_session(false).set_manual_acks(true);
        options.set_keep_alive(Duration::from_secs(30));
        let (client, mut events) = AsyncClient::new(options, 100);
        client
            .subscribe("em/v1/0/+/+", QoS::AtLeastOnce)
            .await
            .unwrap();
        let (publish_in, publishes) = mpsc::unbounded_channel();
        let (subscribed_in, subscribed) = oneshot::channel();
        let polling = tokio::spawn(async move {
            let mut subscribed = Some(subscribed_in);
            while let Ok(event) = events.poll().await {
                match event {
                    Event::Incoming(Packet::Publish(publish)) => drop(publish_in.send(publish)),
                    Event::Incoming(Packet::SubAck(_)) => {
                        subscribed.take().map(|sender| sender.send(()));
                    }
                    _ => {}
                }
            }
        });
        timeout(PATIENCE, subscribed)
            .await
            .expect("the broker is silent")
            .unwrap();
        Self {
            client,
            publishes,
            polling,
        }
    }

    async fn next(&mut self) -> Publish {
        timeout(PATIENCE, self.publishes.recv())
            .await
            .expect("the broker is silent")
            .unwrap()
    }

    async fn acknowledge(&self, publish: &Publish) {
        self.client.ack(publish).await.unwrap();
    }

    /// Takes leave, so that what was acknowledged has gone out.
    async fn disconnect(mut self) {
        self.client.disconnect().await.unwrap();
        (&mut self.polling).await.unwrap();
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.polling.abort();
    }
}

/// Publishes numbered messages; returns when the broker has acknowledged all.
async fn publish(port: u16, numbers: std::ops::Range<usize>) {
    let mut options = MqttOptions::new("publisher", "127.0.0.1", port);
    options.set_inflight(100);
    let (client, mut events) = AsyncClient::new(options, 10);
    let count = numbers.len();
    let sending = tokio::spawn(async move {
        for number in numbers {
            let payload = number.to_string();
            client
                .publish("em/v1/0/D/position", QoS::AtLeastOnce, false, payload)
                .await
                .unwrap();
        }
        client
    });
    let mut acknowledged = 0;
    while acknowledged < count {
        let event = timeout(PATIENCE, events.poll())
            .await
            .expect("the broker is silent")
            .unwrap();
        if matches!(event, Event::Incoming(Packet::PubAck(_))) {
            acknowledged += 1;
        }
    }
    drop(sending.await.unwrap());
}

fn number(publish: &Publish) -> usize {
    std::str::from_utf8(&publish.payload)
        .unwrap()
        .parse()
        .unwrap()
}

#[test]
fn what_is_not_acknowledged_comes_again_on_the_next_connection_in_order() {
    against_every_broker(async |port| {
        let mut consumer = Consumer::connect(port).await;
        publish(port, 0..10).await;
        let mut first = Vec::new();
        for _ in 0..10 {
            first.push(consumer.next().await);
        }
        assert_eq!(
            first.iter().map(number).collect::<Vec<_>>(),
            (0..10).collect::<Vec<_>>()
        );
        for publish in &first[..4] {
            consumer.acknowledge(publish).await;
        }
        consumer.disconnect().await;
        let mut consumer = Consumer::connect(port).await;
        let mut again = Vec::new();
        for _ in 0..6 {
            again.push(number(&consumer.next().await));
        }
        assert_eq!(again, (4..10).collect::<Vec<_>>());
    });
}

#[test]
fn a_session_that_is_away_misses_nothing() {
    against_every_broker(async |port| {
        drop(Consumer::connect(port).await);
        publish(port, 0..3_000).await;
        let mut consumer = Consumer::connect(port).await;
        let mut seen = BTreeSet::new();
        while seen.len() < 3_000 {
            let publish = consumer.next().await;
            seen.insert(number(&publish));
            consumer.acknowledge(&publish).await;
        }
        assert_eq!(seen, (0..3_000).collect());
    });
}

#[test]
fn a_consumer_that_is_slow_to_acknowledge_loses_nothing() {
    against_every_broker(async |port| {
        let mut consumer = Consumer::connect(port).await;
        let publishing = tokio::spawn(publish(port, 0..20_000));
        let mut seen = BTreeSet::new();
        let mut held: Vec<Publish> = Vec::new();
        while seen.len() < 20_000 {
            let publish = consumer.next().await;
            seen.insert(number(&publish));
            held.push(publish);
            // Acknowledged a hundred at a time, as a group commit does.
            if held.len() == 100 || seen.len() == 20_000 {
                for publish in held.drain(..) {
                    consumer.acknowledge(&publish).await;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        publishing.await.unwrap();
        assert_eq!(seen.len(), 20_000);
    });
}
