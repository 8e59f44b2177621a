//! Queues of a RabbitMQ.

use lapin::options::QueueDeclareOptions;
use lapin::options::{BasicAckOptions, BasicGetOptions, ExchangeDeclareOptions, QueueBindOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ConnectionProperties, ExchangeKind};
use serde_json::Value;

use super::{
    ROUNDS, START_MS, WEARERS, answers, assert_promises, breach, standing, start, wait_for_all,
};
use crate::harness::{Mosquitto, RabbitMq, publish, wait_until, walks};

/// The police's queue, as it is called there.
const THEIRS: &str = "em.police/staffordshire";

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

/// Declares the queue as the sink does, and has the broker write that down by stopping in good order:
/// RabbitMQ 3.10 forgets a quorum queue when it is killed within minutes of the declaration.
fn declare_for_good(rabbit: &mut RabbitMq) {
    with_channel(rabbit, async |channel| {
        let mut arguments = FieldTable::default();
        let quorum = AMQPValue::LongString("quorum".into());
        arguments.insert("x-queue-type".into(), quorum);
        let options = QueueDeclareOptions::durable();
        let declared = channel.queue_declare(THEIRS.into(), options, arguments);
        declared.await.unwrap();
    });
    rabbit.terminate();
    rabbit.restart();
}

#[test]
fn a_broker_that_is_killed_in_the_middle_has_each_at_least_once_and_in_order() {
    let mut rabbit = RabbitMq::start();
    declare_for_good(&mut rabbit);
    let mosquitto = Mosquitto::start();
    let tagwatch = start(mosquitto.port, &sink(&rabbit, ""));
    let walks = || walks(START_MS, (ROUNDS, WEARERS), 1);
    let half = (ROUNDS / 2 * WEARERS) as usize;
    publish(mosquitto.port, walks().take(half));
    wait_until("some are confirmed", || standing(&tagwatch)[3] >= 3);
    rabbit.freeze();
    publish(mosquitto.port, walks().skip(half));
    wait_until("some are under way", || standing(&tagwatch)[1] > 0);
    rabbit.kill();
    rabbit.restart();
    let count = wait_for_all(&tagwatch);
    assert_promises(&drain(&rabbit, THEIRS), count);
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
