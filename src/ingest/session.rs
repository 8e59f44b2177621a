//! One MQTT session: connect, subscribe, hand messages on, connect again.

use std::sync::Arc;

use rumqttc::{AsyncClient, Event, EventLoop, Outgoing, Packet, Publish, QoS};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::acker::Connection;
use super::connect::{RECONNECT_MAX, REQUESTS_MAX, options, reconnect_waits};
use super::{AckTicket, Acker, Link, Message};
use crate::config::MqttConfig;
use crate::metrics::Metrics;
use crate::runtime::clock::Clock;

/// What a session is for.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// The client id, and so the broker's session: it outlives connections.
    pub client_id: String,
    /// What it subscribes to, at QoS 1.
    pub filter: String,
    /// How to reach the broker.
    pub mqtt: MqttConfig,
}

/// A persistent MQTT session.
pub struct Session {
    reader: Reader,
    acker: Acker,
}

/// The ends of a session's channels that its user holds.
pub struct SessionEnds {
    /// The messages, in the order received.
    pub messages: mpsc::Receiver<Message>,
    /// Takes the tickets of committed messages, in the order received. Dropping it ends the session,
    /// once everything handed in has gone out.
    pub acks: mpsc::Sender<Vec<AckTicket>>,
    /// Whether the broker can be reached now.
    pub link: Link,
}

impl Session {
    /// A session that is not connected yet.
    #[must_use]
    pub fn new(
        options: SessionOptions,
        clock: Clock,
        metrics: Arc<Metrics>,
    ) -> (Self, SessionEnds) {
        let inflight_max = options.mqtt.inflight_max.max(1);
        let (messages, messages_out) = mpsc::channel(inflight_max);
        let (acks, acks_out) = mpsc::channel(inflight_max);
        let (connection, connection_out) = watch::channel(None);
        let link = Link(connection_out.clone());
        let acker = Acker::new(acks_out, connection_out, Arc::clone(&metrics));
        let reader = Reader {
            options,
            messages,
            connection,
            clock,
            metrics,
            epoch: 0,
        };
        let ends = SessionEnds {
            messages: messages_out,
            acks,
            link,
        };
        (Self { reader, acker }, ends)
    }

    /// Runs until nobody can hand in tickets any more.
    pub async fn run(self) {
        let Self { mut reader, acker } = self;
        let leave = CancellationToken::new();
        let acking = tokio::spawn(acknowledge_then_leave(acker, leave.clone()));
        reader.run(&leave).await;
        if let Err(error) = acking.await {
            tracing::error!(%error, "the task that acknowledges died");
        }
    }
}

async fn acknowledge_then_leave(mut acker: Acker, leave: CancellationToken) {
    acker.run().await;
    leave.cancel();
    acker.disconnect().await;
}

/// The half of a session that reads from the broker.
struct Reader {
    options: SessionOptions,
    messages: mpsc::Sender<Message>,
    connection: watch::Sender<Option<Connection>>,
    clock: Clock,
    metrics: Arc<Metrics>,
    epoch: u64,
}

impl Reader {
    async fn run(&mut self, leave: &CancellationToken) {
        let mut waits = reconnect_waits();
        while !leave.is_cancelled() {
            let accepted = self.one_connection(leave).await;
            self.connection.send_replace(None);
            if accepted {
                self.metrics.mqtt_disconnected();
                waits = reconnect_waits();
            }
            let wait = waits.next().unwrap_or(RECONNECT_MAX);
            tokio::select! {
                () = leave.cancelled() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Runs one connection to its end; tells whether the broker had accepted it. Each connection
    /// has a client of its own: a reused one would carry old requests over.
    async fn one_connection(&mut self, leave: &CancellationToken) -> bool {
        self.epoch += 1;
        let mqtt_options = options(&self.options.client_id, &self.options.mqtt);
        let (client, mut events) = AsyncClient::new(mqtt_options, REQUESTS_MAX);
        if !self.connect(&client, &mut events, leave).await {
            return false;
        }
        if leave.is_cancelled() {
            // Whoever takes leave may not have seen this connection, and would never end it.
            return true;
        }
        loop {
            match events.poll().await {
                Ok(Event::Incoming(Packet::Publish(publish))) => self.hand_on(publish).await,
                Ok(Event::Outgoing(Outgoing::Disconnect)) => return true,
                Ok(Event::Incoming(_) | Event::Outgoing(_)) => {}
                Err(error) => {
                    let client_id = &self.options.client_id;
                    tracing::warn!(%client_id, epoch = self.epoch, %error, "connection lost");
                    return true;
                }
            }
        }
    }

    /// Connects and subscribes. It subscribes on each connection: where the broker kept the session
    /// that changes nothing, and where it lost it nothing else would bring messages again.
    async fn connect(
        &self,
        client: &AsyncClient,
        events: &mut EventLoop,
        leave: &CancellationToken,
    ) -> bool {
        let client_id = &self.options.client_id;
        let first = tokio::select! {
            () = leave.cancelled() => return false,
            first = events.poll() => first,
        };
        if let Err(error) = first {
            tracing::warn!(%client_id, %error, "cannot connect to the broker");
            return false;
        }
        if let Err(error) = client.try_subscribe(&self.options.filter, QoS::AtLeastOnce) {
            tracing::error!(%client_id, %error, "cannot subscribe");
            return false;
        }
        tracing::info!(%client_id, epoch = self.epoch, "connected to the broker");
        self.metrics.mqtt_connected();
        let connection = Connection {
            epoch: self.epoch,
            client: client.clone(),
        };
        self.connection.send_replace(Some(connection));
        true
    }

    /// Waits while the channel is full: the broker then waits too. A message that nobody takes any
    /// more stays unacknowledged, and so with the broker.
    async fn hand_on(&self, publish: Publish) {
        let message = Message {
            topic: publish.topic.clone(),
            payload: publish.payload.clone(),
            received_at: self.clock.now(),
            ticket: AckTicket::new(self.epoch, publish),
        };
        if self.messages.send(message).await.is_err() {
            tracing::debug!("a message came after the last was taken; it stays with the broker");
        }
    }
}
