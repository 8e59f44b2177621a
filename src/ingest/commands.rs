//! Commands on their way to devices.

use model::{DeviceCommand, PartitionId};
use tokio::sync::{mpsc, oneshot};

use super::publisher::{Publication, Publisher};
use crate::config::MqttConfig;

/// Publishes commands to devices, at least once, in order.
pub struct CommandPublisher(Publisher);

/// Where to hand commands in.
#[derive(Clone)]
pub struct Commands(mpsc::Sender<Publication>);

impl CommandPublisher {
    /// One for the installation of that name.
    #[must_use]
    pub fn new(installation: &str, mqtt: MqttConfig) -> (Self, Commands) {
        let (publisher, publications) = Publisher::new(format!("{installation}-commands"), mqtt);
        (Self(publisher), Commands(publications))
    }

    /// Runs until nobody can hand commands in any more and all are with the broker.
    pub async fn run(self) {
        self.0.run().await;
    }
}

impl Commands {
    /// Hands a command in; waits while the broker is not taking them.
    pub async fn send(&self, partition: PartitionId, command: &DeviceCommand) {
        let payload = match serde_json::to_vec(command) {
            Ok(payload) => payload,
            Err(error) => return tracing::error!(%error, "a command cannot be written"),
        };
        let topic = wire::topic::command_topic(partition, &command.device);
        // Nobody waits for it: the rules wait for the answer to the prompt instead.
        let (acknowledged, _ignored) = oneshot::channel();
        let publication = Publication {
            topic,
            payload,
            acknowledged,
        };
        if self.0.send(publication).await.is_err() {
            tracing::error!(device = %command.device, "a command was not sent: stopping");
        }
    }
}
