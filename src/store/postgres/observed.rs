//! Readings found by their identity.

use deadpool_postgres::{Client, Transaction};
use model::{Identity, PartitionId, Timestamp};
use tokio_postgres::types::ToSql;

use super::tail;
use crate::store::StoreError;
use crate::store::journal::{Sought, ordered};

/// Runs looked through at once; four times as many each time, up to the most. What comes twice came not long
/// before, nearly always.
const PAGE: i64 = 16;
const PAGE_MAX: i64 = 1_024;

/// Strips that may hold what is looked for, in the runs before one, the newest first. Each run is there at
/// least once.
const STRIPS: &str = "WITH page AS MATERIALIZED (
         SELECT run, observed_from_ms, observed_to_ms FROM runs
         WHERE partition = $1 AND run < $2 ORDER BY run DESC LIMIT $3)
     SELECT page.run, s.body FROM page
     LEFT JOIN LATERAL (
         SELECT k.body
         FROM unnest($4::text[], $5::bigint[], $6::bigint[]) AS u (device, seq, moment_ms)
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
    let mut sought = Sought::new(identities);
    if identities.is_empty() {
        return Ok(sought.into_observed());
    }
    let snapshot = tail::snapshot(client).await?;
    tail::OfDevices::find(&snapshot, &sought.keys())
        .await?
        .each(&snapshot, |body| {
            sought.look(body)?;
            Ok(!sought.is_complete())
        })
        .await?;
    if !sought.is_complete() {
        for partition in that_saw(&snapshot, &sought).await? {
            look_among_filed(&snapshot, partition, &mut sought).await?;
        }
    }
    snapshot.commit().await?;
    Ok(sought.into_observed())
}

/// The partitions that filed readings of the devices of which something is missing.
async fn that_saw(
    snapshot: &Transaction<'_>,
    sought: &Sought<'_>,
) -> Result<Vec<PartitionId>, StoreError> {
    let devices = Asked::of(sought).devices;
    let statement = snapshot
        .prepare_cached("SELECT DISTINCT partition FROM seen WHERE device = ANY ($1)")
        .await?;
    let rows = snapshot.query(&statement, &[&devices]).await?;
    rows.iter()
        .map(|row| super::partition(row.try_get(0)?))
        .collect()
}

/// Looks for what is missing among what a partition filed.
async fn look_among_filed(
    snapshot: &Transaction<'_>,
    partition: PartitionId,
    sought: &mut Sought<'_>,
) -> Result<(), StoreError> {
    let statement = snapshot.prepare_cached(STRIPS).await?;
    let partition = i32::from(partition.0);
    let (mut before, mut page) = (i64::MAX, PAGE);
    while !sought.is_complete() {
        let asked = Asked::of(sought);
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
            if let Some(body) = row.try_get(1)? {
                sought.look(body)?;
            }
        }
        if runs < page {
            break;
        }
        page = PAGE_MAX.min(page * 4);
    }
    Ok(())
}

/// What is missing, column by column.
#[derive(Default)]
struct Asked<'a> {
    devices: Vec<&'a str>,
    seqs: Vec<Option<i64>>,
    moments_ms: Vec<Option<i64>>,
}

impl<'a> Asked<'a> {
    fn of(sought: &Sought<'a>) -> Self {
        let mut asked = Self::default();
        for identity in sought.missing() {
            asked.devices.push(identity.device().as_str());
            asked.seqs.push(identity.sequence().map(ordered));
            let moment = identity.moment().map(|(_fact, at)| at.epoch_ms());
            asked.moments_ms.push(moment);
        }
        asked
    }
}
