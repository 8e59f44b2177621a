//! `tagwatch backup`: a copy of the store while it is in use.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;

use super::audit;
use super::output::print;
use crate::config::{self, PostgresConfig};
use crate::store::{SqliteStore, StoreAddress, StoreError};

/// Arguments of `tagwatch backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// Configuration file (TOML) of the installation
    #[arg(long)]
    config: PathBuf,
    /// The file to make; one that exists is left as it is
    #[arg(long)]
    to: PathBuf,
    /// Who makes it, for the audit trail: it holds everything about everybody
    #[arg(long, default_value_t = audit::whoever_runs_this())]
    by: String,
    /// Why, for the audit trail
    #[arg(long)]
    reason: Option<String>,
}

/// Makes the copy.
///
/// # Errors
/// When there is no store, the audit trail cannot be written, or the copy cannot be made.
pub fn backup(arguments: &Backup) -> anyhow::Result<ExitCode> {
    let config = config::load(&arguments.config)?.store;
    let address = StoreAddress::of(&config)?;
    let StoreAddress::File(from) = &address else {
        bail!("the store is {address}: use pg_dump, as docs/backup.md says");
    };
    let to = &arguments.to;
    if !from.exists() {
        bail!("there is no store at {}", from.display());
    }
    if to.exists() {
        bail!("{} exists already", to.display());
    }
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(note(arguments, &address, &config.postgres))
        .with_context(|| format!("cannot write the audit trail of {address}"))?;
    SqliteStore::copy(from, to)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    print(&format!(
        "{} holds {} as it was: prove it with tagwatch verify --store {}",
        to.display(),
        from.display(),
        to.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

async fn note(
    arguments: &Backup,
    address: &StoreAddress,
    options: &PostgresConfig,
) -> Result<(), StoreError> {
    let store = address.open(options).await?;
    let (by, reason) = (&arguments.by, arguments.reason.clone());
    let noted = audit::note(&*store, by, "store.backup", "everything".to_owned(), reason).await;
    store.close().await;
    noted
}
