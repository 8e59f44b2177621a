//! Reading the journal: in its order, and by whom it is about.

use std::collections::BTreeMap;

use deadpool_postgres::Client;
use futures_util::future::try_join;
use model::{DeviceId, PartitionId, Reading, Timestamp};
use tokio_postgres::types::ToSql;

use super::{blocks, policy, tail};
use crate::store::journal::{Found, each_seen};
use crate::store::{Block, HistoryQuery, JournalEntry, Seen, StoreError, value};

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
    client: &mut Client,
    partition: PartitionId,
    position: u64,
    limit: usize,
) -> Result<Vec<JournalEntry>, StoreError> {
    // Of one moment, so that no reading is missing before a change.
    let snapshot = tail::snapshot(client).await?;
    let bodies = blocks::after(&snapshot, partition, position, limit as u64).await?;
    let changes = policy::after(&snapshot, partition, position, limit).await?;
    snapshot.commit().await?;
    let mut entries = Vec::new();
    for body in &bodies {
        Block::add_after(&mut entries, body, position, limit)?;
    }
    entries.extend(changes);
    entries.sort_by_key(|entry| entry.position);
    entries.truncate(limit);
    Ok(entries)
}

const STRIPS: &str = "SELECT s.body FROM worn AS w
     JOIN runs AS r ON r.partition = w.partition AND r.to_ms >= $3 AND r.run <= $4
     CROSS JOIN LATERAL (SELECT body FROM strips
         WHERE partition = r.partition AND run = r.run AND device = w.device AND wearer = w.wearer
         OFFSET 0) AS s
     WHERE w.wearer = $1 AND w.partition = $2";

pub(super) async fn history(
    client: &Client,
    query: &HistoryQuery,
) -> Result<Vec<(Timestamp, Reading)>, StoreError> {
    // Both before either is sent: the tail is to be read first.
    let newest = client.prepare_cached(tail::OF_WEARER).await?;
    let strips = client.prepare_cached(STRIPS).await?;
    let wearer = query.wearer.as_str();
    let partition = i32::from(query.partition.0);
    let up_to = i64::try_from(query.up_to).unwrap_or(i64::MAX);
    let since_ms = query.since.epoch_ms();
    let key = Block::key(wearer);
    let in_tail: [&(dyn ToSql + Sync); 4] =
        [&Some(partition), &key.as_slice(), &i64::MIN, &i64::MAX];
    let filed: [&(dyn ToSql + Sync); 4] = [&wearer, &partition, &since_ms, &up_to];
    let (newest, strips) = try_join(
        client.query(&newest, &in_tail),
        client.query(&strips, &filed),
    )
    .await?;
    let mut found = Found::default();
    for row in &newest {
        found.add_history(query, tail::lent(row)?.1)?;
    }
    for row in &strips {
        found.add_history(query, row.try_get(0)?)?;
    }
    found.into_history(query.limit)
}

/// What is journaled of each device.
pub(super) async fn seen(
    client: &mut Client,
    devices: &[DeviceId],
) -> Result<Vec<Seen>, StoreError> {
    let mut seen = vec![Seen::default(); devices.len()];
    if devices.is_empty() {
        return Ok(seen);
    }
    let names: Vec<&str> = devices.iter().map(DeviceId::as_str).collect();
    let snapshot = tail::snapshot(client).await?;
    let statement = snapshot
        .prepare_cached(
            "SELECT u.nth, s.seen FROM unnest($1::text[]) WITH ORDINALITY AS u (device, nth)
             JOIN seen AS s ON s.device = u.device",
        )
        .await?;
    for row in snapshot.query(&statement, &[&names]).await? {
        let nth = value::size(value::uncount(row.try_get(0)?)?)?;
        if let Some(of_device) = seen.get_mut(nth - 1) {
            of_device.merge(&row.try_get::<_, &str>(1)?.parse()?);
        }
    }
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, device) in names.iter().enumerate() {
        places.entry(device).or_default().push(place);
    }
    let keys: Vec<[u8; 4]> = places.keys().map(|device| Block::key(device)).collect();
    tail::OfDevices::find(&snapshot, &keys)
        .await?
        .each(&snapshot, |body| {
            each_seen(body, |device, seq, observed_at| {
                for place in places.get(device).into_iter().flatten() {
                    if let Some(of_device) = seen.get_mut(*place) {
                        of_device.add(seq, observed_at);
                    }
                }
                Ok(())
            })?;
            Ok(true)
        })
        .await?;
    snapshot.commit().await?;
    Ok(seen)
}

/// What a partition's journal has of each device.
pub(super) async fn seen_by(
    client: &Client,
    partition: PartitionId,
) -> Result<Vec<(DeviceId, Seen)>, StoreError> {
    let mut seen: BTreeMap<DeviceId, Seen> = BTreeMap::new();
    tail::each(client, partition, |body| {
        each_seen(body, |device, seq, observed_at| {
            let device = value::known(DeviceId::new(device))?;
            seen.entry(device).or_default().add(seq, observed_at);
            Ok(())
        })
    })
    .await?;
    let statement = client
        .prepare_cached("SELECT device, seen FROM seen WHERE partition = $1")
        .await?;
    let rows = client.query(&statement, &[&i32::from(partition.0)]).await?;
    for row in &rows {
        let device = value::known(DeviceId::new(row.try_get::<_, &str>(0)?))?;
        let filed = row.try_get::<_, &str>(1)?.parse()?;
        seen.entry(device).or_default().merge(&filed);
    }
    Ok(seen.into_iter().collect())
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
