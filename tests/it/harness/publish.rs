//! A tag's end of the link: publishes at QoS 1 and waits for every acknowledgement.

use std::time::Duration;

use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};

/// Unacknowledged messages at a time.
const INFLIGHT: u16 = 500;

/// Publishes these (topic, payload), in order, and returns once the broker has acknowledged them all.
pub(crate) fn publish(
    port: u16,
    messages: impl Iterator<Item = (String, String)> + Send + 'static,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async move {
        let mut options = MqttOptions::new("publisher", "127.0.0.1", port);
        options
            .set_inflight(INFLIGHT)
            .set_keep_alive(Duration::from_secs(30));
        let (client, mut events) = AsyncClient::new(options, INFLIGHT.into());
        let sending = tokio::spawn(async move {
            let mut sent = 0_usize;
            for (topic, payload) in messages {
                client
                    .publish(topic, QoS::AtLeastOnce, false, payload)
                    .await
                    .unwrap();
                sent += 1;
            }
            (client, sent)
        });
        let mut acknowledged = 0;
        while !sending.is_finished() {
            let polled = tokio::time::timeout(Duration::from_millis(20), events.poll()).await;
            acknowledged += polled.map_or(0, |event| is_ack(&event.unwrap()));
        }
        let (_client, sent) = sending.await.unwrap();
        while acknowledged < sent {
            acknowledged += is_ack(&events.poll().await.unwrap());
        }
    });
}

fn is_ack(event: &Event) -> usize {
    usize::from(matches!(event, Event::Incoming(Packet::PubAck(_))))
}
