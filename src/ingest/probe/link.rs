//! One connection of the probe.

use std::time::Duration;

use rumqttc::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions, Packet, Publish, QoS};
use thiserror::Error;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::super::connect::REQUESTS_MAX;

/// How long anything that a broker answers at once may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Packets that wait to be looked at: more than a probe brings about, so that whoever hands out
/// acknowledgements never waits for whoever takes packets in.
const PACKETS_MAX: usize = 2 * super::AWAY_MESSAGES;

/// Why the broker could not be tried.
#[derive(Debug, Error)]
pub enum ProbeError {
    /// It cannot be reached, or does not let us in.
    #[error("cannot connect to the broker: {0}")]
    Connect(Box<ConnectionError>),
    /// The connection did not last.
    #[error("the broker closed the connection while {0}")]
    Lost(&'static str),
    /// It does not answer.
    #[error("the broker does not answer while {0}")]
    Silent(&'static str),
}

/// A connection that is up.
pub(super) struct Link {
    client: AsyncClient,
    packets: mpsc::Receiver<Packet>,
    /// Whether the broker had kept the session.
    pub(super) session_present: bool,
    polling: AbortOnDropHandle<()>,
}

impl Link {
    pub(super) async fn open(options: MqttOptions) -> Result<Self, ProbeError> {
        let (client, mut events) = AsyncClient::new(options, REQUESTS_MAX);
        let connecting = tokio::time::timeout(PATIENCE, events.poll());
        let first = connecting
            .await
            .map_err(|_elapsed| ProbeError::Silent("connecting"))?;
        let session_present = match first {
            Ok(Event::Incoming(Packet::ConnAck(ack))) => ack.session_present,
            Ok(Event::Incoming(_) | Event::Outgoing(_)) => false,
            Err(error) => return Err(ProbeError::Connect(Box::new(error))),
        };
        let (packets_in, packets) = mpsc::channel(PACKETS_MAX);
        Ok(Self {
            client,
            packets,
            session_present,
            polling: AbortOnDropHandle::new(tokio::spawn(poll(events, packets_in))),
        })
    }

    /// Subscribes at QoS 1; tells whether the broker lets us.
    pub(super) async fn subscribe(&mut self, topic: &str) -> Result<bool, ProbeError> {
        const DOING: &str = "subscribing";
        if self
            .client
            .subscribe(topic, QoS::AtLeastOnce)
            .await
            .is_err()
        {
            return Err(ProbeError::Lost(DOING));
        }
        loop {
            match self.next(PATIENCE, DOING).await? {
                None => return Err(ProbeError::Silent(DOING)),
                Some(Packet::SubAck(ack)) => {
                    let granted = rumqttc::SubscribeReasonCode::Success(QoS::AtLeastOnce);
                    return Ok(ack.return_codes == [granted]);
                }
                Some(_) => {}
            }
        }
    }

    /// Publishes at QoS 1, in order; returns how many the broker has acknowledged.
    pub(super) async fn publish(
        &mut self,
        topic: &str,
        payloads: impl ExactSizeIterator<Item = Vec<u8>>,
    ) -> Result<usize, ProbeError> {
        let wanted = payloads.len();
        let client = self.client.clone();
        let sending = async {
            for payload in payloads {
                let sent = client.publish(topic, QoS::AtLeastOnce, false, payload);
                sent.await
                    .map_err(|_closed| ProbeError::Lost("publishing"))?;
            }
            Ok(())
        };
        let (sent, acknowledged) = tokio::join!(sending, self.acknowledged(wanted));
        sent.and(acknowledged)
    }

    async fn acknowledged(&mut self, wanted: usize) -> Result<usize, ProbeError> {
        let mut acknowledged = 0;
        while acknowledged < wanted {
            match self.next(PATIENCE, "publishing").await? {
                Some(Packet::PubAck(_)) => acknowledged += 1,
                Some(_) => {}
                None => break,
            }
        }
        Ok(acknowledged)
    }

    /// The next message, unless there is none for so long.
    pub(super) async fn message(&mut self, quiet: Duration) -> Result<Option<Publish>, ProbeError> {
        loop {
            match self.next(quiet, "handing messages out").await? {
                Some(Packet::Publish(publish)) => return Ok(Some(publish)),
                Some(_) => {}
                None => return Ok(None),
            }
        }
    }

    pub(super) async fn acknowledge(&self, publish: &Publish) -> Result<(), ProbeError> {
        let sent = self.client.ack(publish).await;
        sent.map_err(|_closed| ProbeError::Lost("taking acknowledgements"))
    }

    /// Takes leave, everything handed in having gone out.
    pub(super) async fn close(mut self) {
        if self.client.disconnect().await.is_ok() {
            self.packets.close();
            let _ended = tokio::time::timeout(PATIENCE, &mut self.polling).await;
        }
    }

    async fn next(
        &mut self,
        patience: Duration,
        doing: &'static str,
    ) -> Result<Option<Packet>, ProbeError> {
        match tokio::time::timeout(patience, self.packets.recv()).await {
            Ok(Some(packet)) => Ok(Some(packet)),
            Ok(None) => Err(ProbeError::Lost(doing)),
            Err(_elapsed) => Ok(None),
        }
    }
}

/// Hands incoming packets on until the connection ends.
async fn poll(mut events: EventLoop, packets: mpsc::Sender<Packet>) {
    loop {
        match events.poll().await {
            Ok(Event::Incoming(packet)) => {
                // Nobody listens any more: what is left is to take leave.
                let _unheard = packets.send(packet).await;
            }
            Ok(Event::Outgoing(rumqttc::Outgoing::Disconnect)) | Err(_) => return,
            Ok(Event::Outgoing(_)) => {}
        }
    }
}
