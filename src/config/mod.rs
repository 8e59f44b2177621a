//! The configuration of an installation: one struct per concern, read from a TOML file and, over
//! it, from variables that start with `TAGWATCH_` (`TAGWATCH_HTTP__LISTEN=127.0.0.1:9090`).
//!
//! Unknown fields are refused, by line and column. Everything listens on loopback unless told
//! otherwise.

mod hmpps;
mod http;
mod load;
mod mqtt;
mod policies;
mod problem;
mod queues;
mod retention;
mod secret;
mod sink;
mod store;

use std::num::NonZeroU16;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use hmpps::HmppsConfig;
pub use http::{AccessConfig, HttpConfig, TilesConfig};
pub use load::{ConfigError, load};
pub use mqtt::MqttConfig;
pub use policies::{Policies, PoliciesConfig, PolicyFileError, Rules};
pub use problem::TomlProblem;
pub use queues::QueuesConfig;
pub use retention::RetentionConfig;
pub use secret::{Secret, SecretSource};
pub use sink::{
    AmqpConfig, Destination, MqttSinkConfig, PatternError, QueuePattern, SinkConfig, WebhookConfig,
};
pub use store::{PostgresConfig, SslMode, StoreConfig};

/// The whole configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Names the installation in MQTT client ids and as the source of notifications.
    pub installation: String,
    /// How many partitions the wearers are spread over. Changing it on an installation that has a
    /// journal is refused: the topics of the devices carry the partition.
    pub partitions: NonZeroU16,
    /// Registry documents taken in at the start; what they add or change is journaled.
    pub registry: Vec<PathBuf>,
    /// The broker that tags publish to.
    pub mqtt: MqttConfig,
    /// Where everything is kept.
    pub store: StoreConfig,
    /// How long it is kept.
    pub retention: RetentionConfig,
    /// How notifications are handed out.
    pub queues: QueuesConfig,
    /// Systems that notifications are passed on to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sink: Vec<SinkConfig>,
    /// The HTTP interface.
    pub http: HttpConfig,
    /// What orders of HMPPS leave open.
    pub hmpps: HmppsConfig,
    /// The rules and the routing policy.
    pub policies: PoliciesConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            installation: "tagwatch".to_owned(),
            partitions: NonZeroU16::MIN.saturating_add(3),
            registry: Vec::new(),
            mqtt: MqttConfig::default(),
            store: StoreConfig::default(),
            retention: RetentionConfig::default(),
            queues: QueuesConfig::default(),
            sink: Vec::new(),
            http: HttpConfig::default(),
            hmpps: HmppsConfig::default(),
            policies: PoliciesConfig::default(),
        }
    }
}
