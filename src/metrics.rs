//! What an installation counts, for Prometheus: every name is here.
//!
//! Architecture invariant: no label carries a device, a wearer or an alert. Labels are names of
//! kinds, reasons, partitions, queues and sinks, all of them few and none of them about a person.

mod burden;
mod fixed;
mod outcome;
mod partition;
mod queues;
mod register;
mod telling;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use model::{Decision, ObservedAt, PartitionId, ReadingKind, ReceivedAt, Recipient};
use prometheus::{Error, Histogram, IntCounter, IntCounterVec, IntGauge, Registry, TextEncoder};

use crate::store::{DeadLetterReason, QueueStatus};

use burden::Burden;
use fixed::Fixed;
pub use outcome::{AckResult, MessageResult, ReadingOutcome, SinkOutcome};
use partition::ByPartition;
use register::{build_info, counter, counters, gauge, histogram};
use telling::Telling;

/// Seconds that a durable commit takes, from a fast disk to one in trouble.
const COMMIT_BUCKETS_S: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

const JUDGED_HELP: &str = "Readings by use to the rules.";

/// Readings in one commit.
const BATCH_HELP: &str = "Readings in one commit.";
const BATCH_BUCKETS: &[f64] = &[
    1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0,
];

/// Seconds from observation to intake: at once, within the four minutes an alert may take, the
/// usual quarter of an hour without signal, a day's burst.
const LAG_BUCKETS_S: &[f64] = &[
    1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 240.0, 600.0, 900.0, 3600.0, 21_600.0, 86_400.0,
];

/// All counters, gauges and histograms of one installation.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    readings: Fixed,
    judged: IntCounterVec,
    messages: Fixed,
    dead_letters: IntCounterVec,
    decisions: IntCounterVec,
    notifications: IntCounterVec,
    notifications_dead: IntCounter,
    sink_deliveries: IntCounterVec,
    acks: Fixed,
    denied: IntCounterVec,
    commit_seconds: Histogram,
    batch_readings: Histogram,
    intake_lag_seconds: Histogram,
    partitions: IntGauge,
    by_partition: ByPartition,
    live_stream_clients: IntGauge,
    mqtt_connections: IntGauge,
    broker_messages_dropped: IntCounter,
    telling: Telling,
    burden: Burden,
}

impl Metrics {
    /// A routing policy was taken up.
    pub fn policy_taken_up(&self, version: &str) {
        self.telling.taken_up(version);
    }

    /// A routing policy was refused.
    pub fn policy_refused(&self) {
        self.telling.refused();
    }

    /// Nobody acknowledged an alert in time.
    pub fn overdue(&self) {
        self.telling.overdue();
    }

    /// Registers everything, at zero, in a registry of its own.
    ///
    /// # Errors
    /// When a name is malformed or registered twice: a mistake in this room.
    pub fn new() -> Result<Self, Error> {
        let registry = Registry::new();
        let at = &registry;
        build_info(at)?;
        let metrics = Self {
            readings: readings(at)?,
            judged: counters(at, "judged_total", JUDGED_HELP, &["outcome"])?,
            messages: Fixed::new(
                at,
                ("messages_total", "Messages taken in."),
                ["result"],
                MessageResult::ALL.map(|result| [result.as_str()]),
            )?,
            dead_letters: counters(at, "dead_letters_total", "Dead letters.", &["reason"])?,
            decisions: counters(at, "decisions_total", "Decisions.", &["kind", "phase"])?,
            notifications: counters(
                at,
                "notifications_total",
                "Notifications put on queues.",
                &["recipient_group"],
            )?,
            notifications_dead: counter(at, "notifications_dead_total", "Notifications given up.")?,
            sink_deliveries: counters(
                at,
                "sink_deliveries_total",
                "Notifications passed on to sinks, or tried to.",
                &["sink", "outcome"],
            )?,
            acks: acks(at)?,
            denied: counters(at, "denied_total", "Requests denied.", &["action"])?,
            commit_seconds: histogram(
                at,
                "commit_seconds",
                "Seconds a durable commit took.",
                COMMIT_BUCKETS_S,
            )?,
            batch_readings: histogram(at, "batch_readings", BATCH_HELP, BATCH_BUCKETS)?,
            intake_lag_seconds: histogram(
                at,
                "intake_lag_seconds",
                "Seconds from the observation of a reading to its intake.",
                LAG_BUCKETS_S,
            )?,
            partitions: gauge(at, "partitions", "Partitions owned by this process.")?,
            mqtt_connections: gauge(at, "mqtt_connections", "Connections to the broker.")?,
            by_partition: ByPartition::new(at)?,
            burden: Burden::new(at)?,
            telling: Telling::new(at)?,
            broker_messages_dropped: counter(
                at,
                "broker_messages_dropped_total",
                "Messages that the broker says it dropped.",
            )?,
            live_stream_clients: gauge(at, "live_stream_clients", "Live streams being read.")?,
            registry,
        };
        metrics.start_at_zero();
        Ok(metrics)
    }

    /// Counts one reading.
    pub fn reading(&self, kind: ReadingKind, outcome: ReadingOutcome) {
        let place = kind as usize * ReadingOutcome::ALL.len() + outcome as usize;
        self.readings.add(place, 1);
    }

    /// Counts what the engine made of a reading.
    pub fn judged(&self, outcome: &'static str) {
        self.judged.with_label_values(&[outcome]).inc();
    }

    /// A connection to the broker is up.
    pub fn mqtt_connected(&self) {
        self.mqtt_connections.inc();
    }

    /// A connection to the broker is gone.
    pub fn mqtt_disconnected(&self) {
        self.mqtt_connections.dec();
    }

    /// Counts messages that the broker says it dropped.
    pub fn broker_dropped(&self, messages: u64) {
        self.broker_messages_dropped.inc_by(messages);
    }

    /// Messages acknowledged to the broker so far.
    #[must_use]
    pub fn acks_sent(&self) -> u64 {
        self.acks.get(AckResult::Sent as usize)
    }

    /// Counts one message from the broker.
    pub fn message(&self, result: MessageResult) {
        self.messages.add(result as usize, 1);
    }

    /// Counts one dead letter.
    pub fn dead_letter(&self, reason: DeadLetterReason) {
        self.dead_letters
            .with_label_values(&[reason.as_str()])
            .inc();
    }

    /// Counts one decision.
    pub fn decision(&self, decision: &Decision) {
        self.burden.decision(decision);
        self.decisions
            .with_label_values(&[decision.kind.as_str(), decision.phase.as_str()])
            .inc();
    }

    /// Counts one notification put on a recipient's queue, under the recipient's group.
    pub fn notification(&self, recipient: &Recipient) {
        self.notifications
            .with_label_values(&[group(recipient)])
            .inc();
    }

    /// Counts one request denied.
    pub fn denied(&self, action: &'static str) {
        self.denied.with_label_values(&[action]).inc();
    }

    /// Counts one notification given up.
    pub fn notification_died(&self) {
        self.notifications_dead.inc();
    }

    /// Shows a sink before it has passed anything on.
    pub fn sink(&self, name: &str) {
        for outcome in SinkOutcome::ALL {
            self.sink_deliveries
                .with_label_values(&[name, outcome.as_str()]);
        }
    }

    /// Counts what became of passing one notification on.
    pub fn sink_delivery(&self, name: &str, outcome: SinkOutcome) {
        self.sink_deliveries
            .with_label_values(&[name, outcome.as_str()])
            .inc();
    }

    /// Counts one acknowledgement to the broker.
    pub fn ack(&self, result: AckResult) {
        self.acks.add(result as usize, 1);
    }

    /// Records a partition's commit: how long it took and how many readings it held.
    pub fn commit(&self, partition: PartitionId, took: Duration, readings: usize) {
        self.by_partition.committed(partition, readings);
        self.commit_seconds.observe(took.as_secs_f64());
        let readings = u32::try_from(readings).unwrap_or(u32::MAX);
        self.batch_readings.observe(f64::from(readings));
    }

    /// Records how old a reading was when it was taken in. A reading from the future counts as new.
    pub fn intake_lag(&self, received: ReceivedAt, observed: ObservedAt) {
        let lag_s = received.0.seconds_since(observed.0);
        self.intake_lag_seconds.observe(lag_s.max(0.0));
    }

    /// Says how many partitions this process owns.
    pub fn set_partitions(&self, count: usize) {
        self.partitions.set(bounded(count));
    }

    /// Says how many wearers a partition's engine holds.
    pub fn set_engine_wearers(&self, partition: PartitionId, count: usize) {
        self.by_partition.set_engine_wearers(partition, count);
        self.burden.watched(partition, count, Instant::now());
    }

    /// Says whether a partition takes readings in as they are sent.
    pub fn set_intake_behind(&self, partition: PartitionId, is_behind: bool) {
        self.by_partition.set_intake_behind(partition, is_behind);
    }

    /// Says how far a partition's engine has followed the registry.
    pub fn set_registry_revision(&self, partition: PartitionId, revision: u64) {
        self.by_partition.set_registry_revision(partition, revision);
    }

    /// Counts a reader of the live stream for as long as what is returned lives.
    #[must_use]
    pub fn live_stream_client(self: &Arc<Self>) -> LiveStreamClient {
        self.live_stream_clients.inc();
        LiveStreamClient(Arc::clone(self))
    }

    /// Writes everything in Prometheus's text format, with the queues as the store has just listed
    /// them; `None` when it could not.
    ///
    /// # Errors
    /// When a metric cannot be written: a mistake in this room.
    pub fn render(&self, queues: Option<&[QueueStatus]>) -> Result<String, Error> {
        self.burden.refresh();
        let mut families = self.registry.gather();
        families.extend(queues::registry(queues)?.gather());
        TextEncoder::new().encode_to_string(&families)
    }

    /// Shows what has not happened yet as zero, so that the first time counts as a rise.
    fn start_at_zero(&self) {
        for reason in DeadLetterReason::ALL {
            self.dead_letters.with_label_values(&[reason.as_str()]);
        }
    }
}

/// One reader of the live stream; counted until dropped.
#[derive(Debug)]
pub struct LiveStreamClient(Arc<Metrics>);

impl Drop for LiveStreamClient {
    fn drop(&mut self) {
        self.0.live_stream_clients.dec();
    }
}

const KINDS: [ReadingKind; 5] = [
    ReadingKind::Position,
    ReadingKind::Presence,
    ReadingKind::Alcohol,
    ReadingKind::Event,
    ReadingKind::CheckIn,
];

fn readings(registry: &Registry) -> Result<Fixed, Error> {
    let outcomes =
        |kind: ReadingKind| ReadingOutcome::ALL.map(|outcome| [kind.as_str(), outcome.as_str()]);
    Fixed::new(
        registry,
        ("readings_total", "Readings."),
        ["kind", "outcome"],
        KINDS.into_iter().flat_map(outcomes),
    )
}

fn acks(registry: &Registry) -> Result<Fixed, Error> {
    Fixed::new(
        registry,
        ("acks_total", "Acknowledgements to the broker."),
        ["result"],
        AckResult::ALL.map(|result| [result.as_str()]),
    )
}

/// `police` of `police/staffordshire`.
fn group(recipient: &Recipient) -> &str {
    let name = recipient.as_str();
    name.split_once('/').map_or(name, |(group, _name)| group)
}

fn bounded(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
