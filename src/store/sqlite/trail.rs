//! Searching positions.

use rusqlite::{Connection, params};

use crate::store::{BoxQuery, StoreError, TRAIL_MAX, TrailPoint, TrailQuery, value};

/// Positions of one wearer by the time observed, as the index by wearer and the one of clocks that are
/// ahead have them; `journal_ahead` says why there are two.
const TRAIL: &str = "SELECT partition, position, observed_ms FROM journal
     WHERE kind = 'position' AND wearer = ?1 AND at_ms >= ?2 - 600000
       AND observed_ms >= ?2 AND observed_ms < ?3 AND NOT observed_ms > at_ms + 600000
     UNION ALL
     SELECT partition, position, observed_ms FROM journal
     WHERE kind = 'position' AND wearer = ?1
       AND observed_ms >= ?2 AND observed_ms < ?3 AND observed_ms > at_ms + 600000";

pub(super) fn trail(
    connection: &Connection,
    query: &TrailQuery,
) -> Result<Vec<TrailPoint>, StoreError> {
    let order = if query.newest {
        "ORDER BY observed_ms DESC, partition DESC, position DESC"
    } else {
        "ORDER BY observed_ms, partition, position"
    };
    let mut found = connection.prepare_cached(&format!("{TRAIL} {order}"))?;
    let mut body = connection
        .prepare_cached("SELECT body FROM journal WHERE partition = ?1 AND position = ?2")?;
    let (from, to) = (query.from.epoch_ms(), query.to.epoch_ms());
    let mut entries = found.query(params![query.wearer.as_str(), from, to])?;
    let mut points = Vec::new();
    while points.len() < query.limit.min(TRAIL_MAX)
        && let Some(entry) = entries.next()?
    {
        let key: (u16, i64) = (entry.get(0)?, entry.get(1)?);
        let body: String = body.query_row(key, |row| row.get(0))?;
        points.extend(TrailPoint::of(&value::unjson(&body)?));
    }
    if query.newest {
        points.reverse();
    }
    Ok(points)
}

pub(super) fn passed_by(
    connection: &Connection,
    query: &BoxQuery,
) -> Result<Vec<TrailPoint>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT body FROM journal
         WHERE kind = 'position' AND observed_ms >= ?1 AND observed_ms < ?2
         ORDER BY observed_ms, partition, position",
    )?;
    let mut rows = statement.query(params![query.from.epoch_ms(), query.to.epoch_ms()])?;
    let mut points = Vec::new();
    while points.len() < query.limit.min(TRAIL_MAX)
        && let Some(row) = rows.next()?
    {
        let body = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        points.extend(TrailPoint::of(&value::unjson(body)?).filter(|point| query.holds(point)));
    }
    Ok(points)
}
