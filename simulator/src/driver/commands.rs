//! What devices are told to do, as their broker hands it down.

use std::time::Duration;

use model::DeviceCommand;
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::DriverOptions;

/// Every device's, of every partition.
const TOPIC: &str = "em/v1/+/+/command";

/// Commands that wait to be taken at most; beyond, the broker waits.
const WAITING_MAX: usize = 10_000;

/// Requests under way: a subscription.
const REQUESTS: usize = 10;

/// Pause before it connects again.
const PAUSE: Duration = Duration::from_millis(250);

/// Listens for commands as all devices together. Dropping it ends that.
#[derive(Debug)]
pub struct Commands {
    waiting: mpsc::Receiver<DeviceCommand>,
    task: JoinHandle<()>,
}

impl Commands {
    /// Begins to listen. Must be called within a tokio runtime.
    #[must_use]
    pub fn listen(options: &DriverOptions) -> Self {
        let (given, waiting) = mpsc::channel(WAITING_MAX);
        let task = tokio::spawn(follow(options.mqtt("commands"), given));
        Self { waiting, task }
    }

    /// The next one that has come.
    pub fn take(&mut self) -> Option<DeviceCommand> {
        self.waiting.try_recv().ok()
    }
}

impl Drop for Commands {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn follow(options: MqttOptions, given: mpsc::Sender<DeviceCommand>) {
    let (client, mut events) = AsyncClient::new(options, REQUESTS);
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                // A client whose event loop is polled here takes it.
                let _asked = client.try_subscribe(TOPIC, QoS::AtLeastOnce);
            }
            Ok(Event::Incoming(Packet::Publish(told))) => {
                match serde_json::from_slice(&told.payload) {
                    Ok(command) => {
                        if given.send(command).await.is_err() {
                            return;
                        }
                    }
                    Err(error) => tracing::warn!(%error, "a command cannot be read"),
                }
            }
            Ok(_other) => {}
            Err(error) => {
                tracing::debug!(%error, "connection to the broker broke");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}
