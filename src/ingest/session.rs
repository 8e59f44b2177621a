//! One MQTT session: connect, subscribe, hand messages on, acknowledge, connect again.

use std::sync::Arc;

use rumqttc::Publish;
use tokio::sync::mpsc;

use super::connect::{RECONNECT_MAX, reconnect_waits};
use super::connection::Connection;
use super::link::LinkState;
use super::{AckTicket, Link, Message};
use crate::config::MqttConfig;
use crate::metrics::{AckResult, Metrics};
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
    options: SessionOptions,
    messages: mpsc::Sender<Message>,
    acks: mpsc::Receiver<Vec<AckTicket>>,
    link: LinkState,
    clock: Clock,
    metrics: Arc<Metrics>,
    epoch: u64,
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

/// Why a connection is over.
enum Over {
    /// It is lost; whatever is unacknowledged comes again on the next.
    Lost,
    /// Nobody hands tickets in any more, and all have gone out.
    Done,
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
        // Room for a ticket of each message waiting in the other channel and in the batch taken from
        // it: nobody who waits to hand in tickets may hold up whoever waits to hand a message on.
        let (acks, acks_out) = mpsc::channel(2 * inflight_max + 1);
        let (link, link_out) = LinkState::down();
        let session = Self {
            options,
            messages,
            acks: acks_out,
            link,
            clock,
            metrics,
            epoch: 0,
        };
        let ends = SessionEnds {
            messages: messages_out,
            acks,
            link: link_out,
        };
        (session, ends)
    }

    /// Runs until nobody can hand in tickets any more.
    pub async fn run(mut self) {
        let mut waits = reconnect_waits();
        loop {
            self.epoch += 1;
            let connected = tokio::select! {
                () = discard(&mut self.acks, &self.metrics) => return,
                connected = Connection::open(&self.options, self.epoch) => connected,
            };
            if let Some(connection) = connected {
                self.metrics.mqtt_connected();
                self.link.set(true);
                let over = self.one_connection(connection).await;
                self.link.set(false);
                self.metrics.mqtt_disconnected();
                match over {
                    Over::Done => return,
                    Over::Lost => waits = reconnect_waits(),
                }
            }
            tokio::select! {
                () = discard(&mut self.acks, &self.metrics) => return,
                () = tokio::time::sleep(waits.next().unwrap_or(RECONNECT_MAX)) => {}
            }
        }
    }

    /// Runs one connection to its end. Each has a client of its own: a reused one would carry old
    /// requests over.
    async fn one_connection(&mut self, mut connection: Connection) -> Over {
        loop {
            let is_full = connection.is_full();
            tokio::select! {
                biased;
                tickets = self.acks.recv() => {
                    let Some(tickets) = tickets else {
                        connection.leave().await;
                        return Over::Done;
                    };
                    if let Err(error) = connection.acknowledge(&tickets, &self.metrics).await {
                        return self.lost(&error);
                    }
                }
                received = connection.receive(), if !is_full => match received {
                    Ok(None) => {}
                    Ok(Some(publish)) => self.hand_on(publish).await,
                    Err(error) => return self.lost(&error),
                }
            }
        }
    }

    fn lost(&self, error: &rumqttc::ConnectionError) -> Over {
        let client_id = &self.options.client_id;
        tracing::warn!(%client_id, epoch = self.epoch, %error, "connection lost");
        Over::Lost
    }

    /// Waits while the channel is full: the broker then waits too. A message that nobody takes any
    /// more stays unacknowledged, and so with the broker.
    async fn hand_on(&self, publish: Publish) {
        let message = Message {
            ticket: AckTicket::new(self.epoch, &publish),
            topic: publish.topic,
            payload: publish.payload,
            received_at: self.clock.now(),
        };
        if self.messages.send(message).await.is_err() {
            tracing::debug!("a message came after the last was taken; it stays with the broker");
        }
    }
}

/// Discards tickets while there is no connection that they could be of, until nobody can hand in any.
async fn discard(acks: &mut mpsc::Receiver<Vec<AckTicket>>, metrics: &Metrics) {
    while let Some(tickets) = acks.recv().await {
        for _ticket in tickets {
            metrics.ack(AckResult::Discarded);
        }
    }
}
