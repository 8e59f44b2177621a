//! Delays of what was told, in all and by the five seconds in which it was told.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use hdrhistogram::{CreationError, Histogram};

use crate::report::{Delays, Stretch, histogram, record};

/// Seconds of a stretch.
const STRETCH_S: u64 = 5;

/// What one notification took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Took {
    /// Since the run's beginning, when it was in a recipient's hands.
    pub(super) at: Duration,
    pub(super) from_event: Option<Duration>,
    pub(super) from_publish: Option<Duration>,
    pub(super) from_receipt: Option<Duration>,
}

/// Three kinds of delay.
#[derive(Debug, Clone)]
struct Three {
    event: Histogram<u64>,
    publish: Histogram<u64>,
    receipt: Histogram<u64>,
}

/// Delays in all, and by stretch.
#[derive(Debug, Clone)]
pub(super) struct Stretches {
    all: Three,
    by_stretch: BTreeMap<u64, Three>,
}

impl Three {
    fn new() -> Result<Self, CreationError> {
        Ok(Self {
            event: histogram()?,
            publish: histogram()?,
            receipt: histogram()?,
        })
    }

    fn take(&mut self, took: Took) {
        for (histogram, delay) in [
            (&mut self.event, took.from_event),
            (&mut self.publish, took.from_publish),
            (&mut self.receipt, took.from_receipt),
        ] {
            if let Some(delay) = delay {
                record(histogram, delay);
            }
        }
    }
}

impl Stretches {
    pub(super) fn new() -> Result<Self, CreationError> {
        Ok(Self {
            all: Three::new()?,
            by_stretch: BTreeMap::new(),
        })
    }

    /// Counts one in.
    pub(super) fn take(&mut self, took: Took) -> Result<(), CreationError> {
        self.all.take(took);
        let number = took.at.as_secs() / STRETCH_S;
        match self.by_stretch.entry(number) {
            Entry::Occupied(stretch) => stretch.into_mut().take(took),
            Entry::Vacant(new) => new.insert(Three::new()?).take(took),
        }
        Ok(())
    }

    /// From the event, from publishing, from receipt, in all.
    pub(super) fn in_all(&self) -> (Delays, Delays, Delays) {
        let of = &self.all;
        (
            Delays::of(&of.event),
            Delays::of(&of.publish),
            Delays::of(&of.receipt),
        )
    }

    /// By stretch, in order.
    pub(super) fn each(&self) -> Vec<Stretch> {
        let stretch = |(number, three): (&u64, &Three)| Stretch {
            at_s: Duration::from_secs(number * STRETCH_S).as_secs_f64(),
            from_event: Delays::of(&three.event),
            from_publish: Delays::of(&three.publish),
            from_receipt: Delays::of(&three.receipt),
        };
        self.by_stretch.iter().map(stretch).collect()
    }
}
