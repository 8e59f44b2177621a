//! A new store, and the owner of its only partition, who commits to it batch after batch.

use std::sync::Arc;

use model::{DeviceReading, PartitionId, Reading, ReceivedAt, WearerId};
use tagwatch::config::{PostgresConfig, Secret};
use tagwatch::runtime::filing::Filing;
use tagwatch::store::{
    CommitBatch, JournalEntry, JournalInput, RoutedDecision, Store, StoreAddress,
};
use tempfile::TempDir;
use testbed::{Durability, Postgres};

use super::options::Kind;

/// Readings of a transaction: as many as tagwatch takes from a backlog at once.
pub(crate) const COMMITTED: usize = 500;

const PARTITION: PartitionId = PartitionId(0);

/// What an installation fills in months is filled in minutes here; its statistics are to keep pace.
const STATISTICS: &str = "autovacuum_naptime = 1s";

pub(crate) struct Owner {
    store: Arc<dyn Store>,
    epoch: u64,
    /// The newest entry.
    position: u64,
    _server: Option<Postgres>,
    _folder: TempDir,
}

impl Owner {
    pub(crate) async fn new(kind: Kind) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let (address, server) = match kind {
            Kind::Sqlite => (StoreAddress::File(folder.path().join("t.sqlite")), None),
            Kind::Postgres => {
                let server = Postgres::start(Durability::Synced, STATISTICS)?;
                let url = Secret::new(server.database()?.url);
                (StoreAddress::Database(url), Some(server))
            }
        };
        let store: Arc<dyn Store> = address.open(&PostgresConfig::default()).await?;
        Ok(Self {
            epoch: store.acquire(PARTITION).await?,
            store,
            position: 0,
            _server: server,
            _folder: folder,
        })
    }

    /// What a commit of these reports has in it.
    pub(crate) fn entries(
        &mut self,
        reports: impl Iterator<Item = DeviceReading>,
    ) -> anyhow::Result<Vec<JournalEntry>> {
        reports.map(|report| self.entry(report)).collect()
    }

    fn entry(&mut self, report: DeviceReading) -> anyhow::Result<JournalEntry> {
        self.position += 1;
        let at = report.observed_at.0;
        Ok(JournalEntry {
            position: self.position,
            at,
            input: JournalInput::Reading(Reading {
                wearer: WearerId::new(report.device.as_str().replacen("GPS", "W", 1))?,
                received_at: ReceivedAt(at),
                report,
            }),
        })
    }

    pub(crate) async fn commit(
        &self,
        entries: Vec<JournalEntry>,
        decisions: Vec<RoutedDecision>,
    ) -> anyhow::Result<()> {
        let batch = CommitBatch {
            partition: PARTITION,
            epoch: self.epoch,
            entries,
            decisions,
            over: Vec::new(),
            dead_letters: Vec::new(),
        };
        self.store.commit(Arc::new(batch)).await?;
        Ok(())
    }

    /// Files what is kept beside the commits, as an installation does, until what is returned is dropped.
    pub(crate) fn file(&self) -> Filing {
        Filing::begin(Arc::clone(&self.store), PARTITION, self.epoch)
    }

    pub(crate) async fn close(self) {
        self.store.close().await;
    }
}
