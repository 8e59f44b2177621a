//! What a broker says of itself under `$SYS`, where it does (Mosquitto and others).

use std::sync::{Arc, Mutex, PoisonError};

use rumqttc::{Publish, QoS};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::driver::{DriverOptions, subscription};

/// Messages held for sessions, retained ones included.
const HELD: &str = "$SYS/broker/store/messages/count";

/// Its name and version.
const VERSION: &str = "$SYS/broker/version";

/// What it said and nobody has kept yet, at most: it says each every few seconds.
const WAITING_MAX: usize = 10;

/// Listens to a broker about itself. Dropping it ends that.
#[derive(Debug)]
pub struct BrokerWatch {
    said: Arc<Mutex<Said>>,
    task: JoinHandle<((), ())>,
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
        let (given, told) = mpsc::channel(WAITING_MAX);
        let topics = &[(HELD, QoS::AtMostOnce), (VERSION, QoS::AtMostOnce)];
        let following = subscription::follow(options.mqtt("watch"), topics, given);
        let keeping = keep(told, Arc::clone(&said));
        let task = tokio::spawn(async { tokio::join!(following, keeping) });
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

/// Keeps what it said last.
async fn keep(mut told: mpsc::Receiver<Publish>, said: Arc<Mutex<Said>>) {
    while let Some(told) = told.recv().await {
        let text = String::from_utf8_lossy(&told.payload).into_owned();
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        if told.topic == HELD {
            said.held = text.parse().ok();
        } else {
            said.version = Some(text);
        }
    }
}
