//! From a row for each reading, as the journal was kept before, to blocks.

use model::PartitionId;
use rusqlite::{Connection, Rows, params};

use super::{commit, policy};
use crate::store::{Block, JournalEntry, JournalInput, StoreError, value};

/// Entries in a block: as many as a busy installation commits at once.
const ENTRIES: usize = 500;

/// Puts the rows of the journal where blocks and changes of policy are kept, in order.
pub(super) fn rows_to_blocks(connection: &Connection) -> Result<(), StoreError> {
    let mut partitions = connection.prepare("SELECT partition FROM partition_owners")?;
    let partitions = partitions.query_map([], |row| row.get(0))?;
    for partition in partitions.collect::<Result<Vec<u16>, _>>()? {
        convert(connection, PartitionId(partition))?;
    }
    Ok(())
}

fn convert(connection: &Connection, partition: PartitionId) -> Result<(), StoreError> {
    let mut statement = connection.prepare(
        "SELECT position, at_ms, kind, body FROM journal WHERE partition = ?1 ORDER BY position",
    )?;
    let mut rows = statement.query([partition.0])?;
    let mut blocks = 0;
    loop {
        let entries = some(&mut rows)?;
        if entries.is_empty() {
            break;
        }
        if let Some(block) = Block::of(&entries)? {
            commit::insert_block(connection, partition, &block)?;
            blocks += 1;
        }
        policy::insert(connection, partition, &entries)?;
    }
    connection.execute(
        "UPDATE partition_owners SET unfiled_blocks = ?2, position = max(base_position,
             coalesce((SELECT max(position) FROM journal WHERE partition = ?1), 0))
         WHERE partition = ?1",
        params![partition.0, blocks],
    )?;
    Ok(())
}

fn some(rows: &mut Rows<'_>) -> Result<Vec<JournalEntry>, StoreError> {
    let mut entries = Vec::with_capacity(ENTRIES);
    while entries.len() < ENTRIES
        && let Some(row) = rows.next()?
    {
        let (kind, body): (String, String) = (row.get(2)?, row.get(3)?);
        let input = match kind.as_str() {
            "policy" => JournalInput::Policy(value::unjson(&body)?),
            "erased" => JournalInput::Erased,
            _reading => JournalInput::Reading(value::unjson(&body)?),
        };
        entries.push(JournalEntry {
            position: value::uncount(row.get(0)?)?,
            at: value::instant(row.get(1)?)?,
            input,
        });
    }
    Ok(entries)
}
