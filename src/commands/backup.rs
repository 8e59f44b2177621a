//! `tagwatch backup`: a copy of the store while it is in use.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;

use super::output::print;
use crate::config;
use crate::store::{SqliteStore, StoreAddress};

/// Arguments of `tagwatch backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// Configuration file (TOML) of the installation
    #[arg(long)]
    config: PathBuf,
    /// The file to make; one that exists is left as it is
    #[arg(long)]
    to: PathBuf,
}

/// Makes the copy.
///
/// # Errors
/// When there is no store, or the copy cannot be made.
pub fn backup(arguments: &Backup) -> anyhow::Result<ExitCode> {
    let address = StoreAddress::of(&config::load(&arguments.config)?.store)?;
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
