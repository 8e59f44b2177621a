//! Files the journal beside the work, so that what is looked for by wearer or device is found.

use std::sync::Arc;
use std::time::Duration;

use model::PartitionId;
use tokio::task::JoinHandle;

use crate::store::{Due, Store, StoreError};

/// How often it looks whether there is enough to file.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A partition's journal being filed. Dropping it ends that; the next owner goes on.
#[derive(Debug)]
pub struct Filing(JoinHandle<()>);

impl Filing {
    /// Begins it, for the owner of this epoch.
    #[must_use]
    pub fn begin(store: Arc<dyn Store>, partition: PartitionId, epoch: u64) -> Self {
        Self(tokio::spawn(file(store, partition, epoch)))
    }
}

impl Drop for Filing {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn file(store: Arc<dyn Store>, partition: PartitionId, epoch: u64) {
    loop {
        match store.file(partition, epoch, Due::default()).await {
            Ok(true) => {}
            Ok(false) => tokio::time::sleep(LOOK_EVERY).await,
            // The partition finds that out at its next commit.
            Err(StoreError::Fenced { .. }) => return,
            Err(error) => {
                tracing::warn!(%partition, %error, "the journal is not filed");
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }
}
