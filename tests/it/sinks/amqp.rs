//! Queues of a RabbitMQ.

use std::time::Duration;

use lapin::options::QueueDeclareOptions;
use lapin::options::{BasicAckOptions, BasicGetOptions, ExchangeDeclareOptions, QueueBindOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties, ExchangeKind};
use serde_json::Value;

use super::{answers, assert_promises, breach, standing, start, wait_for_all};
use crate::harness::{Mosquitto, RabbitMq, wait_until};

fn sink(rabbit: &RabbitMq, more: &str) -> String {
    let port = rabbit.port;
    format!(
        "[sink.to.amqp]\nurl = \"amqp://guest:guest@127.0.0.1:{port}/%2f\"\ntimeout_s = 3\n{more}"
    )
}

/// Does something over a channel to the broker.
fn with_channel<T>(rabbit: &RabbitMq, work: impl AsyncFnOnce(Channel) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let properties = ConnectionProperties::default();
        let connection = Connection::connect(&rabbit.url(), properties)
            .await
            .unwrap();
        let channel = connection.create_channel().await.unwrap();
        work(channel).await
    })
}

/// Everything in a queue, in order; each must be persistent and named after its notification.
fn drain(rabbit: &RabbitMq, queue: &str) -> Vec<Value> {
    with_channel(rabbit, async |channel| {
        let mut events = Vec::new();
        let options = BasicGetOptions::default();
        while let Some(got) = channel.basic_get(queue.into(), options).await.unwrap() {
            let event: Value = serde_json::from_slice(&got.delivery.data).unwrap();
            let properties = &got.delivery.properties;
            let id = properties.message_id().as_ref().unwrap().to_string();
            assert_eq!(event["id"], id);
            assert_eq!(*properties.delivery_mode(), Some(2));
            got.delivery.ack(BasicAckOptions::default()).await.unwrap();
            events.push(event);
        }
        events
    })
}

#[test]
fn a_broker_that_is_killed_in_the_middle_has_each_at_least_once_and_in_order() {
    let mut rabbit = RabbitMq::start();
    let mosquitto = Mosquitto::start();
    let tagwatch = start(mosquitto.port, &sink(&rabbit, ""));
    let publishing = std::thread::spawn({
        let mqtt_port = mosquitto.port;
        move || breach(mqtt_port)
    });
    wait_until("some are confirmed", || standing(&tagwatch)[3] >= 3);
    rabbit.kill();
    std::thread::sleep(Duration::from_millis(500));
    rabbit.restart();
    publishing.join().unwrap();
    let count = wait_for_all(&tagwatch);
    assert_promises(&drain(&rabbit, "em.police/staffordshire"), count);
    let answer = ("sink:police".to_owned(), Some("AMQP confirm".to_owned()));
    assert_eq!(answers(&tagwatch), [answer].into());
}

#[test]
fn what_the_broker_returns_is_tried_again_until_somebody_has_bound_a_queue() {
    let rabbit = RabbitMq::start();
    with_channel(&rabbit, async |channel| {
        let options = ExchangeDeclareOptions {
            durable: true,
            ..ExchangeDeclareOptions::default()
        };
        let kind = ExchangeKind::Topic;
        let declared = channel.exchange_declare("em".into(), kind, options, FieldTable::default());
        declared.await.unwrap();
    });
    let mosquitto = Mosquitto::start();
    let more = "exchange = \"em\"\nqueue = \"{queue}\"\n";
    let tagwatch = start(mosquitto.port, &sink(&rabbit, more));
    breach(mosquitto.port);
    let failed = "tagwatch_sink_deliveries_total{outcome=\"failed\",sink=\"police\"}";
    wait_until("some were returned", || tagwatch.metric(failed) >= 3);
    assert_eq!(standing(&tagwatch)[3], 0, "nothing is taken for delivered");
    with_channel(&rabbit, async |channel| {
        let options = QueueDeclareOptions::durable();
        let declared = channel.queue_declare("police".into(), options, FieldTable::default());
        declared.await.unwrap();
        let bound = channel.queue_bind(
            "police".into(),
            "em".into(),
            "#".into(),
            QueueBindOptions::default(),
            FieldTable::default(),
        );
        bound.await.unwrap();
    });
    let count = wait_for_all(&tagwatch);
    assert_promises(&drain(&rabbit, "police"), count);
}
