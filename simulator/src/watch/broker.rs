//! What a broker says of itself under `$SYS`, where it does (Mosquitto and others).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use tokio::task::JoinHandle;

use crate::driver::DriverOptions;

/// Messages held for sessions, retained ones included.
const HELD: &str = "$SYS/broker/store/messages/count";

/// Its name and version.
const VERSION: &str = "$SYS/broker/version";

/// Requests under way: two subscriptions.
const REQUESTS: usize = 10;

/// Pause before it is connected to again.
const PAUSE: Duration = Duration::from_secs(1);

/// Listens to a broker about itself. Dropping it ends that.
#[derive(Debug)]
pub struct BrokerWatch {
    said: Arc<Mutex<Said>>,
    task: JoinHandle<()>,
}

#[derive(Debug, Clone, Default)]
struct Said {
    held: Option<f64>,
    version: Option<String>,
}

impl BrokerWatch {
    /// Begins to listen. Must be called within a tokio runtime.
    #[must_use]
    pub fn start(options: &DriverOptions) -> Self {
        let said = Arc::new(Mutex::new(Said::default()));
        let mqtt = options.mqtt("watch");
        let task = tokio::spawn(listen(mqtt, Arc::clone(&said)));
        Self { said, task }
    }

    /// How many messages it holds; nothing where it has not said.
    #[must_use]
    pub fn held(&self) -> Option<f64> {
        self.said().held
    }

    /// Its name and version; nothing where it has not said.
    #[must_use]
    pub fn version(&self) -> Option<String> {
        self.said().version
    }

    fn said(&self) -> Said {
        self.said
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for BrokerWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(options: MqttOptions, said: Arc<Mutex<Said>>) {
    let (client, mut events) = AsyncClient::new(options, REQUESTS);
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                for topic in [HELD, VERSION] {
                    // A client whose event loop is polled here takes it.
                    let _asked = client.try_subscribe(topic, QoS::AtMostOnce);
                }
            }
            Ok(Event::Incoming(Packet::Publish(told))) => {
                let text = String::from_utf8_lossy(&told.payload).into_owned();
                let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
                if told.topic == HELD {
                    said.held = text.parse().ok();
                } else {
                    said.version = Some(text);
                }
            }
            Ok(_other) => {}
            Err(error) => {
                tracing::debug!(%error, "the broker does not speak of itself");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}
