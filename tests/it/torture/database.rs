//! The books of a round in PostgreSQL: the server, the line to it, and a look behind the store's back.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use testbed::{Durability, Postgres};
use tokio::runtime::Runtime;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Row};

use super::books::Fact;
use crate::harness::{PATIENCE, Proxy, wait_until};

/// Seconds that a statement and a connection may take, so that a round sees both run out: the least
/// that can be configured. A request is waited for twice as long.
const TIMEOUT_S: u64 = 1;

/// Between a look that failed and the next.
const AGAIN: Duration = Duration::from_millis(100);

/// The newest blocks of each partition: what was acknowledged just now is in them.
const NEWEST: &str = "SELECT p.partition, b.last_position, b.body FROM partitions AS p
    CROSS JOIN LATERAL (SELECT last_position, body FROM blocks
        WHERE partition = p.partition ORDER BY last_position DESC LIMIT 16) AS b";

/// All blocks of partitions up to these positions.
const ALL: &str = "SELECT b.partition, b.last_position, b.body
    FROM unnest($1::integer[], $2::bigint[]) AS u (partition, last_position)
    JOIN blocks AS b ON b.partition = u.partition AND b.last_position <= u.last_position";

/// What of these payloads is no dead letter.
const LACKS: &str = "SELECT payload FROM unnest($1::bytea[]) AS j (payload)
    WHERE NOT EXISTS (SELECT FROM dead_letters d WHERE d.payload = j.payload)";

/// A server of the round's own, and the line between it and tagwatch.
pub(super) struct Server {
    postgres: Postgres,
    pub(super) line: Proxy,
}

impl Server {
    /// Starts one that syncs as in production and keeps its data in this folder.
    pub(super) fn start(folder: &Path) -> Self {
        let postgres = Postgres::start_in(folder, Durability::Synced, "").unwrap();
        let line = Proxy::start(postgres.port(), || ());
        Self { postgres, line }
    }

    /// A database on it.
    pub(super) fn database(&self) -> Database {
        let direct = self.postgres.database().unwrap().url;
        let port = |port: u16| format!(":{port}/");
        let through = direct.replace(&port(self.postgres.port()), &port(self.line.port));
        Database {
            reader: Arc::new(Mutex::new(Reader {
                url: direct.clone(),
                open: None,
            })),
            direct,
            through,
        }
    }

    /// Kills every process of it.
    pub(super) fn kill(&self) {
        self.postgres.kill().unwrap();
        wait_until("PostgreSQL has ended", || self.postgres.has_ended());
    }

    pub(super) fn pause(&self) {
        self.postgres.signal("STOP").unwrap();
    }

    pub(super) fn resume(&self) {
        self.postgres.signal("CONT").unwrap();
    }

    /// Waits until it answers; starts it again if it has ended.
    pub(super) fn revive(&mut self) {
        let began = Instant::now();
        while let Err(refusal) = self.postgres.sql("postgres", "SELECT 1") {
            assert!(began.elapsed() < PATIENCE, "{refusal}\n{}", self.log());
            if self.postgres.has_ended() {
                self.postgres.restart().unwrap();
            }
            std::thread::sleep(AGAIN);
        }
    }

    /// What it said.
    pub(super) fn log(&self) -> String {
        self.postgres.log().unwrap_or_default()
    }
}

/// A database of a round.
#[derive(Clone)]
pub(super) struct Database {
    direct: String,
    through: String,
    reader: Arc<Mutex<Reader>>,
}

impl Database {
    /// The lines of the `[store]` table that lead to it, over the line that can be spoiled.
    pub(super) fn configuration(&self) -> String {
        format!(
            "url = \"{}\"\npostgres.statement_timeout_s = {TIMEOUT_S}\n\
             postgres.connect_timeout_s = {TIMEOUT_S}",
            self.through
        )
    }

    /// Where it is, without that line.
    pub(super) fn url(&self) -> &str {
        &self.direct
    }

    /// How many readings are journaled. 0 where there is no table yet.
    pub(super) fn readings(&self) -> usize {
        let made = "SELECT to_regclass('blocks') IS NOT NULL";
        if !self.ask(made, &[])[0].get::<_, bool>(0) {
            return 0;
        }
        let rows = self.ask("SELECT coalesce(sum(readings), 0)::bigint FROM blocks", &[]);
        usize::try_from(rows[0].get::<_, i64>(0)).unwrap()
    }

    /// Those of `facts` that are neither in the journal nor among the dead letters at this moment.
    pub(super) fn lacks<'a>(&self, facts: &'a [Fact]) -> Vec<&'a Fact> {
        let kept = self.kept(facts);
        let payload = |fact: &'a Fact| match fact {
            Fact::Reading { .. } => None,
            Fact::Junk(bytes) => Some(bytes.as_slice()),
        };
        let payloads: Vec<&[u8]> = facts.iter().filter_map(payload).collect();
        let mut lost = BTreeSet::new();
        if !payloads.is_empty() {
            let rows = self.ask(LACKS, &[&payloads]);
            lost.extend(rows.iter().map(|row| Fact::Junk(row.get(0))));
        }
        let is_missing = |fact: &&Fact| match fact {
            Fact::Reading { .. } => !kept.contains(*fact),
            Fact::Junk(_) => lost.contains(*fact),
        };
        facts.iter().filter(is_missing).collect()
    }

    /// What is journaled at this moment: all that is newest, and all there is where `facts` are not among it.
    fn kept(&self, facts: &[Fact]) -> BTreeSet<Fact> {
        let is_reading = |fact: &&Fact| matches!(fact, Fact::Reading { .. });
        let mut kept = BTreeSet::new();
        if !facts.iter().any(|fact| is_reading(&fact)) {
            return kept;
        }
        let mut ends: BTreeMap<i32, i64> = BTreeMap::new();
        for row in self.ask(NEWEST, &[]) {
            let end = ends.entry(row.get(0)).or_default();
            *end = row.get::<_, i64>(1).max(*end);
            kept.extend(Fact::of_block(row.get(2)));
        }
        if !facts
            .iter()
            .filter(is_reading)
            .all(|fact| kept.contains(fact))
        {
            // What is committed only now is not among it.
            let (partitions, ends): (Vec<i32>, Vec<i64>) = ends.into_iter().unzip();
            for row in self.ask(ALL, &[&partitions, &ends]) {
                kept.extend(Fact::of_block(row.get(2)));
            }
        }
        kept
    }

    /// Waits for a server that is away: what was acknowledged before it went is looked for when it is
    /// back.
    fn ask(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Vec<Row> {
        let began = Instant::now();
        let mut guard = self.reader.lock().unwrap();
        let reader = &mut *guard;
        loop {
            // On a thread of its own: whoever asks may be on a runtime.
            let answer = std::thread::scope(|scope| {
                let asking = scope.spawn(|| reader.ask(sql, values));
                asking.join().unwrap()
            });
            match answer {
                Ok(rows) => return rows,
                Err(error) => assert!(began.elapsed() < PATIENCE, "{sql}: {error}"),
            }
            std::thread::sleep(AGAIN);
        }
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.direct)
    }
}

/// A connection that is made again when it is lost.
struct Reader {
    url: String,
    open: Option<(Runtime, Client)>,
}

impl Reader {
    fn ask(&mut self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> io::Result<Vec<Row>> {
        if self.open.is_none() {
            self.open = Some(connect(&self.url)?);
        }
        let (runtime, client) = self.open.as_ref().unwrap();
        let answer = runtime.block_on(client.query(sql, values));
        if answer.is_err() {
            self.open = None;
        }
        answer.map_err(io::Error::other)
    }
}

fn connect(url: &str) -> io::Result<(Runtime, Client)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let client = runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        Ok::<_, tokio_postgres::Error>(client)
    });
    Ok((runtime, client.map_err(io::Error::other)?))
}
