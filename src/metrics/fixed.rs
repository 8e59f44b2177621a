//! Counters whose labels are known beforehand: found by place and not by name, since every reading pays
//! for it.

use prometheus::{Error, IntCounter, Registry};

use super::register::counters;

/// A counter for each combination of label values, all of them exported from the start.
#[derive(Debug)]
pub(super) struct Fixed(Vec<IntCounter>);

impl Fixed {
    /// Registers a counter for each of `values`, in their order.
    pub(super) fn new<const LABELS: usize>(
        registry: &Registry,
        (name, help): (&str, &str),
        labels: [&str; LABELS],
        values: impl IntoIterator<Item = [&'static str; LABELS]>,
    ) -> Result<Self, Error> {
        let all = counters(registry, name, help, &labels)?;
        let counter = |values: [&str; LABELS]| all.get_metric_with_label_values(&values);
        values
            .into_iter()
            .map(counter)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The counter of the values in that place. Out of place nothing is counted.
    pub(super) fn add(&self, place: usize, count: u64) {
        if let Some(counter) = self.0.get(place) {
            counter.inc_by(count);
        }
    }

    pub(super) fn get(&self, place: usize) -> u64 {
        self.0.get(place).map_or(0, IntCounter::get)
    }
}
