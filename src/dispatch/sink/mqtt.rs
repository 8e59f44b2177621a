//! Topics of an MQTT broker. The receipt is the broker's PUBACK.

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_util::task::AbortOnDropHandle;

use super::{Failure, Message, Sink, named};
use crate::config::{MqttConfig, MqttSinkConfig};
use crate::ingest::{Publication, Publisher};

/// Publishes every notification at QoS 1, over a connection of its own.
pub(super) struct Mqtt {
    client_id: String,
    broker: MqttConfig,
    topic: String,
    timeout: Duration,
    link: Mutex<Option<Link>>,
}

/// A client, and how to reach it. Ends with the value: one that did not get an acknowledgement in
/// time is not asked again, because it would publish late what is given back.
struct Link {
    publications: mpsc::Sender<Publication>,
    _running: AbortOnDropHandle<()>,
}

impl Mqtt {
    pub(super) fn new(
        config: &MqttSinkConfig,
        client_id: String,
        timeout: Duration,
    ) -> Result<Self, String> {
        if config.topic.is_empty() || config.topic.contains(['+', '#', '\0']) {
            return Err(format!("topic {:?} cannot be published to", config.topic));
        }
        let password = config.password.as_ref().map(|secret| secret.read());
        let password = password.transpose()?;
        let broker = MqttConfig {
            host: config.host.clone(),
            port: config.port,
            username: config.username.clone(),
            password: password.map(|secret| secret.expose().to_owned()),
            ..MqttConfig::default()
        };
        Ok(Self {
            client_id,
            broker,
            topic: config.topic.clone(),
            timeout,
            link: Mutex::default(),
        })
    }

    /// The link, a new one where there is none.
    async fn publications(&self) -> mpsc::Sender<Publication> {
        let mut link = self.link.lock().await;
        let link = link.get_or_insert_with(|| {
            let (publisher, publications) =
                Publisher::new(self.client_id.clone(), self.broker.clone());
            Link {
                publications,
                _running: AbortOnDropHandle::new(tokio::spawn(publisher.run())),
            }
        });
        link.publications.clone()
    }

    /// Gives up the link that `publications` leads to, and with it whatever is under way there.
    async fn give_up(&self, publications: &mpsc::Sender<Publication>) {
        let mut link = self.link.lock().await;
        if link
            .as_ref()
            .is_some_and(|link| link.publications.same_channel(publications))
        {
            *link = None;
        }
    }
}

#[async_trait]
impl Sink for Mqtt {
    async fn deliver(&self, message: &Message) -> Result<String, Failure> {
        let publications = self.publications().await;
        let (acknowledged, acknowledgement) = oneshot::channel();
        let publication = Publication {
            topic: named(&self.topic, &message.queue),
            payload: message.body.clone(),
            acknowledged,
        };
        let published = async {
            publications.send(publication).await.ok()?;
            acknowledgement.await.ok()
        };
        if let Ok(Some(())) = tokio::time::timeout(self.timeout, published).await {
            return Ok("PUBACK".to_owned());
        }
        self.give_up(&publications).await;
        Err(Failure::away("no acknowledgement in time"))
    }
}
