//! Searching positions.

use std::pin::pin;

use deadpool_postgres::Client;
use futures_util::TryStreamExt;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::tail;
use crate::store::journal::Found;
use crate::store::{Block, BoxQuery, StoreError, TrailPoint, TrailQuery};

/// Runs looked through at once; four times as many each time, up to the most: who asks where somebody was last
/// does not have their past read.
const PAGE: i64 = 4;
const PAGE_MAX: i64 = 256;

/// Strips of a wearer, by run: the runs with what was observed in the span, in the order of an edge of theirs,
/// from a place on. Each run is there at least once.
macro_rules! strips {
    ($edge:literal, $beyond:literal, $order:literal) => {
        concat!(
            "WITH page AS MATERIALIZED (
                 SELECT partition, run, observed_from_ms, observed_to_ms, ",
            $edge,
            " AS edge_ms FROM runs
                 WHERE partition IN (SELECT partition FROM worn WHERE wearer = $1)
                   AND observed_to_ms >= $2 AND observed_from_ms < $3 AND (",
            $edge,
            ", partition, run) ",
            $beyond,
            " ($4, $5, $6)
                 ORDER BY ",
            $edge,
            $order,
            ", partition",
            $order,
            ", run",
            $order,
            " LIMIT $7)
             SELECT page.partition, page.run, page.edge_ms, page.observed_from_ms,
                 page.observed_to_ms, s.body
             FROM page LEFT JOIN LATERAL (
                 SELECT k.body FROM worn AS w
                 CROSS JOIN LATERAL (SELECT body FROM strips
                     WHERE partition = page.partition AND run = page.run AND device = w.device
                       AND wearer = w.wearer AND observed_to_ms >= $2 AND observed_from_ms < $3
                     OFFSET 0) AS k
                 WHERE w.wearer = $1 AND w.partition = page.partition OFFSET 0) AS s ON true
             ORDER BY page.edge_ms",
            $order,
            ", page.partition",
            $order,
            ", page.run",
            $order
        )
    };
}

const NEWEST: &str = strips!("observed_to_ms", "<", " DESC");
const OLDEST: &str = strips!("observed_from_ms", ">", " ASC");

/// Where a page of runs ended: the time by which they are ordered, the partition and the run.
type Place = (i64, i32, i64);

pub(super) async fn trail(
    client: &Client,
    query: &TrailQuery,
) -> Result<Vec<TrailPoint>, StoreError> {
    let mut found = Found::default();
    let (from_ms, to_ms) = (query.from.epoch_ms(), query.to.epoch_ms());
    let statement = client.prepare_cached(tail::OF_WEARER).await?;
    let key = Block::key(query.wearer.as_str());
    let newest: [&(dyn ToSql + Sync); 4] = [&None::<i32>, &key.as_slice(), &from_ms, &to_ms];
    for row in client.query(&statement, &newest).await? {
        found.add_trail(query, tail::lent(&row)?)?;
    }
    add_filed(client, query, &mut found).await?;
    Ok(found.into_trail(query.limit, query.newest))
}

async fn add_filed(
    client: &Client,
    query: &TrailQuery,
    found: &mut Found,
) -> Result<(), StoreError> {
    let sql = if query.newest { NEWEST } else { OLDEST };
    let statement = client.prepare_cached(sql).await?;
    let (wearer, from_ms, to_ms) = (
        query.wearer.as_str(),
        query.from.epoch_ms(),
        query.to.epoch_ms(),
    );
    let (mut place, mut page) = (beginning(query), PAGE);
    loop {
        let (edge_ms, partition, run) = place;
        let values: [&(dyn ToSql + Sync); 7] =
            [&wearer, &from_ms, &to_ms, &edge_ms, &partition, &run, &page];
        let mut runs = 0;
        for row in client.query(&statement, &values).await? {
            let of_row = (row.try_get(2)?, row.try_get(0)?, row.try_get(1)?);
            if place != of_row {
                place = of_row;
                runs += 1;
                let span = (row.try_get(3)?, row.try_get(4)?);
                if found.is_enough(query, span) {
                    return Ok(());
                }
            }
            add_strip(query, &row, found)?;
        }
        if runs < page {
            return Ok(());
        }
        page = PAGE_MAX.min(page * 4);
    }
}

/// Before every run.
const fn beginning(query: &TrailQuery) -> Place {
    if query.newest {
        (i64::MAX, i32::MAX, i64::MAX)
    } else {
        (i64::MIN, i32::MIN, i64::MIN)
    }
}

fn add_strip(query: &TrailQuery, row: &Row, found: &mut Found) -> Result<(), StoreError> {
    match row.try_get::<_, Option<&[u8]>>(5)? {
        Some(body) => found.add_trail(query, (super::partition(row.try_get(0)?)?, body)),
        None => Ok(()),
    }
}

pub(super) async fn passed_by(
    client: &Client,
    query: &BoxQuery,
) -> Result<Vec<TrailPoint>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT partition, body FROM blocks
             WHERE observed_to_ms >= $1 AND observed_from_ms < $2",
        )
        .await?;
    let span = [query.from.epoch_ms(), query.to.epoch_ms()];
    let rows = client.query_raw(&statement, span).await?;
    let mut rows = pin!(rows);
    let mut found = Found::default();
    while let Some(row) = rows.try_next().await? {
        found.add_box(query, tail::lent(&row)?)?;
    }
    Ok(found.into_trail(query.limit, false))
}
