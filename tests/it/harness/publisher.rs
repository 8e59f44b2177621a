//! Publishing as devices do.

use std::time::Duration;

use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};

/// Publications under way at once: enough to keep a broker busy.
const UNDER_WAY_MAX: u16 = 100;

const PATIENCE: Duration = Duration::from_secs(60);

/// Publishes `(topic, payload)` at QoS 1, in order; returns once the broker has acknowledged all.
pub(crate) fn publish(
    port: u16,
    messages: impl ExactSizeIterator<Item = (String, String)> + Send + 'static,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut options = MqttOptions::new("publisher", "127.0.0.1", port);
        options
            .set_inflight(UNDER_WAY_MAX)
            .set_keep_alive(Duration::from_secs(30));
        let (client, mut events) = AsyncClient::new(options, 10);
        let mut awaited = messages.len();
        let sending = tokio::spawn(async move {
            for (topic, payload) in messages {
                let publishing = client.publish(topic, QoS::AtLeastOnce, false, payload);
                publishing.await.unwrap();
            }
            client
        });
        while awaited > 0 {
            let event = tokio::time::timeout(PATIENCE, events.poll());
            let event = event.await.expect("the broker is silent").unwrap();
            if matches!(event, Event::Incoming(Packet::PubAck(_))) {
                awaited -= 1;
            }
        }
        drop(sending.await.unwrap());
    });
}
