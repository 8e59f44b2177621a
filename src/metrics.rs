//! What an installation counts, for Prometheus: every name is in this file.
//!
//! Architecture invariant: no label carries a device, a wearer or an alert. Labels are names of
//! kinds, reasons, partitions and queues, all of them few and none of them about a person.

use std::sync::Arc;
use std::time::Duration;

use model::{Decision, ObservedAt, PartitionId, ReadingKind, ReceivedAt, Recipient};
use prometheus::{
    Error, Gauge, Histogram, HistogramOpts, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

use crate::store::{DeadLetterReason, QueueStatus};

/// The most queues shown one by one; the others are summed up under [`OTHER_QUEUES`]. England and
/// Wales have 43 police forces and 12 probation regions, so an installation stays well below.
pub const QUEUES_SHOWN_MAX: usize = 256;

/// The label of the queues beyond [`QUEUES_SHOWN_MAX`].
pub const OTHER_QUEUES: &str = "(others)";

/// Seconds that a durable commit takes, from a fast disk to one in trouble.
const COMMIT_BUCKETS_S: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// Readings in one commit.
const BATCH_BUCKETS: &[f64] = &[
    1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0,
];

/// Seconds from observation to intake: at once, within the four minutes an alert may take, the
/// usual quarter of an hour without signal, a day's burst.
const LAG_BUCKETS_S: &[f64] = &[
    1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 240.0, 600.0, 900.0, 3600.0, 21_600.0, 86_400.0,
];

/// What became of one reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadingOutcome {
    /// It was attributed and committed to the journal.
    Journaled,
    /// It had been journaled before.
    Duplicate,
    /// It could not be used.
    DeadLetter,
}

impl ReadingOutcome {
    const ALL: [Self; 3] = [Self::Journaled, Self::Duplicate, Self::DeadLetter];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Journaled => "journaled",
            Self::Duplicate => "duplicate",
            Self::DeadLetter => "dead_letter",
        }
    }
}

/// What became of one message from the broker, a batch of readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageResult {
    /// All of its readings were of use, or had been journaled before.
    Used,
    /// Some of its readings went to dead letters.
    PartlyUsed,
    /// Nothing in it was of use.
    DeadLetter,
}

impl MessageResult {
    const ALL: [Self; 3] = [Self::Used, Self::PartlyUsed, Self::DeadLetter];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::PartlyUsed => "partly_used",
            Self::DeadLetter => "dead_letter",
        }
    }
}

/// What became of an acknowledgement to the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AckResult {
    /// It was sent.
    Sent,
    /// It belonged to an earlier connection, and was not sent.
    Discarded,
}

impl AckResult {
    const ALL: [Self; 2] = [Self::Sent, Self::Discarded];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Discarded => "discarded",
        }
    }
}

/// All counters, gauges and histograms of one installation.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    readings: IntCounterVec,
    judged: IntCounterVec,
    messages: IntCounterVec,
    dead_letters: IntCounterVec,
    decisions: IntCounterVec,
    notifications: IntCounterVec,
    acks: IntCounterVec,
    commit_seconds: Histogram,
    batch_readings: Histogram,
    intake_lag_seconds: Histogram,
    partitions: IntGauge,
    engine_wearers: IntGaugeVec,
    live_stream_clients: IntGauge,
    mqtt_connections: IntGauge,
}

impl Metrics {
    /// Registers everything, at zero, in a registry of its own.
    ///
    /// # Errors
    /// When a name is malformed or registered twice: a mistake in this file.
    pub fn new() -> Result<Self, Error> {
        let registry = Registry::new();
        let at = &registry;
        build_info(at)?;
        let metrics = Self {
            readings: counters(at, "readings_total", "Readings.", &["kind", "outcome"])?,
            judged: counters(at, "judged_total", "Readings by use to the rules.", &["outcome"])?,
            messages: counters(at, "messages_total", "Messages taken in.", &["result"])?,
            dead_letters: counters(at, "dead_letters_total", "Dead letters.", &["reason"])?,
            decisions: counters(at, "decisions_total", "Decisions.", &["kind", "phase"])?,
            notifications: counters(
                at,
                "notifications_total",
                "Notifications put on queues.",
                &["recipient_group"],
            )?,
            acks: counters(
                at,
                "acks_total",
                "Acknowledgements to the broker.",
                &["result"],
            )?,
            commit_seconds: histogram(
                at,
                "commit_seconds",
                "Seconds a durable commit took.",
                COMMIT_BUCKETS_S,
            )?,
            batch_readings: histogram(
                at,
                "batch_readings",
                "Readings in one commit.",
                BATCH_BUCKETS,
            )?,
            intake_lag_seconds: histogram(
                at,
                "intake_lag_seconds",
                "Seconds from the observation of a reading to its intake.",
                LAG_BUCKETS_S,
            )?,
            partitions: gauge(at, "partitions", "Partitions owned by this process.")?,
            engine_wearers: wearers(at)?,
            mqtt_connections: gauge(at, "mqtt_connections", "Connections to the broker.")?,
            live_stream_clients: gauge(at, "live_stream_clients", "Live streams being read.")?,
            registry,
        };
        metrics.start_at_zero();
        Ok(metrics)
    }

    /// Counts one reading.
    pub fn reading(&self, kind: ReadingKind, outcome: ReadingOutcome) {
        self.readings
            .with_label_values(&[kind.as_str(), outcome.as_str()])
            .inc();
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

    /// Messages acknowledged to the broker so far.
    #[must_use]
    pub fn acks_sent(&self) -> u64 {
        self.acks.with_label_values(&[AckResult::Sent.as_str()]).get()
    }

    /// Counts one message from the broker.
    pub fn message(&self, result: MessageResult) {
        self.messages.with_label_values(&[result.as_str()]).inc();
    }

    /// Counts one dead letter.
    pub fn dead_letter(&self, reason: DeadLetterReason) {
        self.dead_letters
            .with_label_values(&[reason.as_str()])
            .inc();
    }

    /// Counts one decision.
    pub fn decision(&self, decision: &Decision) {
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

    /// Counts one acknowledgement to the broker.
    pub fn ack(&self, result: AckResult) {
        self.acks.with_label_values(&[result.as_str()]).inc();
    }

    /// Records a commit: how long it took and how many readings it held.
    pub fn commit(&self, took: Duration, readings: usize) {
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
        self.engine_wearers
            .with_label_values(&[partition.to_string()])
            .set(bounded(count));
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
    /// When a metric cannot be written: a mistake in this file.
    pub fn render(&self, queues: Option<&[QueueStatus]>) -> Result<String, Error> {
        let mut families = self.registry.gather();
        families.extend(queue_registry(queues)?.gather());
        TextEncoder::new().encode_to_string(&families)
    }

    /// Shows what has not happened yet as zero, so that the first time counts as a rise.
    fn start_at_zero(&self) {
        for kind in KINDS {
            for outcome in ReadingOutcome::ALL {
                self.readings
                    .with_label_values(&[kind.as_str(), outcome.as_str()]);
            }
        }
        for result in MessageResult::ALL {
            self.messages.with_label_values(&[result.as_str()]);
        }
        for reason in DeadLetterReason::ALL {
            self.dead_letters.with_label_values(&[reason.as_str()]);
        }
        for result in AckResult::ALL {
            self.acks.with_label_values(&[result.as_str()]);
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

/// `police` of `police/staffordshire`.
fn group(recipient: &Recipient) -> &str {
    let name = recipient.as_str();
    name.split_once('/').map_or(name, |(group, _name)| group)
}

fn bounded(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn opts(name: &str, help: &str) -> Opts {
    Opts::new(name, help).namespace("tagwatch")
}

fn counters(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
) -> Result<IntCounterVec, Error> {
    let counters = IntCounterVec::new(opts(name, help), labels)?;
    registry.register(Box::new(counters.clone()))?;
    Ok(counters)
}

fn gauge(registry: &Registry, name: &str, help: &str) -> Result<IntGauge, Error> {
    let gauge = IntGauge::with_opts(opts(name, help))?;
    registry.register(Box::new(gauge.clone()))?;
    Ok(gauge)
}

fn histogram(
    registry: &Registry,
    name: &str,
    help: &str,
    buckets: &[f64],
) -> Result<Histogram, Error> {
    let opts = HistogramOpts::new(name, help)
        .namespace("tagwatch")
        .buckets(buckets.to_vec());
    let histogram = Histogram::with_opts(opts)?;
    registry.register(Box::new(histogram.clone()))?;
    Ok(histogram)
}

fn wearers(registry: &Registry) -> Result<IntGaugeVec, Error> {
    let opts = opts("engine_wearers", "Wearers held by a partition's engine.");
    let gauges = IntGaugeVec::new(opts, &["partition"])?;
    registry.register(Box::new(gauges.clone()))?;
    Ok(gauges)
}

fn build_info(registry: &Registry) -> Result<(), Error> {
    let opts = opts("build_info", "The running version; always 1.")
        .const_label("version", env!("CARGO_PKG_VERSION"));
    let gauge = Gauge::with_opts(opts)?;
    gauge.set(1.0);
    registry.register(Box::new(gauge))
}

/// The queues as they stand at a scrape. Built anew each time, so that nothing stale is shown and
/// two scrapes at once do not mix.
fn queue_registry(queues: Option<&[QueueStatus]>) -> Result<Registry, Error> {
    let registry = Registry::new();
    let at = &registry;
    let available = gauge(
        at,
        "store_available",
        "Whether the store listed its queues.",
    )?;
    available.set(i64::from(queues.is_some()));
    let ready = by_queue(at, "queue_ready", "Notifications waiting to be claimed.")?;
    let leased = by_queue(at, "queue_leased", "Notifications claimed and not settled.")?;
    let oldest = by_queue(
        at,
        "queue_oldest_unacknowledged_timestamp_seconds",
        "When the oldest notification not acknowledged was decided, in seconds since 1970.",
    )?;
    for (place, queue) in queues.unwrap_or_default().iter().enumerate() {
        let label = if place < QUEUES_SHOWN_MAX {
            queue.recipient.as_str()
        } else {
            OTHER_QUEUES
        };
        ready.with_label_values(&[label]).add(wide(queue.ready));
        leased.with_label_values(&[label]).add(wide(queue.leased));
        if let Some(decided) = queue.oldest_unacknowledged {
            let decided_s = decided.epoch_ms() / 1000;
            let gauge = oldest.with_label_values(&[label]);
            let known_s = Some(gauge.get()).filter(|&known_s| known_s > 0);
            gauge.set(known_s.map_or(decided_s, |known_s| known_s.min(decided_s)));
        }
    }
    Ok(registry)
}

fn by_queue(registry: &Registry, name: &str, help: &str) -> Result<IntGaugeVec, Error> {
    let gauges = IntGaugeVec::new(opts(name, help), &["queue"])?;
    registry.register(Box::new(gauges.clone()))?;
    Ok(gauges)
}

fn wide(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Timestamp;

    fn queue(name: &str, ready: u64, oldest_s: i64) -> QueueStatus {
        QueueStatus {
            recipient: Recipient::new(name).unwrap(),
            ready,
            leased: 1,
            acknowledged: 9,
            oldest_unacknowledged: Some(Timestamp::from_epoch_ms(oldest_s * 1000).unwrap()),
        }
    }

    #[test]
    fn what_has_not_happened_yet_is_shown_as_zero() {
        let text = Metrics::new().unwrap().render(Some(&[])).unwrap();
        for line in [
            "tagwatch_dead_letters_total{reason=\"undecodable\"} 0",
            "tagwatch_readings_total{kind=\"check-in\",outcome=\"duplicate\"} 0",
            "tagwatch_acks_total{result=\"discarded\"} 0",
            "tagwatch_messages_total{result=\"partly_used\"} 0",
            "tagwatch_commit_seconds_count 0",
            "tagwatch_store_available 1",
            concat!(
                "tagwatch_build_info{version=\"",
                env!("CARGO_PKG_VERSION"),
                "\"} 1"
            ),
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn notifications_are_counted_by_group_and_not_by_area() {
        let metrics = Metrics::new().unwrap();
        for name in ["police/staffordshire", "police/kent", "operators"] {
            metrics.notification(&Recipient::new(name).unwrap());
        }
        let text = metrics.render(None).unwrap();
        assert!(text.contains("tagwatch_notifications_total{recipient_group=\"police\"} 2"));
        assert!(text.contains("tagwatch_notifications_total{recipient_group=\"operators\"} 1"));
        assert!(text.contains("tagwatch_store_available 0"));
    }

    #[test]
    fn a_reading_from_the_future_has_no_negative_lag() {
        let metrics = Metrics::new().unwrap();
        let (earlier, later) = (
            Timestamp::default(),
            Timestamp::from_epoch_ms(30_000).unwrap(),
        );
        metrics.intake_lag(ReceivedAt(earlier), ObservedAt(later));
        metrics.intake_lag(ReceivedAt(later), ObservedAt(earlier));
        let text = metrics.render(None).unwrap();
        assert!(
            text.contains("tagwatch_intake_lag_seconds_sum 30\n"),
            "{text}"
        );
        assert!(text.contains("tagwatch_intake_lag_seconds_count 2"));
    }

    #[test]
    fn a_reader_of_the_live_stream_counts_until_it_is_gone() {
        let metrics = Arc::new(Metrics::new().unwrap());
        let reader = metrics.live_stream_client();
        assert!(
            metrics
                .render(None)
                .unwrap()
                .contains("live_stream_clients 1")
        );
        drop(reader);
        assert!(
            metrics
                .render(None)
                .unwrap()
                .contains("live_stream_clients 0")
        );
    }

    #[test]
    fn queues_beyond_the_bound_are_summed_up_and_keep_the_oldest_time() {
        let mut queues: Vec<_> = (0..QUEUES_SHOWN_MAX)
            .map(|n| queue(&format!("police/{n}"), 2, 100))
            .collect();
        queues.extend([
            queue("recall", 3, 70),
            queue("specials", 4, 50),
            queue("x", 5, 60),
        ]);
        let text = Metrics::new().unwrap().render(Some(&queues)).unwrap();
        assert!(text.contains("tagwatch_queue_ready{queue=\"police/0\"} 2"));
        assert!(text.contains("tagwatch_queue_ready{queue=\"(others)\"} 12"));
        assert!(text.contains("tagwatch_queue_leased{queue=\"(others)\"} 3"));
        let oldest = "unacknowledged_timestamp_seconds{queue=\"(others)\"} 50";
        assert!(text.contains(oldest), "{text}");
        assert!(!text.contains("specials"));
    }
}
