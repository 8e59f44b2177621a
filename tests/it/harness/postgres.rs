//! A private PostgreSQL, syncing as in production.

use tagwatch::config::Secret;
use tagwatch::store::StoreAddress;
use testbed::{Durability, Postgres};

/// Starts a server.
pub(crate) fn start_postgres() -> Postgres {
    Postgres::start(Durability::Synced, "").unwrap()
}

/// A new database on it.
pub(crate) fn database(server: &Postgres) -> StoreAddress {
    StoreAddress::Database(Secret::new(server.database().unwrap().url))
}
