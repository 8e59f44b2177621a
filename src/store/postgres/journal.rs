//! Reading the journal.

use deadpool_postgres::Client;
use model::{DeviceId, PartitionId, Reading, Timestamp};

use crate::store::{HistoryQuery, JournalEntry, JournalInput, StoreError, value};

pub(super) async fn last_position(
    client: &Client,
    partition: PartitionId,
) -> Result<u64, StoreError> {
    let statement = client
        .prepare_cached("SELECT position FROM partitions WHERE partition = $1")
        .await?;
    let row = client
        .query_opt(&statement, &[&i32::from(partition.0)])
        .await?;
    row.map_or(Ok(0), |row| value::uncount(row.try_get(0)?))
}

pub(super) async fn after(
    client: &Client,
    partition: PartitionId,
    position: u64,
    limit: usize,
) -> Result<Vec<JournalEntry>, StoreError> {
    let statement = client
        .prepare_cached(
            "(SELECT position, at_ms, kind, body FROM readings
              WHERE partition = $1 AND position > $2 ORDER BY position LIMIT $3)
             UNION ALL
             (SELECT position, at_ms, 'policy', body FROM policy_changes
              WHERE partition = $1 AND position > $2 ORDER BY position LIMIT $3)
             ORDER BY position LIMIT $3",
        )
        .await?;
    let (partition, position) = (i32::from(partition.0), value::count(position)?);
    let rows = client
        .query(&statement, &[&partition, &position, &value::limit(limit)])
        .await?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        entries.push(JournalEntry {
            position: value::uncount(row.try_get(0)?)?,
            at: value::instant(row.try_get(1)?)?,
            input: input(row.try_get(2)?, row.try_get(3)?)?,
        });
    }
    Ok(entries)
}

fn input(kind: &str, body: Option<&str>) -> Result<JournalInput, StoreError> {
    Ok(match (kind, body) {
        ("erased", _) | (_, None) => JournalInput::Erased,
        ("policy", Some(body)) => JournalInput::Policy(value::unjson(body)?),
        (_reading, Some(body)) => JournalInput::Reading(value::unjson(body)?),
    })
}

pub(super) async fn history(
    client: &Client,
    query: &HistoryQuery,
) -> Result<Vec<(Timestamp, Reading)>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT at_ms, body FROM readings
             WHERE wearer = $1 AND partition = $2 AND at_ms >= $3 AND position <= $4
             ORDER BY at_ms, position LIMIT $5",
        )
        .await?;
    let (wearer, partition) = (query.wearer.as_str(), i32::from(query.partition.0));
    let up_to = i64::try_from(query.up_to).unwrap_or(i64::MAX);
    let (since_ms, limit) = (query.since.epoch_ms(), value::limit(query.limit));
    let rows = client
        .query(
            &statement,
            &[&wearer, &partition, &since_ms, &up_to, &limit],
        )
        .await?;
    let mut readings = Vec::with_capacity(rows.len());
    for row in rows {
        readings.push((
            value::instant(row.try_get(0)?)?,
            value::unjson(row.try_get(1)?)?,
        ));
    }
    Ok(readings)
}

pub(super) async fn newest_sequences(
    client: &Client,
    devices: &[DeviceId],
) -> Result<Vec<Option<u64>>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT newest_seq FROM unnest($1::text[]) WITH ORDINALITY AS asked (device, nth)
             LEFT JOIN devices USING (device) ORDER BY nth",
        )
        .await?;
    let devices: Vec<&str> = devices.iter().map(DeviceId::as_str).collect();
    let rows = client.query(&statement, &[&devices]).await?;
    rows.iter()
        .map(|row| Ok(row.try_get::<_, Option<i64>>(0)?.map(i64::cast_unsigned)))
        .collect()
}

pub(super) async fn partitions(client: &Client) -> Result<Vec<PartitionId>, StoreError> {
    let statement = client
        .prepare_cached("SELECT partition FROM partitions WHERE position > 0 ORDER BY partition")
        .await?;
    let rows = client.query(&statement, &[]).await?;
    rows.iter()
        .map(|row| super::partition(row.try_get(0)?))
        .collect()
}
