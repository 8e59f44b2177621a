//! Searching positions.

use model::PartitionId;
use rusqlite::{Connection, params};

use super::journal::bytes;
use super::tail;
use crate::store::journal::Found;
use crate::store::{BoxQuery, StoreError, TrailPoint, TrailQuery};

/// Strips of a wearer with what was observed within the span, by run.
const STRIPS: &str = "SELECT s.partition, s.body, r.observed_from_ms, r.observed_to_ms FROM worn AS w
     JOIN runs AS r ON r.partition = w.partition AND r.observed_to_ms >= ?2 AND r.observed_from_ms < ?3
     JOIN strips AS s ON s.partition = r.partition AND s.run = r.run
         AND s.device = w.device AND s.wearer = w.wearer
     WHERE w.wearer = ?1";

pub(super) fn trail(
    connection: &Connection,
    query: &TrailQuery,
) -> Result<Vec<TrailPoint>, StoreError> {
    let mut found = Found::default();
    tail::each(connection, None, |keys, (partition, body)| {
        if keys.may_hold(query.wearer.as_str()) {
            found.add_trail(query, (partition, body()?))?;
        }
        Ok(())
    })?;
    let order = if query.newest {
        "r.observed_to_ms DESC"
    } else {
        "r.observed_from_ms"
    };
    let mut statement = connection.prepare_cached(&format!("{STRIPS} ORDER BY {order}"))?;
    let (from_ms, to_ms) = (query.from.epoch_ms(), query.to.epoch_ms());
    let mut strips = statement.query(params![query.wearer.as_str(), from_ms, to_ms])?;
    let mut span = None;
    while let Some(row) = strips.next()? {
        let of_run = (row.get(2)?, row.get(3)?);
        if span.replace(of_run) != Some(of_run) && found.is_enough(query, of_run) {
            break;
        }
        found.add_trail(query, (PartitionId(row.get(0)?), bytes(row, 1)?))?;
    }
    Ok(found.into_trail(query.limit, query.newest))
}

pub(super) fn passed_by(
    connection: &Connection,
    query: &BoxQuery,
) -> Result<Vec<TrailPoint>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT partition, body FROM blocks WHERE observed_to_ms >= ?1 AND observed_from_ms < ?2",
    )?;
    let mut rows = statement.query(params![query.from.epoch_ms(), query.to.epoch_ms()])?;
    let mut found = Found::default();
    while let Some(row) = rows.next()? {
        found.add_box(query, (PartitionId(row.get(0)?), bytes(row, 1)?))?;
    }
    Ok(found.into_trail(query.limit, false))
}
