//! Publishing at QoS 1, with word of when the broker has it.

use std::collections::VecDeque;

use rumqttc::{AsyncClient, ClientError, Event, EventLoop, Packet, QoS};
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::AbortOnDropHandle;

use super::connect::{RECONNECT_MAX, REQUESTS_MAX, options, reconnect_waits};
use crate::config::MqttConfig;

/// Publications under way at once: enough to hide the way to the broker and back, and few to
/// send again after a lost connection.
const UNDER_WAY_MAX: usize = 64;

/// Something to publish.
pub(crate) struct Publication {
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
    /// Told when the broker has acknowledged it.
    pub(crate) acknowledged: oneshot::Sender<()>,
}

/// Publishes at QoS 1, again after a lost connection until acknowledged: at least once, in order.
/// It has a connection of its own, because one that also consumes can block itself.
pub(crate) struct Publisher {
    client_id: String,
    mqtt: MqttConfig,
    publications: mpsc::Receiver<Publication>,
    under_way: VecDeque<Publication>,
}

impl Publisher {
    pub(crate) fn new(client_id: String, mqtt: MqttConfig) -> (Self, mpsc::Sender<Publication>) {
        let (sender, publications) = mpsc::channel(UNDER_WAY_MAX);
        let under_way = VecDeque::with_capacity(UNDER_WAY_MAX);
        (
            Self {
                client_id,
                mqtt,
                publications,
                under_way,
            },
            sender,
        )
    }

    /// Runs until nobody has anything to publish any more and everything is acknowledged.
    pub(crate) async fn run(mut self) {
        let mut waits = reconnect_waits();
        loop {
            let mut options = options(&self.client_id, &self.mqtt);
            options.set_clean_session(true);
            let (client, events) = AsyncClient::new(options, REQUESTS_MAX);
            let (acks, acked) = mpsc::channel(UNDER_WAY_MAX);
            // Ends with this connection, however it ends.
            let _polling = AbortOnDropHandle::new(tokio::spawn(poll(events, acks)));
            let ended = self.one_connection(&client, acked).await;
            if ended {
                return;
            }
            tokio::time::sleep(waits.next().unwrap_or(RECONNECT_MAX)).await;
        }
    }

    /// Runs one connection until it is lost, or (`true`) until there is nothing left to do.
    async fn one_connection(
        &mut self,
        client: &AsyncClient,
        mut acked: mpsc::Receiver<()>,
    ) -> bool {
        for publication in &self.under_way {
            if send(client, publication).await.is_err() {
                return false;
            }
        }
        loop {
            let room = self.under_way.len() < UNDER_WAY_MAX;
            tokio::select! {
                ack = acked.recv() => match ack {
                    Some(()) => self.acknowledged(),
                    None => return false,
                },
                publication = self.publications.recv(), if room => match publication {
                    Some(publication) => {
                        let sent = send(client, &publication).await;
                        self.under_way.push_back(publication);
                        if sent.is_err() {
                            return false;
                        }
                    }
                    None if self.under_way.is_empty() => return true,
                    None => self.last_acks(&mut acked).await,
                },
            }
        }
    }

    /// Brokers acknowledge in the order published (MQTT 3.1.1 §4.6), so the oldest is meant.
    fn acknowledged(&mut self) {
        if let Some(publication) = self.under_way.pop_front()
            && publication.acknowledged.send(()).is_err()
        {
            tracing::debug!("nobody waits for this acknowledgement any more");
        }
    }

    async fn last_acks(&mut self, acked: &mut mpsc::Receiver<()>) {
        if acked.recv().await.is_some() {
            self.acknowledged();
        }
    }
}

async fn send(client: &AsyncClient, publication: &Publication) -> Result<(), ClientError> {
    let payload = publication.payload.clone();
    client
        .publish(&publication.topic, QoS::AtLeastOnce, false, payload)
        .await
}

/// Keeps the connection going and passes acknowledgements on; ends with the connection.
async fn poll(mut events: EventLoop, acks: mpsc::Sender<()>) {
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::PubAck(_))) => {
                if acks.send(()).await.is_err() {
                    return;
                }
            }
            Ok(Event::Incoming(_) | Event::Outgoing(_)) => {}
            Err(error) => {
                tracing::warn!(%error, "publishing connection lost");
                return;
            }
        }
    }
}
