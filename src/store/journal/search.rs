//! Readings gathered from strips and blocks, each once: what is being filed stands in both.

use std::collections::BTreeMap;

use model::{PartitionId, Reading, Timestamp};

use super::line::{Line, Lines, Said};
use crate::store::{BoxQuery, HistoryQuery, StoreError, TRAIL_MAX, TrailPoint, TrailQuery, value};

/// Readings found, by their place.
#[derive(Debug, Default)]
pub(in crate::store) struct Found(BTreeMap<(PartitionId, u64), (i64, Reading)>);

impl Found {
    /// Adds readings that are wanted by what their lines say, and that suit.
    fn add(
        &mut self,
        (partition, body): (PartitionId, &[u8]),
        is_wanted: impl Fn(&Line<'_>, &Said<'_>) -> bool,
        suits: impl Fn(&Reading) -> bool,
    ) -> Result<(), StoreError> {
        for line in Lines::read(body)? {
            let line = line?;
            let Some(said) = line.said.as_ref().filter(|said| is_wanted(&line, said)) else {
                continue;
            };
            let reading = said.reading()?;
            if suits(&reading) {
                let place = (partition, line.position);
                self.0.insert(place, (line.at_ms, reading));
            }
        }
        Ok(())
    }

    /// Adds what the query asks of these bytes.
    pub(in crate::store) fn add_history(
        &mut self,
        query: &HistoryQuery,
        body: &[u8],
    ) -> Result<(), StoreError> {
        let since_ms = query.since.epoch_ms();
        let is_wanted = |line: &Line<'_>, said: &Said<'_>| {
            said.wearer == query.wearer.as_str()
                && line.at_ms >= since_ms
                && line.position <= query.up_to
        };
        self.add((query.partition, body), is_wanted, |_| true)
    }

    /// What was found, in the order in which it was handed in.
    pub(in crate::store) fn into_history(
        self,
        limit: usize,
    ) -> Result<Vec<(Timestamp, Reading)>, StoreError> {
        let mut found: Vec<_> = self.0.into_iter().collect();
        found.sort_by_key(|((_, position), (at_ms, _))| (*at_ms, *position));
        found.truncate(limit);
        found
            .into_iter()
            .map(|(_, (at_ms, reading))| Ok((value::instant(at_ms)?, reading)))
            .collect()
    }

    /// Adds what the query asks of these bytes.
    pub(in crate::store) fn add_trail(
        &mut self,
        query: &TrailQuery,
        place: (PartitionId, &[u8]),
    ) -> Result<(), StoreError> {
        let (from_ms, to_ms) = (query.from.epoch_ms(), query.to.epoch_ms());
        let is_wanted = |_: &Line<'_>, said: &Said<'_>| {
            said.is_position()
                && said.wearer == query.wearer.as_str()
                && (from_ms..to_ms).contains(&said.observed_ms)
        };
        self.add(place, is_wanted, |_| true)
    }

    /// Whether nothing observed later than all of `observed_to_ms` (or, where the oldest are wanted, earlier
    /// than all of `observed_from_ms`) can be among what the query asks for.
    pub(in crate::store) fn is_enough(
        &self,
        query: &TrailQuery,
        (observed_from_ms, observed_to_ms): (i64, i64),
    ) -> bool {
        let observed = self
            .0
            .values()
            .map(|(_, reading)| reading.report.observed_at.0.epoch_ms());
        let closer = if query.newest {
            observed.filter(|ms| *ms > observed_to_ms).count()
        } else {
            observed.filter(|ms| *ms < observed_from_ms).count()
        };
        closer >= query.limit.min(TRAIL_MAX)
    }

    /// The points found, in the order observed.
    pub(in crate::store) fn into_trail(self, limit: usize, newest: bool) -> Vec<TrailPoint> {
        let mut points: Vec<_> = self
            .0
            .into_iter()
            .filter_map(|(place, (_, reading))| Some((place, TrailPoint::of(&reading)?)))
            .collect();
        points.sort_by_key(|(place, point)| (point.observed_at, *place));
        let limit = limit.min(TRAIL_MAX);
        if newest {
            points.drain(..points.len().saturating_sub(limit));
        } else {
            points.truncate(limit);
        }
        points.into_iter().map(|(_, point)| point).collect()
    }

    /// Adds who was in the box, of a block.
    pub(in crate::store) fn add_box(
        &mut self,
        query: &BoxQuery,
        place: (PartitionId, &[u8]),
    ) -> Result<(), StoreError> {
        let (from_ms, to_ms) = (query.from.epoch_ms(), query.to.epoch_ms());
        let is_wanted = |_: &Line<'_>, said: &Said<'_>| {
            said.is_position() && (from_ms..to_ms).contains(&said.observed_ms)
        };
        let is_inside =
            |reading: &Reading| TrailPoint::of(reading).is_some_and(|point| query.holds(&point));
        self.add(place, is_wanted, is_inside)
    }
}

/// Lends of each reading its device, its running number and when it was observed.
pub(in crate::store) fn each_seen(
    body: &[u8],
    mut note: impl FnMut(&str, Option<u64>, Timestamp) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    for line in Lines::read(body)? {
        let Some(said) = line?.said else { continue };
        note(said.device, said.seq, value::instant(said.observed_ms)?)?;
    }
    Ok(())
}
