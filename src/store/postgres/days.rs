//! The tables of readings, one a day.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, NaiveDate};
use deadpool_postgres::{Client, Transaction};
use model::Timestamp;

use crate::store::StoreError;

/// A day in milliseconds: days are UTC's, which has no others.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Key of the advisory lock under which tables of days are made and dropped ("days").
const LOCK: i64 = 0x6461_7973;

/// A UTC day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day(i64);

impl Day {
    pub(super) const fn of(at: Timestamp) -> Self {
        Self(at.epoch_ms().div_euclid(DAY_MS))
    }

    fn of_table(name: &str) -> Result<Self, StoreError> {
        let date = name.strip_prefix("readings_").unwrap_or_default();
        let date = NaiveDate::parse_from_str(date, "%Y%m%d")
            .map_err(|error| StoreError::Corrupt(format!("table {name}: {error}")))?;
        let start = date.and_time(chrono::NaiveTime::MIN).and_utc();
        Ok(Self(start.timestamp_millis().div_euclid(DAY_MS)))
    }

    const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    const fn start_ms(self) -> i64 {
        self.0 * DAY_MS
    }

    /// Whether all of it is before that instant.
    pub(super) const fn is_over(self, by: Timestamp) -> bool {
        self.next().start_ms() <= by.epoch_ms()
    }

    /// The table's name: `readings_20260329`.
    pub(super) fn table(self) -> Result<String, StoreError> {
        let date = DateTime::from_timestamp_millis(self.start_ms())
            .map(|start| start.date_naive())
            .ok_or_else(|| StoreError::Corrupt(format!("{self:?} has no date")))?;
        Ok(format!("readings_{}", date.format("%Y%m%d")))
    }
}

/// The days that have a table, as far as this process knows.
#[derive(Debug, Default)]
pub(super) struct Days {
    known: Mutex<BTreeSet<Day>>,
}

impl Days {
    /// Makes the tables of these days and of those after them, where there are none: midnight then
    /// finds its table made.
    pub(super) async fn ensure(
        &self,
        client: &mut Client,
        wanted: &BTreeSet<Day>,
    ) -> Result<(), StoreError> {
        for &day in wanted {
            for day in [day, day.next()] {
                if !self.knows(day) {
                    make(client, day).await?;
                    self.lock().insert(day);
                }
            }
        }
        Ok(())
    }

    /// Forgets what it knows: the tables may have gone.
    pub(super) fn forget(&self) {
        self.lock().clear();
    }

    fn knows(&self, day: Day) -> bool {
        self.lock().contains(&day)
    }

    /// The lock only guards a set: whoever panicked holding it left it whole.
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<Day>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a day's table. Attaching it, unlike making it as a part, does not stop commits to the others.
async fn make(client: &mut Client, day: Day) -> Result<(), StoreError> {
    let table = day.table()?;
    let transaction = client.transaction().await?;
    lock(&transaction).await?;
    let look = transaction
        .prepare_cached("SELECT to_regclass($1::text) IS NOT NULL")
        .await?;
    let is_there: bool = transaction.query_one(&look, &[&table]).await?.try_get(0)?;
    if !is_there {
        let (from, to) = (day.start_ms(), day.next().start_ms());
        // Names and numbers of our own only.
        transaction
            .batch_execute(&format!(
                "CREATE TABLE {table} (LIKE readings INCLUDING DEFAULTS);
                 ALTER TABLE readings ATTACH PARTITION {table} FOR VALUES FROM ({from}) TO ({to})"
            ))
            .await?;
    }
    Ok(transaction.commit().await?)
}

/// Has nobody else make or drop tables of days until the transaction ends.
pub(super) async fn lock(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let lock = transaction
        .prepare_cached("SELECT pg_advisory_xact_lock($1)")
        .await?;
    transaction.execute(&lock, &[&LOCK]).await?;
    Ok(())
}

/// The days that have a table, oldest first.
pub(super) async fn made(transaction: &Transaction<'_>) -> Result<Vec<Day>, StoreError> {
    let rows = transaction
        .query(
            "SELECT c.relname::text FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
             WHERE i.inhparent = 'readings'::regclass ORDER BY c.relname",
            &[],
        )
        .await?;
    let day = |row: &tokio_postgres::Row| Day::of_table(row.try_get(0)?);
    rows.iter().map(day).collect()
}
