//! A tag's end of the link: publishes at QoS 1 and waits for every acknowledgement.

use std::io;
use std::time::Duration;

use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS};
use tokio::sync::oneshot;

/// Unacknowledged messages at a time.
const INFLIGHT: u16 = 500;

/// Publishes these (topic, payload), in order, and returns once the broker has acknowledged them all: how many
/// they were.
///
/// # Errors
/// When the connection breaks.
pub fn publish<P: Into<Vec<u8>>>(
    port: u16,
    messages: impl Iterator<Item = (String, P)> + Send + 'static,
) -> io::Result<usize> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async move {
        let mut options = MqttOptions::new("publisher", "127.0.0.1", port);
        options
            .set_inflight(INFLIGHT)
            .set_keep_alive(Duration::from_secs(30));
        let (client, events) = AsyncClient::new(options, INFLIGHT.into());
        let (all_sent, sent) = oneshot::channel();
        let acknowledged = tokio::spawn(acknowledgements(events, sent));
        let mut count = 0;
        for (topic, payload) in messages {
            let sent = client.publish(topic, QoS::AtLeastOnce, false, payload);
            if sent.await.is_err() {
                break;
            }
            count += 1;
        }
        // Where nobody takes it any more there is an error to tell.
        all_sent.send(count).ok();
        acknowledged.await.map_err(io::Error::other)?
    })
}

/// Waits for as many as were sent, which it is told when all are.
async fn acknowledgements(
    mut events: EventLoop,
    mut sent: oneshot::Receiver<usize>,
) -> io::Result<usize> {
    let (mut count, mut expected) = (0, None);
    while expected != Some(count) {
        tokio::select! {
            biased;
            event = events.poll() => {
                let event = event.map_err(io::Error::other)?;
                count += usize::from(matches!(event, Event::Incoming(Packet::PubAck(_))));
            }
            all = &mut sent, if expected.is_none() => {
                expected = Some(all.map_err(io::Error::other)?);
            }
        }
    }
    Ok(count)
}
