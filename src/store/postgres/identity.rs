//! At most once: what tells a reading that is new from one that is in the journal already.
//!
//! No index spans the days, so no unique index can hold this. Instead `devices` says up to where each
//! device's readings are journaled: a greater sequence number, or a later moment, is new for certain.
//! Only what is not beyond that is looked up, day by day. The device's row stays locked until the
//! commit ends, so that two partitions cannot both find that a reading of it is new.

use std::collections::{BTreeMap, BTreeSet};

use deadpool_postgres::Transaction;
use model::{DeviceId, Identity, Reading, Timestamp};
use tokio_postgres::types::ToSql;

use crate::store::StoreError;
use crate::store::value;

/// Up to where a device's readings are journaled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Mark {
    seq: Option<u64>,
    moment: Option<Timestamp>,
}

impl Mark {
    fn is_beyond(self, identity: &Identity) -> bool {
        match (identity.sequence(), identity.moment()) {
            (Some(seq), _) => self.seq.is_none_or(|newest| newest < seq),
            (None, Some((_fact, at))) => self.moment.is_none_or(|newest| newest < at),
            (None, None) => false,
        }
    }

    fn raise(&mut self, identity: &Identity) {
        self.seq = self.seq.max(identity.sequence());
        self.moment = self.moment.max(identity.moment().map(|(_fact, at)| at));
    }
}

/// The marks of a batch's devices, locked.
pub(super) struct Marks {
    known: BTreeMap<DeviceId, Mark>,
}

/// What a batch does to the marks, and what has to be looked up first.
pub(super) struct Raised {
    new: MarkRows,
    known: MarkRows,
    /// What may be in the journal already.
    pub(super) doubtful: Vec<Identity>,
}

#[derive(Default)]
struct MarkRows {
    devices: Vec<String>,
    seqs: Vec<Option<i64>>,
    moments_ms: Vec<Option<i64>>,
}

const LOCK: &str = "SELECT device, newest_seq, newest_moment_ms FROM devices
     WHERE device = ANY($1::text[]) ORDER BY device FOR UPDATE";

const ADD: &str = "INSERT INTO devices (device, newest_seq, newest_moment_ms)
     SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS u (device, seq, moment)
     ORDER BY device ON CONFLICT (device) DO NOTHING";

const RAISE: &str = "UPDATE devices SET newest_seq = u.seq, newest_moment_ms = u.moment
     FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS u (device, seq, moment)
     WHERE devices.device = u.device";

/// Prepares what [`Marks::lock`] and [`Raised::write`] will run.
pub(super) async fn prepare(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    for sql in [LOCK, ADD, RAISE] {
        transaction.prepare_cached(sql).await?;
    }
    Ok(())
}

impl Marks {
    /// Reads and locks the marks of these devices, always in the same order.
    pub(super) async fn lock(
        transaction: &Transaction<'_>,
        devices: &BTreeSet<&str>,
    ) -> Result<Self, StoreError> {
        let mut known = BTreeMap::new();
        if !devices.is_empty() {
            let devices: Vec<&str> = devices.iter().copied().collect();
            let statement = transaction.prepare_cached(LOCK).await?;
            for row in transaction.query(&statement, &[&devices]).await? {
                let moment: Option<i64> = row.try_get(2)?;
                let mark = Mark {
                    seq: row.try_get::<_, Option<i64>>(1)?.map(i64::cast_unsigned),
                    moment: moment.map(value::instant).transpose()?,
                };
                known.insert(
                    value::known(DeviceId::new(row.try_get::<_, &str>(0)?))?,
                    mark,
                );
            }
        }
        Ok(Self { known })
    }

    /// What these readings do to the marks.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a reading stands among them twice.
    pub(super) fn raise(&self, readings: &[&Reading]) -> Result<Raised, StoreError> {
        let mut raised: BTreeMap<&DeviceId, Mark> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let mut doubtful = Vec::new();
        for reading in readings {
            let device = &reading.report.device;
            let identity = reading.report.identity();
            let before = self.known.get(device).copied().unwrap_or_default();
            if !before.is_beyond(&identity) {
                doubtful.push(identity.clone());
            }
            raised.entry(device).or_insert(before).raise(&identity);
            if !seen.insert(identity) {
                return Err(StoreError::Conflict(format!(
                    "a reading of {device} stands in the batch twice"
                )));
            }
        }
        let (mut new, mut known) = (MarkRows::default(), MarkRows::default());
        for (device, mark) in raised {
            let rows = match self.known.get(device) {
                None => &mut new,
                Some(before) if *before != mark => &mut known,
                Some(_) => continue,
            };
            rows.push(device, mark);
        }
        Ok(Raised {
            new,
            known,
            doubtful,
        })
    }
}

impl Raised {
    /// Writes the marks.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when another partition has added one of the devices meanwhile: its
    /// mark has to be read again.
    pub(super) async fn write(&self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        let added = self.new.write(transaction, ADD).await?;
        if added != self.new.devices.len() {
            return Err(StoreError::Unavailable(
                "a new device was added by two partitions at once".to_owned(),
            ));
        }
        self.known.write(transaction, RAISE).await?;
        Ok(())
    }
}

impl MarkRows {
    fn push(&mut self, device: &DeviceId, mark: Mark) {
        self.devices.push(device.to_string());
        self.seqs.push(mark.seq.map(u64::cast_signed));
        self.moments_ms.push(mark.moment.map(Timestamp::epoch_ms));
    }

    async fn write(&self, transaction: &Transaction<'_>, sql: &str) -> Result<usize, StoreError> {
        if self.devices.is_empty() {
            return Ok(0);
        }
        let statement = transaction.prepare_cached(sql).await?;
        let columns: [&(dyn ToSql + Sync); 3] = [&self.devices, &self.seqs, &self.moments_ms];
        let written = transaction.execute(&statement, &columns).await?;
        value::size(written)
    }
}
