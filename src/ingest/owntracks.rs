//! Phones with OwnTracks cannot carry the partition in their topic: this adapter takes in what they
//! publish and publishes it again on the native topic. A phone's message is acknowledged when the
//! broker has acknowledged ours.

use std::num::NonZeroU16;
use std::sync::Arc;

use model::{DeviceId, DeviceReading, PartitionId, ReadingKind};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use wire::topic::{NativeTopic, OWNTRACKS_FILTER, Topic};

use super::publisher::{Publication, Publisher};
use super::{
    AckTicket, Attribution, Message, Session, SessionEnds, SessionOptions, SharedDirectory,
};
use crate::config::MqttConfig;
use crate::metrics::Metrics;
use crate::runtime::clock::Clock;
use crate::runtime::retry::until_kept;
use crate::store::{DeadLetter, DeadLetterReason, Store};

/// Messages republished and not acknowledged yet.
const UNDER_WAY_MAX: usize = 64;

/// The adapter; runs beside the partitions.
pub struct OwnTracksAdapter {
    /// Names the installation in client ids.
    pub installation: String,
    /// How to reach the broker.
    pub mqtt: MqttConfig,
    /// How many partitions there are.
    pub partitions: NonZeroU16,
    /// Who wears which device.
    pub directory: SharedDirectory,
    /// Where dead letters go.
    pub store: Arc<dyn Store>,
    /// The present.
    pub clock: Clock,
    /// The metrics.
    pub metrics: Arc<Metrics>,
}

/// A message on its way to be acknowledged, in the order received.
struct UnderWay {
    ticket: AckTicket,
    republished: Option<oneshot::Receiver<()>>,
}

/// What an OwnTracks message comes to.
enum Intake {
    Republish(NativeTopic, Box<DeviceReading>),
    Nothing,
    Bury(DeadLetterReason, String),
}

impl OwnTracksAdapter {
    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let options = SessionOptions {
            client_id: format!("{}-owntracks", self.installation),
            filter: OWNTRACKS_FILTER.to_owned(),
            mqtt: self.mqtt.clone(),
        };
        let (
            session,
            SessionEnds {
                mut messages, acks, ..
            },
        ) = Session::new(options, self.clock, Arc::clone(&self.metrics));
        let publisher_id = format!("{}-owntracks-out", self.installation);
        let (publisher, publications) = Publisher::new(publisher_id, self.mqtt.clone());
        let (under_way, under_way_out) = mpsc::channel(UNDER_WAY_MAX);
        let session = tokio::spawn(session.run());
        let publisher = tokio::spawn(publisher.run());
        let settling = tokio::spawn(settle(under_way_out, acks));
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                message = messages.recv() => match message {
                    Some(message) => self.pass_on(message, &publications, &under_way).await,
                    None => break,
                },
            }
        }
        // What is not acknowledged stays with the broker; none of these has to be waited for.
        drop((publications, under_way));
        settling.abort();
        publisher.abort();
        if let Err(error) = session.await {
            tracing::error!(%error, "the OwnTracks session died");
        }
    }

    async fn pass_on(
        &self,
        message: Message,
        publications: &mpsc::Sender<Publication>,
        under_way: &mpsc::Sender<UnderWay>,
    ) {
        let republished = match self.read(&message) {
            Intake::Republish(topic, reading) => {
                let (acknowledged, republished) = oneshot::channel();
                let payload = wire::encode(std::slice::from_ref(&*reading));
                let publication = Publication {
                    topic: topic.to_string(),
                    payload,
                    acknowledged,
                };
                if publications.send(publication).await.is_err() {
                    return;
                }
                Some(republished)
            }
            Intake::Nothing => None,
            Intake::Bury(reason, detail) => {
                self.bury(&message, reason, detail).await;
                None
            }
        };
        let waiting = UnderWay {
            ticket: message.ticket,
            republished,
        };
        if under_way.send(waiting).await.is_err() {
            tracing::debug!("not acknowledged: the adapter is stopping");
        }
    }

    fn read(&self, message: &Message) -> Intake {
        let device = match Topic::parse(&message.topic) {
            Ok(Topic::OwnTracks { user, .. }) => user,
            Ok(Topic::Native(_) | Topic::Command { .. }) => {
                return Intake::Bury(
                    DeadLetterReason::UnknownTopic,
                    "not an OwnTracks topic".to_owned(),
                );
            }
            Err(error) => return Intake::Bury(DeadLetterReason::UnknownTopic, error.to_string()),
        };
        if message.payload.len() > wire::PAYLOAD_BYTES_MAX {
            let detail = format!("payload of {} bytes", message.payload.len());
            return Intake::Bury(DeadLetterReason::PayloadTooLarge, detail);
        }
        match wire::owntracks::decode(&device, &message.payload) {
            Ok(Some(reading)) => self.address(device, reading),
            Ok(None) => Intake::Nothing,
            Err(error) => Intake::Bury(DeadLetterReason::Undecodable, error.to_string()),
        }
    }

    fn address(&self, device: DeviceId, reading: DeviceReading) -> Intake {
        match self.directory.get().attribute(&device, reading.observed_at) {
            Attribution::Wearer(wearer) => {
                let partition = PartitionId::of(&wearer, self.partitions);
                let topic = NativeTopic {
                    partition,
                    device,
                    kind: ReadingKind::Position,
                };
                Intake::Republish(topic, Box::new(reading))
            }
            Attribution::NotActivated => {
                let at = reading.observed_at;
                let detail = format!("device {device} was worn by nobody at {at}");
                Intake::Bury(DeadLetterReason::NotActivated, detail)
            }
            Attribution::UnknownDevice => {
                let detail = format!("device {device} is not known");
                Intake::Bury(DeadLetterReason::UnknownDevice, detail)
            }
        }
    }

    async fn bury(&self, message: &Message, reason: DeadLetterReason, detail: String) {
        self.metrics.dead_letter(reason);
        let letter = DeadLetter {
            received_at: message.received_at,
            topic: message.topic.clone(),
            payload: message.payload.to_vec(),
            reason,
            detail,
        };
        until_kept("dead letter", || self.store.bury(vec![letter.clone()])).await;
    }
}

/// Hands in tickets in the order received, each once the broker has what became of its message.
async fn settle(mut under_way: mpsc::Receiver<UnderWay>, acks: mpsc::Sender<Vec<AckTicket>>) {
    while let Some(UnderWay {
        ticket,
        republished,
    }) = under_way.recv().await
    {
        if let Some(republished) = republished
            && republished.await.is_err()
        {
            return;
        }
        if acks.send(vec![ticket]).await.is_err() {
            return;
        }
    }
}
