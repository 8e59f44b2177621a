//! Driving an engine through time: what it wants to know of a wearer's past is read from the journal
//! before the next input is handed in.

use engine::{Engine, HistoryRequest};
use model::{PartitionId, PolicyChange, Timestamp};

use super::retry::while_unavailable;
use crate::store::{HistoryQuery, JournalEntry, JournalInput, Store, StoreError};

/// What to ask the journal for: readings up to the position that the engine has come to.
pub(super) fn query(wanted: &HistoryRequest, partition: PartitionId, up_to: u64) -> HistoryQuery {
    HistoryQuery {
        partition,
        wearer: wanted.wearer.clone(),
        since: wanted.since,
        up_to,
        limit: wanted.limit,
    }
}

/// Lets time run on. A store that is away is waited for: an engine that was asked is half way.
///
/// # Errors
/// When the store has what it cannot read.
pub(super) async fn advance(
    engine: &mut Engine,
    to: Timestamp,
    store: &dyn Store,
    (partition, position): (PartitionId, u64),
) -> Result<(), StoreError> {
    while let Some(wanted) = engine.advance(to) {
        let query = query(&wanted, partition, position);
        let history = while_unavailable("reading history", || store.history(&query)).await?;
        engine.handle_history(&wanted.wearer, &history);
    }
    Ok(())
}

/// Hands in what the journal has as its next entry.
///
/// # Errors
/// As for [`advance`].
pub(super) async fn hand_in(
    engine: &mut Engine,
    entry: &JournalEntry,
    store: &dyn Store,
    partition: PartitionId,
) -> Result<(), StoreError> {
    let place = (partition, entry.position.saturating_sub(1));
    match &entry.input {
        JournalInput::Reading(reading) => {
            advance(engine, entry.at, store, place).await?;
            engine.handle_reading(reading, entry.at);
        }
        JournalInput::Policy(change) if runs_ahead(change) => {
            engine.handle_policy(change, entry.at);
        }
        JournalInput::Policy(change) => {
            advance(engine, entry.at, store, place).await?;
            engine.handle_policy(change, entry.at);
        }
        // Time ran on to it, as it did then.
        JournalInput::Erased => advance(engine, entry.at, store, place).await?,
    }
    Ok(())
}

/// Whether a change is to be known before time runs on to it: a gap in our own intake is, so that
/// nothing is concluded from it.
pub(super) const fn runs_ahead(change: &PolicyChange) -> bool {
    matches!(change, PolicyChange::IntakeGap { .. })
}

/// Whether position `next` comes right after `after`. Where it does not, entries are missing that no
/// checkpoint covers, and what would be concluded from the rest is about people nothing is known of.
///
/// # Errors
/// [`StoreError::Corrupt`] when entries are missing.
pub(super) fn follows(partition: PartitionId, after: u64, next: u64) -> Result<(), StoreError> {
    if next == after + 1 {
        return Ok(());
    }
    Err(StoreError::Corrupt(format!(
        "the journal of partition {partition} goes on at {next} after {after}, and no checkpoint that can \
         be read covers what is missing"
    )))
}

/// Whether a journal whose last entry is known to be at `end` was read to there.
///
/// # Errors
/// [`StoreError::Corrupt`] when its last entries are missing.
pub(super) fn reaches(partition: PartitionId, position: u64, end: u64) -> Result<(), StoreError> {
    if position >= end {
        return Ok(());
    }
    Err(StoreError::Corrupt(format!(
        "the journal of partition {partition} ends at {end}, but nothing after {position} is kept, and \
         no checkpoint that can be read covers what is missing"
    )))
}
