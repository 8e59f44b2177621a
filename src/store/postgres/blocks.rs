//! Blocks of readings: written one a commit, read in the order of the journal.

use deadpool_postgres::{GenericClient, Transaction};
use model::PartitionId;

use crate::store::{Block, StoreError, value};

/// Blocks read at once; twice as many each time, up to the most. Their bodies are fetched as far as they are
/// wanted only.
const PAGE: i64 = 64;
const PAGE_MAX: i64 = 1_024;

/// Enough blocks for so many readings. The first may have begun before, so it counts for none.
const AFTER: &str = "SELECT last_position, readings, body FROM (
         SELECT last_position, readings, body,
             coalesce(sum(readings) OVER (ORDER BY last_position
                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
             - first_value(readings) OVER (ORDER BY last_position) AS before
         FROM (SELECT last_position, readings, body FROM blocks
               WHERE partition = $1 AND last_position > $2
               ORDER BY last_position LIMIT $4) AS page) AS counted
     WHERE before < $3::bigint ORDER BY last_position";

/// Keeps a block.
pub(super) async fn insert(
    transaction: &Transaction<'_>,
    partition: PartitionId,
    block: &Block,
) -> Result<(), StoreError> {
    let statement = transaction
        .prepare_cached(
            "INSERT INTO blocks (partition, last_position, first_position, readings, from_ms, to_ms,
                 observed_from_ms, observed_to_ms, keys, body)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .await?;
    transaction
        .execute(
            &statement,
            &[
                &i32::from(partition.0),
                &value::count(block.last)?,
                &value::count(block.first)?,
                &value::count(block.readings)?,
                &block.from_ms,
                &block.to_ms,
                &block.observed_from_ms,
                &block.observed_to_ms,
                &block.keys,
                &block.body,
            ],
        )
        .await?;
    Ok(())
}

/// Bodies of blocks with readings after a position, in order: all of them, or so many that there are as many
/// readings as are wanted.
pub(super) async fn after(
    client: &impl GenericClient,
    partition: PartitionId,
    position: u64,
    readings: u64,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let statement = client.prepare_cached(AFTER).await?;
    let partition = i32::from(partition.0);
    let mut position = value::count(position)?;
    let mut wanted = i64::try_from(readings).unwrap_or(i64::MAX);
    let (mut page, mut bodies) = (PAGE, Vec::new());
    while wanted > 0 {
        let rows = client
            .query(&statement, &[&partition, &position, &wanted, &page])
            .await?;
        for row in &rows {
            position = row.try_get(0)?;
            let readings: i64 = row.try_get(1)?;
            // As above: of the first it is not known how much of it is wanted.
            wanted -= if bodies.is_empty() { 1 } else { readings };
            bodies.push(row.try_get(2)?);
        }
        if value::limit(rows.len()) < page {
            break;
        }
        page = PAGE_MAX.min(page * 2);
    }
    Ok(bodies)
}
