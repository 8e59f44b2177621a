//! One connection of a session, and what is unacknowledged on it.
//!
//! Acknowledgements are written by the task that reads, between two reads, all that wait at once. Handed
//! to rumqttc's event loop they would go out one for every ten messages read, and a backlog would pile
//! up here instead of with the broker: Mosquitto 2.0.11 does not keep to its own bound while one drains.

use rumqttc::{AsyncClient, ConnectionError, Event, EventLoop, Packet, PubAck, Publish, QoS};

use super::AckTicket;
use super::connect::{REQUESTS_MAX, options};
use super::session::SessionOptions;
use crate::metrics::{AckResult, Metrics};

/// A connection that the broker has accepted.
pub(super) struct Connection {
    /// Tells it from earlier ones: packet ids start anew with each.
    epoch: u64,
    events: EventLoop,
    /// Keeps the event loop's requests open.
    _client: AsyncClient,
    unacknowledged: usize,
    unacknowledged_max: usize,
}

impl Connection {
    /// Connects and subscribes. It subscribes on each connection: where the broker kept the session
    /// that changes nothing, and where it lost it nothing else would bring messages again.
    pub(super) async fn open(session: &SessionOptions, epoch: u64) -> Option<Self> {
        let client_id = &session.client_id;
        let (client, mut events) =
            AsyncClient::new(options(client_id, &session.mqtt), REQUESTS_MAX);
        if let Err(error) = events.poll().await {
            tracing::warn!(%client_id, %error, "cannot connect to the broker");
            return None;
        }
        if let Err(error) = client.try_subscribe(&session.filter, QoS::AtLeastOnce) {
            tracing::error!(%client_id, %error, "cannot subscribe");
            return None;
        }
        tracing::info!(%client_id, epoch, "connected to the broker");
        Some(Self {
            epoch,
            events,
            _client: client,
            unacknowledged: 0,
            unacknowledged_max: session.mqtt.inflight_max.max(1),
        })
    }

    /// Whether nothing more may be received before something is acknowledged.
    pub(super) const fn is_full(&self) -> bool {
        self.unacknowledged >= self.unacknowledged_max
    }

    /// The next message; `None` for whatever else happens. Whoever stops waiting loses nothing.
    pub(super) async fn receive(&mut self) -> Result<Option<Publish>, ConnectionError> {
        let Event::Incoming(Packet::Publish(publish)) = self.events.poll().await? else {
            return Ok(None);
        };
        if publish.qos != QoS::AtMostOnce {
            self.unacknowledged += 1;
        }
        Ok(Some(publish))
    }

    /// Acknowledges, in the order given; what came on an earlier connection is left out.
    pub(super) async fn acknowledge(
        &mut self,
        tickets: &[AckTicket],
        metrics: &Metrics,
    ) -> Result<(), ConnectionError> {
        let Some(network) = self.events.network.as_mut() else {
            return Ok(());
        };
        for ticket in tickets {
            let Some(packet) = ticket.packet(self.epoch) else {
                metrics.ack(AckResult::Discarded);
                continue;
            };
            network
                .write(Packet::PubAck(PubAck::new(packet.get())))
                .await?;
            self.unacknowledged = self.unacknowledged.saturating_sub(1);
            metrics.ack(AckResult::Sent);
        }
        network.flush().await?;
        Ok(())
    }

    /// Takes leave of the broker; what was acknowledged before has gone out.
    pub(super) async fn leave(mut self) {
        if let Some(network) = self.events.network.as_mut()
            && network.write(Packet::Disconnect).await.is_ok()
            && let Err(error) = network.flush().await
        {
            tracing::debug!(%error, "disconnected already");
        }
    }
}
