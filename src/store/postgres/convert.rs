//! From a row for each reading, as the journal was kept before, to blocks.

use deadpool_postgres::{Client, Transaction};
use model::PartitionId;
use tokio_postgres::Row;

use super::blocks;
use crate::store::{Block, JournalEntry, JournalInput, StoreError, value};

/// The migration after which rows are converted. The one that follows it drops them.
pub(super) const AFTER: i32 = 7;

/// Entries in a block: as many as a busy installation commits at once.
const ENTRIES: i32 = 500;

/// Whoever still writes rows waits, and then finds neither the table nor that the partition is theirs.
const LOCK: &str = "LOCK TABLE partitions, readings IN ACCESS EXCLUSIVE MODE";

const FINISH: &str = "UPDATE partitions SET epoch = epoch + 1;
     ALTER TABLE readings RENAME TO converted_readings";

/// Puts the rows of readings, where there are any, into blocks: all of them, or after a failure none.
pub(super) async fn rows_to_blocks(client: &mut Client) -> Result<(), StoreError> {
    let transaction = client.transaction().await?;
    let row = transaction
        .query_one("SELECT to_regclass('readings') IS NOT NULL", &[])
        .await?;
    if !row.try_get::<_, bool>(0)? {
        return Ok(transaction.rollback().await?);
    }
    transaction.batch_execute(LOCK).await?;
    let partitions = transaction
        .query("SELECT partition FROM partitions ORDER BY partition", &[])
        .await?;
    for row in &partitions {
        convert(&transaction, super::partition(row.try_get(0)?)?).await?;
    }
    transaction.batch_execute(FINISH).await?;
    Ok(transaction.commit().await?)
}

async fn convert(transaction: &Transaction<'_>, partition: PartitionId) -> Result<(), StoreError> {
    let number = i32::from(partition.0);
    let statement = transaction
        .prepare(
            "SELECT position, at_ms, kind, body FROM readings WHERE partition = $1 ORDER BY position",
        )
        .await?;
    let rows = transaction.bind(&statement, &[&number]).await?;
    let mut written = 0_i64;
    loop {
        let some = transaction.query_portal(&rows, ENTRIES).await?;
        let entries: Vec<JournalEntry> = some.iter().map(entry).collect::<Result<_, _>>()?;
        let Some(block) = Block::of(&entries)? else {
            break;
        };
        blocks::insert(transaction, partition, &block).await?;
        written += 1;
    }
    transaction
        .execute(
            "UPDATE partitions SET unfiled_blocks = $2 WHERE partition = $1",
            &[&number, &written],
        )
        .await?;
    Ok(())
}

fn entry(row: &Row) -> Result<JournalEntry, StoreError> {
    Ok(JournalEntry {
        position: value::uncount(row.try_get(0)?)?,
        at: value::instant(row.try_get(1)?)?,
        input: match row.try_get(2)? {
            "erased" => JournalInput::Erased,
            _kind => JournalInput::Reading(value::unjson(row.try_get(3)?)?),
        },
    })
}
