//! What devices are told to do, as their broker hands it down.

use model::DeviceCommand;
use rumqttc::{Publish, QoS};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{DriverOptions, subscription};

/// Every device's, of every partition.
const TOPIC: &str = "em/v1/+/+/command";

/// Commands that wait to be taken at most; beyond, the broker waits.
const WAITING_MAX: usize = 10_000;

/// Listens for commands as all devices together. Dropping it ends that.
#[derive(Debug)]
pub struct Commands {
    waiting: mpsc::Receiver<Publish>,
    task: JoinHandle<()>,
}

impl Commands {
    /// Begins to listen. Must be called within a tokio runtime.
    #[must_use]
    pub fn listen(options: &DriverOptions) -> Self {
        let (given, waiting) = mpsc::channel(WAITING_MAX);
        let mqtt = options.mqtt("commands");
        let topics = &[(TOPIC, QoS::AtLeastOnce)];
        let task = tokio::spawn(subscription::follow(mqtt, topics, given));
        Self { waiting, task }
    }

    /// The next one that has come.
    pub fn take(&mut self) -> Option<DeviceCommand> {
        while let Ok(told) = self.waiting.try_recv() {
            match serde_json::from_slice(&told.payload) {
                Ok(command) => return Some(command),
                Err(error) => tracing::warn!(%error, "a command cannot be read"),
            }
        }
        None
    }
}

impl Drop for Commands {
    fn drop(&mut self) {
        self.task.abort();
    }
}
