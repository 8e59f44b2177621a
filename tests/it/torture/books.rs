//! The store of a round, seen from outside: what is in the books, whichever store keeps them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tagwatch::config::{PostgresConfig, Secret};
use tagwatch::store::{Block, JournalInput, PostgresStore, SqliteStore, Store};

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

    /// What the readings of a block say.
    pub(super) fn of_block(body: &[u8]) -> impl Iterator<Item = Self> {
        let entries = Block::entries(body).unwrap();
        entries.into_iter().filter_map(|entry| match entry.input {
            JournalInput::Reading(reading) => Some(Self::Reading {
                device: reading.report.device.to_string(),
                seq: reading.report.seq?,
            }),
            JournalInput::Policy(_) | JournalInput::Erased => None,
        })
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
                    let sql = "SELECT coalesce(sum(readings), 0) FROM blocks";
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
                let kept = kept(&connection, facts);
                let lacks = |fact: &&Fact| match fact {
                    Fact::Reading { .. } => !kept.contains(*fact),
                    Fact::Junk(bytes) => !is_dead_letter(&connection, bytes),
                };
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

/// What is journaled at this moment, the newest first, as far back as `facts` are not among it.
fn kept(connection: &Connection, facts: &[Fact]) -> BTreeSet<Fact> {
    let is_reading = |fact: &&Fact| matches!(fact, Fact::Reading { .. });
    let mut wanted: BTreeSet<&Fact> = facts.iter().filter(is_reading).collect();
    let mut statement = connection
        .prepare("SELECT body FROM blocks ORDER BY rowid DESC")
        .unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut kept = BTreeSet::new();
    while !wanted.is_empty()
        && let Some(row) = rows.next().unwrap()
    {
        for fact in Fact::of_block(row.get_ref(0).unwrap().as_blob().unwrap()) {
            wanted.remove(&fact);
            kept.insert(fact);
        }
    }
    kept
}

fn is_dead_letter(connection: &Connection, payload: &[u8]) -> bool {
    let found: i64 = connection
        .prepare_cached("SELECT count(*) FROM dead_letters WHERE payload = ?1")
        .unwrap()
        .query_row((payload,), |row| row.get(0))
        .unwrap();
    found > 0
}
