//! Where everything is kept.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// The SQLite file; created where there is none.
    pub path: PathBuf,
    /// Journal entries after which a partition writes a checkpoint.
    pub checkpoint_every: u64,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            path: PathBuf::from("tagwatch.sqlite"),
            checkpoint_every: 20_000,
        }
    }
}
