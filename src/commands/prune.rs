//! `tagwatch prune`: lets go of what need not be kept any longer, as the service does once a day.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;

use super::output::{log, print};
use crate::config;
use crate::runtime::clock::Clock;
use crate::store::{self, StoreAddress};

/// Arguments of `tagwatch prune`.
#[derive(Debug, Args)]
pub struct Prune {
    /// Configuration file (TOML)
    #[arg(long)]
    config: PathBuf,
    /// Let go of nothing: say what would go
    #[arg(long)]
    dry_run: bool,
}

/// Lets go of what is older than `retention.readings_days`.
///
/// # Errors
/// When everything is to be kept, or the store fails.
pub fn prune(arguments: &Prune) -> anyhow::Result<ExitCode> {
    log("warn");
    let config = config::load(&arguments.config)?;
    if let Some(problem) = config.retention.problem() {
        bail!(problem);
    }
    let Some(keep) = config.retention.readings() else {
        bail!("retention.readings_days is 0: everything is kept");
    };
    let (how, word) = if arguments.dry_run {
        (store::Prune::DryRun, "would go")
    } else {
        (store::Prune::Apply, "gone")
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let address = StoreAddress::of(&config.store)?;
        let store = address.open(&config.store.postgres).await;
        let store = store.context("cannot use the store")?;
        let before = Clock::system().now().minus(keep);
        let pruned = store.prune(before, how).await?;
        store.close().await;
        print(&format!("{word}: {pruned}"))?;
        Ok(ExitCode::SUCCESS)
    })
}
