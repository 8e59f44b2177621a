//! Publishes uploads to an MQTT broker: QoS 1, at least once, in order per device.
//!
//! A bounded number of connections carries any number of tags; a device's messages always take the
//! same connection, so they stay in order. [`Driver::publish`] waits while its connection has
//! [`WINDOW`] messages under way and as many waiting: the broker's pace is the simulator's pace.
//! After a broken connection a new client is built and everything unacknowledged is sent again.

mod commands;
mod connection;
mod ledger;
pub(crate) mod subscription;

use std::hash::Hasher as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use rumqttc::{MqttOptions, TlsConfiguration, Transport};
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::Upload;
pub use commands::Commands;
use connection::Connection;
use ledger::Ledger;

/// Messages under way on one connection, and again as many waiting for it: enough to fill a
/// loopback, few enough to send again after a break.
pub const WINDOW: usize = 64;

/// Connections at most: a broker gives each a session and a socket, and its own limit is in the
/// thousands; one carries thousands of messages a second.
pub const CONNECTIONS_MAX: usize = 4_000;

/// The largest packet, in bytes: the wire's bound on payloads with room for the topic. The client's
/// own default of 10 KiB is less than a stored-up batch.
const PACKET_BYTES_MAX: usize = 512 * 1024;

/// Quiet after which a connection is probed.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// An acknowledgement later than this counts as late: the sender waited where a tag would have
/// begun to wonder.
pub const LATE_AFTER: Duration = Duration::from_secs(5);

/// Where and how to publish.
#[derive(Debug, Clone)]
pub struct DriverOptions {
    /// The broker's host name or address.
    pub host: String,
    /// The broker's port.
    pub port: u16,
    /// Client ids are this and a running number.
    pub client_id: String,
    /// How many connections, 1 to [`CONNECTIONS_MAX`]; held within.
    pub connections: usize,
    /// User name and password, where the broker asks for them.
    pub credentials: Option<(String, String)>,
    /// Whom TLS trusts; none: without TLS.
    pub tls: Option<TlsConfiguration>,
}

impl DriverOptions {
    /// Four connections to a broker that asks for no credentials.
    #[must_use]
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self {
            host: host.into(),
            port,
            client_id: "simulator".to_owned(),
            connections: 4,
            credentials: None,
            tls: None,
        }
    }

    /// How one client connects, called after the others and `name`.
    pub(crate) fn mqtt(&self, name: &str) -> MqttOptions {
        let id = format!("{}-{name}", self.client_id);
        let mut mqtt = MqttOptions::new(id, self.host.clone(), self.port);
        mqtt.set_keep_alive(KEEP_ALIVE);
        mqtt.set_clean_session(true);
        mqtt.set_max_packet_size(PACKET_BYTES_MAX, PACKET_BYTES_MAX);
        if let Some((user, password)) = &self.credentials {
            mqtt.set_credentials(user.clone(), password.clone());
        }
        if let Some(tls) = &self.tls {
            mqtt.set_transport(Transport::tls_with_config(tls.clone()));
        }
        mqtt
    }
}

/// What became of the messages so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DriverCounts {
    /// Messages taken in for publishing.
    pub published: u64,
    /// Messages the broker acknowledged.
    pub acknowledged: u64,
    /// Of these, acknowledged later than [`LATE_AFTER`] after they were taken in.
    pub late: u64,
    /// Messages sent again after a break.
    pub resent: u64,
    /// Times a connection came about.
    pub connects: u64,
    /// Times a connection had to be built anew, whether it had come about or not.
    pub reconnects: u64,
}

/// The connections are gone, so nothing more can be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the driver's connection task has ended")]
pub struct Closed;

/// The broker cannot be reached, and why.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the broker cannot be reached: {0}")]
pub struct Unreachable(String);

/// Publishes over a bounded number of connections. Dropping it ends them.
#[derive(Debug)]
pub struct Driver {
    lanes: Vec<mpsc::Sender<Parcel>>,
    ledger: Arc<Ledger>,
    tasks: Vec<JoinHandle<()>>,
}

/// An upload on its way.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) upload: Upload,
    /// When it was due, or taken in.
    pub(crate) taken: Instant,
    /// Whether its delay counts.
    pub(crate) measured: bool,
}

impl Driver {
    /// Starts the connections; they connect in the background, and again whenever they break. Must
    /// be called within a tokio runtime.
    #[must_use]
    pub fn start(options: &DriverOptions) -> Self {
        let ledger = Arc::new(Ledger::new());
        let mut lanes = Vec::new();
        let mut tasks = Vec::new();
        for number in 0..options.connections.clamp(1, CONNECTIONS_MAX) {
            let (lane, parcels) = mpsc::channel(WINDOW);
            let connection = Connection::new(options, number, parcels, Arc::clone(&ledger));
            lanes.push(lane);
            tasks.push(tokio::spawn(connection.run()));
        }
        Self {
            lanes,
            ledger,
            tasks,
        }
    }

    /// Takes `upload` for publishing; waits while its connection is busy.
    ///
    /// # Errors
    /// When the connection's task has ended.
    pub async fn publish(&self, upload: Upload) -> Result<(), Closed> {
        self.publish_due(upload, Instant::now(), false).await
    }

    /// Takes `upload`, which was `due` at a time of its own, as [`Self::publish`] does; `measured`
    /// if its delay from there to the acknowledgement counts.
    ///
    /// # Errors
    /// When the connection's task has ended.
    pub async fn publish_due(
        &self,
        upload: Upload,
        due: Instant,
        measured: bool,
    ) -> Result<(), Closed> {
        let lane = self.lane(&upload.topic).ok_or(Closed)?;
        let slot = lane.reserve().await.map_err(|_gone| Closed)?;
        self.ledger
            .counts
            .send_modify(|counts| counts.published += 1);
        slot.send(Parcel {
            upload,
            taken: due,
            measured,
        });
        Ok(())
    }

    /// Microseconds from due to acknowledged, of the messages measured.
    pub(crate) fn acknowledgement_delays(&self) -> Option<Histogram<u64>> {
        self.ledger.delays()
    }

    /// What becomes of the messages, as it changes.
    pub(crate) fn follow(&self) -> watch::Receiver<DriverCounts> {
        self.ledger.counts.subscribe()
    }

    /// What became of the messages so far.
    #[must_use]
    pub fn counts(&self) -> DriverCounts {
        *self.ledger.counts.borrow()
    }

    /// Waits until a connection has come about, `within` at most.
    ///
    /// # Errors
    /// Why none did.
    pub async fn reach(&self, within: Duration) -> Result<(), Unreachable> {
        let mut counts = self.ledger.counts.subscribe();
        let reached = counts.wait_for(|counts| counts.connects > 0);
        if tokio::time::timeout(within, reached).await.is_ok() {
            return Ok(());
        }
        let why = self.trouble();
        Err(Unreachable(why.unwrap_or_else(|| "no answer".to_owned())))
    }

    /// Why a connection broke last, where one did.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.ledger.trouble()
    }

    /// Waits until everything published is acknowledged, `within` at most, and says how it stands.
    pub async fn drain(&self, within: Duration) -> DriverCounts {
        let mut counts = self.ledger.counts.subscribe();
        let done = counts.wait_for(|counts| counts.acknowledged >= counts.published);
        // Too late, or all said: either way the counts tell.
        let _outcome = tokio::time::timeout(within, done).await.is_ok();
        self.counts()
    }

    /// The same connection for everything under a topic's device, so that order holds.
    fn lane(&self, topic: &str) -> Option<&mpsc::Sender<Parcel>> {
        let device = topic.split('/').nth(3).unwrap_or(topic);
        let mut hasher = std::hash::DefaultHasher::new();
        hasher.write(device.as_bytes());
        let lanes = u64::try_from(self.lanes.len()).ok()?;
        let lane = hasher.finish().checked_rem(lanes)?;
        self.lanes.get(usize::try_from(lane).ok()?)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
