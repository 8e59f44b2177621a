//! Readings found by their identity.

use deadpool_postgres::{Client, Transaction};
use model::{Identity, PartitionId, Timestamp};
use tokio_postgres::types::ToSql;

use super::tail;
use crate::store::StoreError;
use crate::store::journal::{observed_at as among, ordered};
use crate::store::value;

/// Runs looked through at once; four times as many each time, up to the most. What comes twice came not long
/// before, nearly always.
const PAGE: i64 = 16;
const PAGE_MAX: i64 = 1_024;

/// Strips that may hold what is looked for, in the runs before one, the newest first. Each run is there at
/// least once.
const STRIPS: &str = "WITH page AS MATERIALIZED (
         SELECT run, observed_from_ms, observed_to_ms FROM runs
         WHERE partition = $1 AND run < $2 ORDER BY run DESC LIMIT $3)
     SELECT page.run, s.nth, s.body FROM page
     LEFT JOIN LATERAL (
         SELECT u.nth, k.body
         FROM unnest($4::text[], $5::bigint[], $6::bigint[])
             WITH ORDINALITY AS u (device, seq, moment_ms, nth)
         CROSS JOIN LATERAL (SELECT body FROM strips
             WHERE partition = $1 AND run = page.run AND device = u.device
               AND (u.seq IS NULL OR (seq_from <= u.seq AND seq_to >= u.seq))
               AND (u.moment_ms IS NULL OR (observed_from_ms <= u.moment_ms AND observed_to_ms >= u.moment_ms))
             OFFSET 0) AS k
         WHERE u.moment_ms IS NULL
            OR (page.observed_from_ms <= u.moment_ms AND page.observed_to_ms >= u.moment_ms)
         OFFSET 0) AS s ON true
     ORDER BY page.run DESC";

/// When the reading of each identity was observed, in the same order.
pub(super) async fn at(
    client: &mut Client,
    identities: &[Identity],
) -> Result<Vec<Option<Timestamp>>, StoreError> {
    let mut found = vec![None; identities.len()];
    if identities.is_empty() {
        return Ok(found);
    }
    let devices: Vec<&str> = identities
        .iter()
        .map(|identity| identity.device().as_str())
        .collect();
    let snapshot = tail::snapshot(client).await?;
    tail::OfDevices::find(&snapshot, &devices)
        .await?
        .each(&snapshot, |body, held| {
            for &index in held {
                if let (Some(identity), Some(slot @ None)) =
                    (identities.get(index), found.get_mut(index))
                {
                    *slot = among(body, identity)?;
                }
            }
            Ok(found.iter().any(Option::is_none))
        })
        .await?;
    if found.iter().any(Option::is_none) {
        for partition in that_saw(&snapshot, &devices).await? {
            filed(&snapshot, partition, identities, &mut found).await?;
        }
    }
    snapshot.commit().await?;
    Ok(found)
}

/// The partitions that filed readings of these devices.
async fn that_saw(
    snapshot: &Transaction<'_>,
    devices: &[&str],
) -> Result<Vec<PartitionId>, StoreError> {
    let statement = snapshot
        .prepare_cached("SELECT DISTINCT partition FROM seen WHERE device = ANY ($1)")
        .await?;
    let rows = snapshot.query(&statement, &[&devices]).await?;
    rows.iter()
        .map(|row| super::partition(row.try_get(0)?))
        .collect()
}

/// Looks for what is not found yet among what a partition filed.
async fn filed(
    snapshot: &Transaction<'_>,
    partition: PartitionId,
    identities: &[Identity],
    found: &mut [Option<Timestamp>],
) -> Result<(), StoreError> {
    let statement = snapshot.prepare_cached(STRIPS).await?;
    let partition = i32::from(partition.0);
    let (mut before, mut page) = (i64::MAX, PAGE);
    loop {
        let asked = Asked::of(identities, found);
        if asked.indices.is_empty() {
            return Ok(());
        }
        let values: [&(dyn ToSql + Sync); 6] = [
            &partition,
            &before,
            &page,
            &asked.devices,
            &asked.seqs,
            &asked.moments_ms,
        ];
        let mut runs = 0;
        for row in snapshot.query(&statement, &values).await? {
            let run: i64 = row.try_get(0)?;
            runs += i64::from(run != before);
            before = run;
            let Some(nth) = row.try_get::<_, Option<i64>>(1)? else {
                continue;
            };
            let nth = value::size(value::uncount(nth)?)?;
            let index = asked.indices.get(nth - 1).copied().unwrap_or(usize::MAX);
            if let (Some(identity), Some(slot @ None)) =
                (identities.get(index), found.get_mut(index))
            {
                *slot = among(row.try_get(2)?, identity)?;
            }
        }
        if runs < page {
            return Ok(());
        }
        page = PAGE_MAX.min(page * 4);
    }
}

/// What is still looked for, column by column.
struct Asked<'a> {
    indices: Vec<usize>,
    devices: Vec<&'a str>,
    seqs: Vec<Option<i64>>,
    moments_ms: Vec<Option<i64>>,
}

impl<'a> Asked<'a> {
    fn of(identities: &'a [Identity], found: &[Option<Timestamp>]) -> Self {
        let missing = identities.iter().zip(found).enumerate();
        let missing = missing.filter(|(_, (_, found))| found.is_none());
        let mut asked = Self {
            indices: Vec::new(),
            devices: Vec::new(),
            seqs: Vec::new(),
            moments_ms: Vec::new(),
        };
        for (index, (identity, _)) in missing {
            asked.indices.push(index);
            asked.devices.push(identity.device().as_str());
            asked.seqs.push(identity.sequence().map(ordered));
            let moment = identity.moment().map(|(_fact, at)| at.epoch_ms());
            asked.moments_ms.push(moment);
        }
        asked
    }
}
