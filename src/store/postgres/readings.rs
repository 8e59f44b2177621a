//! Readings in the journal: written in bulk, found by identity.

use deadpool_postgres::{GenericClient, Transaction};
use model::{Identity, PartitionId, Reading, ReadingBody, Timestamp};
use tokio_postgres::types::ToSql;

use crate::store::{JournalEntry, JournalInput, StoreError, value};

/// The readings of a batch, column by column.
#[derive(Default)]
pub(super) struct ReadingRows {
    partition: i32,
    positions: Vec<i64>,
    at_ms: Vec<i64>,
    kinds: Vec<String>,
    devices: Vec<String>,
    seqs: Vec<Option<i64>>,
    observed_ms: Vec<i64>,
    wearers: Vec<String>,
    lats: Vec<Option<f64>>,
    lons: Vec<Option<f64>>,
    accuracies_m: Vec<Option<f64>>,
    bodies: Vec<String>,
}

const INSERT: &str = "INSERT INTO readings
         (partition, position, at_ms, kind, device, seq, observed_ms, wearer, lat, lon, accuracy_m,
          body)
     SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[],
         $7::bigint[], $8::text[], $9::float8[], $10::float8[], $11::float8[], $12::text[])";

impl ReadingRows {
    /// # Errors
    /// [`StoreError::Corrupt`] when a reading could not be read again.
    pub(super) fn of(partition: PartitionId, entries: &[JournalEntry]) -> Result<Self, StoreError> {
        let mut rows = Self {
            partition: partition.0.into(),
            ..Self::default()
        };
        for entry in entries {
            if let JournalInput::Reading(reading) = &entry.input {
                rows.push(entry, reading)?;
            }
        }
        Ok(rows)
    }

    fn push(&mut self, entry: &JournalEntry, reading: &Reading) -> Result<(), StoreError> {
        let report = &reading.report;
        self.positions.push(value::count(entry.position)?);
        self.at_ms.push(entry.at.epoch_ms());
        self.kinds.push(report.body.fact().to_string());
        self.devices.push(report.device.to_string());
        self.seqs.push(report.seq.map(u64::cast_signed));
        self.observed_ms.push(report.observed_at.0.epoch_ms());
        self.wearers.push(reading.wearer.to_string());
        let position = match &report.body {
            ReadingBody::Position(position) => Some(position),
            ReadingBody::Presence { .. }
            | ReadingBody::Alcohol(_)
            | ReadingBody::Event(_)
            | ReadingBody::CheckIn(_) => None,
        };
        self.lats.push(position.map(|position| position.lat));
        self.lons.push(position.map(|position| position.lon));
        let accuracy = position.and_then(|position| position.acc);
        self.accuracies_m.push(accuracy.map(|accuracy| accuracy.0));
        self.bodies.push(value::body(reading)?);
        Ok(())
    }

    pub(super) async fn insert(&self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        if self.positions.is_empty() {
            return Ok(());
        }
        let statement = transaction.prepare_cached(INSERT).await?;
        let columns: [&(dyn ToSql + Sync); 12] = [
            &self.partition,
            &self.positions,
            &self.at_ms,
            &self.kinds,
            &self.devices,
            &self.seqs,
            &self.observed_ms,
            &self.wearers,
            &self.lats,
            &self.lons,
            &self.accuracies_m,
            &self.bodies,
        ];
        transaction.execute(&statement, &columns).await?;
        Ok(())
    }
}

/// Looked up one by one in the index of each day: rows that are not there cost no more than that.
const BY_SEQUENCE: &str = "SELECT u.place, r.observed_ms
     FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS u (device, seq, place)
     CROSS JOIN LATERAL (SELECT observed_ms FROM readings
         WHERE device = u.device AND seq = u.seq LIMIT 1) AS r";

const BY_MOMENT: &str = "SELECT u.place, r.observed_ms
     FROM unnest($1::text[], $2::bigint[], $3::text[])
         WITH ORDINALITY AS u (device, observed_ms, kind, place)
     CROSS JOIN LATERAL (SELECT observed_ms FROM readings
         WHERE device = u.device AND observed_ms = u.observed_ms AND kind = u.kind
           AND seq IS NULL LIMIT 1) AS r";

/// When the readings of these identities were observed, in the same order.
pub(super) async fn observed_at(
    client: &impl GenericClient,
    identities: &[Identity],
) -> Result<Vec<Option<Timestamp>>, StoreError> {
    let (mut numbered, mut timed) = (Numbered::default(), Timed::default());
    for (index, identity) in identities.iter().enumerate() {
        let device = identity.device().as_str();
        if let Some(seq) = identity.sequence() {
            numbered.indices.push(index);
            numbered.devices.push(device);
            numbered.seqs.push(seq.cast_signed());
        } else if let Some((fact, at)) = identity.moment() {
            timed.indices.push(index);
            timed.devices.push(device);
            timed.observed_ms.push(at.epoch_ms());
            timed.kinds.push(fact.to_string());
        }
    }
    let mut found = vec![None; identities.len()];
    if !numbered.indices.is_empty() {
        let asked: [&(dyn ToSql + Sync); 2] = [&numbered.devices, &numbered.seqs];
        find(client, BY_SEQUENCE, &asked, &numbered.indices, &mut found).await?;
    }
    if !timed.indices.is_empty() {
        let asked: [&(dyn ToSql + Sync); 3] = [&timed.devices, &timed.observed_ms, &timed.kinds];
        find(client, BY_MOMENT, &asked, &timed.indices, &mut found).await?;
    }
    Ok(found)
}

#[derive(Default)]
struct Numbered<'a> {
    indices: Vec<usize>,
    devices: Vec<&'a str>,
    seqs: Vec<i64>,
}

#[derive(Default)]
struct Timed<'a> {
    indices: Vec<usize>,
    devices: Vec<&'a str>,
    observed_ms: Vec<i64>,
    kinds: Vec<String>,
}

/// Runs a look-up and puts each answer, by its place among those asked, to the index it is for.
async fn find(
    client: &impl GenericClient,
    sql: &str,
    asked: &[&(dyn ToSql + Sync)],
    indices: &[usize],
    found: &mut [Option<Timestamp>],
) -> Result<(), StoreError> {
    let statement = client.prepare_cached(sql).await?;
    for row in client.query(&statement, asked).await? {
        let place = value::uncount(row.try_get(0)?)?;
        let index = usize::try_from(place)
            .ok()
            .and_then(|place| indices.get(place.checked_sub(1)?));
        if let Some(slot) = index.and_then(|&index| found.get_mut(index)) {
            *slot = Some(value::instant(row.try_get(1)?)?);
        }
    }
    Ok(())
}
