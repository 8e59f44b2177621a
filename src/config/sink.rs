//! Systems that notifications are passed on to.

mod pattern;
#[cfg(test)]
mod tests;

use std::num::{NonZeroU16, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::SecretSource;

pub use pattern::{PatternError, QueuePattern};

/// How many deliveries a sink that does not say has under way: enough to hide the way there and back,
/// few for a small receiver.
const CONCURRENCY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(15);

/// How long a remote end that does not say may take, in seconds.
const TIMEOUT_S: NonZeroU16 = NonZeroU16::MIN.saturating_add(9);

/// One system that takes the notifications of some queues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SinkConfig {
    /// Names it in the records of deliveries, as `sink:<name>`, and in metrics: `a-z`, `0-9` and `-`.
    pub name: String,
    /// The queues that it takes from: `police/kent`, or `police/*`, or `*` for all. A queue belongs to
    /// one sink.
    pub queues: Vec<QueuePattern>,
    /// Deliveries under way at a time. Those about one wearer are never under way together.
    #[serde(default = "concurrency")]
    pub concurrency: NonZeroUsize,
    /// Where to.
    pub to: Destination,
}

const fn concurrency() -> NonZeroUsize {
    CONCURRENCY
}

const fn timeout_s() -> NonZeroU16 {
    TIMEOUT_S
}

/// Where notifications are passed on to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Destination {
    /// An HTTP endpoint.
    Webhook(WebhookConfig),
    /// Topics of an MQTT broker.
    Mqtt(MqttSinkConfig),
    /// Queues of a broker that speaks AMQP 0-9-1, such as RabbitMQ.
    Amqp(AmqpConfig),
}

/// An HTTP endpoint that takes a POST with a CloudEvent, signed as Standard Webhooks has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// Where to: `https://…`, or `http://…` within a machine.
    pub url: String,
    /// The key of the signature: `whsec_` and 24 to 64 bytes in base64.
    pub secret: SecretSource,
    /// How long it may take to answer, in seconds.
    #[serde(default = "timeout_s")]
    pub timeout_s: NonZeroU16,
    /// The authorities that its certificate is checked by (PEM); those of the machine if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
}

/// Topics of an MQTT broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MqttSinkConfig {
    /// Host name or address.
    pub host: String,
    /// Port.
    #[serde(default = "mqtt_port")]
    pub port: u16,
    /// User name, where the broker wants one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Password, where the broker wants one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretSource>,
    /// The topic; `{queue}` stands for the name of the queue.
    #[serde(default = "topic")]
    pub topic: String,
    /// How long the broker may take to acknowledge, in seconds.
    #[serde(default = "timeout_s")]
    pub timeout_s: NonZeroU16,
}

const fn mqtt_port() -> u16 {
    1883
}

fn topic() -> String {
    "em/v1/notify/{queue}".to_owned()
}

/// Queues of a broker that speaks AMQP 0-9-1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmqpConfig {
    /// Where to, without the password: `amqps://tagwatch@broker/em`.
    pub url: String,
    /// Password, where the broker wants one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretSource>,
    /// The exchange to publish to, which somebody has declared and bound. If absent, the queue is
    /// declared, durable and of type `quorum`, and published to directly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<String>,
    /// The queue or, with an exchange, the routing key; `{queue}` stands for the name of ours.
    #[serde(default = "amqp_queue")]
    pub queue: String,
    /// How long the broker may take to confirm, in seconds.
    #[serde(default = "timeout_s")]
    pub timeout_s: NonZeroU16,
    /// The authorities that its certificate is checked by (PEM), for `amqps`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
}

fn amqp_queue() -> String {
    "em.{queue}".to_owned()
}

impl Destination {
    /// How long the remote end may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        let timeout_s = match self {
            Self::Webhook(webhook) => webhook.timeout_s,
            Self::Mqtt(mqtt) => mqtt.timeout_s,
            Self::Amqp(amqp) => amqp.timeout_s,
        };
        Duration::from_secs(timeout_s.get().into())
    }
}

impl SinkConfig {
    /// What is wrong with sinks beside each other; what is wrong with the settings of one is found when
    /// it is opened.
    #[must_use]
    pub fn problems(sinks: &[Self]) -> Vec<String> {
        let mut problems = Vec::new();
        for (place, sink) in sinks.iter().enumerate() {
            let name = &sink.name;
            let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if name.is_empty() || !name.chars().all(known) {
                problems.push(format!("sink {name:?}: a name is of a-z, 0-9 and -"));
            }
            if sink.queues.is_empty() {
                problems.push(format!("sink {name}: queues names no queue"));
            }
            let timeout_s = sink.to.timeout().as_secs();
            if timeout_s > TIMEOUT_MAX_S {
                problems.push(format!(
                    "sink {name}: timeout_s {timeout_s} is more than {TIMEOUT_MAX_S}"
                ));
            }
            for earlier in sinks.iter().take(place) {
                problems.extend(sink.collision(earlier));
            }
        }
        problems
    }

    /// What the two cannot share.
    fn collision(&self, other: &Self) -> Option<String> {
        if self.name == other.name {
            return Some(format!("sink {}: there are two of that name", self.name));
        }
        let mut pairs = self
            .queues
            .iter()
            .flat_map(|mine| other.queues.iter().map(move |theirs| (mine, theirs)));
        let (mine, theirs) = pairs.find(|(mine, theirs)| mine.overlaps(theirs))?;
        Some(format!(
            "sinks {} and {}: a queue belongs to one sink, and {theirs} and {mine} have queues in \
             common",
            other.name, self.name
        ))
    }
}

/// The longest timeout, in seconds: less than half of the lease that a sink holds a notification under.
const TIMEOUT_MAX_S: u64 = 25;
