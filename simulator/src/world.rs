//! The world: everybody, their tags, and time.

use model::{RegistryDocument, Timestamp, WearerId};

use crate::{PlannedBreach, Upload, WorldConfig};

/// An imaginary town and the people in it who are monitored.
#[derive(Debug, Clone)]
pub struct World {
    config: WorldConfig,
    plan: Vec<PlannedBreach>,
    visitor: WearerId,
}

impl World {
    /// The world that follows from `config`.
    #[must_use]
    pub fn new(config: WorldConfig) -> Self {
        todo!("{config:?}")
    }

    /// What it was made from.
    #[must_use]
    pub const fn config(&self) -> &WorldConfig {
        &self.config
    }

    /// The wearer whose tag nobody simulates: a person publishes for it by hand.
    #[must_use]
    pub fn visitor(&self) -> WearerId {
        self.visitor.clone()
    }

    /// What the service must know about everybody, to be imported before the start.
    #[must_use]
    pub fn registry(&self) -> RegistryDocument {
        todo!()
    }

    /// Every breach planned, in order of onset; known in advance, from the seed alone.
    #[must_use]
    pub fn plan(&self) -> &[PlannedBreach] {
        &self.plan
    }

    /// Everything the tags upload until `to`, in order of upload time. Advancing in many small
    /// steps or one large one gives the same uploads.
    pub fn advance(&mut self, to: Timestamp) -> Vec<Upload> {
        todo!("{to}")
    }

    /// What the tags still hold is uploaded at `to`: the end of a run.
    pub fn flush(&mut self, to: Timestamp) -> Vec<Upload> {
        todo!("{to}")
    }
}
