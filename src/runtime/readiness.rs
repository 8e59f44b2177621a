//! Whether this installation takes readings in, and if not, why.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::PartitionId;
use tokio::sync::watch;

/// What can stand in a partition's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Its engine is not there, or not any more.
    Engine,
    /// The store does not take what it has to keep.
    Store,
    /// The broker cannot be reached.
    Broker,
}

/// What stands in the way. Empty: nothing does.
pub type Obstacles = BTreeMap<(PartitionId, Part), String>;

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
        let starting = |id| {
            [
                ((id, Part::Engine), "starting".to_owned()),
                (
                    (id, Part::Broker),
                    "not connected to the broker yet".to_owned(),
                ),
            ]
        };
        let starting = partitions.into_iter().flat_map(starting).collect();
        Self {
            obstacles: Arc::new(watch::Sender::new(starting)),
            warning: Arc::default(),
        }
    }

    /// This part is not in a partition's way, or not any more.
    pub fn clear(&self, partition: PartitionId, part: Part) {
        self.obstacles
            .send_if_modified(|obstacles| obstacles.remove(&(partition, part)).is_some());
    }

    /// A partition cannot go on, for now.
    pub fn obstacle(&self, partition: PartitionId, part: Part, why: &str) {
        self.obstacles.send_if_modified(|obstacles| {
            let known = obstacles.insert((partition, part), why.to_owned());
            known.as_deref() != Some(why)
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

    const FIRST: PartitionId = PartitionId(0);
    const SECOND: PartitionId = PartitionId(1);

    #[test]
    fn ready_means_that_every_partition_said_so() {
        let readiness = Readiness::starting([FIRST, SECOND]);
        for part in [Part::Engine, Part::Broker] {
            readiness.clear(FIRST, part);
        }
        assert_eq!(readiness.obstacles().len(), 2);
        for part in [Part::Engine, Part::Broker] {
            readiness.clear(SECOND, part);
        }
        assert!(readiness.obstacles().is_empty());
    }

    #[test]
    fn what_one_part_has_overcome_another_may_still_stand_in_the_way_of() {
        let readiness = Readiness::starting([]);
        readiness.obstacle(SECOND, Part::Store, "store unavailable: disk full");
        readiness.obstacle(SECOND, Part::Broker, "the broker cannot be reached");
        readiness.clear(SECOND, Part::Broker);
        let why = readiness.obstacles();
        assert_eq!(
            why.into_values().collect::<Vec<_>>(),
            ["store unavailable: disk full"]
        );
    }
}
