//! Topics followed across breaks of the connection.

use std::time::Duration;

use rumqttc::{AsyncClient, Event, MqttOptions, Packet, Publish, QoS};
use tokio::sync::mpsc;

/// Requests under way: the subscriptions.
const REQUESTS: usize = 10;

/// Pause before it connects again.
const PAUSE: Duration = Duration::from_millis(250);

/// Subscribes, again with each connection, and hands on what comes until nobody takes it.
pub(crate) async fn follow(
    options: MqttOptions,
    topics: &[(&str, QoS)],
    taken: mpsc::Sender<Publish>,
) {
    let (client, mut events) = AsyncClient::new(options, REQUESTS);
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                for (topic, qos) in topics {
                    // A client whose event loop is polled here takes it.
                    let _asked = client.try_subscribe(*topic, *qos);
                }
            }
            Ok(Event::Incoming(Packet::Publish(told))) => {
                if taken.send(told).await.is_err() {
                    return;
                }
            }
            Ok(_other) => {}
            Err(error) => {
                tracing::debug!(%error, "connection to the broker broke");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}
