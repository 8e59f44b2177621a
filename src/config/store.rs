//! Where everything is kept.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Secret;

/// The store: a SQLite file, or a PostgreSQL database where `url` is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// The SQLite file; created where there is none. `tagwatch.sqlite` where `url` is not given either.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// The PostgreSQL database: `postgres://user@host:port/database`. Not together with `path`.
    #[serde(skip_serializing)]
    pub url: Option<Secret>,
    /// How to reach PostgreSQL.
    pub postgres: PostgresConfig,
    /// Journal entries after which a partition writes a checkpoint: what is not covered by one is gone through again
    /// at a start. Where nothing is said, 250,000, or 20 for each of its wearers where that is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_every: Option<u64>,
}

/// How to reach PostgreSQL, and for how long to wait for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PostgresConfig {
    /// The password, where it does not stand in the url. Better given as
    /// `TAGWATCH_STORE__POSTGRES__PASSWORD`.
    #[serde(skip_serializing)]
    pub password: Option<Secret>,
    /// Connections at most.
    pub connections: usize,
    /// Seconds that making a connection may take.
    pub connect_timeout_s: u64,
    /// Seconds that one statement may take, its wait for locks included. A request is given up after
    /// twice as long.
    pub statement_timeout_s: u64,
    /// Whether the way to the server is encrypted, and whether its certificate is checked.
    pub sslmode: SslMode,
    /// The certificates (PEM) of the authorities to trust, for `verify-full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
}

impl PostgresConfig {
    /// How long making a connection may take.
    #[must_use]
    pub fn connect_timeout(&self) -> Duration {
        Duration::from_secs(self.connect_timeout_s.max(1))
    }

    /// How long one statement may take.
    #[must_use]
    pub fn statement_timeout(&self) -> Duration {
        // PostgreSQL takes 0 for no bound at all.
        Duration::from_secs(self.statement_timeout_s.max(1))
    }
}

impl Default for PostgresConfig {
    fn default() -> Self {
        Self {
            password: None,
            connections: 16,
            connect_timeout_s: 5,
            statement_timeout_s: 15,
            sslmode: SslMode::Prefer,
            ca_file: None,
        }
    }
}

/// Whether the way to PostgreSQL is encrypted, in libpq's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SslMode {
    /// Never.
    Disable,
    /// Where the server can; who it is is not checked.
    Prefer,
    /// Always; who it is is not checked.
    Require,
    /// Always, and the certificate must be of this host and signed by an authority in `ca_file`.
    VerifyFull,
}
