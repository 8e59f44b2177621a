//! Whether this installation takes readings in, and if not, why.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::PartitionId;
use tokio::sync::watch;

/// What stands in the way, by partition. Empty: nothing does.
pub type Obstacles = BTreeMap<PartitionId, String>;

/// The shared answer to "are you ready?".
#[derive(Debug, Clone)]
pub struct Readiness {
    obstacles: Arc<watch::Sender<Obstacles>>,
    /// What is wrong although readings are taken in: the newest of it, until the process ends.
    warning: Arc<watch::Sender<Option<String>>>,
}

impl Readiness {
    /// Nobody is ready before they say so.
    #[must_use]
    pub fn starting(partitions: impl IntoIterator<Item = PartitionId>) -> Self {
        let starting = partitions
            .into_iter()
            .map(|id| (id, "starting".to_owned()))
            .collect();
        Self {
            obstacles: Arc::new(watch::Sender::new(starting)),
            warning: Arc::default(),
        }
    }

    /// A partition takes readings in.
    pub fn ready(&self, partition: PartitionId) {
        self.obstacles
            .send_if_modified(|obstacles| obstacles.remove(&partition).is_some());
    }

    /// A partition cannot go on, for now.
    pub fn obstacle(&self, partition: PartitionId, why: &str) {
        self.obstacles.send_modify(|obstacles| {
            obstacles.insert(partition, why.to_owned());
        });
    }

    /// What stands in the way now.
    #[must_use]
    pub fn obstacles(&self) -> Obstacles {
        self.obstacles.borrow().clone()
    }

    /// Something is wrong, and readings are taken in all the same.
    pub fn warn(&self, what: &str) {
        self.warning.send_replace(Some(what.to_owned()));
    }

    /// What was wrong last, readings being taken in all the same.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        self.warning.borrow().clone()
    }

    /// Waits until nothing stands in the way.
    pub async fn wait(&self) {
        let mut watching = self.obstacles.subscribe();
        if watching.wait_for(BTreeMap::is_empty).await.is_err() {
            tracing::debug!("nobody will ever be ready");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_means_that_every_partition_said_so() {
        let readiness = Readiness::starting([PartitionId(0), PartitionId(1)]);
        readiness.ready(PartitionId(0));
        assert_eq!(readiness.obstacles().len(), 1);
        readiness.ready(PartitionId(1));
        assert!(readiness.obstacles().is_empty());
        readiness.obstacle(PartitionId(1), "store unavailable: disk full");
        let why = readiness.obstacles();
        assert_eq!(
            why.get(&PartitionId(1)).map(String::as_str),
            Some("store unavailable: disk full")
        );
    }
}
