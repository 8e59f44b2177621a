//! Which store a command is about.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;

use crate::config::{self, PostgresConfig};
use crate::store::{Store, StoreAddress};

/// Arguments that name a store.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// Configuration file (TOML) of the installation
    #[arg(long, required_unless_present = "store")]
    config: Option<PathBuf>,
    /// This store instead of the one that a configuration names: a SQLite file, or the url of a
    /// PostgreSQL database
    #[arg(long, conflicts_with = "config")]
    store: Option<String>,
}

impl Place {
    /// Opens the store, which has to be there.
    ///
    /// # Errors
    /// When there is none, or it cannot be opened.
    pub(super) async fn open(&self) -> anyhow::Result<Arc<dyn Store>> {
        let (address, options) = match (&self.store, &self.config) {
            (Some(store), _) => (StoreAddress::parse(store), PostgresConfig::default()),
            (None, Some(config)) => {
                let config = config::load(config)?.store;
                (StoreAddress::of(&config)?, config.postgres)
            }
            (None, None) => bail!("give --config or --store"),
        };
        if let Some(path) = address.missing() {
            bail!("there is no store at {}", path.display());
        }
        let opened = address.open(&options).await;
        opened.with_context(|| format!("cannot open {address}"))
    }
}
