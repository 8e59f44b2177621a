//! What is driven: a broker, and an installation behind it.

use std::path::PathBuf;

use crate::installation::{BrokerAddress, Installation};
use crate::run::Rig;
use crate::watch::WatchedProcess;
use anyhow::Result;
use clap::Args;

/// What is driven, and what is watched of it.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The broker: mqtt://[user:password@]host[:port], or mqtts:// for TLS
    #[arg(
        long,
        value_name = "URL",
        env = "SIMULATOR_BROKER",
        hide_env_values = true,
        default_value = "mqtt://127.0.0.1:1883"
    )]
    broker: BrokerAddress,
    /// The installation's API: its alert stream is followed, and its queues are taken from, like a
    /// recipient does
    #[arg(long, value_name = "URL")]
    api: Option<String>,
    /// A token of an administrator, where the installation asks for tokens
    #[arg(long, env = "TAGWATCH_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// The authorities (PEM) that broker and API are trusted by, instead of the machine's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// A process whose CPU and memory are watched, such as the service or the broker
    #[arg(long, value_name = "PID[=NAME]")]
    watch_pid: Vec<WatchedProcess>,
    /// A folder for report.json and report.html
    #[arg(long, value_name = "FOLDER")]
    pub(super) report: Option<PathBuf>,
}

impl Target {
    /// What a run is attached to.
    pub(super) fn rig(&self) -> Result<Rig> {
        let authorities = self.ca.as_deref();
        let installation = match &self.api {
            Some(address) => Some(Installation::new(
                address,
                self.token.as_deref(),
                authorities,
            )?),
            None => None,
        };
        let mut broker = self.broker.options(1, authorities)?;
        // Two simulators at one broker would throw each other out under one name.
        broker.client_id = format!("simulator-{}", std::process::id());
        Ok(Rig {
            broker,
            installation,
            watched: self.watch_pid.clone(),
            shows_progress: true,
        })
    }
}
