//! Filing a run of the journal.

use std::collections::BTreeMap;

use deadpool_postgres::{Client, Transaction};
use model::{DeviceId, PartitionId};
use tokio_postgres::types::ToSql;

use super::{blocks, owner};
use crate::store::journal::{Filing, Slice, Strip};
use crate::store::{Block, Due, Seen, StoreError, value};

/// Only the end has to survive the loss of power, and with it survives what came before. Nobody's commit
/// waits for the disk meanwhile.
const NO_SYNC: &str = "SET LOCAL synchronous_commit = off";

/// The next run of a partition, where there is as much as is due.
pub(super) async fn next(
    client: &Client,
    partition: PartitionId,
    due: Due,
) -> Result<Option<Filing>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT position, filed_position, unfiled_blocks FROM partitions WHERE partition = $1",
        )
        .await?;
    let number = i32::from(partition.0);
    let Some(row) = client.query_opt(&statement, &[&number]).await? else {
        return Ok(None);
    };
    let (position, filed, unfiled): (i64, i64, i64) =
        (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let entries = value::uncount(position - filed)?;
    if unfiled == 0 || !due.is_reached(entries, value::uncount(unfiled)?) {
        return Ok(None);
    }
    let filed = value::uncount(filed)?;
    let bodies = blocks::after(client, partition, filed, due.entries).await?;
    // A quarter of a second for a whole run, in which a thread does nothing else.
    let sorting = tokio::task::spawn_blocking(move || Filing::of(filed + 1, &bodies));
    let filing = sorting
        .await
        .map_err(|error| StoreError::Unavailable(error.to_string()))??;
    Ok(Some(filing))
}

/// Writes a slice of it, as the owner of its partition. Whether they still are is looked up last: their own
/// commits wait for whoever holds that row.
pub(super) async fn write(
    client: &mut Client,
    (partition, epoch): (PartitionId, u64),
    filing: &Filing,
    slice: &Slice,
) -> Result<(), StoreError> {
    let transaction = client.transaction().await?;
    if *slice == Slice::End {
        end(&transaction, (partition, epoch), filing).await?;
    } else {
        transaction.batch_execute(NO_SYNC).await?;
        write_part(&transaction, partition, filing, slice).await?;
        owner::check(&transaction, partition, epoch).await?;
    }
    Ok(transaction.commit().await?)
}

async fn write_part(
    transaction: &Transaction<'_>,
    partition: PartitionId,
    filing: &Filing,
    slice: &Slice,
) -> Result<(), StoreError> {
    match slice {
        Slice::Strips(rows) => {
            let strips = filing.strips.get(rows.clone()).unwrap_or_default();
            insert_strips(transaction, (partition, filing.run), strips).await
        }
        Slice::Seen(rows) => {
            let devices = filing.seen.get(rows.clone()).unwrap_or_default();
            note_seen(transaction, partition, devices).await
        }
        Slice::Bound(number) => match filing.bound.get(*number) {
            Some(block) => bind(transaction, partition, block).await,
            None => Ok(()),
        },
        Slice::End => Ok(()),
    }
}

const STRIPS: &str =
    "INSERT INTO strips (partition, run, device, wearer, first_position, seq_from, seq_to,
         observed_from_ms, observed_to_ms, body)
     SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[],
         $8::bigint[], $9::bigint[], $10::bytea[])
     ON CONFLICT (partition, run, device, wearer, first_position) DO UPDATE
     SET seq_from = excluded.seq_from, seq_to = excluded.seq_to,
         observed_from_ms = excluded.observed_from_ms, observed_to_ms = excluded.observed_to_ms,
         body = excluded.body";

const WORN: &str = "INSERT INTO worn (wearer, device, partition)
     SELECT DISTINCT wearer, device, $3::integer
     FROM unnest($1::text[], $2::text[]) AS u (wearer, device)
     ON CONFLICT (wearer, device, partition) DO NOTHING";

async fn insert_strips(
    transaction: &Transaction<'_>,
    (partition, run): (PartitionId, u64),
    strips: &[Strip],
) -> Result<(), StoreError> {
    let (partition, run) = (i32::from(partition.0), value::count(run)?);
    let devices: Vec<&str> = strips.iter().map(|strip| strip.device.as_str()).collect();
    let wearers: Vec<&str> = strips.iter().map(|strip| strip.wearer.as_str()).collect();
    let firsts = strips.iter().map(|strip| value::count(strip.first));
    let firsts = firsts.collect::<Result<Vec<i64>, _>>()?;
    let seqs = strips.iter().map(|strip| strip.seqs.unzip());
    let (seqs_from, seqs_to): (Vec<Option<i64>>, Vec<Option<i64>>) = seqs.unzip();
    let from_ms: Vec<i64> = strips.iter().map(|strip| strip.observed_from_ms).collect();
    let to_ms: Vec<i64> = strips.iter().map(|strip| strip.observed_to_ms).collect();
    let bodies: Vec<&[u8]> = strips.iter().map(|strip| strip.body.as_slice()).collect();
    let insert = transaction.prepare_cached(STRIPS).await?;
    let worn = transaction.prepare_cached(WORN).await?;
    let columns: [&(dyn ToSql + Sync); 10] = [
        &partition, &run, &devices, &wearers, &firsts, &seqs_from, &seqs_to, &from_ms, &to_ms,
        &bodies,
    ];
    let whose: [&(dyn ToSql + Sync); 3] = [&wearers, &devices, &partition];
    futures_util::future::try_join(
        transaction.execute(&insert, &columns),
        transaction.execute(&worn, &whose),
    )
    .await?;
    Ok(())
}

const KNOWN: &str =
    "SELECT device, seen FROM seen WHERE partition = $1 AND device = ANY ($2::text[])";

const NOTE: &str = "INSERT INTO seen (device, partition, seen)
     SELECT device, $1, seen FROM unnest($2::text[], $3::text[]) AS u (device, seen)
     ON CONFLICT (device, partition) DO UPDATE SET seen = excluded.seen";

async fn note_seen(
    transaction: &Transaction<'_>,
    partition: PartitionId,
    devices: &[(DeviceId, Seen)],
) -> Result<(), StoreError> {
    let partition = i32::from(partition.0);
    let names: Vec<&str> = devices.iter().map(|(device, _)| device.as_str()).collect();
    let known = transaction.prepare_cached(KNOWN).await?;
    let rows = transaction.query(&known, &[&partition, &names]).await?;
    let mut seen: BTreeMap<&str, Seen> = BTreeMap::new();
    for row in &rows {
        seen.insert(row.try_get(0)?, row.try_get::<_, &str>(1)?.parse()?);
    }
    for (device, more) in devices {
        seen.entry(device.as_str()).or_default().merge(more);
    }
    let (names, seen): (Vec<&str>, Vec<String>) = seen
        .iter()
        .map(|(device, seen)| (*device, seen.to_string()))
        .unzip();
    let note = transaction.prepare_cached(NOTE).await?;
    transaction
        .execute(&note, &[&partition, &names, &seen])
        .await?;
    Ok(())
}

/// Puts a block in the place of those that it holds the readings of.
async fn bind(
    transaction: &Transaction<'_>,
    partition: PartitionId,
    block: &Block,
) -> Result<(), StoreError> {
    let statement = transaction
        .prepare_cached(
            "DELETE FROM blocks WHERE partition = $1 AND last_position BETWEEN $2 AND $3",
        )
        .await?;
    let (first, last) = (value::count(block.first)?, value::count(block.last)?);
    transaction
        .execute(&statement, &[&i32::from(partition.0), &first, &last])
        .await?;
    blocks::insert(transaction, partition, block).await
}

const RUN: &str =
    "INSERT INTO runs (partition, run, last_position, from_ms, to_ms, observed_from_ms,
         observed_to_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (partition, run) DO UPDATE
     SET last_position = excluded.last_position, from_ms = excluded.from_ms, to_ms = excluded.to_ms,
         observed_from_ms = excluded.observed_from_ms, observed_to_ms = excluded.observed_to_ms";

const MOVE: &str = "UPDATE partitions SET filed_position = $2, unfiled_blocks =
         (SELECT count(*) FROM blocks WHERE partition = $1 AND last_position > $2)
     WHERE partition = $1";

/// From now on all of it is found where it was filed.
async fn end(
    transaction: &Transaction<'_>,
    (partition, epoch): (PartitionId, u64),
    filing: &Filing,
) -> Result<(), StoreError> {
    owner::lock(transaction, partition, epoch).await?;
    let partition = i32::from(partition.0);
    let (run, last) = (value::count(filing.run)?, value::count(filing.last)?);
    let columns: [&(dyn ToSql + Sync); 7] = [
        &partition,
        &run,
        &last,
        &filing.from_ms,
        &filing.to_ms,
        &filing.observed_from_ms,
        &filing.observed_to_ms,
    ];
    let insert = transaction.prepare_cached(RUN).await?;
    let advance = transaction.prepare_cached(MOVE).await?;
    let to: [&(dyn ToSql + Sync); 2] = [&partition, &last];
    futures_util::future::try_join(
        transaction.execute(&insert, &columns),
        transaction.execute(&advance, &to),
    )
    .await?;
    Ok(())
}
