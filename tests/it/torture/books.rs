//! The store of a round, seen from outside: what is in the books, whichever store keeps them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tagwatch::config::{PostgresConfig, Secret};
use tagwatch::store::{PostgresStore, SqliteStore, Store};

use super::database::Database;

/// What one message says, so that it can be found again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fact {
    /// A reading of a device.
    Reading { device: String, seq: u64 },
    /// Bytes that mean nothing, and belong among the dead letters.
    Junk(Vec<u8>),
}

impl Fact {
    /// What a payload published on a native topic says.
    pub(super) fn of(topic: &str, payload: &[u8]) -> Self {
        let device = topic.split('/').nth(3).unwrap_or_default();
        match serde_json::from_slice::<Value>(payload) {
            Ok(reading) => Self::Reading {
                device: device.to_owned(),
                seq: reading["seq"].as_u64().unwrap(),
            },
            Err(_not_json) => Self::Junk(payload.to_vec()),
        }
    }
}

/// Where the books of a round are kept.
#[derive(Debug, Clone)]
pub(super) enum Books {
    Sqlite(PathBuf),
    Postgres(Database),
}

impl Books {
    /// A SQLite file in this folder.
    pub(super) fn sqlite(folder: &Path) -> Self {
        Self::Sqlite(folder.join("tagwatch.sqlite"))
    }

    /// The lines of the `[store]` table that lead to them.
    pub(super) fn configuration(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("path = \"{}\"", path.display()),
            Self::Postgres(database) => database.configuration(),
        }
    }

    /// What `tagwatch replay --store` is given.
    pub(super) fn address(&self) -> String {
        match self {
            Self::Sqlite(path) => path.display().to_string(),
            Self::Postgres(database) => database.url().to_owned(),
        }
    }

    /// How many readings are journaled. 0 where nothing can be read yet.
    pub(super) fn readings(&self) -> usize {
        match self {
            Self::Sqlite(path) => read(path)
                .and_then(|connection| {
                    let sql = "SELECT count(*) FROM journal WHERE kind <> 'policy'";
                    connection.query_row(sql, [], |row| row.get::<_, u32>(0))
                })
                .map_or(0, |count| usize::try_from(count).unwrap()),
            Self::Postgres(database) => database.readings(),
        }
    }

    /// Those of `facts` that are neither in the journal nor among the dead letters at this moment.
    pub(super) fn lacks<'a>(&self, facts: &'a [Fact]) -> Vec<&'a Fact> {
        match self {
            Self::Sqlite(path) => {
                let connection = read(path).unwrap();
                let lacks = |fact: &&Fact| !holds(&connection, fact);
                facts.iter().filter(lacks).collect()
            }
            Self::Postgres(database) => database.lacks(facts),
        }
    }

    /// Opens them as the service does. Only while the service is down.
    pub(super) async fn open(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(path) => Arc::new(SqliteStore::open(path).unwrap()),
            Self::Postgres(database) => {
                let (url, config) = (Secret::new(database.url()), PostgresConfig::default());
                Arc::new(PostgresStore::open(&url, &config).await.unwrap())
            }
        }
    }
}

/// A connection of its own each time: one that stays would keep SQLite from recovering its log as
/// it does after the death of its only user.
fn read(path: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn holds(connection: &Connection, fact: &Fact) -> bool {
    let found: i64 = match fact {
        Fact::Reading { device, seq } => connection
            .prepare_cached("SELECT count(*) FROM journal WHERE device = ?1 AND seq = ?2")
            .unwrap()
            .query_row((device, seq.cast_signed()), |row| row.get(0)),
        Fact::Junk(bytes) => connection
            .prepare_cached("SELECT count(*) FROM dead_letters WHERE payload = ?1")
            .unwrap()
            .query_row((bytes,), |row| row.get(0)),
    }
    .unwrap();
    found > 0
}
