//! `tagwatch queue`: the recipients' queues, at a terminal.

mod ls;
mod peek;
mod requeue;
mod tail;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use model::Recipient;

use super::audit::whoever_runs_this;
use super::output::log;
use crate::config;
use crate::store::{Store, StoreAddress};

/// Arguments of `tagwatch queue`.
#[derive(Debug, Args)]
pub struct Queue {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say how every queue stands
    Ls(ls::Ls),
    /// Show what is in a queue, without claiming it
    Peek(peek::Peek),
    /// Show what comes into a queue as it comes
    Tail(tail::Tail),
    /// Have dead notifications handed out again
    Requeue(requeue::Requeue),
}

/// The installation whose queues they are.
#[derive(Debug, Args)]
struct Installation {
    /// Configuration file (TOML) of the installation
    #[arg(long)]
    config: PathBuf,
}

/// Who looks, and why.
#[derive(Debug, Args)]
struct Looker {
    /// Who looks, for the audit trail [default: the account that runs this]
    #[arg(long)]
    by: Option<String>,
    /// Why, for the audit trail
    #[arg(long)]
    reason: Option<String>,
}

impl Looker {
    fn actor(&self) -> String {
        self.by.clone().unwrap_or_else(whoever_runs_this)
    }
}

/// Does as it is told.
///
/// # Errors
/// When the store fails, or standard output does.
pub fn queue(arguments: &Queue) -> anyhow::Result<ExitCode> {
    log("warn");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match &arguments.command {
            Command::Ls(arguments) => ls::run(arguments).await,
            Command::Peek(arguments) => peek::run(arguments).await,
            Command::Tail(arguments) => tail::run(arguments).await,
            Command::Requeue(arguments) => requeue::run(arguments).await,
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Opens the store of an installation. What is not there is not made.
async fn open(installation: &Installation) -> anyhow::Result<Arc<dyn Store>> {
    let config = config::load(&installation.config)?.store;
    let address = StoreAddress::of(&config)?;
    if let Some(path) = address.missing() {
        bail!("there is no store at {}", path.display());
    }
    let store = address.open(&config.postgres).await;
    store.context("cannot use the store")
}

/// The queue of that name on a command line.
fn recipient(name: &str) -> Result<Recipient, String> {
    Recipient::new(name).map_err(|error| error.to_string())
}

/// Refuses a queue. One that never held anything is refused: it may be a slip of the pen, and
/// nothing would come into it for ever.
async fn known(store: &dyn Store, queue: &Recipient) -> anyhow::Result<()> {
    let now = crate::runtime::clock::Clock::system().now();
    let queues = store.queues(now).await?;
    if !queues.iter().any(|known| known.recipient == *queue) {
        bail!("queue {queue} never held anything; `tagwatch queue ls` says what there is");
    }
    Ok(())
}
