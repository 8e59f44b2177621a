//! `tagwatch migrate`: brings a store's schema up to date, or says what that would take.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use super::output::{log, print};
use crate::config;
use crate::store::StoreAddress;

/// Arguments of `tagwatch migrate`.
#[derive(Debug, Args)]
pub struct Migrate {
    /// Configuration file (TOML)
    #[arg(long)]
    config: PathBuf,
    /// Apply nothing: list what would be applied, and print its SQL
    #[arg(long)]
    dry_run: bool,
}

/// Applies what is not applied yet, as `run` does at its start.
///
/// # Errors
/// When the store cannot be opened, or a newer version has migrated it.
pub fn migrate(arguments: &Migrate) -> anyhow::Result<ExitCode> {
    log("warn");
    let config = config::load(&arguments.config)?.store;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let address = StoreAddress::of(&config)?;
        let pending = address
            .pending_migrations(&config.postgres)
            .await
            .context("cannot look at the store")?;
        for migration in &pending {
            print(&format!("-- {}", migration.name))?;
            if arguments.dry_run {
                print(&migration.sql)?;
            }
        }
        if !arguments.dry_run {
            let store = address.open(&config.postgres).await;
            store.context("cannot migrate the store")?.close().await;
        }
        let word = if arguments.dry_run {
            "to apply"
        } else {
            "applied"
        };
        print(&format!("-- {} {word}", pending.len()))?;
        Ok(ExitCode::SUCCESS)
    })
}
