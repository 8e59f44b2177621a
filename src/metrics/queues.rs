//! The depth of the queues, read from the store at a scrape.

use prometheus::{Error, Registry};

use super::register::{gauge, gauges};
use crate::store::QueueStatus;

/// The most queues shown one by one; the others are summed up under [`OTHER_QUEUES`]. England and
/// Wales have 43 police forces and 12 probation regions, so an installation stays well below.
pub(super) const QUEUES_SHOWN_MAX: usize = 256;

/// The label of the queues beyond [`QUEUES_SHOWN_MAX`].
pub(super) const OTHER_QUEUES: &str = "(others)";

/// The queues as they stand at a scrape. Built anew each time, so that nothing stale is shown and
/// two scrapes at once do not mix.
pub(super) fn registry(queues: Option<&[QueueStatus]>) -> Result<Registry, Error> {
    let registry = Registry::new();
    let at = &registry;
    let available = gauge(
        at,
        "store_available",
        "Whether the store listed its queues.",
    )?;
    available.set(i64::from(queues.is_some()));
    let gauges = |name, help| gauges(at, name, help, "queue");
    let ready = gauges("queue_ready", "Notifications waiting to be claimed.")?;
    let leased = gauges("queue_leased", "Notifications claimed and not settled.")?;
    let dead = gauges("queue_dead", "Notifications given up and not put back.")?;
    let late = gauges("queue_late", "Notifications waiting that are due already.")?;
    let oldest = gauges(
        "queue_oldest_unacknowledged_timestamp_seconds",
        "When the oldest notification neither acknowledged nor given up was decided, in seconds since 1970.",
    )?;
    for (place, queue) in queues.unwrap_or_default().iter().enumerate() {
        let label = if place < QUEUES_SHOWN_MAX {
            queue.recipient.as_str()
        } else {
            OTHER_QUEUES
        };
        ready.with_label_values(&[label]).add(wide(queue.ready));
        leased.with_label_values(&[label]).add(wide(queue.leased));
        dead.with_label_values(&[label]).add(wide(queue.dead));
        late.with_label_values(&[label]).add(wide(queue.late));
        if let Some(decided) = queue.oldest_unacknowledged {
            let decided_s = decided.epoch_ms() / 1000;
            let gauge = oldest.with_label_values(&[label]);
            let known_s = Some(gauge.get()).filter(|&known_s| known_s > 0);
            gauge.set(known_s.map_or(decided_s, |known_s| known_s.min(decided_s)));
        }
    }
    Ok(registry)
}

fn wide(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
