//! The broker that tags publish to.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How to reach the broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MqttConfig {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// User name, where the broker wants one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Password, where the broker wants one. Better given as `TAGWATCH_MQTT__PASSWORD`.
    #[serde(skip_serializing)]
    pub password: Option<String>,
    /// Seconds of quiet after which the connection is probed.
    pub keep_alive_s: u16,
    /// How many unacknowledged messages a partition holds at most. At least the broker's own bound
    /// (Mosquitto: `max_inflight_messages`), so that it is the broker who waits.
    pub inflight_max: usize,
    /// Take in what phones with OwnTracks publish on `owntracks/<user>/<device>`.
    pub owntracks: bool,
}

impl MqttConfig {
    /// The quiet after which the connection is probed.
    #[must_use]
    pub fn keep_alive(&self) -> Duration {
        // rumqttc takes no less than a second.
        Duration::from_secs(self.keep_alive_s.max(1).into())
    }
}

impl Default for MqttConfig {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 1883,
            username: None,
            password: None,
            keep_alive_s: 30,
            inflight_max: 4_000,
            owntracks: true,
        }
    }
}
