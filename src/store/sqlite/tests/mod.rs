use super::*;
use crate::store::contract::{Site, store_contract};
use tempfile::TempDir;

/// A file in a folder that goes away with it.
struct File {
    folder: TempDir,
}

impl File {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("data").join("store.sqlite")
    }
}

#[async_trait]
impl Site for File {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(self.path()).unwrap())
    }
}

mod contract {
    use super::*;
    store_contract!(File::new());
}

mod conversion;
mod durability;
mod plan;
mod sharing;
