//! How every MQTT connection of the service is made.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use rumqttc::MqttOptions;

use crate::config::MqttConfig;

/// The largest packet taken from a broker. Larger than the bound in the broker settings we ship
/// (4 MiB): a packet that the broker holds and we refuse would come again for ever.
const PACKET_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Requests (acknowledgements, mostly) that wait for the socket.
pub(super) const REQUESTS_MAX: usize = 1_000;

/// The waits between attempts to connect.
const RECONNECT_MIN: Duration = Duration::from_millis(100);
pub(super) const RECONNECT_MAX: Duration = Duration::from_secs(5);

/// Options of a persistent session with manual acknowledgement.
pub(super) fn options(client_id: &str, mqtt: &MqttConfig) -> MqttOptions {
    let mut options = MqttOptions::new(client_id, &mqtt.host, mqtt.port);
    options
        .set_keep_alive(mqtt.keep_alive())
        .set_clean_session(false)
        .set_manual_acks(true)
        .set_max_packet_size(PACKET_BYTES_MAX, PACKET_BYTES_MAX);
    if let Some(username) = &mqtt.username {
        options.set_credentials(username, mqtt.password.clone().unwrap_or_default());
    }
    options
}

/// Waits that grow from [`RECONNECT_MIN`] to [`RECONNECT_MAX`], without end.
pub(super) fn reconnect_waits() -> impl Iterator<Item = Duration> + Send {
    ExponentialBuilder::default()
        .with_min_delay(RECONNECT_MIN)
        .with_max_delay(RECONNECT_MAX)
        .with_jitter()
        .without_max_times()
        .build()
}
