//! Opening whichever store the configuration names.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Migration, PostgresStore, SqliteStore, Store, StoreError};
use crate::config::{PostgresConfig, Secret, StoreConfig};

/// The SQLite file where the configuration names no store.
const DEFAULT_PATH: &str = "tagwatch.sqlite";

/// Where a store is. Shown without what must be kept secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreAddress {
    /// A SQLite file.
    File(PathBuf),
    /// A PostgreSQL database.
    Database(Secret),
}

impl StoreAddress {
    /// A url of PostgreSQL, or else a path.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Self::Database(Secret::new(text))
        } else {
            Self::File(PathBuf::from(text))
        }
    }

    /// What the configuration names.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it names two.
    pub fn of(config: &StoreConfig) -> Result<Self, StoreError> {
        match (&config.path, &config.url) {
            (Some(_), Some(_)) => Err(StoreError::Unavailable(
                "store.path and store.url are both given: take one of them out".to_owned(),
            )),
            (None, Some(url)) => Ok(Self::Database(url.clone())),
            (Some(path), None) => Ok(Self::File(path.clone())),
            (None, None) => Ok(Self::File(PathBuf::from(DEFAULT_PATH))),
        }
    }

    /// The file, where it is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Database(_) => None,
        }
    }

    /// The file, where there is none yet.
    #[must_use]
    pub fn missing(&self) -> Option<&Path> {
        self.path().filter(|path| !path.exists())
    }

    /// Opens the store and brings its schema up to date; makes a file where there is none.
    ///
    /// # Errors
    /// As for [`SqliteStore::open`] and [`PostgresStore::open`].
    pub async fn open(&self, postgres: &PostgresConfig) -> Result<Arc<dyn Store>, StoreError> {
        Ok(match self {
            Self::File(path) => Arc::new(SqliteStore::open(path)?),
            Self::Database(url) => Arc::new(PostgresStore::open(url, postgres).await?),
        })
    }
}

impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Database(_) => f.write_str("the PostgreSQL database"),
        }
    }
}

impl StoreAddress {
    /// The migrations that opening the store would apply; applies none and makes no file.
    ///
    /// # Errors
    /// As for [`StoreAddress::open`].
    pub async fn pending_migrations(
        &self,
        postgres: &PostgresConfig,
    ) -> Result<Vec<Migration>, StoreError> {
        match self {
            Self::File(path) => SqliteStore::pending_migrations(path),
            Self::Database(url) => PostgresStore::pending_migrations(url, postgres).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_a_database_and_anything_else_a_file() {
        let url = "postgres://tagwatch@db/tagwatch";
        let database = StoreAddress::Database(Secret::new(url));
        assert_eq!(StoreAddress::parse(url), database);
        let file = StoreAddress::File(PathBuf::from("data/t.sqlite"));
        assert_eq!(StoreAddress::parse("data/t.sqlite"), file);
    }

    #[test]
    fn a_configuration_names_one_store_and_not_two() {
        let mut config = StoreConfig::default();
        let file = StoreAddress::File(PathBuf::from(DEFAULT_PATH));
        assert_eq!(StoreAddress::of(&config).unwrap(), file);
        config.url = Some(Secret::new("postgres://db/tagwatch"));
        assert!(StoreAddress::of(&config).unwrap().path().is_none());
        config.path = Some(PathBuf::from("t.sqlite"));
        assert!(StoreAddress::of(&config).is_err());
    }
}
