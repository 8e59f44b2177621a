//! The newest blocks, which are not filed yet.
//!
//! Whoever looks for readings there and then among what is filed finds all of them: what is filed in between
//! stands in both.

use std::pin::pin;

use deadpool_postgres::{Client, GenericClient, Transaction};
use futures_util::TryStreamExt;
use model::PartitionId;
use tokio_postgres::types::ToSql;
use tokio_postgres::{IsolationLevel, Row};

use crate::store::{Block, StoreError};

/// Blocks read at once, of those that may hold what is looked for.
const PAGE: usize = 64;

/// Blocks of a partition's tail, or of all, that may hold readings of one wearer, with what was observed in a
/// span. The server looks for the wearer's key at every byte of the keys, which finds some blocks too many.
pub(super) const OF_WEARER: &str = "SELECT b.partition, b.body FROM partitions AS p
     JOIN blocks AS b ON b.partition = p.partition AND b.last_position > p.filed_position
     WHERE ($1::integer IS NULL OR p.partition = $1)
       AND b.observed_to_ms >= $3 AND b.observed_from_ms < $4
       AND position($2::bytea IN b.keys) > 0";

const KEYS: &str = "SELECT b.partition, b.last_position, b.to_ms, b.keys FROM partitions AS p
     JOIN blocks AS b ON b.partition = p.partition AND b.last_position > p.filed_position";

const BODIES: &str = "SELECT b.body
     FROM unnest($1::integer[], $2::bigint[]) WITH ORDINALITY AS u (partition, last_position, nth)
     CROSS JOIN LATERAL (SELECT body FROM blocks
         WHERE partition = u.partition AND last_position = u.last_position OFFSET 0) AS b
     ORDER BY u.nth";

const WHOLE: &str = "SELECT b.body FROM partitions AS p
     JOIN blocks AS b ON b.partition = p.partition AND b.last_position > p.filed_position
     WHERE p.partition = $1";

/// Partition and body of a row of [`OF_WEARER`].
pub(super) fn lent(row: &Row) -> Result<(PartitionId, &[u8]), StoreError> {
    Ok((super::partition(row.try_get(0)?)?, row.try_get(1)?))
}

/// Lends each body of a partition's tail.
pub(super) async fn each(
    client: &Client,
    partition: PartitionId,
    mut look: impl FnMut(&[u8]) -> Result<(), StoreError> + Send,
) -> Result<(), StoreError> {
    let statement = client.prepare_cached(WHOLE).await?;
    let rows = client
        .query_raw(&statement, [i32::from(partition.0)])
        .await?;
    let mut rows = pin!(rows);
    while let Some(row) = rows.try_next().await? {
        look(row.try_get(0)?)?;
    }
    Ok(())
}

/// What the store holds at one moment: blocks that are bound while they are looked through stay where they
/// were.
pub(super) async fn snapshot(client: &mut Client) -> Result<Transaction<'_>, StoreError> {
    let transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    Ok(transaction)
}

/// A block that may hold readings of some devices.
struct Place {
    partition: i32,
    last_position: i64,
    to_ms: i64,
}

/// Blocks that may hold readings of devices with these keys, the newest first.
pub(super) struct OfDevices(Vec<Place>);

impl OfDevices {
    pub(super) async fn find(
        snapshot: &Transaction<'_>,
        wanted: &[[u8; 4]],
    ) -> Result<Self, StoreError> {
        let mut places = Vec::new();
        let statement = snapshot.prepare_cached(KEYS).await?;
        let nothing: [&(dyn ToSql + Sync); 0] = [];
        let rows = snapshot.query_raw(&statement, nothing).await?;
        let mut rows = pin!(rows);
        while let Some(row) = rows.try_next().await? {
            if Block::may_hold_any(row.try_get(3)?, wanted) {
                places.push(Place {
                    partition: row.try_get(0)?,
                    last_position: row.try_get(1)?,
                    to_ms: row.try_get(2)?,
                });
            }
        }
        places.sort_by_key(|place| std::cmp::Reverse(place.to_ms));
        Ok(Self(places))
    }

    /// Lends each body, for as long as more is wanted.
    pub(super) async fn each(
        &self,
        snapshot: &Transaction<'_>,
        mut look: impl FnMut(&[u8]) -> Result<bool, StoreError> + Send,
    ) -> Result<(), StoreError> {
        let statement = snapshot.prepare_cached(BODIES).await?;
        for page in self.0.chunks(PAGE) {
            let partitions: Vec<i32> = page.iter().map(|place| place.partition).collect();
            let positions: Vec<i64> = page.iter().map(|place| place.last_position).collect();
            let rows = snapshot
                .query(&statement, &[&partitions, &positions])
                .await?;
            for row in &rows {
                if !look(row.try_get(0)?)? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}
