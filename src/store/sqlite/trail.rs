//! Searching positions.

use rusqlite::{Connection, Rows, params};

use crate::store::{BoxQuery, StoreError, TRAIL_MAX, TrailPoint, TrailQuery, value};

pub(super) fn trail(
    connection: &Connection,
    query: &TrailQuery,
) -> Result<Vec<TrailPoint>, StoreError> {
    let mut statement = connection.prepare_cached(if query.newest {
        "SELECT body FROM journal
         WHERE kind = 'position' AND wearer = ?1 AND observed_ms >= ?2 AND observed_ms < ?3
         ORDER BY observed_ms DESC, partition DESC, position DESC"
    } else {
        "SELECT body FROM journal
         WHERE kind = 'position' AND wearer = ?1 AND observed_ms >= ?2 AND observed_ms < ?3
         ORDER BY observed_ms, partition, position"
    })?;
    let (from, to) = (query.from.epoch_ms(), query.to.epoch_ms());
    let rows = statement.query(params![query.wearer.as_str(), from, to])?;
    let mut points = points(rows, query.limit, |_point| true)?;
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
    let rows = statement.query(params![query.from.epoch_ms(), query.to.epoch_ms()])?;
    points(rows, query.limit, |point| query.holds(point))
}

/// The first so many that are wanted; reads no further.
fn points(
    mut rows: Rows<'_>,
    limit: usize,
    wanted: impl Fn(&TrailPoint) -> bool,
) -> Result<Vec<TrailPoint>, StoreError> {
    let limit = limit.min(TRAIL_MAX);
    let mut points = Vec::new();
    while points.len() < limit
        && let Some(row) = rows.next()?
    {
        let body = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        points.extend(TrailPoint::of(&value::unjson(body)?).filter(&wanted));
    }
    Ok(points)
}
