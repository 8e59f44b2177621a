use std::sync::OnceLock;

use testbed::{Durability, Postgres};

use super::*;
use crate::store::contract::{Site, store_contract};
use crate::store::value;

/// One server for all tests of this program; it ends with it.
fn server() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(|| Postgres::start(Durability::Unsynced, "").unwrap())
}

/// A database of its own.
struct Database {
    url: Secret,
}

impl Database {
    fn new() -> Self {
        Self {
            url: Secret::new(server().database().unwrap().url),
        }
    }

    /// Runs SQL behind the store's back, and returns what it printed.
    fn sql(&self, sql: &str) -> String {
        let (_, name) = self.url.expose().rsplit_once('/').unwrap();
        server().sql(name, sql).unwrap()
    }

    async fn store(&self) -> PostgresStore {
        PostgresStore::open(&self.url, &PostgresConfig::default())
            .await
            .unwrap()
    }
}

#[async_trait]
impl Site for Database {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.store().await)
    }
}

mod contract {
    use super::*;
    store_contract!(Database::new());
}

mod convert;
mod encryption;
mod schema;
mod server;
