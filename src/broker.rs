//! The broker in the process: what `demo` and small installations publish to. On loopback unless
//! told otherwise; sessions and queued messages in files, or in memory only.
//!
//! Architecture invariant: nothing else in the service knows which broker it talks to.

use std::net::SocketAddr;
use std::path::PathBuf;

use mqtt5::broker::config::{StorageBackend, StorageConfig};
use mqtt5::broker::{BrokerConfig, MqttBroker};
use thiserror::Error;
use tokio::task::JoinHandle;

/// The largest packet it takes: more than any tag sends, and less than hurts.
const PACKET_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bytes it queues for one session before it has to drop: a day of a thousand tags.
const QUEUE_BYTES_MAX: usize = 1024 * 1024 * 1024;

/// Unacknowledged messages it sends to one session before it waits.
const INFLIGHT_MAX: u16 = 1_000;

/// Where the broker keeps what it must not forget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Persistence {
    /// Gone with the process.
    Memory,
    /// In files in this folder.
    Folder(PathBuf),
}

/// Why there is no broker.
#[derive(Debug, Error)]
#[error("the broker in the process cannot serve {listen}: {detail}")]
pub struct BrokerError {
    listen: SocketAddr,
    detail: String,
}

/// A broker that runs in this process until it is stopped.
pub struct EmbeddedBroker {
    address: SocketAddr,
    shutdown: mqtt5::broker::server::BrokerShutdownHandle,
    task: JoinHandle<()>,
}

impl EmbeddedBroker {
    /// Starts one; port 0 takes a free port.
    ///
    /// # Errors
    /// When it cannot listen there, or cannot use its folder.
    pub async fn start(listen: SocketAddr, persistence: Persistence) -> Result<Self, BrokerError> {
        let failed = |detail: String| BrokerError { listen, detail };
        let mut broker = MqttBroker::with_config(configuration(listen, persistence))
            .await
            .map_err(|error| failed(error.to_string()))?;
        let address = broker
            .local_addr()
            .ok_or_else(|| failed("no address".to_owned()))?;
        let shutdown = broker.shutdown_handle();
        let mut ready = broker.ready_receiver();
        let task = tokio::spawn(async move {
            if let Err(error) = broker.run().await {
                tracing::error!(%error, "the broker in the process ended");
            }
        });
        ready
            .wait_for(|ready| *ready)
            .await
            .map_err(|_closed| failed("it ended before it was ready".to_owned()))?;
        Ok(Self {
            address,
            shutdown,
            task,
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops it, and waits until it has.
    pub async fn stop(self) {
        self.shutdown.shutdown();
        if let Err(error) = self.task.await {
            tracing::warn!(%error, "the broker in the process did not end well");
        }
    }
}

fn configuration(listen: SocketAddr, persistence: Persistence) -> BrokerConfig {
    let mut storage = StorageConfig::new();
    storage.max_queued_messages_per_client = usize::MAX;
    storage.max_queued_bytes_per_client = QUEUE_BYTES_MAX;
    let storage = match persistence {
        Persistence::Memory => storage.with_backend(StorageBackend::Memory),
        Persistence::Folder(folder) => storage
            .with_backend(StorageBackend::File)
            .with_base_dir(folder),
    };
    BrokerConfig::new()
        .with_bind_address(listen)
        .with_max_packet_size(PACKET_BYTES_MAX)
        .with_max_outbound_inflight(INFLIGHT_MAX)
        .with_storage(storage)
}
