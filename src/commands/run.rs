//! `tagwatch run`: an installation, until it is told to stop.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;

use super::output::{log, say};
use super::start::{registry, runtime, stop_signal};
use crate::config::{self, Config, Policies};
use crate::runtime::clock::Clock;
use crate::runtime::{Parts, Service};
use crate::store::StoreAddress;

/// Arguments of `tagwatch run`.
#[derive(Debug, Args)]
pub struct Run {
    /// Configuration file (TOML)
    #[arg(long)]
    config: PathBuf,
}

/// Runs until SIGINT or SIGTERM, then stops in good order.
///
/// # Errors
/// When it cannot start, or a partition has to be given up.
pub fn run(arguments: &Run) -> anyhow::Result<ExitCode> {
    // The AMQP client calls a lost connection an error; the sink says what matters of it.
    log("info,lapin=off");
    let config = config::load(&arguments.config)?;
    runtime()?.block_on(serve(config))
}

async fn serve(config: Config) -> anyhow::Result<ExitCode> {
    if let Some(problem) = config.retention.problem() {
        bail!(problem);
    }
    if let Some(problem) = config.http.problem() {
        bail!(problem);
    }
    let policies = Policies::load(&config.policies)?;
    let registry = registry(&config.registry)?;
    let store = StoreAddress::of(&config.store)?
        .open(&config.store.postgres)
        .await
        .context("cannot use the store")?;
    let parts = Parts {
        config,
        policies,
        registry,
        store: Arc::clone(&store),
        clock: Clock::system(),
    };
    let mut service = Service::start(parts).await?;
    say(&format!("tagwatch serves http://{}", service.http()));
    let ended = tokio::select! {
        signal = stop_signal() => signal.map_err(anyhow::Error::from),
        failure = service.failure() => failure.map_err(anyhow::Error::from),
    };
    service.stop().await;
    store.close().await;
    ended.map(|()| ExitCode::SUCCESS)
}
